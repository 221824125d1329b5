"""The files that benchmarks ask for: what their own scoring code, evaluation server or leaderboard reads.

Layouts as in MathVista at 53d5258 (results/*/output_*.json), MMMU at bb0b95a (mmmu/README.md; mmmu-pro/output) and
MATH-Vision at a1f5cc3 (outputs/). Those programs parse the raw responses of MathVista, MMMU-Pro and MATH-Vision again,
without our unwrapping of final lines, so their figure may be lower than the official mode's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vlm_rl.evaluation import mathvista, mmmu
from vlm_rl.evaluation.finished import Evaluation, Row, read_evaluation
from vlm_rl.evaluation.llm_extractor import KEPT_IN, LlmExtractor
from vlm_rl.evaluation.mathvista_extract import extract
from vlm_rl.evaluation.score import readable
from vlm_rl.evaluation.unwrap import final_line, without_thinking
from vlm_rl.report.metrics import write_atomically

_ASKED = ("question_type", "answer_type", "choices")


def write_submission(folder: Path, target: Path | None = None, sample: int = 0) -> Path:
    """Write the official file of a finished evaluation and return its path; the default lies in the folder.

    sample: which response of each question. Raises ValueError for a benchmark without such a file, an evaluation that
    is not finished, and lines that lack what the file must hold.
    """
    evaluation = read_evaluation(folder)
    benchmark = str(evaluation.run["benchmark"])
    if benchmark not in LAYOUTS:
        raise ValueError(f"{benchmark} has no official file; {', '.join(LAYOUTS)} have")
    if evaluation.missing:
        raise ValueError(f"{folder} is not finished: {evaluation.missing:,} responses are missing; run it to the end")
    rows = {name: _sample_of(rows, name, sample) for name, rows in evaluation.questions.items()}
    name, text = LAYOUTS[benchmark](evaluation, rows)
    target = target or folder / name
    write_atomically(target, text)
    return target


def _sample_of(rows: Sequence[Row], name: str, sample: int) -> Row:
    for row in rows:
        if row["sample"] == sample:
            return row
    raise ValueError(f"question {name!r} has no sample {sample}: the evaluation has {len(rows)}, counted from 0")


def _mathvista(evaluation: Evaluation, rows: Mapping[str, Row]) -> tuple[str, str]:
    """output.json: question id -> record, query, response, extraction, prediction and, where known, true_false."""
    results = {}
    for name, row in rows.items():
        record = _record(row, "MathVista's output file")
        extraction = _extraction(evaluation, row, record)
        asked: dict[str, Any] = {key: record.get(key) for key in (*_ASKED, "precision")}
        prediction = mathvista.normalize(extraction, **asked)
        if row["gold"] is None:
            record.pop("answer", None)  # the official code then takes its own
        results[name] = {
            **record,
            "query": row["question"].removeprefix("<image>\n"),
            "response": row["response"],
            "extraction": extraction,
            "prediction": prediction,
            **({} if row["gold"] is None else {"true_false": prediction == row["gold"]}),
        }
    return f"output_{_model(evaluation)}.json", json.dumps(results, indent=4)


def _extraction(evaluation: Evaluation, row: Row, record: Mapping[str, Any]) -> str:
    """What the first stage made of the response: rules, or the language model, whose answers were kept."""
    if spec := evaluation.run.get("extractor"):
        return LlmExtractor(str(spec), evaluation.folder / KEPT_IN)(record, row["response"])
    asked: dict[str, Any] = {key: record.get(key) for key in _ASKED}
    return extract(readable(row["response"], "official"), **asked)


def _mmmu(evaluation: Evaluation, rows: Mapping[str, Row]) -> tuple[str, str]:
    """id -> option letter, or the text of an open question's answer, which the server parses."""
    answers = {name: _letter(row) if row["options"] else _open_answer(row["response"]) for name, row in rows.items()}
    return f"answers_{_model(evaluation)}.json", json.dumps(answers, indent=4)


def _letter(row: Row) -> str:
    """What the official parser makes of the response, whatever the gold answer, which may be withheld."""
    if row["official"] and row["official"]["prediction"]:
        return str(row["official"]["prediction"])
    score = mmmu.score(row["response"], "A", question_type="multiple-choice", options=row["options"])
    return str(score.prediction)


def _open_answer(response: str) -> str:
    """The final line's answer, else the response without its reasoning block."""
    text = without_thinking(readable(response, "official")).strip()
    return final_line(text) or text


def _mmmu_pro(evaluation: Evaluation, rows: Mapping[str, Row]) -> tuple[str, str]:
    """One line for each question: the record, response, pred_indexs, if_right. evaluate.py goes by the file's name."""
    lines = [
        {
            **{key: value for key, value in _record(row, "MMMU-Pro's output file").items() if not _is_image(key)},
            "response": row["response"],
            "pred_indexs": _official(row)["prediction"],
            "if_right": bool(_official(row)["correct"]),
        }
        for row in rows.values()
    ]
    setting = "standard" if all("question" in line for line in lines) else "vision"  # vision records have none
    method = "direct" if evaluation.run["prompt_variant"] == "direct" else "cot"
    return f"{_model(evaluation)}_{setting}_{method}.jsonl", _jsonl(lines)


def _mathvision(evaluation: Evaluation, rows: Mapping[str, Row]) -> tuple[str, str]:
    """One line for each question: id, model, response, model_answer, correct."""
    lines = [
        {
            "id": name,
            "model": str(evaluation.run["policy"]),
            "response": row["response"],
            "model_answer": _official(row)["prediction"] or "",
            "correct": bool(_official(row)["correct"]),
        }
        for name, row in rows.items()
    ]
    return f"{_model(evaluation)}.jsonl", _jsonl(lines)


LAYOUTS: dict[str, Callable[[Evaluation, Mapping[str, Row]], tuple[str, str]]] = {  # -> file name, text
    "mathvista": _mathvista,
    "mmmu": _mmmu,
    "mmmu_pro": _mmmu_pro,
    "mathvision": _mathvision,
}


def _record(row: Row, what: str) -> dict[str, Any]:
    """The benchmark's own fields of a question, without images."""
    record = row.get("record")
    if not isinstance(record, dict):
        raise ValueError(f"question {row['id']!r} has no 'record' in responses.jsonl, which {what} repeats")
    return dict(record)


def _is_image(column: str) -> bool:
    return column.startswith("image")


def _official(row: Row) -> dict[str, Any]:
    verdict: dict[str, Any] | None = row["official"]
    if verdict is None:
        raise ValueError(f"question {row['id']!r} has no verdict, which the official file holds")
    return verdict


def _jsonl(lines: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def _model(evaluation: Evaluation) -> str:
    """The policy's name as part of a file name."""
    last = str(evaluation.run["policy"]).rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9.-]+", "-", last).strip("-.") or "policy"
