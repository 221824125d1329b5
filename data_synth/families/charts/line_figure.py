"""Series over time as lines or bands above a grid, and clouds of points with two dashed lines."""

from __future__ import annotations

from data_synth.families.charts.scatter_points import HIGH, WIDE
from data_synth.families.charts.series_builders import TOP
from data_synth.program import Scene
from data_synth.render.axes import Axes, draw_dashed, draw_grid, draw_numbers
from data_synth.render.canvas import Canvas, Point
from data_synth.render.palette import COLOURS, INK
from data_synth.render.shades import tint
from data_synth.render.style import figure_look

WIDTH, LEFT, HEAD, FOOT = 384, 48, 38, 28
UP = 14  # design units of half a grid line
KEY = 17
LETTER = 14
CELL = 40  # between the grid lines of a cloud


def draw_chart(scene: Scene, size: int) -> Canvas:
    """Grid, numbers, times and legend; then the bands, or the lines with a dot at every point."""
    rows = _bands(scene["rows"]) if scene.get("stacked") else scene["rows"]
    top = min(TOP, -(-max(max(row) for row in rows) // 2) * 2) if scene["form"] != "above" else TOP
    count = len(scene["times"])
    across = (WIDTH - LEFT - 24) // (count - 1)
    axes = Axes((0, count - 1), (0, top), LEFT + 4, HEAD + UP * top, across, UP)
    canvas = Canvas(WIDTH, max(axes.bottom + FOOT, WIDTH // 2), size, figure_look(scene))
    points = [[axes.spot(at, value) for at, value in enumerate(row)] for row in rows]
    if scene.get("stacked") or scene["filled"]:
        _fill(canvas, axes, scene, points)
    draw_grid(canvas, axes, range(count), range(0, top + 1, 2))
    times = {at: str(time) for at, time in enumerate(scene["times"])}
    draw_numbers(canvas, axes, times, {y: str(y * scene["worth"] // 2) for y in range(0, top + 1, 2)})
    canvas.line([(axes.left, axes.bottom), (axes.right, axes.bottom)], INK, 2, "floor")
    if "line" in scene["asked"]:
        y = axes.spot(0, scene["asked"]["line"])[1]
        draw_dashed(canvas, (axes.left - 4, y), (axes.right + 8, y), INK, 3, "line")
    for series, line in enumerate(points):
        ink = COLOURS[scene["inks"][series]]
        canvas.line(line, ink, 3, f"series {series}")
        for x, y in line:
            canvas.ellipse((x - 4, y - 4, x + 4, y + 4), ink, tag=f"point {series}")
    _legend(canvas, scene["names"], scene["inks"])
    if isinstance(scene["times"][0], int):
        canvas.text(6, axes.bottom + 14, "hour", 13, anchor="lm", tag="unit")
    return canvas


def _bands(rows: list[list[int]]) -> list[list[int]]:
    """Upper edges of bands on top of each other, the first at the bottom."""
    edges: list[list[int]] = []
    for row in rows:
        below = edges[-1] if edges else [0] * len(row)
        edges.append([value + low for value, low in zip(row, below, strict=True)])
    return edges


def _fill(canvas: Canvas, axes: Axes, scene: Scene, points: list[list[Point]]) -> None:
    """Each band from its upper edge down to the one below it."""
    low = [(x, axes.bottom) for x, _ in points[0]]
    for series, line in enumerate(points):
        shade = tint(canvas.shade(COLOURS[scene["inks"][series]]), canvas.paper, 33)
        canvas.polygon([*line, *low[::-1]], shade, tag=f"band {series}")
        low = line


def _legend(canvas: Canvas, names: list[str], inks: list[str]) -> None:
    for place, (name, ink) in enumerate(sorted(zip(names, inks, strict=True))):
        x = 10 + 62 * place
        canvas.rectangle((x, KEY - 6, x + 12, KEY + 6), COLOURS[ink], tag=f"key {name}")
        canvas.text(x + 17, KEY, name, LETTER, anchor="lm", tag=f"legend {name}")


def draw_cloud(scene: Scene, size: int) -> Canvas:
    """A numbered plane with points, and a dashed line each way."""
    canvas = Canvas(WIDTH, 24 + HIGH + FOOT, size, figure_look(scene))
    axes = Axes((0, WIDE // CELL), (0, HIGH // CELL), LEFT, 24 + HIGH, CELL, CELL)
    draw_grid(canvas, axes, range(WIDE // CELL + 1), range(HIGH // CELL + 1))
    draw_numbers(
        canvas,
        axes,
        {x: str(10 * x) for x in range(WIDE // CELL + 1)},
        {y: str(10 * y) for y in range(HIGH // CELL + 1)},
    )
    x, y = axes.left + scene["lines"][0], axes.bottom - scene["lines"][1]
    draw_dashed(canvas, (x, axes.bottom), (x, axes.top), INK, 2, "upright line")
    draw_dashed(canvas, (axes.left, y), (axes.right, y), INK, 2, "level line")
    for a, b, ink in scene["points"]:
        x, y = axes.left + a, axes.bottom - b
        canvas.ellipse((x - 5, y - 5, x + 5, y + 5), COLOURS[ink], INK, 1, f"point {ink}")
    return canvas
