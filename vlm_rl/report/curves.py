"""Which metrics are drawn, in what order, and what each chart tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from vlm_rl.report.charts import Series, line_chart
from vlm_rl.report.escape import escape
from vlm_rl.report.record import RunRecord
from vlm_rl.types import MODALITIES

NUM_COLORS = 6  # --c0 .. --c5 of the style sheet; --c0 is the ink


@dataclass(frozen=True, slots=True)
class Chart:
    """lines: (metrics key, label); a key with * stands for all keys that match, labelled by what * stands for."""

    title: str
    lines: tuple[tuple[str, str], ...]
    caption: str
    percent: bool = False
    log: bool = False
    ordered: bool = False  # the lines are steps of one scale (lags): one hue, dark to light


def _gap_chart(modality: str) -> Chart:
    caption = "mean |log-probability by the engine − by the trainer| per token, a line per lag"
    return Chart(f"{modality.capitalize()} prompts", ((f"gap/lag*/{modality}", "lag {}"),), caption, ordered=True)


CURVES: dict[str, tuple[Chart, ...]] = {
    "Accuracy and reward": (
        Chart(
            "Accuracy in training",
            (("reward/accuracy", "all"), ("accuracy/*", "{}"), ("eval/accuracy", "held-out")),
            "share of the iteration's trained responses that are correct; prompts change with the curriculum",
            percent=True,
        ),
        Chart(
            "Reward",
            (("reward/mean", "mean reward"), ("reward/length_weight", "weight of the length reward")),
            "correctness, length reward and penalties together",
        ),
        Chart(
            "Groups and what they teach",
            (("optim/groups", "complete groups"), ("optim/groups_all_equal", "all rewards equal")),
            "a group whose rewards are all equal has advantage 0 everywhere",
        ),
        Chart(
            "Finishes",
            (("rollout/stop", "stop"), ("rollout/length", "length"), ("rollout/repeat", "repeat")),
            "responses that ended by themselves, at the length limit, by the repetition stop",
        ),
    ),
    "Response length": (
        Chart(
            "Tokens per response",
            (("response/tokens_mean", "mean"), ("response/tokens_max", "max")),
            "of finished responses",
        ),
        Chart("Segments per response", (("response/segments_mean", "mean"),), "1 = finished within one iteration"),
    ),
    "Partial rollouts": (
        Chart(
            "Cut and resumed",
            (("rollout/cut", "cut by the segment budget"), ("rollout/resumed", "resumed from an earlier iteration")),
            "trajectories of the iteration",
        ),
        Chart(
            "In flight",
            (("rollout/open_groups", "open groups"), ("rollout/unfinished", "unfinished trajectories")),
            "at the end of the iteration",
        ),
        Chart(
            "Lag", (("lag/mean", "mean"), ("lag/max", "max")), "iteration minus policy version, over response tokens"
        ),
        Chart(
            "Tokens too old to train on",
            (("lag/dead_fraction", "share"),),
            "tokens with lag above optim.max_lag",
            percent=True,
        ),
    ),
    "Optimization": (
        Chart("Loss", (("optim/loss", "loss"),), "mean over the iteration's steps"),
        Chart("Gradient norm", (("optim/grad_norm", "grad norm"),), "before clipping; log scale", log=True),
        Chart(
            "τ (Σ log-ratio)²",
            (("optim/tau_log_ratio_sq_mean", "mean"), ("optim/tau_log_ratio_sq_max", "max")),
            "per response, against the iteration's starting policy; log scale",
            log=True,
        ),
        Chart("Trained tokens", (("optim/trained_tokens", "tokens"),), "per iteration"),
    ),
    "Engine and trainer agree": tuple(_gap_chart(modality) for modality in MODALITIES),
    "Time": (
        Chart(
            "Seconds per iteration",
            (
                ("seconds/rollout", "rollout"),
                ("seconds/score", "score"),
                ("seconds/learn", "learn"),
                ("seconds/total", "total"),
            ),
            "wall clock",
        ),
        Chart("Tokens sampled", (("rollout/tokens", "tokens"),), "per iteration"),
    ),
}


def curves_section(record: RunRecord) -> str:
    """All charts that have something to draw, by theme."""
    if not record.metrics:
        return '<h2>Curves</h2><p class="none">No iteration was logged.</p>'
    parts = []
    for theme, charts in CURVES.items():
        figures = [figure for chart in charts if (figure := _figure(record, chart))]
        if figures:
            parts.append(f'<h3>{escape(theme)}</h3><div class="charts">{"".join(figures)}</div>')
    note = "Lines are running means, dots are the iterations. " if len(record.metrics) >= 20 else ""
    hint = "A line is broken where nothing was logged. Point at a chart to read the values of an iteration."
    return f'<h2>Curves over iterations</h2><p class="note">{note}{hint}</p>{"".join(parts)}'


def _figure(record: RunRecord, chart: Chart) -> str:
    """The chart with title, legend and caption; "" when no value was logged."""
    series = series_of(record, chart)
    if not series:
        return ""
    svg = line_chart(chart.title, record.iterations, series, percent=chart.percent, log=chart.log)
    keys = [f'<span class="key" style="--key:{one.color}">{escape(one.label)}</span>' for one in series]
    legend = "".join(keys) if len(keys) > 1 or chart.ordered else ""
    return (
        f"<figure><figcaption><b>{escape(chart.title)}</b> <span>{escape(chart.caption)}</span></figcaption>"
        f'<div class="legend">{legend}</div>{svg}</figure>'
    )


def series_of(record: RunRecord, chart: Chart) -> list[Series]:
    """The chart's lines that have a value to draw, coloured."""
    found = []
    for pattern, label in chart.lines:
        for key in sorted((key for key in record.keys() if fnmatchcase(key, pattern)), key=_natural):
            values = tuple(record.column(key))
            if any(value is not None and (value > 0 or not chart.log) for value in values):
                found.append((label.format(_wild_part(key, pattern)), values))
    colors = _ordered_colors(len(found)) if chart.ordered else [f"var(--c{i % NUM_COLORS})" for i in range(len(found))]
    return [Series(label, values, color) for (label, values), color in zip(found, colors, strict=True)]


def _natural(key: str) -> list[tuple[int, str]]:
    """Sorts lag10 after lag2."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", key)]


def _wild_part(key: str, pattern: str) -> str:
    before, _, after = pattern.partition("*")
    return key.removeprefix(before).removesuffix(after)


def _ordered_colors(n: int) -> list[str]:
    shares = [round(100 * position / max(1, n - 1)) for position in range(n)]
    return [f"color-mix(in oklab,var(--scale1) {share}%,var(--scale0))" for share in shares]
