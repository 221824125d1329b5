"""The arguments of commands that take a config, and --help text that lists every knob."""

from __future__ import annotations

import argparse
from pathlib import Path

from vlm_rl.config_file import describe


def add_config(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    parser.add_argument("--config", type=Path, required=required, help="YAML file, e.g. configs/quickstart.yaml")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a knob, e.g. --set optim.lr=1e-5; repeatable",
    )
    parser.epilog = "knobs (default): what it does\n" + "\n".join(
        f"  {key} ({default})\n      {text}" if default else f"  {key}\n      {text}"
        for key, default, text in describe()
    )
