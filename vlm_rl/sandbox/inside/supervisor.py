"""Process 1 of a sandbox, started by start.py. It runs one program, test after test.

It takes messages (see `Control`) from standard input and answers on standard output. Each test is a fresh process, in
a fresh session, under limits; when its leader ends, or a limit is passed, every process of the sandbox but this one is
killed. A signal from inside cannot end process 1, and its memory cannot be read: it is another user's, or not dumpable.
The programs' expected output never comes here. Should the caller vanish, the input ends, and so does the sandbox.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import signal
import struct
from typing import Any, NoReturn

import python_program
from child import PR_SET_DUMPABLE, Child, Place, leave, prctl

PR_SET_CHILD_SUBREAPER = 36
CONTROL_FDS = 200  # above everything that a test opens here
MAX_BINARY_BYTES = 32 << 20
HEAD = struct.Struct(">II")


class CallerDoneError(Exception):
    """The input has ended."""


class Control:
    """Messages to and from the caller: the lengths of head and body, the head in JSON, the body in bytes."""

    def __init__(self) -> None:
        self.input = fcntl.fcntl(0, fcntl.F_DUPFD, CONTROL_FDS)
        self.output = fcntl.fcntl(1, fcntl.F_DUPFD, CONTROL_FDS)
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)

    def receive(self) -> tuple[dict[str, Any], bytes]:
        head_bytes, body_bytes = HEAD.unpack(self._read(HEAD.size))
        return json.loads(self._read(head_bytes)), self._read(body_bytes)

    def send(self, head: dict[str, Any], body: bytes = b"") -> None:
        text = json.dumps(head).encode("ascii")
        rest = memoryview(HEAD.pack(len(text), len(body)) + text + body)
        while rest:
            rest = rest[os.write(self.output, rest) :]

    def _read(self, size: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < size:
            piece = os.read(self.input, min(size - len(pieces), 1 << 20))
            if not piece:
                raise CallerDoneError
            pieces += piece
        return bytes(pieces)


class Supervisor:
    """isolated: this is process 1 of a PID namespace. folder: the only place to write."""

    def __init__(self, isolated: bool, folder: str) -> None:
        self.control = Control()
        self.place = Place(isolated, folder, None, self.control.input)

    def serve(self, language: str) -> NoReturn:
        """Answer messages for ever."""
        if language == "python":
            python_program.names_of_prelude()  # each test's process starts with these modules loaded
        gc.freeze()
        self.control.send({"ready": True})
        job, source = self.control.receive()
        self.place = self.place._replace(uid=job["uid"])
        if job["language"] == "cpp":
            self._build(job, source)
        while True:
            head, stdin = self.control.receive()
            child = Child(self.place, head["limits"], b"" if job["function"] else stdin)
            if child.start():
                _run(job, head["token"], source, stdin)
            self._answer(child, child.finish(), child.received["stdout"], child.received["report"])

    def _build(self, job: dict[str, Any], source: bytes) -> None:
        """Put the C++ program's binary into its place: compiled here, and sent to the caller, unless it brings one."""
        path = os.path.join(self.place.folder, "program")
        if job["compiled"]:
            _write(path, source, 0o755)
            self.control.send({"why": "exit", "code": 0})
            return
        _write(path + ".cpp", source, 0o644)
        child = Child(self.place, job["limits"], b"")
        if child.start():
            _execute([job["compiler"], *job["options"], "-o", path, path + ".cpp"], {"TMPDIR": self.place.folder})
        why, binary = child.finish(), b""
        if why == "exit" and child.code == 0:
            with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                binary = file.read(MAX_BINARY_BYTES + 1)
        self._answer(child, why, binary if len(binary) <= MAX_BINARY_BYTES else b"", b"")

    def _answer(self, child: Child, why: str, stdout: bytes | bytearray, report: bytes | bytearray) -> None:
        stderr = child.received["stderr"].decode("utf-8", "replace")
        head = {"why": why, "code": child.code, "cpu_seconds": child.cpu_seconds, "stderr": stderr}
        head["stdout_bytes"] = len(stdout)
        self.control.send(head, bytes(stdout) + bytes(report))


def _run(job: dict[str, Any], token: str, source: bytes, stdin: bytes) -> None:
    """In a test's process: become the program."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if job["language"] == "cpp":
        _execute(["./program"], {})
    text = source.decode("utf-8", "surrogatepass")
    if job["function"]:
        python_program.call_function(text, job["function"], json.loads(stdin), 3, token)
    os.close(3)
    python_program.run_script(text)


def _execute(command: list[str], environment: dict[str, str]) -> NoReturn:
    os.close(3)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
        signal.signal(ignored, signal.SIG_DFL)
    os.execve(command[0], command, {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment})


def _write(path: str, data: bytes, mode: int) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    os.chmod(path, mode)


def main(language: str, isolated: bool, folder: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # from inside, process 1 only gets signals that it handles
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")  # the first to go where the machine runs out of memory
    except OSError:
        pass
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if not isolated:
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    supervisor = Supervisor(isolated, folder)
    try:
        supervisor.serve(language)
    except CallerDoneError:
        leave(supervisor.place)
