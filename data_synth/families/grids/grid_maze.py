"""Mazes: a shortest way from S to G. From level 2 on there are loops, and several ways lead there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import cell_name, draw_frame, draw_names, page_with_board
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK, PAPER
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GRID = (5, 5, 6, 8, 10)
LENGTHS = ((4, 6), (7, 10), (8, 12), (11, 17), (16, 24))  # of the shortest way, least and most
LOOPS = (0, 0, 2, 4, 7)
WAYS = {"D": (1, 0), "L": (0, -1), "R": (0, 1), "U": (-1, 0)}  # in alphabetical order
BACK = {"D": "U", "U": "D", "L": "R", "R": "L"}
Cell = tuple[int, int]

_SEEN = (
    "I see a maze of {0} x {0} cells with S at {1} and G at {2}.",
    "The maze has {0} x {0} cells; S is at {1}, G at {2}.",
    "S stands at {1} and G at {2}, in {0} x {0} cells.",
    "A maze of {0} x {0} cells: from S at {1} to G at {2}.",
    "Start {1}, goal {2}, {0} x {0} cells with walls.",
    "Between S at {1} and G at {2} lie the walls of {0} x {0} cells.",
)
_PLAN = (
    "I work back from G: each move must bring me one step nearer.",
    "Counting steps from G outwards, I always go to a lower number.",
    "I number the cells by their steps to G and walk downwards.",
    "From G I flood the maze and then follow falling numbers.",
    "Every cell gets its distance to G; I go down from there.",
    "Distances to G first, then downhill from S.",
)
_AWAY = (
    "Steps to G along the way: {}.",
    "From G outwards I count {}.",
    "The numbers of steps are {}.",
    "Spreading from G I find {}.",
    "Distances to G on the way: {}.",
    "As steps to G there are {}.",
)
_MOVE = ("{0} to {1}", "{0} {1}", "{0}: {1}", "{0} into {1}", "Go {0} to {1}", "{0} gives {1}")
_SHUT = (
    "At {0} the way {1} is longer: {2} steps from there instead of {3}.",
    "Going {1} at {0} would leave {2} steps instead of {3}, so not that way.",
)
_BACK = "I first try {1} at {0}, but find nothing shorter there, so I return."
_CHECK = (
    "Check: {0} moves, and G is {0} steps away; back from G, {1} leads to S.",
    "These are {0} moves, as many as G is away, and {1} is the way back.",
    "Counting gives {0} moves; from G I also count {0}: {1}.",
    "That is {0} moves, and no way is shorter. In reverse it is {1}, from G to S.",
    "All {0} moves pass open sides; fewer do not do. Backwards they are {1}.",
    "With {0} moves it is as short as can be; the way from G to S is {1}.",
)


class Maze:
    """Find the shortest way."""

    ask = (
        "What is the shortest way from S to G?",
        "Give the fewest moves that lead from S to G.",
        "Find a shortest path from S to G.",
        "How do you get from S to G with as few moves as possible?",
        "Which moves take you from S to G soonest?",
        "Lead me from S to G without a detour.",
        "Starting at S, which moves reach G on the shortest way?",
        "Write down the shortest list of moves from S to G.",
    )
    answer = "path"
    ops: Mapping[str, Op] = {
        "maze_start": Op(lambda scene: list(scene["start"]), (), "cell of a maze"),
        "maze_move": Op(
            lambda scene, cell, *, move: _moved(scene["open"], cell, move), ("cell of a maze",), "cell of a maze"
        ),
        "maze_way": Op(lambda scene, *cells: _letters(cells), ("cell of a maze", "..."), "path"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        size = GRID[level]
        sides = _carved(rng, size)
        for _ in range(LOOPS[level]):
            _break_wall(rng, sides)
        start = (rng.randrange(size), rng.randrange(size))
        away = distances(sides, start)
        length = rng.between(*LENGTHS[level])
        ends = sorted(cell for cell, steps in away.items() if steps == length)
        return {"open": sides, "start": list(start), "goal": list(rng.choice(ends))} if ends else None

    def execute(self, program: Program, scene: Scene) -> None:
        """Downhill from the start; of several moves that come nearer, the alphabetically first."""
        away = distances(scene["open"], _pair(scene["goal"]))
        cell = program.do("maze_start")
        cells = [cell]
        while left := away[_pair(program.value(cell))]:
            here = _pair(program.value(cell))
            move = next(m for m in scene["open"][here[0]][here[1]] if away[_beside(here, m)] == left - 1)
            cell = program.do("maze_move", cell, move=move)
            cells.append(cell)
        program.do("maze_way", *cells)

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules="U, D, L, R: one cell up, down, left, right.",
            form="moves, e.g. URRD",
            features={"grid": len(scene["open"])},
            canon=[scene["open"], scene["start"], scene["goal"]],
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        grid = len(scene["open"])
        canvas, board = page_with_board(grid, grid, size, figure_look(scene))
        frame = (board.left, board.top, board.right, board.bottom)
        canvas.rectangle(frame, PAPER, tag="board")
        draw_names(canvas, board, letters=True)
        for name, (row, column), colour in (("S", scene["start"], "green"), ("G", scene["goal"], "red")):
            canvas.rectangle(board.box(row, column, board.cell // 8), COLOURS[colour], tag=f"cell {name}")
            canvas.text(*board.centre(row, column), name, max(15, board.cell // 2), colour=PAPER, tag=name)
        for row, texts in enumerate(scene["open"]):
            for column, sides in enumerate(texts):
                left, top, right, bottom = board.box(row, column)
                if "D" not in sides and row < grid - 1:
                    canvas.line([(left - 1, bottom), (right + 1, bottom)], INK, 4, "wall")
                if "R" not in sides and column < grid - 1:
                    canvas.line([(right, top - 1), (right, bottom + 1)], INK, 4, "wall")
        draw_frame(canvas, (frame[0] - 2, frame[1] - 2, frame[2] + 2, frame[3] + 2), 4)
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """Waves from S that carry their moves along; the alphabetically first way to a cell of a wave survives."""
        wave, seen = {_pair(scene["start"]): ""}, set[Cell]()
        goal = _pair(scene["goal"])
        while goal not in wave:
            seen |= wave.keys()
            after: dict[Cell, str] = {}
            for (row, column), way in wave.items():
                for move in scene["open"][row][column]:
                    cell = (row + (move == "D") - (move == "U"), column + (move == "R") - (move == "L"))
                    if cell not in seen:
                        after[cell] = min(way + move, after.get(cell, "Z"))
            wave = after
        return wave[goal]

    def reaches(self, scene: Scene, moves: str) -> bool:
        """Whether the moves lead from S to G through open sides."""
        cell = _pair(scene["start"])
        for move in moves:
            if move not in scene["open"][cell[0]][cell[1]]:
                return False
            cell = _beside(cell, move)
        return cell == _pair(scene["goal"])

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, way = item.scene, item.answer.value
        cells = [_pair(step.value) for step in item.program[:-1]]
        away = distances(scene["open"], cells[-1])
        numbers = ", ".join(f"{cell_name(*cell)} {away[cell]}" for cell in cells[::-1])
        says = [_SEEN[variant].format(len(scene["open"]), cell_name(*cells[0]), cell_name(*cells[-1]))]
        says += [_PLAN[variant], _AWAY[variant].format(numbers), *_not_taken(scene, cells, way, away, variant)]
        moves = (_MOVE[variant].format(move, cell_name(*cell)) for move, cell in zip(way, cells[1:], strict=True))
        says.append("; ".join(moves) + ".")
        return [*says, _CHECK[variant].format(len(way), " ".join(BACK[move] for move in way[::-1]))]


def _not_taken(scene: Scene, cells: list[Cell], way: str, away: dict[Cell, int], variant: int) -> list[str]:
    """Turns off the way that lead astray; odd variants walk into the first one and come back."""
    says: list[str] = []
    for number, (cell, move) in enumerate(zip(cells, way, strict=False)):
        behind = BACK[way[number - 1]] if number else ""
        for other in scene["open"][cell[0]][cell[1]]:
            left = away[_beside(cell, other)] + 1
            if other not in (move, behind) and left > away[cell] and len(says) < 3:
                if variant % 2 and not says:
                    says.append(_BACK.format(cell_name(*cell), other))
                says.append(_SHUT[variant % 2].format(cell_name(*cell), other, left, away[cell]))
    return says


def distances(sides: list[list[str]], start: Cell) -> dict[Cell, int]:
    """Steps from every cell to `start`."""
    away, queue = {start: 0}, [start]
    for cell in queue:
        for move in sides[cell[0]][cell[1]]:
            other = _beside(cell, move)
            if other not in away:
                away[other] = away[cell] + 1
                queue.append(other)
    return away


def _carved(rng: Rng, size: int) -> list[list[str]]:
    """Open sides of each cell of a maze without loops: a walk that backs up where it is stuck."""
    sides = [[""] * size for _ in range(size)]
    way = [(rng.randrange(size), rng.randrange(size))]
    seen = {way[0]}
    while way:
        cell = way[-1]
        ahead = [move for move in WAYS if _inside(_beside(cell, move), size) and _beside(cell, move) not in seen]
        if not ahead:
            way.pop()
            continue
        move = rng.choice(ahead)
        _open(sides, cell, move)
        way.append(_beside(cell, move))
        seen.add(way[-1])
    return sides


def _break_wall(rng: Rng, sides: list[list[str]]) -> None:
    """Open one closed side between two cells, if the draws find one."""
    for _ in range(4):
        cell = rng.randrange(len(sides)), rng.randrange(len(sides))
        move = rng.choice("DR")
        if move not in sides[cell[0]][cell[1]] and _inside(_beside(cell, move), len(sides)):
            _open(sides, cell, move)
            return


def _open(sides: list[list[str]], cell: Cell, move: str) -> None:
    for (row, column), way in ((cell, move), (_beside(cell, move), BACK[move])):
        sides[row][column] = "".join(sorted(sides[row][column] + way))


def _beside(cell: Cell, move: str) -> Cell:
    return cell[0] + WAYS[move][0], cell[1] + WAYS[move][1]


def _inside(cell: Cell, size: int) -> bool:
    return 0 <= cell[0] < size and 0 <= cell[1] < size


def _moved(sides: list[list[str]], cell: list[int], move: str) -> list[int]:
    """Raises ValueError for a move through a wall."""
    if move not in sides[cell[0]][cell[1]]:
        raise ValueError(f"there is a wall {move} of {cell}")
    return list(_beside(_pair(cell), move))


def _letters(cells: tuple[list[int], ...]) -> str:
    names = {way: move for move, way in WAYS.items()}
    return "".join(names[b[0] - a[0], b[1] - a[1]] for a, b in zip(cells, cells[1:], strict=False))


def _pair(cell: list[int]) -> Cell:
    return cell[0], cell[1]
