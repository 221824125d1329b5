from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm_rl.reward.length import length_rewards


def reference(correct: list[bool], lengths: list[int]) -> list[Fraction]:
    """Section 2.3.3 as printed, in exact arithmetic."""
    low, high = min(lengths), max(lengths)
    rewards = []
    for right, length in zip(correct, lengths, strict=True):
        if high == low:
            rewards.append(Fraction(0))
            continue
        share = Fraction(1, 2) - Fraction(length - low, high - low)
        rewards.append(share if right or share < 0 else Fraction(0))
    return rewards


@pytest.mark.parametrize(
    ("correct", "lengths", "expected"),
    [
        ([True, True], [10, 20], [0.5, -0.5]),
        ([True, True, True], [10, 15, 20], [0.5, 0.0, -0.5]),
        ([False, False], [10, 20], [0.0, -0.5]),
        ([False, True], [10, 20], [0.0, -0.5]),
        ([True, False], [10, 20], [0.5, -0.5]),
        ([True, False, True], [7, 7, 7], [0.0, 0.0, 0.0]),
        ([True], [5], [0.0]),
        ([], [], []),
        ([True, False, True], [0, 1, 4], [0.5, 0.0, -0.5]),
    ],
)
def test_length_reward_of_each_branch(correct: list[bool], lengths: list[int], expected: list[float]) -> None:
    assert length_rewards(correct, lengths) == expected


groups = st.lists(st.tuples(st.booleans(), st.integers(0, 100_000)), min_size=1, max_size=12)


@given(groups)
def test_length_reward_equals_the_formula_in_exact_arithmetic(group: list[tuple[bool, int]]) -> None:
    correct, lengths = [right for right, _ in group], [length for _, length in group]
    for got, exact in zip(length_rewards(correct, lengths), reference(correct, lengths), strict=True):
        assert abs(Fraction(got) - exact) < Fraction(1, 10**12)


@given(groups)
def test_wrong_responses_never_gain_and_shorter_correct_ones_never_lose(group: list[tuple[bool, int]]) -> None:
    rewards = length_rewards([right for right, _ in group], [length for _, length in group])
    assert all(reward <= 0.0 for (right, _), reward in zip(group, rewards, strict=True) if not right)
    ranked = sorted((length, -reward) for (right, length), reward in zip(group, rewards, strict=True) if right)
    assert [-loss for _, loss in ranked] == sorted((-loss for _, loss in ranked), reverse=True)


def test_missing_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="got 1 for 2"):
        length_rewards([True, False], [3])
