"""What a sandbox runs, within what bounds, and what it says of a run."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

Language = Literal["python", "cpp"]
MEGABYTE = 1 << 20
START_SECONDS = 10.0  # a sandbox that is not ready by then never will be
REPLY_SECONDS = 3.0  # what a supervisor may be late on a busy machine


class SandboxError(RuntimeError):
    """The sandbox itself failed; never the fault of the program in it."""


class Outcome(StrEnum):
    OK = "ok"  # it ended by itself, with status 0
    RUNTIME_ERROR = "runtime error"
    TIME_LIMIT = "time limit"
    MEMORY_LIMIT = "memory limit"
    OUTPUT_LIMIT = "output limit"
    COMPILE_ERROR = "compile error"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one program, all its processes together. Everything it writes on disk goes to a tmpfs of `tmp_mb`.

    test_seconds: CPU time of one test; its wall clock may be twice that and a second. total_seconds: wall clock of all
    tests of one program, compiling included. compile_seconds: CPU time of the compiler.
    """

    test_seconds: float = 6.0
    total_seconds: float = 30.0
    compile_seconds: float = 15.0
    memory_mb: int = 512
    compile_memory_mb: int = 1024
    tmp_mb: int = 64
    output_mb: int = 16
    processes: int = 32

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) <= 0:
                raise ValueError(f"sandbox limit {name} must be > 0, got {getattr(self, name)}")

    @property
    def verdict_seconds(self) -> float:
        """Wall clock after which a verdict must have come, for a caller with a clock of its own."""
        return self.total_seconds + START_SECONDS + 2 * REPLY_SECONDS


@dataclass(frozen=True, slots=True)
class Program:
    """Source code. function: its name, where a function is called (Python only); empty = the program is a script."""

    language: Language
    source: str
    function: str = ""

    def __post_init__(self) -> None:
        if self.function and self.language != "python":
            raise ValueError(f"function-call tests need a Python program, got {self.language}")


@dataclass(frozen=True, slots=True)
class Run:
    """One program on one input.

    output: its standard output, or, of a function, the JSON text of its result; empty unless outcome is OK.
    detail: the end of its standard error, for people. seconds: CPU time.
    """

    outcome: Outcome
    output: str
    detail: str
    seconds: float


class Sandbox(Protocol):
    def run(self, program: Program, inputs: Iterable[str]) -> Generator[Run, None, None]:
        """One run per input, each in a fresh process: standard input, or the JSON list of a function's arguments.

        The next run starts when it is asked for. Raises SandboxError where the sandbox fails, never for a program.
        """
        ...

    def close(self) -> None: ...
