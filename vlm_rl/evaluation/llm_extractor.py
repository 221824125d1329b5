"""MathVista's official first stage: a language model finds the final answer in a response, shown five examples.

The procedure, the order of its shortcuts and the form of the prompt are the official ones (MathVista at 53d5258); the
five examples are our own wording of the five kinds of answer, so extractions may differ from those of the official
texts on borderline responses. Never needed: `mathvista_extract` does the same by rules.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from vlm_rl.evaluation import mathvista
from vlm_rl.evaluation.record import required, where_of
from vlm_rl.evaluation.score import readable
from vlm_rl.evaluation.unwrap import without_thinking
from vlm_rl.reward.chat_client import ChatClient

SAMPLING: dict[str, Any] = {"temperature": 0, "max_tokens": 1024}
MAX_CONCURRENT = 64
KEPT_IN = "extractions"  # the folder of an evaluation's answers, in the evaluation's own
_TASK = (
    "Read the examples below. Each shows a question with a hint about the form of its answer, a model's response, and "
    "the answer extracted from that response. Then extract the answer from the last response in the same way."
)
_FREE: dict[str, Any] = {"question_type": "free_form", "choices": None, "precision": None}
_EXAMPLES: tuple[tuple[dict[str, Any], str, str], ...] = (  # record, response, extracted answer: one per answer type
    (
        _FREE | {"answer_type": "integer", "question": "How many bars in the chart are taller than 40?"},
        "Counting them, I find 3 such bars.",
        "3",
    ),
    (
        _FREE | {"answer_type": "float", "precision": 1, "unit": "cm", "question": "What is the length of side AB?"},
        "By the Pythagorean theorem AB is about 7.2 cm, a little more than BC.",
        "7.2",
    ),
    (
        _FREE | {"answer_type": "float", "precision": 2, "question": "What do two notebooks and a pencil cost?"},
        "Two notebooks are $4.50 and a pencil is $0.35, which makes $4.85 in total.",
        "4.85",
    ),
    (
        _FREE | {"answer_type": "list", "question": "In which two years were sales lowest?"},
        "Sales were lowest in 2011 and, after a recovery, in 2016.",
        "[2011, 2016]",
    ),
    (
        {
            "question_type": "multi_choice",
            "answer_type": "text",
            "question": "Which animal is the heaviest?",
            "choices": ["fox", "horse", "bear"],
        },
        "Comparing the labels, the bear weighs most, so (C) bear is correct.",
        "C",
    ),
)


class LlmExtractor:
    """Calls the endpoint `openai:MODEL@URL` for each response that needs it, and keeps every answer in a folder.

    A killed evaluation asks nothing twice; any number of threads and processes may share the folder. The key of an
    answer is a hash of model, sampling parameters and prompt.
    """

    def __init__(
        self, spec: str, cache: Path, *, sampling: Mapping[str, Any] = SAMPLING, **limits: float | int
    ) -> None:
        """cache: folder of the answers. sampling: fields of the request; some models refuse the official ones.

        limits: timeout_seconds, max_retries, backoff_seconds of the client. Raises ValueError for a bad spec.
        """
        self.client = ChatClient.from_spec(spec, max_concurrent=MAX_CONCURRENT, **limits)
        self.cache, self.sampling = cache, dict(sampling)

    def __call__(self, record: Mapping[str, Any], response: str) -> str:
        """The extracted answer, for `mathvista.normalize`; "" if the response is empty or the model finds nothing.

        record: of MathVista. Raises ChatError if the endpoint does not answer.
        """
        text = _said(response)
        settled = without_llm(record, text)
        return self._ask(extraction_prompt(record, text)) if settled is None else settled

    def extract_many(self, pairs: Iterable[tuple[Mapping[str, Any], str]], max_concurrent: int = 8) -> list[str]:
        """The extractions of (record, response) pairs in their order; equal prompts are asked once.

        Raises ChatError for the first that failed; what was answered by then is in the cache.
        """
        if not 1 <= max_concurrent <= MAX_CONCURRENT:
            raise ValueError(f"max_concurrent must be in 1 .. {MAX_CONCURRENT}, got {max_concurrent}")
        texts = [(record, _said(response)) for record, response in pairs]
        settled = [without_llm(record, text) for record, text in texts]
        prompts = [
            extraction_prompt(*pair) if answer is None else "" for pair, answer in zip(texts, settled, strict=True)
        ]
        distinct = list(dict.fromkeys(filter(None, prompts)))
        with ThreadPoolExecutor(max_concurrent, thread_name_prefix="extract") as threads:
            asked = dict(zip(distinct, threads.map(self._ask, distinct), strict=True))
        return [asked[prompt] if answer is None else answer for prompt, answer in zip(prompts, settled, strict=True)]

    def _ask(self, prompt: str) -> str:
        path = self._path(prompt)
        if (known := _read_answer(path)) is not None:
            return known
        answer = self.client.complete([{"role": "user", "content": prompt}], **self.sampling).strip()
        if answer:  # an empty answer is asked for again next time, as in the official code
            _write_answer(path, {"model": self.client.model, "prompt": prompt, "answer": answer})
        return answer

    def _path(self, prompt: str) -> Path:
        asked = json.dumps([self.client.model, self.sampling, prompt], sort_keys=True)
        name = hashlib.blake2b(asked.encode(), digest_size=20, key=b"mathvista extraction").hexdigest()
        return self.cache / name[:2] / f"{name}.json"


def _said(response: str) -> str:
    return without_thinking(readable(response, "official")).strip()


def without_llm(record: Mapping[str, Any], text: str) -> str | None:
    """What the official code extracts without asking: nothing of nothing, an exact choice, a bare number; else None."""
    where = where_of("MathVista", record)
    question_type, answer_type = required(record, "question_type", where), required(record, "answer_type", where)
    if not text:
        return ""
    if question_type == "multi_choice" and text in (record.get("choices") or ()):
        return text
    try:
        if answer_type == "integer":
            return str(int(text))
        if answer_type == "float":
            return str(float(text))
    except ValueError:  # prose, or more digits than Python reads
        pass
    return None


def extraction_prompt(record: Mapping[str, Any], text: str) -> str:
    """Task, five examples, then the question's query and the response, and a last line to complete."""
    examples = "\n\n".join(
        f"{_query(asked)}\n\nModel response: {said}\n\nExtracted answer: {found}" for asked, said, found in _EXAMPLES
    )
    return f"{_TASK}\n\n{examples}\n\n{_query(record)}\n\n{text}\n\nExtracted answer: "


def _query(record: Mapping[str, Any]) -> str:
    """Hint, question and choices, as the column `query` holds them."""
    return record.get("query") or mathvista.prompt(record).removeprefix("<image>\n")


def _read_answer(path: Path) -> str | None:
    try:
        answer = json.loads(path.read_text(encoding="utf-8"))["answer"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is no cached extraction: delete it") from None
    return str(answer)


def _write_answer(path: Path, entry: Mapping[str, str]) -> None:
    """Whole or not at all, whoever else writes the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(suffix=".tmp", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(entry, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
