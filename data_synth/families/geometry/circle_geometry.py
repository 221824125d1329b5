"""Angles in a circle: at the centre, at the circumference, of tangents and of cyclic quadrilaterals.

Three points make a triangle in the circle. Each chord goes with one angle of it, and every angle that stands on the
chord follows from that one. The asked angle is drawn first, uniformly; levels 0 and 1 stay on one chord, from level 2
on two chords are given and the third is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from data_synth.answers import Answer
from data_synth.english import capitalized
from data_synth.families.geometry.angle_by_eye import by_eye
from data_synth.families.geometry.angle_words import ASK, MARKED
from data_synth.families.geometry.circle_figure import (
    KINDS,
    CircleFigure,
    corners,
    draw_circle,
    extra_point,
    placed,
    value_of,
)
from data_synth.item import Item, Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.figure import angle_at
from data_synth.rng import Rng

SHARP = (34, 76)  # angles of the inscribed triangle, degrees: acute, so that the centre is inside
FLATTEST = 60  # beyond, two tangents meet too far away
LEAST_STEPS = (1, 2, 2, 3, 4)

EASY = ("inscribed", "central", "tangent", "opposite")
SAME_ANGLE = {"base": "diameter", "diameter": "base"}  # of one chord: the diameter runs along the radius
REASONS = {
    "half": "the angle at the circumference is half of that at the centre",
    "double": "the angle at the centre is twice that at the circumference",
    "chord_tangent": "the angle between tangent and chord equals the inscribed angle over the chord",
    "quadrilateral": "opposite angles of a quadrilateral in a circle add up to 180",
    "apex": "two radii make an isosceles triangle",
    "base": "two radii make an isosceles triangle",
    "thales": "the angle over a diameter is 90, and the angles over one chord are equal",
    "tangents": "tangents stand at 90 degrees on the radii, so the other two angles add up to 180",
    "third": "the angles of a triangle add up to 180",
}
SUMS = {"half": "{0} / 2", "double": "2 x {0}", "chord_tangent": "{0}", "quadrilateral": "180 - {0}"}
SUMS |= {"apex": "180 - 2 x {0}", "base": "(180 - {0}) / 2", "thales": "90 - {0}", "tangents": "180 - {0}"}
SUMS |= {"third": "180 - {0} - {1}"}
REVERSED = {"half": "2 x {v} = {0}", "double": "{v} / 2 = {0}", "chord_tangent": "both angles are {v}"}
REVERSED |= {"quadrilateral": "{v} + {0} = 180", "apex": "{v} + {0} + {0} = 180", "base": "{v} + {v} + {0} = 180"}
REVERSED |= {"thales": "{v} + {0} = 90", "tangents": "{v} + {0} = 180", "third": "{v} + {0} + {1} = 180"}

_SEEN = (
    "I see a circle with centre {0} and the points {1} on it. Given: {2}.",
    "The circle has its centre in {0}; {1} lie on it. Marked: {2}.",
    "The picture shows the points {1} on a circle around {0}, and {2}.",
    "Points {1} are on the circle, {0} is its centre. I read {2}.",
    "A circle around {0} runs through {1}. Known: {2}.",
    "Centre {0}, circumference points {1}, and the given {2}.",
)
_PLAN = (
    "Angle {} is wanted; angles over the same chord determine each other, so I go from one to the next.",
    "Goal: angle {}. I go from chord to chord, always by way of the inscribed angle that stands on it.",
    "To find angle {}, I relate each marked angle to the inscribed angle over its chord.",
    "The way to angle {} leads through the inscribed angles that stand on the chords of the circle.",
    "Wanted: angle {}. All angles over one chord follow from the inscribed one, which I find first.",
    "I am looking for angle {}, and work with the central and the inscribed angles of the same chord.",
)
_STEP = (
    "{a} = {sum} = {v}, because {why}.",
    "Because {why}, {a} = {sum} = {v}.",
    "Here {why}: {a} = {sum} = {v}.",
    "{a} is {sum} = {v}; {why}.",
    "Use that {why}, which gives {a} = {sum} = {v}.",
    "As {why}, it follows that {a} = {sum} = {v}.",
)
_CHECK = (
    "Check, the last step backwards: {}.",
    "The last step the other way round: {}.",
    "Test of the last step: {}, as it must be.",
    "Put back into the last relation, it holds: {}.",
    "To be sure I reverse the last step: {}.",
    "Backwards the last step is right: {}.",
)
_SLIP = "It is not the same as {0}: one of them stands at the centre or on the other side."


class CircleGeometry:
    """Deduce an angle in a circle."""

    name = "circle_geometry"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        "given": Op(lambda scene, *, angle: scene["givens"][angle], (), "integer"),
        "half": Op(lambda scene, a: a // 2, ("integer",), "integer"),
        "double": Op(lambda scene, a: 2 * a, ("integer",), "integer"),
        "chord_tangent": Op(lambda scene, a: a, ("integer",), "integer"),
        "quadrilateral": Op(lambda scene, a: 180 - a, ("integer",), "integer"),
        "apex": Op(lambda scene, a: 180 - 2 * a, ("integer",), "integer"),
        "base": Op(lambda scene, a: (180 - a) // 2, ("integer",), "integer"),
        "thales": Op(lambda scene, a: 90 - a, ("integer",), "integer"),
        "tangents": Op(lambda scene, a: 180 - a, ("integer",), "integer"),
        "third": Op(lambda scene, a, b: 180 - a - b, ("integer", "integer"), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        asked, first = _asked(rng, level)
        sharp = _triangle(rng, first)
        kinds = _kinds(rng, level, sharp, asked)
        if kinds is None:
            return None
        figure = CircleFigure(rng, sharp)
        for chord, kind in kinds[:-1]:
            figure.give(chord, kind)
        figure.ask(*kinds[-1])
        scene = placed(rng, figure)
        if scene is None:
            return None
        program = Program(self.ops, scene)
        _execute(program, scene)
        return Parts(
            question=rng.choice(MARKED).format(scene["mark"])
            if scene["mark"]
            else rng.choice(ASK).format(scene["asked"]),
            rules="The small cross is the centre of the circle. Angles are in degrees."
            + (" Lines that only touch the circle are tangents." if figure.touching else ""),
            form="n",
            answer=Answer("integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"givens": len(scene["givens"]), "steps": len(scene["steps"])},
            canon=[kinds, sharp, scene["turn"] // 2, scene["asked"]],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_circle(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Build the circles with whole angles, measure the givens, and measure the asked angle where they fit."""
        scene = item.scene
        fits = {
            chord: next(g for g in range(1, 90) if _measured(chord, kind, g) == scene["givens"][angle])
            for chord, kind, angle in scene["facts"]
        }
        chord, kind = scene["wanted"]
        return _measured(chord, kind, fits[chord] if chord in fits else 180 - sum(fits.values()))

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        givens = ", ".join(f"angle {angle} = {value}" for angle, value in scene["givens"].items())
        says = [_SEEN[variant].format(scene["centre"], ", ".join(scene["rim"]), givens)]
        marked = f" (marked {scene['mark']})" if scene["mark"] else ""
        says.append(_PLAN[variant].format(scene["asked"] + marked))
        values = [step.value for step in item.program]
        for number, step in enumerate(scene["steps"]):
            inputs = [values[i] for i in item.program[number + len(scene["givens"])].inputs]
            value = values[number + len(scene["givens"])]
            total = SUMS[step["op"]].format(*inputs)
            if total == str(value):
                says.append(f"{_angle(step)} = {value}, because {REASONS[step['op']]}.")
                continue
            if variant in (1, 4) and item.level >= 2 and number + 1 == len(scene["steps"]) and len(inputs) == 1:
                says.append(_SLIP.format(inputs[0]))
            says.append(_STEP[variant].format(a=_angle(step), sum=total, v=value, why=REASONS[step["op"]]))
        says.append(_CHECK[variant].format(REVERSED[step["op"]].format(*inputs, v=value)))
        return [capitalized(text) for text in [*says, by_eye(scene["asked"], value, variant)]]


