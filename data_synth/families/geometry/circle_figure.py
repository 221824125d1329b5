"""The figure of a circle question: its points and lines, their places on the page, and the drawing."""

from __future__ import annotations

import math
from typing import Any

from data_synth.families.geometry.angle_figure import draw_labels
from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import (
    LABEL,
    NAME,
    Box,
    Segment,
    Spot,
    arc_pieces,
    arc_radius,
    around,
    between,
    direction,
    draw_arc,
    free_spot,
)
from data_synth.render.palette import COLOURS, INK
from data_synth.render.style import figure_look, pick_look
from data_synth.rng import Rng

SIDE = 384
PAGE: Box = (4, 4, SIDE - 4, SIDE - 4)
ARC = 19  # radius of the mark of an angle
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

# Angle on the chord XY as a function of the inscribed angle g over it, with the steps that lead back to g.
# first the steps from the angle to g, then those from g to the angle
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "inscribed": ((), ()),
    "central": (("half",), ("double",)),
    "tangent": (("chord_tangent",), ("chord_tangent",)),
    "opposite": (("quadrilateral",), ("quadrilateral",)),
    "base": (("apex", "half"), ("double", "base")),
    "diameter": (("thales",), ("thales",)),
    "meeting": (("tangents", "half"), ("double", "tangents")),
}


class CircleFigure:
    """Points, segments and angles of a circle, in units of its radius, with the centre at the origin."""

    def __init__(self, rng: Rng, sharp: list[int]) -> None:
        self.rng, self.sharp = rng, sharp
        self.turn = rng.randrange(360)
        self.names = rng.sample(LETTERS, 12)
        self.centre = self.names.pop()
        self.corners = [self.names.pop() for _ in range(3)]
        self.spots: dict[str, Spot] = {self.centre: (0.0, 0.0)}
        self.spots |= dict(zip(self.corners, corners(sharp, self.turn), strict=True))
        self.rim = list(self.corners)
        self.segments: set[str] = set()
        self.touching: list[str] = []
        self.givens: dict[str, int] = {}
        self.facts: list[list[Any]] = []
        self.steps: list[dict[str, Any]] = []
        self.inscribed: dict[int, str] = {}

    def give(self, chord: int, kind: str) -> None:
        angle = self._angle(chord, kind)
        self.givens[angle] = value_of(kind, self.sharp[chord])
        self.facts.append([chord, kind, angle])
        self._steps(KINDS[kind][0], chord, angle, self._over(chord))

    def ask(self, chord: int, kind: str) -> None:
        if chord not in {fact[0] for fact in self.facts}:
            self._line(*self.corners)
            sources = [self._over(fact[0]) for fact in self.facts]
            self.steps.append({"op": "third", "angle": self._over(chord), "from": sources})
        self.wanted = [chord, kind]
        self.asked = self._angle(chord, kind)
        self._steps(KINDS[kind][1], chord, self._over(chord), self.asked)

    def _over(self, chord: int) -> str:
        """The inscribed angle over a chord, by name."""
        one, other = (self.corners[i] for i in range(3) if i != chord)
        return one + self.corners[chord] + other

    def _steps(self, ops: tuple[str, ...], chord: int, start: str, end: str) -> None:
        """Two steps pass through the angle at the centre."""
        one, other = (self.corners[i] for i in range(3) if i != chord)
        names = [start, end] if len(ops) == 1 else [start, one + self.centre + other, end]
        for op, source, angle in zip(ops, names, names[1:], strict=False):
            self.steps.append({"op": op, "angle": angle, "from": [source]})

    def _line(self, *names: str) -> None:
        """The closed line through the points."""
        ends = zip(names, [*names[1:], names[0]], strict=True)
        self.segments |= {"".join(sorted(pair)) for pair in ends if pair[0] != pair[1]}

    def _angle(self, chord: int, kind: str) -> str:
        """Draw what the angle needs and name it; its corner is the middle letter."""
        one, other = (self.corners[i] for i in range(3) if i != chord)
        if kind == "inscribed":
            return self._ways(one, self.corners[chord], other)
        if kind == "central":
            return self._ways(one, self.centre, other)
        if kind == "base":
            self._line(one, self.centre, other)
            return self.centre + one + other
        spots = extra_point(kind, self.spots[one], self.spots[other], self.spots[self.corners[chord]])
        new = self.names.pop()
        self.spots[new] = spots
        if kind == "opposite":
            self.rim.append(new)
            return self._ways(one, new, other)
        if kind == "tangent":
            self.touching.append(one + new)
            self._line(one, other)
            self._line(one, new)
            return new + one + other
        if kind == "meeting":
            self.touching += [one + new, other + new]
            return self._ways(one, new, other)
        self.rim.append(new)
        self._line(one, new)
        self._line(new, other)
        self._line(one, other)
        return new + one + other

    def _ways(self, one: str, corner: str, other: str) -> str:
        self.segments |= {"".join(sorted((one, corner))), "".join(sorted((corner, other)))}
        return one + corner + other


