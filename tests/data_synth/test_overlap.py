"""Overlap and nesting: what the pictures show, pixel by pixel, is what the answers say."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from data_synth import Item, make
from data_synth.families import FAMILIES
from data_synth.families.scenes.overlap import SUMS, Overlap
from data_synth.families.scenes.overlap_figure import draw_overlap
from data_synth.families.scenes.overlap_rings import condition_phrase
from data_synth.families.scenes.paper_stack import seen_on
from data_synth.render.palette import COLOURS, PAPER, Colour
from data_synth.render.shades import tint
from data_synth.render.style import figure_look

LEVELS = range(5)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "overlap", Overlap())


def items(level: int, form: str, count: int) -> list[Item]:
    return [item for item in (make("overlap", level, n) for n in range(7 * count)) if item.scene["form"] == form][
        :count
    ]


def upwards(item: Item) -> list[str]:
    return list(item.answer.value[::-1] if "top one to" in item.question else item.answer.value)


def within(point: tuple[int, int], corners: list[list[int]], margin: float) -> int:
    """1 inside a clockwise outline, 0 near it, -1 outside."""
    sides = []
    for (x, y), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        turn = (x1 - x) * (point[1] - y) - (y1 - y) * (point[0] - x)
        sides.append(turn / ((x1 - x) ** 2 + (y1 - y) ** 2) ** 0.5)
    return 0 if abs(min(sides)) <= margin else 1 if min(sides) > 0 else -1


@pytest.mark.parametrize("level", LEVELS)
def test_each_point_of_the_stack_has_the_tint_of_the_highest_sheet_there(level: int) -> None:
    for item in items(level, "stack", 5):
        sheets = {sheet["label"]: sheet for sheet in item.scene["sheets"]}
        picture, look, probed = item.images("image", 384)[0], figure_look(item.scene), 0
        for point in ((x, y) for x in range(3, 384, 9) for y in range(3, 384, 9)):
            sides = {label: within(point, sheet["corners"], 4) for label, sheet in sheets.items()}
            spots = [sheet["spot"] for sheet in sheets.values()]
            if 0 in sides.values() or any(max(abs(point[0] - x), abs(point[1] - y)) < 13 for x, y in spots):
                continue
            there = [label for label in upwards(item) if sides[label] == 1]
            plain = COLOURS.get(sheets[there[-1]]["tint"], PAPER) if there else PAPER
            shown = tint(look.shade(plain), PAPER, 45) if there else look.paper
            assert picture.getpixel(point) == shown, (item.id, point)
            probed += len(there) > 1
        assert probed


@pytest.mark.parametrize("level", LEVELS)
def test_every_two_neighbours_in_the_stack_are_seen_to_lie_on_each_other(level: int) -> None:
    """So no other order of the sheets fits what is seen."""
    for item in items(level, "stack", 20):
        seen = seen_on(item.scene["sheets"])
        assert all([upper, lower] in seen for lower, upper in pairwise(upwards(item)))
        assert all(upwards(item).index(lower) < upwards(item).index(upper) for upper, lower in seen)


@pytest.mark.parametrize("level", LEVELS)
def test_every_letter_of_the_stack_can_be_read(level: int) -> None:
    """Its room is of one tint but for the letter: no edge runs through."""
    for item in items(level, "stack", 10):
        order = upwards(item)
        for sheet in item.scene["sheets"]:
            higher = [
                other for other in item.scene["sheets"] if order.index(other["label"]) > order.index(sheet["label"])
            ]
            for dx, dy in ((-9, -9), (9, -9), (9, 9), (-9, 9)):
                point = sheet["spot"][0] + dx, sheet["spot"][1] + dy
                assert within(point, sheet["corners"], 0) == 1
                assert all(within(point, other["corners"], 0) == -1 for other in higher)


def rings_around(picture: Image.Image, x: int, y: int, colours: dict[str, Colour]) -> set[str]:
    """Rings whose outline is crossed an odd number of times on most of the straight ways from a place to the border.

    x, y: pixels. colours: of the rings, by name. Where outlines meet, one way may miss a crossing; hence eight of them.
    """
    votes = dict.fromkeys(colours, 0)
    for across, down in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
        line: list[Any] = []
        a, b = x, y
        while 0 <= a < picture.width and 0 <= b < picture.height:
            line.append(picture.getpixel((a, b)))
            a, b = a + across, b + down
        for name, colour in colours.items():
            near = [all(abs(p - q) <= 12 for p, q in zip(pixel, colour, strict=True)) for pixel in line]
            votes[name] += sum(not before and now for before, now in pairwise([False, *near])) % 2
    return {name for name, times in votes.items() if times > 4}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", ["sum", "dots"])
def test_marks_are_inside_the_rings_that_the_trace_says(level: int, form: str) -> None:
    for item in items(level, form, 3):
        picture = draw_overlap(item.scene | {"marks": []}, 768).image()  # marks on the way would hide outlines
        look = figure_look(item.scene)
        colours = {ring["name"]: look.shade(COLOURS[ring["name"]]) for ring in item.scene["rings"]}
        found = [rings_around(picture, 2 * mark["x"], 2 * mark["y"], colours) for mark in item.scene["marks"]]
        if form == "dots":
            counts = tuple(sum(len(around) in depths for around in found) for depths in item.scene["depths"])
            assert counts == item.answer.value, item.id
        for mark, around in zip(item.scene["marks"], found, strict=True):
            where = "in " + " and ".join(name for name in colours if name in around) if around else "outside"
            if form == "sum":
                assert f"{mark['value']} {where}" in item.trace("image", 0), (item.id, mark)


@pytest.mark.parametrize("level", LEVELS)
def test_a_sum_does_not_depend_on_how_many_numbers_count(level: int) -> None:
    """Above and below the middle as often, for few terms and for many."""
    middle = sum(SUMS) / 2
    found: dict[bool, list[bool]] = {True: [], False: []}
    for item in items(level, "sum", 150):
        terms = sum(step.op == "marked" for step in item.program)
        found[terms > 3].append(item.answer.value > middle)
    for above in found.values():
        assert abs(sum(above) - len(above) / 2) <= 4 * (len(above) / 4) ** 0.5


@pytest.mark.parametrize("level", [2, 3, 4])
def test_a_score_is_the_sum_over_rings_of_what_they_hold(level: int) -> None:
    for item in items(level, "score", 30):
        held = 0
        for ring in item.scene["rings"]:
            for mark in item.scene["marks"]:
                inside = math.hypot(mark["x"] - ring["x"], mark["y"] - ring["y"]) < ring["r"]
                held += mark["value"] if inside else 0
        assert item.answer.value == held


@pytest.mark.parametrize("level", LEVELS)
def test_the_chain_is_made_of_all_boxes_that_hold_the_asked_one(level: int) -> None:
    for item in items(level, "chain", 30):
        boxes, asked = item.scene["boxes"], item.scene["asked"]
        left, top, right, bottom = boxes[asked]
        holding = {
            name
            for name, (a, b, c, d) in boxes.items()
            if name != asked and all(a < x < c and b < y < d for x in (left, right) for y in (top, bottom))
        }
        chain = item.answer.value[::-1] if "innermost" in item.question else item.answer.value
        assert set(chain) == holding
        sizes = [(boxes[name][2] - boxes[name][0]) * (boxes[name][3] - boxes[name][1]) for name in chain]
        assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("level", LEVELS)
def test_boxes_lie_inside_each_other_or_apart(level: int) -> None:
    for item in items(level, "chain", 20):
        boxes = list(item.scene["boxes"].values())
        for place, (a, b, c, d) in enumerate(boxes):
            for e, f, g, h in boxes[:place]:
                apart = c < e or g < a or d < f or h < b
                inside = (a > e and b > f and c < g and d < h) or (a < e and b < f and c > g and d > h)
                assert apart or inside


def test_conditions_read_well() -> None:
    assert (
        condition_phrase({"kind": "but", "of": ["red", "blue"], "n": 2})
        == "inside the red ring but outside the blue ring"
    )
    assert condition_phrase({"kind": "exact", "of": [], "n": 1}) == "inside exactly one ring"
    assert condition_phrase({"kind": "exact", "of": [], "n": 3}) == "inside exactly three rings"
