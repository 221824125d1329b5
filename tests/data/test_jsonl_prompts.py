"""Prompts from JSONL lines, and what all file sources share: ids, choices, own fields, bad records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from made_sources import BLUE, GOOD, INSTRUCTION, RED, colours, opened, png, write_jsonl

from vlm_rl.data.records import BadRecord


def test_jsonl_rows_become_prompts_with_their_images(tmp_path: Path) -> None:
    (tmp_path / "pics").mkdir()
    for colour in ("red", "blue"):
        (tmp_path / "pics" / f"{colour}.png").write_bytes(png(colour))
    row = {"question": "Is <image 2> like <image 1>?", "answer": "no", "images": ["pics/red.png", "pics/blue.png"]}
    plain = {"question": "What is é + 1?", "answer": 2}
    absolute = {"question": "Colour?", "answer": "red", "image": str(tmp_path / "pics" / "red.png")}
    path = write_jsonl(tmp_path / "train.jsonl", row, "", plain, absolute)
    source = opened("jsonl", path)

    assert source.ids == ["train.jsonl/0", "train.jsonl/1", "train.jsonl/2"]
    assert (source.modalities, source.levels, len(source)) == (["image", "text", "image"], [0, 0, 0], 3)
    first = source.prompt(0)
    assert first.messages[0].role == "user"
    assert first.messages[0].content == f"Is <image> like <image>?\n{INSTRUCTION}"
    assert colours(source, first) == [BLUE, RED]
    assert source.prompt(1).messages[0].content == f"What is é + 1?\n{INSTRUCTION}"
    assert (source.prompt(1).images, source.prompt(1).answer, source.prompt(1).modality) == ((), "2", "text")
    assert source.prompt(2).messages[0].content == f"<image>\nColour?\n{INSTRUCTION}"
    assert source.prompt(2).cell == "train.jsonl/0/image"


def test_ids_and_prompts_do_not_depend_on_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(png("red"))
    write_jsonl(tmp_path / "train.jsonl", {"question": "?", "answer": "1", "image": "a.png"})
    monkeypatch.chdir(tmp_path)
    here = opened("jsonl", "train.jsonl").prompt(0)
    assert here == opened("jsonl", tmp_path / "train.jsonl").prompt(0)


def test_choices_travel_in_the_tags(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", {"question": "Which?", "answer": "B", "options": ["ä", "b"]})
    prompt = opened("jsonl", path, columns={"choices": "options"}, verifier="choice").prompt(0)
    assert prompt.messages[0].content == f"Which?\n(A) ä\n(B) b\n{INSTRUCTION}"
    assert (prompt.tags, prompt.verifier) == ((("choices", '["ä", "b"]'),), "choice")


def test_names_levels_and_own_fields_of_records(tmp_path: Path) -> None:
    rows = [
        {"question": "?", "answer": "1", "uid": "x", "hard": 2, "family": "sums", "verifier": "typed"},
        {"question": "?", "answer": "1", "uid": "y", "hard": None},
    ]
    path = write_jsonl(tmp_path / "q.jsonl", *rows)
    source = opened("jsonl", path, name="mine", level=1, columns={"id": "uid", "level": "hard"})
    assert source.ids == ["mine/x", "mine/y"]
    assert source.levels == [2, 1]
    assert source.families == ["sums", "mine"]
    assert source.verifiers == {"typed", "math"}
    assert source.prompt(0).verifier == "typed"
    # a verifier that the config names is not the file's to change
    assert opened("jsonl", path, verifier="number").prompt(0).verifier == "number"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{broken", "bad JSON"),
        ("[1, 2]", "bad JSON"),
        ("[" * 100_000, "bad JSON"),
        ('{"answer": "1"}', "missing column"),
        ('{"question": "?", "answer": " "}', "empty answer"),
        ('{"question": "?", "answer": "1", "image": "gone.png"}', "missing image"),
        ('{"question": "?", "answer": "1", "image": "."}', "missing image"),
        ('{"question": "?", "answer": "1", "image": "a\\u0000.png"}', "missing image"),
        ('{"question": "?", "answer": "1", "image": 7}', "bad image"),
        ('{"question": "<image> <image>", "answer": "1"}', "mark mismatch"),
    ],
)
def test_a_bad_line_stops_the_scan_by_name_or_is_counted(tmp_path: Path, bad: str, reason: str) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", GOOD, bad, GOOD)
    with pytest.raises(BadRecord, match=rf"q\.jsonl line 2: {reason}"):
        opened("jsonl", path)
    source = opened("jsonl", path, skip=True)
    assert source.skipped == {reason: 1}
    assert source.ids == ["q.jsonl/0", "q.jsonl/2"]  # a record keeps its id when its neighbour is repaired
    assert source.prompt(1).id == "q.jsonl/2"


def test_bytes_that_are_no_utf8_are_bad_json(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes(b'{"question": "\xff", "answer": "1"}\n')
    with pytest.raises(BadRecord, match="line 1: bad JSON"):
        opened("jsonl", tmp_path / "q.jsonl")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n")
    assert opened("jsonl", tmp_path / "q.jsonl").prompt(0).answer == "1"


def test_ids_that_come_twice_are_refused_naming_both(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", {**GOOD, "uid": 1}, {**GOOD, "uid": 2}, {**GOOD, "uid": "1"})
    with pytest.raises(ValueError, match=r"'1' is of .*line 1 and of .*line 3"):
        opened("jsonl", path, columns={"id": "uid"}, skip=True)


def test_a_source_without_usable_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no usable record; skipped: \{'bad JSON': 1\}"):
        opened("jsonl", write_jsonl(tmp_path / "q.jsonl", "{"), skip=True)
    with pytest.raises(ValueError, match="no such file"):
        opened("jsonl", tmp_path / "gone.jsonl", skip=True)


def test_names_and_instructions_that_would_break_prompts_are_refused(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", GOOD)
    with pytest.raises(ValueError, match="text without /"):
        opened("jsonl", path, name="a/b")
    with pytest.raises(ValueError, match="must not contain <image>"):
        opened("jsonl", path, instruction="See <image>.")


@pytest.mark.parametrize("data", [png("red")[:40], b"text", png("red", side=200)])
def test_a_corrupt_image_or_a_bomb_shows_when_its_prompt_is_made(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    source = opened("jsonl", write_jsonl(tmp_path / "q.jsonl", {**GOOD, "image": "a.png"}, GOOD), bomb_pixels=1000)
    with pytest.raises(BadRecord, match=r"q\.jsonl line 1: corrupt image: file:.*a\.png"):
        source.prompt(0)
    assert source.prompt(1).answer == "1"


def test_a_file_rewritten_during_the_run_is_noticed(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", {**GOOD, "uid": "old"})
    source = opened("jsonl", path, columns={"id": "uid"})
    write_jsonl(path, {**GOOD, "uid": "new"})
    with pytest.raises(BadRecord, match="changed record: it was 'q.jsonl/old'"):
        source.prompt(0)
