"""A finished evaluation as it lies on the disk: run.json and responses.jsonl, read and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from vlm_rl.evaluation.score import Mode
from vlm_rl.report.metrics import read_jsonl

MODES: tuple[str, ...] = get_args(Mode)

Row = Mapping[str, Any]
_RUN_KEYS = ("benchmark", "subset", "policy", "prompt_variant", "max_tokens", "samples", "num_questions")
_ROW_TYPES: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "sample": (int,),
    "question": (str,),
    "options": (list, type(None)),
    "gold": (str, type(None)),
    "images": (list,),
    "categories": (dict,),
    "response": (str,),
    "num_tokens": (int,),
    "finish": (str,),
    "official": (dict, type(None)),
    "strict": (dict, type(None)),
}
_VERDICT_KEYS = {"correct", "prediction", "abstained", "random_fallback", "expected", "reason"}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """folder: where it lies. run: what was run. questions: id -> its responses by sample number, in the order asked."""

    folder: Path
    run: Mapping[str, Any]
    questions: Mapping[str, Sequence[Row]]

    @property
    def rows(self) -> list[Row]:
        return [row for rows in self.questions.values() for row in rows]

    @property
    def name(self) -> str:
        """Benchmark and subset."""
        return " ".join(filter(None, (str(self.run["benchmark"]), subset_name(self.run))))

    @property
    def missing(self) -> int:
        """Responses that an interrupted evaluation still lacks."""
        return max(0, int(self.run["num_questions"]) * int(self.run["samples"]) - len(self.rows))


def read_evaluation(folder: Path) -> Evaluation:
    """Read OUT/run.json and OUT/responses.jsonl; a last line cut off by a kill is left out.

    Raises FileNotFoundError for a folder that is no evaluation, ValueError naming file and line for what cannot be
    used: a missing key, a wrong type, a response that comes twice.
    """
    path = folder / "run.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} not found: {folder} is not the folder of an evaluation")
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from None
    if not isinstance(run, dict) or any(key not in run for key in _RUN_KEYS):
        raise ValueError(f"{path} must be a JSON object with {', '.join(_RUN_KEYS)}")
    questions: dict[str, dict[int, Row]] = {}
    path = folder / "responses.jsonl"
    if not path.exists():
        raise FileNotFoundError(f"{path} not found: the evaluation has no responses yet")
    for number, row in enumerate(read_jsonl(path), start=1):
        _check(row, where := f"{path}:{number}")
        samples = questions.setdefault(row["id"], {})
        if row["sample"] in samples:
            raise ValueError(f"{where}: sample {row['sample']} of question {row['id']!r} comes twice")
        samples[row["sample"]] = row
    in_order = {name: [samples[number] for number in sorted(samples)] for name, samples in questions.items()}
    return Evaluation(folder, run, dict(sorted(in_order.items(), key=lambda item: natural_order(item[0]))))


def natural_order(name: str) -> list[tuple[int, int, str]]:
    """Sort key under which question 2 comes before question 10, whatever order the responses finished in."""
    parts = re.split(r"([0-9]{1,18})", name)
    return [(0, int(part), "") if place % 2 else (1, 0, part) for place, part in enumerate(parts)]


def subset_name(run: Mapping[str, Any]) -> str:
    """The subset of a run in one string; "" where the benchmark has none."""
    subset = run["subset"]
    return ", ".join(map(str, subset)) if isinstance(subset, list) else str(subset or "")


def is_withheld(rows: Sequence[Row], mode: str) -> bool:
    """Whether a question has no verdict, since its gold answer is not published."""
    return any(row[mode] is None for row in rows)


def _check(row: Mapping[str, Any], where: str) -> None:
    for key, types in _ROW_TYPES.items():
        if key not in row or not isinstance(row[key], types):
            names = " or ".join("null" if kind is type(None) else kind.__name__ for kind in types)
            found = type(row[key]).__name__ if key in row else "nothing"
            raise ValueError(f"{where} must have {names} under {key!r}, got {found}")
    for mode in MODES:
        if row[mode] is not None and not row[mode].keys() >= _VERDICT_KEYS:
            lacking = ", ".join(sorted(_VERDICT_KEYS - row[mode].keys()))
            raise ValueError(f"{where}: the verdict under {mode!r} lacks {lacking}")
