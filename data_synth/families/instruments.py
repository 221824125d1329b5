"""Read clocks, dials, thermometers and rulers, and calculate with the readings.

Every mark is equally likely, so that round values are no better a guess than others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data_synth.answers import Answer
from data_synth.families.instrument_figure import draw_instruments
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import PAPERS
from data_synth.rng import Rng

Gadget = dict[str, Any]
FORMS = (("time", "marks", "pair"), ("elapsed", "marks", "gap"), ("elapsed", "sum"), ("sum",), ("sum",))
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
# lowest and highest number, step of the numbers, parts between two numbers
SCALES = (
    (-20, 50, 10, 5), (0, 100, 20, 5), (-30, 40, 10, 5), (30, 110, 10, 5), (-10, 40, 10, 10), (-40, 30, 10, 5),
    (0, 60, 10, 10), (10, 70, 10, 10), (20, 90, 10, 5), (-60, 60, 20, 5), (-25, 35, 10, 10), (-50, 50, 20, 10),
)  # fmt: skip
UNITS = ("bar", "km/h", "volts", "litres", "rpm", "kg")

_ASK = {
    "time": (
        "What time does the clock show?",
        "Which time is it on this clock?",
        "Read the clock.",
        "Give hour, minute and second of the clock.",
        "What do the hands of the clock say?",
        "Tell the time, to the second.",
        "Which hour, minute and second does the clock show?",
        "Say what time it is by this clock.",
    ),
    "marks": (
        "Where on the ruler does the bar begin and end, in millimetres?",
        "At which millimetre marks are the left and the right end of the bar?",
        "Read both ends of the bar off the ruler, in millimetres.",
        "Give the two ruler readings at the ends of the bar, in mm.",
        "From which mark to which mark (mm) does the bar reach?",
        "Between which readings in millimetres does the bar lie?",
        "The bar lies along the ruler: from where to where, in millimetres?",
        "State the millimetre marks at the bar's left and right end.",
    ),
    "pair": (
        "What do the two dials show?",
        "Read both dials.",
        "Which values do the dials {0} and {1} show?",
        "Give the readings of {0} and {1}.",
        "What are the readings of the dials, {0} first?",
        "State what {0} and {1} show.",
        "Which numbers do the two needles point at, {0} first?",
        "Read off {0}, then {1}.",
    ),
    "gap": (
        "By how many degrees does {1} show more than {0}?",
        "What is the reading of {1} minus the reading of {0}?",
        "How much warmer is it at {1} than at {0}? (Negative if colder.)",
        "Calculate {1} - {0}, in degrees.",
        "Give the difference {1} minus {0}.",
        "From {0} to {1}: what is the change in degrees?",
        "How many degrees must be added to {0} to get {1}?",
        "Find the temperature of {1} less that of {0}.",
    ),
    "elapsed": (
        "How many minutes pass from {0} to the next time that the clock shows {1}?",
        "Clock {0} is read first, clock {1} later, within twelve hours. How many minutes lie between?",
        "How many minutes is it from the time of {0} until the time of {1}, going forward?",
        "Starting at the time of {0}, after how many minutes does a clock look like {1}?",
        "From {0} to {1}, less than twelve hours pass. How many minutes is that?",
        "Work out the minutes from {0} to {1}, forward in time.",
        "What is the time from {0} to {1} in minutes, going forward?",
        "A film begins at {0} and ends at {1}, within twelve hours. How many minutes does it last?",
    ),
    "sum": (
        "What is {2}?",
        "Read the instruments and calculate {2}.",
        "How much is {2}?",
        "Work out {2} from the readings.",
        "Give the value of {2}.",
        "Calculate {2}.",
        "Find {2}, with the readings of the instruments.",
        "Evaluate {2}.",
    ),
}
_SEEN = (
    "I see {}.",
    "The picture shows {}.",
    "There is {}.",
    "What I see: {}.",
    "The instruments: {}.",
    "Shown is {}.",
)
_PLAN = (
    "For each, I look for the number before it and count the small marks from there.",
    "I take the nearest lower number and count on from it, mark by mark.",
    "Number before it first, then the small marks beyond that number.",
    "I read each in two parts: the number that it has passed, and the marks since.",
    "The last number passed, plus the small marks after it, gives each reading.",
    "Each reading is a number on the scale and so many small marks more.",
)
_CHECK = (
    "Check: every reading lies on a mark, and the marks between two numbers were counted.",
    "I counted the small marks between the numbers again, and the readings stay the same.",
    "Looking again, each needle or end stands exactly on the mark that I named.",
    "The marks next to these would be one step off, so the readings are right.",
    "Counting back from the next number gives the same readings.",
    "Neither the mark before nor the mark behind fits, so these are the readings.",
)
_WRONG = "Counting every small mark as one would be wrong: I have to divide by the marks between two numbers."


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
        "time": Op(lambda scene, h, m: 60 * (h % 12) + m, ("integer", "integer"), "integer"),
        "forward": Op(lambda scene, a, b: (b - a) % 720, ("integer", "integer"), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        scene: Scene = {"form": form, "paper": rng.choice(PAPERS), "gadgets": _gadgets(rng, form, level)}
        scene["weights"] = _weights(rng, len(scene["gadgets"]), level) if form == "sum" else []
        labels = [gadget["label"] for gadget in scene["gadgets"]]
        program = Program(self.ops, scene)
        _execute(program, scene)
        value = program.value()
        tupled = isinstance(value, list)
        if form == "elapsed" and value == 0:
            return None
        return Parts(
            question=rng.choice(_ASK[form]).format(labels[0], labels[-1], _formula(scene)),
            rules=_rules(scene),
            form={"time": "(hour, minute, second)", "marks": "(left, right)", "pair": "(first, second)"}.get(form, "n"),
            answer=Answer("tuple" if tupled else "integer", value),
            scene=scene,
            program=tuple(program.steps),
            features={"instruments": len(labels)},
            canon=[form, scene["weights"], [_content(gadget) for gadget in scene["gadgets"]]],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_instruments(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Read the positions of hands, columns and ends back with a protractor and a scale."""
        scene = item.scene
        form, gadgets = scene["form"], scene["gadgets"]
        if form == "marks":
            return tuple(round(gadgets[0]["first"] + x / 1000 * gadgets[0]["span"]) for x in gadgets[0]["at"])
        if form in ("time", "elapsed"):
            times = [_clock_reading(gadget) for gadget in gadgets]
            if form == "time":
                x, y = gadgets[0]["hands"][2]
                second = round((90 - math.degrees(math.atan2(-y, x))) / 6) % 60
                return times[0][0] or 12, times[0][1], second
            (h, m), (h1, m1) = times
            return (60 * h1 + m1 - 60 * h - m) % 720
        values = [_reading(gadget) for gadget in gadgets]
        if form == "pair":
            return tuple(values)
        if form == "gap":
            return values[1] - values[0]
        return sum(weight * value for weight, value in zip(scene["weights"], values, strict=True))

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, form = item.scene, item.scene["form"]
        gadgets = scene["gadgets"]
        says = [_SEEN[variant].format(", ".join(_described(gadget) for gadget in gadgets))]
        says.append(_PLAN[variant])
        if variant % 2 and any(gadget["kind"] in ("dial", "thermometer") for gadget in gadgets) and item.level >= 2:
            says.append(_WRONG)
        for gadget in gadgets:
            says += _say(gadget, form)
        if form == "elapsed":
            a, b = (60 * (gadget["hour"] % 12) + gadget["value"] for gadget in gadgets)
            says.append(f"In minutes after twelve: {a} and {b}.")
            says.append(f"{b} - {a} = {b - a}." if b >= a else f"{b} + 720 - {a} = {b - a + 720}, over twelve o'clock.")
        if form == "gap":
            a, b = (gadget["value"] for gadget in gadgets)
            says.append(f"{b} - {f'({a})' if a < 0 else a} = {b - a}.")
        if form == "sum":
            says += _say_sum([gadget["value"] for gadget in gadgets], scene["weights"])
        return [*says, _CHECK[variant]]


