"""Drawings of state machines, with curved edges, and of binary trees."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point, Spot, on_curve
from data_synth.render.figure import Box, Segment, draw_arrow_head, free_spot, text_reach
from data_synth.render.palette import COLOURS, INK, PAPER
from data_synth.render.style import figure_look
from data_synth.rng import Rng

WIDTH, HEIGHT = 384, 360
PAGE: Box = (4, 4, WIDTH - 4, HEIGHT - 4)
RADIUS, NAME, SYMBOL = 21, 16, 15
PIECES = 12  # of a bent edge
LEAN = 0.4  # of loops, radians from straight outwards
ORDERS = 12  # of the states on the ring, from which the neatest is taken
BEND = 17  # how far the control point of an edge is off the straight line, if another edge goes back


def place_machine(rng: Rng, scene: dict[str, Any]) -> Scene | None:
    """States on a ring, one curve for each pair of states, symbols on their curves; None if there is no room."""
    names = min(
        (rng.sample(list(scene["moves"]), len(scene["moves"])) for _ in range(ORDERS)), key=partial(_spread, scene)
    )
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
            edges[start, end] = ",".join(filter(None, [edges.get((start, end), ""), symbol]))
    curves = {ends: _curve(spots, *ends, bend=BEND if ends[::-1] in edges else 0) for ends in edges}
    taken: list[Box] = [(x - RADIUS - 3, y - RADIUS - 3, x + RADIUS + 3, y + RADIUS + 3) for x, y in spots.values()]
    labels = []
    for ends, symbols in edges.items():
        others: list[Segment] = [
            pair for other, curve in curves.items() if other != ends for pair in zip(curve, curve[1:], strict=False)
        ]
        spot = free_spot(_along(curves[ends]), symbols, SYMBOL, others, taken, PAGE)
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


def _spread(scene: dict[str, Any], names: list[str]) -> int:
    """How far along the ring the edges go, all together."""
    place = {name: n for n, name in enumerate(names)}
    ways = {(place[start], place[end]) for start, moves in scene["moves"].items() for end in moves.values()}
    return sum(min((b - a) % len(names), (a - b) % len(names)) for a, b in ways)


def _curve(spots: dict[str, Point], start: str, end: str, *, bend: int) -> list[Spot]:
    """From rim to rim: bent to the right of its direction, or a loop on the outside."""
    a, b = spots[start], spots[end]
    middle = WIDTH / 2, HEIGHT / 2 + 4
    if start == end:
        away = math.atan2(a[1] - middle[1], a[0] - middle[0]) + LEAN
        centre = a[0] + 30 * math.cos(away), a[1] + 30 * math.sin(away)
        turns = [away + math.pi + 0.85 + n * (2 * math.pi - 1.7) / 14 for n in range(15)]
        return [on_curve(centre[0] + 17 * math.cos(t), centre[1] + 17 * math.sin(t)) for t in turns]
    dx, dy = b[0] - a[0], b[1] - a[1]
    aside = bend / math.hypot(dx, dy)
    control = (a[0] + b[0]) / 2 - dy * aside, (a[1] + b[1]) / 2 + dx * aside
    points = []
    for n in range(101):
        t = n / 100
        x = (1 - t) ** 2 * a[0] + 2 * t * (1 - t) * control[0] + t * t * b[0]
        y = (1 - t) ** 2 * a[1] + 2 * t * (1 - t) * control[1] + t * t * b[1]
        if math.dist((x, y), a) >= RADIUS and math.dist((x, y), b) >= RADIUS + 2:
            points.append(on_curve(x, y))
    pieces = PIECES if bend else 1
    return [points[(len(points) - 1) * n // pieces] for n in range(pieces + 1)]


def _along(curve: list[Spot]) -> list[Point]:
    """Places for the symbols of a curve: on it, from its middle towards its ends."""
    pairs = list(zip(curve, curve[1:], strict=False))
    lengths = [math.dist(*pair) for pair in pairs]
    places = []
    for share in (0.5, 0.47, 0.53, 0.44, 0.56, 0.41, 0.59, 0.38, 0.62, 0.34, 0.66, 0.3, 0.7, 0.25, 0.21):
        left, n = share * sum(lengths), 0
        while left > lengths[n]:
            left, n = left - lengths[n], n + 1
        (x, y), (x1, y1) = pairs[n]
        places.append((round(x + (x1 - x) * left / lengths[n]), round(y + (y1 - y) * left / lengths[n])))
    return places


def draw_machine(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, size, figure_look(scene))
    spots = {name: (x, y) for name, (x, y) in scene["spots"].items()}
    ways = {(start, end) for start, end, _, _ in scene["labels"]}
    for start, end in sorted(ways):
        curve = _curve(spots, start, end, bend=BEND if (end, start) in ways else 0)
        canvas.line(curve, INK, 2, f"edge {start}{end}")
        draw_arrow_head(canvas, curve[-2], curve[-1])
    for start, end, symbols, (x, y) in scene["labels"]:
        half, high = text_reach(symbols, SYMBOL)
        canvas.rectangle((x - half, y - high, x + half, y + high), canvas.paper, tag="gap")
        canvas.text(x, y, symbols, SYMBOL, tag=f"symbols {start}{end}")
    x, y = spots[scene["start"]]
    turn = math.radians(scene["entry"] - 40)
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
    canvas = Canvas(WIDTH, max(60 + down * max(rows.values()), WIDTH // 2), size, figure_look(scene))
    spots = {name: (30 + step * columns.index(name), 30 + down * row) for name, row in rows.items()}
    for name, children in tree.items():
        for child in filter(None, children):
            canvas.line([spots[name], spots[child]], INK, 2, f"edge {name}{child}")
    for name, (x, y) in spots.items():
        canvas.ellipse((x - 15, y - 15, x + 15, y + 15), PAPER, COLOURS[scene["colour"]], 3, f"node {name}")
        canvas.text(x, y, name, NAME, tag=f"name {name}")
    return canvas
