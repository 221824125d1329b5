"""Verifier for one number: exact, or within a tolerance that the prompt's tags give.

Tags: `absolute_tolerance` and `relative_tolerance` (of the gold value; the wider of the two holds; none = exact),
`unit` (the unit of the gold answer: another one is wrong; without the tag any unit is passed over).
"""

from __future__ import annotations

from fractions import Fraction

from vlm_rl.reward.final_answer import final_answer
from vlm_rl.reward.read_number import Number, read_number
from vlm_rl.types import Prompt, Verdict


def verify(response: str, prompt: Prompt) -> Verdict:
    """Correct if the final answer is one number, near enough to the gold one.

    Raises ValueError for a gold answer that is no number, and for a tolerance that is no number >= 0.
    """
    gold = read_number(prompt.answer)
    if gold is None:
        raise ValueError(f"prompt {prompt.id}: the gold answer must be a number, got {prompt.answer[:80]!r}")
    tags = dict(prompt.tags)
    slack = max(_tolerance(prompt, "absolute_tolerance"), _tolerance(prompt, "relative_tolerance") * abs(gold.value))
    answer = final_answer(response)
    if answer is None:
        return Verdict(False, "", "no answer")
    stated = read_number(answer)
    if stated is None:
        return Verdict(False, answer, "not a number")
    unit = tags.get("unit", "").replace(" ", "")
    if unit and stated.unit and stated.unit.replace(" ", "").casefold() != unit.casefold():
        return Verdict(False, answer, "unit")
    right = any(abs(value - gold.value) <= slack for value in _readings(stated, gold, unit))
    return Verdict(right, answer, "match" if right else "differs")


def _readings(stated: Number, gold: Number, unit: str) -> list[Fraction]:
    """Values that the stated number may mean: in answer to "how many per cent", 25, 25 % and 0.25 are the same."""
    if gold.percent and not stated.percent:
        return [stated.value, stated.value / 100]
    if stated.percent and not gold.percent and unit == "%":
        return [stated.value * 100]
    return [stated.value]


def _tolerance(prompt: Prompt, tag: str) -> Fraction:
    text = dict(prompt.tags).get(tag)
    if text is None:
        return Fraction(0)
    tolerance = read_number(text)
    if tolerance is None or tolerance.value < 0:
        raise ValueError(f"prompt {prompt.id}: tag {tag} must be a number >= 0, got {text[:80]!r}")
    return tolerance.value
