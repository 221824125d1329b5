"""Endless prompts: items of data_synth, addressed by cell and index."""

from __future__ import annotations

from dataclasses import dataclass

import data_synth
from vlm_rl.config import DataConfig, SynthSource
from vlm_rl.data.columns import MARK
from vlm_rl.data.image_uri import digest, synth_uri
from vlm_rl.types import ImageRef, Message, Prompt


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """The unit of curriculum and sampling for endless sources."""

    family: str
    level: int
    modality: str

    def __str__(self) -> str:
        return f"{self.family}/{self.level}/{self.modality}"


class SynthPrompts:
    """The cells of one synth source, and their prompts.

    Raises ValueError for an unknown family or level, and for a family with none of the source's modalities.
    """

    def __init__(self, source: SynthSource, cfg: DataConfig) -> None:
        self.image_size = source.image_size
        self._max_pixels = cfg.image_max_pixels
        self.cells: list[Cell] = [
            Cell(family, level, modality)
            for family, levels in source.families.items()
            for level in _checked(family, levels)
            for modality in _chosen(family, source)
        ]

    def prompt(self, cell: Cell, index: int, *, split: str = "train") -> Prompt | None:
        """The prompt at an index of a cell, always the same one; None if its item is not of the split.

        split: "train" or "eval". The content of an item decides, so no content is on both sides.
        """
        if split not in ("train", "eval"):
            raise ValueError(f"split must be train or eval, got {split!r}")
        item = data_synth.make(cell.family, cell.level, index)
        if item.split != split:
            return None
        question = item.prompt(cell.modality)
        uris = [synth_uri(item.id, cell.modality, place, self.image_size) for place in range(question.count(MARK))]
        return Prompt(
            id=f"{item.id}#{cell.modality}",
            messages=(Message("user", question),),
            images=tuple(ImageRef(uri, digest(uri), self._max_pixels) for uri in uris),
            answer=item.answer.to_text(),
            verifier="typed",
            family=cell.family,
            level=cell.level,
            modality=cell.modality,
        )

    def content_hash(self, cell: Cell, index: int) -> str:
        """Equal for items that ask the same of the same content, whatever their index."""
        return data_synth.make(cell.family, cell.level, index).content_hash


def _chosen(family: str, source: SynthSource) -> list[str]:
    """The modalities of a family that the source asks for, in the family's order."""
    offered = data_synth.cell_modalities(family)
    chosen: list[str] = [modality for modality in offered if modality in source.modalities]
    if not chosen:
        raise ValueError(
            f"data.sources: family {family} has the modalities {', '.join(offered)}, the source asks for "
            f"{', '.join(source.modalities)}: name one that it has, or leave the family out"
        )
    return chosen


def _checked(family: str, levels: tuple[int, ...]) -> tuple[int, ...]:
    data_synth.cell_modalities(family)  # names the nearest family if there is none of this name
    for level in levels:
        if level not in data_synth.LEVELS:
            nearest = min(data_synth.LEVELS, key=lambda known: abs(known - level))
            raise ValueError(
                f"data.sources: family {family} has the levels {', '.join(map(str, data_synth.LEVELS))}, got {level}; "
                f"the nearest is {nearest}"
            )
    if len(set(levels)) != len(levels):
        raise ValueError(f"data.sources: family {family} must name each level once, got {list(levels)}")
    return levels
