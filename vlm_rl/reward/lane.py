"""A lane: daemon threads that serve one queue of jobs, each with a verifier of its own.

Not a ThreadPoolExecutor: at exit that would wait for what hangs, and a judge's endpoint may hang for minutes.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from vlm_rl.types import Verifier

Job = Callable[[Verifier], None]


class Lane:
    """A thread starts when a job finds none idle, up to `most_threads`. new_verifier is called once in each."""

    def __init__(self, most_threads: int, new_verifier: Callable[[], Verifier], name: str) -> None:
        self._most_threads = most_threads
        self._new_verifier = new_verifier
        self._name = name
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)  # permits: threads that wait and no job has been put for yet
        self._lock = threading.Lock()

    def put(self, job: Job) -> None:
        """Have a thread call `job`, which must not raise, with its verifier; jobs start in the order they are put."""
        with self._lock:
            self._jobs.put(job)
            if not self._idle.acquire(blocking=False) and len(self._threads) < self._most_threads:
                name = f"{self._name}-{len(self._threads)}"
                self._threads.append(threading.Thread(target=self._serve, name=name, daemon=True))
                self._threads[-1].start()

    def close(self, wait_seconds: float) -> None:
        """Drop what has not started, and end the threads; one that is still busy after `wait_seconds` is left to it."""
        with self._lock:
            try:
                while True:
                    self._jobs.get_nowait()
            except queue.Empty:
                pass
            for _ in self._threads:
                self._jobs.put(None)
        deadline = time.monotonic() + wait_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _serve(self) -> None:
        verifier = self._new_verifier()
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                self._idle.release()
                job = self._jobs.get()
            if job is None:
                return
            job(verifier)
