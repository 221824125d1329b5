"""What worked solutions say besides the program's steps: whole also for easy items, and true."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from data_synth import Item, make
from data_synth.families import FAMILIES
from data_synth.item import TRACE_VARIANTS

PICTURES = sorted(name for name, family in FAMILIES.items() if family.modalities == ("image",))
STEPS = {"leftwards": (0, -1), "rightwards": (0, 1), "upwards": (-1, 0), "downwards": (1, 0)}
NUMBER = r"-?\d+(?:\.\d+)?"
# an equation of two numbers that neither goes on to the left nor to the right
PRODUCT = re.compile(rf"(?<![-+x*/^=(] )(?<![\w.,:)/-])({NUMBER}) ([x/]) ({NUMBER}) = ({NUMBER})(?![\d/]| ?[-+x*/^(])")


def traces(item: Item) -> list[str]:
    return [item.trace("image", variant) for variant in range(TRACE_VARIANTS)]


@pytest.mark.parametrize("level", (0, 1))
@pytest.mark.parametrize("family", [name for name in PICTURES if name != "scene_count"])
def test_traces_of_easy_items_are_whole(family: str, level: int) -> None:
    for index in range(8):
        for trace in traces(make(family, level, index)):
            assert 80 <= len(re.findall(r"\w+|[^\w\s]", trace)) <= 600, trace


@pytest.mark.parametrize("family", PICTURES)
def test_products_and_quotients_in_traces_are_true(family: str) -> None:
    for index in range(25):
        for trace in traces(make(family, index % 5, index)):
            for first, sign, second, result in PRODUCT.findall(trace):
                a, b = Fraction(first), Fraction(second)
                assert (a * b if sign == "x" else a / b) == Fraction(result), (first, sign, second, result, trace)


@pytest.mark.parametrize("family", ("angle_chase", "circle_geometry"))
def test_an_angle_is_called_acute_or_obtuse_by_its_size(family: str) -> None:
    kinds = set()
    for index in range(60):
        item = make(family, index % 3, index)
        degrees = item.answer.value
        for trace in traces(item):
            (kind,) = re.findall(r"acute|obtuse|like a right angle", trace)
            assert kind == ("like a right angle" if abs(degrees - 90) <= 6 else "acute" if degrees < 90 else "obtuse")
            kinds.add(kind)
    assert len(kinds) == 3


@pytest.mark.parametrize("level", (0, 1))
def test_the_way_back_on_a_grid_of_shapes_meets_the_objects_that_the_trace_names(level: int) -> None:
    for index in range(30):
        item = make("spatial_rel", level, index)
        at = {(thing["row"], thing["column"]): f"{thing['colour']} {thing['shape']}" for thing in item.scene["objects"]}
        for trace in traces(item):
            hops = re.findall(r"(\w+) from the (\w+ \w+) the first object is the (\w+ \w+)", trace)
            assert len(hops) == level + 1
            for way, start, end in hops:
                (cell,) = [cell for cell, look in at.items() if look == start]
                down, across = STEPS[way]
                ahead = ((cell[0] + n * down, cell[1] + n * across) for n in range(1, 4))
                assert next(at[place] for place in ahead if place in at) == end, trace


def test_the_undone_steps_of_a_flowchart_lead_back_to_its_first_number() -> None:
    seen = 0
    for index in range(40):
        item = make("flow_state", index % 2, index)
        if item.scene["form"] != "flow":
            continue
        undone = re.findall(r"(-?\d+) ([-+/]) (\d+) = (-?\d+)(?=, )", item.trace("image", 0).partition("Check")[2])
        value = item.answer.value
        for before, sign, by, after in undone:
            assert int(before) == value
            value = {"+": value + int(by), "-": value - int(by), "/": value // int(by)}[sign]
            assert value == int(after)
        assert value == item.scene["chart"][0]["value"]
        seen += 1
    assert seen > 10
