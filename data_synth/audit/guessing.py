"""How well answers can be guessed: how many there are, how even, and what the prompt gives away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from data_synth.answers import Answer
from data_synth.audit.bounds import Reading
from data_synth.audit.classifier import Guesses, cross_copy, cross_guess
from data_synth.audit.survey import Survey
from data_synth.item import Item


def guessing(survey: Survey) -> dict[str, Reading]:
    """Majority, number of answers, and accuracies of those who see no picture."""
    briefs = survey.briefs
    labels = label_answers([brief.answer for brief in briefs])
    counts = Counter(labels)
    space, space_error = chao(counts)
    asked = cross_guess([brief.asked for brief in briefs], labels)
    known = cross_guess([np.union1d(brief.asked, brief.known) for brief in briefs], labels)
    copied = cross_copy(np.stack([brief.copied for brief in briefs]))
    chance = max(float(asked.constant.mean()), 1 / max(space, 1.0))
    eight = 1 - (1 - asked.gold) ** 8
    most = max(counts.most_common(1)[0][1] / len(labels), _most_accepted(survey.items))
    return {
        "majority": Reading(most, error=_share_error(0.05, len(labels))),
        "seen": Reading(len(counts)),
        "space": Reading(space, error=space_error),
        "chance": Reading(chance),
        "blind": Reading(max(float(asked.hit.mean()), copied), base=chance, error=_hit_error(asked)),
        "glance": Reading(float(known.hit.mean()), base=chance, error=_hit_error(known)),
        "pass@8": Reading(float(eight.mean()), error=_mean_error(eight)),
        "best_8": Reading(float(asked.best_8.mean())),
    }


def label_answers(answers: Sequence[Answer]) -> list[str]:
    """A label of each answer such that one guess is right for all answers of a label.

    Numbers with a tolerance share a label where one number is within the tolerance of all (fewest such groups).
    """
    labels = [_label(answer) for answer in answers]
    spans = []
    for place, answer in enumerate(answers):
        if answer.tolerance:
            value, reach = Decimal(str(answer.value)), Decimal(str(answer.tolerance))
            spans.append((value + reach, value - reach, place))
    guess: Decimal | None = None
    for high, low, place in sorted(spans):
        if guess is None or low > guess:
            guess = high
        labels[place] = f"~{guess}"
    return labels


def _label(answer: Answer) -> str:
    if answer.type in ("integer", "decimal"):
        return str(Decimal(str(answer.value)).normalize())
    if answer.type == "set":
        return "{" + ", ".join(sorted(str(part).lower() for part in answer.value)) + "}"
    return answer.surface.lower()


def chao(counts: Counter[str]) -> tuple[float, float]:
    """Estimated number of different labels, seen or not, and its standard error.

    The lower bound of Chao (1984), bias-corrected: from the labels seen once and twice.
    """
    once, twice = (sum(times == n for times in counts.values()) for n in (1, 2))
    unseen = once * (once - 1) / (2 * (twice + 1))
    ratio = once / max(twice, 1)
    variance = max(twice, 1) * (ratio**4 / 4 + ratio**3 + ratio**2 / 2)
    return len(counts) + unseen, variance**0.5


def _most_accepted(items: Sequence[Item]) -> float:
    """Share of items that accept the path which most of them accept: a path can be right where it is not the gold."""
    paths = [item for item in items if item.answer.type == "path"]
    guesses = [moves for moves, _ in Counter(item.answer.value for item in paths).most_common(20)]
    return max((sum(item.accepts(moves) for item in paths) / len(items) for moves in guesses), default=0.0)


def _share_error(share: float, count: int) -> float:
    return float((share * (1 - share) / count) ** 0.5)


def _hit_error(guesses: Guesses) -> float:
    """Standard error of how far the classifier is above the constant guess, on the same items."""
    return _mean_error(guesses.hit.astype(np.float32) - guesses.constant)


def _mean_error(values: npt.NDArray[np.float32]) -> float:
    return float(values.std() / len(values) ** 0.5)
