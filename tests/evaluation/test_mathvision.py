r"""MATH-Vision: extraction, equality and traps of the official code; strict mode, prompts and records."""

from __future__ import annotations

from typing import Any

import pytest

from vlm_rl.evaluation import mathvision
from vlm_rl.evaluation.mathvision_answer import official_answer

DUMMY = ["A", "B", "C", "D", "E"]
ANSWERS = [
    ("so it must be B.", "b"),
    ("so it must be (B).", "b"),
    ("B\nbecause of x", "b"),
    ("(B)\nbecause of x", "b"),
    ("(B) B\nbecause of x", "b"),
    ("the total is 60.", "60"),
    ("\\boxed{5} or rather it is 60.", "60"),  # "is <number>" goes before the box
    ("The answer is 60 cm. It is long.", "60cm"),
    ("Therefore, the correct answer is C\nbecause", "c"),
    ("\\boxed{A} no, \\boxed{(B)}", "b"),
    (r"\boxed{\text{B}}", "b"),
    (r"\boxed{x = 5}", "5"),
    (r"\boxed{\pi \approx 3.14}", "3.14"),
    (r"\boxed{90^\circ}", "90"),
    (r"\boxed{60\text{ cm}}", "60{cm}"),
    (r"\boxed{5 km}", "5"),
    (r"\boxed{12 units}", "12"),
    (r"\boxed{50\%}", "50"),
    (r"\boxed{\$5}", "5"),
    (r"\boxed{0.5}", r"\frac{1}{2}"),
    (r"\boxed{1/2}", r"\frac{1}{2}"),
    (r"\boxed{02/4}", "02/4"),
    (r"\boxed{\dfrac{3}{4}}", r"\frac{3}{4}"),
    (r"\boxed{\sqrt3}", r"\sqrt{3}"),
    (r"\boxed{.25}", "0.25"),
    (r"\boxed{7} and a set {1}", "7"),
    (r"\boxed{\left(3,-4\right)}", "(3,-4)"),
    ("**B**", "**b**"),
    ("", ""),
]


@pytest.mark.parametrize(("response", "answer"), ANSWERS)
def test_official_answer(response: str, answer: str) -> None:
    assert official_answer(response) == answer


EQUAL = [
    ("B", "b", True),
    ("60", "60.004", True),
    ("60", "60.006", False),
    (r"\frac{1}{3}", "0.333", True),
    ("1000", "1,000", True),
    ("8.0", "8", True),
    ("$\\sqrt{2018^{2}+2}$", "2018", True),  # two decimals are all that counts
    ("$\\frac{3^{1008}-1}{3^{1009}}$", r"\frac{1}{3}", True),
    ("$4 \\pi(3-2 \\sqrt{2})$", r"4\pi(3-2\sqrt{2})", True),
    ("$\\sqrt{2}: 1$", r"\sqrt{2}:1", True),
    ("1:2", "1:3", False),
    ("(3,-4)", "(3, -4.001)", True),
    ("(3,-4)", "(-4,3)", False),
    ("(3,-4)", "[3,-4]", False),
    ("80-2π", r"80-2\pi", False),  # the official parser reads LaTeX only
    ("60", "60cm", False),
    ("60", "", False),
    ("", "", False),
    ("x", "2x-x", False),
]


@pytest.mark.parametrize(("gold", "prediction", "equal"), EQUAL)
def test_official_equality(gold: str, prediction: str, equal: bool) -> None:
    assert mathvision.official_equal(gold, prediction) is equal


@pytest.mark.parametrize(
    "ending", ["**B**", "Answer: B", "<answer>B</answer>", "\\boxed{B}", "The answer is B.", "**b**"]
)
def test_a_modern_final_line_counts_in_both_modes(ending: str) -> None:
    for mode in ("official", "strict"):
        assert mathvision.score(f"First (A), then C\n\n{ending}", "B", options=DUMMY, mode=mode).correct


def test_a_bare_last_line_counts_officially() -> None:
    for ending, gold, options in (("B", "B", DUMMY), ("60", "60", []), (r"\frac{1}{2}", "0.5", [])):
        assert mathvision.score(f"I take it that 7 holds\n\n{ending}\n", gold, options=options).correct


def test_officially_the_text_of_the_option_counts_as_far_as_it_survives_the_cuts() -> None:
    assert mathvision.score(r"\boxed{\frac{1}{2}}", "B", options=["x", r"$\frac{1}{2}$"]).correct
    assert not mathvision.score(r"\boxed{two cats}", "B", options=["x", "two cats"]).correct  # blanks are deleted
    assert mathvision.score(r"\boxed{two cats}", "B", options=["x", "two cats"], mode="strict").correct


@pytest.mark.parametrize(
    ("response", "gold", "official", "strict"),
    [
        (r"\boxed{60\text{ cm}}", "60", False, True),
        (r"\boxed{60.3}", "60", False, False),
        (r"\boxed{\frac{14}{4}}", "3.5", True, True),
        (r"\boxed{2\sqrt{3}}", r"\sqrt{12}", True, True),
        ("it could be 5 or\n5 or 60", "60", False, False),
        ("<think>it is 60", "60", True, False),
    ],
)
def test_free_form_answers(response: str, gold: str, official: bool, strict: bool) -> None:
    assert mathvision.score(response, gold, options=[]).correct is official
    assert mathvision.score(response, gold, options=[], mode="strict").correct is strict


def test_only_gold_expressions_need_a_process_that_can_be_killed() -> None:
    assert mathvision.unbounded(r"\sqrt{12}", [])
    assert not mathvision.unbounded("3.5", [])
    assert not mathvision.unbounded("B", DUMMY)


RECORD: dict[str, Any] = {
    "id": "9",
    "question": "Which is next?\n<image1>",
    "options": ["2", "3"],
    "answer": "B",
    "level": 2,
    "subject": "arithmetic",
}


def test_prompt_has_one_picture_and_leaves_dummy_options_out() -> None:
    start = (
        '<image>\nPlease solve the problem step by step and put your answer in one "\\boxed{}". '
        'If it is a multiple choice question, only one letter is allowed in the "\\boxed{}".\nWhich is next?\n<image1>'
    )
    assert mathvision.prompt(RECORD) == start + "\n(A) 2\n(B) 3"
    assert mathvision.prompt(RECORD | {"options": DUMMY}) == start


def test_record_gives_the_arguments_of_score_and_its_categories() -> None:
    assert mathvision.score("\\boxed{B}", **mathvision.question(RECORD)).correct
    assert mathvision.categories(RECORD) == {
        "level": "2",
        "subject": "arithmetic",
        "subject_level": "arithmetic/2",
    }
    with pytest.raises(ValueError, match="MATH-Vision record 9: answer must be one of AB, got 'C'"):
        mathvision.question(RECORD | {"answer": "C"})
    with pytest.raises(ValueError, match="must be one of AB, got '3'"):
        mathvision.score("B", "3", options=["2", "3"])
