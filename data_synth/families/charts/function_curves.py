"""Graphs of functions whose telling points are crossings of grid lines: how they are drawn at random, and their shape.

All coordinates count grid lines; what a line is worth is up to the picture.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from data_synth.rng import Rng

# kind and what it has: line, broken: knots [[x, y], ...]; parabola: h, k, n, d of k + n (x - h)^2 / d;
# wave: middle, swing, half, start of middle + swing cos(pi (x - start) / half)
Curve = dict[str, Any]
Window = list[int]  # first and last x, first and last y
PARABOLAS = ((1, 1, 1), (1, 2, 2), (1, 4, 2), (2, 1, 1), (1, 3, 3))  # n, d, step of x between crossings of grid lines
SAMPLES = 4  # of an outline, between two grid lines


def line(one: tuple[int, int], other: tuple[int, int]) -> Curve:
    """The straight line through two points, from edge to edge."""
    return {"kind": "line", "knots": [list(one), list(other)]}


def broken(heights: Mapping[int, int]) -> Curve:
    """Straight pieces from knot to knot."""
    return {"kind": "broken", "knots": [[x, heights[x]] for x in sorted(heights)]}


def through(rng: Rng, window: Window, fixed: Mapping[int, int], count: int) -> Curve:
    """A broken line through the fixed knots and others, at least two columns apart, up to `count` in all."""
    heights = dict(fixed)
    while len(heights) < count:
        free = [x for x in range(window[0], window[1] + 1) if all(abs(x - knot) >= 2 for knot in heights)]
        if not free:
            break
        heights[rng.choice(free)] = rng.between(window[2], window[3])
    return broken(heights)


def apart(rng: Rng, low: int, high: int, count: int) -> list[int]:
    """`count` numbers of low .. high in rising order, no two of them neighbours."""
    picked = sorted(rng.sample(range(low, high - count + 2), count))
    return [number + place for place, number in enumerate(picked)]


def returning(rng: Rng, window: Window, level: int, places: list[int]) -> dict[int, int]:
    """Heights of the knots of a broken line that is on a level at these places only, and else 2 or more from it."""
    stops = [window[0] - 1, *places, window[1] + 1]
    heights = {x: level for x in places}
    for before, after in zip(stops, stops[1:], strict=False):
        bend = rng.between(before + 1, after - 1)
        heights[bend] = rng.choice([y for y in range(window[2], window[3] + 1) if abs(y - level) >= 2])
    return heights


def height(curve: Curve, x: int) -> Fraction:
    """The exact value at x of a line, a broken line or a parabola. Raises ValueError outside a broken line."""
    if curve["kind"] == "parabola":
        return curve["k"] + Fraction(curve["n"] * (x - curve["h"]) ** 2, curve["d"])
    knots = curve["knots"]
    for (x0, y0), (x1, y1) in zip(knots, knots[1:], strict=False):
        if curve["kind"] == "line" or x0 <= x <= x1:
            return y0 + Fraction((y1 - y0) * (x - x0), x1 - x0)
    raise ValueError(f"the graph ends before x = {x}")


def outline(curve: Curve, window: Window, samples: int = SAMPLES) -> list[tuple[float, float]]:
    """Points of the graph inside the window from left to right; straight between them, or nearly so.

    samples: of a curve, between two grid lines.
    """
    if curve["kind"] == "broken":
        return [(float(x), float(y)) for x, y in curve["knots"]]
    first, last = _ends(curve, window)
    if curve["kind"] == "line":
        return [(first, _shape(curve, first)), (last, _shape(curve, last))]
    inner = range(math.floor(first * samples) + 1, math.ceil(last * samples))
    return [(x, _shape(curve, x)) for x in (first, *(n / samples for n in inner), last)]


def _ends(curve: Curve, window: Window) -> tuple[float, float]:
    """First and last x at which the graph is inside the window."""
    left, right, low, high = window
    if curve["kind"] == "line":
        (x0, y0), (x1, y1) = curve["knots"]
        if y0 != y1:
            ends = sorted(x0 + (y - y0) * (x1 - x0) / (y1 - y0) for y in (low, high))
            return max(left, ends[0]), min(right, ends[1])
    if curve["kind"] == "parabola":
        room = (high if curve["n"] > 0 else low) - curve["k"]
        reach = math.sqrt(room * curve["d"] / curve["n"])
        return max(left, curve["h"] - reach), min(right, curve["h"] + reach)
    return left, right


def _shape(curve: Curve, x: float) -> float:
    if curve["kind"] == "wave":
        return float(curve["middle"] + curve["swing"] * math.cos(math.pi * (x - curve["start"]) / curve["half"]))
    if curve["kind"] == "parabola":
        return float(curve["k"] + curve["n"] * (x - curve["h"]) ** 2 / curve["d"])
    (x0, y0), (x1, y1) = curve["knots"]
    return float(y0 + (y1 - y0) * (x - x0) / (x1 - x0))


def sampled(curve: Curve, window: Window) -> dict[int, float]:
    """Heights at every x that is a multiple of 1 / SAMPLES, by steps along the outline; keys are x * SAMPLES."""
    points = outline(curve, window)
    heights: dict[int, float] = {}
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        for n in range(math.ceil(x0 * SAMPLES - 1e-9), math.floor(x1 * SAMPLES + 1e-9) + 1):
            share = (n / SAMPLES - x0) / (x1 - x0)
            heights[n] = y0 + (y1 - y0) * share
    return heights
