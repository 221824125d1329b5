"""Figures of named points and segments: fitted to a page, angles marked, and labels put where no line runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from data_synth.render.canvas import Canvas, Point, Spot, on_curve
from data_synth.render.palette import INK, Colour

Box = tuple[int, int, int, int]
Segment = tuple[Spot, Spot]
NAME, LABEL = 17, 15  # text heights of points and of numbers, design units
NAME_AWAY = (15, 19, 24)  # distances of a name from its point, nearest first
LABEL_AWAY = (27, 32, 38, 46, 56, 68, 82, 98)  # of a number from the corner that it belongs to
_AROUND = [
    (round(away * math.cos(turn * math.pi / 8)), round(away * math.sin(turn * math.pi / 8)))
    for away in NAME_AWAY
    for turn in (12, 4, 8, 0, 10, 14, 2, 6, 11, 13, 9, 15, 1, 3, 5, 7)
]


def fitted(points: Mapping[str, Spot], width: int, height: int, margin: int) -> dict[str, Point]:
    """The points scaled and moved, shape kept, into the middle of a page; integer design units."""
    xs, ys = [x for x, _ in points.values()], [y for _, y in points.values()]
    wide, high = max(max(xs) - min(xs), 1e-9), max(max(ys) - min(ys), 1e-9)
    scale = min((width - 2 * margin) / wide, (height - 2 * margin) / high)
    left, top = (width - wide * scale) / 2 - min(xs) * scale, (height - high * scale) / 2 - min(ys) * scale
    return {name: (round(left + x * scale), round(top + y * scale)) for name, (x, y) in points.items()}


def turned(points: Mapping[str, Spot], width: int, height: int) -> dict[str, Spot]:
    """The points turned, by a multiple of 30 degrees, so that they fill a page of this shape best."""
    best, room = dict(points), 0.0
    for turn in range(0, 180, 30):
        c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        here = {name: (c * x - s * y, s * x + c * y) for name, (x, y) in points.items()}
        xs, ys = [x for x, _ in here.values()], [y for _, y in here.values()]
        scale = min(width / max(max(xs) - min(xs), 1e-9), height / max(max(ys) - min(ys), 1e-9))
        if scale > room * 1.001:  # not by rounding alone
            best, room = here, scale
    return best


def text_box(centre: Point, text: str, height: int) -> Box:
    """A box that holds the text in any of the fonts, with a little air."""
    half, high = text_reach(text, height)
    return centre[0] - half, centre[1] - high, centre[0] + half, centre[1] + high


def text_reach(text: str, height: int) -> tuple[int, int]:
    """How far that box reaches from its middle, across and down."""
    return round((len(text) - text.count("\u00b0") / 2) * height * 0.31) + 3, height // 2 + 2


def runs_through(segment: Segment, box: Box) -> bool:
    """Whether the segment has a point inside the box."""
    return _crossed(box, (segment,))


def segments_cross(a: Segment, b: Segment) -> bool:
    """Whether two segments meet in a point that is an end of neither."""
    return crosses_any(a, (b,))


def crosses_any(segment: Segment, lines: Iterable[Segment]) -> bool:
    """Whether the segment meets one of the lines in a point that is an end of neither."""
    (px, py), (qx, qy) = segment
    dx, dy = qx - px, qy - py
    for (rx, ry), (sx, sy) in lines:  # a plain loop: figures spend much of their time here
        first, second = dx * (ry - py) - dy * (rx - px), dx * (sy - py) - dy * (sx - px)
        if first < 0 < second or second < 0 < first:
            ex, ey = sx - rx, sy - ry
            first, second = ex * (py - ry) - ey * (px - rx), ex * (qy - ry) - ey * (qx - rx)
            if first < 0 < second or second < 0 < first:
                return True
    return False


def free_spot(
    candidates: Iterable[Point],
    text: str,
    height: int,
    lines: Sequence[Segment],
    taken: list[Box],
    page: Box,
    *,
    seen_from: Point | None = None,
    crossable: Sequence[Segment] = (),
) -> Point | None:
    """The first candidate where the text meets no line, no other text and no edge; its box joins `taken`.

    seen_from: no line may run between this point and the text, or the text would seem to belong elsewhere.
    crossable: more lines that the text must not meet; they may run there.
    """
    half, high = text_reach(text, height)
    if seen_from is not None:  # lines that end there are the likeliest to be met
        lines = sorted(lines, key=lambda line: seen_from not in line)
    for spot in candidates:
        x, y = spot
        box = x - half, y - high, x + half, y + high
        if box[0] < page[0] or box[1] < page[1] or box[2] > page[2] or box[3] > page[3]:
            continue
        if _occupied(box, taken) or _crossed(box, lines) or _crossed(box, crossable):
            continue
        if seen_from is None or not crosses_any((seen_from, spot), lines):
            taken.append(box)
            return spot
    return None


def _occupied(box: Box, taken: Sequence[Box]) -> bool:
    for other in taken:
        if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
            return True
    return False


def _crossed(box: Box, lines: Sequence[Segment]) -> bool:
    """Whether one of the lines has a point in the box: neither an axis nor the line itself separates the two."""
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    for (x, y), (x1, y1) in lines:
        if x < left and x1 < left or x > right and x1 > right or y < top and y1 < top or y > bottom and y1 > bottom:
            continue
        dx, dy = x1 - x, y1 - y
        aside = dx * (top + bottom - 2 * y) - dy * (left + right - 2 * x)  # twice the box's middle, off the line
        if abs(aside) <= wide * abs(dy) + high * abs(dx):
            return True
    return False


def around(point: Point) -> list[Point]:
    """Where a point's name may stand: sixteen directions, near ones first."""
    return [(point[0] + dx, point[1] + dy) for dx, dy in _AROUND]


