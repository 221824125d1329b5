"""A robot that follows commands among walls: where it ends, and which way it looks."""

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
from data_synth.render.palette import COLOURS
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GRID = (6, 6, 7, 8, 9)
WALLS = ((2, 3), (3, 5), (6, 8), (9, 12), (12, 16))
COMMANDS = ((3, 3), (5, 5), (7, 9), (11, 13), (15, 19))  # odd: ways and turns alternate, ways first and last
LONGEST = 4  # cells that one command goes
BUMPS = (0.0, 0.0, 0.5, 0.6, 0.7)  # how often a way that ends at a wall is meant to go on
LINE_LENGTH = 11  # commands in a line of the picture
WALL = (72, 78, 92)

_SEEN = (
    "I see a grid of {0} x {0} cells; the robot is at {1}, facing {2}. Commands: {3}.",
    "The robot stands at {1} and looks {2}, on a board of {0} x {0} cells; it gets {3}.",
    "A board of {0} x {0} cells: robot at {1} facing {2}, commands {3}.",
    "Start at {1}, facing {2}, on {0} x {0} cells; the list says {3}.",
    "On the {0} x {0} grid the robot begins at {1} facing {2}, with {3} to do.",
    "The commands are {3}; the robot at {1} faces {2}, on {0} x {0} cells.",
)
_GONE = (
    "{0}: to {1}{2}.",
    "{0} leads to {1}{2}.",
    "After {0} it is at {1}{2}.",
    "{0}, so {1}{2}.",
    "With {0} it reaches {1}{2}.",
    "Then {0}: {1}{2}.",
)
_STOPPED = (
    ", stopped by a wall",
    ", where something blocks it",
    " and no further: blocked",
    ", for it cannot go on",
    ", halted",
    ", blocked there",
)
_TURNED = (
    "{0}: facing {1}.",
    "{0} turns it {1}.",
    "After {0} it looks {1}.",
    "{0}, so now {1}.",
    "With {0} it faces {1}.",
    "Then {0}: {1}.",
)
_CHECK = (
    "Check: rows {0}, columns {1}.",
    "Summed up: rows {0}, columns {1}.",
    "In all, for rows {0} and for columns {1}.",
    "All ways together: rows {0}, columns {1}.",
    "Test by sums: rows {0}; columns {1}.",
    "Rows give {0}, columns {1}, as found.",
)
_WRONG = (
    "Turning must be seen from the robot: if it looks down, its left is the right of the picture.",
    "It would be wrong to count on through a dark cell: there the robot stops, and the rest of the command is lost.",
)


