"""Tables and lines with two ends, each row a strip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data_synth.render.blocks import Strip, space
from data_synth.render.glyphs import text_width
from data_synth.render.sheet import Sheet
from data_synth.render.style import Style


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. header: the first row stands bold on a panel. align: a letter l, c or r for each column.

    Cells are set on one line each. stretch: as wide as the page, all columns but a first one of numbers growing alike.
    Tags: `cell ROW COLUMN`. Raises ValueError if it is wider than the page.
    """

    rows: Sequence[Sequence[str]]
    align: str
    header: bool = True
    lines: str = "rows"  # or grid, none
    letter: int = 0
    mono: bool = False
    stretch: bool = True
    gap: int = 8

    def strips(self, style: Style, width: int) -> list[Strip]:
        letter, face = self.letter or style.letter - 1, style.mono if self.mono else style.face
        if any(len(row) != len(self.align) for row in self.rows):
            raise ValueError(f"every row of a table needs {len(self.align)} cells (align is {self.align!r})")
        pad = round(letter * 0.55)
        wide = [
            max(text_width(row[n], letter, face, self.header and r == 0) for r, row in enumerate(self.rows))
            + 2 * pad
            + 2
            for n in range(len(self.align))
        ]
        if sum(wide) > width:
            raise ValueError(
                f"the table is {round(sum(wide))} units wide, the page has {width}; shorten cells or widen it"
            )
        if self.stretch:
            first = 1 if self.align[0] == "r" and len(wide) > 1 else 0
            spare = (width - sum(wide)) / (len(wide) - first)
            wide[first:] = [column + spare for column in wide[first:]]
        edges = [round(sum(wide[:n])) for n in range(len(wide) + 1)]
        high = round(letter * 1.65)
        return [
            Strip(high, self._painter(style, row, number, edges, pad, letter, face, high))
            for number, row in enumerate(self.rows)
        ] + space(self.gap)

    def _painter(
        self,
        style: Style,
        row: Sequence[str],
        number: int,
        edges: list[int],
        pad: int,
        letter: int,
        face: str,
        high: int,
    ) -> Callable[[Sheet, int, int], None]:
        theme, head = style.theme, self.header and number == 0

        def paint(sheet: Sheet, left: int, top: int) -> None:
            if head:
                sheet.rectangle((left, top, left + edges[-1], top + high), theme.panel, tag="panel")
            for column, text in enumerate(row):
                start, end = left + edges[column] + pad, left + edges[column + 1] - pad
                x, anchor = {"l": (start, "ls"), "c": ((start + end) / 2, "ms"), "r": (end, "rs")}[self.align[column]]
                if text:
                    sheet.write(
                        x, top + round(high * 0.69), text, letter, face=face, bold=head, colour=theme.ink,
                        anchor=anchor, room=end - start + 2, tag=f"cell {number} {column}",
                    )  # fmt: skip
            if self.lines != "none":
                line = theme.ink if head else theme.faint
                sheet.line([(left, top + high), (left + edges[-1], top + high)], line, 1, "rule")
            if self.lines == "grid":
                if number == 0:
                    sheet.line([(left, top), (left + edges[-1], top)], theme.faint, 1, "rule")
                for edge in edges:
                    sheet.line([(left + edge, top), (left + edge, top + high)], theme.faint, 1, "rule")

        return paint


@dataclass(frozen=True, slots=True)
class Pairs:
    """Lines with something on the left and something on the right, as on receipts. bold: numbers of bold lines.

    inset: free space at both ends, to stand in line with the cells of a table.
    """

    rows: Sequence[tuple[str, str]]
    bold: tuple[int, ...] = ()
    letter: int = 0
    mono: bool = False
    dots: bool = False
    inset: int = 0
    gap: int = 4

    def strips(self, style: Style, width: int) -> list[Strip]:
        letter, face = self.letter or style.letter - 1, style.mono if self.mono else style.face
        high = round(letter * 1.45)
        out = []
        for number, (left_text, right_text) in enumerate(self.rows):
            bold = number in self.bold
            wide = [text_width(text, letter, face, bold) for text in (left_text, right_text)]
            if sum(wide) + letter > width - 2 * self.inset:
                raise ValueError(
                    f"{left_text!r} and {right_text!r} do not fit on a line of {width} units; widen the page"
                )
            out.append(Strip(high, self._painter(style, number, wide, letter, face, bold, width)))
        return out + space(self.gap)

    def _painter(
        self, style: Style, number: int, wide: list[float], letter: int, face: str, bold: bool, width: int
    ) -> Callable[[Sheet, int, int], None]:
        left_text, right_text = self.rows[number]

        def paint(sheet: Sheet, left: int, top: int) -> None:
            base, edges = top + round(letter * 1.1), (left + self.inset, left + width - self.inset)
            for x, text, anchor, side in ((edges[0], left_text, "ls", "left"), (edges[1], right_text, "rs", "right")):
                if text:
                    sheet.write(
                        x, base, text, letter, face=face, bold=bold, colour=style.theme.ink, anchor=anchor,
                        room=wide[side == "right"] + letter / 3, tag=f"{side} {number}",
                    )  # fmt: skip
            start, end = edges[0] + round(wide[0]) + 6, edges[1] - round(wide[1]) - 6
            for x in range(start, end - 1, 5) if self.dots else ():
                sheet.line([(x, base), (x + 1, base)], style.theme.faint, 1, "dots")

        return paint
