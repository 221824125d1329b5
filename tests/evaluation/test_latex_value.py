r"""The arithmetic reader: checked against SymPy, and bounded for every text."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from latex2sympy2_extended import latex2sympy

from vlm_rl.evaluation.latex_value import latex_value

POSITIVE = st.integers(1, 50).map(str) | st.decimals("0.01", 9, places=2).map(str)


def _combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Positive operands give positive values, so that every division and root is defined."""
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", r"\cdot ", r"\times ", "/"]), inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: rf"\frac{{{pair[0]}}}{{{pair[1]}}}"),
        inner.map(r"\sqrt{{{}}}".format),
        inner.map("({})^{{2}}".format),
        inner.map(r"\left({}\right)\pi".format),
    )


EXPRESSIONS = st.recursive(POSITIVE, _combine, max_leaves=5)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, EXPRESSIONS)
def test_values_are_sympys(first: str, second: str) -> None:
    text = f"-{first}-({second})"
    value = latex_value(text)
    assert value is not None
    assert math.isclose(float(value), float(latex2sympy(text).evalf(20)), rel_tol=1e-9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,000", 1000),
        ("$60$", 60),
        (r"-\frac{24}{25}", Fraction(-24, 25)),
        (r"\frac12", Fraction(1, 2)),
        (r"\frac{360}7", Fraction(360, 7)),
        (r"\frac{7^3}{2^{12} 13^2}", Fraction(7**3, 2**12 * 13**2)),
        ("-2^{2}", -4),
        ("2^{-1}", Fraction(1, 2)),
        ("5!", 120),
        ("1:2", Fraction(1, 2)),
        (r"3\frac{1}{2}", Fraction(3, 2)),
        (r"\sqrt[3]{8}", 2.0),
    ],
)
def test_forms_of_gold_answers(text: str, value: Fraction) -> None:
    assert latex_value(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2x",
        "60 cm",
        "1/0",
        r"\sqrt{-1}",
        "(1",
        "1)",
        "1=1",
        "1,2",
        "__import__('os')",
        "nan",
        "inf",
        "π",
        "e",
        r"\frac{1}",
    ],
)
def test_anything_else_has_no_value(text: str) -> None:
    assert latex_value(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9",
        "9^{9^{9^{9}}}",
        "9" * 1_000_000,
        "(" * 390,
        r"\sqrt" * 60 + "2",
        "100!" * 90,
        "9^{2000}" * 45,
        "+".join(f"1/{n}^{{900}}" for n in range(3, 30)),
        "99!!!!!!",
        "-" * 399 + "1",
        "2^" * 190 + "2",
    ],
)
def test_a_bomb_is_defused(text: str) -> None:
    """Calculated out, the worst of them would take hours and gigabytes; a value, if there is one, stays small."""
    value = latex_value(text)
    assert value is None or value.numerator.bit_length() + value.denominator.bit_length() < 1_000_000
