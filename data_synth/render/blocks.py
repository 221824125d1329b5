"""What pages are made of: paragraphs, headings, rules, chat bubbles, pictures; see also listing.py and tables.py.

A block gives strips: pieces that are never cut, stacked from top to bottom. A page breaks between strips only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from data_synth.render.canvas import Canvas
from data_synth.render.glyphs import drawn_width, in_faces, text_width
from data_synth.render.sheet import Sheet
from data_synth.render.style import Style

LEADING = 1.4  # distance of two lines of text, in font sizes
_BESIDE = 12  # between two pictures
_FILLED = (0.96, 0.92)  # of a line, the second if bold: hinting makes small letters wider than they were designed
_WORD = re.compile(r"[^\s({]+[({]+[^(){}]{0,20}[)}]+\S*|\S+")  # a call, as range(a, b), is one word


@dataclass(frozen=True, slots=True)
class Strip:
    """A piece of a page, full width. paint(sheet, left, top) draws it; height in design units."""

    height: int
    paint: Callable[[Sheet, int, int], None]


class Block(Protocol):
    def strips(self, style: Style, width: int) -> list[Strip]:
        """The block at this width in design units. Raises ValueError for what cannot be set at it."""
        ...


def wrap(text: str, width: float, letter: int, face: str, bold: bool = False, code: str = "") -> list[str]:
    """Lines that stay within `width` design units, hinted too, broken at spaces and line ends, but not within a call
    such as range(a, b); words too long for a line are cut. code: the font of words between backticks, as Sheet.write.
    """

    def measured(word: str) -> float:
        return sum(text_width(part, letter, font, bold) for part, font in in_faces(word, face, code))

    width *= _FILLED[bold]
    lines: list[str] = []
    gap = text_width(" ", letter, face, bold)
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for word in _WORD.findall(paragraph):
            wide = measured(word)
            if line and used + gap + wide <= width:
                line, used = f"{line} {word}", used + gap + wide
                continue
            if line:
                lines.append(line)
            while wide > width and len(word) > 1:
                fits = len(word) - 1
                while fits > 1 and measured(word[:fits]) > width:
                    fits -= 1
                lines.append(word[:fits])
                word = word[fits:]
                wide = measured(word)
            line, used = word, wide
        lines.append(line)
    return lines


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, words between backticks in the mono font.

    letter: font size (0 = the style's). gap: free height below. Tags of its marks: `{tag} 0`, ...
    """

    text: str
    letter: int = 0
    bold: bool = False
    align: str = "left"  # or center, right
    accent: bool = False
    mono: bool = False
    indent: int = 0
    gap: int = 6
    tag: str = "line"

    def strips(self, style: Style, width: int) -> list[Strip]:
        letter, face = self.letter or style.letter, style.mono if self.mono else style.face
        room = width - self.indent
        lines = wrap(self.text, room, letter, face, self.bold, style.mono)
        high = round(letter * LEADING)

        def painter(number: int, line: str) -> Callable[[Sheet, int, int], None]:
            def paint(sheet: Sheet, left: int, top: int) -> None:
                start = left + self.indent
                x, anchor = {"left": (start, "ls"), "center": (start + room // 2, "ms"), "right": (start + room, "rs")}[
                    self.align
                ]
                sheet.write(
                    x, top + round(letter * 1.05), line, letter, face=face, bold=self.bold, anchor=anchor, room=room,
                    colour=style.theme.accent if self.accent else style.theme.ink, tag=f"{self.tag} {number}",
                    code=style.mono,
                )  # fmt: skip

            return paint

        return [Strip(high, painter(number, line) if line else blank) for number, line in enumerate(lines)] + space(
            self.gap
        )


@dataclass(frozen=True, slots=True)
class Heading:
    """A bold line or two, level 1 (largest) to 3."""

    text: str
    level: int = 1
    align: str = "left"

    def strips(self, style: Style, width: int) -> list[Strip]:
        letter = round(style.letter * (1.5, 1.25, 1.1)[self.level - 1])
        text = Paragraph(self.text, letter, bold=True, align=self.align, accent=self.level == 1, tag="heading")
        return text.strips(style, width)


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""

    dashed: bool = False
    gap: int = 6

    def strips(self, style: Style, width: int) -> list[Strip]:
        def paint(sheet: Sheet, left: int, top: int) -> None:
            y = top + self.gap
            dash, count = (4, 1 + width // 8) if self.dashed else (width, 1)
            for number in range(count):
                x = left + number * (width - dash) / max(1, count - 1)  # from edge to edge
                sheet.line([(x, y), (x + dash, y)], style.theme.faint, 1, "rule")

        return [Strip(2 * self.gap + 1, paint)]


@dataclass(frozen=True, slots=True)
class Bubble:
    """A chat message; mine: on the right, in the accent colour. who: a name above it, or ""."""

    text: str
    mine: bool = False
    who: str = ""
    tag: str = "bubble"

    def strips(self, style: Style, width: int) -> list[Strip]:
        theme, letter = style.theme, style.letter - 1
        pad, name_high = round(letter * 0.7), round(letter * 1.25) if self.who else 0
        lines = wrap(self.text, width * 0.78 - 2 * pad, letter, style.face)
        high, leading = round(len(lines) * letter * LEADING) + pad, letter * LEADING

        def paint(sheet: Sheet, left: int, top: int) -> None:
            inner = max(drawn_width(line, letter, sheet.scale, style.face) for line in lines)
            wide = min(width, math.ceil(inner) + 2 * pad)
            x = left + width - wide if self.mine else left
            if self.who:
                sheet.write(
                    left + width if self.mine else left, top + letter, self.who, letter, face=style.face, bold=True,
                    colour=theme.comment, anchor="rs" if self.mine else "ls", tag="who",
                )  # fmt: skip
            y = top + name_high
            sheet.rounded((x, y, x + wide, y + high), 10, theme.accent if self.mine else theme.panel, "bubble")
            for number, line in enumerate(lines):
                sheet.write(
                    x + pad, y + pad // 2 + number * leading + letter * 1.05, line, letter, face=style.face,
                    colour=theme.on_accent if self.mine else theme.ink, room=inner, tag=f"{self.tag} {number}",
                )  # fmt: skip

        return [Strip(name_high + high, paint), *space(8)]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Finished canvases set into the page, pixel for pixel, up to `across` of them beside each other.

    scale: pixels per design unit of the page they are for, `page(scale=)`. captions: a line above each, or none.
    """

    canvases: Sequence[Canvas]
    scale: float
    captions: Sequence[str] = ()
    across: int = 2

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """(width, height) of each in units of the page."""
        return [(math.ceil(c.pixels[0] / self.scale), math.ceil(c.pixels[1] / self.scale)) for c in self.canvases]

    @property
    def width(self) -> int:
        """What the widest row takes."""
        wide = [size[0] for size in self.sizes]
        rows = [wide[n : n + self.across] for n in range(0, len(wide), self.across)]
        return max(sum(row) + _BESIDE * (len(row) - 1) for row in rows)

    def strips(self, style: Style, width: int) -> list[Strip]:
        if self.width > width:
            raise ValueError(f"pictures {self.width} units wide do not fit on {width}; widen the page")
        caption = round(style.letter * LEADING) if self.captions else 0
        return [
            Strip(
                caption + max(high for _, high in self.sizes[first : first + self.across]) + 10,
                self._painter(style, width, first, caption),
            )
            for first in range(0, len(self.canvases), self.across)
        ]

    def _painter(self, style: Style, width: int, first: int, caption: int) -> Callable[[Sheet, int, int], None]:
        sizes = self.sizes[first : first + self.across]

        def paint(sheet: Sheet, left: int, top: int) -> None:
            x = left + (width - sum(wide for wide, _ in sizes) - _BESIDE * (len(sizes) - 1)) // 2
            for place, (wide, _) in enumerate(sizes, first):
                if caption:
                    sheet.write(
                        x, top + style.letter, self.captions[place], style.letter - 1, face=style.face, bold=True,
                        colour=style.theme.ink, room=wide, tag=f"caption {place}",
                    )  # fmt: skip
                sheet.paste(self.canvases[place], x, top + caption)
                x += wide + _BESIDE

        return paint


def blank(sheet: Sheet, left: int, top: int) -> None:
    """An empty line."""


def space(height: int) -> list[Strip]:
    return [Strip(height, blank)] if height else []
