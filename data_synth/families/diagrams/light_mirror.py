"""Follow a beam of light through a grid of mirrors to the port where it leaves.

Ports carry random two-letter names, which stand in the picture alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from data_synth.answers import Answer
from data_synth.families.diagrams.end_names import NAMES
from data_synth.item import Item, Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import draw_arrow_head
from data_synth.render.palette import COLOURS, FAINT, INK, PAPER
from data_synth.render.style import figure_look, pick_look
from data_synth.rng import Rng

SIDE = 384
GRID = (4, 5, 6, 7, 8)
MIRRORS = ((4, 6), (7, 9), (11, 14), (16, 21), (22, 28))
HITS = ((1, 3), (2, 4), (3, 6), (4, 9), (6, 14))  # reflections of the beam, least and most
KEPT = {1: 0.15, 2: 0.39, 3: 1.0}  # share kept at level 0, where single reflections would else be most of all
WORDS = {(0, 1): "right", (0, -1): "left", (1, 0): "down", (-1, 0): "up"}
Way = tuple[int, int]

_ASK = {
    "exit": (
        "Through which port does the beam leave, and how often is it reflected?",
        "Where does the light leave the grid, and after how many reflections?",
        "Name the port at which the beam comes out, and say how many times it hits a mirror.",
        "Follow the red beam. Which port does it reach, and how many reflections are there?",
        "At which port does the beam end, and how many times does it change direction?",
        "Give the exit port of the light and the count of its reflections.",
        "Find where the beam leaves and how many mirror hits it makes.",
        "Which port is lit, and how often was the beam turned on the way?",
    ),
    "cells": (
        "Through which port does the beam leave, and how many cells does it cross, each visit counted?",
        "Where does the light leave, and through how many cells does it pass, counting repeats?",
        "Name the exit port and the number of cells along the beam (a cell crossed twice counts twice).",
        "Follow the red beam: which port does it reach, and how many cells long is its way?",
        "At which port does the beam end, and how many cells has it run through, repeats included?",
        "Give the exit port and the length of the beam's way in cells.",
        "Find the exit port and count the cells on the way, twice where the beam crosses itself.",
        "Which port is lit, and how many steps from cell to cell does the light take inside, entry included?",
    ),
}
_SEEN = (
    "I see a grid of {0} x {0} cells with mirrors at {1}; the beam enters {2}.",
    "The grid is {0} x {0}. Mirrors: {1}. The light comes in {2}.",
    "There are mirrors at {1} in a grid of {0} x {0} cells, and the beam starts {2}.",
    "A grid of {0} x {0} cells; its mirrors stand at {1}. The beam comes {2}.",
    "Mirrors at {1}, grid {0} x {0}, entry {2}.",
    "In the {0} x {0} grid I find mirrors at {1}; light enters {2}.",
)
_HIT = (
    "At {0} a {1} mirror turns it {2}.",
    "It meets the {1} mirror at {0} and goes {2}.",
    "{0}: mirror {1}, so it now runs {2}.",
    "The {1} mirror at {0} sends it {2}.",
    "Next mirror: {0}, {1}; the beam turns {2}.",
    "Reflected {2} by the {1} mirror at {0}.",
)
_CHECK = (
    "Check: seen backwards from port {0}, the beam takes the same way.",
    "Light can be turned round: from {0} back, the same mirrors lead to the entry.",
    "Tracing back from {0} gives the same mirrors in reverse.",
    "The way back from {0} ends at the red arrow, as it must.",
    "From {0} the same path leads back to the start.",
    "Run in reverse from {0}, the beam returns to its entry.",
)
_WRONG = "I must not turn the wrong way: / sends a beam that goes right upwards, and \\ sends it downwards."


def turned(way: Way, mirror: str) -> Way:
    """The direction after a mirror."""
    down, right = way
    return (-right, -down) if mirror == "/" else (right, down)


def _fly(scene: Scene, state: list[int]) -> list[int]:
    """From (row, column, down, right) just inside a cell to the next mirror cell, or out of the grid."""
    row, column, down, right = state
    size, mirrors = scene["size"], scene["mirrors"]
    while 0 <= row < size and 0 <= column < size and f"{row},{column}" not in mirrors:
        row, column = row + down, column + right
    return [row, column, down, right]


def _reflect(scene: Scene, state: list[int]) -> list[int]:
    row, column, down, right = state
    down, right = turned((down, right), scene["mirrors"][f"{row},{column}"])
    return [row + down, column + right, down, right]


class LightMirror:
    """Follow a beam."""

    name = "light_mirror"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        "enter": Op(lambda scene: list(scene["entry"]), (), "beam"),
        "fly": Op(_fly, ("beam",), "beam"),
        "reflect": Op(_reflect, ("beam",), "beam"),
        "port": Op(lambda scene, beam: scene["ports"][_port_key(beam)], ("beam",), "word"),
        "count": Op(lambda scene, *beams: len(beams), ("beam", "..."), "integer"),
        "cells": Op(
            lambda scene, *beams: sum(
                abs(b[0] - a[0]) + abs(b[1] - a[1]) for a, b in zip(beams, beams[1:], strict=False)
            ),
            ("beam", "..."),
            "integer",
        ),
        "tuple": Op(lambda scene, *parts: list(parts), ("any", "..."), "tuple"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        size = GRID[level]
        cells = rng.sample(list(product(range(size), repeat=2)), rng.between(*MIRRORS[level]))
        scene: Scene = {
            "size": size,
            "mirrors": {f"{row},{column}": rng.choice("/\\") for row, column in sorted(cells)},
            "entry": _entry(rng, size),
            "form": rng.choice(("exit",) if level == 0 else ("exit", "cells")),
            "style": pick_look(rng),
        }
        scene["ports"] = _ports(rng, size)
        program = Program(self.ops, scene)
        hits = _execute(program, scene)
        if not HITS[level][0] <= hits <= HITS[level][1] or level == 0 and not rng.chance(KEPT[hits]):
            return None
        return Parts(
            question=rng.choice(_ASK[scene["form"]]),
            rules="Mirrors reflect on both sides; light runs straight on through empty cells.",
            form="(port, n)",
            answer=Answer("tuple", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"mirrors": len(scene["mirrors"]), "hits": hits},
            canon=[scene["form"], scene["mirrors"], scene["entry"], scene["ports"]],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [_draw(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Each cell joins its four sides in pairs; walk from side to side without ever speaking of directions."""
        scene = item.scene
        joins: dict[tuple[int, int], list[tuple[tuple[int, int], bool]]] = {}
        for row, column in product(range(scene["size"]), repeat=2):
            top, bottom = (2 * row, 2 * column + 1), (2 * row + 2, 2 * column + 1)
            left, right = (2 * row + 1, 2 * column), (2 * row + 1, 2 * column + 2)
            mirror = scene["mirrors"].get(f"{row},{column}")
            pairs = {None: ((left, right), (top, bottom)), "/": ((left, top), (right, bottom))}
            for a, b in pairs.get(mirror, ((left, bottom), (right, top))):
                joins.setdefault(a, []).append((b, mirror is not None))
                joins.setdefault(b, []).append((a, mirror is not None))
        row, column, down, right_ = scene["entry"]
        side = (2 * row + 1 - down, 2 * column + 1 - right_)
        seen, hits, cells = {side}, 0, 0
        while following := [(other, hit) for other, hit in joins[side] if other not in seen]:
            side, hit = following[0]
            seen.add(side)
            hits, cells = hits + hit, cells + 1
        return scene["ports"][_side_key(scene["size"], side)], hits if scene["form"] == "exit" else cells

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        listed = ", ".join(f"({_one(place)}) {mirror}" for place, mirror in scene["mirrors"].items())
        row, column, down, right = scene["entry"]
        entry = f"at ({row + 1}, {column + 1}) going {WORDS[down, right]}"
        says = [
            _SEEN[variant].format(scene["size"], listed, entry),
            "Places are (row, column), counted from the top left.",
        ]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG)
        before = None
        for step in item.program:
            if step.op == "reflect" and before is not None:
                place = f"({before[0] + 1}, {before[1] + 1})"
                mirror = scene["mirrors"][f"{before[0]},{before[1]}"]
                says.append(_HIT[variant].format(place, mirror, WORDS[step.value[2], step.value[3]]))
            before = step.value if step.type == "beam" else before
        port, number = item.answer.value
        says.append(f"No mirror is left on its way, and it leaves at port {port}.")
        what = "reflection" if scene["form"] == "exit" else "cell"
        return [*says, f"That makes {number} {what}{'s' * (number != 1)}.", _CHECK[variant].format(port)]


