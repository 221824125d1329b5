"""Motions of a figure on a grid: where a corner goes, where it came from, and the centre of a turn.

Mirror lines, centres and arrows stand in the picture alone; the question names them and their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.answers import Answer
from data_synth.families.geometry.grid_motion_words import ASK, explain, in_words
from data_synth.item import Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.style import pick_look
from data_synth.rng import Rng

__all__ = ["OPS", "REACH", "ask", "explain", "solve"]

Spot = list[int]  # x, y
Move = dict[str, Any]

REACH = 6  # the grid goes from -REACH to REACH
FORMS = (("image",), ("image",), ("image", "centre"), ("image", "origin", "centre"), ("image", "origin"))
COUNT = ((1, 1), (1, 2), (2, 2), (3, 3), (4, 5))  # motions in a row
KINDS = ("mirror", "shift", "turn")
NAMES = {"mirror": "ghk", "turn": "MNZ", "shift": "uvw"}
CORNERS = "ABCDEFJKLPQRST"  # letters of corners: no name of a line, a centre or an arrow
AXES = ([1, 0], [0, 1], [1, 1], [1, -1])  # directions of mirror lines
_TRIES = 40


def reflected(spot: Spot, through: Spot, along: Spot) -> Spot:
    """The mirror image in the line through a point, along (1, 0), (0, 1), (1, 1) or (1, -1)."""
    right, up = spot[0] - through[0], spot[1] - through[1]
    if 0 in along:
        sides = (right, -up) if along[0] else (-right, up)
    else:
        sides = (up * along[1], right * along[1])
    return [through[0] + sides[0], through[1] + sides[1]]


def turned(spot: Spot, at: Spot, degrees: int) -> Spot:
    """The point after a clockwise turn by a multiple of 90 degrees."""
    right, up = spot[0] - at[0], spot[1] - at[1]
    for _ in range(degrees // 90 % 4):
        right, up = up, -right
    return [at[0] + right, at[1] + up]


def _moved(scene: Scene, spot: Spot, *, step: int, undo: bool) -> Spot:
    move = scene["moves"][step]
    if move["kind"] == "mirror":
        return reflected(spot, move["at"], move["along"])
    if move["kind"] == "turn":
        return turned(spot, move["at"], 360 - move["degrees"] if undo else move["degrees"])
    sign = -1 if undo else 1
    return [spot[0] + sign * move["by"][0], spot[1] + sign * move["by"][1]]


def _angle(scene: Scene) -> int:
    """By how much the first side of the figure has turned clockwise."""
    (a, b), (c, d) = scene["corners"][:2], scene["image"][:2]
    side, now = [b[0] - a[0], b[1] - a[1]], [d[0] - c[0], d[1] - c[1]]
    return next(degrees for degrees in (90, 180, 270) if turned(side, [0, 0], degrees) == now)


def _centre(scene: Scene, degrees: int) -> Spot:
    """The centre of the turn that takes the first corner to its image."""
    (x, y), (u, v) = scene["corners"][0], scene["image"][0]
    if degrees == 180:
        return [(x + u) // 2, (y + v) // 2]
    sign = 1 if degrees == 90 else -1
    return [(x + u - sign * (y - v)) // 2, (y + v + sign * (x - u)) // 2]


OPS: Mapping[str, Op] = {
    "corner": Op(lambda scene, *, name: list(scene["corners"][scene["names"].index(name)]), (), "tuple"),
    "mirror": Op(_moved, ("tuple",), "tuple"),
    "turn": Op(_moved, ("tuple",), "tuple"),
    "shift": Op(_moved, ("tuple",), "tuple"),
    "angle": Op(_angle, (), "integer"),
    "centre": Op(_centre, ("integer",), "tuple"),
}


def ask(rng: Rng, level: int) -> Parts | None:
    form = rng.choice(FORMS[level])
    scene = _turn_scene(rng) if form == "centre" else _move_scene(rng, form, level)
    if scene is None:
        return None
    scene |= {"kind": "motion", "form": form, "style": pick_look(rng)}
    program = Program(OPS, scene)
    _execute(program, scene)
    shifts = any(move["kind"] == "shift" for move in scene["moves"])
    return Parts(
        question=rng.choice(ASK[form]).format(scene["asked"], *in_words(scene["moves"])),
        rules="Each arrow says how far and which way a shift goes." if shifts else "",
        form="(x, y)",
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"motions": len(scene["moves"]), "corners": len(scene["corners"])},
        canon=[form, scene["asked"], scene["moves"], scene["names"], scene["corners"], scene["image"]],
    )


def _execute(program: Program, scene: Scene) -> None:
    if scene["form"] == "centre":
        program.do("centre", program.do("angle"))
        return
    undo = scene["form"] == "origin"
    spot = program.do("corner", name=scene["asked"])
    order = range(len(scene["moves"]))
    for step in reversed(order) if undo else order:
        spot = program.do(scene["moves"][step]["kind"], spot, step=step, undo=undo)


def _move_scene(rng: Rng, form: str, level: int) -> dict[str, Any] | None:
    """The answer is any grid point; motions and figures are drawn until they fit it inside the grid."""
    target = [rng.between(-REACH, REACH), rng.between(-REACH, REACH)]
    for _ in range(_TRIES):
        moves = _moves(rng, level)
        scene: dict[str, Any] = {"moves": moves}
        spot, undo = target, form == "image"  # from the answer back to what is drawn
        for step in reversed(range(len(moves))) if undo else range(len(moves)):
            spot = _moved(scene, spot, step=step, undo=undo)
        if not _inside(spot) or spot == target or _crowded(moves, [spot]):
            continue
        others = _figure(rng, spot, 3 if level < 3 else rng.between(3, 4))
        if others is not None and not _crowded(moves, [spot, *others]):
            names = rng.sample(CORNERS, len(others) + 1)
            return scene | {"corners": [spot, *others], "names": names, "asked": names[0], "image": []}
    return None


def _inside(spot: Spot) -> bool:
    return max(map(abs, spot)) <= REACH


def _moves(rng: Rng, level: int) -> list[Move]:
    """Motions in a row, no two of a kind in succession. Level 0 has no turns and no slanting mirrors."""
    moves: list[Move] = []
    used = {kind: list(NAMES[kind]) for kind in KINDS}
    for _ in range(rng.between(*COUNT[level])):
        kinds = [kind for kind in KINDS if used[kind] and not (moves and moves[-1]["kind"] == kind)]
        kind = rng.choice([kind for kind in kinds if level or kind != "turn"])
        move: Move = {"kind": kind, "name": used[kind].pop(0)}
        if kind == "shift":
            move["by"] = [rng.between(1, 5) * rng.choice((1, -1)), rng.between(1, 5) * rng.choice((1, -1))]
            move["at"] = [rng.between(-REACH, REACH - abs(by)) + max(0, -by) for by in move["by"]]
        else:
            move["at"] = [rng.between(-3, 3), rng.between(-3, 3)]
        if kind == "turn":
            move["degrees"] = rng.choice((90, 180, 270))
        if kind == "mirror":
            move["along"] = list(rng.choice(AXES if level else AXES[:2]))
        moves.append(move)
    return moves


def _figure(rng: Rng, first: Spot, count: int) -> list[Spot] | None:
    """The other corners of a convex figure that is not too slim, clockwise or not."""
    for _ in range(_TRIES):
        corners = [first]
        for _ in range(count - 1):
            corners.append([first[axis] + rng.between(-5, 5) for axis in (0, 1)])
        if all(map(_inside, corners)) and _convex(corners):
            return corners[1:]
    return None


def _convex(corners: list[Spot]) -> bool:
    """Whether all corners turn the same way, each by an area of at least 6 half squares."""
    size = len(corners)
    turns = [
        (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
        for a, b, c in ((corners[n], corners[(n + 1) % size], corners[(n + 2) % size]) for n in range(size))
    ]
    return min(turns) >= 6 or max(turns) <= -6


def _crowded(moves: list[Move], corners: list[Spot]) -> bool:
    """Whether centres or arrows lie so close to each other or to a corner that names would not find room."""
    spots = [list(corner) for corner in corners]
    for move in moves:
        if move["kind"] == "turn":
            spots.append(move["at"])
        if move["kind"] == "shift":
            spots += [move["at"], [move["at"][0] + move["by"][0], move["at"][1] + move["by"][1]]]
    return any(max(abs(a[0] - b[0]), abs(a[1] - b[1])) < 2 for n, a in enumerate(spots) for b in spots[:n])


def _turn_scene(rng: Rng) -> dict[str, Any] | None:
    """Two figures apart, one of them turned; the centre is any grid point."""
    centre, degrees = [rng.between(-REACH, REACH), rng.between(-REACH, REACH)], rng.choice((90, 180, 270))
    for _ in range(2 * _TRIES):
        first = [rng.between(-REACH, REACH), rng.between(-REACH, REACH)]
        others = _figure(rng, first, 3)
        if others is None:
            continue
        corners = [first, *others]
        image = [turned(corner, centre, degrees) for corner in corners]
        sides = {(a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 for n, a in enumerate(corners) for b in corners[:n]}
        if all(map(_inside, image)) and len(sides) == 3 and _apart(corners, image):
            return {
                "moves": [],
                "corners": corners,
                "names": [],
                "asked": "",
                "image": image,
                "turn": [centre, degrees],
            }
    return None


def _apart(corners: list[Spot], image: list[Spot]) -> bool:
    """Whether the boxes around two figures do not touch."""
    spans = [[(min(c[axis] for c in f), max(c[axis] for c in f)) for axis in (0, 1)] for f in (corners, image)]
    return any(spans[0][axis][1] < spans[1][axis][0] or spans[1][axis][1] < spans[0][axis][0] for axis in (0, 1))


def solve(scene: Scene) -> tuple[int, ...]:
    """With complex numbers: every motion is z -> a z + b or z -> a conj(z) + b. The centre by trying every point."""
    if scene["form"] == "centre":
        return _search_centre(scene)
    z = complex(*scene["corners"][scene["names"].index(scene["asked"])])
    undo = scene["form"] == "origin"
    for move in reversed(scene["moves"]) if undo else scene["moves"]:
        at = complex(*move["at"])
        if move["kind"] == "mirror":
            along = complex(*move["along"])
            z = at + along * ((z - at) / along).conjugate()
        elif move["kind"] == "turn":
            z = at + (z - at) * (1j if undo else -1j) ** (move["degrees"] // 90)
        else:
            z += complex(*move["by"]) * (-1 if undo else 1)
    return round(z.real), round(z.imag)


def _search_centre(scene: Scene) -> tuple[int, ...]:
    figures = [[complex(*corner) for corner in scene[key]] for key in ("corners", "image")]
    found = [
        (x, y)
        for x in range(-REACH, REACH + 1)
        for y in range(-REACH, REACH + 1)
        for quarters in (1, 2, 3)
        if {complex(x, y) + (z - complex(x, y)) * (-1j) ** quarters for z in figures[0]} == set(figures[1])
    ]
    (only,) = found
    return only
