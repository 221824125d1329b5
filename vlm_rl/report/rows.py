"""What one iteration leaves behind: a row of metrics, and a row for each trained response."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from vlm_rl.types import Finish, ScoredGroup, Trajectory


def iteration_metrics(
    iteration: int, *, opened: int, extended: list[Trajectory], scored: list[ScoredGroup]
) -> dict[str, Any]:
    """Counts of the rollout, and means over the groups that were complete, which are missing if there were none."""
    finishes = Counter(trajectory.finish for trajectory in extended)
    row: dict[str, Any] = {
        "iteration": iteration,
        "rollout/opened": opened,
        "rollout/extended": len(extended),
        "rollout/resumed": sum(len(trajectory.segments) > 1 for trajectory in extended),
        "rollout/cut": finishes[None],
        "rollout/tokens": sum(len(trajectory.segments[-1].token_ids) for trajectory in extended),
    }
    row |= {f"rollout/{finish}": finishes[finish] for finish in Finish}
    if not scored:
        return row
    trajectories = [trajectory for group in scored for trajectory in group.trajectories]
    lengths = [trajectory.num_tokens for trajectory in trajectories]
    judged = [group for group in scored if group.judged]
    if judged:
        row |= {
            "reward/accuracy": _mean([group.success_rate for group in judged]),
            "reward/mean": _mean([group.rewards[i] for group in judged for i in group.judged]),
        }
    row |= {
        "response/tokens_mean": _mean(lengths),
        "response/tokens_max": max(lengths),
        "response/segments_mean": _mean([len(trajectory.segments) for trajectory in trajectories]),
    }
    for modality in sorted({group.prompt.modality for group in judged}):
        row[f"accuracy/{modality}"] = _mean([g.success_rate for g in judged if g.prompt.modality == modality])
    return row


def rollout_rows(
    iteration: int, scored: list[ScoredGroup], decode: Callable[[Sequence[int]], str]
) -> list[dict[str, Any]]:
    """One row for each response of the complete groups, with its segments."""
    return [
        {
            "iteration": iteration,
            "group_id": group.group_id,
            "index": trajectory.index,
            "prompt_id": group.prompt.id,
            "family": group.prompt.family,
            "level": group.prompt.level,
            "modality": group.prompt.modality,
            "question": group.prompt.messages[-1].content,
            "images": [asdict(image) for image in group.prompt.images],
            "answer": group.prompt.answer,
            "segments": [
                {"policy_version": s.policy_version, "tokens": len(s.token_ids), "text": decode(s.token_ids)}
                for s in trajectory.segments
            ],
            "finish": str(trajectory.finish),
            "correct": verdict.correct,
            "judged": verdict.judged,
            "prediction": verdict.prediction,
            "reason": verdict.reason,
            "reward": reward,
            "advantage": advantage,
        }
        for group in scored
        for trajectory, verdict, reward, advantage in zip(
            group.trajectories, group.verdicts, group.rewards, group.advantages, strict=True
        )
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