def corners(sharp: list[int], turn: int) -> list[Spot]:
    """Points of the inscribed triangle with these angles; the arc across from each has twice its angle."""
    degrees = [turn, turn + 2 * sharp[2], turn + 2 * sharp[2] + 2 * sharp[0]]
    return [(math.cos(math.radians(d)), math.sin(math.radians(d))) for d in degrees]


def extra_point(kind: str, one: Spot, other: Spot, third: Spot) -> Spot:
    """The point that an angle over the chord one-other needs besides the triangle."""
    middle = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
    reach = math.hypot(*middle)
    if kind == "opposite":  # on the arc that does not hold the third corner
        away = math.atan2(middle[1], middle[0]) + 0.3 * math.acos(min(1.0, reach))
        return math.cos(away), math.sin(away)
    if kind == "meeting":
        return middle[0] / reach**2, middle[1] / reach**2
    if kind == "diameter":
        return -one[0], -one[1]
    along = (-one[1], one[0])  # a tangent at `one`, towards the side of the arc
    side = 1 if along[0] * (other[0] - one[0]) + along[1] * (other[1] - one[1]) > 0 else -1
    length = 0.85 * side
    return one[0] + along[0] * length, one[1] + along[1] * length


def value_of(kind: str, sharp: int) -> int:
    return {
        "inscribed": sharp,
        "central": 2 * sharp,
        "tangent": sharp,
        "opposite": 180 - sharp,
        "base": 90 - sharp,
        "diameter": 90 - sharp,
        "meeting": 180 - 2 * sharp,
    }[kind]


