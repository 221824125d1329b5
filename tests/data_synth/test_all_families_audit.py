"""Every family keeps its bounds on a few items; the command `vlm-rl synth audit` measures more of them."""

from __future__ import annotations

import pytest

from data_synth.audit import BOUNDS, audit_cell, broken
from data_synth.audit.show import complaints
from data_synth.families import FAMILIES
from data_synth.family import LEVELS

ITEMS = 24
MACHINE = {"logic_ms", "picture_ms"}  # times depend on the machine and on what else it does
MANY = {"choices", "paraphrases", "space"}  # need more items


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_keeps_its_bounds(family: str) -> None:
    measures = [measure for measure in BOUNDS if measure not in MACHINE | MANY]
    found = [finding for level in LEVELS for finding in audit_cell(family, level, ITEMS, measures)]
    assert not broken(found), "\n".join(complaints(found))
