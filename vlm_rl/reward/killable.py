"""A verifier that runs in a process of its own: what takes too long is killed, and the process replaced."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from subprocess import Popen
from typing import Any

from vlm_rl.reward.wire import PREPARE_SECONDS, job_message, read_verdict
from vlm_rl.reward.worker_process import WorkerProcess
from vlm_rl.sandbox.program import Limits
from vlm_rl.types import Prompt, Verdict

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Programs:
    """Where programs run (`reward.sandbox`), and their limits."""

    sandbox: str = "bwrap"
    limits: Limits = field(default_factory=Limits)

    @property
    def seconds(self) -> float:
        """Wall clock that a verdict of `code` may take."""
        return self.limits.verdict_seconds

    def message(self) -> dict[str, Any]:
        return {"sandbox": self.sandbox, "limits": asdict(self.limits)}


class KillableVerifier:
    """Any verifier by name, for one thread at a time; the process starts with the first verdict.

    timeout_seconds: wall clock of one verdict, without the loading of its verifier. memory_bytes: address space of the
    process. count: called with "timeout" or "crash". programs: where and how the verifier `code` runs them; it has a
    time limit of its own.
    """

    def __init__(
        self, timeout_seconds: float, memory_bytes: int, count: Callable[[str], None], programs: Programs
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._programs = programs
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
        seconds = max(self._timeout_seconds, self._programs.seconds if prompt.verifier == "code" else 0.0)
        reply = worker.ask(job_message(response, prompt) | {"seconds": seconds}, seconds)
        if reply is None or worker.ended:
            self._retire(worker)
        if reply is None:
            reason = "crash" if worker.ended else "timeout"
            self._count(reason)
            return Verdict(False, "", reason, 0.0 if worker.ended else seconds)
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
        reply = worker.ask({"prepare": name} | self._programs.message(), PREPARE_SECONDS)
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
