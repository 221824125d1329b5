from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from vlm_rl.sandbox import bubblewrap, open_sandbox, remote, supervisor_process
from vlm_rl.sandbox.bubblewrap import COMPILER
from vlm_rl.sandbox.local import LocalSandbox
from vlm_rl.sandbox.program import Limits, Outcome, Program, Run, Sandbox, SandboxError
from vlm_rl.sandbox.remote import RemoteSandbox
from vlm_rl.sandbox.server import SandboxServer, read_request

LIMITS = Limits(test_seconds=2.0, memory_mb=128, tmp_mb=16, output_mb=2, processes=16, compile_seconds=10.0)
SUM = "a, b = map(int, input().split())\nprint(a + b)\n"
CPP_SUM = "#include <iostream>\nint main() { long a, b; std::cin >> a >> b; std::cout << a + b; }\n"
needs_compiler = pytest.mark.skipif(not os.path.exists(COMPILER), reason=f"{COMPILER} is not installed")


def isolated() -> LocalSandbox:
    try:
        return LocalSandbox(LIMITS, isolated=True)
    except SandboxError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    isolated().close()
    with SandboxServer(("127.0.0.1", 0), LIMITS, workers=1) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=["bwrap", "unsafe", "remote"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """What holds of one kind of sandbox holds of all."""
    sandbox: Sandbox
    if request.param == "remote":
        port = request.getfixturevalue("server").server_address[1]
        sandbox = RemoteSandbox(f"http://127.0.0.1:{port}/", LIMITS)
    else:
        sandbox = isolated() if request.param == "bwrap" else LocalSandbox(LIMITS, isolated=False)
    yield sandbox
    sandbox.close()


@pytest.fixture
def bwrap() -> Iterator[LocalSandbox]:
    sandbox = isolated()
    yield sandbox
    sandbox.close()


def run(sandbox: Sandbox, source: str, text: str = "", function: str = "") -> Run:
    (run,) = sandbox.run(Program("python", source, function), [text])
    return run


def test_scripts_read_and_write(sandbox: Sandbox) -> None:
    runs = list(sandbox.run(Program("python", SUM), ["1 2", "3 4\n", "-5 5"]))
    assert [(run.outcome, run.output) for run in runs] == [(Outcome.OK, text) for text in ("3\n", "7\n", "0\n")]


@needs_compiler
def test_cpp_programs_are_compiled_and_run(sandbox: Sandbox) -> None:
    runs = list(sandbox.run(Program("cpp", CPP_SUM), ["1 2", "3000000000 4"]))
    assert [(run.outcome, run.output) for run in runs] == [(Outcome.OK, "3"), (Outcome.OK, "3000000004")]


@pytest.mark.parametrize(
    ("source", "arguments", "result"),
    [
        ("def f(a, b):\n    return a + b", [1, 2], 3),
        (
            "class Solution:\n    def f(self, words: List[str]) -> int:\n        return Counter(words)['a']",
            [["a", "a"]],
            2,
        ),
        (
            "def f(a):\n    print('noise')\n    return (a, None, True, 1.5, 'x\\n\\u2028')",
            [[]],
            [[], None, True, 1.5, "x\n\u2028"],
        ),
        ("class Solution: pass\ndef f(): return {'a': {}}", [], {"a": {}}),
        ("if __name__ == '__main__':\n    raise SystemExit(1)\ndef f(a): return sqrt(a)", [4], 2.0),
    ],
)
def test_functions_are_called_with_json_and_answer_in_json(
    sandbox: Sandbox, source: str, arguments: list[Any], result: Any
) -> None:
    answer = run(sandbox, source, json.dumps(arguments), "f")
    assert answer.outcome is Outcome.OK, answer
    assert json.loads(answer.output) == result


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("print(1", Outcome.COMPILE_ERROR),
        ("print('\x00')", Outcome.COMPILE_ERROR),
        ("print('\ud800')", Outcome.COMPILE_ERROR),
        ("1 / 0", Outcome.RUNTIME_ERROR),
        ("import sys; print(3); sys.exit(3)", Outcome.RUNTIME_ERROR),
        ("import os; os.kill(os.getpid(), 9)", Outcome.RUNTIME_ERROR),
        ("while True: pass", Outcome.TIME_LIMIT),
        ("a = [0] * 10\nwhile True: a += a", Outcome.MEMORY_LIMIT),
        ("bytearray(1 << 40)", Outcome.MEMORY_LIMIT),
        ("while True: print('x' * 1000)", Outcome.OUTPUT_LIMIT),
    ],
)
def test_failures_have_kinds(source: str, outcome: Outcome) -> None:
    sandbox = isolated()
    failure = run(sandbox, source)
    sandbox.close()
    assert (failure.outcome, failure.output) == (outcome, "")


