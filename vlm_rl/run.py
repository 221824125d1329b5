"""A run: everything the loop holds, how it is built or resumed, and what it writes down each iteration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from accelerate.utils import broadcast_object_list, gather_object

from vlm_rl.checkpoint import (
    CheckpointError,
    config_differences,
    latest_checkpoint,
    load_optimizer,
    load_state,
    restore_rng,
    save_checkpoint,
)
from vlm_rl.config import TrainConfig
from vlm_rl.data.images import ImageStore
from vlm_rl.data.prompts import FilePrompts, SynthPrompts, load_sources
from vlm_rl.data.sampler import PromptSampler
from vlm_rl.evaluation.heldout import accuracy, evaluate_heldout, heldout_prompts
from vlm_rl.models.policy import Policy
from vlm_rl.optim.batch import LearnStats, Shard
from vlm_rl.optim.optimizer import PolicyOptimizer
from vlm_rl.report.metrics import MetricsLog, RolloutLog
from vlm_rl.report.rows import iteration_metrics, rollout_rows
from vlm_rl.reward.gold import check_golds
from vlm_rl.reward.group import Scorer
from vlm_rl.reward.judge import JudgeUnreachableError, open_judge
from vlm_rl.reward.killable import Programs
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.rollout.buffer import RolloutBuffer
from vlm_rl.rollout.engines import make_engine
from vlm_rl.rollout.sharded import ShardedEngine
from vlm_rl.sandbox.program import Limits
from vlm_rl.types import ScoredGroup, Trajectory

# How a judge is reached, which changes no verdict.
JUDGE_ACCESS = frozenset(
    f"reward.judge.{knob}"
    for knob in ("url", "api_key_variable", "max_concurrent", "timeout_seconds", "max_retries", "cache_dir")
)
# Knobs that may change between a checkpoint and its continuation; any other difference is refused.
FREE_ON_RESUME = JUDGE_ACCESS | {"output_dir", "num_iterations", "checkpoint", "eval", "trackers", "save_rollouts"}


class Run:
    """State of the loop. `iteration` is the next one to do. Built on every process of an accelerate launch: state is
    replicated, the work of rollouts and gradients is sharded."""

    def __init__(self, cfg: TrainConfig, accelerator: Accelerator, policy_path: str | Path) -> None:
        self.cfg, self.accelerator, self.policy_path = cfg, accelerator, policy_path
        self.folder = Path(cfg.output_dir)
        self.shard = Shard(accelerator.process_index, accelerator.num_processes)
        self.sources = load_sources(cfg.data)
        judge = open_judge(cfg.reward.judge, self.folder / "judge_cache") if cfg.reward.judge else None
        programs = Programs(cfg.reward.sandbox, Limits(**cfg.reward.code.model_dump()))
        self.pool = VerifierPool(2, cfg.reward.timeout_seconds, judge=judge, programs=programs)
        if accelerator.is_main_process:  # a bad gold answer or verifier is an error now, not after the first rollout
            for source in self.sources:
                if isinstance(source, FilePrompts):
                    check_golds((source.text_prompt(row) for row in range(len(source))), self.pool)
        self.policy = load_policy(cfg, policy_path, self.sources, accelerator)
        self.scorer = Scorer(self.pool, self.policy.decode, cfg.reward, baseline=cfg.optim.baseline, tau=cfg.optim.tau)
        # verdicts come from the main process, which knows the responses of the others only after they are gathered
        on_finish = self.scorer.start if accelerator.num_processes == 1 else None
        engine = make_engine(
            cfg.rollout.engine,
            policy=self.policy,
            model_path=str(policy_path),
            cfg=cfg.rollout,
            seed=cfg.seed,
            greedy=False,
            on_finish=on_finish,
        )
        self.engine = ShardedEngine(engine, accelerator)
        self.buffer = RolloutBuffer(cfg.rollout.group_size)
        self.sampler = PromptSampler(self.sources, cfg.data, cfg.sampler, seed=cfg.seed)
        self.optimizer = PolicyOptimizer(
            self.policy.trainable(),
            accelerator,
            lr=cfg.optim.lr,
            betas=cfg.optim.betas,
            weight_decay=cfg.optim.weight_decay,
            max_grad_norm=cfg.optim.max_grad_norm,
        )
        self.iteration = 0
        self.metrics = MetricsLog(self.folder / "metrics.jsonl")
        self.rollouts = RolloutLog(self.folder / "rollouts")
        self.on_iteration: Callable[[dict[str, Any]], None] = lambda row: None
        self._seconds: dict[str, float] = {}

    # -------------------------------------------------------------------------------------------------- called by train

    @contextmanager
    def clock(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._seconds[f"seconds/{stage}"] = time.perf_counter() - start

    def score(self, groups: list[list[Trajectory]], *, length_weight: float) -> list[ScoredGroup]:
        """Verdicts come from the main process alone: a timeout must not be one thing here and another there.

        Raises JudgeUnreachableError, after the state has been saved with these groups in it.
        """
        outcome: list[list[ScoredGroup] | JudgeUnreachableError] = [[]]
        if self.accelerator.is_main_process:
            try:
                outcome = [self.scorer.score(groups, length_weight=length_weight)]
            except JudgeUnreachableError as error:
                outcome = [error]
        if self.accelerator.num_processes > 1:
            broadcast_object_list(outcome)
        if isinstance(outcome[0], JudgeUnreachableError):
            self.buffer.put_back(groups)
            self.save()
            raise JudgeUnreachableError(f"{outcome[0]}; the state is saved: go on with --resume")
        return outcome[0]

    def report(
        self,
        iteration: int,
        *,
        opened: int,
        extended: list[Trajectory],
        scored: list[ScoredGroup],
        stats: LearnStats,
    ) -> None:
        """Write the iteration down; evaluate and save when due. After this, `iteration + 1` is the next one to do."""
        cfg = self.cfg
        row = iteration_metrics(iteration, opened=opened, extended=extended, scored=scored)
        row |= {"rollout/open_groups": self.buffer.num_open, "rollout/unfinished": len(self.buffer.unfinished())}
        row |= {
            "reward/length_weight": cfg.reward.length_weight_at(iteration),
            "reward/timeouts": self.pool.counts["timeout"],
            "reward/crashes": self.pool.counts["crash"],
            "reward/unjudged": self.pool.counts["unjudged"],
        }
        row |= stats.metrics(*self._over_processes(stats)) | self.sampler.metrics()
        if cfg.eval.every and (iteration + 1) % cfg.eval.every == 0:
            row["eval/accuracy"] = accuracy(self.evaluate("interim", cfg.eval.items_per_cell // 4 or 1, samples=0))
        row |= self._seconds | {"seconds/total": sum(self._seconds.values())}
        if self.accelerator.is_main_process:
            self.metrics.append(row)
            if cfg.save_rollouts:
                self.rollouts.write(iteration, rollout_rows(iteration, scored, self.policy.decode))
        self.accelerator.log({key: value for key, value in row.items() if key != "iteration"}, step=iteration)
        self.iteration = iteration + 1
        last = self.iteration == cfg.num_iterations
        if last or (cfg.checkpoint.every and self.iteration % cfg.checkpoint.every == 0):
            self.save()
        self.on_iteration(row)

    def _over_processes(self, stats: LearnStats) -> tuple[dict[str, float], float]:
        if self.accelerator.num_processes == 1:
            return stats.sums, stats.largest
        everyone = gather_object([(dict(stats.sums), stats.largest)])
        keys = sorted({key for sums, _ in everyone for key in sums})
        return {key: sum(sums.get(key, 0.0) for sums, _ in everyone) for key in keys}, max(top for _, top in everyone)

    def evaluate(self, stage: str, items_per_cell: int, *, samples: int) -> dict[str, Any]:
        return evaluate_heldout(
            self.policy,
            heldout_prompts(self.sources, items_per_cell),
            self.cfg.rollout,
            self.pool,
            self.accelerator,
            stage=stage,
            iteration=self.iteration,
            seed=self.cfg.seed,
            samples=samples,
        )

    # -------------------------------------------------------------------------------------------------- save and resume

    def save(self) -> None:
        if self.cfg.optim.reset_optimizer == "iteration":
            self.optimizer.reset()  # the next iteration would: moments that nobody reads need not be stored
        if self.accelerator.is_main_process:
            save_checkpoint(
                self.folder / "checkpoints",
                iteration=self.iteration,
                policy=self.policy,
                optimizer=self.optimizer,
                state={
                    "buffer": self.buffer.state_dict(),
                    "sampler": self.sampler.state_dict(),
                    "config": self.cfg.model_dump(mode="json"),
                    "counts": dict(self.pool.counts),
                },
                keep=self.cfg.checkpoint.keep,
            )
        self.accelerator.wait_for_everyone()

    def restore(self, state: dict[str, Any], checkpoint: Path) -> None:
        """Take over a checkpoint's state; its policy has been loaded already."""
        self.iteration = int(state["iteration"])
        self.buffer.load_state_dict(state["buffer"])
        self.sampler.load_state_dict(state["sampler"])
        self.pool.counts.update(state["counts"])
        load_optimizer(checkpoint, self.optimizer)
        restore_rng(state)

    def truncate_logs(self) -> None:
        """Drop what was written after the state that the run goes on from."""
        if self.accelerator.is_main_process:
            self.metrics.truncate_from(self.iteration)
            self.rollouts.truncate_from(self.iteration)
        self.accelerator.wait_for_everyone()

    def close(self) -> None:
        self.pool.close()
        self.engine.close()


