"""Nonograms: the picture that the numbers of rows and columns describe, solved line by line without a guess."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import groupby, product
from typing import Any

from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import FREE, draw_board, page_with_board
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GRID = {2: 5, 3: 6, 4: 6}  # by level
FILLED = {2: (45, 65), 3: (50, 65), 4: (40, 55)}  # per cent of the cells
NUMBER, PITCH = 17, 19  # text height of a number, and from one to the next
Pattern = str  # of "0" and "1", "_" for unknown

_SEEN = (
    "I see the rows {0} and the columns {1}.",
    "Rows: {0}; columns: {1}.",
    "The row numbers are {0}, the column numbers {1}.",
    "Numbers of the rows are {0}, of the columns {1}.",
    "At the left stand {0}, at the top {1}.",
    "Clues of the rows {0}, of the columns {1}.",
)
_LINE = (
    "{0} ({1}): {2}.",
    "{0} with {1} must be {2}.",
    "{1} in {0} gives {2}.",
    "From {1}, {0} is {2}.",
    "{0}, {1}: so far {2}.",
    "Next {0}: {1} means {2}.",
)
_RULE = (
    "I write 1 for filled, 0 for empty, _ for open.",
    "Filled is 1, empty 0, and _ is not known yet.",
    "In what follows 1 is filled, 0 empty, _ open.",
    "Let 1 be filled, 0 empty and _ undecided.",
    "A 1 is a filled cell, a 0 an empty one, _ open.",
    "Signs: 1 filled, 0 empty, _ unknown.",
)
_CHECK = (
    "Check: {0} filled cells by rows and {1} by columns: {2}.",
    "The rows need {0} cells, the columns {1}, and there are {2}.",
    "Counting: {0} in the row clues, {1} in the column clues, {2} drawn.",
    "Sums agree: rows {0}, columns {1}, picture {2}.",
    "By rows {0}, by columns {1}, in the picture {2}.",
    "Row clues add up to {0}, column clues to {1}, filled are {2}.",
)
_WRONG = "A line with several ways to fit must wait; I only write what all its ways have in common."


class Nonogram:
    """Find the picture."""

    ask = (
        "Solve it and give each row, 1 for filled, 0 for empty.",
        "Which cells are filled? Write every row with 1 (filled) and 0 (empty).",
        "Find the picture; write its rows with 1 for filled and 0.",
        "Give the solution row by row: 1 filled, 0 empty.",
        "What does the picture look like? Rows in 1 (filled) and 0.",
        "Write the solved rows from the top, filled 1, empty 0.",
        "Work out the rows, each filled cell 1, each other 0.",
        "Fill the grid and list its rows as 1s (filled) and 0s.",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        "nonogram_start": Op(lambda scene: ["_" * len(scene["rows"])] * len(scene["rows"]), (), "picture"),
        "nonogram_line": Op(
            lambda scene, rows, *, line, at: _improved(rows, scene[line][at], line, at), ("picture",), "picture"
        ),
        "nonogram_read": Op(lambda scene, rows: list(rows), ("picture",), "tuple"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        side, share = GRID[level], rng.between(*FILLED[level])
        rows = ["".join("1" if rng.randrange(100) < share else "0" for _ in range(side)) for _ in range(side)]
        if "0" * side in rows:
            return None
        columns = ["".join(row[at] for row in rows) for at in range(side)]
        scene: Scene = {"rows": [runs(row) for row in rows], "columns": [runs(column) for column in columns]}
        order = _line_order(scene)
        return {**scene, "order": order} if order is not None else None

    def execute(self, program: Program, scene: Scene) -> None:
        rows = program.do("nonogram_start")
        for line, at in scene["order"]:
            rows = program.do("nonogram_line", rows, line=line, at=at)
        program.do("nonogram_read", rows)

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules="Numbers are lengths of the runs of filled cells, in order.",
            form="(row 1, row 2, ...)",
            features={"grid": len(scene["rows"])},
            canon=[scene["rows"], scene["columns"]],
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        side = len(scene["rows"])
        most = max(len(numbers) for line in ("rows", "columns") for numbers in scene[line])
        clues = 16 + PITCH * most
        canvas, board = page_with_board(side, side, size, figure_look(scene), (clues, clues, FREE, FREE))
        draw_board(canvas, board)
        for at, numbers in enumerate(scene["rows"]):
            for place, number in enumerate(reversed(numbers)):
                spot = board.left - 16 - PITCH * place, board.centre(at, 0)[1]
                canvas.text(*spot, str(number), NUMBER, tag=f"row {at} {place}")
        for at, numbers in enumerate(scene["columns"]):
            for place, number in enumerate(reversed(numbers)):
                spot = board.centre(0, at)[0], board.top - 16 - PITCH * place
                canvas.text(*spot, str(number), NUMBER, tag=f"column {at} {place}")
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """Rows from the top, given up as soon as a column has begun wrongly; None unless one picture is left."""
        side = len(scene["rows"])
        choices = [
            [bits for bits in product((0, 1), repeat=side) if _lengths(bits) == numbers] for numbers in scene["rows"]
        ]
        found: list[tuple[tuple[int, ...], ...]] = [()]
        for number, row_choices in enumerate(choices, 1):
            found = [
                picture
                for picture in ((*rows, row) for rows in found for row in row_choices)
                if all(
                    _begins(column, scene["columns"][at], number == side)
                    for at, column in enumerate(zip(*picture, strict=True))
                )
            ]
        return tuple("".join(map(str, row)) for row in found[0]) if len(found) == 1 else None

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        clues = {line: [" ".join(map(str, numbers)) for numbers in scene[line]] for line in ("rows", "columns")}
        says = [_SEEN[variant].format(", ".join(clues["rows"]), ", ".join(clues["columns"])), _RULE[variant]]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        for step in item.program[1:-1]:
            line, at = step.args["line"], step.args["at"]
            now = step.value[at] if line == "rows" else "".join(row[at] for row in step.value)
            says.append(_LINE[variant].format(f"{line[:-1]} {at + 1}", clues[line][at], now).capitalize())
        sums = [sum(map(sum, scene[line])) for line in ("rows", "columns")]
        return [*says, _CHECK[variant].format(*sums, "".join(item.answer.value).count("1"))]


def runs(line: Pattern) -> list[int]:
    """Lengths of the runs of 1, or [0] if there are none."""
    return [len(run) for run in line.replace("0", " ").split()] or [0]


@cache
def _fitting(side: int, numbers: tuple[int, ...]) -> tuple[Pattern, ...]:
    """All lines with these runs."""
    lines = ("".join(bits) for bits in product("01", repeat=side))
    return tuple(line for line in lines if tuple(runs(line)) == numbers)


@cache
def narrowed(numbers: tuple[int, ...], known: Pattern) -> Pattern:
    """What all lines with these runs that agree with what is known have in common."""
    fitting = [
        line
        for line in _fitting(len(known), numbers)
        if all(sign in ("_", bit) for sign, bit in zip(known, line, strict=True))
    ]
    return "".join(bits[0] if len(set(bits)) == 1 else "_" for bits in zip(*fitting, strict=True))


def _improved(rows: list[Pattern], numbers: list[int], line: str, at: int) -> list[Pattern]:
    if line == "rows":
        return [*rows[:at], narrowed(tuple(numbers), rows[at]), *rows[at + 1 :]]
    column = narrowed(tuple(numbers), "".join(row[at] for row in rows))
    return [row[:at] + sign + row[at + 1 :] for row, sign in zip(rows, column, strict=True)]


def _line_order(scene: Scene) -> list[list[Any]] | None:
    """The lines to look at, each of which tells something new, until all is known; None if that is not enough."""
    rows = ["_" * len(scene["rows"])] * len(scene["rows"])
    order: list[list[Any]] = []
    lines = [(line, at) for line in ("rows", "columns") for at in range(len(rows))]
    while any("_" in row for row in rows):
        before = len(order)
        for line, at in lines:
            new = _improved(rows, scene[line][at], line, at)
            if new != rows:
                rows = new
                order.append([line, at])
        if len(order) == before:
            return None
    return order


def _lengths(bits: tuple[int, ...]) -> list[int]:
    return [len(list(group)) for bit, group in groupby(bits) if bit] or [0]


def _begins(column: tuple[int, ...], numbers: list[int], whole: bool) -> bool:
    """Whether a column, or the top of one, can have these runs."""
    found = _lengths(column)
    if whole:
        return found == numbers
    if not any(column):
        return True
    *done, last = found
    if len(found) > len(numbers) or done != numbers[: len(done)]:
        return False
    return last <= numbers[len(done)] if column[-1] else last == numbers[len(done)]
