"""Sheets of paper on top of each other, laid so that the picture shows their whole order.

Each sheet lies visibly on the one below it in the order: part of its edge runs across that sheet, and no other sheet
hides the two sides of it there.
"""

from __future__ import annotations

import math
from typing import Any

from data_synth.render.canvas import Point
from data_synth.rng import Rng

Sheet = dict[str, Any]  # label, tint, corners (clockwise, design units), spot of the label, height (0 = lowest)
Line = tuple[float, float, float]  # a x + b y >= c holds inside, (a, b) of length 1
Span = tuple[float, float]  # a stretch of an edge, design units from its start

SIDE, EDGE = 384, 8  # of the page, and how close sheets come to its border
MARGIN = 7  # how far inside a sheet an edge must run to be seen on it
CLEAR = 12  # of the upper sheet's edge beyond the place where the lower one's outline disappears
LEAST_EDGE = 26  # of an edge that shows which of two sheets is above
LABEL_ROOM = 13  # between a label's centre and any edge
TRIES = 24


def lay_sheets(rng: Rng, count: int, sides: tuple[int, int], turn: int) -> list[Sheet] | None:
    """Sheets from the lowest to the highest, without labels and tints; None if one finds no place.

    sides: least and greatest length of a side; turn: most degrees that a sheet is turned by.
    """
    sheets: list[Sheet] = []
    for height in range(count):
        for _ in range(TRIES):
            corners = _corners(rng, sides, turn, sheets[-1]["corners"] if sheets else None)
            if corners is None:
                continue
            sheet: Sheet = {"corners": corners, "height": height, "lines": lines(corners)}
            if _shows(sheets, sheet):
                sheet["spots"] = _spots(corners, sheet["lines"])
                break
        else:
            return None
        for other in sheets:
            other["spots"] = [spot for spot in other["spots"] if not _inside(sheet["lines"], spot, -LABEL_ROOM)]
        sheets.append(sheet)
    return [
        {"corners": [list(p) for p in s["corners"]], "height": s["height"], "spot": list(s["spots"][0])} for s in sheets
    ]


