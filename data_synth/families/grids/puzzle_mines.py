"""Minesweeper: which covered cells hold mines, from what the open cells count."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import Board, cell_name, draw_board, draw_names, page_with_board
from data_synth.families.grids.count_clues import Clue, Known, applied, bits_of, deduced, places
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import PAPER
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GRID = {1: 5, 2: 5, 3: 6, 4: 6}  # by level
MINES = {1: 4, 2: 5, 3: 6, 4: 7}
SAFE = {1: (3, 4), 2: (5, 7), 3: (6, 8), 4: (8, 11)}  # covered cells without a mine
COVER, LIGHT, DARK = (150, 160, 178), (190, 198, 212), (108, 118, 136)

_SEEN = (
    "I see the rows {0}, where x is covered.",
    "The rows read {0}, with x for a covered cell.",
    "From the top: {0}; x is covered.",
    "The board says {0} (x covered).",
    "Covered cells are x: {0}.",
    "I read {0}, x for covered.",
)
_MINE = (
    "{0} touches as many covered cells as it has mines left: mines at {1}.",
    "All that {0} has left are mines: {1}.",
    "For {0} every open question is a mine: {1}.",
    "{0} needs all of its cells, so mines at {1}.",
    "By {0}, mines are at {1}.",
    "{0} leaves no choice: mines at {1}.",
)
_FREE = (
    "{0} has its mines, so {1} is safe.",
    "Nothing more for {0}: safe {1}.",
    "The mines of {0} are found; safe: {1}.",
    "{0} is complete, so {1} holds no mine.",
    "By {0}, no mine at {1}.",
    "{0} is satisfied, which clears {1}.",
)
_CHECK = (
    "Check: {0} covered cells, {1} mines, {2} safe: {3}.",
    "Of {0} covered cells {1} are mines and {2} safe: {3}.",
    "That decides all {0}: {1} mines, {2} safe; {3}.",
    "Mines {1}, safe {2}, covered {0}: {3}.",
    "None is left open: {3}, that is {1} mines and {2} safe of {0}.",
    "Counted: {1} mines, {2} safe, {0} covered, as {3}.",
)
_WRONG = "A number that is larger than its found mines does not tell yet which cell it is, so I look for another."


class Mines:
    """Find mines."""

    ask = (
        "Which cells hold mines?",
        "Where are the mines?",
        "Find all mines.",
        "Name every covered cell with a mine.",
        "List the mines of the board.",
        "Give the set of cells that hide a mine.",
        "In which covered cells must mines lie?",
        "Mark the mines: which cells are they?",
    )
    answer = "set"
    ops: Mapping[str, Op] = {
        "mines_start": Op(lambda scene: [0, 0], (), "mines known"),
        "mines_clue": Op(
            lambda scene, known, *, clue: applied(scene["clues"][clue], known), ("mines known",), "mines known"
        ),
        "mines_read": Op(
            lambda scene, known: [cell_name(*divmod(cell, len(scene["map"]))) for cell in places(known[0])],
            ("mines known",),
            "set",
        ),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        """Cover mines and some safe cells; open those of the latter that cannot be decided."""
        side = GRID[level]
        cells = rng.sample(range(side * side), side * side)
        count, more = MINES[level], rng.between(*SAFE[level])
        mines, covered = bits_of(cells[:count]), bits_of(cells[: count + more])
        clues = _clues(side, mines, covered)
        order = deduced(clues, covered, [0, 0], lambda known: known)
        if order is None:
            return None
        rows = [
            "".join("x" if covered >> cell & 1 else str((mines & _near(side, cell)).bit_count()) for cell in line)
            for line in (range(side * row, side * row + side) for row in range(side))
        ]
        return {"map": rows, "clues": [list(clue) for clue in clues], "order": order}

    def execute(self, program: Program, scene: Scene) -> None:
        known = program.do("mines_start")
        for clue in scene["order"]:
            known = program.do("mines_clue", known, clue=clue)
        program.do("mines_read", known)

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules="Cells are named like B3. A number counts the mines in the cells around it, corners included.",
            form="{cell, cell, ...}",
            features={"grid": len(scene["map"]), "covered": "".join(scene["map"]).count("x")},
            canon=scene["map"],
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        side = len(scene["map"])
        canvas, board = page_with_board(side, side, size, figure_look(scene))
        draw_board(canvas, board, PAPER)
        draw_names(canvas, board, letters=True)
        for row, column in product(range(side), repeat=2):
            sign = scene["map"][row][column]
            if sign == "x":
                _draw_cover(canvas, board, row, column)
            else:
                canvas.text(*board.centre(row, column), sign, board.cell // 2, tag=f"number {row} {column}")
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """Try both for every covered cell, given up where a number no longer fits; None unless one way is left."""
        rows = scene["map"]
        covered = [(r, c) for r, row in enumerate(rows) for c, sign in enumerate(row) if sign == "x"]
        numbers = {(r, c): int(sign) for r, row in enumerate(rows) for c, sign in enumerate(row) if sign != "x"}
        near = {
            spot: {(spot[0] + r, spot[1] + c) for r, c in product((-1, 0, 1), repeat=2)} & set(covered)
            for spot in numbers
        }
        ways: list[frozenset[tuple[int, int]]] = [frozenset()]
        for number, cell in enumerate(covered, 1):
            left = set(covered[number:])
            touched = [spot for spot in numbers if cell in near[spot]]
            ways = [
                way
                for way in (w | extra for w in ways for extra in (frozenset(), frozenset({cell})))
                if all(0 <= numbers[spot] - len(near[spot] & way) <= len(near[spot] & left) for spot in touched)
            ]
        return tuple(chr(65 + c) + str(r + 1) for r, c in sorted(ways[0])) if len(ways) == 1 else None

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, side = item.scene, len(item.scene["map"])
        says = [_SEEN[variant].format(", ".join(scene["map"]))]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        known: Known = [0, 0]
        for step in item.program[1:-1]:
            new, gone = step.value[0] & ~known[0], step.value[1] & ~known[1]
            known = step.value
            text = scene["clues"][step.args["clue"]][0]
            text = (_MINE if new else _FREE)[variant].format(text, _names(side, new or gone))
            says.append(text[0].upper() + text[1:])
        mines, covered = len(item.answer.value), "".join(scene["map"]).count("x")
        total = f"{mines} + {covered - mines} = {covered}"
        return [*says, _CHECK[variant].format(covered, mines, covered - mines, total)]


def _names(side: int, bits: int) -> str:
    return ", ".join(cell_name(*divmod(cell, side)) for cell in places(bits))


def _near(side: int, cell: int) -> int:
    """Bits of the up to eight cells around one."""
    row, column = divmod(cell, side)
    spots = ((row + r, column + c) for r, c in product((-1, 0, 1), repeat=2) if r or c)
    return bits_of([r * side + c for r, c in spots if 0 <= r < side and 0 <= c < side])


def _clues(side: int, mines: int, covered: int) -> list[Clue]:
    """One of each open cell that touches a covered one."""
    clues = []
    for cell in range(side * side):
        near = _near(side, cell)
        if not covered >> cell & 1 and near & covered:
            number = (near & mines).bit_count()
            clues.append(Clue(f"the {number} at {cell_name(*divmod(cell, side))}", near & covered, number, number))
    return clues


def _draw_cover(canvas: Canvas, board: Board, row: int, column: int) -> None:
    """A raised tile, light from the upper left."""
    left, top, right, bottom = board.box(row, column, 2)
    canvas.rectangle((left, top, right, bottom), DARK, tag="cover")
    canvas.rectangle((left, top, right - 3, bottom - 3), LIGHT, tag="cover")
    canvas.rectangle((left + 3, top + 3, right - 3, bottom - 3), COVER, tag="cover")
