"""The command: what its arguments mean, and that it needs neither torch nor a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from data_synth.command import parse_families, parse_modalities, progress_bar
from data_synth.families import FAMILIES
from data_synth.hold_out import parse_hold_out
from vlm_rl.cli import main

SMALL = ["--count", "9", "--image-size", "48", "--workers", "1"]


def test_the_package_alone_and_the_console_command_write_the_same(tmp_path: Path) -> None:
    arguments = ["--families", "scene_count:1,expression:0+2", *SMALL, "--seed", "3", "--shard-size", "4"]
    code = (
        "import sys; from data_synth.__main__ import main\nstatus = main()\n"
        "assert not {'torch', 'transformers', 'datasets', 'ray'} & sys.modules.keys()\nsys.exit(status)"
    )
    alone = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--out", str(tmp_path / "alone")], capture_output=True, text=True
    )
    assert alone.returncode == 0, alone.stderr
    assert "15 records in 10 files" in alone.stdout
    assert main(["synth", *arguments, "--out", str(tmp_path / "console")]) == 0
    files = {path.name: path.read_bytes() for path in (tmp_path / "alone").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "console").iterdir()}


def test_count_is_spread_over_the_cells_and_the_command_on_the_card_makes_the_same_bytes(tmp_path: Path) -> None:
    arguments = ["--families", "scene_count:1,expression:0+2", "--count", "7", "--image-size", "48", "--workers", "1"]
    assert main(["synth", *arguments, "--out", str(tmp_path / "first")]) == 0
    card = (tmp_path / "first" / "README.md").read_text()
    (line,) = [line for line in card.splitlines() if line.startswith("vlm-rl synth")]
    assert " --count 9 " in line  # three of each, the least that makes seven
    assert main([str(tmp_path / "again") if word == "DIR" else word for word in line.split()[1:]]) == 0
    first, again = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("first", "again")
    )
    assert first == again


def test_all_families_leave_out_what_is_held_out_or_has_no_such_modality(tmp_path: Path) -> None:
    arguments = ["--levels", "0", "--count", "1", "--image-size", "48", "--workers", "1", "--modalities", "image"]
    assert main(["synth", *arguments, "--hold-out", "families=scene_count", "--out", str(tmp_path / "a")]) == 0
    recipe = json.loads((tmp_path / "a" / "manifest.json").read_text())["recipe"]
    with_pictures = {name for name, family in FAMILIES.items() if "image" in family.modalities}
    assert set(recipe["families"]) == with_pictures - {"scene_count"} != set()
    assert recipe["hold_out"]["families"] == ["scene_count"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--families", "scene_cuont"], "did you mean scene_count"),
        (["--families", "scene_count:x"], "the levels of scene_count must be whole numbers with +, got 'x'"),
        (["--levels", "0;1"], "--levels must be of 0, 1, 2, 3, 4 with commas, or all, got '0;1'"),
        (["--families", "scene_count:9"], "level of scene_count must be in 0 .. 4, got 9"),
        (["--families", "scene_count", "--formats", "csv"], "formats must be some of webdataset, parquet, got csv"),
        (["--families", "scene_count", "--modalities", "smell"], "got smell"),
        (["--families", "scene_count", "--hold-out", "fonts"], "--hold-out looks like"),
        (["--families", "scene_count", "--hold-out", "families=scene_count"], "not for the train split"),
    ],
)
def test_what_a_person_can_mend_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], says: str
) -> None:
    assert main(["synth", *SMALL, *arguments, "--out", str(tmp_path / "d")]) == 1
    error = capsys.readouterr().err.strip()
    assert says in error and "\n" not in error
    assert not (tmp_path / "d").exists()


def test_lists_are_read_as_they_are_typed() -> None:
    assert parse_families("a, b:0+3", "1,2") == {"a": (1, 2), "b": (0, 3)}
    assert parse_families("a:0,a:2+1,b", "all") == {"a": (0, 2, 1), "b": (0, 1, 2, 3, 4)}
    assert list(parse_families("all", "0")) == list(FAMILIES)
    assert parse_hold_out(["families=a, b", "fonts=c", "families=d"]) == {"families": ["a", "b", "d"], "fonts": ["c"]}
    assert parse_modalities(None, {"expression": (0,)}) is None
    assert set(parse_modalities("all", {"expression": (0,), "scene_count": (0,)}) or ()) == {
        "text", "image", "rendered", "screenshot", "photo", "mixed",
    }  # fmt: skip


def test_progress_tells_the_rate_and_the_time_left_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock: list[Any] = [0.0]
    monkeypatch.setattr("data_synth.command.time.monotonic", lambda: clock[0])
    with progress_bar() as report:
        for done in range(0, 401, 100):
            report("write", done, 1000)
            clock[0] += 5.0
    assert [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()] == [
        "write 200/1,000 20 items/s, 40 s left",
        "write 400/1,000 20 items/s, 30 s left",
    ]
