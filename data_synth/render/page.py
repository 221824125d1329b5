"""Pages drawn with Pillow: blocks of text laid out in a window, a terminal, a chat or on plain paper; nothing clipped.

    sheet = page([Heading("Trip"), Paragraph("Ana drives 30 km ...")], style, size=384, frame="browser", title="Trip")

One page grows as tall as its blocks need, within MAX_ASPECT; `pages` flows them on to as many as needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from data_synth.render.blocks import Block, Bubble, Heading, Paragraph, Pictures, Rule, Strip, wrap
from data_synth.render.chrome import FRAMES, Frame
from data_synth.render.glyphs import text_width
from data_synth.render.listing import Code
from data_synth.render.look import Look
from data_synth.render.sheet import Sheet
from data_synth.render.style import Style, pick_style, style_of
from data_synth.render.tables import Pairs, Table

__all__ = [
    "FRAMES", "MAX_ASPECT", "WIDTHS", "Block", "Bubble", "Code", "Heading", "PageTooTallError", "Pairs", "Paragraph",
    "Pictures", "Rule", "Sheet", "Strip", "Style", "Table", "page", "pages", "pick_style", "style_of", "text_width",
    "wrap",
]  # fmt: skip

WIDTHS = (320, 352, 384, 416, 448, 480)  # design units tried for a page without a width
MAX_ASPECT = 2.0  # of a page; what would be taller has to flow on


class PageTooTallError(ValueError):
    """The text needs a page of another shape, or several."""


def page(
    blocks: Sequence[Block],
    style: Style,
    size: int = 384,
    *,
    width: int = 0,
    frame: str = "plain",
    title: str = "",
    scale: float = 0.0,
    grow: bool = False,
) -> Sheet:
    """One page with all the blocks; `size` is its longer side in pixels.

    width: in design units; 0 = the narrowest of WIDTHS that gives a page no taller than wide, so letters stay large.
    frame: a name in FRAMES. scale: pixels per design unit, in place of `size`. grow: a page with much text becomes
    longer than `size` rather than its letters smaller than on the widest of WIDTHS.
    Raises PageTooTallError for text that needs a page of another shape, ValueError for a missing glyph, a table too
    wide for any page, or an unknown frame.
    """
    kind = _frame(frame)
    chosen, strips = (width, _lay_out(kind, blocks, style, width)) if width else _narrowest(kind, blocks, style)
    longest = max(chosen, _height(kind, strips, chosen))
    if grow:
        scale = size / min(longest, WIDTHS[-1])
    return _sheet(kind, strips, style, chosen, scale or size / longest, title)


def pages(
    blocks: Sequence[Block],
    style: Style,
    size: int = 384,
    *,
    width: int = 384,
    height: int = 512,
    frame: str = "plain",
    title: str = "",
) -> list[Sheet]:
    """As many pages of width x height design units as the blocks need; the last is as short as its text.

    Breaks fall between lines, rows and bubbles. Raises ValueError for a single piece taller than a page.
    """
    kind = _frame(frame)
    room = height - kind.top - kind.bottom - 2 * kind.margin
    groups: list[list[Strip]] = [[]]
    for strip in _lay_out(kind, blocks, style, width):
        if strip.height > room:
            raise ValueError(f"a piece {strip.height} units tall does not fit a page of {height}; make the page taller")
        if sum(held.height for held in groups[-1]) + strip.height > room:
            groups.append([])
        groups[-1].append(strip)
    return [_sheet(kind, group, style, width, size / max(width, height), title) for group in groups]


def _frame(name: str) -> Frame:
    if name not in FRAMES:
        raise ValueError(f"a frame is one of {', '.join(FRAMES)}, got {name!r}")
    return FRAMES[name]


def _narrowest(frame: Frame, blocks: Sequence[Block], style: Style) -> tuple[int, list[Strip]]:
    """The first of WIDTHS that the blocks fit without a page taller than wide, else the widest, and their strips."""
    laid: list[tuple[int, list[Strip]]] = []
    refused = ""
    for width in WIDTHS:
        try:
            laid.append((width, _lay_out(frame, blocks, style, width)))
        except ValueError as error:  # too narrow for a table, a picture or a line of code
            refused = str(error)
            continue
        if _height(frame, laid[-1][1], width) <= width:
            break
    if not laid:
        raise ValueError(refused)
    return laid[-1]


def _lay_out(frame: Frame, blocks: Sequence[Block], style: Style, width: int) -> list[Strip]:
    return [strip for block in blocks for strip in block.strips(style, width - 2 * frame.margin)]


def _height(frame: Frame, strips: Sequence[Strip], width: int) -> int:
    """Of the page; at least half its width."""
    return max(frame.top + frame.bottom + 2 * frame.margin + sum(strip.height for strip in strips), width // 2)


def _sheet(frame: Frame, strips: Sequence[Strip], style: Style, width: int, scale: float, title: str) -> Sheet:
    height = _height(frame, strips, width)
    if height > MAX_ASPECT * width:
        raise PageTooTallError(
            f"the text needs a page of {width} x {height} units, the limit is {MAX_ASPECT:g} times the width; "
            "shorten it, widen the page, or flow on with pages()"
        )
    sheet = Sheet(width, height, math.ceil(scale * max(width, height) - 1e-9), Look(style.theme.paper))
    frame.paint(sheet, style, title)
    top = frame.top + frame.margin
    if frame.centred:
        top += (height - 2 * frame.margin - sum(strip.height for strip in strips)) // 2
    for strip in strips:
        strip.paint(sheet, frame.margin, top)
        top += strip.height
    return sheet
