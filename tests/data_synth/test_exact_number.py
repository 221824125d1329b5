"""Exact numbers: every usual way to write one is read, compared exactly, and no text makes the reader fail or slow."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_synth.answers import Answer, compare
from data_synth.exact_number import MAX_RADICAND, Exact, add, approximate, is_canonical, read, square_part, term, write

fractions = st.fractions(-99, 99, max_denominator=30)
terms = st.builds(term, fractions, st.integers(1, 50), st.integers(0, 2))
numbers = st.one_of(terms, st.tuples(terms, terms).map(add))

SAME = [
    ("3*sqrt(2)", ["3\\sqrt{2}", "3\\sqrt2", "sqrt(2)*3", "3 \\cdot \\sqrt{2}", "sqrt(18)", "\\sqrt{18}", "3√2", "6/√2",
                   "$3\\sqrt{2}$", "3\\times\\sqrt{2}", "\\frac{6}{\\sqrt{2}}", "3·√(2)", "3 sqrt2", "(3*sqrt(2))",
                   "18^{1/2}", "3*2^(1/2)", "\\sqrt{36/2}", "3\\,\\sqrt{2}", "+3*sqrt(2)"]),
    ("7*sqrt(3)/2", ["\\frac{7\\sqrt{3}}{2}", "7√3/2", "\\dfrac{7}{2}\\sqrt{3}", "3.5\\sqrt3", "7/2*sqrt(3)",
                     "21/(2√3)", "\\frac{7\\sqrt3}2", "\\sqrt{\\frac{147}{4}}", "7/2sqrt(3)", "0.5*sqrt(147)"]),
    ("2*pi/3", ["\\frac{2\\pi}{3}", "2π/3", "\\frac{2}{3}\\pi", "2/3\\pi", "2\\pi/3", "\\tfrac23\\pi", "4pi/6",
                  "pi*2/3"]),
    ("5/7", ["\\frac{5}{7}", "\\frac57", "10/14", "-5/-7", "5 / 7", "\\displaystyle\\frac{5}{7}",
               "\\left(\\frac57\\right)"]),
    ("32/3", ["10 2/3", "10\\frac{2}{3}", "10 \\dfrac{2}{3}", "32\u00f73", "\\cfrac{32}{3}", "10 4/6"]),
    ("-3/2", ["-1 1/2", "-1\\frac{1}{2}"]),
    ("-4", ["-4", "\u22124", "-4.0", "-\\frac{8}{2}", "-\\sqrt{16}", "-4.", "{-4}"]),
    ("1/2 + sqrt(5)/2", ["(1+\\sqrt{5})/2", "\\frac{1+\\sqrt5}{2}", "\\frac{\\sqrt{5}+1}{2}",
                         "0.5+0.5√5", "2/(√5-1)"]),
    ("1234", ["1,234", "1{,}234", "1234"]),
    ("2/(3*pi)", ["\\frac{2}{3\\pi}", "2/(3π)"]),
    ("pi^2/6", ["\\frac{\\pi^2}{6}", "π^2/6", "\\pi^{2}/6", "pi**2/6"]),
    ("0", ["0", "0.0", "0*sqrt(2)", "-0"]),
]  # fmt: skip
DIFFERENT = [
    ("3*sqrt(2)", ["4.2426", "3*sqrt(3)", "sqrt(2)", "3", "-3\\sqrt2", "3+sqrt(2)", "3^sqrt(2)", "3,sqrt(2)", "√18√1",
                   "sqrt(2)+2sqrt(2)", "sqrt(3)*sqrt(6)", "\\sqrt{9+9}", "sqrt(sqrt(324))", "3\\sqrt{2}, 5", "3√(-2)"]),
    ("5/7", ["0.714285", "5,7", "7/5", "1/7+4/7", "5//7", "5:7", "\\frac{5}7 7", "\\frac577", "5/7/1/1"]),
    ("7", ["3+4", "14*1/2", "7*1", "6 1", "2 3.5", "49^1", "7!", "seven", "7e0", "0x7", "7\u0665", "7_0", "7x"]),
    ("8", ["2^3", "2**3", "2(4)", "(2)(4)", "2*2*2", "10-2", "9^1", "1/0", "8/0", "0/0"]),
    ("3/2", ["1\\frac12", "0 3/2", "1 1 1/2", "1 2/4x", "3 1/2", "1*1/2", "-1 1/2", "1 1/-2"]),
    ("7/2", ["2 3/2", "2\\frac{3}{2}", "1 5/2"]),
    ("pi", ["3.14159265358979", "22/7", "p", "pie", "pi pi", "sqrt(pi)", "i", "2pi-pi"]),
]  # fmt: skip


@pytest.mark.parametrize(("gold", "text"), [(gold, text) for gold, texts in SAME for text in [gold, *texts]])
def test_ways_to_write_a_number_are_the_same_number(gold: str, text: str) -> None:
    assert compare(Answer("expression", gold), text).correct


@pytest.mark.parametrize(("gold", "text"), [(gold, text) for gold, texts in DIFFERENT for text in texts])
def test_other_numbers_and_uncalculated_ones_are_refused(gold: str, text: str) -> None:
    assert not compare(Answer("expression", gold), text).correct


@given(numbers)
def test_what_is_written_is_read_back(value: Exact) -> None:
    assert read(write(value)) == value
    assert is_canonical(write(value))
    answer = Answer("expression", write(value))
    assert Answer.from_text(answer.to_text()) == answer
    assert compare(answer, answer.surface).correct


@given(numbers, numbers)
def test_two_numbers_are_equal_exactly_when_their_values_are(a: Exact, b: Exact) -> None:
    """Values of these sizes that differ at all differ by far more than rounding."""
    close = math.isclose(approximate(a), approximate(b), rel_tol=1e-12, abs_tol=1e-10)
    assert (a == b) == close
    assert compare(Answer("expression", write(a)), write(b)).correct == close


@given(fractions, st.integers(1, 400), st.integers(1, 12), st.integers(0, 1))
def test_unreduced_forms_have_the_value_that_floats_give(factor: Fraction, radicand: int, scale: int, pi: int) -> None:
    numerator, denominator = factor.numerator * scale, factor.denominator * scale
    expected = float(factor) * math.sqrt(radicand) * math.pi**pi
    for text in (
        f"\\frac{{{numerator}\\sqrt{{{radicand}}}}}{{{denominator}}}" + "\\pi" * pi,
        f"{numerator}*sqrt({radicand})" + "*pi" * pi + f"/{denominator}",
        f"{numerator}/{denominator}" + "\u03c0" * pi + f"\u00b7\u221a{radicand}",
    ):
        value = read(text.translate({0x3C0: "pi", 0xB7: "*", 0x221A: "sqrt"}))
        assert value is not None and math.isclose(approximate(value), expected, rel_tol=1e-12, abs_tol=1e-12), text
        assert value == term(factor, radicand, pi)


@given(st.integers(0, MAX_RADICAND))
@settings(max_examples=60)
def test_the_square_part_is_taken_out_whole(number: int) -> None:
    square, free = square_part(number)
    assert square * square * free == number
    assert not number or all(free % (divisor * divisor) for divisor in range(2, 1000))


def test_large_primes_and_their_squares_are_told_apart() -> None:
    assert square_part(999983**2) == (999983, 1)
    assert square_part(999983 * 999979) == (1, 999983 * 999979)
    assert square_part(4 * 249999999989) == (2, 249999999989)


hostile = st.lists(
    st.sampled_from(
        [*"0123456789+-*/^(){}.,", "sqrt", "\\sqrt", "\\frac", "pi", "\\pi", " ", "99999999", "\u221a", "a"]
    ),
    max_size=60,
).map("".join)


@given(st.one_of(hostile, st.text(max_size=300)))
@settings(max_examples=500)
def test_no_text_makes_the_reader_raise(text: str) -> None:
    value = read(text)
    assert value is None or (len(value) <= 2 and math.isfinite(approximate(value)))
    compare(Answer("expression", "sqrt(2)"), text)


@pytest.mark.parametrize(
    "text",
    ["(" * 256, "sqrt(" * 51, "9" * 256, "\\frac" * 51, "-" * 256, "sqrt999999999989+" * 15 + "1", "pi^8*" * 51 + "1",
     "sqrt(" + "9" * 200 + ")", "1/" * 127 + "1", "^" * 256, "9^9^9^9", "{" * 128 + "}" * 128, "2^(1/2)" * 36],
)  # fmt: skip
def test_hostile_texts_cost_little(text: str) -> None:
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 10.0, "CPU seconds; an unbounded power would take for ever"


@pytest.mark.parametrize(
    "value", ["2/4", "sqrt(8)", "3sqrt(2)", "1/sqrt(2)", "0.5", "", "x", "2+2", 3, None, "1" * 300]
)
def test_a_gold_answer_must_be_canonical(value: object) -> None:
    with pytest.raises(ValueError, match="is no expression as exact_number.write writes it"):
        Answer("expression", value)
