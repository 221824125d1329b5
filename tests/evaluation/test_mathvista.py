"""MathVista: the normaliser's rules and traps, extraction by rules, strict mode, prompts and records."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vlm_rl.evaluation import mathvista
from vlm_rl.evaluation.mathvista_extract import extract

MC: dict[str, Any] = {"question_type": "multi_choice", "answer_type": "text", "precision": None}
INTEGER: dict[str, Any] = {"question_type": "free_form", "answer_type": "integer", "choices": None, "precision": None}
LIST = INTEGER | {"answer_type": "list"}
YES_NO = ["Yes", "No"]


def number(precision: float) -> dict[str, Any]:
    return INTEGER | {"answer_type": "float", "precision": precision}


CHOICES = [
    ("B", YES_NO, "No"),
    (" (b) No", YES_NO, "No"),
    ("(A) and (B)", YES_NO, "Yes"),  # the first bracketed letter
    ("B.", YES_NO, "No"),  # edit distance from here on
    ("**B**", YES_NO, "Yes"),
    ("", YES_NO, "No"),
    ("N/A", YES_NO, "No"),
    ("14", ["9", "12", "18", "18"], "12"),
    ("Unknown", ["2", "33", "444"], "2"),
    ("E", ["alpha", "E2", "xyz"], "E2"),
    ("(c)", ["(c)", "(a)", "(b)"], "(b)"),  # read as the letter C
    ("145 °", ["135°", "145°"], "145°"),
]


@pytest.mark.parametrize(("extraction", "choices", "prediction"), CHOICES)
def test_normalised_choice(extraction: str, choices: list[str], prediction: str) -> None:
    assert mathvista.normalize(extraction, choices=choices, **MC) == prediction


INTEGERS = [
    ("12", "12"),
    ("12.9", "12"),
    ("-7.5", "-7"),
    ("-0.4", "0"),
    (" 12 ", "12"),
    ("1e3", "1000"),
    ("1_000", "1000"),
    *((bad, None) for bad in ("1,000", "$5", "50%", "1/2", "12 apples", "twelve", "nan", "inf", "", "1e999")),
]


@pytest.mark.parametrize(("extraction", "prediction"), INTEGERS)
def test_normalised_integer(extraction: str, prediction: str | None) -> None:
    assert mathvista.normalize(extraction, **INTEGER) == prediction


FLOATS = [
    ("1.25", 1.0, "1.2"),
    ("0.125", 2.0, "0.12"),
    ("2.675", 2, "2.67"),
    ("1", 1.0, "1.0"),
    ("1.50", 2.0, "1.5"),
    ("-0.04", 1.0, "-0.0"),
    ("1,000.5", 1.0, None),
]


@pytest.mark.parametrize(("extraction", "precision", "prediction"), FLOATS)
def test_normalised_float_takes_the_precision_as_the_hub_has_it(
    extraction: str, precision: float, prediction: str | None
) -> None:
    assert mathvista.normalize(extraction, **number(precision)) == prediction


def test_a_list_must_match_character_by_character() -> None:
    assert mathvista.normalize("[2014,2016]", **LIST) == "[2014,2016]"


@given(st.text("abAB(", max_size=7), st.text("abAB(", max_size=7))
def test_edit_distance_is_levenshteins(first: str, second: str) -> None:
    @lru_cache
    def distance(i: int, j: int) -> int:
        if i == 0 or j == 0:
            return i + j
        step = first[i - 1] != second[j - 1]
        return min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, distance(i - 1, j - 1) + step)

    assert mathvista.edit_distance(first, second) == distance(len(first), len(second))


FRUIT = ["apple", "green apple", "pear", "a plum"]
EXTRACTED_CHOICES = [
    ("\\boxed{C}", "C"),
    ("So it is.\n\n**(C)**", "C"),
    ("The answer is (B) green apple. Not (A).", "B"),
    ("The fruit in the image is a green apple.", "B"),  # the longer text takes its place first
    ("It is round.\nThe fruit is a pear.", "C"),
    ("The fruit is a pear.\nIt is not round.", "C"),
    ("(A) is red, (B) is green. I see (C), which is yellow. It is big.", "C"),
    ("The answer is (C).\n(A) is incorrect because it is red.", "C"),
    ("pear", "C"),
    ("<think>an apple?</think>a pear", "C"),
    ("I see nothing.", ""),
    ("An apple or a pear.", ""),
    ("", ""),
]


@pytest.mark.parametrize(("response", "letter"), EXTRACTED_CHOICES)
def test_extracted_choice(response: str, letter: str) -> None:
    assert extract(response, question_type="multi_choice", answer_type="text", choices=FRUIT) == letter


@pytest.mark.parametrize(
    ("response", "letter"),
    [
        ("There are fewer cars than buses in the picture.", "A"),
        ("The sandwich is not cut.", "B"),
        ("It isn't cut.", "B"),
        ("No, I think so.", "B"),
    ],
)
def test_a_sentence_answers_yes_or_no_by_its_polarity(response: str, letter: str) -> None:
    assert extract(response, question_type="multi_choice", answer_type="text", choices=YES_NO) == letter


def test_a_one_letter_choice_is_not_an_article() -> None:
    choices = ["B", "A"]
    assert extract("Point B is on a line.", question_type="multi_choice", answer_type="text", choices=choices) == "A"


EXTRACTED_NUMBERS = [
    ("\\boxed{1,234}", "1234"),
    ("Answer: $12.50", "12.50"),
    ("The answer is 2 x 3 = 6.\nI am sure of 100 %.", "6"),
    ("There are two bars with values larger than 4.", "2"),
    ("There are 3 bars below 40. Their values are 1, 2 and 3.", "3"),
    ("The sum of the 2 bars is 7.", "7"),
    ("The length of 5 is taken, so the total is 10. The rest was 3.", "10"),
    ("The answer to your question is **70**. Other years have **20**.", "70"),
    ("v = -130 km/h", "-130"),
    ("It grew by −3", "-3"),
    ("Year | Value\n2008 | 7.8\nThe year is 2009.\n| 2019 | 4 |", "2009"),
    ("Look for the lowest one.", ""),
    ("The ratio is 1:4.", ""),
    ("I cannot tell.", ""),
    ("**N/A**", ""),
]


@pytest.mark.parametrize(("response", "found"), EXTRACTED_NUMBERS)
def test_extracted_number(response: str, found: str) -> None:
    assert extract(response, question_type="free_form", answer_type="integer", choices=None) == found


def test_a_list_is_extracted_as_python_writes_it() -> None:
    assert mathvista.score("The years are [2014,2016].", "[2014, 2016]", **LIST).correct
    assert mathvista.score("\\boxed{[2014,2016]}", "[2014, 2016]", **LIST, mode="strict").correct
    assert not mathvista.score("[2014", "[2014, 2016]", **LIST).correct


def test_no_answer_is_an_edit_distance_officially_and_wrong_in_strict_mode() -> None:
    official = mathvista.score("I see nothing.\nNothing.", "pear", choices=FRUIT, **MC)
    strict = mathvista.score("I see nothing.\nNothing.", "pear", choices=FRUIT, **MC, mode="strict")
    assert (official.correct, official.prediction, official.abstained) == (True, "pear", True)  # the shortest choice
    assert (strict.correct, strict.abstained, strict.expected) == (False, True, 0.0)


@pytest.mark.parametrize(
    ("response", "answer", "arguments", "correct"),
    [
        ("\\boxed{12}", "12", INTEGER, True),
        ("\\boxed{12.9}", "12", INTEGER, False),  # no truncation
        ("\\boxed{1,200 g}", "1200", INTEGER, True),
        ("\\boxed{1.23}", "1.2", number(1.0), True),
        ("\\boxed{1.26}", "1.2", number(1.0), False),
        ("<answer>No</answer>", "No", MC | {"choices": YES_NO}, True),
        ("so\n\n**B**", "No", MC | {"choices": YES_NO}, True),
        ("There is not.\nNot one.", "No", MC | {"choices": YES_NO}, False),
        ("\\boxed{B}", "(b)", MC | {"choices": ["(c)", "(b)", "(a)"]}, True),
        ("\\boxed{B}", "18", MC | {"choices": ["18", "18", "9"]}, True),  # two choices of one text
    ],
)
def test_strict_mode(response: str, answer: str, arguments: dict[str, Any], correct: bool) -> None:
    assert mathvista.score(response, answer, **arguments, mode="strict").correct is correct


RECORD: dict[str, Any] = {
    "pid": "7",
    "question": "How heavy is it?",
    "question_type": "free_form",
    "answer_type": "float",
    "precision": 1.0,
    "unit": "g",
    "choices": None,
    "answer": "1.2",
    "metadata": {
        "language": "english",
        "source": "TextVQA",
        "category": "general-vqa",
        "task": "figure question answering",
        "context": "natural image",
        "grade": "high school",
        "skills": ["arithmetic reasoning", "numeric commonsense"],
    },
}


def test_official_prompt_is_the_hint_first_query() -> None:
    assert mathvista.prompt(RECORD) == (
        "<image>\nHint: Please answer the question requiring a floating-point number with one decimal place and "
        "provide the final value, e.g., 1.2, 1.3, 1.4, at the end.\nQuestion: How heavy is it? (Unit: g)"
    )
    choice = RECORD | {"question_type": "multi_choice", "choices": ["{x}", "2"], "unit": None, "answer": "2"}
    assert mathvista.prompt(choice) == (
        "<image>\nHint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end."
        "\nQuestion: How heavy is it?\nChoices:\n(A) {x}\n(B) 2"
    )
    assert mathvista.prompt(choice, "solution").endswith(
        "(B) 2\nHint: " + mathvista._HINTS["multi_choice"] + "\nSolution:"
    )


def test_record_gives_the_arguments_of_score_and_its_categories() -> None:
    assert mathvista.score("1.23", **mathvista.question(RECORD)).correct
    groups = mathvista.categories(RECORD)
    assert groups["task"] == "figure question answering" and groups["skills"] == RECORD["metadata"]["skills"]
    assert set(groups) == {"question_type", "answer_type", *RECORD["metadata"]}


def test_bad_records_are_named() -> None:
    choice = RECORD | {"question_type": "multi_choice", "choices": ["1", "2"], "answer": "3"}
    with pytest.raises(ValueError, match="MathVista record 7: answer must be one of the choices"):
        mathvista.question(choice)
    with pytest.raises(ValueError, match="one of .*, got 'float 3'"):
        mathvista.prompt(RECORD | {"precision": 3})
    with pytest.raises(ValueError, match="'metadata' is missing"):
        mathvista.categories({"pid": "7", "question_type": "free_form", "answer_type": "float"})
    with pytest.raises(ValueError, match="needs choices"):
        mathvista.normalize("A", choices=None, **MC)
