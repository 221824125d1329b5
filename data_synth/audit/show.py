"""The audit on a terminal, in Markdown and in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.table import Table

from data_synth.audit.bounds import BOUNDS, Finding, broken
from data_synth.item import GEN_VERSION

TABLES = (("contents", "guessing"), ("correctness", "traces"), ("pictures", "time"))  # groups that stand side by side

Rows = dict[tuple[str, int], dict[str, Finding]]


def number(value: float) -> str:
    """A value in a few characters, e.g. 0.032, 14.3, 39, 10,562."""
    if value == int(value):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 else f"{value:.1g}"


def rows_of(findings: Iterable[Finding]) -> Rows:
    """The findings by family and level, then by measure."""
    rows: Rows = {}
    for finding in findings:
        rows.setdefault((finding.family, finding.level), {})[finding.measure] = finding
    return rows


def summary(findings: Sequence[Finding], count: int) -> str:
    """One sentence: how much was measured and how many bounds are broken."""
    cells, bad = len(rows_of(findings)), len(broken(findings))
    held = sum(finding.bound is not None for finding in findings)
    verdict = "No bound is broken." if not bad else f"{bad} of {held:,} bounds are broken."
    return f"{cells} families and levels, {count:,} items of each, generator version {GEN_VERSION}. {verdict}"


def tables(findings: Sequence[Finding]) -> list[Table]:
    """Rich tables with one row for each family: the worst of its levels, red where a bound is broken."""
    found = []
    for groups in TABLES:
        measures = [
            name for name in BOUNDS if BOUNDS[name].group in groups and any(f.measure == name for f in findings)
        ]
        if measures:
            found.append(_table(", ".join(groups), measures, findings))
    return found


def _table(title: str, measures: list[str], findings: Sequence[Finding]) -> Table:
    table = Table(title=f"{title} (worst level)", title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column("family", no_wrap=True)
    for measure in measures:
        table.add_column(measure, justify="right")
    for family in dict.fromkeys(finding.family for finding in findings):
        own = [finding for finding in findings if finding.family == family]
        table.add_row(family, *(_worst([f for f in own if f.measure == measure]) for measure in measures))
    return table


def _worst(findings: list[Finding]) -> str:
    """The finding that is furthest on the wrong side, with its level where it breaks a bound."""
    if not findings:
        return ""
    sign = 1 if BOUNDS[findings[0].measure].side == "<=" else -1
    worst = max(findings, key=lambda f: (not f.ok, sign * (f.value - (f.bound or 0))))
    text = number(worst.value)
    return text if worst.ok else f"[red]L{worst.level} {text}[/]"


def complaints(findings: Sequence[Finding]) -> list[str]:
    """One line for each broken bound."""
    lines = []
    for f in broken(findings):
        bound = BOUNDS[f.measure]
        must = f"{bound.side} {number(f.bound or 0)}"
        lines.append(f"{f.family} {f.level}: {f.measure} is {number(f.value)}, must be {must}. {bound.text}")
    return lines


def markdown(findings: Sequence[Finding], count: int) -> str:
    """Tables with one row for each family and level; broken bounds are bold."""
    parts = [f"{summary(findings, count)}\n"]
    for groups in TABLES:
        measures = [
            name for name in BOUNDS if BOUNDS[name].group in groups and any(f.measure == name for f in findings)
        ]
        if not measures:
            continue
        lines = [f"| family | {' | '.join(measures)} |", "|---|" + "---:|" * len(measures)]
        for (family, level), cells in rows_of(findings).items():
            values = (_bold(cells.get(measure)) for measure in measures)
            lines.append(f"| {family} {level} | {' | '.join(values)} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _bold(finding: Finding | None) -> str:
    if finding is None:
        return ""
    return number(finding.value) if finding.ok else f"**{number(finding.value)}**"


def as_json(findings: Sequence[Finding], count: int) -> str:
    """Everything, for programs: version, items of each cell, findings and bounds."""
    record = {
        "gen_version": GEN_VERSION,
        "count": count,
        "broken": len(broken(findings)),
        "findings": [asdict(finding) for finding in findings],
        "bounds": {name: asdict(bound) for name, bound in BOUNDS.items()},
    }
    return json.dumps(record, indent=1)
