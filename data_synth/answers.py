"""Typed exact answers: how gold is written down, found in a response, and compared with what a policy wrote.

`compare` accepts the ways people write one value and nothing else; it never raises for response text, and its cost is
bounded because longer predictions are refused unread.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from data_synth import exact_number

if TYPE_CHECKING:
    from data_synth.item import Item

TYPES = ("integer", "decimal", "expression", "word", "tuple", "set", "cell", "path")
MAX_PREDICTION = 256  # characters; no gold answer comes near it

_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _'/-]*[A-Za-z0-9])?", re.ASCII)
_INTEGER = re.compile(r"([+-]?) *(\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?", re.ASCII)
_DECIMAL = re.compile(r"([+-]?) *((?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+)", re.ASCII)
_CELL = re.compile(r"row\s*(\d+)\s*(?:,|and|;)?\s*col(?:umn|\.)?\s*(\d+)", re.ASCII | re.IGNORECASE)
_PATH = re.compile(r"[A-Z][A-Z0-9]*", re.ASCII)
_BETWEEN_MOVES = re.compile(r"(?<=[A-Za-z0-9])(?:\s*(?:->|[,;-])\s*|\s+)(?=[A-Za-z0-9])", re.ASCII)
_BRACES = re.compile(r"\\boxed\s*\{|\\.|[{}]", re.DOTALL)
_TEXT_COMMAND = re.compile(
    r"\\(?:text|mathrm|textbf|mathbf|textrm|textit|mathit|texttt|mathtt|textsf|mathsf|operatorname|mbox)"
    r"\s*\{([^{}]*)\}"
)
_GROUPS = re.compile(r"(?<=\d)(?:\\,|\{,\})(?=\d{3}(?!\d))", re.ASCII)  # 1\,234 and 1{,}234
_SPACE = re.compile(r"\\(?:[,;: ]|q?quad(?![a-zA-Z]))|~")
_ARROW = re.compile(r"\\(?:to|(?:long)?rightarrow|Rightarrow)(?![a-zA-Z])")
_SIZE = re.compile(r"\\(?:left|right)(?![a-zA-Z])")
_SIGNS = {"\\!": "", "{,}": ",", "\\{": "{", "\\}": "}", "\\lbrace": "{", "\\rbrace": "}"}
_TYPOGRAPHY = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2192": "->"})
# what follows or leads a number and is no part of it: the unit that the question names
_UNIT = re.compile(r"\s*(?:\u00b0|\^\s*\{?\s*\\circ\s*\}?|\\degree|\u20ac|EUR)$")
_EURO = re.compile(r"^\u20ac\s*")
_Piece = tuple[int | None, str | None]  # what a part of a prediction is as an integer, and as a word
_NUMBERS = ("integer", "decimal", "expression")
_SPELLING = {"gray": "grey", "counterclockwise": "anticlockwise", "counter-clockwise": "anticlockwise",
             "anti-clockwise": "anticlockwise"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether a prediction is the gold answer.

    reason: match, no answer, too long, not ASCII, unreadable or different.
    """

    correct: bool
    prediction: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A gold answer. value by type: integer int, decimal int or float, expression what `exact_number.write` gives,
    word str, tuple and set a tuple of int and str, cell (row, column), path str of capitals and digits, one solution of
    possibly many.

    tolerance (decimal only): largest accepted difference. item (path only): id of the item whose family decides whether
    another path is a solution too. Raises ValueError if it is unusable.
    """

    type: str
    value: Any
    tolerance: float = 0.0
    item: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.value, list):
            object.__setattr__(self, "value", tuple(self.value))
        problem = _problem(self.type, self.value, self.tolerance, self.item)
        if problem:
            raise ValueError(f"not a usable gold answer: {problem}")

    @property
    def surface(self) -> str:
        """The answer as it is written in a box, e.g. 12, blue square, (2, 1) or {a, b}."""
        if self.type in ("tuple", "cell"):
            return f"({', '.join(map(str, self.value))})"
        if self.type == "set":
            return "{" + ", ".join(map(str, self.value)) + "}"
        return str(self.value)

    def to_text(self) -> str:
        """One line of JSON that `from_text` reads back."""
        record: dict[str, Any] = {"type": self.type, "value": self.value}
        if self.type == "decimal":
            record["tolerance"] = self.tolerance
        if self.type == "path":
            record["item"] = self.item
        return json.dumps(record)

    @classmethod
    def from_text(cls, text: str) -> Answer:
        """Read `to_text`. Raises ValueError, quoting the text, for a gold answer that cannot be read."""
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:  # also a number of thousands of digits
            raise ValueError(f"gold answer is not JSON: {text[:200]!r}") from error
        known = {"type", "value", "tolerance", "item"}
        if not isinstance(record, dict) or not {"type", "value"} <= set(record) <= known:
            raise ValueError(f"gold answer needs the keys type and value (and tolerance or item), got {text[:200]!r}")
        answer = cls(record["type"], record["value"], record.get("tolerance", 0.0), record.get("item", ""))
        if answer.item:  # an item that is not to be found would stop a run at the first other path
            _item(answer.item)
        return answer


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_PREDICTION // 4 and _WORD.fullmatch(value) is not None


def _problem(kind: Any, value: Any, tolerance: Any, item: Any) -> str:
    """Why these parts make no gold answer, or an empty string."""
    if kind not in TYPES:
        return f"type must be one of {', '.join(TYPES)}, got {kind!r}"
    number = _is_integer(tolerance) or isinstance(tolerance, float)
    if not number or not math.isfinite(tolerance) or tolerance < 0 or (tolerance and kind != "decimal"):
        return f"tolerance must be a finite number >= 0, and 0 unless the type is decimal, got {tolerance!r}"
    if not isinstance(item, str) or (item and kind != "path"):
        return f"item must be the id of an item, and empty unless the type is path, got {item!r}"
    if kind in ("tuple", "set", "cell"):
        if not isinstance(value, tuple) or not 1 <= len(value) <= 16:
            return f"a {kind} needs 1 to 16 parts, got {value!r}"
        if not all(_is_integer(part) or _is_word(part) for part in value):
            return f"parts of a {kind} are integers and plain words, got {value!r}"
        if kind == "cell" and not (len(value) == 2 and all(_is_integer(part) for part in value)):
            return f"a cell is (row, column), got {value!r}"
        if kind == "set" and len({part if _is_integer(part) else _word(part) for part in value}) != len(value):
            return f"a set has no part twice, got {value!r}"
        return ""
    fits = {
        "integer": _is_integer(value),
        "decimal": _is_integer(value) or (isinstance(value, float) and math.isfinite(value)),
        "expression": exact_number.is_canonical(value),
        "word": _is_word(value),
        "path": isinstance(value, str) and len(value) <= MAX_PREDICTION and _PATH.fullmatch(value) is not None,
    }
    hint = " as exact_number.write writes it" if kind == "expression" else ""
    return "" if fits[kind] else f"{value!r} is no {kind}{hint}"


def extract(response: str) -> str | None:
    """The content of the last `\\boxed{...}` with balanced braces, else of the last `<answer>...</answer>`, else None.

    Time is linear in the length of the response.
    """
    open_boxes: list[tuple[int, int]] = []  # (depth outside the box, where its content starts)
    depth, best_start, best = 0, -1, None
    for token in _BRACES.finditer(response):
        piece = token.group()
        if piece == "{":
            depth += 1
        elif piece.startswith("\\boxed"):
            open_boxes.append((depth, token.end()))
            depth += 1
        elif piece == "}" and depth:
            depth -= 1
            if open_boxes and open_boxes[-1][0] == depth:
                start = open_boxes.pop()[1]
                if start > best_start:
                    best_start, best = start, response[start : token.start()]
    if best is not None:
        return best.strip()
    end = response.rfind("</answer>")
    start = response.rfind("<answer>", 0, end) if end >= 0 else -1
    return response[start + len("<answer>") : end].strip() if start >= 0 else None


def compare(answer: Answer, text: str | None) -> Comparison:
    """Whether `text` (what `extract` found) states the gold answer. Never raises for any text."""
    if text is None or not text.strip():
        return Comparison(False, "", "no answer")
    if len(text) > MAX_PREDICTION:
        return Comparison(False, text[:MAX_PREDICTION], "too long")
    prediction = _plain(text)
    if answer.type in _NUMBERS:
        prediction = _EURO.sub("", _UNIT.sub("", prediction))
    if answer.type == "expression":
        prediction = exact_number.plain(prediction)
    if not prediction.isascii():  # look-alike digits and letters
        return Comparison(False, prediction, "not ASCII")
    value = _read(answer, prediction)
    if value is None:
        return Comparison(False, prediction, "unreadable")
    correct = _equal(answer, value)
    return Comparison(correct, prediction, "match" if correct else "different")


def _plain(text: str) -> str:
    """The text without LaTeX dress: math delimiters, text commands, thin spaces, bold, a final full stop."""
    text = _ARROW.sub("->", text.translate(_TYPOGRAPHY).strip())
    text = _SIZE.sub("", _SPACE.sub(" ", _GROUPS.sub("", text)))
    for command, plain in _SIGNS.items():
        text = text.replace(command, plain)
    for _ in range(3):
        text = _TEXT_COMMAND.sub(r"\1", text)
    text = _without_stop(text.strip())
    if len(text) > 4 and text.startswith("**") and text.endswith("**"):
        text = _without_stop(text[2:-2].strip())
    for opening, closing in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        if len(text) > len(opening) + len(closing) and text.startswith(opening) and text.endswith(closing):
            text = _without_stop(text[len(opening) : -len(closing)].strip())
    return text


def _without_stop(text: str) -> str:
    return text[:-1].rstrip() if text.endswith(".") and not text.endswith("..") else text


def _read(answer: Answer, text: str) -> Any:
    """The prediction as a value of the gold answer's type, or None if it is not one."""
    if answer.type == "integer":
        return _integer(text)
    if answer.type == "decimal":
        return _decimal(text)
    if answer.type == "expression":
        return exact_number.read(text)
    if answer.type == "word":
        return _word(text)
    if answer.type == "path":
        return _path(text)
    if answer.type == "cell" and (match := _CELL.fullmatch(_inside(text, ("()", "[]")))):
        return [(int(match[1]), None), (int(match[2]), None)]
    return _pieces(text, answer)


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    return int(match[1] + match[2].replace(",", "")) if match else None


