"""The closing table: held-out accuracy before and after, greedy and sampled, with intervals."""

from __future__ import annotations

from collections.abc import Mapping

from vlm_rl.report.escape import escape
from vlm_rl.report.metrics import STAGES, Accuracy, AccuracyRow, AccuracyTable, accuracy_table
from vlm_rl.report.record import RunRecord


def closing_section(record: RunRecord) -> str:
    """The accuracy table of the report, or a sentence that there was no evaluation."""
    table = accuracy_table(record.evals)
    if not table.rows:
        return '<h2>Held-out accuracy</h2><p class="none">No evaluation was run.</p>'
    note = "Per cent of held-out responses that are correct; small: 95 % Wilson interval."
    if table.baseline:
        note += f" Gain: RL minus {STAGES[table.baseline]}, in points."
    body = "".join(_row(table, row, position) for position, row in enumerate(table.rows))
    return (
        f'<h2>Held-out accuracy</h2><p class="note">{escape(note)}</p>'
        f'<div class="wide"><table class="accuracy">{_head(table)}<tbody>{body}</tbody></table></div>'
    )


def _head(table: AccuracyTable) -> str:
    columns = [STAGES[stage] for stage in table.stages] + (["gain"] if table.baseline else [])
    names = "".join(f"<th>{escape(name)}</th>" for name in columns)
    groups = "".join(f'<th class="group" colspan="{len(columns)}">{name}</th>' for name in ("greedy", "sampled"))
    return (
        f'<thead><tr><th class="name"></th><th class="items"></th>{groups}</tr>'
        f"<tr><th></th><th>items</th>{names}{names}</tr></thead>"
    )


def _row(table: AccuracyTable, row: AccuracyRow, position: int) -> str:
    starts_group = position > 0 and table.rows[position - 1].group != row.group
    classes = " ".join(filter(None, ("rule" if starts_group else "", "total" if row.group == "all" else "")))
    cells = _cells(table, row.greedy) + _cells(table, row.sampled)
    return f'<tr class="{classes}"><th>{escape(row.name)}</th><td class="items">{row.items:,}</td>{cells}</tr>'


def _cells(table: AccuracyTable, accuracies: Mapping[str, Accuracy | None]) -> str:
    cells = [_accuracy_cell(accuracies[stage]) for stage in table.stages]
    if table.baseline:
        gain = table.gain(accuracies)
        cells.append("<td>–</td>" if gain is None else f'<td class="gain">{gain:+.1f}</td>'.replace("-", "−"))
    return "".join(cells)


def _accuracy_cell(accuracy: Accuracy | None) -> str:
    if accuracy is None:
        return "<td>–</td>"
    low, high = accuracy.interval
    title = f"{accuracy.correct:,} of {accuracy.total:,} responses"
    return f'<td title="{title}">{100 * accuracy.rate:.1f}<small>{100 * low:.0f}–{100 * high:.0f}</small></td>'
