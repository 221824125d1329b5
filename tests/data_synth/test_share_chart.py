"""Pies, coloured tables, radars, boxes and maps: the pixels show what the answers were made of."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from chart_reading import around, near

from data_synth import FAMILIES, Item, make, replay, solve_again
from data_synth.families.charts.share_chart import KINDS, SHOWN, ShareChart
from data_synth.families.charts.share_heat import shades
from data_synth.render.canvas import Box, Canvas
from data_synth.render.palette import COLOURS

LEVELS = range(5)
SHOWS = [(level, kind) for level, kinds in enumerate(SHOWN) for kind in kinds]


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "share_chart", ShareChart())


def items(level: int, kind: str, count: int = 10) -> list[Item]:
    """The first `count` items of a kind of chart."""
    found: list[Item] = []
    index = 0
    while len(found) < count:
        item = make("share_chart", level, index)
        index += 1
        if item.scene["kind"] == kind:
            found.append(item)
    return found


def drawn(item: Item) -> Canvas:
    (canvas,) = FAMILIES["share_chart"].draw(item, 384)
    return canvas


def box_of(canvas: Canvas, tag: str) -> Box:
    """The one mark of this tag, in pixels."""
    (box,) = (mark.box for mark in canvas.marks if mark.tag == tag)
    left, top, right, bottom = (edge * canvas.scale for edge in box)
    return left, top, right, bottom


@pytest.mark.parametrize("level", LEVELS)
def test_slices_take_their_share_of_the_circle(level: int) -> None:
    """Walk around each pie just inside its edge and count the pixels of each colour."""
    for item in items(level, "pie", 5):
        canvas, scene = drawn(item), item.scene
        picture = canvas.image()
        slices = [mark.box for mark in canvas.marks if mark.tag.startswith("slice")]
        count = len(scene["names"])
        for place, pie in enumerate(scene["pies"]):
            boxes = slices[place * count : (place + 1) * count]
            left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
            right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
            radius = max(right - left, bottom - top) / 2 - 7
            middle = (left + right) / 2, (top + bottom) / 2
            steps = 3600
            ring = Counter(
                picture.getpixel(
                    (
                        round((middle[0] + radius * math.sin(math.tau * n / steps)) * canvas.scale),
                        round((middle[1] - radius * math.cos(math.tau * n / steps)) * canvas.scale),
                    )
                )
                for n in range(steps)
            )
            for share, ink in zip(pie["shares"], scene["inks"], strict=True):
                seen = sum(times for pixel, times in ring.items() if near(pixel, canvas.shade(COLOURS[ink]), 12))
                assert abs(100 * seen / steps - share) < 2, (item.id, ink)
            assert sum(pie["shares"]) == 100


@pytest.mark.parametrize(("level", "kind"), [show for show in SHOWS if show[1] == "heat"])
def test_cells_have_the_colour_that_the_legend_gives_their_value(level: int, kind: str) -> None:
    for item in items(level, kind):
        canvas, scene = drawn(item), item.scene
        picture = canvas.image()
        for row, line in enumerate(scene["cells"]):
            for column, shade in enumerate(line):
                key = box_of(canvas, f"key {scene['values'][shade]}")
                cell = box_of(canvas, f"cell {row} {column}")
                spots = [(round((b[0] + b[2]) / 2), round((b[1] + b[3]) / 2)) for b in (key, cell)]
                assert picture.getpixel(spots[0]) == picture.getpixel(spots[1]), (item.id, row, column)


def test_colours_of_a_legend_can_be_told_apart() -> None:
    for level in (0, 1, 3, 4):
        for item in items(level, "heat"):
            colours = shades(item.scene)
            for place, one in enumerate(colours):
                assert all(sum(abs(a - b) for a, b in zip(one, other, strict=True)) >= 60 for other in colours[:place])


@pytest.mark.parametrize(("level", "kind"), [show for show in SHOWS if show[1] == "radar"])
def test_polygons_have_a_dot_at_every_value(level: int, kind: str) -> None:
    """Between the middle and the outermost ring, at the share of the way that the value says."""
    for item in items(level, kind):
        canvas, scene = drawn(item), item.scene
        picture = canvas.image()
        inner = [mark.box for mark in canvas.marks if mark.tag == "spoke"]
        middle = [(min(b[0] for b in inner) + max(b[2] for b in inner)) / 2, max(b[3] for b in inner[:1])]
        reach = inner[0][3] - inner[0][1]
        inks = [canvas.shade(COLOURS[ink]) for ink in scene["inks"]]
        for row in scene["rows"]:
            for spoke, value in enumerate(row):
                turn, away = math.tau * spoke / len(row), reach * value / 10
                spot = round(192 + away * math.sin(turn)), round(middle[1] - away * math.cos(turn))
                scaled = round(spot[0] * canvas.scale), round(spot[1] * canvas.scale)
                assert any(near(pixel, ink) for pixel in around(picture, scaled) for ink in inks), (item.id, spoke)


@pytest.mark.parametrize(("level", "kind"), [show for show in SHOWS if show[1] == "box"])
def test_boxes_and_whiskers_end_at_their_values(level: int, kind: str) -> None:
    """Read against the numbers beside the grid; the marks are well apart."""
    for item in items(level, kind):
        canvas, scene = drawn(item), item.scene
        texts = zip((m for m in canvas.marks if m.kind == "text"), canvas.texts, strict=True)
        scale = {int(text): y for mark, (_, y, text, *_) in texts if mark.tag.startswith("beside")}
        (low, floor), (high, ceiling) = min(scale.items()), max(scale.items())
        for name, row in zip(scene["names"], scene["rows"], strict=True):
            box, median = box_of(canvas, f"box {name}"), box_of(canvas, f"median {name}")
            whiskers = [m.box[1] * canvas.scale for m in canvas.marks if m.tag == f"end {name}"]
            for y, half in zip((whiskers[0], box[3], median[1], box[1], whiskers[1]), row, strict=True):
                value = low + (y - floor) * (high - low) / (ceiling - floor)
                assert abs(value - half * scene["worth"] / 2) < scene["worth"] / 8, (item.id, name)
            assert all(b - a >= 2 for a, b in zip(row, row[1:], strict=False))


@pytest.mark.parametrize(("level", "kind"), [show for show in SHOWS if show[1] == "tiles"])
def test_tiles_hang_together_and_have_the_colour_of_their_kind(level: int, kind: str) -> None:
    for item in items(level, kind):
        canvas, scene = drawn(item), item.scene
        picture = canvas.image()
        cells = {tuple(tile["cell"]) for tile in scene["tiles"]}
        reached, waiting = set(), [min(cells)]
        while waiting:
            row, column = waiting.pop()
            reached.add((row, column))
            beside = {(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)}
            waiting += sorted(beside & cells - reached)
        assert reached == cells
        for tile in scene["tiles"]:
            name = scene["kinds"][tile["kind"]]
            (key,) = (mark for mark in canvas.marks if mark.tag.startswith(f"key {name}"))
            left, top, right, bottom = (edge * canvas.scale for edge in key.box)
            corner = box_of(canvas, f"tile {tile['code']}")
            legend = picture.getpixel((round((left + right) / 2), round((top + bottom) / 2)))
            assert legend == picture.getpixel((round(corner[0]) + 4, round(corner[1]) + 4)), (item.id, tile["code"])


def test_the_longest_box_and_the_largest_gain_win_by_a_margin() -> None:
    for level in (3, 4):
        for item in items(level, "box"):
            lengths = sorted(row[3] - row[1] for row in item.scene["rows"])
            assert lengths[-1] - lengths[-2] >= 2
    for item in items(4, "pie"):
        left, right = (
            [share * pie["total"] / 100 for share in pie["shares"]] for pie in item.scene["pies"]
        )  # fmt: skip
        gains = sorted(b - a for a, b in zip(left, right, strict=True))
        assert gains[-1] - gains[-2] >= 5


@pytest.mark.parametrize("level", LEVELS)
def test_both_solvers_agree_on_every_kind(level: int) -> None:
    seen: Counter[str] = Counter()
    for index in range(150):
        item = make("share_chart", level, index)
        assert solve_again(item) == replay(item) == item.answer.value, item.id
        seen[item.scene["kind"]] += 1
    assert set(seen) == set(SHOWN[level]) <= set(KINDS)