def start_run(cfg: TrainConfig, accelerator: Accelerator, policy_path: str | Path, *, resume: bool) -> Run:
    """A new run from `policy_path`, or, with `resume`, the continuation of the newest checkpoint in the output folder.

    Raises CheckpointError as `find_checkpoint` does.
    """
    found = find_checkpoint(cfg, resume=resume)
    run = Run(cfg, accelerator, found[0] / "policy" if found else policy_path)
    if found:
        checkpoint, state = found
        run.restore(state, checkpoint)
    run.truncate_logs()
    return run


def find_checkpoint(cfg: TrainConfig, *, resume: bool) -> tuple[Path, dict[str, Any]] | None:
    """The newest checkpoint in the output folder with its state; None if there is none.

    Raises CheckpointError if it is of another config (it says what differs), if it is past `num_iterations`, or if
    there is one that `resume` was not asked to go on with.
    """
    checkpoint = latest_checkpoint(Path(cfg.output_dir) / "checkpoints")
    if checkpoint is None:
        return None
    state = load_state(checkpoint)
    changed = config_differences(state["config"], cfg.model_dump(mode="json"), free=FREE_ON_RESUME)
    if changed:
        raise CheckpointError(
            f"{checkpoint} is of another config:\n  " + "\n  ".join(changed) + "\nChoose another output_dir."
        )
    if state["iteration"] > cfg.num_iterations:
        raise CheckpointError(
            f"num_iterations must be >= {state['iteration']}, where {checkpoint} stands, got {cfg.num_iterations}: "
            "raise it, or choose another output_dir"
        )
    if not resume:
        raise CheckpointError(f"{checkpoint} is unfinished work: go on with --resume, or choose another output_dir")
    return checkpoint, state


def load_policy(
    cfg: TrainConfig, path: str | Path, sources: Sequence[SynthPrompts | FilePrompts], accelerator: Accelerator
) -> Policy:
    store = ImageStore(cfg.data, {source.name: source for source in sources if isinstance(source, FilePrompts)})
    return Policy.load(
        path,
        cfg.policy,
        store,
        device=accelerator.device,
        temperature=cfg.rollout.temperature,
        max_prompt_tokens=cfg.data.max_prompt_tokens,
    )