def placed(rng: Rng, figure: CircleFigure) -> Scene | None:
    """The figure on the page, with its texts; None if it is crowded or leaves the page."""
    xs, ys = [x for x, _ in figure.spots.values()] + [-1.0, 1.0], [y for _, y in figure.spots.values()] + [-1.0, 1.0]
    radius = round((SIDE - 60) / max(max(xs) - min(xs), max(ys) - min(ys)))
    middle = (SIDE / 2 - radius * (max(xs) + min(xs)) / 2, SIDE / 2 - radius * (max(ys) + min(ys)) / 2)
    points = {n: (round(middle[0] + radius * x), round(middle[1] + radius * y)) for n, (x, y) in figure.spots.items()}
    if radius < 84 or not _apart(points):
        return None
    segments = sorted(figure.segments)
    lines: list[Segment] = [(points[ends[0]], points[ends[1]]) for ends in segments]
    mark = rng.choice("xyzw") if rng.chance(0.5) else ""
    given = list(figure.givens)
    if any(_overlap(points, one, other) for n, one in enumerate(given) for other in given[:n]):
        return None
    if any(_overlap(points, figure.asked, angle) for angle in given):
        mark = ""  # two numbers or letters between the same rays would be hard to tell apart
    angles = {angle: f"{value}\u00b0" for angle, value in figure.givens.items()} | (
        {figure.asked: mark} if mark else {}
    )
    taken: list[Box] = []
    labels, names = {}, {}
    rays = {angle: (points[angle[1]], points[angle[0]], points[angle[2]]) for angle in angles}
    arcs = [piece for ray in rays.values() for piece in arc_pieces(*ray, arc_radius(*ray, ARC))]
    off = _ring(points[figure.centre], radius) + arcs
    for angle, ray in rays.items():
        for crossable in (off, arcs):  # between a tangent and a chord there is room on the circle alone
            spot = free_spot(
                between(*ray), angles[angle], LABEL, lines, taken, PAGE, seen_from=ray[0], crossable=crossable
            )
            if spot is not None:
                break
        labels[angle] = spot
    used = {name for segment in segments for name in segment} | {figure.centre, *figure.corners}
    for name in sorted(used):
        names[name] = free_spot(around(points[name]), name, NAME, [*lines, *off], taken, PAGE)
    if None in labels.values() or None in names.values():
        return None
    return {
        "spots": {name: list(points[name]) for name in sorted(used)},
        "centre": figure.centre,
        "radius": radius,
        "rim": figure.rim,
        "segments": segments,
        "touching": figure.touching,
        "givens": figure.givens,
        "facts": figure.facts,
        "wanted": figure.wanted,
        "steps": figure.steps,
        "asked": figure.asked,
        "sharp": figure.sharp,
        "turn": figure.turn,
        "angles": angles,
        "labels": {angle: list(spot) for angle, spot in labels.items() if spot},
        "names": {name: list(spot) for name, spot in names.items() if spot},
        "mark": mark,
        "style": pick_look(rng),
    }


def _apart(points: dict[str, Point]) -> bool:
    every = list(points.values())
    return all(math.dist(a, b) > 26 for i, a in enumerate(every) for b in every[:i])


def _overlap(points: dict[str, Point], one: str, other: str) -> bool:
    """Whether two angles at one corner share more than a ray: their middles are closer than half of both."""
    if one[1] != other[1]:
        return False
    corner = points[one[1]]
    turns, wide = [], 0.0
    for angle in (one, other):
        start, end = (direction(corner, points[name]) for name in angle[::2])
        turn = (end - start + math.pi) % math.tau - math.pi
        turns.append(start + turn / 2)
        wide += abs(turn)
    apart = abs((turns[1] - turns[0] + math.pi) % math.tau - math.pi)
    return apart < wide / 2 - math.radians(2)


def _ring(centre: Point, radius: int) -> list[Segment]:
    """The circle as short segments, for texts to keep off."""
    spots = [
        (round(centre[0] + radius * math.cos(n * math.pi / 18)), round(centre[1] + radius * math.sin(n * math.pi / 18)))
        for n in range(37)
    ]
    return list(zip(spots, spots[1:], strict=False))


def draw_circle(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(SIDE, SIDE, size, figure_look(scene))
    points = {name: (x, y) for name, (x, y) in scene["spots"].items()}
    (x, y), radius = points[scene["centre"]], scene["radius"]
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), None, INK, 2, "circle")
    for angle in scene["angles"]:
        colour = COLOURS["blue"] if angle in scene["givens"] else COLOURS["red"]
        ray = points[angle[1]], points[angle[0]], points[angle[2]]
        draw_arc(canvas, *ray, arc_radius(*ray, ARC), colour, f"arc {angle}", square=False)
    for a, b in scene["segments"]:
        canvas.line([points[a], points[b]], INK, 2, f"line {a}{b}")
    canvas.line([(x - 5, y), (x + 5, y)], COLOURS["red"], 2, "centre")
    canvas.line([(x, y - 5), (x, y + 5)], COLOURS["red"], 2, "centre")
    for name in scene["names"]:
        px, py = points[name]
        if name != scene["centre"]:
            canvas.ellipse((px - 3, py - 3, px + 3, py + 3), INK, tag=f"point {name}")
    draw_labels(canvas, scene)
    return canvas
