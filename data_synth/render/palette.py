"""Colours with plain names. The asked ones stay apart for colour-blind readers too: a CIE76 distance of 20 or more."""

from __future__ import annotations

Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "red": (214, 39, 40),
    "green": (34, 150, 84),
    "blue": (31, 103, 206),
    "yellow": (246, 219, 50),
    "purple": (142, 84, 161),
    "orange": (240, 136, 30),
    "pink": (240, 150, 193),
    "grey": (136, 130, 129),
}
INK: Colour = (32, 36, 44)
FAINT: Colour = (208, 212, 218)
PAPER: Colour = (255, 255, 255)
