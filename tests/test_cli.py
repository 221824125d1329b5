"""The command line: help that names every default, one clear line for what a person can mend, and readable data."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path

import pytest
from toy_run import ENVIRONMENT, ROOT, finish, vlm_rl, write_config

from vlm_rl.cli import main
from vlm_rl.commands import COMMANDS, command_module
from vlm_rl.config_file import describe

Capture = pytest.CaptureFixture[str]


def help_of(capsys: Capture, *arguments: str) -> str:
    with pytest.raises(SystemExit) as exit_info:
        main([*arguments, "--help"])
    assert exit_info.value.code == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_module_runs_and_lists_its_commands() -> None:
    output = finish(vlm_rl("--help"))
    assert all(f"{name} " in output for name in COMMANDS)


@pytest.mark.parametrize("command", ["train", "sft", "eval"])
def test_help_of_commands_with_a_config_lists_every_knob_with_its_default(capsys: Capture, command: str) -> None:
    text = help_of(capsys, command)
    for key, default, meaning in describe():
        assert (f"{key} ({default}) {meaning}" if default else f"{key} {meaning}").strip() in text


def test_help_of_synth_names_its_defaults(capsys: Capture) -> None:
    parser = argparse.ArgumentParser()
    command_module("synth").add_arguments(parser)
    text = help_of(capsys, "synth")
    for action in parser._actions:
        if action.default in (None, argparse.SUPPRESS):
            continue
        flag = action.option_strings[0]
        shown = re.search(rf"{flag} [^-].*?(?= --|$)", text[text.index("options:") :])
        assert shown is not None and ("default" in shown[0] or f"or {action.default}" in shown[0]), flag


# ----------------------------------------------------------------------------------------------------------- errors


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path / "run")


def error_of(capsys: Capture, *arguments: str | Path) -> str:
    assert main([str(argument) for argument in arguments]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith(f"vlm-rl {arguments[0]}: ")
    assert "Traceback" not in captured.err
    return captured.err.rstrip("\n")


@pytest.mark.parametrize("command", ["train", "sft"])
def test_a_missing_config_is_one_line(capsys: Capture, command: str) -> None:
    assert error_of(capsys, command, "--config", "no.yaml") == f"vlm-rl {command}: config file not found: no.yaml"


def test_an_unknown_key_is_named_with_the_nearest(capsys: Capture, config: Path) -> None:
    first, second = error_of(capsys, "train", "--config", config, "--set", "optim.tua=1").splitlines()
    assert first.endswith(f"{config} is not a valid config:")
    assert second == "  optim.tua: unknown key; did you mean optim.tau?"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("report", "no-such-run"), "no-such-run/config.yaml not found: no-such-run is not the folder of a run"),
        (
            ("synth", "--out", "x", "--levels", "0,easy"),
            "--levels must be of 0, 1, 2, 3, 4 with commas, or all, got 'easy'",
        ),
        (
            ("synth", "--out", "x", "--families", "scene_cuont"),
            "unknown family 'scene_cuont'; did you mean scene_count?",
        ),
        (("synth", "--out", "x", "--count", "0"), "count must be >= 1, got 0"),
    ],
)
def test_what_a_person_can_mend_is_one_line(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    error = error_of(capsys, *arguments)
    assert message in error and "\n" not in error


def test_a_config_error_does_not_wait_for_torch(config: Path) -> None:
    code = (
        "import sys; from vlm_rl.cli import main\n"
        f"assert main(['train', '--config', {str(config)!r}, '--set', 'seed=x']) == 1\n"
        "assert not {'torch', 'transformers'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_policy_that_is_not_there_is_named(capsys: Capture, config: Path, tmp_path: Path) -> None:
    error = error_of(capsys, "eval", "--config", config, "--policy", tmp_path / "no-policy")
    assert "no-policy" in error


# ------------------------------------------------------------------------------------------------- what commands do


def written(out: Path, families: str) -> Path:
    """A data set of three items of each of two levels, by the command."""
    arguments = f"--families {families} --levels 0,1 --count 12 --image-size 48 --workers 1 --out"
    assert main(["synth", *arguments.split(), str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def data_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("synth") / "data", "scene_count,expression")


def records(data_set: Path) -> dict[str, tuple[str, str]]:
    """id -> question and answer of every record, read from the tars with the standard library."""
    found = {}
    for path in sorted(data_set.glob("*.tar")):
        with tarfile.open(path) as archive:
            files = [archive.extractfile(member) for member in archive if member.name.endswith(".json")]
            rows = [json.load(file) for file in files if file is not None]
        found |= {row["id"]: (row["question"], row["answer"]) for row in rows}
    return found


def test_synth_writes_each_item_in_each_modality(data_set: Path) -> None:
    cells = Counter("/".join(record.split("/")[:2]) for record in records(data_set))
    assert cells == {"scene_count/0": 3, "scene_count/1": 3, "expression/0": 6, "expression/1": 6}


@pytest.fixture
def run_folder(warm_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(warm_folder, tmp_path / "run"))


def test_report_is_written_again_from_the_folder_alone(run_folder: Path, capsys: Capture) -> None:
    (run_folder / "metrics.jsonl").write_text('{"iteration": 0, "reward/accuracy": 0.25, "rollout/tokens": 7}\n')
    assert main(["report", str(run_folder)]) == 0
    report = run_folder / "report.html"
    assert capsys.readouterr().out.split() == [str(report)]
    before = report.read_text()
    assert "warmup" in before and "<svg" in before
    report.write_text("old")
    assert main(["report", str(run_folder)]) == 0
    assert report.read_text() == before


def test_eval_measures_a_policy_and_writes_the_result(run_folder: Path, capsys: Capture, tmp_path: Path) -> None:
    config, out = write_config(run_folder, eval__items_per_cell=2, eval__samples=1), tmp_path / "result.json"
    policy = run_folder / "policy" / "warm"
    assert main(["eval", "--config", str(config), "--policy", str(policy), "--out", str(out)]) == 0
    result = json.loads(out.read_text())
    assert [row["items"] for row in result["rows"]] == [2, 2, 2]
    assert result["policy"] == str(policy)
    printed = capsys.readouterr().out
    assert "scene_count" in printed and "sampled" in printed


def test_sft_ends_after_the_warm_up(run_folder: Path) -> None:
    (run_folder / "stages" / "warmup.json").unlink()
    assert main(["sft", "--config", str(write_config(run_folder))]) == 0
    assert {path.stem for path in (run_folder / "stages").iterdir()} == {"assemble", "data", "warmup"}
    assert not (run_folder / "metrics.jsonl").exists()
