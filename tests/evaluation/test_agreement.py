"""Agreement with the official scorers on real responses, where that data set is at hand (see docs/design.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from vlm_rl.evaluation import BENCHMARKS, mathvista

ROWS = Path(__file__).resolve().parents[3] / "shared" / "eval_agreement"
pytestmark = pytest.mark.skipif(not ROWS.is_dir(), reason="no stored verdicts of the official scorers")

FIELDS = {
    "mmmu": ("question_type", "options"),
    "mmmu_pro": ("options",),
    "mathvista": ("question_type", "answer_type", "choices", "precision"),
    "mathvision": ("options",),
}
FINAL_LINES = ("\\boxed{%s}", "<answer>%s</answer>", "**%s**", "Answer: %s", "The answer is %s.", "%s\n")


@lru_cache
def rows(name: str) -> list[dict[str, Any]]:
    """Rows whose official verdict is no matter of chance."""
    with open(ROWS / f"{name}.jsonl", encoding="utf-8") as lines:
        return [row for line in lines if not (row := json.loads(line)).get("random_fallback")]


def verdicts(name: str, chosen: list[dict[str, Any]]) -> Iterator[tuple[bool, bool]]:
    """(official, ours) of each row."""
    for row in chosen:
        question = {field: row[field] for field in FIELDS[name]}
        ours = BENCHMARKS[name].score(row["response"], row["answer"], mode="official", **question)
        yield bool(row["official_correct"]), ours.correct


def agreement(pairs: list[tuple[bool, bool]]) -> tuple[float, float, float]:
    """Share of equal verdicts, Cohen's kappa, and our accuracy minus the official one."""
    n = len(pairs)
    official, ours = sum(o for o, _ in pairs) / n, sum(p for _, p in pairs) / n
    equal = sum(o == p for o, p in pairs) / n
    chance = official * ours + (1 - official) * (1 - ours)
    return equal, (equal - chance) / (1 - chance), ours - official


def with_final_line(row: dict[str, Any]) -> dict[str, Any] | None:
    said = row.get("official_extraction") if row["benchmark"] == "mathvista" else row["official_parsed"]
    if said in (None, "") or isinstance(said, list) or not row["clean"]:
        return None
    digest = hashlib.md5((row["response"] + str(said)).encode()).hexdigest()
    form = FINAL_LINES[int(digest, 16) % len(FINAL_LINES)]
    return row | {"response": row["response"].rstrip() + "\n\n" + form % said}


@pytest.mark.parametrize(("name", "mark"), [("mmmu", 1.0), ("mmmu_pro", 1.0), ("mathvision", 0.999)])
def test_official_verdicts_are_reproduced(name: str, mark: float) -> None:
    equal, _, _ = agreement(list(verdicts(name, rows(name))))
    assert equal >= mark


def test_mathvista_normaliser_is_the_official_one() -> None:
    for row in rows("mathvista"):
        question = {field: row[field] for field in FIELDS["mathvista"]}
        assert mathvista.normalize(row["official_extraction"], **question) == row["official_prediction"]


def test_mathvista_extraction_by_rules_agrees_with_gpt_4() -> None:
    pairs = list(verdicts("mathvista", [row for row in rows("mathvista") if row["clean"]]))
    equal, kappa, accuracy_error = agreement(pairs)
    assert equal >= 0.98 and kappa >= 0.95 and abs(accuracy_error) <= 0.003


@pytest.mark.parametrize("name", FIELDS)
def test_a_modern_final_line_changes_no_verdict(name: str) -> None:
    wrapped = [row for row in map(with_final_line, rows(name)) if row]
    equal, _, _ = agreement(list(verdicts(name, wrapped)))
    assert equal >= 0.999


@pytest.mark.parametrize("name", ["mmmu", "mmmu_pro"])
def test_strict_mode_reads_every_modern_final_line_and_guesses_nothing(name: str) -> None:
    equal = []
    for row in filter(None, map(with_final_line, rows(name))):
        question = {field: row[field] for field in FIELDS[name]}
        result = BENCHMARKS[name].score(row["response"], row["answer"], mode="strict", **question)
        assert not result.random_fallback
        equal.append(result.correct == row["official_correct"])
    assert sum(equal) >= 0.999 * len(equal)
