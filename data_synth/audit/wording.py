"""How many wordings a question form has, estimated from the questions themselves.

What a question is about (numbers, names of the scene, rare words) is masked; a wording is what then opens and ends it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from data_synth.audit.bounds import Reading
from data_synth.item import Item

if TYPE_CHECKING:
    from data_synth.audit.survey import Survey

LEAST_ITEMS = 150  # of a form; with fewer, a wording may be missing by chance
LEAST_SHARE = 1 / 40  # of a form's items, for a wording to count
LEAST_WORD = 0.06  # share of a form's questions, for a word to be part of a wording and not of what it is about
LONGEST_NAME = 3  # words of a text of the scene that is taken for a name, and not for a sentence
KEPT, EDGE = 12, 4  # words kept of each end of a question, and then of a wording
MASK = "_"
_PIECES = re.compile(r"[a-z]+|[^\sa-z,.?:;!]+")
_WORDS = re.compile(r"[a-z]+")


def form_of(item: Item) -> str:
    """What kind of question it is: the operations that answer it and the type of the answer."""
    return f"{item.answer.type}: {' '.join(sorted({step.op for step in item.program}))}"


def ends_of_question(item: Item) -> tuple[str, str]:
    """The first and the last words of the question; names of the scene, numbers and signs are masked."""
    named = (words for text in _strings(item.scene) if len(words := _WORDS.findall(text.lower())) <= LONGEST_NAME)
    about = set(_stems(word for words in named for word in words))
    pieces = _PIECES.findall((item.shown or item.question).lower())
    words = [MASK if not piece.isalpha() or about & set(_stems([piece])) else piece for piece in pieces]
    return " ".join(words[:KEPT]), " ".join(words[-KEPT:])


def paraphrases(survey: Survey) -> dict[str, Reading]:
    """Wordings of the form that has the fewest; nothing where no form has enough items to tell."""
    forms: dict[str, list[tuple[str, str]]] = {}
    for brief in survey.briefs:
        forms.setdefault(brief.form, []).append(brief.ends)
    enough = [ends for ends in forms.values() if len(ends) >= LEAST_ITEMS]
    return {"paraphrases": Reading(min(map(wordings, enough)))} if enough else {}


def wordings(ends: Sequence[tuple[str, str]]) -> int:
    """How many wordings these questions have, by their ends; rare words are masked too.

    Where what is asked stands at the end, in as many ways as there are items, the openings alone tell.
    """
    count = Counter(word for pair in ends for word in set(" ".join(pair).split()))
    common = {word for word, times in count.items() if times >= LEAST_WORD * len(ends)}
    both = [(_wording(first, common)[:EDGE], _wording(last, common)[-EDGE:]) for first, last in ends]
    least = max(2, LEAST_SHARE * len(ends))
    found = (Counter(both), Counter(opening for opening, _ in both))
    return max(sum(times >= least for times in counter.values()) for counter in found)


def _wording(words: str, common: Collection[str]) -> tuple[str, ...]:
    """The words with one mask for each run of those that are not common."""
    masked = (word if word in common else MASK for word in words.split())
    return tuple(word for word, _ in groupby(masked))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)


def _stems(words: Iterable[str]) -> Iterator[str]:
    """Each word with the singulars that it may be the plural of."""
    for word in words:
        yield word
        if word.endswith("s") and len(word) > 2:
            yield word[:-1]
        if word.endswith("es") and len(word) > 3:
            yield word[:-2]
