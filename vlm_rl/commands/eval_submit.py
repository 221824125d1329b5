"""`vlm-rl eval submit`: the file that a benchmark's leaderboard or evaluation server asks for."""

from __future__ import annotations

import argparse
from pathlib import Path

TEXT = "Write the official submission file of a finished evaluation: MathVista, MMMU, MMMU-Pro, MATH-Vision."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the evaluation")
    parser.add_argument(
        "--file", type=Path, help="where to write (default: in OUT, under the name that the official code expects)"
    )
    parser.add_argument("--sample", type=int, default=0, help="which response of each question (default 0, the first)")


def run(arguments: argparse.Namespace) -> None:
    from vlm_rl.evaluation.submission import write_submission

    print(write_submission(arguments.out, arguments.file, arguments.sample))
