"""Options of a multiple-choice question: as records hold them, and the letter on a final line."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from string import ascii_uppercase

from vlm_rl.evaluation.score import Score, decided, random_guess
from vlm_rl.evaluation.unwrap import final_line, last_line

MAX_OPTIONS_CHARS = 20_000

_LONE_LETTER = re.compile(r"\(?([A-Za-z])\)?[.:]?")


def parse_options(options: str | Sequence[object], where: str, *, flatten: bool = False) -> list[str]:
    """Option texts of a record. MMMU stores the list as the text of a Python list, which is read as a literal.

    flatten: take the inner list of MMMU-Pro's one record whose list holds nothing but a list.
    Raises ValueError naming `where` for anything that is no list, or longer than the alphabet.
    """
    texts = _literal_list(options, where) if isinstance(options, str) else options
    if flatten and isinstance(texts, list | tuple) and len(texts) == 1 and isinstance(texts[0], list | tuple):
        texts = texts[0]
    if not isinstance(texts, list | tuple):
        raise ValueError(f"{where}: options must be a list, got {type(texts).__name__}")
    if len(texts) > len(ascii_uppercase):
        raise ValueError(f"{where}: a question must have at most {len(ascii_uppercase)} options, got {len(texts)}")
    return [str(text) for text in texts]


def letters_of(options: Sequence[str]) -> str:
    """`ABC...`, one letter for each option."""
    return ascii_uppercase[: len(options)]


def final_letter(response: str, letters: str) -> str | None:
    """The option letter that the last line consists of, in whatever wrapping; None if there is more on it, or less."""
    bare = final_line(response)
    if bare is None:
        line = last_line(response)
        return line if len(line) == 1 and line in letters else None
    lone = _LONE_LETTER.fullmatch(bare)
    return lone[1].upper() if lone and lone[1].upper() in letters else None


def score_letter(
    text: str, answer: str, options: Sequence[str], parser: Callable[[str, Sequence[str]], str | None]
) -> Score:
    """Official scoring of a letter: the final line if it is one, else the parser's, else a guess where it guesses.

    Raises ValueError without options.
    """
    letters = letters_of(options)
    if not letters:
        raise ValueError("a multiple-choice question needs options, got none")
    if letter := final_letter(text, letters):
        return decided(letter == answer, letter, "final line")
    if letter := parser(text, options):
        return decided(letter == answer, letter, "official parser")
    return random_guess(text, letters, answer)


def last_named(text: str, options: Sequence[str]) -> str | None:
    """Letter of the option whose text comes last in `text`, ignoring case; the first of those that start together."""
    lower = text.lower()
    places = [lower.rfind(option.lower()) for option in options]
    last = max(places, default=-1)
    return letters_of(options)[places.index(last)] if last >= 0 else None


def _literal_list(text: str, where: str) -> object:
    if len(text) > MAX_OPTIONS_CHARS:
        raise ValueError(f"{where}: options must be at most {MAX_OPTIONS_CHARS} characters, got {len(text)}")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise ValueError(f"{where}: options must be the text of a Python list, got {text[:80]!r}") from None
