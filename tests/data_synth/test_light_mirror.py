"""Beams of light: reversible, and where the picture says."""

from __future__ import annotations

import pytest

from data_synth import Item, make
from data_synth.families.diagrams.light_mirror import turned
from data_synth.render.palette import COLOURS
from data_synth.render.style import figure_look

LEVELS = range(5)


def items(level: int) -> list[Item]:
    return [make("light_mirror", level, n) for n in range(100)]


def way_of(item: Item) -> list[tuple[int, int, int, int]]:
    """Every (row, column, down, right) of the beam inside the grid, one step at a time."""
    row, column, down, right = item.scene["entry"]
    states = []
    while 0 <= row < item.scene["size"] and 0 <= column < item.scene["size"]:
        mirror = item.scene["mirrors"].get(f"{row},{column}")
        if mirror:
            down, right = turned((down, right), mirror)
        states.append((row, column, down, right))
        row, column = row + down, column + right
    return states


@pytest.mark.parametrize("level", LEVELS)
def test_a_beam_walked_cell_by_cell_counts_the_same(level: int) -> None:
    for item in items(level):
        states = way_of(item)
        hits = sum(f"{row},{column}" in item.scene["mirrors"] for row, column, _, _ in states)
        assert item.answer.value[1] == (hits if item.scene["form"] == "exit" else len(states)), item.id
        row, column, down, right = states[-1]
        key = f"{'R' if right > 0 else 'L'}{row}" if right else f"{'B' if down > 0 else 'T'}{column}"
        assert item.answer.value[0] == item.scene["ports"][key]


def test_mirrors_turn_beams_as_glass_does() -> None:
    assert turned((0, 1), "/") == (-1, 0)  # right becomes up
    assert turned((0, 1), "\\") == (1, 0)  # right becomes down
    for mirror in "/\\":
        for way in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            down, right = turned(way, mirror)
            back = turned((-down, -right), mirror)
            assert back == (-way[0], -way[1])


@pytest.mark.parametrize("level", LEVELS)
def test_mirrors_lean_in_the_picture_as_in_the_scene(level: int) -> None:
    for item in items(level)[:10]:
        grid = item.scene["size"]
        cell = (384 - 84) // grid
        edge = (384 - cell * grid) // 2
        picture, blue = item.images("image", 768)[0], figure_look(item.scene).shade(COLOURS["blue"])
        for row in range(grid):
            for column in range(grid):
                x, y, away = edge + cell * column + cell // 2, edge + cell * row + cell // 2, cell // 5
                rises = picture.getpixel((2 * (x + away), 2 * (y - away))) == blue
                falls = picture.getpixel((2 * (x + away), 2 * (y + away))) == blue
                wanted = item.scene["mirrors"].get(f"{row},{column}", "")
                assert (rises, falls) == (wanted == "/", wanted == "\\"), (item.id, row, column)
