"""Transforms and solids: figures moved on a grid, stacks of cubes, nets of cubes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.geometry import cube_net, cube_stack, grid_motion
from data_synth.families.geometry.cube_net_figure import draw_net
from data_synth.families.geometry.cube_stack_figure import draw_stack
from data_synth.families.geometry.grid_motion_figure import draw_motion
from data_synth.item import Item, Parts
from data_synth.program import Op
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

# Each has ask, solve and explain, and the operations of its programs.
SCENES = {"motion": grid_motion, "stack": cube_stack, "net": cube_net}
DRAWINGS = {"motion": draw_motion, "stack": draw_stack, "net": draw_net}


class Solids:
    """Move figures, count cubes, fold nets."""

    name = "solids"
    modalities = ("image",)
    ops: Mapping[str, Op] = {**grid_motion.OPS, **cube_net.OPS, **cube_stack.OPS}

    def logic(self, rng: Rng, level: int) -> Parts | None:
        return SCENES[rng.choice(list(SCENES))].ask(rng, level)

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [DRAWINGS[item.scene["kind"]](item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """By complex numbers, by the set of all cubes, or by vectors."""
        return SCENES[item.scene["kind"]].solve(item.scene)

    def explain(self, item: Item, variant: int) -> list[str]:
        return SCENES[item.scene["kind"]].explain(item, variant)
