"""MMMU (val 900 questions, 30 subjects): its parsers, prompts and record schema. Facts from MMMU at bb0b95a."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from vlm_rl.evaluation.mmmu_open import matches, open_items
from vlm_rl.evaluation.mmmu_subjects import domain_of, subject_of
from vlm_rl.evaluation.options import last_named, letters_of, parse_options, score_letter
from vlm_rl.evaluation.record import choose_variant, required, where_of
from vlm_rl.evaluation.score import Mode, Score, decided, readable
from vlm_rl.evaluation.strict import strict_score
from vlm_rl.evaluation.unwrap import final_line, without_thinking
from vlm_rl.reward.read_number import read_number

IMAGE_COLUMNS = tuple(f"image_{number}" for number in range(1, 8))
VARIANTS: dict[str, tuple[str, str]] = {  # variant -> instruction for multiple choice, and for open questions
    "official": (
        "Answer with the option's letter from the given choices directly.",
        "Answer the question using a single word or phrase.",
    ),
    "boxed": (
        "Reason step by step, and put the letter of the correct option in \\boxed{}.",
        "Reason step by step, and put the final answer in \\boxed{}.",
    ),
}

_EDGE_PUNCTUATION = ",.!?;:'"
_MULTIPLE_CHOICE = "multiple-choice"


def score(
    response: str,
    answer: str | Sequence[str],
    *,
    question_type: str,
    options: str | Sequence[object],
    mode: Mode = "official",
) -> Score:
    """Score one response. answer: a letter, or the gold text of an open question, or a list of such texts."""
    text = without_thinking(readable(response, mode))
    if question_type != _MULTIPLE_CHOICE:
        golds = [answer] if isinstance(answer, str) else list(answer)
        return _strict_open(response, golds) if mode == "strict" else _official_open(text, golds)
    texts = parse_options(options, "MMMU")
    if mode == "strict":
        return strict_score(response, "choice", str(answer), choices=texts)
    return score_letter(text, str(answer), texts, official_letter)


def official_letter(response: str, options: Sequence[str]) -> str | None:
    """The option that MMMU's parser finds; None where it draws one at random.

    `(X)`, else ` X `, else, in more than five words, an option's text; of several the one that comes last.
    """
    text = f" {strip_punctuation(response)} "
    letters = letters_of(options)
    for mark in ("({})", " {} "):
        places = {letter: text.rfind(mark.format(letter)) for letter in letters}
        if any(place >= 0 for place in places.values()):
            return max(letters, key=places.__getitem__)
    return last_named(text, options) if len(text.split()) > 5 else None


def strip_punctuation(text: str) -> str:
    """The text without punctuation at its ends: each character once, in the official order."""
    for character in _EDGE_PUNCTUATION:
        text = text.strip(character)
    return text


def question(record: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `score` besides the response. Raises ValueError for a gold answer that is no option."""
    where = where_of("MMMU", record)
    question_type, answer = required(record, "question_type", where), required(record, "answer", where)
    options = parse_options(required(record, "options", where), where)
    if question_type == _MULTIPLE_CHOICE and answer not in letters_of(options):
        raise ValueError(f"{where}: answer must be one of {letters_of(options)}, got {answer!r}")
    answer = answer if question_type == _MULTIPLE_CHOICE else _gold_texts(answer, where)
    return {"answer": answer, "question_type": question_type, "options": options}


def prompt(record: Mapping[str, Any], variant: str = "official") -> str:
    """Question, options as `(A) text` lines, instruction; images stand at their `<image N>` marks."""
    for_choice, for_open = choose_variant(VARIANTS, variant, "MMMU")
    where = where_of("MMMU", record)
    asked = required(record, "question", where)
    if required(record, "question_type", where) != _MULTIPLE_CHOICE:
        return f"{asked}\n\n{for_open}"
    options = parse_options(required(record, "options", where), where)
    lines = "\n".join(f"({letter}) {text}" for letter, text in zip(letters_of(options), options, strict=True))
    return f"{asked}\n\n{lines}\n\n{for_choice}"


def categories(record: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """subject, domain, question_type, topic_difficulty; every accuracy weighs questions equally."""
    subject = subject_of(required(record, "id", "MMMU"))
    kind = _MULTIPLE_CHOICE if record.get("question_type") == _MULTIPLE_CHOICE else "open"
    difficulty = str(record.get("topic_difficulty") or "")
    return {"subject": subject, "domain": domain_of(subject), "question_type": kind, "topic_difficulty": difficulty}


def _official_open(text: str, golds: list[str]) -> Score:
    items = open_items(text)
    if bare := final_line(text):
        items += open_items(bare)
    return decided(matches(items, golds), "; ".join(map(str, items))[:200], "official parser")


def _strict_open(response: str, golds: list[str]) -> Score:
    """Numbers agree to two decimals, as in the official code; words letter for letter."""
    scores = [
        strict_score(response, "number", gold, tolerance="0.005")
        if read_number(gold)
        else strict_score(response, "exact", gold)
        for gold in golds
    ]
    return next((score for score in scores if score.correct), scores[0])


def _gold_texts(answer: object, where: str) -> list[str]:
    """Three gold answers of the validation split are lists, on the hub as the text of a Python list."""
    if isinstance(answer, str) and answer.startswith("[") and answer.endswith("]"):
        with suppress(ValueError, SyntaxError):  # an interval such as [0, 1) is a text
            answer = ast.literal_eval(answer)
    golds = [str(gold) for gold in answer] if isinstance(answer, list | tuple) else [str(answer)]
    if not golds or not all(gold.strip() for gold in golds):
        raise ValueError(f"{where}: answer must not be empty, got {answer!r}")
    return golds
