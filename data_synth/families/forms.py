"""A family of several question forms, each a class of its own with its wordings, operations, figure and solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from data_synth.answers import Answer
from data_synth.item import Item, Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_look
from data_synth.rng import Rng

TRIES = 8  # at a scene of the chosen form, so that forms with many misses are as frequent as the others


@dataclass(frozen=True, slots=True)
class Asked:
    """What the question needs from a scene, as in `Parts`. words: what fills the places of the question."""

    rules: str
    form: str
    features: dict[str, int]
    canon: Any
    words: tuple[Any, ...] = ()
    pictures: int = 1


class Form(Protocol):
    """One question form. ask: its wordings; answer: type of its answers; ops: of its programs, named as no other's."""

    @property
    def ask(self) -> tuple[str, ...]: ...

    @property
    def answer(self) -> str: ...

    @property
    def ops(self) -> Mapping[str, Op]: ...

    def build(self, rng: Rng, level: int) -> Scene | None:
        """A scene with exactly one answer, or None."""
        ...

    def execute(self, program: Program, scene: Scene) -> None:
        """Run the program that answers the question."""
        ...

    def asked(self, scene: Scene) -> Asked: ...

    def draw(self, scene: Scene, size: int) -> list[Canvas]: ...

    def solve(self, scene: Scene) -> Any:
        """The answer by a second method."""
        ...

    def explain(self, item: Item, variant: int) -> list[str]: ...


class FormFamily:
    """A family made of forms. forms: by name; by_level: the names that each level draws from."""

    modalities = ("image",)
    forms: Mapping[str, Form]
    by_level: tuple[tuple[str, ...], ...]

    @property
    def ops(self) -> Mapping[str, Op]:
        return {name: op for form in self.forms.values() for name, op in form.ops.items()}

    def logic(self, rng: Rng, level: int) -> Parts | None:
        name = rng.choice(self.by_level[level])
        form = self.forms[name]
        built = next((scene for scene in (form.build(rng, level) for _ in range(TRIES)) if scene is not None), None)
        if built is None:
            return None
        scene: Scene = {"form": name, "style": pick_look(rng), **built}
        program = Program(form.ops, scene)
        form.execute(program, scene)
        asked = form.asked(scene)
        return Parts(
            question=rng.choice(form.ask).format(*asked.words),
            rules=asked.rules,
            form=asked.form,
            answer=Answer(form.answer, program.value()),
            scene=scene,
            program=tuple(program.steps),
            features=asked.features,
            canon=[name, asked.canon],
            pictures=asked.pictures,
        )

    def form_of(self, item: Item) -> Form:
        return self.forms[item.scene["form"]]

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return self.form_of(item).draw(item.scene, size)

    def solve_again(self, item: Item) -> Any:
        return self.form_of(item).solve(item.scene)

    def explain(self, item: Item, variant: int) -> list[str]:
        return self.form_of(item).explain(item, variant)
