"""Score groups of finished responses: verdicts, rewards, advantages (k1.5 sec. 2.3.2 and 2.3.3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from vlm_rl.config import RewardConfig
from vlm_rl.reward.length import length_rewards
from vlm_rl.reward.pool import Ticket, VerifierPool
from vlm_rl.types import Finish, ScoredGroup, Trajectory, Verdict

EQUAL_SPREAD = 1e-6  # rewards closer than this are equal; the same bound as ScoredGroup.all_equal


@dataclass(frozen=True, slots=True)
class _Answer:
    """A finished response on its way to a verdict. ticket None: it is wrong unread."""

    trajectory: Trajectory
    response: str
    ticket: Ticket | None


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
        self._started: dict[tuple[int, int], _Answer] = {}  # by (group_id, index)

    def start(self, trajectory: Trajectory) -> None:
        """Start on the verdict of a response that has just finished, while others are still being written.

        Nothing but time depends on it: `score` starts on what was not started. So none of this is in checkpoints.
        """
        self._started[trajectory.group_id, trajectory.index] = self._answer(trajectory)

    def score(self, groups: list[list[Trajectory]], *, length_weight: float) -> list[ScoredGroup]:
        """One scored group per group, in order. Waits for verdicts no longer than `timeout_seconds`, judges apart.

        A response that was cut off or stopped for repetition is wrong unread, and pays `repeat_penalty`. One that
        nobody could judge has the advantage 0, and is in no statistics.
        Raises ValueError for an empty or mixed group, an unfinished trajectory, and a gold answer that cannot be read;
        JudgeUnreachableError, after which the same groups can be scored again.
        """
        for group in groups:
            _check_group(group)
        answered = [[self._started_answer(trajectory) for trajectory in group] for group in groups]
        tickets = [answer.ticket for answers in answered for answer in answers if answer.ticket is not None]
        verdicts = iter(self._pool.collect(tickets, within=self._cfg.timeout_seconds))
        return [self._score_group(answers, verdicts, length_weight) for answers in answered]

    def _answer(self, trajectory: Trajectory) -> _Answer:
        response = self._decode(trajectory.token_ids)
        read = trajectory.finish is Finish.STOP
        return _Answer(trajectory, response, self._pool.submit(response, trajectory.prompt) if read else None)

    def _started_answer(self, trajectory: Trajectory) -> _Answer:
        started = self._started.pop((trajectory.group_id, trajectory.index), None)
        return started if started and started.trajectory == trajectory else self._answer(trajectory)

    def _score_group(self, answers: list[_Answer], stopped: Iterator[Verdict], length_weight: float) -> ScoredGroup:
        group = [answer.trajectory for answer in answers]
        verdicts = [next(stopped) if answer.ticket else _unread(answer.trajectory) for answer in answers]
        judged = [(one, verdict) for one, verdict in zip(group, verdicts, strict=True) if verdict.judged]
        lengths = length_rewards([verdict.correct for _, verdict in judged], [one.num_tokens for one, _ in judged])
        rewards = [
            verdict.reward + length_weight * length - self._penalty(trajectory)
            for (trajectory, verdict), length in zip(judged, lengths, strict=True)
        ]
        learned = advantages(rewards, self._baseline, self._tau) if rewards else []
        return ScoredGroup(
            prompt=group[0].prompt,
            group_id=group[0].group_id,
            trajectories=tuple(group),
            responses=tuple(answer.response for answer in answers),
            verdicts=tuple(verdicts),
            rewards=_filled(rewards, verdicts),
            advantages=_filled(learned, verdicts),
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


def _filled(values: list[float], verdicts: list[Verdict]) -> tuple[float, ...]:
    """The values of the judged responses, with 0.0 for the others."""
    judged = iter(values)
    return tuple(next(judged) if verdict.judged else 0.0 for verdict in verdicts)


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
