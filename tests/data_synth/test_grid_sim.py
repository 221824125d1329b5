"""Worlds on a grid: backwards and forwards agree, shortest ways are shortest, and pictures show the scene."""

from __future__ import annotations

import pytest
from PIL import Image

from data_synth import FAMILIES, LEVELS, Item, compare, make
from data_synth.families.grids.board_figure import STEPS, page_with_board
from data_synth.families.grids.grid_ant import State, stepped, stepped_back
from data_synth.families.grids.grid_life import grown
from data_synth.families.grids.grid_maze import BACK, WAYS
from data_synth.families.grids.grid_robot import obeyed
from data_synth.families.grids.grid_sim import GridSim
from data_synth.families.grids.grid_slide import GAP, movable, slid
from data_synth.render.palette import COLOURS, INK, Colour
from data_synth.render.style import figure_look
from data_synth.rng import Rng


@pytest.fixture(autouse=True)
def family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "grid_sim", GridSim())


def items(level: int, form: str, count: int = 200) -> list[Item]:
    found = [item for item in (make("grid_sim", level, n) for n in range(count)) if item.scene["form"] == form]
    assert found
    return found


def near(picture: Image.Image, spot: tuple[int, int], colour: Colour) -> bool:
    """Whether a pixel of a picture of 768 has this colour; the spot is in design units of a page of 384."""
    pixel = picture.getpixel((2 * spot[0], 2 * spot[1]))
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= 24 for a, b in zip(pixel, colour, strict=True))


# ------------------------------------------------------------------------------------------------------------- worlds


def test_a_robot_stops_at_walls_and_edges() -> None:
    rows = ["....", ".#..", "....", "...."]
    assert obeyed(rows, [3, 1, 0], "F3") == [2, 1, 0]
    assert obeyed(rows, [3, 0, 0], "F9") == [0, 0, 0]
    assert obeyed(rows, [0, 0, 3], "F1") == [0, 0, 3]
    assert [obeyed(rows, [0, 0, 0], turn)[2] for turn in "LR"] == [3, 1]


@pytest.mark.parametrize("level", LEVELS)
def test_every_command_of_a_robot_does_something_and_it_ends_elsewhere(level: int) -> None:
    for item in items(level, "robot"):
        states = [step.value for step in item.program[:-1]]
        assert all(a != b for a, b in zip(states, states[1:], strict=False))
        assert states[0][:2] != states[-1][:2]


def test_robots_end_in_every_direction_and_all_over_the_board() -> None:
    ends = [item.answer.value for item in items(0, "robot", 1200)]
    for part, values in ((0, range(1, 7)), (1, range(1, 7)), (2, ("up", "right", "down", "left"))):
        counts = [sum(end[part] == value for end in ends) for value in values]
        assert min(counts) >= 0.5 * len(ends) / len(counts)


def test_langtons_ant_draws_its_known_highway() -> None:
    """On an empty plane the ant moves by (2, 2) every 104 steps, once it is past its first 10,000 or so."""
    state: State = [40, 40, 0, ["." * 90] * 90]
    places: list[list[int]] = []
    for step in range(10_500 + 208):
        if step in (10_500, 10_604):
            places.append(state[:2])
        state = stepped(state)
    places.append(state[:2])
    moved = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(places, places[1:], strict=False)]
    assert moved[0] == moved[1]
    assert [abs(step) for step in moved[0]] == [2, 2]


def test_a_step_back_undoes_a_step_of_the_ant() -> None:
    rng = Rng("ants")
    for _ in range(200):
        rows = ["".join(rng.choice(".#") for _ in range(5)) for _ in range(5)]
        state = [rng.between(1, 3), rng.between(1, 3), rng.randrange(4), rows]
        assert stepped_back(stepped(state)) == state


def test_known_figures_of_life_live_as_they_should() -> None:
    blinker = ["00000", "00000", "01110", "00000", "00000"]
    assert grown(blinker) == ["00000", "00100", "00100", "00100", "00000"]
    assert grown(grown(blinker)) == blinker
    block = ["0000", "0110", "0110", "0000"]
    assert grown(block) == block
    glider = ["010000", "001000", "111000", "000000", "000000", "000000"]
    for _ in range(4):
        glider = grown(glider)
    assert glider == ["000000", "001000", "000100", "011100", "000000", "000000"]


# -------------------------------------------------------------------------------------------------------------- paths


def reached_by(item: Item, length: int) -> set[tuple[int, int]]:
    """Cells of a maze that exactly so many moves can reach, going back and forth too."""
    cells = {tuple(item.scene["start"])}
    for _ in range(length):
        cells = {
            (row + WAYS[move][0], column + WAYS[move][1])
            for row, column in cells
            for move in item.scene["open"][row][column]
        }
    return cells


@pytest.mark.parametrize("level", LEVELS)
def test_no_fewer_moves_lead_through_a_maze(level: int) -> None:
    for item in items(level, "maze")[:40]:
        goal, length = tuple(item.scene["goal"]), len(item.answer.value)
        assert goal in reached_by(item, length)
        assert not any(goal in reached_by(item, fewer) for fewer in range(length))


@pytest.mark.parametrize("level", LEVELS)
def test_sides_of_a_maze_are_open_from_both_cells(level: int) -> None:
    for item in items(level, "maze")[:40]:
        sides = item.scene["open"]
        for row, texts in enumerate(sides):
            for column, text in enumerate(texts):
                for move in text:
                    down, right = WAYS[move]
                    assert BACK[move] in sides[row + down][column + right]


