"""What to ask next (sec. 2.3.4): curriculum over levels, then priority 1 - success rate over cells and prompts.

An endless source is asked for fresh items of a cell (family/level/modality), so the loop is closed: what the policy
fails at, the generator makes more of. A finite source also has a success rate for every prompt.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from vlm_rl.config import DataConfig, SamplerConfig
from vlm_rl.data.curriculum import Curriculum
from vlm_rl.data.prompts import FilePrompts, SynthPrompts
from vlm_rl.data.records import BadRecord
from vlm_rl.types import Prompt, ScoredGroup

log = logging.getLogger(__name__)
T = TypeVar("T")


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

    def pick(self, options: Sequence[T], weights: Sequence[float]) -> T:
        return options[self.index(np.array(weights))]


class CellQueue(Protocol):
    """The prompts of one cell: where they come from, and what is known of how hard they are.

    `at_most`: what has a greater success rate is passed over.
    """

    name: str
    ladder: str
    level: int
    modality: str

    success_rate: float
    groups: int  # scored so far

    def priority(self, at_most: float) -> float: ...
    def draw(self, draws: Draws, taken: set[str], at_most: float) -> Prompt | None: ...
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
        self.groups = 0
        self.next_index = 0

    def priority(self, at_most: float) -> float:
        if self.success_rate > at_most:
            return 0.0
        return max(1.0 - self.success_rate, self.cfg.floor) if self.cfg.prioritized else 1.0

    def draw(self, draws: Draws, taken: set[str], at_most: float) -> Prompt:
        while True:  # items of the held-out split are passed over
            index, self.next_index = self.next_index, self.next_index + 1
            if (prompt := self.source.prompt(self.cell, index, split="train")) is not None:
                return prompt

    def observe(self, group: ScoredGroup) -> None:
        self.success_rate += self.cfg.ema * (group.success_rate - self.success_rate)
        self.groups += 1

    def state_dict(self) -> dict[str, Any]:
        return {"success_rate": self.success_rate, "groups": self.groups, "next_index": self.next_index}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.success_rate, self.groups = float(state["success_rate"]), int(state["groups"])
        self.next_index = int(state["next_index"])


class FiniteCell:
    """The records of one (family, level, modality) of a file source; a running success rate for each, and one for all.

    The latter is not the mean of the former: most prompts of a large set have not been asked yet.
    """

    def __init__(self, source: FilePrompts, rows: list[int], cfg: SamplerConfig) -> None:
        self.source, self.rows, self.cfg = source, rows, cfg
        family, self.level, self.modality = source.families[rows[0]], source.levels[rows[0]], source.modalities[rows[0]]
        self.name, self.ladder = f"{family}/{self.level}/{self.modality}", f"{family}/{self.modality}"
        self.success_rate = cfg.initial_success_rate
        self.groups = 0
        self._position = {source.ids[row]: position for position, row in enumerate(rows)}
        self._rates = np.full(len(rows), cfg.initial_success_rate)
        self._bad = np.zeros(len(rows), dtype=bool)

    def _priorities(self, at_most: float) -> np.ndarray:
        weights = np.maximum(1.0 - self._rates, self.cfg.floor) if self.cfg.prioritized else np.ones(len(self.rows))
        return np.where(self._bad | (self._rates > at_most), 0.0, weights)

    def priority(self, at_most: float) -> float:
        """The sum over the prompts, so that each prompt of a source is drawn in proportion to its own priority."""
        return float(self._priorities(at_most).sum())

    def draw(self, draws: Draws, taken: set[str], at_most: float) -> Prompt | None:
        """A prompt that is not in flight; None if there is no other. Raises BadRecord for an unreadable one."""
        weights = self._priorities(at_most)
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
        if (position := self._position.get(group.prompt.id)) is not None:  # None: in flight, and gone since a restart
            self._rates[position] += self.cfg.ema * (group.success_rate - self._rates[position])
        self.success_rate += self.cfg.ema * (group.success_rate - self.success_rate)
        self.groups += 1

    def state_dict(self) -> dict[str, Any]:
        moved = np.flatnonzero(self._rates != self.cfg.initial_success_rate).tolist()
        rates = {self._id(position): float(self._rates[position]) for position in moved}
        bad = [self._id(position) for position in np.flatnonzero(self._bad).tolist()]
        return {"success_rate": self.success_rate, "groups": self.groups, "rates": rates, "bad": bad}

    def _id(self, position: int) -> str:
        return self.source.ids[self.rows[position]]

    def load_state_dict(self, state: dict[str, Any]) -> None:
        gone = {*state["rates"], *state["bad"]} - self._position.keys()
        if gone:
            log.warning("%s: %d prompts of the checkpoint are gone from the source", self.name, len(gone))
        self.success_rate, self.groups = float(state["success_rate"]), int(state["groups"])
        for prompt_id in state["rates"].keys() - gone:
            self._rates[self._position[prompt_id]] = state["rates"][prompt_id]
        self._bad[[self._position[prompt_id] for prompt_id in state["bad"] if prompt_id not in gone]] = True


class PromptSampler:
    """Draws prompts: modality by `data.modality_mix`, source by its weight, then a cell, then a prompt of it. Its state
    is in each checkpoint."""

    def __init__(
        self, sources: list[SynthPrompts | FilePrompts], data: DataConfig, cfg: SamplerConfig, *, seed: int
    ) -> None:
        self.cfg, self.on_bad_record = cfg, data.on_bad_record
        self.cells: dict[str, CellQueue] = {}
        self._source: dict[str, int] = {}  # of each cell
        self._weights = [source.weight if isinstance(source, FilePrompts) else 1.0 for source in sources]
        for number, source in enumerate(sources):
            for cell in _cells_of(source, cfg):
                if cell.name in self.cells:
                    raise ValueError(
                        f"data.sources.{self._source[cell.name]} and data.sources.{number} both have the cell "
                        f"{cell.name}: make them one source, or give the records of one another family"
                    )
                self.cells[cell.name], self._source[cell.name] = cell, number
        self.mix: dict[str, float] = {
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
        taken = set(in_flight)
        prompts: list[Prompt] = []
        while len(prompts) < count:
            prompt = self._draw_one(taken)
            if prompt is None:
                break
            taken.add(prompt.id)
            prompts.append(prompt)
        return prompts

    def _draw_one(self, taken: set[str]) -> Prompt | None:
        candidates, at_most = self._askable()
        while candidates:
            cell = self._draw_cell(candidates)
            try:
                prompt = cell.draw(self._draws, taken, at_most)
            except BadRecord as error:
                if self.on_bad_record == "raise":
                    raise
                log.warning("skipped: %s", error)
                self.skipped[cell.name] += 1
                candidates, at_most = self._askable()
                continue
            if prompt is not None:
                return prompt
            del candidates[cell.name]  # all of it is in flight
        return None

    def _draw_cell(self, candidates: dict[str, float]) -> CellQueue:
        """By modality, then source, then priority (the values of `candidates`)."""
        cells = [self.cells[name] for name in candidates]
        modalities = sorted({cell.modality for cell in cells})
        modality = self._draws.pick(modalities, [self.mix[m] for m in modalities])
        sources = sorted({self._source[cell.name] for cell in cells if cell.modality == modality})
        source = self._draws.pick(sources, [self._weights[number] for number in sources])
        names = [c.name for c in cells if c.modality == modality and self._source[c.name] == source]
        return self.cells[self._draws.pick(names, [candidates[name] for name in names])]

    def _askable(self) -> tuple[dict[str, float], float]:
        """Priorities of the cells that may be asked, and the success rate up to which their prompts may: what the
        curriculum allows, and all open cells where nothing is hard any more."""
        cells = [c for c in self.cells.values() if c.modality in self.mix and self.curriculum.allows(c.ladder, c.level)]
        for at_most in (self.curriculum.at_most(self._iteration), 1.0):
            found = {cell.name: priority for cell in cells if (priority := cell.priority(at_most)) > 0}
            if found:
                return found, at_most
        return {}, 1.0

    def update(self, scored: list[ScoredGroup]) -> None:
        """Learn from what was scored: success rates, then which levels are open."""
        for group in scored:
            if not group.judged:
                continue  # nobody could say how hard it was
            cell = self.cells[group.prompt.cell]
            cell.observe(group)
            self.curriculum.observe(cell.ladder, cell.level, cell.success_rate)

    def metrics(self) -> dict[str, float]:
        """Success rates of the cells that were asked, levels that are open, bad records that were skipped."""
        rates = {f"success/{name}": cell.success_rate for name, cell in self.cells.items() if cell.groups}
        levels = {f"sampler/unlocked/{name}": self.curriculum.top_level(name) for name in self.curriculum.ladders}
        return rates | levels | {"sampler/skipped": self.skipped.total()}

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
    return [FiniteCell(source, members, cfg) for members in rows.values()]
