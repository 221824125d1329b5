"""A client of any OpenAI-compatible chat endpoint: bounded retries, bounded concurrency, errors that name the endpoint.

Only the standard library. Redirects are not followed: they would carry the API key to another host.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

Message = Mapping[str, Any]
"""{"role": "system" | "user" | "assistant", "content": text, or a list of text and image_url parts}."""

MAX_ANSWER_BYTES = 8 * 2**20
MAX_BACKOFF_SECONDS = 60.0  # also of a Retry-After: nobody wants a run to sleep for an hour
_SPEC = re.compile(r"openai:(?P<model>.+)@(?P<url>https?://.+)")
_REMEDIES = {
    401: "is OPENAI_API_KEY set, and is it this endpoint's?",
    403: "does the API key allow this model?",
    404: "does the endpoint serve this model, and does its URL end as it should, mostly in /v1?",
}


class ChatError(OSError):
    """The endpoint gave no usable answer; the text says what was asked of whom, and what came back.

    status: HTTP status of the last attempt; None if there was no answer at all.
    """

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class _AttemptError(Exception):
    """One attempt that failed. transient: worth another one. wait: seconds that the endpoint asks for."""

    def __init__(self, what: str, *, transient: bool, status: int | None = None, wait: float = 0.0) -> None:
        super().__init__(what)
        self.transient, self.status, self.wait = transient, status, wait


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class ChatClient:
    """One model behind one endpoint. Synchronous; any number of threads may share a client."""

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        timeout_seconds: float = 60.0,
        max_retries: int = 5,
        max_concurrent: int = 8,
        backoff_seconds: float = 0.5,
    ) -> None:
        """base_url: up to and without /chat/completions, e.g. http://localhost:8000/v1.

        timeout_seconds: of one attempt, for each of connecting, the first byte and the whole answer. max_retries:
        attempts after the first. max_concurrent: requests under way at once, over all threads. backoff_seconds: mean
        wait before the first retry; doubles with each. Raises ValueError for a bad value.
        """
        self.url, self.model = _completions_url(base_url), model
        if not model:
            raise ValueError("model must not be empty")
        for name, value, least in (
            ("timeout_seconds", timeout_seconds, 0.001),
            ("max_retries", max_retries, 0),
            ("max_concurrent", max_concurrent, 1),
            ("backoff_seconds", backoff_seconds, 0),
        ):
            if value < least:
                raise ValueError(f"{name} must be >= {least}, got {value}")
        self.timeout_seconds, self.max_retries, self.max_concurrent = timeout_seconds, max_retries, max_concurrent
        self.backoff_seconds = backoff_seconds
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "vlm-rl"}
        self._api_key = (api_key or "").strip()
        if self._api_key:
            if not (self._api_key.isascii() and self._api_key.isprintable()):
                raise ValueError("api_key must be one line of printable ASCII")  # http.client would quote it
            self._headers["Authorization"] = f"Bearer {self._api_key}"
        self._places = threading.BoundedSemaphore(max_concurrent)
        self._opener = urllib.request.build_opener(_NoRedirect)

    @classmethod
    def from_spec(cls, spec: str, **limits: Any) -> ChatClient:
        """The client of `openai:MODEL@URL`; the API key is that of the environment's OPENAI_API_KEY, if set."""
        match = _SPEC.fullmatch(spec)
        if match is None:
            raise ValueError(
                f"an endpoint must read openai:MODEL@URL, e.g. openai:gpt-4o@https://api.openai.com/v1, got {spec!r}"
            )
        return cls(match["url"], match["model"], api_key=os.environ.get("OPENAI_API_KEY"), **limits)

    def complete(self, messages: Sequence[Message], **sampling: Any) -> str:
        """Text of the answer, "" if the model said nothing. sampling: further fields, e.g. temperature, max_tokens.

        Answers 408, 429 and 5xx, timeouts, lost connections and answers that cannot be read are tried again.
        Raises ChatError after the last attempt, and at once for a refusal that another attempt would meet again.
        """
        request = {"model": self.model, "messages": list(messages), **sampling}
        body = json.dumps(request, ensure_ascii=False).encode("utf-8", "replace")  # lone surrogates become "?"
        for attempt in range(1, self.max_retries + 2):
            try:
                with self._places:
                    return self._attempt(body)
            except _AttemptError as failure:
                if not failure.transient or attempt > self.max_retries:
                    raise self._error(failure, attempt) from None
                backoff = self.backoff_seconds * 2**attempt * random.random()  # jitter: clients must not march in step
                time.sleep(min(max(backoff, failure.wait), MAX_BACKOFF_SECONDS))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def complete_many(self, conversations: Sequence[Sequence[Message]], **sampling: Any) -> list[str | ChatError]:
        """The answers in the order of the conversations, `max_concurrent` at once; one that failed is its ChatError."""

        def answer(messages: Sequence[Message]) -> str | ChatError:
            try:
                return self.complete(messages, **sampling)
            except ChatError as error:
                return error

        with ThreadPoolExecutor(self.max_concurrent, thread_name_prefix="chat") as threads:
            return list(threads.map(answer, conversations))

    def _attempt(self, body: bytes) -> str:
        request = urllib.request.Request(self.url, body, self._headers, method="POST")
        try:
            with self._opener.open(request, timeout=self.timeout_seconds) as answer:
                return _text_of(self._read(answer))
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except TimeoutError:
            raise _AttemptError(f"no answer within {self.timeout_seconds:g} s", transient=True) from None
        except (OSError, http.client.HTTPException) as error:  # no connection, or one that broke
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            raise _AttemptError(f"no connection: {type(reason).__name__}: {reason}", transient=True) from None

    def _read(self, answer: http.client.HTTPResponse) -> bytes:
        """The whole body. A socket's timeout bounds one read, so an endpoint that drips needs a deadline as well."""
        deadline = time.monotonic() + self.timeout_seconds
        data = bytearray()
        while piece := answer.read1(2**16):
            data += piece
            if time.monotonic() > deadline:
                raise TimeoutError
            if len(data) > MAX_ANSWER_BYTES:
                raise _AttemptError(f"an answer of more than {MAX_ANSWER_BYTES:,} bytes", transient=False, status=200)
        return bytes(data)

    def _refusal(self, error: urllib.error.HTTPError) -> _AttemptError:
        try:
            said = error.read(2**12).decode("utf-8", "replace").strip()
        except (OSError, http.client.HTTPException):
            said = ""
        if self._api_key:
            said = said.replace(self._api_key, "***")
        remedy = _REMEDIES.get(error.code) or ("redirects are not followed" if 300 <= error.code < 400 else "")
        what = f"HTTP {error.code}" + (f", {said[:500]!r}" if said else "") + (f" ({remedy})" if remedy else "")
        transient = error.code in (408, 429) or error.code >= 500
        return _AttemptError(what, transient=transient, status=error.code, wait=retry_after(error.headers))

    def _error(self, failure: _AttemptError, attempts: int) -> ChatError:
        tried = f" after {attempts} attempts" if attempts > 1 else ""
        return ChatError(f"asked {self.model!r} at {self.url}{tried}: {failure}", failure.status)


def retry_after(headers: Mapping[str, str] | Any) -> float:
    """Seconds that a Retry-After header asks for, given as seconds or as a date; 0 without a readable one."""
    text = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _completions_url(base_url: str) -> str:
    try:
        parts = urllib.parse.urlsplit(base_url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"\s", base_url) or not base_url.isascii():
        raise ValueError(f"base_url must be an http or https URL, e.g. http://localhost:8000/v1, got {base_url!r}")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("base_url must hold no user, query or fragment; give a key as OPENAI_API_KEY")
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return f"{parts.scheme}://{parts.netloc}{path}/chat/completions"


def _text_of(body: bytes) -> str:
    """choices[0].message.content of an answer: text, text parts, or null for a model that said nothing."""
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
        if isinstance(content, list):
            content = "".join(part["text"] for part in content if part["type"] == "text")
        if not isinstance(content, str | None):
            raise TypeError
    except (ValueError, LookupError, TypeError, RecursionError):
        shown = body[:300].decode("utf-8", "replace")
        raise _AttemptError(f"an answer that is no chat completion, {shown!r}", transient=True, status=200) from None
    return content or ""
