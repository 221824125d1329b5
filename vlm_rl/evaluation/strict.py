"""Strict mode: a benchmark's question, judged by one of the verifiers that training uses."""

from __future__ import annotations

import json
from collections.abc import Sequence

from vlm_rl.evaluation.score import Score, decided
from vlm_rl.evaluation.unwrap import final_line, last_line
from vlm_rl.reward import VERIFIERS
from vlm_rl.reward.final_answer import after_thinking, final_answer
from vlm_rl.types import Prompt, Verdict

_NOTHING_COMPARABLE = frozenset({"no answer", "no option", "not a number", "unreadable"})


def strict_score(
    response: str, verifier: str, answer: str, *, choices: Sequence[str] = (), tolerance: str = "0"
) -> Score:
    """What the verifier says of the response's final answer, or of its last line where that cannot be compared.

    `math` is the one verifier without a bound on its time: run what uses it in a process that can be killed. It is not
    asked about a last line without marks, since it would find mathematics in prose.
    Raises ValueError for a gold answer that the verifier cannot read.
    """
    text, prompt = verifier_job(response, verifier, answer, choices, tolerance)
    score = score_of(VERIFIERS[verifier](text, prompt))
    if score.abstained and verifier != "math" and after_thinking(response) is not None:
        again = score_of(VERIFIERS[verifier](final_line(response) or last_line(response), prompt))
        return score if again.abstained else again
    return score


def verifier_job(
    response: str, verifier: str, answer: str, choices: Sequence[str] = (), tolerance: str = "0"
) -> tuple[str, Prompt]:
    """The (response, prompt) pair that a `VerifierPool` takes."""
    tags = (("choices", json.dumps(list(choices))), ("absolute_tolerance", tolerance))
    prompt = Prompt("evaluation", (), (), answer, verifier, "evaluation", 0, "text", tags)
    return _stated(response), prompt


def score_of(verdict: Verdict) -> Score:
    """The score that a verdict amounts to: a prediction that cannot be compared is an abstention."""
    abstained = verdict.reason in _NOTHING_COMPARABLE
    return decided(verdict.correct, verdict.prediction or None, verdict.reason, abstained=abstained)


def _stated(response: str) -> str:
    """The response, or its last line where only the dress of that line (bold, say) marks the final answer."""
    unmarked = final_answer(response) is None and after_thinking(response) is not None
    return (final_line(response) if unmarked else None) or response
