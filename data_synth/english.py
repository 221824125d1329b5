"""Small things of English that sentences of many families need."""

from __future__ import annotations

from collections.abc import Sequence


def with_article(noun: str) -> str:
    """a red circle, an orange circle"""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def capitalized(sentence: str) -> str:
    """The first letter large, the others as they are."""
    return sentence[:1].upper() + sentence[1:]


def enumeration(names: Sequence[str]) -> str:
    """red, blue and green"""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
