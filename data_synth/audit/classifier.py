"""Guessing answers without looking: naive Bayes over hashed word n-grams, and rules that copy from the prompt.

Naive Bayes with few examples of each answer: the shares of the answers among the items with a feature are shrunk
towards their overall shares, only features count whose answers differ from the overall ones beyond chance, and the
weight of all evidence is chosen on held-out items, down to none, so that noise teaches nothing.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

BUCKETS = 2048
MOST_ANSWERS = 1024  # the frequent ones; a guess at any other is right less than once in a thousand
SHRINK = 10.0  # items with a feature that the overall shares of the answers are worth
RARE, TELLING = 3, 3.0  # items that must have a feature, and standard errors it must stand out by, before it counts
WEIGHTS = (0.0, 0.03, 0.1, 0.3, 1.0)
REACH = 24  # how far into the prompt, from either end, a rule copies
NUMBERS = 6  # how many numbers from either end
FLOOR = 1e-4  # probability of an answer never seen

_WORDS = re.compile(r"\d+(?:\.\d+)?|[a-z]+")


def words(text: str) -> list[str]:
    """Lower-case words and numbers, without marks."""
    return _WORDS.findall(text.lower())


def features(text: str) -> Ints:
    """Ids of the words and pairs of words of a text."""
    said = words(text)
    return _ids([*said, *(f"{a} {b}" for a, b in zip(said, said[1:], strict=False))])


def known(numbers: Mapping[str, int]) -> Ints:
    """Ids of named numbers, such as how many objects there are."""
    return _ids([f"{name} = {number}" for name, number in numbers.items()])


def _ids(grams: list[str]) -> Ints:
    return np.array(sorted({zlib.crc32(gram.encode()) % BUCKETS for gram in grams}), dtype=np.int32)


def copied(prompt: str, gold: str) -> Flags:
    """Which rule finds the gold answer in the prompt: the words, or the numbers, that begin at a fixed place; or an
    operation on all numbers.
    """
    said, sought = words(prompt), words(gold)
    numbers = [word for word in said if word[0].isdecimal()]
    hits = [_window(said, place, sought) for place in (*range(REACH), *range(-REACH, 0))]
    hits += [_window(numbers, place, sought) for place in (*range(NUMBERS), *range(-NUMBERS, 0))]
    values = [float(number) for number in numbers] or [0.0]
    target = float(sought[0]) if len(sought) == 1 and sought[0][0].isdecimal() else None
    hits += [target == value for value in (sum(values), max(values), min(values), float(len(numbers)))]
    return np.array(hits)


def _window(said: list[str], place: int, sought: list[str]) -> bool:
    start = place if place >= 0 else len(said) + place
    return bool(sought) and start >= 0 and said[start : start + len(sought)] == sought


@dataclass(frozen=True, slots=True)
class Guesses:
    """What was guessed of each item by models that had not seen it.

    hit: the classifier's first guess is right; constant: the most frequent answer is; best_8: one of the eight most
    frequent is; gold: the classifier's probability of the right answer.
    """

    hit: Flags
    constant: Flags
    best_8: Flags
    gold: Floats


def cross_guess(rows: Sequence[Ints], labels: Sequence[str]) -> Guesses:
    """Guess each half of the items from the other half."""
    size = len(rows)
    out = Guesses(np.zeros(size, bool), np.zeros(size, bool), np.zeros(size, bool), np.zeros(size, np.float32))
    for half in (0, 1):
        test, train = range(half, size, 2), range(1 - half, size, 2)
        model = _Model([rows[i] for i in train], [labels[i] for i in train])
        model.choose_weight()
        ranks = [model.place.get(labels[i], -1) for i in test]
        best, gold = model.guess([rows[i] for i in test], ranks)
        out.hit[half::2] = best
        out.gold[half::2] = gold
        out.constant[half::2] = [rank == 0 for rank in ranks]
        out.best_8[half::2] = [0 <= rank < 8 for rank in ranks]
    return out


class _Model:
    """Naive Bayes over the answers of some items, the most frequent first."""

    def __init__(self, rows: list[Ints], labels: list[str]) -> None:
        self.rows, self.labels, self.weight = rows, labels, 0.0
        common = Counter(labels).most_common(MOST_ANSWERS)
        self.place = {label: rank for rank, (label, _) in enumerate(common)}
        count = np.array([times for _, times in common], np.float32)
        self.log_prior = np.log((count + 0.5) / (count.sum() + 0.5 * len(count)))
        table = np.zeros((BUCKETS, len(common)), np.float32)
        for row, label in zip(rows, labels, strict=True):
            if label in self.place:
                table[row, self.place[label]] += 1
        share, times = count / count.sum(), table.sum(1)
        self.evidence = np.log((table + SHRINK * share) / (times[:, None] + SHRINK) / share)
        self.evidence[_surprise(table, share) < TELLING] = 0.0

    def choose_weight(self) -> None:
        """Learn on a quarter of the items how far to trust the evidence of the others."""
        apart = list(range(0, len(self.rows), 4))
        kept = [place for place in range(len(self.rows)) if place % 4]
        part = _Model([self.rows[place] for place in kept], [self.labels[place] for place in kept])
        rows, ranks = [self.rows[place] for place in apart], [part.place.get(self.labels[place], -1) for place in apart]
        fits = []
        for weight in WEIGHTS:
            part.weight = weight
            gold = part.guess(rows, ranks)[1]
            fits.append((float(np.log(np.maximum(gold, FLOOR)).mean()), -weight))
        self.weight = -max(fits)[1]

    def guess(self, rows: list[Ints], ranks: list[int]) -> tuple[list[bool], list[float]]:
        """For each row whether the best guess is the answer of this rank, and that answer's probability."""
        hits, golds = [], []
        for row, rank in zip(rows, ranks, strict=True):
            score = self.log_prior + (self.weight * self.evidence[row].sum(0) if self.weight else 0.0)
            hits.append(bool(score.argmax() == rank))
            share = np.exp(score - score.max())
            golds.append(float(share[rank] / share.sum()) if rank >= 0 else 0.0)
        return hits, golds


def _surprise(table: Floats, share: Floats) -> Floats:
    """How far the answers of the items with each feature are from the overall shares: chi-squared, standardised.

    table: features x answers, counts. The variance is exact for multinomial counts, however small.
    """
    times = table.sum(1)
    seen, answers = np.maximum(times, 1), len(share)
    squared = (table**2 / share).sum(1) / seen - times
    variance = 2 * (answers - 1) + ((1 / share).sum() - answers**2 - 2 * answers + 2) / seen
    standard = (squared - (answers - 1)) / np.sqrt(np.maximum(variance, 1e-6))
    return np.where(times >= RARE, standard, 0.0).astype(np.float32)


def cross_copy(hits: Flags) -> float:
    """Accuracy on one half of the items of the copying rule that is best on the other; hits: items x rules."""
    right = 0
    for half in (0, 1):
        rule = hits[1 - half :: 2].sum(0).argmax()
        right += int(hits[half::2, rule].sum())
    return right / len(hits)
