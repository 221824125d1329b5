"""Drawings of clocks, dials, thermometers and a ruler, each in its own part of the page or on a page of its own."""

from __future__ import annotations

import math
from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.palette import COLOURS, FAINT, INK, PAPER
from data_synth.render.style import figure_look

Gadget = dict[str, Any]
SIDE, PAGE = 384, 240  # of a page, and of one that holds a single instrument among several
NUMBER, LABEL = 14, 17


def draw_instruments(scene: Scene, size: int) -> list[Canvas]:
    """One page, or one for each instrument where they are apart."""
    gadgets, look = scene["gadgets"], figure_look(scene)
    if gadgets[0]["kind"] == "ruler":
        canvas = Canvas(SIDE, 240 if "other" in gadgets[0] else 200, size, look)
        _ruler(canvas, gadgets[0])
        return [canvas]
    if scene["apart"]:
        pages = [Canvas(PAGE, PAGE, size, look) for _ in gadgets]
        for page, gadget in zip(pages, gadgets, strict=True):
            _instrument(page, gadget, (PAGE // 2 + 6, PAGE // 2 + 6), 96, labelled=True)
        return pages
    count = len(gadgets)
    canvas = Canvas(SIDE, SIDE if count != 2 else 220, size, look)
    for number, gadget in enumerate(gadgets):
        middle = SIDE // 4 if count != 3 or number < 2 else SIDE // 2
        centre = (middle + (SIDE // 2) * (number % 2), 104 + 186 * (number // 2))
        if count == 1:
            _instrument(canvas, gadget, (SIDE // 2, SIDE // 2), 150, labelled=False)
        else:
            _instrument(canvas, gadget, centre, 78, labelled=True)
    return [canvas]


def _instrument(canvas: Canvas, gadget: Gadget, centre: Point, radius: int, *, labelled: bool) -> None:
    draw = {"clock": _clock, "dial": _dial, "thermometer": _thermometer}[gadget["kind"]]
    draw(canvas, gadget, centre, radius)
    if labelled:
        canvas.text(centre[0] - radius - 6, centre[1] - radius, gadget["label"], LABEL, tag=f"label {gadget['label']}")


def _spot(centre: Point, radius: float, degrees: float) -> Point:
    turn = math.radians(degrees)
    return round(centre[0] + radius * math.cos(turn)), round(centre[1] - radius * math.sin(turn))


def _hand(canvas: Canvas, centre: Point, tip: list[int], length: float, colour: Any, width: int, tag: str) -> None:
    end = round(centre[0] + tip[0] * length / 1000), round(centre[1] + tip[1] * length / 1000)
    back = round(centre[0] - tip[0] * length / 8000), round(centre[1] - tip[1] * length / 8000)
    canvas.line([back, end], colour, width, tag)


def _clock(canvas: Canvas, gadget: Gadget, centre: Point, radius: int) -> None:
    x, y = centre
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), PAPER, INK, 3, "face")
    for minute in range(60):
        long = minute % 5 == 0
        ends = [
            _spot(centre, radius * (0.89 if long else 0.95), 90 - 6 * minute),
            _spot(centre, radius, 90 - 6 * minute),
        ]
        canvas.line(ends, INK, 2 if long else 1, "mark")
    _hand(canvas, centre, gadget["hands"][0], radius * 0.5, INK, 6, "hour hand")
    _hand(canvas, centre, gadget["hands"][1], radius * 0.88, COLOURS["blue"], 3, "minute hand")
    for tip in gadget["hands"][2:]:
        _hand(canvas, centre, tip, radius * 0.9, COLOURS["red"], 2, "second hand")
    for hour in range(1, 13):
        if gadget["numbers"] == "all" or hour % 3 == 0:
            spot = _spot(centre, radius * 0.76, 90 - 30 * hour)
            _number(canvas, spot, str(hour), NUMBER + radius // 40, f"hour {hour}")
    canvas.ellipse((x - 5, y - 5, x + 5, y + 5), INK, tag="pin")


def _number(canvas: Canvas, spot: Point, text: str, height: int, tag: str) -> None:
    """A number on a face; a hand that runs there is interrupted."""
    half, high = len(text) * height * 3 // 10, height * 2 // 5
    canvas.ellipse((spot[0] - half - 1, spot[1] - high - 1, spot[0] + half + 1, spot[1] + high + 1), PAPER, tag="gap")
    canvas.text(*spot, text, height, tag=tag)


def _dial(canvas: Canvas, gadget: Gadget, centre: Point, radius: int) -> None:
    x, y = centre
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), PAPER, INK, 3, "face")
    top, major, parts = gadget["top"], gadget["major"], gadget["parts"]
    step = major // parts
    for value in range(0, top + 1, step):
        degrees = 225 - 270 * value / top
        long = value % major == 0
        ends = [_spot(centre, radius * (0.84 if long else 0.91), degrees), _spot(centre, radius * 0.97, degrees)]
        canvas.line(ends, INK, 2 if long else 1, "mark")
    _hand(canvas, centre, gadget["hands"][0], radius * 0.93, COLOURS["red"], 3, "needle")
    for value in range(0, top + 1, major):
        _number(canvas, _spot(centre, radius * 0.66, 225 - 270 * value / top), str(value), NUMBER, f"number {value}")
    canvas.text(x, y + round(radius * 0.72), gadget["unit"], NUMBER, tag="unit")
    canvas.ellipse((x - 5, y - 5, x + 5, y + 5), INK, tag="pin")


def _thermometer(canvas: Canvas, gadget: Gadget, centre: Point, radius: int) -> None:
    x, top, bottom = centre[0] - 10, centre[1] - radius, centre[1] + radius - 24
    low, high, major, parts = gadget["low"], gadget["high"], gadget["major"], gadget["parts"]
    step = major // parts
    canvas.rectangle((x - 7, top - 4, x + 7, bottom + 6), PAPER, INK, 2, "tube")
    canvas.ellipse((x - 14, bottom, x + 14, bottom + 28), COLOURS["red"], INK, 2, "bulb")
    level = bottom - (bottom - top) * gadget["at"][0] // 1000
    canvas.rectangle((x - 5, level, x + 5, bottom + 8), COLOURS["red"], tag="column")
    for value in range(low, high + 1, step):
        height = bottom - round((bottom - top) * (value - low) / (high - low))
        long = (value - low) % major == 0
        canvas.line([(x + 9, height), (x + (22 if long else 15), height)], INK, 2 if long else 1, "mark")
        if long:
            canvas.text(x + 26, height, str(value), NUMBER, anchor="lm", tag=f"number {value}")


def _ruler(canvas: Canvas, gadget: Gadget) -> None:
    """The ruler under its bars; thin lines lead from their ends to the marks."""
    left, right, top = 34, SIDE - 34, 136 if "other" in gadget else 96
    wide = right - left
    canvas.rectangle((left - 22, top, right + 22, top + 70), COLOURS["yellow"], INK, 2, "ruler")
    for mark in range(gadget["span"] + 1):
        x = left + round(wide * mark / gadget["span"])
        long = 26 if mark % 10 == 0 else 19 if mark % 5 == 0 else 12
        canvas.line([(x, top), (x, top + long)], INK, 1, "mark")
        if mark % 10 == 0:
            canvas.text(x, top + 40, str((gadget["first"] + mark) // 10), NUMBER, tag=f"cm {mark}")
    canvas.text(left, top + 59, "cm", 13, tag="unit")
    bars = [(gadget["colour"], gadget["at"])]
    if "other" in gadget:
        bars.append((gadget["other_colour"], [round(1000 * place / gadget["span"]) for place in gadget["other"]]))
        bars = bars[::-1] if gadget["above"] == 0 else bars  # the upper one last
    for row, (colour, places) in reversed([*enumerate(bars)]):
        _bar(canvas, colour, [left + round(wide * place / 1000) for place in places], top, 40 * row)
    canvas.line([(left - 22, top), (right + 22, top)], FAINT, 1, "edge")


def _bar(canvas: Canvas, colour: str, ends: list[int], top: int, up: int) -> None:
    """A bar this far above the ruler; a bar below it covers its lines."""
    for end in ends:
        canvas.line([(end, top - 46 - up), (end, top)], INK, 1, "end")
    canvas.rectangle((ends[0], top - 34 - up, ends[1], top - 8 - up), COLOURS[colour], INK, 1, f"bar {colour}")
