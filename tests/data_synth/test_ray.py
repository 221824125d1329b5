"""A Ray cluster gives the same bytes as one process, loses no work to a dying task, and says what it needs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data_synth import ray_runner
from data_synth.recipe import Recipe, make_recipe
from data_synth.write import write_dataset

ray = pytest.importorskip("ray")
FAMILIES = {"scene_count": (0,), "expression": (1,)}
OPTIONS: dict[str, Any] = {"image_size": 64, "shard_size": 5, "formats": ("webdataset", "parquet")}


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    here = {"env_vars": {"PYTHONPATH": str(Path(__file__).parent)}}  # nodes find the functions below
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")  # else a token is written into the home folder
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(
            "local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error", runtime_env=here
        )
        yield
        ray.shutdown()


def recipe() -> Recipe:
    arguments: dict[str, Any] = {"split": "train", "seed": 0, "modalities": None, "hold_out": {}}
    return make_recipe(FAMILIES, 8, **OPTIONS, **arguments)


def test_ray_writes_what_one_process_writes(cluster: None, tmp_path: Path) -> None:
    write_dataset(tmp_path / "here", FAMILIES, 8, **OPTIONS)
    manifest = write_dataset(tmp_path / "ray", FAMILIES, 8, runner="ray", workers=2, **OPTIONS)
    assert manifest.records == 24
    for path in (tmp_path / "here").iterdir():
        assert (tmp_path / "ray" / path.name).read_bytes() == path.read_bytes()
    assert ray.is_initialized(), "a cluster that was joined before is left open"


def test_a_relative_folder_is_the_callers(cluster: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes of the cluster have another working directory."""
    monkeypatch.chdir(tmp_path)
    manifest = write_dataset("d", FAMILIES, 8, runner="ray", workers=2, **OPTIONS | {"formats": ("parquet",)})
    assert {path.name for path in (tmp_path / "d").glob("*.parquet")} == set(manifest.shards)


def dies_once(value: tuple[str, int]) -> int:
    """Kills its process the first time it sees a value, as a lost node would."""
    folder, number = value
    seen = Path(folder) / f"seen-{number}"
    if number == 3 and not seen.exists():
        seen.touch()
        os._exit(1)
    return number


def fails_once(value: tuple[str, int]) -> int:
    folder, number = value
    seen = Path(folder) / f"failed-{number}"
    if number == 2 and not seen.exists():
        seen.touch()
        raise OSError(5, "stale file handle")
    return number


def bad(value: int) -> int:
    raise ValueError(f"value {value} is bad")


@pytest.mark.parametrize("function", [dies_once, fails_once])
def test_a_lost_task_is_done_again_and_order_is_kept(cluster: None, tmp_path: Path, function: Any) -> None:
    (tmp_path / "manifest.json").touch()
    values = ((str(tmp_path), number) for number in range(8))
    with ray_runner.ray_runner(2, recipe(), tmp_path / "manifest.json") as runner:
        assert list(runner.map(function, values)) == list(range(8))


def test_an_error_of_a_task_comes_back_as_it_was(cluster: None, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").touch()
    with (
        ray_runner.ray_runner(2, recipe(), tmp_path / "manifest.json") as runner,
        pytest.raises(ValueError, match=r"^value 1 is bad$"),
    ):
        list(runner.map(bad, [1]))


def test_a_folder_that_nodes_do_not_share_is_named(cluster: None, tmp_path: Path) -> None:
    with (
        ray_runner.ray_runner(2, recipe(), tmp_path / "elsewhere" / "manifest.json") as runner,
        pytest.raises(ValueError, match="elsewhere: the output folder must be storage that all nodes share"),
    ):
        list(runner.map(bad, [1]))


@pytest.mark.parametrize("name", ["pillow", "numpy", "zlib", "font_files", "data_synth_source"])
def test_a_node_with_other_versions_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "manifest.json").touch()
    made = recipe()
    expected = (str(tmp_path / "manifest.json"), made.gen_version, made.versions | {name: "1.1.7"}, made.formats)
    with pytest.raises(ValueError, match=rf"has {name} .*, not 1\.1\.7: the bytes would differ"):
        ray_runner._on_node(bad, 1, expected)