def between(corner: Point, one: Point, other: Point) -> list[Point]:
    """Where the number of an angle may stand: along its bisector, near ones first."""
    a, b = direction(corner, one), direction(corner, other)
    turn = (b - a + math.pi) % (2 * math.pi) - math.pi
    rays = [(math.cos(a + turn * share), math.sin(a + turn * share)) for share in (0.5, 0.42, 0.58, 0.34, 0.66)]
    return [(round(corner[0] + away * dx), round(corner[1] + away * dy)) for away in LABEL_AWAY for dx, dy in rays]


def beside(one: Point, other: Point) -> list[Point]:
    """Where the number of a segment may stand: on both sides of its middle, then towards its ends."""
    along, length = direction(one, other), math.dist(one, other)
    spots = []
    for share in (0.5, 0.42, 0.58, 0.34, 0.66):
        middle = one[0] + math.cos(along) * length * share, one[1] + math.sin(along) * length * share
        for away in (14, -14, 19, -19, 25, -25):
            spots.append((round(middle[0] - math.sin(along) * away), round(middle[1] + math.cos(along) * away)))
    return spots


def direction(start: Spot, end: Spot) -> float:
    return math.atan2(end[1] - start[1], end[0] - start[0])


def angle_at(corner: Spot, one: Spot, other: Spot) -> float:
    """The angle between two rays, degrees, 0 to 180: what a protractor would read."""
    a = math.atan2(one[1] - corner[1], one[0] - corner[0])
    b = math.atan2(other[1] - corner[1], other[0] - corner[0])
    return abs(math.degrees((b - a + math.pi) % (2 * math.pi) - math.pi))


def draw_arc(
    canvas: Canvas,
    corner: Point,
    one: Point,
    other: Point,
    radius: int,
    colour: Colour = INK,
    tag: str = "arc",
    *,
    square: bool = True,
) -> None:
    """The mark of an angle: a square corner for 90 degrees, else an arc between the rays."""
    if square and abs(angle_at(corner, one, other) - 90) < 0.5:
        draw_corner(canvas, corner, one, other, round(radius * 0.6), colour, tag)
    else:
        canvas.line(arc_points(corner, one, other, radius), colour, 2, tag)


def draw_corner(
    canvas: Canvas, corner: Point, one: Point, other: Point, side: int, colour: Colour = INK, tag: str = "corner"
) -> None:
    """The small square that marks a right angle."""
    a, b = direction(corner, one), direction(corner, other)
    ends = [(side * math.cos(t), side * math.sin(t)) for t in (a, b)]
    offsets = [ends[0], (ends[0][0] + ends[1][0], ends[0][1] + ends[1][1]), ends[1]]
    canvas.line([(round(corner[0] + x), round(corner[1] + y)) for x, y in offsets], colour, 2, tag)


def arc_radius(corner: Point, one: Point, other: Point, usual: int) -> int:
    """Radius of the mark of an angle: larger for narrow angles, whose numbers stand far out."""
    wide = usual + 2 * max(0, 42 - round(angle_at(corner, one, other)))
    return max(usual, min(wide, round(0.5 * min(math.dist(corner, one), math.dist(corner, other)))))


def arc_points(corner: Point, one: Point, other: Point, radius: int, apart: int = 4) -> list[Spot]:
    """Points of an arc around the corner, from the ray to `one` to the ray to `other`, the short way.

    apart: design units from point to point.
    """
    a, b = direction(corner, one), direction(corner, other)
    turn = (b - a + math.pi) % (2 * math.pi) - math.pi
    steps = max(3, round(abs(turn) * radius / apart))
    turns = [a + turn * n / steps for n in range(steps + 1)]
    return [on_curve(corner[0] + radius * math.cos(t), corner[1] + radius * math.sin(t)) for t in turns]


def arc_pieces(corner: Point, one: Point, other: Point, radius: int) -> list[Segment]:
    """The same arc as a few segments, for texts to keep off."""
    points = arc_points(corner, one, other, radius, apart=12)
    return list(zip(points, points[1:], strict=False))


def draw_tick(canvas: Canvas, one: Point, other: Point, marks: int = 1, tag: str = "tick") -> None:
    """Short strokes across the middle of a segment: segments with as many are equally long."""
    along = direction(one, other)
    middle = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
    for number in range(marks):
        away = 6 * number - 3 * (marks - 1)
        x, y = middle[0] + away * math.cos(along), middle[1] + away * math.sin(along)
        dx, dy = -7 * math.sin(along), 7 * math.cos(along)
        canvas.line([(round(x - dx), round(y - dy)), (round(x + dx), round(y + dy))], INK, 2, tag)


def draw_arrows(canvas: Canvas, start: Point, end: Point, count: int, share: float) -> None:
    """Arrow heads at a share of a segment: parallels have as many, pointing the same way."""
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    for number in range(count):
        away = length * share + 9 * number
        x, y = start[0] + dx * away, start[1] + dy * away
        wings = [(round(x - 9 * dx - s * 6 * dy), round(y - 9 * dy + s * 6 * dx)) for s in (1, -1)]
        canvas.line([wings[0], (round(x), round(y)), wings[1]], INK, 2, "arrow")


def draw_arrow_head(canvas: Canvas, start: Spot, end: Spot, colour: Colour = INK, tag: str = "arrow") -> None:
    """A filled head at the end of the way from `start` to `end`."""
    turn = direction(start, end)
    dx, dy = math.cos(turn), math.sin(turn)
    wings = [on_curve(end[0] - 11 * dx - s * 5 * dy, end[1] - 11 * dy + s * 5 * dx) for s in (1, -1)]
    canvas.polygon([end, *wings], colour, tag=tag)
