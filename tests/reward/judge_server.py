"""A local chat endpoint whose model is a Python function: honest, gullible, broken or slow."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from vlm_rl.config import JudgeConfig

Model = Callable[[str], str | int]  # the user message -> the reply, or an HTTP status


def field(message: str, name: str) -> str:
    """What stands under one of the prompt's marks; "" if it has no such part."""
    found = re.search(rf"<<<{name} (\w+)>>>\n(.*?)\n<<<end \1>>>", message, re.DOTALL)
    return found.group(2) if found else ""


def key_of(message: str) -> str:
    """As a judge reads it: the key that the last line of the instructions asks for."""
    return re.findall(r'"key": "(\w+)"', message)[-1]


def verdict(message: str, correct: bool) -> str:
    return json.dumps({"verdict": "correct" if correct else "incorrect", "key": key_of(message)})


def honest(message: str) -> str:
    """Compares the two fields letter for letter."""
    answer, reference = field(message, "final answer of the response"), field(message, "reference answer")
    return f"The final answer is {answer}, the reference {reference}.\n\n{verdict(message, answer == reference)}"


class JudgeServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, model: Model) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.model = model
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests provoke."""

    def config(self, **fields: Any) -> JudgeConfig:
        return JudgeConfig(
            **({"url": self.url, "model": "judge-7b", "max_retries": 0, "timeout_seconds": 10.0} | fields)
        )


class _Handler(BaseHTTPRequestHandler):
    server: JudgeServer

    def do_POST(self) -> None:  # noqa: N802
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server = self.server
        with server.lock:
            server.requests.append(request)
            server.headers.append(dict(self.headers))
        reply = server.model(request["messages"][-1]["content"])
        body = json.dumps({"choices": [{"message": {"role": "assistant", "content": reply}}]}).encode()
        self.send_response(reply if isinstance(reply, int) else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(model: Model) -> Iterator[JudgeServer]:
    with JudgeServer(model) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
