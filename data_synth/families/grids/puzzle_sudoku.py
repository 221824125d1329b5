"""Sudoku of 4 x 4 and 6 x 6 cells: the digits of lettered cells.

A digit is taken out of the full grid only while what is left forces it back, so the steps in reverse solve the puzzle
without a guess, and the solution is unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Any

from data_synth.english import enumeration
from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import FREE, draw_board, draw_frame, page_with_board
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GRID = (4, 4, 6, 6, 6)
BLANKS = (4, 9, 13, 18, 22)  # at most
LEAST = (4, 8, 11, 16, 19)
ASKED = (4, 4, 4, 5, 6)
BOX_ROWS = 2  # a box has n cells in two rows
SHADE = (255, 240, 196)

_SEEN = (
    "I see {0}.",
    "The rows read {0}.",
    "From the top: {0}.",
    "The grid says {0}.",
    "Given: {0}.",
    "I read {0}.",
)
_PLAN = (
    "I look for cells whose row, column and box leave one digit only, and fill those first.",
    "First come the cells for which all digits but one stand in their row, column or box.",
    "For each empty cell I collect what its row, column and box hold, and take what is missing.",
    "I go from one forced cell to the next: its row, column and box decide it.",
    "What a cell can be is limited by its row, column and box; I start where one digit is left.",
    "A cell is decided when its row, column and box exclude all other digits.",
)
_NAKED = (
    "{0} sees {1}: {2}.",
    "{0} sees {1}, which leaves {2}.",
    "Around {0} stand {1}: {2}.",
    "{0} cannot be {1}, so it is {2}.",
    "{0}: without {1} only {2} is left.",
    "{1} stand near {0}; hence {2}.",
)
_HIDDEN = (
    "{0}: in its {1} the {2} fits nowhere else.",
    "{0} is the only place for {2} in its {1}.",
    "No other cell of the {1} of {0} can be {2}.",
    "In the {1} of {0} only this cell takes {2}.",
    "{0}: its {1} has no other place for {2}.",
    "The {1} of {0} needs {2}, and just there it fits.",
)
_CHECK = (
    "Check: {0} repeat no digit.",
    "Full rows {0}: every row, column and box is complete.",
    "The grid {0} has no digit twice in a line or box.",
    "With {0} each line and box is full, without repeats.",
    "All lines and boxes of {0} hold each digit once.",
    "Looking over {0}, nothing repeats.",
)
_WRONG = "A cell with two digits left must wait: guessing one of them could go wrong, so I look for a forced one."


class Sudoku:
    """Fill in digits."""

    ask = (
        "Which digits belong in the cells {0}?",
        "Solve the puzzle. What stands in {0}?",
        "Give the digits of {0}.",
        "Find the digits for the lettered cells {0}.",
        "What are {0} in the solved grid?",
        "Fill the grid and read off {0}.",
        "The cells {0} are lettered. Name their digits.",
        "Complete the grid: which digits go into {0}?",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        "sudoku_clues": Op(lambda scene: scene["clues"], (), "digits"),
        "sudoku_fill": Op(lambda scene, digits, *, cell: _filled(digits, cell), ("digits",), "digits"),
        "sudoku_read": Op(
            lambda scene, digits: [int(digits[cell]) for cell in scene["asked"].values()], ("digits",), "tuple"
        ),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        digits = _full(rng, GRID[level])
        order: list[int] = []
        cells = list(range(len(digits)))
        rng.shuffle(cells)
        for cell in cells:
            without = digits[:cell] + "_" + digits[cell + 1 :]
            if len(order) < BLANKS[level] and forced(without, cell, hidden=level >= 3):
                digits = without
                order.append(cell)
        if len(order) < LEAST[level]:
            return None
        asked = rng.sample(order, ASKED[level])
        return {
            "clues": digits,
            "order": order[::-1],
            "asked": {chr(ord("A") + place): cell for place, cell in enumerate(asked)},
        }

    def execute(self, program: Program, scene: Scene) -> None:
        digits = program.do("sudoku_clues")
        for cell in scene["order"]:
            digits = program.do("sudoku_fill", digits, cell=cell)
        program.do("sudoku_read", digits)

    def asked(self, scene: Scene) -> Asked:
        side, names = side_of(scene["clues"]), list(scene["asked"])
        return Asked(
            rules=f"Each row, column and thick box holds 1 to {side} once.",
            form=f"({', '.join(names)})",
            features={"grid": side, "clues": side * side - len(scene["order"])},
            canon=[scene["clues"], scene["asked"]],
            words=(enumeration(names),),
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        side = side_of(scene["clues"])
        canvas, board = page_with_board(side, side, size, figure_look(scene), (FREE, FREE, FREE, FREE))
        draw_board(canvas, board)
        for name, cell in scene["asked"].items():
            row, column = divmod(cell, side)
            canvas.rectangle(board.box(row, column, 3), SHADE, tag=f"cell {name}")
            canvas.text(*board.centre(row, column), name, board.cell * 2 // 5, colour=COLOURS["blue"], tag=name)
        for cell, digit in enumerate(scene["clues"]):
            if digit != "_":
                canvas.text(*board.centre(*divmod(cell, side)), digit, board.cell // 2, tag=f"digit {cell}")
        for box_row, box_column in product(range(side // BOX_ROWS), range(BOX_ROWS)):
            left, top, _, _ = board.box(box_row * BOX_ROWS, box_column * side // BOX_ROWS)
            corner = left + board.cell * side // BOX_ROWS, top + board.cell * BOX_ROWS
            canvas.rectangle((left, top, *corner), None, INK, 3, "box")
        draw_frame(canvas, (board.left - 1, board.top - 1, board.right + 1, board.bottom + 1), 4)
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """Every way to fill the grid; None unless there is just one."""
        clues = scene["clues"]
        side = side_of(clues)
        found = _completions([0 if d == "_" else int(d) for d in clues], side)
        return tuple(found[0][cell] for cell in scene["asked"].values()) if len(found) == 1 else None

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, side = item.scene, side_of(item.scene["clues"])
        says = [_SEEN[variant].format(_rows(scene["clues"])), _PLAN[variant]]
        if scene["clues"].count("_") > len(scene["asked"]):
            says.append("I write r2c3 for row 2, column 3.")
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        names = {cell: name for name, cell in scene["asked"].items()}
        for step, before in zip(item.program[1:-1], item.program, strict=False):
            cell = step.args["cell"]
            row, column = divmod(cell, side)
            name = names.get(cell, f"r{row + 1}c{column + 1}")
            kind, digit = forced(before.value, cell, hidden=True) or ("", "")
            taken = " ".join(sorted({before.value[peer] for peer in peers(side)[cell]} - {"_"}))
            says.append((_HIDDEN if kind else _NAKED)[variant].format(name, kind or taken, digit))
        return [*says, _CHECK[variant].format(_rows(item.program[-2].value))]


def side_of(digits: str) -> int:
    return int(len(digits) ** 0.5)


@cache
def units(side: int) -> dict[str, tuple[tuple[int, ...], ...]]:
    """For rows, columns and boxes: the cells of the one that each cell lies in."""
    width = side // BOX_ROWS

    def box(cell: int) -> tuple[int, int]:
        return cell // side // BOX_ROWS, cell % side // width

    cells = range(side * side)
    return {
        "row": tuple(tuple(c for c in cells if c // side == cell // side) for cell in cells),
        "column": tuple(tuple(c for c in cells if c % side == cell % side) for cell in cells),
        "box": tuple(tuple(c for c in cells if box(c) == box(cell)) for cell in cells),
    }


@cache
def peers(side: int) -> tuple[tuple[int, ...], ...]:
    """For each cell the others of its row, column and box."""
    return tuple(
        tuple(sorted({c for unit in units(side).values() for c in unit[cell]} - {cell})) for cell in range(side * side)
    )


def forced(digits: str, cell: int, *, hidden: bool) -> tuple[str, str] | None:
    """Why an empty cell is decided, and its digit; None if it is not.

    The reason is "" where all other digits stand in cells that it sees, else (only if `hidden`) the unit in which no
    other cell can take the digit.
    """
    side = side_of(digits)
    left = _candidates(digits, cell)
    if len(left) == 1:
        return "", left[0]
    for kind, unit in units(side).items() if hidden else ():
        others = {d for c in unit[cell] if c != cell and digits[c] == "_" for d in _candidates(digits, c)}
        for digit in left:
            if digit not in others:
                return kind, digit
    return None


def _candidates(digits: str, cell: int) -> list[str]:
    side = side_of(digits)
    taken = {digits[peer] for peer in peers(side)[cell]}
    return [digit for digit in "123456"[:side] if digit not in taken]


def _filled(digits: str, cell: int) -> str:
    """Raises ValueError if the cell is not decided."""
    found = forced(digits, cell, hidden=True)
    if found is None:
        raise ValueError(f"cell {cell} of {digits} is not decided by its row, column or box")
    return digits[:cell] + found[1] + digits[cell + 1 :]


def _full(rng: Rng, side: int) -> str:
    """A full grid: a regular one with digits, lines and bands of lines in random order."""
    width = side // BOX_ROWS
    digits = rng.sample("123456"[:side], side)
    rows = _shuffled_lines(rng, side // BOX_ROWS, BOX_ROWS)
    columns = _shuffled_lines(rng, BOX_ROWS, width)
    return "".join(digits[(width * (r % BOX_ROWS) + r // BOX_ROWS + c) % side] for r in rows for c in columns)


def _shuffled_lines(rng: Rng, bands: int, lines: int) -> list[int]:
    return [band * lines + line for band in rng.sample(range(bands), bands) for line in rng.sample(range(lines), lines)]


def _completions(grid: list[int], side: int) -> list[list[int]]:
    """At most two full grids, by trying digits in the cell with the fewest candidates."""
    best: tuple[int, list[int]] | None = None
    for cell, digit in enumerate(grid):
        if digit == 0:
            row, column = divmod(cell, side)
            top, left = row // BOX_ROWS * BOX_ROWS, column // (side // BOX_ROWS) * (side // BOX_ROWS)
            seen = set(grid[row * side : row * side + side]) | set(grid[column::side])
            seen |= {grid[(top + r) * side + left + c] for r in range(BOX_ROWS) for c in range(side // BOX_ROWS)}
            left_over = [d for d in range(1, side + 1) if d not in seen]
            if best is None or len(left_over) < len(best[1]):
                best = cell, left_over
    if best is None:
        return [grid]
    found: list[list[int]] = []
    for digit in best[1]:
        found += _completions([*grid[: best[0]], digit, *grid[best[0] + 1 :]], side)
        if len(found) > 1:
            break
    return found[:2]


def _rows(digits: str) -> str:
    side = side_of(digits)
    return ", ".join(digits[at : at + side] for at in range(0, len(digits), side))
