"""Multiple choice, for evaluation only: options that do not tell the right one by themselves.

Distractors come from the right answers of other items of the same family and level, so right and wrong ones have one
distribution, and whoever sees the options alone is at chance:

- numbers: among the sorted answers of several items the right one has any rank equally often; they are cut into runs
  of `count`, and the options are the run that holds it.
- tuples and cells: some parts vary, and each value of a part stands in equally many options (the attribute bisection of
  I-RAVEN); values of a part are chosen like numbers and words. Where that breaks what the family's answers all keep to
  (no part twice, rising ...), the parts are put in other orders, or the options are whole answers.
- words: from the scene's own vocabulary, i.e. what stands there under the same name as the answer.
- sets, paths and the rest: whole answers; of paths those that are no solution here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from data_synth import exact_number
from data_synth.answers import Answer
from data_synth.generate import make
from data_synth.item import Item
from data_synth.rng import Rng

RUNS = 2  # runs of options among the answers compared
MOST = 26  # options: there are so many letters
PATIENCE = 4  # other items looked at for each answer wanted
WITNESSES = 16  # other answers that show which rules the family's answers keep to
TRIES = 12  # at values of parts that keep to the family's rules
_RANGE = 2**40  # of indices of other items

Value = Any  # of an Answer: int, float, str, or a tuple of int and str
Alike = Callable[[Value, Value], bool]


def options(item: Item, count: int = 4) -> tuple[list[str], int]:
    """`count` different answers as text, and which of them is right; always the same ones for an item.

    Raises ValueError for a count outside 2 .. 26, and for a cell with fewer different answers than that.
    """
    if not 2 <= (count := operator.index(count)) <= MOST:
        raise ValueError(f"count of options must be in 2 .. {MOST}, got {count}")
    rng = Rng("choices", item.id, count)
    others = _Others(item, rng)
    kind = item.answer.type
    values: list[Value] = []
    if kind == "word":
        values = _words(item.answer.value, _vocabulary(item, item.answer.value), others.values(), count, rng)
    elif kind in ("tuple", "cell"):
        values = _tuples(item, others, count, rng)
    elif kind in ("integer", "decimal", "expression"):
        values = _run(item.answer.value, others.values(), count, rng, _alike(item.answer))
    if len(values) < count:
        values = _whole(item, others, count)
    if len(values) < count:
        raise ValueError(f"{item.family} level {item.level} has no {count} different answers to {item.id}")
    rng.shuffle(values)
    return [_surface(item.answer, value) for value in values], values.index(item.answer.value)


def letter(place: int) -> str:
    """0 -> A"""
    return chr(ord("A") + place)


def _surface(answer: Answer, value: Value) -> str:
    return Answer(answer.type, value).surface


class _Others:
    """Answers of other items of the cell that look like this one's; of tuples, those of parts of the same kinds."""

    def __init__(self, item: Item, rng: Rng) -> None:
        self.item = item
        self.rng = rng
        self.known: list[Value] = []

    def values(self) -> Iterator[Value]:
        """Endless but for PATIENCE without a fit; those already drawn come first."""
        place, idle = 0, 0
        while idle < PATIENCE * MOST:
            if place == len(self.known):
                other = make(self.item.family, self.item.level, self.rng.randrange(_RANGE))
                if _shape(other.answer) != _shape(self.item.answer) or _origin(other) != _origin(self.item):
                    idle += 1
                    continue
                self.known.append(other.answer.value)
            idle += 1
            place += 1
            yield self.known[place - 1]


def _shape(answer: Answer) -> tuple[Any, ...]:
    value = answer.value
    return (answer.type, *(type(part) for part in (value if isinstance(value, tuple) else (value,))))


def _origin(item: Item) -> set[str]:
    """The operations that the parts of a tuple come from: readings of rulers and of dials differ."""
    last = item.program[-1]
    return {item.program[place].op for place in last.inputs} if last.op == "tuple" else set()


def _size(value: Value) -> Any:
    """What values of one kind are sorted by."""
    number = exact_number.read(value) if isinstance(value, str) else None
    return (exact_number.approximate(number), value) if number is not None else value


def _alike(answer: Answer) -> Alike:
    """Whether two values would pass for the same answer."""
    if answer.type == "decimal":
        return lambda a, b: bool(abs(a - b) <= 2 * answer.tolerance)
    if answer.type == "set":
        return lambda a, b: set(a) == set(b)
    return operator.eq


def _distinct(gold: Value, others: Iterator[Value], count: int, alike: Alike = operator.eq) -> list[Value]:
    """The gold value and others that differ from it and from each other, at most `count` in all."""
    found = [gold]
    for _, value in zip(range(PATIENCE * count), others, strict=False):
        if len(found) == count:
            break
        if not any(alike(value, held) for held in found):
            found.append(value)
    return found


