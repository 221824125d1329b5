"""What crosses between the verifier pool and its worker processes: frames of JSON, data only, never pickled objects.

A frame is a length (4 bytes, big-endian) and that many bytes of JSON. Requests: {"prepare": verifier name} and
{"response", "prompt"}. Replies: {"ready": name}, {"verdict"}, {"error": a mistake in gold answer or configuration} and
{"crash": the exception that a verifier let out}.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

from vlm_rl.types import ImageRef, Message, Prompt, Verdict

PREPARE_SECONDS = 120.0  # loading a verifier may be slow, and is no verdict's fault

_LENGTH = struct.Struct(">I")


def frame(message: Mapping[str, Any]) -> bytes:
    body = json.dumps(message).encode("ascii")
    return _LENGTH.pack(len(body)) + body


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next message of a blocking stream; None once the other end is closed."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    body = stream.read(_LENGTH.unpack(head)[0])
    message: dict[str, Any] = json.loads(body)
    return message


def take_frame(received: bytearray) -> dict[str, Any] | None:
    """Remove the first message from what was received so far; None until all of it is there."""
    if len(received) < _LENGTH.size:
        return None
    end = _LENGTH.size + _LENGTH.unpack_from(received)[0]
    if len(received) < end:
        return None
    message: dict[str, Any] = json.loads(received[_LENGTH.size : end])
    del received[:end]
    return message


def job_message(response: str, prompt: Prompt) -> dict[str, Any]:
    return {"response": response, "prompt": asdict(prompt)}


def read_job(message: Mapping[str, Any]) -> tuple[str, Prompt]:
    fields = dict(message["prompt"])
    fields["messages"] = tuple(Message(**row) for row in fields["messages"])
    fields["images"] = tuple(ImageRef(**row) for row in fields["images"])
    fields["tags"] = tuple((name, value) for name, value in fields["tags"])
    return message["response"], Prompt(**fields)


def verdict_message(verdict: Verdict) -> dict[str, Any]:
    return {"verdict": asdict(verdict)}


def read_verdict(message: Mapping[str, Any]) -> Verdict:
    return Verdict(**message["verdict"])
