"""An item: a question with an exact answer that is a pure function of (version, family, level, index).

An item carries its scene and the program that answers it; text, pictures and reasoning are derived from these on
demand. The split follows the content, so that two indices with the same content are never on both sides.
"""

from __future__ import annotations

import hashlib
import json
import operator
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from data_synth.answers import Answer
from data_synth.program import Scene, Step

if TYPE_CHECKING:
    from PIL import Image

    from data_synth.family import Family

GEN_VERSION = "1"
INDICES = 10**31  # of a family and level
EVAL_PERMILLE = 100  # share of contents that belong to the eval split
TRACE_VARIANTS = 6
# Twins ask one item in several ways, with one answer and one trace:
# text         everything in words
# image        the pictures, and the question in words
# rendered     a clean page with everything but the form of the answer
# screenshot   everything in one picture, the form of the answer too, in a window of some application
# photo        the picture of `image` or `rendered`, as if photographed
# mixed        the content as a picture, the question in words
TEXT_MODALITIES = ("text", "rendered", "screenshot", "photo", "mixed")
IMAGE_MODALITIES = ("image", "photo", "screenshot")
DEFAULT_MODALITIES = ("text", "image", "rendered")  # of a source of prompts that does not name any
_LOOK = (
    "Answer the question in the image.",
    "Solve the problem in the image.",
    "The image asks a question. Answer it.",
    "Read the question in the image and answer it.",
    "Give the answer to the question in the image.",
    "Do what the image asks for.",
    "The question is in the image. What is the answer?",
    "Look at the image and answer its question.",
)
_CONCLUSIONS = ("So {}.", "The answer is {}.", "This gives {}.", "Hence {}.", "Answer: {}.", "That makes {}.")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a family's `logic` decides. All geometry in `scene` is integers in design units.

    question: the whole question; for a text family it contains the content. rules: what the reader must know, or "".
    form: how to write the answer, e.g. "(a, b)". canon: what makes two items the same, JSON-able, positions coarse,
    wording left out. pictures: how many `draw` gives; the question may speak of "image 1", "image 2".
    shown: for a text family, the question when the content stands in the picture. alone: the content asks by itself, as
    an expression does; `rendered` then shows it as `draw` gives it, and else a page with the content and `shown`.
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
    alone: bool = False


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
    alone: bool
    _maker: Family = field(repr=False, compare=False)

    @staticmethod
    def from_id(item_id: str) -> Item:
        """The item with an id such as `scene_count/3/7@1`. Raises ValueError for an id of another version or form."""
        from data_synth.generate import make  # the generator needs this module first

        return make(*parse_id(item_id))

    @property
    def id(self) -> str:
        return id_of(self.family, self.level, self.index)

    @property
    def pair_id(self) -> str:
        """Shared by the twins: the same item as text and as a picture of that text."""
        return self.content_hash

    @property
    def split(self) -> str:
        return "eval" if int(self.content_hash, 16) % 1000 < EVAL_PERMILLE else "train"

    @property
    def modalities(self) -> tuple[str, ...]:
        """All twins of the item."""
        return twins_of(self._maker.modalities)

    def _check(self, modality: str) -> None:
        if modality not in self.modalities:
            raise ValueError(f"{self.family} has the modalities {', '.join(self.modalities)}, got {modality!r}")

    @property
    def form_sentence(self) -> str:
        """How to write the answer."""
        return f"Answer as \\boxed{{{self.form}}}."

    def prompt(self, modality: str) -> str:
        """The user turn; `<image>` stands where a picture goes. Raises ValueError for a modality it does not have."""
        self._check(modality)
        look = _LOOK[int(self.content_hash[:4], 16) % len(_LOOK)]
        if modality == "screenshot":
            return f"<image>\n{look}"
        textual = "text" in self.modalities
        if textual and modality in ("rendered", "photo") and not self.alone:
            return f"<image>\n{look} {self.form_sentence}"
        question = self.shown if textual and modality != "text" else self.question
        sentences = [text for text in (self.rules, question, self.form_sentence) if text]
        return ("" if modality == "text" else self._places()) + " ".join(sentences)

    def _places(self) -> str:
        """One line for each picture; several are numbered from 1."""
        if self.pictures == 1:
            return "<image>\n"
        return "".join(f"Image {number}: <image>\n" for number in range(1, self.pictures + 1))

    def images(self, modality: str, size: int = 384) -> list[Image.Image]:
        """RGB pictures, one for each `<image>`; none for text.

        size: pixels of the longer side. Screenshots, photos and pages with much text are somewhat larger: the content
        keeps its scale.
        """
        self._check(modality)
        if not 32 <= size <= 2048:
            raise ValueError(f"image size must be in 32 .. 2048 pixels, got {size}")
        from data_synth.twins import draw_twins  # twins are drawn from items

        return draw_twins(self, self._maker, modality, operator.index(size))

    def trace(self, modality: str, variant: int, *, brief: bool = False) -> str:
        """A worked solution that ends with the boxed gold answer; equal variants (modulo their number) read alike.

        brief: the steps alone, for very small policies, where the family has such a form; else the whole trace.
        """
        self._check(modality)
        sentences = self._explain(variant, brief)
        conclusion = _CONCLUSIONS[variant % TRACE_VARIANTS].format(self.answer.surface)
        return " ".join([*sentences, conclusion, self.direct()])

    def seen(self, modality: str, variant: int) -> str:
        """The first sentence of the brief trace: what there is to see, before any reasoning."""
        self._check(modality)
        return self._explain(variant, brief=True)[0]

    def _explain(self, variant: int, brief: bool) -> list[str]:
        explain = getattr(self._maker, "explain_briefly", self._maker.explain) if brief else self._maker.explain
        return list(explain(self, variant % TRACE_VARIANTS))

    def accepts(self, moves: str) -> bool:
        """Whether a path, not only the gold one, is a solution: the family simulates it. False for other answers."""
        simulate = getattr(self._maker, "accepts", None)
        return self.answer.type == "path" and simulate is not None and bool(simulate(self, moves))

    def direct(self) -> str:
        """The gold answer in its box, without reasoning."""
        return f"\\boxed{{{self.answer.surface}}}"

    def multiple_choice(self, modality: str, count: int = 4) -> tuple[str, str]:
        """For evaluation: the user turn with lettered options, and the letter of the right one.

        Raises ValueError as `prompt` and `choices.options` do, and for a screenshot, which says how to answer itself.
        """
        if modality == "screenshot":
            raise ValueError("a screenshot says how to write the answer; for a letter, ask in another modality")
        from data_synth.choices import letter, options  # options are answers of other items

        shown, gold = options(self, count)
        listed = "\n".join(f"({letter(place)}) {text}" for place, text in enumerate(shown))
        asked = self.prompt(modality).removesuffix(self.form_sentence).rstrip()
        return f"{asked}\n{listed}\nAnswer with the letter of the right option as \\boxed{{letter}}.", letter(gold)


def id_of(family: str, level: int, index: int) -> str:
    return f"{family}/{level}/{index}@{GEN_VERSION}"


def parse_id(item_id: str) -> tuple[str, int, int]:
    """(family, level, index) of an id. Raises ValueError for one of another version or form."""
    name, _, version = item_id.partition("@")
    family, _, place = name.partition("/")
    numbers = re.fullmatch(r"(0|[1-9][0-9]?)/(0|[1-9][0-9]{0,30})", place)
    if numbers is None:
        raise ValueError(f"an item id looks like scene_count/3/7@{GEN_VERSION}, got {item_id!r}")
    if version != GEN_VERSION:
        raise ValueError(f"item {item_id!r} is of generator version {version or 'none'}, this one is {GEN_VERSION}")
    return family, int(numbers[1]), int(numbers[2])


def twins_of(own: tuple[str, ...]) -> tuple[str, ...]:
    """All modalities of a family whose own ones are ("image",), or ("text", "rendered")."""
    return TEXT_MODALITIES if "text" in own else IMAGE_MODALITIES


def content_hash(family: str, canon: Any) -> str:
    """128-bit hex digest of what an item is about; not of its level, index or wording."""
    text = json.dumps([GEN_VERSION, family, canon], sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