def shortest_ways(item: Item) -> list[str]:
    """All of them, by waves of ways."""
    ways, goal = {tuple(item.scene["start"]): [""]}, tuple(item.scene["goal"])
    seen: set[tuple[int, ...]] = set()
    while goal not in ways:
        seen |= ways.keys()
        after: dict[tuple[int, ...], list[str]] = {}
        for (row, column), lists in ways.items():
            for move in item.scene["open"][row][column]:
                cell = row + WAYS[move][0], column + WAYS[move][1]
                if cell not in seen:
                    after.setdefault(cell, []).extend(way + move for way in lists)
        ways = after
    return ways[goal]


def test_all_shortest_ways_are_accepted_and_no_others() -> None:
    several = 0
    for item in items(4, "maze", 250):
        gold, ways = item.answer.value, shortest_ways(item)
        several += len(ways) > 1
        assert gold == min(ways)
        assert all(compare(item.answer, way).correct for way in ways)
        detour = gold + BACK[gold[-1]] + gold[-1]
        assert walks(item, detour)
        for wrong in (detour, gold[:-1], gold[::-1], BACK[gold[0]] * len(gold)):
            assert wrong in ways or not compare(item.answer, wrong).correct
    assert several >= 3


def walks(item: Item, moves: str) -> bool:
    row, column = item.scene["start"]
    for move in moves:
        if move not in item.scene["open"][row][column]:
            return False
        row, column = row + WAYS[move][0], column + WAYS[move][1]
    return [row, column] == item.scene["goal"]


@pytest.mark.parametrize("level", [1, 2, 3])
def test_no_fewer_slides_make_the_goal(level: int) -> None:
    for item in items(level, "slide")[:20]:
        boards, columns = {item.scene["start"]}, item.scene["columns"]
        for _ in range(len(item.answer.value)):
            assert item.scene["goal"] not in boards
            boards |= {slid(board, columns, tile) for board in boards for tile in movable(board, columns)}
        assert item.scene["goal"] in boards


def test_slides_are_checked_one_by_one() -> None:
    item = items(2, "slide")[0]
    gold = item.answer.value
    assert compare(item.answer, " ".join(gold.lower())).correct
    for wrong in (gold[:-1], gold + gold[-1] * 2, gold[::-1], gold[1:] + gold[0], "Z" * len(gold)):
        assert not compare(item.answer, wrong).correct
    assert slid("AB-", 3, "B") == "A-B"
    with pytest.raises(ValueError, match="not beside the gap"):
        slid("AB-", 3, "A")
    assert GAP not in gold


# ----------------------------------------------------------------------------------------------------------- pictures


@pytest.mark.parametrize("level", [0, 2, 4])
def test_mazes_show_exactly_the_closed_sides(level: int) -> None:
    for item in items(level, "maze")[:6]:
        sides, picture = item.scene["open"], item.images("image", 768)[0]
        canvas, board = page_with_board(len(sides), len(sides), 768, figure_look(item.scene))
        for row, texts in enumerate(sides):
            for column, text in enumerate(texts):
                left, top, right, bottom = board.box(row, column)
                at = {"D": ((left + right) // 2, bottom), "R": (right, (top + bottom) // 2)}
                for move, (x, y) in at.items():
                    spot = round(x * canvas.scale / 2), round(y * canvas.scale / 2)
                    edge = row == len(sides) - 1 if move == "D" else column == len(sides) - 1
                    if not edge:
                        closed = near(picture, spot, canvas.shade(INK))
                        assert closed == (move not in text), (item.id, row, column, move)


@pytest.mark.parametrize("level", [2, 3, 4])
def test_live_cells_are_the_filled_ones(level: int) -> None:
    for item in items(level, "life")[:6]:
        rows, picture = item.scene["map"], item.images("image", 768)[0]
        canvas, board = page_with_board(len(rows), len(rows), 768, figure_look(item.scene))
        for row, text in enumerate(rows):
            for column, sign in enumerate(text):
                x, y = board.centre(row, column)
                spot = round(x * canvas.scale / 2), round(y * canvas.scale / 2)
                assert near(picture, spot, canvas.shade(COLOURS[item.scene["colour"]])) == (sign == "1")


@pytest.mark.parametrize("level", LEVELS)
def test_the_tail_of_the_robot_is_notched_and_its_head_is_not(level: int) -> None:
    for item in items(level, "robot")[:20]:
        (canvas,) = FAMILIES["grid_sim"].draw(item, 384)
        (mark,) = [mark for mark in canvas.marks if mark.tag == "robot"]
        left, top, right, bottom = mark.box
        down, across = STEPS[item.scene["start"][2]]
        picture, orange = canvas.image(), {}
        for share in (0.2, -0.42):  # of the arrow's length, ahead of its middle
            x = (left + right) / 2 + across * share * (right - left)
            y = (top + bottom) / 2 + down * share * (bottom - top)
            pixel = picture.getpixel((round(x * canvas.scale), round(y * canvas.scale)))
            assert isinstance(pixel, tuple)
            orange[share] = pixel[0] - pixel[2] > 90
        assert orange == {0.2: True, -0.42: False}, item.id
