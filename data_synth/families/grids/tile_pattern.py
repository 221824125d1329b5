"""Tiles that carry shapes: their attributes, and the words for them."""

from __future__ import annotations

from typing import Any

from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES

Value = int | str
Tile = dict[str, Any]  # number, size, colour, shape

SIZES = ("small", "medium", "large")
SIZE_WORDS = "Sizes are small, medium or large."
ATTRIBUTES = ("number", "size", "colour", "shape")  # in the order of a phrase such as 3 small red stars


def domain(attribute: str, most: int) -> tuple[Value, ...]:
    """All values of an attribute; `most` is the largest number."""
    if attribute == "number":
        return tuple(range(1, most + 1))
    return {"size": SIZES, "colour": tuple(COLOURS), "shape": SHAPES}[attribute]


def described(tile: Tile, attributes: tuple[str, ...] = ATTRIBUTES) -> str:
    """The named attributes of a tile in words, such as 3 small red stars or small red shape."""
    noun = tile["shape"] if "shape" in attributes else "shape"
    many = "number" in attributes and tile["number"] > 1
    words = [str(tile[attribute]) for attribute in ATTRIBUTES[:-1] if attribute in attributes]
    return " ".join([*words, noun + ("es" if noun == "cross" else "s") * many])


def listed(values: list[Value | None]) -> str:
    """Values in a row, a question mark for the missing one."""
    return ", ".join("?" if value is None else str(value) for value in values)
