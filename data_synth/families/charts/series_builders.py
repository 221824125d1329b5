"""For each question about series over time: series in which its answer is uniform.

Values count half grid lines; no two series are equal at one time, so that no mark hides another. A builder gives what
it adds to the scene, or None where its draws lead nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from data_synth.rng import Rng

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PLACES = (
    "Bath", "Bern", "Bonn", "Cork", "Fes", "Gent", "Graz", "Jena", "Kiel", "Kyiv", "Lima", "Linz", "Lyon", "Metz",
    "Nice", "Oslo", "Pisa", "Riga", "Rome", "Thun", "Tula", "Ulm", "Wien", "York",
)  # fmt: skip
INKS = ("blue", "red", "green", "orange", "purple", "grey")
TOP = 20  # half grid lines up to the upper edge
COUNT = (5, 7, 8, 8, 9)  # points of a series, by level
RANKED = (4, 4, 4, 5, 6)  # series whose changes are compared
FRACTIONS = tuple((a, b) for a in range(1, 8) for b in range(1, 8) if math.gcd(a, b) == 1)
Row = list[int | None]
Built = dict[str, Any] | None


def _read(rng: Rng, level: int) -> Built:
    """Two points of one series, then three of two series, at uniform heights."""
    rows: list[Row] = [[None] * COUNT[level] for _ in range(2 if level else 1)]
    if level == 0:
        points = [[0, at] for at in rng.sample(range(COUNT[level]), 2)]
    else:
        at = rng.sample(range(COUNT[level]), 3)
        points = [[rng.randrange(2), place] for place in at]
    for series, place in points:
        rows[series][place] = rng.between(0, TOP) if level else 2 * rng.between(0, TOP // 2)
    return _lines(rng, rows, {"points": points}, even=level == 0)


def _step(rng: Rng, level: int) -> Built:
    """One series with one largest rise (or fall): its place and its size are uniform, all others 2 or more smaller."""
    count = COUNT[level] + 2
    size, at = rng.between(4, 14), rng.between(1, count - 1)
    values = [0] * count
    values[at - 1] = rng.between(0, TOP - size)
    values[at] = values[at - 1] + size
    for place in range(at + 1, count):
        values[place] = rng.between(max(0, values[place - 1] - 9), min(TOP, values[place - 1] + size - 2))
    for place in range(at - 2, -1, -1):
        values[place] = rng.between(max(0, values[place + 1] - size + 2), min(TOP, values[place + 1] + 9))
    falls = rng.chance(0.5)
    if falls:
        values = [TOP - value for value in values]
    return {**_labels(rng, count), "names": [rng.choice(PLACES)], "rows": [values], "asked": {"falls": falls}}


def _above(rng: Rng, level: int) -> Built:
    """Three series with uniform numbers of points above a line; no point is on it."""
    count, line = COUNT[level] - 1, rng.between(7, 13)
    rows: list[Row] = []
    for _ in range(3):
        over = rng.sample(range(count), rng.between(0, count))
        rows.append([0] * count)
        for place in range(count):
            taken = [row[place] for row in rows[:-1]]
            side = range(line + 1, TOP + 1) if place in over else range(0, line)
            rows[-1][place] = rng.choice([value for value in side if value not in taken])
    return _lines(rng, rows, {"line": line})


def _overtake(rng: Rng, level: int) -> Built:
    """The first series is below the second one up to a uniform time, and above it by a uniform lead from then on."""
    count = COUNT[level]
    at = rng.between(1, count - 1)
    leads = [rng.between(-8, -1) if place < at else rng.between(1, 8) for place in range(count)]
    leads[at] = rng.between(1, 10)
    low = [rng.between(max(0, -lead), min(TOP, TOP - lead)) for lead in leads]
    rows: list[Row] = [[value + lead for value, lead in zip(low, leads, strict=True)], list(low)]
    rows += [[None] * count for _ in range(rng.between(0, 1))]
    return _lines(rng, rows, {})


def _rank(rng: Rng, level: int) -> Built:
    """Series over few times whose changes from the first to the last differ by 2 or more."""
    inner: Row = [None] * (1 if level == 2 else 2)
    rows: list[Row] = []
    for rank in rng.sample(range(17), RANKED[level]):
        change = 2 * rank - 16
        starts = [
            start
            for start in range(max(0, -change), min(TOP, TOP - change) + 1)
            if all(start != row[0] and start + change != row[-1] for row in rows)
        ]
        if not starts:
            return None
        start = rng.choice(starts)
        rows.append([start, *inner, start + change])
    return _lines(rng, rows, {"most": rng.chance(0.5)})


def _between(rng: Rng, level: int) -> Built:
    """Heights of one series, or the gap of two, at a time between two points."""
    count, step = COUNT[level], rng.choice((2, 3, 4, 5))
    place, beyond = rng.randrange(count - 1), rng.between(1, step - 1)
    rows: list[Row] = [[None] * count for _ in range(2)]
    for row in rows:
        row[place], row[place + 1] = rng.between(0, TOP), rng.between(0, TOP)
    return _lines(rng, rows, {"at": place, "beyond": beyond}, step=step)


def _meet(rng: Rng, level: int) -> Built:
    """Two series that cross once, at a uniform time and a uniform share of the way between two points."""
    count, step = COUNT[level], rng.choice((1, 2, 3, 4))
    at, (behind, ahead) = rng.between(1, count - 1), rng.choice(FRACTIONS)
    leads = [-rng.between(1, 8) if place < at else rng.between(1, 8) for place in range(count)]
    leads[at - 1], leads[at] = -behind, ahead
    low = [rng.between(max(0, -lead), min(TOP, TOP - lead)) for lead in leads]
    rows: list[Row] = [[value + lead for value, lead in zip(low, leads, strict=True)], list(low)]
    return _lines(rng, rows, {"at": at}, step=step)


def _band(rng: Rng, level: int) -> Built:
    """Three bands on top of each other; of three points the height of one band each, later their weighted sum."""
    count = COUNT[level]
    rows = [[rng.between(1, TOP // 3) for _ in range(count)] for _ in range(3)]
    points = [[rng.randrange(3), place] for place in rng.sample(range(count), 3)]
    weights = [rng.between(2, 5), *(rng.choice((-3, -2, 2, 3)) for _ in range(2))] if level > 3 else []
    asked = {"points": points, "weights": weights}
    return {**_labels(rng, count), "names": rng.sample(PLACES, 3), "rows": rows, "stacked": True, "asked": asked}


def _labels(rng: Rng, count: int, step: int = 0) -> dict[str, Any]:
    """Months in a row, also over the end of a year, or with a step the numbers of hours."""
    if step:
        start = rng.between(0, 12) if step < 3 else step * rng.between(0, 3)
        return {"times": [start + step * place for place in range(count)]}
    start = rng.randrange(len(MONTHS))
    return {"times": [MONTHS[(start + place) % len(MONTHS)] for place in range(count)]}


def _lines(rng: Rng, rows: list[Row], asked: dict[str, Any], *, step: int = 0, even: bool = False) -> Built:
    """Fill what is free: near the straight line between what is fixed; None if two fixed values coincide."""
    count = len(rows[0])
    for place in range(count):
        fixed = [row[place] for row in rows if row[place] is not None]
        if len(set(fixed)) < len(fixed):
            return None
    for row in rows:
        fixed_at = [place for place, value in enumerate(row) if value is not None]
        known: list[tuple[int, int]] = [(place, row[place] or 0) for place in fixed_at]
        for place in range(count):
            if row[place] is None:
                goal = _level(known, place) + rng.between(-4, 4)
                free = [value for value in range(0, TOP + 1, 2 if even else 1) if all(value != r[place] for r in rows)]
                row[place] = min(free, key=lambda value: abs(value - goal))
    return {**_labels(rng, count, step), "names": rng.sample(PLACES, len(rows)), "rows": rows, "asked": asked}


def _level(known: list[tuple[int, int]], place: int) -> int:
    """Height at a place on the way between the known ones around it; half way up if nothing is known."""
    before = [(at, value) for at, value in known if at < place]
    after = [(at, value) for at, value in known if at > place]
    if before and after:
        (a, low), (b, high) = before[-1], after[0]
        return low + (high - low) * (place - a) // (b - a)
    return before[-1][1] if before else after[0][1] if after else TOP // 2


BUILD: dict[str, Callable[[Rng, int], Built]] = {
    "read": _read, "step": _step, "above": _above, "overtake": _overtake, "rank": _rank, "between": _between,
    "gap": _between, "meet": _meet, "band": _band,
}  # fmt: skip
