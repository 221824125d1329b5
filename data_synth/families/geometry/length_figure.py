"""The figures of lengths and areas: where points, pieces and texts stand, and the drawings. Not to scale."""

from __future__ import annotations

import math
from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point, Spot, on_curve
from data_synth.render.figure import (
    LABEL,
    NAME,
    Box,
    Segment,
    around,
    beside,
    crosses_any,
    draw_arrows,
    draw_corner,
    fitted,
    free_spot,
)
from data_synth.render.palette import COLOURS, FAINT, INK
from data_synth.render.style import figure_look, pick_look
from data_synth.rng import Rng

WIDTH, HEIGHT, MARGIN = 384, 352, 40
PAGE: Box = (4, 4, WIDTH - 4, HEIGHT - 4)
FILLS = ("blue", "green", "yellow", "pink", "orange")


def place_fan(rng: Rng, scene: dict[str, Any]) -> Scene | None:
    names, kinds = scene["names"], scene["kinds"]
    turn, way = math.radians(rng.randrange(360)), rng.choice((1, -1))
    spots: dict[str, Spot] = {names[0]: (0.0, 0.0), names[1]: (math.cos(turn), math.sin(turn))}
    reach, corners = 1.0, []
    most = min(44, 300 // len(kinds))
    for n, kind in enumerate(kinds):
        angle = math.radians(rng.between(min(26, most), most))
        reach = reach / math.cos(angle) if kind == "grow" else reach * math.cos(angle)
        turn += way * angle
        old, new = names[n + 1], names[n + 2]
        spots[new] = (reach * math.cos(turn), reach * math.sin(turn))
        corners.append(names[0] + old + new if kind == "grow" else names[0] + new + old)
    lengths = {a + b: leg for a, b, leg in zip([names[0], *names[1:-1]], names[1:], scene["legs"], strict=True)}
    asked = names[0] + names[-1]
    segments = [*lengths, *(names[0] + name for name in names[2:])]
    kind = "one right triangle" if len(kinds) == 1 else f"a fan of {len(kinds)} right triangles around {names[0]}"
    return _written(
        rng, {**scene, "lengths": lengths, "asked": asked, "kind": kind, "corners": corners}, spots, segments
    )


def place_cut(rng: Rng, scene: dict[str, Any]) -> Scene | None:
    tip, *rest = scene["names"]
    turn, opening = math.radians(rng.randrange(360)), math.radians(rng.between(38, 70))
    reach = [0.0]
    for _ in scene["left"]:
        reach.append(reach[-1] + rng.between(70, 130))
    stretch = rng.between(80, 120) / 100
    spots: dict[str, Spot] = {tip: (0.0, 0.0)}
    for n, distance in enumerate(reach[1:]):
        spots[rest[2 * n]] = (distance * math.cos(turn), distance * math.sin(turn))
        far = distance * stretch
        spots[rest[2 * n + 1]] = (far * math.cos(turn + opening), far * math.sin(turn + opening))
    one, other = [tip, *rest[::2]], [tip, *rest[1::2]]
    lengths = {a + b: piece for a, b, piece in zip(one, one[1:], scene["left"], strict=False)}
    across = [a + b for a, b in zip(other, other[1:], strict=False)]
    lengths[across[scene["given"]]] = scene["known"]
    parallels = [a + b for a, b in zip(rest[::2], rest[1::2], strict=True)]
    kind = f"an angle at {tip} cut by the parallels {', '.join(parallels)}"
    more = {"lengths": lengths, "asked": across[scene["wanted"]], "kind": kind, "parallels": parallels}
    return _written(rng, {**scene, **more}, spots, [*lengths, *across, *parallels])


def _written(rng: Rng, scene: dict[str, Any], spots: dict[str, Spot], segments: list[str]) -> Scene | None:
    """Names and numbers in free spots; None if there is no room."""
    points = fitted(spots, WIDTH, HEIGHT, MARGIN)
    segments = sorted({"".join(sorted(segment)) for segment in segments})
    lines: list[Segment] = [(points[ends[0]], points[ends[1]]) for ends in segments]
    if any(crosses_any(line, lines[:place]) for place, line in enumerate(lines)):
        return None
    if any(math.dist(a, b) < 30 for n, a in enumerate(points.values()) for b in list(points.values())[:n]):
        return None
    taken: list[Box] = []
    labels: dict[str, Point] = {}
    for name, value in scene["lengths"].items():
        spot = free_spot(beside(points[name[0]], points[name[1]]), str(value), LABEL, lines, taken, PAGE)
        if spot is None:
            return None
        labels[name] = spot
    names: dict[str, Point] = {}
    for name, point in points.items():
        spot = free_spot(around(point), name, NAME, lines, taken, PAGE)
        if spot is None:
            return None
        names[name] = spot
    return {
        **scene,
        "canon": [scene["canon"], [[x // 16, y // 16] for x, y in points.values()]],
        "spots": {name: list(point) for name, point in points.items()},
        "segments": segments,
        "labels": {name: list(spot) for name, spot in labels.items()},
        "letters": {name: list(spot) for name, spot in names.items()},
        "style": pick_look(rng),
    }


def draw_fan(scene: Scene, size: int) -> Canvas:
    canvas, points = _draw_lines(scene, size)
    for one, corner, other in scene["corners"]:
        draw_corner(canvas, points[corner], points[one], points[other], 10, COLOURS["blue"])
    return canvas


def draw_cut(scene: Scene, size: int) -> Canvas:
    canvas, points = _draw_lines(scene, size)
    for start, end in scene["parallels"]:
        draw_arrows(canvas, points[start], points[end], 1, 0.62)
    return canvas


def _draw_lines(scene: Scene, size: int) -> tuple[Canvas, dict[str, Point]]:
    canvas = Canvas(WIDTH, HEIGHT, size, figure_look(scene))
    points = {name: (x, y) for name, (x, y) in scene["spots"].items()}
    asked = "".join(sorted(scene["asked"]))
    for ends in scene["segments"]:
        colour, width = (COLOURS["red"], 4) if ends == asked else (INK, 2)
        canvas.line([points[ends[0]], points[ends[1]]], colour, width, f"line {ends}")
    for x, y in points.values():
        canvas.ellipse((x - 3, y - 3, x + 3, y + 3), INK, tag="point")
    for name, (x, y) in scene["labels"].items():
        canvas.text(x, y, str(scene["lengths"][name]), LABEL, tag=f"length {name}")
    for name, (x, y) in scene["letters"].items():
        canvas.text(x, y, name, NAME, tag=f"name {name}")
    return canvas, points


# ------------------------------------------------------------------------------------------------------------- sheets

LEAST, MOST = 12, 24  # sizes of a piece at a corner, units
MIDDLE = (5, 9)  # radius, or half of a side, of a hole in the middle


def place_sheet(rng: Rng, level: int, count: int) -> Scene | None:
    width, height = rng.between(42, 58), rng.between(38, 50)
    lengths = {"width": width, "height": height}
    pieces: list[dict[str, Any]] = []
    hole = count > 1 and rng.chance(0.5) or count > 4
    for corner in rng.sample(((0, 0), (1, 0), (0, 1), (1, 1)), count - hole):
        kind = rng.choice(("rectangle", "triangle", "quarter")[: 2 if level == 1 else 3])
        _add(
            lengths,
            pieces,
            kind,
            [rng.between(LEAST, min(MOST, (width if n == 0 else height) // 2 - 4)) for n in (0, 1)],
            corner,
        )
    if hole:
        kind = rng.choice(("circle", "rectangle"))
        sizes = [2 * rng.between(*MIDDLE), 2 * rng.between(*MIDDLE)] if kind == "rectangle" else [rng.between(*MIDDLE)]
        if not _hole_fits(width, height, pieces, lengths, kind, sizes):
            return None
        _add(lengths, pieces, kind, sizes, None)
    *most, last = (_NAMES[piece["kind"]] for piece in pieces)
    name = f"a shaded rectangle with {', '.join(most)}{' and ' if most else ''}{last} cut out"
    return {
        "form": "sheet", "lengths": lengths, "pieces": pieces, "asked": "", "kind": name,
        "fill": rng.choice(FILLS), "style": pick_look(rng),
        "canon": [width, height, [[p["kind"], p["corner"], *(lengths[n] for n in p["lengths"])] for p in pieces]],
    }  # fmt: skip


_NAMES = {"rectangle": "a rectangle", "triangle": "a triangle", "quarter": "a quarter circle", "circle": "a circle"}


def _add(lengths: dict[str, int], pieces: list[dict[str, Any]], kind: str, sizes: list[int], corner: Any) -> None:
    number = len(pieces) + 1
    if kind in ("quarter", "circle"):
        names, sizes = [f"radius of piece {number}"], sizes[:1] if kind == "circle" else [min(sizes)]
    else:
        names = [f"width of piece {number}", f"height of piece {number}"]
    lengths.update(zip(names, sizes, strict=True))
    pieces.append({"kind": kind, "lengths": names, "corner": corner and list(corner)})


def _hole_fits(
    width: int, height: int, pieces: list[dict[str, Any]], lengths: dict[str, int], kind: str, sizes: list[int]
) -> bool:
    """Whether a hole in the middle keeps three units from the boxes of the corner pieces and from the edges."""
    half = [sizes[0], sizes[0]] if kind == "circle" else [sizes[0] // 2, sizes[1] // 2]
    free = [width / 2 - half[0] - 3, height / 2 - half[1] - 3]
    for piece in pieces:
        reach = [lengths[name] for name in piece["lengths"]] * (2 if piece["kind"] == "quarter" else 1)
        if reach[0] > free[0] and reach[1] > free[1]:
            return False
    return min(free) > 0


def draw_sheet(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, size, figure_look(scene))
    width, height = scene["lengths"]["width"], scene["lengths"]["height"]
    unit = min((WIDTH - 92) // width, (HEIGHT - 92) // height)
    left, top = (WIDTH - 30 - unit * width) // 2, (HEIGHT - 30 - unit * height) // 2
    right, bottom = left + unit * width, top + unit * height
    canvas.rectangle((left, top, right, bottom), COLOURS[scene["fill"]], INK, 2, "sheet")
    for piece in scene["pieces"]:
        sizes = [unit * scene["lengths"][name] for name in piece["lengths"]]
        if piece["corner"] is None:
            _draw_hole(canvas, scene, piece, sizes, ((left + right) // 2, (top + bottom) // 2))
        else:
            _draw_corner_piece(canvas, scene, piece, sizes, (left, top, right, bottom))
    _measure(canvas, (left, bottom + 24), (right, bottom + 24), str(width))
    _measure(canvas, (right + 26, top), (right + 26, bottom), str(height))
    return canvas


def _draw_corner_piece(canvas: Canvas, scene: Scene, piece: dict[str, Any], sizes: list[int], box: Box) -> None:
    """Paint the piece over in paper, outline the new edge, and write its sizes where it was."""
    x, dx = (box[0], 1) if piece["corner"][0] == 0 else (box[2], -1)
    y, dy = (box[1], 1) if piece["corner"][1] == 0 else (box[3], -1)
    a, b = (sizes[0], sizes[-1]) if piece["kind"] != "quarter" else (sizes[0], sizes[0])
    edge: list[Spot]
    if piece["kind"] == "rectangle":
        edge = [(x + dx * a, y), (x + dx * a, y + dy * b), (x, y + dy * b)]
    elif piece["kind"] == "triangle":
        edge = [(x + dx * a, y), (x, y + dy * b)]
    else:
        turns = [n * math.pi / 48 for n in range(25)]
        edge = [on_curve(x + dx * a * math.cos(t), y + dy * a * math.sin(t)) for t in turns]
    canvas.polygon([(x, y), *edge], canvas.paper, tag="piece")
    canvas.line([(x + dx * a, y), (x, y), (x, y + dy * b)], canvas.paper, 4, "piece")
    canvas.line([(x + dx * a, y), (x, y), (x, y + dy * b)], FAINT, 2, "piece")
    canvas.line(edge, INK, 2, "edge")
    numbers = [str(scene["lengths"][name]) for name in piece["lengths"]]
    canvas.text(x + dx * a // 2, y + dy * 11, numbers[0], LABEL, tag=f"{numbers[0]} across")
    if len(numbers) == 2:
        down = b * 42 // 100 if piece["kind"] == "triangle" else b // 2 + 5  # above the slanted edge
        canvas.text(x + dx * 12, y + dy * down, numbers[1], LABEL, tag=f"{numbers[1]} down")


def _draw_hole(canvas: Canvas, scene: Scene, piece: dict[str, Any], sizes: list[int], centre: Point) -> None:
    x, y = centre
    numbers = [str(scene["lengths"][name]) for name in piece["lengths"]]
    if piece["kind"] == "circle":
        radius = sizes[0]
        canvas.ellipse((x - radius, y - radius, x + radius, y + radius), canvas.paper, INK, 2, "hole")
        canvas.line([(x, y), (x + radius, y)], INK, 2, "radius")
        canvas.ellipse((x - 3, y - 3, x + 3, y + 3), INK, tag="centre")
        canvas.text(x + radius // 2, y - 10, numbers[0], LABEL, tag="radius")
        return
    half = sizes[0] // 2, sizes[1] // 2
    canvas.rectangle((x - half[0], y - half[1], x + half[0], y + half[1]), canvas.paper, INK, 2, "hole")
    canvas.text(x + half[0] // 4, y - half[1] + 12, numbers[0], LABEL, tag="hole across")
    canvas.text(x - half[0] + 12, y + half[1] // 3, numbers[1], LABEL, tag="hole down")


def _measure(canvas: Canvas, start: Point, end: Point, text: str) -> None:
    """A dimension line with end strokes, and its number on its outer side."""
    canvas.line([start, end], INK, 1, "measure")
    flat = start[1] == end[1]
    for x, y in (start, end):
        stroke = [(x, y - 6), (x, y + 6)] if flat else [(x - 6, y), (x + 6, y)]
        canvas.line(stroke, INK, 1, "measure")
    middle = (start[0] + end[0]) // 2, (start[1] + end[1]) // 2
    canvas.text(middle[0] + (0 if flat else 14), middle[1] + (13 if flat else 0), text, LABEL, tag="measure " + text)
