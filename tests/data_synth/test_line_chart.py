"""Line charts and scatter plots: what the picture shows is what the answers say, and no reading is in doubt."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pytest
from chart_reading import around, blobs, by_the_numbers, near

from data_synth import FAMILIES, Item, make, replay, solve_again
from data_synth.families.charts.line_chart import CLOUDS, FORMS, LineChart
from data_synth.families.charts.scatter_points import QUARTERS, tally
from data_synth.render.palette import COLOURS
from data_synth.render.shades import tint

LEVELS = range(5)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "line_chart", LineChart())


def items(level: int, form: str, count: int = 20) -> list[Item]:
    """The first `count` items of a form."""
    found: list[Item] = []
    index = 0
    while len(found) < count:
        item = make("line_chart", level, index)
        index += 1
        if item.scene["form"] == form:
            found.append(item)
    return found


@pytest.mark.parametrize(("level", "form"), [(3, "between"), (4, "gap"), (4, "meet")])
def test_every_point_stands_where_its_numbers_say(level: int, form: str) -> None:
    """Of charts whose times are numbers, so that both edges can be read."""
    for item in items(level, form):
        scene = item.scene
        (canvas,) = FAMILIES["line_chart"].draw(item, 384)
        picture = canvas.image()
        for row, ink in zip(scene["rows"], scene["inks"], strict=True):
            for time, half in zip(scene["times"], row, strict=True):
                spot = by_the_numbers(canvas, time, half * scene["worth"] / 2)
                assert any(near(pixel, canvas.shade(COLOURS[ink])) for pixel in around(picture, spot)), (item.id, time)


@pytest.mark.parametrize(("level", "form"), [(0, "quarters"), (1, "quarters"), (3, "agreement"), (4, "agreement")])
def test_spots_of_the_picture_lie_in_the_quarters_that_are_counted(level: int, form: str) -> None:
    """Connected spots of each colour are counted on the pixels."""
    for item in items(level, form, 5):
        scene = item.scene
        (canvas,) = FAMILIES["line_chart"].draw(item, 384)
        dashes = [next(m.box for m in canvas.marks if m.tag == tag) for tag in ("upright line", "level line")]
        x, y = dashes[0][0] * canvas.scale, dashes[1][1] * canvas.scale
        for ink in scene["inks"]:
            seen = Counter((a > x, b < y) for a, b in blobs(canvas.image(), canvas.shade(COLOURS[ink])))
            for quarter, (right, upper) in QUARTERS.items():
                assert seen[bool(right), bool(upper)] == tally(scene, ink=ink, quarter=quarter), (item.id, ink, quarter)


@pytest.mark.parametrize("level", LEVELS)
def test_no_mark_hides_another(level: int) -> None:
    for index in range(150):
        item = make("line_chart", level, index)
        if item.scene["form"] in CLOUDS:
            spots = [(x, y) for x, y, _ in item.scene["points"]]
            for place, (x, y) in enumerate(spots):
                assert all(max(abs(x - a), abs(y - b)) >= 12 for a, b in spots[:place]), item.id
        elif not item.scene.get("stacked"):
            for column in zip(*item.scene["rows"], strict=True):
                assert len(set(column)) == len(column), item.id


@pytest.mark.parametrize("level", [3, 4])
def test_bands_lie_on_each_other_in_their_colours(level: int) -> None:
    for item in items(level, "band", 10):
        scene = item.scene
        (canvas,) = FAMILIES["line_chart"].draw(item, 384)
        picture = canvas.image()
        dots = [mark.box for mark in canvas.marks if mark.tag == "point 0"]
        texts = zip((m for m in canvas.marks if m.kind == "text"), canvas.texts, strict=True)
        scale = {int(text): y for mark, (_, y, text, *_) in texts if mark.tag.startswith("beside")}
        (low, floor), (high, ceiling) = min(scale.items()), max(scale.items())
        for at, dot in list(enumerate(dots))[1:-1]:
            below = 0.0
            for row, ink in zip(scene["rows"], scene["inks"], strict=True):
                value = row[at] * scene["worth"] / 2
                y = floor + (below + value / 2 - low) * (ceiling - floor) / (high - low)
                x = round((dot[0] + dot[2]) / 2 * canvas.scale) + 2  # beside the grid line
                shade = tint(canvas.shade(COLOURS[ink]), canvas.paper, 33)
                if row[at] > 1:
                    assert any(near(pixel, shade, 3) for pixel in around(picture, (x, round(y)), 2)), (item.id, at, ink)
                below += value


def test_lines_cross_once_and_at_the_answer() -> None:
    for item in items(4, "meet", 60):
        scene, time = item.scene, Fraction(item.answer.value)
        gaps = [a - b for a, b in zip(*scene["rows"], strict=True)]
        assert sum(a * b <= 0 for a, b in pairwise(gaps)) == 1
        (before, low), (after, high) = next(
            piece for piece in pairwise(zip(scene["times"], gaps, strict=True)) if piece[0][1] * piece[1][1] <= 0
        )
        assert before < time < after
        assert low * (after - time) + high * (time - before) == 0, item.id


def test_ranks_and_steps_win_by_a_margin() -> None:
    for level in (2, 3):
        for item in items(level, "rank"):
            changes = sorted(row[-1] - row[0] for row in item.scene["rows"])
            assert all(b - a >= 2 for a, b in pairwise(changes)), item.id
    for item in items(1, "step"):
        sign = -1 if item.scene["asked"]["falls"] else 1
        changes = sorted(sign * (b - a) for a, b in pairwise(item.scene["rows"][0]))
        assert changes[-1] - changes[-2] >= 2, item.id


def test_no_point_is_on_the_dashed_line() -> None:
    for item in items(2, "above"):
        assert all(half != item.scene["asked"]["line"] for row in item.scene["rows"] for half in row)


@pytest.mark.parametrize("form", ["above", "overtake", "rank"])
def test_the_legend_gives_each_name_its_colour(form: str) -> None:
    for item in items(2, form, 10):
        (canvas,) = FAMILIES["line_chart"].draw(item, 384)
        picture = canvas.image()
        for name, ink in zip(item.scene["names"], item.scene["inks"], strict=True):
            left, top, right, bottom = next(mark.box for mark in canvas.marks if mark.tag == f"key {name}")
            middle = round((left + right) / 2 * canvas.scale), round((top + bottom) / 2 * canvas.scale)
            assert near(picture.getpixel(middle), canvas.shade(COLOURS[ink])), (item.id, name)


@pytest.mark.parametrize("level", LEVELS)
def test_both_solvers_agree_on_every_form(level: int) -> None:
    seen: Counter[str] = Counter()
    for index in range(150):
        item = make("line_chart", level, index)
        assert solve_again(item) == replay(item) == item.answer.value, item.id
        seen[item.scene["form"]] += 1
    assert set(seen) == set(FORMS[level])
