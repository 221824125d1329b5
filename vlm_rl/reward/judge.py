"""The judge (k1.5 sec. 2.3.5, the chain-of-thought reward model): a language model compares answer and reference.

Any OpenAI-compatible endpoint will do. A reply without a readable verdict is asked for again, then the response is
*unjudged*: out of training, counted. An endpoint that cannot be reached stops the run.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from vlm_rl.config import JudgeConfig
from vlm_rl.reward.chat_client import ChatClient, ChatError
from vlm_rl.reward.judge_cache import VerdictCache, cache_key
from vlm_rl.reward.judge_prompt import JudgeCase, judge_case, read_verdict
from vlm_rl.types import Prompt, Verdict

logger = logging.getLogger(__name__)

MAX_REFUSALS = 16  # requests refused in a row after which it is not the responses that are at fault
RETRY_TEMPERATURE = 0.7
_REFUSED = (400, 413, 422)  # too long, filtered: the fault of what one response holds
_SEED_KEY = b"vlm-rl judge seed"


class JudgeUnreachableError(OSError):
    """The judge's endpoint gave no answer, after all retries; the text says what was tried. It stops a run."""


class Endpoint(Protocol):
    """What the judge needs of a ChatClient."""

    model: str

    def complete(self, messages: Sequence[dict[str, str]], **sampling: Any) -> str: ...


class Judge:
    """A `Verifier` whose calls wait on the network; any number of threads may share it."""

    def __init__(self, cfg: JudgeConfig, endpoint: Endpoint, cache: VerdictCache | None) -> None:
        self.cfg = cfg
        self.max_concurrent = cfg.max_concurrent
        self._endpoint = endpoint
        self._cache = cache
        self._refusals = 0
        self._lock = threading.Lock()

    def verify(self, response: str, prompt: Prompt) -> Verdict:
        """The judge's verdict, cached or asked for up to `max_replies` times; after that one with `judged` False.

        Raises ValueError for an empty reference answer, JudgeUnreachableError if the endpoint does not answer.
        """
        case = judge_case(response, prompt, max_response_chars=self.cfg.max_response_chars)
        if case is None:
            return Verdict(False, "", "no answer")
        key = cache_key(self._endpoint.model, self.cfg.sampling, case.messages())
        if self._cache and (known := self._cache.get(key)):
            return _verdict(known[0], case)
        for attempt in range(self.cfg.max_replies):
            reply = self._ask(case, attempt)
            if reply is None:
                return Verdict(False, case.answer, "unjudged: request refused", judged=False)
            correct = read_verdict(reply, case.key(attempt))
            if correct is not None:
                if self._cache:
                    self._cache.put(key, correct, reply)
                return _verdict(correct, case)
        return Verdict(False, case.answer, "unjudged: no readable verdict", judged=False)

    def _ask(self, case: JudgeCase, attempt: int) -> str | None:
        """One reply; None if the endpoint refuses this request."""
        messages = case.messages(attempt)
        try:
            reply = self._endpoint.complete(messages, **_sampling(self.cfg.sampling, messages, attempt))
        except ChatError as error:
            with self._lock:
                self._refusals += 1
                if error.status in _REFUSED and self._refusals < MAX_REFUSALS:
                    logger.warning("the judge refused a request, its response is left out: %s", error)
                    return None
            raise JudgeUnreachableError(f"judge: {error}; see reward.judge") from error
        with self._lock:
            self._refusals = 0
        return reply


def open_judge(cfg: JudgeConfig, folder: Path) -> Judge:
    """The judge of a config; verdicts are kept in `cfg.cache_dir`, or else in `folder`.

    Raises ValueError if the environment variable with the API key is not set, and OSError for an unusable cache.
    """
    key = os.environ.get(cfg.api_key_variable) if cfg.api_key_variable else None
    if cfg.api_key_variable and not key:
        raise ValueError(
            f"reward.judge.api_key_variable names {cfg.api_key_variable}, which is not set in the environment"
        )
    client = ChatClient(
        cfg.url,
        cfg.model,
        api_key=key,
        timeout_seconds=cfg.timeout_seconds,
        max_retries=cfg.max_retries,
        max_concurrent=cfg.max_concurrent,
    )
    return Judge(cfg, client, VerdictCache(Path(cfg.cache_dir) if cfg.cache_dir else folder))


def _verdict(correct: bool, case: JudgeCase) -> Verdict:
    return Verdict(correct, case.answer, "match" if correct else "differs")


def _sampling(sampling: dict[str, Any], messages: Sequence[dict[str, str]], attempt: int) -> dict[str, Any]:
    """Fields of a request. A further attempt changes temperature and seed, if the endpoint is known to take them."""
    if attempt == 0:
        return dict(sampling)
    seed = hashlib.blake2b(messages[-1]["content"].encode(), key=_SEED_KEY, digest_size=4).digest()
    other = {"temperature": RETRY_TEMPERATURE, "seed": int.from_bytes(seed, "big") >> 1}
    return {name: other.get(name, value) for name, value in sampling.items()}
