"""`vlm-rl synth`: write a synthetic data set."""

from __future__ import annotations

import argparse
from pathlib import Path

TEXT = "Write a synthetic visual-reasoning data set as WebDataset shards."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    import data_synth

    parser.add_argument("--families", default="all", help=f"comma-separated, or all: {', '.join(data_synth.FAMILIES)}")
    parser.add_argument("--levels", default="0,1,2,3,4", help="comma-separated, 0 = easiest (default: all five)")
    parser.add_argument("--count", type=int, default=1000, help="items of each family and level (default 1000)")
    parser.add_argument("--image-size", type=int, default=384, help="longer side, pixels (default 384)")
    parser.add_argument("--split", choices=("train", "eval"), default="train", help="by content hash (default train)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2); the bytes do not depend on it")
    parser.add_argument("--seed", type=int, default=0, help="which range of items (default 0)")
    parser.add_argument("--out", type=Path, required=True, help="new folder, or one whose writing was interrupted")


def run(arguments: argparse.Namespace) -> None:
    import data_synth
    from data_synth.write import write_dataset
    from vlm_rl.console import console, progress

    names = list(data_synth.FAMILIES) if arguments.families == "all" else arguments.families.split(",")
    try:
        levels = tuple(int(level) for level in arguments.levels.split(","))
    except ValueError:
        raise ValueError(f"--levels must be whole numbers with commas, got {arguments.levels!r}") from None
    with progress("synth", None) as advance:
        manifest = write_dataset(
            arguments.out,
            {name.strip(): levels for name in names},
            arguments.count,
            image_size=arguments.image_size,
            split=arguments.split,
            workers=arguments.workers,
            seed=arguments.seed,
            at_most=True,
            progress=lambda what, done, total: advance(0, f"{what} {done}/{total}"),
        )
    console.print(f"{manifest.records:,} records in {len(manifest.shards)} shards: {arguments.out}")
