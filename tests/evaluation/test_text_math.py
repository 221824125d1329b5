"""Text mathematics: answers are compared by value, whatever their form; prompts and records."""

from __future__ import annotations

import pytest

from vlm_rl.evaluation import text_math


@pytest.mark.parametrize(
    ("response", "gold", "correct"),
    [
        ("\\boxed{073}", "73", True),
        ("\\boxed{73}", "073", True),
        ("73 or \\boxed{74}", "73", False),
        (r"\boxed{\frac{\pi}{2}}", r"\frac12\pi", True),
        (r"\boxed{2x + 1}", "1+2x", True),
        (r"\boxed{(3, \frac{\pi}{2})}", r"\left( 3, \frac{\pi}{2} \right)", True),
        ("<think>\\boxed{73}", "73", False),
        ("reasoning\n\n**73**", "73", True),
        ("73 is one,\n74 is another", "73", False),
    ],
)
def test_both_modes_compare_the_final_answer_by_value(response: str, gold: str, correct: bool) -> None:
    assert text_math.score(response, gold).correct is correct
    assert text_math.score(response, gold, mode="strict").correct is correct


def test_records_of_math_500_and_aime() -> None:
    math = {"problem": "1+1?", "answer": "2", "subject": "Algebra", "level": 1, "unique_id": "test/1.json"}
    aime = {"question": "1+1?", "answer": 2}
    for record in (math, aime):
        assert text_math.score("\\boxed{2}", **text_math.question(record)).correct
        assert text_math.prompt(record).startswith("1+1?\n\nPlease reason step by step")
    assert text_math.categories(math) == {"subject": "Algebra", "level": "1"}
    assert text_math.categories(aime) == {}
    with pytest.raises(ValueError, match=r"record test/1.json: answer must not be empty"):
        text_math.question(math | {"answer": " "})
