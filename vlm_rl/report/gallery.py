"""Trajectories of the run to read: early, middle and late, correct and wrong, resumed ones preferred."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vlm_rl.report.cards import MAX_ANSWER, images_html, origin_html, question_html, response_html, verdict_html
from vlm_rl.report.escape import bounded, escape
from vlm_rl.report.metrics import read_rollouts, rollout_iterations
from vlm_rl.report.record import LoadImage, RunRecord
from vlm_rl.types import MODALITIES

GALLERY_SIZE = 24
FILES_PER_PHASE = 3  # how many iterations early, middle and late trajectories are picked from

FILTERS: dict[str, tuple[str, ...]] = {  # data attribute of a card -> its values
    "modality": MODALITIES,
    "verdict": ("correct", "wrong"),
    "segments": ("one segment", "several segments"),
}

Row = dict[str, Any]


def gallery_section(record: RunRecord) -> str:
    """The picked trajectories as cards, with filter buttons."""
    rows = pick_trajectories(record.rollouts)
    if not rows:
        return '<h2>Trajectories</h2><p class="none">No rollouts were saved.</p>'
    cards = "".join(_card(row, record.load_image) for row in rows)
    return (
        '<h2>Trajectories</h2><p class="note">Trained responses from early, middle and late iterations. Colours in a '
        "response tell which policy version sampled which segment: where the colour changes, the response was cut by "
        "the segment budget and went on under newer weights.</p>"
        f'<div class="filters">{_buttons()}</div><div class="cards">{cards}</div>'
    )


# ---------------------------------------------------------------------------------------------------------- picking


def pick_trajectories(folder: Path, size: int = GALLERY_SIZE) -> list[Row]:
    """Up to `size` trajectories in iteration order; the same files always give the same ones.

    Each phase gives correct and wrong ones alike; what one cannot give, the others make up for.
    """
    phases = phase_rows(folder)
    picked: list[Row] = []
    for rows in phases:
        for correct in (True, False):
            _pick(picked, [row for row in rows if bool(row["correct"]) is correct], size // 6)
    _pick(picked, [row for rows in phases for row in rows], size - len(picked))
    return sorted(picked, key=lambda row: (row["iteration"], row["group_id"], row["index"]))


def phase_rows(folder: Path) -> list[list[Row]]:
    """Rows of the first, the middle and the last few iterations that trained on anything."""
    iterations = rollout_iterations(folder)
    third, two_thirds = len(iterations) // 3, 2 * len(iterations) // 3
    middle = iterations[third:two_thirds]
    middle = middle[len(middle) // 2 :] + middle[: len(middle) // 2][::-1]
    return [_first_rows(folder, order) for order in (iterations[:third], middle, iterations[two_thirds:][::-1])]


def _first_rows(folder: Path, iterations: Sequence[int]) -> list[Row]:
    """Rows of the first FILES_PER_PHASE of these iterations that have any."""
    rows: list[Row] = []
    files = 0
    for iteration in iterations:
        found = read_rollouts(folder, [iteration])
        rows += found
        files += bool(found)
        if files == FILES_PER_PHASE:
            break
    return rows


def _pick(picked: list[Row], candidates: Sequence[Row], count: int) -> None:
    """Append `count` candidates: modalities in turn, several segments first, then families in turn."""
    left = [row for row in candidates if not any(row is other for other in picked)]
    for _ in range(min(count, len(left))):
        groups = {row["group_id"] for row in picked}
        modalities = Counter(row["modality"] for row in picked)
        families = Counter(row["family"] for row in picked)
        best = min(
            left,
            key=lambda row: (
                row["group_id"] in groups,
                modalities[row["modality"]],
                len(row["segments"]) < 2,
                families[row["family"]],
                _shuffle_key(row),
            ),
        )
        left.remove(best)
        picked.append(best)


def _shuffle_key(row: Row) -> bytes:
    return hashlib.blake2b(f"gallery/{row['group_id']}/{row['index']}".encode(), digest_size=8).digest()


# ------------------------------------------------------------------------------------------------------------ cards


def _buttons() -> str:
    groups = []
    for name, values in FILTERS.items():
        buttons = [f'<button data-filter="{name}" data-value="" aria-pressed="true">all</button>']
        buttons += [f'<button data-filter="{name}" data-value="{v}" aria-pressed="false">{v}</button>' for v in values]
        groups.append(f'<span class="buttons">{"".join(buttons)}</span>')
    return "".join(groups) + '<span id="shown"></span>'


def _card(row: Row, load_image: LoadImage | None) -> str:
    traits = {
        "modality": row["modality"],
        "verdict": "correct" if row["correct"] else "wrong",
        "segments": "several segments" if len(row["segments"]) > 1 else "one segment",
    }
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in traits.items())
    return (
        f'<article class="card" {data}>'
        f'<p class="origin"><b>Iteration {int(row["iteration"])}</b> {origin_html(row)} '
        f"<span>{bounded(row['prompt_id'], MAX_ANSWER)}</span></p>"
        f"{images_html(row['images'], load_image)}{question_html(row['question'])}{response_html(row['segments'])}"
        f'<p class="outcome">{verdict_html(row)} <span>({bounded(row["reason"], MAX_ANSWER)})</span><br>'
        f"finish {escape(row['finish'])}, reward {row['reward']:.2f}, advantage {row['advantage']:+.2f}</p></article>"
    )
