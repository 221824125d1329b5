"""Puzzles: exactly one solution by brute force, steps that leave no choice, pictures that show the scene."""

from __future__ import annotations

from itertools import combinations, permutations, product

import pytest

from data_synth import FAMILIES, LEVELS, Item, make
from data_synth.families.grids.board_figure import page_with_board
from data_synth.families.grids.count_clues import Clue, applied, bits_of, deduced, places
from data_synth.families.grids.grid_puzzle import GridPuzzle
from data_synth.families.grids.puzzle_jigsaw import CELL, GAP, LABEL, POSITIONS
from data_synth.families.grids.puzzle_nonogram import narrowed, runs
from data_synth.families.grids.puzzle_sudoku import forced, side_of
from data_synth.render.look import PLAIN
from data_synth.render.palette import COLOURS


@pytest.fixture(autouse=True)
def family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "grid_puzzle", GridPuzzle())


def items(level: int, form: str, count: int = 120) -> list[Item]:
    found = [item for item in (make("grid_puzzle", level, n) for n in range(count)) if item.scene["form"] == form]
    assert found
    return found


def named(row: int, column: int) -> str:
    return "ABCDEFGH"[column] + str(row + 1)


# ----------------------------------------------------------------------------------------------------- unique answers


def full_sudokus(side: int) -> list[str]:
    """All full grids of 4 x 4, by lines that fit."""
    grids: list[tuple[str, ...]] = [()]
    for number in range(side):
        lines = ["".join(line) for line in permutations("1234"[:side])]
        grids = [
            (*grid, line)
            for grid in grids
            for line in lines
            if all(line[c] not in [other[c] for other in grid] for c in range(side))
            and (number % 2 == 0 or all(not set(grid[-1][b : b + 2]) & set(line[b : b + 2]) for b in (0, 2)))
        ]
    return ["".join(grid) for grid in grids]


@pytest.mark.parametrize("level", [0, 1])
def test_one_of_the_288_small_sudokus_fits_the_clues(level: int) -> None:
    grids = full_sudokus(4)
    assert len(grids) == 288
    for item in items(level, "sudoku"):
        clues = item.scene["clues"]
        (grid,) = [g for g in grids if all(c in ("_", d) for c, d in zip(clues, g, strict=True))]
        assert item.answer.value == tuple(int(grid[cell]) for cell in item.scene["asked"].values())


