"""Final lines: every modern form is unwrapped, and nothing but a final line is."""

from __future__ import annotations

import pytest

from vlm_rl.evaluation.options import final_letter, parse_options
from vlm_rl.evaluation.unwrap import final_line, without_thinking

UNWRAPPED = [
    (r"\boxed{B}", "B"),
    ("<answer>B</answer>", "B"),
    ("**B**", "B"),
    ("Answer: B", "B"),
    ("**Answer:** B", "B"),
    ("**Answer: B**", "B"),
    ("__Answer__: B", "B"),
    ("The answer is B.", "B"),
    ("So the final answer is: B", "B"),
    (r"<answer>\boxed{B}</answer>", "B"),
    (r"Answer: $\boxed{\text{B}}$.", "B"),
    (r"\[\boxed{\frac{1}{2}}\]", r"\frac{1}{2}"),
    ("答案：B", "B"),
    ("所以，答案是B。", "B"),
]


@pytest.mark.parametrize(("line", "answer"), UNWRAPPED)
def test_a_final_line_is_unwrapped_with_and_without_text_before_it_and_blank_lines_after(
    line: str, answer: str
) -> None:
    assert final_line(line) == answer
    assert final_line(f"First (A), then (C).\n\n{line}\n \n") == answer


@pytest.mark.parametrize(
    "line",
    [
        "",
        "B",
        "The answer is unclear to me",
        r"so \boxed{B} it is",
        r"\boxed{A} or \boxed{B}",
        "**A** or **B**",
        "B is right because A is wrong",
        "<answer>B",
        r"\boxed{B",
        "Answer:",
        "**B** " * 400,
    ],
)
def test_a_line_with_more_on_it_than_an_answer_names_no_option(line: str) -> None:
    bare = final_line(line)
    assert bare is None or final_letter(line, "ABCD") is None


def test_only_the_last_line_counts() -> None:
    assert final_line("\\boxed{B}\nI hope this helps!") is None


def test_a_finished_thought_is_cut_off_and_an_unfinished_one_is_left_to_the_official_rule() -> None:
    assert without_thinking("<think>(A)</think>(B)") == "(B)"
    assert without_thinking("(A)</think>(B)") == "(B)"  # the chat template opened it
    assert without_thinking("<think>(A)") == "<think>(A)"


@pytest.mark.parametrize(
    ("line", "letter"), [("(B)", None), ("B", "B"), ("b", None), ("**(b)**", "B"), ("**E**", None)]
)
def test_a_lone_letter_must_be_an_option(line: str, letter: str | None) -> None:
    assert final_letter(f"x\n{line}\n", "ABCD") == letter


def test_options_are_read_as_a_literal_and_never_run() -> None:
    assert parse_options("['$6', \"it's\", 7]", "r1") == ["$6", "it's", "7"]
    for bad in (
        "__import__('os').getcwd()",
        "[1",
        "{'a': 1}",
        "[" * 5_000,
        "['" + "a" * 30_000 + "']",
        str(list(range(27))),
    ):
        with pytest.raises(ValueError, match="r1: "):
            parse_options(bad, "r1")


def test_a_nested_list_is_flattened_only_where_asked() -> None:
    assert parse_options([["A", "B", "x"]], "r1", flatten=True) == ["A", "B", "x"]
    assert len(parse_options([["A", "B", "x"]], "r1")) == 1
