"""The command: arguments, a progress bar, and where to look."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from data_synth.families import FAMILIES
from data_synth.preview.run import write_preview
from data_synth.selection import levels_in, names_in

TEXT = "Show families of synthetic data: a contact sheet and a page of each, and an index."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--families", default="all", help=f"comma-separated, or all (default): {', '.join(FAMILIES)}")
    parser.add_argument("--levels", default="all", help="comma-separated, 0 = easiest, or all (default)")
    parser.add_argument("--items", type=int, default=4, help="items of each family and level (default 4)")
    parser.add_argument("--image-size", type=int, default=384, help="longer side of the pictures, pixels (default 384)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--out", type=Path, required=True, help="folder for FAMILY.png, FAMILY.html and index.html")


def run(arguments: argparse.Namespace) -> None:
    """Write the preview. Raises ValueError for arguments that name nothing, OSError naming a file."""
    families = names_in(arguments.families, FAMILIES)
    console = Console(highlight=False)
    columns = (TextColumn("preview"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(families))
        index = write_preview(
            arguments.out,
            families,
            levels_in(arguments.levels),
            items=arguments.items,
            size=arguments.image_size,
            workers=arguments.workers,
            progress=lambda family: bar.update(task, advance=1, description=family),
        )
    console.print(f"written: {index}", markup=False)
