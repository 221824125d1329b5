"""The benchmark of held-out items: what is asked, and what twins tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scripted_engine import Evaluations

from data_synth import Item
from vlm_rl.evaluation.evaluate import Settings, load_benchmark
from vlm_rl.evaluation.twins import twins
from vlm_rl.types import Prompt

SETTINGS: dict[str, Any] = {
    "benchmark": "synthetic",
    "families": {"expression": (0, 1), "scene_count": (0,)},
    "items": 6,
    "image_size": 64,
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Evaluations:
    return Evaluations(monkeypatch)


def item_of(name: str) -> Item:
    return Item.from_id(name.partition("#")[0])


def modality_of(name: str) -> str:
    return name.partition("#")[2]


def test_items_are_held_out_and_asked_in_every_modality() -> None:
    questions = load_benchmark(Settings(policy="p", **SETTINGS)).questions
    assert all(item_of(question.id).split == "eval" for question in questions)
    assert all(question.text == item_of(question.id).prompt(modality_of(question.id)) for question in questions)
    asked: dict[str, list[str]] = {}
    for name in (question.id for question in questions if question.id.startswith("expression")):
        asked.setdefault(modality_of(name), []).append(name.partition("#")[0])
    assert {"text", "rendered"} <= asked.keys() and len(asked["text"]) == 12
    assert all(items == asked["text"] for items in asked.values())  # the same ones, as text and as pictures
    for question in questions:
        assert question.text.count("<image>") == len(question.images)
        assert all(question.open_image(name).mode == "RGB" for name in question.images)


def test_right_answers_score_in_both_modes(run: Evaluations, tmp_path: Path) -> None:
    summary, lines = run(tmp_path / "out", lambda prompt, _: item_of(prompt.id).direct(), **SETTINGS)
    assert summary["official"]["overall"]["accuracy"] == summary["strict"]["overall"]["accuracy"] == 1.0
    assert summary["twins"]["gap"] == 0.0 and summary["twins"]["consistency"] == 1.0
    for line in lines:
        assert line["gold"] and line["official"] == line["strict"]
        assert len(line["images"]) == line["question"].count("<image>")
        assert all((tmp_path / "out" / "images" / image).is_file() for image in line["images"])


def test_the_gap_is_accuracy_as_text_minus_as_a_picture(run: Evaluations, tmp_path: Path) -> None:
    """As text all of level 0 and half of level 1; as a picture half of level 0 and none of level 1."""

    def right(prompt: Prompt) -> bool:
        item = item_of(prompt.id)
        half = int(item.content_hash, 16) % 2 == 0
        return (half or item.level == 0) if prompt.modality == "text" else (half and item.level == 0)

    summary, lines = run(
        tmp_path / "out",
        lambda prompt, _: item_of(prompt.id).direct() if right(prompt) else "\\boxed{no}",
        **SETTINGS | {"families": {"expression": (0, 1)}, "items": 10},
    )
    by_modality: dict[str, dict[str, bool]] = {}
    for line in lines:
        name, _, modality = line["id"].partition("#")
        by_modality.setdefault(modality, {})[name] = line["strict"]["correct"]
    text = by_modality.pop("text")
    pairs = [(text[name], shown) for answers in by_modality.values() for name, shown in answers.items()]
    found = summary["twins"]
    assert found["pairs"] == len(pairs) == 20 * len(by_modality)
    assert found["gap"] == pytest.approx(sum(a - b for a, b in pairs) / len(pairs)) and found["gap"] > 0.2
    assert found["consistency"] == pytest.approx(sum(a == b for a, b in pairs) / len(pairs))
    assert found["gap_interval"][0] < found["gap"] < found["gap_interval"][1]
    assert found["by_family"].keys() == {"expression"}


def line(name: str, correct: bool) -> dict[str, Any]:
    return {"id": name, "strict": {"correct": correct}}


def test_consistency_of_samples_is_that_of_a_random_pair() -> None:
    """Text right in 2 of 4 samples, picture in 3 of 4: equal in 2 * 3 + 2 * 1 of the 16 pairs."""
    lines = [line("a/0/1@1#text", sample < 2) for sample in range(4)]
    lines += [line("a/0/1@1#rendered", sample < 3) for sample in range(4)]
    found = twins(lines)
    assert found and found["consistency"] == pytest.approx(8 / 16) and found["gap"] == pytest.approx(-0.25)


def test_items_without_a_twin_say_nothing_about_the_gap() -> None:
    assert twins([line("a/0/1@1#image", True), line("b/0/1@1#text", True)]) is None
