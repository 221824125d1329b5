"""The pool's end of one worker process: start, ask, kill."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from vlm_rl.reward.wire import frame, take_frame

_READ_BYTES = 1 << 16


class WorkerProcess:
    """A child process behind two non-blocking pipes; it is given one request at a time, by one thread.

    The child is started by command line, not forked and not by multiprocessing: a process with CUDA or threads must not
    fork, and the script that the user runs must not be imported again.
    """

    def __init__(self, timeout_seconds: float, memory_bytes: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "vlm_rl.reward.worker", str(timeout_seconds), str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=_environment(),
            start_new_session=True,  # so that a kill takes a verifier's own children along
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self._input, self._output = self.process.stdin, self.process.stdout
        os.set_blocking(self._input.fileno(), False)
        os.set_blocking(self._output.fileno(), False)
        self._unsent = b""
        self._received = bytearray()
        self._reaping = threading.Lock()
        self.ended = False
        self.prepared: set[str] = set()

    def ask(self, message: Mapping[str, Any], seconds: float) -> dict[str, Any] | None:
        """The reply; None if the child ended (then `ended` is set), or has not replied within `seconds`."""
        self._unsent += frame(message)
        deadline = time.monotonic() + seconds
        while True:
            late = time.monotonic() > deadline  # before the look: a reply that is there counts
            reply = self._pump()
            if reply is not None or self.ended or late:
                return reply
            with selectors.DefaultSelector() as selector:
                selector.register(self._output, selectors.EVENT_READ)
                if self._unsent:
                    selector.register(self._input, selectors.EVENT_WRITE)
                selector.select(max(0.0, deadline - time.monotonic()))

    def alive(self) -> bool:
        # without reaping: `interrupt` needs the number of the process group to be still taken
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None

    def interrupt(self) -> None:
        """End the child and what it started; for any thread. The thread that asks it sees it end."""
        with self._reaping:
            if self.process.returncode is None:  # not reaped: the number is still that of the child's group
                os.killpg(self.process.pid, signal.SIGKILL)

    def kill(self) -> int:
        """End the child and what it started, and reap it; its exit code."""
        self.interrupt()
        self._input.close()
        self._output.close()
        with self._reaping:
            return self.process.wait()

    def _pump(self) -> dict[str, Any] | None:
        """Move bytes without waiting; the reply, if it is complete. Sets `ended` once the child has closed its end."""
        self._write()
        while not self.ended:
            piece = self._output.read(_READ_BYTES)
            if piece is None:  # nothing there now
                break
            self._received += piece
            self.ended = not piece
        return take_frame(self._received)

    def _write(self) -> None:
        while self._unsent:
            try:
                written = self._input.write(self._unsent)
            except BrokenPipeError:
                self._unsent = b""  # the end of its output tells the rest
                return
            if not written:  # the pipe is full
                return
            self._unsent = self._unsent[written:]


def _environment() -> dict[str, str]:
    """The child finds the modules that this process finds, and breaks ties as every other child does."""
    paths = [os.path.abspath(path) for path in sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
