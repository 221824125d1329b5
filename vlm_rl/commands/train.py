"""`vlm-rl train`: the main job."""

from __future__ import annotations

import argparse

from vlm_rl.commands.knobs import add_config
from vlm_rl.config_file import load_config

TEXT = "Run all stages of a config: assemble, data, warm-up, RL, evaluation, report."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint, if there is one")


def run(arguments: argparse.Namespace, until: str = "report") -> None:
    cfg = load_config(arguments.config, arguments.set)
    from vlm_rl.pipeline import Pipeline  # torch: a mistake in the config should not wait for it

    Pipeline(cfg, resume=arguments.resume).run(until=until)
