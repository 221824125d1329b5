"""Jigsaw: square tiles whose lines must go on from tile to tile; the order that puts the picture together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.forms import Asked
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.palette import COLOURS, INK, PAPER
from data_synth.render.style import figure_look
from data_synth.rng import Rng

SHAPES = ((2, 3), (2, 3), (3, 3), (3, 3), (3, 4))  # rows, columns
LINE_COLOURS = (5, 4, 4, 3, 3)
POSITIONS = 4  # where a line may leave a side, counted from its left or upper end
CELL, GAP, LABEL = 80, 16, 24  # of a tile, between tiles, of the strip for its letter; design units
TINTS = ((255, 250, 238), (240, 248, 255), (244, 252, 242), PAPER)
BRIGHT = ("red", "green", "blue", "purple", "orange", "grey")
SIDES = ("left", "above", "right", "below")
Line = list[Any]  # colour, position; [] at the edge of the picture
Tile = dict[str, Line]

_SEEN = (
    "I see {0} tiles: {1}.",
    "There are {0} tiles. {1}.",
    "The {0} tiles have these lines: {1}.",
    "{0} tiles with lines at their sides: {1}.",
    "Of the {0} tiles, the lines are {1}.",
    "Lines on the {0} tiles: {1}.",
)
_FIRST = (
    "{0} is bare at left and above.",
    "Upper left corner: {0}, without lines at the left and above.",
    "The first is {0}: nothing leaves it at the left or above.",
    "{0} starts, as its left and upper sides are bare.",
    "At the upper left lies {0}, bare at the left and above.",
    "Begin with {0}: no line goes left or up.",
)
_NEXT = (
    "{0} leads to {3}.",
    "{3} comes {1} {2}, by the line {0}.",
    "{0} goes on {1} {2} in {3}.",
    "{1} {2}, {0}: {3}.",
    "The line {0} leads from {2} to {3}, which is {1} it.",
    "{3} fits {1} {2} ({0}).",
)
_CHECK = (
    "Check: {0} used, bare rim.",
    "All {0} tiles have a place, and no line ends at the edge.",
    "Each of the {0} tiles is used once; the edge is bare.",
    "No tile of the {0} is left, and no line leaves the picture.",
    "With {0} tiles placed, no line runs into the edge.",
    "Every one of {0} tiles fits, and the rim has no lines.",
)
_WRONG = "The colour alone can mislead: the line must also leave at the same height, so I compare both."


class Jigsaw:
    """Put tiles together."""

    ask = (
        "In what order do the tiles make the picture?",
        "Put the picture together and read off the tile letters.",
        "Which tile goes where? Give the letters in reading order.",
        "The tiles are mixed up. What is their right order?",
        "Arrange the tiles; name them from the top left.",
        "Give the letters of the finished picture.",
        "How must the tiles lie, row after row?",
        "Find the right arrangement of the tiles.",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        "jigsaw_corner": Op(lambda scene: _fitting(scene, [], [])[0], (), "word"),
        "jigsaw_beside": Op(lambda scene, left: _next(scene, left, None), ("word",), "word"),
        "jigsaw_under": Op(lambda scene, above: _next(scene, None, above), ("word",), "word"),
        "jigsaw_between": Op(lambda scene, left, above: _next(scene, left, above), ("word", "word"), "word"),
        "jigsaw_order": Op(lambda scene, *tiles: list(tiles), ("word", "..."), "tuple"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        rows, columns = SHAPES[level]
        placed = _cut(rng, rows, columns, rng.sample(BRIGHT, LINE_COLOURS[level]))
        letters = rng.sample([chr(ord("A") + n) for n in range(rows * columns)], rows * columns)
        tiles = dict(sorted(zip(letters, placed, strict=True)))
        scene: Scene = {"rows": rows, "columns": columns, "tiles": tiles, "tint": rng.choice(TINTS)}
        scene["hubs"] = {letter: [rng.between(-9, 9), rng.between(-9, 9)] for letter in tiles}
        unique = all(len(_fitting(scene, tile["left"], tile["above"])) == 1 for tile in placed)
        return scene if unique else None

    def execute(self, program: Program, scene: Scene) -> None:
        """Each tile from those at its left and above it: sides that fit nowhere else prove the order unique."""
        columns = scene["columns"]
        order = [program.do("jigsaw_corner")]
        for place in range(1, len(scene["tiles"])):
            row, column = divmod(place, columns)
            if row and column:
                order.append(program.do("jigsaw_between", order[-1], order[place - columns]))
            elif row:
                order.append(program.do("jigsaw_under", order[place - columns]))
            else:
                order.append(program.do("jigsaw_beside", order[-1]))
        program.do("jigsaw_order", *order)

    def asked(self, scene: Scene) -> Asked:
        rows, columns = scene["rows"], scene["columns"]
        return Asked(
            rules=f"The tiles make a picture of {rows} rows and {columns} columns. None is turned. "
            "No line reaches the rim of the picture.",
            form="(letters, row by row)",
            features={"tiles": rows * columns},
            canon=scene["tiles"],
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        columns, pitch = scene["columns"], CELL + GAP
        width = GAP + pitch * columns
        canvas = Canvas(width, LABEL + (CELL + LABEL + 8) * scene["rows"] - 8, size, figure_look(scene))
        for place, (letter, tile) in enumerate(scene["tiles"].items()):
            row, column = divmod(place, columns)
            left, top = GAP + pitch * column, LABEL + (CELL + LABEL + 8) * row - 8
            canvas.text(left + CELL // 2, top + CELL + 14, letter, 17, tag=f"letter {letter}")
            canvas.rectangle((left, top, left + CELL, top + CELL), tuple(scene["tint"]), tag=f"tile {letter}")
            across, down = scene["hubs"][letter]
            hub = left + CELL // 2 + across, top + CELL // 2 + down
            for side in SIDES:
                if tile[side]:
                    colour, position = tile[side]
                    canvas.line([_end(left, top, side, position), hub], COLOURS[colour], 7, f"line {letter}")
            canvas.ellipse((hub[0] - 6, hub[1] - 6, hub[0] + 6, hub[1] + 6), INK, tag="hub")
            canvas.rectangle((left, top, left + CELL, top + CELL), None, INK, 2, f"frame {letter}")
        return [canvas]

    def solve(self, scene: Scene) -> Any:
        """Every way to lay the tiles so that all sides meet and the rim is bare; None unless there is just one."""
        rows, columns, tiles = scene["rows"], scene["columns"], scene["tiles"]
        ways: list[tuple[str, ...]] = [()]
        for place in range(rows * columns):
            row, column = divmod(place, columns)
            ways = [
                (*way, name)
                for way in ways
                for name, tile in tiles.items()
                if name not in way
                and tile["left"] == (tiles[way[-1]]["right"] if column else [])
                and tile["above"] == (tiles[way[place - columns]]["below"] if row else [])
                and (column < columns - 1 or tile["right"] == [])
                and (row < rows - 1 or tile["below"] == [])
            ]
        return ways[0] if len(ways) == 1 else None

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, columns = item.scene, item.scene["columns"]
        order = item.answer.value
        says = [_SEEN[variant].format(len(order), _listed(scene["tiles"]))]
        says.append(f"Numbers tell where along a side a line leaves, 1 to {POSITIONS}.")
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        says.append(_FIRST[variant].format(order[0]))
        for place in range(1, len(order)):
            row, column = divmod(place, columns)
            before = order[place - 1] if column else order[place - columns]
            line = scene["tiles"][before]["right" if column else "below"]
            where = "right of" if column else "below"
            text = _NEXT[variant].format(f"{line[0]} {line[1]}", where, before, order[place])
            says.append(text[0].upper() + text[1:])
        return [*says, _CHECK[variant].format(len(order))]


def _cut(rng: Rng, rows: int, columns: int, colours: list[str]) -> list[Tile]:
    """Tiles of a picture in reading order; a line crosses every side between two of them."""
    ends = [[colour, place] for colour in colours for place in range(1, POSITIONS + 1)]
    down = rng.sample(ends, rows * (columns - 1))  # lines that cross upright sides differ from each other
    along = [rng.choice(ends) for _ in range((rows - 1) * columns)]
    tiles: list[Tile] = []
    for row in range(rows):
        for column in range(columns):
            upright = row * (columns - 1) + column
            tiles.append(
                {
                    "left": down[upright - 1] if column else [],
                    "above": along[(row - 1) * columns + column] if row else [],
                    "right": down[upright] if column < columns - 1 else [],
                    "below": along[row * columns + column] if row < rows - 1 else [],
                }
            )
    return tiles


def _next(scene: Scene, left: str | None, above: str | None) -> str:
    """The tile between the one at its left and the one above it; None where the picture ends."""
    tiles = scene["tiles"]
    return _fitting(scene, tiles[left]["right"] if left else [], tiles[above]["below"] if above else [])[0]


def _fitting(scene: Scene, left: Line, above: Line) -> list[str]:
    """The tiles with these lines at their left and upper sides."""
    return [name for name, tile in scene["tiles"].items() if tile["left"] == left and tile["above"] == above]


def _end(left: int, top: int, side: str, position: int) -> Point:
    """Where a line leaves a tile."""
    away = CELL * position // (POSITIONS + 1)
    return {
        "left": (left, top + away),
        "right": (left + CELL, top + away),
        "above": (left + away, top),
        "below": (left + away, top + CELL),
    }[side]


def _listed(tiles: dict[str, Tile]) -> str:
    """The lines of each tile."""
    return "; ".join(
        f"{name} " + ", ".join(f"{side} {tile[side][0]} {tile[side][1]}" for side in SIDES if tile[side])
        for name, tile in tiles.items()
    )
