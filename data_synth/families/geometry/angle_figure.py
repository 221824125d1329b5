"""The figure of an angle chase: points on the page, names and numbers in free spots, and its drawing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import (
    LABEL,
    NAME,
    Box,
    Segment,
    angle_at,
    arc_pieces,
    arc_radius,
    around,
    between,
    crosses_any,
    draw_arc,
    draw_arrows,
    draw_tick,
    fitted,
    free_spot,
    turned,
)
from data_synth.render.palette import COLOURS, INK
from data_synth.render.style import figure_look, pick_look
from data_synth.rng import Rng

WIDTH, HEIGHT, MARGIN = 384, 360, 32
PAGE: Box = (4, 4, WIDTH - 4, HEIGHT - 4)
NEAR = 17  # a point and a line that do not belong together keep this distance
APART = 44  # of two points, along the axes
MARKS = "xyzw"
ARC = 17  # radius of the mark of an angle


def complete(rng: Rng, scene: dict[str, Any], level: int) -> Scene | None:
    """The chain as a drawable scene with integer positions; None if the figure would be crowded or ambiguous."""
    sheared = level >= 3
    spots = scene["spots"]
    if sheared:
        lean, squeeze = rng.between(-25, 25) / 100, rng.between(85, 118) / 100
        spots = {name: (x + lean * y, y * squeeze) for name, (x, y) in spots.items()}
    points = fitted(turned(spots, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN), WIDTH, HEIGHT, MARGIN)
    segments = _segments(scene)
    lines = [(points[ends[0]], points[ends[1]]) for ends in segments]
    if not _clear(points, segments, lines):
        return None
    mark = rng.choice(MARKS) if rng.chance(0.5) else ""
    angles = {angle: str(value) + "\u00b0" for angle, value in scene["givens"].items()}
    if mark:
        angles[scene["asked"]] = mark
    taken: list[Box] = []
    labels: dict[str, Point] = {}
    rays = {angle: (points[angle[1]], points[angle[0]], points[angle[2]]) for angle in angles}
    arcs = [piece for ray in rays.values() for piece in arc_pieces(*ray, arc_radius(*ray, ARC))]
    for angle in sorted(angles, key=lambda name: angle_at(*rays[name])):  # the narrowest leaves the least room
        corner, spots = rays[angle][0], between(*rays[angle])
        spot = free_spot(spots, angles[angle], LABEL, lines, taken, PAGE, seen_from=corner, crossable=arcs)
        if spot is None:
            return None
        labels[angle] = spot
    names: dict[str, Point] = {}
    for name, point in points.items():
        spot = free_spot(around(point), name, NAME, lines, taken, PAGE, crossable=arcs)
        if spot is None:
            return None
        names[name] = spot
    return {
        **scene,
        "spots": {name: list(point) for name, point in points.items()},
        "segments": segments,
        "angles": angles,
        "labels": {angle: list(spot) for angle, spot in labels.items()},
        "names": {name: list(spot) for name, spot in names.items()},
        "mark": mark,
        "sheared": sheared,
        "style": pick_look(rng),
    }


def _segments(scene: dict[str, Any]) -> list[str]:
    """Sides of triangles and the extensions beyond corners, each once."""
    found = {"".join(sorted(pair)) for triangle in scene["triangles"] for pair in combinations(triangle, 2)}
    found |= {"".join(sorted(line[1:])) for line in scene["lines"]}
    return sorted(found)


def _clear(points: dict[str, Point], segments: list[str], lines: Sequence[Segment]) -> bool:
    """Whether points are apart, keep away from the lines that do not end in them, and no lines cross."""
    if any(abs(a[0] - b[0]) + abs(a[1] - b[1]) <= APART for a, b in combinations(points.values(), 2)):
        return False
    for name, (x, y) in points.items():
        for ends, ((x1, y1), (x2, y2)) in zip(segments, lines, strict=True):
            dx, dy = x2 - x1, y2 - y1
            if name in ends or abs(dx * (y - y1) - dy * (x - x1)) >= NEAR * (abs(dx) + abs(dy)):
                continue  # the bound is above the length of the line, so this one is far enough
            share = max(0.0, min(1.0, ((x - x1) * dx + (y - y1) * dy) / max(1, dx * dx + dy * dy)))
            if (x - x1 - share * dx) ** 2 + (y - y1 - share * dy) ** 2 < NEAR * NEAR:
                return False
    return not any(crosses_any(line, lines[:place]) for place, line in enumerate(lines))


def _classes(pairs: list[list[str]]) -> list[list[str]]:
    """Sides, letters in order, that pairs join: as many marks show a whole class, so that no side has two of them."""
    classes: list[list[str]] = []
    for pair in pairs:
        sides = ["".join(sorted(side)) for side in pair]
        joined = [known for known in classes if set(known) & set(sides)]
        classes = [known for known in classes if known not in joined]
        classes.append(list(dict.fromkeys([side for known in joined for side in known] + sides)))
    return classes


def _along(points: dict[str, Point], side: str, first: str) -> tuple[Point, Point]:
    """The ends of a side, in the order that points the same way as the first one."""
    (a, b), (c, d) = (points[side[0]], points[side[1]]), (points[first[0]], points[first[1]])
    same = (b[0] - a[0]) * (d[0] - c[0]) + (b[1] - a[1]) * (d[1] - c[1]) > 0
    return (a, b) if same else (b, a)


def draw_figure(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, size, figure_look(scene))
    points = {name: (x, y) for name, (x, y) in scene["spots"].items()}
    for angle in scene["angles"]:
        colour = COLOURS["red"] if angle not in scene["givens"] else COLOURS["blue"]
        ray = points[angle[1]], points[angle[0]], points[angle[2]]
        draw_arc(canvas, *ray, arc_radius(*ray, ARC), colour, f"arc {angle}", square=False)
    for a, b in scene["segments"]:
        canvas.line([points[a], points[b]], INK, 2, f"side {a}{b}")
    equal, parallel = _classes(scene["equal"]), _classes(scene["parallel"])
    for number, sides in enumerate(equal, 1):
        for side in sides:
            draw_tick(canvas, points[side[0]], points[side[1]], number, f"tick {side}")
    ticked = {side for sides in equal for side in sides}
    for number, sides in enumerate(parallel, 1):
        for side in sides:
            start, end = _along(points, side, sides[0])
            draw_arrows(canvas, start, end, number, 0.74 if side in ticked else 0.58)
    for name, (x, y) in points.items():
        canvas.ellipse((x - 3, y - 3, x + 3, y + 3), INK, tag=f"point {name}")
    draw_labels(canvas, scene)
    return canvas


def draw_labels(canvas: Canvas, scene: Scene) -> None:
    """The numbers of the marked angles and the names of the points, where the scene says."""
    for angle, text in scene["angles"].items():
        x, y = scene["labels"][angle]
        canvas.text(x, y, text, LABEL, tag=f"angle {angle}")
    for name, (x, y) in scene["names"].items():
        canvas.text(x, y, name, NAME, tag=f"name {name}")
