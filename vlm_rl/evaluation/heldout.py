"""Held-out evaluation on synthetic items that training never draws (their content hash puts them in the eval split)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from vlm_rl.config import RolloutConfig
from vlm_rl.data.prompts import Cell, FilePrompts, SynthPrompts
from vlm_rl.models.policy import Policy
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.rollout.local_engine import LocalEngine
from vlm_rl.rollout.sharded import ShardedEngine
from vlm_rl.types import Finish, Prompt, Trajectory, Verdict

EXAMPLES_PER_CELL = 3
PATIENCE = 2000  # indices without a new held-out item after which a cell is taken to be exhausted


@dataclass(frozen=True, slots=True)
class Answered:
    prompt: Prompt
    trajectory: Trajectory
    response: str
    verdict: Verdict


def heldout_prompts(sources: list[SynthPrompts | FilePrompts], items_per_cell: int) -> list[Prompt]:
    """The first `items_per_cell` held-out items of every cell of the synthetic sources, no content twice.

    A small cell has fewer, and gives all that it has.
    """
    prompts: list[Prompt] = []
    for source in sources:
        if not isinstance(source, SynthPrompts):
            continue  # a file source has no split of ours; evaluate it with its own benchmark
        for cell in source.cells:
            prompts += _distinct(source, cell, items_per_cell)
    return prompts


def _distinct(source: SynthPrompts, cell: Cell, count: int) -> list[Prompt]:
    seen: set[str] = set()
    prompts: list[Prompt] = []
    index = last_new = 0
    while len(prompts) < count and index - last_new < PATIENCE:
        prompt = source.prompt(cell, index, split="eval")
        if prompt is not None and (content := source.content_hash(cell, index)) not in seen:
            seen.add(content)
            prompts.append(prompt)
            last_new = index
        index += 1
    return prompts


def respond(
    policy: Policy,
    prompts: list[Prompt],
    cfg: RolloutConfig,
    pool: VerifierPool,
    accelerator: Any,
    *,
    seed: int,
    samples: int,
    on_tokens: Callable[[int], None] | None = None,
) -> list[Answered]:
    """Verified responses: the greedy one of each prompt if `samples` is 0, else so many sampled ones."""
    engine = ShardedEngine(LocalEngine(policy, cfg, seed=seed, greedy=samples == 0, on_tokens=on_tokens), accelerator)
    pending = [
        Trajectory(prompt, group, index) for group, prompt in enumerate(prompts) for index in range(samples or 1)
    ]
    trajectories = engine.extend(pending, segment_tokens=cfg.max_response_tokens)
    responses = [policy.decode(trajectory.token_ids) for trajectory in trajectories]
    stopped = [i for i, trajectory in enumerate(trajectories) if trajectory.finish is Finish.STOP]
    verdicts = dict(zip(stopped, pool.verify([(responses[i], trajectories[i].prompt) for i in stopped]), strict=True))
    return [
        Answered(t.prompt, t, responses[i], verdicts.get(i) or Verdict(False, "", str(t.finish)))
        for i, t in enumerate(trajectories)
    ]


def evaluate_heldout(
    policy: Policy,
    prompts: list[Prompt],
    cfg: RolloutConfig,
    pool: VerifierPool,
    accelerator: Any,
    *,
    stage: str,
    iteration: int,
    seed: int,
    samples: int,
    on_tokens: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Greedy and sampled accuracy by cell, with examples; what `eval/STAGE.json` holds."""
    ask = {
        "policy": policy,
        "prompts": prompts,
        "cfg": cfg,
        "pool": pool,
        "accelerator": accelerator,
        "on_tokens": on_tokens,
    }
    greedy = respond(**ask, seed=seed, samples=0)
    sampled = respond(**ask, seed=seed, samples=samples) if samples else []
    cells = list(dict.fromkeys(prompt.cell for prompt in prompts))
    return {
        "stage": stage,
        "iteration": iteration,
        "rows": [
            _row([a for a in greedy if a.prompt.cell == c], [a for a in sampled if a.prompt.cell == c]) for c in cells
        ],
        "examples": [_example(a) for c in cells for a in [a for a in greedy if a.prompt.cell == c][:EXAMPLES_PER_CELL]],
    }


def accuracy(evaluation: dict[str, Any]) -> float:
    """Greedy accuracy over all items."""
    return sum(row["greedy_correct"] for row in evaluation["rows"]) / sum(row["items"] for row in evaluation["rows"])


def _row(greedy: list[Answered], sampled: list[Answered]) -> dict[str, Any]:
    prompt = greedy[0].prompt
    return {
        "family": prompt.family,
        "level": prompt.level,
        "modality": prompt.modality,
        "items": len(greedy),
        "greedy_correct": sum(a.verdict.correct for a in greedy),
        "greedy_tokens_mean": sum(a.trajectory.num_tokens for a in greedy) / len(greedy),
        "sampled": len(sampled),
        "sampled_correct": sum(a.verdict.correct for a in sampled),
        "sampled_tokens_mean": sum(a.trajectory.num_tokens for a in sampled) / max(1, len(sampled)),
    }


def _example(answered: Answered) -> dict[str, Any]:
    prompt = answered.prompt
    return {
        "prompt_id": prompt.id,
        "family": prompt.family,
        "level": prompt.level,
        "modality": prompt.modality,
        "question": prompt.messages[-1].content,
        "images": [asdict(image) for image in prompt.images],
        "answer": prompt.answer,
        "response": answered.response,
        "correct": answered.verdict.correct,
        "prediction": answered.verdict.prediction,
    }
