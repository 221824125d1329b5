"""Drawings of state machines, with curved edges, and of binary trees."""

from __future__ import annotations

import math
from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import Box, Segment, draw_arrow_head, free_spot
from data_synth.render.palette import COLOURS, INK, PAPER
from data_synth.rng import Rng

WIDTH, HEIGHT = 384, 360
PAGE: Box = (4, 4, WIDTH - 4, HEIGHT - 4)
RADIUS, NAME, SYMBOL = 21, 16, 15


def place_machine(rng: Rng, scene: dict[str, Any]) -> Scene | None:
    """States on a ring, one curve for each pair of states, symbols beside their curves; None if there is no room."""
    names = list(scene["moves"])
    turn = rng.randrange(360)
    spots = {
        name: (
            WIDTH // 2 + round(126 * math.cos(math.radians(turn + 360 * n / len(names)))),
            HEIGHT // 2 + 4 + round(118 * math.sin(math.radians(turn + 360 * n / len(names)))),
        )
        for n, name in enumerate(names)
    }
    edges: dict[tuple[str, str], str] = {}
    for start, moves in scene["moves"].items():
        for symbol, end in sorted(moves.items()):
            edges[start, end] = ", ".join(filter(None, [edges.get((start, end), ""), symbol]))
    curves = {ends: _curve(spots, *ends) for ends in edges}
    taken: list[Box] = [(x - RADIUS - 3, y - RADIUS - 3, x + RADIUS + 3, y + RADIUS + 3) for x, y in spots.values()]
    labels = []
    for ends, symbols in edges.items():
        lines: list[Segment] = [pair for curve in curves.values() for pair in zip(curve, curve[1:], strict=False)]
        spot = free_spot(_beside(curves[ends]), symbols, SYMBOL, lines, taken, PAGE)
        if spot is None:
            return None
        labels.append([*ends, symbols, list(spot)])
    x, y = spots[scene["start"]]
    away = math.atan2(y - HEIGHT // 2 - 4, x - WIDTH // 2)
    return {
        **scene,
        "spots": {name: list(spot) for name, spot in spots.items()},
        "labels": labels,
        "entry": round(math.degrees(away)),
    }


def _curve(spots: dict[str, Point], start: str, end: str) -> list[Point]:
    """From rim to rim: bent to the right of its direction, or a loop on the outside."""
    a, b = spots[start], spots[end]
    middle = WIDTH / 2, HEIGHT / 2 + 4
    if start == end:
        away = math.atan2(a[1] - middle[1], a[0] - middle[0]) + 0.7
        centre = a[0] + 30 * math.cos(away), a[1] + 30 * math.sin(away)
        turns = [away + math.pi + 0.85 + n * (2 * math.pi - 1.7) / 14 for n in range(15)]
        return [(round(centre[0] + 17 * math.cos(t)), round(centre[1] + 17 * math.sin(t))) for t in turns]
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    bend = (a[0] + b[0]) / 2 - dy / length * 0.16 * length, (a[1] + b[1]) / 2 + dx / length * 0.16 * length
    points = []
    for n in range(25):
        t = n / 24
        x = (1 - t) ** 2 * a[0] + 2 * t * (1 - t) * bend[0] + t * t * b[0]
        y = (1 - t) ** 2 * a[1] + 2 * t * (1 - t) * bend[1] + t * t * b[1]
        if math.dist((x, y), a) >= RADIUS and math.dist((x, y), b) >= RADIUS + 1:
            points.append((round(x), round(y)))
    return points


def _beside(curve: list[Point]) -> list[Point]:
    """Places for the symbols of a curve: on its outer side, then on the inner one, about its middle."""
    places = []
    for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74):
        n = min(len(curve) - 2, max(1, round(share * (len(curve) - 1))))
        (x0, y0), (x, y), (x1, y1) = curve[n - 1], curve[n], curve[n + 1]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        for away in (13, -13, 18):
            places.append((round(x - (y1 - y0) / length * away), round(y + (x1 - x0) / length * away)))
    return places


def draw_machine(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, size, scene["paper"])
    spots = {name: (x, y) for name, (x, y) in scene["spots"].items()}
    for start, end, symbols, (x, y) in scene["labels"]:
        curve = _curve(spots, start, end)
        canvas.line(curve, INK, 2, f"edge {start}{end}")
        draw_arrow_head(canvas, curve[-3], curve[-1])
        canvas.text(x, y, symbols, SYMBOL, tag=f"symbols {start}{end}")
    x, y = spots[scene["start"]]
    turn = math.radians(scene["entry"] - 25)
    near, far = ((round(x + r * math.cos(turn)), round(y + r * math.sin(turn))) for r in (RADIUS + 1, RADIUS + 25))
    canvas.line([far, near], COLOURS["red"], 4, "entry")
    draw_arrow_head(canvas, far, near, COLOURS["red"])
    for name, (x, y) in spots.items():
        canvas.ellipse((x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS), PAPER, COLOURS[scene["colour"]], 3, "state")
        canvas.text(x, y, name, NAME, tag=f"state {name}")
    return canvas


def draw_tree(scene: Scene, size: int) -> Canvas:
    """Columns by the inner order, rows by depth."""
    tree: dict[str, list[str]] = scene["tree"]
    columns: list[str] = []
    rows: dict[str, int] = {}

    def walk(node: str, row: int) -> None:
        if node:
            rows[node] = row
            walk(tree[node][0], row + 1)
            columns.append(node)
            walk(tree[node][1], row + 1)

    walk(scene["root"], 0)
    step = (WIDTH - 60) // max(1, len(columns) - 1)
    down = 64
    canvas = Canvas(WIDTH, max(60 + down * max(rows.values()), WIDTH // 2), size, scene["paper"])
    spots = {name: (30 + step * columns.index(name), 30 + down * row) for name, row in rows.items()}
    for name, children in tree.items():
        for child in filter(None, children):
            canvas.line([spots[name], spots[child]], INK, 2, f"edge {name}{child}")
    for name, (x, y) in spots.items():
        canvas.ellipse((x - 15, y - 15, x + 15, y + 15), PAPER, COLOURS[scene["colour"]], 3, f"node {name}")
        canvas.text(x, y, name, NAME, tag=f"name {name}")
    return canvas
