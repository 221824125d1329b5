"""Typed answers: every way to write the gold answer is accepted, nothing else is, and no text makes them fail."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_synth.answers import MAX_PREDICTION, Answer, compare, extract

words = st.from_regex(r"[A-Za-z][a-z]{0,8}( [a-z]{1,8})?", fullmatch=True)
integers = st.integers(-(10**9), 10**9)
parts = st.lists(st.one_of(integers, words), min_size=1, max_size=5)
answers = st.one_of(
    integers.map(lambda value: Answer("integer", value)),
    st.floats(-1e6, 1e6).map(lambda value: Answer("decimal", round(value, 3), 0.01)),
    words.map(lambda value: Answer("word", value)),
    parts.map(lambda value: Answer("tuple", tuple(value))),
    parts.map(lambda value: Answer("set", tuple({str(part).lower(): part for part in value}.values()))),
    st.tuples(integers, integers).map(lambda value: Answer("cell", value)),
)

ACCEPTED = [
    (
        Answer("integer", 12),
        ["12", " 12 ", "12.", "$12$", "\\text{12}", "+12", "12.0", "\\(12\\)", "\\mathbf{12}", "12\\,"],
    ),
    (Answer("integer", 1234), ["1234", "1,234", "1{,}234", "1\\,234", "$1,234$.", "**1234**", "1{,}\\!234"]),
    (Answer("integer", -7), ["-7", "\u22127", "$-7$", "- 7", "\u20137", "-7\u00b0"]),
    (Answer("integer", 40), ["40\u00b0", "40^\\circ", "40^{\\circ}", "$40^\\circ$", "40 \\degree"]),
    (Answer("decimal", 27.75), ["27.75", "\u20ac27.75", "27.75 \u20ac", "27.75 EUR", "27.75\\text{ EUR}"]),
    (Answer("word", "VR"), ["\\texttt{VR}", "\\mathtt{VR}", "\\mbox{vr}"]),
    (Answer("word", "00110000"), ["00110000", "\\mathtt{00110000}"]),
    (Answer("word", "anticlockwise"), ["anti-clockwise", "Counterclockwise", "counter-clockwise"]),
    (Answer("tuple", (6, "grey", "star")), ["(6, gray, star)", "(6,\\quad grey,\\ star)"]),
    (Answer("tuple", (1203, 8)), ["(1203, 8)", "(1{,}203, 8)", "(1\\,203, 8)"]),
    (Answer("tuple", ("00010", "00111")), ["(00010, 00111)", "00010, 00111", "(\\texttt{00010}, '00111')"]),
    (Answer("set", ("A", "B", "RP")), ["{A, B, RP}", "A, B and RP", "RP, A, and B", "\\lbrace B, A, RP \\rbrace"]),
    (Answer("set", (10, "x")), ["{x, 10}", "10 and x", "{X, 010}"]),
    (
        Answer("path", "NUXB"),
        [
            "NUXB",
            "N -> U -> X -> B",
            "N \u2192 U \u2192 X \u2192 B",
            "N \\to U \\to X \\to B",
            "N\\rightarrow U\\rightarrow X\\rightarrow B",
            "N, U, X, B",
            "(N-U-X-B)",
            "n u x b",
            '"NUXB"',
            "\\left(N, U, X, B\\right)",
            "\\text{NUXB}",
        ],
    ),
    (Answer("decimal", 2.5, 0.1), ["2.5", "2.6", "2.40", "$2.5$", "+2.5"]),
    (Answer("decimal", 0.5), ["0.5", ".5", "0.50"]),
    (
        Answer("word", "blue square"),
        ["Blue Square", "\\text{blue  square}", "'blue square'", "blue square."],
    ),
    (Answer("word", "QK"), ["QK", "qk", "\\mathrm{QK}", "$QK$"]),
    (
        Answer("tuple", (2, 1)),
        ["(2, 1)", "(2,1)", "2, 1", "2,1", "$(2, 1)$", "\\left(2, 1\\right)", "[2, 1]", "(2,\\ 1)"],
    ),
    (Answer("tuple", ("red circle", 2, 3)), ["(red circle, 2, 3)", "(\\text{red circle}, 2, 3)", "Red circle, 2, 3"]),
    (Answer("set", (1, 2, 3)), ["{1, 2, 3}", "\\{3, 2, 1\\}", "2, 1, 3", "$\\{1,2,3\\}$"]),
    (
        Answer("cell", (2, 3)),
        ["(2, 3)", "2, 3", "row 2, column 3", "Row 2, col 3", "(row 2 and column 3)"],
    ),
]
REFUSED = [
    (Answer("integer", 12), ["", " ", "13", "112", "1 2", "12, 13", "{12}", "(12)", "12 13", "twelve", "12..", "x=12",
                             "\uff11\uff12", "\u0661\u0662", "12e0", "--12", "0x0c", "12.5", "10+2", "1_2", "1,2"]),
    (Answer("integer", 1234), ["1,23,4", "12,34", "1 234", "1.234", "1,234,", "12\\,34", "1\\,23\\,4", "12{,}34"]),
    (Answer("integer", 40), ["4\\,0", "40^\\circ 1", "\u00b040", "40^2", "40\u20ac\u20ac", "40\\%", "40 deg"]),
    (Answer("integer", 35), ["3\\,5", "3\\;5", "3\\quad5"]),
    (Answer("tuple", ("00010", "00111")), ["(10, 111)", "(010, 0111)", "(+00010, 00111)", "(00010.0, 00111)"]),
    (Answer("set", ("A", "B")), ["A and B and C", "A and A", "A and", "{A} and {B}", "A or B"]),
    (Answer("path", "NUXB"), ["))NUXB((", "--NUXB", "NUXB->", "N>U>X>B", "N \\arrow U \\arrow X \\arrow B", "NUX",
                              "NUXBN", "(NUXB", "N U X (B)", "N,,U,X,B"]),
    (Answer("decimal", 2.5, 0.1), ["2.7", "2.39", "nan", "inf", "2,5", "2.5.1", "5/2", "1e0", "\u0662.5"]),
    (Answer("decimal", 2.5), ["$2.5", "2.5 USD", "EUR 2.5 EUR"]),
    (Answer("word", "red"), ["re", "redd", "red blue", "red, blue", "r e d", "\u0433ed", "red or blue", "\u017fed"]),
    (Answer("word", "key"), ["\u212aey"]),
    (Answer("tuple", (2, 1)), ["(1, 2)", "(2, 1, 1)", "2", "21", "(2; 1)", "(2, 1), (1, 2)", "{2, 1}", "((2, 1))"]),
    (Answer("tuple", (1, 234)), ["1234", "(1, 2, 34)"]),
    (Answer("set", (1, 2)), ["{1}", "{1, 2, 3}", "{1, 1, 2}", "{1, 1}", "12"]),
    (Answer("cell", (2, 3)), ["(3, 2)", "row 3, column 2", "23", "column 2, row 3"]),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "text"), [(answer, text) for answer, texts in ACCEPTED for text in texts])
def test_surface_forms_of_the_gold_answer_are_accepted(answer: Answer, text: str) -> None:
    assert compare(answer, text).correct


@pytest.mark.parametrize(("answer", "text"), [(answer, text) for answer, texts in REFUSED for text in texts])
def test_anything_else_is_refused(answer: Answer, text: str) -> None:
    assert not compare(answer, text).correct


@given(answers)
def test_answers_survive_their_text_and_accept_their_own_surface(answer: Answer) -> None:
    assert Answer.from_text(answer.to_text()) == answer
    assert compare(answer, extract(f"thus \\boxed{{{answer.surface}}}.")).correct


@given(answers, st.text(max_size=300))
@settings(max_examples=200)
def test_no_text_makes_comparison_or_extraction_raise(answer: Answer, text: str) -> None:
    comparison = compare(answer, text)
    assert comparison.reason
    assert extract(text) is None or isinstance(extract(text), str)
    assert compare(answer, None).reason == "no answer"


@given(integers, integers)
def test_integers_match_exactly_when_they_are_equal(gold: int, other: int) -> None:
    assert compare(Answer("integer", gold), str(other)).correct == (gold == other)
    assert compare(Answer("integer", gold), f"{other:,}").correct == (gold == other)


@given(parts, st.integers(0, 4), st.data())
def test_one_changed_part_spoils_a_tuple(value: list[int | str], place: int, data: st.DataObject) -> None:
    place %= len(value)
    changed = list(value)
    changed[place] = data.draw(st.one_of(integers, words))
    same = str(changed[place]).lower() == str(value[place]).lower()
    text = ", ".join(map(str, changed))
    assert compare(Answer("tuple", tuple(value)), f"({text})").correct == same


@given(st.integers(0, 99999), st.data())
def test_mutants_of_an_integer_are_refused(gold: int, data: st.DataObject) -> None:
    text = str(gold)
    place = data.draw(st.integers(0, len(text) - 1))
    inserted, dropped = data.draw(st.sampled_from("0123456789-(){}/^ eE,x")), data.draw(st.integers(0, 1))
    mutant = text[:place] + inserted + text[place + dropped :]
    plain = mutant.strip()
    is_gold = re.fullmatch(r"-?(\d+|\d{1,3}(,\d{3})+)", plain) is not None and int(plain.replace(",", "")) == gold
    assert compare(Answer("integer", gold), mutant).correct == is_gold


@given(st.lists(st.sampled_from(["\\boxed{", "\\boxed {", "{", "}", "\\{", "\\}", "a", "1", " ", "\\"]), max_size=24))
@settings(max_examples=400)
def test_extract_agrees_with_trying_every_start(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert extract(text) == last_box_by_trying(text)


def last_box_by_trying(text: str) -> str | None:
    """From the last start to the first, the first one whose braces close; a backslash hides what follows it."""
    starts, place = [], 0
    while place < len(text):
        match = re.compile(r"\\boxed\s*\{").match(text, place)
        if match:
            starts.append(match.end())
        place = match.end() if match else place + (2 if text[place] == "\\" else 1)
    for start in reversed(starts):
        depth, place = 1, start
        while place < len(text):
            if text[place] == "\\":
                box = re.compile(r"\\boxed\s*\{").match(text, place)
                depth += 1 if box else 0
                place = box.end() if box else place + 2
                continue
            depth += {"{": 1, "}": -1}.get(text[place], 0)
            if depth == 0:
                return text[start:place].strip()
            place += 1
    return None


@pytest.mark.parametrize(
    ("response", "found"),
    [
        ("\\boxed{1} then \\boxed{2}", "2"),
        ("\\boxed{\\frac{1}{2}}", "\\frac{1}{2}"),
        ("\\boxed{\\boxed{3}}", "3"),
        ("\\boxed{4} and cut off \\boxed{5", "4"),
        ("<answer>6</answer>", "6"),
        ("<answer>6</answer> \\boxed{7}", "7"),
        ("<answer>1</answer><answer>2</answer>", "2"),
        ("no box", None),
        ("answer> 3 </answer>", None),
        ("\\boxed{}", ""),
    ],
)
def test_the_last_closed_box_is_extracted(response: str, found: str | None) -> None:
    assert extract(response) == found


@pytest.mark.parametrize("piece", ["\\boxed{", "{", "}", "\\boxed{1}", "<answer>", "</answer>", "\\boxed   ", "\\"])
def test_hostile_responses_take_linear_time(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    start = time.process_time()
    extract(text)
    assert time.process_time() - start < 10.0, "CPU seconds; quadratic time would take minutes"


def test_huge_predictions_are_refused_unread() -> None:
    assert compare(Answer("integer", 1), "1" * 10**6).reason == "too long"
    assert compare(Answer("integer", 0), "0" * MAX_PREDICTION).correct
    assert compare(Answer("tuple", (1, 2)), "(" * 10**6).reason == "too long"


@pytest.mark.parametrize("count", [2, 8, 40])
def test_listing_all_answers_is_no_answer(count: int) -> None:
    listed = ", ".join(map(str, range(count)))
    for answer in (Answer("integer", 1), Answer("word", "red"), Answer("set", (0,)), Answer("tuple", (0,))):
        assert not compare(answer, listed).correct
    assert not compare(Answer("word", "red"), "red, green, blue").correct


@pytest.mark.parametrize(
    "text",
    [
        "", "12", "[1]", "null", "{}", '{"type": "integer"}', '{"type": "integer", "value": "12"}',
        '{"type": "integer", "value": true}', '{"type": "integer", "value": 1.5}', '{"type": "number", "value": 1}',
        '{"type": "decimal", "value": NaN}', '{"type": "decimal", "value": 1, "tolerance": -1}',
        '{"type": "integer", "value": 1, "tolerance": 0.5}', '{"type": "word", "value": ""}',
        '{"type": "word", "value": "a, b"}', '{"type": "word", "value": "\\u0661"}', '{"type": "tuple", "value": []}',
        '{"type": "tuple", "value": [[1]]}', '{"type": "tuple", "value": 3}', '{"type": "set", "value": [1, 1]}',
        '{"type": "cell", "value": 1}', '{"type": "cell", "value": ["a", 1]}', '{"type": "word", "value": "a", "": 1}',
        '{"type": ["word"], "value": "a"}', '{"type": "integer", "value": ' + "9" * 5000 + "}", "[" * 100_000,
    ],
)  # fmt: skip
def test_unreadable_gold_answers_raise_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        Answer.from_text(text)
