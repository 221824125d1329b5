"""The verifiers that run in the calling process: typed, number, choice, exact. For math see test_math_verifier.py."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_cases import HOSTILE, boxed, make_prompt

from data_synth.answers import Answer
from vlm_rl.reward import VERIFIERS, check_gold, resolve_verifier
from vlm_rl.reward.pool import INLINE
from vlm_rl.reward.read_number import read_number
from vlm_rl.types import Prompt

CITIES = ["London", "Paris", "The capital of Spain", "Rome"]
GOOD = {
    "typed": make_prompt("typed", Answer("integer", 12).to_text()),
    "number": make_prompt("number", "12"),
    "choice": make_prompt("choice", "B", choices=CITIES),
    "exact": make_prompt("exact", "Blue Square"),
    "math": make_prompt("math", "12"),
}


def correct(response: str, prompt: Prompt) -> bool:
    return VERIFIERS[prompt.verifier](response, prompt).correct


def table(text: str) -> list[tuple[str, str]]:
    """Lines "gold: answer | answer | ..." as pairs (gold, answer)."""
    rows = [line.strip().split(": ", 1) for line in text.strip().splitlines()]
    return [(gold, answer.strip()) for gold, answers in rows for answer in answers.split("|")]


NUMBER_RIGHT = table(r"""
    1234.5: 1234.5 | 1,234.5 | 1 234.5 | 1{,}234.5 | 1234.50 | +1234.5 | x = 1234.5 | **1234.5** | $1234.5$
    1234.5: 1.2345e3 | 1.2345 \times 10^{3} | 1.2345*10^3 | 1.2345 thousand | $1,234.5 | \$1234.5 | €1234.5
    1234.5: 2469/2 | \frac{2469}{2} | 1234 1/2 | 1234\frac{1}{2} | 1234.5 cm | 1234.5\text{ cm} | 1234.5\,\mathrm{cm}^2
    1234.5: 1234.5 m/s | 1234.5 m^{2} | 1234.5 kg m^2 s^{-2} | 1234.5 dollars | about 1234.5 | 1234.5^\circ
    -3: -3 | −3 | -3.0 | -\frac{6}{2} | -3 apples | - 3 | -$3 | \text{-3}
    0.25: 0.25 | .25 | 1/4 | \frac14 | \dfrac{1}{4} | 25% | 25\% | 25 percent | 2.5e-1 | 2.5E-01
    25%: 25% | 25 | 0.25 | 1/4 | 25 per cent
    3e5: 300000 | 300,000 | 3e5 | 3 × 10^5 | 300 thousand | 0.3 million
""")
NUMBER_WRONG = table(r"""
    1234.5: 1234.6 | -1234.5 | 1,2345 | 12,34.5 | 1234,5 | 12 34.5 | --1234.5 | 0x4d2 | one | [1234.5] | {1234.5}
    1234.5: 1234.5 or 1234.6 | 1234 or 1234.5 | 1234.5 and 3 | 1234.5, 7 | 1234.5 5 | 1234.5 2 cm | not 1234.5
    1234.5: 1234.5 vs6 | 1234.5 m12 | 1234.5 million | 1234.5x | 1234.5k | 1234.5e | 1234.5! | 1234.5/0 | 1234.5 half
    -3: 3 | --3 | 3- | (3) | -3-
    0.25: 0.25% | 25 | 0.250001 | 1/5 | 1/0 | \frac{1}{0} | 0.25 to 0.3
    25%: 2500% | 0.25% | 250
    25: 25% | 2.5 | 2 5 | 25 hundred
