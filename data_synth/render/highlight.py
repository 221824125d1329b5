"""Colours for code: a line as (kind, text) tokens, by regular expressions. Looks only; nothing is understood."""

from __future__ import annotations

import re

_WORDS = (
    "and as assert break class continue def elif else except False finally for from if import in is lambda None not or"
    " pass raise return True try while with yield"
)
_STRING, _NUMBER = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", r"\b\d+(?:[.,:]\d+)*\b"
_RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "python": (
        ("comment", r"#.*"),
        ("string", _STRING),
        ("keyword", r"\b(?:" + _WORDS.replace(" ", "|") + r")\b"),
        ("number", _NUMBER),
    ),
    "json": (("keyword", r"\"[^\"]*\"(?=\s*:)"), ("string", _STRING), ("number", r"-?\b\d+(?:\.\d+)?|true|false|null")),
    "yaml": (("comment", r"#.*"), ("keyword", r"[\w-]+(?=:)"), ("string", _STRING), ("number", _NUMBER)),
    "csv": (("number", r"\b\d+(?:\.\d+)?\b"),),  # a comma parts two values
    "log": (
        ("comment", r"^[\d:.\-T]+(?: [\d:.]+)?"),
        ("keyword", r"\b(?:INFO|WARN|WARNING|ERROR|DEBUG)\b"),
        ("string", _STRING),
        ("number", _NUMBER),
    ),
    "shell": (("comment", r"#.*"), ("keyword", r"^\S*[$>]"), ("string", _STRING)),
    "text": (),
}
_LEXERS = {
    language: re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in rules) or r"(?!)", re.ASCII)
    for language, rules in _RULES.items()
}
LANGUAGES = tuple(_RULES)


def coloured(line: str, language: str) -> list[tuple[str, str]]:
    """(kind, text) pieces that join to the line. kind: plain, keyword, string, number or comment.

    Raises ValueError for an unknown language.
    """
    if language not in _LEXERS:
        raise ValueError(f"code is highlighted as one of {', '.join(LANGUAGES)}, got {language!r}")
    pieces: list[tuple[str, str]] = []
    end = 0
    for match in _LEXERS[language].finditer(line):
        if match.start() > end:
            pieces.append(("plain", line[end : match.start()]))
        pieces.append((match.lastgroup or "plain", match.group()))
        end = match.end()
    return [*pieces, ("plain", line[end:])] if end < len(line) or not line else pieces
