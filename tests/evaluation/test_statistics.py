"""Intervals and averages against brute force, and against figures of the literature."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm_rl.evaluation.statistics import clustered, majority, mean, pass_at, standard_error, wilson


@pytest.mark.parametrize(("samples", "correct"), [(1, 0), (1, 1), (4, 1), (5, 3), (6, 6), (7, 2)])
def test_pass_at_k_is_the_share_of_subsets_with_a_correct_sample(samples: int, correct: int) -> None:
    flags = [place < correct for place in range(samples)]
    for k in range(1, samples + 1):
        subsets = list(itertools.combinations(flags, k))
        assert pass_at(k, samples, correct) == pytest.approx(sum(map(any, subsets)) / len(subsets))


def test_pass_at_1_is_the_accuracy_and_large_counts_do_not_overflow() -> None:
    assert pass_at(1, 32, 12) == pytest.approx(12 / 32)
    assert 0.99 < pass_at(5000, 10_000, 10) < 1.0


@pytest.mark.parametrize(("k", "samples", "correct"), [(0, 4, 1), (5, 4, 1), (2, 4, 5), (2, 4, -1)])
def test_pass_at_k_refuses_what_has_no_meaning(k: int, samples: int, correct: int) -> None:
    with pytest.raises(ValueError, match="1 <= k <= samples"):
        pass_at(k, samples, correct)


def test_wilson_equals_published_values() -> None:
    """Newcombe 1998, table I, method 3: 81/263, 15/148, 0/20, 1/29."""
    for correct, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        assert wilson(correct, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_bounds_solve_its_equation(trial: tuple[int, int]) -> None:
    """Both bounds p satisfy |share - p| = z sqrt(p (1 - p) / n)."""
    correct, n = trial
    for bound in wilson(correct, n):
        if 1e-9 < bound < 1 - 1e-9:
            assert abs(correct / n - bound) == pytest.approx(1.959963984540054 * math.sqrt(bound * (1 - bound) / n))


def test_wilson_without_trials_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_clustered_interval_covers_the_truth_where_the_plain_one_does_not() -> None:
    """Questions are easy or hard: 8 samples of each are far from 8 independent trials."""
    draw = random.Random(5)
    covered = Counter[str]()
    for _ in range(400):
        chances = [draw.choice((0.1, 0.9)) for _ in range(60)]
        shares = [sum(draw.random() < chance for _ in range(8)) / 8 for chance in chances]
        low, high = clustered(shares)
        plain_low, plain_high = wilson(mean(shares) * 480, 480)
        covered["clustered"] += low <= 0.5 <= high
        covered["plain"] += plain_low <= 0.5 <= plain_high
    assert 0.92 <= covered["clustered"] / 400 <= 0.98 and covered["plain"] / 400 < 0.7


def test_clustered_interval_of_equal_shares_is_not_a_point() -> None:
    assert clustered([0.0] * 20) == pytest.approx(wilson(0, 20))
    assert clustered([1.0]) == pytest.approx(wilson(1, 1))


def test_standard_error_is_that_of_the_mean() -> None:
    assert standard_error([0.0, 1.0, 1.0, 0.0]) == pytest.approx(math.sqrt(1 / 3 / 4))
    assert standard_error([0.5]) is None and standard_error([]) is None and mean([]) == 0.0


@given(st.lists(st.sampled_from("ABC"), min_size=1, max_size=7), st.sampled_from("ABC"))
def test_majority_breaks_ties_evenly(votes: list[str], gold: str) -> None:
    """Against drawing every winner in turn."""
    most = max(votes.count(vote) for vote in votes)
    winners = [letter for letter in "ABC" if votes.count(letter) == most]
    expected = sum(winner == gold for winner in winners) / len(winners)
    assert majority([(vote, vote == gold) for vote in votes]) == pytest.approx(expected)


def test_majority_of_nothing_is_no_decision() -> None:
    assert majority([]) is None
