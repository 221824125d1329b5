"""What a benchmark's scorer returns, and the repeatable stand-in for the official scorers' random guesses."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

Mode = Literal["official", "strict"]

MAX_RESPONSE_CHARS = 100_000
"""Only the end of a longer response is read: no answer needs more, and it bounds the cost of every rule."""


@dataclass(frozen=True, slots=True)
class Score:
    """How one response fared on one question.

    prediction: what the benchmark compared with the gold answer; None if it had nothing to compare.
    abstained: no answer was found in the response, whatever the benchmark then made of that.
    random_fallback: the official code would guess at random here; `prediction` is one repeatable guess.
    expected: probability of being correct over those guesses; otherwise 1.0 or 0.0, the same as `correct`.
    reason: the rule that decided, for people and logs.
    """

    correct: bool
    prediction: str | None
    abstained: bool
    random_fallback: bool
    expected: float
    reason: str


def decided(correct: bool, prediction: str | None, reason: str, *, abstained: bool = False) -> Score:
    """A score in which nothing was left to chance."""
    return Score(correct, prediction, abstained, random_fallback=False, expected=float(correct), reason=reason)


def random_guess(response: str, letters: str, answer: str) -> Score:
    """The official scorers' random option, drawn by a keyed hash of the response instead of a global generator."""
    digest = hashlib.blake2b(response.encode(errors="replace"), key=letters.encode(), digest_size=8).digest()
    guess = letters[int.from_bytes(digest, "big") % len(letters)]
    chance = float(answer in letters) / len(letters)
    return Score(guess == answer, guess, abstained=True, random_fallback=True, expected=chance, reason="random option")


def readable(response: str, mode: Mode) -> str:
    """The part of the response that official rules look at. Raises ValueError for an unknown mode."""
    if mode not in get_args(Mode):
        raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}, got {mode!r}")
    return response[-MAX_RESPONSE_CHARS:]
