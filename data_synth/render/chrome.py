"""What surrounds a page on a screen: a browser, a terminal, a chat, an exam, an editor; or the edge of a paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data_synth.render.glyphs import text_width
from data_synth.render.palette import Colour
from data_synth.render.sheet import Sheet
from data_synth.render.style import Style

_LIGHTS: tuple[Colour, ...] = ((236, 98, 88), (244, 190, 60), (84, 196, 90))
_BAR: Colour = (58, 62, 72)
_ON_BAR: Colour = (236, 238, 242)


@dataclass(frozen=True, slots=True)
class Frame:
    """top, bottom: heights of its bars; margin: free space around the text (design units).

    paint(sheet, style, title) draws it. centred: text shorter than the page stands in its middle.
    """

    top: int
    bottom: int
    margin: int
    paint: Callable[[Sheet, Style, str], None]
    centred: bool = False


def _nothing(sheet: Sheet, style: Style, title: str) -> None:
    """Plain paper."""


def _title(
    sheet: Sheet, style: Style, title: str, x: int, y: int, room: int, colour: Colour, bold: bool = False
) -> None:
    """A title on a bar, shortened to its room: it is no part of the question."""
    letter = 15
    while title and text_width(title, letter, style.face, bold) > room:
        title = title[:-1].rstrip()
    if title:
        sheet.write(x, y, title, letter, face=style.face, bold=bold, colour=colour, anchor="lm", room=room, tag="title")


def _border(sheet: Sheet, colour: Colour) -> None:
    right, bottom = sheet.width - 1, sheet.height - 1
    sheet.line([(0, 0), (right, 0), (right, bottom), (0, bottom), (0, 0)], colour, 1, "border")


def _paper(sheet: Sheet, style: Style, title: str) -> None:
    sheet.rectangle((6, 6, sheet.width - 6, sheet.height - 6), style.theme.paper, style.theme.faint, 1, "border")


def _browser(sheet: Sheet, style: Style, title: str) -> None:
    theme, wide = style.theme, sheet.width
    sheet.rectangle((0, 0, wide, 28), theme.faint, tag="bar")
    sheet.rounded((10, 6, 170, 34), 6, theme.panel, "tab")
    _title(sheet, style, title or "New tab", 22, 18, 136, theme.ink)
    sheet.rectangle((0, 28, wide, 54), theme.panel, tag="bar")
    sheet.line([(22, 36), (17, 41), (22, 46)], theme.ink, 2, "back")
    sheet.line([(38, 36), (43, 41), (38, 46)], theme.faint, 2, "forward")
    sheet.rounded((56, 32, wide - 14, 50), 9, theme.paper, "address")
    _title(sheet, style, "https://lesson.example.org/task", 68, 41, wide - 96, theme.comment)
    sheet.line([(0, 54), (wide, 54)], theme.faint, 1, "rule")


def _lights(sheet: Sheet, y: int) -> None:
    for place, colour in enumerate(_LIGHTS):
        sheet.ellipse((12 + 16 * place, y - 5, 22 + 16 * place, y + 5), colour, tag="light")


def _terminal(sheet: Sheet, style: Style, title: str) -> None:
    sheet.rectangle((0, 0, sheet.width, 28), _BAR, tag="bar")
    _lights(sheet, 14)
    _title(sheet, style, title or "terminal", 70, 14, sheet.width - 90, _ON_BAR)


def _editor(sheet: Sheet, style: Style, title: str) -> None:
    theme = style.theme
    sheet.rectangle((0, 0, sheet.width, 28), theme.faint, tag="bar")
    sheet.rectangle((0, 0, 170, 28), theme.paper, tag="tab")
    sheet.rectangle((0, 0, 170, 3), theme.accent, tag="tab")
    _title(sheet, style, title or "untitled", 12, 16, 148, theme.ink)


def _chat(sheet: Sheet, style: Style, title: str) -> None:
    theme, name = style.theme, title or "Group"
    sheet.rectangle((0, 0, sheet.width, 42), theme.panel, tag="bar")
    sheet.ellipse((12, 7, 40, 35), theme.accent, tag="avatar")
    initial = name[0].upper()
    sheet.write(26, 21, initial, 16, face=style.face, bold=True, colour=theme.on_accent, anchor="mm", tag="initial")
    _title(sheet, style, name, 50, 21, sheet.width - 70, theme.ink, bold=True)
    sheet.line([(0, 42), (sheet.width, 42)], theme.faint, 1, "rule")


def _app(sheet: Sheet, style: Style, title: str) -> None:
    """An exam: a coloured bar with the title, and the buttons below."""
    theme, bottom = style.theme, sheet.height
    sheet.rectangle((0, 0, sheet.width, 34), theme.accent, tag="bar")
    _title(sheet, style, title or "Question", 16, 17, sheet.width - 32, theme.on_accent, bold=True)
    sheet.line([(0, bottom - 40), (sheet.width, bottom - 40)], theme.faint, 1, "rule")
    sheet.rounded((sheet.width - 96, bottom - 32, sheet.width - 16, bottom - 8), 6, theme.accent, "button")
    sheet.write(
        sheet.width - 56, bottom - 20, "Submit", 15, face=style.face, bold=True, colour=theme.on_accent, anchor="mm"
    )
    sheet.rounded((16, bottom - 32, 82, bottom - 8), 6, theme.panel, "button")
    sheet.write(49, bottom - 20, "Back", 15, face=style.face, colour=theme.ink, anchor="mm")
    _border(sheet, theme.faint)


FRAMES: dict[str, Frame] = {
    "plain": Frame(0, 0, 22, _nothing, centred=True),
    "paper": Frame(0, 0, 26, _paper, centred=True),
    "browser": Frame(55, 0, 18, _browser),
    "terminal": Frame(28, 0, 12, _terminal),
    "editor": Frame(28, 0, 10, _editor),
    "chat": Frame(43, 0, 14, _chat),
    "app": Frame(34, 40, 18, _app),
}
