"""Runs a Python program in the process of one test: as a script, or by calling one of its functions.

Standard library only: it runs inside the sandbox, and its text is sent to remote services that know scripts only.

The result of a function leaves as one line: the run's token and JSON. The program can find token and form, and
write such a line itself; but the expected value is not here, so what it writes has to be the right answer. What the
token stops is a program that ends early, or prints JSON by chance.
"""

from __future__ import annotations

import atexit
import builtins
import json
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any, NoReturn

# What solutions may use without importing it, in this order: as LiveCodeBench's own runner has it.
PRELUDE = (
    "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json "
    "builtins typing"
).split()
RECURSION_LIMIT = 50_000


def names_of_prelude() -> dict[str, Any]:
    names: dict[str, Any] = {}
    for module in map(import_module, PRELUDE):
        public = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
        names |= {name: getattr(module, name) for name in public}
    return names | {name: import_module(name) for name in PRELUDE}


class _Source(SourceFileLoader):
    """Loads a module from text."""

    def __init__(self, name: str, source: str) -> None:
        super().__init__(name, "program.py")
        self._source = source

    def get_data(self, path: str) -> bytes:
        return self._source.encode("utf-8", "surrogatepass")

    def path_stats(self, path: str) -> Mapping[str, Any]:
        raise OSError("there is no file, and no cached bytecode")


def load(name: str, source: str) -> ModuleType:
    """Run the program as the module `name`."""
    loader = _Source(name, source)
    module = ModuleType(name)
    vars(module).update(__file__="program.py", __loader__=loader)
    vars(module).update(names_of_prelude())
    vars(builtins).update(exit=sys.exit, quit=sys.exit)  # the module site would have set them
    sys.modules[name] = module
    sys.argv = ["program.py"]
    sys.setrecursionlimit(RECURSION_LIMIT)
    loader.exec_module(module)
    return module


def run_script(source: str) -> NoReturn:
    """Run the program, and end the process as Python does, but without taking the whole interpreter apart: 5 ms."""
    status = 0
    try:
        load("__main__", source)
    except SystemExit as end:
        status = _status(end.code)
    except BaseException:  # as Python itself at its outermost level: the error is printed, the status is 1
        sys.excepthook(*sys.exc_info())
        status = 1
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()  # waits for threads that are no daemons
    atexit._run_exitfuncs()
    status = _flush(sys.stdout, sys.stderr) or status
    vars(sys.modules["__main__"]).clear()  # files that were left open are closed with their last name
    os._exit(_flush(sys.__stdout__, sys.__stderr__) or status)


def _status(code: Any) -> int:
    """What sys.exit(code) makes of a process."""
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF
    print(code, file=sys.stderr)
    return 1


def _flush(*streams: Any) -> int:
    """0, or the status with which Python ends where what it still held could not be written."""
    for stream in streams:
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except (OSError, ValueError):
            return 120
    return 0


def call_function(source: str, function: str, arguments: list[Any], report: int, token: str) -> NoReturn:
    """Call `function` (a method of the class Solution, where there is one), report its result, and end the process."""
    module = load("solution", source)
    solution = vars(module).get("Solution")
    holder = solution() if isinstance(solution, type) and hasattr(solution, function) else module
    line = f"\n{token} {json.dumps(getattr(holder, function)(*arguments))}\n".encode("ascii")
    while line:
        line = line[os.write(report, line) :]
    os._exit(0)  # nothing that the program left behind for its exit runs
