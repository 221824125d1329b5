"""Responses with a known verdict, to train and to check a judge: labelled JSONL, or the rollouts of a run.

labelled  {"question", "answer" (the reference), "response", "correct": true | false, "id"?, "reasoning"?}
rollouts  what `vlm-rl train` writes to rollouts/: the label is that of the run's verifier. Left out: responses that
          were cut off or stopped, and those without a verdict of their own (timeout, crash, unjudged)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Labelled:
    where: str  # file:line
    id: str
    question: str
    reference: str
    response: str
    correct: bool
    reasoning: str = ""  # why, if somebody wrote it down


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands, to read it again: 800,000 records need not be in memory."""

    path: Path
    line: int
    offset: int


def record_files(paths: Sequence[Path]) -> list[Path]:
    """JSONL files of the given files, folders and run folders. Raises OSError or ValueError for what holds none."""
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} not found: give a JSONL file, a folder of them, or the folder of a run")
        folder = path / "rollouts" if (path / "rollouts").is_dir() else path
        found = [path] if path.is_file() else sorted(folder.glob("*.jsonl"))
        if not found:
            raise ValueError(f"{folder} holds no .jsonl file")
        files += found
    return files


def read_places(files: Sequence[Path]) -> Iterator[tuple[Place, Labelled]]:
    """Records that have a label, in order. A torn last line (the writer was killed) is left out.

    Raises ValueError naming file and line for anything that is no record.
    """
    for path in files:
        offset = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                place, offset = Place(path, number, offset), offset + len(line)
                if line.strip() and (record := _record(line, place)) is not None:
                    yield place, record


def read_again(place: Place) -> Labelled:
    with place.path.open("rb") as file:
        file.seek(place.offset)
        record = _record(file.readline(), place)
    if record is None:
        raise ValueError(f"{place.path}:{place.line} changed while it was being read")
    return record


def _record(line: bytes, place: Place) -> Labelled | None:
    where = f"{place.path}:{place.line}"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        if not line.endswith(b"\n"):
            return None
        raise ValueError(f"{where} is not valid JSON: {error}") from None
    if not isinstance(row, dict):
        raise ValueError(f"{where} must be a JSON object, got {type(row).__name__}")
    if "segments" in row:
        return _from_rollout(row, where)
    return Labelled(
        where=where,
        id=str(row.get("id", where)),
        question=_text(row, "question", where),
        reference=_text(row, "answer", where),
        response=_text(row, "response", where),
        correct=_label(row, where),
        reasoning=_text(row, "reasoning", where) if "reasoning" in row else "",
    )


def _from_rollout(row: Mapping[str, Any], where: str) -> Labelled | None:
    if row.get("finish") != "stop" or row.get("judged") is False or row.get("reason") in ("timeout", "crash", "late"):
        return None
    try:
        response = "".join(segment["text"] for segment in row["segments"])
    except (TypeError, KeyError):
        raise ValueError(f"{where}: segments must be objects with a text") from None
    name = f"{row.get('prompt_id', where)}#{row.get('iteration', '')}/{row.get('group_id', '')}/{row.get('index', '')}"
    return Labelled(
        where, name, _text(row, "question", where), _text(row, "answer", where), response, _label(row, where)
    )


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or (not value.strip() and name != "response"):
        raise ValueError(f"{where}: {name!r} must be text that is not empty, got {str(value)[:40]!r}")
    return value


def _label(row: Mapping[str, Any], where: str) -> bool:
    value = row.get("correct")
    if not isinstance(value, bool):
        raise ValueError(f"{where}: 'correct' must be true or false, got {str(value)[:40]!r}")
    return value
