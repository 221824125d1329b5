"""A run's records: one metrics row per iteration, the trained responses, and the accuracy before and after."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

STAGES = {"untrained": "untrained", "warmup": "warm-up", "rl": "RL"}  # stem of eval/*.json -> how tables call it

ROLLOUT_KEYS = frozenset(
    "iteration group_id index prompt_id family level modality question images answer segments finish correct "
    "prediction reason reward advantage".split()
)


def write_atomically(path: Path, text: str) -> None:
    """Write a whole UTF-8 file or, if killed on the way, leave the old one as it was."""
    partial = path.with_name(path.name + ".tmp")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSONL file; a last line without newline is torn (killed mid-write) and left out.

    Raises ValueError naming file and line for anything else that is not a JSON object.
    """
    *lines, _torn = path.read_bytes().split(b"\n")
    return [_parse_line(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def _parse_line(line: bytes, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where} is not valid JSON: {error}") from None
    if not isinstance(row, dict):
        raise ValueError(f"{where} must be a JSON object, got {type(row).__name__}")
    return row


# ---------------------------------------------------------------------------------------------------- metrics.jsonl


class MetricsLog:
    """Appends one JSON object per iteration to `path`; each row is on the disk when `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, row: Mapping[str, Any]) -> None:
        """Add one row of flat keys. NaN and infinity become null, and their keys are listed under "non_finite"."""
        _iteration_of(row, "a metrics row")
        non_finite = [key for key, value in row.items() if isinstance(value, float) and not math.isfinite(value)]
        clean = {key: None if key in non_finite else value for key, value in row.items()}
        if non_finite:
            clean["non_finite"] = non_finite
        line = json.dumps(clean, allow_nan=False) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def truncate_from(self, iteration: int) -> None:
        """Drop the rows of `iteration` and later, and a torn last line; call it before appending to an old log."""
        if self.path.exists():
            kept = [row for row in read_metrics(self.path) if row["iteration"] < iteration]
            write_atomically(self.path, "".join(json.dumps(row) + "\n" for row in kept))


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """Rows of a metrics.jsonl in file order; [] if there is no such file. Raises as `read_jsonl` does."""
    rows = read_jsonl(path) if path.exists() else []
    for number, row in enumerate(rows, start=1):
        _iteration_of(row, f"{path}:{number}")
    return rows


def _iteration_of(row: Mapping[str, Any], where: str) -> int:
    iteration = row.get("iteration")
    if not isinstance(iteration, int) or isinstance(iteration, bool):
        raise ValueError(f"{where} must have an integer under 'iteration', got {iteration!r}")
    return iteration


# -------------------------------------------------------------------------------------------------------- rollouts/


class RolloutLog:
    """Writes what was trained on, one JSONL file per iteration: `folder`/iteration-000012.jsonl."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, iteration: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write an iteration's trajectories at once. Raises ValueError for a row that lacks one of ROLLOUT_KEYS."""
        path = _rollout_path(self.folder, iteration)
        for number, row in enumerate(rows, start=1):
            _check_rollout(row, f"{path}:{number}")
        self.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows))

    def truncate_from(self, iteration: int) -> None:
        """Delete the files of `iteration` and later."""
        for later in rollout_iterations(self.folder):
            if later >= iteration:
                _rollout_path(self.folder, later).unlink()


def rollout_iterations(folder: Path) -> list[int]:
    """Iterations that have a file in `folder`, ascending; [] if there is no such folder."""
    return sorted(int(path.stem.removeprefix("iteration-")) for path in folder.glob("iteration-*.jsonl"))


def read_rollouts(folder: Path, iterations: Iterable[int] | None = None) -> list[dict[str, Any]]:
    """Rows of the given iterations (None = all), in that order. Raises ValueError naming file and line."""
    rows = []
    for iteration in rollout_iterations(folder) if iterations is None else iterations:
        path = _rollout_path(folder, iteration)
        found = read_jsonl(path)
        for number, row in enumerate(found, start=1):
            _check_rollout(row, f"{path}:{number}")
        rows += found
    return rows


def _rollout_path(folder: Path, iteration: int) -> Path:
    return folder / f"iteration-{iteration:06d}.jsonl"


def _check_rollout(row: Mapping[str, Any], where: str) -> None:
    missing = sorted(ROLLOUT_KEYS - row.keys())
    if missing:
        raise ValueError(f"{where} lacks {', '.join(missing)}")


# --------------------------------------------------------------------------------------------------------- accuracy


