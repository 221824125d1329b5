"""Evaluation folders as the runner leaves them, made from short descriptions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

RUN: dict[str, Any] = {
    "benchmark": "mathvista",
    "subset": "testmini",
    "split": "testmini",
    "policy": "org/policy",
    "engine": "embedded",
    "prompt_variant": "official",
    "max_tokens": 1024,
    "temperature": 0.0,
    "samples": 1,
    "seed": 0,
    "extractor": None,
    "versions": {},
}


def verdict(correct: bool, prediction: str | None = "B", **changes: Any) -> dict[str, Any]:
    known = {"correct": correct, "prediction": prediction, "abstained": False, "random_fallback": False}
    return known | {"expected": float(correct), "reason": "final line"} | changes


def response(name: str, correct: bool | None = True, sample: int = 0, **changes: Any) -> dict[str, Any]:
    """One line of responses.jsonl. correct: in both modes; None = the gold answer is withheld."""
    return {
        "id": name,
        "sample": sample,
        "question": f"Question {name}?",
        "options": ["fox", "horse"],
        "gold": None if correct is None else "B",
        "images": [],
        "categories": {"task": ["geometry"]},
        "response": "The answer is B.",
        "num_tokens": 5,
        "finish": "stop",
        "official": None if correct is None else verdict(correct),
        "strict": None if correct is None else verdict(correct),
        "seconds": 0.5,
    } | changes


def write_evaluation(folder: Path, rows: Iterable[dict[str, Any]], **run: Any) -> Path:
    """The folder, with run.json and responses.jsonl."""
    rows = list(rows)
    folder.mkdir(parents=True, exist_ok=True)
    settings = RUN | {"num_questions": len({row["id"] for row in rows})} | run
    (folder / "run.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "responses.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder
