from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, getcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_cases import make_prompt

from vlm_rl.config import RewardConfig
from vlm_rl.reward.group import Scorer, advantages
from vlm_rl.reward.pool import Ticket, VerifierPool
from vlm_rl.types import Finish, ScoredGroup, Segment, Trajectory, Verdict

PROMPT = make_prompt("exact", "blue")
WORDS = {1: "blue", 2: "red"}  # the first token says what the response answers; the rest is length


def decode(token_ids: Sequence[int]) -> str:
    return f"\\boxed{{{WORDS[token_ids[0]]}}}"


def trajectory(
    index: int, word: int, length: int, finish: Finish | None = Finish.STOP, group_id: int = 7
) -> Trajectory:
    tokens = (word,) + (0,) * (length - 1)
    cut = length // 2
    segments = (Segment(tokens[:cut], (-1.0,) * cut, 3), Segment(tokens[cut:], (-1.0,) * (length - cut), 4))
    return Trajectory(PROMPT, group_id, index, segments, finish)


def scorer(baseline: str = "mean", tau: float = 0.1, penalty: float = 0.2) -> Scorer:
    cfg = RewardConfig(repeat_penalty=penalty)
    return Scorer(VerifierPool(1, 1.0), decode, cfg, baseline=baseline, tau=tau)


def test_reward_is_correctness_plus_length_reward_minus_penalty() -> None:
    group = [
        trajectory(0, 1, 10),
        trajectory(1, 1, 20),
        trajectory(2, 2, 10),
        trajectory(3, 2, 30),
        trajectory(4, 1, 30, Finish.LENGTH),
        trajectory(5, 1, 12, Finish.REPEAT),
    ]
    (scored,) = scorer().score([group], length_weight=0.5)
    assert [verdict.correct for verdict in scored.verdicts] == [True, True, False, False, False, False]
    assert [verdict.reason for verdict in scored.verdicts[-3:]] == ["differs", "length", "repeat"]
    expected = [1 + 0.25, 1 + 0.0, 0.0, -0.25, -0.25 - 0.2, 0.0 - 0.2]
    assert scored.rewards == pytest.approx(expected, abs=1e-12)
    mean = sum(expected) / 6
    assert scored.advantages == pytest.approx([reward - mean for reward in expected], abs=1e-12)
    assert scored.trajectories == tuple(group) and scored.group_id == 7 and scored.prompt is PROMPT
    assert scored.responses[0] == r"\boxed{blue}" and scored.success_rate == pytest.approx(1 / 3)


def test_cut_and_repeating_responses_are_not_read() -> None:
    pool = VerifierPool(1, 1.0)
    cfg = RewardConfig()
    group = [trajectory(0, 1, 8, Finish.LENGTH), trajectory(1, 1, 8, Finish.REPEAT), trajectory(2, 1, 8)]
    (scored,) = Scorer(pool, decode, cfg, baseline="mean", tau=0.1).score([group], length_weight=0.0)
    assert pool.counts["verdicts"] == 1
    assert scored.rewards == (-0.2, -0.2, 1.0)


def test_groups_do_not_mix() -> None:
    first = [trajectory(0, 1, 4), trajectory(1, 2, 4, Finish.LENGTH)]
    second = [trajectory(index, word, 4, group_id=8) for index, word in enumerate((2, 1, 1))]
    together = scorer().score([first, second], length_weight=1.0)
    apart = scorer().score([first], length_weight=1.0) + scorer().score([second], length_weight=1.0)
    assert [group.rewards for group in together] == [group.rewards for group in apart] == [(1.0, -0.2), (0.0, 1.0, 1.0)]
    assert scorer().score([], length_weight=1.0) == []


def scored_with(verdicts: dict[str, Verdict], group: list[Trajectory], length_weight: float = 0.0) -> ScoredGroup:
    """The group, scored with given verdicts by the word that a response answers."""

    class Said(VerifierPool):
        def collect(self, tickets: Sequence[object], *, within: float | None = None) -> list[Verdict]:
            return [verdicts[ticket.response] for ticket in tickets]  # type: ignore[attr-defined]

    cfg = RewardConfig(repeat_penalty=0.2)
    (scored,) = Scorer(Said(1, 1.0), decode, cfg, baseline="mean", tau=0.1).score([group], length_weight=length_weight)
    return scored


