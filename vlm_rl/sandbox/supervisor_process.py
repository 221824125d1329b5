"""The caller's end of one supervisor (inside/supervisor.py): start, send, receive, end."""

from __future__ import annotations

import contextlib
import json
import os
import select
import struct
import subprocess
import tempfile
import time
from typing import Any

from vlm_rl.sandbox import bubblewrap
from vlm_rl.sandbox.bubblewrap import Start
from vlm_rl.sandbox.program import MEGABYTE, REPLY_SECONDS, START_SECONDS, Language, Limits, SandboxError
from vlm_rl.sandbox.seccomp import build_filter

MAX_REPLY_BYTES = 1 << 30

_HEAD = struct.Struct(">II")  # the lengths of a message's head (JSON) and body (bytes)

Reply = tuple[dict[str, Any], bytes]


class SupervisorProcess:
    """A supervisor and the pipes to it. It runs one program and is then thrown away."""

    def __init__(self, language: Language, limits: Limits, isolated: bool) -> None:
        self._is_ready = False
        self._folder = None if isolated else tempfile.TemporaryDirectory(prefix="unsafe-sandbox-")
        with tempfile.TemporaryFile() as seccomp:
            if self._folder is None:
                seccomp.write(build_filter())
                seccomp.seek(0)
                start = bubblewrap.confine(language, limits, seccomp.fileno())
            else:
                start = Start(bubblewrap.supervisor(language, "unsafe", self._folder.name, str(bubblewrap.INSIDE)))
            self.uid = start.uid
            self._process = _popen(start, seccomp.fileno(), new_session=not isolated)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._input, False)

    def wait_ready(self) -> bool:
        if self._process.poll() is not None:
            return False
        if not self._is_ready:
            reply = self._receive(time.monotonic() + START_SECONDS)
            self._is_ready = reply is not None and "ready" in reply[0]
        return self._is_ready

    def send(self, head: dict[str, Any], body: bytes, deadline: float | None = None) -> None:
        """A supervisor that is gone, or does not listen, does not answer either: that is found out there."""
        text = json.dumps(head).encode("ascii")
        rest = memoryview(_HEAD.pack(len(text), len(body)) + text + body)
        deadline = deadline or time.monotonic() + START_SECONDS
        while rest and _wait(self._input, select.POLLOUT, deadline):
            try:
                rest = rest[os.write(self._input, rest) :]
            except BrokenPipeError:
                return

    def ask(self, head: dict[str, Any], body: bytes, deadline: float) -> Reply | None:
        """The supervisor's answer, or None where it ended or gave none before `deadline`."""
        self.send(head, body, deadline)
        return self._receive(deadline)

    def close(self) -> str:
        """End it and all that is in it, and wait for that; what it said on standard error."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.close()  # a supervisor ends with its input, one that is still starting too
        with contextlib.suppress(subprocess.TimeoutExpired):  # bwrap must not be killed in the middle of starting
            process.wait(REPLY_SECONDS if self._is_ready else START_SECONDS)
        process.kill()
        process.wait()
        os.set_blocking(process.stderr.fileno(), False)
        trouble = (process.stderr.read(4000) or b"").decode("utf-8", "replace").strip() if process.returncode else ""
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        if self._folder is not None:
            self._folder.cleanup()
        return trouble

    def _receive(self, deadline: float) -> Reply | None:
        sizes = self._read(_HEAD.size, deadline)
        if sizes is None:
            return None
        head_bytes, body_bytes = _HEAD.unpack(sizes)
        head, body = self._read(head_bytes, deadline), self._read(body_bytes, deadline)
        return (json.loads(head), body) if head is not None and body is not None else None

    def _read(self, size: int, deadline: float) -> bytes | None:
        pieces = bytearray()
        while len(pieces) < size <= MAX_REPLY_BYTES:
            if not _wait(self._output, select.POLLIN, deadline):
                return None
            piece = os.read(self._output, min(size - len(pieces), MEGABYTE))
            if not piece:
                return None
            pieces += piece
        return bytes(pieces) if len(pieces) == size else None


def _popen(start: Start, seccomp: int, *, new_session: bool) -> subprocess.Popen[bytes]:
    """new_session: not for bwrap, which a kill of our process group must find even while it starts."""
    try:
        return subprocess.Popen(
            start.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(seccomp,),
            env={},  # no program needs to know ours
            cwd="/",
            bufsize=0,
            user=start.user,
            group=start.user,
            extra_groups=None if start.user is None else [],
            start_new_session=new_session,
        )
    except OSError as error:
        raise SandboxError(f"{start.command[0]}, which the sandbox needs, does not start: {error}") from error


def _wait(fd: int, event: int, deadline: float) -> bool:
    poll = select.poll()
    poll.register(fd, event)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))
