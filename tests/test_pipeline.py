"""Stages are done once, belong to one config, and can be gone on with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy_run import metrics, rollout_files, toy_config, weights

from vlm_rl.checkpoint import CheckpointError
from vlm_rl.config_file import load_config
from vlm_rl.pipeline import KNOBS, Pipeline


@pytest.fixture
def folder(warm_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(warm_folder, tmp_path / "run"))


@pytest.fixture
def go(folder: Path) -> Callable[..., None]:
    def run(*, resume: bool = False, until: str = "report", **changes: Any) -> None:
        Pipeline(toy_config(folder, **{"num_iterations": 2} | changes), resume=resume).run(until=until)

    return run


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_second_run_reuses_every_stage(
    go: Callable[..., None], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go()
    before = content(folder)
    assert {Path(name).stem for name in before if name.startswith("stages/")} == KNOBS.keys()
    capsys.readouterr()
    go()
    assert content(folder) == before
    assert capsys.readouterr().out.count(" reused: ") == len(KNOBS)


@pytest.mark.parametrize(
    ("changes", "stage", "line"),
    [
        ({"warmup__lr": 0.5}, "warmup", "warmup.lr: 0.01 -> 0.5"),
        (
            {"policy__assemble__language_model__tokenizer_vocab_size": 280},
            "assemble",
            "tokenizer_vocab_size: 300 -> 280",
        ),
        ({"rollout__temperature": 0.5}, "untrained", "rollout.temperature: 1.0 -> 0.5"),
        ({"optim__tau": 0.5}, "rl", "optim.tau: 0.1 -> 0.5"),
    ],
)
def test_another_config_is_refused_and_changes_nothing(
    go: Callable[..., None], folder: Path, changes: dict[str, Any], stage: str, line: str
) -> None:
    go()
    before = content(folder)
    with pytest.raises(CheckpointError, match=f"holds the stage '{stage}' of another config") as caught:
        go(resume=True, **changes)
    assert line in str(caught.value)
    assert "Choose another output_dir" in str(caught.value)
    assert content(folder) == before


def test_another_config_is_refused_while_training_is_unfinished(go: Callable[..., None], folder: Path) -> None:
    go()
    for stage in ("rl", "final"):  # as after a kill in the last iteration
        (folder / "stages" / f"{stage}.json").unlink()
    before = content(folder)
    with pytest.raises(CheckpointError, match=r"iteration-000002 is of another config:\n  optim.tau: 0.1 -> 0.5"):
        go(resume=True, optim__tau=0.5)
    with pytest.raises(CheckpointError, match="go on with --resume"):
        go()
    assert content(folder) == before


def test_more_iterations_continue_where_the_run_had_ended(
    go: Callable[..., None], folder: Path, warm_folder: Path, tmp_path: Path
) -> None:
    go()
    first = metrics(folder)
    with pytest.raises(CheckpointError, match="go on with --resume"):
        go(num_iterations=5)
    go(num_iterations=5, resume=True)
    assert [row["iteration"] for row in metrics(folder)] == [0, 1, 2, 3, 4]
    assert metrics(folder)[:2] == first
    assert json.loads((folder / "eval" / "rl.json").read_text())["iteration"] == 5
    assert load_config(folder / "config.yaml").num_iterations == 5

    at_once = Path(shutil.copytree(warm_folder, tmp_path / "at-once"))
    Pipeline(toy_config(at_once, num_iterations=5)).run()
    assert metrics(folder) == metrics(at_once)
    assert rollout_files(folder) == rollout_files(at_once)
    assert weights(folder) == weights(at_once)


def test_a_stage_that_was_interrupted_is_done_again_with_the_same_result(go: Callable[..., None], folder: Path) -> None:
    before = content(folder)
    (folder / "stages" / "warmup.json").unlink()
    (folder / "policy" / "warm" / "model.safetensors").write_bytes(b"torn")
    go(until="sft")
    after = content(folder)
    assert after.keys() == before.keys()
    assert after["policy/warm/model.safetensors"] == before["policy/warm/model.safetensors"]


def test_an_interim_evaluation_and_the_clock_stand_in_the_metrics(go: Callable[..., None], folder: Path) -> None:
    go(num_iterations=3, eval__every=2)
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert ["eval/accuracy" in row for row in rows] == [False, True, False]
    for row in rows:
        stages = sum(row[f"seconds/{stage}"] for stage in ("rollout", "score", "learn"))
        assert row["seconds/total"] == pytest.approx(stages)


def test_without_a_warm_up_training_starts_from_the_base_policy(go: Callable[..., None], folder: Path) -> None:
    for leftover in ("data", "stages", "policy"):
        shutil.rmtree(folder / leftover)
    go(warmup=None, num_iterations=0)
    assert sorted(path.stem for path in (folder / "eval").iterdir()) == ["rl", "untrained"]
    assert weights(folder) == (folder / "policy" / "base" / "model.safetensors").read_bytes()
    assert (folder / "report.html").exists()
