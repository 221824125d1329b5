"""Drawings of tables: digits in a grid, or a ledger with headings, with its prices in a second table or without."""

from __future__ import annotations

from data_synth.layout import SIDE
from data_synth.program import Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import FAINT, INK
from data_synth.render.style import figure_look

NUMBERS = ("qty", "price")
EDGE, LETTER = 16, 15  # left edge of the table, font size
ENDS = {  # where each column ends, by the fields
    ("item", "type", "qty"): (150, 280, 368),
    ("item", "type", "qty", "price"): (128, 228, 296, 368),
    ("item", "type", "region", "qty"): (124, 216, 308, 368),
    ("item", "type", "region", "qty", "price"): (96, 176, 256, 312, 368),
    ("item", "price"): (130, 224),
}


def printed(scene: Scene) -> list[list[str]]:
    """The table as lines of printed cells, headings first."""
    if "digits" in scene:
        body = [[name, *map(str, row)] for name, row in zip(scene["row_names"], scene["digits"], strict=True)]
        return [["", *scene["column_names"]], *body]
    return [list(scene["fields"]), *([str(row[field]) for field in scene["fields"]] for row in scene["rows"])]


def draw_digits(scene: Scene, size: int) -> Canvas:
    """One character per cell of a 4 x 4 grid; the headings stand on grey."""
    canvas, cell = Canvas(SIDE, SIDE, size, figure_look(scene)), SIDE // 4
    canvas.rectangle((0, 0, SIDE, cell), FAINT, tag="heading")
    canvas.rectangle((0, 0, cell, SIDE), FAINT, tag="names")
    for row, line in enumerate(printed(scene)):
        for column, text in enumerate(line):
            if text:
                x, y = column * cell + cell // 2, row * cell + cell // 2 + 30
                canvas.text(x, y, text, 84, anchor="ms", tag=f"cell {row} {column}")
    return canvas


def printed_prices(scene: Scene) -> list[list[str]]:
    """The second table as lines of printed cells, without headings; none where there is no such table."""
    prices = {row["item"]: row.get("price") for row in scene["rows"]}
    return [[item, str(prices[item])] for item in scene["prices"]]


def draw_ledgers(scene: Scene, size: int) -> list[Canvas]:
    """The ledger, and the list of prices if they are not in it."""
    tables = [printed(scene)]
    if scene["prices"]:
        tables.append([["item", "price"], *printed_prices(scene)])
    return [_draw_ledger(lines, scene, size) for lines in tables]


def _draw_ledger(lines: list[list[str]], scene: Scene, size: int) -> Canvas:
    """Headings on grey, a rule under each row; words to the left, numbers to the right."""
    high, ends = 28, ENDS[tuple(lines[0])]
    width, height = ends[-1] + EDGE, max(SIDE // 2, 2 * EDGE + high * len(lines))
    canvas = Canvas(width, height, size, figure_look(scene))
    top = (height - high * len(lines)) // 2
    starts = (EDGE, *ends)
    canvas.rectangle((EDGE, top, ends[-1], top + high), FAINT, tag="heading")
    for number, line in enumerate(lines):
        y = top + number * high
        for column, text in enumerate(line):
            right = lines[0][column] in NUMBERS
            x = starts[column + 1] - 8 if right else starts[column] + 8
            canvas.text(x, y + high // 2, text, LETTER, "rm" if right else "lm", tag=f"cell {number} {column}")
        canvas.line([(EDGE, y + high), (ends[-1], y + high)], FAINT if number else INK, 1, "rule")
    return canvas
