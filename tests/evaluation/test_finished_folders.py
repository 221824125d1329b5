"""What the runner leaves behind can be reported, compared and submitted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmark_data import hub_copy
from scripted_engine import Evaluations

from vlm_rl.evaluation.compare import compare
from vlm_rl.evaluation.finished import read_evaluation
from vlm_rl.evaluation.report import write_evaluation_report
from vlm_rl.evaluation.submission import write_submission


@pytest.mark.parametrize("name", ["mathvista", "mmmu_pro"])
def test_a_real_folder_is_reported_compared_and_submitted(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run, data = Evaluations(monkeypatch), hub_copy(name, tmp_path / "data")
    run(tmp_path / "a", lambda prompt, sample: "no idea", benchmark=name, data=data)
    summary, lines = run(
        tmp_path / "b", lambda prompt, sample: f"\\boxed{{{prompt.answer}}}", benchmark=name, data=data
    )
    a, b = read_evaluation(tmp_path / "a"), read_evaluation(tmp_path / "b")
    assert a.missing == b.missing == 0 and len(b.rows) == len(lines)

    found = compare(a, b, "strict")
    assert found.overall.difference == 1.0 and len(found.won) == len(b.questions) and not found.warnings

    page = write_evaluation_report(tmp_path / "b").read_text(encoding="utf-8")
    assert f"<b>{100 * summary['official']['overall']['accuracy']:.1f} %</b>" in page
    assert page.count("<img ") == sum(len(line["images"]) for line in lines) > 0 and "cannot be shown" not in page

    text = write_submission(tmp_path / "b").read_text(encoding="utf-8")
    rows = list(json.loads(text).values()) if name == "mathvista" else list(map(json.loads, text.splitlines()))
    right = [row["true_false" if name == "mathvista" else "if_right"] for row in rows]
    assert sum(right) == summary["official"]["overall"]["correct"] and len(right) == len(lines)