class Robot:
    """Follow commands."""

    ask = (
        "Where does the robot end, and which way does it face?",
        "What are the robot's last cell and heading?",
        "Follow the commands. Where does the robot stop, facing which way?",
        "Give the final cell and direction of the robot.",
        "After all commands, where is the robot and where does it look?",
        "In which cell does the robot finish, and facing where?",
        "Carry out the commands: final row, column and heading?",
        "To which cell do the commands lead, and to which heading?",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        "robot_start": Op(lambda scene: list(scene["start"]), (), "robot"),
        "robot_do": Op(lambda scene, state, *, command: obeyed(scene["map"], state, command), ("robot",), "robot"),
        "robot_report": Op(lambda scene, state: [state[0] + 1, state[1] + 1, HEADINGS[state[2]]], ("robot",), "tuple"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        """Backwards from a uniform end: each command is chosen with the state that it starts from."""
        size = GRID[level]
        walls = set(rng.sample(range(size * size), rng.between(*WALLS[level])))
        rows = ["".join("#" if row * size + column in walls else "." for column in range(size)) for row in range(size)]
        state = [rng.randrange(size), rng.randrange(size), rng.randrange(4)]
        if blocked(rows, *state[:2]):
            return None
        end, commands = state[:2], []
        for number in range(rng.between(*COMMANDS[level]) // 2 * 2 + 1):
            found = _turn_before(rng, rows, state) if number % 2 else _way_before(rng, rows, state, BUMPS[level])
            if found is None:
                return None
            command, state = found
            commands.append(command)
        return {"map": rows, "start": state, "commands": commands[::-1]} if state[:2] != end else None

    def execute(self, program: Program, scene: Scene) -> None:
        state = program.do("robot_start")
        for command in scene["commands"]:
            state = program.do("robot_do", state, command=command)
        program.do("robot_report", state)

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules="F2: two cells forward. L, R: turn on the spot. Dark cells and edges stop the robot. "
            "It faces up, right, down or left.",
            form="(row, column, facing)",
            features={"grid": len(scene["map"]), "commands": len(scene["commands"])},
            canon=[scene["map"], scene["start"], scene["commands"]],
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        commands, grid = scene["commands"], len(scene["map"])
        lines = [commands[at : at + LINE_LENGTH] for at in range(0, len(commands), LINE_LENGTH)]
        margins = (EDGE, EDGE, EDGE, 18 + 24 * len(lines))
        canvas, board = page_with_board(grid, grid, size, figure_look(scene), margins)
        draw_board(canvas, board)
        draw_names(canvas, board, letters=False)
        for row, text in enumerate(scene["map"]):
            for column, sign in enumerate(text):
                if sign == "#":
                    canvas.rectangle(board.box(row, column, 2), WALL, tag="wall")
        draw_walker(canvas, board, scene["start"], COLOURS["orange"], "robot")
        for number, line in enumerate(lines):
            canvas.text(canvas.width // 2, board.bottom + 22 + 24 * number, "  ".join(line), 16, tag="commands")
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """In the complex plane, one cell at a time; a turn is a multiplication by i or -i."""
        free = {complex(c, r) for r, text in enumerate(scene["map"]) for c, sign in enumerate(text) if sign == "."}
        row, column, heading = scene["start"]
        place, way = complex(column, row), -1j * 1j**heading
        for command in scene["commands"]:
            if command in "LR":
                way *= 1j if command == "R" else -1j
                continue
            for _ in range(int(command[1:])):
                place += way if place + way in free else 0
        facing = {-1j: "up", 1: "right", 1j: "down", -1: "left"}[way]
        return int(place.imag) + 1, int(place.real) + 1, facing

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, states = item.scene, [step.value for step in item.program[:-1]]
        start = _cell(states[0]), HEADINGS[states[0][2]]
        says = [_SEEN[variant].format(len(scene["map"]), *start, " ".join(scene["commands"]))]
        says.append("Cells are (row, column) from the top left.")
        if variant % 2 and item.level >= 2:
            says.append(_WRONG[variant // 3])
        for before, state, command in zip(states, states[1:], scene["commands"], strict=False):
            if command in "LR":
                says.append(_TURNED[variant].format(command, HEADINGS[state[2]]))
                continue
            gone = abs(state[0] - before[0]) + abs(state[1] - before[1])
            stop = _STOPPED[variant] if gone < int(command[1:]) else ""
            says.append(_GONE[variant].format(command, _cell(state), stop))
        return [*says, _CHECK[variant].format(_sum(states, 0), _sum(states, 1))]


def blocked(rows: list[str], row: int, column: int) -> bool:
    """Whether a cell is a wall or outside."""
    return not (0 <= row < len(rows) and 0 <= column < len(rows)) or rows[row][column] == "#"


def obeyed(rows: list[str], state: list[int], command: str) -> list[int]:
    """The state after a command: F and a number of cells, L or R."""
    row, column, heading = state
    if command in ("L", "R"):
        return [row, column, (heading + (1 if command == "R" else 3)) % 4]
    down, across = STEPS[heading]
    for _ in range(int(command[1:])):
        if blocked(rows, row + down, column + across):
            break
        row, column = row + down, column + across
    return [row, column, heading]


def _way_before(rng: Rng, rows: list[str], state: list[int], bumps: float) -> tuple[str, list[int]] | None:
    """A way of 1 .. LONGEST cells that ends in this state, and where it starts."""
    row, column, heading = state
    down, across = STEPS[heading]
    room = 0
    while room < LONGEST and not blocked(rows, row - down * (room + 1), column - across * (room + 1)):
        room += 1
    if room == 0:
        return None
    gone = rng.between(1, room)
    meant = gone
    if blocked(rows, row + down, column + across) and rng.chance(bumps):
        meant += rng.between(1, 2)
    return f"F{meant}", [row - down * gone, column - across * gone, heading]


def _turn_before(rng: Rng, rows: list[str], state: list[int]) -> tuple[str, list[int]] | None:
    """A turn that ends in this state, such that a way can come before it."""
    row, column, heading = state
    for turn in rng.sample("LR", 2):
        before = (heading + (3 if turn == "R" else 1)) % 4
        down, across = STEPS[before]
        if not blocked(rows, row - down, column - across):
            return turn, [row, column, before]
    return None


def _cell(state: list[int]) -> str:
    return f"({state[0] + 1}, {state[1] + 1})"


def _sum(states: list[list[int]], axis: int) -> str:
    """The start and all moves along an axis, added up."""
    moves = [b[axis] - a[axis] for a, b in zip(states, states[1:], strict=False) if b[axis] != a[axis]]
    terms = "".join(f" {'+' if move > 0 else '-'} {abs(move)}" for move in moves)
    total = states[-1][axis] + 1
    return f"{states[0][axis] + 1}{terms} = {total}" if moves else f"{total} as before"
