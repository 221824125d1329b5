"""Work in this process, or in worker processes of this machine."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any

from data_synth.plan import Runner

AHEAD = 2  # values in work for each worker, so that none waits for its next


@contextmanager
def local_runner(workers: int) -> Iterator[Runner]:
    """`workers` spawned processes, or none for 1. Raises ValueError for fewer."""
    if workers < 1:
        raise ValueError(f"workers must be >= 1, got {workers}")
    if workers == 1:
        yield _Here()
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_die_with_parent)
    try:
        yield _Pool(pool, workers * AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


class _Here:
    def map(self, function: Callable[[Any], Any], values: Iterable[Any]) -> Iterator[Any]:
        return map(function, values)


class _Pool:
    def __init__(self, pool: ProcessPoolExecutor, ahead: int) -> None:
        self._pool = pool
        self._ahead = ahead

    def map(self, function: Callable[[Any], Any], values: Iterable[Any]) -> Iterator[Any]:
        waiting: deque[Future[Any]] = deque()
        for value in values:
            waiting.append(self._pool.submit(function, value))
            if len(waiting) >= self._ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _die_with_parent() -> None:
    """A killed parent cannot tell its workers to stop; they would wait for work for ever."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
