"""Colours derived from others: tints on a paper, and the ink that can be read on a colour."""

from __future__ import annotations

from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK, PAPER, Colour

KEY = 14  # size of the texts of a legend


def tint(colour: Colour, paper: Colour, percent: int) -> Colour:
    """So much of the colour, the rest paper."""
    red, green, blue = ((percent * c + (100 - percent) * p) // 100 for c, p in zip(colour, paper, strict=True))
    return red, green, blue


def ink_on(colour: Colour) -> Colour:
    """White on dark colours, dark ink on light ones."""
    red, green, blue = colour
    return PAPER if 299 * red + 587 * green + 114 * blue < 125_000 else INK


def draw_key(canvas: Canvas, x: int, y: int, colour: Colour | str, text: str) -> None:
    """A box of a legend with its text right of it; (x, y) is the middle of the box's left edge."""
    fill = COLOURS[colour] if isinstance(colour, str) else colour
    canvas.rectangle((x, y - 7, x + 14, y + 7), fill, INK, 1, f"key {text}")
    canvas.text(x + 20, y, text, KEY, anchor="lm", tag=f"legend {text}")
