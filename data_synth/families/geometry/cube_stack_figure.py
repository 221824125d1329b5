"""The drawing of a stack of cubes, seen from above, the front and the right."""

from __future__ import annotations

from itertools import product

from data_synth.families.geometry.cube_stack_build import height_at
from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import draw_arrow_head
from data_synth.render.palette import COLOURS, INK, PAPER, Colour
from data_synth.render.shades import tint
from data_synth.render.style import figure_look

WIDTH, HEIGHT, MARGIN, LETTER = 384, 344, 14, 16
# Where a step to the right, to the front and up leads on the page, in units. Cubes hide what lies along
# cube_stack_build.SIGHT: 0.6 x RIGHT + FRONT + 1.14 x UP is (0, 0).
RIGHT, FRONT, UP = (25, 9), (-15, 22), (0, -24)
MOST = 46 / 25  # units per design unit


def draw_stack(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, size, figure_look(scene))
    heights = scene["heights"]
    rows, columns, top = len(heights), len(heights[0]), max(map(max, heights))
    views = scene["form"] == "views"
    corners = [_raw(r, c, z) for r, c, z in product((0, rows), (0, columns), (0, top))]
    corners += [_raw(rows + 1.3, columns / 2, 0), _raw(rows / 2, columns + 1.6, 0)] if views else []
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    wide, high = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    scale = min(MOST, wide / (max(xs) - min(xs)), high / (max(ys) - min(ys)))
    left = (WIDTH - scale * (min(xs) + max(xs))) / 2
    up = (HEIGHT - scale * (min(ys) + max(ys))) / 2

    def spot(row: float, column: float, level: float) -> Point:
        x, y = _raw(row, column, level)
        return round(left + scale * x), round(up + scale * y)

    def square(*corners: tuple[float, float, float], colour: Colour, tag: str) -> None:
        canvas.polygon([spot(*corner) for corner in corners], colour, INK, 1, tag)

    for r, c in product(range(rows), range(columns)):
        square((r, c, 0), (r, c + 1, 0), (r + 1, c + 1, 0), (r + 1, c, 0), colour=PAPER, tag="ground")
    for r, c in product(range(rows), range(columns)):  # from the back to the front, from left to right
        own = heights[r][c]
        if not own:
            continue
        lit, front, side = shades(canvas.shade(COLOURS[scene["colours"][r][c]]))
        for z in range(height_at(heights, r, c + 1), own):
            a, b = c + 1, z + 1
            square((r, a, z), (r, a, b), (r + 1, a, b), (r + 1, a, z), colour=side, tag=f"side {r} {c} {z}")
        for z in range(height_at(heights, r + 1, c), own):
            a, b = r + 1, z + 1
            square((a, c, z), (a, c, b), (a, c + 1, b), (a, c + 1, z), colour=front, tag=f"front {r} {c} {z}")
        square((r, c, own), (r, c + 1, own), (r + 1, c + 1, own), (r + 1, c, own), colour=lit, tag=f"top {r} {c}")
    if views:
        _arrow(canvas, spot(rows + 0.9, columns / 2, 0), spot(rows + 0.15, columns / 2, 0), "front", "mt")
        _arrow(canvas, spot(rows / 2, columns + 0.9, 0), spot(rows / 2, columns + 0.15, 0), "right", "lt")
    return canvas


def _raw(row: float, column: float, level: float) -> tuple[float, float]:
    x = column * RIGHT[0] + row * FRONT[0] + level * UP[0]
    return x, column * RIGHT[1] + row * FRONT[1] + level * UP[1]


def shades(colour: Colour) -> tuple[Colour, Colour, Colour]:
    """Of tops, fronts and right sides: light, medium, dark."""
    return tint(colour, PAPER, 34), tint(colour, PAPER, 72), tint(colour, (0, 0, 0), 84)


def _arrow(canvas: Canvas, start: Point, end: Point, name: str, anchor: str) -> None:
    canvas.line([start, end], INK, 3, f"arrow {name}")
    draw_arrow_head(canvas, start, end, INK)
    canvas.text(start[0] + (4 if anchor == "lt" else 0), start[1] + 4, name, LETTER, anchor, tag=name)