def _decimal(text: str) -> Decimal | None:
    match = _DECIMAL.fullmatch(text)
    return Decimal(match[1] + match[2].replace(",", "")) if match else None


def _word(text: str) -> str | None:
    text = _unquoted(text)
    return " ".join(_SPELLING.get(word, word) for word in text.lower().split()) if _WORD.fullmatch(text) else None


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "'\"" else text


def _path(text: str) -> str | None:
    """Moves in capitals; spaces, commas, semicolons, hyphens and arrows between two of them are dropped."""
    moves = _BETWEEN_MOVES.sub("", _inside(_unquoted(text), ("()", "[]")).strip()).upper()
    return moves if _PATH.fullmatch(moves) else None


def _inside(text: str, brackets: tuple[str, ...]) -> str:
    """The text without the brackets around it, if it has some of these."""
    return text[1:-1] if len(text) >= 2 and text[0] + text[-1] in brackets else text


def _pieces(text: str, answer: Answer) -> list[_Piece] | None:
    """What stands between the commas of a tuple, cell or set; None if something there is neither integer nor word.

    No thousands separators: the comma parts the parts.
    """
    if answer.type == "set":
        pieces = re.split(r"\s*,\s*and\s+|\s+and\s+|,", _inside(text, ("{}", "()", "[]")))
    else:
        pieces = _inside(text, ("()", "[]")).split(",")
    read = [(_integer(piece.strip()), _word(piece.strip())) for piece in pieces]
    return None if (None, None) in read else read


def _is_part(piece: _Piece, gold: int | str) -> bool:
    """Words are compared letter by letter, also those of digits: 010 is the integer 10, and not the word 10."""
    number, word = piece
    return number == gold if isinstance(gold, int) else word == _word(gold)


def _equal(answer: Answer, value: Any) -> bool:
    if answer.type == "path":
        return value == answer.value or _solves(answer.item, value)
    if answer.type == "expression":
        return bool(value == exact_number.read(answer.value))
    if answer.type == "decimal":
        return abs(value - Decimal(str(answer.value))) <= Decimal(str(answer.tolerance))
    if answer.type in ("tuple", "set", "cell"):
        gold = answer.value
        if len(value) != len(gold):
            return False
        if answer.type == "set":
            return all(any(_is_part(piece, part) for piece in value) for part in gold) and all(
                any(_is_part(piece, part) for part in gold) for piece in value
            )
        return all(map(_is_part, value, gold))
    return bool(value == (_word(answer.value) if answer.type == "word" else answer.value))


def _solves(item_id: str, moves: str) -> bool:
    return bool(item_id) and _item(item_id).accepts(moves)


def _item(item_id: str) -> Item:
    from data_synth.item import Item  # items need this module first

    return Item.from_id(item_id)
