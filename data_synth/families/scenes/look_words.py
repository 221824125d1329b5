"""Looks and groups of objects as phrases.

`small red circle` is a look; `red`, `small circle` and the empty phrase, which means all objects, are groups.
"""

from __future__ import annotations

from functools import cache

from data_synth.render.shapes import SHAPES


@cache
def in_group(look: str, group: str) -> bool:
    """Whether the look has every word of the group."""
    words = look.split()
    return all(word in words for word in group.split())


def many(number: int, group: str) -> str:
    """A number of objects in words, e.g. 1 red circle, 3 red objects."""
    return f"{number} {plural(group) if number != 1 else singular(group)}"


def plural(group: str) -> str:
    """e.g. red circles, crosses, red objects."""
    noun = singular(group)
    return noun + ("es" if noun.endswith("s") else "s")


def singular(group: str) -> str:
    """e.g. red circle, small object."""
    return group if group and group.split()[-1] in SHAPES else f"{group} object".strip()
