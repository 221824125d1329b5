"""The interval is Wilson's, and the closing table adds up."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from vlm_rl.report.metrics import accuracy_table, render_table, wilson_interval


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Bisection: function changes sign once between low and high."""
    rising = function(high) > 0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if (function(middle) > 0) == rising else (middle, high)
    return (low + high) / 2


@given(n=st.integers(1, 5000), share=st.floats(0, 1), z=st.floats(0.5, 4))
def test_wilson_bounds_are_where_the_score_test_rejects(n: int, share: float, z: float) -> None:
    # the definition: p is inside while |observed - p| <= z * sqrt(p (1 - p) / n)
    correct = round(share * n)
    observed = correct / n

    def excess(p: float) -> float:
        return abs(observed - p) - z * math.sqrt(p * (1 - p) / n)

    low, high = wilson_interval(correct, n, z)
    expected_low = root(excess, 0.0, observed) if correct else 0.0
    expected_high = root(excess, observed, 1.0) if correct < n else 1.0
    assert low == pytest.approx(expected_low, abs=1e-6)
    assert high == pytest.approx(expected_high, abs=1e-6)


def test_wilson_known_values_and_ends() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(0, 10) == (0.0, pytest.approx(0.27753, abs=1e-4))  # Agresti & Coull 1998: z²/(n+z²)
    assert wilson_interval(10, 10) == (pytest.approx(1 - 0.27753, abs=1e-4), 1.0)


@pytest.mark.parametrize(("correct", "n"), [(-1, 4), (5, 4)])
def test_wilson_refuses_impossible_counts(correct: int, n: int) -> None:
    with pytest.raises(ValueError, match=f"got {correct}"):
        wilson_interval(correct, n)


def cell(family: str, level: int, modality: str, right: int, sampled: int = 0, lucky: int = 0) -> dict[str, Any]:
    row = {"family": family, "level": level, "modality": modality, "items": 10, "greedy_correct": right}
    return row | {"sampled": sampled, "sampled_correct": lucky}


WARMUP = {"stage": "warmup", "rows": [cell("a", 0, "text", 2), cell("a", 1, "image", 4), cell("b", 0, "image", 0)]}
RL = {"stage": "rl", "rows": [cell("a", 0, "text", 6, 20, 5), cell("a", 1, "image", 8), cell("b", 0, "image", 10)]}


def test_rows_sum_the_cells_of_family_modality_and_all() -> None:
    table = accuracy_table([RL, WARMUP])
    assert table.stages == ("warmup", "rl")
    found = {(row.group, row.name): row for row in table.rows}
    assert list(found) == [
        ("family", "a"),
        ("family", "b"),
        ("modality", "image"),
        ("modality", "text"),
        ("all", "all"),
    ]
    image, total = found["modality", "image"].greedy["rl"], found["all", "all"].greedy["warmup"]
    assert image and (image.correct, image.total) == (18, 20)
    assert total and (total.correct, total.total) == (6, 30)
    assert table.gain(found["family", "a"].greedy) == pytest.approx(40.0)
    assert found["family", "a"].items == 20


def test_what_was_not_sampled_has_no_accuracy_and_no_gain() -> None:
    table = accuracy_table([WARMUP, RL])
    text = next(row for row in table.rows if row.name == "text")
    assert text.sampled["warmup"] is None and table.gain(text.sampled) is None
    after = text.sampled["rl"]
    assert after and (after.correct, after.total) == (5, 20)


def test_gain_counts_from_untrained_when_there_was_no_warmup() -> None:
    assert accuracy_table([WARMUP | {"stage": "untrained"}, RL]).baseline == "untrained"
    assert accuracy_table([RL]).baseline is None
    assert accuracy_table([]).rows == ()


def test_terminal_table_fits_80_columns_and_shows_numbers_and_names_as_they_are() -> None:
    odd = {"stage": "rl", "rows": [cell("[bold]x", 0, "text", 5)]}
    console = Console(width=80, record=True, color_system=None, file=io.StringIO())
    console.print(render_table(accuracy_table([WARMUP, RL])))
    console.print(render_table(accuracy_table([odd])))
    text = console.export_text()
    assert "20.0 (10-37)" in text and "80.0 (63-90)" in text and "+60.0" in text
    assert "[bold]x" in text
    assert "…" not in text and max(map(len, text.splitlines())) <= 80
