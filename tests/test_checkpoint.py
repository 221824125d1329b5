"""A checkpoint is whole or not there, belongs to its config, and holds nothing that would have to be unpickled."""

from __future__ import annotations

import errno
import json
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from toy_run import toy_config

from vlm_rl.checkpoint import CheckpointError, config_differences, latest_checkpoint, load_state
from vlm_rl.config import TrainConfig
from vlm_rl.run import Run, find_checkpoint, start_run
from vlm_rl.train import train


def config(folder: Path, **changes: Any) -> TrainConfig:
    return toy_config(folder, **{"num_iterations": 3, "optim__reset_optimizer": "never"} | changes)


@pytest.fixture
def make_run(warm_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Runs of the toy config in one folder; keywords change the config."""
    runs: list[Run] = []

    def make(**changes: Any) -> Run:
        runs.append(
            start_run(config(tmp_path / "run", **changes), Accelerator(), warm_folder / "policy" / "warm", resume=True)
        )
        return runs[-1]

    yield make
    for run in runs:
        run.close()


@pytest.fixture
def trained(make_run: Callable[..., Run]) -> Run:
    """A run with the checkpoints of iterations 2 and 3, and AdamW moments of every weight."""
    run = make_run()
    train(run, run.cfg)
    run.optimizer.accumulate(torch.stack([weight.square().sum() for weight in run.policy.trainable().values()]).sum())
    run.optimizer.step()
    run.save()
    return run


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# ------------------------------------------------------------------------------------------------------- a full disk


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Writing more than `size` bytes to a file fails, as it does where the disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def no_rename_to(name: str) -> Iterator[None]:
    """os.replace fails for a target of this name."""
    rename = os.replace

    def failing(source: Path, target: Path) -> None:
        if Path(target).name == name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        rename(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", failing)
        yield


FAULTS = {
    "no room for the tokenizer": lambda: files_of_at_most(1_000),
    "no room for the weights": lambda: files_of_at_most(100_000),
    "no room for the moments": lambda: files_of_at_most(300_000),
    "no room for the new folder": lambda: no_rename_to("iteration-000004"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_full_disk_leaves_the_previous_checkpoint_whole(trained: Run, fault: str) -> None:
    folder = trained.folder / "checkpoints"
    before = content(folder)
    trained.iteration = 4
    with pytest.raises(CheckpointError, match=r"iteration-000004.*previous checkpoint is whole.*--resume"):
        with FAULTS[fault]():
            trained.save()
    assert content(folder) == before
    assert {path.name for path in folder.iterdir()} == {"iteration-000002", "iteration-000003"}

    trained.save()  # there is room again
    assert load_state(folder / "iteration-000004")["iteration"] == 4


def test_leftovers_of_a_killed_save_are_cleared_and_never_read(trained: Run) -> None:
    leftover = trained.folder / "checkpoints" / ".partial-000009"
    leftover.mkdir()
    (leftover / "state.json").write_text("{")
    latest = latest_checkpoint(trained.folder / "checkpoints")
    assert latest is not None and latest.name == "iteration-000003"
    trained.save()
    assert not leftover.exists()


@pytest.mark.parametrize("keep", [1, 3])
def test_the_newest_are_kept(make_run: Callable[..., Run], keep: int) -> None:
    run = make_run(checkpoint__keep=keep)
    for run.iteration in (2, 4, 6, 10, 12):
        run.save()
    kept = sorted(path.name for path in (run.folder / "checkpoints").iterdir())
    assert kept == [f"iteration-{iteration:06d}" for iteration in (2, 4, 6, 10, 12)[-keep:]]


# -------------------------------------------------------------------------------------------------- whose, and what


def test_the_checkpoint_of_another_config_is_refused_with_what_differs(trained: Run) -> None:
    with pytest.raises(CheckpointError) as caught:
        find_checkpoint(config(trained.folder, optim__lr=0.5, data__modality_mix={"text": 2.0}, seed=4), resume=True)
    lines = str(caught.value).splitlines()
    assert "  optim.lr: 3e-05 -> 0.5" in lines
    assert "  seed: 3 -> 4" in lines
    assert "  data.modality_mix.text: 1.0 -> 2.0" in lines
    assert not any("reward" in line for line in lines)


def test_a_run_may_grow_but_not_shrink(trained: Run) -> None:
    found = find_checkpoint(config(trained.folder, num_iterations=50, checkpoint__every=7, eval__every=2), resume=True)
    assert found is not None and found[1]["iteration"] == 3
    with pytest.raises(CheckpointError, match="num_iterations must be >= 3, .* got 2: raise it"):
        find_checkpoint(config(trained.folder, num_iterations=2), resume=True)


def test_unfinished_work_is_not_started_over_unasked(trained: Run) -> None:
    with pytest.raises(CheckpointError, match=r"iteration-000003 is unfinished work: go on with --resume"):
        find_checkpoint(config(trained.folder), resume=False)


def test_without_a_checkpoint_there_is_nothing_to_refuse(tmp_path: Path) -> None:
    assert find_checkpoint(config(tmp_path / "new"), resume=False) is None


@pytest.mark.parametrize("name", ["state.json", "optimizer.safetensors"])
@pytest.mark.parametrize("damage", ["torn", "garbage", "gone"])
def test_a_damaged_checkpoint_is_refused_by_name(
    trained: Run, make_run: Callable[..., Run], name: str, damage: str
) -> None:
    path = trained.folder / "checkpoints" / "iteration-000003" / name
    if damage == "gone":
        path.unlink()
        if name == "state.json":  # then it is no checkpoint: the one before it is the newest
            assert make_run().iteration == 2
            return
    else:
        path.write_bytes(path.read_bytes()[:-200] if damage == "torn" else b"\xff\xfe" * 100)
    with pytest.raises(CheckpointError, match=rf"{path} cannot be read: .*; delete {path.parent} to go on"):
        make_run()


def test_a_checkpoint_of_another_format_is_refused(trained: Run) -> None:
    checkpoint = trained.folder / "checkpoints" / "iteration-000003"
    state = json.loads((checkpoint / "state.json").read_text()) | {"format": 99}
    (checkpoint / "state.json").write_text(json.dumps(state))
    with pytest.raises(CheckpointError, match="has format 99, this version reads 1"):
        load_state(checkpoint)


def test_nothing_in_a_checkpoint_is_pickled(trained: Run) -> None:
    files = content(trained.folder / "checkpoints" / "iteration-000003")
    assert {Path(name).suffix for name in files} <= {".safetensors", ".json", ".jinja"}
    for name, data in files.items():
        assert not data.startswith((b"\x80", b"PK")), name  # a pickle, or a zip of pickles
        if name.endswith(".json"):
            json.loads(data)


def test_differences_name_each_knob_and_spare_the_free_ones() -> None:
    before = {"a": 1, "b": {"c": [1, 2], "d": None}, "gone": True}
    after = {"a": 1, "b": {"c": [1, 3, 4], "d": {"e": 0}}, "free": {"x": 1}}
    assert config_differences(before, after, free=frozenset({"free"})) == [
        "b.c.1: 2 -> 3",
        "b.c.2: None -> 4",
        "b.d.e: None -> 0",
        "gone: True -> None",
    ]
    assert config_differences(before, before, free=frozenset()) == []
