"""Follow spatial relations from object to object.

Levels 0 and 1: looks are unique on a 4 x 4 grid, and the answer names the object reached with its row and column; the
cell reached is drawn first. Levels 2 to 4: two-letter labels, uniform, and hops such as "the nearest blue object".
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from data_synth.answers import Answer
from data_synth.families.scenes.spatial_hops import ONWARDS, SHORT, STEPS, Thing, centre, name, phrase, ranked
from data_synth.families.scenes.spatial_trace import explain_free, explain_grid
from data_synth.item import Item, Parts
from data_synth.layout import SIDE, box_in_cell
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, FAINT
from data_synth.render.shapes import SHAPES, draw_shape
from data_synth.render.style import PLAIN_STYLE, figure_look, pick_look
from data_synth.rng import Rng

Cell = tuple[int, int]  # row, column, from 0

GRID = 4
GRID_OBJECTS = ((4, 6), (5, 9))
FREE_OBJECTS = {2: (8, 11), 3: (12, 15), 4: (16, 20)}
WIDTH, BLOCK, LABEL = 36, (46, 62), 16  # of an object, of it with its label, of the label's letters
MARGIN = 14  # design units by which the chosen object wins
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

_ONE_HOP = (
    "Which object is directly {1} the {0}, and in which row and column?",
    "What is directly {1} the {0}? Give its row and column.",
    "Name the object directly {1} the {0}, with row and column.",
    "Find the object directly {1} the {0} and its row and column.",
    "Directly {1} the {0}: which object is there, in which row and column?",
    "Look directly {1} the {0}. Which object is there, and in which row and column?",
    "Say what is directly {1} the {0}, and its row and column.",
    "Which object stands directly {1} the {0}? Add its row and column.",
)
_TWO_HOPS = (
    "From the {0}, take the next object {1}, then the next {2}. Which object is it, in which row and column?",
    "Go from the {0} to the next object {1}, then the next {2}. Which object is that, and where?",
    "Start at the {0}: next object {1}, then next {2}. What and where is it?",
    "Begin at the {0}; move to the next object {1}, then {2}. What is there, in which row and column?",
    "Take the {0}, the next object {1}, then the next {2}. Name and place it.",
    "Look from the {0} to the next object {1}, from there to the next {2}: what and where?",
    "Move from the {0} to the next object {1} and on to the next {2}. Name it, with row and column.",
    "Leave the {0} for the next object {1}, then for the next {2}. Which object is that, and where is it?",
)
_FREE = (
    "Start at {0}. {1} Which label do you reach?",
    "Begin at {0}. {1} What is the label there?",
    "You are at {0}. {1} At which label do you end?",
    "Put a finger on {0}. {1} Which label is under it now?",
    "From {0}: {1} Name the label of the last object.",
    "Take {0} first. {1} Give the label you arrive at.",
    "Leave from {0}. {1} Which label is the last?",
    "The path begins at {0}. {1} Which label ends it?",
)


def _find(scene: Scene, *, look: str = "", label: str = "") -> int:
    (place,) = [i for i, t in enumerate(scene["objects"]) if (t["label"] == label if label else name(t) == look)]
    return place


def _next(scene: Scene, start: int, *, side: str) -> int:
    """The first object from `start` in its row or column."""
    down, across = STEPS[side]
    here = scene["objects"][start]
    ahead = []
    for place, thing in enumerate(scene["objects"]):
        rows, columns = thing["row"] - here["row"], thing["column"] - here["column"]
        if (rows * across, columns * down) == (0, 0) and rows * down + columns * across > 0:
            ahead.append((rows * down + columns * across, place))
    return min(ahead)[1]


def _hop(scene: Scene, start: int, *, colour: str, side: str, far: bool) -> int:
    return ranked(scene, start, colour, side, far)[0][1]


class SpatialRel:
    """Follow relations between objects."""

    name = "spatial_rel"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        "find": Op(_find, (), "object"),
        "next": Op(_next, ("object",), "object"),
        "hop": Op(_hop, ("object",), "object"),
        "label": Op(lambda scene, place: scene["objects"][place]["label"], ("object",), "word"),
        "place": Op(
            lambda scene, place: [name(t := scene["objects"][place]), t["row"], t["column"]], ("object",), "tuple"
        ),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        return _grid_parts(rng, level) if level < 2 else _free_parts(rng, level)

    def draw(self, item: Item, size: int) -> list[Canvas]:
        canvas = Canvas(SIDE, SIDE, size, figure_look(item.scene))
        for line in range(SIDE // GRID, SIDE, SIDE // GRID) if item.level < 2 else ():
            canvas.line([(line, 0), (line, SIDE)], FAINT, 2, "grid")
            canvas.line([(0, line), (SIDE, line)], FAINT, 2, "grid")
        for place, thing in enumerate(item.scene["objects"]):
            draw_shape(canvas, thing["shape"], thing["colour"], tuple(thing["box"]), f"object {place}")
            if thing["label"]:
                canvas.text(centre(thing)[0], thing["box"][3] + 12, thing["label"], LABEL, tag=f"label {place}")
        return [canvas]

    def solve_again(self, item: Item) -> Any:
        """On the grid: walk cell by cell. Otherwise: compare every pair of candidates by squared distance."""
        objects = item.scene["objects"]
        if item.level > 1:
            return _walk_free(item.scene)
        at = {(thing["row"], thing["column"]): name(thing) for thing in objects}
        (cell,) = [cell for cell, look in at.items() if look == item.scene["start"]]
        for side in item.scene["hops"]:
            cell = (cell[0] + STEPS[side][0], cell[1] + STEPS[side][1])
            while cell not in at:
                cell = (cell[0] + STEPS[side][0], cell[1] + STEPS[side][1])
        return (at[cell], *cell)

    def explain(self, item: Item, variant: int) -> list[str]:
        return explain_grid(item, variant) if item.level < 2 else explain_free(item, variant)


def _grid_parts(rng: Rng, level: int) -> Parts | None:
    found = _path_to_target(rng, level)
    if found is None:
        return None
    path, sides, kept_free = found
    objects = _grid_objects(rng, level, path, kept_free)
    start = name(objects[0])
    objects.sort(key=lambda thing: (thing["row"], thing["column"]))
    scene: Scene = {"objects": objects, "start": start, "hops": sides, "style": PLAIN_STYLE}
    program = Program(SpatialRel.ops, scene)
    here = program.do("find", look=start)
    for side in sides:
        here = program.do("next", here, side=side)
    program.do("place", here)
    words = [(SHORT if level == 0 else ONWARDS)[side] for side in sides]
    return Parts(
        question=rng.choice((_ONE_HOP, _TWO_HOPS)[level]).format(start, *words),
        rules="Count rows and columns from the top left.",
        form="(object, row, column)",
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"objects": len(objects), "hops": len(sides)},
        canon=[start, sides, [[name(thing), thing["row"], thing["column"]] for thing in objects]],
    )


def _path_to_target(rng: Rng, level: int) -> tuple[list[Cell], list[str], set[Cell]] | None:
    """Cells from the start to a uniform target, the side of each hop, and the cells that must stay empty between."""
    path: list[Cell] = [(rng.randrange(GRID), rng.randrange(GRID))]
    sides: list[str] = []
    kept_free: set[Cell] = set()
    for _ in range(level + 1):
        ways = [way for way in _ways_back(path[-1], level) if way[1] not in path]
        side, before, between = rng.choice(ways)
        path.append(before)
        sides.append(side)
        kept_free.update(between)
    return (path[::-1], sides[::-1], kept_free) if not kept_free & set(path) else None


def _grid_objects(rng: Rng, level: int, path: list[Cell], kept_free: set[Cell]) -> list[Thing]:
    """Objects on the path, in its order, then others elsewhere; no two look alike."""
    others = [cell for cell in product(range(GRID), repeat=2) if cell not in path and cell not in kept_free]
    count = min(rng.between(*GRID_OBJECTS[level]) - len(path), len(others))
    places = path + rng.sample(others, count)
    looks = rng.sample(list(product(list(COLOURS)[:4], SHAPES[:3])), len(places))
    objects: list[Thing] = []
    for (row, column), (colour, shape) in zip(places, looks, strict=True):
        box = box_in_cell(rng, row, column, SIDE // GRID, rng.between(60, 66))
        look = {"colour": colour, "shape": shape, "label": ""}
        objects.append({**look, "row": row + 1, "column": column + 1, "box": list(box)})
    return objects


def _ways_back(cell: Cell, level: int) -> list[tuple[str, Cell, list[Cell]]]:
    """(side, cell before, cells between) of every hop that ends in `cell`; level 0 hops to the next cell only."""
    ways = []
    for side, (down, across) in STEPS.items():
        for far in range(1, 2 if level == 0 else GRID):
            before = cell[0] - far * down, cell[1] - far * across
            if 0 <= before[0] < GRID and 0 <= before[1] < GRID:
                ways.append((side, before, [(cell[0] - n * down, cell[1] - n * across) for n in range(1, far)]))
    return ways


def _free_parts(rng: Rng, level: int) -> Parts | None:
    objects = _scatter(rng, rng.between(*FREE_OBJECTS[level]), level)
    if objects is None:
        return None
    scene: Scene = {"objects": objects, "style": pick_look(rng)}
    path, hops = [rng.randrange(len(objects))], []
    for _ in range(level):
        hop = _pick_hop(rng, scene, path)
        if hop is None:
            return None
        hops.append(hop)
        path.append(_hop(scene, path[-1], **hop))
    scene |= {"start": objects[path[0]]["label"], "hops": hops}
    program = Program(SpatialRel.ops, scene)
    here = program.do("find", label=scene["start"])
    for hop in hops:
        here = program.do("hop", here, **hop)
    program.do("label", here)
    sentences = " ".join(f"{'Go' if n == 0 else 'Then go'} to {phrase(hop)}." for n, hop in enumerate(hops))
    return Parts(
        question=rng.choice(_FREE).format(scene["start"], sentences),
        rules="Distances and sides go by the centres of objects; each label is below its object.",
        form="label",
        answer=Answer("word", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"objects": len(objects), "hops": len(hops)},
        canon=[scene["start"], hops, [[t["label"], name(t), *(value // 16 for value in centre(t))] for t in objects]],
    )


def _scatter(rng: Rng, count: int, level: int) -> list[Thing] | None:
    """Labelled objects whose blocks do not touch, in reading order; None if there is no room."""
    corners: list[tuple[int, int]] = []
    for _ in range(count * 40):
        x, y = rng.between(2, SIDE - BLOCK[0] - 2), rng.between(2, SIDE - BLOCK[1] - 2)
        if all(abs(x - a) >= BLOCK[0] or abs(y - b) >= BLOCK[1] for a, b in corners):
            corners.append((x, y))
            if len(corners) == count:
                break
    else:
        return None
    labels = rng.sample([a + b for a, b in product(LETTERS, repeat=2)], count)
    objects = []
    for (x, y), label in zip(sorted(corners, key=lambda corner: (corner[1], corner[0])), labels, strict=True):
        left = x + (BLOCK[0] - WIDTH) // 2
        look = {"colour": rng.choice(list(COLOURS)[: 2 + level]), "shape": rng.choice(SHAPES), "label": label}
        objects.append({**look, "box": [left, y, left + WIDTH, y + WIDTH]})
    return objects


def _pick_hop(rng: Rng, scene: Scene, path: list[int]) -> dict[str, Any] | None:
    """A hop to an object not yet visited that wins by a clear margin; None if twelve draws find none."""
    here = path[-1]
    for _ in range(12):
        kind = rng.randrange(4)  # any, by colour, by side, farthest
        colour = rng.choice(list(COLOURS)[:6]) if kind == 1 else ""
        side = rng.choice(list(STEPS)) if kind == 2 else ""
        found = ranked(scene, here, colour, side, kind == 3)
        clear = len(found) > 1 and abs(found[0][0] - found[1][0]) >= MARGIN and found[0][1] not in path
        if clear and (not side or _sides_clear(scene, here, side)):
            return {"colour": colour, "side": side, "far": kind == 3}
    return None


def _sides_clear(scene: Scene, here: int, side: str) -> bool:
    """Whether no object is so nearly level with this one that its side is in doubt."""
    axis = 0 if side in ("left", "right") else 1
    middle = centre(scene["objects"][here])[axis]
    gaps = [abs(centre(t)[axis] - middle) for place, t in enumerate(scene["objects"]) if place != here]
    return min(gaps) >= 6


def _walk_free(scene: Scene) -> str:
    """The label reached: at each hop the best of the candidates by squared distance."""
    spots = {t["label"]: (t["box"][0] + t["box"][2], t["box"][1] + t["box"][3], t["colour"]) for t in scene["objects"]}
    here: str = scene["start"]
    for hop in scene["hops"]:
        x, y, _ = spots[here]
        side = STEPS.get(hop["side"], (0, 0))
        apart = {
            label: (a - x) ** 2 + (b - y) ** 2
            for label, (a, b, colour) in spots.items()
            if label != here
            and (not hop["colour"] or colour == hop["colour"])
            and (not hop["side"] or (b - y) * side[0] + (a - x) * side[1] > 0)
        }
        best = max(apart.values()) if hop["far"] else min(apart.values())
        (here,) = [label for label, distance in apart.items() if distance == best]
    return here
