"""For each question about graphs of functions: graphs in which its answer is uniform.

A builder gives the graphs and what is asked of them, in grid lines, or None where its draws lead nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from data_synth.families.charts.function_curves import (
    PARABOLAS,
    Curve,
    Window,
    apart,
    broken,
    height,
    line,
    returning,
    through,
)  # fmt: skip
from data_synth.rng import Rng

Built = tuple[list[Curve], dict[str, Any]] | None
SLOPES = tuple(
    (sign * rise, run)
    for run in range(1, 11)
    for rise in range(1, 11)
    for sign in (1, -1)
    if math.gcd(rise, run) == 1
)  # fmt: skip
FACTORS = (-3, -2, -1, 2, 3)  # of a graph that is stretched
CHAINS = {3: ((1, 0), (0, 1)), 4: ((2, 1, 0), (1, 2))}  # numbers of the functions, the first applied first
TWICE_AREA = 60  # largest, in squares of the grid


def _inside(rng: Rng, window: Window, margin: int) -> tuple[int, int]:
    return (
        rng.between(window[0] + margin, window[1] - margin),
        rng.between(window[2] + margin, window[3] - margin),
    )


def _other_line(rng: Rng, window: Window, first: Curve | None = None) -> Curve | None:
    """Any line of the grid that cannot be taken for the first one, to be told apart or asked too."""
    x, other = rng.sample(range(window[0], window[1] + 1), 2)
    if abs(x - other) < 3:
        return None
    curve = line((x, rng.between(window[2], window[3])), (other, rng.between(window[2], window[3])))
    if first is not None and first["kind"] == "line":
        if max(abs(height(curve, x) - height(first, x)) for x in window[:2]) < 3:
            return None
    return curve


def _beside(rng: Rng, window: Window, curves: list[Curve], asked: dict[str, Any]) -> Built:
    """The same question with one more line in the picture."""
    other = _other_line(rng, window, curves[-1])
    return None if other is None else ([*curves, other], asked)


def _value(rng: Rng, window: Window, level: int) -> Built:
    """A column each of two lines, then three knots of a broken line, at uniform heights."""
    if level == 0:
        first = _other_line(rng, window)
        second = first and _other_line(rng, window, first)
        if not first or not second:
            return None
        return [first, second], {
            "xs": [rng.choice(curve["knots"])[0] for curve in (first, second)],
            "chains": [[0], [1]],
        }
    columns = rng.sample(range(window[0], window[1] + 1), 3)
    if min(abs(a - b) for a in columns for b in columns if a != b) < 2:
        return None
    curve = through(rng, window, {x: rng.between(window[2], window[3]) for x in columns}, rng.between(5, 6))
    return [curve], {"xs": columns, "chains": [[0]] * 3}


def _cuts(rng: Rng, window: Window, level: int) -> Built:
    """A line through a uniform point of the x-axis, another through one of the y-axis."""
    (x, y), one, other = _inside(rng, window, 0), _inside(rng, window, 0), _inside(rng, window, 0)
    if not (x and y and one[1] and other[0]) or x == one[0]:
        return None
    first, second = line((x, 0), one), line((0, y), other)
    if max(abs(height(first, x) - height(second, x)) for x in window[:2]) < 3:
        return None
    return [first, second], {}


def _slope(rng: Rng, window: Window, level: int) -> Built:
    """A line with two marked points; or a broken line with one piece in another colour. The slope is uniform."""
    rise, run = rng.choice(SLOPES if level == 1 else [slope for slope in SLOPES if slope[1] <= 6])
    times = rng.between(1, max(1, (9 if level == 1 else 6) // max(abs(rise), run)))
    rise, run = rise * times, run * times
    x = rng.between(window[0], window[1] - run)
    y = rng.between(window[2] + max(0, -rise), window[3] - max(0, rise))
    if level == 1:
        return _beside(rng, window, [line((x, y), (x + run, y + rise))], {"piece": 0})
    heights = {x: y, x + run: y + rise}
    for other in rng.sample(range(window[0], window[1] + 1), 8):
        if all(abs(other - knot) >= 2 for knot in heights) and not x < other < x + run:
            heights[other] = rng.between(window[2], window[3])
    return [broken(heights)], {"piece": sorted(heights).index(x)}


def _meet(rng: Rng, window: Window, level: int) -> Built:
    """Two lines through a uniform point, or a line through two points of a parabola."""
    if level == 1:
        x, y = _inside(rng, window, 1)
        (a, b), (c, d) = ((rng.between(1, 4), rng.between(-4, 4)) for _ in range(2))
        if abs(a * d - b * c) * 2.5 < math.hypot(a, b) * math.hypot(c, d):  # less than 24 degrees
            return None
        return _beside(rng, window, [line((x, y), (x + a, y + b)), line((x, y), (x + c, y + d))], {})
    curve, step = _parabola(rng, window)
    around = [curve["h"] + step * n for n in range(-6, 7)]
    seen = [x for x in around if window[0] <= x <= window[1] and window[2] <= height(curve, x) <= window[3]]
    ways = [(a, b) for a in seen for b in seen if b - a >= 2]
    if not ways:
        return None
    one, other = ((x, int(height(curve, x))) for x in rng.choice(ways))
    return _beside(rng, window, [curve, line(one, other)], {})


def _parabola(rng: Rng, window: Window) -> tuple[Curve, int]:
    """A parabola with a uniform vertex, and the step of x between its crossings of grid lines."""
    h, k = _inside(rng, window, 1)
    n, d, step = rng.choice(PARABOLAS)
    up = k + 5 <= window[3] and (k - 5 < window[2] or rng.chance(0.5))
    return {"kind": "parabola", "h": h, "k": k, "n": n if up else -n, "d": d}, step


def _turn(rng: Rng, window: Window, level: int) -> Built:
    curve, _ = _parabola(rng, window)
    return _beside(rng, window, [curve], {"most": curve["n"] < 0})


def _shift(rng: Rng, window: Window, level: int) -> Built:
    """A broken line with a uniform highest or lowest knot, at least two lines beyond the others, to be transformed."""
    by, most = rng.choice(FACTORS), rng.chance(0.5)
    x = rng.between(window[0], window[1])
    y = rng.between(window[2] + 4, window[3]) if most else rng.between(window[2], window[3] - 4)
    others = [*window[:2], window[2], y - 2] if most else [*window[:2], y + 2, window[3]]
    curve = through(rng, others, {x: y}, rng.between(5, 6))
    along, up = (rng.between(1, 6) * rng.choice((1, -1)) for _ in range(2))
    return [curve], {"most": most, "by": by, "along": along, "up": up}


def _zeros(rng: Rng, window: Window, level: int) -> Built:
    """A broken line that is on a level at uniform places; at first that is the axis."""
    y = 0 if level == 2 else rng.between(window[2] + 2, window[3] - 2)
    count = rng.between(2, 3) if level == 2 else rng.between(3, 4)
    return [broken(returning(rng, window, y, apart(rng, window[0] + 1, window[1] - 1, count)))], {"y": y}


def _agree(rng: Rng, window: Window, level: int) -> Built:
    """Two broken lines that meet at uniform places."""
    places = apart(rng, window[0] + 1, window[1] - 1, rng.between(2, 3))
    return _pair(rng, window, returning(rng, [*window[:2], -7, 7], 0, places)), {}


def _pair(rng: Rng, window: Window, gaps: dict[int, int]) -> list[Curve]:
    """Two broken lines, the first so far above the second."""
    low = {x: rng.between(window[2] + max(0, -gap), window[3] - max(0, gap)) for x, gap in gaps.items()}
    return [broken({x: low[x] + gap for x, gap in gaps.items()}), broken(low)]


def _wave(rng: Rng, window: Window, level: int) -> Built:
    """A wave whose amplitude, midline and period are uniform among those that fit, and another one."""
    first, second = _one_wave(rng, window), _one_wave(rng, window)
    if abs(first["middle"] - second["middle"]) + abs(first["swing"] - second["swing"]) < 3:
        return None
    return [first, second], {}


def _one_wave(rng: Rng, window: Window) -> Curve:
    swing, middle = rng.choice([(a, m) for a in range(1, 7) for m in range(window[2] + a, window[3] - a + 1)])
    half = rng.between(2, 5)
    start = window[0] + rng.randrange(min(2 * half, window[1] - window[0] - 2 * half + 1))  # two tops are seen
    return {"kind": "wave", "middle": middle, "swing": swing, "half": half, "start": start}


def _area(rng: Rng, window: Window, level: int) -> Built:
    """Knots with a uniform signed area: all heights but one are drawn, and that one follows."""
    xs = apart(rng, window[0], window[1], 4 if level == 3 else 5)
    gaps = [b - a for a, b in zip(xs, xs[1:], strict=False)]
    weights = [a + b for a, b in zip([0, *gaps], [*gaps, 0], strict=True)]  # how often a height counts, doubled
    low, high = (window[2], window[3]) if level == 3 else (-9, 9)
    total = rng.between(-TWICE_AREA, TWICE_AREA)
    for _ in range(40):
        place = rng.randrange(len(xs))
        heights = [rng.between(low, high) for _ in xs]
        rest = total - sum(w * y for n, (w, y) in enumerate(zip(weights, heights, strict=True)) if n != place)
        if rest % weights[place] == 0 and low <= rest // weights[place] <= high:
            heights[place] = rest // weights[place]
            found = dict(zip(xs, heights, strict=True))
            return ([broken(found)] if level == 3 else _pair(rng, window, found)), {}
    return None


def _compose(rng: Rng, window: Window, level: int) -> Built:
    """Functions that lead from uniform numbers to uniform numbers, each in one or two knots."""
    tables: list[dict[int, int]] = [{} for _ in range(level - 1)]
    starts = []
    for chain in CHAINS[level]:
        x = rng.between(window[0], window[1])
        starts.append(x)
        for number in chain:
            if x not in tables[number]:
                if any(abs(x - knot) < 2 for knot in tables[number]):
                    return None
                tables[number][x] = rng.between(window[2], window[3])
            x = tables[number][x]
    weights = [rng.between(2, 5), rng.between(2, 5) * rng.choice((1, -1))]
    asked = {"xs": starts, "chains": [list(chain) for chain in CHAINS[level]], "weights": weights}
    return [through(rng, window, table, 5) for table in tables], asked


BUILD: dict[str, Callable[[Rng, Window, int], Built]] = {
    "value": _value, "cuts": _cuts, "slope": _slope, "meet": _meet, "turn": _turn, "shift": _shift, "zeros": _zeros,
    "agree": _agree, "wave": _wave, "area": _area, "compose": _compose,
}  # fmt: skip
