"""Exact lengths and areas against measurements of the figures themselves."""

from __future__ import annotations

import math

import pytest

from data_synth import Item, exact_number, make
from data_synth.render.palette import COLOURS
from data_synth.render.style import figure_look

LEVELS = range(5)


def items(level: int, form: str) -> list[Item]:
    return [item for item in (make("length_area", level, n) for n in range(300)) if item.scene["form"] == form][:60]


def value(item: Item) -> float:
    return exact_number.approximate(exact_number.read(item.answer.value) or {})


@pytest.mark.parametrize("level", LEVELS)
def test_fans_are_solved_by_real_geometry(level: int) -> None:
    """Each hypotenuse with floating-point Pythagoras, from what is written at the segments."""
    for item in items(level, "fan"):
        names, lengths = item.scene["names"], item.scene["lengths"]
        reach = float(lengths[names[0] + names[1]])
        for n, kind in enumerate(item.scene["kinds"]):
            leg = lengths[names[n + 1] + names[n + 2]]
            reach = math.hypot(reach, leg) if kind == "grow" else math.sqrt((reach - leg) * (reach + leg))
        assert value(item) == pytest.approx(reach), item.id


@pytest.mark.parametrize("level", range(4))
def test_parallels_in_the_picture_are_parallel(level: int) -> None:
    for item in items(level, "cut"):
        spots = item.scene["spots"]
        turns = [math.atan2(spots[b][1] - spots[a][1], spots[b][0] - spots[a][0]) for a, b in item.scene["parallels"]]
        assert max(turns) - min(turns) < 0.04 or max(turns) - min(turns) > 2 * math.pi - 0.04, item.id


@pytest.mark.parametrize("level", range(1, 5))
def test_the_shaded_share_of_pixels_is_the_shaded_share_of_the_rectangle(level: int) -> None:
    for item in items(level, "sheet")[:12]:
        picture = item.images("image", 768)[0]
        colour = figure_look(item.scene).shade(COLOURS[item.scene["fill"]])
        shaded = sum(count for count, pixel in picture.getcolors(1 << 20) or [] if pixel == colour)
        width, height = item.scene["lengths"]["width"], item.scene["lengths"]["height"]
        unit = min((384 - 92) // width, (352 - 92) // height) * 2  # pixels at this size
        assert shaded / unit**2 == pytest.approx(value(item), rel=0.06), item.id
