"""MathVista (testmini 1000 questions): extraction, normalisation, equality. Facts from MathVista at 53d5258."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vlm_rl.evaluation.mathvista_extract import extract, read_list
from vlm_rl.evaluation.options import letters_of
from vlm_rl.evaluation.record import choose_variant, required, where_of
from vlm_rl.evaluation.score import Mode, Score, decided, readable
from vlm_rl.evaluation.strict import strict_score
from vlm_rl.reward.final_answer import final_answer

IMAGE_COLUMNS = ("decoded_image",)
VARIANTS: dict[str, str] = {  # in which order the parts come
    "official": "{hint}\n{question}{choices}",  # the data set's column `query`
    "solution": "{question}{choices}\n{hint}\nSolution:",  # what the official generate_response.py builds today
    "boxed": "{question}{choices}\nReason step by step, and put the final answer in \\boxed{{}}.",
}
_HINTS = {
    "multi_choice": "Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end.",
    "integer": "Please answer the question requiring an integer answer and provide the final value, "
    "e.g., 1, 2, 3, at the end.",
    "float 1": "Please answer the question requiring a floating-point number with one decimal place and provide "
    "the final value, e.g., 1.2, 1.3, 1.4, at the end.",
    "float 2": "Please answer the question requiring a floating-point number with two decimal places and provide "
    "the final value, e.g., 1.23, 1.34, 1.45, at the end.",
    "list": "Please answer the question requiring a Python list as an answer and provide the final list, "
    "e.g., [1, 2, 3], [1.2, 1.3, 1.4], at the end.",
}
_METADATA = ("language", "source", "category", "task", "context", "grade")
_BRACKETED = re.compile(r"\(([a-zA-Z])\)")
_MAX_EXTRACTION_CHARS = 2_000  # edit distance costs the product of the lengths


def score(
    response: str,
    answer: str,
    *,
    question_type: str,
    answer_type: str,
    choices: Sequence[str] | None,
    precision: float | None,
    mode: Mode = "official",
) -> Score:
    """Score one response. answer: a choice's text or a number, as text. precision: decimals of a float, else None.

    official: extraction by rules, where the official code asks GPT-4, then `normalize`; nothing extracted counts as
    an abstention, but is compared all the same. Raises ValueError for a gold answer that is no choice.
    """
    text = readable(response, mode)
    if mode == "strict":
        return _score_strict(response, answer, question_type, answer_type, choices, precision)
    found = extract(text, question_type=question_type, answer_type=answer_type, choices=choices)
    prediction = normalize(
        found, question_type=question_type, answer_type=answer_type, choices=choices, precision=precision
    )
    return decided(prediction == answer, prediction, f"extracted {found[:80]!r}", abstained=not found)


def normalize(
    extraction: str | None,
    *,
    question_type: str,
    answer_type: str,
    choices: Sequence[str] | None,
    precision: float | None,
) -> str | None:
    """The official second stage: the text compared with the gold answer; None if there is nothing to compare.

    Of a multiple-choice question always a choice: the first `(x)`, else a lone capital, else the choice at the
    smallest edit distance. Integers are truncated, floats rounded as Python does, lists taken as they are.
    """
    if question_type == "multi_choice":
        if not choices:
            raise ValueError("a multi_choice question of MathVista needs choices, got none")
        return _nearest_choice(str(extraction).strip(), choices)
    if answer_type == "list":
        return str(extraction)
    try:
        value = float(extraction or "")
        return str(int(value)) if answer_type == "integer" else str(round(value, int(precision or 0)))
    except (ValueError, OverflowError):  # no number, or nan, or inf
        return None


def edit_distance(first: str, second: str) -> int:
    """Levenshtein distance; time is the product of the lengths."""
    row = list(range(len(second) + 1))
    for place, character in enumerate(first, 1):
        diagonal, row[0] = row[0], place
        for column, other in enumerate(second, 1):
            best = min(row[column] + 1, row[column - 1] + 1, diagonal + (character != other))
            diagonal, row[column] = row[column], best
    return row[-1]


def question(record: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `score` besides the response. Raises ValueError for a gold answer that is no choice."""
    where = where_of("MathVista", record)
    answer, choices = str(required(record, "answer", where)), record.get("choices")
    question_type = required(record, "question_type", where)
    if question_type == "multi_choice" and answer not in (choices or ()):
        raise ValueError(f"{where}: answer must be one of the choices {choices}, got {answer!r}")
    return {
        "answer": answer,
        "question_type": question_type,
        "answer_type": required(record, "answer_type", where),
        "choices": list(choices) if choices else None,
        "precision": record.get("precision"),
    }


def prompt(record: Mapping[str, Any], variant: str = "official") -> str:
    """The image, a hint that names the form of the answer, question with unit, choices as `(A) text` lines."""
    form = choose_variant(VARIANTS, variant, "MathVista")
    where = where_of("MathVista", record)
    unit, choices = record.get("unit"), record.get("choices") or ()
    asked = f"Question: {required(record, 'question', where)}" + (f" (Unit: {unit})" if unit else "")
    lines = "".join(f"\n({letter}) {text}" for letter, text in zip(letters_of(choices), choices, strict=True))
    parts = {"hint": f"Hint: {_hint(record, where)}", "question": asked, "choices": lines and f"\nChoices:{lines}"}
    return "<image>\n" + form.format(**parts).strip()


def categories(record: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """The groups of the official tables; skills has several members. Needs the columns of data/testmini.json."""
    where = where_of("MathVista", record)
    own = {name: str(required(record, name, where)) for name in ("question_type", "answer_type")}
    metadata = required(record, "metadata", where)
    shared = {name: str(required(metadata, name, where)) for name in _METADATA}
    return {**own, **shared, "skills": list(required(metadata, "skills", where))}


def _nearest_choice(extraction: str, choices: Sequence[str]) -> str:
    if bracketed := _BRACKETED.search(extraction):
        extraction = bracketed[1].upper()
    letters = letters_of(choices)
    if len(extraction) == 1 and extraction in letters:
        return choices[letters.index(extraction)]
    if extraction in choices:
        return extraction
    return min(choices, key=lambda choice: edit_distance(extraction[:_MAX_EXTRACTION_CHARS], choice))


def _score_strict(
    response: str,
    answer: str,
    question_type: str,
    answer_type: str,
    choices: Sequence[str] | None,
    precision: float | None,
) -> Score:
    if question_type == "multi_choice":
        # by letters, since a choice may be the text "(c)"; two choices of the same text are both right
        texts = choices or ()
        golds = [letter for letter, text in zip(letters_of(texts), texts, strict=True) if text == answer]
        if not golds:
            raise ValueError(f"MathVista: answer must be one of the choices {choices}, got {answer!r}")
        scores = [strict_score(response, "choice", gold, choices=texts) for gold in golds]
        return next((score for score in scores if score.correct), scores[0])
    if answer_type == "list":
        found = read_list(final_answer(response) or "")
        return decided(found == answer, found or None, "list", abstained=not found)
    tolerance = f"{0.5 * 10 ** -int(precision or 0):f}" if answer_type == "float" else "0"
    return strict_score(response, "number", answer, tolerance=tolerance)


def _hint(record: Mapping[str, Any], where: str) -> str:
    kind = required(record, "question_type", where)
    if kind != "multi_choice":
        kind = required(record, "answer_type", where)
        kind = f"float {int(required(record, 'precision', where))}" if kind == "float" else kind
    if kind not in _HINTS:
        raise ValueError(f"{where}: question must be one of {', '.join(_HINTS)}, got {kind!r}")
    return _HINTS[kind]
