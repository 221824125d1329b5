"""Charts draw every value where it belongs, and nothing where there is none."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm_rl.report.charts import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Series,
    line_chart,
    linear_scale,
    log_scale,
    lone_points,
    running_mean,
)

finite = st.floats(-1e12, 1e12, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-12)


def path_of(svg: str, kind: str) -> list[str]:
    return re.findall(rf'class="{kind}"[^>]* d="([^"]*)"', svg)


def test_line_breaks_at_a_gap() -> None:
    svg = line_chart("loss", [0, 1, 2, 3, 4], [Series("loss", (1.0, 2.0, None, 2.0, 1.0), "red")])
    (path,) = path_of(svg, "line")
    assert path.count("M") == 2 and path.count("L") == 2


def test_points_sit_at_their_pixels() -> None:
    svg = line_chart("x", [0, 10], [Series("x", (0.0, 1.0), "red")])
    assert path_of(svg, "line") == [f"M{LEFT}.0 {BOTTOM}.0L{RIGHT}.0 {TOP}.0"]


def test_a_value_between_gaps_is_drawn_as_a_dot() -> None:
    svg = line_chart("eval", [0, 1, 2], [Series("eval", (None, 0.5, None), "red")], percent=True)
    (path,) = path_of(svg, "lone")
    assert path.endswith("h0") and path.count("M") == 1
    assert lone_points([1.0, None, 2.0, 3.0]) == [1.0, None, None, None]


def test_hover_tells_the_raw_values_of_each_iteration() -> None:
    svg = line_chart(
        "a", [5, 6], [Series("all", (0.25, None), "red"), Series("<b>", (0.5, None), "blue")], percent=True
    )
    titles = re.findall("<title>(.*?)</title>", svg, re.DOTALL)
    assert titles == ["iteration 5\nall: 25 %\n&lt;b&gt;: 50 %", "iteration 6\nnot logged"]


def test_log_chart_leaves_out_what_has_no_logarithm() -> None:
    svg = line_chart("norm", [0, 1, 2, 3], [Series("norm", (0.0, 1.0, 10.0, -1.0), "red")], log=True)
    (path,) = path_of(svg, "line")
    assert path.count("M") == 1 and path.count("L") == 1


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="'loss' has nothing to draw"):
        line_chart("loss", [0], [Series("loss", (None,), "red")])


@given(one=finite, other=finite)
def test_linear_ticks_are_even_few_and_around_the_data(one: float, other: float) -> None:
    low, high = min(0.0, one, other), max(0.0, one, other)  # a y axis always holds 0
    scale = linear_scale(low, high, BOTTOM, TOP)
    slack = 1e-6 * (scale.high - scale.low)
    assert scale.low <= low + slack and high <= scale.high + slack
    assert 2 <= len(scale.ticks) <= 9
    steps = [after - before for before, after in pairwise(scale.ticks)]
    assert max(steps) - min(steps) <= slack
    assert TOP - 0.01 <= scale(high) <= scale(low) <= BOTTOM + 0.01


@given(first=st.integers(0, 10_000), count=st.integers(0, 10_000))
def test_iteration_ticks_are_whole_and_inside(first: int, count: int) -> None:
    scale = linear_scale(first, first + count, LEFT, RIGHT, whole=True)
    assert all(tick == int(tick) for tick in scale.ticks)
    assert all(LEFT <= scale(tick) <= RIGHT + 1e-9 for tick in scale.ticks)
    assert 1 <= len(scale.ticks) <= 9


@given(low=st.floats(1e-12, 1e12), factor=st.floats(1, 1e9))
def test_log_scale_holds_the_data_with_few_ticks(low: float, factor: float) -> None:
    scale = log_scale(low, low * factor)
    assert TOP - 0.01 <= scale(low * factor) <= scale(low) <= BOTTOM + 0.01
    assert 2 <= len(scale.ticks) <= 7


def test_running_mean_is_the_mean_of_what_is_there() -> None:
    assert running_mean([1.0, 2.0, None, 6.0, 10.0], 1) == [1.5, 1.5, None, 8.0, 8.0]
    assert running_mean([3.0, None], 0) == [3.0, None]