def test_the_service_tells_kinds_apart_as_far_as_its_protocol_does(server: SandboxServer) -> None:
    sandbox = RemoteSandbox(f"http://127.0.0.1:{server.server_address[1]}", LIMITS)
    sources = ["1 / 0", "bytearray(1 << 40)", "while True: pass"]
    kinds = [Outcome.RUNTIME_ERROR, Outcome.MEMORY_LIMIT, Outcome.TIME_LIMIT]
    assert [run(sandbox, source).outcome for source in sources] == kinds
    assert run(sandbox, "def f(:", "[]", "f").outcome is Outcome.COMPILE_ERROR
    assert run(sandbox, "exit(0)", "[]", "f").outcome is Outcome.RUNTIME_ERROR
    if os.path.exists(COMPILER):
        (failure,) = sandbox.run(Program("cpp", "int main("), [""])
        assert failure.outcome is Outcome.COMPILE_ERROR


@needs_compiler
def test_what_does_not_compile_fails_every_test(bwrap: LocalSandbox) -> None:
    runs = list(bwrap.run(Program("cpp", "int main() { return x; }"), ["1", "2"]))
    assert [run.outcome for run in runs] == [Outcome.COMPILE_ERROR] * 2
    assert "was not declared" in runs[0].detail


@needs_compiler
def test_a_source_is_compiled_once(bwrap: LocalSandbox) -> None:
    for source, output in ((CPP_SUM, "3"), (CPP_SUM.replace("a + b", "a * b"), "2")):
        assert next(bwrap.run(Program("cpp", source), ["1 2"])).output == output
    first, second = bwrap._binaries
    bwrap._binaries[first] = bwrap._binaries[second]
    assert next(bwrap.run(Program("cpp", CPP_SUM), ["1 2"])).output == "2", "what is kept is what runs"


def test_tests_of_one_program_share_no_memory_and_the_next_program_no_files(bwrap: LocalSandbox) -> None:
    source = (
        "import builtins, os\nprint(getattr(builtins, 'mark', 0), os.path.exists('/tmp/mark'))\nbuiltins.mark = 1\n"
    )
    runs = list(bwrap.run(Program("python", source), ["", ""]))
    assert [run.output for run in runs] == ["0 False\n"] * 2
    run(bwrap, "open('/tmp/mark', 'w')")
    assert run(bwrap, source).output == "0 False\n"


def test_a_program_ends_as_a_program_does(sandbox: Sandbox) -> None:
    """Exit handlers, threads that still run, and files that were not closed."""
    source = (
        "import atexit, threading, time\natexit.register(print, 'exit')\nout = open(1, 'w', closefd=False)\n"
        "def late():\n    time.sleep(0.1)\n    print('thread', flush=True)\nthreading.Thread(target=late).start()\n"
        "out.write('file ')\n"
    )
    assert sorted(run(sandbox, source).output.split()) == ["exit", "file", "thread"]


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("import sys\nprint(3)\nsys.exit()", "3\n"),
        ("print(3)\nexit(256)", "3\n"),
        ("import sys\nprint(3, flush=True)\nsys.exit('no')", None),
        ("import sys\nsys.exit(-1)", None),
        ("raise KeyboardInterrupt", None),
        ("import sys\nprint(3)\nsys.stdout.close()", "3\n"),
        ("import os\nprint(3)\nos.close(1)", None),
        ("class D:\n    def __del__(self): print('late')\nd = D()\nprint(3)", "3\nlate\n"),
        ("import atexit\natexit.register(lambda: 1 / 0)\nprint(3)", "3\n"),
        ("import io, os, sys\nclass Out(io.StringIO):\n    def flush(self): os.write(1, self.getvalue().encode())\n"
         "sys.stdout = Out()\nprint(3)", "3\n"),
    ],
)  # fmt: skip
def test_a_program_ends_as_python_itself_would_end_it(bwrap: LocalSandbox, source: str, output: str | None) -> None:
    python = subprocess.run([sys.executable, "-I", "-c", source], capture_output=True, text=True)
    assert (python.stdout if python.returncode == 0 else None) == output, "so says Python"
    ended = run(bwrap, source)
    assert (ended.output if ended.outcome is Outcome.OK else None) == output


