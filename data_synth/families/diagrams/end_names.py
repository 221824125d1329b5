"""Names for ends and stations in pictures: two capitals, without those that look like digits."""

from __future__ import annotations

from itertools import product

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
NAMES = tuple(a + b for a, b in product(LETTERS, repeat=2))
