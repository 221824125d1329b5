"""What a report is made of: the files of one run folder."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from vlm_rl.config import TrainConfig
from vlm_rl.config_file import load_config
from vlm_rl.report.metrics import STAGES, read_metrics
from vlm_rl.types import ImageRef

LoadImage = Callable[[ImageRef], Image.Image]

EVAL_KEYS = frozenset({"stage", "iteration", "rows", "examples"})


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run folder, read. Rollouts stay on the disk until a section asks for some: they can be many gigabytes."""

    name: str
    config: TrainConfig
    config_text: str
    metrics: list[dict[str, Any]]  # one row per iteration
    evals: list[dict[str, Any]]  # in the order of STAGES
    rollouts: Path  # may not exist
    load_image: LoadImage | None

    @property
    def iterations(self) -> list[int]:
        return [row["iteration"] for row in self.metrics]

    def column(self, key: str) -> list[float | None]:
        """One value per metrics row; None where it was not logged or not finite."""
        return [_number(row.get(key)) for row in self.metrics]

    def keys(self) -> set[str]:
        return {key for row in self.metrics for key in row}


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None


def read_record(run_dir: Path, load_image: LoadImage | None) -> RunRecord:
    """Read config.yaml (required), metrics.jsonl and eval/ (where they exist).

    Raises ConfigError for a config and ValueError for any other file that cannot be used, with its name.
    """
    config_path = run_dir / "config.yaml"
    config = load_config(config_path)
    return RunRecord(
        name=run_dir.resolve().name,
        config=config,
        config_text=config_path.read_text(encoding="utf-8"),
        metrics=read_metrics(run_dir / "metrics.jsonl"),
        evals=[_read_eval(path) for stage in STAGES if (path := run_dir / "eval" / f"{stage}.json").exists()],
        rollouts=run_dir / "rollouts",
        load_image=load_image,
    )


def _read_eval(path: Path) -> dict[str, Any]:
    try:
        evaluation = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is not valid JSON: {error}") from None
    missing = sorted(EVAL_KEYS - evaluation.keys()) if isinstance(evaluation, dict) else sorted(EVAL_KEYS)
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}")
    if evaluation["stage"] != path.stem:
        raise ValueError(f"{path} must hold the stage {path.stem!r}, got {evaluation['stage']!r}")
    return evaluation
