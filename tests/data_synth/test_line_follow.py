"""Lines that can be followed: drawn crossings are those of the scene, ends a fair permutation, routes unique."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations, pairwise, permutations, product

import numpy as np
import pytest

from data_synth.families.diagrams.line_follow import LineFollow
from data_synth.families.diagrams.metro_figure import draw_map
from data_synth.families.diagrams.wire_figure import draw_wires, joined, pieces, tone
from data_synth.families.diagrams.wire_tangle import all_slots, crossings, tangled, times_crossed
from data_synth.item import Parts
from data_synth.program import Scene
from data_synth.render.canvas import Spot
from data_synth.render.figure import Segment, runs_through
from data_synth.render.palette import COLOURS
from data_synth.rng import Rng

FAMILY = LineFollow()
LEVELS = range(5)
WIRES = ("end", "pair", "code", "counts")


def parts_of(forms: tuple[str, ...], level: int, count: int) -> list[Parts]:
    """The first items of these forms."""
    drawn = (FAMILY.logic(Rng("lines", level, index), level) for index in range(12 * count))
    return [parts for parts in drawn if parts is not None and parts.scene["form"] in forms][:count]


def meeting(a: Segment, b: Segment) -> Spot | None:
    """Where two segments meet, each without its last point; None if they do not."""
    (x, y), (x1, y1), (u, v), (u1, v1) = *a, *b
    dx, dy, du, dv = x1 - x, y1 - y, u1 - u, v1 - v
    cross = dx * dv - dy * du
    if cross == 0:
        return None
    s, t = ((u - x) * dv - (v - y) * du) / cross, ((u - x) * dy - (v - y) * dx) / cross
    return (x + s * dx, y + s * dy) if 0 <= s < 1 and 0 <= t < 1 else None


def drawn_crossings(one: list[Spot], other: list[Spot]) -> list[tuple[float, float, float]]:
    """(x, y, angle in degrees) of the crossings of two polylines."""
    found = []
    for a, b in product(pairwise(one), pairwise(other)):
        spot = meeting(a, b)
        if spot is not None:
            turns = [math.atan2(q[1] - p[1], q[0] - p[0]) for p, q in (a, b)]
            angle = abs(math.degrees(turns[0] - turns[1])) % 180
            found.append((*spot, min(angle, 180 - angle)))
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_curves_cross_as_often_as_the_scene_says_apart_and_at_clear_angles(level: int) -> None:
    for parts in parts_of(WIRES, level, 6):
        lines, spots = [joined(line) for line in pieces(parts.scene)], []
        for one, other in combinations(range(parts.scene["wires"]), 2):
            found = drawn_crossings(lines[one], lines[other])
            assert len(found) == times_crossed(parts.scene, one, other)
            assert all(angle >= 40 for *_, angle in found)
            spots += [(x, y) for x, y, _ in found]
        assert len(spots) == crossings(parts.scene)
        assert all(math.dist(a, b) >= 14 for a, b in combinations(spots, 2))


def test_every_permutation_of_three_ends_is_equally_likely() -> None:
    ends: Counter[tuple[int, ...]] = Counter()
    for index in range(2400):
        scene = tangled(Rng("fair", index), 1)
        if scene is not None and scene["wires"] == 3:
            ends[tuple(slots[-1] for slots in all_slots(scene))] += 1
    mean = ends.total() / 6
    assert set(ends) == set(permutations(range(3)))
    assert sum((number - mean) ** 2 / mean for number in ends.values()) < 20.5  # chi-squared, p = 0.001


def test_the_middle_of_each_free_stretch_has_the_colour_of_its_wire() -> None:
    for parts in parts_of(WIRES, 0, 12) + parts_of(WIRES, 1, 12):
        scene, lines = parts.scene, [joined(line) for line in pieces(parts.scene)]
        canvas = draw_wires(scene, 384)
        picture = np.asarray(canvas.image(), dtype=int)
        crossed = [spot for a, b in combinations(lines, 2) for spot in drawn_crossings(a, b)]
        checked = 0
        for line, (hue, number) in zip(lines, scene["inks"], strict=True):
            ink = tone(canvas.shade(COLOURS[hue]), number)
            for a, b in pairwise(line):
                x, y = round((a[0] + b[0]) / 2), round((a[1] + b[1]) / 2)
                if all(math.dist((x, y), spot[:2]) > 24 for spot in crossed):
                    near = picture[y - 1 : y + 2, x - 1 : x + 2]
                    assert np.abs(near - np.array(ink)).max(-1).min() <= 30
                    checked += 1
        assert checked


@pytest.mark.parametrize("level", LEVELS)
def test_two_wires_cross_an_odd_number_of_times_just_if_their_ends_are_exchanged(level: int) -> None:
    for parts in parts_of(("pair",), level, 20):
        one, other = parts.scene["asked"]
        slots = all_slots(parts.scene)
        exchanged = (one < other) != (slots[one][-1] < slots[other][-1])
        assert parts.answer.value == (parts.scene["ends"][slots[one][-1]], parts.answer.value[1])
        assert parts.answer.value[1] % 2 == exchanged


@pytest.mark.parametrize("level", [2, 3, 4])
def test_counts_follow_from_the_inversions_of_all_columns(level: int) -> None:
    """Each crossing exchanges two neighbours of a list of names."""
    for parts in parts_of(("counts",), level, 20):
        names, count = list(range(parts.scene["wires"])), Counter[int]()
        for layer in parts.scene["layers"]:
            for slot in layer:
                count.update(names[slot : slot + 2])
                names[slot], names[slot + 1] = names[slot + 1], names[slot]
        assert parts.answer.value == tuple(count[wire] for wire in parts.scene["asked"])


@pytest.mark.parametrize("level", LEVELS)
def test_no_other_choice_of_lines_and_changes_is_as_good_a_route(level: int) -> None:
    for parts in parts_of(("metro",), level, 12):
        lines, (start, end) = parts.scene["lines"], parts.scene["trip"]
        changes = len(parts.answer.value) - 1
        found = []
        for used in range(changes + 1):
            for chosen in permutations(lines, used + 1):
                shared = [[name for name in a if name in b] for a, b in pairwise(chosen)]
                for stations in product(*shared):
                    way = [start, *stations, end]
                    if all(a in line and b in line for line, a, b in zip(chosen, way, way[1:], strict=False)):
                        stops = [
                            abs(line.index(a) - line.index(b)) for line, a, b in zip(chosen, way, way[1:], strict=False)
                        ]
                        found.append((used, sum(stops), stations))
        best = min(found)
        assert [route for route in found if route[:2] == best[:2]] == [best]
        assert parts.answer.value == (*best[2], best[1])


@pytest.mark.parametrize("level", LEVELS)
def test_names_on_the_map_stand_off_all_lines(level: int) -> None:
    for parts in parts_of(("metro",), level, 12):
        canvas = draw_map(parts.scene, 384)
        middles = {
            mark.tag.removeprefix("station "): (
                int(mark.box[0] + mark.box[2]) // 2,
                int(mark.box[1] + mark.box[3]) // 2,
            )
            for mark in canvas.marks
            if mark.tag.startswith("station ")
        }
        texts = [mark.box for mark in canvas.marks if mark.kind == "text"]
        for line in parts.scene["lines"]:
            for a, b in pairwise(line):
                for left, top, right, bottom in texts:
                    box = math.floor(left) - 2, math.floor(top) - 2, math.ceil(right) + 2, math.ceil(bottom) + 2
                    assert not runs_through((middles[a], middles[b]), box)


def test_lines_on_the_map_meet_at_stations_only_and_two_at_a_time() -> None:
    for parts in parts_of(("metro",), 4, 20):
        ways = [
            ((*parts.scene["spots"][a],), (*parts.scene["spots"][b],))
            for line in parts.scene["lines"]
            for a, b in pairwise(line)
        ]
        assert len({(a[0] + b[0], a[1] + b[1]) for a, b in ways}) == len(ways)
        assert max(Counter(name for line in parts.scene["lines"] for name in line).values()) <= 2


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_routes_are_counted_by_a_product_of_matrices(level: int) -> None:
    for parts in parts_of(("rails",), level, 30):
        ends = matrix(parts.scene)[parts.scene["start"]]
        assert np.sum(ends == ends.max()) == 1
        assert parts.answer.value == (parts.scene["ends"][int(ends.argmax())], int(ends.max()))


def matrix(scene: Scene) -> np.ndarray:
    """Ways from each start to each end: every column adds its switches to the identity."""
    tracks = len(scene["ends"])
    total = np.eye(tracks, dtype=int)
    for column in range(scene["columns"]):
        step = np.eye(tracks, dtype=int)
        for at, start, end in scene["switches"]:
            if at == column:
                assert abs(start - end) == 1
                step[start, end] += 1
        assert all(step[:, track].sum() + step[track].sum() <= 3 for track in range(tracks))  # one switch at a track
        total = total @ step
    return total
