"""A second way to read a chart: count grid lines, or half lines, and multiply by what one is worth."""

from __future__ import annotations

from collections.abc import Sequence

_CHECK = (
    "Check by counting {0}: {1}.",
    "Counted in {0} of the grid instead: {1}.",
    "Once more, with the {0} counted: {1}.",
    "To be sure I count {0} of the grid: {1}.",
    "As a test, everything in {0}: {1}.",
    "Counting {0} of the grid, it agrees: {1}.",
)


def count_again(named: Sequence[tuple[str, int]], worth: int, variant: int) -> str:
    """A sentence such as "Check by counting lines: red 4 x 5 = 20."

    named: each with its height in half lines; worth: of a whole line, even if a height is odd.
    """
    by = 1 if any(half % 2 for _, half in named) else 2
    counted = (f"{name} {half // by} x {worth * by // 2} = {half * worth // 2}" for name, half in named)
    return _CHECK[variant].format("half lines" if by == 1 else "lines", ", ".join(counted))
