"""A canvas for pages of text: any of the fonts, lines that never leave their room, pictures set into the page."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from PIL import Image, ImageDraw

from data_synth.render.canvas import OVERSAMPLING, Box, Canvas, Mark
from data_synth.render.fonts import check_glyphs, font
from data_synth.render.palette import INK, Colour

_SLACK = 1.5  # pixels that a line may be wider than its room before it is set smaller
_MEASURE = 8  # widths are measured at so many times the size, so that rounding to whole pixels does not add up


@lru_cache(maxsize=32768)
def text_width(text: str, letter: float, face: str = "roboto", bold: bool = False) -> float:
    """Width of a line in design units, at any scale."""
    return font(letter * _MEASURE, face, bold).getlength(text) / _MEASURE


class Sheet(Canvas):
    """A Canvas with fonts, rounded boxes and pictures in the page."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._faces: list[tuple[str, bool]] = []  # of each of `texts`
        self._pasted: list[tuple[Canvas, int, int]] = []

    def text(
        self, x: int, y: int, text: str, height: int, anchor: str = "mm", colour: Colour = INK, tag: str = ""
    ) -> None:
        super().text(x, y, text, height, anchor, colour, tag)
        self._faces.append(("aileron", False))

    def write(
        self,
        x: float,
        y: float,
        text: str,
        letter: float,
        *,
        face: str = "roboto",
        bold: bool = False,
        colour: Colour = INK,
        anchor: str = "ls",
        room: float = 0,
        tag: str = "",
    ) -> None:
        """Write one line; `letter` is the font size and `room` the width it may take (0 = the page's), design units.

        At small scales hinting makes letters wider than designed; the line is then set smaller, to keep to its room.
        Raises ValueError for a character that the font lacks.
        """
        check_glyphs(text, face)
        pixels: float = letter * self.scale
        while pixels > 1 and font(pixels, face, bold).getlength(text) > (room or self.width) * self.scale + _SLACK:
            pixels = round(pixels * 0.96, 2)
        self.texts.append((x * self.scale, y * self.scale, text, pixels, anchor, colour))
        self._faces.append((face, bold))
        left, top, right, bottom = (side / self.scale for side in font(pixels, face, bold).getbbox(text, anchor=anchor))
        self.marks.append(Mark("text", tag or text, (x + left, y + top, x + right, y + bottom)))

    def rounded(self, box: tuple[int, int, int, int], radius: int, fill: Colour, tag: str = "") -> None:
        """A filled box with round corners."""
        self._draw.rounded_rectangle(self._span(box), radius * self.scale * OVERSAMPLING, fill)
        self.marks.append(Mark("rectangle", tag, box))

    def paste(self, canvas: Canvas, x: int, y: int) -> None:
        """Set another canvas into the page, pixel for pixel; `all_marks` tells of what is in it."""
        self._pasted.append((canvas, x, y))

    def image(self) -> Image.Image:
        """The finished picture, RGB."""
        picture = self._big.reduce(OVERSAMPLING)
        for canvas, left, top in self._pasted:
            picture.paste(canvas.image(), (round(left * self.scale), round(top * self.scale)))
        pen = ImageDraw.Draw(picture)
        for (x, y, text, pixels, anchor, colour), face in zip(self.texts, self._faces, strict=True):
            pen.text((x, y), text, colour, font(pixels, *face), anchor=anchor)
        return picture


def all_marks(canvas: Canvas) -> list[Mark]:
    """The marks of a canvas and of the canvases set into it, with boxes in pixels of its picture."""
    marks = [replace(mark, box=_scaled(mark.box, canvas.scale, 0, 0)) for mark in canvas.marks]
    for inner, x, y in canvas._pasted if isinstance(canvas, Sheet) else ():
        corner = round(x * canvas.scale), round(y * canvas.scale)
        marks += [replace(mark, box=_scaled(mark.box, 1, *corner)) for mark in all_marks(inner)]
    return marks


def _scaled(box: Box, by: float, x: float, y: float) -> Box:
    left, top, right, bottom = box
    return left * by + x, top * by + y, right * by + x, bottom * by + y
