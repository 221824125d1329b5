"""Questions about tangled wires: where one of them ends and how much it crosses, and where all of them end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.diagrams.end_names import LETTERS, NAMES
from data_synth.families.diagrams.wire_figure import draw_wires, wire_look
from data_synth.families.diagrams.wire_tangle import busy, crossings, next_crossing, swapped, tangled, times_crossed
from data_synth.families.forms import Asked
from data_synth.item import Item
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

FEW = 4  # wires, so that their ends have names of two letters also where all are asked for
RULES = "Wires run on smoothly through every crossing."

FOLLOW: dict[str, Op] = {
    "wire_start": Op(lambda scene, *, wire: [0, wire, -1], (), "place"),
    "wire_cross": Op(next_crossing, ("place",), "place"),
    "wire_end": Op(lambda scene, place: scene["ends"][place[1]], ("place",), "word"),
    "wire_count": Op(lambda scene, *places: len(places) - 1, ("place", "..."), "integer"),
    "tuple": ARITHMETIC["tuple"],
}

_SEEN = (
    "I see {0} wires; {3} the ends are {1}.",
    "There are {0} wires with the ends {1}, {3}.",
    "The {0} wires lead to {1} ({3}).",
    "{0} wires; the ends {3}: {1}.",
    "Ends {3}: {1}, for {0} wires.",
    "The picture has {0} wires, and {3} the ends {1}.",
)
_PLAN = (
    "A wire keeps its direction at a crossing, so I follow wire {0} straight on and note what it meets.",
    "I go along wire {0} alone, past each crossing in turn, up to its other end.",
    "Only wire {0} matters: I trace it from its start and count places {1}.",
    "To find the end of wire {0}, I move along it and write down every wire that it crosses.",
    "Wire {0} is what I trace, crossing by crossing, always straight on.",
    "With a finger on wire {0} I pass one crossing after the other and never turn off.",
)
_START = (
    "Wire {0} starts at place {1}.",
    "I follow wire {0} from place {1}.",
    "Wire {0} begins in place {1}.",
    "Starting with wire {0} at place {1}.",
    "The start of wire {0} is place {1}.",
    "From place {1} wire {0} sets out.",
)
_CROSS = (
    "It crosses wire {0} to place {1}.",
    "Past wire {0} it comes to place {1}.",
    "Crossing wire {0} brings it to place {1}.",
    "Then wire {0} is crossed: place {1}.",
    "It goes over to place {1}, across wire {0}.",
    "Now across wire {0} into place {1}.",
)
_REACH = (
    "Place {0} is end {1}.",
    "It ends in place {0}, at {1}.",
    "At place {0} stands {1}.",
    "So it arrives at {1}, place {0}.",
    "The end at place {0} is {1}.",
    "That leads it to {1} in place {0}.",
)
_BACK = (
    "Check: back from {0} it meets {1} and comes to start {2}.",
    "Backwards from {0}: {1}, then start {2}.",
    "The way back from {0} crosses {1} and ends at start {2}.",
    "Seen from {0}, the order is {1}, and then start {2}.",
    "In reverse, {0} leads past {1} to start {2}.",
    "Traced back from {0}: {1}, start {2}.",
)
_WRONG = (
    "At the crossing with wire {0} it would be wrong to turn off along that wire: each keeps its direction.",
    "Where wire {0} comes across I might slip onto it; no, a wire goes straight on there.",
)
_ORDERED = (
    "Now {0}.",
    "The order becomes {0}.",
    "After that: {0}.",
    "Next column: {0}.",
    "That gives {0}.",
    "Then the order is {0}.",
)
_SWAPS = (
    "I keep the order of the wires {1} and change it at each column of crossings, beginning with {0}.",
    "Column by column, {1}: at first {0}.",
    "The order {1} starts as {0}; crossings exchange neighbours.",
    "Going along the wires, I list who is where ({1}), first {0}.",
    "Start: {0}, {1}. Each crossing swaps two neighbours.",
    "With neighbours swapped at each crossing, from {0} on ({1}):",
)
_PAIRED = (
    "Wire by wire: {0}.",
    "So the wires end thus: {0}.",
    "Beside the ends this is {0}.",
    "Read off at the ends: {0}.",
    "Put together: {0}.",
    "That means {0}.",
)
_ALONE = (
    "Wire {0} alone takes the places {1}, so {2} is right for it.",
    "As a test I follow wire {0} alone: places {1}, which is {2} again.",
    "By itself wire {0} goes through the places {1} and ends at {2}.",
    "Tracing only wire {0}, I pass the places {1} and come to {2}.",
    "One wire by itself, number {0}: places {1}, and there stands {2}.",
    "Checked with wire {0}, whose places are {1}: it does reach {2}.",
)
_CODE_CHECK = (
    "Check: {0} used, and every end is taken once.",
    "Each end occurs once, after {0} in all.",
    "{0} in all, and no end is used twice.",
    "No end comes twice, with {0} passed.",
    "Counted again: {0}, and as many ends as wires.",
    "With {0} there is one wire at each end.",
)


class End:
    """Where one wire ends."""

    ask: tuple[str, ...] = (
        "Which end does wire {0} reach, and how many crossings does it pass?",
        "Where does wire {0} end, and how often is it crossed on the way?",
        "Follow wire {0}: at which end does it arrive, after how many crossings?",
        "Name the end of wire {0} and count the crossings along it.",
        "To which end does wire {0} lead, and how many times does it cross another wire?",
        "Give the end of wire {0} with the number of its crossings.",
        "Trace wire {0} to its end. Which one is it, and how many crossings lie on the way?",
        "At which end does wire {0} come out? Also count its crossings.",
        "Find out where wire {0} goes and at how many points it crosses other wires.",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = FOLLOW

    def build(self, rng: Rng, level: int) -> Scene | None:
        return asking(rng, level, 1)

    def execute(self, program: Program, scene: Scene) -> None:
        places = followed(program, scene, scene["asked"][0])
        program.do("tuple", program.do("wire_end", places[-1]), program.do("wire_count", *places))

    def asked(self, scene: Scene) -> Asked:
        return asked(scene, "(end, n)")

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        return [draw_wires(scene, size)]

    def solve(self, scene: Scene) -> Any:
        """From every end backwards to the asked start; crossings by changes of order with each other wire."""
        (wire,) = scene["asked"]
        others = (other for other in range(scene["wires"]) if other != wire)
        return end_backwards(scene, wire), sum(times_crossed(scene, wire, other) for other in others)

    def explain(self, item: Item, variant: int) -> list[str]:
        (wire,), (name, count) = item.scene["asked"], item.answer.value
        met = met_by(item, wire)
        back = _BACK[variant].format(name, listed(met[::-1]), wire + 1)
        number = f"That is {_crossings(count)}."
        return [seen(item.scene, variant), *say_way(item, wire, variant), number, back]


class Code:
    """Where all wires end."""

    ask: tuple[str, ...] = (
        "Which ends do the wires reach, in the order of their numbers?",
        "Follow all wires. Give the names of their ends, wire 1 first.",
        "Write down the end of each wire, in the order of the starts.",
        "Where do the wires end? List the ends for 1, 2 and so on.",
        "For wire 1, wire 2, ...: what is written at the other end?",
        "Name the end that each wire leads to, sorted by wire number.",
        "What ends do you find by tracing the wires in numerical order?",
        "Trace every wire and state its end, starting with number 1.",
        "Match each number with its end; give the ends in the order of the numbers.",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        "wires_start": Op(lambda scene: list(range(scene["wires"])), (), "order"),
        "wires_column": Op(
            lambda scene, order, *, column: swapped(order, scene["layers"][column]), ("order",), "order"
        ),
        "wires_code": Op(lambda scene, order: _code(scene["ends"], order), ("order",), "tuple"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        scene = tangled(rng, level)
        if scene is None:
            return None
        scene |= {"ends": rng.sample(LETTERS if scene["wires"] > FEW else NAMES, scene["wires"]), "asked": []}
        return scene | wire_look(rng, scene, level)

    def execute(self, program: Program, scene: Scene) -> None:
        order = program.do("wires_start")
        for column in range(len(scene["layers"])):
            order = program.do("wires_column", order, column=column)
        program.do("wires_code", order)

    def asked(self, scene: Scene) -> Asked:
        return asked(scene, "(end, end, ...)")

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        return [draw_wires(scene, size)]

    def solve(self, scene: Scene) -> Any:
        return tuple(end_backwards(scene, wire) for wire in range(scene["wires"]))

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        orders = [" ".join(str(wire + 1) for wire in step.value) for step in item.program[:-1]]
        says = [seen(scene, variant), _SWAPS[variant].format(orders[0], side(scene))]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG[variant // 3].format(int(orders[0].split()[scene["layers"][0][0] + 1])))
        says += [_ORDERED[variant].format(order) for order in orders[1:]]
        pairs = ", ".join(f"{wire} to {name}" for wire, name in enumerate(item.answer.value, 1))
        places = " ".join(str(order.split().index("1") + 1) for order in orders)
        alone = _ALONE[variant].format(1, places, item.answer.value[0])
        total = _CODE_CHECK[variant].format(_crossings(crossings(scene)))
        return [*says, _PAIRED[variant].format(pairs), alone, total]


def _code(ends: list[str], order: list[int]) -> list[str]:
    """The name at the end of each wire, by number."""
    return [ends[order.index(wire)] for wire in range(len(order))]


def asking(rng: Rng, level: int, count: int) -> Scene | None:
    """Wires with names at their ends, and so many of them to ask about, the first with several crossings."""
    scene = tangled(rng, level)
    wires = busy(scene, level) if scene else []
    if not scene or not wires:
        return None
    first = rng.choice(wires)
    others = [wire for wire in range(scene["wires"]) if wire != first]
    scene |= {"ends": rng.sample(NAMES, scene["wires"]), "asked": [first, *rng.sample(others, count - 1)]}
    return scene | wire_look(rng, scene, level)


def followed(program: Program, scene: Scene, wire: int) -> list[int]:
    """Steps of the program that follow a wire: its start and the place after each crossing."""
    places = [program.do("wire_start", wire=wire)]
    while next_crossing(scene, program.value(places[-1])) is not None:
        places.append(program.do("wire_cross", places[-1]))
    return places


def end_backwards(scene: Scene, wire: int) -> str:
    """The end from which the way back leads to this start: slots written as a list that is unswapped from the end."""
    names = list(scene["ends"])
    for layer in reversed(scene["layers"]):
        for slot in layer:
            names[slot : slot + 2] = names[slot + 1], names[slot]
    return str(names[wire])


def asked(scene: Scene, form: str, rules: str = RULES) -> Asked:
    """What all questions about wires have in common."""
    return Asked(
        rules=rules,
        form=form,
        features={"wires": scene["wires"], "crossings": crossings(scene)},
        canon=[scene["layers"], scene["ends"], scene["asked"]],
        words=tuple(wire + 1 for wire in scene["asked"]),
    )


def side(scene: Scene) -> str:
    """The direction in which places count."""
    return "from left to right" if scene["upright"] else "from top to bottom"


def seen(scene: Scene, variant: int) -> str:
    return _SEEN[variant].format(scene["wires"], ", ".join(scene["ends"]), "", side(scene))


def met_by(item: Item, wire: int) -> list[int]:
    """Numbers of the wires that a wire crosses, in order."""
    return [place[2] + 1 for place in ways(item)[wire][1:]]


def ways(item: Item) -> dict[int, list[list[int]]]:
    """The places of each wire that the program followed."""
    found: dict[int, list[list[int]]] = {}
    for step in item.program:
        if step.op == "wire_start":
            found[step.value[1]] = current = [step.value]
        elif step.op == "wire_cross":
            current.append(step.value)
    return found


def say_way(item: Item, wire: int, variant: int) -> list[str]:
    """Start, crossings and end of a wire in words."""
    places = ways(item)[wire]
    says = [_PLAN[variant].format(wire + 1, side(item.scene)), _START[variant].format(wire + 1, wire + 1)]
    if variant % 2 and item.level >= 2 and len(places) > 1:
        says.append(_WRONG[variant // 3].format(places[1][2] + 1))
    says += [_CROSS[variant].format(other + 1, slot + 1) for _, slot, other in places[1:]]
    return [*says, _REACH[variant].format(places[-1][1] + 1, item.scene["ends"][places[-1][1]])]


def _crossings(count: int) -> str:
    return f"{count} crossing{'s' * (count != 1)}"


def listed(numbers: list[int]) -> str:
    """Wires by number, for the middle of a sentence."""
    if not numbers:
        return "no wire"
    return f"wire{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
