"""Ways in which a right answer is written, all of which a verifier must take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from data_synth.answers import Answer

_DRESS = (
    "{}", " {} ", "\n{}\n", "{}.", "{} .", "${}$", "$ {} $", "$${}$$", "\\({}\\)", "\\[{}\\]", "${}$.", "${}.$",
    "\\text{{{}}}", "\\mathrm{{{}}}", "\\textbf{{{}}}", "\\mathbf{{{}}}", "\\textit{{{}}}", "$\\mathbf{{{}}}$",
    "\\text{{\\textbf{{{}}}}}", "~{}~", "\\ {}", "\\,{}\\,", "\\;{}",
)  # fmt: skip
_AROUND = (
    "\\boxed{{{0}}}",
    "The answer is \\boxed{{{0}}}.",
    "**\\boxed{{{0}}}**",
    "$\\boxed{{{0}}}$",
    "$$\n\\boxed{{{0}}}\n$$",
    "First I thought \\boxed{{}}, but it is \\boxed{{{0}}}, as checked.",
    "\\boxed {{{0}}}",
    "\\boxed{{{0}}} I am sure {{of it}}.",
    "<answer>{0}</answer>",
)


def responses(answer: Answer) -> list[str]:
    """Whole responses that state the gold answer, each in another way."""
    plain = [answer.surface, *_rewritten(answer)]
    dresses = (
        dress for dress in _DRESS if "{{" not in dress or "{" not in answer.surface
    )  # \\text{{a, b}} loses braces
    dressed = [dress.format(answer.surface) for dress in dresses]
    boxed = [f"\\boxed{{{text}}}" for text in dict.fromkeys([*plain, *dressed])]
    return list(dict.fromkeys([*boxed, *(around.format(answer.surface) for around in _AROUND)]))


def _rewritten(answer: Answer) -> list[str]:
    """Other surfaces of the same value, by type."""
    if answer.type in ("integer", "decimal"):
        return _numbers(answer.value)
    if answer.type == "expression":
        return _expressions(answer.value)
    if answer.type == "word":
        return _words(answer.value)
    if answer.type in ("tuple", "set", "cell"):
        return _lists(answer)
    if answer.type == "path":
        return _paths(answer.value)
    return []


def _numbers(value: float) -> list[str]:
    exact = Decimal(str(value))
    text = format(exact, "f")
    whole = exact == int(exact)
    forms = [text, f"{int(exact)}", f"{int(exact)}.0", f"{int(exact)}.00"] if whole else [text, f"{text}0", f"{text}00"]
    forms.append(f"+{text}" if value >= 0 else text.replace("-", "\u2212"))
    if abs(value) >= 1000:
        grouped = format(exact, ",f")
        forms += [grouped, grouped.replace(",", "{,}"), grouped.replace(",", ",\\!")]
    return forms


def _expressions(value: str) -> list[str]:
    """LaTeX and looser spellings of a number such as 7*sqrt(3)/2."""
    latex = re.sub(r"sqrt\((\d+)\)", r"\\sqrt{\1}", value).replace("pi", "\\pi ").strip()
    forms = [value.replace("*", " * "), value.replace("/", " / "), value.replace("*", ""), latex]
    forms += [latex.replace("*", sign) for sign in ("", " ", "\\cdot ", " \\times ")]
    above, _, below = latex.partition("/")
    if below.isdecimal() and " " not in above.strip():
        sign, above = ("-", above[1:]) if above.startswith("-") else ("", above)
        forms += [f"{sign}\\{frac}{{{above.replace('*', '')}}}{{{below}}}" for frac in ("frac", "dfrac", "tfrac")]
    return forms


def _words(word: str) -> list[str]:
    spaced = word.replace(" ", "\\ ")
    return [word.upper(), word.lower(), word.title(), f"'{word}'", f'"{word}"', f"\\text{{ {word} }}", spaced]


def _lists(answer: Answer) -> list[str]:
    parts = [str(part) for part in answer.value]
    sides = [("{", "}"), ("\\{", "\\}"), ("\\left\\{", "\\right\\}")] if answer.type == "set" else [("(", ")")]
    sides += [("", ""), ("[", "]"), ("(", ")"), ("\\left(", "\\right)")]
    forms = [f"{left}{joint.join(parts)}{right}" for left, right in sides for joint in (", ", ",", " , ", ",\\ ")]
    dressed = ", ".join(f"\\text{{{part}}}" for part in parts)
    forms += [f"({dressed})", f"({', '.join(parts).upper()})"]
    if answer.type == "set":
        forms.append("{" + ", ".join(reversed(parts)) + "}")
    if answer.type == "cell":
        forms += [f"row {parts[0]}, column {parts[1]}", f"Row {parts[0]} and column {parts[1]}"]
    return forms


def _paths(moves: str) -> list[str]:
    joints: Sequence[str] = (" ", ", ", ",", "-", " -> ", "; ", "\n")
    return [moves.lower(), f"({moves})", f"[{moves}]", *(joint.join(moves) for joint in joints)]
