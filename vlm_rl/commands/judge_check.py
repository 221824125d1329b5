"""`vlm-rl judge-check`: how far a judge agrees with known verdicts."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vlm_rl.config import JudgeConfig
    from vlm_rl.reward.judge_records import Labelled
    from vlm_rl.types import Prompt, Verdict

TEXT = "Measure a judge's agreement with labelled responses: accuracy, kappa, precision and recall."

SHOWN_CHARS = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "records", type=Path, nargs="+", help="JSONL of {question, answer, response, correct}, or the folder of a run"
    )
    parser.add_argument(
        "--config", type=Path, help="YAML file whose reward.judge is checked; or else --url and --model"
    )
    parser.add_argument("--url", help="base URL of an OpenAI-compatible endpoint, e.g. http://localhost:8000/v1")
    parser.add_argument("--model", help="model name that the endpoint knows")
    parser.add_argument("--api-key-variable", help="environment variable that holds the API key (default: no key)")
    parser.add_argument("--max-concurrent", type=int, default=32, help="calls at once, with --url (default 32)")
    parser.add_argument("--max-retries", type=int, default=5, help="further attempts, with --url (default 5)")
    parser.add_argument(
        "--cache-dir", type=Path, default=Path("judge_cache"), help="verdict cache (default judge_cache)"
    )
    parser.add_argument("--limit", type=int, help="only the first so many records (default: all)")
    parser.add_argument("--show", type=int, default=10, help="disagreements to print (default 10; --out has them all)")
    parser.add_argument("--out", type=Path, help="write figures and disagreements as JSON")


def run(arguments: argparse.Namespace) -> None:
    from itertools import islice

    from vlm_rl.console import console
    from vlm_rl.report.metrics import write_atomically
    from vlm_rl.reward.judge import open_judge
    from vlm_rl.reward.judge_records import read_places, record_files
    from vlm_rl.reward.pool import VerifierPool

    cfg = _judge_config(arguments)
    records = [record for _, record in islice(read_places(record_files(arguments.records)), arguments.limit)]
    if not records:
        raise ValueError("no record with a verdict to agree with")
    judge = open_judge(cfg, arguments.cache_dir)
    with VerifierPool(1, cfg.timeout_seconds, judge=judge) as pool:
        verdicts = pool.verify([(record.response, _prompt(record)) for record in records])
    result = {"model": cfg.model, "url": cfg.url} | agreement([record.correct for record in records], verdicts)
    result["disagreements"] = disagreements(records, verdicts)
    if arguments.out:
        write_atomically(arguments.out, json.dumps(result, indent=1, ensure_ascii=False))
    shown = result | {"disagreements": result["disagreements"][: max(0, arguments.show)]}
    console.print_json(json.dumps(shown, ensure_ascii=False))


def agreement(labels: Sequence[bool], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Figures over the judged responses; "correct" is the positive class. A figure that is not defined is None.

    accuracy_interval: 95 %, Wilson. kappa: Cohen's, agreement beyond what the two verdicts' frequencies give by chance.
    """
    from vlm_rl.report.metrics import wilson_interval

    pairs = [(label, verdict.correct) for label, verdict in zip(labels, verdicts, strict=True) if verdict.judged]
    both, missed = pairs.count((True, True)), pairs.count((True, False))
    passed, neither = pairs.count((False, True)), pairs.count((False, False))
    n = len(pairs)
    chance = ((both + missed) * (both + passed) + (passed + neither) * (missed + neither)) / n**2 if n else 1.0
    low, high = wilson_interval(both + neither, n)
    return {
        "records": len(verdicts),
        "judged": n,
        "unjudged_share": 1 - n / len(verdicts),
        "accuracy": _share(both + neither, n),
        "accuracy_interval": [low, high],
        "kappa": ((both + neither) / n - chance) / (1 - chance) if chance < 1 else None,
        "precision": _share(both, both + passed),
        "recall": _share(both, both + missed),
        "confusion": {
            "labelled correct": _row(labels, verdicts, True),
            "labelled incorrect": _row(labels, verdicts, False),
        },
    }


def disagreements(records: Sequence[Labelled], verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """What the judge saw otherwise than the label, or not at all; in the order of the records."""
    return [
        {
            "id": record.id,
            "where": record.where,
            "label": "correct" if record.correct else "incorrect",
            "judge": _said(verdict),
            "reference": record.reference[:SHOWN_CHARS],
            "answer": verdict.prediction[:SHOWN_CHARS],
            "response_end": record.response[-SHOWN_CHARS:],
        }
        for record, verdict in zip(records, verdicts, strict=True)
        if not verdict.judged or verdict.correct != record.correct
    ]


def _row(labels: Sequence[bool], verdicts: Sequence[Verdict], label: bool) -> dict[str, int]:
    said = [_said(verdict) for known, verdict in zip(labels, verdicts, strict=True) if known == label]
    return {what: said.count(what) for what in ("correct", "incorrect", "unjudged")}


def _said(verdict: Verdict) -> str:
    return ("correct" if verdict.correct else "incorrect") if verdict.judged else "unjudged"


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _prompt(record: Labelled) -> Prompt:
    from vlm_rl.types import Message, Prompt

    question = (Message("user", record.question),)
    return Prompt(record.id, question, (), record.reference, "judge", "labelled", level=0, modality="text")


def _judge_config(arguments: argparse.Namespace) -> JudgeConfig:
    from vlm_rl.config import JudgeConfig
    from vlm_rl.config_file import load_config

    if arguments.config and not arguments.url:
        judge = load_config(arguments.config).reward.judge
        if judge is None:
            raise ValueError(f"{arguments.config} has no reward.judge")
        return judge
    if arguments.config or not (arguments.url and arguments.model):
        raise ValueError("judge-check needs either --config, or --url and --model")
    return JudgeConfig(
        url=arguments.url,
        model=arguments.model,
        api_key_variable=arguments.api_key_variable,
        max_concurrent=arguments.max_concurrent,
        max_retries=arguments.max_retries,
    )
