"""Phrases that the traces of several families of pages share; of each, one for every variant."""

from __future__ import annotations

ASKED = (
    "It asks: {}", "The question: {}", "What is wanted: {}", "To find out: {}", "Asked is this: {}", "The task: {}",
)  # fmt: skip
CHECK = (
    "Check: {}.", "To check: {}.", "A test: {}.", "Looking back: {}.", "Checking this: {}.", "It agrees: {}.",
)  # fmt: skip


def duration(*parts: tuple[int, str]) -> str:
    """(2, "hour"), (1, "minute") -> 2 hours and 1 minute."""
    return " and ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in parts)