def _one(place: str) -> str:
    row, column = map(int, place.split(","))
    return f"{row + 1}, {column + 1}"


def _entry(rng: Rng, size: int) -> list[int]:
    place, side = rng.randrange(size), rng.randrange(4)
    return [[place, 0, 0, 1], [place, size - 1, 0, -1], [0, place, 1, 0], [size - 1, place, -1, 0]][side]


def _ports(rng: Rng, size: int) -> dict[str, str]:
    """A name for every end of a row or column."""
    keys = [f"{side}{place}" for side in "LRTB" for place in range(size)]
    names = rng.sample(NAMES, len(keys))
    return dict(zip(keys, names, strict=True))


def _port_key(beam: list[int]) -> str:
    """The port that a beam just outside of the grid has passed."""
    row, column, down, right = beam
    return f"{'R' if right == 1 else 'L'}{row}" if right else f"{'B' if down == 1 else 'T'}{column}"


def _side_key(size: int, side: tuple[int, int]) -> str:
    row, column = side
    if row in (0, 2 * size):
        return f"{'T' if row == 0 else 'B'}{column // 2}"
    return f"{'L' if column == 0 else 'R'}{row // 2}"


def _execute(program: Program, scene: Scene) -> int:
    """Returns the number of reflections; with none, nothing is asked."""
    beam = program.do("enter")
    beams, hits = [beam], []
    while True:
        beam = program.do("fly", beam)
        beams.append(beam)
        row, column = program.value(beam)[:2]
        if not (0 <= row < scene["size"] and 0 <= column < scene["size"]):
            break
        beam = program.do("reflect", beam)
        hits.append(beam)
        beams.append(beam)
    if not hits:
        return 0
    port = program.do("port", beam)
    number = program.do("count", *hits) if scene["form"] == "exit" else program.do("cells", *beams)
    program.do("tuple", port, number)
    return len(hits)


