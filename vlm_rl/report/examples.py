"""Held-out questions answered at every stage: what warm-up and RL changed, to read."""

from __future__ import annotations

from typing import Any

from vlm_rl.report.cards import MAX_RESPONSE, images_html, origin_html, question_html, verdict_html
from vlm_rl.report.escape import bounded
from vlm_rl.report.metrics import STAGES
from vlm_rl.report.record import RunRecord

MAX_QUESTIONS = 6


def examples_section(record: RunRecord) -> str:
    """Up to MAX_QUESTIONS questions that every stage answered, greedy, one column per stage; "" if there are none."""
    by_stage = {e["stage"]: {row["prompt_id"]: row for row in e["examples"]} for e in record.evals}
    if not by_stage:
        return ""
    first, *others = by_stage.values()
    common = [prompt_id for prompt_id in first if all(prompt_id in rows for rows in others)]
    if not common:
        return ""
    body = "".join(_question(prompt_id, by_stage, record) for prompt_id in spread(common, MAX_QUESTIONS))
    return (
        '<h2>The same question, before and after</h2><p class="note">Held-out questions, greedy responses.</p>'
        f'<div class="examples">{body}</div>'
    )


def spread(values: list[str], count: int) -> list[str]:
    """`count` values evenly across the list: it is ordered by family, and one family would fill the section."""
    return [values[len(values) * k // count] for k in range(count)] if len(values) > count else values


def _question(prompt_id: str, by_stage: dict[str, dict[str, Any]], record: RunRecord) -> str:
    rows = {stage: found[prompt_id] for stage, found in by_stage.items()}
    asked = next(iter(rows.values()))
    columns = "".join(
        f'<div><h4>{STAGES[stage]}</h4><pre class="response">{bounded(row["response"], MAX_RESPONSE)}</pre>'
        f'<p class="outcome">{verdict_html(row)}</p></div>'
        for stage, row in rows.items()
    )
    return (
        f'<article class="card"><div><p class="origin">{origin_html(asked)}</p>'
        f"{images_html(asked['images'], record.load_image)}{question_html(asked['question'])}</div>"
        f'<div class="stages">{columns}</div></article>'
    )
