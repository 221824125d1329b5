"""A total as a sum of products, drawn at random."""

from __future__ import annotations

from collections.abc import Sequence

from data_synth.rng import Rng


def split_products(
    rng: Rng, total: int, count: int, factors: Sequence[int], least: int = 1
) -> list[tuple[int, int]] | None:
    """`count` pairs (one of the factors, an integer >= least) whose products add up to `total`, in random order.

    None if these draws leave nothing that fits for the last pair.
    """
    pairs, rest = [], total
    for _ in range(count - 1):
        factor = rng.choice(factors)
        most = 2 * total // count // factor
        if most < least:
            return None
        pairs.append((factor, rng.between(max(least, most // 8), most)))
        rest -= pairs[-1][0] * pairs[-1][1]
    fits = [factor for factor in factors if rest > 0 and rest % factor == 0 and rest // factor >= least]
    if not fits:
        return None
    factor = rng.choice(fits)
    pairs.append((factor, rest // factor))
    rng.shuffle(pairs)
    return pairs