def wilson_interval(correct: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson score interval of a success rate; z = 1.96 covers 95 %. (0, 1) for n = 0. Wilson, JASA 22 (1927)."""
    if not 0 <= correct <= n:
        raise ValueError(f"correct must be in 0 .. n = {n}, got {correct}")
    if n == 0:
        return 0.0, 1.0
    rate = correct / n
    centre = rate + z * z / (2 * n)
    spread = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # at the two ends a bound is exactly 0 or 1, which rounding would miss by 1e-17
    low = 0.0 if correct == 0 else (centre - spread) / scale
    high = 1.0 if correct == n else (centre + spread) / scale
    return low, high


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Right answers out of `total` responses. Several samples of one item count as independent."""

    correct: int
    total: int

    @property
    def rate(self) -> float:
        return self.correct / self.total

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.correct, self.total)


@dataclass(frozen=True, slots=True)
class AccuracyRow:
    """One line of the table; a stage without responses of this kind has None."""

    group: str  # family | modality | all
    name: str
    items: int  # held-out items, the most that any stage was asked
    greedy: dict[str, Accuracy | None]  # by stage
    sampled: dict[str, Accuracy | None]


@dataclass(frozen=True, slots=True)
class AccuracyTable:
    """Held-out accuracy by family (all levels), by modality and overall, at each stage."""

    stages: tuple[str, ...]  # keys of STAGES, in training order
    baseline: str | None  # what the gain of "rl" counts from: "warmup", else "untrained"; None = no gain to state
    rows: tuple[AccuracyRow, ...]

    def gain(self, accuracies: Mapping[str, Accuracy | None]) -> float | None:
        """Accuracy of RL minus the baseline's, in percentage points."""
        before, after = accuracies.get(self.baseline or ""), accuracies.get("rl")
        return 100 * (after.rate - before.rate) if before and after else None


def accuracy_table(evals: Sequence[Mapping[str, Any]]) -> AccuracyTable:
    """Sum the cells of the evaluations (contents of eval/*.json) to the closing table."""
    by_stage = {evaluation["stage"]: evaluation["rows"] for evaluation in evals}
    stages = tuple(stage for stage in STAGES if stage in by_stage)
    baseline = next((stage for stage in ("warmup", "untrained") if stage in stages), None) if "rl" in stages else None
    rows = []
    for group in ("family", "modality", "all"):
        for name in sorted({_name(cell, group) for cells in by_stage.values() for cell in cells}):
            chosen = {stage: [cell for cell in by_stage[stage] if _name(cell, group) == name] for stage in stages}
            rows.append(_accuracy_row(group, name, chosen))
    return AccuracyTable(stages, baseline, tuple(rows))


def _name(cell: Mapping[str, Any], group: str) -> str:
    return "all" if group == "all" else str(cell[group])


def _accuracy_row(group: str, name: str, cells: Mapping[str, list[Mapping[str, Any]]]) -> AccuracyRow:
    def add(correct: str, total: str) -> dict[str, Accuracy | None]:
        sums = {stage: (sum(c[correct] for c in found), sum(c[total] for c in found)) for stage, found in cells.items()}
        return {stage: Accuracy(right, asked) if asked else None for stage, (right, asked) in sums.items()}

    items = max((sum(cell["items"] for cell in found) for found in cells.values()), default=0)
    return AccuracyRow(group, name, items, add("greedy_correct", "items"), add("sampled_correct", "sampled"))


def render_table(table: AccuracyTable) -> Table:
    """The table for a terminal, about 80 columns wide: two lines per row, greedy and sampled."""
    out = Table(title="Held-out accuracy, % (95 % interval)", box=None, pad_edge=False, title_justify="left")
    out.add_column("")
    out.add_column("decoding")
    out.add_column("items", justify="right")
    for stage in table.stages:
        out.add_column(STAGES[stage], justify="right", no_wrap=True)
    if table.baseline:
        out.add_column("gain", justify="right")
    for position, row in enumerate(table.rows):
        for decoding, accuracies in (("greedy", row.greedy), ("sampled", row.sampled)):
            first = decoding == "greedy"
            cells = [Text(row.name if first else ""), Text(decoding), Text(str(row.items) if first else "")]
            cells += [_terminal_cell(accuracies[stage]) for stage in table.stages]
            if table.baseline:
                gain = table.gain(accuracies)
                cells.append(Text("-" if gain is None else f"{gain:+.1f}"))
            out.add_row(*cells)
        if position + 1 < len(table.rows) and table.rows[position + 1].group != row.group:
            out.add_row()
    return out


def _terminal_cell(accuracy: Accuracy | None) -> Text:
    if accuracy is None:
        return Text("-")
    low, high = accuracy.interval
    return Text.assemble(f"{100 * accuracy.rate:.1f} ", (f"({100 * low:.0f}-{100 * high:.0f})", "dim"))
