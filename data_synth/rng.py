"""Random draws that are the same on every Python version: a keyed hash seeds them, and only raw bits are used.

`random.Random.shuffle` and its kin may change between Python versions; `getrandbits` and `random` may not.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import MutableSequence, Sequence
from typing import TypeVar

T = TypeVar("T")


def keyed_hash(*key: str | int, bits: int = 128) -> int:
    """A `bits`-wide integer (a multiple of 8) that depends on every part of the key and on their order."""
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in key)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=bits // 8).digest(), "big")


class Rng:
    """A stream of draws that is a function of its key alone. Keys that differ anywhere give unrelated streams."""

    def __init__(self, *key: str | int) -> None:
        self._bits = random.Random(keyed_hash(*key))

    def randrange(self, stop: int) -> int:
        """Uniform in 0 .. stop - 1. Raises ValueError for stop < 1."""
        if stop < 1:
            raise ValueError(f"randrange needs stop >= 1, got {stop}")
        width = stop.bit_length()
        value = self._bits.getrandbits(width)
        while value >= stop:
            value = self._bits.getrandbits(width)
        return value

    def between(self, low: int, high: int) -> int:
        """Uniform in low .. high, both included."""
        return low + self.randrange(high - low + 1)

    def chance(self, probability: float) -> bool:
        return self._bits.random() < probability

    def choice(self, values: Sequence[T]) -> T:
        return values[self.randrange(len(values))]

    def shuffle(self, values: MutableSequence[T]) -> None:
        """Shuffle in place (Fisher-Yates): every order is equally likely."""
        for last in range(len(values) - 1, 0, -1):
            other = self.randrange(last + 1)
            values[last], values[other] = values[other], values[last]

    def sample(self, values: Sequence[T], count: int) -> list[T]:
        """`count` different positions of `values`, in random order. Raises ValueError if there are fewer."""
        if not 0 <= count <= len(values):
            raise ValueError(f"cannot sample {count} of {len(values)} values")
        pool = list(values)
        for position in range(count):
            other = position + self.randrange(len(pool) - position)
            pool[position], pool[other] = pool[other], pool[position]
        return pool[:count]

    def split(self, total: int, parts: int, low: int, high: int) -> list[int]:
        """`parts` integers in low .. high with this total, in random order. Raises ValueError if there are none."""
        if not parts * low <= total <= parts * high:
            raise ValueError(f"cannot split {total} into {parts} parts of {low} .. {high}")
        values: list[int] = []
        for rest in range(parts - 1, -1, -1):
            least = max(low, total - rest * high)
            most = min(high, total - rest * low)
            values.append(self.between(least, most))
            total -= values[-1]
        self.shuffle(values)
        return values