RIGHT, WRONG = Verdict(True, "blue", "match"), Verdict(False, "red", "differs")
UNJUDGED = Verdict(False, "", "unjudged", judged=False)


def test_unjudged_responses_are_in_no_statistic_of_their_group() -> None:
    judged = [trajectory(0, 1, 10), trajectory(1, 1, 30), trajectory(2, 1, 20, Finish.LENGTH)]
    odd = [replace(trajectory(3, 2, length), index=3 + place) for place, length in enumerate((2, 90))]
    said = {decode((1,)): RIGHT, decode((2,)): UNJUDGED}
    mixed = scored_with(said, [odd[0], *judged, odd[1]], length_weight=0.5)
    alone = scored_with(said, judged, length_weight=0.5)
    assert mixed.judged == (1, 2, 3)
    assert mixed.rewards == (0.0, *alone.rewards, 0.0), "lengths 2 and 90 do not count"
    assert mixed.advantages == (0.0, *alone.advantages, 0.0)
    assert mixed.success_rate == alone.success_rate == pytest.approx(2 / 3)
    assert sum(mixed.advantages) == pytest.approx(0.0, abs=1e-12) and not mixed.all_equal


@pytest.mark.parametrize(("judged", "rate"), [(0, 0.0), (1, 1.0)])
def test_a_group_with_fewer_than_two_judged_responses_teaches_nothing(judged: int, rate: float) -> None:
    group = [trajectory(index, 1 if index < judged else 2, 10) for index in range(4)]
    scored = scored_with({decode((1,)): RIGHT, decode((2,)): UNJUDGED}, group, length_weight=0.5)
    assert scored.all_equal and scored.advantages == (0.0,) * 4
    assert len(scored.judged) == judged and scored.success_rate == rate


def test_a_score_is_the_reward_and_correct_decides_the_length_reward() -> None:
    half = Verdict(False, "red", "math: differs", score=0.25)
    group = [trajectory(0, 1, 10), trajectory(1, 2, 10), trajectory(2, 2, 20)]
    scored = scored_with({decode((1,)): RIGHT, decode((2,)): half}, group, length_weight=1.0)
    assert scored.rewards == (1.5, 0.25, 0.25 - 0.5)
    assert scored.success_rate == pytest.approx(1 / 3)