def _run(gold: Value, others: Iterator[Value], count: int, rng: Rng, alike: Alike = operator.eq) -> list[Value]:
    """The run of `count` neighbours that holds the gold value, among the sorted values of several items."""
    wrong = _distinct(gold, others, RUNS * count, alike)[1:]
    runs = (1 + len(wrong)) // count
    if not runs:
        return []
    values = sorted([gold, *rng.sample(wrong, runs * count - 1)], key=_size)
    start = values.index(gold) // count * count
    return values[start : start + count]


def _whole(item: Item, others: _Others, count: int) -> list[Value]:
    """Whole answers of other items, of paths only those that lead nowhere here."""
    fits = (value for value in others.values() if item.answer.type != "path" or not item.accepts(value))
    return _distinct(item.answer.value, fits, count, _alike(item.answer))


def _vocabulary(item: Item, word: str) -> list[str]:
    """Words of the scene under the name under which this word stands there, in order; [] if it does not."""
    named: dict[str, list[str]] = {}
    _collect(item.scene, "", named)
    holding = [list(dict.fromkeys(words)) for words in named.values() if word in words]
    return [other for other in max(holding, key=len, default=[]) if _is_answer(other)]


def _is_answer(word: str) -> bool:
    try:
        Answer("word", word)
    except ValueError:  # scenes also hold sentences and signs
        return False
    return True


def _collect(node: Any, name: str, named: dict[str, list[str]]) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            _collect(value, str(key), named)
    elif isinstance(node, list | tuple):
        for value in node:
            _collect(value, name, named)
    elif isinstance(node, str):
        named.setdefault(name, []).append(node)


def _words(gold: str, vocabulary: Sequence[str], others: Iterator[Value], count: int, rng: Rng) -> list[Value]:
    """The word and others of the vocabulary, or of other items where that has too few."""
    pool = list({word.lower(): word for word in vocabulary if word.lower() != gold.lower()}.values())
    if len(pool) >= count - 1:
        return [gold, *rng.sample(pool, count - 1)]
    return _distinct(gold, others, count)


def _tuples(item: Item, others: _Others, count: int, rng: Rng) -> list[Value]:
    """Options in which every value of every part stands equally often; [] if none keep to the family's rules."""
    gold: tuple[int | str, ...] = item.answer.value
    seen = [gold, *islice(others.values(), WITNESSES)]
    rules = [rule for rule in RULES if all(rule(value) for value in seen)]
    for _ in range(TRIES):
        made = _bisected(item, others, count, rng)
        if len(set(made)) == count and all(rule(value) for rule in rules for value in made):
            return made
    if no_part_twice in rules and len({_shape(Answer("tuple", (part,))) for part in gold}) == 1:
        made = _distinct(gold, iter(lambda: tuple(rng.sample(gold, len(gold))), None), count)
        if len(made) == count and all(rule(value) for rule in rules for value in made):
            return made
    return []


def _bisected(item: Item, others: _Others, count: int, rng: Rng) -> list[Value]:
    """The product of a few values of some of the parts."""
    gold: tuple[int | str, ...] = item.answer.value
    free = _free_parts(item, others)
    parts = rng.sample(free, len(free))
    wanted = [1] * len(gold)
    for turn, factor in enumerate(_factors(count)):
        wanted[parts[turn % len(parts)]] *= factor
    made: list[tuple[int | str, ...]] = [()]
    for place, number in enumerate(wanted):
        values = _part_values(item, place, others, number, rng) if number > 1 else [gold[place]]
        made = [(*head, value) for head in made for value in values]
    return list(made)


def _free_parts(item: Item, others: _Others) -> list[int]:
    """Parts that can vary and tell nothing: of three values that are not equally likely, the likeliest would be right
    too often, whichever two were shown; of two, both are always shown.
    """
    seen = [item.answer.value, *islice(others.values(), WITNESSES)]
    several = [len({value[place] for value in seen}) for place in range(len(item.answer.value))]
    return [place for place, number in enumerate(several) if number != 3] or list(range(len(several)))


def _part_values(item: Item, place: int, others: _Others, count: int, rng: Rng) -> list[int | str]:
    gold = item.answer.value[place]
    values = (value[place] for value in others.values())
    if isinstance(gold, int):
        return _run(gold, values, count, rng) or [gold]
    return _words(gold, [word for word in _vocabulary(item, gold) if word not in item.answer.value], values, count, rng)


def _factors(count: int) -> list[int]:
    """Prime factors, the largest first."""
    found, divisor = [], 2
    while count > 1:
        while count % divisor == 0:
            count //= divisor
            found.append(divisor)
        divisor += 1
    return found[::-1]


def no_part_twice(value: tuple[Any, ...]) -> bool:
    return len(set(value)) == len(value)


def rising(value: tuple[Any, ...]) -> bool:
    return _in_order(value, 1)


def falling(value: tuple[Any, ...]) -> bool:
    return _in_order(value, -1)


def _in_order(value: tuple[Any, ...], sign: int) -> bool:
    numbers = [part for part in value if isinstance(part, int)]
    return len(numbers) < 2 or all(sign * (b - a) >= 0 for a, b in zip(numbers, numbers[1:], strict=False))


RULES: tuple[Callable[[tuple[Any, ...]], bool], ...] = (no_part_twice, rising, falling)
