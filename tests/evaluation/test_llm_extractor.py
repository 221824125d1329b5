"""MathVista's extraction by a language model: the official order, the prompt's form, the cache, and failures."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vlm_rl.evaluation import mathvista
from vlm_rl.evaluation.llm_extractor import LlmExtractor, extraction_prompt
from vlm_rl.reward.chat_client import ChatError

CHOICE: dict[str, Any] = {
    "pid": "7",
    "question": "Which is longer?",
    "question_type": "multi_choice",
    "answer_type": "text",
    "choices": ["AB", "CD"],
    "precision": None,
}
INTEGER = CHOICE | {"question_type": "free_form", "answer_type": "integer", "choices": None}
FLOAT = INTEGER | {"answer_type": "float", "precision": 1.0}
LIST = INTEGER | {"answer_type": "list"}


class Endpoint(ThreadingHTTPServer):
    """Answers each prompt with `answer(prompt)`; an answer that is a number is sent as an HTTP status."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), EndpointHandler)
        self.answer: Callable[[str], str | int] = lambda prompt: " B\n"
        self.requests: list[dict[str, Any]] = []
        self.spec = f"openai:tiny@http://127.0.0.1:{self.server_port}/v1"


class EndpointHandler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(asked)
        answer = self.server.answer(asked["messages"][0]["content"])
        status, text = (200, answer) if isinstance(answer, str) else (answer, "")
        body = json.dumps({"choices": [{"message": {"content": text}}]}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def extractor(endpoint: Endpoint, cache: Path, **limits: Any) -> LlmExtractor:
    return LlmExtractor(endpoint.spec, cache, **{"backoff_seconds": 0.001, "max_retries": 2} | limits)


SETTLED = [
    (CHOICE, "", ""),
    (CHOICE, " \n", ""),
    (CHOICE, "CD", "CD"),
    (CHOICE, "<think>AB? No.</think>\n\nCD", "CD"),
    (INTEGER, " 12 ", "12"),
    (INTEGER, "1_000", "1000"),
    (FLOAT, "3", "3.0"),
    (FLOAT, "1e3", "1000.0"),
]


@pytest.mark.parametrize(("record", "response", "extraction"), SETTLED)
def test_shortcuts_ask_nobody(
    endpoint: Endpoint, tmp_path: Path, record: dict[str, Any], response: str, extraction: str
) -> None:
    assert extractor(endpoint, tmp_path)(record, response) == extraction
    assert endpoint.requests == []


ASKED = [
    (CHOICE, "B"),  # a letter is no choice text
    (CHOICE, "CD."),
    (INTEGER, "12.0"),
    (INTEGER, "9" * 5000),
    (FLOAT, "1,5"),
    (LIST, "[1, 2]"),
]


@pytest.mark.parametrize(("record", "response"), ASKED)
def test_everything_else_is_asked_once_greedily(
    endpoint: Endpoint, tmp_path: Path, record: dict[str, Any], response: str
) -> None:
    extract = extractor(endpoint, tmp_path)
    assert [extract(record, response), extract(record, response)] == ["B", "B"]
    [request] = endpoint.requests
    assert (request["model"], request["temperature"], request["max_tokens"]) == ("tiny", 0, 1024)
    assert request["messages"] == [{"role": "user", "content": extraction_prompt(record, response)}]


def test_prompt_shows_five_kinds_of_answers_and_ends_with_the_question() -> None:
    prompt = extraction_prompt(CHOICE, "I think CD.")
    *shown, last = prompt.split("Extracted answer: ")
    assert last == "" and len(shown) == 6
    answers = [part.partition("\n")[0] for part in shown[1:]]
    kinds = [("integer", 0), ("float", 1), ("float", 2), ("list", 0)]
    for answer, (answer_type, precision) in zip(answers, kinds, strict=False):
        normal = mathvista.normalize(
            answer, question_type="free_form", answer_type=answer_type, choices=None, precision=precision
        )
        assert normal == answer  # an example whose answer the normaliser changes would teach the wrong form
    assert answers[4] == "C"
    for part, hint in zip(
        shown, ("integer", "one decimal", "two decimal", "Python list", "option letter"), strict=False
    ):
        assert f"\nHint: Please answer the question{'' if hint == 'option letter' else ' requiring'}" in part
        assert hint in part and "\nModel response: " in part
    query = mathvista.prompt(CHOICE).removeprefix("<image>\n")
    assert shown[5].endswith(f"\n\n{query}\n\nI think CD.\n\n")


def test_query_column_is_used_as_it_is() -> None:
    assert "\n\nHint: mine\n\nyes\n\nExtracted" in extraction_prompt(CHOICE | {"query": "Hint: mine"}, "yes")


def test_reasoning_is_not_sent(endpoint: Endpoint, tmp_path: Path) -> None:
    extractor(endpoint, tmp_path)(CHOICE, "<think>long thoughts</think> So CD.")
    assert "long thoughts" not in endpoint.requests[0]["messages"][0]["content"]


def test_another_process_finds_the_answers(endpoint: Endpoint, tmp_path: Path) -> None:
    assert extractor(endpoint, tmp_path)(CHOICE, "So CD.") == "B"
    endpoint.answer = lambda prompt: "A"
    assert extractor(endpoint, tmp_path)(CHOICE, "So CD.") == "B"
    assert len(endpoint.requests) == 1
    assert not list(tmp_path.rglob("*.tmp"))


def test_model_prompt_and_sampling_each_have_their_own_answers(endpoint: Endpoint, tmp_path: Path) -> None:
    extractor(endpoint, tmp_path)(CHOICE, "So CD.")
    endpoint.answer = lambda prompt: "A"
    other = LlmExtractor(endpoint.spec.replace("tiny", "large"), tmp_path)
    warm = extractor(endpoint, tmp_path, sampling={"temperature": 1})
    assert other(CHOICE, "So CD.") == warm(CHOICE, "So CD.") == extractor(endpoint, tmp_path)(CHOICE, "So AB.") == "A"
    assert len(endpoint.requests) == 4
    assert "max_tokens" not in endpoint.requests[2]


def test_empty_answer_is_asked_for_again_next_time(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.answer = lambda prompt: ""
    extract = extractor(endpoint, tmp_path)
    assert extract(CHOICE, "So CD.") == ""
    endpoint.answer = lambda prompt: "B"
    assert extract(CHOICE, "So CD.") == "B"


def test_many_keep_their_order_and_ask_equal_prompts_once(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.answer = lambda prompt: prompt.split("say ")[-1].split(".")[0]
    responses = [f"I say {number % 7}." for number in range(30)] + ["5", ""]
    found = extractor(endpoint, tmp_path).extract_many([(INTEGER, response) for response in responses])
    assert found == [str(number % 7) for number in range(30)] + ["5", ""]
    assert len(endpoint.requests) == 7


def test_failure_is_told_and_what_was_answered_is_kept(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.answer = lambda prompt: 500 if "bad" in prompt else "4"
    pairs = [(INTEGER, "first"), (INTEGER, "bad"), (INTEGER, "last")]
    with pytest.raises(
        ChatError, match=r"asked 'tiny' at http://127.0.0.1:\d+/v1/chat/completions after 3 attempts: HTTP 500"
    ):
        extractor(endpoint, tmp_path).extract_many(pairs, max_concurrent=1)
    endpoint.requests.clear()
    endpoint.answer = lambda prompt: "5"
    assert extractor(endpoint, tmp_path).extract_many(pairs)[:2] == ["4", "5"]
    assert not any("first" in request["messages"][0]["content"] for request in endpoint.requests)


def test_threads_that_write_one_file_leave_it_whole(endpoint: Endpoint, tmp_path: Path) -> None:
    extractors = [extractor(endpoint, tmp_path) for _ in range(8)]
    threads = [threading.Thread(target=extract, args=(CHOICE, "So CD.")) for extract in extractors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert json.loads(path.read_text())["answer"] == "B"


def test_damaged_cache_file_is_named(endpoint: Endpoint, tmp_path: Path) -> None:
    extractor(endpoint, tmp_path)(CHOICE, "So CD.")
    [path] = tmp_path.rglob("*.json")
    path.write_text('{"answ')
    with pytest.raises(ValueError, match=f"{path.name} is no cached extraction: delete it"):
        extractor(endpoint, tmp_path)(CHOICE, "So CD.")


def test_surrogates_and_markup_of_a_policy_do_no_harm(endpoint: Endpoint, tmp_path: Path) -> None:
    extract = extractor(endpoint, tmp_path)
    assert extract(CHOICE, "a\ud800b \0 {} %s </s>") == extract(CHOICE, "a\ud800b \0 {} %s </s>") == "B"
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("bound", [0, 65])
def test_bad_bound_is_refused(endpoint: Endpoint, tmp_path: Path, bound: int) -> None:
    with pytest.raises(ValueError, match=f"max_concurrent must be in 1 .. 64, got {bound}"):
        extractor(endpoint, tmp_path).extract_many([], max_concurrent=bound)


def test_record_without_its_type_is_named(endpoint: Endpoint, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="MathVista record 7: column 'question_type' is missing"):
        extractor(endpoint, tmp_path)({"pid": "7"}, "x")