""")


@pytest.mark.parametrize(("gold", "answer"), NUMBER_RIGHT)
def test_number_accepts_every_way_to_write_it(gold: str, answer: str) -> None:
    assert VERIFIERS["number"](boxed(answer), make_prompt("number", gold)).reason == "match"


@pytest.mark.parametrize(("gold", "answer"), NUMBER_WRONG)
def test_number_rejects_other_numbers_and_hedges(gold: str, answer: str) -> None:
    assert not correct(boxed(answer), make_prompt("number", gold))


def test_number_does_not_overlook_what_comes_late() -> None:
    assert not correct(boxed("1234.5" + " " * 500 + "or 6"), make_prompt("number", "1234.5"))


def test_number_tolerances_are_inclusive_and_the_wider_one_holds() -> None:
    absolute = make_prompt("number", "10", absolute_tolerance="0.1")
    assert [correct(boxed(text), absolute) for text in ("9.9", "10.1", "9.8999", "10.1001")] == [
        True,
        True,
        False,
        False,
    ]
    relative = make_prompt("number", "-200", relative_tolerance="0.05")
    assert [correct(boxed(text), relative) for text in ("-190", "-210", "-189.9", "200")] == [True, True, False, False]
    both = make_prompt("number", "10", absolute_tolerance="0.1", relative_tolerance="5%")
    assert [correct(boxed(text), both) for text in ("9.5", "9.49")] == [True, False]


def test_number_unit_tag_rules_out_other_units() -> None:
    prompt = make_prompt("number", "5", unit="cm")
    assert [correct(boxed(text), prompt) for text in ("5", "5 cm", "5 CM", "5 km", "5%")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    percent = make_prompt("number", "5", unit="%")
    assert [correct(boxed(text), percent) for text in ("5", "5%", r"5\%", "0.05", "5 cm")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@given(st.fractions(max_denominator=10_000), st.integers(-12, 12))
def test_read_number_is_exact(value: Fraction, shift: int) -> None:
    number = read_number(f"{value.numerator}/{value.denominator}")
    assert number is not None and number.value == value
    number = read_number(rf"{value.numerator} \times 10^{{{shift}}}")
    assert number is not None and number.value == value.numerator * Fraction(10) ** shift


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_thousands_separators_change_nothing(value: object) -> None:
    plain, grouped = read_number(f"{value:f}"), read_number(f"{value:,f}")
    assert plain is not None and grouped is not None and plain.value == grouped.value == Fraction(str(value))


CHOICE_RIGHT = r"""
    B | b | B. | (B) | (b) | [B] | B) | **B** | $B$ | \text{B} | option B | Choice (B) | B because A is wrong
    Paris | paris | PARIS. | \text{Paris} | B. Paris | (B) Paris | B: paris | (B). Paris
"""
CHOICE_WRONG = r"""
    A | C | E | Z | 1 | 2 | London | Par | a London | A. London | B. London | A. Paris | ABCD | A B C D | A, B, C, D
    (A)(B)(C)(D) | (A) London (B) Paris | A or B | B or A | London, Paris | Paris or Rome | B. Paris or A | not B | all
