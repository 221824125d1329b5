"""A canvas for pages, of few shapes and much text in any of the fonts, with pictures set into the page.

It is drawn at its final size at once: straight edges on whole pixels, text of finished letters. Only what is round or
slanted needs more pixels than the picture has; its mask is drawn large and shrunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor

from PIL import Image, ImageDraw

from data_synth.render.canvas import OVERSAMPLING, Box, Canvas, Mark, Spot, bounds
from data_synth.render.glyphs import STEP, Glyph, extent, glyphs, in_faces, span, whole_steps
from data_synth.render.palette import INK, Colour

_SLACK = 1.5  # pixels that a line may be wider than its room before it is set smaller
_EDGE = 1e-6  # pixels; a place so close to the middle between two pixels goes to the same one each time


class Sheet(Canvas):
    """A Canvas with fonts, lines that never leave their room, rounded boxes and pictures in the page."""

    oversampling = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        self._pasted: list[tuple[Canvas, int, int]] = []

    def text(
        self, x: int, y: int, text: str, height: int, anchor: str = "mm", colour: Colour = INK, tag: str = ""
    ) -> None:
        self.write(x, y, text, height, face=self.look.face, colour=self.shade(colour), anchor=anchor, tag=tag)

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
        code: str = "",
    ) -> None:
        """Write one line; `letter` is the font size and `room` the width it may take (0 = the page's), design units.

        code: the font of words between backticks, which are then left out; "" = they are drawn as they are.

        The first letter of `anchor` is l, m or r, the second s (base line) or m (middle). At small scales hinting makes
        letters wider than designed; the line is then set smaller, to keep to its room. Raises ValueError for a
        character that the font lacks.
        """
        parts = in_faces(text, face, code)
        text = "".join(part for part, _ in parts)
        pixels = whole_steps(letter * self.scale)
        line = _line(parts, pixels, bold)
        while pixels > STEP and span(line) > (room or self.width) * self.scale + _SLACK:
            pixels -= STEP
            line = _line(parts, pixels, bold)
        start = _whole(x * self.scale - {"l": 0, "m": 0.5, "r": 1}[anchor[0]] * span(line))
        base = _whole(y * self.scale + {"s": 0, "m": glyphs(pixels, face, bold).middle}[anchor[1]])
        pen = start
        for (left, top, _, _), mask, advance in line:
            self._draw.bitmap((pen + left, base + top), mask, colour)
            pen += advance
        self.texts.append((x * self.scale, y * self.scale, text, pixels, anchor, colour))
        left, top, right, bottom = extent(line)
        box = _scaled((start + left, base + top, start + right, base + bottom), 1 / self.scale)
        self.marks.append(Mark("text", tag or text, box))

    def ellipse(
        self, box: tuple[int, int, int, int], fill: Colour | None, outline: Colour = INK, width: int = 0, tag: str = ""
    ) -> None:
        left, top, right, bottom = self._edges(box)
        size = max(1, right - left), max(1, bottom - top)
        if fill:
            self._draw.bitmap((left, top), _oval(*size), self.shade(fill))
        if width:
            self._draw.bitmap((left, top), _oval(*size, self._stroke(width)), self.shade(outline))
        self.marks.append(Mark("ellipse", tag, box))

    def rounded(self, box: tuple[int, int, int, int], radius: int, fill: Colour, tag: str = "") -> None:
        """A filled box with round corners."""
        left, top, right, bottom = self._edges(box)
        turn = min(_whole(radius * self.scale), (right - left) // 2, (bottom - top) // 2)
        for corner in [(x, y) for x in (left, right - 2 * turn) for y in (top, bottom - 2 * turn) if turn]:
            self._draw.bitmap(corner, _oval(2 * turn, 2 * turn), fill)
        for inner in ((left + turn, top, right - turn, bottom), (left, top + turn, right, bottom - turn)):
            if inner[0] < inner[2] and inner[1] < inner[3]:
                self._draw.rectangle((*inner[:2], inner[2] - 1, inner[3] - 1), fill)
        self.marks.append(Mark("rectangle", tag, box))

    def polygon(
        self, points: Sequence[Spot], fill: Colour, outline: Colour = INK, width: int = 0, tag: str = ""
    ) -> None:
        self._smooth(points, 0, self.shade(fill), lambda pen, spots: pen.polygon(spots, 255))
        if width:
            self._trace([*points, *points[:2]], width, self.shade(outline))
        self.marks.append(Mark("polygon", tag, bounds(points)))

    def line(self, points: Sequence[Spot], colour: Colour = INK, width: int = 2, tag: str = "") -> None:
        if all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points)):
            spots = [(_whole(x * self.scale), _whole(y * self.scale)) for x, y in points]
            self._draw.line(spots, self.shade(colour), self._stroke(width))
        else:
            self._trace(points, width, self.shade(colour))
        self.marks.append(Mark("line", tag, bounds(points)))

    def paste(self, canvas: Canvas, x: int, y: int) -> None:
        """Set another canvas into the page, pixel for pixel; `all_marks` tells of what is in it."""
        self._pasted.append((canvas, x, y))
        self._big.paste(canvas.image(), (round(x * self.scale), round(y * self.scale)))

    def image(self) -> Image.Image:
        """The finished picture, RGB."""
        return self._big.copy()

    def _edges(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """The whole pixels between which a box lies."""
        left, top, right, bottom = map(_whole, _scaled(box, self.scale))
        return left, top, right, bottom

    def _span(self, box: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
        left, top, right, bottom = self._edges(box)
        return left, top, max(left, right - 1), max(top, bottom - 1)

    def _trace(self, points: Sequence[Spot], width: int, colour: Colour) -> None:
        stroke = max(1, round(width * self.scale * OVERSAMPLING))
        self._smooth(points, width, colour, lambda pen, spots: pen.line(spots, 255, stroke, joint="curve"))

    def _smooth(
        self,
        points: Sequence[Spot],
        around: int,
        colour: Colour,
        draw: Callable[[ImageDraw.ImageDraw, list[tuple[float, float]]], None],
    ) -> None:
        """Draw at a multiple of the size on a mask as large as the points and some design units around them."""
        left, top, right, bottom = (side * self.scale for side in bounds(points))
        free = ceil(around * self.scale)
        corner = floor(left) - free, floor(top) - free
        size = ceil(right) + free - corner[0] + 1, ceil(bottom) + free - corner[1] + 1
        mask = Image.new("L", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING))
        spots = [
            ((x * self.scale - corner[0]) * OVERSAMPLING, (y * self.scale - corner[1]) * OVERSAMPLING)
            for x, y in points
        ]
        draw(ImageDraw.Draw(mask), spots)
        self._draw.bitmap(corner, mask.reduce(OVERSAMPLING), colour)


def all_marks(canvas: Canvas) -> list[Mark]:
    """The marks of a canvas and of the canvases set into it, with boxes in pixels of its picture."""
    marks = [replace(mark, box=_scaled(mark.box, canvas.scale)) for mark in canvas.marks]
    for inner, x, y in canvas._pasted if isinstance(canvas, Sheet) else ():
        corner = round(x * canvas.scale), round(y * canvas.scale)
        marks += [replace(mark, box=_scaled(mark.box, 1, *corner)) for mark in all_marks(inner)]
    return marks


def _line(parts: Sequence[tuple[str, str]], pixels: float, bold: bool) -> list[Glyph]:
    """Letters of texts with their fonts."""
    return [glyphs(pixels, face, bold)[letter] for text, face in parts for letter in text]


def _scaled(box: Box, by: float, x: float = 0, y: float = 0) -> Box:
    left, top, right, bottom = box
    return left * by + x, top * by + y, right * by + x, bottom * by + y


def _whole(place: float) -> int:
    return floor(place + 0.5 + _EDGE)


@lru_cache(maxsize=256)
def _oval(width: int, height: int, stroke: int = 0) -> Image.Image:
    """The mask of an ellipse, or of its outline, in pixels."""
    mask = Image.new("L", (width * OVERSAMPLING, height * OVERSAMPLING))
    box = (0, 0, width * OVERSAMPLING - 1, height * OVERSAMPLING - 1)
    ImageDraw.Draw(mask).ellipse(box, 0 if stroke else 255, 255, stroke * OVERSAMPLING or 1)
    return mask.reduce(OVERSAMPLING)
