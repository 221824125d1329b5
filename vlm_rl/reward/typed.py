"""Verifier for the typed answers of data_synth: integers, tuples, sets, cells, paths and the like."""

from __future__ import annotations

from functools import lru_cache

from data_synth.answers import Answer, compare, extract
from vlm_rl.reward.final_answer import after_thinking
from vlm_rl.types import Prompt, Verdict

_TAIL_CHARS = 65_536  # the answer is near the end; `extract` reads brace by brace


def verify(response: str, prompt: Prompt) -> Verdict:
    """Correct if the final answer has the gold answer's type and value. Raises ValueError for a bad gold answer."""
    gold = _gold(prompt)
    text = extract((after_thinking(response) or "")[-_TAIL_CHARS:])
    if text is None:
        return Verdict(False, "", "no answer")
    comparison = compare(gold, text)
    return Verdict(comparison.correct, comparison.prediction, comparison.reason)


def surface(gold: str) -> str:
    """A gold answer as people write it: 12 for typed JSON of 12; any other text is what it is."""
    try:
        return _read(gold).surface
    except ValueError:
        return gold


def _gold(prompt: Prompt) -> Answer:
    try:
        return _read(prompt.answer)
    except ValueError as error:
        raise ValueError(f"prompt {prompt.id}: bad gold answer {prompt.answer[:80]!r}: {error}") from error


@lru_cache(maxsize=4096)
def _read(text: str) -> Answer:
    return Answer.from_text(text)
