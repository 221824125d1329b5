"""Clouds of points around two dashed lines: how many are in each quarter, and whether x and y go together."""

from __future__ import annotations

from typing import Any

from data_synth.rng import Rng

WIDE, HIGH = 320, 280  # of the plane, design units; y upwards
APART, OFF = 15, 11  # least distances between points, and of a point from a line or an edge
INKS = ("red", "blue", "green", "orange")
QUARTERS = {"upper right": (1, 1), "lower left": (0, 0), "upper left": (0, 1), "lower right": (1, 0)}
MOST = (4, 6, 6, 6, 6)  # points in a quarter, by level
COLOURS_OF = {3: 2, 4: 3}  # colours whose agreement is asked, by level


def build_quarters(rng: Rng, level: int) -> dict[str, Any] | None:
    """One colour, with a uniform number of points in each quarter."""
    ink = rng.choice(INKS)
    return _cloud(rng, [ink], {(ink, quarter): rng.between(0, MOST[level]) for quarter in QUARTERS})


def build_agreement(rng: Rng, level: int) -> dict[str, Any] | None:
    """Several colours; of each the points that agree less those that do not is uniform."""
    inks, counts = rng.sample(INKS, COLOURS_OF[level]), {}
    for ink in inks:
        score, spare = rng.between(-7, 7), rng.between(1, 3)
        sides = (spare + max(score, 0), spare + max(-score, 0))
        for (one, other), total in zip(
            (("upper right", "lower left"), ("upper left", "lower right")), sides, strict=True
        ):
            counts[ink, one] = rng.between(0, total)
            counts[ink, other] = total - counts[ink, one]
    return _cloud(rng, inks, counts)


def _cloud(rng: Rng, inks: list[str], counts: dict[tuple[str, str], int]) -> dict[str, Any] | None:
    """Points apart from each other and from the lines; None if there is no room."""
    lines = [WIDE // 2 + 10 * rng.between(-4, 4), HIGH // 2 + 10 * rng.between(-3, 3)]
    spots: list[tuple[int, int]] = []
    points = []
    for (ink, quarter), count in counts.items():
        right, upper = QUARTERS[quarter]
        for _ in range(count):
            spot = _spot(rng, lines, right, upper, spots)
            if spot is None:
                return None
            spots.append(spot)
            points.append([*spot, ink])
    rng.shuffle(points)
    return {"points": points, "lines": lines, "inks": inks}


def _spot(rng: Rng, lines: list[int], right: int, upper: int, taken: list[tuple[int, int]]) -> tuple[int, int] | None:
    across = (lines[0] + OFF, WIDE - OFF) if right else (OFF, lines[0] - OFF)
    up = (lines[1] + OFF, HIGH - OFF) if upper else (OFF, lines[1] - OFF)
    for _ in range(30):
        x, y = rng.between(*across), rng.between(*up)
        if all(abs(x - a) >= APART or abs(y - b) >= APART for a, b in taken):
            return x, y
    return None


def tally(scene: dict[str, Any], *, ink: str, quarter: str) -> int:
    """How many points of a colour lie in a quarter."""
    (x, y), (right, upper) = scene["lines"], QUARTERS[quarter]
    return sum((a > x) == right and (b > y) == upper and colour == ink for a, b, colour in scene["points"])


def covariances(scene: dict[str, Any]) -> dict[str, int]:
    """By colour: the signs of (x - line) times (y - line), summed over the points."""
    x, y = scene["lines"]
    totals = dict.fromkeys(scene["inks"], 0)
    for a, b, ink in scene["points"]:
        product = (a - x) * (b - y)
        totals[ink] += (product > 0) - (product < 0)
    return totals
