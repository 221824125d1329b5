"""Sliding tiles: the fewest slides that turn one board into another. Tiles are lettered at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.forms import Asked
from data_synth.families.grids.board_figure import Board, draw_board
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK
from data_synth.render.style import figure_look
from data_synth.rng import Rng

SHAPES = {1: (2, 3), 2: (3, 3), 3: (3, 3), 4: (3, 3)}  # rows, columns, by level
SLIDES = {1: (3, 4), 2: (4, 6), 3: (7, 9), 4: (10, 12)}  # least and most
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels: a list of slides is no word
GAP = "-"
TILES = ("yellow", "orange", "pink", "grey")

_SEEN = (
    "I see {0} on the left and {1} on the right (- is the gap).",
    "Left: {0}. Right: {1}. The gap is -.",
    "From {0} to {1}, where - is the gap.",
    "The rows now are {0}, and they should be {1}; - marks the gap.",
    "Now {0}, in the end {1}, with - for the gap.",
    "The board {0} has to become {1} (gap: -).",
)
_PLAN = (
    "I search for the fewest slides and try each list on the board.",
    "Trying short lists of slides first, I look for one that fits.",
    "A search through all slides, short lists first, finds this one.",
    "I look ahead from the left board until the right one comes up.",
    "Shortest lists first, I follow the gap.",
    "I let the gap wander, with as few slides as possible.",
)
_STEP = (
    "{0}: {1}.",
    "Slide {0}: {1}.",
    "{0} moves, which gives {1}.",
    "{0} goes into the gap: {1}.",
    "With {0} it is {1}.",
    "Then {0}, now {1}.",
)
_CHECK = (
    "Check: {0} is the board on the right, after {1} slides.",
    "The last board {0} is the one wanted, with {1} slides.",
    "{1} slides end in {0}, as shown on the right.",
    "That is {0}, reached with {1} slides.",
    "After {1} slides it reads {0}, as it should.",
    "Compared with the right board: {0}, the same, in {1} slides.",
)
_LEAST = (
    "From their places on the right the tiles are {0} step{1} away in all, so it cannot take fewer slides than that.",
    "Adding up how far each tile has to go gives {0} step{1}; a slide saves one at most.",
    "At least {0} slide{1} it must be, as that is how far all tiles are from their goals.",
    "The distances of the tiles to their goals sum up to {0}, and no slide gains more than 1.",
    "It cannot be less than {0} slide{1}: so far, in all, the tiles have to travel.",
    "All tiles together have {0} step{1} to go, one for each slide at best.",
)
_WRONG = (
    "Sliding {0} first looks just as good, but it makes the way longer, so I take it back.",
    "I first try {0}; that leads to more slides, so I start again without it.",
)


class Slide:
    """Slide tiles."""

    ask = (
        "Which tiles do you slide, in order, to get the right board in the fewest slides?",
        "Turn the left board into the right one with the fewest slides.",
        "Make the right board from the left one as quickly as possible: which tiles slide?",
        "List the tiles to slide so that the left board soonest looks like the right one.",
        "What is the shortest list of slides from the left board to the right one?",
        "Find the fewest slides that change the left board to the right.",
        "From the left board to the right: in what order do tiles slide, using the fewest slides?",
        "Give a shortest way, tile after tile, to reach the board on the right.",
    )
    answer = "path"
    ops: Mapping[str, Op] = {
        "slide_start": Op(lambda scene: scene["start"], (), "tiles"),
        "slide_tile": Op(lambda scene, board, *, tile: slid(board, scene["columns"], tile), ("tiles",), "tiles"),
        "slide_list": Op(lambda scene, *boards: _letters(boards), ("tiles", "..."), "path"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        """The goal first, then a walk of the gap that has no short cut."""
        rows, columns = SHAPES[level]
        tiles = [*rng.sample(LETTERS, rows * columns - 1), GAP]
        rng.shuffle(tiles)
        goal = start = "".join(tiles)
        length, last = rng.between(*SLIDES[level]), ""
        for _ in range(length):
            last = rng.choice([tile for tile in movable(start, columns) if tile != last])
            start = slid(start, columns, last)
        scene: Scene = {"start": start, "goal": goal, "columns": columns, "colour": rng.choice(TILES)}
        return scene if estimate(start, goal, columns) <= length == len(fewest(scene)) else None

    def execute(self, program: Program, scene: Scene) -> None:
        boards = [program.do("slide_start")]
        for tile in fewest(scene):
            boards.append(program.do("slide_tile", boards[-1], tile=tile))
        program.do("slide_list", *boards)

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules="A tile beside the gap may slide into it.",
            form="letters, e.g. KBQ",
            features={"tiles": len(scene["start"]) - 1},
            canon=[scene["start"], scene["goal"], scene["columns"]],
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        columns = scene["columns"]
        rows = len(scene["start"]) // columns
        cell = 51
        wide, high = 2 * cell * columns + 78, max(cell * rows, 135)
        top = 42 + (high - cell * rows) // 2
        canvas = Canvas(wide, high + 62, size, figure_look(scene))
        for place, (caption, tiles) in enumerate((("now", scene["start"]), ("goal", scene["goal"]))):
            board = Board(14 + place * (cell * columns + 50), top, cell, rows, columns)
            draw_board(canvas, board, (214, 218, 224))
            canvas.text((board.left + board.right) // 2, top - 20, caption, 16, tag=caption)
            for number, tile in enumerate(tiles):
                row, column = divmod(number, columns)
                if tile != GAP:
                    canvas.rectangle(board.box(row, column, 3), COLOURS[scene["colour"]], INK, 2, f"tile {tile}")
                    canvas.text(*board.centre(row, column), tile, 24, tag=f"{caption} {tile}")
        x, y = 14 + cell * columns, top + cell * rows // 2
        canvas.polygon([(x + 14, y - 10), (x + 36, y), (x + 14, y + 10)], INK, tag="arrow")
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """All boards by number of slides, without any estimate; the alphabetically first list to a board survives."""
        columns = scene["columns"]
        wave, seen = {scene["start"]: ""}, set[str]()
        while scene["goal"] not in wave:
            seen |= wave.keys()
            after: dict[str, str] = {}
            for board, way in wave.items():
                gap = board.index(GAP)
                for place, tile in enumerate(board):
                    if abs(place // columns - gap // columns) + abs(place % columns - gap % columns) == 1:
                        new = board.translate(str.maketrans({tile: GAP, GAP: tile}))
                        if new not in seen:
                            after[new] = min(way + tile, after.get(new, "a"))
            wave = after
        return wave[scene["goal"]]

    def reaches(self, scene: Scene, moves: str) -> bool:
        """Whether each tile lies beside the gap when it is slid, and the goal comes out."""
        board = scene["start"]
        for tile in moves:
            if tile not in movable(board, scene["columns"]):
                return False
            board = slid(board, scene["columns"], tile)
        return bool(board == scene["goal"])

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, way = item.scene, item.answer.value
        boards = [_rows(step.value, scene["columns"]) for step in item.program[:-1]]
        least = estimate(scene["start"], scene["goal"], scene["columns"])
        says = [_SEEN[variant].format(boards[0], boards[-1]), _PLAN[variant]]
        says.append(_LEAST[variant].format(least, "s" * (least != 1)))
        if variant % 2 and item.level >= 2:
            first = (tile for tile in movable(scene["start"], scene["columns"]) if tile != way[0])
            worse = [t for t in first if not _also_shortest(scene, t, len(way))]
            says += [_WRONG[variant // 3].format(tile) for tile in worse[:1]]
        says += [_STEP[variant].format(tile, board) for tile, board in zip(way, boards[1:], strict=True)]
        return [*says, _CHECK[variant].format(boards[-1], len(way))]


def movable(board: str, columns: int) -> list[str]:
    """The tiles beside the gap, in alphabetical order."""
    gap = board.index(GAP)
    spots = [gap - columns, gap + columns]
    spots += [gap - 1] if gap % columns else []
    spots += [gap + 1] if (gap + 1) % columns else []
    return sorted(board[spot] for spot in spots if 0 <= spot < len(board))


def slid(board: str, columns: int, tile: str) -> str:
    """The board after a slide. Raises ValueError for a tile that is not beside the gap."""
    if tile not in movable(board, columns):
        raise ValueError(f"tile {tile} of {board} is not beside the gap")
    a, b = sorted((board.index(GAP), board.index(tile)))
    return board[:a] + board[b] + board[a + 1 : b] + board[a] + board[b + 1 :]


def estimate(board: str, goal: str, columns: int) -> int:
    """A lower bound of the slides needed: how far all tiles are from their places."""
    total = 0
    for place, tile in enumerate(board):
        if tile != GAP:
            aim = goal.index(tile)
            total += abs(place // columns - aim // columns) + abs(place % columns - aim % columns)
    return total


def fewest(scene: Scene) -> str:
    """The alphabetically first of the shortest lists of slides: depth-first search with a rising limit."""
    start, goal, columns = scene["start"], scene["goal"], scene["columns"]
    limit = estimate(start, goal, columns)
    while (found := _within(start, goal, columns, limit, "")) is None:
        limit += 2  # each slide changes the estimate by one, so the parity stays
    return found


def _within(board: str, goal: str, columns: int, limit: int, last: str) -> str | None:
    if board == goal:
        return ""
    for tile in movable(board, columns):
        if tile != last:
            after = slid(board, columns, tile)
            if estimate(after, goal, columns) < limit:
                found = _within(after, goal, columns, limit - 1, tile)
                if found is not None:
                    return tile + found
    return None


def _also_shortest(scene: Scene, tile: str, length: int) -> bool:
    after = slid(scene["start"], scene["columns"], tile)
    return len(fewest({**scene, "start": after})) < length


def _letters(boards: tuple[str, ...]) -> str:
    """The tile that moved between each board and the next: it lies where the gap was."""
    return "".join(b[a.index(GAP)] for a, b in zip(boards, boards[1:], strict=False))


def _rows(board: str, columns: int) -> str:
    return "/".join(board[at : at + columns] for at in range(0, len(board), columns))
