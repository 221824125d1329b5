"""One test of a program: a fresh process, in a fresh session and under limits, up to the end of all that it left."""

from __future__ import annotations

import ctypes
import math
import os
import re
import resource
import select
import signal
import time
from typing import NamedTuple, NoReturn

from processes import Processes, reap

PR_SET_DUMPABLE = 4
TICK_SECONDS = 0.02  # memory, time and processes are looked at so often
READ_BYTES = 1 << 16
STDERR_BYTES = 4000
STACK_BYTES = 256 << 20
MAX_FILES = 2_000  # empty files cost memory too, and a tmpfs does not count them in its size
KERNEL = tuple(int(part) for part in re.findall("[0-9]+", os.uname().release)[:2])

prctl = ctypes.CDLL(None).prctl


class Place(NamedTuple):
    """isolated: the supervisor is process 1. folder: the only place to write. uid: the tests' user, where it is not the
    supervisor's. control: descriptor that hangs up when the caller is gone."""

    isolated: bool
    folder: str
    uid: int | None
    control: int


def leave(place: Place) -> NoReturn:
    """End, as the caller is done or gone: with process 1 everything ends; elsewhere it takes some sweeping."""
    if not place.isolated:
        import shutil  # slow to load, and not needed in the common case

        Processes(isolated=False).kill()
        shutil.rmtree(place.folder, ignore_errors=True)
    os._exit(0)


class Child:
    """One test: a process of its own, its pipes, and what it uses.

    limits: cpu_seconds, wall_seconds, memory_bytes, output_bytes, file_bytes, processes.
    """

    def __init__(self, place: Place, limits: dict[str, float], stdin: bytes) -> None:
        self.place = place
        self.processes = Processes(place.isolated)
        self.limits = limits
        self.stdin = memoryview(stdin)
        self.received = {"stdout": bytearray(), "stderr": bytearray(), "report": bytearray()}
        self.stderr_bytes = 0
        self.cpu_seconds = 0.0
        self.pipes: dict[int, str] = {}
        self.poll = select.poll()

    def start(self) -> bool:
        """Fork; True in the child, which is then confined, with standard streams of its own and the report as fd 3."""
        ends = {name: os.pipe() for name in ("stdin", *self.received)}
        if self.place.uid is not None:  # so that the program may open /dev/stdin
            for name, (reading, writing) in ends.items():
                os.fchown(reading if name == "stdin" else writing, self.place.uid, -1)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            os.dup2(ends["stdin"][0], 0)
            for fd, name in ((1, "stdout"), (2, "stderr"), (3, "report")):
                os.dup2(ends[name][1], fd)
            os.closerange(4, 65536)
            os.chdir(self.place.folder)
            self._confine()
            return True
        for name, (reading, writing) in ends.items():
            ours, theirs = (writing, reading) if name == "stdin" else (reading, writing)
            os.close(theirs)
            os.set_blocking(ours, False)
            self.pipes[ours] = name
            self.poll.register(ours, select.POLLOUT if name == "stdin" else select.POLLIN)
        self.poll.register(self.place.control, 0)  # hang-ups are always told
        return False

    def _confine(self) -> None:
        limits, seconds = self.limits, math.ceil(self.limits["cpu_seconds"])
        most = {
            resource.RLIMIT_AS: 2 * int(limits["memory_bytes"]) + (256 << 20),
            resource.RLIMIT_FSIZE: int(limits["file_bytes"]),
            resource.RLIMIT_STACK: STACK_BYTES,
            resource.RLIMIT_NOFILE: 64,
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
            resource.RLIMIT_SIGPENDING: 256,
            resource.RLIMIT_CPU: seconds + 2,
        }
        if self.place.isolated and (self.place.uid is not None or KERNEL >= (5, 14)):
            # of a user of its own, or, by these kernels, of a user in one namespace: else all that the user runs counts
            most[resource.RLIMIT_NPROC] = int(limits["processes"])
        for name, value in most.items():
            _, hard = resource.getrlimit(name)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(name, (value - (name == resource.RLIMIT_CPU), value))
        if self.place.uid is not None:
            os.setgroups([])
            os.setresgid(*[self.place.uid] * 3)
            os.setresuid(*[self.place.uid] * 3)
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # a program may open what /dev/stdin stands for

    def finish(self) -> str:
        """Wait for the end or a passed limit, and kill whatever is left; why it ended: exit or a limit's name."""
        deadline = time.monotonic() + self.limits["wall_seconds"]
        look, why = 0.0, ""
        while not why:
            self._move_bytes(TICK_SECONDS if self.pipes else TICK_SECONDS / 20)
            now = time.monotonic()
            ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
            if ended or now >= look:
                why = self._passed_limit()
                look = now + TICK_SECONDS
            why = why or ("exit" if ended else "time" if now > deadline else "")
        self.processes.kill()
        _, status, usage = os.wait4(self.pid, 0)
        reap()
        self.code = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = max(self.cpu_seconds, usage.ru_utime + usage.ru_stime)
        while self.pipes and why == "exit":  # every writer is dead: what is left ends
            self._move_bytes(TICK_SECONDS)
            why = self._passed_limit() or why
        for fd in list(self.pipes):
            self._close(fd)
        if why == "exit" and self.code in (-signal.SIGXCPU, -signal.SIGXFSZ):
            why = "time" if self.code == -signal.SIGXCPU else "output"
        return why

    def _passed_limit(self) -> str:
        written = self.stderr_bytes + len(self.received["stdout"]) + len(self.received["report"])
        if written > self.limits["output_bytes"]:
            return "output"
        cpu, memory, count = self.processes.usage()
        self.cpu_seconds = max(cpu, self.cpu_seconds)
        if memory > self.limits["memory_bytes"]:
            return "memory"
        if cpu > self.limits["cpu_seconds"]:
            return "time"
        if count > self.limits["processes"]:
            return "processes"
        tmp = os.statvfs(self.place.folder)
        return "output" if self.place.isolated and tmp.f_files - tmp.f_ffree > MAX_FILES else ""

    def _move_bytes(self, seconds: float) -> None:
        for fd, _ in self.poll.poll(seconds * 1000):
            if fd == self.place.control:
                leave(self.place)
            elif self.pipes[fd] == "stdin":
                self._feed(fd)
            else:
                self._take(fd, self.pipes[fd])

    def _feed(self, fd: int) -> None:
        try:
            self.stdin = self.stdin[os.write(fd, self.stdin[:READ_BYTES]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.stdin = self.stdin[:0]
        if not self.stdin:
            self._close(fd)

    def _take(self, fd: int, name: str) -> None:
        piece = os.read(fd, READ_BYTES)
        if not piece:
            self._close(fd)
        self.received[name] += piece
        if name == "stderr":
            self.stderr_bytes += len(piece)
            del self.received[name][:-STDERR_BYTES]

    def _close(self, fd: int) -> None:
        self.poll.unregister(fd)
        del self.pipes[fd]
        os.close(fd)
