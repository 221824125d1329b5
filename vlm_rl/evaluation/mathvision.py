r"""MATH-Vision (test 3040 questions): official rules without a judge or chance. Facts from MATH-V at a1f5cc3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vlm_rl.evaluation.latex_value import latex_value
from vlm_rl.evaluation.mathvision_answer import official_answer
from vlm_rl.evaluation.options import letters_of, parse_options
from vlm_rl.evaluation.record import choose_variant, required, where_of
from vlm_rl.evaluation.score import Mode, Score, decided, readable
from vlm_rl.evaluation.strict import strict_score
from vlm_rl.evaluation.unwrap import final_line, last_line, without_thinking
from vlm_rl.reward.read_number import read_number

IMAGE_COLUMNS = ("decoded_image",)
_DUMMY_OPTIONS = ["A", "B", "C", "D", "E"]  # the real options are drawn in the picture
_MAX_ELEMENTS = 20

VARIANTS: dict[str, tuple[str, str]] = {  # variant -> what stands before the question, and after it
    "official": (
        'Please solve the problem step by step and put your answer in one "\\boxed{}". '
        'If it is a multiple choice question, only one letter is allowed in the "\\boxed{}".\n',
        "",
    ),
    "direct": ("", "\nAnswer the question using a single word or phrase."),
    "boxed": ("", "\nReason step by step, and put the final answer, a letter if there are options, in \\boxed{}."),
}


def score(response: str, answer: str, *, options: Sequence[str], mode: Mode = "official") -> Score:
    """Score one response. answer: a letter where there are options, else a number or LaTeX.

    Official mode, and strict mode where the gold answer is a letter or number, have bounded cost; strict mode for
    other gold answers runs Math-Verify, see `unbounded`. Raises ValueError for a gold letter without an option.
    """
    text = readable(response, mode)
    texts = parse_options(options, "MATH-Vision")
    if texts and answer not in letters_of(texts):
        raise ValueError(f"MATH-Vision: answer must be one of {letters_of(texts)}, got {answer!r}")
    if mode == "strict":
        return _score_strict(response, answer, texts)
    text = without_thinking(text)
    prediction = official_answer(_final(text) or text)
    value = texts[letters_of(texts).index(answer)] if texts else ""
    correct = official_equal(answer, prediction) or official_equal(value, prediction)
    return decided(correct, prediction, "official rules", abstained=not prediction)


def unbounded(answer: str, options: Sequence[str]) -> bool:
    """Whether strict scoring of this gold answer needs a process that can be killed."""
    return not options and read_number(answer) is None


def official_equal(gold: str, prediction: str) -> bool:
    """Equality of the official code: same text, or same value to two decimals, element by element in a tuple or list.

    The original evaluates both sides as code; here they are parsed, with caps, and nothing is evaluated.
    """
    gold, prediction = gold.lower().strip(), prediction.lower().strip()
    if not gold or not prediction:
        return False
    if gold == prediction:
        return True
    ours, theirs = _elements(gold), _elements(prediction)
    if ours or theirs:
        return ours == theirs
    return _two_decimals(gold) is not None and _two_decimals(gold) == _two_decimals(prediction)


def question(record: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `score` besides the response. Raises ValueError for a gold answer that is no option."""
    where = where_of("MATH-Vision", record)
    options, answer = _options(record, where), str(required(record, "answer", where))
    if options and answer not in letters_of(options):
        raise ValueError(f"{where}: answer must be one of {letters_of(options)}, got {answer!r}")
    return {"answer": answer, "options": options}


def prompt(record: Mapping[str, Any], variant: str = "official") -> str:
    """The one merged picture, instruction, question, options as `(A) text` lines unless they are drawn in the picture.

    `<image1>` in a question is a name inside the merged picture and stays as it is.
    """
    before, after = choose_variant(VARIANTS, variant, "MATH-Vision")
    where = where_of("MATH-Vision", record)
    options = _options(record, where)
    pairs = [] if options == _DUMMY_OPTIONS else list(zip(letters_of(options), options, strict=True))
    lines = "".join(f"\n({letter}) {text}" for letter, text in pairs)
    return f"<image>\n{before}{required(record, 'question', where)}{lines}{after}"


def categories(record: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """level, subject and both together, as in the official table; overall accuracy weighs questions equally."""
    where = where_of("MATH-Vision", record)
    level, subject = str(required(record, "level", where)), required(record, "subject", where)
    return {"level": level, "subject": subject, "subject_level": f"{subject}/{level}"}


def _options(record: Mapping[str, Any], where: str) -> list[str]:
    return parse_options(required(record, "options", where), where)


def _score_strict(response: str, answer: str, options: list[str]) -> Score:
    if options:
        return strict_score(response, "choice", answer, choices=options)
    if unbounded(answer, options):
        return strict_score(response, "math", answer)
    return strict_score(response, "number", answer, tolerance="0.005")


def _final(text: str) -> str | None:
    """The final line's answer; also a last line that is no more than an option letter or an expression."""
    line = last_line(text)
    lone = len(line) == 1 and line.upper() in _DUMMY_OPTIONS
    return final_line(text) or (line if lone or latex_value(line) is not None else None)


def _elements(text: str) -> list[str | float] | None:
    """`(3, -4)` and `[0, 1]` as values to two decimals, brackets included; None for anything else."""
    parts = text[1:-1].split(",")
    if (text[0], text[-1]) not in {("(", ")"), ("[", "]")} or not 1 < len(parts) <= _MAX_ELEMENTS:
        return None
    values = [part if "infty" in part or part in ("a", "-a") else _two_decimals(part) for part in parts]
    return None if None in values else [text[0], *(value for value in values if value is not None)]


def _two_decimals(text: str) -> float | None:
    value = latex_value(text)
    try:
        return None if value is None else round(float(value), 2)
    except OverflowError:
        return None