def test_standard_input_can_be_read_in_every_way(sandbox: Sandbox) -> None:
    for reader in (
        "sys.stdin.read()",
        "sys.stdin.buffer.read().decode()",
        "open(0).read()",
        "open('/dev/stdin').read()",
    ):
        assert run(sandbox, f"print({reader}, end='')", "a\nb").output == "a\nb", reader


def test_large_inputs_and_outputs_pass_whole(sandbox: Sandbox) -> None:
    text = "\u00e9\u4e2d x\n" * 60_000
    assert run(sandbox, "import sys\nfor line in sys.stdin: sys.stdout.write(line)", text).output == text
    assert run(sandbox, "print('input not read')", text).output == "input not read\n"


def test_all_tests_together_have_a_limit(bwrap: LocalSandbox) -> None:
    limits = dataclasses.replace(LIMITS, total_seconds=1.0)
    runs = list(bwrap.run(Program("python", "import time; time.sleep(0.4)"), [""] * 5, limits))
    assert [run.outcome for run in runs[2:]] == [Outcome.TIME_LIMIT] * 3


def test_a_run_that_nobody_asks_for_does_not_start(bwrap: LocalSandbox) -> None:
    asked = []

    def inputs() -> Iterator[str]:
        for number in range(3):
            asked.append(number)
            yield "1 2"

    runs = bwrap.run(Program("python", SUM), inputs())
    next(runs)
    runs.close()
    assert asked == [0]


def test_a_spare_that_died_is_replaced(bwrap: LocalSandbox) -> None:
    process = bwrap._spares["python"]._process
    process.kill()
    process.wait()
    assert run(bwrap, SUM, "1 2").output == "3\n"


