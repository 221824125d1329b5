"""The drawing of a cube's net, and of the way that the cube rolls along."""

from __future__ import annotations

from data_synth.families.geometry.cube_net import STEPS
from data_synth.families.geometry.cube_stack_figure import shades
from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import draw_arrow_head
from data_synth.render.palette import COLOURS, FAINT, INK, PAPER
from data_synth.render.style import figure_look

WIDTH, SQUARE, STEP, MARGIN = 384, 60, 42, 22
LETTER, WORD = 28, 14


def draw_net(scene: Scene, size: int) -> Canvas:
    squares, rolls = scene["squares"], bool(scene["way"])
    edge = 46 if rolls else SQUARE
    rows, columns = (max(square[axis] for square in squares.values()) + 1 for axis in (0, 1))
    been = _been(scene["way"])
    board = STEP * (max(row for row, _ in been) + 1) + 2 * MARGIN if rolls else 0
    height = max(200, rows * edge + 2 * MARGIN + board)
    canvas = Canvas(WIDTH, height, size, figure_look(scene))
    left, top = (WIDTH - columns * edge) // 2, (height - board - rows * edge) // 2
    fill = shades(canvas.shade(COLOURS[scene["colour"]]))[0]
    for letter, (row, column) in squares.items():
        x, y = left + column * edge, top + row * edge
        canvas.rectangle((x - 1, y - 1, x + edge + 1, y + edge + 1), fill, INK, 2, f"square {letter}")  # shared edges
        canvas.text(x + edge // 2, y + edge // 2, letter, LETTER, tag=f"letter {letter}")
    if rolls:
        _draw_way(canvas, been, height - board + MARGIN // 2)
    return canvas


def _been(way: list[str]) -> list[tuple[int, int]]:
    """The squares of a way, moved so that rows and columns begin at 0."""
    been = [(0, 0)]
    for step in way:
        been.append((been[-1][0] + STEPS[step][0], been[-1][1] + STEPS[step][1]))
    up, left = min(row for row, _ in been), min(column for _, column in been)
    return [(row - up, column - left) for row, column in been]


def _draw_way(canvas: Canvas, been: list[tuple[int, int]], top: int) -> None:
    """Squares with an arrow through them; the first one is marked."""
    left = (WIDTH - STEP * (max(column for _, column in been) + 1)) // 2
    middles: list[Point] = []
    for row, column in been:
        x, y = left + STEP * column, top + STEP * row
        canvas.rectangle((x, y, x + STEP, y + STEP), PAPER if middles else FAINT, INK, 1, f"step {len(middles)}")
        middles.append((x + STEP // 2, y + STEP // 2))
    canvas.line(middles, COLOURS["red"], 4, "way")
    draw_arrow_head(canvas, middles[-2], middles[-1], COLOURS["red"])
    x, y = middles[0]
    canvas.ellipse((x - 7, y - 7, x + 7, y + 7), COLOURS["red"], tag="start")
