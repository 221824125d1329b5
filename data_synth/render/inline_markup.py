"""A line of Markdown as Typst markup: `code`, **bold** and formulas between dollar signs; all else stays as it is.

A formula that cannot be converted is shown as its source, in the mono font.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from data_synth.render.latex_math import LatexError, to_typst
from data_synth.render.typeset import compile_source

_INLINE = re.compile(
    r"`([^`\n]+)`|\*\*(\S(?:[^*\n]*\S)?)\*\*|\\\((.+?)\\\)|(?<![\\$\w])\$(?=[^\s$])([^$\n]*?[^\s$\\])\$(?![\d$])"
)
_ESCAPED = re.compile(r"(?<!\\)\\([%$_#&])")  # LaTeX needs the backslash before such a sign, a reader does not
_SIGNS = r"[-+\u2212$\u20ac\u00a3]*"  # that a number may begin with
_UNBROKEN = {
    "whole": re.compile(rf"{_SIGNS}\d[\d.,]*%?|.", re.DOTALL),
    "groups": re.compile(rf"{_SIGNS}\d[\d.]*[,%]?|.", re.DOTALL),
    "digits": re.compile(".", re.DOTALL),
}
_GAP = re.compile(r"[ \n\u200b]+|(?<=[A-Za-z]-)(?=[A-Za-z])")  # where Typst may begin a new line
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\\.', re.DOTALL)
_OPERATORS = frozenset("+ - = dot times plus.minus lt gt lt.eq gt.eq eq.not approx equiv arrow.r".split())
LONG_WORD = 24  # characters


@dataclass(frozen=True, slots=True)
class Breaks:
    """Where words may be broken: those of `longest` characters anywhere, but numbers in them only so far.

    numbers: whole (they stay so), groups (broken after a comma) or digits (anywhere).
    """

    longest: int = LONG_WORD
    numbers: str = "digits"

    def in_text(self, text: str) -> str:
        """The text with a space of no width wherever a word may be broken."""
        return re.sub(rf"\S{{{self.longest},}}", self._in_word, text)

    def _in_word(self, word: re.Match[str]) -> str:
        return "\u200b".join(_UNBROKEN[self.numbers].findall(word[0]))


def inline(text: str, breaks: Breaks = Breaks()) -> str:
    """The markup of a text within one block."""
    return "".join(_markup(kind, content, breaks) for kind, content in _runs(text))


def unbreakable(text: str, breaks: Breaks) -> list[str]:
    """The markup of each piece of the text that no line break can divide; the widest is the least width it needs."""
    words = [""]
    for kind, content in _runs(text):
        first, *others = _pieces(kind, content, breaks)
        words[-1] += first  # no space divides it from what is before
        words += others
    return [word for word in words if word]


def string(text: str, breaks: Breaks = Breaks()) -> str:
    """The markup of text as it is."""
    return _literal(breaks.in_text(text)) if text else ""


def formula(latex: str, *, display: bool) -> str:
    """A formula, or its source where Typst does not take it."""
    made = _converted(latex)
    if made is None:
        return _raw(latex.strip())
    return f"#display($ {made} $, ${made}$)" if display else f"${made}$"


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """The text in parts of one kind: text, code, bold or formula."""
    end = 0
    for match in _INLINE.finditer(text):
        if match.start() > end:
            yield "text", text[end : match.start()]
        if match[1] is not None:
            yield "code", match[1]
        elif match[2] is not None:
            yield "bold", match[2]
        else:
            yield "formula", match[3] or match[4]
        end = match.end()
    if end < len(text):
        yield "text", text[end:]


def _markup(kind: str, content: str, breaks: Breaks) -> str:
    if kind == "code":
        return _raw(content)
    if kind == "bold":
        return f"#strong[{inline(content, breaks)}]"
    if kind == "formula":
        return formula(content, display=False)
    return string(_ESCAPED.sub(r"\1", content), breaks)


def _pieces(kind: str, content: str, breaks: Breaks) -> list[str]:
    """The markup of the parts between possible line breaks; an empty one at an end means a break is there."""
    if kind == "bold":
        return [f"#strong[{word}]" for word in unbreakable(content, breaks)] or [""]
    if kind == "formula" and (made := _converted(content)) is not None:
        return [f"${part}$" for part in _parts(made)]
    if kind == "text":
        words = _GAP.split(breaks.in_text(_ESCAPED.sub(r"\1", content)))
        return [_literal(word) if word else "" for word in words]
    words = _GAP.split(Breaks().in_text(content.strip() if kind == "formula" else content))
    return [f"#raw({_literal(word)[1:-1]})" if word else "" for word in words]


def _parts(made: str) -> list[str]:
    """A converted formula after each of its operators that no bracket holds: there Typst breaks lines."""
    parts, depth, last = [""], 0, ""
    for token in made.split(" "):
        bare = _QUOTED.sub("", token)
        depth += bare.count("(") + bare.count("[") - bare.count(")") - bare.count("]")
        parts[-1] += f" {token}"
        if depth == 0 and token in _OPERATORS and last and last not in _OPERATORS:
            parts.append("")
        last = token or last
    return [part for part in parts if part.strip()]


@lru_cache(maxsize=256)
def _converted(latex: str) -> str | None:
    """Typst mathematics, or None where the LaTeX or what is made of it is refused."""
    try:
        made = to_typst(latex)
        compile_source(f"#set page(width: auto, height: auto)\n$ {made} $", "pdf")
    except (LatexError, ValueError):
        return None
    return made


def _raw(code: str) -> str:
    return f"#raw({string(code)[1:-1]})"


def _literal(text: str) -> str:
    return '#"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '";'
