"""`vlm-rl eval`: evaluate a policy."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from vlm_rl.commands.knobs import add_config
from vlm_rl.config_file import load_config

TEXT = "Evaluate a policy on the held-out items of a config's synthetic sources."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--policy", required=True, help="checkpoint folder or hub id")
    parser.add_argument("--out", type=Path, help="write the result as JSON")


def run(arguments: argparse.Namespace) -> None:
    cfg = load_config(arguments.config, arguments.set)
    from vlm_rl.console import console
    from vlm_rl.pipeline import evaluate_policy
    from vlm_rl.report.metrics import accuracy_table, render_table, write_atomically

    result = evaluate_policy(cfg, arguments.policy, name="untrained", iteration=0)
    console.print(arguments.policy)
    console.print(render_table(accuracy_table([result])))
    if arguments.out:
        write_atomically(arguments.out, json.dumps(result, indent=1))