def _draw(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(SIDE, SIDE, size, figure_look(scene))
    grid = scene["size"]
    cell = (SIDE - 84) // grid
    edge = (SIDE - cell * grid) // 2
    end = edge + cell * grid
    canvas.rectangle((edge, edge, end, end), PAPER, INK, 2, "grid")
    for line in range(edge + cell, end, cell):
        canvas.line([(line, edge), (line, end)], FAINT, 1, "line")
        canvas.line([(edge, line), (end, line)], FAINT, 1, "line")
    reach = cell * 3 // 10
    for place, mirror in scene["mirrors"].items():
        row, column = map(int, place.split(","))
        x, y = edge + cell * column + cell // 2, edge + cell * row + cell // 2
        rise = reach if mirror == "/" else -reach
        canvas.line([(x - reach, y + rise), (x + reach, y - rise)], COLOURS["blue"], 5, f"mirror {place}")
    row, column, down, right = scene["entry"]
    x, y = edge + cell * column + cell // 2, edge + cell * row + cell // 2
    tip: Point = (x - right * (cell // 2 - 11), y - down * (cell // 2 - 11))
    tail: Point = (tip[0] - right * 31, tip[1] - down * 31)
    canvas.line([tail, tip], COLOURS["red"], 4, "beam")
    draw_arrow_head(canvas, tail, tip, COLOURS["red"])
    own = _port_key([row, column, -down, -right])
    for key, name in scene["ports"].items():
        if key == own:
            continue  # the arrow stands there, and light that can be turned round never leaves where it came in
        middle = edge + cell * int(key[1:]) + cell // 2
        spot = {"L": (edge - 20, middle), "R": (end + 20, middle), "T": (middle, edge - 15), "B": (middle, end + 15)}
        canvas.text(*spot[key[0]], name, 14, tag=f"port {name}")
    return canvas
