"""Look values up in tables, filter rows and add up.

The answer is drawn first, and uniformly; the asked cells are then split from it. It is never printed in the table.
Level 0 and 1: digits in a 4 x 4 grid with letters as headings. Levels 2 to 4: ledgers with types, amounts, regions; at
levels 3 and 4 the prices are sometimes in a second table, which is a picture of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from data_synth.answers import Answer
from data_synth.families.charts.table_figure import draw_digits, draw_ledgers, printed, printed_prices
from data_synth.families.charts.table_words import ASK, COST, QTY, explain_digits, explain_ledger
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import PLAIN_STYLE, pick_look
from data_synth.rng import Rng

ITEMS = (
    "apple", "bag", "ball", "bell", "boat", "book", "bowl", "box", "brush", "cable", "candle", "chair", "clock",
    "coat", "cup", "desk", "drum", "fan", "fork", "glove", "hammer", "hat", "jar", "kettle", "key", "kite", "knife",
    "ladder", "lamp", "lock", "map", "mirror", "mug", "nail", "net", "oven", "pan", "pen", "pillow", "plate", "rope",
    "rug", "saw", "scarf", "shoe", "sofa", "spoon", "stool", "table", "tent", "torch", "towel", "tray", "vase", "wheel",
)  # fmt: skip
TYPES = ("home", "garden", "office", "sport", "travel", "music")
REGIONS = ("north", "south", "east", "west")
COLUMN_LETTERS, ROW_LETTERS = "ABCDEFGH", "KLMNPRSTVW"
ROWS = {2: (5, 7), 3: (6, 9), 4: (9, 12)}
PICKED = {2: (2, 4), 3: (2, 3), 4: (2, 4)}  # rows that the filter keeps
DIGIT_TOTALS = (7, 23)  # of three digits: for any two of these there is a digit that both rows can hold
TOTALS = {2: (30, 180), 3: (100, 1200), 4: (200, 2400)}
FIELDS = {
    2: ("item", "type", "qty"),
    3: ("item", "type", "qty", "price"),
    4: ("item", "type", "region", "qty", "price"),
}
JOINED = 0.3  # of the items of levels 3 and 4: prices are in a second table


_JOINED = "The cost of a row is its qty in image 1 times the price of its item in image 2."


def _filter(scene: Scene, *, where: dict[str, str]) -> list[int]:
    return [place for place, row in enumerate(scene["rows"]) if all(row[key] == value for key, value in where.items())]


def _cost(scene: Scene, rows: list[int], *, by_price: bool) -> list[int]:
    table = scene["rows"]
    return [table[place]["qty"] * (table[place]["price"] if by_price else 1) for place in rows]


class TableLookup:
    """Look up, filter and add up."""

    name = "table_lookup"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "cell": Op(lambda scene, *, row, column: scene["digits"][row][column], (), "integer"),
        "row_total": Op(lambda scene, *, row: sum(scene["digits"][row]), (), "integer"),
        "column_total": Op(lambda scene, *, column: sum(row[column] for row in scene["digits"]), (), "integer"),
        "filter": Op(_filter, (), "rows"),
        "amounts": Op(_cost, ("rows",), "integers"),
        "total": Op(lambda scene, amounts: sum(amounts), ("integers",), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        return _digit_parts(rng, level) if level < 2 else _ledger_parts(rng, level)

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_digits(item.scene, size)] if item.level < 2 else draw_ledgers(item.scene, size)

    def solve_again(self, item: Item) -> Any:
        """Work on the table as it is printed: cells of text by their headings."""
        lines = printed(item.scene)
        if item.level > 1:
            return _solve_ledger(item.scene, lines)
        cells = {(line[0], lines[0][n]): int(line[n]) for line in lines[1:] for n in range(1, len(line))}
        if item.scene["form"] == "totals":
            row, column = item.scene["asked"]
            across = sum(value for (name, _), value in cells.items() if name == row)
            return across, sum(value for (_, name), value in cells.items() if name == column)
        values = [cells[row, column] for row, column in item.scene["asked"]]
        if item.scene["form"] == "tuple":
            return tuple(values)
        return values[0] * item.scene["weights"][0] + values[1] * item.scene["weights"][1]

    def explain(self, item: Item, variant: int) -> list[str]:
        return (explain_digits if item.level < 2 else explain_ledger)(item, variant)


def _digit_parts(rng: Rng, level: int) -> Parts:
    """Level 0: three cells, or a weighted sum of two. Level 1: totals of a row and of a column, or a sum."""
    form = rng.choice(("tuple", "sum") if level == 0 else ("totals", "totals", "sum"))
    columns, rows = rng.sample(COLUMN_LETTERS, 3), rng.sample(ROW_LETTERS, 3)
    digits = [[rng.between(1, 9) for _ in range(3)] for _ in range(3)]
    scene: Scene = {"digits": digits, "column_names": columns, "row_names": rows, "form": form, "style": PLAIN_STYLE}
    places = [divmod(place, 3) for place in rng.sample(range(9), 3 if form == "tuple" else 2)]
    program = Program(TableLookup.ops, scene)
    if form == "totals":
        (row, column), *_ = places
        _set_totals(rng, digits, row, column)
        scene |= {"asked": [rows[row], columns[column]], "weights": []}
        program.do("tuple", program.do("row_total", row=row), program.do("column_total", column=column))
        words = [f"the totals of row {rows[row]}", f"of column {columns[column]}"]
    else:
        weights = [rng.between(2, 9), rng.between(2, 9)]
        scene |= {"asked": [[rows[row], columns[column]] for row, column in places]}
        scene |= {"weights": weights if form == "sum" else []}
        words = _ask_cells(rng, program, places)
    return Parts(
        question=rng.choice(ASK[form]).format(*words),
        rules="" if form == "totals" else "{0} {1} means row {0}, column {1}.".format(*scene["asked"][0]),
        form="n" if form == "sum" else "(a, b, c)" if form == "tuple" else "(a, b)",
        answer=Answer("integer" if form == "sum" else "tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"rows": 3, "columns": 3},
        canon=[form, columns, rows, digits, scene["asked"], scene["weights"]],
    )


def _ask_cells(rng: Rng, program: Program, places: list[tuple[int, int]]) -> list[str]:
    """Set the cells so that they, or their weighted sum, are uniform; run the program; returns what is asked."""
    scene, weights = program.scene, program.scene["weights"]
    values = tuple(rng.between(1, 9) for _ in places)
    if weights:
        ways: dict[int, list[tuple[int, int]]] = {}
        for a, b in product(range(1, 10), repeat=2):
            ways.setdefault(a * weights[0] + b * weights[1], []).append((a, b))
        values = rng.choice(ways[rng.choice(sorted(ways))])
    for (row, column), value in zip(places, values, strict=True):
        scene["digits"][row][column] = value
    cells = [program.do("cell", row=row, column=column) for row, column in places]
    words = [f"{row} {column}" for row, column in scene["asked"]]
    if not weights:
        program.do("tuple", *cells)
        return [", ".join(words[:-1]), words[-1]]
    program.do("add", *(program.do("times", cell, by=w) for cell, w in zip(cells, weights, strict=True)))
    return [" + ".join(f"{w} x {word}" for w, word in zip(weights, words, strict=True))]


def _set_totals(rng: Rng, digits: list[list[int]], row: int, column: int) -> None:
    """Give the row and the column totals that are uniform and independent; they share a digit that suits both."""
    totals = rng.between(*DIGIT_TOTALS), rng.between(*DIGIT_TOTALS)
    shared = rng.between(max(1, max(totals) - 18), min(9, min(totals) - 2))
    across, down = (rng.split(total - shared, 2, 1, 9) for total in totals)
    for place in range(3):
        if place != column:
            digits[row][place] = across.pop()
        if place != row:
            digits[place][column] = down.pop()
    digits[row][column] = shared


def _ledger_parts(rng: Rng, level: int) -> Parts | None:
    by_price = "price" in FIELDS[level]
    total = rng.between(*TOTALS[level])
    picked = rng.between(*PICKED[level])
    amounts = _split_cost(rng, total, picked) if by_price else [(n, 0) for n in rng.split(total, picked, 3, 90)]
    if amounts is None:
        return None
    where = {"type": rng.choice(TYPES)} | ({"region": rng.choice(REGIONS)} if level == 4 else {})
    count = max(rng.between(*ROWS[level]), picked + 2)
    rows = [_row(rng, where if n < picked else None, where, level) for n in range(count)]
    for row, (qty, price) in zip(rows, amounts, strict=False):
        row |= {"qty": qty} | ({"price": price} if by_price else {})
    for row, item in zip(rows, rng.sample(ITEMS, count), strict=True):
        row["item"] = item
    rng.shuffle(rows)
    rows = [{field: row[field] for field in FIELDS[level]} for row in rows]
    joined = by_price and rng.chance(JOINED)
    fields = [field for field in FIELDS[level] if field != "price" or not joined]
    scene: Scene = {"rows": rows, "fields": fields, "where": where, "by_price": by_price, "style": pick_look(rng)}
    scene["prices"] = rng.sample([row["item"] for row in rows], count) if joined else []
    if any(str(total) in line for line in printed(scene)):
        return None
    program = Program(TableLookup.ops, scene)
    program.do("total", program.do("amounts", program.do("filter", where=where), by_price=by_price))
    described = f"all rows of type {where['type']}" + (f" in region {where['region']}" if level == 4 else "")
    return Parts(
        question=rng.choice(COST if by_price else QTY).format(described),
        rules=_JOINED if joined else "The cost of a row is qty x price." if by_price else "",
        form="n",
        answer=Answer("integer", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"rows": count, "columns": len(FIELDS[level]), "picked": picked},
        canon=[where, [list(row.values()) for row in rows], scene["prices"]],
        pictures=2 if joined else 1,
    )


def _row(rng: Rng, match: dict[str, str] | None, where: dict[str, str], level: int) -> dict[str, Any]:
    """A row that matches, or one that misses; of two filters, half of the misses match one."""
    row: dict[str, Any] = {"qty": rng.between(2, 90 if level == 2 else 24), "price": rng.between(3, 60)}
    row |= {"type": rng.choice(TYPES), "region": rng.choice(REGIONS)}
    if match:
        return row | match
    wrong = rng.choice(sorted(where))
    others = [value for value in (TYPES if wrong == "type" else REGIONS) if value != where[wrong]]
    if len(where) > 1 and rng.chance(0.5):
        row |= where
    return row | {wrong: rng.choice(others)}


def _split_cost(rng: Rng, total: int, parts: int) -> list[tuple[int, int]] | None:
    """(qty, price) pairs with this total cost; prices 3 .. 99, quantities 2 .. 24."""
    for _ in range(60):
        pairs = [(rng.between(2, 24), rng.between(3, 60)) for _ in range(parts - 1)]
        rest = total - sum(qty * price for qty, price in pairs)
        divisors = [qty for qty in range(2, 25) if rest > 0 and rest % qty == 0 and 3 <= rest // qty <= 99]
        if divisors:
            qty = rng.choice(divisors)
            return [*pairs, (qty, rest // qty)]
    return None


def _solve_ledger(scene: Scene, lines: list[list[str]]) -> int:
    at = {field: n for n, field in enumerate(lines[0])}
    total, prices = 0, dict(printed_prices(scene))
    for line in lines[1:]:
        if line[at["type"]] == scene["where"]["type"]:
            if "region" not in scene["where"] or line[at["region"]] == scene["where"]["region"]:
                price = line[at["price"]] if "price" in at else prices.get(line[at["item"]], "1")
                total += int(line[at["qty"]]) * int(price)
    return total
