"""A small sound family for tests of the audit, and ways of breaking it, one bound at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from data_synth.answers import Answer
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import INK, Colour
from data_synth.rng import Rng

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
ASK = (
    "What is {} plus {}?",
    "Add {} and {}.",
    "Find the sum of {} and {}.",
    "How much are {} and {} together?",
    "Give the total of {} and {}.",
    "Compute {} + {} from the cards.",
    "Look at {} and {}. State their sum.",
    "Sum up {} and {}.",
)
SEEN = ("I see {}.", "The cards: {}.", "It shows {}.", "There are {}.", "In order: {}.", "I find {}.")


def _card(scene: Scene, *, place: int) -> int:
    return int(scene["values"][place])


class Sound:
    """Add the numbers of two cards."""

    name = "probe"
    modalities: tuple[str, ...] = ("image",)
    ops: Mapping[str, Op] = {**ARITHMETIC, "card": Op(_card, (), "integer")}
    ask: tuple[str, ...] = ASK
    letter = 20
    colour: Colour = INK
    shift = 0  # of all texts to the right, design units
    apart = 40  # between lines, design units

    def total(self, rng: Rng) -> int:
        return rng.between(20, 319)

    def logic(self, rng: Rng, level: int) -> Parts | None:
        total = self.total(rng)
        first = rng.between(1, total - 1) if total > 1 else 0
        values = [first, total - first, *(rng.between(1, 300) for _ in range(6))]
        names = rng.sample([a + b for a in LETTERS for b in LETTERS], len(values))
        scene: Scene = {"names": names, "values": values}
        program = Program(self.ops, scene)
        program.do("add", program.do("card", place=0), program.do("card", place=1))
        return Parts(
            question=rng.choice(self.ask).format(*names),
            rules="",
            form="n",
            answer=Answer("integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"cards": len(values)},
            canon=[names, values],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        canvas = Canvas(384, 384, size)
        for place, (name, value) in enumerate(zip(item.scene["names"], item.scene["values"], strict=True)):
            y = 30 + place * self.apart
            canvas.text(100 + self.shift, y, f"{name}: {value}", self.letter, "lm", self.colour)
        return [canvas]

    def solve_again(self, item: Item) -> Any:
        return sum(item.scene["values"]) - sum(item.scene["values"][2:])

    def explain(self, item: Item, variant: int) -> list[str]:
        names, values = item.scene["names"], item.scene["values"]
        cards = (f"card {name} with the number {value}" for name, value in zip(names, values, strict=True))
        says = [SEEN[variant].format(", ".join(cards)), f"{names[0]} is {values[0]}.", f"{names[1]} is {values[1]}."]
        return [*says, f"{values[0]} + {values[1]} = {item.answer.value}.", "Check: the other six cards are not asked."]


class FrequentAnswer(Sound):
    def total(self, rng: Rng) -> int:
        return 42 if rng.chance(0.2) else super().total(rng)


class FewAnswers(Sound):
    def total(self, rng: Rng) -> int:
        return rng.between(2, 41)


class Repeats(Sound):
    """Every content comes about three times in 300."""

    def logic(self, rng: Rng, level: int) -> Parts | None:
        return super().logic(Rng("few", rng.randrange(100)), level)


class ContentThatDependsOnChance(Repeats):
    """What should be equal contents get different hashes."""

    def logic(self, rng: Rng, level: int) -> Parts | None:
        parts = super().logic(rng, level)
        return replace(parts, canon=rng.randrange(10**9)) if parts else None


class PrintedAnswer(Sound):
    """One time in four the question says the answer."""

    def logic(self, rng: Rng, level: int) -> Parts | None:
        parts = super().logic(rng, level)
        if parts is None or rng.chance(0.75):
            return parts
        return replace(parts, rules=f"The cards were {parts.answer.value} yesterday.")


class WordThatTells(Sound):
    """There are 104 answers, and a word of the rules narrows each down to four."""

    def total(self, rng: Rng) -> int:
        return rng.between(100, 203)

    def logic(self, rng: Rng, level: int) -> Parts | None:
        parts = super().logic(rng, level)
        return replace(parts, rules=f"Page {chr(97 + parts.answer.value % 26) * 3} of a book.") if parts else None


class SecondSolverErrs(Sound):
    def solve_again(self, item: Item) -> Any:
        return super().solve_again(item) + (item.answer.value % 50 == 7)


class SecondSolverBreaksDown(Sound):
    def solve_again(self, item: Item) -> Any:
        return {value: sum(item.scene["values"][:2]) for value in range(20, 300)}[super().solve_again(item)]


class WrongSumInTrace(Sound):
    def explain(self, item: Item, variant: int) -> list[str]:
        return [*super().explain(item, variant), "And 1 + 1 = 3."]


class SilentTrace(Sound):
    """The second number is never said."""

    def explain(self, item: Item, variant: int) -> list[str]:
        said = super().explain(item, variant)
        return [sentence.replace(str(item.scene["values"][1]), "so") for sentence in said]


class BoxInTrace(Sound):
    def explain(self, item: Item, variant: int) -> list[str]:
        return [*super().explain(item, variant), "Perhaps \\boxed{7}."]


class ShortTrace(Sound):
    def explain(self, item: Item, variant: int) -> list[str]:
        return super().explain(item, variant)[1:4]


class LongTrace(Sound):
    def explain(self, item: Item, variant: int) -> list[str]:
        return super().explain(item, variant) * 8


class OnePhrasing(Sound):
    def explain(self, item: Item, variant: int) -> list[str]:
        return super().explain(item, 0)


class FewWordings(Sound):
    ask = ASK[:3]


class TinyLetters(Sound):
    letter = 9


class CutOff(Sound):
    shift = 240


class CollidingTexts(Sound):
    apart = 12


class PaleLetters(Sound):
    colour = (190, 190, 190)


class WideTolerance(Sound):
    """Any of the answers is within 60 of one of three numbers."""

    def logic(self, rng: Rng, level: int) -> Parts | None:
        parts = super().logic(rng, level)
        return replace(parts, answer=Answer("decimal", parts.answer.value, 60.0)) if parts else None


class Paths(Sound):
    """Go right and down to a cell."""

    ops: Mapping[str, Op] = {"go": Op(lambda scene: "R" * scene["at"][0] + "D" * scene["at"][1], (), "path")}

    def logic(self, rng: Rng, level: int) -> Parts | None:
        scene: Scene = {"at": [rng.between(1, 24), rng.between(1, 24)], "page": rng.randrange(10**6)}
        program = Program(self.ops, scene)
        program.do("go")
        return Parts("How?", "", "moves", Answer("path", program.value()), scene, tuple(program.steps), {}, scene)

    def solve_again(self, item: Item) -> Any:
        return "D" * item.scene["at"][1] + "R" * item.scene["at"][0]

    def accepts(self, item: Item, moves: str) -> bool:
        return set(moves) <= set("RD") and [moves.count("R"), moves.count("D")] == item.scene["at"]


class AnyPath(Paths):
    """The simulation only looks at the first move."""

    def accepts(self, item: Item, moves: str) -> bool:
        return moves[:1] in ("R", "D")
