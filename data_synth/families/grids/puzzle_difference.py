"""Spot the difference: two pictures of shapes in cells, and the cells that differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import cell_name, draw_board, draw_names, page_with_board
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES, draw_shape
from data_synth.render.style import figure_look
from data_synth.rng import Rng

SHAPE = ((3, 5), (3, 5), (4, 6), (4, 7), (5, 8))  # rows, columns; wide, so that two pictures cost little
DIFFERENT = (2, 3, 4, 5, 6)
COLOUR_COUNT = (4, 5, 6, 7, 8)
EMPTY = (0, 10, 15, 15, 15)  # per cent of the cells
SIZES = {"large": 76, "small": 46}  # width of a shape, per cent of its cell
Look = list[str]  # size, colour, shape; [] for an empty cell

_SEEN = (
    "I see two boards of {0} x {1} shapes.",
    "Both pictures show {0} x {1} cells of shapes, which I compare row after row.",
    "There are two {0} x {1} boards with shapes; I go through their rows.",
    "Two pictures, {0} x {1} cells each: I compare shape, colour and size by rows.",
    "The boards have {0} x {1} cells; I hold each row of one against that of the other.",
    "Image 1 and image 2 hold {0} x {1} cells with shapes; I go row by row.",
)
_ROW = (
    "Row {0}: {1}.",
    "In row {0}, {1}.",
    "{0}: {1}.",
    "Row {0} has {1}.",
    "Row {0} gives {1}.",
    "Then row {0}: {1}.",
)
_ONE = (
    "{0} ({1}, then {2})",
    "{0} with {1} against {2}",
    "{0}, {1} and {2}",
    "{0} changed from {1} to {2}",
    "{0}: first {1}, second {2}",
    "{0}, where {1} became {2}",
)
_SAME = ("equal", "nothing new", "all equal", "the same shapes", "no change", "no difference")
_COLUMNS = (
    "By columns I count {}.",
    "Once more, column by column: {}.",
    "The columns have {}.",
    "Differences in each column: {}.",
    "A second look, down the columns: {}.",
    "Counted by columns there are {}.",
)
_CHECK = (
    "Check: {0} differ, {1} are equal, of {2}.",
    "That makes {0} different cells; the other {1} of {2} agree.",
    "Of {2} cells {1} agree, and {0} do not.",
    "That makes {0} again, of {2} cells in all; {1} are equal.",
    "So {0} cells differ and {1} agree, {2} in all.",
    "The other {1} of the {2} cells look alike, so there are {0}.",
)
_WRONG = "At first sight the boards look alike, and colour alone is not enough: shape and size may change too."


class Difference:
    """Compare two pictures."""

    ask = (
        "In which cells do the two images differ?",
        "Find all differences between image 1 and image 2.",
        "Which cells changed from the first image to the second?",
        "Compare the images. Which cells are not the same?",
        "Spot the differences and name their cells.",
        "Name every cell that looks different in image 2.",
        "Where is the second image unlike the first?",
        "List the cells in which the two boards disagree.",
    )
    answer = "set"
    ops: Mapping[str, Op] = {
        "difference_row": Op(lambda scene, *, row: _row_differences(scene, row), (), "set"),
        "difference_all": Op(lambda scene, *rows: [cell for row in rows for cell in row], ("set", "..."), "set"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        (rows, columns), colours = SHAPE[level], rng.sample(list(COLOURS), COLOUR_COUNT[level])
        kinds = ("shape", "colour", "empty", "size")[: 2 if level == 0 else 3 if level < 3 else 4]
        first = [_look(rng, colours, level) for _ in range(rows * columns)]
        second = list(first)
        for cell in rng.sample(range(rows * columns), DIFFERENT[level]):
            second[cell] = _changed(rng, first[cell], rng.choice(kinds), colours, level)
        return {"rows": rows, "columns": columns, "looks": [first, second]}

    def execute(self, program: Program, scene: Scene) -> None:
        program.do("difference_all", *(program.do("difference_row", row=row) for row in range(scene["rows"])))

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules="Cells are named like B3.",
            form="{cell, cell, ...}",
            features={"cells": scene["rows"] * scene["columns"]},
            canon=scene["looks"],
            pictures=2,
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        columns, canvases = scene["columns"], []
        for looks in scene["looks"]:
            canvas, board = page_with_board(scene["rows"], columns, size, figure_look(scene))
            draw_board(canvas, board)
            draw_names(canvas, board, letters=True)
            for cell, look in enumerate(looks):
                row, column = divmod(cell, columns)
                if look:
                    inset = board.cell * (100 - SIZES[look[0]]) // 200
                    draw_shape(canvas, look[2], look[1], board.box(row, column, inset), f"shape {cell}")
            canvases.append(canvas)
        return canvases

    def solve(self, scene: Scene) -> Any:
        """What stands in one picture and not in the other."""
        one, other = ({(cell, *look) for cell, look in enumerate(looks)} for looks in scene["looks"])
        found = sorted({thing[0] for thing in one ^ other})
        return tuple("ABCDEFGH"[cell % scene["columns"]] + str(cell // scene["columns"] + 1) for cell in found)

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, columns = item.scene, item.scene["columns"]
        says = [_SEEN[variant].format(scene["rows"], columns)]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        first, second = scene["looks"]
        for row, step in enumerate(item.program[:-1]):
            cells = [cell for cell in range(row * columns, row * columns + columns) if first[cell] != second[cell]]
            found = [
                _ONE[variant].format(name, *_both(first[cell], second[cell]))
                for name, cell in zip(step.value, cells, strict=True)
            ]
            says.append(_ROW[variant].format(row + 1, "; ".join(found) or _SAME[variant]))
        differ = [a != b for a, b in zip(first, second, strict=True)]
        counts = (f"{letter} {sum(differ[column::columns])}" for column, letter in enumerate("ABCDEFGH"[:columns]))
        says.append(_COLUMNS[variant].format(", ".join(counts)))
        number, total = len(item.answer.value), len(first)
        return [*says, _CHECK[variant].format(number, total - number, total)]


def _look(rng: Rng, colours: list[str], level: int) -> Look:
    if rng.randrange(100) < EMPTY[level]:
        return []
    return [rng.choice(list(SIZES)) if level >= 3 else "large", rng.choice(colours), rng.choice(SHAPES)]


def _changed(rng: Rng, look: Look, kind: str, colours: list[str], level: int) -> Look:
    """The same but for one thing; an empty cell gets a shape."""
    if not look:
        return ["large", rng.choice(colours), rng.choice(SHAPES)]
    size, colour, shape = look
    if kind == "empty":
        return []
    if kind == "size":
        return ["small" if size == "large" else "large", colour, shape]
    if kind == "colour":
        return [size, rng.choice([other for other in colours if other != colour]), shape]
    return [size, colour, rng.choice([other for other in SHAPES if other != shape])]


def _row_differences(scene: Scene, row: int) -> list[str]:
    start, (first, second) = row * scene["columns"], scene["looks"]
    return [
        cell_name(row, column) for column in range(scene["columns"]) if first[start + column] != second[start + column]
    ]


def _both(first: Look, second: Look) -> tuple[str, str]:
    """What stands in each picture; sizes are said where they differ."""
    if not first or not second:
        return " ".join(first[1:]) or "nothing", " ".join(second[1:]) or "nothing"
    start = 0 if first[0] != second[0] else 1
    return " ".join(first[start:]), " ".join(second[start:])