@pytest.mark.parametrize("level", LEVELS)
def test_sudokus_are_full_and_without_repeats_in_the_end(level: int) -> None:
    for item in items(level, "sudoku"):
        grid = item.program[-2].value
        side = side_of(grid)
        rows = [grid[at : at + side] for at in range(0, len(grid), side)]
        columns = ["".join(row[c] for row in rows) for c in range(side)]
        boxes = [
            "".join(rows[2 * r + y][side // 2 * c + x] for y in range(2) for x in range(side // 2))
            for r, c in product(range(side // 2), range(2))
        ]
        assert {"".join(sorted(unit)) for unit in rows + columns + boxes} == {"123456"[:side]}


def test_a_cell_is_forced_only_if_nothing_else_fits() -> None:
    assert forced("12__" + "_" * 12, 2, hidden=False) is None
    assert forced("123_" + "_" * 12, 3, hidden=False) == ("", "4")
    assert forced("____" + "__1_" + "____" + "_1__", 0, hidden=False) is None
    assert forced("____" + "__1_" + "____" + "_1__", 0, hidden=True) == ("row", "1")


def test_a_guessed_sudoku_step_is_an_error() -> None:
    fill = GridPuzzle().ops["sudoku_fill"].run
    assert fill({}, "12_4" + "_" * 12, cell=2) == "1234" + "_" * 12
    with pytest.raises(ValueError, match="is not decided"):
        fill({}, "_" * 16, cell=2)


@pytest.mark.parametrize("level", [2, 3])
def test_one_set_of_mines_fits_the_numbers(level: int) -> None:
    for item in items(level, "mines")[:5]:
        rows = item.scene["map"]
        spots = list(product(range(len(rows)), repeat=2))
        covered = [(r, c) for r, c in spots if rows[r][c] == "x"]
        found = []
        for count in range(len(covered) + 1):
            for mines in map(set, combinations(covered, count)):
                if all(
                    sum(max(abs(r - y), abs(c - x)) == 1 for y, x in mines) == int(rows[r][c])
                    for r, c in spots
                    if rows[r][c] != "x"
                ):
                    found.append(mines)
        (mines,) = found
        assert item.answer.value == tuple(named(r, c) for r, c in sorted(mines))


@pytest.mark.parametrize("level", [2, 3])
def test_one_set_of_tents_keeps_the_rules(level: int) -> None:
    for item in items(level, "tents")[:4]:
        scene, side = item.scene, item.scene["side"]
        trees = [divmod(tree, side) for tree in scene["trees"]]
        rows = [
            list(combinations([c for c in range(side) if (r, c) not in trees], n)) for r, n in enumerate(scene["rows"])
        ]
        found: list[list[tuple[int, int]]] = [[]]
        for number, choices in enumerate(rows):
            found = [
                tents + [(number, c) for c in choice]
                for tents in found
                for choice in choices
                if all(b - a > 1 for a, b in zip(choice, choice[1:], strict=False))
                and not any(r == number - 1 and abs(c - x) <= 1 for r, x in tents for c in choice)
            ]
        found = [t for t in found if [sum(c == at for _, c in t) for at in range(side)] == scene["columns"]]
        found = [tents for tents in found if own_tent(trees, tents)]
        (tents,) = found
        assert item.answer.value == tuple(named(r, c) for r, c in tents)


def own_tent(trees: list[tuple[int, int]], tents: list[tuple[int, int]]) -> bool:
    """Whether the tents can be given to the trees, one each, side by side."""
    if not trees:
        return not tents
    row, column = trees[0]
    beside = [tent for tent in tents if abs(tent[0] - row) + abs(tent[1] - column) == 1]
    return any(own_tent(trees[1:], [tent for tent in tents if tent != one]) for one in beside)


@pytest.mark.parametrize("level", [2, 3, 4])
def test_nonograms_have_the_runs_that_their_numbers_say(level: int) -> None:
    for item in items(level, "nonogram"):
        rows = item.answer.value
        assert [runs(row) for row in rows] == item.scene["rows"]
        assert [runs("".join(row[c] for row in rows)) for c in range(len(rows))] == item.scene["columns"]


def test_a_nonogram_line_says_what_all_its_ways_share() -> None:
    assert narrowed((3,), "_____") == "__1__"
    assert narrowed((1, 2), "_____") == "___1_"
    assert narrowed((2,), "0____") == "0____"
    assert narrowed((2,), "_1__0") == "_1_00"
    assert narrowed((0,), "____") == "0000"
    assert runs("0110111") == [2, 3]


@pytest.mark.parametrize("level", [0, 1])
def test_one_order_of_the_tiles_joins_all_lines(level: int) -> None:
    for item in items(level, "jigsaw")[:8]:
        tiles, columns, rows = item.scene["tiles"], item.scene["columns"], item.scene["rows"]
        found = []
        for order in permutations(tiles):
            grid = [order[at : at + columns] for at in range(0, len(order), columns)]
            inner = all(
                tiles[a]["right"] == tiles[b]["left"] for line in grid for a, b in zip(line, line[1:], strict=False)
            )
            inner = inner and all(
                tiles[grid[r][c]]["below"] == tiles[grid[r + 1][c]]["above"]
                for r in range(rows - 1)
                for c in range(columns)
            )
            rim = all(tiles[name]["above"] == [] for name in grid[0])
            rim = rim and all(tiles[name]["below"] == [] for name in grid[-1])
            if inner and rim and all(tiles[line[0]]["left"] == tiles[line[-1]]["right"] == [] for line in grid):
                found.append(order)
        assert found == [item.answer.value]


def test_permutations_are_uniform() -> None:
    orders = [item.answer.value for level in (0, 1) for item in items(level, "jigsaw", 900)]
    for place in range(6):
        for letter in "ABCDEF":
            share = sum(order[place] == letter for order in orders) / len(orders)
            assert abs(share - 1 / 6) < 0.08


# ------------------------------------------------------------------------------------------------------ count clues


def test_a_clue_fills_or_clears_what_is_left() -> None:
    assert applied(Clue("", 0b111, 3, 3), [0, 0]) == [0b111, 0]
    assert applied(Clue("", 0b111, 1, 1), [0b001, 0]) == [0b001, 0b110]
    assert applied(Clue("", 0b111, 1, 1), [0, 0b001]) == [0, 0b001]
    assert applied(Clue("", 0b111, 1, 4), [0, 0b011]) == [0b100, 0b011]
    assert applied(Clue("", 0b111, 0, 0), [0, 0]) == [0, 0b111]
    assert places(bits_of([4, 0, 9])) == [0, 4, 9]


def test_what_is_not_decided_is_not_guessed() -> None:
    clues = [Clue("", 0b011, 1, 1), Clue("", 0b110, 1, 1)]
    assert deduced(clues, 0b111, [0, 0], lambda known: known) is None
    assert deduced([*clues, Clue("", 0b001, 0, 0)], 0b111, [0, 0], lambda known: known) == [2, 0, 1]


# ----------------------------------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize("level", LEVELS)
def test_two_pictures_differ_in_the_cells_of_the_answer_alone(level: int) -> None:
    for item in items(level, "difference")[:5]:
        assert item.prompt("image").count("<image>") == item.pictures == 2
        one, other = item.images("image", 768)
        rows, columns = item.scene["rows"], item.scene["columns"]
        canvas, board = page_with_board(rows, columns, 768, PLAIN)
        found = []
        for row, column in product(range(rows), range(columns)):
            box = [round(edge * canvas.scale) for edge in board.box(row, column, 2)]
            if one.crop(box).tobytes() != other.crop(box).tobytes():  # type: ignore[arg-type]
                found.append(named(row, column))
        assert tuple(found) == item.answer.value


@pytest.mark.parametrize("level", LEVELS)
def test_lines_leave_tiles_where_the_scene_says_in_their_colours(level: int) -> None:
    for item in items(level, "jigsaw")[:5]:
        (canvas,) = FAMILIES["grid_puzzle"].draw(item, 768)
        picture, columns = canvas.image(), item.scene["columns"]
        for place, tile in enumerate(item.scene["tiles"].values()):
            row, column = divmod(place, columns)
            left, top = GAP + (CELL + GAP) * column, LABEL + (CELL + LABEL + 8) * row - 8
            for position in range(1, POSITIONS + 1):
                away = CELL * position // (POSITIONS + 1)
                spots = {
                    "left": (left + 4, top + away),
                    "right": (left + CELL - 4, top + away),
                    "above": (left + away, top + 4),
                    "below": (left + away, top + CELL - 4),
                }
                for side, (x, y) in spots.items():
                    if tile[side] and tile[side][1] == position:
                        pixel = picture.getpixel((round(x * canvas.scale), round(y * canvas.scale)))
                        assert isinstance(pixel, tuple)
                        wanted = canvas.shade(COLOURS[tile[side][0]])
                        assert all(abs(a - b) <= 30 for a, b in zip(pixel, wanted, strict=True)), (item.id, place, side)


@pytest.mark.parametrize("level", [2, 3, 4])
def test_covers_lie_on_the_covered_cells(level: int) -> None:
    for item in items(level, "mines")[:5]:
        side, picture = len(item.scene["map"]), item.images("image", 768)[0]
        canvas, board = page_with_board(side, side, 768, PLAIN)
        for row, column in product(range(side), repeat=2):
            left, top, _, _ = board.box(row, column, 6)
            pixel = picture.getpixel((round(left * canvas.scale), round(top * canvas.scale)))
            assert (pixel != (255, 255, 255)) == (item.scene["map"][row][column] == "x")
