"""The drawing of a figure on a grid with mirror lines, centres and arrows."""

from __future__ import annotations

from typing import Any

from data_synth.families.geometry.grid_motion import REACH
from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import Box, Segment, around, beside, draw_arrow_head, free_spot, text_box
from data_synth.render.palette import COLOURS, INK, PAPER, Colour
from data_synth.render.shades import tint
from data_synth.render.style import figure_look

SIDE, PITCH, NUMBER, NAME = 384, 27, 13, 17
MIDDLE = (200, 185)  # where (0, 0) is
GRID: Colour = (224, 227, 232)
LINE_COLOURS = ("red", "purple", "green")


def draw_motion(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(SIDE, SIDE, size, figure_look(scene))
    _grid(canvas)
    axes = [(_page((-REACH, 0)), _page((REACH, 0))), (_page((0, -REACH)), _page((0, REACH)))]
    lines: list[Segment] = list(axes)
    taken: list[Box] = []
    figures = [("blue", scene["corners"])] + ([("orange", scene["image"])] if scene["image"] else [])
    for colour, corners in figures:
        spots = [_page(corner) for corner in corners]
        light = tint(canvas.shade(COLOURS[colour]), PAPER, 30)
        canvas.polygon(spots, light, COLOURS[colour], 3, f"{colour} figure")
        lines += list(zip(spots, [*spots[1:], spots[0]], strict=True))
    for move in scene["moves"]:
        lines += _move(canvas, move)
    for corner, name in zip(scene["corners"], scene["names"], strict=False):
        x, y = _page(corner)
        canvas.ellipse((x - 4, y - 4, x + 4, y + 4), COLOURS["blue"], tag=f"corner {name}")
        taken.append((x - 5, y - 5, x + 5, y + 5))
    _names(canvas, scene, lines, taken)
    return canvas


def _page(spot: Any) -> Point:
    return MIDDLE[0] + PITCH * spot[0], MIDDLE[1] - PITCH * spot[1]


def _grid(canvas: Canvas) -> None:
    (left, bottom), (right, top) = _page((-REACH, -REACH)), _page((REACH, REACH))
    canvas.rectangle((left, top, right, bottom), PAPER, tag="grid")
    for place in sorted(range(-REACH, REACH + 1), key=lambda place: place == 0):  # the axes on top
        colour, width = (INK, 2) if place == 0 else (GRID, 1)
        x, y = _page((place, place))
        canvas.line([(x, top), (x, bottom)], colour, width, "line")
        canvas.line([(left, y), (right, y)], colour, width, "line")
        canvas.text(x, bottom + 14, str(place), NUMBER, tag=f"x {place}")
        canvas.text(left - 8, y, str(place), NUMBER, anchor="rm", tag=f"y {place}")
    canvas.text(right + 11, MIDDLE[1], "x", NUMBER + 2, tag="x")
    canvas.text(MIDDLE[0], top - 9, "y", NUMBER + 2, tag="y")


def ends(move: dict[str, Any]) -> list[Point]:
    """Where a mirror line enters and leaves the grid, or where an arrow starts and ends; grid coordinates."""
    x, y = move["at"]
    if move["kind"] == "shift":
        return [(x, y), (x + move["by"][0], y + move["by"][1])]
    dx, dy = move["along"]
    on = [(x + dx * n, y + dy * n) for n in range(-2 * REACH, 2 * REACH + 1)]
    inside = [spot for spot in on if max(map(abs, spot)) <= REACH]
    return [inside[0], inside[-1]]


def _move(canvas: Canvas, move: dict[str, Any]) -> list[Segment]:
    """Draw what a motion is given by; returns the lines that names must keep off."""
    if move["kind"] == "turn":
        x, y = _page(move["at"])
        canvas.line([(x - 6, y - 6), (x + 6, y + 6)], COLOURS["red"], 3, f"centre {move['name']}")
        canvas.line([(x - 6, y + 6), (x + 6, y - 6)], COLOURS["red"], 3, f"centre {move['name']}")
        return [((x - 7, y - 7), (x + 7, y + 7)), ((x - 7, y + 7), (x + 7, y - 7))]
    start, end = (_page(spot) for spot in ends(move))
    if move["kind"] == "shift":
        canvas.line([start, end], COLOURS["purple"], 3, f"arrow {move['name']}")
        draw_arrow_head(canvas, start, end, COLOURS["purple"])
        return [(start, end)]
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1])) // 9
    for n in range(0, steps, 2):  # dashes
        dash = [
            (start[0] + (end[0] - start[0]) * at // steps, start[1] + (end[1] - start[1]) * at // steps)
            for at in (n, min(n + 1, steps))
        ]
        canvas.line(dash, COLOURS["green"], 3, f"mirror {move['name']}")
    return [(start, end)]


def _names(canvas: Canvas, scene: Scene, lines: list[Segment], taken: list[Box]) -> None:
    (left, bottom), (right, top) = _page((-REACH, -REACH)), _page((REACH, REACH))
    page = (left, top - 4, right + 4, bottom)
    taken += [text_box((right + 11, MIDDLE[1]), "x", NUMBER)]
    for corner, name in zip(scene["corners"], scene["names"], strict=False):
        _name(canvas, name, around(_page(corner)), lines, taken, page, INK)
    for move in scene["moves"]:
        if move["kind"] == "turn":
            spots, colour = around(_page(move["at"])), COLOURS["red"]
        else:
            start, end = (_page(spot) for spot in ends(move))
            spots = beside(start, end)
            if move["kind"] == "mirror":  # near an end of the line, where there is least else
                spots = [spot for near in ((end, start), (start, end)) for spot in _near_end(*near)] + spots
            colour = COLOURS["purple" if move["kind"] == "shift" else "green"]
        _name(canvas, move["name"], spots, lines, taken, page, _dark(canvas.shade(colour)))


def _near_end(end: Point, start: Point) -> list[Point]:
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    dx, dy = (start[0] - end[0]) * 100 // length, (start[1] - end[1]) * 100 // length
    return [
        (end[0] + dx * away // 100 - dy * side // 100, end[1] + dy * away // 100 + dx * side // 100)
        for away in (14, 24, 36, 50)
        for side in (13, -13)
    ]


def _dark(colour: Colour) -> Colour:
    """A shade of a colour that can be read as text."""
    return colour[0] * 7 // 10, colour[1] * 7 // 10, colour[2] * 7 // 10


def _name(
    canvas: Canvas,
    name: str,
    spots: list[Point],
    lines: list[Segment],
    taken: list[Box],
    page: Box,
    colour: Colour,
) -> None:
    """Write a name where it meets nothing; on a crowded grid, where it meets no axis, or at least no other text."""
    for obstacles in (lines, lines[:2], []):  # the axes come first
        spot = free_spot(spots, name, NAME, obstacles, taken, page)
        if spot is not None:
            canvas.text(*spot, name, NAME, colour=colour, tag=f"name {name}")
            return
