"""Steps that change a scene of shapes: add, remove, paint, reshape, swap; drawn, said and executed on counts of looks.

A look is a phrase such as `red circle` or `small red circle`; a group is a phrase of some of these words, and a look
belongs to it if it has them all. Steps either move whole groups of looks or add constants, so each look ends as one
look (or is removed), whatever the counts are: more objects at the start never make a step impossible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from data_synth.families.scenes.look_words import in_group, many, plural
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES
from data_synth.rng import Rng

Step = dict[str, Any]  # kind, of (a look or a group), and n or to where the kind needs it
State = dict[str, int]  # look -> how many, none of them 0

COUNTED = ("add", "take", "dab")  # these name a number of objects of one look
ORDERS = {
    "add": ("add {0}", "put in {0}", "draw {0}"),
    "take": ("remove {0}", "take away {0}", "erase {0}"),
    "dab": ("paint {0} {1}", "recolour {0} to {1}", "make {0} {1}"),
    "clear": ("remove all {0}", "take away all {0}", "erase all {0}"),
    "paint": ("paint all {0} {1}", "recolour all {0} to {1}", "make all {0} {1}"),
    "turn": ("turn all {0} into {1}", "replace all {0} by {1}", "change all {0} to {1}"),
    "swap": (
        "swap the colours {0} and {1}",
        "exchange the colours {0} and {1}",
        "paint the {0} objects {1} and, at the same time, the {1} ones {0}",
    ),
}


def moved(look: str, step: Step) -> str | None:
    """What a look becomes in a step that moves groups; None if it is removed."""
    if step["kind"] == "swap":
        exchange = {step["of"]: step["to"], step["to"]: step["of"]}
        return " ".join(exchange.get(word, word) for word in look.split())
    if not in_group(look, step["of"]):
        return look
    return None if step["kind"] == "clear" else _with(look, step["to"])


def _with(look: str, word: str) -> str:
    """The look with its colour or its shape replaced by the word."""
    vocabulary = COLOURS if word in COLOURS else SHAPES
    return " ".join(word if old in vocabulary else old for old in look.split())


def after(state: Mapping[str, int], step: Step) -> State:
    """The counts after a step. Raises ValueError if it takes more objects than there are."""
    left = dict(state)
    if step["kind"] in COUNTED:
        number = step["n"]
        left[step["of"]] = left.get(step["of"], 0) + (number if step["kind"] == "add" else -number)
        if step["kind"] == "dab":
            painted = _with(step["of"], step["to"])
            left[painted] = left.get(painted, 0) + number
    else:
        left = {}
        for look, number in state.items():
            target = moved(look, step)
            if target is not None:
                left[target] = left.get(target, 0) + number
    if min(left.values(), default=0) < 0:
        raise ValueError(f"step {step} takes more objects than the state has: {dict(state)}")
    return {look: left[look] for look in sorted(left) if left[look]}


def order(step: Step, wording: int) -> str:
    """A step as an order, without a full stop; `wording` 0 to 2."""
    phrase = ORDERS[step["kind"]][wording]
    if step["kind"] in COUNTED:
        return phrase.format(many(step["n"], step["of"]), step.get("to", ""))
    if step["kind"] == "swap":
        return phrase.format(step["of"], step["to"])
    to = step.get("to", "")
    return phrase.format(plural(step["of"]), plural(to) if to in SHAPES else to)


@dataclass
class Draft:
    """Steps drawn one after the other, with the fewest objects at the start that give every step something to do.

    start: these objects by look; now: the counts after the steps so far; ends: what each look has become, None if
    removed.
    """

    looks: Sequence[str]
    start: State = field(default_factory=dict)
    now: State = field(default_factory=dict)
    ends: dict[str, str | None] = field(init=False)

    def __post_init__(self) -> None:
        self.ends = {look: look for look in self.looks}

    def extend(self, rng: Rng, step: Step) -> bool:
        """Execute a step; False, and nothing happens, if no objects at the start could make it do something."""
        if step["kind"] != "add" and not self._provide(rng, step):
            return False
        self.now = after(self.now, step)
        if step["kind"] not in COUNTED:
            self.ends = {look: moved(end, step) if end else None for look, end in self.ends.items()}
        return True

    def _provide(self, rng: Rng, step: Step) -> bool:
        """Put objects at the start so that the step finds what it needs by now."""
        counted = step["kind"] in COUNTED
        have = sum(n for look, n in self.now.items() if _concerned(look, step))
        lack = (step["n"] if counted else rng.between(1, 2)) - have
        if lack > 0:
            sources = [look for look, end in self.ends.items() if end is not None and _concerned(end, step)]
            if not sources:
                return False
            self.put(rng.choice(sources), lack)
        return True

    def put(self, look: str, number: int) -> None:
        """Add objects at the start that are not removed by the steps so far."""
        end = self.ends[look]
        self.start[look] = self.start.get(look, 0) + number
        if end is not None:
            self.now[end] = self.now.get(end, 0) + number


def _concerned(look: str, step: Step) -> bool:
    """Whether a step does something to objects of this look."""
    return look == step["of"] if step["kind"] in COUNTED else moved(look, step) != look


def draw_step(rng: Rng, kinds: Sequence[str], draft: Draft, most: int, broad: float) -> Step | None:
    """A random step; None if the draws name nothing to do. most: objects it may name; broad: chance of a wide group."""
    kind = rng.choice(kinds)
    there = sorted(draft.now)
    look = rng.choice(there) if there and rng.chance(0.5) else rng.choice(draft.looks)
    *size, colour, shape = look.split()
    other_colour = rng.choice(draft.looks).split()[-2]
    if kind in ("add", "take", "dab"):
        step = {"kind": kind, "n": rng.between(1, most), "of": look}
        if kind != "dab":
            return step
        return step | {"to": other_colour} if other_colour != colour else None
    if kind == "swap":
        return {"kind": kind, "of": colour, "to": other_colour} if other_colour != colour else None
    group = rng.choice((colour, shape, " ".join([*size, shape]))) if rng.chance(broad) else look
    if kind == "clear":
        return {"kind": kind, "of": group}
    if kind == "paint":
        return {"kind": kind, "of": group, "to": other_colour} if other_colour not in group.split() else None
    other_shape = rng.choice(draft.looks).split()[-1]
    return {"kind": kind, "of": f"{colour} {shape}", "to": other_shape} if other_shape != shape else None
