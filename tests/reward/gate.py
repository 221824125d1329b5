"""How many are at one place at once, counted without a clock that decides."""

from __future__ import annotations

import threading
import time

MOMENT_SECONDS = 0.05  # that each one stays when `expected` were there: one too many would come in it
PATIENCE_SECONDS = 30.0


class Gate:
    """`enter` returns once `expected` threads have been inside at the same time; `most`: how many ever were."""

    def __init__(self, expected: int) -> None:
        self.most = 0
        self._expected = expected
        self._inside = 0
        self._met = threading.Event()
        self._lock = threading.Lock()

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
            if self._inside >= self._expected:
                self._met.set()
        self._met.wait(PATIENCE_SECONDS)
        time.sleep(MOMENT_SECONDS)
        with self._lock:
            self._inside -= 1
