"""`vlm-rl eval compare`: two evaluations of the same questions, paired."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from vlm_rl.evaluation.compare import Change, Comparison
    from vlm_rl.evaluation.paired import Difference

TEXT = "Compare two evaluations of the same questions: paired difference, McNemar test, questions won and lost."
_SHOWN_CHANGES = 20
_SHOWN_CHARS = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("a", type=Path, metavar="A", help="folder of an evaluation, the one to compare with")
    parser.add_argument("b", type=Path, metavar="B", help="folder of another one; differences are B minus A")
    parser.add_argument(
        "--mode", choices=("official", "strict"), default="official", help="verdicts (default official)"
    )
    parser.add_argument("--out", type=Path, help="write everything as JSON, with all changed questions (default: not)")


def run(arguments: argparse.Namespace) -> None:
    from vlm_rl.console import console
    from vlm_rl.evaluation.compare import compare
    from vlm_rl.evaluation.finished import read_evaluation
    from vlm_rl.report.metrics import write_atomically

    a, b = read_evaluation(arguments.a), read_evaluation(arguments.b)
    comparison = compare(a, b, arguments.mode)
    for warning in comparison.warnings:
        console.print(f"warning: {warning}", markup=False, style="yellow")
    console.print(f"{a.name}, {comparison.mode} mode; A is {a.folder}, B is {b.folder}", markup=False)
    console.print(summary_of(comparison), markup=False)
    for kind, groups in comparison.categories.items():
        console.print()
        console.print(_table(kind, groups))
    for title, changes in (("won", comparison.won), ("lost", comparison.lost)):
        for line in _changes(title, changes):
            console.print(line, markup=False, soft_wrap=True)
    if arguments.out:
        told = {"a": str(a.folder), "b": str(b.folder), "name": a.name, **asdict(comparison)}
        write_atomically(arguments.out, json.dumps(told, indent=1) + "\n")


def summary_of(comparison: Comparison) -> str:
    """Both accuracies, their difference with its interval, and the test, in two lines."""
    overall = comparison.overall
    withheld = f" ({comparison.withheld:,} without published answers left out)" if comparison.withheld else ""
    return (
        f"{overall.num_questions:,} questions{withheld}: A {100 * overall.a:.1f} %, B {100 * overall.b:.1f} %, "
        f"difference {_points(overall)}\n"
        f"won {len(comparison.won):,}, lost {len(comparison.lost):,}; p = {comparison.p_value:.2g} ({comparison.test})"
    )


def _points(difference: Difference) -> str:
    low, high = 100 * difference.low, 100 * difference.high
    return f"{100 * difference.difference:+.1f} points ({low:+.1f} to {high:+.1f})"


def _table(kind: str, groups: Mapping[str, Difference]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column(Text(kind))
    for name in ("questions", "A, %", "B, %", "B - A (95 % interval)"):
        table.add_column(name, justify="right")
    for name, one in groups.items():
        shares = (f"{one.num_questions:,}", f"{100 * one.a:.1f}", f"{100 * one.b:.1f}", _points(one))
        table.add_row(Text(name), *shares)
    return table


def _changes(title: str, changes: tuple[Change, ...]) -> list[str]:
    """The first changed questions, one line each; predictions as literals, so that none can act on the terminal."""
    if not changes:
        return []
    more = f", the first {_SHOWN_CHANGES}" if len(changes) > _SHOWN_CHANGES else ""
    return [f"\n{title} ({len(changes):,}{more}): id, gold, prediction of A -> of B"] + [
        f"  {change.id}  {_literal(change.gold)}  {_side(change.a)} -> {_side(change.b)}"
        for change in changes[:_SHOWN_CHANGES]
    ]


def _side(predictions: tuple[str | None, ...]) -> str:
    return ", ".join(map(_literal, predictions))


def _literal(text: str | None) -> str:
    return "none" if text is None else repr(text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…")
