"""Names for ends and stations: two capitals, none that looks like a digit, and not VV, which looks like W."""

from __future__ import annotations

from itertools import product

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
NAMES = tuple(a + b for a, b in product(LETTERS, repeat=2) if a + b != "VV")
