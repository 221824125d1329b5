"""Statistics of two evaluations on the same questions: exact McNemar test, paired difference with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from vlm_rl.evaluation.statistics import Z95, mean, standard_error


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean over questions of (B - A), with the standard error of that mean and a 95 % interval.

    num_questions: pairs. a, b: the two means. standard_error: None for a single pair.
    """

    num_questions: int
    a: float
    b: float
    difference: float
    standard_error: float | None
    low: float
    high: float


def paired_difference(a: Sequence[float], b: Sequence[float]) -> Difference:
    """Difference of two rates measured on the same questions; each value in 0 .. 1.

    The interval is that of Agresti & Min (2005): two pseudo-questions, shared out over the four outcomes of a pair,
    are added first. So it keeps its coverage for small samples, and has a width where no question changed.
    Raises ValueError without questions.
    """
    if not a or len(a) != len(b):
        raise ValueError(f"paired values must be as many and at least one, got {len(a)} and {len(b)}")
    n = len(a)
    changes = [after - before for before, after in zip(a, b, strict=True)]
    total, squares = math.fsum(changes), math.fsum(change * change for change in changes)
    centre = total / (n + 2)  # the pseudo-questions are half a win and half a loss, and one of no change
    spread = Z95 * math.sqrt(((squares + 1) / (n + 2) - centre * centre) / (n + 2))
    low, high = max(-1.0, centre - spread), min(1.0, centre + spread)
    return Difference(n, mean(a), mean(b), total / n, standard_error(changes), low, high)


def mcnemar_p(won: int, lost: int) -> float:
    """Two-sided p-value of McNemar's exact test: the changed questions are tosses of a fair coin if A equals B."""
    changed = won + lost
    ways = tail = 1  # to get 0 heads, and up to that many
    for heads in range(1, min(won, lost) + 1):
        ways = ways * (changed - heads + 1) // heads
        tail += ways
    return min(1.0, 2 * tail / 2**changed)  # whole numbers up to the one division: exact for any count


def normal_p(difference: Difference) -> float:
    """Two-sided p-value of a mean difference, from its standard error; for several samples per question."""
    if not difference.standard_error:  # one question says nothing; many that all change alike say everything
        return 0.0 if difference.difference and difference.num_questions > 1 else 1.0
    return math.erfc(abs(difference.difference) / difference.standard_error / math.sqrt(2))
