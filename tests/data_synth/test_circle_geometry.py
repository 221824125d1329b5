"""Angles in a circle: the picture, the theorems and the answer agree."""

from __future__ import annotations

import math

import pytest

from data_synth import Item, make
from data_synth.families.geometry.circle_figure import KINDS
from data_synth.render.figure import angle_at

LEVELS = range(5)


def items(level: int) -> list[Item]:
    return [make("circle_geometry", level, index) for index in range(150)]


@pytest.mark.parametrize("level", LEVELS)
def test_a_protractor_on_the_picture_reads_what_is_given_and_asked(level: int) -> None:
    for item in items(level):
        spots = item.scene["spots"]
        for angle, degrees in {**item.scene["givens"], item.scene["asked"]: item.answer.value}.items():
            one, corner, other = spots[angle[0]], spots[angle[1]], spots[angle[2]]
            assert abs(angle_at(corner, one, other) - degrees) < 3, item.id


@pytest.mark.parametrize("level", LEVELS)
def test_points_of_the_circle_are_on_it_and_tangents_stand_on_radii(level: int) -> None:
    for item in items(level):
        scene, spots = item.scene, item.scene["spots"]
        centre = spots[scene["centre"]]
        for name in set(scene["rim"]) & spots.keys():
            assert abs(math.dist(spots[name], centre) - scene["radius"]) < 1.5
        for foot, end in scene["touching"]:
            assert abs(angle_at(spots[foot], centre, spots[end]) - 90) < 2


def test_every_kind_of_angle_is_asked() -> None:
    asked = {item.scene["wanted"][1] for level in LEVELS for item in items(level)}
    assert asked == KINDS.keys()


def test_higher_levels_take_more_steps() -> None:
    steps = [sum(item.features["steps"] for item in items(level)) / 150 for level in LEVELS]
    assert steps == sorted(steps) and steps[4] > 2 * steps[0]
