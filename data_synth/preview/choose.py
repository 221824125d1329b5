"""Which items of a family are shown, in which modality, and the prompt as a person reads it."""

from __future__ import annotations

import inspect
import re

from data_synth.generate import family_named, make
from data_synth.item import Item

_PLACES = re.compile(r"(Image \d+: )?<image>\n?")


def items_of(family: str, level: int, count: int) -> list[Item]:
    """The first items of a family and level. Raises ValueError for an unknown family or level."""
    return [make(family, level, index) for index in range(count)]


def shown_modality(item: Item, turn: int = 0) -> str:
    """The modality in which an item stands on a sheet: for turn 0 as it is drawn, else one of its twins by turns."""
    clean = next(modality for modality in ("image", "rendered") if modality in item.modalities)
    twins = [modality for modality in item.modalities if modality not in ("text", clean)]
    return twins[(turn - 1) % len(twins)] if turn and twins else clean


def prompt_text(item: Item, modality: str) -> str:
    """The prompt without the places of its pictures."""
    return _PLACES.sub("", item.prompt(modality)).strip()


def description(family: str) -> str:
    """First line of what the family says of itself."""
    return (inspect.getdoc(type(family_named(family))) or "").split("\n")[0]
