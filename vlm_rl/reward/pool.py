"""Run verifiers on many responses: the harmless ones here, the others in processes that can be killed.

A verifier that may hang or crash (math, and every one that a user brings) runs in a worker process. A verdict that
takes longer than its time is cut off by SIGKILL and the worker is replaced, so one response can never stop a run.
Timeouts and crashes are counted apart from wrong answers.
"""

from __future__ import annotations

import logging
import selectors
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from vlm_rl.reward import VERIFIERS, check_name
from vlm_rl.reward.wire import PREPARE_SECONDS, job_message, read_verdict
from vlm_rl.reward.worker_process import WorkerProcess
from vlm_rl.types import Prompt, Verdict

logger = logging.getLogger(__name__)

INLINE = frozenset({"typed", "number", "choice", "exact"})  # bounded work, 3 to 8 times faster here than through a pipe

Job = tuple[str, Prompt]


class VerifierPool:
    """Verdicts for (response, prompt) jobs; a context manager.

    workers: processes at most; they start when a job first needs one. timeout_seconds: wall clock of one verdict.
    memory_bytes: address space of one worker; beyond it a verifier gets MemoryError, which counts as a crash.
    counts: verdicts given, and of these timeouts and crashes, since the pool was made.
    """

    def __init__(self, workers: int, timeout_seconds: float, *, memory_bytes: int = 4 << 30) -> None:
        if workers < 1 or timeout_seconds <= 0:
            raise ValueError(
                f"VerifierPool needs workers >= 1 and timeout_seconds > 0, got {workers} and {timeout_seconds}"
            )
        self.counts = {"verdicts": 0, "timeout": 0, "crash": 0}
        self._most_workers = workers
        self._timeout_seconds = timeout_seconds
        self._memory_bytes = memory_bytes
        self._workers: list[WorkerProcess] = []
        self._closed = False

    def __enter__(self) -> VerifierPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the workers at once, and reap them."""
        self._closed = True
        for worker in list(self._workers):
            self._retire(worker)

    def verify(self, jobs: Sequence[Job]) -> list[Verdict]:
        """One verdict per job, in the jobs' order.

        Raises ValueError for a verifier that cannot be found and for a gold answer that cannot be read, naming the
        prompt; RuntimeError for a verifier whose process ends, or takes minutes, before its first verdict.
        """
        if self._closed:
            raise RuntimeError("VerifierPool is closed; make a new one")
        for _, prompt in jobs:
            check_name(prompt.verifier)
        verdicts: dict[int, Verdict] = {}
        waiting = deque(index for index, (_, prompt) in enumerate(jobs) if prompt.verifier not in INLINE)
        try:
            while waiting or any(worker.job is not None for worker in self._workers):
                self._assign(jobs, waiting)
                self._wait()
                self._collect(jobs, verdicts)
        finally:  # after an error, what still works on a job of this call would answer into the next one
            for worker in [worker for worker in self._workers if worker.job is not None]:
                self._retire(worker)
        for index, (response, prompt) in enumerate(jobs):
            if prompt.verifier in INLINE:
                verdicts[index] = _verify_here(response, prompt)
        self.counts["verdicts"] += len(jobs)
        return [verdicts[index] for index in range(len(jobs))]

    def _assign(self, jobs: Sequence[Job], waiting: deque[int]) -> None:
        for worker in [worker for worker in self._workers if worker.job is None and not worker.alive()]:
            self._retire(worker)  # it ended after its last verdict, which is no later job's fault
        while waiting:
            idle = [worker for worker in self._workers if worker.job is None]
            if not idle:
                if len(self._workers) >= self._most_workers:
                    return
                idle = [WorkerProcess(self._timeout_seconds, self._memory_bytes)]
                self._workers += idle
            worker = idle[0]
            worker.job = waiting.popleft()
            self._request(worker, jobs[worker.job])

    def _request(self, worker: WorkerProcess, job: Job) -> None:
        """Ask for the job's verdict, or first that its verifier be loaded, which has a clock of its own."""
        response, prompt = job
        prepared = prompt.verifier in worker.prepared
        worker.deadline = time.monotonic() + (self._timeout_seconds if prepared else PREPARE_SECONDS)
        worker.send(job_message(response, prompt) if prepared else {"prepare": prompt.verifier})

    def _wait(self) -> None:
        """Sleep until a worker has something to say, can take more, or is out of time."""
        busy = [worker for worker in self._workers if worker.job is not None]
        with selectors.DefaultSelector() as selector:
            for worker in busy:
                worker.register(selector)
            selector.select(max(0.0, min(worker.deadline for worker in busy) - time.monotonic()))

    def _collect(self, jobs: Sequence[Job], verdicts: dict[int, Verdict]) -> None:
        for worker in [worker for worker in self._workers if worker.job is not None]:
            assert worker.job is not None
            job = jobs[worker.job]
            late = time.monotonic() > worker.deadline  # before the look: a reply that is there counts
            reply = worker.pump()
            if reply is None and (worker.ended or late):
                verdicts[worker.job] = self._give_up(worker, job[1])
            elif reply is not None and "ready" in reply:
                worker.prepared.add(reply["ready"])
                self._request(worker, job)
            elif reply is not None:
                verdicts[worker.job] = self._read(reply, job[1])
                worker.job = None
                if worker.ended:
                    self._retire(worker)

    def _read(self, reply: dict[str, Any], prompt: Prompt) -> Verdict:
        if "error" in reply:
            raise ValueError(reply["error"])
        if "crash" in reply:
            self.counts["crash"] += 1
            logger.warning("verifier %s crashed on prompt %s: %s", prompt.verifier, prompt.id, reply["crash"])
            return Verdict(False, "", "crash")
        return read_verdict(reply)

    def _give_up(self, worker: WorkerProcess, prompt: Prompt) -> Verdict:
        """The verdict on a job whose worker ended, or is out of time."""
        code = self._retire(worker)
        if prompt.verifier not in worker.prepared:
            what = f"ended with exit code {code}" if worker.ended else f"was not ready after {PREPARE_SECONDS:.0f} s"
            raise RuntimeError(f"verifier {prompt.verifier!r}: its worker process {what} while loading it")
        reason = "crash" if worker.ended else "timeout"
        self.counts[reason] += 1
        return Verdict(False, "", reason, 0.0 if worker.ended else self._timeout_seconds)

    def _retire(self, worker: WorkerProcess) -> int:
        self._workers.remove(worker)
        return worker.kill()


def _verify_here(response: str, prompt: Prompt) -> Verdict:
    started = time.perf_counter()
    verdict = VERIFIERS[prompt.verifier](response, prompt)
    return replace(verdict, seconds=time.perf_counter() - started)
