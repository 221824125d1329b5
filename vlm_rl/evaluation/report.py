"""The report of an evaluation: one HTML file that needs nothing else, from the files of the evaluation's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vlm_rl.evaluation.finished import MODES, Evaluation, read_evaluation
from vlm_rl.evaluation.report_cards import Groups, responses_section
from vlm_rl.evaluation.report_page import document
from vlm_rl.evaluation.summary import notes, summarise
from vlm_rl.report.escape import bounded, escape
from vlm_rl.report.metrics import write_atomically

OPEN_GROUPS = 12  # a breakdown of more groups is folded up
_MAX_NAME = 200
_SETTINGS = {  # name on the page -> key of run.json
    "Policy": "policy",
    "Engine": "engine",
    "Prompt": "prompt_variant",
    "Most tokens": "max_tokens",
    "Samples": "samples",
    "Temperature": "temperature",
    "Extraction": "extractor",
    "Seed": "seed",
}

Figures = Mapping[str, Any]
"""Figures of one group in one mode, as `summary.accuracy_row` gives them."""


def write_evaluation_report(out: Path) -> Path:
    """Write OUT/report.html from run.json, responses.jsonl and the pictures; returns its path.

    Works on an evaluation in progress. Raises FileNotFoundError or ValueError as `read_evaluation` does.
    """
    evaluation = read_evaluation(out)
    summary = summarise(evaluation.run, evaluation.rows)
    groups = {
        (kind, group): number
        for number, (kind, group) in enumerate(
            (kind, group) for kind, found in _breakdowns(summary).items() for group in found
        )
    }
    sections = [
        _header(evaluation, summary),
        _accuracy_section(summary, groups),
        responses_section(evaluation, groups),
    ]
    target = out / "report.html"
    write_atomically(target, document(f"{evaluation.name}, vlm-rl evaluation", sections))
    return target


def _breakdowns(summary: Figures) -> Mapping[str, Mapping[str, Figures]]:
    return summary["official"]["by_category"] if summary["official"] else {}


# ------------------------------------------------------------------------------------------------------------- header


def _header(evaluation: Evaluation, summary: Figures) -> str:
    settings = "".join(
        f"<dt>{title}</dt><dd>{escape(_setting(key, evaluation.run))}</dd>" for title, key in _SETTINGS.items()
    )
    versions = ", ".join(f"{name} {version}" for name, version in (evaluation.run.get("versions") or {}).items())
    first = next(iter(evaluation.questions.values()), None)
    asked = (
        f"<details><summary>The first prompt</summary><pre>{escape(first[0]['question'])}</pre></details>"
        if first
        else ""
    )
    return (
        f'<header><p class="kicker">vlm-rl evaluation report</p><h1>{escape(evaluation.name)}</h1>'
        f'{_headline(summary)}<p class="lead">{escape(in_words(evaluation, summary))}</p>'
        f"{''.join(f'<p>{escape(note)}</p>' for note in [*notes(summary), *_twins(evaluation.folder)])}</header>"
        f'<dl class="settings">{settings}<dt>Versions</dt><dd>{escape(versions)}</dd></dl>{asked}'
    )


def _setting(key: str, run: Figures) -> str:
    value = run.get(key)
    if key == "temperature" and value == 0:
        return "0, greedy"
    return "by rules" if key == "extractor" and value is None else str(value)


def _headline(summary: Figures) -> str:
    """The two accuracies, large."""
    shown = []
    for mode in MODES:
        if summary[mode]:
            row = summary[mode]["overall"]
            low, high = row["interval"]
            shown.append(
                f'<div class="{mode}"><span>{mode}</span><b>{100 * row["accuracy"]:.1f} %</b>'
                f"<span>95 % interval {100 * low:.1f} to {100 * high:.1f}</span></div>"
            )
    return f'<div class="headline">{"".join(shown)}</div>' if shown else ""


def in_words(evaluation: Evaluation, summary: Figures) -> str:
    """What was answered, and how."""
    samples = int(evaluation.run["samples"])
    asked = f"{len(evaluation.questions):,} questions"
    told = [f"{asked}, {samples} responses to each" if samples > 1 else asked]
    told.append(f"{_percent(summary['truncated'])} of the responses were cut off at the token limit")
    if summary["repeated"]:
        told.append(f"{_percent(summary['repeated'])} stopped for repeating themselves")
    if summary["official"]:
        official, strict = (summary[mode]["overall"] for mode in MODES)
        unread = [_percent(row["abstained"]) for row in (official, strict)]
        told.append(f"no answer was found in {unread[0]} (strict: {unread[1]})")
        if guessed := official["random_fallback"]:
            expected = _percent(official["expected_accuracy"])
            told.append(f"the official code guesses at random in {_percent(guessed)}, expected accuracy {expected}")
    told.append(f"{summary['tokens_mean']:,.0f} tokens a response on average")
    return "; ".join(told) + "."


def _twins(folder: Path) -> list[str]:
    """The modality gap, which the runner writes into summary.json for synthetic items that have twins."""
    path = folder / "summary.json"
    found = json.loads(path.read_text(encoding="utf-8")).get("twins") if path.exists() else None
    if not found:
        return []
    text, shown, agree = (_percent(found[key]) for key in ("text", "shown", "consistency"))
    low, high = (100 * bound for bound in found["gap_interval"] or (-1, 1))
    return [
        f"Of {found['pairs']:,} items asked both as text and as a picture, {text} are right as text and {shown} as a "
        f"picture: a modality gap of {100 * found['gap']:.1f} points (95 % interval {low:.1f} to {high:.1f}). "
        f"Twins agree in {agree}."
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


# ------------------------------------------------------------------------------------------------------------- tables


def _accuracy_section(summary: Figures, groups: Groups) -> str:
    if not summary["official"]:
        return ""
    overall = {mode: summary[mode]["overall"] for mode in MODES}
    tables = [_table("", {"all questions": overall}, groups)]
    for kind, found in _breakdowns(summary).items():
        rows = {group: {mode: summary[mode]["by_category"][kind][group] for mode in MODES} for group in found}
        fold = "" if len(rows) > OPEN_GROUPS else " open"
        tables.append(
            f'<details class="folded"{fold}><summary>{escape(kind)} <small>{len(rows)}</small></summary>'
            f"{_table(kind, rows, groups)}</details>"
        )
    return (
        '<h2>Accuracy</h2><p class="note">Official follows the rules of the benchmark&#x27;s own code, guesses '
        "included; strict takes no answer for a wrong one. Lines are 95 % intervals. Each name filters the responses "
        f"below.</p>{''.join(tables)}"
    )


def _table(kind: str, rows: Mapping[str, Mapping[str, Figures]], groups: Groups) -> str:
    head = f'<th class="name"></th><th class="n">n</th><th class="graph">{_SCALE}</th>'
    head += '<th class="rate">official, %</th><th class="rate">strict, %</th>'
    head += "".join(f"<th>{name}</th>" for name in ("no answer", "guessed", "cut off", "tokens"))
    body = "".join(_row(kind, group, modes, groups) for group, modes in rows.items())
    return (
        f'<div class="wide"><table class="breakdown"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _row(kind: str, group: str, modes: Mapping[str, Figures], groups: Groups) -> str:
    official, strict = modes["official"], modes["strict"]
    name = bounded(group, _MAX_NAME)
    if (kind, group) in groups:
        name = f'<button class="pick" data-group="{groups[kind, group]}">{name}</button>'
    cells = [
        *(f'{100 * one["accuracy"]:.1f} <small class="soft">{_interval(one)}</small>' for one in (official, strict)),
        *(f"{100 * one:.1f}" for one in (strict["abstained"], official["random_fallback"], official["truncated"])),
        f"{official['tokens_mean']:,.0f}",
    ]
    return (
        f'<tr><th>{name}</th><td class="soft">{official["n"]:,}</td><td class="graph">{_graph(modes)}</td>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )


def _interval(row: Figures) -> str:
    low, high = row["interval"]
    return f"{100 * low:.0f}–{100 * high:.0f}"


_SCALE = (
    '<svg viewBox="0 0 200 12" role="img" aria-label="0 to 100 %"><text x="0" y="10">0</text>'
    '<text x="100" y="10" text-anchor="middle">50</text><text x="200" y="10" text-anchor="end">100 %</text></svg>'
)


def _graph(modes: Mapping[str, Figures]) -> str:
    """Both accuracies with their intervals, on a scale from 0 to 100 %."""
    lines = [f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="20"/>' for x in (0, 50, 100, 150, 200)]
    for mode, y in zip(MODES, (6, 14), strict=True):
        row = modes[mode]
        low, high = (200 * bound for bound in row["interval"])
        lines.append(
            f'<g class="{mode}"><line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" opacity=".45"/>'
            f'<circle cx="{200 * row["accuracy"]:.1f}" cy="{y}" r="3.2"/></g>'
        )
    return f'<svg viewBox="0 0 200 20" aria-hidden="true">{"".join(lines)}</svg>'
