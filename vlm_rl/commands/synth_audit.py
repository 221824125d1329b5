"""`vlm-rl synth audit`: measure the generators against their bounds."""

from __future__ import annotations

import argparse

TEXT = "Measure the generators of synthetic data against their bounds; status 1 where one is broken."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from data_synth.audit import command

    command.add_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    from data_synth.audit import command

    command.run(arguments)
