"""Patterns against rules written out again, and against the pixels of the pictures."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from data_synth import FAMILIES, Item, make, replay, solve_again
from data_synth.families.grids.number_chain import candidates
from data_synth.families.grids.odd_tile import COLUMNS, ROWS
from data_synth.families.grids.pattern_matrix import Table, completed
from data_synth.families.grids.patterns import Patterns
from data_synth.families.grids.tile_pattern import described
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS

LEVELS = range(5)


@pytest.fixture(autouse=True)
def _listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "patterns", Patterns())


def items(level: int, kind: str) -> list[Item]:
    return [item for item in (make("patterns", level, n) for n in range(240)) if item.scene["kind"] == kind]


def drawing(item: Item) -> Canvas:
    (canvas,) = FAMILIES["patterns"].draw(item, 768)
    return canvas


def filled(item: Item) -> list[Any]:
    """The rows of tiles of a matrix, or the tiles of a sequence, with the answer put in."""
    tiles = item.scene["tiles"]
    names = item.scene.get("periods") or [name for name, *_ in item.scene["rules"]]
    answer = dict(zip(names, item.answer.value, strict=True))
    if item.scene["kind"] == "sequence":
        return [tile or answer for tile in tiles]
    return [[tile or answer for tile in row] for row in tiles]


@pytest.mark.parametrize("level", LEVELS)
def test_two_methods_agree(level: int) -> None:
    for item in (make("patterns", level, n) for n in range(200)):
        assert solve_again(item) == replay(item) == item.answer.value, item.id


def follows_some_rule(lines: list[list[Any]]) -> bool:
    """The rules as the question states them, for three lines of three values."""
    if all(len(set(line)) == 1 for line in lines):
        return True
    if len({frozenset(line) for line in lines}) == 1 and len(set(lines[0])) == 3:
        return True
    if isinstance(lines[0][0], str):
        return False
    steps = {b - a for line in lines for a, b in zip(line, line[1:], strict=False)}
    return len(steps) == 1 or len({c - a - b for a, b, c in lines} | {0}) == 1 or all(a == b + c for a, b, c in lines)


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_one_value_alone_completes_a_matrix(level: int) -> None:
    for item in items(level, "matrix"):
        tiles, (row, column) = filled(item), item.scene["missing"]
        for (name, *_), answer in zip(item.scene["rules"], item.answer.value, strict=True):
            pool = range(20) if name == "number" else {tile[name] for line in tiles for tile in line}
            fits = []
            for value in pool:
                table = [[tile[name] for tile in line] for line in tiles]
                table[row][column] = value
                turned = [list(line) for line in zip(*table, strict=True)]
                if follows_some_rule(table) or (level == 4 and follows_some_rule(turned)):
                    fits.append(value)
            sums_allowed = level >= 2  # at level 1 sums are no rule, so more may fit here
            assert answer in fits
            assert fits == [answer] or not sums_allowed, (item.id, name, fits)


def test_rules_complete_a_line_from_any_place() -> None:
    tables: dict[str, Table] = {
        "step": [[1, 3, 5], [2, 4, 6], [4, 6, 8]],
        "sum": [[1, 3, 4], [2, 4, 6], [3, 2, 5]],
        "difference": [[4, 3, 1], [6, 4, 2], [5, 2, 3]],
        "same": [["red"] * 3, ["blue"] * 3, ["grey"] * 3],
        "set": [["red", "blue", "grey"], ["blue", "red", "grey"], ["grey", "red", "blue"]],
    }
    for rule, table in tables.items():
        turned = [list(column) for column in zip(*table, strict=True)]
        for row, column in product(range(3), range(3)):
            assert completed(table, (row, column), rule, "rows") == table[row][column]
            assert completed(turned, (column, row), rule, "columns") == table[row][column]


@pytest.mark.parametrize("kind", ["matrix", "sequence"])
@pytest.mark.parametrize("level", LEVELS)
def test_tiles_show_their_number_colour_and_size(level: int, kind: str) -> None:
    widths = {"small": 18, "medium": 26, "large": 35}
    for item in items(level, kind)[:12]:
        canvas = drawing(item)
        picture, columns = canvas.image(), item.scene.get("columns", len(item.scene["tiles"]))
        flat = item.scene["tiles"] if kind == "sequence" else [t for row in item.scene["tiles"] for t in row]
        for place, tile in enumerate(flat):
            tag = f"shape {place // columns} {place % columns}"
            boxes = [mark.box for mark in canvas.marks if mark.tag == tag]
            assert len(boxes) == (tile["number"] if tile else 0)
            for left, top, right, bottom in boxes:
                middle = round((left + right) / 2 * canvas.scale), round((top + bottom) / 2 * canvas.scale)
                assert picture.getpixel(middle) == canvas.shade(COLOURS[tile["colour"]])
                assert abs(right - left - widths[tile["size"]]) <= 5


@pytest.mark.parametrize("level", LEVELS)
def test_sequences_repeat_with_their_periods(level: int) -> None:
    for item in items(level, "sequence"):
        tiles = filled(item)
        for name, period in item.scene["periods"].items():
            values = [tile[name] for tile in tiles]
            assert values[period:] == values[:-period]
            assert 2 * period <= len(values)


def test_sizes_are_asked_only_where_all_three_are_seen() -> None:
    for level in (3, 4):
        for kind in ("matrix", "sequence"):
            for item in items(level, kind):
                tiles = item.scene["tiles"]
                flat = tiles if kind == "sequence" else [tile for row in tiles for tile in row]
                if "size" in item.form:
                    assert {tile["size"] for tile in flat if tile} == {"small", "medium", "large"}


def test_chains_are_continued_by_every_rule_that_fits() -> None:
    assert candidates([2, 5, 8, 11, 14, None], 0) == {17}
    assert candidates([1, 2, 4, 7, 11, None], 1) == {16}
    assert candidates([3, 7, 15, 31, None, 127], 2) == {63}
    assert candidates([1, 1, 2, 3, 5, 8, None], 3) == {13}
    assert candidates([2, 4, 8, 16, 33, None], 2) == set()


@pytest.mark.parametrize("level", [2, 3, 4])
def test_tables_are_solved_by_elimination(level: int) -> None:
    for item in items(level, "table"):
        (a, b, c), (d, e, f), (g, h, _), (i, _, k), (_, m, n) = item.scene["rows"]
        q = (f - Fraction(d, a) * c) / (e - Fraction(d, a) * b)
        p = (c - q * b) / a
        assert item.answer.value == (p * g + q * h, (k - p * i) / q, (n - q * m) / p), item.id


@pytest.mark.parametrize("level", LEVELS)
def test_grids_show_the_looks_of_their_tiles(level: int) -> None:
    for item in items(level, "odd")[:10]:
        canvas = drawing(item)
        picture, looks = canvas.image(), item.scene["looks"]
        widths: dict[str, list[float]] = {"small": [], "medium": [], "large": []}
        for mark in canvas.marks:
            if mark.tag.startswith("shape"):
                row, column = map(int, mark.tag.split()[1:])
                left, top, right, bottom = mark.box
                middle = round((left + right) / 2 * canvas.scale), round((top + bottom) / 2 * canvas.scale)
                assert picture.getpixel(middle) == canvas.shade(COLOURS[looks["colour"][row][column]])
                widths[looks["size"][row][column]].append(right - left)
        assert sum(map(len, widths.values())) == ROWS * COLUMNS
        for one, next_ in (("small", "medium"), ("medium", "large")):
            assert max(widths[one], default=0) + 4 <= min(widths[next_], default=99)


@pytest.mark.parametrize("level", [0, 1])
def test_the_odd_tile_differs_from_all_others_in_its_row_or_column(level: int) -> None:
    for item in items(level, "odd"):
        row, column, look = item.answer.value
        table = item.scene["looks"][look]
        along = [table[row - 1], [line[column - 1] for line in table]]
        own = table[row - 1][column - 1]
        assert any(line.count(own) == 1 and len(set(line)) == 2 for line in along), item.id


def test_words_for_tiles_are_english() -> None:
    tile = {"number": 3, "size": "small", "colour": "red", "shape": "cross"}
    assert described(tile) == "3 small red crosses"
    assert described(tile, ("number", "size", "colour")) == "3 small red shapes"
    assert described(tile | {"number": 1}, ("number", "shape")) == "1 cross"
