"""Lists that a person types: names and levels with commas between them, or all."""

from __future__ import annotations

from collections.abc import Iterable

from data_synth.family import LEVELS


def names_in(text: str, known: Iterable[str]) -> list[str]:
    """The names, or all that are known; what is not known is the callee's to say."""
    return list(known) if text == "all" else [name.strip() for name in text.split(",")]


def levels_in(text: str) -> list[int]:
    """The levels, or all. Raises ValueError for what is no level."""
    if text == "all":
        return list(LEVELS)
    words = [word.strip() for word in text.split(",")]
    if wrong := [word for word in words if word not in map(str, LEVELS)]:
        raise ValueError(f"--levels must be of {', '.join(map(str, LEVELS))} with commas, or all, got {wrong[0]!r}")
    return [int(word) for word in words]
