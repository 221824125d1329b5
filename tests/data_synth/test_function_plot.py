"""Graphs of functions: the picture, read by its printed numbers, has what the answers say, and nothing more."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import prod

import pytest
from chart_reading import around, by_the_numbers, near

from data_synth import FAMILIES, Item, compare, make, replay, solve_again
from data_synth.families.charts.function_curves import SAMPLES, sampled
from data_synth.families.charts.function_plot import FORMS, FunctionPlot
from data_synth.render.palette import COLOURS

LEVELS = range(5)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "function_plot", FunctionPlot())


def items(level: int, form: str, count: int = 25) -> list[Item]:
    """The first `count` items of a form."""
    found: list[Item] = []
    index = 0
    while len(found) < count:
        item = make("function_plot", level, index)
        index += 1
        if item.scene["form"] == form:
            found.append(item)
    return found


def points(item: Item) -> list[tuple[int, int, int]]:
    """(number of the graph, x, y) of points that the answer says are on it."""
    value, scene = item.answer.value, item.scene
    across, up = scene["scale"]
    if scene["form"] == "value":
        return [
            (chain[0], x * across, y)
            for chain, x, y in zip(scene["asked"]["chains"], scene["asked"]["xs"], value, strict=True)
        ]
    if scene["form"] == "cuts":
        return [(0, value[0], 0), (1, 0, value[1])]
    if scene["form"] == "meet":
        return [(n, x, y) for n in (0, 1) for x, y in zip(value[::2], value[1::2], strict=True)]
    if scene["form"] == "zeros":
        return [(0, x, scene["asked"]["y"] * up) for x in value]
    return [(0, *value)]  # turn


@pytest.mark.parametrize(
    ("level", "form"), [(0, "value"), (0, "cuts"), (1, "value"), (1, "meet"), (1, "turn"), (2, "meet"), (3, "zeros")]
)
def test_answers_are_points_of_the_drawn_graph(level: int, form: str) -> None:
    for item in items(level, form):
        (canvas,) = FAMILIES["function_plot"].draw(item, 384)
        picture = canvas.image()
        # any of the inks, as a later graph may cover an earlier one
        inks = {canvas.shade(COLOURS[curve["ink"]]) for curve in item.scene["curves"]}
        for number, x, y in points(item):
            spot = by_the_numbers(canvas, x, y)
            assert any(near(pixel, ink) for pixel in around(picture, spot) for ink in inks), (item.id, number, x, y)


@pytest.mark.parametrize(("level", "form"), [(1, "meet"), (2, "meet"), (2, "zeros"), (3, "zeros"), (4, "agree")])
def test_no_solution_is_left_out(level: int, form: str) -> None:
    """Between two neighbouring samples that are not 0, the difference never changes its sign."""
    for item in items(level, form):
        scene = item.scene
        graphs = [sampled(curve, scene["window"]) for curve in scene["curves"]]
        other = graphs[1] if len(graphs) > 1 else dict.fromkeys(graphs[0], scene["asked"].get("y", 0))
        gaps = [graphs[0][n] - other[n] for n in sorted(graphs[0]) if n in other]
        zeros = sum(abs(gap) < 1e-9 for gap in gaps)
        changes = sum(a * b < -1e-9 for a, b in zip(gaps, gaps[1:], strict=False))
        assert (zeros, changes) == (len(item.answer.value) // (2 if form == "meet" else 1), 0), item.id


@pytest.mark.parametrize("level", [3, 4])
def test_areas_are_those_of_the_polygons(level: int) -> None:
    """The shoelace formula around the shaded region."""
    for item in items(level, "area"):
        first, *second = (curve["knots"] for curve in item.scene["curves"])
        base = second[0] if second else [[first[0][0], 0], [first[-1][0], 0]]
        loop = [*base, *first[::-1]]
        twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(loop, [*loop[1:], loop[0]], strict=True))
        assert Fraction(item.answer.value) == Fraction(twice * prod(item.scene["scale"]), 2)


def test_the_region_whose_area_is_asked_is_shaded() -> None:
    """Half way between a knot and the axis, if there is room, the paper has another colour."""
    probed = 0
    for item in items(3, "area"):
        (canvas,) = FAMILIES["function_plot"].draw(item, 384)
        picture, (across, up) = canvas.image(), item.scene["scale"]
        for x, y in item.scene["curves"][0]["knots"][1:-1]:
            if abs(y) >= 4 and x:
                pixels = around(picture, by_the_numbers(canvas, x * across, y * up / 2), 3)
                assert not any(near(pixel, canvas.paper, 3) for pixel in pixels), (item.id, x)
                probed += 1
    assert probed > 10


@pytest.mark.parametrize("level", [1, 2])
def test_slopes_are_taken_in_any_form(level: int) -> None:
    for item in items(level, "slope"):
        place = item.scene["asked"]["piece"]
        (x0, y0), (x1, y1) = item.scene["curves"][0]["knots"][place : place + 2]
        across, up = item.scene["scale"]
        rise, run = (y1 - y0) * up, (x1 - x0) * across
        assert compare(item.answer, f"\\frac{{{rise}}}{{{run}}}").correct
        assert not compare(item.answer, f"{-rise}/{run}").correct
        assert not compare(item.answer, f"{rise + 1}/{run}").correct


def test_transformed_graphs_have_their_extremum_where_it_is_said() -> None:
    """Every point is transformed as the question's formula says, term by term."""
    for item in items(4, "shift"):
        asked, (across, up) = item.scene["asked"], item.scene["scale"]
        shift, lift = asked["along"] * across, asked["up"] * up
        assert f"(x {'-' if shift > 0 else '+'} {abs(shift)}) {'+' if lift > 0 else '-'} {abs(lift)}" in item.question
        heights = {
            Fraction(n, SAMPLES) * across + shift: asked["by"] * Fraction(y).limit_denominator(9999) * up + lift
            for n, y in sampled(item.scene["curves"][0], item.scene["window"]).items()
        }
        best = (max if "highest" in item.question else min)(heights.values())
        assert [(x, y) for x, y in heights.items() if y == best] == [item.answer.value], item.id


def test_the_asked_graph_has_no_place_of_its_own_in_the_legend() -> None:
    """Of three graphs each is asked about equally often."""
    places: Counter[int] = Counter()
    for item in items(1, "meet", 150):
        names = [curve["name"] for curve in item.scene["curves"]]
        places[sorted(names).index(names[2])] += 1
    assert min(places.values()) >= 30


@pytest.mark.parametrize("level", LEVELS)
def test_both_solvers_agree_on_every_form(level: int) -> None:
    seen: Counter[str] = Counter()
    for index in range(150):
        item = make("function_plot", level, index)
        assert solve_again(item) == replay(item) == item.answer.value, item.id
        seen[item.scene["form"]] += 1
    assert set(seen) == set(FORMS[level])
