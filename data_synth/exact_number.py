r"""Exact numbers: one or two terms rational * sqrt(whole number) * power of pi, in the ways people write them.

`read` takes `3*sqrt(2)`, `\frac{7\sqrt{3}}{2}`, `2\pi/3`, `sqrt(18)`, `1/\sqrt2`, `0.5`, `1 2/3`, `(1+\sqrt5)/2`. What
is left to be calculated (3+4, 2*3, sqrt(2)*sqrt(6), 3^2) is no answer and not read: it may be copied from the question.
The parser is our own (no eval, no algebra system) and of bounded cost: text, digits, radicands and depth are limited.
Products without a sign bind like written ones, from left to right: 7/2sqrt(3) is (7/2)*sqrt(3).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

Exact = dict[tuple[int, int], Fraction]  # (radicand without square factors, power of pi) -> its coefficient, not 0

MAX_TEXT = 256  # characters
MAX_DIGITS = 24  # of one number
MAX_RADICAND = 10**12
MAX_DEPTH = 8  # of brackets
MAX_TERMS = 2  # of a sum
MAX_POWER = 8  # of pi
MAX_BITS = 512  # of a numerator or denominator, on the way

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<name>\\[dtc]?frac|\\?sqrt|\\?pi|\\cdot|\\times)|(?P<sign>\*\*|[-+*/^(){}])|(?P<space>\s+|\\displaystyle)",
    re.ASCII,
)
_SIGNS = {"\\cdot": "*", "\\times": "*", "**": "^"}
_TYPOGRAPHY = str.maketrans({"\u221a": "sqrt", "\u03c0": "pi", "\u00b7": "*", "\u00d7": "*", "\u00f7": "/"})
_MIXED = re.compile(  # 10 2/3 and 10\frac{2}{3}, and nothing else in the text
    r"\s*([+-]?)\s*(\d+)(?:\s+(\d+)\s*/\s*(\d+)|\s*\\[dtc]?frac\s*\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\})\s*", re.ASCII
)
_CLOSING = {"(": ")", "{": "}"}


def term(coefficient: Fraction | int, radicand: int = 1, pi: int = 0) -> Exact:
    """coefficient * sqrt(radicand) * pi**pi. Raises ValueError for a radicand outside 0 .. MAX_RADICAND."""
    square, free = square_part(radicand)
    value = Fraction(coefficient) * square
    return {(free, pi): value} if value else {}


def add(values: Iterable[Exact]) -> Exact:
    """The sum of exact numbers."""
    total: Exact = {}
    for value in values:
        for key, coefficient in value.items():
            total[key] = total.get(key, Fraction(0)) + coefficient
    return {key: coefficient for key, coefficient in total.items() if coefficient}


def multiply(a: Exact, b: Exact) -> Exact:
    """The product of exact numbers. Raises ValueError if it grows beyond the limits."""
    parts = []
    for (root, pi), factor in a.items():
        for (other_root, other_pi), other in b.items():
            shared = math.gcd(root, other_root)  # sqrt(6) * sqrt(10) = 2 * sqrt(15)
            free = (root // shared) * (other_root // shared)
            coefficient = factor * other * shared
            size = max(coefficient.numerator.bit_length(), coefficient.denominator.bit_length())
            if free > MAX_RADICAND or abs(pi + other_pi) > MAX_POWER or size > MAX_BITS:
                raise ValueError("too large")
            parts.append({(free, pi + other_pi): coefficient})
    product = add(parts)
    if len(product) > MAX_TERMS:
        raise ValueError(f"more than {MAX_TERMS} terms")
    return product


def inverse(value: Exact) -> Exact:
    """1 / value for one term, or two with roots alone. Raises ValueError for 0 and for other sums."""
    if len(value) == 2 and all(pi == 0 for _, pi in value):
        conjugate = dict(value)
        key = max(conjugate)
        conjugate[key] = -conjugate[key]
        return multiply(conjugate, inverse(multiply(value, conjugate)))
    if len(value) != 1:
        raise ValueError("no simple inverse")
    (((root, pi), coefficient),) = value.items()
    return {(root, -pi): 1 / (coefficient * root)}  # 1 / sqrt(3) = sqrt(3) / 3


def square_part(number: int) -> tuple[int, int]:
    """(a, b) with number = a * a * b and b without square factors; at most 10,000 divisions.

    Raises ValueError outside 0 .. MAX_RADICAND.
    """
    if not 0 <= number <= MAX_RADICAND:
        raise ValueError(f"a radicand must be in 0 .. {MAX_RADICAND}, got {number}")
    if number == 0:
        return 0, 1
    square, free, divisor = 1, 1, 2
    while divisor**3 <= number:
        times = 0
        while number % divisor == 0:
            number, times = number // divisor, times + 1
        square *= divisor ** (times // 2)
        free *= divisor ** (times % 2)
        divisor += 1 if divisor == 2 else 2
    root = math.isqrt(number)  # at most two primes are left
    return (square * root, free) if root * root == number else (square, free * number)


def write(value: Exact) -> str:
    """The canonical text: lowest terms, e.g. 7*sqrt(3)/2, -4, 2*pi/3, 1 + sqrt(2)."""
    if not value:
        return "0"
    text = ""
    for (root, pi), coefficient in sorted(value.items(), key=lambda pair: (pair[0][1], pair[0][0])):
        sign = (" - " if coefficient < 0 else " + ") if text else ("-" if coefficient < 0 else "")
        above = _factors(abs(coefficient.numerator), root, pi)
        below = _factors(coefficient.denominator, 1, -pi)
        text += sign + ("*".join(above) or "1")
        text += f"/({'*'.join(below)})" if len(below) > 1 else f"/{below[0]}" if below else ""
    return text


def _factors(number: int, root: int, pi: int) -> list[str]:
    return (
        [str(number)] * (number != 1) + [f"sqrt({root})"] * (root != 1) + [("pi" if pi == 1 else f"pi^{pi}")] * (pi > 0)
    )


def approximate(value: Exact) -> float:
    """The nearest float, or nearly so."""
    return math.fsum(float(c) * math.sqrt(root) * math.pi**pi for (root, pi), c in value.items())


def plain(text: str) -> str:
    """The text with the signs for root, pi and product spelled in ASCII."""
    return text.translate(_TYPOGRAPHY)


def read(text: str) -> Exact | None:
    """The number that a text states, or None if it states none within the limits. Never raises."""
    if len(text) > MAX_TEXT:
        return None
    try:
        return _mixed(text) or _Reader(_tokens(text)).all()
    except (ValueError, ZeroDivisionError):
        return None


def _mixed(text: str) -> Exact | None:
    """A whole number above 0 with a proper fraction behind it, which nobody means as a product."""
    match = _MIXED.fullmatch(text)
    if match is None:
        return None
    whole, above, below = (_number(piece) for piece in (match[2], match[3] or match[5], match[4] or match[6]))
    if not whole or not 0 < above < below:
        return None
    return term((-1 if match[1] == "-" else 1) * (whole + above / below))


def is_canonical(text: object) -> bool:
    """Whether a text is what `write` gives for a number: a usable gold answer."""
    value = read(text) if isinstance(text, str) else None
    return value is not None and write(value) == text


def _tokens(text: str) -> list[tuple[str, str]]:
    """(kind, text) of each token, and an end. Raises ValueError at the first character that begins none."""
    tokens, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise ValueError(f"unreadable at {place}")
        place = match.end()
        piece = _SIGNS.get(match.group(), match.group())
        kind = "sign" if piece in ("*", "^") else match.lastgroup
        if kind != "space":
            tokens.append((kind, piece.removeprefix("\\")))
    return [*tokens, ("end", "")]


@dataclass
class _Written:
    """What stands in a text, or under one of its roots."""

    numbers: int = 0
    divisions: int = 0
    sums: int = 0
    roots: int = 0
    pis: int = 0

    def finished(self, terms: int) -> bool:
        """Whether nothing is left to be calculated but to reduce fractions and roots."""
        bare = self.sums == terms - 1 and self.divisions <= terms and self.numbers <= terms + self.divisions
        return bare and self.roots <= terms and self.pis <= terms


class _Reader:
    """Recursive descent over the tokens; every method leaves `place` behind what it read, or raises ValueError."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.place = 0
        self.depth = 0
        self.written = _Written()

    def all(self) -> Exact:
        value = self.sum()
        if self._ahead()[0] != "end" or not self.written.finished(max(1, len(value))):
            raise ValueError("something follows the number, or is left to be calculated")
        return value

    def _ahead(self) -> tuple[str, str]:
        return self.tokens[self.place]

    def _take(self, *signs: str) -> str:
        """The next token if it is one of these signs, else an empty string."""
        kind, piece = self._ahead()
        if kind != "sign" or piece not in signs:
            return ""
        self.place += 1
        return piece

    def sum(self) -> Exact:
        sign = self._take("+", "-")
        total = self.product()
        if sign == "-":
            total = multiply(term(-1), total)
        while sign := self._take("+", "-"):
            self.written.sums += 1
            other = self.product()
            total = add([total, other if sign == "+" else multiply(term(-1), other)])
            if len(total) > MAX_TERMS:
                raise ValueError(f"more than {MAX_TERMS} terms")
        return total

    def product(self) -> Exact:
        value, plain_number = self.factor()
        while True:
            if sign := self._take("*", "/"):
                self.written.divisions += sign == "/"
                negative = bool(self._take("-"))
                other, plain_number = self.factor()
                other = inverse(other) if sign == "/" else other
                value = multiply(value, multiply(term(-1), other) if negative else other)
            elif self._ahead()[0] in ("number", "name") or self._ahead()[1] in ("(", "{"):
                before = plain_number
                other, plain_number = self.factor()
                if before and plain_number:  # 2 3 and 2 \\frac{3}{2} may mean a sum or a product; mixed numbers: _mixed
                    raise ValueError("two numbers without a sign between them")
                value = multiply(value, other)
            else:
                return value

    def factor(self) -> tuple[Exact, bool]:
        """A factor with its exponent, and whether it is a plain number or a fraction of plain numbers."""
        value, plain_number = self.atom()
        if not self._take("^"):
            return value, plain_number
        outside, self.written = self.written, _Written()
        exponent = _rational(self.atom()[0])
        self.written = outside
        if exponent == Fraction(1, 2):
            self.written.roots, self.written.numbers = self.written.roots + 1, self.written.numbers - plain_number
            return _root(value), False
        if value != term(1, pi=1) or exponent.denominator != 1 or not 1 <= exponent <= MAX_POWER:
            raise ValueError("powers are of pi, or 1/2 for a root")
        return term(1, pi=exponent.numerator), False

    def atom(self) -> tuple[Exact, bool]:
        kind, piece = self._ahead()
        if kind not in ("number", "name"):
            return self.group(), False
        self.place += 1
        if kind == "number":
            self.written.numbers += 1
            return term(_number(piece)), True
        if piece == "pi":
            self.written.pis += 1
            return term(1, pi=1), False
        if piece == "sqrt":
            return self.root(), False
        self.written.divisions += 1
        above, below = self.argument(), self.argument()
        return multiply(above, inverse(below)), {*above, *below} <= {(1, 0)}

    def root(self) -> Exact:
        outside, self.written = self.written, _Written()
        value = _root(self.argument(long=True))
        if self.written.roots or not self.written.finished(1):
            raise ValueError("something under the root is left to be calculated")
        self.written = outside
        self.written.roots += 1
        return value

    def group(self) -> Exact:
        """A sum in brackets."""
        opening = self._take("(", "{")
        self.depth += 1
        if not opening or self.depth > MAX_DEPTH:
            raise ValueError("expected a number, or brackets too deep")
        value = self.sum()
        if not self._take(_CLOSING[opening]):
            raise ValueError("brackets that do not close")
        self.depth -= 1
        return value

    def argument(self, long: bool = False) -> Exact:
        """What stands under a root or in a fraction: a group, pi or digits.

        TeX takes one digit: \\frac12 is 1/2. long: sqrt12 and \\sqrt12 are meant as sqrt(12), not as sqrt(1)*2.
        """
        kind, piece = self._ahead()
        if kind == "sign":
            return self.group()
        if piece == "pi" or (kind == "number" and (long or len(piece) == 1)):
            return self.atom()[0]
        if kind != "number" or len(piece) != 2 or not piece.isdecimal():
            raise ValueError("a group or a digit must follow")
        self.tokens[self.place] = ("number", piece[1])
        self.written.numbers += 1
        return term(int(piece[0]))


def _number(piece: str) -> Fraction:
    digits = piece.replace(",", "")
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"more than {MAX_DIGITS} digits")
    return Fraction(digits.removesuffix("."))


def _rational(value: Exact) -> Fraction:
    if not set(value) <= {(1, 0)}:
        raise ValueError("must be rational")
    return value.get((1, 0), Fraction(0))


def _root(value: Exact) -> Exact:
    """The square root of a rational >= 0: sqrt(a/b) = sqrt(a*b)/b."""
    square = _rational(value)
    return term(Fraction(1, square.denominator), square.numerator * square.denominator)
