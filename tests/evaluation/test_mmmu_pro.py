"""MMMU-Pro: its parser's rules and traps, case by case; prompts and records."""

from __future__ import annotations

import pytest

from vlm_rl.evaluation import mmmu_pro

TEN = [f"option number {number}" for number in range(9)] + ["van Gogh"]
LETTERS = [
    ("Answer: B", "B"),
    ("Answer: $B$", "B"),
    ("**Answer: B**", "B"),
    (r"Answer: \boxed{B}", "B"),
    ("Answer: A\nno, Answer: C", "C"),  # the last label
    ("Answer: B. Because A is wrong", "A"),  # three capitals after the label, so the next rule: "A " is last
    ("I'm sorry, I can't help.", "I"),
    ("C. VINCENT WILLEM VAN GOGH", "H"),  # "GOGH " ends in "H "
    ("(B) or (D)", "D"),
    ("the ABC of D ", "D"),
    ("HUB HUD ", "B"),  # word endings count; none stands alone, so the first of the alphabet
    ("so B.", "B"),  # the full stop goes, then "B "
    ("xB.y", "B"),
    ("b", None),
    ("van Gogh", None),
    ("this was painted by van gogh himself", "J"),
    ("", None),
]


@pytest.mark.parametrize(("response", "letter"), LETTERS)
def test_official_letter(response: str, letter: str | None) -> None:
    assert mmmu_pro.official_letter(response, TEN) == letter


@pytest.mark.parametrize("ending", [r"\boxed{B}", "<answer>B</answer>", "**B**", "B\n", r"<answer>\boxed{B}</answer>"])
def test_forms_that_the_official_parser_draws_lots_on_are_unwrapped(ending: str) -> None:
    for mode in ("official", "strict"):
        result = mmmu_pro.score(f"GOGH A \n{ending}" if mode == "official" else ending, "B", options=TEN, mode=mode)
        assert (result.correct, result.random_fallback) == (True, False)


def test_official_mistakes_on_a_line_with_more_than_a_letter_are_kept() -> None:
    assert mmmu_pro.score("Answer: B. Because A is wrong", "A", options=TEN).correct
    assert not mmmu_pro.score("Answer: B. Because A is wrong", "A", options=TEN, mode="strict").correct


def test_a_refusal_is_option_i_officially_and_an_abstention_in_strict_mode() -> None:
    assert mmmu_pro.score("I'm sorry, I can't help.", "I", options=TEN).correct
    result = mmmu_pro.score("I'm sorry, I can't help.", "I", options=TEN, mode="strict")
    assert (result.correct, result.abstained) == (False, True)


def test_options_reach_beyond_j() -> None:
    twelve = [*TEN, "x", "y"]
    assert mmmu_pro.score("Answer: L", "L", options=twelve).correct


def test_the_nested_list_of_one_record_stays_unanswerable_officially_only() -> None:
    nested = [["A", "B", "Not enough information"]]
    assert not mmmu_pro.score("Answer: B", "B", options=nested).correct
    assert mmmu_pro.score("Answer: B", "B", options=nested, mode="strict").correct
    record = {"id": "validation_Accounting_29", "options": str(nested), "answer": "B", "question": "Which?"}
    assert mmmu_pro.question(record)["answer"] == "B"
    assert "B. B\nC. Not enough information" in mmmu_pro.prompt(record)


def test_prompts_of_standard_and_vision_records() -> None:
    standard = {
        "id": "test_Art_1",
        "question": "<image 2> or <image 1>?",
        "options": "['x', '<image 1>']",
        "answer": "A",
    }
    direct = "Answer with the option letter from the given choices directly."
    assert mmmu_pro.prompt(standard, "direct") == f"<image 2> or <image 1>?\nA. x\nB. <image 1>\n{direct}"
    vision = mmmu_pro.prompt({"id": "test_Art_1", "options": "['x', 'y']", "answer": "A"})
    assert vision.startswith("<image>\nWrite out the multiple-choice question in the image and then solve it. The last")
    assert vision.endswith("where LETTER is one of options. Think step by step before answering.")


def test_categories_and_bad_gold_answers() -> None:
    record = {"id": "test_Public_Health_3", "options": "['x', 'y']", "answer": "C", "topic_difficulty": "Hard"}
    assert mmmu_pro.categories(record) == {
        "subject": "Public_Health",
        "domain": "Health and Medicine",
        "topic_difficulty": "Hard",
    }
    with pytest.raises(ValueError, match="test_Public_Health_3: answer must be one of AB, got 'C'"):
        mmmu_pro.question(record)
    with pytest.raises(ValueError, match="unknown MMMU subject 'Alchemy'"):
        mmmu_pro.categories(record | {"id": "test_Alchemy_1"})
