"""Text mathematics: MATH-500 and AIME. No official scorer exists; ours is the verifier `math` (Math-Verify)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vlm_rl.evaluation.record import choose_variant, required, where_of
from vlm_rl.evaluation.score import Mode, Score, readable
from vlm_rl.evaluation.strict import strict_score

IMAGE_COLUMNS: tuple[str, ...] = ()
VARIANTS: dict[str, str] = {
    "official": "Please reason step by step, and put your final answer within \\boxed{}.",
    "boxed": "Reason step by step, and put the final answer in \\boxed{}.",
}


def score(response: str, answer: str, *, mode: Mode = "official") -> Score:
    """Score one response; both modes are the same. Unbounded in time: run it in a process that can be killed.

    Math-Verify decides equality, of the response's final answer only; integers compare as integers (073 is 73).
    """
    return strict_score(readable(response, mode), "math", answer)


def question(record: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `score` besides the response. Raises ValueError for a record without an answer."""
    answer = str(required(record, "answer", where_of("text math", record))).strip()
    if not answer:
        raise ValueError(f"{where_of('text math', record)}: answer must not be empty, got {record['answer']!r}")
    return {"answer": answer}


def prompt(record: Mapping[str, Any], variant: str = "official") -> str:
    """The problem and an instruction; MATH-500 and AIME-2024 call it `problem`, OpenCompass' AIME-2025 `question`."""
    instruction = choose_variant(VARIANTS, variant, "text math")
    column = "problem" if "problem" in record else "question"
    return f"{required(record, column, where_of('text math', record))}\n\n{instruction}"


def categories(record: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """subject and level, where the record has them (MATH-500)."""
    return {column: str(record[column]) for column in ("subject", "level") if record.get(column) is not None}
