"""Stacks of cubes on a floor, arranged so that the eye sees most of every stack's top."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import product

from data_synth.rng import Rng

Heights = list[list[int]]  # rows from the back to the front, stacks from left to right
Stack = tuple[int, str]  # height, colour
Place = tuple[int, int]  # row, column

FLOOR = ((3, 4), (4, 4), (4, 4), (4, 5), (5, 5))  # rows, columns
LAYERS = (3, 3, 4, 4, 5)
EACH = (2, 8)  # cubes of each of three colours, where that is asked (level 0)
CUBES = ((5, 14), (5, 14), (9, 20), (12, 24), (16, 32))  # of the one colour that is asked for
# Towards the eye: for each square to the front a sight line also goes 0.6 to the right and rises by 1.14.
SIGHT = (0.6, -1.0, 1.14)
SAMPLES = tuple(product((0.17, 0.5, 0.83), repeat=2))  # (from the left, from the front) on a top
LEAST_SEEN = 4  # of the nine sample points of a top


def height_at(heights: Heights, row: int, column: int) -> int:
    """Height of a stack; 0 outside the floor."""
    inside = 0 <= row < len(heights) and 0 <= column < len(heights[0])
    return heights[row][column] if inside else 0


@cache
def layer_sizes(level: int) -> dict[int, list[tuple[int, ...]]]:
    """All (n1, n2, ...) of layers of one colour that do not grow upwards, bottom first, by their number of cubes."""
    area, (least, most) = FLOOR[level][0] * FLOOR[level][1], CUBES[level]
    sizes: list[tuple[int, ...]] = [(bottom,) for bottom in range(area // 4, area * 5 // 8 + 1)]
    for _ in range(LAYERS[level] - 1):
        sizes = [(*low, high) for low in sizes for high in range(1, low[-1] + 1) if sum(low) + high <= most]
    return {total: [size for size in sizes if sum(size) == total] for total in range(least, most + 1)}


def build_stacks(rng: Rng, form: str, level: int, palette: list[str]) -> tuple[Heights, list[list[str]]]:
    """Heights and colours of stacks in any order, then swapped until every stack can be seen."""
    rows, columns = FLOOR[level]
    stacks: list[Stack] = []
    if form == "colours":
        for colour in palette:
            cubes = rng.between(*EACH)
            count = rng.between(-(-cubes // LAYERS[level]), min(cubes, rows * columns // 3))
            stacks += [(height, colour) for height in rng.split(cubes, count, 1, LAYERS[level])]
    else:
        layers = _layers(rng, form, level)
        stacks = [(sum(place < size for size in layers), palette[0]) for place in range(layers[0])]
        others = rng.between((rows * columns - len(stacks)) // 2, rows * columns - len(stacks))
        stacks += [(rng.between(1, LAYERS[level]), palette[1]) for _ in range(others)]
    stacks += [(0, "")] * (rows * columns - len(stacks))
    rng.shuffle(stacks)
    grid = [stacks[row * columns : (row + 1) * columns] for row in range(rows)]
    heights = [[height for height, _ in row] for row in grid]
    colours = [[colour for _, colour in row] for row in grid]
    while swap := _covered(heights, strict=form == "hidden"):
        (a, b), (c, d) = swap
        heights[a][b], heights[c][d] = heights[c][d], heights[a][b]
        colours[a][b], colours[c][d] = colours[c][d], colours[a][b]
    return heights, colours


def _layers(rng: Rng, form: str, level: int) -> tuple[int, ...]:
    """Where layers are asked for, each answer alike; else each number of cubes alike."""
    sizes = layer_sizes(level)
    if form == "layers":
        return rng.choice([size for total in sizes for size in sizes[total]])
    return rng.choice(sizes[rng.between(*CUBES[level])])


def _covered(heights: Heights, *, strict: bool) -> tuple[Place, Place] | None:
    """A stack whose top is not seen well enough, and the higher one that covers most of it.

    strict: no stack may be lower than the next one to the front or to the right; nothing hides anything partly then.
    """
    for row, column in product(range(len(heights)), range(len(heights[0]))):
        own = heights[row][column]
        if strict:
            for other in ((row + 1, column), (row, column + 1)):
                if height_at(heights, *other) > own:
                    return (row, column), other
        elif blockers := _blockers(heights, row, column):
            return (row, column), Counter(blockers).most_common(1)[0][0]
    return None


@cache
def sight_lines() -> tuple[tuple[tuple[int, int, float], ...], ...]:
    """For each sample point of a top: (rows to the front, columns to the right, rise on entry) of each square."""
    lines = []
    for x, y in SAMPLES:
        passed: dict[tuple[int, int], float] = {}
        for step in range(1, 500):
            away = step / 100
            square = int(away + 1 - y), int(x + SIGHT[0] * away)
            passed.setdefault(square, SIGHT[2] * (away - 0.01))
        passed.pop((0, 0), None)
        lines.append(tuple((down, right, rise) for (down, right), rise in passed.items()))
    return tuple(lines)


def _blockers(heights: Heights, row: int, column: int) -> list[Place]:
    """What stands before each sample point of a top; none if enough of the points are seen."""
    own, blockers, seen = heights[row][column], [], 0
    for line in sight_lines():
        for down, right, rise in line:
            if height_at(heights, row + down, column + right) > own + rise:
                blockers.append((row + down, column + right))
                break
        else:
            seen += 1
            if seen == LEAST_SEEN:
                return []
    return blockers
