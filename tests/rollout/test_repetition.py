"""The repetition stop agrees with its definition, looked up in the whole text."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vlm_rl.rollout.repetition import RepetitionTracker


def repeats(tokens: list[int], *, max_period: int, min_count: int, min_tokens: int) -> bool:
    """Is the end of the text some period, written out at least min_count times and min_tokens tokens?"""
    for period in range(1, max_period + 1):
        length = max(period * min_count, min_tokens)
        tail = tokens[len(tokens) - length :] if length <= len(tokens) else []
        unit = tail[:period]
        if tail and tail == (unit * length)[:length]:
            return True
    return False


limits = st.fixed_dictionaries(
    {"max_period": st.integers(1, 5), "min_count": st.integers(2, 4), "min_tokens": st.integers(1, 12)}
)
words = st.lists(st.integers(0, 2), min_size=1, max_size=4)
# random tokens, with stretches that do repeat, so that both answers are common
texts = st.lists(st.tuples(words, st.integers(1, 8)), min_size=1, max_size=5).map(
    lambda parts: [token for word, times in parts for token in word * times]
)


@settings(deadline=None)
@given(texts, limits)
def test_a_row_repeats_exactly_where_the_definition_says(tokens: list[int], limits: dict[str, int]) -> None:
    tracker = RepetitionTracker(1, **limits)
    said = [bool(tracker.push(np.array([0]), np.array([token]))[0]) for token in tokens]
    assert said == [repeats(tokens[:end], **limits) for end in range(1, len(tokens) + 1)]


@settings(deadline=None)
@given(st.lists(texts, min_size=2, max_size=4), limits, st.randoms(use_true_random=False))
def test_rows_that_are_pushed_at_different_times_do_not_mix(
    rows: list[list[int]], limits: dict[str, int], random: np.random.RandomState
) -> None:
    tracker = RepetitionTracker(len(rows), **limits)
    written: list[list[int]] = [[] for _ in rows]
    while writing := [row for row in range(len(rows)) if len(written[row]) < len(rows[row])]:
        chosen = [row for row in writing if random.random() < 0.6] or writing[:1]
        random.shuffle(chosen)
        for row in chosen:
            written[row].append(rows[row][len(written[row])])
        said = tracker.push(np.array(chosen), np.array([written[row][-1] for row in chosen]))
        assert said.tolist() == [repeats(written[row], **limits) for row in chosen]


def test_a_short_number_may_repeat_its_digit() -> None:
    tracker = RepetitionTracker(1, max_period=64, min_count=8, min_tokens=32)
    said = [bool(tracker.push(np.array([0]), np.array([1]))[0]) for _ in range(32)]
    assert said == [False] * 31 + [True]
