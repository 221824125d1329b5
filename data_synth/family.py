"""What a family of questions provides. A family is one file in a folder of `families/` and one line in `FAMILIES`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from data_synth.item import Item, Parts
from data_synth.program import Op
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

LEVELS = (0, 1, 2, 3, 4)


class Family(Protocol):
    """name: its key in FAMILIES. modalities: ("image",), or ("text", "rendered") for text. ops: of its programs.

    The other modalities are derived: screenshots, photos, and for text `mixed` (item.py tells what each shows). A text
    family gives its content with `draw`, apart from the question in `Parts.shown`; it may have a method
    `blocks(item, size) -> list[Block]` besides, the content as blocks of a page (render/page.py), which then flows
    together with the question instead of standing above it as a picture.
    A family may have a method `explain_briefly(item, variant)` besides, the bare steps of `explain` in as few tokens as
    a policy of a million weights can learn to write.
    A family whose answers are paths has a method `accepts(item, moves) -> bool` besides, which simulates any moves.
    """

    @property
    def name(self) -> str: ...

    @property
    def modalities(self) -> tuple[str, ...]: ...

    @property
    def ops(self) -> Mapping[str, Op]: ...

    def logic(self, rng: Rng, level: int) -> Parts | None:
        """Decide everything about one item; None = these draws lead nowhere, try others.

        Where the answer can be drawn first, it is; else what leads to it is balanced, so that no answer is frequent.
        """
        ...

    def draw(self, item: Item, size: int) -> list[Canvas]:
        """Draw the scene; decides nothing. `size`: the longer side in pixels."""
        ...

    def solve_again(self, item: Item) -> Any:
        """The answer's value by a second method that shares no code with the program."""
        ...

    def explain(self, item: Item, variant: int) -> list[str]:
        """Sentences of a worked solution: what is seen, a plan, the program's steps with their values, a check."""
        ...
