"""The chat client against a local server that misbehaves in the ways that endpoints do."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from gate import Gate

from vlm_rl.reward.chat_client import ChatClient, ChatError, retry_after

ASK = [{"role": "user", "content": "How many?"}]
Reply = Callable[[BaseHTTPRequestHandler], None]


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def says(content: Any) -> Reply:
    body = json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()
    return lambda handler: send(handler, 200, body)


def fails(status: int, body: bytes = b"overloaded", **headers: str) -> Reply:
    return lambda handler: send(handler, status, body, **headers)


def drops(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def stalls(handler: BaseHTTPRequestHandler) -> None:
    server: Any = handler.server
    server.over.wait(30)
    server.ended.append("stalls")


def drips(handler: BaseHTTPRequestHandler) -> None:
    server: Any = handler.server
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not server.over.wait(0.02):
        handler.wfile.write(b" ")  # raises once the client has gone
    server.ended.append("drips")


class Server(ThreadingHTTPServer):
    """Answers with `replies` in turn, the last one for ever; notes what it was asked.

    over: the test is. ended: slow replies that nobody cut off before.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = [says("fine")]
        self.requests: list[tuple[str, dict[str, str], Any, float]] = []
        self.over = threading.Event()
        self.ended: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what these tests provoke."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        asked = self.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.requests.append((self.path, dict(self.headers), asked, time.monotonic()))
            reply = self.server.replies.pop(0) if len(self.server.replies) > 1 else self.server.replies[0]
        reply(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def client(server: Server, **changes: Any) -> ChatClient:
    return ChatClient(
        server.url, "tiny", **{"backoff_seconds": 0.001, "timeout_seconds": 5.0, "max_retries": 3} | changes
    )


def test_request_holds_model_messages_sampling_and_key(server: Server) -> None:
    assert client(server, api_key=" sk-1\n").complete(ASK, temperature=0, max_tokens=7) == "fine"
    [(path, headers, body, _)] = server.requests
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer sk-1" and headers["Content-Type"] == "application/json"
    assert body == {"model": "tiny", "messages": ASK, "temperature": 0, "max_tokens": 7}


def test_no_key_sends_no_authorization(server: Server) -> None:
    client(server).complete(ASK)
    assert "Authorization" not in server.requests[0][1]


def test_any_text_arrives_as_it_was_sent(server: Server) -> None:
    text = 'quote " back\\slash \n\0 ünïcode 选项 \U0001f600 </script>'
    server.replies = [says(text)]
    assert client(server).complete([{"role": "user", "content": text}]) == text
    assert server.requests[0][2]["messages"][0]["content"] == text


def test_lone_surrogate_of_a_policy_is_sent_as_a_question_mark(server: Server) -> None:
    client(server).complete([{"role": "user", "content": "a\ud800b"}])
    assert server.requests[0][2]["messages"][0]["content"] == "a?b"


@pytest.mark.parametrize(
    ("content", "text"), [(None, ""), ("", ""), ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab")]
)
def test_forms_of_an_answer(server: Server, content: Any, text: str) -> None:
    server.replies = [says(content)]
    assert client(server).complete(ASK) == text


TRANSIENT: dict[str, Reply] = {
    "429": fails(429),
    "500": fails(500),
    "503 without a body": fails(503, b""),
    "408": fails(408),
    "no JSON": fails(200, b'{"choices": [{"mess'),
    "JSON without choices": fails(200, b'{"error": "busy"}'),
    "empty choices": fails(200, b'{"choices": []}'),
    "a number as content": says(3),
    "deep nesting": fails(200, b"[" * 100_000),
    "no answer at all": drops,
}


@pytest.mark.parametrize("what", TRANSIENT)
def test_passing_fault_is_tried_again(server: Server, what: str) -> None:
    server.replies = [TRANSIENT[what], TRANSIENT[what], says("at last")]
    assert client(server).complete(ASK) == "at last"
    assert len(server.requests) == 3
    assert server.requests[0][2] == server.requests[2][2]


@pytest.mark.parametrize("reply", [stalls, drips])
def test_slow_answer_is_cut_off_and_tried_again(server: Server, reply: Reply) -> None:
    server.replies = [reply, says("at last")]
    assert client(server, timeout_seconds=0.3).complete(ASK) == "at last"
    assert server.ended == [], "the slow one was not waited for"


@pytest.mark.parametrize(("status", "remedy"), [(400, ""), (401, "OPENAI_API_KEY"), (404, "/v1"), (422, "")])
def test_refusal_is_final_and_named(server: Server, status: int, remedy: str) -> None:
    server.replies = [fails(status, b'{"error": "context too long"}')]
    with pytest.raises(ChatError, match=f"asked 'tiny' at {server.url}/chat/completions: HTTP {status}.*context") as e:
        client(server).complete(ASK)
    assert remedy in str(e.value) and e.value.status == status and len(server.requests) == 1


def test_last_failure_is_told_with_the_number_of_attempts(server: Server) -> None:
    server.replies = [fails(500, b"first"), fails(503, b"second")]
    with pytest.raises(ChatError, match=r"after 4 attempts: HTTP 503, 'second'"):
        client(server).complete(ASK)
    assert len(server.requests) == 4


def test_nobody_listening_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(
            ChatError, match=f"{url}/chat/completions after 2 attempts: no connection: ConnectionRef"
        ) as e:
            ChatClient(url, "tiny", max_retries=1, backoff_seconds=0).complete(ASK)
    assert e.value.status is None


def test_key_is_never_told(server: Server) -> None:
    server.replies = [fails(401, b"Incorrect API key sk-secret")]
    with pytest.raises(ChatError) as error:
        client(server, api_key="sk-secret").complete(ASK)
    assert "sk-secret" not in str(error.value)
    with pytest.raises(ValueError) as refused:
        client(server, api_key="sk-secret\nX: y")
    assert "sk-secret" not in str(refused.value)


def test_redirect_is_not_followed(server: Server) -> None:
    server.replies = [fails(302, b"", Location=server.url + "/elsewhere"), says("followed")]
    with pytest.raises(ChatError, match="redirects are not followed"):
        client(server, api_key="sk-1").complete(ASK)
    assert len(server.requests) == 1


def test_retry_after_is_waited_for(server: Server) -> None:
    server.replies = [fails(429, Retry_After="0.3"), says("at last")]
    client(server).complete(ASK)
    assert server.requests[1][3] - server.requests[0][3] >= 0.3


def test_retry_after_forms() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=30), usegmt=True)
    assert 25 < retry_after({"Retry-After": soon}) <= 30
    assert retry_after({"Retry-After": "7"}) == 7
    assert [retry_after({"Retry-After": text}) for text in (past, "", "soon", "-5", "9" * 5000)] == [0] * 5
    assert retry_after({}) == 0


