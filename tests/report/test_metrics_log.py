"""The run's logs survive kills, resumes and numbers that are none."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlm_rl.report.metrics import MetricsLog, RolloutLog, read_metrics, read_rollouts, rollout_iterations


def log_with(path: Path, count: int) -> MetricsLog:
    log = MetricsLog(path)
    for iteration in range(count):
        log.append({"iteration": iteration, "optim/loss": iteration / 7})
    return log


def a_rollout(iteration: int, group: int = 0) -> dict[str, Any]:
    row = {"iteration": iteration, "group_id": group, "index": 0, "prompt_id": "f/0/1", "family": "f", "level": 0}
    row |= {"modality": "text", "question": "?", "images": [], "answer": "1", "segments": [], "finish": "stop"}
    return row | {"correct": True, "prediction": "1", "reason": "match", "reward": 1.0, "advantage": 0.5}


@settings(deadline=None)  # each example waits for the disk
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back_bit_for_bit(value: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("log") / "metrics.jsonl"
    MetricsLog(path).append({"iteration": 0, "x": value})
    read = read_metrics(path)[0]["x"]
    assert read.hex() == value.hex()


def test_non_finite_values_become_null_and_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    MetricsLog(path).append({"iteration": 3, "a": math.nan, "b": -math.inf, "c": 1.5})

    def no_constants(name: str) -> float:
        raise AssertionError(f"{name} is not JSON")

    row = json.loads(path.read_text(), parse_constant=no_constants)
    assert row == {"iteration": 3, "a": None, "b": None, "c": 1.5, "non_finite": ["a", "b"]}


def test_each_row_is_in_the_file_when_append_returns(tmp_path: Path) -> None:
    path = tmp_path / "run" / "metrics.jsonl"
    log = MetricsLog(path)
    for iteration in range(3):
        log.append({"iteration": iteration})
        assert [row["iteration"] for row in read_metrics(path)] == list(range(iteration + 1))


def test_torn_last_line_is_not_read_and_is_gone_after_resume(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    log = log_with(path, 5)
    whole = path.read_bytes()
    for cut in range(1, len(whole.splitlines()[-1]) + 1):
        path.write_bytes(whole[:-cut])
        assert [row["iteration"] for row in read_metrics(path)] == [0, 1, 2, 3]
    log.truncate_from(4)
    log.append({"iteration": 4, "optim/loss": 4 / 7})
    assert path.read_bytes() == whole


def test_truncate_from_drops_that_iteration_and_later_ones(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    log = log_with(path, 10)
    first_six = b"".join(path.read_bytes().splitlines(keepends=True)[:6])
    log.truncate_from(6)
    assert path.read_bytes() == first_six
    log.truncate_from(0)
    assert read_metrics(path) == []


def test_truncating_what_was_never_written_is_no_error(tmp_path: Path) -> None:
    MetricsLog(tmp_path / "metrics.jsonl").truncate_from(0)
    RolloutLog(tmp_path / "rollouts").truncate_from(0)
    assert read_metrics(tmp_path / "metrics.jsonl") == [] and read_rollouts(tmp_path / "rollouts") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bad", ["{broken", "[1, 2]", '{"loss": 1}', '{"iteration": "four"}'])
def test_damage_before_the_last_line_is_an_error_that_names_the_line(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "metrics.jsonl"
    log_with(path, 2)
    path.write_text(path.read_text() + bad + '\n{"iteration": 3}\n')
    with pytest.raises(ValueError, match=r"metrics\.jsonl:3"):
        read_metrics(path)


def test_a_metrics_row_needs_its_iteration(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="integer under 'iteration', got None"):
        MetricsLog(tmp_path / "metrics.jsonl").append({"optim/loss": 1.0})


def test_rollouts_read_back_for_the_iterations_asked(tmp_path: Path) -> None:
    log = RolloutLog(tmp_path / "rollouts")
    for iteration in (0, 1, 12):
        log.write(iteration, [a_rollout(iteration, group) for group in range(2)])
    assert (tmp_path / "rollouts" / "iteration-000012.jsonl").exists()
    assert rollout_iterations(log.folder) == [0, 1, 12]
    assert read_rollouts(log.folder, [12, 0]) == [a_rollout(i, group) for i in (12, 0) for group in range(2)]
    assert len(read_rollouts(log.folder)) == 6


def test_rollout_text_survives_whatever_the_model_wrote(tmp_path: Path) -> None:
    text = "line\nbreak \u2028 \x00 \x85 \ud800 </script> 猫"
    row = a_rollout(0) | {"segments": [{"policy_version": 0, "tokens": 3, "text": text}]}
    RolloutLog(tmp_path).write(0, [row])
    assert read_rollouts(tmp_path) == [row]


def test_rollouts_truncate_from_deletes_later_files(tmp_path: Path) -> None:
    log = RolloutLog(tmp_path)
    for iteration in range(5):
        log.write(iteration, [a_rollout(iteration)])
    log.truncate_from(3)
    assert rollout_iterations(tmp_path) == [0, 1, 2]


def test_failed_rollout_write_leaves_the_old_file(tmp_path: Path) -> None:
    log = RolloutLog(tmp_path)
    log.write(0, [a_rollout(0)])
    with pytest.raises(ValueError, match=r"iteration-000000\.jsonl:2 lacks advantage, answer"):
        log.write(0, [a_rollout(0), {"iteration": 0}])
    assert read_rollouts(tmp_path) == [a_rollout(0)]
