"""Motions against geometry, nets against an enumeration, cubes against what is drawn."""

from __future__ import annotations

from itertools import product

import pytest

from data_synth import FAMILIES, Item, make, replay, solve_again
from data_synth.families.geometry.cube_net import CYCLES, NETS, OPPOSITE, folded, tilted
from data_synth.families.geometry.cube_stack import painted_faces
from data_synth.families.geometry.cube_stack_figure import shades
from data_synth.families.geometry.grid_motion import REACH, reflected, turned
from data_synth.families.geometry.solids import Solids
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS

LEVELS = range(5)
Net = frozenset[tuple[int, int]]


@pytest.fixture(autouse=True)
def _listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "solids", Solids())


def items(level: int, kind: str, form: str = "") -> list[Item]:
    made = (make("solids", level, n) for n in range(200))
    return [item for item in made if item.scene["kind"] == kind and form in ("", item.scene["form"])]


def drawing(item: Item, size: int = 384) -> Canvas:
    (canvas,) = FAMILIES["solids"].draw(item, size)
    return canvas


@pytest.mark.parametrize("level", LEVELS)
def test_two_methods_agree(level: int) -> None:
    for item in (make("solids", level, n) for n in range(150)):
        assert solve_again(item) == replay(item) == item.answer.value, item.id


def test_a_mirror_line_halves_the_way_at_a_right_angle() -> None:
    for along in ((1, 0), (0, 1), (1, 1), (1, -1)):
        for x, y in product(range(-4, 5), repeat=2):
            u, v = reflected([x, y], [1, -2], list(along))
            assert (u - x) * along[0] + (v - y) * along[1] == 0
            assert (x + u - 2) * along[1] - (y + v + 4) * along[0] == 0  # the middle lies on the line


def test_a_quarter_turn_clockwise_takes_up_to_the_right() -> None:
    assert turned([2, 7], [2, 3], 90) == [6, 3]
    for degrees in (90, 180, 270):
        assert turned(turned([5, -1], [2, 3], degrees), [2, 3], 360 - degrees) == [5, -1]


@pytest.mark.parametrize("level", LEVELS)
def test_every_corner_line_centre_and_arrow_has_its_name_in_the_picture(level: int) -> None:
    for item in items(level, "motion"):
        names = [*item.scene["names"], *(move["name"] for move in item.scene["moves"])]
        written = [mark.tag for mark in drawing(item).marks if mark.kind == "text"]
        assert all(written.count(f"name {name}") == 1 for name in names), item.id


@pytest.mark.parametrize("level", LEVELS)
def test_answers_of_motions_spread_over_the_grid(level: int) -> None:
    spots = [item.answer.value[:2] for item in items(level, "motion")]
    assert len(set(spots)) > 0.7 * len(spots)
    assert any(max(map(abs, spot)) == REACH for spot in spots)


def free(net: Net) -> Net:
    """One of the up to eight placements of a net stands for all."""
    forms = []
    for flip, swap, turn in product((1, -1), (False, True), (1, -1)):
        moved = [(flip * r, turn * c) if not swap else (turn * c, flip * r) for r, c in net]
        least = min(r for r, _ in moved), min(c for _, c in moved)
        forms.append(tuple(sorted((r - least[0], c - least[1]) for r, c in moved)))
    return frozenset(min(forms))


def closes(net: Net) -> bool:
    """Whether a die that rolls over the squares stands on six different faces."""
    start = min(net)
    stood = {start: (1, 2, 3, 4, 5, 6)}  # bottom, top, north, south, west, east
    todo = [start]
    while todo:
        row, column = todo.pop()
        bottom, top, north, south, west, east = stood[row, column]
        rolled = {
            (row - 1, column): (north, south, top, bottom, west, east),
            (row + 1, column): (south, north, bottom, top, west, east),
            (row, column - 1): (west, east, north, south, top, bottom),
            (row, column + 1): (east, west, north, south, bottom, top),
        }
        for square, faces in rolled.items():
            if square in net and square not in stood:
                stood[square] = faces
                todo.append(square)
    return len({faces[0] for faces in stood.values()}) == 6


