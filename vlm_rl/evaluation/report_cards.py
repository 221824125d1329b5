"""The list of responses: one entry for each question, with its pictures, its responses and both verdicts on each."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from string import ascii_uppercase

from vlm_rl.evaluation.finished import MODES, Evaluation, Row
from vlm_rl.evaluation.report_images import images_html
from vlm_rl.report.escape import bounded, escape

MAX_LIST_BYTES = 40 * 2**20
MAX_QUESTION, MAX_RESPONSE, MAX_ANSWER = 3000, 6000, 300  # characters

Groups = Mapping[tuple[str, str], int]
"""(kind, group) of the breakdowns -> its number in the page."""

_WORDS = {
    "right": "right",
    "wrong": "wrong",
    "abstained": "no answer",
    "guessed": "guessed",
    "withheld": "withheld",
    "agree": "agree",
    "differ": "differ",
    "stop": "finished",
    "length": "cut off",
    "repeat": "repeating",
}
_FILTERS = {"official": "Official", "strict": "Strict", "modes": "The two modes", "finish": "Response"}


def responses_section(evaluation: Evaluation, groups: Groups, max_bytes: int = MAX_LIST_BYTES) -> str:
    """The filters and the entries. Too many for `max_bytes` are thinned out at random, the same ones each time."""
    if not evaluation.questions:
        return '<h2 id="responses">Responses</h2><p class="none">There are no responses yet.</p>'
    entries = _entries(evaluation, groups, max_bytes)
    shown = [row for name in entries for row in evaluation.questions[name]]
    note = ""
    if len(entries) < len(evaluation.questions):
        note = (
            f'<p class="note">Here are {len(entries):,} of {len(evaluation.questions):,} questions, drawn at random, '
            f"so that this file stays below about {max_bytes / 2**20:.0f} MB. The figures above are about all.</p>"
        )
    return (
        f'<h2 id="responses">Responses</h2>{note}<div class="filters panel">{_filters(shown, groups)}</div>'
        f'<div class="entries">{"".join(entries.values())}</div><button id="more" hidden>Show more</button>'
    )


def _entries(evaluation: Evaluation, groups: Groups, max_bytes: int) -> dict[str, str]:
    """Question id -> its entry, in the order of the questions, as many as fit."""
    drawn: dict[str, str] = {}
    size = 0
    for name in sorted(evaluation.questions, key=_draw):
        entry = _entry(evaluation, name, groups)
        size += len(entry.encode())
        if size > max_bytes and drawn:
            break
        drawn[name] = entry
    return {name: drawn[name] for name in evaluation.questions if name in drawn}


def _draw(name: str) -> bytes:
    return hashlib.blake2b(name.encode(errors="replace"), key=b"evaluation report", digest_size=8).digest()


def _entry(evaluation: Evaluation, name: str, groups: Groups) -> str:
    rows = evaluation.questions[name]
    row = rows[0]
    pictures = images_html(evaluation.folder, row["images"])
    member_of = [(kind, str(group)) for kind, found in row["categories"].items() for group in found]
    numbers = " ".join(str(groups[one]) for one in member_of if one in groups)
    told = ", ".join(bounded(group, MAX_ANSWER) for _, group in member_of)
    gold = f'<p class="gold">gold <code>{_gold(row)}</code></p>' if row["gold"] is not None else ""
    return (
        f'<article class="entry{"" if pictures else " plain"}" tabindex="-1" data-groups="{numbers}">{pictures}<div>'
        f'<p class="origin"><b>{bounded(name, MAX_ANSWER)}</b> <span>{told}</span></p>'
        f'<p class="question">{bounded(row["question"], MAX_QUESTION)}</p>{gold}'
        f"{''.join(_answer(one, numbered=len(rows) > 1) for one in rows)}</div></article>"
    )


def _gold(row: Row) -> str:
    """The gold answer; with its text, if it is the letter of an option."""
    gold, options = str(row["gold"]), row["options"] or ()
    place = ascii_uppercase.find(gold) if len(gold) == 1 else -1
    if 0 <= place < len(options) and str(options[place]) != gold:
        return f"{gold}</code> <code>{bounded(str(options[place]), MAX_ANSWER)}"
    return bounded(gold, MAX_ANSWER)


def _answer(row: Row, *, numbered: bool) -> str:
    labels = labels_of(row)
    data = " ".join(f'data-{name}="{escape(" ".join(values))}"' for name, values in labels.items())
    sample = f"sample {row['sample']}, " if numbered else ""
    spent = f"{sample}{row['num_tokens']:,} tokens, {_WORDS.get(row['finish'], escape(row['finish']))}"
    return (
        f'<section class="answer" {data}><p class="verdicts">{"".join(_verdict(row, mode) for mode in MODES)}'
        f'<span class="spent">{spent}</span></p>'
        f'<pre class="response" tabindex="0">{bounded(row["response"], MAX_RESPONSE)}</pre></section>'
    )


def labels_of(row: Row) -> dict[str, list[str]]:
    """What the filters go by: name of the filter -> the values that this response has."""
    labels: dict[str, list[str]] = {}
    for mode in MODES:
        verdict = row[mode]
        labels[mode] = ["withheld"] if verdict is None else ["right" if verdict["correct"] else "wrong"]
        if verdict is not None:
            labels[mode] += [
                name for name, key in (("abstained", "abstained"), ("guessed", "random_fallback")) if verdict[key]
            ]
    known = [bool(row[mode]["correct"]) for mode in MODES if row[mode] is not None]
    labels["modes"] = ["agree" if len(set(known)) < 2 else "differ"]
    labels["finish"] = [str(row["finish"])]
    return labels


def _verdict(row: Row, mode: str) -> str:
    verdict = row[mode]
    if verdict is None:
        return ""
    mark = '<b class="right">✓</b>' if verdict["correct"] else '<b class="wrong">✗</b>'
    read = "nothing" if verdict["prediction"] is None else f"<code>{bounded(verdict['prediction'], MAX_ANSWER)}</code>"
    how = "guessed" if verdict["random_fallback"] else "read"
    missing = ' <span class="guess">no answer found</span>' if verdict["abstained"] else ""
    reason = bounded(str(verdict["reason"]), MAX_ANSWER)
    return f"<span>{mode} {mark} {how} {read}{missing} <small>({reason})</small></span>"


def _filters(rows: Sequence[Row], groups: Groups) -> str:
    """Buttons for verdicts and endings that occur, with counts; a list of the groups; a field for words."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in _FILTERS}
    for row in rows:
        for name, values in labels_of(row).items():
            counts[name].update(values)
    buttons = [_buttons(name, title, counts[name]) for name, title in _FILTERS.items()]
    kinds: dict[str, list[str]] = {}
    for (kind, group), number in groups.items():
        kinds.setdefault(kind, []).append(f'<option value="{number}">{bounded(group, MAX_ANSWER)}</option>')
    options = "".join(f'<optgroup label="{escape(kind)}">{"".join(found)}</optgroup>' for kind, found in kinds.items())
    return (
        f"{''.join(buttons)}"
        f'<span><label for="group">Category</label><select id="group"><option value="">all</option>{options}</select>'
        '</span><span><label for="words">Words</label><input id="words" type="search" autocomplete="off"></span>'
        '<span id="shown" role="status"></span>'
    )


def _buttons(name: str, title: str, counts: Counter[str]) -> str:
    found = [value for value in _WORDS if counts[value]]
    if len(found) < 2:
        return ""
    made = [f'<button data-filter="{name}" data-value="" aria-pressed="true">all</button>']
    made += [
        f'<button data-filter="{name}" data-value="{value}" aria-pressed="false">{_WORDS[value]} '
        f"<small>{counts[value]:,}</small></button>"
        for value in found
    ]
    group = f'<span class="buttons" role="group" aria-label="{title}">{"".join(made)}</span>'
    return f"<span><span>{title}</span>{group}</span>"
