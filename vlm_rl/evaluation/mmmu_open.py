"""MMMU's open questions: the official parser collects every phrase and number that may be the answer; any may match."""

from __future__ import annotations

import re
from collections.abc import Sequence

_INDICATORS = ("could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result ")
_PUNCTUATION = frozenset(":,.!?;'")
# Possessive, and never started inside a run of digits: the same matches as the plain patterns, in linear time.
_NUMBERS = (
    re.compile(r"-?\b\d{1,3}(?:,\d{3})+\b"),
    re.compile(r"-?(?<!\d)\d++(?:\.\d++)?+[eE][+-]?\d+"),
    re.compile(r"-?(?:(?<!\d)\d++\.\d++|\.\d++|(?<!\d)\d++\b)(?![eE][+-]?\d+)(?![,\d])"),
)

Item = float | str


def open_items(response: str) -> list[Item]:
    """Everything the official parser takes for a possible answer, normalised."""
    lines = response.strip().strip(".").lower().split("\n")
    tails = [_shortest_tail(line, last=place == len(lines) - 1) for place, line in enumerate(lines)]
    phrases = [tail for tail in tails if tail and tail not in _PUNCTUATION] or ["\n".join(lines)]
    texts = phrases + [number for phrase in phrases for pattern in _NUMBERS for number in pattern.findall(phrase)]
    return [item for text in texts for item in normalize(text)]


def matches(items: Sequence[Item], golds: Sequence[str]) -> bool:
    """Whether any item is a gold number, to two decimals, or contains a gold text."""
    wanted = [item for gold in golds for item in normalize(gold)]
    texts = [item for item in wanted if isinstance(item, str)]
    return any(item in wanted if isinstance(item, float) else any(text in item for text in texts) for item in items)


def normalize(text: str) -> list[Item]:
    """A number rounded to two decimals, else the lower-case text; a lone character only matches next to a blank."""
    text = text.strip()
    try:
        return [round(float(text.replace(",", "")), 2)]
    except ValueError:
        text = text.lower()
        return [f" {text}", f"{text} "] if len(text) == 1 else [text]


def _shortest_tail(line: str, *, last: bool) -> str:
    """The shortest text after an indicator of an answer; an equation's right side too, in the last line."""
    shortest = ""
    for indicator in (*_INDICATORS, "=") if last else _INDICATORS:
        _, found, tail = line.rpartition(indicator)
        tail = tail.strip()
        if found and (not shortest or len(tail) < len(shortest)):
            shortest = tail
    return shortest
