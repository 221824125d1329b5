"""Word problems and receipts: what is told suffices and is needed, and the answer is never printed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from data_synth import LEVELS, Item, make
from data_synth.families.pages.receipt import ASK, FORMS, Receipt, solve_text
from data_synth.families.pages.receipt_pages import as_text, money
from data_synth.families.pages.word_page import STEPS, WordPage, read_story
from data_synth.families.pages.word_sentences import ASK_COUNT, ASK_MONEY, EVENTS, IDLE, SELL, START, THINGS
from data_synth.rng import Rng


def items(family: str, level: int, count: int = 150) -> list[Item]:
    return [make(family, level, index) for index in range(count)]


@pytest.mark.parametrize("level", LEVELS)
def test_every_event_of_a_story_is_needed_and_nothing_else(level: int) -> None:
    for item in items("word_page", level):
        sentences, answer = item.scene["sentences"], item.answer.value
        for place, sentence in enumerate(sentences[1:], 1):
            without = sentences[:place] + sentences[place + 1 :]
            matters = item.scene["thing"] in sentence
            if "gives" in sentence and any("gave to" in later for later in without):
                continue  # a later sentence refers to this one
            assert (read_story(without) != answer) == matters, (item.id, sentence)


@pytest.mark.parametrize("level", LEVELS)
def test_stories_have_the_steps_of_their_level(level: int) -> None:
    for item in items("word_page", level):
        steps = sum(step.op != "number" for step in item.program)
        assert STEPS[level][0] <= steps <= STEPS[level][1]
        assert all(0 < step.value <= 4000 for step in item.program)


def test_idle_sentences_come_at_the_higher_levels_only() -> None:
    idle = [sum(item.features["idle"] for item in items("word_page", level)) for level in LEVELS]
    assert idle[0] == idle[1] == 0 < idle[2] < idle[3] < idle[4]


@pytest.mark.parametrize("level", LEVELS)
def test_no_answer_is_printed(level: int) -> None:
    for item in items("word_page", level):
        assert str(item.answer.value) not in re.findall(r"\d+", item.question + item.scene["heading"])
    for item in items("receipt", level):
        assert money(round(100 * item.answer.value)) not in item.question.split()


def test_sentences_name_the_things_exactly_when_they_matter() -> None:
    assert all("{t}" in text for pool in (START, SELL, *EVENTS.values()) for text in pool)
    assert not any("{t}" in text for text in IDLE)
    told = " ".join(IDLE).lower()
    assert not [thing for thing in THINGS if thing in told]


def test_question_forms_have_eight_wordings() -> None:
    assert min(map(len, (START, ASK_COUNT, ASK_MONEY, *ASK.values()))) >= 8
    assert {form for forms in FORMS for form in forms} == set(ASK)


def test_a_story_is_also_read_after_another_telling() -> None:
    story = ["Ben has 10 pens.", "He buys 2 boxes with 6 pens in each.", "He gives 4 pens to Olga."]
    assert read_story(story) == 18
    assert read_story([*story, "He then buys 3 times as many pens as he gave to Olga."]) == 30
    assert read_story([*story, "He makes 6 equal parts of all the pens and keeps just one part."]) == 3
    assert read_story([*story, "In the end he sells all the pens for 2 euros each."]) == 36


@pytest.mark.parametrize("level", LEVELS)
def test_every_asked_line_of_a_receipt_is_needed(level: int) -> None:
    for item in items("receipt", level, 80):
        scene = item.scene
        if scene["form"] == "unit":
            continue
        for place, line in enumerate(scene["lines"]):
            rest = {**scene, "lines": scene["lines"][:place] + scene["lines"][place + 1 :]}
            matters = scene["group"] in ("", line.get("group"))
            changed = (
                solve_text(as_text(rest), scene["form"], scene["item"], scene["group"])
                != round(100 * item.answer.value) / 100
            )
            assert changed == matters or not matters


@pytest.mark.parametrize("level", LEVELS)
def test_amounts_are_whole_cents_on_the_way(level: int) -> None:
    forms: Counter[str] = Counter()
    for item in items("receipt", level):
        forms[item.scene["form"]] += 1
        for step in item.program:
            if step.op in ("percent_off", "percent_on"):
                (before,) = (item.program[place].value for place in step.inputs)
                assert before * (100 + step.args["by"] * (-1 if step.op == "percent_off" else 1)) % 100 == 0
        assert item.answer.value > 0
        assert len(str(item.answer.value).partition(".")[2]) <= 2
    assert set(forms) == set(FORMS[level])


def test_a_receipt_is_read_as_it_is_written() -> None:
    text = "Shop\nqty | item | type | each\n2 | tea | drink | 1.50\n1 | pen | office | 3.05\n"
    assert solve_text(text, "group", "", "drink") == 3
    assert float(solve_text(text + "Discount on all drink items: 10 %", "group", "", "drink")) == 2.7
    plain = "Shop\nqty | item | each\n2 | tea | 1.50\n1 | pen | 3.05\n"
    assert float(solve_text(plain, "total", "", "")) == 6.05
    assert float(solve_text(plain + "Paid: 10.00", "change", "", "")) == 3.95
    assert float(solve_text(plain + "Tax, not included in the prices: 20 %", "tax", "", "")) == 7.26
    assert float(solve_text("Shop\nqty | item | sum\n4 | tea | 5.00\n", "unit", "tea", "")) == 1.25


@pytest.mark.parametrize("family", ["word_page", "receipt", "code_page", "data_page", "screen_page"])
@pytest.mark.parametrize("level", LEVELS)
def test_traces_are_of_a_readable_length(family: str, level: int) -> None:
    for item in items(family, level, 40):
        lengths = [len(re.findall(r"\w+|[^\w\s]", item.trace("text", variant))) for variant in range(6)]
        assert 80 <= min(lengths) and max(lengths) <= 600, (item.id, lengths)  # words and signs; tokens are more


@pytest.mark.parametrize("family", ["data_page", "screen_page"])
def test_one_of_a_thing_is_told_in_the_singular(family: str) -> None:
    traces = [make(family, level, index).trace("text", index % 6) for level in LEVELS for index in range(150)]
    assert not [trace for trace in traces if re.search(r"(?<![\d.:])1 (hours|minutes|seconds|records)\b", trace)]
    assert any(re.search(r"\b1 (hour|minute|second)\b", trace) for trace in traces)


def test_looks_do_not_change_what_is_asked() -> None:
    for family in (WordPage(), Receipt()):
        item = make(family.name, 3, 2)
        other = replace(item, scene={**item.scene, "style": {"theme": "rose", "face": "hanken"}})
        assert other.content_hash == item.content_hash and other.prompt("text") == item.prompt("text")
        assert other.images("mixed")[0].tobytes() != item.images("mixed")[0].tobytes()


@pytest.mark.parametrize("level", LEVELS)
def test_few_candidates_are_wasted(level: int) -> None:
    for family in (WordPage(), Receipt()):
        kept = [family.logic(Rng("yield", family.name, level, n), level) for n in range(200)]
        assert sum(parts is not None for parts in kept) >= 120
