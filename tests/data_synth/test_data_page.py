"""Data pages: every format says the same, exactly the asked records count, and no result is printed."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
import yaml

from data_synth import LEVELS, Item, make, replay, solve_again
from data_synth.families import FAMILIES
from data_synth.families.pages.data_formats import FORMATS, as_text, columns, read_text, shown
from data_synth.families.pages.data_page import FORMS, DataPage, solve_text
from data_synth.families.pages.data_words import ASK
from data_synth.families.pages.products import split_products
from data_synth.program import Scene
from data_synth.rng import Rng
from data_synth.twins import canvases


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(FAMILIES, "data_page", DataPage())
    yield


def items(level: int, count: int = 150) -> list[Item]:
    return [make("data_page", level, index) for index in range(count)]


def counts(scene: Scene, row: dict[str, Any]) -> bool:
    """Whether the question is about this record."""
    if scene["form"] in ("above", "join") and row["factor"] <= scene["limit"]:
        return False
    return scene["form"] == "join" or row["group"] in (
        scene["group"],
        scene["other"] if scene["form"] == "difference" else "",
    )


def reference(scene: Scene) -> Fraction:
    """The result from the scene, by definition."""
    rows = [row for row in scene["rows"] if counts(scene, row)]
    amounts = [Fraction(row["amount"], scene["scale"]) for row in rows]
    match scene["form"]:
        case "mean":
            return sum(amounts, Fraction(0)) / len(amounts)
        case "gap":
            return max(amounts) - min(amounts)
        case "elapsed":
            return Fraction(rows[-1]["time"] - rows[0]["time"])
        case "cost":
            return sum((row["factor"] * amount for row, amount in zip(rows, amounts, strict=True)), Fraction(0))
        case "join":
            return sum(
                (scene["rates"][row["group"]] * amount for row, amount in zip(rows, amounts, strict=True)), Fraction(0)
            )
        case "difference":
            signs = [1 if row["group"] == scene["group"] else -1 for row in rows]
            return sum((sign * amount for sign, amount in zip(signs, amounts, strict=True)), Fraction(0))
        case _:
            return sum(amounts, Fraction(0))


@pytest.mark.parametrize("level", LEVELS)
def test_answers_are_what_the_records_give_by_definition(level: int) -> None:
    seen: Counter[str] = Counter()
    for item in items(level, 300):
        seen[item.scene["form"]] += 1
        assert float(reference(item.scene)) == item.answer.value == solve_again(item) == replay(item), item.id
        assert (item.answer.type == "decimal") == (item.scene["scale"] == 100)
    assert set(seen) == {*FORMS[level], "elapsed"}


@pytest.mark.parametrize("level", LEVELS)
def test_a_text_is_read_back_as_it_was_written(level: int) -> None:
    seen = set()
    for item in items(level):
        scene, fields = item.scene, item.scene["fields"]
        rows, rates = read_text(as_text(scene), scene["format"])
        assert rates == scene["rates"]
        seen.add(scene["format"])
        for row, written in zip(rows, scene["rows"], strict=True):
            for part in columns(scene):
                value = Fraction(written[part], scene["scale"]) if part == "amount" else written[part]
                assert row.get(fields[part], row.get(part)) == value
    assert seen == set(FORMATS)


@pytest.mark.parametrize("level", (0, 4))
def test_other_readers_understand_the_formats(level: int) -> None:
    for item in items(level):
        scene, text = item.scene, as_text(item.scene)
        if scene["format"] not in ("json", "yaml"):
            continue
        held = {**json.loads(text)} if scene["format"] == "json" else yaml.safe_load(text)
        records = held[scene["fields"]["records"]]
        total = sum(map(len, records.values())) if isinstance(records, dict) else len(records)
        assert total == len(scene["rows"])
        assert held.get("rate", {}) == scene["rates"]


@pytest.mark.parametrize("level", LEVELS)
def test_exactly_the_asked_records_matter(level: int) -> None:
    for item in items(level, 80):
        scene = item.scene
        for place, row in enumerate(scene["rows"]):
            rest = {**scene, "rows": scene["rows"][:place] + scene["rows"][place + 1 :]}
            if not counts(scene, row):
                assert solve_text(as_text(rest), rest) == solve_text(as_text(scene), scene), item.id
            elif scene["form"] in ("sum", "cost", "above", "join"):
                assert solve_text(as_text(rest), rest) < solve_text(as_text(scene), scene), item.id
        assert sum(counts(scene, row) for row in scene["rows"]) >= 2
        assert (
            not all(counts(scene, row) for row in scene["rows"]) or scene["form"] in ("difference", "join") or level < 2
        )


@pytest.mark.parametrize("level", LEVELS)
def test_no_result_is_printed(level: int) -> None:
    for item in items(level, 300):
        scale = item.scene["scale"]
        printed = re.findall(r"\d+(?:\.\d+)?", item.question.removesuffix(item.shown))
        assert shown(round(item.answer.value * scale), scale) not in printed


def test_questions_have_eight_wordings_that_name_all_that_decides() -> None:
    assert {form for forms in FORMS for form in forms} | {"elapsed"} == set(ASK)
    for form, texts in ASK.items():
        assert len(set(texts)) >= 8
        needed = {"join": "{f}{n}{a}{k}", "above": "{g}{f}{n}{a}", "difference": "{g}{h}{a}", "elapsed": "{g}"}
        needed |= {"cost": "{g}{f}{a}"}
        for text in texts:
            assert all(mark in text for mark in re.findall(r"{.}", needed.get(form, "{g}{a}"))), text


def test_lines_fit_the_pages_of_every_twin() -> None:
    for level in LEVELS:
        for item in items(level, 12):
            for modality in ("rendered", "mixed", "screenshot"):
                (canvas,) = canvases(item, DataPage(), modality, 96)
                assert canvas.height <= 2 * canvas.width
                lines = "".join("".join(text.split()) for _, _, text, *_ in canvas.texts)
                assert "".join(item.question.removesuffix(item.shown).split()) in lines


def test_a_table_of_rates_is_joined() -> None:
    fields = {"records": "runs", "name": "name", "group": "club", "factor": "laps", "amount": "distance"}
    asked = {"form": "join", "format": "csv", "fields": fields, "group": "", "other": "", "limit": 3}
    text = "club,rate\nComet,2\nDelta,5\n\nname,club,laps,distance\nAna,Comet,4,10\nBen,Delta,3,99\nCleo,Delta,9,7"
    assert solve_text(text, asked) == 2 * 10 + 5 * 7
    assert solve_text(text, asked | {"form": "above", "group": "Delta"}) == 7


def test_a_total_is_split_into_products() -> None:
    split = 0
    for index in range(300):
        rng = Rng("products", index)
        total = rng.between(20, 900)
        pairs = split_products(rng, total, 1 + index % 5, (2, 3, 5), 2)
        split += pairs is not None
        assert pairs is None or sum(a * b for a, b in pairs) == total
        assert pairs is None or all(a in (2, 3, 5) and b >= 2 for a, b in pairs) and len(pairs) == 1 + index % 5
    assert split >= 150


@pytest.mark.parametrize("level", LEVELS)
def test_most_draws_become_items(level: int) -> None:
    kept = [DataPage().logic(Rng("yield", level, n), level) for n in range(200)]
    assert sum(parts is not None for parts in kept) >= 110
