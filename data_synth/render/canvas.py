"""A canvas in design units that draws at three times the final size, shrinks, and remembers what it drew where.

Coordinates are design units, whole ones but on curves. Shapes are anti-aliased by `Image.reduce(3)`; text is drawn
afterwards at the final size, where the font's hinting is sharpest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from PIL import Image, ImageDraw

from data_synth.render.fonts import check_glyphs, font
from data_synth.render.look import PLAIN, Look
from data_synth.render.palette import INK, Colour

Box = tuple[float, float, float, float]  # left, top, right, bottom in design units
Point = tuple[int, int]
Spot = tuple[float, float]  # also between whole design units
OVERSAMPLING = 3
TOUCHING = 1e-6  # design units: boxes that share an edge do not overlap


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that was drawn. kind: ellipse, rectangle, polygon, line or text; tag: what the family calls it."""

    kind: str
    tag: str
    box: Box


@dataclass
class Canvas:
    """A picture of width x height design units whose longer side becomes `size` pixels.

    Colours are given plain, as in palette.py; the look tells their shades.
    """

    width: int
    height: int
    size: int
    look: Look = PLAIN
    marks: list[Mark] = field(default_factory=list)
    oversampling = OVERSAMPLING

    def __post_init__(self) -> None:
        self.scale = self.size / max(self.width, self.height)
        self.pixels = (max(1, round(self.width * self.scale)), max(1, round(self.height * self.scale)))
        self._zoom = self.scale * self.oversampling
        drawn = (self.pixels[0] * self.oversampling, self.pixels[1] * self.oversampling)
        self._big = Image.new("RGB", drawn, self.paper)
        self._draw = ImageDraw.Draw(self._big)
        self.texts: list[tuple[float, float, str, float, str, Colour]] = []  # x, y, text, pixels, anchor, colour

    @property
    def paper(self) -> Colour:
        return self.look.paper

    def shade(self, colour: Colour) -> Colour:
        """A plain colour as it is drawn, to mix others from."""
        return self.look.shade(colour)

    def _span(self, box: tuple[int, int, int, int]) -> tuple[float, float, float, float]:
        """Pixels of a box; Pillow includes the last pixel of a span."""
        left, top, right, bottom = (value * self._zoom for value in box)
        return left, top, max(left, right - 1), max(top, bottom - 1)

    def _stroke(self, width: int) -> int:
        return max(1, round(width * self._zoom)) if width else 0

    def _fill(self, colour: Colour | None) -> Colour | None:
        return None if colour is None else self.shade(colour)

    def _outline(self, colour: Colour, width: int) -> Colour | None:
        return self.shade(colour) if width else None

    def ellipse(
        self, box: tuple[int, int, int, int], fill: Colour | None, outline: Colour = INK, width: int = 0, tag: str = ""
    ) -> None:
        self._draw.ellipse(self._span(box), self._fill(fill), self._outline(outline, width), self._stroke(width))
        self.marks.append(Mark("ellipse", tag, box))

    def rectangle(
        self, box: tuple[int, int, int, int], fill: Colour | None, outline: Colour = INK, width: int = 0, tag: str = ""
    ) -> None:
        self._draw.rectangle(self._span(box), self._fill(fill), self._outline(outline, width), self._stroke(width))
        self.marks.append(Mark("rectangle", tag, box))

    def polygon(
        self, points: Sequence[Spot], fill: Colour, outline: Colour = INK, width: int = 0, tag: str = ""
    ) -> None:
        corners = [(x * self._zoom, y * self._zoom) for x, y in points]
        self._draw.polygon(corners, self.shade(fill))
        if width:  # Pillow's own wide outline copies the whole picture once per polygon
            line = [*corners, corners[0], corners[1]]
            self._draw.line(line, self.shade(outline), self._stroke(width), joint="curve")
        self.marks.append(Mark("polygon", tag, bounds(points)))

    def line(self, points: Sequence[Spot], colour: Colour = INK, width: int = 2, tag: str = "") -> None:
        spots = [(x * self._zoom, y * self._zoom) for x, y in points]
        self._draw.line(spots, self.shade(colour), self._stroke(width), joint="curve")
        self.marks.append(Mark("line", tag, bounds(points)))

    def text(
        self, x: int, y: int, text: str, height: int, anchor: str = "mm", colour: Colour = INK, tag: str = ""
    ) -> None:
        """Write one line of text; `height` is the font size, `anchor` as in Pillow.

        Raises ValueError for a character that the font lacks.
        """
        face = self.look.face
        check_glyphs(text, face)
        self.texts.append((x * self.scale, y * self.scale, text, height * self.scale, anchor, self.shade(colour)))
        left, top, right, bottom = font(height * self.scale, face).getbbox(text, anchor=anchor)
        box = (x + left / self.scale, y + top / self.scale, x + right / self.scale, y + bottom / self.scale)
        self.marks.append(Mark("text", tag or text, box))

    def image(self) -> Image.Image:
        """The finished picture, RGB."""
        picture = self._big.reduce(self.oversampling)
        pen = ImageDraw.Draw(picture)
        for x, y, text, height, anchor, colour in self.texts:
            pen.text((x, y), text, colour, font(height, self.look.face), anchor=anchor)
        return picture

    def outside(self) -> list[Mark]:
        """What sticks out of the picture, by more than half a pixel of hinting."""
        slack = 0.5 / self.scale
        return [
            mark
            for mark in self.marks
            if mark.box[0] < -slack
            or mark.box[1] < -slack
            or mark.box[2] > self.width + slack
            or mark.box[3] > self.height + slack
        ]

    def overlaps(self, *kinds: str) -> Iterator[tuple[Mark, Mark]]:
        """Pairs of marks of these kinds whose boxes share area."""
        chosen = [mark for mark in self.marks if mark.kind in kinds]
        return ((a, b) for a, b in combinations(chosen, 2) if shared_area(a.box, b.box) > 0)


def on_curve(x: float, y: float) -> Spot:
    """A place on a curve to an eighth of a design unit: fine enough to look smooth, and equal on every machine."""
    return round(8 * x) / 8, round(8 * y) / 8


def bounds(points: Sequence[Spot]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def shared_area(a: Sequence[float], b: Sequence[float]) -> float:
    """Area that two boxes have in common, in square design units."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if min(wide, high) > TOUCHING else 0.0
