"""Score groups of finished responses: verdicts, rewards, advantages (k1.5 sec. 2.3.2 and 2.3.3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from vlm_rl.config import RewardConfig
from vlm_rl.reward.length import length_rewards
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.types import Finish, ScoredGroup, Trajectory, Verdict

EQUAL_SPREAD = 1e-6  # rewards closer than this are equal; the same bound as ScoredGroup.all_equal


class Scorer:
    """Turns groups of finished trajectories into scored groups.

    decode: token ids of a response -> its text. baseline: mean | log_z, with tau in units of reward (see `advantages`).
    """

    def __init__(
        self,
        pool: VerifierPool,
        decode: Callable[[Sequence[int]], str],
        reward_cfg: RewardConfig,
        *,
        baseline: str,
        tau: float,
    ) -> None:
        if baseline not in ("mean", "log_z"):
            raise ValueError(f"baseline must be mean or log_z, got {baseline!r}")
        if baseline == "log_z" and tau <= 0:
            raise ValueError(f"tau must be > 0 for the baseline log_z, got {tau}")
        self._pool = pool
        self._decode = decode
        self._cfg = reward_cfg
        self._baseline = baseline
        self._tau = tau

    def score(self, groups: list[list[Trajectory]], *, length_weight: float) -> list[ScoredGroup]:
        """One scored group per group, in order; all responses are verified in one go.

        A response that was cut off or stopped for repetition is wrong unread, and pays `repeat_penalty`.
        Raises ValueError for an empty or mixed group, an unfinished trajectory, and a gold answer that cannot be read.
        """
        for group in groups:
            _check_group(group)
        responses = [[self._decode(trajectory.token_ids) for trajectory in group] for group in groups]
        jobs = [
            (response, trajectory.prompt)
            for group, texts in zip(groups, responses, strict=True)
            for trajectory, response in zip(group, texts, strict=True)
            if trajectory.finish is Finish.STOP
        ]
        verdicts = iter(self._pool.verify(jobs))
        return [
            self._score_group(group, texts, verdicts, length_weight)
            for group, texts in zip(groups, responses, strict=True)
        ]

    def _score_group(
        self, group: list[Trajectory], responses: list[str], stopped: Iterator[Verdict], length_weight: float
    ) -> ScoredGroup:
        verdicts = [next(stopped) if trajectory.finish is Finish.STOP else _unread(trajectory) for trajectory in group]
        lengths = length_rewards([verdict.correct for verdict in verdicts], [item.num_tokens for item in group])
        rewards = [
            float(verdict.correct) + length_weight * length - self._penalty(trajectory)
            for trajectory, verdict, length in zip(group, verdicts, lengths, strict=True)
        ]
        return ScoredGroup(
            prompt=group[0].prompt,
            group_id=group[0].group_id,
            trajectories=tuple(group),
            responses=tuple(responses),
            verdicts=tuple(verdicts),
            rewards=tuple(rewards),
            advantages=tuple(advantages(rewards, self._baseline, self._tau)),
        )

    def _penalty(self, trajectory: Trajectory) -> float:
        return 0.0 if trajectory.finish is Finish.STOP else self._cfg.repeat_penalty


def advantages(rewards: Sequence[float], baseline: str, tau: float) -> list[float]:
    """Rewards [k] minus the group's baseline: their mean, or tau * ln(mean(exp(r / tau))) for `log_z`.

    Exactly 0.0 for all where the rewards are equal. Sums are exact (fsum), so the order of the group does not matter.
    """
    best = max(rewards)
    if best - min(rewards) < EQUAL_SPREAD:
        return [0.0] * len(rewards)
    if baseline == "mean":
        value = math.fsum(rewards) / len(rewards)
    else:  # the best reward is taken out of the exponent, which then cannot overflow
        value = best + tau * math.log(math.fsum(math.exp((reward - best) / tau) for reward in rewards) / len(rewards))
    return [reward - value for reward in rewards]


def _check_group(group: list[Trajectory]) -> None:
    if not group:
        raise ValueError("a group to score needs at least one trajectory, got none")
    for trajectory in group:
        if trajectory.finish is None:
            raise ValueError(
                f"trajectory {trajectory.group_id}/{trajectory.index} must be finished before it is scored"
            )
        if trajectory.group_id != group[0].group_id or trajectory.prompt.id != group[0].prompt.id:
            raise ValueError(
                f"a group needs one group_id and one prompt, got {group[0].group_id} ({group[0].prompt.id}) "
                f"and {trajectory.group_id} ({trajectory.prompt.id})"
            )


def _unread(trajectory: Trajectory) -> Verdict:
    """The verdict on a response that was cut off or stopped: "length" or "repeat"."""
    return Verdict(False, "", str(trajectory.finish))
