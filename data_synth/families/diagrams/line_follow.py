"""Follow lines: tangled wires, a map of underground lines, tracks with switches.

Where wires end is a uniform permutation. Ends and stations carry random letters, which stand in the picture alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_synth.families.diagrams.metro_map import Metro
from data_synth.families.diagrams.rail_yard import Rails
from data_synth.families.diagrams.wire_counts import Counts, Pair
from data_synth.families.diagrams.wire_ends import Code, End
from data_synth.families.forms import Form, FormFamily


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
