from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal, getcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_cases import make_prompt

from vlm_rl.config import RewardConfig
from vlm_rl.reward.group import Scorer, advantages
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.types import Finish, Segment, Trajectory

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
