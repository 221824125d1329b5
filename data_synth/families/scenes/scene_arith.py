"""Change a scene of shapes by steps, then count: a tuple of counts, or points for objects.

Steps and asked groups come first, then the counts at the end, uniform in one range whatever the steps are; the scene
at the start is what the steps turn into these counts, filled up with objects that end in no asked group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import gcd
from typing import Any

from data_synth.answers import Answer
from data_synth.english import capitalized, enumeration
from data_synth.families.scenes.look_words import in_group, many, plural, singular
from data_synth.families.scenes.scene_steps import COUNTED, Draft, State, after, draw_step, order
from data_synth.item import Item, Parts
from data_synth.layout import SIDE, box_in_cell, cells
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES, draw_shape
from data_synth.render.style import figure_look, pick_look
from data_synth.rng import Rng


@dataclass(frozen=True)
class Knobs:
    """How hard a level is. asked[k]: range of each count at the end when k groups are asked; most: objects that a step
    names; broad: chance that a step concerns a wide group; widths: of each size, design units; weights: of a group.
    """

    grid: int
    objects: tuple[int, int]
    shapes: int
    colours: int
    widths: dict[str, tuple[int, int]]
    steps: int
    kinds: tuple[str, ...]
    most: int
    asked: dict[int, tuple[int, int]]
    broad: float = 0.0
    weights: tuple[int, int] = (11, 19)


GROUP_DRAWS = 6  # the groups that the steps change most are taken
_SMALL_KINDS = ("add", "take", "dab", "paint")
_ALL_KINDS = ("add", "take", "dab", "paint", "clear", "turn")
_SIZES = {"small": (20, 24), "large": (38, 42)}
KNOBS = (
    Knobs(5, (8, 18), 1, 4, {"": (50, 58)}, 1, _SMALL_KINDS, 1, {3: (1, 6)}),
    Knobs(5, (10, 20), 3, 4, {"": (48, 56)}, 2, (*_SMALL_KINDS, "clear"), 2, {2: (2, 12), 3: (2, 6)}, 0.2),
    Knobs(6, (16, 26), 4, 5, {"": (42, 48)}, 3, _ALL_KINDS, 3, {2: (3, 14), 3: (3, 8)}, 0.3, (12, 19)),
    Knobs(7, (22, 34), 4, 5, _SIZES, 4, (*_ALL_KINDS, "swap"), 3, {2: (3, 14), 3: (3, 9)}, 0.4, (12, 19)),
    Knobs(8, (30, 46), 4, 6, _SIZES, 5, (*_ALL_KINDS, "swap"), 4, {2: (4, 18), 3: (4, 11)}, 0.5, (15, 29)),
)
LOOKS = tuple(
    [" ".join(look).strip() for look in product(k.widths, list(COLOURS)[: k.colours], SHAPES[: k.shapes])]
    for k in KNOBS
)

_COUNTS = (
    "Change the picture in your mind. {0} How many {1} are there then?",
    "Think of it this way. {0} Count afterwards: {1}.",
    "Do this without a pencil. {0} Give the numbers of {1} at the end.",
    "Suppose someone does the following. {0} How many {1} does the picture show now?",
    "The picture is altered as follows. {0} How many {1} are there after that?",
    "Someone edits the picture. {0} What are the numbers of {1} in the new one?",
    "Imagine that this happens here. {0} State, in this order, the numbers of {1}.",
    "Start from what you see. {0} Tell how many {1} there are in the end.",
)
_POINTS = (
    "Change the picture in your mind. {0} Then {1}. How many points is that?",
    "Think of it this way. {0} Now {1}. What is the total?",
    "Do this without a pencil. {0} At the end, {1}. Add up the points.",
    "Suppose someone does the following. {0} If {1}, what do all of them score together?",
    "The picture is altered as follows. {0} After that, {1}. Find the sum of the points.",
    "Someone edits the picture. {0} In the new one, {1}. What is the total score?",
    "Imagine that this happens here. {0} Suppose that {1}. Work out the score.",
    "Start from what you see. {0} In the end, {1}. How much is the picture worth?",
)
_RULES = "Do the steps in order; each one concerns the objects as they are at that moment."
_SEEN = (
    "I see: {}.",
    "The picture shows {}.",
    "At the start I see {}.",
    "What I see: {}.",
    "By looks, I count {}.",
    "In the picture: {}.",
)
_STEP = (
    "Step {0}, {1}: now {2}.",
    "After step {0} ({1}) I have {2}.",
    "{0}: {1}. That makes {2}.",
    "Number {0} is to {1}, which gives {2}.",
    "Then {1} (step {0}): {2}.",
    "With step {0} I {1} and get {2}.",
)
_GROUP = (
    "{0}: {1}.",
    "Count of {0}: {1}.",
    "Now {0}: {1}.",
    "For {0} I get {1}.",
    "At the end {0}: {1}.",
    "Final {0}: {1}.",
)
_CHECK = (
    "Check: {0} objects at first, {1} added and {2} removed: {0} + {1} - {2} = {3}, and I count {4} = {3}.",
    "All in all {0} + {1} - {2} = {3} objects must be there (added {1}, removed {2}); by looks {4} = {3}.",
    "To check, the total: {0} + {1} - {2} = {3}, since {1} came and {2} went; the looks give {4} = {3}.",
    "The total agrees: {0} at the start, {1} new, {2} gone, {0} + {1} - {2} = {3}; and {4} = {3}.",
    "Counting all objects again: {4} = {3}, as {0} + {1} - {2} = {3} says.",
    "The number of all objects fits: {4} = {3} is {0} + {1} - {2} = {3}.",
)
_WRONG = (
    "Counting in the picture as it is would give {}, but the steps come first.",
    "Before the steps I count {}; that is not what is asked.",
    "I must not answer with the {} of the first picture.",
)


def tally(scene: Scene) -> State:
    """How many objects of each look the picture shows."""
    counts: State = {}
    for thing in scene["objects"]:
        counts[thing["look"]] = counts.get(thing["look"], 0) + 1
    return {look: counts[look] for look in sorted(counts)}


class SceneArith:
    """Count shapes after changes to the scene."""

    name = "scene_arith"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "tally": Op(tally, (), "state"),
        "change": Op(lambda scene, state, *, step: after(state, scene["steps"][step]), ("state",), "state"),
        "count": Op(lambda scene, state, *, group: _count(state, group), ("state",), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        knobs, looks = KNOBS[level], LOOKS[level]
        if level == 0:
            shape = rng.choice(SHAPES[:3])
            looks = [f"{colour} {shape}" for colour in list(COLOURS)[: knobs.colours]]
        drafted = _draft(rng, knobs, looks)
        if drafted is None:
            return None
        draft, steps = drafted
        groups = _groups(rng, knobs, draft, level)
        if groups is None:
            return None
        _fill(rng, knobs, draft, groups)
        scene: Scene = {"steps": steps, "groups": groups, "style": pick_look(rng), "weights": []}
        if len(groups) == 2:
            scene["weights"] = _weights(rng, *knobs.weights)
        objects = _place(rng, knobs, draft.start)
        if objects is None:
            return None
        scene["objects"] = objects
        return self._parts(rng, scene)

    def _parts(self, rng: Rng, scene: Scene) -> Parts:
        groups, weights = scene["groups"], scene["weights"]
        program = Program(self.ops, scene)
        _execute(program, scene)
        return Parts(
            question=_question(rng, scene),
            rules=_RULES if len(scene["steps"]) > 1 else "",
            form="n" if weights else f"({', '.join('abc'[: len(groups)])})",
            answer=Answer("integer" if weights else "tuple", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"objects": len(scene["objects"]), "steps": len(scene["steps"])},
            canon=[
                groups, weights, scene["steps"],
                [[thing["look"], thing["row"], thing["column"]] for thing in scene["objects"]],
            ],
        )  # fmt: skip

    def draw(self, item: Item, size: int) -> list[Canvas]:
        canvas = Canvas(SIDE, SIDE, size, figure_look(item.scene))
        for place, thing in enumerate(item.scene["objects"]):
            *_, colour, shape = thing["look"].split()
            draw_shape(canvas, shape, colour, tuple(thing["box"]), f"object {place}")
        return [canvas]

    def solve_again(self, item: Item) -> Any:
        """Every object for itself: take it through all steps, then look at what is left."""
        scene = item.scene
        things = [
            dict(zip(("shape", "colour", "size"), t["look"].split()[::-1], strict=False)) for t in scene["objects"]
        ]
        for step in scene["steps"]:
            things = _do(things, step)
        counts = [sum(_has(thing, group) for thing in things) for group in scene["groups"]]
        if not scene["weights"]:
            return tuple(counts)
        return sum(weight for weight, count in zip(scene["weights"], counts, strict=True) for _ in range(count))

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        states = [step.value for step in item.program if step.type == "state"]
        says = [_SEEN[variant].format(_listed(states[0], states[0]))]
        if item.level >= 2 and variant % 2:
            group = scene["groups"][0]
            says.append(_WRONG[variant // 2].format(many(_count(states[0], group), group)))
        for number, (step, before, now) in enumerate(zip(scene["steps"], states, states[1:], strict=False), 1):
            words = order(step, variant % 3)
            changed = [look for look in sorted({*before, *now}) if before.get(look) != now.get(look)]
            says.append(_STEP[variant].format(number, words, _listed(now, changed)))
        counts = [_count(states[-1], group) for group in scene["groups"]]
        for group in scene["groups"]:
            parts = [n for look, n in states[-1].items() if in_group(look, group)]
            summed = f"{' + '.join(map(str, parts))} = {sum(parts)}" if len(parts) > 1 else str(sum(parts))
            says.append(_GROUP[variant].format(plural(group), summed))
        if scene["weights"]:
            terms = [weight * count for weight, count in zip(scene["weights"], counts, strict=True)]
            says += [f"{w} x {n} = {w * n}." for w, n in zip(scene["weights"], counts, strict=True)]
            says.append(f"{' + '.join(map(str, terms))} = {sum(terms)}.")
        return [capitalized(text) for text in [*says, _check(states, variant)]]


def _count(state: State, group: str) -> int:
    return sum(number for look, number in state.items() if in_group(look, group))


def _draft(rng: Rng, knobs: Knobs, looks: list[str]) -> tuple[Draft, list[dict[str, Any]]] | None:
    """Steps that each do something; None if the draws find too few."""
    draft, steps = Draft(looks), []
    for _ in range(4 * knobs.steps):
        step = draw_step(rng, knobs.kinds, draft, knobs.most, knobs.broad)
        if step is not None and step not in steps and draft.extend(rng, step):
            steps.append(step)
            if len(steps) == knobs.steps:
                return draft, steps
    return None


def _groups(rng: Rng, knobs: Knobs, draft: Draft, level: int) -> list[str] | None:
    """Groups to count: they share no look, objects of some look end in each, and the steps matter to at least one."""
    count = rng.choice(sorted(knobs.asked))
    kept = sorted({end for end in draft.ends.values() if end is not None})
    place = -1 if level and rng.chance(0.5) else -2
    values = [word for word in (list(COLOURS) if place == -2 else SHAPES) if any(word in end.split() for end in kept)]
    if len(values) < count:
        return None
    low, best, changed = knobs.asked[count][0], None, 0
    for _ in range(GROUP_DRAWS):
        groups = [_narrowed(rng, word, kept, level) for word in rng.sample(values, count)]
        differ = sum(_count(draft.start, group) != _count(draft.now, group) for group in groups)
        if differ > changed and all(_count(draft.now, group) <= low for group in groups):
            best, changed = groups, differ
    return best


def _narrowed(rng: Rng, word: str, kept: list[str], level: int) -> str:
    """The group of a colour or a shape, sometimes narrowed to looks of it that can be there at the end."""
    if level < 2 or rng.chance(0.6):
        return word
    *size, colour, shape = rng.choice([end for end in kept if word in end.split()]).split()
    return " ".join([*size, word]) if size and rng.chance(0.5) else f"{colour} {shape}"


def _fill(rng: Rng, knobs: Knobs, draft: Draft, groups: list[str]) -> None:
    """Raise the counts at the end to what is drawn for them, then the number of objects to what is drawn for that."""
    for group in groups:
        sources = [look for look, end in draft.ends.items() if end is not None and in_group(end, group)]
        used = rng.sample(sources, min(len(sources), rng.between(2, 4)))
        for _ in range(rng.between(*knobs.asked[len(groups)]) - _count(draft.now, group)):
            draft.put(rng.choice(used), 1)
    others = [look for look, end in draft.ends.items() if end is None or not any(in_group(end, g) for g in groups)]
    for _ in range(rng.between(*knobs.objects) - sum(draft.start.values()) if others else 0):
        draft.put(rng.choice(others), 1)


def _weights(rng: Rng, low: int, high: int) -> list[int]:
    """Two weights without a common divisor: different counts, different points."""
    first = rng.between(low, high)
    return [first, rng.choice([other for other in range(low, high + 1) if gcd(first, other) == 1])]


def _place(rng: Rng, knobs: Knobs, start: State) -> list[dict[str, Any]] | None:
    """The objects in reading order, each in a cell of its own; None if there are too many."""
    looks = [look for look in sorted(start) for _ in range(start[look])]
    if len(looks) > knobs.grid**2:
        return None
    rng.shuffle(looks)
    objects = []
    for (row, column), look in zip(cells(rng, knobs.grid, len(looks)), looks, strict=True):
        size = look.split()[0] if len(look.split()) == 3 else ""
        box = box_in_cell(rng, row, column, SIDE // knobs.grid, rng.between(*knobs.widths[size]))
        objects.append({"look": look, "row": row + 1, "column": column + 1, "box": list(box)})
    return objects


def _execute(program: Program, scene: Scene) -> None:
    state = program.do("tally")
    for number in range(len(scene["steps"])):
        state = program.do("change", state, step=number)
    counts = [program.do("count", state, group=group) for group in scene["groups"]]
    if scene["weights"]:
        terms = (program.do("times", count, by=w) for count, w in zip(counts, scene["weights"], strict=True))
        program.do("sum", *terms)
    else:
        program.do("tuple", *counts)


def _question(rng: Rng, scene: Scene) -> str:
    orders = [order(step, rng.randrange(3)) for step in scene["steps"]]
    words = [f"First, {orders[0]}." if len(orders) > 1 else f"{capitalized(orders[0])}."]
    words += [f"{rng.choice(('Then', 'Next', 'After that,'))} {text}." for text in orders[1:]]
    names = [plural(group) for group in scene["groups"]]
    if not scene["weights"]:
        return rng.choice(_COUNTS).format(" ".join(words), enumeration(names))
    scores = (
        f"each {singular(group)} counts {w} points" for group, w in zip(scene["groups"], scene["weights"], strict=True)
    )
    return rng.choice(_POINTS).format(" ".join(words), " and ".join(scores))


def _listed(state: State, looks: Any) -> str:
    return ", ".join(many(state.get(look, 0), look) for look in looks)


def _check(states: list[State], variant: int) -> str:
    """The number of all objects, from the changes and from the looks at the end."""
    totals = [sum(state.values()) for state in states]
    changes = [now - before for before, now in zip(totals, totals[1:], strict=False)]
    added, removed = sum(n for n in changes if n > 0), -sum(n for n in changes if n < 0)
    looks = " + ".join(map(str, states[-1].values()))
    return _CHECK[variant].format(totals[0], added, removed, totals[-1], looks)


# ---------------------------------------------------------------------------------------------------- second solver


def _thing(look: str) -> dict[str, str]:
    return dict(zip(("shape", "colour", "size"), look.split()[::-1], strict=False))


def _has(thing: dict[str, str], group: str) -> bool:
    return set(group.split()) <= set(thing.values())


def _do(things: list[dict[str, str]], step: dict[str, Any]) -> list[dict[str, str]]:
    """The objects after one step; where it names a number, the first ones of that look are taken."""
    kind, to = step["kind"], step.get("to", "")
    if kind == "swap":
        other = {step["of"]: to, to: step["of"]}
        return [thing | {"colour": other.get(thing["colour"], thing["colour"])} for thing in things]
    if kind == "add":
        return things + [_thing(step["of"]) for _ in range(step["n"])]
    hit = [thing for thing in things if _has(thing, step["of"])]
    hit = hit[: step["n"]] if kind in COUNTED else hit
    rest = [thing for thing in things if not any(thing is other for other in hit)]
    if kind in ("take", "clear"):
        return rest
    return rest + [thing | {"shape" if to in SHAPES else "colour": to} for thing in hit]
