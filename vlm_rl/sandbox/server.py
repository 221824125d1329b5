"""A sandbox service: python -m vlm_rl.sandbox.server [--host 127.0.0.1] [--port 8080] [--workers N].

For machines that cannot isolate themselves: they set reward.sandbox to its URL. The protocol is in remote.py. The
service asks nobody who they are: let only the machines of the run reach it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from vlm_rl.sandbox.local import LocalSandbox
from vlm_rl.sandbox.program import MEGABYTE, Language, Limits, Outcome, Program, Run, SandboxError

MAX_REQUEST_BYTES = 64 * MEGABYTE
_LANGUAGES: dict[str, Language] = {"python": "python", "cpp": "cpp"}


class SandboxServer(ThreadingHTTPServer):
    """Serves POST /run_code. limits: the most that a request may ask for. workers: programs run at once."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], limits: Limits, workers: int, *, isolated: bool = True) -> None:
        self.limits = limits
        self._isolated = isolated
        self._thread = threading.local()
        self._runners = ThreadPoolExecutor(workers)  # sandboxes die with their thread, and a connection's ends early
        self._sandboxes: list[LocalSandbox] = []
        self._runners.submit(self._sandbox).result()  # a machine that cannot isolate is found out now
        super().__init__(address, _Handler)

    def run(self, program: Program, text: str, limits: Limits) -> Run:
        return self._runners.submit(lambda: next(self._sandbox().run(program, [text], limits))).result()

    def server_close(self) -> None:
        super().server_close()
        self._runners.shutdown(cancel_futures=True)
        for sandbox in self._sandboxes:
            sandbox.close()

    def _sandbox(self) -> LocalSandbox:
        if not hasattr(self._thread, "sandbox"):
            self._thread.sandbox = LocalSandbox(self.limits, isolated=self._isolated)
            self._sandboxes.append(self._thread.sandbox)
        return cast(LocalSandbox, self._thread.sandbox)


class _Handler(BaseHTTPRequestHandler):
    server: SandboxServer
    timeout = 60.0  # of a client that sends nothing

    def do_POST(self) -> None:  # noqa: N802  (http.server's name)
        if self.path != "/run_code":
            return self._reply(404, {"detail": f"POST /run_code is all there is, got {self.path[:100]}"})
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > MAX_REQUEST_BYTES:
            return self._reply(413, {"detail": f"a request needs a Content-Length of at most {MAX_REQUEST_BYTES}"})
        try:
            program, text, limits = read_request(json.loads(self.rfile.read(int(size))), self.server.limits)
        except (ValueError, RecursionError) as error:
            return self._reply(422, {"detail": str(error)})
        try:
            self._reply(200, write_answer(self.server.run(program, text, limits), program.language))
        except SandboxError as error:
            self._reply(200, {"status": "SandboxError", "message": str(error), "compile_result": None})

    def log_message(self, format: str, *args: Any) -> None:
        """A run sends thousands of requests; none is news."""

    def _reply(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode("ascii")
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True


def read_request(request: Any, most: Limits) -> tuple[Program, str, Limits]:
    """Program, standard input and limits of a request; nothing above `most`. Raises ValueError naming the field."""
    if not isinstance(request, dict):
        raise ValueError(f"a request must be a JSON object, got {type(request).__name__}")
    code, language, stdin = request.get("code"), request.get("language"), request.get("stdin") or ""
    if not isinstance(code, str) or not isinstance(stdin, str):
        raise ValueError("code and stdin must be strings")
    if language not in _LANGUAGES:
        raise ValueError(f"language must be python or cpp, got {str(language)[:80]!r}")
    limits = replace(
        most,
        test_seconds=_number(request, "run_timeout", most.test_seconds),
        compile_seconds=_number(request, "compile_timeout", most.compile_seconds),
        memory_mb=math.ceil(_number(request, "memory_limit_MB", most.memory_mb)),
    )
    return Program(_LANGUAGES[language], code), stdin, limits


def _number(request: dict[str, Any], name: str, most: float) -> float:
    """The number that a request has under `name`; `most` where it has none, a larger one, or -1 (none)."""
    value = request.get(name)
    if value is None or value == -1:
        return most
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"{name} must be > 0, got {str(value)[:80]}")
    return min(value, most)


def write_answer(run: Run, language: Language) -> dict[str, Any]:
    """A run in the words of the protocol, which knows no limit but that on time."""
    status = "TimeLimitExceeded" if run.outcome is Outcome.TIME_LIMIT else "Finished"
    code = {Outcome.OK: 0, Outcome.TIME_LIMIT: None}.get(run.outcome, 1)
    detail = f"{run.detail}\nMemoryError" if run.outcome is Outcome.MEMORY_LIMIT else run.detail
    result = {"status": status, "execution_time": run.seconds, "return_code": code, "stdout": run.output}
    result["stderr"] = detail
    compiled = None
    if language == "cpp":
        compiled = {"status": "Finished", "execution_time": 0.0, "return_code": 0, "stdout": "", "stderr": ""}
    answer = {"status": "Success" if code == 0 else "Failed", "message": ""}
    if run.outcome is Outcome.COMPILE_ERROR:
        return answer | {"compile_result": result, "run_result": None}
    return answer | {"compile_result": compiled, "run_result": result}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on (default %(default)s)")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="programs run at once (default: cores)"
    )
    arguments = parser.parse_args()
    with SandboxServer((arguments.host, arguments.port), Limits(), arguments.workers) as server:
        print(f"sandbox service on http://{arguments.host}:{server.server_address[1]}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
