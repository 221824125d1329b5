"""Angle chases: what is drawn, what is said and what is computed are the same figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from data_synth import Item, make
from data_synth.families.geometry.angle_chase import AngleChase
from data_synth.families.geometry.angle_equations import solve
from data_synth.render.figure import angle_at, runs_through, segments_cross, text_box

LEVELS = range(5)


def items(level: int) -> list[Item]:
    return [make("angle_chase", level, index) for index in range(150)]


def angles_of(item: Item) -> dict[str, int]:
    scene = item.scene
    return {**scene["givens"], **{step["angle"]: step["value"] for step in scene["steps"]}}


@pytest.mark.parametrize("level", LEVELS)
def test_every_angle_that_is_said_is_possible(level: int) -> None:
    for item in items(level):
        known = angles_of(item)
        assert known[item.scene["asked"]] == item.answer.value
        assert all(10 <= degrees <= 170 for degrees in known.values()), item.id


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_protractor_on_the_picture_reads_the_same(level: int) -> None:
    for item in items(level):
        spots: dict[str, Any] = item.scene["spots"]
        for (one, corner, other), degrees in angles_of(item).items():
            assert abs(angle_at(spots[corner], spots[one], spots[other]) - degrees) < 2.5, item.id


@pytest.mark.parametrize("level", LEVELS)
def test_each_given_of_the_chain_is_needed(level: int) -> None:
    """Without any one of them the equations leave the answer open; the decoy of level 3 is the one exception."""
    for item in items(level)[:40]:
        needless = 0
        for angle in item.scene["givens"]:
            givens = {name: value for name, value in item.scene["givens"].items() if name != angle}
            needless += AngleChase().solve_again(replace(item, scene={**item.scene, "givens": givens})) is not None
        assert needless == (1 if level == 3 else 0), item.id


@pytest.mark.parametrize("level", LEVELS)
def test_lines_meet_only_in_points_and_run_through_no_text(level: int) -> None:
    for item in items(level)[:60]:
        scene = item.scene
        lines = [(tuple(scene["spots"][a]), tuple(scene["spots"][b])) for a, b in scene["segments"]]
        assert not any(segments_cross(one, other) for one in lines for other in lines)
        for angle, spot in scene["labels"].items():
            box = text_box(tuple(spot), scene["angles"][angle], 15)
            assert not any(runs_through(line, box) for line in lines)


def test_the_solver_says_when_equations_leave_an_angle_open() -> None:
    assert solve([({"ABC": 1, "BCA": 1}, 100)], "ABC") is None
    assert solve([({"ABC": 1, "BCA": 1}, 100), ({"BCA": 2}, 60)], "ABC") == 70
