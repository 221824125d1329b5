"""An item: a question with an exact answer that is a pure function of (version, family, level, index).

An item carries its scene and the program that answers it; text, pictures and reasoning are derived from these on
demand. The split follows the content, so that two indices with the same content are never on both sides.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data_synth.answers import Answer
from data_synth.program import Scene, Step

if TYPE_CHECKING:
    from PIL import Image

    from data_synth.family import Family

GEN_VERSION = "1"
EVAL_PERMILLE = 100  # share of contents that belong to the eval split
TRACE_VARIANTS = 6
_CONCLUSIONS = ("So {}.", "The answer is {}.", "This gives {}.", "Hence {}.", "Answer: {}.", "That makes {}.")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a family's `logic` decides. All geometry in `scene` is integers in design units.

    question: the whole question; for a text family it contains the content. rules: what the reader must know, or "".
    form: how to write the answer, e.g. "(a, b)". canon: what makes two items the same, JSON-able, positions coarse,
    wording left out. shown: for a text family, the question when the content stands in the picture. pictures: how many
    `draw` gives; the question may speak of "image 1", "image 2".
    """

    question: str
    rules: str
    form: str
    answer: Answer
    scene: Scene
    program: tuple[Step, ...]
    features: dict[str, int]
    canon: Any
    shown: str = ""
    pictures: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """One question. Equal ids mean equal items, on every machine and in every process."""

    family: str
    level: int
    index: int
    question: str
    rules: str
    form: str
    answer: Answer
    scene: Scene
    program: tuple[Step, ...]
    features: dict[str, int]
    content_hash: str  # 32 hex digits
    shown: str
    pictures: int
    _maker: Family = field(repr=False, compare=False)

    @staticmethod
    def from_id(item_id: str) -> Item:
        """The item with an id such as `scene_count/3/7@1`. Raises ValueError for an id of another version or form."""
        from data_synth.generate import make  # the generator needs this module first

        name, _, version = item_id.partition("@")
        family, _, place = name.partition("/")
        numbers = re.fullmatch(r"(0|[1-9][0-9]?)/(0|[1-9][0-9]{0,30})", place)
        if numbers is None:
            raise ValueError(f"an item id looks like scene_count/3/7@{GEN_VERSION}, got {item_id!r}")
        if version != GEN_VERSION:
            raise ValueError(f"item {item_id!r} is of generator version {version or 'none'}, this one is {GEN_VERSION}")
        return make(family, int(numbers[1]), int(numbers[2]))

    @property
    def id(self) -> str:
        return f"{self.family}/{self.level}/{self.index}@{GEN_VERSION}"

    @property
    def pair_id(self) -> str:
        """Shared by the twins: the same item as text and as a picture of that text."""
        return self.content_hash

    @property
    def split(self) -> str:
        return "eval" if int(self.content_hash, 16) % 1000 < EVAL_PERMILLE else "train"

    @property
    def modalities(self) -> tuple[str, ...]:
        return self._maker.modalities

    def _check(self, modality: str) -> None:
        if modality not in self.modalities:
            raise ValueError(f"{self.family} has the modalities {', '.join(self.modalities)}, got {modality!r}")

    def prompt(self, modality: str) -> str:
        """The user turn; `<image>` stands where a picture goes. Raises ValueError for a modality it does not have."""
        self._check(modality)
        question = self.shown if modality == "rendered" else self.question
        sentences = [text for text in (self.rules, question, f"Answer as \\boxed{{{self.form}}}.") if text]
        return ("" if modality == "text" else self._places()) + " ".join(sentences)

    def _places(self) -> str:
        """One line for each picture; several are numbered from 1."""
        if self.pictures == 1:
            return "<image>\n"
        return "".join(f"Image {number}: <image>\n" for number in range(1, self.pictures + 1))

    def images(self, modality: str, size: int = 384) -> list[Image.Image]:
        """RGB pictures with a longer side of `size` pixels, one for each `<image>`; none for text."""
        self._check(modality)
        if not 32 <= size <= 2048:
            raise ValueError(f"image size must be in 32 .. 2048 pixels, got {size}")
        return [] if modality == "text" else [canvas.image() for canvas in self._maker.draw(self, size)]

    def trace(self, modality: str, variant: int) -> str:
        """A worked solution that ends with the boxed gold answer; equal variants (modulo their number) read alike."""
        self._check(modality)
        sentences = self._maker.explain(self, variant % TRACE_VARIANTS)
        conclusion = _CONCLUSIONS[variant % TRACE_VARIANTS].format(self.answer.surface)
        return " ".join([*sentences, conclusion, self.direct()])

    def seen(self, modality: str, variant: int) -> str:
        """The first sentence of the trace: what there is to see, before any reasoning."""
        self._check(modality)
        return self._maker.explain(self, variant % TRACE_VARIANTS)[0]

    def accepts(self, moves: str) -> bool:
        """Whether a path, not only the gold one, is a solution: the family simulates it. False for other answers."""
        simulate = getattr(self._maker, "accepts", None)
        return self.answer.type == "path" and simulate is not None and bool(simulate(self, moves))

    def direct(self) -> str:
        """The gold answer in its box, without reasoning."""
        return f"\\boxed{{{self.answer.surface}}}"


def content_hash(family: str, canon: Any) -> str:
    """128-bit hex digest of what an item is about; not of its level, index or wording."""
    text = json.dumps([GEN_VERSION, family, canon], sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
