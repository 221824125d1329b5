"""Follow lines: tangled wires, a map of underground lines, tracks with switches.

Where wires end is a uniform permutation. Ends and stations carry random letters, which stand in the picture alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_synth.families.diagrams.metro_map import Metro
from data_synth.families.diagrams.rail_yard import Rails
from data_synth.families.diagrams.wire_counts import Counts, Pair
from data_synth.families.diagrams.wire_ends import Code, End
from data_synth.families.grid_forms import Form, FormFamily
from data_synth.item import Item


class LineFollow(FormFamily):
    """Follow lines past their crossings."""

    name = "line_follow"
    forms: Mapping[str, Form] = {
        "end": End(),
        "pair": Pair(),
        "code": Code(),
        "counts": Counts(),
        "metro": Metro(),
        "rails": Rails(),
    }
    by_level = (
        ("end", "pair", "code", "metro"),
        ("end", "pair", "code", "metro", "rails"),
        *((tuple(forms),) * 3),
    )

    def explain(self, item: Item, variant: int) -> list[str]:
        """The form's sentences, of which the last is a check; level 0, which is for small models, goes without it."""
        says = super().explain(item, variant)
        return says if item.level else says[:-1]
