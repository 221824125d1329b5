"""Read a number, exactly, as people and models write it: 1,234.5 -3/4 \\frac{3}{4} 1.2 \\times 10^{3} 25% $5 12 cm."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from vlm_rl.reward.final_answer import plain, unwrap_text_commands

MAX_NUMBER_CHARS = 200
MAX_EXPONENT = 400  # 1e999999999 is a bomb, not a number

_SPELLING = {
    "\u2212": "-",
    "\u2013": "-",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\u00d7": "*",
    "\\times": "*",
    "\\cdot": "*",
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
    "\\left": "",
    "\\right": "",
    "\\!": "",
    "\\,": " ",
    "\\;": " ",
    "\\ ": " ",
    "~": " ",
    "{,}": ",",
    "\\%": "%",
    "\\$": "$",
    "\\approx": "≈",
    "^{\\circ}": "°",
    "^\\circ": "°",
    "\\circ": "°",
}
_DECIMAL = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?:[ ][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
_EXPONENT = r"[+-]?[0-9]{1,4}"
_NUMBER = re.compile(
    rf"""(?:[A-Za-z][A-Za-z_]{{0,20}}\s?=|≈|about|approximately|=)?\s?
    (?P<sign>[+-]?)\s?[$€£¥]?\s?(?P<inner_sign>[+-]?)
    (?:
        (?:(?P<whole>[0-9]+)\s?)?\\frac\s?\{{\s?(?P<over>-?{_DECIMAL})\s?\}}\s?\{{\s?(?P<under>{_DECIMAL})\s?\}}
      | \\frac(?P<over1>[0-9])(?P<under1>[0-9])
      | (?:(?P<whole2>[0-9]+)\s)?(?P<over2>{_DECIMAL})\s?/\s?(?P<under2>{_DECIMAL})
      | (?P<mantissa>{_DECIMAL})(?:[eE](?P<exponent>{_EXPONENT})|\s?\*\s?10\s?\^\s?\{{?(?P<power>{_EXPONENT})\}}?)
      | (?P<decimal>{_DECIMAL})
    )
    \s?(?P<rest>[^0-9].{{0,60}})?""",
    re.VERBOSE,
)
_UNIT = re.compile(r"[A-Za-z°µμΩÅ€£¥$%][A-Za-z0-9°µμΩÅ²³⁻¹%^{}*/·.\- ]*")
_NO_POWER = re.compile(r"(?<![A-Za-z^{\-])[0-9]|[05-9]|[0-9]{2}")  # digits that are no exponent of a unit
_PERCENT = {"%", "percent", "per cent", "pct"}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
# "5 or six" is no answer, "5x" and "5e" are other numbers
_NOT_UNITS = set("or and not nor to but plus minus times half x y z n i e pi k".split())


@dataclass(frozen=True, slots=True)
class Number:
    """An exact value. percent: it was written as a percentage, and `value` is the hundredth. unit: as written."""

    value: Fraction
    percent: bool
    unit: str


def read_number(text: str) -> Number | None:
    """The one number that `text` is, with its unit; None if it is anything else or more than one."""
    if len(text) > 2 * MAX_NUMBER_CHARS:
        return None
    for spelling, meaning in _SPELLING.items():
        text = text.replace(spelling, meaning)
    text = plain(" ".join(unwrap_text_commands(plain(text)).split()))
    match = _NUMBER.fullmatch(text) if len(text) <= MAX_NUMBER_CHARS else None
    if match is None or (match["sign"] and match["inner_sign"]):
        return None
    value = _value(match)
    if value is None:
        return None
    if "-" in match["sign"] + match["inner_sign"]:
        value = -value
    return _with_unit(value, (match["rest"] or "").strip())


def _value(match: re.Match[str]) -> Fraction | None:
    if match["decimal"]:
        return _exact(match["decimal"])
    if match["mantissa"]:
        exponent = int(match["exponent"] or match["power"])
        return _exact(match["mantissa"]) * Fraction(10) ** exponent if abs(exponent) <= MAX_EXPONENT else None
    over = _exact(match["over"] or match["over1"] or match["over2"])
    under = _exact(match["under"] or match["under1"] or match["under2"])
    whole = match["whole"] or match["whole2"]
    if under == 0 or (whole and not 0 <= over < under):
        return None
    return (int(whole) if whole else 0) + over / under


def _exact(decimal: str) -> Fraction:
    return Fraction(decimal.replace(",", "").replace(" ", ""))


def _with_unit(value: Fraction, rest: str) -> Number | None:
    if rest.casefold() in _PERCENT:
        return Number(value / 100, True, "%")
    scale, _, unit = rest.partition(" ")
    if scale.casefold() in _SCALES:
        value, rest = value * _SCALES[scale.casefold()], unit.strip()
    if not rest:
        return Number(value, False, "")
    words = set(re.findall(r"[a-z]+", rest.casefold()))
    if not _UNIT.fullmatch(rest) or _NO_POWER.search(rest) or words & (_NOT_UNITS | set(_SCALES)):
        return None
    return Number(value, False, rest)
