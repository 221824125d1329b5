"""The process in which verifiers run that may hang, crash or eat memory: python -m vlm_rl.reward.worker SECONDS BYTES.

It answers one request after another (see wire.py) and ends when its input closes. The pool kills it when a verdict
takes too long; should the pool itself have been killed, an alarm ends the worker, so that none stays behind.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from vlm_rl.reward import check_gold, code, math, resolve_verifier
from vlm_rl.reward.wire import PREPARE_SECONDS, frame, read_frame, read_job, verdict_message
from vlm_rl.sandbox.program import Limits, SandboxError
from vlm_rl.types import Prompt

_GRACE_SECONDS = 5.0


def main(timeout_seconds: float, memory_bytes: int) -> None:
    requests, replies = _take_pipes()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = memory_bytes if most == resource.RLIM_INFINITY else min(memory_bytes, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the default action ends the process, whatever it is doing
    while (request := read_frame(requests)) is not None:
        seconds = PREPARE_SECONDS if "prepare" in request else request.get("seconds", timeout_seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS)
        reply = _prepare(request) if "prepare" in request else _answer(request)
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        replies.write(frame(reply))
        replies.flush()


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to the pool to ourselves: a verifier that prints or reads must not disturb them."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _prepare(request: Mapping[str, Any]) -> dict[str, Any]:
    name = request["prepare"]
    try:
        resolve_verifier(name)
        if name == "math":
            math.warm_up()
        elif name == "code":
            code.use(request["sandbox"], Limits(**request["limits"]))
    except Exception as error:  # the process wall: whatever a verifier's module raises is reported, not lost
        return {"error": f"{type(error).__name__}: {error}" if not isinstance(error, ValueError) else str(error)}
    return {"ready": name}


def _answer(request: Mapping[str, Any]) -> dict[str, Any]:
    response, prompt = read_job(request)
    started = time.perf_counter()
    try:
        verdict = resolve_verifier(prompt.verifier)(response, prompt)
        return verdict_message(replace(verdict, seconds=time.perf_counter() - started))
    except SandboxError as error:  # a service that is away, say: the policy's programs are not to blame
        return {"error": f"prompt {prompt.id}: {error}"}
    except ValueError as error:
        mistake = _gold_mistake(prompt)
        return {"error": mistake} if mistake else {"crash": f"ValueError: {error}"}
    except Exception as error:  # the process wall
        return {"crash": f"{type(error).__name__}: {error}"[:500]}


def _gold_mistake(prompt: Prompt) -> str:
    """What is wrong with the gold answer: a ValueError that an empty response gets too is not the policy's doing."""
    try:
        check_gold(prompt)
    except ValueError as error:
        text = str(error)
        return text if prompt.id in text else f"prompt {prompt.id}: {text}"
    return ""


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
