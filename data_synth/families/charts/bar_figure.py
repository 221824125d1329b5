"""Drawings of bar charts: four plain bars, or bars with names, ticks and a legend."""

from __future__ import annotations

from data_synth.layout import SIDE
from data_synth.program import Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, FAINT, INK

LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 46, 376, 42, 286, 320  # plot area and height of a chart with names


def draw_plain(scene: Scene, size: int) -> Canvas:
    """Four coloured bars over grid lines 48 units apart: 8 pixels in a picture of 64."""
    canvas, line, floor, slot = Canvas(SIDE, SIDE, size), 48, SIDE - 8, SIDE // 4
    for number in range(8):
        canvas.line([(0, floor - number * line), (SIDE, floor - number * line)], FAINT, 4, f"grid {number}")
    for place, name in enumerate(scene["names"]):
        top = floor - scene["halves"][0][place] * line // 2
        left = place * slot + 18
        canvas.rectangle((left, top, left + slot - 36, floor), COLOURS[name], INK, 2, f"bar {name}")
    canvas.line([(0, floor), (SIDE, floor)], INK, 4, "axis")
    return canvas


def draw_chart(scene: Scene, size: int) -> Canvas:
    """Axis, ticks, names, legend; the grid reaches just above the highest bar."""
    canvas = Canvas(SIDE, HEIGHT, size)
    halves, stacked = scene["halves"], scene["stacked"]
    highest = max(map(sum, zip(*halves, strict=True))) if stacked else max(map(max, halves))
    lines = highest // 2 + 1
    half = (BOTTOM - TOP) // (2 * lines)
    for number in range(lines + 1):
        y = BOTTOM - 2 * half * number
        canvas.line([(LEFT, y), (RIGHT, y)], FAINT if number else INK, 2, f"grid {number}")
        canvas.text(LEFT - 6, y, str(number * scene["step"]), 13, anchor="rm", tag=f"tick {number}")
    slot = (RIGHT - LEFT) // len(scene["names"])
    for place, name in enumerate(scene["names"]):
        left = LEFT + place * slot
        _draw_bars(canvas, scene, place, left, slot, half)
        canvas.text(left + slot // 2, BOTTOM + 16, name, 14, tag=f"name {name}")
    if len(scene["series"]) > 1:
        for number, title in enumerate(scene["series"]):
            x = LEFT + number * 108
            canvas.rectangle((x, 10, x + 14, 24), COLOURS[scene["colours"][number]], INK, 1, f"key {title}")
            canvas.text(x + 20, 17, title, 14, anchor="lm", tag=f"legend {title}")
    return canvas


def _draw_bars(canvas: Canvas, scene: Scene, place: int, left: int, slot: int, half: int) -> None:
    """The bars of one name: side by side, or on top of each other from the first series up."""
    gap = max(6, slot // 8)
    floor = BOTTOM
    wide = slot - 2 * gap if scene["stacked"] else (slot - 2 * gap) // len(scene["series"])
    for number, row in enumerate(scene["halves"]):
        x = left + gap + (0 if scene["stacked"] else number * wide)
        top = floor - row[place] * half
        colour = COLOURS[scene["colours"][number]]
        canvas.rectangle((x, top, x + wide, floor), colour, INK, 1, f"bar {place} {number}")
        floor = top if scene["stacked"] else floor
