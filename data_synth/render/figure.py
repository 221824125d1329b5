"""Figures of named points and segments: fitted to a page, angles marked, and labels put where no line runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from data_synth.render.canvas import Canvas, Point
from data_synth.render.palette import INK, Colour

Spot = tuple[float, float]
Box = tuple[int, int, int, int]
Segment = tuple[Point, Point]
NAME, LABEL = 17, 15  # text heights of points and of numbers, design units
NAME_AWAY = (15, 19, 24)  # distances of a name from its point, nearest first
LABEL_AWAY = (27, 32, 38, 46, 56, 68, 82)  # of a number from the corner that it belongs to


def fitted(points: Mapping[str, Spot], width: int, height: int, margin: int) -> dict[str, Point]:
    """The points scaled and moved, shape kept, into the middle of a page; integer design units."""
    xs, ys = [x for x, _ in points.values()], [y for _, y in points.values()]
    wide, high = max(max(xs) - min(xs), 1e-9), max(max(ys) - min(ys), 1e-9)
    scale = min((width - 2 * margin) / wide, (height - 2 * margin) / high)
    left, top = (width - wide * scale) / 2 - min(xs) * scale, (height - high * scale) / 2 - min(ys) * scale
    return {name: (round(left + x * scale), round(top + y * scale)) for name, (x, y) in points.items()}


def text_box(centre: Point, text: str, height: int) -> Box:
    """A box that holds the text in any of the fonts, with a little air."""
    half = round(len(text) * height * 0.31) + 3
    return centre[0] - half, centre[1] - height // 2 - 2, centre[0] + half, centre[1] + height // 2 + 2


def boxes_meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def runs_through(segment: Segment, box: Box) -> bool:
    """Whether the segment has a point inside the box (Liang and Barsky's clipping)."""
    (x, y), (x1, y1) = segment
    if max(x, x1) < box[0] or min(x, x1) > box[2] or max(y, y1) < box[1] or min(y, y1) > box[3]:
        return False
    start, end = 0.0, 1.0
    for delta, low, high in ((x1 - x, box[0] - x, box[2] - x), (y1 - y, box[1] - y, box[3] - y)):
        if delta == 0:
            if low > 0 or high < 0:
                return False
            continue
        first, last = sorted((low / delta, high / delta))
        start, end = max(start, first), min(end, last)
        if start > end:
            return False
    return True


def segments_cross(a: Segment, b: Segment) -> bool:
    """Whether two segments meet in a point that is an end of neither."""

    def side(p: Point, q: Point, r: Point) -> int:
        value = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
        return (value > 0) - (value < 0)

    return side(*a, b[0]) * side(*a, b[1]) < 0 and side(*b, a[0]) * side(*b, a[1]) < 0


def free_spot(
    candidates: Iterable[Point],
    text: str,
    height: int,
    lines: Sequence[Segment],
    taken: list[Box],
    page: Box,
    *,
    seen_from: Point | None = None,
) -> Point | None:
    """The first candidate where the text meets no line, no other text and no edge; its box joins `taken`.

    seen_from: no line may run between this point and the text, or the text would seem to belong elsewhere.
    """
    for spot in candidates:
        box = text_box(spot, text, height)
        inside = page[0] <= box[0] and page[1] <= box[1] and box[2] <= page[2] and box[3] <= page[3]
        if not inside or any(boxes_meet(box, other) for other in taken):
            continue
        if any(runs_through(line, box) for line in lines):
            continue
        if seen_from is None or not any(segments_cross((seen_from, spot), line) for line in lines):
            taken.append(box)
            return spot
    return None


def around(point: Point) -> list[Point]:
    """Where a point's name may stand: sixteen directions, near ones first."""
    return [
        (round(point[0] + away * math.cos(turn * math.pi / 8)), round(point[1] + away * math.sin(turn * math.pi / 8)))
        for away in NAME_AWAY
        for turn in (12, 4, 8, 0, 10, 14, 2, 6, 11, 13, 9, 15, 1, 3, 5, 7)
    ]


def between(corner: Point, one: Point, other: Point) -> list[Point]:
    """Where the number of an angle may stand: along its bisector, near ones first."""
    a, b = direction(corner, one), direction(corner, other)
    turn = (b - a + math.pi) % (2 * math.pi) - math.pi
    return [
        (round(corner[0] + away * math.cos(a + turn * share)), round(corner[1] + away * math.sin(a + turn * share)))
        for away in LABEL_AWAY
        for share in (0.5, 0.42, 0.58, 0.34, 0.66)
    ]


def beside(one: Point, other: Point) -> list[Point]:
    """Where the number of a segment may stand: on both sides of its middle, then towards its ends."""
    along, length = direction(one, other), math.dist(one, other)
    spots = []
    for share in (0.5, 0.42, 0.58, 0.34, 0.66):
        middle = one[0] + math.cos(along) * length * share, one[1] + math.sin(along) * length * share
        for away in (14, -14, 19, -19, 25, -25):
            spots.append((round(middle[0] - math.sin(along) * away), round(middle[1] + math.cos(along) * away)))
    return spots


def direction(start: Point, end: Point) -> float:
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


def arc_points(corner: Point, one: Point, other: Point, radius: int) -> list[Point]:
    """Points of an arc around the corner, from the ray to `one` to the ray to `other`, the short way."""
    a, b = direction(corner, one), direction(corner, other)
    turn = (b - a + math.pi) % (2 * math.pi) - math.pi
    steps = max(3, round(abs(turn) * radius / 4))
    return [
        (
            round(corner[0] + radius * math.cos(a + turn * n / steps)),
            round(corner[1] + radius * math.sin(a + turn * n / steps)),
        )
        for n in range(steps + 1)
    ]


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


def draw_arrow_head(canvas: Canvas, start: Point, end: Point, colour: Colour = INK, tag: str = "arrow") -> None:
    """A filled head at the end of the way from `start` to `end`."""
    turn = direction(start, end)
    dx, dy = math.cos(turn), math.sin(turn)
    wings = [(round(end[0] - 11 * dx - s * 5 * dy), round(end[1] - 11 * dy + s * 5 * dx)) for s in (1, -1)]
    canvas.polygon([end, *wings], colour, tag=tag)
