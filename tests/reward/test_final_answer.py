from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_cases import HOSTILE

from vlm_rl.reward.final_answer import MAX_ANSWER_CHARS, final_answer, plain


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"\boxed{5}", "5"),
        (r"First \boxed{4}, no: \boxed{5}.", "5"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{x = \boxed{3}}", "3"),
        (r"\boxed {5}", "5"),
        (r"**\boxed{5}**", "5"),
        (r"\boxed{**5**}", "5"),
        ("a \\boxed{5\n}", "5"),
        (r"\boxed{3} and then \boxed{4", None),
        (r"\boxed{}", None),
        (r"\boxed{ }", None),
        (r"\boxed{5} <answer>6</answer>", "5"),
        ("<answer>6</answer>", "6"),
        ("<answer>5</answer> or <answer>6</answer>", "6"),
        ("<answer>5</answer> or <answer>6", None),
        (r"<answer>\boxed{B}</answer>", "B"),
        ("So the answer is 7.", "7"),
        ("The answer is 7.\nThe answer is 8.", "8"),
        ("Answer: 8", "8"),
        ("**Answer:** 8", "8"),
        ("**Answer: 8**", "8"),
        ("The final answer is: **8**", "8"),
        ("Answer:\n\n8\nThanks.", "8"),
        ("The answer is", None),
        ("42", "42"),
        ("  B.  ", "B."),
        ("Two lines,\nand no answer", None),
        ("", None),
        (r"<think>\boxed{1}</think>\boxed{2}", "2"),
        (r"<think>\boxed{1}</think>", None),
        (r"<think>the answer is 1", None),
        (r"\boxed{1}<think>again", None),
        (r"thought without a start \boxed{1}</think>The answer is 2", "2"),
        (r"\boxed{" + "1" * (MAX_ANSWER_CHARS + 1) + "}", None),
        (r"\boxed{" + "1" * MAX_ANSWER_CHARS + "}", "1" * MAX_ANSWER_CHARS),
        ("<answer>" + "1" * (MAX_ANSWER_CHARS + 1) + "</answer>", None),
    ],
)
def test_final_answer_is_the_last_one_stated(response: str, answer: str | None) -> None:
    assert final_answer(response) == answer


@pytest.mark.parametrize(
    ("answer", "bare"),
    [
        ("$5$", "5"),
        (r"\(5\)", "5"),
        ("**5**.", "5"),
        (r"\text{blue}", "blue"),
        (r"$\text{blue}$.", "blue"),
        ('"blue"', "blue"),
        ("$1$ and $2$", "$1$ and $2$"),
        ("**", "**"),
        ("2**3", "2**3"),
        ("", ""),
        (".", ""),
    ],
)
def test_plain_removes_dress_only(answer: str, bare: str) -> None:
    assert plain(answer) == bare


@given(st.text(max_size=300).filter(lambda text: text.count("{") == text.count("}") == 0 and "\\" not in text))
def test_what_is_boxed_is_found(content: str) -> None:
    found = final_answer(f"Let me see.\n\\boxed{{{content}}} That is it.")
    if "<think>" in content or "</think>" in content:
        return
    assert found == (content.strip().strip("*").strip() or None)


@given(st.text(alphabet=st.sampled_from(list("\\{}boxed<answer/think> is:=*$\n1")), max_size=200))
def test_final_answer_never_raises(text: str) -> None:
    answer = final_answer(text)
    assert answer is None or plain(answer) is not None


def test_a_megabyte_takes_linear_time() -> None:
    for text in HOSTILE:
        started = time.process_time()
        final_answer(text)
        assert time.process_time() - started < 10.0, f"CPU seconds; quadratic time would take minutes: {text[:40]}"