def test_scoring_starts_with_the_first_finished_response(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = make_prompt("hostile_verifiers:misbehaves", "")
    group = [replace(trajectory(index, 1, 4 + index), prompt=slow) for index in range(4)]
    with VerifierPool(2, 5.0) as pool:
        pool.verify([("yes", slow)] * 2)
        cfg = RewardConfig()
        early = Scorer(pool, lambda ids: f"yes after 0.{len(ids)}", cfg, baseline="mean", tau=0.1)
        tickets: list[Ticket] = []
        with monkeypatch.context() as patched:
            patched.setattr(pool, "submit", lambda *job: tickets.append(VerifierPool.submit(pool, *job)) or tickets[-1])
            for one in group:
                early.start(one)
            while not all(ticket.done for ticket in tickets):  # what else the rollout does
                time.sleep(0.01)
            (scored,) = early.score([group], length_weight=0.0)
        assert len(tickets) == 4, "the verdicts were there"
        late = Scorer(pool, lambda ids: f"yes after 0.{len(ids)}", cfg, baseline="mean", tau=0.1)
        (again,) = late.score([group], length_weight=0.0)
        assert [replace(v, seconds=0.0) for v in scored.verdicts] == [replace(v, seconds=0.0) for v in again.verdicts]
        assert pool.counts["verdicts"] == 2 + 8


def test_a_verdict_that_was_started_for_other_tokens_is_not_used() -> None:
    one = scorer()
    one.start(trajectory(0, 1, 4))
    one.start(trajectory(1, 2, 4))
    (scored,) = one.score([[trajectory(0, 2, 4), trajectory(1, 2, 4)]], length_weight=0.0)
    assert [verdict.correct for verdict in scored.verdicts] == [False, False]


def test_the_trainer_waits_no_longer_than_timeout_seconds_for_slow_verifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vlm_rl.reward.pool.GRACE_SECONDS", 1.0)  # a slow machine still sees the first two time out
    slow = make_prompt("hostile_verifiers:misbehaves", "")
    group = [replace(trajectory(index, 1, 4), prompt=slow) for index in range(8)]
    answers = iter(["yes"] * 2 + ["sleep"] * 6)
    with VerifierPool(2, 1.5) as pool:
        pool.verify([("yes", slow)] * 2)
        cfg = RewardConfig(timeout_seconds=1.5)
        slowed = Scorer(pool, lambda ids: next(answers), cfg, baseline="mean", tau=0.1)
        (scored,) = slowed.score([group], length_weight=0.0)
    assert [verdict.reason for verdict in scored.verdicts[2:]] == ["timeout"] * 2 + ["late"] * 4, "two on two workers"
    assert scored.judged == (0, 1, 2, 3) and scored.advantages[4:] == (0.0,) * 4
    assert scored.success_rate == 0.5


@pytest.mark.parametrize("baseline", ["mean", "log_z"])
@pytest.mark.parametrize("word", [1, 2])
def test_equal_rewards_have_advantages_of_exactly_zero(baseline: str, word: int) -> None:
    (scored,) = scorer(baseline).score([[trajectory(index, word, 10) for index in range(7)]], length_weight=0.3)
    assert scored.advantages == (0.0,) * 7 and scored.all_equal
    assert advantages([0.1, 0.1 + 1e-9, 0.1], baseline, 0.1) == [0.0, 0.0, 0.0]
    assert advantages([0.1, 0.1 + 1e-5], baseline, 0.1) != [0.0, 0.0]


def log_z(rewards: list[float], tau: float) -> Decimal:
    """tau * ln(mean(exp(r / tau))) with 60 digits and no trick against overflow."""
    getcontext().prec = 60
    total = sum(((Decimal(reward) / Decimal(tau)).exp() for reward in rewards), Decimal(0))
    return Decimal(tau) * (total / len(rewards)).ln()


rewards_and_tau = (st.lists(st.floats(-2, 2), min_size=2, max_size=9), st.sampled_from([1e-3, 0.1, 1.0, 50.0]))


@given(*rewards_and_tau)
def test_advantages_equal_the_formulas_in_high_precision(rewards: list[float], tau: float) -> None:
    if max(rewards) - min(rewards) < 1e-6:
        return
    mean = sum(map(Decimal, rewards), Decimal(0)) / len(rewards)
    for baseline, value in (("mean", mean), ("log_z", log_z(rewards, tau))):
        for got, reward in zip(advantages(rewards, baseline, tau), rewards, strict=True):
            assert abs(Decimal(got) - (Decimal(reward) - value)) < Decimal(1e-11)


@given(*rewards_and_tau, st.randoms(use_true_random=False))
def test_advantages_do_not_depend_on_the_order(rewards: list[float], tau: float, rng: object) -> None:
    order = list(range(len(rewards)))
    rng.shuffle(order)  # type: ignore[attr-defined]
    for baseline in ("mean", "log_z"):
        ordered = advantages(rewards, baseline, tau)
        assert advantages([rewards[index] for index in order], baseline, tau) == [ordered[index] for index in order]


def test_log_z_lies_between_mean_and_maximum_and_reaches_both() -> None:
    rewards = [0.0, 0.0, 1.0, 0.0]
    assert advantages(rewards, "log_z", 1e6)[2] == pytest.approx(0.75, abs=1e-6)
    assert advantages(rewards, "log_z", 1e-4)[2] == pytest.approx(1e-4 * math.log(4), rel=1e-9)


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ([], "at least one trajectory"),
        ([trajectory(0, 1, 4), trajectory(1, 1, 4, None)], "7/1 must be finished"),
        ([trajectory(0, 1, 4), trajectory(1, 1, 4, group_id=8)], "one group_id"),
    ],
)
def test_groups_that_cannot_be_scored_are_errors(group: list[Trajectory], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scorer().score([group], length_weight=0.0)


@pytest.mark.parametrize(("baseline", "tau"), [("median", 0.1), ("log_z", 0.0)])
def test_unknown_baselines_are_refused(baseline: str, tau: float) -> None:
    with pytest.raises(ValueError, match=f"got {'.median' if baseline == 'median' else '0.0'}"):
        scorer(baseline, tau)
