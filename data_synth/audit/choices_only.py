"""Multiple choice without the question: what the options alone give away.

Each option is described by its place, its size among the others, how much it shares with them, and its words; naive
Bayes learns from one half of the items which descriptions the right options have, and chooses on the other.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from data_synth.audit.bounds import Reading
from data_synth.audit.classifier import words
from data_synth.audit.survey import Survey
from data_synth.choices import options
from data_synth.generate import make

OPTIONS = 4
MOST_ITEMS, SPARED = 1000, 2  # every other item up to so many: options are made from the answers of many items

Choice = tuple[list[list[str]], int]  # the descriptions of each option, and which is right


def choices_only(survey: Survey) -> dict[str, Reading]:
    """Accuracy of choosing without the question and the picture; nothing where answers are too few for options."""
    found: list[Choice] = []
    for index in range(min(MOST_ITEMS, len(survey.briefs) // SPARED)):
        item = make(survey.family, survey.level, index)
        try:
            shown, gold = options(item, OPTIONS)
        except ValueError:  # fewer different answers than options; `space` says so
            return {}
        found.append((describe(shown), gold))
    accuracy = cross_choose(found)
    chance = 1 / OPTIONS
    return {"choices": Reading(accuracy, base=chance, error=(chance * (1 - chance) / len(found)) ** 0.5)}


def describe(shown: Sequence[str]) -> list[list[str]]:
    """What can be said of each option by looking at all of them."""
    parts = [words(text) for text in shown]
    counts = Counter(word for said in parts for word in set(said))
    shared = [sum(counts[word] for word in said) / max(1, len(said)) for said in parts]
    columns = [Counter(said[place] for said in parts if place < len(said)) for place in range(max(map(len, parts)))]
    agreed = [sum(columns[place][word] for place, word in enumerate(said)) / max(1, len(said)) for said in parts]
    sizes = [[float(word) for word in said if word[0].isdecimal()] for said in parts]
    ranked = {
        "length": _ranks([float(len(text)) for text in shown]),
        "shared": _ranks(shared),
        "agreed": _ranks(agreed),
        "first": _ranks([values[0] if values else 0.0 for values in sizes]),
        "sum": _ranks([sum(values) for values in sizes]),
    }
    return [
        [f"place {place}", *(f"{what} {ranks[place]}" for what, ranks in ranked.items()), *set(parts[place])]
        for place in range(len(shown))
    ]


def _ranks(values: list[float]) -> list[str]:
    """How many values are smaller, and how many equal, of each value."""
    return [f"{sum(other < value for other in values)}/{values.count(value)}" for value in values]


def cross_choose(found: Sequence[Choice]) -> float:
    """Choose in each half of the items with what the other half teaches."""
    right = 0
    for half in (0, 1):
        odds = _learn(found[1 - half :: 2])
        for described, gold in found[half::2]:
            scores = [sum(odds.get(sign, 0.0) for sign in signs) for signs in described]
            right += scores.index(max(scores)) == gold
    return right / len(found)


def _learn(found: Sequence[Choice]) -> dict[str, float]:
    """Log-odds of each description between right and wrong options, shrunk towards none."""
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for described, gold in found:
        right.update(described[gold])
        for signs in described:
            every.update(signs)
    share = len(found) / max(1, sum(len(described) for described, _ in found))
    return {
        sign: math.log((right[sign] + 4 * share) / (times + 4) / share)
        - math.log((times - right[sign] + 4 * (1 - share)) / (times + 4) / (1 - share))
        for sign, times in every.items()
    }
