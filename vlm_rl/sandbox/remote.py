"""A sandbox behind HTTP: the client of a service that speaks the protocol of SandboxFusion's /run_code.

One POST per input, to URL/run_code, with the JSON object
    {"code", "language": "python" | "cpp", "stdin", "compile_timeout", "run_timeout" (seconds), "memory_limit_MB"}
is answered by
    {"status": "Success" | "Failed" | "SandboxError", "message", "compile_result": RESULT | null, "run_result": ...}
    RESULT: {"status": "Finished" | "Error" | "TimeLimitExceeded", "execution_time", "return_code", "stdout", "stderr"}
`vlm_rl.sandbox.server` is such a service. Services know scripts only, so a function is called by a script around it.
"""

from __future__ import annotations

import http.client
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

from vlm_rl.sandbox.bubblewrap import INSIDE
from vlm_rl.sandbox.local import failure_kind, with_result
from vlm_rl.sandbox.program import MEGABYTE, Limits, Outcome, Program, Run, SandboxError

_TRIES = 4
_FIRST_WAIT_SECONDS = 0.5
_OVERHEAD_SECONDS = 10.0  # of a request, besides the program's own time
_DETAIL_CHARS = 4000


class RemoteSandbox:
    """Runs programs in a sandbox service; see `Sandbox`. `url` is what /run_code is added to."""

    def __init__(self, url: str, limits: Limits) -> None:
        self._url = url.rstrip("/") + "/run_code"
        self._limits = limits

    def run(self, program: Program, inputs: Iterable[str]) -> Generator[Run, None, None]:
        deadline = time.monotonic() + self._limits.total_seconds
        for text in inputs:
            yield self._run_one(program, text, deadline)

    def close(self) -> None:
        """Nothing is kept open between requests."""

    def _run_one(self, program: Program, text: str, deadline: float) -> Run:
        seconds = min(self._limits.test_seconds, deadline - time.monotonic())
        if seconds <= 0:
            return Run(Outcome.TIME_LIMIT, "", "no time is left for this test", 0.0)
        token = secrets.token_hex(16)
        request = {
            "code": calling_script(program, token) if program.function else program.source,
            "language": program.language,
            "stdin": text,
            "compile_timeout": self._limits.compile_seconds,
            "run_timeout": seconds,
            "memory_limit_MB": self._limits.memory_mb,
        }
        run = read_answer(self._post(request), self._limits.output_mb * MEGABYTE)
        return with_result(run, run.output, token) if program.function else run

    def _post(self, request: dict[str, Any]) -> dict[str, Any]:
        """The service's answer. Raises SandboxError where it gives none, or says that it failed, time and again."""
        body = json.dumps(request).encode("ascii")
        seconds = request["compile_timeout"] + request["run_timeout"] + _OVERHEAD_SECONDS
        most = 8 * self._limits.output_mb * MEGABYTE + MEGABYTE
        trouble = ""
        for number in range(_TRIES):
            if number:
                time.sleep(_FIRST_WAIT_SECONDS * 2 ** (number - 1))
            message = urllib.request.Request(self._url, body, {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(message, timeout=seconds) as reply:
                    answer = json.loads(reply.read(most))
                if isinstance(answer, dict) and answer.get("status") in ("Success", "Failed"):
                    return answer
                trouble = f"it answered {str(answer)[:200]}"
            except urllib.error.HTTPError as error:
                trouble = f"HTTP status {error.code}: {error.read(200).decode('utf-8', 'replace')}"
                if error.code < 500 and error.code != 429:
                    break  # it will not change its mind
            except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
                trouble = f"{type(error).__name__}: {error}"
        raise SandboxError(f"the sandbox service {self._url} does not work: {trouble}; see reward.sandbox")


def calling_script(program: Program, token: str) -> str:
    """A script that reads arguments from standard input, calls the program's function and prints the report."""
    runner = Path(INSIDE, "python_program.py").read_text(encoding="utf-8")
    call = f"{program.source!r}, {program.function!r}, json.loads(sys.stdin.read()), os.dup(1), {token!r}"
    return f"{runner}\n\ncall_function({call})\n"


def read_answer(answer: dict[str, Any], most_chars: int) -> Run:
    """What a service's answer says of a run. Raises SandboxError for an answer of another form."""
    try:
        compiled, result = answer.get("compile_result"), answer["run_result"]
        if compiled is not None and (compiled["status"], compiled["return_code"]) != ("Finished", 0):
            return Run(Outcome.COMPILE_ERROR, "", str(compiled.get("stderr") or "")[-_DETAIL_CHARS:], 0.0)
        status, code, output = str(result["status"]), result["return_code"], str(result["stdout"] or "")
        seconds, detail = float(result.get("execution_time") or 0.0), str(result.get("stderr") or "")[-_DETAIL_CHARS:]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SandboxError(f"the sandbox service answers in another form: {error!r} in {str(answer)[:200]}") from error
    if status == "TimeLimitExceeded":
        return Run(Outcome.TIME_LIMIT, "", detail, seconds)
    if status != "Finished" or code != 0:
        return Run(failure_kind(detail), "", detail, seconds)
    if len(output) > most_chars:
        return Run(Outcome.OUTPUT_LIMIT, "", detail, seconds)
    return Run(Outcome.OK, output, detail, seconds)
