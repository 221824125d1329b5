"""`vlm-rl sft`: the stages before reinforcement learning."""

from __future__ import annotations

import argparse

from vlm_rl.commands import train
from vlm_rl.commands.train import add_arguments

__all__ = ["TEXT", "add_arguments", "run"]

TEXT = "Run the stages up to the supervised warm-up."


def run(arguments: argparse.Namespace) -> None:
    train.run(arguments, until="sft")
