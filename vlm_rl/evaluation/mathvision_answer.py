r"""What MATH-Vision's official code takes for the answer of a response: a fixed sequence of cuts and replacements."""

from __future__ import annotations

import re

_PHRASES = tuple(
    start + rest
    for rest in (" final answer is", " answer is", " correct answer is", " answer should be")
    for start in ("the", "The")
)
_BARE_ROOT = re.compile(r"\\sqrt([^{])")
_SLASH = re.compile(r"(-?[1-9]\d*|0)/(-?[1-9]\d*|0)")

# In the official order, which matters: "\\text" goes before "\\text{ " could be found, "{km}" before "km".
_REPLACEMENTS = (
    *((gone, "") for gone in (" ", "\\,")),
    ("∞", "\\infty"),
    ("+\\infty", "\\infty"),
    ("\\\\", "\\"),
    *((gone, "") for gone in ("\n", "\\text", "\\mbox")),
    ("bmatrix", "pmatrix"),
    *((gone, "") for gone in ("\\left", "\\right", "^{\\circ}", "^\\circ")),
    *((gone, "") for gone in ("{m}^3", "m^3", "{units}", "units", "{km}", "km")),
    ("\\!", ""),
    ("\\\\", "\\"),
    ("tfrac", "frac"),
    ("dfrac", "frac"),
    *((gone, "") for gone in ("\\$", "$", "\\%")),
    ("{.", "{0."),
)


def official_answer(response: str) -> str:
    r"""The answer in lower case, without blanks and units; the whole response, so treated, where none is marked.

    A closing ` X.` or opening `X` line; else a number after the last "is "; else the last `\boxed{}`; else what
    follows "the answer is", up to the end of its line or sentence.
    """
    text = _letter_at_an_end(response.strip())
    tail = text.rpartition("is ")[2].rstrip(".")
    if _is_float(tail):
        text = tail
    boxes = text.count("oxed{")
    if boxes == 0:
        text = _after_phrases(text)
    elif boxes > 1:
        text = "\\boxed{" + text.rpartition("oxed{")[2]
    text = _plain(_box_content(text.lower().replace("{}", "")))
    for form in ("({})", "{{{}}}"):
        for letter in "abcde":
            text = text.replace(form.format(letter), letter)
    return text.rstrip(".").lstrip(":").strip()


def _letter_at_an_end(text: str) -> str:
    for letter in "ABCDE":
        ends = (f" {letter}.", f" ({letter}).")
        starts = (f"{letter}\n", f"({letter})\n", f"({letter}) {letter}\n")
        if text.endswith(ends) or text.startswith(starts):
            return letter
    return text


def _after_phrases(text: str) -> str:
    for phrase in _PHRASES:
        _, found, rest = text.rpartition(phrase)
        text = rest.strip()
        if found:
            text = text.split("\n")[0].split(". ")[0]
    return text


def _box_content(text: str) -> str:
    """What the box holds, up to the last brace, cut at one that nothing opened; of an equation the right side."""
    _, box, content = text.partition("oxed{")
    if box and "}" in content:
        text = content.rpartition("}")[0]
    closing, opening = text.find("}"), text.find("{")
    if closing >= 0 and (opening < 0 or closing < opening):
        text = text[:closing]
    return text.rpartition("=")[2].rpartition("\\approx")[2]


def _plain(text: str) -> str:
    for old, new in _REPLACEMENTS:
        text = text.replace(old, new)
    if text.startswith("."):
        text = "0" + text
    text = _BARE_ROOT.sub(r"\\sqrt{\1}", text)
    if text == "0.5":
        return "\\frac{1}{2}"
    return f"\\frac{{{slash[1]}}}{{{slash[2]}}}" if (slash := _SLASH.fullmatch(text)) else text


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
