"""Queries: the question, read by a parser of its own, gives the answer; every part of it is needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from data_synth import Item, make
from data_synth.families import FAMILIES
from data_synth.families.scenes.query_tree import ATTRIBUTES, RELATIONS, Index, related
from data_synth.families.scenes.scene_query import SceneQuery
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES

LEVELS = range(5)
ONE = {"cross": "cross", "crosses": "cross"}  # other plurals just have an s
Thing = dict[str, Any]
Compare = Callable[[Thing, Thing], bool]

RELATED: dict[str, Compare] = {
    "in the same row as ": lambda a, b: a["row"] == b["row"],
    "in the same column as ": lambda a, b: a["column"] == b["column"],
    "in a row above ": lambda a, b: a["row"] < b["row"],
    "in a row below ": lambda a, b: a["row"] > b["row"],
    "in a column to the left of ": lambda a, b: a["column"] < b["column"],
    "in a column to the right of ": lambda a, b: a["column"] > b["column"],
    "of the same colour as ": lambda a, b: a["look"].split()[-2] == b["look"].split()[-2],
    "of the same shape as ": lambda a, b: a["look"].split()[-1] == b["look"].split()[-1],
}
WORD = "|".join([*COLOURS, "small", "large"])
NOUN = rf"(?:(?:{WORD}) )*(?:object|{'|'.join(SHAPES)})(?:e?s)?"
TEST = rf"(?:{'|'.join(RELATED)})(?:[A-Z]{{2}}|the {NOUN})|(?:a )?(?:{WORD}|{NOUN})"
QUERY = (
    rf"(?P<noun>{NOUN})(?: that (?:is|are)"
    rf"(?: (?P<one>(?!either|not){TEST})(?: and (?P<two>(?!either)(?:{TEST})))?)?"
    rf"(?: (?:and )?either (?P<this>{TEST}) or (?P<that>{TEST}))?"
    rf"(?:,? (?:but )?not (?P<barred>{TEST}))?)?"
)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "scene_query", SceneQuery())


def in_group(thing: Thing, noun: str) -> bool:
    words = [
        word if word == "cross" else word.removesuffix("es" if word == "crosses" else "s") for word in noun.split()
    ]
    return all(word in ("a", "object") or word in thing["look"].split() for word in words)


def passes(things: list[Thing], thing: Thing, test: str) -> bool:
    for words, holds in RELATED.items():
        if test.startswith(words):
            named = test.removeprefix(words)
            if named.startswith("the "):
                (anchor,) = [other for other in things if in_group(other, named.removeprefix("the "))]
            else:
                (anchor,) = [other for other in things if other["label"] == named]
            return thing is not anchor and holds(thing, anchor)
    return in_group(thing, test)


def answer_of(things: list[Thing], match: re.Match[str]) -> list[Thing]:
    """The objects that a description in words is about."""
    found = [thing for thing in things if in_group(thing, match["noun"])]
    for name in ("one", "two"):
        if match[name]:
            found = [thing for thing in found if passes(things, thing, match[name])]
    if match["this"]:
        found = [t for t in found if passes(things, t, match["this"]) or passes(things, t, match["that"])]
    if match["barred"]:
        found = [thing for thing in found if not passes(things, thing, match["barred"])]
    return found


def described(item: Item, before: str) -> Iterator[list[Thing]]:
    """The objects of each description in the question that follows the words `before`."""
    for match in re.finditer(rf"(?:{before}){QUERY}", item.question):
        yield answer_of(item.scene["objects"], match)


def items(level: int, form: str) -> list[Item]:
    return [item for item in (make("scene_query", level, n) for n in range(200)) if item.scene["form"] == form]


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_only_object_described_has_the_label(level: int) -> None:
    for item in items(level, "label"):
        ((thing,),) = list(described(item, "the only |There is just one "))
        assert thing["label"] == item.answer.value, item.question


@pytest.mark.parametrize("level", LEVELS)
def test_the_objects_described_are_the_set(level: int) -> None:
    starts = "Look for the |all |Here are some |looking for the |belong to |labels of the |get for the "
    for item in items(level, "labels"):
        (things,) = list(described(item, starts))
        assert tuple(sorted(thing["label"] for thing in things)) == item.answer.value, item.question


@pytest.mark.parametrize("level", [2, 3, 4])
def test_codes_are_what_their_three_descriptions_say(level: int) -> None:
    for item in items(level, "code"):
        values: list[Any] = []
        for text in re.split(r"\(\d\) ", item.question)[1:]:
            match = re.match(rf"the (number|colour|shape|label) of (?:the only )?{QUERY}", text)
            assert match, text
            found = answer_of(item.scene["objects"], match)
            look = found[0]["look"].split()
            values.append(
                {"number": len(found), "label": found[0]["label"], "colour": look[-2], "shape": look[-1]}[match[1]]
            )
        assert tuple(values) == item.answer.value, item.question


@pytest.mark.parametrize("level", [3, 4])
def test_statements_are_true_or_false_as_the_answer_says(level: int) -> None:
    for item in items(level, "checks"):
        things, values = item.scene["objects"], []
        named = {thing["label"]: thing["look"].split() for thing in things}
        for text in re.findall(r"\([abcd]\) ([^.]*)\.", item.question):
            if match := re.fullmatch(rf"There are more ({NOUN}) than ({NOUN})", text):
                counts = [sum(in_group(thing, match[n]) for thing in things) for n in (1, 2)]
                values.append(int(counts[0] > counts[1]))
            elif match := re.fullmatch(r"(\w\w) and (\w\w) have the same (colour|shape)", text):
                place = ATTRIBUTES[match[3]]
                values.append(int(named[match[1]][place] == named[match[2]][place]))
            else:
                match = re.fullmatch(f"There is at least one {QUERY}", text)
                assert match, text
                values.append(int(bool(answer_of(things, match))))
        assert tuple(values) == item.answer.value[:4], item.question


def test_statements_are_as_often_true_as_false() -> None:
    bits = [bit for level in (3, 4) for item in items(level, "checks") for bit in item.answer.value[:4]]
    assert abs(sum(bits) / len(bits) - 0.5) <= 4 * (0.25 / len(bits)) ** 0.5


@pytest.mark.parametrize("level", LEVELS)
def test_no_part_of_a_query_can_be_left_out(level: int) -> None:
    for index in range(60):
        item = make("scene_query", level, index)
        sets = Index(item.scene)
        for query in (asked["query"] for asked in item.scene["asked"]):
            found = sets.query(query)
            for part in ("all", "none"):
                for test in query[part]:
                    rest = [other for other in query[part] if other is not test]
                    assert sets.query(query | {part: rest}) != found
            assert not query["any"] or sets.query(query | {"any": []}) != found
            assert not query["noun"] or sets.query(query | {"noun": ""}) != found


@pytest.mark.parametrize("level", LEVELS)
def test_the_table_of_relations_is_that_of_the_single_ones(level: int) -> None:
    item = make("scene_query", level, 0)
    table = Index(item.scene).relations
    assert table == {
        (place, how): related(item.scene, place, how)
        for place in range(len(item.scene["objects"]))
        for how in RELATIONS
    }


@pytest.mark.parametrize("level", LEVELS)
def test_objects_are_drawn_in_their_cells_above_their_labels(level: int) -> None:
    for index in range(12):
        item = make("scene_query", level, index)
        cell, picture = 384 // item.scene["grid"], item.images("image", 768)[0]
        (canvas,) = SceneQuery().draw(item, 384)
        assert not list(canvas.overlaps("ellipse", "rectangle", "polygon", "text"))
        boxes = {mark.tag: mark.box for mark in canvas.marks if mark.kind != "line"}
        for place, thing in enumerate(item.scene["objects"]):
            left, top, right, bottom = thing["box"]
            colour = canvas.shade(COLOURS[thing["look"].split()[-2]])
            assert picture.getpixel((left + right, top + bottom)) == colour
            label = boxes[f"label {place}"]
            assert bottom <= label[1]
            assert (thing["column"] - 1) * cell < min(left, label[0]) < max(right, label[2]) < thing["column"] * cell
            assert (thing["row"] - 1) * cell < top < label[3] < thing["row"] * cell
