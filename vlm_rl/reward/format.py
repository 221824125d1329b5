"""Verifier for the form of an answer: one answer, in `\\boxed{}` or `<answer>`. It need not be right.

Meant for compositions: all(format, math), weighted(0.9 math, 0.1 format). Of several boxes the last counts. A box that
lists candidates earns nothing: it may hold no more parts than the gold answer has, and no range or "any of".
"""

from __future__ import annotations

import re

from vlm_rl.reward.final_answer import formatted_answer
from vlm_rl.reward.typed import surface
from vlm_rl.types import Prompt, Verdict

# 1,234,567 is one number, and (3, 4) two parts; a box of two lines or with a column mark has two parts as well
_SEPARATOR = re.compile(
    r"(?<!\d),|,(?!\d{3}(?!\d))|[;|\n\u3001\uff0c\uff1b]|\\\\|\\q?quad|\\pm|\\mp|\u00b1|\b(?:or|and)\b", re.IGNORECASE
)
_CHOICE_SIGNS = (
    re.compile(r"\b(?:any|all|each|every|either|some|none|whichever)\b", re.IGNORECASE),
    re.compile(r"\.\.|\u2026|\\[lcd]?dots"),
    re.compile(r"\d\s*(?:\bto\b|\bthrough\b|\buntil\b|\u2013|\u2014|--)\s*\d", re.IGNORECASE),
    re.compile(r"[A-Za-z0-9]\s*/\s*[A-Za-z0-9]+\s*/"),  # A/B/C; a fraction has one stroke
    re.compile(r"\\boxed|\\fbox|<answer>|\banswer\b", re.IGNORECASE),
)


def verify(response: str, prompt: Prompt) -> Verdict:
    """Correct if the response's last box or tag is closed and states one answer. Any gold answer will do."""
    answer = formatted_answer(response)
    if answer is None:
        return Verdict(False, "", "no answer")
    gold = surface(prompt.answer)
    if _parts(answer) > _parts(gold) or any(sign.search(answer) and not sign.search(gold) for sign in _CHOICE_SIGNS):
        return Verdict(False, answer, "several answers")
    return Verdict(True, answer, "match")


def _parts(answer: str) -> int:
    return 1 + len(_SEPARATOR.findall(answer))
