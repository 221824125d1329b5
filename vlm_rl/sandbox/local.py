"""A sandbox on this machine: supervised processes, started before they are needed, each for one program."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Generator, Iterable
from dataclasses import replace
from typing import Any

from vlm_rl.sandbox import bubblewrap
from vlm_rl.sandbox.program import (
    MEGABYTE,
    REPLY_SECONDS,
    Language,
    Limits,
    Outcome,
    Program,
    Run,
    SandboxError,
)
from vlm_rl.sandbox.supervisor_process import Reply, SupervisorProcess

logger = logging.getLogger(__name__)

COMPILE_OPTIONS = ("-std=c++17", "-O2", "-pipe", "-w")
_MAX_BINARIES = 64
_STARTS = 3
_OUTCOMES = {
    "time": Outcome.TIME_LIMIT,
    "memory": Outcome.MEMORY_LIMIT,
    "output": Outcome.OUTPUT_LIMIT,
    "processes": Outcome.RUNTIME_ERROR,
}


class LocalSandbox:
    """Runs programs in bubblewrap, or without isolation; see `Sandbox`.

    While one program runs, a fresh process for the next one starts. The processes die with the thread that started
    them, so use a sandbox from one thread. Compiled programs are kept, by the hash of their source.
    Raises SandboxError, when made, where this machine cannot isolate.
    """

    def __init__(self, limits: Limits, *, isolated: bool) -> None:
        self._limits = limits
        self._isolated = isolated
        self._spares: dict[Language, SupervisorProcess] = {}
        self._binaries: OrderedDict[bytes, bytes] = OrderedDict()
        if not isolated:
            logger.warning("reward.sandbox is unsafe: the policy's programs run with all rights of this user")
        (run,) = self.run(Program("python", "print(input())"), ["in order"])
        if run.output != "in order\n":
            raise SandboxError(f"no program can run in the sandbox on this machine: {run.outcome}: {run.detail}")

    def run(self, program: Program, inputs: Iterable[str], limits: Limits | None = None) -> Generator[Run, None, None]:
        """See `Sandbox.run`. limits: others than the sandbox's own; `tmp_mb` stays."""
        limits = limits or self._limits
        deadline = time.monotonic() + limits.total_seconds
        process = self._ready(program.language)
        try:
            failure = self._prepare(process, program, limits, deadline)
            self._spares[program.language] = SupervisorProcess(program.language, self._limits, self._isolated)
            for text in inputs:
                if failure is None:
                    yield _run_one(process, program, text, limits, deadline)
                else:
                    yield failure
        finally:
            process.close()

    def close(self) -> None:
        for process in self._spares.values():
            process.close()
        self._spares.clear()

    def _ready(self, language: Language) -> SupervisorProcess:
        """A process that is ready: the spare one, or a new one."""
        trouble = ""
        for _ in range(_STARTS):
            process = self._spares.pop(language, None) or SupervisorProcess(language, self._limits, self._isolated)
            if process.wait_ready():
                return process
            trouble = process.close() or "no word on standard error"
        raise SandboxError(
            f"reward.sandbox is bwrap, and bubblewrap cannot isolate here: {trouble}. It needs user namespaces, or "
            "root with CAP_SYS_ADMIN, which containers and some systems forbid; allow them, set reward.sandbox to the "
            "URL of a sandbox service, or to `unsafe` to run programs without isolation"
            if self._isolated
            else f"the supervisor of the sandbox does not start: {trouble}"
        )

    def _prepare(self, process: SupervisorProcess, program: Program, limits: Limits, deadline: float) -> Run | None:
        """Hand over the program, and compile it; the run that stands for all where it does not compile."""
        if program.language == "cpp" and not os.path.exists(bubblewrap.COMPILER):
            return Run(Outcome.COMPILE_ERROR, "", f"this machine has no {bubblewrap.COMPILER}", 0.0)
        source = program.source.encode("utf-8", "surrogatepass")
        head: dict[str, Any] = {"uid": process.uid, "language": program.language, "function": program.function}
        if program.language == "python":
            process.send(head, source)
            return None
        key = hashlib.blake2b(source).digest()
        binary = self._binaries.get(key)
        head |= {"compiled": binary is not None, "compiler": bubblewrap.COMPILER, "options": COMPILE_OPTIONS}
        bounds = replace(limits, test_seconds=limits.compile_seconds, memory_mb=limits.compile_memory_mb)
        head["limits"] = _bounds(bounds, deadline)
        reply = process.ask(head, source if binary is None else binary, deadline + REPLY_SECONDS)
        run = _read_run(reply)
        if run.outcome is not Outcome.OK or reply is None:
            return replace(run, outcome=Outcome.COMPILE_ERROR, output="")
        if binary or reply[1]:
            self._binaries[key] = binary or reply[1]
            self._binaries.move_to_end(key)
        while len(self._binaries) > _MAX_BINARIES:
            self._binaries.popitem(last=False)
        return None