"""


def cells(text: str) -> list[str]:
    return [answer.strip() for line in text.strip().splitlines() for answer in line.split("|")]


@pytest.mark.parametrize("gold", ["B", "(B)", "b", "Paris", "1"])
@pytest.mark.parametrize("answer", cells(CHOICE_RIGHT))
def test_choice_accepts_letter_and_text(gold: str, answer: str) -> None:
    assert VERIFIERS["choice"](boxed(answer), make_prompt("choice", gold, choices=CITIES)).reason == "match"


@pytest.mark.parametrize("answer", cells(CHOICE_WRONG))
def test_choice_rejects_other_options_and_lists(answer: str) -> None:
    assert not correct(boxed(answer), make_prompt("choice", "B", choices=CITIES))


@pytest.mark.parametrize(
    ("response", "right"),
    [
        ("The answer is B because A is wrong.", True),
        ("Not A. Answer: (B)", True),
        ("The answer is B.\nWait. The answer is C.", False),
        (r"\boxed{A} hmm \boxed{B}", True),
        ("<answer>B</answer>", True),
        ("B", True),
        ("(A) London (B) Paris (C) The capital of Spain (D) Rome", False),
        ("A\nB\nC\nD", False),
    ],
)
def test_choice_counts_the_last_stated_answer(response: str, right: bool) -> None:
    assert correct(response, make_prompt("choice", "B", choices=CITIES)) is right


def test_choice_letters_go_before_texts_that_are_letters() -> None:
    prompt = make_prompt("choice", "B", choices=["E", "B", "C", "A"])
    assert correct(boxed("B"), prompt)
    assert not correct(boxed("A"), prompt)
    assert not correct(boxed("D"), prompt)


def test_choice_with_equal_texts_accepts_either() -> None:
    prompt = make_prompt("choice", "18", choices=["9", "18", "18"])
    assert [correct(boxed(text), prompt) for text in ("18", "B", "C", "A", "9")] == [True, True, True, False, False]
    assert not correct(boxed("18"), make_prompt("choice", "B", choices=["9", "18", "18"])), "18 could mean C"


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Blue Square", True),
        ("blue  square.", True),
        (r"\text{Blue square}", True),
        ("BLUE\nSQUARE", True),
        ("blue-square", False),
        ("blue squares", False),
        ("bluesquare", False),
        ("blue square or red circle", False),
    ],
)
def test_exact_ignores_case_and_space_only(answer: str, right: bool) -> None:
    assert correct(boxed(answer), GOOD["exact"]) is right


def test_typed_follows_data_synth() -> None:
    pair = make_prompt("typed", Answer("tuple", (3, "red")).to_text())
    assert [correct(boxed(text), pair) for text in ("(3, red)", "(red, 3)", "3")] == [True, False, False]
    assert correct(r"<think>\boxed{3}</think>\boxed{12}", GOOD["typed"])
    assert not correct(r"<think>\boxed{12}", GOOD["typed"])


@pytest.mark.parametrize(
    "prompt",
    [
        make_prompt("typed", "12"),
        make_prompt("typed", '{"type": "integer", "value": "x"}'),
        make_prompt("number", "twelve"),
        make_prompt("number", ""),
        make_prompt("number", "12", absolute_tolerance="-1"),
        make_prompt("number", "12", relative_tolerance="wide"),
        make_prompt("choice", "B"),
        make_prompt("choice", "B", choices="London, Paris"),
        make_prompt("choice", "B", choices=["London"]),
        make_prompt("choice", "B", choices="[1, 2]"),
        make_prompt("choice", "E", choices=CITIES),
        make_prompt("choice", "Berlin", choices=CITIES),
        make_prompt("choice", "4", choices=CITIES),
        make_prompt("exact", " "),
    ],
    ids=lambda prompt: f"{prompt.verifier} {prompt.answer} {dict(prompt.tags)}",
)
def test_a_bad_gold_answer_is_an_error_that_names_the_prompt(prompt: Prompt) -> None:
    with pytest.raises(ValueError, match=prompt.id):
        check_gold(prompt)


@pytest.mark.parametrize("name", sorted(INLINE - {"format"}))  # which does not know the answer
def test_hostile_responses_are_wrong_and_cheap(name: str) -> None:
    for text in HOSTILE:
        started = time.process_time()
        verdict = VERIFIERS[name](text, GOOD[name])
        assert not verdict.correct, text[:60]
        assert time.process_time() - started < 10.0, f"CPU seconds; quadratic time would take minutes: {text[:60]}"


@pytest.mark.parametrize("name", sorted(INLINE - {"format"}))  # which does not know the answer
@given(st.text(max_size=200))
def test_verifiers_never_raise_for_what_a_policy_writes(name: str, text: str) -> None:
    assert not VERIFIERS[name](text + "\n?", GOOD[name]).correct
    VERIFIERS[name](boxed(text), GOOD[name])


@given(
    st.lists(
        st.sampled_from(["12", "12.0", ",", " ", "/", "%", "e", "-", ".", "{", "}", "\\frac", "^", "cm", "or", "$"])
    )
)
def test_number_reads_one_value_or_none(pieces: list[str]) -> None:
    number = read_number("".join(pieces))
    assert number is None or isinstance(number.value, Fraction)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("numbr", "did you mean number"),
        ("my_package:", "unknown verifier"),
        (":f", "unknown verifier"),
        ("a b:f", "unknown"),
    ],
)
def test_unknown_verifier_names_the_nearest(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        resolve_verifier(name)


def test_verifier_of_a_user_is_found_by_its_path() -> None:
    from hostile_verifiers import says_yes

    assert resolve_verifier("hostile_verifiers:says_yes") is says_yes
    with pytest.raises(ValueError, match="cannot import no_such_module"):
        resolve_verifier("no_such_module:verify")
    with pytest.raises(ValueError, match="has no function missing"):
        resolve_verifier("hostile_verifiers:missing")
