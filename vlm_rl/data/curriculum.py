"""Which difficulty levels may be asked now (sec. 2.3.4, curriculum sampling)."""

from __future__ import annotations

from typing import Any

from vlm_rl.config import SamplerConfig


class Curriculum:
    """Tracks, for each ladder (a family in one modality), the levels from easy to hard and how many are open.

    frontier: level l + 1 opens once the running success rate at level l has reached `unlock_success_rate`; what has
    opened stays open. uniform and switch_at: everything is open (switch_at narrows to what is hard, see `at_most`).
    """

    def __init__(self, cfg: SamplerConfig, ladders: dict[str, list[int]]) -> None:
        self.cfg = cfg
        self.ladders = {name: sorted(levels) for name, levels in ladders.items()}
        start = 1 if cfg.schedule == "frontier" else None
        self._open = {name: start or len(levels) for name, levels in self.ladders.items()}

    def top_level(self, ladder: str) -> int:
        """The hardest level that is open."""
        return self.ladders[ladder][self._open[ladder] - 1]

    def allows(self, ladder: str, level: int) -> bool:
        return level <= self.top_level(ladder)

    def at_most(self, iteration: int) -> float:
        """The success rate up to which a cell or prompt may be asked."""
        switched = self.cfg.schedule == "switch_at" and iteration >= self.cfg.switch_iteration
        return self.cfg.hard_success_rate if switched else 1.0

    def observe(self, ladder: str, level: int, success_rate: float) -> None:
        """Take note of a level's running success rate; may open the next level."""
        if level == self.top_level(ladder) and success_rate >= self.cfg.unlock_success_rate:
            self._open[ladder] = min(self._open[ladder] + 1, len(self.ladders[ladder]))

    def state_dict(self) -> dict[str, Any]:
        return {"open": dict(self._open)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if set(state["open"]) != set(self.ladders):
            raise ValueError(
                f"the saved curriculum has the ladders {sorted(state['open'])}, this run {sorted(self.ladders)}"
            )
        self._open = {name: int(count) for name, count in state["open"].items()}
