"""A verifier that runs in a process of its own: what takes too long is killed, and the process replaced."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from subprocess import Popen

from vlm_rl.reward.wire import PREPARE_SECONDS, job_message, read_verdict
from vlm_rl.reward.worker_process import WorkerProcess
from vlm_rl.types import Prompt, Verdict

logger = logging.getLogger(__name__)


class KillableVerifier:
    """Any verifier by name, for one thread at a time; the process starts with the first verdict.

    timeout_seconds: wall clock of one verdict, without the loading of its verifier. memory_bytes: address space of the
    process. count: called with "timeout" or "crash".
    """

    def __init__(self, timeout_seconds: float, memory_bytes: int, count: Callable[[str], None]) -> None:
        self._timeout_seconds = timeout_seconds
        self._memory_bytes = memory_bytes
        self._count = count
        self._worker: WorkerProcess | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def process(self) -> Popen[bytes] | None:
        return self._worker.process if self._worker else None

    def verify(self, response: str, prompt: Prompt) -> Verdict:
        """The verdict, or one with the reason "timeout" or "crash".

        Raises ValueError for a gold answer or a verifier that cannot be read; RuntimeError for a verifier whose process
        ends, or takes minutes, while loading it, and if this is closed.
        """
        worker = self._prepared(prompt.verifier)
        reply = worker.ask(job_message(response, prompt), self._timeout_seconds)
        if reply is None or worker.ended:
            self._retire(worker)
        if reply is None:
            reason = "crash" if worker.ended else "timeout"
            self._count(reason)
            return Verdict(False, "", reason, 0.0 if worker.ended else self._timeout_seconds)
        if "error" in reply:
            raise ValueError(reply["error"])
        if "crash" in reply:
            self._count("crash")
            logger.warning("verifier %s crashed on prompt %s: %s", prompt.verifier, prompt.id, reply["crash"])
            return Verdict(False, "", "crash")
        return read_verdict(reply)

    def close(self) -> None:
        """Kill the process; for any thread. A verdict under way ends at once."""
        with self._lock:
            self._closed = True
            if self._worker is not None:
                self._worker.interrupt()

    def reap(self) -> None:
        """After `close`, and when no thread asks any more: leave no zombie."""
        if self._worker is not None:
            self._retire(self._worker)

    def _prepared(self, name: str) -> WorkerProcess:
        """The process, with the verifier loaded, which has a clock of its own."""
        worker = self._living()
        if name in worker.prepared:
            return worker
        reply = worker.ask({"prepare": name}, PREPARE_SECONDS)
        if reply is None:
            code = self._retire(worker)
            what = f"ended with exit code {code}" if worker.ended else f"was not ready after {PREPARE_SECONDS:.0f} s"
            raise RuntimeError(f"verifier {name!r}: its worker process {what} while loading it")
        if "error" in reply:
            raise ValueError(reply["error"])
        worker.prepared.add(name)
        return worker

    def _living(self) -> WorkerProcess:
        if self._worker is not None and not self._worker.alive():
            self._retire(self._worker)  # it ended after its last verdict, which is no later job's fault
        with self._lock:
            if self._closed:
                raise RuntimeError("the verifier's process is closed")
            if self._worker is None:
                self._worker = WorkerProcess(self._timeout_seconds, self._memory_bytes)
            return self._worker

    def _retire(self, worker: WorkerProcess) -> int:
        with self._lock:
            self._worker = None
        return worker.kill()
