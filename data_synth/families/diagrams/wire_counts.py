"""Questions about tangled wires: how often two of them cross, and how many crossings several of them have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.diagrams.wire_ends import (
    FOLLOW,
    RULES,
    asked,
    asking,
    end_backwards,
    followed,
    listed,
    met_by,
    say_way,
    seen,
)
from data_synth.families.diagrams.wire_figure import draw_wires
from data_synth.families.diagrams.wire_tangle import times_crossed
from data_synth.families.forms import Asked
from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

_MET = (
    "It crossed {0}; {2} of these crossings {3} with wire {1}.",
    "Crossed on the way: {0}, and {2} of these crossings {3} with wire {1}.",
    "Crossed in order: {0}. With wire {1} there {3} {2}.",
    "The crossings are with {0}; {2} of them {3} with wire {1}.",
    "So it passed {0}, and with wire {1} I count {2}.",
    "On the way came {0}. Of these crossings, {2} {3} with wire {1}.",
)
_EVEN = (
    "Check: the two {0} sides from start to end, which takes an {1} number of crossings.",
    "An {1} number fits, because the two wires {0} sides in all.",
    "From start to end the two {0} sides, so the number must be {1}: right.",
    "Their order shows it too: they {0} sides, which needs an {1} number.",
    "As they {0} sides, {1} is what the number has to be.",
    "That is {1}, as it must be for wires that {0} sides.",
)
_LINE = (
    "Wire {0} crosses {1}: {2}.",
    "Along wire {0} come {1}, that is {2}.",
    "Wire {0} meets {1}, which makes {2}.",
    "For wire {0} I count {1}: {2}.",
    "On wire {0}: {1}, in all {2}.",
    "Wire {0} is crossed by {1}, so {2}.",
)
_NOTE = (
    "I follow each wire from its start and note what it crosses.",
    "One wire after the other, with the wires that come across:",
    "Each crossing counts for both of its wires.",
    "I go along the wires that are asked for.",
    "Crossings along each of the wires, from the start on:",
    "For each wire I list the wires that it meets.",
)
_AGAIN = (
    "Check: {0}.",
    "Seen from the other side: {0}.",
    "The other wires agree: {0}.",
    "To compare, {0}.",
    "Both wires tell the same: {0}.",
    "This fits, as {0}.",
)
_TWICE = "A crossing that I have counted on one wire must be counted on the other one too, so I leave none out."


class Pair:
    """Where a wire ends and how often it crosses another one."""

    ask: tuple[str, ...] = (
        "Which end does wire {0} reach, and how often does it cross wire {1}?",
        "Where does wire {0} end, and how many times does wire {1} cross it?",
        "Follow wire {0}. Name its end and the number of its crossings with wire {1}.",
        "Find the end of wire {0}, and count how often it crosses wire {1}.",
        "To which end does wire {0} lead, and at how many points does it meet wire {1}?",
        "Give the end of wire {0} and how many crossings it has with wire {1}.",
        "Wires {0} and {1}: how often do they cross, and where does wire {0} end? Name the end first.",
        "State the end that belongs to wire {0}, then how many times it passes wire {1}.",
        "Trace wire {0} to its end; how many of its crossings are with wire {1}?",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        **FOLLOW,
        "wire_meets": Op(
            lambda scene, *places, wire: sum(place[2] == wire for place in places), ("place", "..."), "integer"
        ),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        return asking(rng, level, 2)

    def execute(self, program: Program, scene: Scene) -> None:
        wire, other = scene["asked"]
        places = followed(program, scene, wire)
        program.do("tuple", program.do("wire_end", places[-1]), program.do("wire_meets", *places, wire=other))

    def asked(self, scene: Scene) -> Asked:
        return asked(scene, "(end, n)")

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        return [draw_wires(scene, size)]

    def solve(self, scene: Scene) -> Any:
        wire, other = scene["asked"]
        return end_backwards(scene, wire), times_crossed(scene, wire, other)

    def explain(self, item: Item, variant: int) -> list[str]:
        (wire, other), count = item.scene["asked"], item.answer.value[1]
        met = listed(met_by(item, wire))
        number = _MET[variant].format(met, other + 1, count, "is" if count == 1 else "are")
        parity = ("swap", "odd") if count % 2 else ("keep their", "even")
        says = [seen(item.scene, variant), *say_way(item, wire, variant), number]
        return [*says, _EVEN[variant].format(*parity)]


class Counts:
    """How many crossings each of several wires has."""

    ask: tuple[str, ...] = (
        "How many crossings lie on wires {0}, {1} and {2}, in this order?",
        "Count the crossings on each of the wires {0}, {1} and {2}.",
        "How often does each of the wires {0}, {1} and {2} cross another wire?",
        "Give the number of crossings of wire {0}, of wire {1} and of wire {2}.",
        "For the wires {0}, {1} and {2}: how many times is each crossed?",
        "At how many points do other wires cross wire {0}, wire {1} and wire {2}?",
        "State how many crossings wires {0}, {1} and {2} pass from start to end.",
        "Along the wires {0}, {1} and {2}, how many crossings are there on each?",
        "Work out the crossings of wires {0}, {1} and {2}, one number for each.",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = FOLLOW

    def build(self, rng: Rng, level: int) -> Scene | None:
        return asking(rng, level, 3)

    def execute(self, program: Program, scene: Scene) -> None:
        counts = [program.do("wire_count", *followed(program, scene, wire)) for wire in scene["asked"]]
        program.do("tuple", *counts)

    def asked(self, scene: Scene) -> Asked:
        return asked(scene, "(a, b, c)", RULES + " A crossing counts for both of its wires.")

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        return [draw_wires(scene, size)]

    def solve(self, scene: Scene) -> Any:
        wires = range(scene["wires"])
        return tuple(sum(times_crossed(scene, one, other) for other in wires if other != one) for one in scene["asked"])

    def explain(self, item: Item, variant: int) -> list[str]:
        says = [seen(item.scene, variant), _NOTE[variant]]
        if variant % 2 and item.level >= 2:
            says.append(_TWICE)
        met = {wire: met_by(item, wire) for wire in item.scene["asked"]}
        says += [_LINE[variant].format(wire + 1, listed(others), len(others)) for wire, others in met.items()]
        one, other = item.scene["asked"][:2]
        times = met[one].count(other + 1)
        both = f"wires {one + 1} and {other + 1} list each other {times} time{'s' * (times != 1)} each"
        return [*says, _AGAIN[variant].format(both)]
