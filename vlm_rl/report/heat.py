"""Success rate of every cell the sampler knows, at the first, the middle and the last iteration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vlm_rl.config import SynthSource
from vlm_rl.report.escape import escape
from vlm_rl.report.record import RunRecord


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Running success rates at one iteration."""

    iteration: int
    rates: dict[tuple[str, str, int], float]  # (family, modality, level) -> success rate
    unlocked: dict[str, int]  # family/modality -> highest level asked so far; {} where the schedule locks nothing


def heat_section(record: RunRecord) -> str:
    """One row per family and modality, one block of levels per snapshot."""
    shots = snapshots(record.metrics)
    if not shots:
        return '<h2>Success rates</h2><p class="none">No success rates were logged.</p>'
    lines = sorted({(family, modality) for shot in shots for family, modality, _ in shot.rates})
    known = known_levels(record)
    levels = range(max(level for found in known.values() for level in found) + 1)
    heads = "".join(f'<th class="group" colspan="{len(levels)}">iteration {shot.iteration}</th>' for shot in shots)
    numbers = "".join(f"<th{_edge(level)}>{level}</th>" for _ in shots for level in levels)
    body = ""
    for position, (family, modality) in enumerate(lines):
        repeated = position > 0 and lines[position - 1][0] == family
        cells = "".join(
            _cell(shot, family, modality, level) if level in known[family] else f"<td{_edge(level, 'absent')}></td>"
            for shot in shots
            for level in levels
        )
        body += f"<tr><th>{'' if repeated else escape(family)}</th><th>{escape(modality)}</th>{cells}</tr>"
    head = f"<tr><th></th><th></th>{heads}</tr><tr><th></th><th></th>{numbers}</tr>"
    return (
        '<h2>Success rates by family and level</h2><p class="note">Running success rate in training, %, by level '
        "(0 = easiest). · = not asked yet, hatched = locked by the curriculum.</p>"
        f'<div class="wide"><table class="heat"><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def snapshots(metrics: Sequence[dict[str, Any]]) -> list[Snapshot]:
    """The first, middle and last row that has success rates; fewer if there are fewer."""
    found = [shot for row in metrics if (shot := _snapshot(row)).rates]
    chosen = sorted({0, len(found) // 2, len(found) - 1}) if found else []
    return [found[position] for position in chosen]


def known_levels(record: RunRecord) -> dict[str, set[int]]:
    """family -> its levels: those of the config, and those with a success rate at any iteration."""
    levels: dict[str, set[int]] = {}
    for source in record.config.data.sources:
        if isinstance(source, SynthSource):
            for family, configured in source.families.items():
                levels.setdefault(family, set()).update(configured)
    for row in record.metrics:
        for family, _, level in _snapshot(row).rates:
            levels.setdefault(family, set()).add(level)
    return levels


def _snapshot(row: dict[str, Any]) -> Snapshot:
    rates, unlocked = {}, {}
    for key, value in row.items():
        if value is None:
            continue
        if key.startswith("success/"):
            family, level, modality = key.removeprefix("success/").rsplit("/", 2)
            rates[family, modality, int(level)] = float(value)
        elif key.startswith("sampler/unlocked/"):
            unlocked[key.removeprefix("sampler/unlocked/")] = int(value)
    return Snapshot(row["iteration"], rates, unlocked)


def _cell(shot: Snapshot, family: str, modality: str, level: int) -> str:
    rate = shot.rates.get((family, modality, level))
    if rate is not None:
        percent = round(100 * rate)
        return f'<td{_edge(level)} style="--rate:{percent}%">{percent}</td>'
    if level > shot.unlocked.get(f"{family}/{modality}", level):
        return f"<td{_edge(level, 'locked')}></td>"
    return f"<td{_edge(level, 'unseen')}>·</td>"


def _edge(level: int, *classes: str) -> str:
    """The class attribute of a cell; each block of levels starts with a gap."""
    names = " ".join([*classes, *(["first"] if level == 0 else [])])
    return f' class="{names}"' if names else ""
