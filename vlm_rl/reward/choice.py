"""Verifier for multiple choice: the answer may be a letter or an option's text.

The options are the prompt's tag `choices`, a JSON list of strings. The gold answer is a letter, an option's text, or an
index from 0. Only a response that states one option counts: "A or B", and a list of all of them, earn nothing.
"""

from __future__ import annotations

import json
import re

from vlm_rl.reward.exact import normalise
from vlm_rl.reward.final_answer import final_answer, plain
from vlm_rl.types import Prompt, Verdict

_LEAD = re.compile(r"(?:(?:option|choice|letter)\s)?\s?[(\[]?([A-Za-z])[)\]]?", re.IGNORECASE)
_LETTER_AND_MORE = re.compile(r"(?:\(([A-Za-z])\)\s?[.:,]?|([A-Za-z])[.:)])\s?(.+)", re.DOTALL)
_LETTER_AND_REASON = re.compile(r"\(?([A-Z])\)?,? (?:because|since|as) .+", re.DOTALL)


def verify(response: str, prompt: Prompt) -> Verdict:
    """Correct if the response states the gold option, and no other.

    Raises ValueError for a missing or malformed tag `choices`, and for a gold answer that names no option.
    """
    options = read_options(prompt)
    gold = _gold_options(prompt, options)
    answer = final_answer(response)
    if answer is None:
        return Verdict(False, "", "no answer")
    stated = _stated_options(plain(answer), options)
    if not stated:
        return Verdict(False, answer, "no option")
    right = stated <= gold
    return Verdict(right, answer, "match" if right else "differs")


def read_options(prompt: Prompt) -> list[str]:
    """The options of a multiple-choice prompt, in order. Raises ValueError naming the prompt."""
    rule = f"prompt {prompt.id}: a choice prompt needs a tag `choices`, a JSON list of 2 to 26 strings"
    tag = dict(prompt.tags).get("choices")
    if tag is None:
        raise ValueError(f"{rule}; it is missing")
    try:
        options = json.loads(tag)
    except ValueError:
        options = None
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise ValueError(f"{rule}, got {tag[:80]!r}")
    if not 2 <= len(options) <= 26:
        raise ValueError(f"{rule}, got {len(options)}")
    return options


def _gold_options(prompt: Prompt, options: list[str]) -> set[int]:
    """A letter is read as a letter even where an option's text is that letter: so do MMMU and MMMU-Pro."""
    gold = prompt.answer.strip()
    if (letter := _LEAD.fullmatch(gold)) and _index(letter.group(1)) < len(options):
        return {_index(letter.group(1))}
    if found := _options_with_text(gold, options):
        return found
    if gold.isascii() and gold.isdigit() and len(gold) < 4 and int(gold) < len(options):
        return {int(gold)}
    raise ValueError(
        f"prompt {prompt.id}: the gold answer must be a letter, text or index of an option, got {gold[:80]!r}"
    )


def _stated_options(answer: str, options: list[str]) -> set[int]:
    """Indices of the option that the answer states: several where options share a text, none if it states no one."""
    if (letter := _LEAD.fullmatch(answer)) and _index(letter.group(1)) < len(options):
        return {_index(letter.group(1))}
    if found := _options_with_text(answer, options):
        return found
    if reasoned := _LETTER_AND_REASON.fullmatch(answer):
        return {_index(reasoned.group(1))} & set(range(len(options)))
    if labelled := _LETTER_AND_MORE.fullmatch(answer):
        index = _index(labelled.group(1) or labelled.group(2))
        # "B. London" where B is Paris states two options
        return {index} & _options_with_text(labelled.group(3), options)
    return set()


def _options_with_text(text: str, options: list[str]) -> set[int]:
    wanted = normalise(text)
    return {index for index, option in enumerate(options) if wanted and normalise(option) == wanted}


def _index(letter: str) -> int:
    return ord(letter.upper()) - ord("A")