def test_waits_grow_and_vary(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    waits: list[float] = []
    monkeypatch.setattr("vlm_rl.reward.chat_client.time.sleep", waits.append)
    server.replies = [fails(500)]
    with pytest.raises(ChatError):
        client(server, backoff_seconds=0.5, max_retries=40).complete(ASK)
    assert len(waits) == 40 and len(set(waits[:5])) == 5
    assert all(0 <= wait <= min(0.5 * 2**attempt, 60) for attempt, wait in enumerate(waits, 1))
    assert max(waits) > 10


def gated(gate: Gate) -> Reply:
    """Repeats the question, behind a gate that the client cannot know as left before it has the answer."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        gate.enter()
        says(handler.asked["messages"][0]["content"])(handler)  # type: ignore[attr-defined]

    return reply


def test_many_keep_their_order_and_the_bound(server: Server) -> None:
    words = [str(number) for number in range(40)]
    gate = Gate(3)
    server.replies = [gated(gate)]
    asked = client(server, max_concurrent=3, timeout_seconds=60.0)
    assert asked.complete_many([[{"role": "user", "content": word}] for word in words]) == words
    assert len(server.requests) == 40 and gate.most == 3


def test_failed_ones_of_many_stand_in_their_places(server: Server) -> None:
    server.replies = [says("a"), fails(400), says("c")]
    first, second, third = client(server, max_concurrent=1).complete_many([ASK, ASK, ASK])
    assert (first, third) == ("a", "c")
    assert isinstance(second, ChatError) and second.status == 400
    assert client(server).complete_many([]) == []


def test_threads_share_the_bound(server: Server) -> None:
    gate = Gate(2)
    server.replies = [gated(gate)]
    shared = client(server, max_concurrent=2, timeout_seconds=60.0)
    threads = [threading.Thread(target=shared.complete, args=(ASK,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 8 and gate.most == 2


def test_spec_names_model_and_url(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    asked = ChatClient.from_spec(f"openai:org/model@2024@{server.url}/", max_retries=0)
    assert (asked.model, asked.url) == ("org/model@2024", f"{server.url}/chat/completions")
    asked.complete(ASK)
    assert server.requests[0][1]["Authorization"] == "Bearer sk-env"


@pytest.mark.parametrize(
    "spec", ["gpt-4o", "openai:gpt-4o", "openai:@http://x/v1", "openai:m@ftp://x", "anthropic:m@http://x"]
)
def test_bad_spec_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="openai:MODEL@URL"):
        ChatClient.from_spec(spec)


@pytest.mark.parametrize(
    "url", ["localhost:8000", "http://", "http://x:99999/v1", "http://a b/v1", "http://me:pw@x/v1", "http://x/v1?key=1"]
)
def test_bad_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="base_url must"):
        ChatClient(url, "m")


@pytest.mark.parametrize("setting", ["timeout_seconds", "max_retries", "max_concurrent", "backoff_seconds"])
def test_bad_limit_is_refused(setting: str) -> None:
    limits: dict[str, Any] = {setting: -1}
    with pytest.raises(ValueError, match=f"{setting} must be >= .*, got -1"):
        ChatClient("http://x/v1", "m", **limits)
