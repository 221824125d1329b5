"""A graph on the page: nodes apart, edges that do not cross, a number on each edge."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import Box, Segment, crosses_any, free_spot, runs_through
from data_synth.render.palette import COLOURS, INK
from data_synth.render.style import figure_look, pick_look
from data_synth.rng import Rng

WIDTH, HEIGHT, MARGIN = 384, 344, 34
PAGE: Box = (4, 4, WIDTH - 4, HEIGHT - 4)
WEIGHTS = (3, 97)
RADIUS, LETTER, NUMBER = 14, 16, 14
APART = {5: 118, 6: 110, 7: 100, 8: 94, 9: 90, 10: 82, 11: 76}  # distance of nodes, by their number
STEP = 16  # nodes stand on a grid as fine as this
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def build_graph(rng: Rng, nodes: tuple[int, int], spare: int, *, directed: bool) -> dict[str, Any] | None:
    """Nodes apart from each other, edges that do not cross, distinct weights, room for every number."""
    count = rng.between(*nodes)
    points = _scatter(rng, count)
    if points is None:
        return None
    names = rng.sample(LETTERS, count)
    spots = dict(zip(names, points, strict=True))
    pairs = _planar(rng, names, spots)
    if len(pairs) < count + spare:
        return None
    low, high = WEIGHTS
    weights = rng.sample(range(low, high + 1), len(pairs))
    edges = {a + b if not directed or rng.chance(0.5) else b + a: w for (a, b), w in zip(pairs, weights, strict=True)}
    labels = _labels(spots, edges)
    if labels is None:
        return None
    return {
        "spots": {name: list(spot) for name, spot in spots.items()},
        "edges": edges,
        "labels": labels,
        "directed": directed,
        "style": pick_look(rng),
        "colour": rng.choice(("blue", "green", "orange", "purple")),
    }


def _scatter(rng: Rng, count: int) -> list[Point] | None:
    """Nodes one by one wherever there is room left."""
    apart = APART[count]
    left, top = MARGIN + rng.randrange(STEP), MARGIN + rng.randrange(STEP)
    free = [(x, y) for x in range(left, WIDTH - MARGIN + 1, STEP) for y in range(top, HEIGHT - MARGIN + 1, STEP)]
    points: list[Point] = []
    while free:
        a, b = rng.choice(free)
        points.append((a, b))
        if len(points) == count:
            return points
        free = [(x, y) for x, y in free if (x - a) ** 2 + (y - b) ** 2 >= apart * apart]
    return None


def _planar(rng: Rng, names: list[str], spots: dict[str, Point]) -> list[tuple[str, str]]:
    """Pairs of nodes whose straight lines neither cross nor pass close to a third node; some are dropped."""
    pairs = sorted(combinations(names, 2), key=lambda pair: math.dist(spots[pair[0]], spots[pair[1]]))
    chosen: list[tuple[str, str]] = []
    rooms = {name: _around(spot, RADIUS + 9) for name, spot in spots.items()}
    lines: list[Segment] = []
    for a, b in pairs[: 5 * len(names) // 2]:
        line = spots[a], spots[b]
        if crosses_any(line, lines):
            continue
        if not any(runs_through(line, room) for name, room in rooms.items() if name not in (a, b)):
            chosen.append((a, b))
            lines.append(line)
    spare = [pair for pair in chosen if rng.chance(0.2)]
    for pair in spare:
        rest = [other for other in chosen if other != pair]
        if _connected(names, rest):
            chosen = rest
    return chosen if _connected(names, chosen) else []


def _connected(names: list[str], pairs: list[tuple[str, str]]) -> bool:
    found, waiting = {names[0]}, [names[0]]
    while waiting:
        here = waiting.pop()
        for pair in pairs:
            if here in pair:
                other = pair[1] if pair[0] == here else pair[0]
                if other not in found:
                    found.add(other)
                    waiting.append(other)
    return len(found) == len(names)


def _around(spot: Point, reach: int) -> Box:
    return spot[0] - reach, spot[1] - reach, spot[0] + reach, spot[1] + reach


def _labels(spots: dict[str, Point], edges: dict[str, int]) -> dict[str, list[int]] | None:
    """The place of each number on its own edge, off all others."""
    taken = [_around(spot, RADIUS + 2) for spot in spots.values()]
    lines = {edge: (spots[edge[0]], spots[edge[1]]) for edge in edges}
    labels: dict[str, list[int]] = {}
    for edge, weight in edges.items():
        (x, y), (x1, y1) = lines[edge]
        places = [(round(x + (x1 - x) * t), round(y + (y1 - y) * t)) for t in (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68)]
        others = [line for other, line in lines.items() if other != edge]
        spot = free_spot(places, str(weight), NUMBER, others, taken, PAGE)
        if spot is None:
            return None
        labels[edge] = list(spot)
    return labels


def draw_graph(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, size, figure_look(scene))
    spots = {name: (x, y) for name, (x, y) in scene["spots"].items()}
    for edge in scene["edges"]:
        canvas.line([spots[edge[0]], spots[edge[1]]], INK, 2, f"edge {edge}")
        if scene["directed"]:
            _arrow(canvas, spots[edge[0]], spots[edge[1]])
    for edge, (x, y) in scene["labels"].items():
        canvas.rectangle((x - 12, y - 9, x + 12, y + 9), canvas.paper, tag="label")
        canvas.text(x, y, str(scene["edges"][edge]), NUMBER, tag=f"weight {edge}")
    for name, (x, y) in spots.items():
        ends = name in (scene["start"], scene["end"])
        fill = COLOURS["yellow"] if ends else canvas.paper
        canvas.ellipse(
            (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS), fill, COLOURS[scene["colour"]], 3, f"node {name}"
        )
        canvas.text(x, y, name, LETTER, tag=f"name {name}")
    return canvas


def _arrow(canvas: Canvas, start: Point, end: Point) -> None:
    """An arrow head where the edge reaches its end node."""
    length = math.dist(start, end)
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    tip = end[0] - dx * (RADIUS + 1), end[1] - dy * (RADIUS + 1)
    wings = [(round(tip[0] - 11 * dx - s * 6 * dy), round(tip[1] - 11 * dy + s * 6 * dx)) for s in (1, -1)]
    canvas.polygon([(round(tip[0]), round(tip[1])), *wings], INK, tag="arrow")
