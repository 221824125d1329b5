"""Listings: code with line numbers and colours, each line a strip on a panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data_synth.render.blocks import Strip, space
from data_synth.render.glyphs import STEP, glyphs, text_width, whole_steps
from data_synth.render.highlight import coloured
from data_synth.render.sheet import Sheet
from data_synth.render.style import Style


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of code in the mono font on a panel. first: number of the first line, 0 = no numbers.

    language: python, json, yaml, csv, log, shell or text. mark: number of a line on a darker panel, or 0. wrapped:
    whether a long line goes on below; else it raises ValueError, and a page without a width becomes wider.
    Tags: `code LINE` and `number LINE`, lines from 0.
    """

    text: str
    language: str = "python"
    first: int = 1
    letter: int = 0
    mark: int = 0
    wrapped: bool = False
    gap: int = 8

    def strips(self, style: Style, width: int) -> list[Strip]:
        lines = self.text.split("\n")
        letter = self.letter or style.letter - 1
        advance = text_width("0", letter, style.mono)
        digits = len(str(self.first + len(lines) - 1)) if self.first else 0
        margin = round((digits + 1.5) * advance) if digits else round(advance)
        columns = int((width - margin) / advance) - 1  # as much free on the right as on the left
        longest = max(map(len, lines))
        if columns < (8 if self.wrapped else longest):
            raise ValueError(
                f"a page {width} units wide has room for {max(0, columns)} columns of code in size {letter}, the "
                f"longest line has {longest}; widen the page, or set wrapped"
            )
        grid = _Grid(letter, margin, max(longest, columns) if self.wrapped else longest, width)
        high = round(letter * 1.45)
        out = [Strip(high // 3, _panel(style, width, high // 3))]
        for place, line in enumerate(lines):
            number = str(self.first + place) if self.first else ""
            for tokens in _broken(coloured(line, self.language), columns):
                out.append(Strip(high, self._painter(style, grid, high, number, tokens, place)))
                number = ""
        return [*out, Strip(high // 3, _panel(style, width, high // 3)), *space(self.gap)]

    def _painter(
        self, style: Style, grid: _Grid, high: int, number: str, tokens: list[tuple[str, str]], place: int
    ) -> Callable[[Sheet, int, int], None]:
        theme, marked = style.theme, self.mark > 0 and place == self.mark - max(1, self.first)

        def paint(sheet: Sheet, left: int, top: int) -> None:
            letter, step = grid.at(sheet.scale, style.mono)
            box = (left, top, left + grid.width, top + high)
            sheet.rectangle(box, theme.faint if marked else theme.panel, tag="panel")
            base = top + round(grid.letter * 1.1)
            x: float = left + grid.margin
            if number:
                sheet.write(
                    x - step * 0.8, base, number, letter, face=style.mono, colour=theme.comment, anchor="rs",
                    room=grid.margin, tag=f"number {place}",
                )  # fmt: skip
            for kind, piece in tokens:
                text = piece.strip(" ")
                if text:
                    start = x + (len(piece) - len(piece.lstrip(" "))) * step
                    colour = theme.ink if kind == "plain" else getattr(theme, kind)
                    room = len(text) * step + 1
                    sheet.write(
                        start, base, text, letter, face=style.mono, colour=colour, room=room, tag=f"code {place}"
                    )
                x += len(piece) * step

        return paint


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the characters of a listing stand."""

    letter: int
    margin: int
    columns: int
    width: int

    def at(self, scale: float, mono: str) -> tuple[float, float]:
        """Font size and width of a column in design units, such that a column is a whole number of pixels.

        The font is hinted to whole pixels; it is as large as designed, or as its column allows.
        """
        ratio = text_width("0", 100, mono) / 100
        natural = ratio * self.letter * scale
        pixels = round(natural)
        if pixels * (self.columns + 1) > (self.width - self.margin) * scale:
            pixels = int(natural)
        pixels = max(1, pixels)
        size = whole_steps(min(self.letter * scale, (pixels + 0.45) / ratio))
        while size > STEP and glyphs(size, mono)["0"].advance > pixels:
            size -= STEP
        if glyphs(size, mono)["0"].advance < pixels:
            size += STEP
        return size / scale, pixels / scale


def _panel(style: Style, width: int, high: int) -> Callable[[Sheet, int, int], None]:
    return lambda sheet, left, top: sheet.rectangle(
        (left, top, left + width, top + high), style.theme.panel, tag="panel"
    )


def _broken(tokens: list[tuple[str, str]], columns: int) -> list[list[tuple[str, str]]]:
    """The tokens of a line of code as lines of at most so many columns; at least one."""
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for kind, text in tokens:
        while used + len(text) > columns:
            lines[-1].append((kind, text[: columns - used]))
            text, used = text[columns - used :], 0
            lines.append([])
        if text:
            lines[-1].append((kind, text))
            used += len(text)
    return lines
