"""MMMU-Pro (1730 questions, standard and vision): its parser, prompts and record schema. Facts from MMMU at bb0b95a."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vlm_rl.evaluation.mmmu import strip_punctuation
from vlm_rl.evaluation.mmmu_subjects import domain_of, subject_of
from vlm_rl.evaluation.options import last_named, letters_of, parse_options, score_letter
from vlm_rl.evaluation.record import choose_variant, required, where_of
from vlm_rl.evaluation.score import Mode, Score, readable
from vlm_rl.evaluation.strict import strict_score
from vlm_rl.evaluation.unwrap import without_thinking

IMAGE_COLUMNS = (*(f"image_{number}" for number in range(1, 8)), "image")
_LAST_LINE = (
    "The last line of your response should be of the following format: 'Answer: $LETTER' (without quotes) "
    "where LETTER is one of options."
)
_BOXED = "Reason step by step, and put the letter of the correct option in \\boxed{}."
VARIANTS: dict[str, tuple[str, str]] = {  # variant -> instruction for a standard record, and for a vision record
    "official": (
        f"Answer the preceding multiple choice question. {_LAST_LINE} Think step by step before answering.",
        "Write out the multiple-choice question in the image and then solve it. "
        f"{_LAST_LINE} Think step by step before answering.",
    ),
    "direct": (
        "Answer with the option letter from the given choices directly.",
        f"Answer with the option letter from the given choices directly. {_LAST_LINE}",
    ),
    "boxed": (_BOXED, f"Answer the multiple-choice question in the image. {_BOXED}"),
}


def score(response: str, answer: str, *, options: str | Sequence[object], mode: Mode = "official") -> Score:
    """Score one response. answer: a letter.

    One record's options are a list within a list. The official code then sees one option, and its gold answer B cannot
    be reached; strict mode reads the inner list.
    """
    text = without_thinking(readable(response, mode))
    texts = parse_options(options, "MMMU-Pro", flatten=mode == "strict")
    if mode == "strict":
        return strict_score(response, "choice", answer, choices=texts)
    return score_letter(text, answer, texts, official_letter)


def official_letter(response: str, options: Sequence[str]) -> str | None:
    """The option that MMMU-Pro's parser finds; None where it draws one at random.

    The only option letter after the last `Answer:`, as a plain capital anywhere; else `(X)`, else `X ` (also at the
    end of a word), else `X.`, else, in more than five words, an option's text. Of several the last one, but letters
    found by `X ` and `X.` are ranked by their last ` X `, and without any the first of the alphabet wins.
    """
    letters = letters_of(options)
    _, label, tail = response.rpartition("Answer:")
    named = [letter for letter in letters if letter in tail]
    if label and len(named) == 1:
        return named[0]
    text = f" {strip_punctuation(response)} "
    for mark, rank in (("({})", "({})"), ("{} ", " {} "), ("{}.", " {} ")):
        if found := [letter for letter in letters if mark.format(letter) in text]:
            places = {letter: text.rfind(rank.format(letter)) for letter in found}
            return max(found, key=places.__getitem__)
    return last_named(text, options) if len(text.split()) > 5 else None


def question(record: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `score` besides the response. Raises ValueError for a gold answer that is no option."""
    where = where_of("MMMU-Pro", record)
    options, answer = required(record, "options", where), required(record, "answer", where)
    letters = letters_of(parse_options(options, where, flatten=True))
    if answer not in letters:
        raise ValueError(f"{where}: answer must be one of {letters}, got {answer!r}")
    return {"answer": answer, "options": options}


def prompt(record: Mapping[str, Any], variant: str = "official") -> str:
    """Question, options as `A. text` lines, instruction; for a vision record (no question column) only the latter.

    Images stand at their `<image N>` marks, which options may hold, too; a vision record's image comes first.
    """
    standard, vision = choose_variant(VARIANTS, variant, "MMMU-Pro")
    if record.get("question") is None:
        return f"<image>\n{vision}"
    where = where_of("MMMU-Pro", record)
    options = parse_options(required(record, "options", where), where, flatten=True)
    lines = "\n".join(f"{letter}. {text}" for letter, text in zip(letters_of(options), options, strict=True))
    return f"{record['question']}\n{lines}\n{standard}"


def categories(record: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """subject, domain, and topic_difficulty, which only standard records have."""
    subject = subject_of(required(record, "id", "MMMU-Pro"))
    return {
        "subject": subject,
        "domain": domain_of(subject),
        "topic_difficulty": str(record.get("topic_difficulty") or ""),
    }
