"""Colours with plain names. The asked ones stay apart for colour-blind readers too (after Okabe and Ito)."""

from __future__ import annotations

Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "red": (214, 39, 40),
    "green": (34, 150, 84),
    "blue": (31, 104, 196),
    "yellow": (246, 214, 50),
    "purple": (142, 84, 178),
    "orange": (240, 136, 30),
    "pink": (240, 150, 190),
    "grey": (138, 138, 138),
}
INK: Colour = (32, 36, 44)
FAINT: Colour = (208, 212, 218)
PAPER: Colour = (255, 255, 255)
PAPERS: tuple[Colour, ...] = (PAPER, (250, 247, 240), (242, 246, 250), (245, 245, 245))
