"""Conway's game of life on a small board: how many cells of each row are alive after some generations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product
from typing import Any

from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import FREE, draw_board, draw_names, page_with_board
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GRID = {2: 5, 3: 5, 4: 6}  # by level
GENERATIONS = {2: (1, 1), 3: (2, 2), 4: (2, 3)}
COLOUR_NAMES = ("green", "blue", "purple", "orange")

_SEEN = (
    "I see the rows {0}, where 1 is alive.",
    "The board, 1 = alive: {0}.",
    "Row by row the live cells are the ones in {0}.",
    "From the top, with 1 for alive: {0}.",
    "The picture gives {0} (1 = alive, 0 = dead).",
    "Alive is written as 1: {0}.",
)
_ROW = (
    "Row {0}: neighbours {1}, so {2}.",
    "In row {0} the neighbours number {1}: {2}.",
    "Row {0} has the neighbour counts {1} and becomes {2}.",
    "{0}. row: counts {1}, next {2}.",
    "Row {0} with neighbours {1} turns into {2}.",
    "For row {0}: {1} neighbours give {2}.",
)
_GENERATION = (
    "Generation {0}:",
    "Step {0}.",
    "After {0}:",
    "Next, generation {0}.",
    "Number {0}:",
    "Generation {0} is",
)
_TOTAL = (
    "Live cells of the rows: {0}.",
    "Counting the ones gives {0}.",
    "The rows hold {0} live cells.",
    "So the counts are {0}.",
    "Row sums: {0}.",
    "That is {0} by rows.",
)
_CHECK = (
    "Check by columns: {0}; by rows {1}.",
    "The columns give {0}, the rows {1}.",
    "Counted the other way, by columns: {0}, and {1}.",
    "Columns {0}; rows {1}: the same.",
    "Both ways: {0} and {1}.",
    "Test: columns {0}, rows {1}.",
)
_WRONG = "All cells change at the same time, so I count neighbours on the old board only."


class Life:
    """Run the game of life."""

    ask = (
        "How many cells of each row are alive after {0}?",
        "Let {0} pass. Count the live cells of every row.",
        "Give the number of live cells in each row after {0}.",
        "After {0}, how many live cells does each row have?",
        "Run the game for {0}. What are the row counts of live cells?",
        "What is the number of live cells, row by row, once {0} have gone by?",
        "Work out the board after {0}: how many alive in every row, from the top?",
        "State for every row, top to bottom, its live cells after {0}.",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        "life_start": Op(lambda scene: scene["map"], (), "board"),
        "life_next": Op(lambda scene, rows: grown(rows), ("board",), "board"),
        "life_rows": Op(lambda scene, rows: [row.count("1") for row in rows], ("board",), "tuple"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        size, share = GRID[level], rng.between(30, 55)
        rows = ["".join("1" if rng.randrange(100) < share else "0" for _ in range(size)) for _ in range(size)]
        generations = rng.between(*GENERATIONS[level])
        boards = [rows]
        for _ in range(generations):
            boards.append(grown(boards[-1]))
            if boards[-1] == boards[-2] or "".join(boards[-1]).count("1") < size - 1:
                return None
        return {"map": rows, "generations": generations, "colour": rng.choice(COLOUR_NAMES)}

    def execute(self, program: Program, scene: Scene) -> None:
        rows = program.do("life_start")
        for _ in range(scene["generations"]):
            rows = program.do("life_next", rows)
        program.do("life_rows", rows)

    def asked(self, scene: Scene) -> Asked:
        generations = scene["generations"]
        return Asked(
            rules=(
                "Filled cells are alive. A live cell stays alive with 2 or 3 live cells among its eight neighbours; a"
                " dead one comes alive with exactly 3. All change at once; outside the board everything is dead."
            ),
            form="(row 1, row 2, ...)",
            features={"grid": len(scene["map"]), "generations": generations},
            canon=[scene["map"], generations],
            words=(f"{generations} generation{'s' * (generations > 1)}",),
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        grid = len(scene["map"])
        canvas, board = page_with_board(grid, grid, size, figure_look(scene))
        draw_board(canvas, board)
        draw_names(canvas, board, letters=False)
        for row, column in product(range(grid), repeat=2):
            if scene["map"][row][column] == "1":
                canvas.ellipse(board.box(row, column, FREE // 2), COLOURS[scene["colour"]], tag="alive")
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """Live cells as a set; each votes for its neighbours."""
        size = len(scene["map"])
        inside = set(product(range(size), repeat=2))
        alive = {(r, c) for r, c in inside if scene["map"][r][c] == "1"}
        for _ in range(scene["generations"]):
            votes = Counter(
                (r + dr, c + dc) for r, c in alive for dr, dc in product((-1, 0, 1), repeat=2) if (dr, dc) != (0, 0)
            )
            alive = {cell for cell, number in votes.items() if number == 3 or (number == 2 and cell in alive)} & inside
        return tuple(sum(r == row for r, _ in alive) for row in range(size))

    def explain(self, item: Item, variant: int) -> list[str]:
        boards = [step.value for step in item.program[:-1]]
        says = [_SEEN[variant].format(", ".join(boards[0]))]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        for number, (old, new) in enumerate(zip(boards, boards[1:], strict=False), 1):
            says.append(_GENERATION[variant].format(number))
            says += [
                _ROW[variant].format(row + 1, "".join(map(str, counts)), new[row])
                for row, counts in enumerate(neighbours(old))
            ]
        rows = item.answer.value
        says.append(_TOTAL[variant].format(", ".join(map(str, rows))))
        columns = [sum(text[column] == "1" for text in boards[-1]) for column in range(len(rows))]
        return [*says, _CHECK[variant].format(*(f"{' + '.join(map(str, p))} = {sum(p)}" for p in (columns, rows)))]


def neighbours(rows: list[str]) -> list[list[int]]:
    """How many of the eight cells around each are alive."""
    width = len(rows[0])
    padded = [[0] * (width + 2), *([0, *map(int, row), 0] for row in rows), [0] * (width + 2)]
    across = [[a + b + c for a, b, c in zip(row, row[1:], row[2:], strict=False)] for row in padded]
    return [
        [across[r][c] + across[r + 1][c] + across[r + 2][c] - padded[r + 1][c + 1] for c in range(width)]
        for r in range(len(rows))
    ]


def grown(rows: list[str]) -> list[str]:
    """The next generation."""
    return [
        "".join("1" if n == 3 or (n == 2 and sign == "1") else "0" for n, sign in zip(counts, row, strict=True))
        for counts, row in zip(neighbours(rows), rows, strict=True)
    ]
