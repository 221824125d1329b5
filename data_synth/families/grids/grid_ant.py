"""Langton's ant: where it stands after some steps, and how many cells are dark then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import (
    EDGE,
    HEADINGS,
    STEPS,
    draw_board,
    draw_names,
    draw_walker,
    page_with_board,
)
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, Colour
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GRID = {2: 6, 3: 7, 4: 8}  # by level
TURNS = {2: (5, 7), 3: (8, 10), 4: (11, 13)}  # steps, least and most
DARK: Colour = (96, 104, 122)
State = list[Any]  # row, column, heading, rows of "#" (dark) and "." (white)

_SEEN = (
    "I see the ant at {0}, heading {1}, on rows of white (w) and dark (d) cells: {2}.",
    "The ant starts at {0} and looks {1}; the rows (d dark, w white) are {2}.",
    "Dark (d) and white (w) cells by row: {2}; the ant is at {0}, facing {1}.",
    "The board reads {2}, with d for dark and w for white, and the ant at {0} looks {1}.",
    "Ant: {0}, facing {1}; the board, d dark and w white, is {2}.",
    "From the top the rows are {2} (d dark, w white); the ant stands at {0} with its head {1}.",
)
_STEP = (
    "{0}. {1} is {2}: it turns {3}, {4} to {5}.",
    "Step {0}: {2} at {1}, so {3}; it goes {4} to {5}.",
    "{0}: cell {1} {2}, turn {3}, then {4} to {5}.",
    "Step {0}: from {1} ({2}) it turns {3} and moves {4} to {5}.",
    "No. {0}: {1} was {2}, hence {3}, and {4} to {5}.",
    "{0}: the ant on {2} {1} turns {3} and walks {4} to {5}.",
)
_COUNT = (
    "Rows now: {0}, dark cells: {1}.",
    "Now the board is {0}: {1} dark.",
    "At the end {0}, and the number of dark cells is {1}.",
    "The rows end as {0}; of the cells I count {1} dark.",
    "Final board {0}, dark cells: {1}.",
    "That leaves {0}, {1} of them dark.",
)
_CHECK = (
    "Check: of the cells, {0} became dark and {1} white: {2}.",
    "By changes: {0} darkened, {1} cleared, so {2}.",
    "Each step changes one cell, {0} to dark and {1} to white: {2}.",
    "Counting steps: {0} on white, {1} on dark; {2}.",
    "Moves from white: {0}; moves from dark: {1}; {2}.",
    "New dark cells: {0}, new white ones: {1}; {2}.",
)
_WRONG = "A cell that was visited before has its new colour by now, so I keep track of the changes."


class Ant:
    """Follow Langton's ant."""

    ask = (
        "Where is the ant after {0} steps, and how many cells are dark then?",
        "Let the ant make {0} steps. Which cell is it in, and how many dark cells are there?",
        "Give the ant's cell after {0} steps and the number of dark cells.",
        "After {0} steps: what are the ant's row and column, and how many dark cells has the board?",
        "The ant walks {0} steps. Where does it stand, and how many cells are dark at that moment?",
        "Run {0} steps. State the place of the ant and count the dark cells.",
        "Simulate {0} steps of the ant: its final row and column, and the dark cells in the end?",
        "In which cell does the ant arrive with step {0}, and how much of the board (in cells) is dark?",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        "ant_start": Op(lambda scene: [*scene["start"], scene["map"]], (), "ant"),
        "ant_step": Op(lambda scene, state: stepped(state), ("ant",), "ant"),
        "ant_dark": Op(lambda scene, state: "".join(state[3]).count("#"), ("ant",), "integer"),
        "ant_report": Op(lambda scene, state, dark: [state[0] + 1, state[1] + 1, dark], ("ant", "integer"), "tuple"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        """Backwards from a uniform end: Langton's ant can be reversed."""
        size, turns = GRID[level], rng.between(*TURNS[level])
        share = rng.between(20, 60)
        rows = ["".join("#" if rng.randrange(100) < share else "." for _ in range(size)) for _ in range(size)]
        state: State | None = [rng.randrange(size), rng.randrange(size), rng.randrange(4), rows]
        for _ in range(turns):
            state = stepped_back(state)
            if state is None:
                return None
        return {"map": state[3], "start": state[:3], "turns": turns} if state is not None else None

    def execute(self, program: Program, scene: Scene) -> None:
        state = program.do("ant_start")
        for _ in range(scene["turns"]):
            state = program.do("ant_step", state)
        program.do("ant_report", state, program.do("ant_dark", state))

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules=(
                "Rows and columns are numbered. In each step the ant turns right on a white cell and left on a dark"
                " one, changes the colour of that cell and moves one cell forward."
            ),
            form="(row, column, dark cells)",
            features={"grid": len(scene["map"]), "turns": scene["turns"]},
            canon=[scene["map"], scene["start"], scene["turns"]],
            words=(scene["turns"],),
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        grid = len(scene["map"])
        canvas, board = page_with_board(grid, grid, size, figure_look(scene), (EDGE, EDGE, EDGE, EDGE))
        draw_board(canvas, board)
        draw_names(canvas, board, letters=False)
        for row, text in enumerate(scene["map"]):
            for column, sign in enumerate(text):
                if sign == "#":
                    canvas.rectangle(board.box(row, column, 1), DARK, tag="dark")
        draw_walker(canvas, board, scene["start"], COLOURS["orange"], "ant")
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """A set of dark cells and complex directions."""
        dark = {complex(c, r) for r, text in enumerate(scene["map"]) for c, sign in enumerate(text) if sign == "#"}
        row, column, heading = scene["start"]
        place, way = complex(column, row), -1j * 1j**heading
        for _ in range(scene["turns"]):
            way *= -1j if place in dark else 1j
            dark ^= {place}
            place += way
        return int(place.imag) + 1, int(place.real) + 1, len(dark)

    def explain(self, item: Item, variant: int) -> list[str]:
        states = [step.value for step in item.program[:-2]]
        first, last, darkened = states[0], states[-1], 0
        says = [_SEEN[variant].format(_cell(first), HEADINGS[first[2]], _board(first))]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        for number, (before, state) in enumerate(zip(states, states[1:], strict=False), 1):
            white = before[3][before[0]][before[1]] == "."
            darkened += white
            words = (("white", "right") if white else ("dark", "left"), HEADINGS[state[2]], _cell(state))
            says.append(_STEP[variant].format(number, _cell(before), *words[0], *words[1:]))
        dark, had = item.answer.value[2], "".join(first[3]).count("#")
        says.append(_COUNT[variant].format(_board(last), dark))
        cleared = len(states) - 1 - darkened
        return [*says, _CHECK[variant].format(darkened, cleared, f"{had} + {darkened} - {cleared} = {dark}")]


def stepped(state: State) -> State:
    """One step: turn by the cell's colour, change it, move."""
    row, column, heading, rows = state
    heading = (heading + (1 if rows[row][column] == "." else 3)) % 4
    down, across = STEPS[heading]
    return [row + down, column + across, heading, flipped(rows, row, column)]


def stepped_back(state: State | None) -> State | None:
    """The state from which one step leads here, or None if that is outside."""
    if state is None:
        return None
    row, column, heading, rows = state
    down, across = STEPS[heading]
    row, column = row - down, column - across
    if not (0 <= row < len(rows) and 0 <= column < len(rows)):
        return None
    rows = flipped(rows, row, column)
    return [row, column, (heading + (3 if rows[row][column] == "." else 1)) % 4, rows]


def flipped(rows: list[str], row: int, column: int) -> list[str]:
    """The board with one cell in the other colour."""
    text = rows[row]
    sign = "." if text[column] == "#" else "#"
    return [*rows[:row], text[:column] + sign + text[column + 1 :], *rows[row + 1 :]]


def _board(state: State) -> str:
    return ", ".join(text.translate(str.maketrans("#.", "dw")) for text in state[3])


def _cell(state: State) -> str:
    return f"({state[0] + 1}, {state[1] + 1})"
