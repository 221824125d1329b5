"""The repetition stop (sec. 2.6.2): a response that runs in circles is ended while it is generated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vlm_rl.config import RolloutConfig


class RepetitionTracker:
    """For N rows at once: does the tail of a row repeat a period at least `min_count` times in a row?

    Keeps, per row and period p, how many of the last tokens equal the token p before them (the run); the tail then
    holds run + p tokens of that period. A push costs O(N * max_period), whatever the length of the responses.
    """

    def __init__(self, rows: int, *, max_period: int, min_count: int, min_tokens: int) -> None:
        periods = np.arange(1, max_period + 1)
        self._needed = np.maximum(periods * min_count, min_tokens) - periods  # run length that means "repeats"
        self._recent = np.full((rows, max_period), -1, dtype=np.int64)  # [N, p - 1] = the token p before the next one
        self._run = np.zeros((rows, max_period), dtype=np.int64)

    @classmethod
    def from_config(cls, rows: int, cfg: RolloutConfig) -> RepetitionTracker:
        return cls(
            rows, max_period=cfg.repeat_max_period, min_count=cfg.repeat_min_count, min_tokens=cfg.repeat_min_tokens
        )

    def push(self, rows: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Append tokens [n] to the rows [n] (indices); says for each whether it now repeats."""
        recent = self._recent[rows]
        run = np.where(recent == tokens[:, None], self._run[rows] + 1, 0)
        self._run[rows] = run
        self._recent[rows] = np.concatenate([tokens[:, None], recent[:, :-1]], axis=1)
        return np.asarray((run >= self._needed).any(axis=1))
