"""Read clocks, dials, thermometers and rulers, and calculate with the readings.

Every mark is equally likely, so that round values are no better a guess than others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data_synth.answers import Answer
from data_synth.families.diagrams.instrument_figure import draw_instruments
from data_synth.families.diagrams.instrument_words import (
    ASK,
    CHECK,
    CLOCK_CHECK,
    DAY,
    PLAN,
    SEEN,
    WRONG,
    described,
    formula,
    rules_of,
    say,
    say_elapsed,
    say_sum,
)
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_look
from data_synth.rng import Rng

Gadget = dict[str, Any]
FORMS = (("time", "marks", "pair"), ("elapsed", "marks", "gap"), ("elapsed", "sum"), ("sum",), ("sum",))
APART = 0.4  # of the items with several instruments, from level 2 on: each has a picture of its own
COUNT = (1, 1, 3, 3, 4)  # instruments of a sum, by level
# highest number, step of the numbers, parts between two numbers
DIALS = (
    (50, 10, 5),
    (60, 10, 5),
    (80, 10, 5),
    (100, 20, 5),
    (120, 20, 4),
    (160, 40, 4),
    (200, 40, 5),
    (240, 40, 4),
    (500, 100, 5),
)
# step of the numbers, parts between two numbers, lowest number (least, most, in steps), how many follow (least, most)
SCALES = (
    (10, 5, (-8, 8), (5, 8)),
    (10, 10, (-8, 8), (3, 4)),
    (20, 5, (-5, 5), (5, 8)),
    (20, 10, (-5, 5), (3, 4)),
)
BARS = ("red", "green", "blue", "orange", "purple")
SHAPES = {
    "time": "(hour, minute, second)",
    "elapsed": "(minutes, seconds)",
    "marks": "(left, right)",
    "pair": "(first, second)",
}  # of answers
LOOKS = ("hands", "at", "colour", "other_colour", "numbers")  # of an instrument, which do not change what it shows
UNITS = ("bar", "km/h", "volts", "litres", "rpm", "kg")


class Instruments:
    """Read instruments."""

    name = "instruments"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "read": Op(lambda scene, *, at: scene["gadgets"][at]["value"], (), "integer"),
        "hour": Op(lambda scene, *, at: scene["gadgets"][at]["hour"], (), "integer"),
        "second": Op(lambda scene, *, at: scene["gadgets"][at]["second"], (), "integer"),
        "end": Op(lambda scene, *, at, side: scene["gadgets"][at]["ends"][side], (), "integer"),
        "time": Op(lambda scene, h, m, s: 3600 * (h % 12) + 60 * m + s, ("integer",) * 3, "integer"),
        "forward": Op(lambda scene, a, b: (b - a) % DAY, ("integer", "integer"), "integer"),
        "minutes": Op(lambda scene, a: a // 60, ("integer",), "integer"),
        "seconds": Op(lambda scene, a: a % 60, ("integer",), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        scene: Scene = {"form": form, "style": pick_look(rng), "gadgets": _gadgets(rng, form, level)}
        scene["weights"] = _weights(rng, len(scene["gadgets"]), level) if form == "sum" else []
        scene["apart"] = level > 1 and len(scene["gadgets"]) > 1 and rng.chance(APART)
        labels = [gadget["label"] for gadget in scene["gadgets"]]
        program = Program(self.ops, scene)
        _execute(program, scene)
        value = program.value()
        tupled = isinstance(value, list)
        colour = scene["gadgets"][0].get("colour", "")
        return Parts(
            question=rng.choice(ASK[form]).format(labels[0], labels[-1], formula(scene), colour),
            rules=rules_of(scene),
            form=SHAPES.get(form, "n"),
            answer=Answer("tuple" if tupled else "integer", value),
            scene=scene,
            program=tuple(program.steps),
            features={"instruments": len(labels)},
            canon=[form, scene["weights"], [_content(gadget) for gadget in scene["gadgets"]]],
            pictures=len(labels) if scene["apart"] else 1,
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return draw_instruments(item.scene, size)

    def solve_again(self, item: Item) -> Any:
        """Read the positions of hands, columns and ends back with a protractor and a scale."""
        scene = item.scene
        form, gadgets = scene["form"], scene["gadgets"]
        if form == "marks":
            return tuple(round(gadgets[0]["first"] + x / 1000 * gadgets[0]["span"]) for x in gadgets[0]["at"])
        if form in ("time", "elapsed"):
            times = [_clock_reading(gadget) for gadget in gadgets]
            if form == "time":
                return times[0][0] or 12, *times[0][1:]
            first, then = (3600 * h + 60 * m + s for h, m, s in times)
            return divmod((then - first) % DAY, 60)
        values = [_reading(gadget) for gadget in gadgets]
        if form == "pair":
            return tuple(values)
        if form == "gap":
            return values[1] - values[0]
        return sum(weight * value for weight, value in zip(scene["weights"], values, strict=True))

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, form = item.scene, item.scene["form"]
        gadgets = scene["gadgets"]
        says = [SEEN[variant].format(", ".join(described(gadget) for gadget in gadgets))]
        says.append(PLAN[variant])
        if variant % 2 and any(gadget["kind"] in ("dial", "thermometer") for gadget in gadgets) and item.level >= 2:
            says.append(WRONG)
        for gadget in gadgets:
            says += say(gadget, form)
        if form == "elapsed":
            says += say_elapsed(gadgets)
        if form == "gap":
            a, b = (gadget["value"] for gadget in gadgets)
            says.append(f"{b} - {f'({a})' if a < 0 else a} = {b - a}.")
        if form == "sum":
            says += say_sum([gadget["value"] for gadget in gadgets], scene["weights"])
        return [*says, (CLOCK_CHECK if form in ("time", "elapsed") else CHECK)[variant]]


def _gadgets(rng: Rng, form: str, level: int) -> list[Gadget]:
    labels = list("ABCD")
    if form in ("time", "elapsed"):
        return [_clock(rng, labels[n], level, seconds=True) for n in range(1 if form == "time" else 2)]
    if form == "marks":
        return [_ruler(rng, level)]
    if form in ("pair", "gap"):
        return [(_dial if form == "pair" else _thermometer)(rng, labels[n], level) for n in range(2)]
    makers = [rng.choice((_dial, _dial, _thermometer, _clock)) for _ in range(COUNT[level])]
    return [maker(rng, label, level) for maker, label in zip(makers, labels, strict=False)]


def _weights(rng: Rng, count: int, level: int) -> list[int]:
    most = 2 if level == 2 else 4
    weights = [rng.between(1, most) for _ in range(count)]
    return [weight if n == 0 or rng.chance(0.6) else -weight for n, weight in enumerate(weights)]


def _clock(rng: Rng, label: str, level: int, *, seconds: bool = False) -> Gadget:
    """Its hands move evenly, so the long one has left its mark when a thin one shows seconds."""
    hour, minute = rng.between(1, 12), rng.randrange(60)
    second = rng.randrange(60) if seconds else 0
    hands = [_tip(90 - 30 * hour - minute / 2 - second / 120), _tip(90 - 6 * minute - second / 10)]
    gadget: Gadget = {"kind": "clock", "label": label, "hour": hour, "value": minute, "hands": hands}
    if seconds:
        gadget["second"] = second
        hands.append(_tip(90 - 6 * second))
    return gadget | {"numbers": "all" if level < 2 else rng.choice(("all", "four"))}


def _dial(rng: Rng, label: str, level: int) -> Gadget:
    top, major, parts = rng.choice(DIALS if level else DIALS[:4])
    step = major // parts
    value = step * rng.between(0, top // step)
    return {
        "kind": "dial", "label": label, "top": top, "major": major, "parts": parts, "value": value,
        "hands": [_tip(225 - 270 * value / top)], "unit": rng.choice(UNITS),
    }  # fmt: skip


def _thermometer(rng: Rng, label: str, level: int) -> Gadget:
    major, parts, lowest, numbers = rng.choice(SCALES)
    low, step = major * rng.between(*lowest), major // parts
    high = low + major * rng.between(*numbers)
    value = low + step * rng.between(0, (high - low) // step)
    return {
        "kind": "thermometer", "label": label, "low": low, "high": high, "major": major, "parts": parts,
        "value": value, "at": [round(1000 * (value - low) / (high - low))],
    }  # fmt: skip


def _ruler(rng: Rng, level: int) -> Gadget:
    """A stretch of 80 mm of a long ruler; it begins at a whole centimetre. From level 1 on a second bar lies there."""
    span, first = 80, 10 * rng.between(0, 190)
    left, right = _ends(rng, span)
    colour, other_colour = rng.sample(BARS, 2)
    gadget: Gadget = {
        "kind": "ruler", "label": "", "first": first, "span": span, "ends": [first + left, first + right],
        "at": [round(1000 * left / span), round(1000 * right / span)], "colour": colour,
    }  # fmt: skip
    if level == 0:
        return gadget
    other = _ends(rng, span)
    return gadget | {"other": other, "other_colour": other_colour, "above": rng.randrange(2)}


def _ends(rng: Rng, span: int) -> list[int]:
    left = rng.between(2, span - 14)
    return [left, rng.between(left + 8, span - 2)]


def _tip(degrees: float) -> list[int]:
    """Where a hand of length 1000 ends, y downwards."""
    turn = math.radians(degrees)
    return [round(1000 * math.cos(turn)), round(-1000 * math.sin(turn))]


def _content(gadget: Gadget) -> list[Any]:
    return [gadget[key] for key in sorted(gadget) if key not in LOOKS]


def _execute(program: Program, scene: Scene) -> None:
    form, gadgets = scene["form"], scene["gadgets"]
    if form == "marks":
        program.do("tuple", *(program.do("end", at=0, side=side) for side in (0, 1)))
        return
    if form == "time":
        program.do("tuple", *(program.do(op, at=0) for op in ("hour", "read", "second")))
        return
    if form == "elapsed":
        times = [program.do("time", *(program.do(op, at=n) for op in ("hour", "read", "second"))) for n in (0, 1)]
        gap = program.do("forward", *times)
        program.do("tuple", program.do("minutes", gap), program.do("seconds", gap))
        return
    values = [program.do("read", at=n) for n in range(len(gadgets))]
    if form == "pair":
        program.do("tuple", *values)
    elif form == "gap":
        program.do("subtract", values[1], values[0])
    else:
        program.do("sum", *(program.do("times", v, by=w) for v, w in zip(values, scene["weights"], strict=True)))


def _clock_reading(gadget: Gadget) -> tuple[int, int, int]:
    """(hour 0 to 11, minute, second) from the directions of the hands; 0 seconds without a hand for them."""
    hour, minute, *rest = ((90 - math.degrees(math.atan2(-y, x))) % 360 for x, y in gadget["hands"])
    seconds = round(rest[0] / 6) % 60 if rest else 0
    minutes = round((minute - seconds / 10) / 6) % 60
    return round((hour - minutes / 2 - seconds / 120) / 30) % 12, minutes, seconds


def _reading(gadget: Gadget) -> int:
    if gadget["kind"] == "clock":
        return _clock_reading(gadget)[1]
    if gadget["kind"] == "dial":
        x, y = gadget["hands"][0]
        turned = (225 - math.degrees(math.atan2(-y, x))) % 360
        share, low, high = (0.0 if turned > 300 else turned / 270), 0, gadget["top"]
    else:
        share, low, high = gadget["at"][0] / 1000, gadget["low"], gadget["high"]
    step = gadget["major"] // gadget["parts"]
    return low + step * round(share * (high - low) / step)
