"""Maps of underground lines: coloured lines over a lattice, rings where lines meet, names beside the stations."""

from __future__ import annotations

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.palette import COLOURS, INK, PAPER
from data_synth.render.style import figure_look
from data_synth.rng import Rng

ACROSS, DOWN, CELL = 6, 5, 61  # stations across and down the lattice at most, design units between them
LEFT, TOP = 39, 36
LEAST = 240  # design units of each side
NAME = 13
STEPS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))  # clockwise from the right
INKS = tuple(name for name in COLOURS if name != "yellow")
# of a name beside a station, by eighth of a circle clockwise from the right
OFFSETS: tuple[Point, ...] = ((21, 0), (17, 15), (0, 18), (-17, 15), (-21, 0), (-17, -15), (0, -18), (17, -15))
OBLIQUE, STRAIGHT = (7, 5, 1, 3), (0, 4, 6, 2)


def name_places(rng: Rng, scene: Scene) -> dict[str, int] | None:
    """The eighth of a circle in which each station's name stands, where none of its lines runs."""
    ways: dict[str, set[int]] = {name: set() for name in scene["spots"]}
    for line in scene["lines"]:
        for one, other in zip(line, line[1:], strict=False):
            (x, y), (x1, y1) = scene["spots"][one], scene["spots"][other]
            way = STEPS.index((x1 - x, y1 - y))
            ways[one].add(way)
            ways[other].add((way + 4) % 8)
    places = {}
    used: set[Point] = set()  # squares between stations that hold a name already
    turn = rng.randrange(4)
    for name, taken in ways.items():
        oblique = [place for place in OBLIQUE[turn:] + OBLIQUE[:turn] if place not in taken]
        straight = [place for place in STRAIGHT if not taken & {(place + 7) % 8, place, (place + 1) % 8}]
        if not oblique + straight:
            return None
        x, y = scene["spots"][name]
        squares = {place: (2 * x + STEPS[place][0], 2 * y + STEPS[place][1]) for place in oblique + straight}
        places[name] = min(squares, key=lambda place: squares[place] in used)
        used.add(squares[places[name]])
    return places


def draw_map(scene: Scene, size: int) -> Canvas:
    """The map, cut to what there is of it."""
    xs, ys = zip(*scene["spots"].values(), strict=True)
    wide, high = 2 * LEFT + CELL * (max(xs) - min(xs)), 2 * TOP + CELL * (max(ys) - min(ys))
    width, height = max(wide, high // 2 + 1, LEAST), max(high, wide // 2 + 1, LEAST)
    left, top = (width - wide) // 2 + LEFT - CELL * min(xs), (height - high) // 2 + TOP - CELL * min(ys)
    canvas = Canvas(width, height, size, figure_look(scene))
    spots = {name: (left + CELL * x, top + CELL * y) for name, (x, y) in scene["spots"].items()}
    for line, ink in zip(scene["lines"], scene["inks"], strict=True):
        canvas.line([spots[name] for name in line], COLOURS[ink], 6, f"line {ink}")
    for name, (x, y) in spots.items():
        meets = sum(name in line for line in scene["lines"]) > 1
        reach, rim = (8, 3) if meets else (5, 2)
        canvas.ellipse((x - reach, y - reach, x + reach, y + reach), PAPER, INK, rim, f"station {name}")
        dx, dy = OFFSETS[scene["places"][name]]
        canvas.text(x + dx, y + dy, name, NAME, tag=f"name {name}")
    return canvas
