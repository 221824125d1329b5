r"""The number that a short arithmetic expression in LaTeX or plain text stands for; nothing is evaluated as code.

A recursive-descent parser of numbers, + - * / ^ !, \frac, \sqrt, \pi, a few functions and brackets. The value is
exact (a Fraction) while it is rational. Length, nesting and the size of powers are capped: a call costs well under
a millisecond, whatever the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction

MAX_CHARS = 400
MAX_DEPTH = 30
MAX_BITS = 8_000
"""Size of the largest exact power or factorial that is computed, in bits; 3^1009 needs 1,600."""

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|(?:\d+(?:,\d{3})*)?\.\d+|\d+(?:,\d{3})*|\*\*|[a-zA-Z]+|\S")
_NUMBER = re.compile(r"[\d,]*\.?\d+")
_SKIPPED = {"$", "\\left", "\\right", "\\,", "\\;", "\\:", "\\ ", "\\$", "\\displaystyle", "~"}
_TIMES = {"*", "\\cdot", "\\times", "·", "×"}
_OVER = {"/", "\\div", "÷", ":"}
_SIGNS = {"+": 1, "-": -1, "−": -1}
_CLOSING = {"(": ")", "{": "}", "[": "]", "\\{": "\\}"}
_CONSTANTS = {"\\pi": math.pi}
_FUNCTIONS = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "ln": math.log,
    "log": math.log,
    "exp": math.exp,
}

Value = Fraction | float


class _NotArithmeticError(ValueError):
    """The text is no arithmetic, or too much of it. Never leaves this file."""


def latex_value(text: str) -> Value | None:
    r"""The value of an expression such as `\frac{3}{4}\pi`, `1,000` or `2*sqrt(3)`; None if it is anything else.

    Juxtaposition is a product, also in `3\frac{1}{2}` (1.5), as in latex2sympy.
    """
    if len(text) > MAX_CHARS:
        return None
    reader = _Reader([token for token in _TOKEN.findall(text) if token not in _SKIPPED])
    try:
        value = reader.sum()
    except (ArithmeticError, ValueError):
        return None
    finite = isinstance(value, Fraction) or math.isfinite(value)
    return value if finite and reader.token is None else None


class _Reader:
    """The tokens, the place in them, and one method for each level of the grammar."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens[::-1]
        self.depth = 0

    @property
    def token(self) -> str | None:
        return self.tokens[-1] if self.tokens else None

    def take(self, wanted: str | None = None) -> str:
        if not self.tokens or wanted not in (None, self.tokens[-1]):
            raise _NotArithmeticError
        return self.tokens.pop()

    def sum(self) -> Value:
        value = self.product()
        while self.token in _SIGNS:
            value += _SIGNS[self.take()] * self.product()
        return value

    def product(self) -> Value:
        value = self.signed()
        while True:
            if self.token in _TIMES:
                self.take()
                value *= self.signed()
            elif self.token in _OVER:
                self.take()
                value /= self.signed()
            elif self._factor_follows():
                value *= self.power()
            else:
                return value

    def signed(self) -> Value:
        sign = 1
        while self.token in _SIGNS:
            sign *= _SIGNS[self.take()]
        return sign * self.power()

    def power(self) -> Value:
        value = self.atom()
        while self.token == "!":
            self.take()
            value = _factorial(value)
        if self.token in ("^", "**"):
            self.take()
            value = _power(value, self._nested(self.signed))
        return value

    def atom(self) -> Value:
        token = self.token
        if token in _CLOSING:
            return self.group()
        self.take()
        if token is None or token in _CONSTANTS:
            return _CONSTANTS[token or ""]
        name = token[1:] if token[0] == "\\" else ""
        if name in ("frac", "dfrac", "tfrac"):
            return self.argument() / self.argument()
        if name == "sqrt":
            degree = self.group() if self.token == "[" else Fraction(2)
            return _root(self.argument(), degree)
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](float(self.argument()))
        if _NUMBER.fullmatch(token):
            return Fraction(token.replace(",", ""))
        raise _NotArithmeticError

    def group(self) -> Value:
        """A bracketed sum."""
        closing = _CLOSING[self.take()]
        value = self._nested(self.sum)
        self.take(closing)
        return value

    def argument(self) -> Value:
        r"""What `\frac` and `\sqrt` apply to: a group, a single digit (`\frac12`), or one more atom."""
        if self.token and self.token.isdigit() and len(self.token) > 1:
            digits = self.take()
            self.tokens.append(digits[1:])
            return Fraction(int(digits[0]))
        return self._nested(self.atom)

    def _nested(self, rule: Callable[[], Value]) -> Value:
        """Apply a rule one level deeper; all recursion passes here."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _NotArithmeticError
        value = rule()
        self.depth -= 1
        return value

    def _factor_follows(self) -> bool:
        token = self.token
        return token is not None and (
            token in _CLOSING or token in _CONSTANTS or token[0] == "\\" or token[0].isalnum()
        )


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * abs(exponent) > MAX_BITS:
            raise _NotArithmeticError
        return base ** int(exponent)
    return _real(float(base) ** float(exponent))


def _root(value: Value, degree: Value) -> Value:
    if value < 0:
        raise _NotArithmeticError
    return _real(float(value) ** (1 / float(degree)))


def _real(value: float | complex) -> float:
    if isinstance(value, complex):
        raise _NotArithmeticError
    return value


def _factorial(value: Value) -> Value:
    if not isinstance(value, Fraction) or value.denominator != 1 or not 0 <= value <= 100:
        raise _NotArithmeticError
    return Fraction(math.factorial(int(value)))
