"""The command: arguments, a progress bar, tables, files, and the exit status."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from data_synth.atomic_file import write_atomically
from data_synth.audit.bounds import BOUNDS, broken
from data_synth.audit.page import page
from data_synth.audit.run import audit
from data_synth.audit.show import as_json, complaints, markdown, summary, tables
from data_synth.families import FAMILIES
from data_synth.selection import levels_in, names_in

TEXT = "Measure the generators of synthetic data against their bounds; status 1 where one is broken."
WIDTH = 150  # columns, where the output is no terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--families", default="all", help=f"comma-separated, or all (default): {', '.join(FAMILIES)}")
    parser.add_argument("--levels", default="all", help="comma-separated, 0 = easiest, or all (default)")
    parser.add_argument("--n", type=int, default=300, help="items of each family and level, at least 20 (default 300)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    parser.add_argument("--out", type=Path, help="folder for audit.html, audit.json and audit.md (default: none)")
    parser.add_argument("--untimed", action="store_true", help="leave out times, which depend on the machine")
    parser.add_argument(
        "--measures", default="all", help=f"comma-separated, or all (default): {', '.join(BOUNDS).replace('%', '%%')}"
    )


def run(arguments: argparse.Namespace) -> None:
    """Audit, print, write. Raises ValueError for arguments that name nothing, SystemExit(1) for broken bounds."""
    families, levels = names_in(arguments.families, FAMILIES), levels_in(arguments.levels)
    measures = names_in(arguments.measures, BOUNDS)
    if arguments.untimed:
        measures = [measure for measure in measures if measure not in BOUNDS or BOUNDS[measure].group != "time"]
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH)
    columns = (TextColumn("audit"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task("", total=len(families) * len(levels))
        findings = audit(
            families,
            levels,
            arguments.n,
            measures=measures,
            workers=arguments.workers,
            progress=lambda cell: bar.update(task, advance=1, description=cell),
        )
    for table in tables(findings):
        console.print(table)
        console.print()
    for line in complaints(findings):
        console.print(line, markup=False, soft_wrap=True)
    console.print(summary(findings, arguments.n), markup=False)
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        files = {"audit.html": page(findings, arguments.n), "audit.json": as_json(findings, arguments.n)}
        for name, text in {**files, "audit.md": markdown(findings, arguments.n)}.items():
            write_atomically(arguments.out / name, text.encode())
        console.print(f"written: {arguments.out / 'audit.html'}", markup=False)
    if broken(findings):
        raise SystemExit(1)
