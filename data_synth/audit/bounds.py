"""What is measured of a family and level, the bound of each measure, and the verdict.

A share that is estimated from n items scatters. A bound is broken when the estimate is beyond it by more than three
standard errors, so that few items give no false alarm and many leave no room.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SIGMAS = 3.0
CANDIDATES = 100_000  # of which the share of duplicates is given
DUPLICATES = 0.001  # of them, at most


@dataclass(frozen=True, slots=True)
class Bound:
    """side: "<=" or ">=". limit: one number, or one by level, None (or a level left out) for what is only reported.

    over: what the limit is added to, e.g. chance. group: heading under which it is shown. text: one sentence.
    """

    group: str
    side: str
    limit: float | dict[int, float] | None
    text: str
    over: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One measured value. base: added to the limit. error: standard error of the value, 0 where every item counts."""

    value: float
    base: float = 0.0
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A reading against its bound; bound None = only reported."""

    family: str
    level: int
    measure: str
    value: float
    bound: float | None
    ok: bool


BOUNDS: dict[str, Bound] = {
    "unique": Bound("contents", ">=", 1.0, "Of the items a writer takes, the share whose scene and program are new."),
    "duplicates": Bound(
        "contents",
        "<=",
        dict.fromkeys((1, 2, 3, 4), DUPLICATES),
        "Share of 100,000 candidates that repeat a content, extrapolated from the pairs of equal ones seen.",
    ),
    "overlap": Bound("contents", "<=", 0, "Contents, or scenes with their programs, that stand in train and in eval."),
    "majority": Bound("guessing", "<=", 0.05, "Share of the most frequent answer."),
    "seen": Bound("guessing", ">=", None, "Different answers among the items."),
    "space": Bound("guessing", ">=", 100, "Different answers there are, estimated from the rare ones (Chao 1984)."),
    "chance": Bound(
        "guessing", "<=", None, "Accuracy of the best constant guess of one half of the items on the other."
    ),
    "blind": Bound("guessing", "<=", 0.03, "Accuracy of a classifier that reads the prompt only.", "chance"),
    "glance": Bound(
        "guessing", "<=", 0.03, "Accuracy of one that knows the item's features too, e.g. how many objects.", "chance"
    ),
    "pass@8": Bound(
        "guessing", "<=", 0.10, "Chance that one of eight draws from the distribution of `blind` is right."
    ),
    "best_8": Bound("guessing", "<=", None, "Chance that one of the eight best constant guesses is right."),
    "choices": Bound(
        "guessing", "<=", 0.03, "Accuracy of a classifier that sees the options of a multiple choice only.", "1/options"
    ),
    "paraphrases": Bound("guessing", ">=", 8, "Wordings of the question form that has the fewest."),
    "agreement": Bound("correctness", ">=", 1.0, "Share of items on which both solvers and the gold answer agree."),
    "accepted": Bound("correctness", "<=", 0, "Wrong answers that the verifier accepts."),
    "attacks": Bound("correctness", ">=", None, "Wrong answers tried; about 100 of each of the first 100 items."),
    "rejected": Bound("correctness", "<=", 0, "Ways of writing the gold answer that the verifier refuses."),
    "surfaces": Bound("correctness", ">=", 20, "Ways of writing a gold answer tried on each item, at least."),
    "trace_gold": Bound("traces", ">=", 1.0, "Share of traces that end with the gold answer in their only box."),
    "trace_steps": Bound(
        "traces", ">=", 1.0, "Share of traces that say every value of the program after its inputs, and no wrong sum."
    ),
    "tokens_min": Bound("traces", ">=", 80, "Shortest trace, in words, numbers and marks."),
    "tokens_max": Bound("traces", "<=", 600, "Longest trace, in words, numbers and marks."),
    "phrasings": Bound("traces", ">=", 5, "Different wordings of one trace, its closing sentence left out."),
    "glyph_px": Bound("pictures", ">=", 12, "Smallest font size, in pixels of a picture of 384."),
    "collisions": Bound("pictures", "<=", 0, "Pairs of texts whose boxes overlap."),
    "clipped": Bound("pictures", "<=", 0, "Marks that stick out of their picture."),
    "contrast": Bound("pictures", ">=", 3, "Lowest contrast of a text to the pixels around it (WCAG 2 ratio)."),
    "logic_ms": Bound("time", "<=", 1, "Processor time of deciding an item, ms."),
    "picture_ms": Bound("time", "<=", 10, "Processor time of drawing an item at 384 pixels and encoding PNG, ms."),
}


def judge(family: str, level: int, measure: str, reading: Reading) -> Finding:
    """The reading against the bound of its measure."""
    bound = BOUNDS[measure]
    limit = bound.limit.get(level) if isinstance(bound.limit, dict) else bound.limit
    if limit is None:
        return Finding(family, level, measure, reading.value, None, True)
    slack = SIGMAS * reading.error
    edge = reading.base + limit
    ok = reading.value <= edge + slack if bound.side == "<=" else reading.value >= edge - slack
    return Finding(family, level, measure, reading.value, edge, ok)


def broken(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that break a bound."""
    return [finding for finding in findings if not finding.ok]
