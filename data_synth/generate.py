"""From (family, level, index) to an item."""

from __future__ import annotations

import difflib
import operator
from dataclasses import replace
from typing import Any, SupportsIndex

from data_synth.families import FAMILIES
from data_synth.family import LEVELS, Family
from data_synth.item import GEN_VERSION, INDICES, Item, Parts, content_hash, id_of, twins_of
from data_synth.program import replay as replay_program
from data_synth.render.style import with_page_face
from data_synth.rng import Rng

MAX_ATTEMPTS = 1000  # families accept more than one candidate in ten; hundreds of refusals in a row are a bug


class ItemError(RuntimeError):
    """A family fails on an item, and will on every machine. The message names the item."""


def family_named(name: str) -> Family:
    """The family of this name. Raises ValueError naming the nearest ones."""
    if name not in FAMILIES:
        near = difflib.get_close_matches(name, FAMILIES, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"unknown family {name!r}; {hint}there are {', '.join(FAMILIES)}")
    return FAMILIES[name]


def cell_modalities(family: str) -> tuple[str, ...]:
    """The modalities in which a family's items can be asked, all twins. Raises ValueError for an unknown family."""
    return twins_of(family_named(family).modalities)


def make(family: str, level: SupportsIndex, index: SupportsIndex) -> Item:
    """The item at (family, level, index): always the same one.

    Raises ValueError for an unknown family or level or an index outside 0 .. 10**31 - 1, TypeError for one that is no
    whole number, ItemError (a RuntimeError) naming the item if the family fails on it.
    """
    maker = family_named(family)
    level, index = _whole("level", level), _whole("item index", index)
    if level not in LEVELS:
        raise ValueError(f"level of {family} must be in {LEVELS[0]} .. {LEVELS[-1]}, got {level}")
    if not 0 <= index < INDICES:
        raise ValueError(f"item index must be in 0 .. 10**31 - 1, got {index}")
    for attempt in range(MAX_ATTEMPTS):
        try:
            parts = maker.logic(Rng(GEN_VERSION, family, level, index, attempt), level)
            if parts is not None:
                return _item(maker, level, index, parts)
        except (ValueError, TypeError, LookupError, ArithmeticError, AssertionError) as error:  # not the caller's fault
            raise ItemError(f"{family}/{level}/{index}: the family failed on it: {error!r}") from error
    raise ItemError(f"{family}/{level}/{index}: no item in {MAX_ATTEMPTS} attempts")


def _whole(what: str, number: SupportsIndex) -> int:
    """A Python int, also of a numpy one: the stream of random numbers depends on how it is written."""
    if isinstance(number, bool):
        raise TypeError(f"{what} must be a whole number, got {number}")
    try:
        return operator.index(number)
    except TypeError:
        raise TypeError(f"{what} must be a whole number, got {number!r}") from None


def _item(maker: Family, level: int, index: int, parts: Parts) -> Item:
    answer, digest = parts.answer, content_hash(maker.name, parts.canon)
    if answer.type == "path":  # any valid path is accepted, so its verifier must find the item again
        answer = replace(answer, item=id_of(maker.name, level, index))
    return Item(
        family=maker.name,
        level=level,
        index=index,
        question=parts.question,
        rules=parts.rules,
        form=parts.form,
        answer=answer,
        scene=with_page_face(parts.scene, digest),
        program=parts.program,
        features=parts.features,
        content_hash=digest,
        shown=parts.shown,
        pictures=parts.pictures,
        alone=parts.alone,
        _maker=maker,
    )


def replay(item: Item) -> Any:
    """Execute the item's program again from its scene; returns the answer's value.

    Raises ValueError if a recorded step or the gold answer is not what the program gives.
    """
    value = replay_program(family_named(item.family).ops, item.scene, item.program)
    value = tuple(value) if isinstance(value, list) else value
    if value != item.answer.value:
        raise ValueError(f"{item.id}: the program gives {value!r}, the gold answer is {item.answer.value!r}")
    return value


def solve_again(item: Item) -> Any:
    """The answer's value by the family's second method."""
    return family_named(item.family).solve_again(item)
