"""Verifier for names and words: equal up to case, white space and dress."""

from __future__ import annotations

from vlm_rl.reward.final_answer import final_answer, plain
from vlm_rl.types import Prompt, Verdict


def verify(response: str, prompt: Prompt) -> Verdict:
    """Correct if the final answer is the gold one, letter for letter. Raises ValueError for an empty gold answer."""
    gold = normalise(prompt.answer)
    if not gold:
        raise ValueError(
            f"prompt {prompt.id}: the gold answer of an exact prompt must not be empty, got {prompt.answer!r}"
        )
    answer = final_answer(response)
    if answer is None:
        return Verdict(False, "", "no answer")
    right = normalise(answer) == gold
    return Verdict(right, answer, "match" if right else "differs")


def normalise(text: str) -> str:
    """Case-folded, undressed, every run of white space one blank."""
    return " ".join(plain(text).casefold().split())
