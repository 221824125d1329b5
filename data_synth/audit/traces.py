"""Worked solutions: they end with the gold answer, say what the program computed, and vary in words."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from data_synth.answers import compare, extract
from data_synth.audit.bounds import Reading
from data_synth.audit.survey import Survey
from data_synth.generate import family_named
from data_synth.item import TRACE_VARIANTS, Item

READ = 40  # items, each in all its variants
SPOKEN = (
    "integer",
    "decimal",
    "expression",
    "word",
    "tuple",
    "set",
    "cell",
    "path",
)  # other steps hold places of the scene

_TOKENS = re.compile(r"-?\d+(?:\.\d+)?|[^\W\d_]+|[^\w\s]|_")
_COUNTED = re.compile(r"\w+|[^\w\s]")
_NUMBER = r"-?\d+(?:\.\d+)?"
_MORE = rf"(?: [-+x] {_NUMBER})"
# whole equations that begin with a sum: nothing goes on to the left or right of it
_SUMS = re.compile(
    rf"(?<![-+x*/^=] )(?<![\w.,:)/-]){_NUMBER}{_MORE}+(?: = {_NUMBER}{_MORE}*)+(?![.,]?\d)(?! ?[-+x*/^=(] ?[\d(-])"
)
_SPACE = re.compile(r"\s+")


def traces(survey: Survey) -> dict[str, Reading]:
    """Gold, steps, lengths and phrasings of the traces of the first items."""
    ends, steps, lengths, phrasings = [], [], [], []
    for item in survey.items[:READ]:
        wordings = set()
        for variant in range(TRACE_VARIANTS):
            trace = item.trace(item.modalities[0], variant)
            ends.append(ends_well(item, trace))
            steps.append(says_steps(item, trace))
            lengths.append(len(_COUNTED.findall(trace)))
            sentences = family_named(item.family).explain(item, variant)
            wordings.add(re.sub(r"\d+", "#", _SPACE.sub(" ", " ".join(sentences))).lower())
        ends += [ends_well(item, item.trace(modality, 0)) for modality in item.modalities[1:]]
        phrasings.append(len(wordings))
    return {
        "trace_gold": Reading(sum(ends) / len(ends)),
        "trace_steps": Reading(sum(steps) / len(steps)),
        "tokens_min": Reading(min(lengths)),
        "tokens_max": Reading(max(lengths)),
        "phrasings": Reading(min(phrasings)),
    }


def ends_well(item: Item, trace: str) -> bool:
    """Whether the trace ends with the only box, and that holds the gold answer."""
    right = compare(item.answer, extract(trace)).correct
    return right and trace.endswith(item.direct()) and trace.count("\\boxed") == 1


def says_steps(item: Item, trace: str) -> bool:
    """Whether each value of the program is said, none before the values that it was made of, and all sums are right."""
    said = _TOKENS.findall(trace.lower())
    places: list[int] = []
    for step in item.program:
        start = max((places[number] for number in step.inputs), default=0)
        if step.type in SPOKEN and (step.inputs or step.value != 0):  # where nothing stands, nothing need be said
            start = _find(said, step.value, start)
            if start < 0:
                return False
        places.append(start)
    return all(len({_chain(side) for side in sums.group().split(" = ")}) == 1 for sums in _SUMS.finditer(trace))


def _find(said: list[str], value: Any, start: int) -> int:
    """Where a value is said at or after a place, or -1; of a list, where its last part is, each said in any order."""
    if isinstance(value, list | tuple):
        places = [_find(said, part, start) for part in value]
        return max(places, default=start) if -1 not in places else -1
    if isinstance(value, int | float):
        return next((place for place in range(start, len(said)) if _states(said[place], value)), -1)
    sought = _TOKENS.findall(str(value).lower())
    width = len(sought)
    return next((place for place in range(start, len(said)) if said[place : place + width] == sought), -1)


def _states(token: str, value: float) -> bool:
    """Whether a token is this number, to the digits that it shows; cents may be said as 12.34."""
    if not (token[-1].isdecimal() and token.isascii()):
        return False
    decimals = len(token.partition(".")[2])
    if decimals == 2 and isinstance(value, int) and round(float(token) * 100) == value:
        return True
    return abs(float(token) - value) <= (0.5 * 10**-decimals + 1e-9 if decimals else 1e-9)


def _chain(text: str) -> Decimal:
    """Value of a chain such as 3 + 4 + 5 or 3 x 4 - 2, products first."""
    total, sign, product = Decimal(0), 1, Decimal(1)
    pieces = text.split()
    for place, piece in enumerate(pieces):
        if piece in ("+", "-"):
            total, sign = total + sign * product, 1 if piece == "+" else -1
        elif piece != "x":
            product = product * Decimal(piece) if place and pieces[place - 1] == "x" else Decimal(piece)
    return total + sign * product
