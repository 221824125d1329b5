"""Verifier for mathematical expressions: math-verify decides whether the final answer equals the gold one.

Only the extracted answer is parsed, as one LaTeX expression. math-verify's own search through a text would find the
gold number in a list of guesses, and its plain-expression parser evaluates text, so neither is used. Nor are its
timeouts: they rest on SIGALRM, which fails outside the main thread. So this verifier can run for ever: call it through
`VerifierPool`.
"""

from __future__ import annotations

import logging
import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

from vlm_rl.reward.final_answer import final_answer, plain
from vlm_rl.types import Prompt, Verdict

MAX_EXPRESSION_CHARS = 1000  # the LaTeX parser is slow, and no answer is longer

_PLAIN_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|-?\.[0-9]+")
_WORDS = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]+)*")
_GAP = r"(?:\\[,;:! ]|\\q?quad|~|\s)+"
_THOUSANDS = re.compile(rf"(?<![0-9.])[0-9]{{1,3}}(?:{_GAP}[0-9]{{3}})+(?![0-9])")
_IDLE_SPACE = re.compile("(?<![0-9A-Za-z]) | (?![0-9A-Za-z])")
_IMAGINARY = re.compile(r"(?<=[0-9)}])i(?![A-Za-z])")
_SIDE_BY_SIDE = re.compile(rf"[0-9]{_GAP}[0-9]")


def verify(response: str, prompt: Prompt) -> Verdict:
    """Correct if the final answer equals the gold expression. Raises ValueError for an unreadable gold answer."""
    gold = _gold(prompt)
    answer = final_answer(response)
    if answer is None:
        return Verdict(False, "", "no answer")
    right = _equal_at_sight(prompt.answer, answer)
    if right is None:
        stated = _tidy(answer)
        if not _parse(stated):
            return Verdict(False, answer, "unreadable")
        right = _equal(gold, stated)
    return Verdict(right, answer, "match" if right else "differs")


def warm_up() -> None:
    """Load math-verify and build its parser, so that no verdict's time is spent on it."""
    _equal("\\frac{1}{2}", "\\sqrt{4}")


def _gold(prompt: Prompt) -> str:
    gold = _tidy(prompt.answer)
    if not _parse(gold):
        raise ValueError(
            f"prompt {prompt.id}: the gold answer must be an expression that math-verify reads, "
            f"got {prompt.answer[:80]!r}; write it in LaTeX, or use the verifier exact, number or choice"
        )
    return gold


def _equal_at_sight(gold: str, answer: str) -> bool | None:
    """The cases that need no algebra; None = ask math-verify, which would call 0.0000001 and 0.0000002 equal."""
    gold, answer = " ".join(plain(gold).split()), " ".join(plain(answer).split())
    if _IDLE_SPACE.sub("", gold) == _IDLE_SPACE.sub("", answer):
        return True
    if _PLAIN_NUMBER.fullmatch(gold) and _PLAIN_NUMBER.fullmatch(answer):
        return Fraction(gold.replace(",", "")) == Fraction(answer.replace(",", ""))
    if _WORDS.fullmatch(gold) and _WORDS.fullmatch(answer) and gold.casefold() == answer.casefold():
        return True
    return None


def _tidy(answer: str) -> str:
    """One line of LaTeX without delimiters, which would split it into several expressions."""
    text = " ".join(plain(answer).replace("$", " ").split()).rstrip("\\ ")
    text = _IMAGINARY.sub(" i", text)  # math-verify takes 2i and 2 i for different things
    return _THOUSANDS.sub(lambda match: re.sub(_GAP, "", match.group()), text)


@lru_cache(maxsize=1024)
def _parse(latex: str) -> tuple[Any, ...]:
    """The expression in a tuple; empty if `latex` is not one expression."""
    # math-verify adds numbers that stand side by side (2 3 = 5), and after the word "answer" reads what it can
    if not latex or len(latex) > MAX_EXPRESSION_CHARS or _SIDE_BY_SIDE.search(latex) or "answer" in latex.casefold():
        return ()
    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns that its timeouts are off
    from math_verify import LatexExtractionConfig, parse  # half a second, and most runs ask for no algebra

    config = [LatexExtractionConfig()]
    return tuple(parse(f"${latex}$", config, fallback_mode="no_fallback", parsing_timeout=None))


@lru_cache(maxsize=4096)  # the responses of a group share a gold answer, and often their own
def _equal(gold: str, stated: str) -> bool:
    from math_verify import verify as equal

    return bool(equal(list(_parse(gold)), list(_parse(stated)), timeout_seconds=None))  # gold first: not symmetric
