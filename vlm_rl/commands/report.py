"""`vlm-rl report`: write a run's report.html again."""

from __future__ import annotations

import argparse
from pathlib import Path

from vlm_rl.config_file import load_config

TEXT = "Write a run's report.html again."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path, help="folder of a run, e.g. runs/quickstart")


def run(arguments: argparse.Namespace) -> None:
    path = arguments.run / "config.yaml"
    if not path.exists():
        raise FileNotFoundError(f"{path} not found: {arguments.run} is not the folder of a run")
    cfg = load_config(path)
    from vlm_rl.pipeline import image_loader
    from vlm_rl.report.html import write_report

    print(write_report(arguments.run, image_loader(cfg)))
