"""What is asked about instruments, and how their readings are explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_synth.english import with_article
from data_synth.program import Scene

Gadget = dict[str, Any]
DAY = 43_200  # seconds until the hands stand as before

ASK = {
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
        "Where on the ruler does the {3} bar begin and end, in millimetres?",
        "At which millimetre marks are the left and the right end of the {3} bar?",
        "Read both ends of the {3} bar off the ruler, in millimetres.",
        "Give the two ruler readings at the ends of the {3} bar, in mm.",
        "From which mark to which mark (mm) does the {3} bar reach?",
        "Between which readings in millimetres does the {3} bar lie?",
        "The {3} bar lies along the ruler: from where to where, in millimetres?",
        "State the millimetre marks at the left and right end of the {3} bar.",
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
        "How much time passes from {0} until a clock next shows {1}, in minutes and seconds?",
        "Clock {0} is read first, clock {1} later, within twelve hours. How many minutes and seconds lie between?",
        "How many minutes and seconds is it from the time of {0} until the time of {1}, going forward?",
        "Starting at the time of {0}, after how many minutes and seconds does a clock look like {1}?",
        "From {0} to {1}, less than twelve hours pass. How many minutes and seconds is that?",
        "Work out the minutes and seconds from {0} to {1}, forward in time.",
        "What is the time from {0} to {1} in minutes and seconds, going forward?",
        "A journey begins at {0} and ends at {1}, within twelve hours. How many minutes and seconds does it take?",
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
SEEN = (
    "I see {}.",
    "The picture shows {}.",
    "There is {}.",
    "What I see: {}.",
    "The instruments: {}.",
    "Shown is {}.",
)
PLAN = (
    "For each, I look for the number before it and count the small marks from there.",
    "I take the nearest lower number and count on from it, mark by mark.",
    "Number before it first, then the small marks beyond that number.",
    "I read each in two parts: the number that it has passed, and the marks since.",
    "The last number passed, plus the small marks after it, gives each reading.",
    "Each reading is a number on the scale and so many small marks more.",
)
CHECK = (
    "Check: every reading lies on a mark, and the marks between two numbers were counted.",
    "I counted the small marks between the numbers again, and the readings stay the same.",
    "Looking again, each needle or end stands exactly on the mark that I named.",
    "The marks next to these would be one step off, so the readings are right.",
    "Counting back from the next number gives the same readings.",
    "Neither the mark before nor the mark behind fits, so these are the readings.",
)
CLOCK_CHECK = (
    "Check: the long hand is as far beyond its mark as the thin one has gone round.",
    "The short hand is as far beyond its hour as the minutes say.",
    "Looking again, each hand is as far on as the quicker ones demand.",
    "The thin hand says how far the long one must be beyond its mark, and that fits.",
    "Hour and minute are the last ones passed, and the seconds agree with the rest of the way.",
    "Neither the next minute nor the one before would fit the thin hand.",
)
WRONG = "Counting every small mark as one would be wrong: I have to divide by the marks between two numbers."


def formula(scene: Scene) -> str:
    terms: list[str] = []
    for gadget, weight in zip(scene["gadgets"], scene["weights"], strict=False):
        text = gadget["label"] if abs(weight) == 1 else f"{abs(weight)} x {gadget['label']}"
        terms.append(text if not terms else f"{'+' if weight > 0 else '-'} {text}")
    return " ".join(terms)


def rules_of(scene: Scene) -> str:
    if scene["form"] == "sum" and any(gadget["kind"] == "clock" for gadget in scene["gadgets"]):
        return "Letters stand for readings; a clock counts with its minutes past the hour."
    if scene["form"] in ("elapsed", "time"):
        return "The short hand shows the hour. The thin red one shows the second. All hands move evenly."
    if scene["form"] == "gap":
        return "Letters stand for readings; a fall counts as negative."
    return "Letters stand for readings." if scene["form"] == "sum" else ""


def described(gadget: Gadget) -> str:
    if gadget["kind"] == "clock":
        return f"clock {gadget['label']} with a short and a long hand{' and a thin one' * ('second' in gadget)}"
    if gadget["kind"] == "ruler":
        first = gadget["first"] // 10
        last = first + gadget["span"] // 10
        bars = " and ".join(f"{colour} bar" for colour in (gadget["colour"], gadget.get("other_colour")) if colour)
        return f"{with_article(bars)} over a ruler from {first} to {last} cm with ten small marks each"
    if gadget["kind"] == "dial":
        return f"dial {gadget['label']} from 0 to {gadget['top']} {gadget['unit']}, numbers every {gadget['major']}"
    return f"thermometer {gadget['label']} from {gadget['low']} to {gadget['high']}, numbers every {gadget['major']}"


def say(gadget: Gadget, form: str) -> list[str]:
    value = gadget.get("value", 0)
    if gadget["kind"] == "clock":
        place = f"{_many(value % 5, 'mark')} past the {value // 5 or 12}"
        stands = "is" if "second" not in gadget else "has come"
        says = [f"The long hand of {gadget['label']} {stands} {place}: {_many(value, 'minute')}."]
        if form != "sum":
            where = "at" if value == 0 else "past"
            says.append(f"The short hand is {where} the {gadget['hour']}: {gadget['hour']}:{value:02d}.")
        if "second" in gadget:
            second = gadget["second"]
            place = f"{_many(second % 5, 'mark')} past the {second // 5 or 12}"
            says.append(f"The thin hand is {place}: {_many(second, 'second')}.")
        return says
    if gadget["kind"] == "ruler":
        return [
            f"The {side} end is {_many(end % 10, 'small mark')} past {end // 10} cm: "
            f"{end - end % 10} + {end % 10} = {end} mm."
            for side, end in zip(("left", "right"), gadget["ends"], strict=True)
        ]
    low, major, parts = gadget.get("low", 0), gadget["major"], gadget["parts"]
    step, before = major // parts, low + (value - low) // major * major
    marks = (value - before) // step
    what = "needle" if gadget["kind"] == "dial" else "column"
    return [
        f"{gadget['label']} has {_many(parts, 'step')} between numbers, so one is {major} / {parts} = {step}.",
        f"Its {what} is {_many(marks, 'mark')} above {before}: {before} + {marks} x {step} = {value}.",
    ]


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def say_elapsed(clocks: Sequence[Gadget]) -> list[str]:
    """The times in seconds, the difference, and the difference in minutes and seconds."""
    says, times = [], []
    for clock in clocks:
        hour, minute, second = clock["hour"] % 12, clock["value"], clock["second"]
        times.append(3600 * hour + 60 * minute + second)
        parts = f"{hour} x 3600 + {minute} x 60 + {second} = {3600 * hour} + {60 * minute} + {second} = {times[-1]}"
        says.append(f"{clock['label']} in seconds after twelve: {parts}.")
    first, then = times
    gap = (then - first) % DAY
    says.append(
        f"{then} - {first} = {gap}." if then >= first else f"{then} + {DAY} - {first} = {gap}, over twelve o'clock."
    )
    spoken = f"{_many(gap // 60, 'minute')} and {_many(gap % 60, 'second')}"
    return [*says, f"That is {spoken}: {gap // 60} x 60 + {gap % 60} = {gap}."]


def say_sum(values: list[int], weights: list[int]) -> list[str]:
    terms = [weight * value for weight, value in zip(weights, values, strict=True)]
    says = [f"{w} x {f'({v})' if v < 0 else v} = {w * v}." for w, v in zip(weights, values, strict=True) if abs(w) != 1]
    shown = " + ".join(f"({term})" if term < 0 else str(term) for term in terms)
    return [*says, f"{shown} = {sum(terms)}."]
