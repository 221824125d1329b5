"""Steps on a scene: the question, followed word by word, gives the answer, and no step tells it."""

from __future__ import annotations

import re

import pytest

from data_synth import Item, make
from data_synth.families import FAMILIES
from data_synth.families.scenes.scene_arith import KNOBS, SceneArith
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES
from data_synth.render.style import figure_look

LEVELS = range(5)
ONE = {"cross": "cross", "crosses": "cross"}  # other plurals just have an s
Thing = list[str]  # words of a look

COLOUR, SHAPE = "|".join(COLOURS), "|".join(SHAPES)
# the orders as a reader understands them: pattern, then what it does
ADD = r"(?:add|put in|draw) (\d+) (?:more )?(.+)"
TAKE = r"(?:remove|take away|erase) (\d+) (.+)"
CLEAR = r"(?:remove|take away|erase) all (.+)"
PAINT_SOME = rf"(?:paint|make|recolour) (\d+) (.+?) (?:to )?({COLOUR})"
PAINT = rf"(?:paint|make|recolour) all (.+?) (?:to )?({COLOUR})"
TURN = r"(?:turn|replace|change) all (.+) (?:into|by|to) (.+)"
SWAP = rf"(?:swap the colours|exchange the colours) ({COLOUR}) and ({COLOUR})"
SWAP_LONG = rf"paint the ({COLOUR}) objects ({COLOUR}) and, at the same time, the .+"


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "scene_arith", SceneArith())


def group(text: str) -> list[str]:
    """Words of a group such as small red circles or red objects."""
    words = [
        word if word == "cross" else word.removesuffix("es" if word == "crosses" else "s") for word in text.split()
    ]
    return [word for word in words if word != "object"]


def fits(thing: Thing, words: list[str]) -> bool:
    return all(word in thing for word in words)


def repainted(thing: Thing, word: str) -> Thing:
    kind = COLOURS if word in COLOURS else SHAPES
    return [word if old in kind else old for old in thing]


def follow(things: list[Thing], order: str) -> list[Thing]:
    if match := re.fullmatch(ADD, order):
        return things + [group(match[2])] * int(match[1])
    if match := re.fullmatch(TAKE, order):
        found = [n for n, thing in enumerate(things) if fits(thing, group(match[2]))][: int(match[1])]
        assert len(found) == int(match[1])
        return [thing for n, thing in enumerate(things) if n not in found]
    if match := re.fullmatch(CLEAR, order):
        return [thing for thing in things if not fits(thing, group(match[1]))]
    if match := re.fullmatch(PAINT_SOME, order):
        found = [n for n, thing in enumerate(things) if fits(thing, group(match[2]))][: int(match[1])]
        assert len(found) == int(match[1])
        return [repainted(thing, match[3]) if n in found else thing for n, thing in enumerate(things)]
    if match := re.fullmatch(PAINT, order) or re.fullmatch(TURN, order):
        (word,) = group(match[2]) if match[2] not in COLOURS else [match[2]]
        return [repainted(thing, word) if fits(thing, group(match[1])) else thing for thing in things]
    match = re.fullmatch(SWAP, order) or re.fullmatch(SWAP_LONG, order)
    assert match, order
    one, other = match[1], match[2]
    return [[{one: other, other: one}.get(word, word) for word in thing] for thing in things]


def orders(item: Item) -> list[str]:
    """The orders in the question: sentences that begin with a verb, behind First, Then, Next or After that."""
    sentences = re.split(r"(?<=[.?]) ", item.question)
    plain = [re.sub(r"^(First,|Then|Next|After that,) ", "", text).rstrip(".") for text in sentences]
    verbs = ("add", "put", "draw", "remove", "take", "erase", "paint", "make", "recolour", "turn", "replace", "change")
    starts = tuple(f"{verb} " for verb in (*verbs, "swap", "exchange"))
    found = [text[:1].lower() + text[1:] for text in plain if (text[:1].lower() + text[1:]).startswith(starts)]
    return [text for text in found if not text.startswith(("change the picture", "add up"))]


@pytest.mark.parametrize("level", LEVELS)
def test_the_orders_in_the_question_lead_to_the_answer(level: int) -> None:
    for index in range(150):
        item = make("scene_arith", level, index)
        things = [thing["look"].split() for thing in item.scene["objects"]]
        told = orders(item)
        assert len(told) == KNOBS[level].steps, item.question
        for order in told:
            things = follow(things, order)
        counts = tuple(sum(fits(thing, of.split()) for thing in things) for of in item.scene["groups"])
        weights = [int(number) for number in re.findall(r"counts (\d+) points", item.question)]
        value = sum(w * n for w, n in zip(weights, counts, strict=True)) if weights else counts
        assert value == item.answer.value, (item.id, item.question)


@pytest.mark.parametrize("level", LEVELS)
def test_every_step_changes_the_scene(level: int) -> None:
    for index in range(150):
        states = [step.value for step in make("scene_arith", level, index).program if step.type == "state"]
        assert all(before != after for before, after in zip(states, states[1:], strict=False))


@pytest.mark.parametrize("level", LEVELS)
def test_counting_without_the_steps_is_almost_never_right(level: int) -> None:
    hits = 0
    for index in range(200):
        item = make("scene_arith", level, index)
        looks = [thing["look"].split() for thing in item.scene["objects"]]
        counts = tuple(sum(fits(look, of.split()) for look in looks) for of in item.scene["groups"])
        weights = item.scene["weights"]
        hits += item.answer.value == (sum(w * n for w, n in zip(weights, counts, strict=True)) if weights else counts)
    assert hits <= 6


@pytest.mark.parametrize("level", [1, 3])
def test_counts_are_uniform_whether_or_not_a_step_adds_to_the_group(level: int) -> None:
    """The share of counts in the upper half of their range: half of them, also for groups that the steps increase."""
    upper: dict[bool, list[bool]] = {True: [], False: []}
    for index in range(500):
        item = make("scene_arith", level, index)
        if item.answer.type == "tuple":
            low, high = KNOBS[level].asked[3]
            for of, count in zip(item.scene["groups"], item.answer.value, strict=True):
                grows = any(
                    step["kind"] == "add" and fits(step["of"].split(), of.split()) for step in item.scene["steps"]
                )
                assert low <= count <= high
                if 2 * count != low + high:
                    upper[grows].append(2 * count > low + high)
    for hits in upper.values():
        assert abs(sum(hits) / len(hits) - 0.5) <= 4 * (0.25 / len(hits)) ** 0.5


def test_each_object_has_its_colour_and_its_own_cell_in_the_picture() -> None:
    for level in LEVELS:
        for index in range(10):
            item = make("scene_arith", level, index)
            picture, look = item.images("image", 768)[0], figure_look(item.scene)
            for thing in item.scene["objects"]:
                left, top, right, bottom = thing["box"]
                pixel = picture.getpixel((left + right, top + bottom))
                assert pixel == look.shade(COLOURS[thing["look"].split()[-2]]), (item.id, thing)
            (canvas,) = SceneArith().draw(item, 384)
            assert not list(canvas.overlaps("ellipse", "rectangle", "polygon"))
