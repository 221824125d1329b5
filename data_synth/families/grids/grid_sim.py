"""Worlds on a grid that run by rules: a robot, Langton's ant, the game of life, a maze, sliding tiles.

Ends are drawn first and run backwards where the world can be reversed; shortest ways have lengths drawn first. Any
shortest way is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_synth.families.forms import Form, FormFamily
from data_synth.families.grids.grid_ant import Ant
from data_synth.families.grids.grid_life import Life
from data_synth.families.grids.grid_maze import Maze
from data_synth.families.grids.grid_robot import Robot
from data_synth.families.grids.grid_slide import Slide
from data_synth.item import Item

_MAZE, _SLIDE = Maze(), Slide()


class GridSim(FormFamily):
    """Run worlds on a grid."""

    name = "grid_sim"
    forms: Mapping[str, Form] = {"robot": Robot(), "ant": Ant(), "life": Life(), "maze": _MAZE, "slide": _SLIDE}
    by_level = (("robot", "maze"), ("robot", "maze", "slide"), *((tuple(forms),) * 3))

    def accepts(self, item: Item, moves: str) -> bool:
        """Whether the moves lead to the goal and are as few as those of the gold answer."""
        if len(moves) != len(item.answer.value):
            return False
        form = _MAZE if item.scene["form"] == "maze" else _SLIDE
        return form.reaches(item.scene, moves)
