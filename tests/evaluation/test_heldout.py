"""Held-out items are never trained on, and the rows count what a policy answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accelerate import Accelerator
from toy_run import toy_config

from data_synth import Item
from vlm_rl.config import DataConfig, RolloutConfig, SamplerConfig
from vlm_rl.data.prompts import load_sources
from vlm_rl.data.sampler import PromptSampler
from vlm_rl.evaluation import heldout
from vlm_rl.evaluation.heldout import accuracy, evaluate_heldout, heldout_prompts, respond
from vlm_rl.models.policy import Policy
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.run import load_policy
from vlm_rl.types import Finish, Prompt, Segment, Trajectory

FAMILIES = {"expression": [0, 2], "scene_count": [1]}
DATA = DataConfig.model_validate({"sources": [{"kind": "synth", "image_size": 32, "families": FAMILIES}]})
CELLS = {
    "expression/0/text",
    "expression/0/rendered",
    "expression/2/text",
    "expression/2/rendered",
    "scene_count/1/image",
}


def item_of(prompt: Prompt) -> Item:
    return Item.from_id(prompt.id.partition("#")[0])


def test_heldout_contents_never_appear_in_training() -> None:
    sources = load_sources(DATA)
    held_out = {item_of(prompt).content_hash for prompt in heldout_prompts(sources, 40)}
    sampler = PromptSampler(sources, DATA, SamplerConfig(schedule="uniform"), seed=0)
    trained = {item_of(prompt).content_hash for prompt in sampler.sample(2000, iteration=0, in_flight=set())}
    assert len(held_out) > 50 and len(trained) > 1000
    assert not held_out & trained


def test_every_cell_has_its_items_always_the_same() -> None:
    prompts = heldout_prompts(load_sources(DATA), 7)
    assert Counter(prompt.cell for prompt in prompts) == dict.fromkeys(CELLS, 7)
    assert len({prompt.id for prompt in prompts}) == len(prompts)
    assert prompts == heldout_prompts(load_sources(DATA), 7)
    fewer = heldout_prompts(load_sources(DATA), 3)
    assert {prompt.id for prompt in fewer} < {prompt.id for prompt in prompts}


def test_file_sources_have_no_heldout_items(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"question": "?", "answer": "1"}\n')
    data = DataConfig.model_validate({"sources": [{"kind": "jsonl", "path": str(path)}]})
    assert heldout_prompts(load_sources(data), 5) == []


@pytest.fixture
def policy(warm_folder: Path) -> Policy:
    cfg = toy_config(warm_folder)
    return load_policy(cfg, warm_folder / "policy" / "warm", load_sources(DATA), Accelerator())


@pytest.fixture
def pool() -> Iterator[VerifierPool]:
    with VerifierPool(workers=1, timeout_seconds=5.0) as opened:
        yield opened


def scripted(writes: Callable[[Prompt, int], tuple[str, Finish]]) -> type:
    """An engine that writes what the script says: (prompt, index of the sample) -> text and how it ended."""

    class Scripted:
        def __init__(self, policy: Policy, cfg: RolloutConfig, *, greedy: bool, **_: Any) -> None:
            self.policy = policy

        def extend(self, pending: list[Trajectory], *, segment_tokens: int) -> list[Trajectory]:
            grown = []
            for trajectory in pending:
                text, finish = writes(trajectory.prompt, trajectory.index)
                ids = tuple(self.policy.tokenize(text))
                grown.append(trajectory.extended(Segment(ids, (-1.0,) * len(ids), 0), finish))
            return grown

    return Scripted


def test_rows_add_up_to_what_was_answered(policy: Policy, pool: VerifierPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right are: all of level 0; of level 1 those that stop; of level 2 only the second sample."""

    def writes(prompt: Prompt, index: int) -> tuple[str, Finish]:
        gold = item_of(prompt).direct()
        if prompt.level == 0:
            return gold, Finish.STOP
        if prompt.level == 1:
            return gold, Finish.STOP if int(item_of(prompt).content_hash, 16) % 2 else Finish.LENGTH
        return (gold if index == 1 else "\\boxed{no idea}"), Finish.STOP

    monkeypatch.setattr(heldout, "LocalEngine", scripted(writes))
    prompts = heldout_prompts(load_sources(DATA), 8)
    result = evaluate_heldout(
        policy, prompts, RolloutConfig(), pool, Accelerator(), stage="rl", iteration=9, seed=0, samples=3
    )
    stopped = sum(int(item_of(prompt).content_hash, 16) % 2 for prompt in prompts if prompt.level == 1)
    assert 0 < stopped < 8
    assert (result["stage"], result["iteration"]) == ("rl", 9)
    rows = {f"{row['family']}/{row['level']}/{row['modality']}": row for row in result["rows"]}
    assert rows.keys() == CELLS
    for cell, row in rows.items():
        greedy, sampled = {"0": (8, 24), "1": (stopped, 3 * stopped), "2": (0, 8)}[cell.split("/")[1]]
        assert (row["items"], row["sampled"]) == (8, 24)
        assert (row["greedy_correct"], row["sampled_correct"]) == (greedy, sampled), cell
        mine = [prompt for prompt in prompts if prompt.cell == cell]
        tokens = [len(policy.tokenize(writes(prompt, 0)[0])) for prompt in mine]
        assert row["greedy_tokens_mean"] == pytest.approx(sum(tokens) / 8)
    assert accuracy(result) == pytest.approx((16 + stopped) / 40)

    assert Counter(f"{e['family']}/{e['level']}/{e['modality']}" for e in result["examples"]) == dict.fromkeys(CELLS, 3)
    for example in result["examples"]:
        assert example["correct"] == (example["level"] == 0 or (example["level"] == 1 and example["prediction"] != ""))


def test_greedy_answers_once_and_sampling_as_often_as_asked(policy: Policy, pool: VerifierPool) -> None:
    prompts = heldout_prompts(load_sources(DATA), 2)
    cfg = RolloutConfig(max_response_tokens=8, segment_tokens=8)
    greedy = respond(policy, prompts, cfg, pool, Accelerator(), seed=0, samples=0)
    assert [answered.prompt for answered in greedy] == prompts
    again = respond(policy, prompts, cfg, pool, Accelerator(), seed=1, samples=0)
    assert [answered.trajectory for answered in greedy] == [answered.trajectory for answered in again]

    sampled, same, other = (
        respond(policy, prompts, cfg, pool, Accelerator(), seed=seed, samples=3) for seed in (0, 0, 1)
    )
    assert [answered.prompt for answered in sampled] == [prompt for prompt in prompts for _ in range(3)]
    texts = [[answered.response for answered in answers] for answers in (sampled, same, other)]
    assert texts[0] == texts[1] != texts[2]
    assert all(answered.trajectory.num_tokens <= 8 for answered in greedy + sampled)
    for answered in greedy + sampled:
        if answered.trajectory.finish is not Finish.STOP:
            assert not answered.verdict.correct and answered.verdict.reason == answered.trajectory.finish