def _gadgets(rng: Rng, form: str, level: int) -> list[Gadget]:
    labels = list("ABCD")
    if form in ("time", "elapsed"):
        return [_clock(rng, labels[n], level) for n in range(1 if form == "time" else 2)]
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


def _clock(rng: Rng, label: str, level: int) -> Gadget:
    hour, minute = rng.between(1, 12), rng.randrange(60)
    hands = [_tip(90 - 30 * hour - minute / 2), _tip(90 - 6 * minute)]
    gadget: Gadget = {"kind": "clock", "label": label, "hour": hour, "value": minute, "hands": hands}
    if level == 0:
        gadget["second"] = rng.randrange(60)
        hands.append(_tip(90 - 6 * gadget["second"]))
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
    low, high, major, parts = rng.choice(SCALES)
    step = major // parts
    value = low + step * rng.between(0, (high - low) // step)
    return {
        "kind": "thermometer", "label": label, "low": low, "high": high, "major": major, "parts": parts,
        "value": value, "at": [round(1000 * (value - low) / (high - low))],
    }  # fmt: skip


def _ruler(rng: Rng, level: int) -> Gadget:
    """A stretch of 80 mm of a long ruler; it begins at a whole centimetre."""
    span, first = 80, 10 * (rng.between(0, 90) if level else rng.between(0, 60))
    left = rng.between(2, span - 14)
    right = rng.between(left + 8, span - 2)
    return {
        "kind": "ruler", "label": "", "first": first, "span": span, "ends": [first + left, first + right],
        "at": [round(1000 * left / span), round(1000 * right / span)],
        "colour": rng.choice(("red", "green", "blue", "orange", "purple")),
    }  # fmt: skip


def _tip(degrees: float) -> list[int]:
    """Where a hand of length 1000 ends, y downwards."""
    turn = math.radians(degrees)
    return [round(1000 * math.cos(turn)), round(-1000 * math.sin(turn))]


def _content(gadget: Gadget) -> list[Any]:
    return [gadget[key] for key in sorted(gadget) if key not in ("hands", "at", "colour", "numbers")]


def _formula(scene: Scene) -> str:
    terms: list[str] = []
    for gadget, weight in zip(scene["gadgets"], scene["weights"], strict=False):
        text = gadget["label"] if abs(weight) == 1 else f"{abs(weight)} x {gadget['label']}"
        terms.append(text if not terms else f"{'+' if weight > 0 else '-'} {text}")
    return " ".join(terms)


def _rules(scene: Scene) -> str:
    if scene["form"] == "sum" and any(gadget["kind"] == "clock" for gadget in scene["gadgets"]):
        return "Letters stand for readings; a clock counts with its minutes past the hour."
    if scene["form"] in ("elapsed", "time"):
        return "The short hand shows the hour." + (
            " The thin red one shows the second." if scene["form"] == "time" else ""
        )
    return "Letters stand for readings." if scene["form"] in ("sum", "gap") else ""


def _execute(program: Program, scene: Scene) -> None:
    form, gadgets = scene["form"], scene["gadgets"]
    if form == "marks":
        program.do("tuple", *(program.do("end", at=0, side=side) for side in (0, 1)))
        return
    if form == "time":
        program.do("tuple", *(program.do(op, at=0) for op in ("hour", "read", "second")))
        return
    if form == "elapsed":
        times = [program.do("time", program.do("hour", at=n), program.do("read", at=n)) for n in (0, 1)]
        program.do("forward", *times)
        return
    values = [program.do("read", at=n) for n in range(len(gadgets))]
    if form == "pair":
        program.do("tuple", *values)
    elif form == "gap":
        program.do("subtract", values[1], values[0])
    else:
        program.do("sum", *(program.do("times", v, by=w) for v, w in zip(values, scene["weights"], strict=True)))


def _clock_reading(gadget: Gadget) -> tuple[int, int]:
    """(hour 0 to 11, minute) from the directions of the hands."""
    hour, minute = ((90 - math.degrees(math.atan2(-y, x))) % 360 for x, y in gadget["hands"][:2])
    minutes = round(minute / 6) % 60
    return round((hour - minutes / 2) / 30) % 12, minutes


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


def _described(gadget: Gadget) -> str:
    if gadget["kind"] == "clock":
        return f"clock {gadget['label']} with a short and a long hand"
    if gadget["kind"] == "ruler":
        first = gadget["first"] // 10
        last = first + gadget["span"] // 10
        return f"a {gadget['colour']} bar over a ruler from {first} to {last} cm with ten small marks each"
    if gadget["kind"] == "dial":
        return f"dial {gadget['label']} from 0 to {gadget['top']} {gadget['unit']}, numbers every {gadget['major']}"
    return f"thermometer {gadget['label']} from {gadget['low']} to {gadget['high']}, numbers every {gadget['major']}"


def _say(gadget: Gadget, form: str) -> list[str]:
    value = gadget.get("value", 0)
    if gadget["kind"] == "clock":
        says = [
            f"The long hand of {gadget['label']} is {value % 5} marks behind the {value // 5 or 12}: {value} minutes."
        ]
        if form != "sum":
            where = "at" if value == 0 else "past"
            says.append(f"The short hand is {where} the {gadget['hour']}: {gadget['hour']}:{value:02d}.")
        if form == "time":
            second = gadget["second"]
            says.append(f"The thin hand is {second % 5} marks behind the {second // 5 or 12}: {second} seconds.")
        return says
    if gadget["kind"] == "ruler":
        return [
            f"The {side} end is {end % 10} small marks behind {end // 10} cm: {end - end % 10} + {end % 10} = {end} mm."
            for side, end in zip(("left", "right"), gadget["ends"], strict=True)
        ]
    low, major, parts = gadget.get("low", 0), gadget["major"], gadget["parts"]
    step, before = major // parts, low + (value - low) // major * major
    marks = (value - before) // step
    what = "needle" if gadget["kind"] == "dial" else "column"
    return [
        f"{gadget['label']} has {parts} steps between numbers, so one is {major} / {parts} = {step}.",
        f"Its {what} is {marks} marks above {before}: {before} + {marks} x {step} = {value}.",
    ]


def _say_sum(values: list[int], weights: list[int]) -> list[str]:
    terms = [weight * value for weight, value in zip(weights, values, strict=True)]
    says = [f"{w} x {f'({v})' if v < 0 else v} = {w * v}." for w, v in zip(weights, values, strict=True) if abs(w) != 1]
    shown = " + ".join(f"({term})" if term < 0 else str(term) for term in terms)
    return [*says, f"{shown} = {sum(terms)}."]
