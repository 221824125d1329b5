"""Intervals and averages over questions that were answered once or several times."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

Z95 = 1.959963984540054  # 97.5 % quantile of the normal distribution


def wilson(correct: float, n: float) -> tuple[float, float]:
    """95 % interval of a share, by Wilson's score; n: trials. (0, 1) without trials."""
    if n <= 0:
        return 0.0, 1.0
    share, z2 = correct / n, Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def mean(values: Sequence[float]) -> float:
    """0.0 of nothing."""
    return math.fsum(values) / len(values) if values else 0.0


def standard_error(values: Sequence[float]) -> float | None:
    """Of the mean; None for fewer than two values."""
    if len(values) < 2:
        return None
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1) / len(values))


def clustered(shares: Sequence[float]) -> tuple[float, float]:
    """95 % interval of the mean of per-question shares. Samples of one question are no independent trials, so the
    questions are what counts. Where all shares are equal it is Wilson's, as if each question were one trial."""
    error = standard_error(shares)
    middle = mean(shares)
    if not error:
        return wilson(middle * len(shares), len(shares))
    return max(0.0, middle - Z95 * error), min(1.0, middle + Z95 * error)


def pass_at(k: int, samples: int, correct: int) -> float:
    """Probability that one of k samples, drawn without replacement, is correct: unbiased (Chen et al. 2021, eq. 1).

    Raises ValueError for k beyond the samples.
    """
    if not 1 <= k <= samples or not 0 <= correct <= samples:
        raise ValueError(f"pass@k needs 1 <= k <= samples and 0 <= correct <= samples, got {k}, {samples}, {correct}")
    return 1.0 - math.comb(samples - correct, k) / math.comb(samples, k)


def majority(votes: Sequence[tuple[str, bool]]) -> float | None:
    """Probability that the most frequent prediction is correct, ties drawn evenly; None without votes.

    votes: (prediction, whether it is correct).
    """
    if not votes:
        return None
    counts = Counter(prediction for prediction, _ in votes)
    most = max(counts.values())
    winners = {prediction for prediction, count in counts.items() if count == most}
    return mean([mean([float(right) for said, right in votes if said == winner]) for winner in sorted(winners)])
