"""Drawings of tiles with shapes, of chains and tables of numbers, and of a grid of small shapes."""

from __future__ import annotations

from data_synth.families.grids.number_chain import NAMES
from data_synth.families.grids.number_table import MISSING
from data_synth.families.grids.odd_tile import COLUMNS, ROWS
from data_synth.families.grids.tile_pattern import Tile
from data_synth.program import Scene
from data_synth.render.canvas import Canvas
from data_synth.render.figure import draw_arrow_head
from data_synth.render.palette import COLOURS, FAINT, INK, PAPER
from data_synth.render.shapes import draw_shape
from data_synth.render.style import figure_look

SIDE, MARGIN = 384, 12
PIXELS = {"small": 18, "medium": 26, "large": 35}  # width of a shape in a tile
PITCH = 38  # from shape to shape
ROWS_OF = {1: (1,), 2: (2,), 3: (1, 2), 4: (2, 2), 5: (2, 3), 6: (3, 3), 7: (2, 3, 2), 8: (3, 2, 3), 9: (3, 3, 3)}
SMALL = {"small": 16, "medium": 26, "large": 38}  # in the grid, one shape a tile
NUMBER, MARK = 18, 54


def draw_matrix(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(SIDE, SIDE, size, figure_look(scene))
    _tiles(canvas, scene["tiles"], (SIDE - 2 * MARGIN) // len(scene["tiles"]), MARGIN)
    return canvas


def draw_sequence(scene: Scene, size: int) -> Canvas:
    columns = scene["columns"]
    tiles = [scene["tiles"][n : n + columns] for n in range(0, len(scene["tiles"]), columns)]
    cell = min(116, (SIDE - 2 * MARGIN) // columns)
    canvas = Canvas(2 * MARGIN + columns * cell, max(200, 2 * MARGIN + len(tiles) * cell), size, figure_look(scene))
    _tiles(canvas, tiles, cell, (canvas.height - len(tiles) * cell) // 2)
    return canvas


def _tiles(canvas: Canvas, rows: list[list[Tile | None]], cell: int, top: int) -> None:
    for r, row in enumerate(rows):
        for c, tile in enumerate(row):
            left, upper = MARGIN + c * cell, top + r * cell
            canvas.rectangle((left, upper, left + cell, upper + cell), PAPER, INK, 2, f"tile {r} {c}")
            middle = left + cell // 2, upper + cell // 2
            if tile is None:
                canvas.text(*middle, "?", MARK, tag="question mark")
            else:
                _shapes(canvas, tile, middle, f"{r} {c}")


def _shapes(canvas: Canvas, tile: Tile, middle: tuple[int, int], tag: str) -> None:
    """As many shapes as the tile's number, in rows around the middle."""
    rows, width = ROWS_OF[tile["number"]], PIXELS[tile["size"]]
    for r, count in enumerate(rows):
        y = middle[1] + (2 * r - len(rows) + 1) * PITCH // 2
        for n in range(count):
            x = middle[0] + (2 * n - count + 1) * PITCH // 2
            box = (x - width // 2, y - width // 2, x - width // 2 + width, y - width // 2 + width)
            draw_shape(canvas, tile["shape"], tile["colour"], box, f"shape {tag}")


def draw_odd(scene: Scene, size: int) -> Canvas:
    cell = (SIDE - 2 * MARGIN) // COLUMNS
    canvas = Canvas(2 * MARGIN + COLUMNS * cell, 2 * MARGIN + ROWS * cell, size, figure_look(scene))
    looks = scene["looks"]
    for r in range(ROWS):
        for c in range(COLUMNS):
            left, top = MARGIN + c * cell, MARGIN + r * cell
            canvas.rectangle((left, top, left + cell, top + cell), PAPER, FAINT, 1, f"tile {r} {c}")
            width = SMALL[looks["size"][r][c]]
            x, y = left + (cell - width) // 2, top + (cell - width) // 2
            draw_shape(
                canvas, looks["shape"][r][c], looks["colour"][r][c], (x, y, x + width, y + width), f"shape {r} {c}"
            )
    return canvas


def draw_chains(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(SIDE, 216, size, figure_look(scene))
    for n, link in enumerate(scene["chains"]):
        count, y = len(link["numbers"]), 62 + 92 * n
        pitch = (SIDE - 2 * MARGIN) // count
        for place, number in enumerate(link["numbers"]):
            x = MARGIN + pitch * place + pitch // 2
            if place:
                canvas.line([(x - pitch + 20, y), (x - 20, y)], INK, 2, "arrow")
                draw_arrow_head(canvas, (x - pitch, y), (x - 20, y))
            missing = place == link["missing"]
            fill = COLOURS["yellow"] if missing else PAPER
            canvas.ellipse((x - 20, y - 20, x + 20, y + 20), fill, INK, 2, f"number {n} {place}")
            canvas.text(x, y, NAMES[n] if missing else str(number), NUMBER, tag=f"text {n} {place}")
    return canvas


def draw_table(scene: Scene, size: int) -> Canvas:
    wide, high = 96, 48
    canvas = Canvas(3 * wide + 48, 5 * high + 48, size, figure_look(scene))
    names = {place: name for name, place in MISSING.items()}
    for r, row in enumerate(scene["rows"]):
        for c, number in enumerate(row):
            name = names.get((r, c), "")
            left, top = 24 + wide * c, 24 + high * r
            fill = COLOURS["yellow"] if name else PAPER
            canvas.rectangle((left, top, left + wide, top + high), fill, INK, 2, f"cell {r} {c}")
            canvas.text(left + wide // 2, top + high // 2, name or str(number), NUMBER + 4, tag=f"text {r} {c}")
    return canvas
