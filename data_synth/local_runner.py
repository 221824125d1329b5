"""Work in this process, or in worker processes of this machine."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
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
    context = get_context("spawn")
    theirs, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_die_with_parent, initargs=(theirs,))
    try:
        yield _Pool(pool, workers * AHEAD)
    except (KeyboardInterrupt, SystemExit, GeneratorExit):  # nobody waits for what is in work
        ours.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        ours.close()
        theirs.close()


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
            with _uninterrupted():
                waiting.append(self._pool.submit(function, value))
            if len(waiting) >= self._ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Worker processes started meanwhile never get the signal of Ctrl-C: their parent does, and ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _die_with_parent(alive: Connection) -> None:
    """A killed parent cannot tell its workers to stop; they would wait for work for ever.

    alive: a pipe that nothing is sent through; it ends when the parent closes its side, or ends itself.
    """

    def wait() -> None:
        with suppress(EOFError, OSError):
            alive.recv_bytes()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
