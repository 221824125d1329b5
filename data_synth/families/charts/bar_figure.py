"""Drawings of bar charts: four plain bars, or bars with names, ticks and a legend."""

from __future__ import annotations

import math

from data_synth.families.charts.bar_scale import DECADES, LOG_TOP, worth
from data_synth.layout import SIDE
from data_synth.program import Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, FAINT, INK
from data_synth.render.style import figure_look

LEFT, RIGHT, BOTTOM, HEIGHT = 46, 376, 286, 320  # plot area and height of a chart with names
TOPS = (16, 42)  # of the plot area, without and with a legend


def draw_plain(scene: Scene, size: int) -> Canvas:
    """Four coloured bars over grid lines 48 units apart: 8 pixels in a picture of 64."""
    canvas, line, floor, slot = Canvas(SIDE, SIDE, size, figure_look(scene)), 48, SIDE - 8, SIDE // 4
    for number in range(8):
        canvas.line([(0, floor - number * line), (SIDE, floor - number * line)], FAINT, 4, f"grid {number}")
    for place, name in enumerate(scene["names"]):
        top = floor - scene["halves"][0][place] * line // 2
        left = place * slot + 18
        canvas.rectangle((left, top, left + slot - 36, floor), COLOURS[name], INK, 2, f"bar {name}")
    canvas.line([(0, floor), (SIDE, floor)], INK, 4, "axis")
    return canvas


def draw_chart(scene: Scene, size: int) -> Canvas:
    """Axis, ticks, names, legend."""
    canvas = Canvas(SIDE, HEIGHT, size, figure_look(scene))
    heights = _log_axis(canvas, scene) if scene["log"] else _axis(canvas, scene)
    slot = (RIGHT - LEFT) // len(scene["names"])
    for place, name in enumerate(scene["names"]):
        left = LEFT + place * slot
        _draw_bars(canvas, scene, place, left, slot, heights)
        canvas.text(left + slot // 2, BOTTOM + 16, name, 14, tag=f"name {name}")
    if len(scene["series"]) > 1:
        for number, title in enumerate(scene["series"]):
            x = LEFT + number * 108
            canvas.rectangle((x, 10, x + 14, 24), COLOURS[scene["colours"][number]], INK, 1, f"key {title}")
            canvas.text(x + 20, 17, title, 14, anchor="lm", tag=f"legend {title}")
    return canvas


def _axis(canvas: Canvas, scene: Scene) -> list[int]:
    """Grid lines and ticks, just above the highest bar; returns how high each number of half lines is."""
    halves = scene["halves"]
    highest = max(map(sum, zip(*halves, strict=True))) if scene["stacked"] else max(map(max, halves))
    lines = highest // 2 + 1
    half = _room(scene) // (2 * lines)
    for number in range(lines + 1):
        _grid_line(canvas, BOTTOM - 2 * half * number, number, str(number * scene["step"]))
    return [half * number for number in range(2 * lines + 1)]


def _log_axis(canvas: Canvas, scene: Scene) -> list[int]:
    """All lines of a logarithmic axis, with ticks at 1, 2 and 5 times each power of ten; returns how high each is."""
    values = [worth(scene, number) for number in range(LOG_TOP + 1)]
    heights = [round(_room(scene) * math.log10(value / values[0]) / DECADES) for value in values]
    for number, (value, height) in enumerate(zip(values, heights, strict=True)):
        _grid_line(canvas, BOTTOM - height, number, str(value) if str(value)[0] in "125" else "")
    return heights


def _room(scene: Scene) -> int:
    """How high the plot area is."""
    return BOTTOM - TOPS[len(scene["series"]) > 1]


def _grid_line(canvas: Canvas, y: int, number: int, tick: str) -> None:
    canvas.line([(LEFT, y), (RIGHT, y)], FAINT if number else INK, 2, f"grid {number}")
    if tick:
        canvas.text(LEFT - 6, y, tick, 13, anchor="rm", tag=f"tick {number}")


def _draw_bars(canvas: Canvas, scene: Scene, place: int, left: int, slot: int, heights: list[int]) -> None:
    """The bars of one name: side by side, or on top of each other from the first series up."""
    gap = max(6, slot // 8)
    floor = BOTTOM
    wide = slot - 2 * gap if scene["stacked"] else (slot - 2 * gap) // len(scene["series"])
    for number, row in enumerate(scene["halves"]):
        x = left + gap + (0 if scene["stacked"] else number * wide)
        top = floor - heights[row[place]]
        colour = COLOURS[scene["colours"][number]]
        canvas.rectangle((x, top, x + wide, floor), colour, INK, 1, f"bar {place} {number}")
        floor = top if scene["stacked"] else floor