def _bounds(limits: Limits, deadline: float) -> dict[str, float]:
    """The limits of one child process, as the supervisor reads them."""
    return {
        "cpu_seconds": limits.test_seconds,
        "wall_seconds": max(0.0, min(2 * limits.test_seconds + 1.0, deadline - time.monotonic())),
        "memory_bytes": limits.memory_mb * MEGABYTE,
        "output_bytes": limits.output_mb * MEGABYTE,
        "file_bytes": limits.tmp_mb * MEGABYTE,
        "processes": limits.processes,
    }


def _run_one(process: SupervisorProcess, program: Program, text: str, limits: Limits, deadline: float) -> Run:
    token = secrets.token_hex(16)
    message = {"limits": _bounds(limits, deadline), "token": token}
    body = text.encode("utf-8", "surrogatepass")
    reply = process.ask(message, body, deadline + REPLY_SECONDS)
    run = _read_run(reply)
    if reply is None:
        return run
    head, body = reply
    report = body[head["stdout_bytes"] :].decode("utf-8", "replace")
    return with_result(run, report, token) if program.function else run


def with_result(run: Run, text: str, token: str) -> Run:
    """`run` of a function, with its result: what the last line of `text` that begins with the run's token says.

    (Such a line may be the program's own; see inside/python_program.py.)
    """
    lines = [line for line in text.split("\n") if line.startswith(token)]
    if run.outcome is Outcome.OK and not lines:
        return replace(run, outcome=Outcome.RUNTIME_ERROR, output="", detail="it ended before the function did")
    return replace(run, output=lines[-1][len(token) :]) if run.outcome is Outcome.OK else run


def _read_run(reply: Reply | None) -> Run:
    if reply is None:
        return Run(Outcome.TIME_LIMIT, "", "the sandbox ended, or gave no answer in time", 0.0)
    head, body = reply
    detail, seconds = head.get("stderr", ""), head.get("cpu_seconds", 0.0)
    if head["why"] != "exit":
        return Run(_OUTCOMES[head["why"]], "", f"limit on {head['why']} passed\n{detail}", seconds)
    if head["code"] != 0:
        return Run(failure_kind(detail), "", f"exit status {head['code']}\n{detail}", seconds)
    stdout = body[: head.get("stdout_bytes", 0)]
    return Run(Outcome.OK, stdout.decode("utf-8", "replace"), detail, seconds)


def failure_kind(stderr: str) -> Outcome:
    """Of a program that failed by itself: its last words tell whether it compiled, and whether memory was refused."""
    last = stderr.strip().rsplit("\n", 2)[-2:]
    if last and last[-1].startswith(("SyntaxError", "IndentationError", "TabError", "ValueError: source code")):
        return Outcome.COMPILE_ERROR
    refused = any(line.startswith("MemoryError") or "std::bad_alloc" in line for line in last)
    return Outcome.MEMORY_LIMIT if refused else Outcome.RUNTIME_ERROR
