"""Patterns: matrices and sequences of tiles, rules of numbers, and the tile that breaks a pattern.

The missing thing is constructed, not chosen: one value alone satisfies a rule that the question allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.grids import number_chain, number_table, odd_tile, pattern_matrix, pattern_sequence
from data_synth.families.grids.pattern_figure import draw_chains, draw_matrix, draw_odd, draw_sequence, draw_table
from data_synth.item import Item, Parts
from data_synth.program import Op
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

# Each has ask, solve and explain, and the operations of its programs.
SCENES = {
    "matrix": pattern_matrix,
    "sequence": pattern_sequence,
    "odd": odd_tile,
    "chains": number_chain,
    "table": number_table,
}
DRAWINGS = {
    "matrix": draw_matrix,
    "sequence": draw_sequence,
    "odd": draw_odd,
    "chains": draw_chains,
    "table": draw_table,
}
KINDS = (4, 4, 5, 5, 5)  # how many of them there are at each level


class Patterns:
    """Find rules and apply them."""

    name = "patterns"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **pattern_matrix.OPS,
        **pattern_sequence.OPS,
        **odd_tile.OPS,
        **number_chain.OPS,
        **number_table.OPS,
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        return SCENES[rng.choice(list(SCENES)[: KINDS[level]])].ask(rng, level)

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [DRAWINGS[item.scene["kind"]](item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """By trying every value against every rule that the question allows."""
        return SCENES[item.scene["kind"]].solve(item.scene, item.level)

    def explain(self, item: Item, variant: int) -> list[str]:
        return SCENES[item.scene["kind"]].explain(item, variant)
