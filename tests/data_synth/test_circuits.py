"""Circuits against other formulas, and against limits that every network obeys."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from data_synth import Item, make
from data_synth.families.diagrams.circuit_figure import fits_page, size_of

LEVELS = range(5)
GATES = {"AND": min, "OR": max, "XOR": lambda a, b: (a + b) % 2, "NAND": lambda a, b: 1 - a * b,
         "NOR": lambda a, b: (1 - a) * (1 - b)}  # fmt: skip


def items(level: int, *forms: str) -> list[Item]:
    return [item for item in (make("circuits", level, n) for n in range(200)) if item.scene["form"] in forms][:60]


def ohms(tree: dict[str, Any], factor: Fraction = Fraction(1)) -> Fraction:
    """Two at a time: product over sum."""
    if "ohms" in tree:
        return tree["ohms"] * factor
    first, *rest = (ohms(part, factor) for part in tree["parts"])
    for other in rest:
        first = first + other if tree["kind"] == "series" else first * other / (first + other)
    return first


def bit(tree: dict[str, Any], row: dict[str, int]) -> int:
    if "pin" in tree:
        return row[tree["pin"]]
    return int(GATES[tree["kind"]](*(bit(part, row) for part in tree["parts"])))


@pytest.mark.parametrize("level", LEVELS)
def test_networks_by_product_over_sum(level: int) -> None:
    for item in items(level, "ohms", "amps"):
        total = ohms(item.scene["tree"])
        wanted = item.scene["volts"] / total if item.scene["form"] == "amps" else total
        assert Fraction(item.answer.value) == wanted, item.id
        assert ohms(item.scene["tree"], Fraction(3)) == 3 * total
        assert fits_page(size_of(item.scene["tree"]))


@pytest.mark.parametrize("level", LEVELS)
def test_gates_by_arithmetic_on_bits(level: int) -> None:
    for item in items(level, "gates"):
        scene = item.scene
        rows = [dict(zip(scene["pins"], map(int, row), strict=True)) for row in scene["rows"]]
        assert item.answer.value == "".join(str(bit(scene["tree"], row)) for row in rows), item.id
        assert len(set(scene["rows"])) == len(scene["rows"]) == len(item.answer.value)