def _angle(step: dict[str, Any]) -> str:
    return f"angle {step['angle']}"


def _asked(rng: Rng, level: int) -> tuple[str, int]:
    """(kind of the asked angle, inscribed angle over its chord): the asked angle itself is uniform."""
    ways = _ways(EASY if level == 0 else tuple(KINDS))
    return rng.choice(ways[rng.choice(list(ways))])


@lru_cache
def _ways(kinds: tuple[str, ...]) -> dict[int, list[tuple[str, int]]]:
    """By angles, smallest first: the kinds that can have them, with the inscribed angle."""
    ways: dict[int, list[tuple[str, int]]] = {}
    for kind in kinds:
        for sharp in range(SHARP[0], (FLATTEST if kind == "meeting" else SHARP[1]) + 1):
            ways.setdefault(value_of(kind, sharp), []).append((kind, sharp))
    return dict(sorted(ways.items()))


def _triangle(rng: Rng, first: int) -> list[int]:
    """Three sharp angles that add up to 180."""
    low, high = SHARP
    second = rng.between(max(low, 180 - first - high), min(high, 180 - first - low))
    return [first, second, 180 - first - second]


def _kinds(rng: Rng, level: int, sharp: list[int], asked: str) -> list[tuple[int, str]] | None:
    """(chord, kind) of what is given and, last, of what is asked; None if it takes too few steps for the level."""
    known = EASY if level == 0 else tuple(KINDS)
    if level < 2:
        given = rng.choice([kind for kind in known if kind not in (asked, SAME_ANGLE.get(asked))])
        chosen = [(0, given), (0, asked)]
    else:
        chosen = [(1, rng.choice(known)), (2, rng.choice(known)), (0, asked)]
    steps = sum(len(KINDS[kind][0]) for _, kind in chosen[:-1]) + len(KINDS[asked][1]) + (level >= 2)
    crowded = any(kind == "meeting" and sharp[chord] > FLATTEST for chord, kind in chosen)
    return None if crowded or steps < LEAST_STEPS[level] else chosen


def _measured(chord: int, kind: str, sharp: int) -> int:
    """The angle of this kind in a circle whose inscribed angle over the chord is `sharp`, by protractor."""
    rest = 180 - sharp
    angles = [sharp, rest // 2, rest - rest // 2]
    third, one, other = corners(angles, 0)
    centre = (0.0, 0.0)
    if kind in ("inscribed", "central"):
        return round(angle_at(third if kind == "inscribed" else centre, one, other))
    if kind == "base":
        return round(angle_at(one, centre, other))
    new = extra_point(kind, one, other, third)
    if kind in ("opposite", "meeting"):
        return round(angle_at(new, one, other))
    return round(angle_at(one, new, other))


def _execute(program: Program, scene: Scene) -> None:
    places = {angle: program.do("given", angle=angle) for angle in scene["givens"]}
    for step in scene["steps"]:
        places[step["angle"]] = program.do(step["op"], *(places[source] for source in step["from"]))
