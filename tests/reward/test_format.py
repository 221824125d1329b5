from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_cases import HOSTILE, boxed, make_prompt

from data_synth.answers import Answer
from vlm_rl.reward import check_gold
from vlm_rl.reward.format import verify

NUMBER = make_prompt("format", "12")
PAIR = make_prompt("format", Answer("tuple", (3, 4)).to_text())
ROOTS = make_prompt("format", r"x = 2 \text{ or } x = -2")


@pytest.mark.parametrize(
    "response",
    [
        r"\boxed{12}",
        r"So \boxed{7}.",
        "<answer>12</answer>",
        r"\boxed{1} no \boxed{2}",
        r"<think>\boxed{1, 2, 3}</think>\boxed{2}",
        r"\boxed{1,234,567}",
        r"\boxed{\frac{1}{2}}",
        r"\boxed{1/2}",
        r"\boxed{2 \le x < 5}",
        r"\boxed{north wall}",
    ],
)
def test_one_answer_in_a_box_or_tag_has_the_form_whether_right_or_wrong(response: str) -> None:
    assert verify(response, NUMBER).reason == "match"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ("12", "no answer"),
        ("The answer is 12.", "no answer"),
        (r"\boxed{12", "no answer"),
        (r"\boxed{12} and \boxed{13", "no answer"),
        (r"\boxed{}", "no answer"),
        (r"<think>\boxed{12}", "no answer"),
        ("<answer>12", "no answer"),
        (r"\boxed{" + "1" * 5000 + "}", "no answer"),
        (r"\boxed{1, 2, 3}", "several answers"),
        (r"\boxed{12 or 13}", "several answers"),
        (r"\boxed{12; 13}", "several answers"),
        (r"\boxed{12 | 13}", "several answers"),
        ("\\boxed{12\n13}", "several answers"),
        (r"\boxed{[1,2,3,4]}", "several answers"),
        (r"\boxed{\pm 12}", "several answers"),
        (r"\boxed{1..100}", "several answers"),
        (r"\boxed{1, \ldots}", "several answers"),
        (r"\boxed{1 to 100}", "several answers"),
        ("\\boxed{1\u2013100}", "several answers"),
        ("\\boxed{11\uff0c12}", "several answers"),
        (r"\boxed{any of 1..100}", "several answers"),
        (r"<answer>the answer is any of them</answer>", "several answers"),
        (r"\boxed{A/B/C/D}", "several answers"),
        (r"\boxed{all of the above}", "several answers"),
    ],
)
def test_no_form_and_lists_of_candidates_earn_nothing(response: str, reason: str) -> None:
    verdict = verify(response, NUMBER)
    assert (verdict.correct, verdict.reason) == (False, reason)


def test_an_answer_may_have_as_many_parts_as_the_gold_one() -> None:
    assert verify(boxed("(4, 3)"), PAIR).correct
    assert not verify(boxed("(1, 2, 3)"), PAIR).correct
    assert verify(boxed("x = 2 or x = -2"), ROOTS).correct
    assert verify(boxed("all of the above"), make_prompt("format", "All of the above")).correct
    assert not verify(boxed("12, 13"), make_prompt("format", Answer("integer", 12).to_text())).correct, "not its JSON"


@given(st.text(max_size=300))
def test_format_never_raises_and_no_text_without_a_box_has_the_form(text: str) -> None:
    verify(boxed(text), NUMBER)
    if "boxed" not in text and "fbox" not in text and "<answer>" not in text:
        assert not verify(text, NUMBER).correct


def test_hostile_texts_are_read_in_bounded_time_and_every_gold_answer_will_do() -> None:
    formed = [text for text in HOSTILE if verify(text, NUMBER).correct]
    assert len(formed) > 10 and all(len(text) < 5_000 and text.startswith("\\boxed{") for text in formed)
    check_gold(make_prompt("format", "\x00 odd {{{"))
