"""Puzzles of marks in cells whose clues count marks: what follows from one clue after another.

Cells are bits of an integer, row by row. A clue says that among its cells there are at least and at most so many
marks. If propagation alone decides every cell, the solution is unique.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

Known = list[int]  # bits of cells with a mark, bits of cells without


class Clue(NamedTuple):
    """text: what it says, for people. cells: bits. least, most: marks among them."""

    text: str
    cells: int
    least: int
    most: int


def applied(clue: Sequence[str | int], known: Known) -> Known:
    """What is known after a clue: its last places are filled, or cleared once it has all its marks."""
    _, cells, least, most = Clue(*clue)  # type: ignore[arg-type]
    yes, no = known
    free = cells & ~yes & ~no
    marks = (cells & yes).bit_count()
    if free and marks == most:
        return [yes, no | free]
    if free and marks + free.bit_count() == least:
        return [yes | free, no]
    return known


def deduced(
    clues: Sequence[Sequence[str | int]], cells: int, known: Known, after: Callable[[Known], Known]
) -> list[int] | None:
    """The clues to apply, one after another, until all `cells` are known; None if that is not enough.

    after: what the rules add whenever something new is known.
    """
    order: list[int] = []
    known = after(known)
    while cells & ~known[0] & ~known[1]:
        before = len(order)
        for place, clue in enumerate(clues):
            new = applied(clue, known)
            if new != known:
                order.append(place)
                known = after(new)
        if len(order) == before:
            return None
    return order


def places(bits: int) -> list[int]:
    """Positions of the set bits, lowest first."""
    return [place for place in range(bits.bit_length()) if bits >> place & 1]


def bits_of(cells: Sequence[int]) -> int:
    return sum(1 << cell for cell in cells)