def test_the_nets_are_all_hexominoes_that_fold_to_a_cube() -> None:
    shapes: set[Net] = {frozenset([(0, 0)])}
    for _ in range(5):
        shapes = {
            free(shape | {(r + a, c + b)})
            for shape in shapes
            for r, c in shape
            for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
            if (r + a, c + b) not in shape
        }
    assert len(shapes) == 35
    assert {shape for shape in shapes if closes(shape)} == {free(frozenset(net)) for net in NETS}


def test_a_cross_folds_as_paper_does() -> None:
    cross = {"N": (0, 1), "W": (1, 0), "T": (1, 1), "E": (1, 2), "B": (1, 3), "S": (2, 1)}
    sides = {"top": "T", "back": "N", "front": "S", "left": "W", "right": "E", "bottom": "B"}
    assert folded(cross, "T") == sides
    assert tilted(sides, "right")["right"] == "T"
    assert tilted(sides, "down")["front"] == "T"


def test_rolling_keeps_opposites_and_returns_after_four_rolls() -> None:
    sides = {side: side for side in OPPOSITE}
    for way in CYCLES:
        rolled = tilted(sides, way)
        assert all(OPPOSITE[rolled[side]] == rolled[other] for side, other in OPPOSITE.items())
        for _ in range(3):
            assert rolled != sides
            rolled = tilted(rolled, way)
        assert rolled == sides


def test_painted_faces_of_a_block_of_27() -> None:
    block = [[3] * 3 for _ in range(3)]
    faces = [number for r, c in product(range(3), repeat=2) for number in painted_faces(block, r, c)]
    assert [faces.count(number) for number in range(4)] == [2, 9, 12, 4]


@pytest.mark.parametrize("level", [2, 3, 4])
def test_hidden_cubes_are_those_that_are_not_drawn(level: int) -> None:
    for item in items(level, "stack", "hidden"):
        heights, colours, colour = item.scene["heights"], item.scene["colours"], item.scene["asked"][0]
        drawn = set()
        for mark in drawing(item).marks:
            kind, *numbers = mark.tag.split()
            if kind in ("top", "front", "side"):
                row, column, *level_ = map(int, numbers)
                drawn.add((row, column, level_[0] if level_ else heights[row][column] - 1))
        seen = sum(colours[row][column] == colour for row, column, _ in drawn)
        tops, sides, hidden = item.answer.value
        assert hidden > 0
        assert seen == tops + sides, item.id


@pytest.mark.parametrize("level", LEVELS)
def test_every_stack_shows_its_top_in_its_colour(level: int) -> None:
    for item in items(level, "stack")[:25]:
        canvas = drawing(item, 768)
        picture = canvas.image()
        for mark in canvas.marks:
            if not mark.tag.startswith("top "):
                continue
            row, column = map(int, mark.tag.split()[1:])
            left, upper, right, lower = (2 * edge for edge in mark.box)
            unit = (right - left) / 40  # 25 to the right and 15 to the left make the width
            colour, seen = canvas.shade(COLOURS[item.scene["colours"][row][column]]), 0
            for a, b in product((-0.33, 0, 0.33), repeat=2):
                x = (left + right) / 2 + unit * (25 * a - 15 * b)
                y = (upper + lower) / 2 + unit * (9 * a + 22 * b)
                seen += picture.getpixel((round(x), round(y))) == shades(colour)[0]
            assert seen >= 3, item.id


@pytest.mark.parametrize("level", LEVELS)
def test_counting_visible_cubes_alone_is_wrong(level: int) -> None:
    """Some asked cube has a cube above it, one in front of it and one to its right."""
    for item in items(level, "stack"):
        heights, colours = item.scene["heights"], item.scene["colours"]
        rows, columns = len(heights), len(heights[0])
        covered = [
            colours[r][c]
            for r, c in product(range(rows - 1), range(columns - 1))
            if min(heights[r][c] - 1, heights[r + 1][c], heights[r][c + 1]) > 0
        ]
        assert set(covered) & set(item.scene["asked"]), item.id
