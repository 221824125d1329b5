"""Tents and trees: where the tents stand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import (
    EDGE,
    STEPS,
    Board,
    cell_name,
    draw_board,
    draw_names,
    page_with_board,
)
from data_synth.families.grids.count_clues import Clue, Known, applied, bits_of, deduced, places
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GRID = {2: 6, 3: 7, 4: 7}  # by level
TENTS = {2: 6, 3: 7, 4: 8}
TRUNK = (122, 84, 50)

_SEEN = (
    "I see trees at {0}; tents per row: {1}, per column: {2}.",
    "Trees stand at {0}. Rows have {1} tents, columns {2}.",
    "There are trees at {0}, with the row numbers {1} and the column numbers {2}.",
    "The trees: {0}. Numbers of the rows {1}, of the columns {2}.",
    "At {0} there are trees; rows say {1} and columns {2}.",
    "Trees at {0}, rows {1}, columns {2}.",
)
_BEGIN = (
    "Only {0} lie beside a tree.",
    "Places beside a tree: {0}.",
    "A tent could stand at {0}.",
    "Beside trees I find {0}.",
    "Free cells next to trees are {0}.",
    "Possible places: {0}.",
)
_STEP = (
    "{0}: {1}.",
    "By {0}, {1}.",
    "From {0}: {1}.",
    "{0} gives {1}.",
    "Next {0}: {1}.",
    "With {0}, {1}.",
)
_CHECK = (
    "Check: {0} trees and {1} tents, none of which touch.",
    "There are {1} tents for {0} trees, and no two touch.",
    "All {0} trees have a tent, {1} in all, apart from each other.",
    "{1} tents stand beside {0} trees, and none beside another tent.",
    "Counted: {0} trees, {1} tents, no touching.",
    "Test: tents {1}, trees {0}; rows and columns fit too.",
)
_WRONG = "The first free place beside a tree need not be its tent, so I go by what is forced."


class Tents:
    """Pitch tents."""

    ask = (
        "Where do the tents stand?",
        "Find the cells of all tents.",
        "In which cells are the tents?",
        "Solve the puzzle and name the cells with tents.",
        "Put up the tents. Which cells do they take?",
        "Give the set of cells that hold a tent.",
        "Which cells must have tents?",
        "List the places of the tents.",
    )
    answer = "set"
    ops: Mapping[str, Op] = {
        "tents_start": Op(lambda scene: _start(scene["side"], scene["trees"]), (), "tents known"),
        "tents_clue": Op(
            lambda scene, known, *, clue: apart(scene["side"], applied(scene["clues"][clue], known)),
            ("tents known",),
            "tents known",
        ),
        "tents_read": Op(
            lambda scene, known: [cell_name(*divmod(cell, scene["side"])) for cell in places(known[0])],
            ("tents known",),
            "set",
        ),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        side = GRID[level]
        camp = _camp(rng, side, TENTS[level])
        if camp is None:
            return None
        tents, trees = camp
        counts = {
            "rows": [sum(tent // side == line for tent in tents) for line in range(side)],
            "columns": [sum(tent % side == line for tent in tents) for line in range(side)],
        }
        clues = _clues(side, trees, counts)
        order = deduced(clues, (1 << side * side) - 1, _start(side, trees), lambda known: apart(side, known))
        if order is None:
            return None
        return {"side": side, "trees": trees, **counts, "clues": [list(clue) for clue in clues], "order": order}

    def execute(self, program: Program, scene: Scene) -> None:
        known = program.do("tents_start")
        for clue in scene["order"]:
            known = program.do("tents_clue", known, clue=clue)
        program.do("tents_read", known)

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules=(
                "Cells are named like B3. Each tree has its own tent directly above, below, left or right of it. Tents"
                " do not touch, not even at corners. Blue numbers count the tents of a row or column."
            ),
            form="{cell, cell, ...}",
            features={"grid": scene["side"]},
            canon=[scene["trees"], scene["rows"], scene["columns"]],
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        side = scene["side"]
        canvas, board = page_with_board(side, side, size, figure_look(scene), (EDGE, EDGE, EDGE, EDGE))
        draw_board(canvas, board)
        draw_names(canvas, board, letters=True)
        for tree in scene["trees"]:
            _draw_tree(canvas, board, *divmod(tree, side))
        for at, (row, column) in enumerate(zip(scene["rows"], scene["columns"], strict=True)):
            blue = COLOURS["blue"]
            canvas.text(board.right + 15, board.centre(at, 0)[1], str(row), 18, colour=blue, tag=f"row count {at}")
            canvas.text(
                board.centre(0, at)[0], board.bottom + 15, str(column), 18, colour=blue, tag=f"column count {at}"
            )
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """Give each tree a tent of its own in every way that keeps the rules; None unless all ways look the same."""
        side, trees = scene["side"], [divmod(tree, scene["side"]) for tree in scene["trees"]]
        camps: set[frozenset[tuple[int, int]]] = {frozenset()}
        for row, column in trees:
            spots = [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
            spots = [(r, c) for r, c in spots if 0 <= r < side and 0 <= c < side and (r, c) not in trees]
            camps = {
                camp | {spot}
                for camp in camps
                for spot in spots
                if all(max(abs(spot[0] - r), abs(spot[1] - c)) > 1 for r, c in camp)
            }
        fits = [
            camp
            for camp in camps
            if all(sum(r == at for r, _ in camp) == number for at, number in enumerate(scene["rows"]))
            and all(sum(c == at for _, c in camp) == number for at, number in enumerate(scene["columns"]))
        ]
        return tuple(chr(65 + c) + str(r + 1) for r, c in sorted(fits[0])) if len(fits) == 1 else None

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, side = item.scene, item.scene["side"]
        numbers = [" ".join(map(str, scene[line])) for line in ("rows", "columns")]
        says = [_SEEN[variant].format(_names(side, bits_of(scene["trees"])), *numbers)]
        known = item.program[0].value
        says.append(_BEGIN[variant].format(_names(side, ((1 << side * side) - 1) & ~known[1])))
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        for step in item.program[1:-1]:
            new, gone = step.value[0] & ~known[0], step.value[1] & ~known[1]
            known = step.value
            found = [f"tent at {_names(side, new)}"] if new else []
            found += [f"no tent at {_names(side, gone)}"] if gone else []
            text = _STEP[variant].format(scene["clues"][step.args["clue"]][0], "; ".join(found))
            says.append(text[0].upper() + text[1:])
        return [*says, _CHECK[variant].format(len(scene["trees"]), len(item.answer.value))]


def _names(side: int, bits: int) -> str:
    return ", ".join(cell_name(*divmod(cell, side)) for cell in places(bits))


@cache
def _around(side: int, cell: int, corners: bool) -> int:
    """Bits of the cells beside one, those at its corners too or not."""
    row, column = divmod(cell, side)
    near = STEPS if not corners else [(r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if r or c]
    spots = ((row + r, column + c) for r, c in near)
    return bits_of([r * side + c for r, c in spots if 0 <= r < side and 0 <= c < side])


def apart(side: int, known: Known) -> Known:
    """Nothing stands around a tent."""
    yes, no = known
    for tent in places(yes):
        no |= _around(side, tent, True)
    return [yes, no]


def _start(side: int, trees: list[int]) -> Known:
    """No tent on a tree, or away from all trees."""
    beside = 0
    for tree in trees:
        beside |= _around(side, tree, False)
    return [0, (1 << side * side) - 1 & (~beside | bits_of(trees))]


def _clues(side: int, trees: list[int], counts: dict[str, list[int]]) -> list[Clue]:
    lines = []
    for at, n in enumerate(counts["rows"]):
        lines.append(Clue(f"the {n} of row {at + 1}", ((1 << side) - 1) << side * at, n, n))
    for at, n in enumerate(counts["columns"]):
        cells = bits_of(range(at, side * side, side))
        lines.append(Clue(f"the {n} of column {chr(ord('A') + at)}", cells, n, n))
    for tree in trees:
        lines.append(Clue(f"the tree at {cell_name(*divmod(tree, side))}", _around(side, tree, False), 1, 4))
    return lines


def _camp(rng: Rng, side: int, count: int) -> tuple[list[int], list[int]] | None:
    """Tents that do not touch, and a tree beside each; None if there is no room."""
    tents: list[int] = []
    trees: list[int] = []
    taken = 0  # where no tent may stand
    for cell in rng.sample(range(side * side), side * side):
        if taken >> cell & 1 or len(tents) == count:
            continue
        beside = [c for c in places(_around(side, cell, False)) if c not in tents and c not in trees]
        if beside:
            tents.append(cell)
            trees.append(rng.choice(beside))
            taken |= _around(side, cell, True) | 1 << cell | 1 << trees[-1]
    return (tents, sorted(trees)) if len(tents) == count else None


def _draw_tree(canvas: Canvas, board: Board, row: int, column: int) -> None:
    x, y = board.centre(row, column)
    unit = board.cell // 10
    canvas.rectangle((x - unit // 2 - 1, y + unit, x + unit // 2 + 1, y + 4 * unit), TRUNK, tag="trunk")
    crown = [(x, y - 4 * unit), (x + 3 * unit, y + 2 * unit), (x - 3 * unit, y + 2 * unit)]
    canvas.polygon(crown, COLOURS["green"], INK, 2, "tree")
