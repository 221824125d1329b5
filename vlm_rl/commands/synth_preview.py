"""`vlm-rl synth preview`: look at the families."""

from __future__ import annotations

import argparse

TEXT = "Show families of synthetic data: a contact sheet and a page of each, and an index."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from data_synth.preview import command

    command.add_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    from data_synth.preview import command

    command.run(arguments)