def _corners(rng: Rng, sides: tuple[int, int], turn: int, below: list[Point] | None) -> list[Point] | None:
    """Corners of a sheet on the page that partly covers the one below; None if it sticks out."""
    wide, high = rng.between(*sides), rng.between(*sides)
    angle = math.radians(rng.between(-turn, turn))
    if below is None:
        x, y = rng.between(SIDE // 4, 3 * SIDE // 4), rng.between(SIDE // 4, 3 * SIDE // 4)
    else:
        middle = sum(p[0] for p in below) // 4, sum(p[1] for p in below) // 4
        way, reach = math.radians(rng.randrange(360)), rng.between(45, 85) * (sides[0] + sides[1]) / 200
        x, y = round(middle[0] + reach * math.cos(way)), round(middle[1] + reach * math.sin(way))
    cos, sin = math.cos(angle), math.sin(angle)
    corners = [
        (round(x + (sx * wide * cos - sy * high * sin) / 2), round(y + (sx * wide * sin + sy * high * cos) / 2))
        for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    values = [value for corner in corners for value in corner]
    return corners if EDGE <= min(values) and max(values) <= SIDE - EDGE else None


def _spots(corners: list[Point], sides: list[Line]) -> list[Point]:
    """Where the label may stand: a grid of places well inside the sheet, those near its corners first."""
    (x, y), (x1, y1), (x2, y2), (x3, y3) = corners
    found = []
    for across, down in ((1, 1), (5, 1), (1, 5), (5, 5), (3, 3), (3, 1), (1, 3), (5, 3), (3, 5)):
        top, bottom = x + (x1 - x) * across / 6, x3 + (x2 - x3) * across / 6
        left, right = y + (y1 - y) * across / 6, y3 + (y2 - y3) * across / 6
        found.append((round(top + (bottom - top) * down / 6), round(left + (right - left) * down / 6)))
    return [spot for spot in found if _inside(sides, spot, LABEL_ROOM)]


def _shows(sheets: list[Sheet], new: Sheet) -> bool:
    """Whether a new sheet on top leaves all labels and all evidence of the order to be seen, and adds its own."""
    if any(all(_inside(new["lines"], spot, -LABEL_ROOM) for spot in sheet["spots"]) for sheet in sheets):
        return False
    stack = [sheet["lines"] for sheet in sheets] + [new["lines"]]
    outlines = [sheet["corners"] for sheet in sheets] + [new["corners"]]
    last = len(sheets) - 1
    return all(
        visible_edge(outlines, stack, lower, lower + 1) >= LEAST_EDGE
        for lower in range(last, -1, -1)
        if lower == last or _near(outlines[lower + 1], new["corners"])
    )


def _near(a: list[Point], b: list[Point]) -> bool:
    """Whether the boxes around two sheets come so close that one sheet can hide evidence on the other's edges."""
    reach = 2 * MARGIN + CLEAR  # as far as `visible_edge` looks beyond an edge, and what it keeps clear of others
    return all(
        min(p[axis] for p in a) - reach < max(p[axis] for p in b)
        and min(p[axis] for p in b) - reach < max(p[axis] for p in a)
        for axis in (0, 1)
    )


def visible_edge(outlines: list[list[Point]], stack: list[list[Line]], lower: int, upper: int) -> float:
    """Longest stretch of the upper sheet's edge that shows, to a viewer, that it runs across the lower sheet.

    One end of the stretch is in plain view too: a corner of the upper sheet, or the place where the lower sheet's
    outline disappears; else the two might only touch. outlines, stack: corners and sides, the lowest first.
    """
    longest, corners = 0.0, outlines[upper]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        span = _clip(start, end, stack[lower], MARGIN)
        if span is None or span[1] - span[0] <= max(longest, LEAST_EDGE - 1):
            continue
        length = math.sqrt((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2)
        low = -MARGIN if span[0] == 0 else span[0] - MARGIN - CLEAR
        high = length + MARGIN if span[1] == length else span[1] + MARGIN + CLEAR
        spans = [(low, high)]
        for other in range(lower + 1, len(stack)):
            if other != upper:
                spans = _without(spans, _clip(start, end, stack[other], -MARGIN, MARGIN + CLEAR))
        for begin, stop in spans:
            if begin == low >= -MARGIN or stop == high <= length + MARGIN:
                longest = max(longest, min(stop, span[1]) - max(begin, span[0]))
    return longest


def lines(corners: list[Point]) -> list[Line]:
    """The sides of a clockwise convex outline (y downwards) as half-planes."""
    found = []
    for (x, y), (x1, y1) in zip(corners, corners[1:] + corners[:1], strict=True):
        length = math.sqrt((x1 - x) ** 2 + (y1 - y) ** 2)
        a, b = (y - y1) / length, (x1 - x) / length
        found.append((a, b, a * x + b * y))
    return found


def _inside(sides: list[Line], spot: Point, margin: int) -> bool:
    """Whether a point lies inside all sides by the margin; a negative margin widens the outline."""
    x, y = spot
    for a, b, c in sides:
        if a * x + b * y < c + margin:
            return False
    return True


def _clip(start: Point, end: Point, sides: list[Line], margin: int, more: int = 0) -> Span | None:
    """The stretch of a segment, made longer by `more` at both ends, that lies inside all sides by the margin."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.sqrt(dx * dx + dy * dy)
    low, high = 0.0 - more, length + more
    for a, b, c in sides:
        slope, gap = (a * dx + b * dy) / length, c + margin - a * start[0] - b * start[1]
        if abs(slope) < 1e-9:
            if gap > 0:
                return None
        elif slope > 0:
            low = max(low, gap / slope)
        else:
            high = min(high, gap / slope)
        if low >= high:
            return None
    return low, high


def _without(spans: list[Span], hole: Span | None) -> list[Span]:
    if hole is None:
        return spans
    pieces = [piece for a, b in spans for piece in ((a, min(b, hole[0])), (max(a, hole[1]), b))]
    return [(a, b) for a, b in pieces if a < b]


def seen_on(sheets: list[Sheet]) -> list[list[str]]:
    """[upper label, lower label] of every two sheets of which the picture shows which one is above."""
    stack = sorted(sheets, key=lambda sheet: int(sheet["height"]))
    outlines = [[(x, y) for x, y in sheet["corners"]] for sheet in stack]
    sides = [lines(outline) for outline in outlines]
    pairs = [(upper, lower) for upper in range(len(stack)) for lower in range(upper)]
    return [
        [stack[upper]["label"], stack[lower]["label"]]
        for upper, lower in pairs
        if _near(outlines[lower], outlines[upper]) and visible_edge(outlines, sides, lower, upper) >= LEAST_EDGE
    ]
