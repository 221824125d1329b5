"""MMMU: its parsers' rules and traps, case by case; prompts and records."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm_rl.evaluation import mmmu
from vlm_rl.evaluation.mmmu_open import normalize, open_items
from vlm_rl.evaluation.mmmu_subjects import DOMAINS

OPTIONS = ["Mosque", "Gothic church", "church", "A tower"]
# (response, official letter; None = random), from the rules and consequences in the description of the parser
LETTERS = [
    ("B", "B"),
    ("B.", "B"),
    ("(B)", "B"),
    ("Answer: B", "B"),
    ("A dog sat there. The answer is (B)", "B"),
    ("The answer is B because A is wrong", "A"),  # the last one wins
    ("(A) is wrong, (C) is right, not (B)", "B"),
    ("B and also (C)", "C"),  # brackets go before bare letters
    ("It is a B movie", "B"),
    ("I saw A tower of B", "B"),
    ("b", None),
    ("B)", None),
    ("Option B: text", None),
    ("Mosque", None),  # five words or fewer: option texts are not looked for
    ("it must be the mosque, I think", "A"),
    ("it must be a gothic church, I think", "C"),  # "church" starts later than "gothic church"
    ("first a church and then a mosque there", "A"),
    ("", None),
    ("I see no picture", None),
    ("';:?B!.,'", None),  # each character once, in order: ' is stripped last and leaves ; behind
    (",B'", "B"),
]


@pytest.mark.parametrize(("response", "letter"), LETTERS)
def test_official_letter(response: str, letter: str | None) -> None:
    assert mmmu.official_letter(response, OPTIONS) == letter


@pytest.mark.parametrize("ending", [r"\boxed{B}", "<answer>B</answer>", "**B**", "B\n", r"<answer>\boxed{B}</answer>"])
def test_forms_that_the_official_parser_draws_lots_on_are_unwrapped(ending: str) -> None:
    for mode in ("official", "strict"):
        result = mmmu.score(ending, "B", question_type="multiple-choice", options=OPTIONS, mode=mode)
        assert (result.correct, result.prediction, result.random_fallback) == (True, "B", False)


def test_a_final_line_outweighs_what_stands_before_it() -> None:
    result = mmmu.score("(A) and (C).\n\n\\boxed{B}", "B", question_type="multiple-choice", options=OPTIONS)
    assert (result.correct, result.reason) == (True, "final line")


def test_the_index_letter_counts_where_options_are_letters_in_another_order() -> None:
    result = mmmu.score("\\boxed{B}", "B", question_type="multiple-choice", options=["E", "B", "C", "A"], mode="strict")
    assert result.correct
    assert not mmmu.score("\\boxed{B}", "A", question_type="multiple-choice", options=["B", "A"], mode="strict").correct


def test_the_random_fallback_repeats_depends_on_the_response_and_is_fair() -> None:
    def draw(response: str) -> str | None:
        result = mmmu.score(response, "B", question_type="multiple-choice", options=OPTIONS)
        assert result.random_fallback and result.abstained and result.expected == 0.25
        assert result.correct == (result.prediction == "B")
        return result.prediction

    drawn = [draw(f"no idea {number}") for number in range(400)]
    assert drawn == [draw(f"no idea {number}") for number in range(400)]
    assert all(70 <= drawn.count(letter) <= 130 for letter in "ABCD")


@pytest.mark.parametrize("ending", ["\n\nB\n", "\n**B**", "\n(B)", "\nGothic church", "\n\\boxed{B}"])
def test_strict_mode_reads_the_last_line_where_an_earlier_answer_names_no_option(ending: str) -> None:
    for start in ("It is round.", "The answer is (A), I thought at first, but no."):
        result = mmmu.score(start + ending, "B", question_type="multiple-choice", options=OPTIONS, mode="strict")
        assert result.correct


def test_strict_mode_never_guesses() -> None:
    for response in ("no idea", "I think\nit could be A or B", "<think>The answer is B", ""):
        result = mmmu.score(response, "B", question_type="multiple-choice", options=OPTIONS, mode="strict")
        assert (result.correct, result.random_fallback, result.expected, result.abstained) == (False, False, 0.0, True)


OPEN = [
    ("The result is 8.4.", "8.4", True),
    ("8.4 and 5 and 6", "5", True),  # listing numbers is rewarded
    ("1,234.5", "234.5", True),  # as is the tail of a number
    ("about 0.286", "0.29", True),
    ("0.9965", "1.00", True),
    ("10%", "0.10", False),
    ("0.015625", "1/64", False),
    ("2 million", "2000000", False),
    ("It is a Gothic arch, clearly", "gothic", True),
    ("(C)", "C", False),
    ("so c it is", "C", True),  # a lone character matches next to a blank
    ("so cat it is", "C", False),
    ("c", "C", True),
    ("x = 3\ny = 4", "3", False),  # "=" counts in the last line only
    ("x = 3", "3", True),
    ("1.5e3 units", "1500", True),
    ("\\boxed{8.4}", "8.4", True),
    ("it is 7\n\n\\boxed{8.4}", "8.4", True),
]


@pytest.mark.parametrize(("response", "gold", "correct"), OPEN)
def test_official_open_questions(response: str, gold: str, correct: bool) -> None:
    assert mmmu.score(response, gold, question_type="short-answer", options=[]).correct is correct


def test_a_multiple_choice_question_needs_options() -> None:
    with pytest.raises(ValueError, match="needs options"):
        mmmu.score("B", "B", question_type="multiple-choice", options=[])


def test_any_of_several_gold_answers_counts() -> None:
    for mode in ("official", "strict"):
        assert mmmu.score("3.429", ["24/7", "3.429"], question_type="open", options="[]", mode=mode).correct


@pytest.mark.parametrize(
    ("response", "gold", "correct"),
    [
        ("\\boxed{8.401}", "8.4", True),
        ("8.4 and 5 and 6", "5", False),
        ("$1,234", "1234", True),
        ("\\boxed{1/64}", "0.015625", True),
        ("<answer>Gothic</answer>", "gothic", True),
        ("<answer>Gothic or Roman</answer>", "gothic", False),
    ],
)
def test_strict_open_questions_read_one_answer(response: str, gold: str, correct: bool) -> None:
    assert mmmu.score(response, gold, question_type="open", options=[], mode="strict").correct is correct


# The patterns as the parser's description gives them: the reference for the linear-time ones
PLAIN = (
    r"-?\b\d{1,3}(?:,\d{3})+\b",
    r"-?\d+(?:\.\d+)?[eE][+-]?\d+",
    r"-?(?:\d+\.\d+|\.\d+|\d+\b)(?![eE][+-]?\d+)(?![,\d])",
)


@given(st.text(alphabet="0123456789.,-+eE x", max_size=40))
def test_linear_patterns_find_the_same_numbers_as_the_plain_ones(text: str) -> None:
    phrase = text.strip().strip(".").lower()
    wanted = [
        item for number in [phrase, *(n for p in PLAIN for n in re.findall(p, phrase))] for item in normalize(number)
    ]
    assert repr(open_items(text)) == repr(wanted)


RECORD: dict[str, Any] = {
    "id": "validation_Art_Theory_12",
    "question": "Which is in <image 1>?",
    "options": "['Mosque', '<image 2>']",
    "answer": "B",
    "question_type": "multiple-choice",
    "topic_difficulty": "Easy",
}


def test_official_prompt_keeps_the_image_marks() -> None:
    assert mmmu.prompt(RECORD) == (
        "Which is in <image 1>?\n\n(A) Mosque\n(B) <image 2>\n\n"
        "Answer with the option's letter from the given choices directly."
    )
    open_record = RECORD | {"question_type": "open", "options": "[]"}
    assert mmmu.prompt(open_record) == "Which is in <image 1>?\n\nAnswer the question using a single word or phrase."
    with pytest.raises(ValueError, match="variant must be one of official, boxed, got 'cot'"):
        mmmu.prompt(RECORD, "cot")


def test_record_gives_the_arguments_of_score_and_its_categories() -> None:
    assert mmmu.score("B", **mmmu.question(RECORD)).correct
    assert mmmu.categories(RECORD) == {
        "subject": "Art_Theory",
        "domain": "Art and Design",
        "question_type": "multiple-choice",
        "topic_difficulty": "Easy",
    }
    assert [len(subjects) for subjects in DOMAINS.values()] == [4, 5, 5, 5, 4, 7]


def test_gold_lists_are_read_and_bad_gold_answers_name_the_record() -> None:
    listed = RECORD | {"question_type": "open", "options": "[]", "answer": "['Tampa', 'Florida']"}
    assert mmmu.question(listed)["answer"] == ["Tampa", "Florida"]
    assert mmmu.question(listed | {"answer": "[0, 1)"})["answer"] == ["[0, 1)"]
    with pytest.raises(ValueError, match="validation_Art_Theory_12: answer must be one of AB, got 'C'"):
        mmmu.question(RECORD | {"answer": "C"})
    with pytest.raises(ValueError, match="'answer' is missing or null"):
        mmmu.question(RECORD | {"answer": None})