@pytest.mark.parametrize("where", ["bwrap", "unsafe"])
def test_everything_ends_with_a_killed_caller(where: str) -> None:
    """The caller gets SIGKILL while a program of its sandbox runs, with a daemon beside it."""
    isolated().close()
    mark = f"{time.time_ns()}"
    script = (
        "from vlm_rl.sandbox import open_sandbox\nfrom vlm_rl.sandbox.program import Program\n"
        f"source = 'import os, time\\nif os.fork() == 0: os.setsid()\\n"
        f'open("/proc/self/comm", "w").write("m{mark[-12:]}")\\ntime.sleep(600)\'\n'
        f"print('ready', flush=True)\nlist(open_sandbox({where!r}).run(Program('python', source), ['']))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    caller = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment)
    assert _until(lambda: len(_named(f"m{mark[-12:]}")) == 2, 20.0), "it does not start"
    caller.kill()
    caller.wait()
    assert caller.stdout is not None
    caller.stdout.close()
    assert _until(lambda: not _named(f"m{mark[-12:]}"), 10.0), _named(f"m{mark[-12:]}")


def _named(name: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            found += [str(path)] if path.read_text().strip() == name else []
        except OSError:
            continue
    return found


def _until(condition: Any, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())


def test_a_user_without_rights_gets_a_user_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs this, root too: the way of everybody else."""
    monkeypatch.setattr(bubblewrap, "_unused_uid", lambda: None)
    sandbox = isolated()
    source = "import os\nprint(os.getuid())\ntry: open('/proc/1/environ')\nexcept OSError as error: print(error.errno)"
    assert run(sandbox, source).output == "65534\n13\n"
    assert run(sandbox, "import os\nos.kill(1, 9); os.kill(1, 2); print('sent')").output == "sent\n"
    assert (
        run(sandbox, "import os\ntry:\n  for _ in range(99): os.fork()\nexcept OSError: pass\nos._exit(0)").outcome
        in Outcome
    )
    sandbox.close()


def test_sandboxes_that_cannot_be_are_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be bwrap, unsafe or the URL of a service, got 'docker'"):
        open_sandbox("docker")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="bubblewrap is not installed.*apt-get install bubblewrap.*unsafe"):
        open_sandbox("bwrap")
    monkeypatch.setattr(bubblewrap, "_unused_uid", lambda: None)  # who could not read the script
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(SandboxError, match="cannot isolate here: bwrap: No permissions to create.*unsafe"):
        open_sandbox("bwrap")
    monkeypatch.setattr(supervisor_process, "build_filter", lambda: b"")
    with pytest.raises(SandboxError, match="sandbox limit processes|cannot isolate"):
        open_sandbox("bwrap")


def test_impossible_limits_and_programs_are_refused() -> None:
    with pytest.raises(ValueError, match="test_seconds must be > 0, got 0"):
        Limits(test_seconds=0)
    with pytest.raises(ValueError, match="function-call tests need a Python program, got cpp"):
        Program("cpp", "int f();", "f")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "Expecting"),
        (b"[" * 100_000, ""),
        (b'{"code": 1, "language": "python"}', "code and stdin must be strings"),
        (b'{"code": "", "language": "brainfuck"}', "language must be python or cpp, got 'brainfuck'"),
        (b'{"code": "", "language": "cpp", "run_timeout": "1"}', "run_timeout must be > 0, got 1"),
        (b'{"code": "", "language": "cpp", "memory_limit_MB": 0}', "memory_limit_MB must be > 0, got 0"),
    ],
)
def test_the_service_names_what_is_wrong_with_a_request(server: SandboxServer, body: bytes, detail: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"http://127.0.0.1:{server.server_address[1]}/run_code", body)
    assert caught.value.code == 422 and detail in json.loads(caught.value.read())["detail"]


def test_a_request_gets_no_more_than_the_service_allows() -> None:
    asked = {"code": "", "language": "python", "run_timeout": 9e9, "memory_limit_MB": 9e9, "compile_timeout": 1}
    _, text, limits = read_request(asked, LIMITS)
    assert (text, limits) == ("", dataclasses.replace(LIMITS, compile_seconds=1))


class Canned(BaseHTTPRequestHandler):
    """A service that answers from a list."""

    answers: list[tuple[int, bytes]] = []

    def do_POST(self) -> None:  # noqa: N802
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = self.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def canned(monkeypatch: pytest.MonkeyPatch) -> Iterator[RemoteSandbox]:
    monkeypatch.setattr(remote, "_FIRST_WAIT_SECONDS", 0.01)
    with HTTPServer(("127.0.0.1", 0), Canned) as service:
        thread = threading.Thread(target=service.serve_forever)
        thread.start()
        yield RemoteSandbox(f"http://127.0.0.1:{service.server_address[1]}", LIMITS)
        service.shutdown()
        thread.join()


def answer(status: str, code: int | None, stdout: str = "", step: str = "run_result") -> bytes:
    result = {"status": status, "execution_time": 0.1, "return_code": code, "stdout": stdout, "stderr": ""}
    whole = "Success" if code == 0 else "Failed"
    return json.dumps(
        {"status": whole, "message": "", "compile_result": None, "run_result": None, step: result}
    ).encode()


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (answer("Finished", 0, "3\n"), Outcome.OK),
        (answer("Finished", 1), Outcome.RUNTIME_ERROR),
        (answer("Error", None), Outcome.RUNTIME_ERROR),
        (answer("TimeLimitExceeded", None), Outcome.TIME_LIMIT),
        (answer("Finished", 1, step="compile_result"), Outcome.COMPILE_ERROR),
        (answer("TimeLimitExceeded", None, step="compile_result"), Outcome.COMPILE_ERROR),
        (answer("Finished", 0, "x" * (3 << 20)), Outcome.OUTPUT_LIMIT),
    ],
)
def test_answers_of_a_service_are_understood(canned: RemoteSandbox, body: bytes, outcome: Outcome) -> None:
    Canned.answers = [(503, b"busy"), (200, b"no json"), (200, body)]
    assert run(canned, SUM, "1 2").outcome is outcome
    assert not Canned.answers, "asked again after each failure"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([(404, b"no such page")], "HTTP status 404: no such page"),
        ([(500, b"down")] * 4, "HTTP status 500: down"),
        ([(200, b'{"status": "SandboxError", "message": "no bwrap"}')] * 4, "no bwrap"),
        ([(200, b'{"status": "Success", "run_result": null}')], "answers in another form"),
        ([(200, b'{"status": "Success", "run_result": {"status": "Finished"}}')], "answers in another form"),
    ],
)
def test_a_service_that_fails_is_no_fault_of_the_program(
    canned: RemoteSandbox, answers: list[tuple[int, bytes]], message: str
) -> None:
    Canned.answers = list(answers)
    with pytest.raises(SandboxError, match=message):
        run(canned, SUM, "1 2")


def test_a_service_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_FIRST_WAIT_SECONDS", 0.01)
    with pytest.raises(SandboxError, match="http://127.0.0.1:9/run_code does not work: .*refused.*reward.sandbox"):
        run(RemoteSandbox("http://127.0.0.1:9", LIMITS), SUM, "1 2")
