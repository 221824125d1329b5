"""Programs that try to escape, to harm or to win without the answer: each is looked for outside, after its run."""

from __future__ import annotations

import json
import os
import platform
import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from escape_programs import CPP, FUNCTIONS, LIBC, PYTHON, SYSCALLS
from reward_cases import make_prompt

from vlm_rl.reward import code
from vlm_rl.reward.code_tests import Case, CodeTests
from vlm_rl.sandbox import local
from vlm_rl.sandbox.bubblewrap import COMPILER
from vlm_rl.sandbox.local import LocalSandbox
from vlm_rl.sandbox.program import MEGABYTE, Language, Limits, Outcome, Program, Run, SandboxError
from vlm_rl.sandbox.supervisor_process import Reply

LIMITS = Limits(
    test_seconds=0.3,
    total_seconds=8.0,
    compile_seconds=4.0,
    memory_mb=96,
    compile_memory_mb=512,
    tmp_mb=8,
    output_mb=1,
    processes=16,
)
SECRET = secrets.token_hex(20)
EXPECTING_THE_SECRET = CodeTests((Case("1", SECRET),), "", "livecodebench")


class Host:
    """What attacks aim at, and what they must not leave a trace on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.chmod(0o777)
        self.secret_file, self.canary = folder / "secret", folder / "canary"
        self.secret_file.write_text(SECRET)
        self.canary.write_text("canary")
        self.canary.chmod(0o666)
        self.bystander = subprocess.Popen(["sleep", "1000"])
        self.abstract = f"vlm-rl-{secrets.token_hex(8)}"
        self.tcp, self.udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        self.unix, self.named = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        self.tcp.bind(("127.0.0.1", 0))
        self.port: int = self.tcp.getsockname()[1]
        self.udp.bind(("127.0.0.1", self.port))
        self.unix.bind(str(folder / "socket"))
        (folder / "socket").chmod(0o777)
        self.named.bind(f"\0{self.abstract}")
        for listener in (self.tcp, self.unix, self.named):
            listener.listen()
        for listener in (self.tcp, self.udp, self.unix, self.named):
            listener.setblocking(False)
        self.kernel = self._kernel()

    def aim(self, source: str) -> str:
        names = {
            "SYSCALLS": SYSCALLS,
            "LIBC": LIBC,
            "PORT": str(self.port),
            "SOCKET": str(self.folder / "socket"),
            "ABSTRACT": self.abstract,
            "SECRET_FILE": str(self.secret_file),
            "CANARY": str(self.canary),
            "FOLDER": str(self.folder),
            "PID": str(self.bystander.pid),
            "MACHINE": repr(platform.machine()),
        }
        for name, value in names.items():
            source = source.replace(name, value)
        return source

    def traces(self) -> list[str]:
        """What an attack left here, and takes it away."""
        found = []
        if self.canary.read_text() != "canary" or self.canary.stat().st_nlink != 1:
            found.append("the canary was written to, or linked")
            self.canary.write_text("canary")
        for path in [Path("/escaped"), self.folder / "escaped", *Path("/usr/lib").glob("escaped")]:
            if path.exists():
                found.append(f"{path} was written")
                path.unlink()
        for name in ("tcp", "udp", "unix", "named"):
            listener: socket.socket = getattr(self, name)
            try:
                listener.recv(1) if name == "udp" else listener.accept()
                found.append(f"somebody came to the {name} socket")
            except BlockingIOError:
                pass
        if self.bystander.poll() is not None:
            found.append("the bystander was killed")
        if self._kernel() != self.kernel:
            found.append("settings of the kernel changed")
        return found

    @staticmethod
    def _kernel() -> list[str]:
        return [Path(f"/proc/sys/kernel/{name}").read_text() for name in ("core_pattern", "hostname")]

    def close(self) -> None:
        self.bystander.kill()
        self.bystander.wait()
        for listener in (self.tcp, self.udp, self.unix, self.named):
            listener.close()


class Watch(threading.Thread):
    """Looks at the descendants of this process while a program runs: how many, how large, and who they were."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[tuple[int, str]] = set()
        self.most_processes = self.most_bytes = 0
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(0.05):
            now = {one for one in descendants() if not is_this_program(one[0])}
            self.seen |= now
            self.most_processes = max(self.most_processes, len(now))
            self.most_bytes = max(self.most_bytes, sum(memory_of(pid) for pid, _ in now))

    def stop(self) -> None:
        self._done.set()
        self.join()


def descendants() -> set[tuple[int, str]]:
    """(pid, start time) of this process's descendants."""
    parents: dict[int, int] = {}
    started: dict[int, str] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := stat_of(int(name))):
            parents[int(name)], started[int(name)] = int(fields[1]), fields[19]
    found, open_ends = set(), [os.getpid()]
    while open_ends:
        parent = open_ends.pop()
        children = [pid for pid in parents if parents[pid] == parent]
        found |= {(pid, started[pid]) for pid in children}
        open_ends += children
    return found


