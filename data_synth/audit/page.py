"""The audit as an HTML page: broken bounds, one sortable row for each family and level, and what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from data_synth.audit.bounds import BOUNDS, Bound, Finding, broken
from data_synth.audit.show import number, rows_of, summary
from data_synth.html_page import document

_STYLE = """
.audit th,.audit td{padding:3px 9px;text-align:right;white-space:nowrap}
.audit thead th{position:sticky;top:0;background:var(--paper);font-weight:600;
border-bottom:1px solid var(--ink);cursor:pointer}
.audit thead .group{text-align:left;color:var(--soft);font-weight:400;border-bottom:0;
border-left:1px solid var(--rule);cursor:default}
.audit thead tr+tr th{top:26px}.audit .first{border-left:1px solid var(--rule)}
.audit tbody th{text-align:left;font-weight:400}.audit tbody tr:hover{background:var(--faint)}
.audit .bad{color:var(--bad);background:var(--bad-paper);font-weight:600}
.audit th[aria-sort=ascending]::after{content:" \\2191"}.audit th[aria-sort=descending]::after{content:" \\2193"}
.plain td,.plain th{padding:3px 18px 3px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
"""
_SCRIPT = """
const table=document.querySelector(".audit"),body=table.tBodies[0];
for(const head of table.querySelectorAll("th[data-column]"))head.addEventListener("click",()=>{
  const up=head.getAttribute("aria-sort")!=="ascending",column=Number(head.dataset.column);
  for(const other of table.querySelectorAll("th[aria-sort]"))other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort",up?"ascending":"descending");
  const key=row=>{const text=row.cells[column].dataset.value;return column?(text===undefined?NaN:Number(text)):text};
  const sorted=[...body.rows].sort((a,b)=>{
    const x=key(a),y=key(b);
    if(column&&(Number.isNaN(x)||Number.isNaN(y)))return Number.isNaN(x)-Number.isNaN(y);
    return (x<y?-1:x>y?1:0)*(up?1:-1);
  });
  body.append(...sorted);
});
"""


def page(findings: Sequence[Finding], count: int) -> str:
    """The whole document."""
    title = "Audit of the generators"
    body = f"<h1>{title}</h1>\n<p>{escape(summary(findings, count))}</p>\n"
    body += _problems(findings) + _table(findings) + _meanings()
    return document(title, body, style=_STYLE, script=_SCRIPT)


def _problems(findings: Sequence[Finding]) -> str:
    rows = "".join(
        f"<tr><td>{escape(f.family)} {f.level}</td><td>{escape(f.measure)}</td><td>{number(f.value)}</td>"
        f"<td>{bound_text(f)}</td><td>{escape(BOUNDS[f.measure].text)}</td></tr>"
        for f in broken(findings)
    )
    if not rows:
        return ""
    head = "<tr><th>Family, level</th><th>Measure</th><th>Value</th><th>Bound</th><th></th></tr>"
    return f'<h2>Broken bounds</h2>\n<table class="plain"><thead>{head}</thead><tbody>{rows}</tbody></table>\n'


def bound_text(finding: Finding) -> str:
    """The bound that a finding is held to, e.g. &lt;= 0.05."""
    return "" if finding.bound is None else escape(f"{BOUNDS[finding.measure].side} {number(finding.bound)}")


def _table(findings: Sequence[Finding]) -> str:
    present = {f.measure for f in findings}
    measures = [measure for measure in BOUNDS if measure in present]
    first = {next(group) for _, group in groupby(measures, key=lambda measure: BOUNDS[measure].group)}
    spans = [(name, len(list(group))) for name, group in groupby(measures, key=lambda m: BOUNDS[m].group)]
    groups = "".join(f'<th class="group" colspan="{width}">{escape(name)}</th>' for name, width in spans)
    heads = '<th data-column="0">family</th><th data-column="1">level</th>' + "".join(
        f'<th data-column="{place}"{_first(measure in first)} title="{escape(BOUNDS[measure].text)}">'
        f"{escape(measure)}</th>"
        for place, measure in enumerate(measures, 2)
    )
    rows = []
    for (family, level), cells in rows_of(findings).items():
        values = "".join(_cell(cells.get(measure), measure in first) for measure in measures)
        start = f'<th data-value="{escape(family)}">{escape(family)}</th><td data-value="{level}">{level}</td>'
        rows.append(f"<tr>{start}{values}</tr>")
    return (
        '<h2>All measures</h2>\n<p class="soft">A click on a heading sorts.</p>\n<div class="wide">'
        f'<table class="audit"><thead><tr><th colspan="2"></th>{groups}</tr><tr>{heads}</tr></thead>\n<tbody>'
        + "\n".join(rows)
    ) + "</tbody></table></div>\n"


def _first(first: bool) -> str:
    return ' class="first"' if first else ""


def _cell(finding: Finding | None, first: bool) -> str:
    if finding is None:
        return f"<td{_first(first)}></td>"
    names = ["first"] * first + ["bad"] * (not finding.ok)
    kind = f' class="{" ".join(names)}"' if names else ""
    return f'<td{kind} data-value="{finding.value!r}" title="{bound_text(finding)}">{number(finding.value)}</td>'


def _meanings() -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(limit_text(bound))}</td><td>{escape(bound.text)}</td></tr>"
        for name, bound in BOUNDS.items()
    )
    return f'<h2>What is measured</h2>\n<table class="plain"><tbody>{rows}</tbody></table>\n'


def limit_text(bound: Bound) -> str:
    """The bound in words, e.g. <= chance + 0.03."""
    if bound.limit is None:
        return "reported"
    if isinstance(bound.limit, dict):
        levels = [f"{number(limit)} at level {level}" for level, limit in bound.limit.items()]
        return f"{bound.side} {', '.join(levels)}"
    return f"{bound.side} {bound.over + ' + ' if bound.over else ''}{number(bound.limit)}"
