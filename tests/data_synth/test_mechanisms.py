"""Trains and balances: motion by simulation, and pictures in which meshing wheels touch and others do not."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from data_synth import Item, make
from data_synth.families.diagrams.mechanism_figure import radii_of

LEVELS = range(5)


def items(level: int, form: str) -> list[Item]:
    return [item for item in (make("mechanisms", level, n) for n in range(160)) if item.scene["form"] == form][:50]


@pytest.mark.parametrize("level", LEVELS)
def test_rim_speeds_of_joined_wheels_are_equal(level: int) -> None:
    """Angles are integrated for a minute; at each contact both rims must have moved equally far."""
    for item in items(level, "train"):
        scene = item.scene
        turns = [Fraction(scene["speed"]) * (1 if scene["turn"] == 0 else -1)]
        for n, link in enumerate(scene["links"]):
            a, b = scene["wheels"][n]["teeth"], scene["wheels"][n + 1]["teeth"]
            rim = turns[-1] * a
            turns.append(turns[-1] if link == "axle" else (rim if link == "belt" else -rim) / b)
        assert item.answer.value == (abs(turns[-1]), "clockwise" if turns[-1] > 0 else "anticlockwise"), item.id


@pytest.mark.parametrize("level", LEVELS)
def test_wheels_touch_only_where_they_mesh(level: int) -> None:
    for item in items(level, "train"):
        scene, radii = item.scene, radii_of(item.scene)
        for n in range(len(radii)):
            for k in range(n):
                gap = math.dist(scene["spots"][n], scene["spots"][k]) - radii[n] - radii[k]
                link = scene["links"][k] if n == k + 1 else ""
                if link == "mesh":
                    assert abs(gap) < 2
                elif link == "axle":
                    assert scene["spots"][n] == scene["spots"][k]
                elif scene["spots"][n] != scene["spots"][k]:
                    assert gap > 5, item.id


@pytest.mark.parametrize("level", LEVELS)
def test_balances_are_level_with_the_weights_found(level: int) -> None:
    for item in items(level, "balance"):
        scene = item.scene
        weight = {tuple(look): w for look, w in zip(scene["shapes"], item.answer.value, strict=True)}
        for row in scene["rows"]:
            left, right = (
                side["weight"]
                + sum(c * weight[tuple(look)] for c, look in zip(side["counts"], scene["looks"], strict=True))
                for side in row
            )
            assert left == right > 0


@pytest.mark.parametrize("level", LEVELS)
def test_both_forms_are_asked_about_equally_often(level: int) -> None:
    forms = [make("mechanisms", level, n).scene["form"] for n in range(200)]
    assert 70 < forms.count("train") < 130
