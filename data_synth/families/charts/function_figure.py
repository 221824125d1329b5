"""Graphs of functions on squared paper."""

from __future__ import annotations

from data_synth.families.charts.function_curves import Curve, outline
from data_synth.program import Scene
from data_synth.render.axes import NUMBER, Axes, draw_grid, draw_numbers
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK
from data_synth.render.shades import tint
from data_synth.render.style import figure_look

WIDTH, LEFT, TOP, BOTTOM = 384, 46, 38, 26
PLANE = 320  # design units across and up, at most
SMOOTH = 10  # points of a curve between two grid lines
NAME, KEY = 16, 13  # size of the names above the plane, and where they stand


def draw_functions(scene: Scene, size: int, *, dots: bool) -> Canvas:
    """The plane with numbers at its edge, the axes, then the graphs. dots: knots are marked."""
    left, right, low, high = scene["window"]
    step = PLANE // (right - left)
    axes = Axes((left, right), (low, high), LEFT, TOP + step * (high - low), step, step)
    canvas = Canvas(WIDTH, axes.bottom + BOTTOM, size, figure_look(scene))
    if scene["form"] == "area":
        _shade(canvas, axes, scene)
    draw_grid(canvas, axes, range(left, right + 1), range(low, high + 1))
    _draw_axes(canvas, axes)
    every = scene["numbered"]
    across, up = scene["scale"]
    draw_numbers(
        canvas,
        axes,
        {x: str(x * across) for x in range(left, right + 1) if x % every == 0},
        {y: str(y * up) for y in range(low, high + 1) if y % every == 0},
    )
    for place, curve in enumerate(sorted(scene["curves"], key=lambda curve: str(curve["name"]))):
        _draw_graph(canvas, axes, scene, curve, dots=dots)
        x = LEFT + 8 + 70 * place
        canvas.line([(x, KEY), (x + 26, KEY)], COLOURS[curve["ink"]], 3, f"key {curve['name']}")
        canvas.text(x + 38, KEY, curve["name"], NAME, tag=f"name {curve['name']}")
    return canvas


def _draw_axes(canvas: Canvas, axes: Axes) -> None:
    """Bold lines through the origin with arrow heads and the letters x and y."""
    (x, y), right, top = axes.spot(0, 0), axes.right, axes.top
    canvas.line([(axes.left, y), (right + 8, y)], INK, 2, "x axis")
    canvas.line([(x, axes.bottom), (x, top - 8)], INK, 2, "y axis")
    canvas.polygon([(right + 12, y), (right + 4, y - 4), (right + 4, y + 4)], INK, tag="arrow")
    canvas.polygon([(x, top - 12), (x - 4, top - 4), (x + 4, top - 4)], INK, tag="arrow")
    canvas.text(right + 9, y - 11, "x", NUMBER + 1, tag="x")
    canvas.text(x + 10, top - 9, "y", NUMBER + 1, tag="y")


def _draw_graph(canvas: Canvas, axes: Axes, scene: Scene, curve: Curve, *, dots: bool) -> None:
    ink, asked = COLOURS[curve["ink"]], scene["asked"]
    points = [axes.fine_spot(x, y) for x, y in outline(curve, scene["window"], SMOOTH)]
    canvas.line(points, ink, 3, f"graph {curve['name']}")
    knots = [axes.spot(x, y) for x, y in curve.get("knots", ())]
    if curve["kind"] == "broken" and "piece" in asked:
        canvas.line(knots[asked["piece"] : asked["piece"] + 2], ink, 7, "thick part")
    if (dots and curve["kind"] == "broken") or (curve["kind"] == "line" and "piece" in asked):
        for x, y in knots:
            canvas.ellipse((x - 5, y - 5, x + 5, y + 5), ink, tag="knot")


def _shade(canvas: Canvas, axes: Axes, scene: Scene) -> None:
    """Between the graph and the axis, or between two graphs, piece by piece."""
    first, *second = scene["curves"]
    base = second[0]["knots"] if second else [[x, 0] for x, _ in first["knots"]]
    shade = tint(canvas.shade(COLOURS[first["ink"]]), canvas.paper, 25)
    for place in range(len(base) - 1):
        over, under = first["knots"][place : place + 2], base[place : place + 2]
        canvas.polygon([axes.spot(x, y) for x, y in (*over, *under[::-1])], shade, tag=f"shade {place}")
