"""A board of square cells on a page, with names for its rows and columns."""

from __future__ import annotations

from dataclasses import dataclass

from data_synth.render.canvas import Canvas, Point
from data_synth.render.look import Look
from data_synth.render.palette import INK, PAPER, Colour

SIDE = 384  # design units of the longer side of a page, at most
EDGE, FREE = 30, 14  # width of a margin with names, and of one without
NAME = 15  # text height of names
LINE: Colour = (176, 182, 192)
HEADINGS = ("up", "right", "down", "left")
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))  # (rows, columns) of one step, by heading
_ARROW = ((0, -100), (72, 78), (0, 44), (-72, 78))  # an arrow that points up, in hundredths


@dataclass(frozen=True, slots=True)
class Board:
    """rows x columns cells of this width; (left, top) is the corner of the first. Design units."""

    left: int
    top: int
    cell: int
    rows: int
    columns: int

    @property
    def right(self) -> int:
        return self.left + self.cell * self.columns

    @property
    def bottom(self) -> int:
        return self.top + self.cell * self.rows

    def box(self, row: int, column: int, inset: int = 0) -> tuple[int, int, int, int]:
        left, top = self.left + self.cell * column, self.top + self.cell * row
        return left + inset, top + inset, left + self.cell - inset, top + self.cell - inset

    def centre(self, row: int, column: int) -> Point:
        return self.left + self.cell * column + self.cell // 2, self.top + self.cell * row + self.cell // 2


def cell_name(row: int, column: int) -> str:
    """(1, 2) -> C2: columns are lettered, rows numbered from 1."""
    return f"{chr(ord('A') + column)}{row + 1}"


def page_with_board(
    rows: int, columns: int, size: int, look: Look, margins: tuple[int, int, int, int] = (EDGE, EDGE, FREE, FREE)
) -> tuple[Canvas, Board]:
    """A page with room for a board. margins: left, top, right, bottom."""
    left, top, right, bottom = margins
    cell = min((SIDE - left - right) // columns, (SIDE - top - bottom) // rows)
    canvas = Canvas(left + cell * columns + right, top + cell * rows + bottom, size, look)
    return canvas, Board(left, top, cell, rows, columns)


def draw_board(canvas: Canvas, board: Board, fill: Colour = PAPER) -> None:
    """The empty cells."""
    frame = (board.left, board.top, board.right, board.bottom)
    canvas.rectangle(frame, fill, tag="board")
    for x in range(board.left + board.cell, board.right, board.cell):
        canvas.line([(x, board.top), (x, board.bottom)], LINE, 1, "line")
    for y in range(board.top + board.cell, board.bottom, board.cell):
        canvas.line([(board.left, y), (board.right, y)], LINE, 1, "line")
    draw_frame(canvas, frame)


def draw_frame(canvas: Canvas, box: tuple[int, int, int, int], width: int = 2) -> None:
    canvas.rectangle(box, None, INK, width, "frame")


def draw_names(canvas: Canvas, board: Board, *, letters: bool) -> None:
    """Numbers at the left of the rows; at the top letters or numbers of the columns."""
    for row in range(board.rows):
        canvas.text(board.left - 14, board.centre(row, 0)[1], str(row + 1), NAME, tag=f"row {row + 1}")
    for column in range(board.columns):
        name = chr(ord("A") + column) if letters else str(column + 1)
        canvas.text(board.centre(0, column)[0], board.top - 13, name, NAME, tag=f"column {name}")


def draw_walker(canvas: Canvas, board: Board, state: list[int], colour: Colour, tag: str) -> None:
    """An arrow in a cell; state: row, column, heading."""
    row, column, heading = state
    x, y = board.centre(row, column)
    reach = board.cell * 43 // 100
    points = []
    for dx, dy in _ARROW:
        for _ in range(heading):
            dx, dy = -dy, dx
        points.append((x + dx * reach // 100, y + dy * reach // 100))
    canvas.polygon(points, colour, INK, 2, tag)
