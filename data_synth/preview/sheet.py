"""A contact sheet: one picture that shows a family at a glance, levels from top to bottom, at true pixels."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from data_synth.item import Item
from data_synth.preview.choose import prompt_text, shown_modality
from data_synth.render.fonts import font, has_glyph
from data_synth.render.palette import FAINT, INK, PAPER, Colour

MARGIN, GAP, COLUMNS = 40, 28, 4  # pixels round the sheet and between cells; cells of one picture side by side
LETTER, LEADING, SMALL, TITLE, HEADING = 16, 22, 14, 34, 58
MOST_LINES = 26  # of a question; the page has the rest
FACE = "roboto"
SOFT: Colour = (102, 107, 113)
GOLD: Colour = (0, 104, 78)

Text = tuple[str, Colour, bool]  # a line, its colour, whether it is bold


class Cell:
    """One item as it stands on the sheet: its pictures side by side, up to COLUMNS of them, then lines of text."""

    def __init__(self, item: Item, modality: str, size: int) -> None:
        self.item = item
        self.modality = modality
        self.pictures = item.images(modality, size)
        self.wide = 0
        self.rows: list[list[Image.Image]] = []
        self.lines: list[Text] = []

    def fit(self, column: int) -> None:
        """Set pictures and text for columns of so many pixels; a picture that is wider is shrunk."""
        fitted = [_narrowed(picture, column) for picture in self.pictures]
        self.rows = [fitted[start : start + COLUMNS] for start in range(0, len(fitted), COLUMNS)]
        span = len(self.rows[0]) if self.rows else 1
        self.wide = span * column + (span - 1) * GAP
        question = wrapped(prompt_text(self.item, self.modality), self.wide)
        if len(question) > MOST_LINES:
            question = [*question[:MOST_LINES], "..."]
        gold = wrapped(self.item.answer.surface, self.wide, bold=True)
        self.lines = [(f"item {self.item.index}, {self.modality}", SOFT, False)]
        self.lines += [(line, INK, False) for line in question] + [(line, GOLD, True) for line in gold]

    @property
    def picture_height(self) -> int:
        heights = [max(picture.height for picture in row) for row in self.rows]
        return sum(heights) + GAP * max(0, len(heights) - 1)

    def draw(self, sheet: Image.Image, left: int, top: int, text_top: int) -> None:
        """Draw into the sheet, pictures from `top` on, text from `text_top` on."""
        pen = ImageDraw.Draw(sheet)
        for row in self.rows:
            x = left
            for picture in row:
                pen.rectangle((x - 1, top - 1, x + picture.width, top + picture.height), outline=FAINT)
                sheet.paste(picture, (x, top))
                x += picture.width + GAP
            top += max(picture.height for picture in row) + GAP
        for number, (line, colour, bold) in enumerate(self.lines):
            letters = SMALL if number == 0 else LETTER
            pen.text((left, text_top + number * LEADING), line, colour, font(letters, FACE, bold))


def contact_sheet(title: str, subtitle: str, rows: Sequence[tuple[str, Sequence[Item]]], size: int) -> Image.Image:
    """Rows of items, each with a heading; the last of a row is shown as one of its twins.

    size: longer side of the pictures, pixels. Pages with much text are larger, and the columns then are too.
    """
    drawn = [(heading, _cells(items, turn, size)) for turn, (heading, items) in enumerate(rows, 1)]
    clean = [cell for _, row in drawn for cell in row if cell.modality == shown_modality(cell.item)]
    column = max([size, *(picture.width for cell in clean for picture in cell.pictures)])
    total = COLUMNS * column + (COLUMNS - 1) * GAP
    sections = [(heading, _lines(row, column, total)) for heading, row in drawn]
    height = 2 * MARGIN + 2 * TITLE + sum(HEADING + sum(map(_height, lines)) for _, lines in sections)
    sheet = Image.new("RGB", (total + 2 * MARGIN, height), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((MARGIN, MARGIN), title, INK, font(TITLE, FACE, True))
    pen.text((MARGIN, MARGIN + TITLE + 8), plain(subtitle), SOFT, font(LETTER, FACE))
    top = MARGIN + 2 * TITLE
    for heading, lines in sections:
        pen.line((MARGIN, top + GAP // 2, total + MARGIN, top + GAP // 2), FAINT, 1)
        pen.text((MARGIN, top + GAP // 2 + 8), heading, INK, font(20, FACE, True))
        top += HEADING
        for cells in lines:
            _draw_line(sheet, cells, top)
            top += _height(cells)
    return sheet


def _height(cells: Sequence[Cell]) -> int:
    """Pixels that a line of cells takes, with the gap below."""
    return max(c.picture_height for c in cells) + 10 + max(len(c.lines) for c in cells) * LEADING + GAP


def _narrowed(picture: Image.Image, wide: int) -> Image.Image:
    if picture.width <= wide:
        return picture
    return picture.resize((wide, max(1, round(picture.height * wide / picture.width))))


def _cells(items: Sequence[Item], turn: int, size: int) -> list[Cell]:
    last = len(items) - 1
    return [
        Cell(item, shown_modality(item, turn if 0 < place == last else 0), size) for place, item in enumerate(items)
    ]


def _lines(cells: Sequence[Cell], column: int, total: int) -> list[list[Cell]]:
    """Cells laid out in lines; items of several pictures take as many columns."""
    lines: list[list[Cell]] = [[]]
    for cell in cells:
        cell.fit(column)
        if lines[-1] and sum(other.wide + GAP for other in lines[-1]) + cell.wide > total:
            lines.append([])
        lines[-1].append(cell)
    return lines


def _draw_line(sheet: Image.Image, cells: Sequence[Cell], top: int) -> None:
    left = MARGIN
    below = top + max(cell.picture_height for cell in cells) + 10
    for cell in cells:
        cell.draw(sheet, left, top, below)
        left += cell.wide + GAP


def plain(text: str) -> str:
    """The text with characters that the sheet's font lacks as their codes, so that none is an empty box."""
    return "".join(c if c == "\n" or has_glyph(c, FACE) else f"<U+{ord(c):04X}>" for c in text)


def wrapped(text: str, width: int, bold: bool = False) -> list[str]:
    """Lines of at most `width` pixels; line breaks and indents are kept, long words are cut."""
    letters = font(LETTER, FACE, bold)
    lines: list[str] = []
    for paragraph in plain(text).split("\n"):
        line = ""
        for word in _pieces(paragraph):
            if line.strip() and letters.getlength(line + word) > width:
                lines.append(line.rstrip())
                line, word = "", word.lstrip()
            line += word
            while letters.getlength(line) > width:
                cut = next(n for n in range(len(line), 0, -1) if n == 1 or letters.getlength(line[:n]) <= width)
                lines.append(line[:cut])
                line = line[cut:]
        lines.append(line.rstrip())
    return lines


def _pieces(paragraph: str) -> list[str]:
    """Words, each with the spaces before it."""
    pieces: list[str] = []
    for word in paragraph.split(" "):
        pieces.append(f" {word}" if pieces else word)
    return pieces
