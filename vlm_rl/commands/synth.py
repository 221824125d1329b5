"""`vlm-rl synth`: write a synthetic data set. The same as `python -m data_synth`."""

from __future__ import annotations

import argparse

TEXT = "Write a synthetic visual-reasoning data set as WebDataset shards and parquet."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from data_synth.command import add_arguments as add

    add(parser)


def run(arguments: argparse.Namespace) -> None:
    from data_synth.command import run as write

    write(arguments)
