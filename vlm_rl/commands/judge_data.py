"""`vlm-rl judge-data`: SFT data to fine-tune a judge."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vlm_rl.reward.judge_records import Place
    from vlm_rl.reward.judge_sft import Choices

TEXT = "Write SFT data to fine-tune a judge, from scored rollouts or labelled responses."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "records",
        type=Path,
        nargs="+",
        help="folder of a run, or JSONL of {question, answer, response, correct, reasoning (optional)}; several mix",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for train.jsonl, eval.jsonl and manifest.json")
    parser.add_argument(
        "--eval-share", type=float, default=0.05, help="share of questions for eval.jsonl (default 0.05)"
    )
    parser.add_argument(
        "--per-question", type=int, default=4, help="examples of each verdict and question at most (default 4)"
    )
    parser.add_argument(
        "--injected-share",
        type=float,
        default=0.1,
        help="share of the incorrect examples whose response tries to talk the judge round (default 0.1)",
    )
    parser.add_argument(
        "--max-response-chars",
        type=int,
        default=2000,
        help="end of the response that the judge sees, characters; as in reward.judge (default 2000)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="which examples are kept, and how questions split (default 0)"
    )


def run(arguments: argparse.Namespace) -> None:
    from vlm_rl.console import console
    from vlm_rl.report.metrics import write_atomically
    from vlm_rl.reward.judge_records import read_places, record_files
    from vlm_rl.reward.judge_sft import Choices, select

    choices = Choices(
        eval_share=arguments.eval_share,
        per_question=arguments.per_question,
        injected_share=arguments.injected_share,
        max_response_chars=arguments.max_response_chars,
        seed=arguments.seed,
    )
    files = record_files(arguments.records)
    splits, left_out = select(read_places(files), choices)
    if not any(splits.values()):
        raise ValueError(f"nothing to write: both verdicts are needed; of the records were left out {dict(left_out)}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    written = {name: _write(arguments.out / f"{name}.jsonl", places, choices) for name, places in splits.items()}
    manifest = {
        "files": [str(file) for file in files],
        "records": left_out.pop("records"),
        "left_out": dict(left_out),
        "examples": written,
    }
    write_atomically(arguments.out / "manifest.json", json.dumps(manifest, indent=1))
    console.print_json(json.dumps(manifest))


def _write(path: Path, places: Sequence[Place], choices: Choices) -> dict[str, int]:
    """Write one split whole, or leave an old file as it was; counts of its examples."""
    from vlm_rl.reward.judge_sft import example

    counts = {"correct": 0, "incorrect": 0, "injected": 0}
    partial = path.with_name(path.name + ".tmp")
    with partial.open("w", encoding="utf-8") as file:
        for place in places:
            row = example(place, choices)
            counts["correct" if row["correct"] else "incorrect"] += 1
            counts["injected"] += row["injected"]
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    os.replace(partial, path)
    return counts