def stat_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def memory_of(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def is_this_program(pid: int) -> bool:
    """Whether it is a fork of this process that has not yet become another program: it seems to hold all our memory."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes()
    except OSError:
        return False


def alive(processes: set[tuple[int, str]]) -> set[tuple[int, str]]:
    return {(pid, start) for pid, start in processes if (fields := stat_of(pid)) and fields[19] == start}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(tmp_path_factory.mktemp("host"))
    yield host
    host.close()


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """All that programs write, of those too that a limit stopped: a `Run` does not hold on to that."""
    pieces: list[bytes] = []
    read_run = local._read_run

    def recording(reply: Reply | None) -> Run:
        pieces.append(reply[1] if reply else b"")
        return read_run(reply)

    monkeypatch.setattr(local, "_read_run", recording)
    return pieces


@pytest.fixture(scope="module")
def sandbox() -> Iterator[LocalSandbox]:
    os.environ["VLM_RL_TEST_SECRET"] = SECRET
    try:
        sandbox = LocalSandbox(LIMITS, isolated=True)
    except SandboxError as error:
        pytest.skip(str(error))
    yield sandbox
    sandbox.close()
    del os.environ["VLM_RL_TEST_SECRET"]


def attack(sandbox: LocalSandbox, host: Host, said: list[bytes], language: Language, source: str) -> None:
    """Run the program, in one sandbox as often as there are inputs, and look for what it did here."""
    source = "import sys; sys.stdout.reconfigure(write_through=True)\n" + source if language == "python" else source
    inputs = ["1"] if any(word in source for word in ("while True", "for (;;)")) else ["1", "2"]
    before = descendants()
    watch = Watch()
    watch.start()
    runs = list(sandbox.run(Program(language, host.aim(source)), inputs))
    watch.stop()
    assert len(runs) == len(inputs)
    assert host.traces() == []
    words = [*said, *(run.detail.encode() for run in runs)]
    assert not [word for word in words if SECRET.encode() in word]
    assert not [word for word in words if b"ESCAPED" in word and not word.startswith(b"\x7fELF")], "a binary is no word"
    assert not [run for run in runs if EXPECTING_THE_SECRET.accepts(EXPECTING_THE_SECRET.cases[0], run.output)]
    assert sum(len(run.output) for run in runs) <= len(runs) * LIMITS.output_mb * MEGABYTE
    assert watch.most_processes - len(before) <= LIMITS.processes + 4, "two supervisors, each with its bwrap"
    allowed = LIMITS.memory_mb if language == "python" else LIMITS.compile_memory_mb
    assert watch.most_bytes < (allowed + 150) * MEGABYTE
    left = watch.seen - descendants()  # those that are descendants still are spare sandboxes
    deadline = time.monotonic() + 5.0
    while (survivors := alive(left)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not survivors


def next_program(sandbox: LocalSandbox) -> tuple[Outcome, str]:
    (run,) = sandbox.run(Program("python", "print(input())"), ["still here"])
    return run.outcome, run.output


def test_there_are_enough_attacks() -> None:
    assert len(PYTHON) + len(CPP) + len(FUNCTIONS) >= 100


@pytest.mark.parametrize("name", PYTHON)
def test_no_python_program_escapes(sandbox: LocalSandbox, host: Host, said: list[bytes], name: str) -> None:
    attack(sandbox, host, said, "python", PYTHON[name])
    assert next_program(sandbox) == (Outcome.OK, "still here\n"), "the next program finds a sandbox in order"


@pytest.mark.skipif(not os.path.exists(COMPILER), reason=f"{COMPILER} is not installed")
@pytest.mark.parametrize("name", CPP)
def test_no_cpp_program_escapes(sandbox: LocalSandbox, host: Host, said: list[bytes], name: str) -> None:
    attack(sandbox, host, said, "cpp", CPP[name])
    assert next_program(sandbox) == (Outcome.OK, "still here\n"), "the next program finds a sandbox in order"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_passes_without_the_answer(
    sandbox: LocalSandbox, host: Host, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(code._open, "sandbox", sandbox)
    gold = json.dumps({"inputs": [[1]], "outputs": [SECRET], "fn_name": "f"})
    verdict = code.verify(f"```python\n{FUNCTIONS[name]}\n```", make_prompt("code", gold))
    assert not verdict.correct
    assert verdict.reason in [*map(str, Outcome), "wrong answer"] and verdict.reason != "ok"
    assert host.traces() == []


HARMLESS = ["tcp", "udp", "unix socket", "abstract socket", "reading", "writing", "symbolic link", "hard link"]


@pytest.mark.parametrize("name", [*HARMLESS, "writing beside", "environment", "devices", "secrets of the system"])
def test_without_isolation_the_same_attacks_are_seen_to_work(host: Host, tmp_path: Path, name: str) -> None:
    """So that the tests above are known to see what they look for."""
    sandbox = LocalSandbox(LIMITS, isolated=False)
    source = host.aim(PYTHON[name]).replace("/tmp/link", str(tmp_path / "link"))
    try:
        (run,) = sandbox.run(Program("python", source), ["1"])
    finally:
        sandbox.close()
    traces = host.traces()
    (tmp_path / "link").unlink(missing_ok=True)
    if name == "environment":
        assert "HOME" not in run.output, "the host's environment is kept away all the same"
    else:
        assert "ESCAPED" in run.output or traces
    if name in HARMLESS and name != "reading":
        assert traces
    assert host.canary.stat().st_nlink == 1
