"""What to ask next (sec. 2.3.4): curriculum over levels, then priority 1 - success rate over cells and prompts.

An endless source is asked for fresh items of a cell (family/level/modality), so the loop is closed: what the policy
fails at, the generator makes more of. A finite source has a success rate for every prompt.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from typing import Any, Protocol

import numpy as np

from vlm_rl.config import DataConfig, SamplerConfig
from vlm_rl.data.curriculum import Curriculum
from vlm_rl.data.prompts import FilePrompts, SynthPrompts
from vlm_rl.data.records import BadRecord
from vlm_rl.types import Prompt, ScoredGroup

log = logging.getLogger(__name__)


class Draws:
    """Uniform numbers in [0, 1) as a keyed hash of (seed, count): the whole state of the generator is one integer."""

    def __init__(self, seed: int, name: str) -> None:
        self._key = f"{name}/{seed}".encode()
        self.count = 0

    def uniform(self) -> float:
        digest = hashlib.blake2b(self.count.to_bytes(8, "little"), key=self._key, digest_size=8).digest()
        self.count += 1
        return (int.from_bytes(digest, "little") >> 11) * 2.0**-53

    def index(self, weights: np.ndarray) -> int:
        """A position, with probability proportional to its weight."""
        cumulative = np.cumsum(weights, dtype=np.float64)
        return min(int(np.searchsorted(cumulative, self.uniform() * cumulative[-1], side="right")), len(weights) - 1)


class CellQueue(Protocol):
    """The prompts of one cell: where they come from, and what is known of how hard they are."""

    name: str
    ladder: str
    level: int
    modality: str

    @property
    def success_rate(self) -> float: ...
    def priority(self) -> float: ...
    def draw(self, draws: Draws, taken: set[str]) -> Prompt | None: ...
    def observe(self, group: ScoredGroup) -> None: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class EndlessCell:
    """Fresh items of one cell of a synthetic family; one running success rate for the cell."""

    def __init__(self, source: SynthPrompts, cell: Any, cfg: SamplerConfig) -> None:
        self.source, self.cell, self.cfg = source, cell, cfg
        self.name, self.level, self.modality = str(cell), cell.level, cell.modality
        self.ladder = f"{cell.family}/{cell.modality}"
        self.success_rate = cfg.initial_success_rate
        self.next_index = 0

    def priority(self) -> float:
        return max(1.0 - self.success_rate, self.cfg.floor) if self.cfg.prioritized else 1.0

    def draw(self, draws: Draws, taken: set[str]) -> Prompt:
        while True:  # items of the held-out split are passed over
            index, self.next_index = self.next_index, self.next_index + 1
            if (prompt := self.source.prompt(self.cell, index, split="train")) is not None:
                return prompt

    def observe(self, group: ScoredGroup) -> None:
        self.success_rate += self.cfg.ema * (group.success_rate - self.success_rate)

    def state_dict(self) -> dict[str, Any]:
        return {"success_rate": self.success_rate, "next_index": self.next_index}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.success_rate, self.next_index = float(state["success_rate"]), int(state["next_index"])


class FiniteCell:
    """The records of one (family, level, modality) of a file source; a running success rate for each."""

    def __init__(self, source: FilePrompts, rows: list[int], weight: float, cfg: SamplerConfig) -> None:
        self.source, self.rows, self.weight, self.cfg = source, rows, weight, cfg
        family, self.level, self.modality = source.families[rows[0]], source.levels[rows[0]], source.modalities[rows[0]]
        self.name, self.ladder = f"{family}/{self.level}/{self.modality}", f"{family}/{self.modality}"
        self._position = {source.ids[row]: position for position, row in enumerate(rows)}
        self._rates = np.full(len(rows), cfg.initial_success_rate)
        self._bad = np.zeros(len(rows), dtype=bool)

    @property
    def success_rate(self) -> float:
        return float(self._rates.mean())

    def _priorities(self) -> np.ndarray:
        weights = np.maximum(1.0 - self._rates, self.cfg.floor) if self.cfg.prioritized else np.ones(len(self.rows))
        return np.where(self._bad, 0.0, weights)

    def priority(self) -> float:
        return self.weight * float(self._priorities().mean())

    def draw(self, draws: Draws, taken: set[str]) -> Prompt | None:
        """A prompt that is not in flight; None if there is no other. Raises BadRecord for an unreadable one."""
        weights = self._priorities()
        weights[[self._position[prompt_id] for prompt_id in taken if prompt_id in self._position]] = 0.0
        if not weights.any():
            return None
        position = draws.index(weights)
        try:
            return self.source.prompt(self.rows[position])
        except BadRecord:
            self._bad[position] = True
            raise

    def observe(self, group: ScoredGroup) -> None:
        position = self._position[group.prompt.id]
        self._rates[position] += self.cfg.ema * (group.success_rate - self._rates[position])

    def state_dict(self) -> dict[str, Any]:
        return {"rates": self._rates.tolist(), "bad": np.flatnonzero(self._bad).tolist()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if len(state["rates"]) != len(self.rows):
            raise ValueError(
                f"{self.name}: the checkpoint knows {len(state['rates'])} prompts, the source has {len(self.rows)}"
            )
        self._rates = np.array(state["rates"], dtype=np.float64)
        self._bad = np.zeros(len(self.rows), dtype=bool)
        self._bad[state["bad"]] = True


class PromptSampler:
    """Draws prompts: modality by `data.modality_mix`, then a cell, then a prompt. Its state is in each checkpoint."""

    def __init__(
        self, sources: list[SynthPrompts | FilePrompts], data: DataConfig, cfg: SamplerConfig, *, seed: int
    ) -> None:
        self.cfg, self.on_bad_record = cfg, data.on_bad_record
        self.cells: dict[str, CellQueue] = {}
        for source in sources:
            for cell in _cells_of(source, cfg):
                if cell.name in self.cells:
                    raise ValueError(
                        f"two prompt sources both have the cell {cell.name}: give one of them another name"
                    )
                self.cells[cell.name] = cell
        self.mix = {
            m: share
            for m, share in data.modality_mix.items()
            if share > 0 and any(c.modality == m for c in self.cells.values())
        }
        if not self.mix:
            raise ValueError("data.modality_mix leaves no modality for which a source has prompts")
        ladders: dict[str, list[int]] = {}
        for cell in self.cells.values():
            ladders.setdefault(cell.ladder, []).append(cell.level)
        self.curriculum = Curriculum(cfg, ladders)
        self.skipped: Counter[str] = Counter()
        self._draws = Draws(seed, "sampler")
        self._iteration = 0

    def sample(self, count: int, *, iteration: int, in_flight: set[str]) -> list[Prompt]:
        """`count` prompts, none of which is in flight; fewer if the sources are exhausted by what is in flight."""
        self._iteration = iteration
        taken, prompts = set(in_flight), []
        while len(prompts) < count:
            prompt = self._draw_one(taken)
            if prompt is None:
                break
            taken.add(prompt.id)
            prompts.append(prompt)
        return prompts

    def _draw_one(self, taken: set[str]) -> Prompt | None:
        exhausted: set[str] = set()
        while candidates := [cell for cell in self._askable() if cell.name not in exhausted]:
            modalities = sorted({cell.modality for cell in candidates})
            modality = modalities[self._draws.index(np.array([self.mix[m] for m in modalities]))]
            cells = [cell for cell in candidates if cell.modality == modality]
            weights = np.array([cell.priority() for cell in cells])
            if not weights.any():
                exhausted.update(cell.name for cell in cells)
                continue
            cell = cells[self._draws.index(weights)]
            try:
                prompt = cell.draw(self._draws, taken)
            except BadRecord as error:
                if self.on_bad_record == "raise":
                    raise
                log.warning("skipped: %s", error)
                self.skipped[cell.name] += 1
                continue
            if prompt is not None:
                return prompt
            exhausted.add(cell.name)
        return None

    def _askable(self) -> list[CellQueue]:
        """Cells of a wanted modality that the curriculum allows; all open ones where it would leave nothing."""
        wanted = [cell for cell in self.cells.values() if cell.modality in self.mix]
        allowed = [c for c in wanted if self.curriculum.allows(c.ladder, c.level, c.success_rate, self._iteration)]
        return allowed or wanted

    def update(self, scored: list[ScoredGroup]) -> None:
        """Learn from what was scored: success rates, then which levels are open."""
        for group in scored:
            cell = self.cells[group.prompt.cell]
            cell.observe(group)
            self.curriculum.observe(cell.ladder, cell.level, cell.success_rate)

    def metrics(self) -> dict[str, float]:
        rates = {f"success/{name}": cell.success_rate for name, cell in self.cells.items()}
        return rates | {
            f"sampler/unlocked/{ladder}": self.curriculum.top_level(ladder) for ladder in self.curriculum.ladders
        }

    def state_dict(self) -> dict[str, Any]:
        return {
            "draws": self._draws.count,
            "cells": {name: cell.state_dict() for name, cell in self.cells.items()},
            "curriculum": self.curriculum.state_dict(),
            "skipped": dict(self.skipped),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if set(state["cells"]) != set(self.cells):
            raise ValueError(f"the saved sampler has the cells {sorted(state['cells'])}, this run {sorted(self.cells)}")
        self._draws.count = int(state["draws"])
        for name, cell in self.cells.items():
            cell.load_state_dict(state["cells"][name])
        self.curriculum.load_state_dict(state["curriculum"])
        self.skipped = Counter(state["skipped"])


def _cells_of(source: SynthPrompts | FilePrompts, cfg: SamplerConfig) -> list[CellQueue]:
    if isinstance(source, SynthPrompts):
        return [EndlessCell(source, cell, cfg) for cell in source.cells]
    rows: dict[tuple[str, int, str], list[int]] = {}
    for row, key in enumerate(zip(source.families, source.levels, source.modalities, strict=True)):
        rows.setdefault(key, []).append(row)
    return [FiniteCell(source, members, source.weight, cfg) for members in rows.values()]
