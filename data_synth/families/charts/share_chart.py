"""Shares and grids of values: pies and rings, coloured tables, radar charts, box plots, maps of tiles.

Each kind of chart is a module with what `Kind` names. All values can be read exactly: they are printed, in a legend, or
on lines that are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from data_synth.answers import Answer
from data_synth.families.charts import share_box, share_heat, share_pie, share_radar, share_tiles
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_look
from data_synth.rng import Rng


class Kind(Protocol):
    """FORMS: how an answer is written, ASK: wordings, both by the scene's "form". WRONG: a branch to turn back from.

    build: what to draw and ask, or None. run: the program. search: the answer by another method. words: what the
    wordings leave open. content: what makes two scenes the same. describe: what is seen. say: the program's steps.
    """

    FORMS: Mapping[str, str]
    ASK: Mapping[str, tuple[str, ...]]
    OPS: Mapping[str, Op]
    WRONG: str

    def build(self, rng: Rng, level: int) -> Scene | None: ...
    def rules(self, scene: Scene) -> str: ...
    def run(self, program: Program, scene: Scene) -> None: ...
    def search(self, scene: Scene) -> Any: ...
    def words(self, scene: Scene) -> list[str]: ...
    def content(self, scene: Scene) -> Any: ...
    def describe(self, scene: Scene) -> str: ...
    def say(self, item: Item) -> list[str]: ...
    def draw(self, item: Item, size: int) -> Canvas: ...


KINDS: dict[str, Kind] = {
    "pie": share_pie,
    "heat": share_heat,
    "radar": share_radar,
    "box": share_box,
    "tiles": share_tiles,
}
SHOWN = (
    ("pie", "heat"),
    ("pie", "heat", "radar"),
    ("pie", "radar", "box", "tiles"),
    ("pie", "heat", "box", "tiles"),
    ("pie", "heat", "radar", "box", "tiles"),
)
_SEEN = ("I see {}.", "The picture shows {}.", "Shown: {}.", "Given: {}.", "What I see: {}.", "The chart: {}.")
_PLAN = (
    "First I look up what the picture says, then I calculate.",
    "I read what is needed, one value after the other, and then put them together.",
    "Plan: read off the values, then combine them as asked.",
    "Step by step: each value as it stands in the picture, then the arithmetic.",
    "I take the values one at a time and calculate at the end.",
    "Reading comes first, value by value; the calculation follows.",
)
_CHECK = (
    "Check: going through the values again in reverse order, nothing changes.",
    "Looking once more at the picture, I read the same.",
    "A second reading of the picture gives these values too.",
    "The size of the result fits what the picture shows.",
    "I compared each value with its neighbours, and they are right.",
    "Reading it all again from the bottom up leads to the same.",
)


class ShareChart:
    """Read shares, colours, polygons, boxes and maps."""

    name = "share_chart"
    modalities = ("image",)
    ops: Mapping[str, Op] = {**ARITHMETIC, **{op: run for kind in KINDS.values() for op, run in kind.OPS.items()}}

    def logic(self, rng: Rng, level: int) -> Parts | None:
        name = rng.choice(SHOWN[level])
        kind = KINDS[name]
        built = kind.build(rng, level)
        if built is None:
            return None
        scene: Scene = {"kind": name, "style": pick_look(rng), **built}
        program = Program(self.ops, scene)
        kind.run(program, scene)
        value = program.value()
        return Parts(
            question=rng.choice(kind.ASK[scene["form"]]).format(*kind.words(scene)),
            rules=kind.rules(scene),
            form=kind.FORMS[scene["form"]],
            answer=Answer("tuple" if isinstance(value, list) else "integer", value),
            scene=scene,
            program=tuple(program.steps),
            features={"steps": len(program.steps)},
            canon=[name, kind.content(scene)],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [KINDS[item.scene["kind"]].draw(item, size)]

    def solve_again(self, item: Item) -> Any:
        """By measuring on the page or by counting in another order, as each kind allows."""
        return KINDS[item.scene["kind"]].search(item.scene)

    def explain(self, item: Item, variant: int) -> list[str]:
        """What is seen, a plan, then the steps, and a check; from level 2 on sometimes a wrong branch."""
        kind = KINDS[item.scene["kind"]]
        says = [_SEEN[variant].format(kind.describe(item.scene)), _PLAN[variant]]
        if item.level >= 2 and variant % 2:
            says.append(kind.WRONG)
        return [*says, *kind.say(item), _CHECK[variant]]
