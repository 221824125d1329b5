"""Letters as finished bitmaps: each is rasterised once per font and size, and lines of text are put together of them.

FreeType sets a line no differently with the basic layout engine: one hinted letter after the other on whole pixels,
without kerning, which none of the fonts has in a form that the engine knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from data_synth.render.fonts import check_glyphs, font

STEP = 0.5  # pixels; font sizes are multiples of it, so that pages share their glyphs
_LARGE = 1000  # pixels, where it does not count that widths are whole numbers of them
_OVERHANG = 0.12  # font sizes that ink may reach over the next letter, as that of f does
_CODE = re.compile(r"`([^`\s]+)`")
_BESIDE = 0.06  # font sizes from such ink as reaches further to the next letter


class Glyph(NamedTuple):
    """A letter whose pen is at (0, 0) on the base line. box: left, top, right, bottom in pixels; mask: its ink."""

    box: tuple[int, int, int, int]
    mask: Image.Image  # mode L
    advance: int  # pixels to the pen of the next letter


class Glyphs(dict[str, Glyph]):
    """The letters of a font at a size, made when first asked for. middle: of a line, pixels above its base line.

    Raises ValueError for a letter that the font lacks.
    """

    def __init__(self, pixels: float, face: str, bold: bool) -> None:
        super().__init__()
        self._font, self._face, self._bold = font(pixels, face, bold), face, bold
        ascent, descent = self._font.getmetrics()
        self.middle = (ascent - descent) / 2

    def __missing__(self, letter: str) -> Glyph:
        check_glyphs(letter, self._face)
        left, top, right, bottom = map(round, self._font.getbbox(letter, anchor="ls"))
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).text((-left, -top), letter, 255, self._font, anchor="ls")
        narrow = _too_narrow(letter, self._face, self._bold)
        advance = right + max(1.0, _BESIDE * self._font.size) if narrow else self._font.getlength(letter)
        self[letter] = Glyph((left, top, right, bottom), mask, round(advance))
        return self[letter]


@lru_cache(maxsize=256)
def glyphs(pixels: float, face: str, bold: bool = False) -> Glyphs:
    """The letters of a font at a size in pixels, a multiple of STEP."""
    return Glyphs(pixels, face, bold)


def whole_steps(pixels: float) -> float:
    """The largest font size to draw with that is not above this one, in pixels."""
    return max(STEP, int(pixels / STEP + 1e-6) * STEP)


def span(line: Sequence[Glyph]) -> int:
    """Width of a line in pixels."""
    return sum(glyph.advance for glyph in line)


def extent(line: Sequence[Glyph]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a line whose pen starts at (0, 0), in pixels."""
    pen, left, right = 0, 0, 0
    for glyph in line:
        left, right = min(left, pen + glyph.box[0]), max(right, pen + glyph.box[2])
        pen += glyph.advance
    top = min((glyph.box[1] for glyph in line), default=0)
    return left, top, right, max((glyph.box[3] for glyph in line), default=0)


def in_faces(text: str, face: str, code: str) -> list[tuple[str, str]]:
    """The text in parts with their fonts: `words` between backticks, which are left out, in `code`; "" = as it is."""
    parts = _CODE.split(text) if code else [text]
    return [(part, code if number % 2 else face) for number, part in enumerate(parts) if part]


@lru_cache(maxsize=32768)
def text_width(text: str, letter: float, face: str = "roboto", bold: bool = False) -> float:
    """Width of a line in design units, at any scale: what it would be without hinting."""
    return letter * sum(_advance(character, face, bold) for character in text)


def drawn_width(text: str, letter: float, scale: float, face: str, bold: bool = False) -> float:
    """Width of a line in design units as it comes out at a scale: its letters are hinted to whole pixels."""
    letters = glyphs(whole_steps(letter * scale), face, bold)
    return span([letters[letter] for letter in text]) / scale


@lru_cache(maxsize=8192)
def _advance(letter: str, face: str, bold: bool) -> float:
    """Width of a letter in font sizes."""
    if _too_narrow(letter, face, bold):
        return float(font(_LARGE, face, bold).getbbox(letter, anchor="ls")[2] / _LARGE + _BESIDE)
    return font(_LARGE, face, bold).getlength(letter) / _LARGE


@lru_cache(maxsize=8192)
def _too_narrow(letter: str, face: str, bold: bool) -> bool:
    """Whether the next letter would stand on this one: Source Serif Pro has such widths for %, " and `."""
    drawn = font(_LARGE, face, bold)
    return drawn.getbbox(letter, anchor="ls")[2] - drawn.getlength(letter) > _OVERHANG * _LARGE
