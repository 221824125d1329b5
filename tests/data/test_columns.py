"""The column mapping: marks, choices, levels, ids, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm_rl.config import Columns
from vlm_rl.data.columns import Fields, place_marks, read_fields
from vlm_rl.data.records import BadRecord, ImageValue, Record


def images(count: int) -> tuple[ImageValue, ...]:
    return tuple(ImageValue("images", place, f"{place}.png") for place in range(count))


def read(fields: dict[str, Any], default_level: int = 0, **columns: Any) -> Fields:
    return read_fields(Record(4, "4", "train.jsonl line 5", fields), Columns(**columns), default_level)


def refused(fields: dict[str, Any], **columns: Any) -> BadRecord:
    with pytest.raises(BadRecord, match="train.jsonl line 5") as caught:
        read(fields, **columns)
    return caught.value


plain_text = st.text(alphabet="ab <>image1\n", max_size=12).filter(lambda text: "<image" not in text)


@given(st.lists(plain_text, min_size=2, max_size=6))
def test_plain_marks_keep_the_order_of_images(parts: list[str]) -> None:
    text, placed = place_marks("<image>".join(parts), images(len(parts) - 1), "here")
    assert text == "<image>".join(parts)
    assert placed == images(len(parts) - 1)


@given(st.permutations(range(5)), st.integers(1, 5))
def test_numbered_marks_put_images_in_the_order_of_mention(order: list[int], count: int) -> None:
    mentioned = [place for place in order if place < count]
    text, placed = place_marks(" and ".join(f"<image {place + 1}>" for place in mentioned), images(count), "here")
    assert text == " and ".join(["<image>"] * count)
    assert [image.position for image in placed] == mentioned


@given(st.integers(0, 5), st.integers(1, 5), st.booleans())
def test_marks_that_do_not_match_the_images_are_refused_with_both_counts(have: int, marks: int, number: bool) -> None:
    if have == marks:
        return
    text = " ".join(f"<image {place + 1}>" if number else "<image>" for place in range(marks))
    with pytest.raises(BadRecord, match=rf"got {marks} marks .* for {have} images"):
        place_marks(text, images(have), "here")


def test_an_image_that_is_mentioned_twice_stands_twice() -> None:
    text, placed = place_marks("<image 2>, <image 1>, <image 2>?", images(2), "here")
    assert text == "<image>, <image>, <image>?"
    assert [image.position for image in placed] == [1, 0, 1]


@pytest.mark.parametrize("text", ["<image> <image 2>", "<image 0>", "<image 1> <image 3>"])
def test_mixed_or_misnumbered_marks_are_refused(text: str) -> None:
    with pytest.raises(BadRecord, match="mark mismatch"):
        place_marks(text, images(2), "here")


def test_images_without_marks_come_first() -> None:
    found = read({"question": "Which is larger?", "answer": "left", "images": ["a.png", "b.png"]})
    assert found.question == "<image>\n<image>\nWhich is larger?"


def test_a_question_that_stands_in_the_picture_may_have_no_text() -> None:
    assert read({"question": "", "answer": "3", "image": "page.png"}).question == "<image>"
    error = refused({"question": " ", "answer": "3"})
    assert error.reason == "empty question" and "no image" in str(error)


def test_null_and_missing_images_make_a_text_prompt() -> None:
    nothing: list[dict[str, Any]] = [
        {},
        {"image": None},
        {"images": []},
        {"images": [None]},
        {"image": {"bytes": None, "path": None}},
    ]
    for extra in nothing:
        found = read({"question": "1 + 1?", "answer": 2, **extra})
        assert (found.images, found.modality, found.question, found.answer) == ((), "text", "1 + 1?", "2")


def test_image_columns_are_read_in_their_order_and_keep_their_positions() -> None:
    row = {"question": "?", "answer": "x", "second": "s.png", "first": [None, "f.png"]}
    found = read(row, images=("first", "second"))
    assert found.images == (ImageValue("first", 1, "f.png"), ImageValue("second", 0, "s.png"))


def test_dotted_names_reach_into_structs_and_plain_names_with_a_dot_win() -> None:
    row = {"qa": {"text": {"q": "why?"}, "gold": "so"}, "qa.gold": "flat", "meta": {"id": 9, "hard": 2}}
    found = read(row, question="qa.text.q", answer="qa.gold", id="meta.id", level="meta.hard")
    assert (found.question, found.answer, found.id, found.level) == ("why?", "flat", "9", 2)


@pytest.mark.parametrize(
    "options",
    [["one", " two\nlines ", 3], '["one", "two lines", 3]', "['one', 'two lines', 3]"],
)
def test_choices_are_listed_under_the_question(options: Any) -> None:
    found = read({"question": "Which?", "answer": "B", "options": options}, choices="options")
    assert found.question == "Which?\n(A) one\n(B) two lines\n(C) 3"
    assert found.choices == ("one", "two lines", "3")


def test_choices_may_show_images() -> None:
    row = {"question": "Like <image 1>?", "answer": "A", "options": "['<image 2>', 'none']", "images": ["q", "a"]}
    assert read(row, choices="options").question == "Like <image>?\n(A) <image>\n(B) none"


@pytest.mark.parametrize("options", ["[]", [], None])
def test_an_open_question_has_no_choices(options: Any) -> None:
    assert read({"question": "Why?", "answer": "so", "options": options}, choices="options").question == "Why?"


@pytest.mark.parametrize(
    "options",
    [
        "__import__('os').getcwd()",
        "[open('x')]",
        "{'a': 1}",
        "one, two",
        7,
        ["a", ""],
        ["a"] * 27,
        [{1, 2}],
        json.dumps(["a" * 30_000]),
        "[" * 15_000,
    ],
)
def test_choices_that_are_no_list_of_texts_are_refused(options: Any) -> None:
    assert refused({"question": "Which?", "answer": "A", "options": options}, choices="options").reason == "bad choices"


def test_a_missing_column_is_refused_with_the_nearest_name() -> None:
    error = refused({"question": "?", "answers": "1"})
    assert error.reason == "missing column" and "did you mean 'answers'?" in str(error)
    assert refused({"question": "?", "answer": "1"}, level="difficulty").reason == "missing column"


@pytest.mark.parametrize("answer", ["", "  ", None, float("nan")])
def test_an_empty_answer_is_refused(answer: Any) -> None:
    assert refused({"question": "?", "answer": answer}).reason == "empty answer"


@pytest.mark.parametrize(
    ("value", "text"), [(" x ", "x"), (3, "3"), (0, "0"), (2.5, "2.5"), (True, "true"), (["é", 1], '["é", 1]')]
)
def test_answers_are_texts_numbers_or_json(value: Any, text: str) -> None:
    assert read({"question": "?", "answer": value}).answer == text


@pytest.mark.parametrize(("value", "level"), [(3, 3), ("3", 3), (3.0, 3), (None, 1)])
def test_levels_are_integers_and_null_is_the_level_of_the_source(value: Any, level: int) -> None:
    assert read({"question": "?", "answer": "1", "level": value}, default_level=1, level="level").level == level


@pytest.mark.parametrize("value", [-1, 1.5, "hard", True, "9" * 5000])
def test_other_levels_are_refused(value: Any) -> None:
    assert refused({"question": "?", "answer": "1", "level": value}, level="level").reason == "bad level"


@pytest.mark.parametrize("value", [None, "", 1.5, ["a"]])
def test_other_ids_than_texts_and_integers_are_refused(value: Any) -> None:
    assert refused({"question": "?", "answer": "1", "uid": value}, id="uid").reason == "bad id"


def test_a_question_that_is_no_text_is_refused() -> None:
    assert refused({"question": ["a"], "answer": "1"}).reason == "bad question"


def test_only_a_record_with_an_image_can_be_rendered_text() -> None:
    row = {"question": "?", "answer": "1", "modality": "rendered"}
    assert read(row).modality == "text"
    assert read({**row, "image": "a.png"}).modality == "rendered"
    assert read({**row, "image": "a.png", "modality": "MRI"}).modality == "image"
