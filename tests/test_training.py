"""The loop as a whole: it learns from resumed responses, and neither a kill nor a second process changes the result."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from accelerate import Accelerator
from toy_run import ENVIRONMENT, ROOT, finish, metrics, rollout_files, toy_config, vlm_rl, weights, write_config

from vlm_rl.run import start_run
from vlm_rl.train import train

ITERATIONS = 30
KILLS = 5

# Each process writes down, at the end of training, how much it sampled and what it holds.
TELLING = """
import hashlib, json, sys
from pathlib import Path
from vlm_rl.cli import main
from vlm_rl.optim.optimizer import PolicyOptimizer
from vlm_rl.rollout.local_engine import LocalEngine
from vlm_rl.run import Run

close, extend, accumulate = Run.close, LocalEngine.extend, PolicyOptimizer.accumulate
sampled, losses = [], []

def counting_extend(engine, pending, **kwargs):
    sampled.append(len(pending))
    return extend(engine, pending, **kwargs)

def counting_accumulate(optimizer, loss):
    losses.append(float(loss))
    accumulate(optimizer, loss)

def telling_close(run):
    digest = hashlib.sha256()
    for weight in run.policy.model.state_dict().values():
        digest.update(weight.numpy().tobytes())
    held = {
        "weights": digest.hexdigest(), "buffer": run.buffer.state_dict(), "sampler": run.sampler.state_dict(),
        "iteration": run.iteration,
    }
    told = {"processes": run.accelerator.num_processes, "sampled": sum(sampled), "losses": losses, "held": held}
    (run.folder / f"rank-{run.accelerator.process_index}.json").write_text(json.dumps(told))
    close(run)

LocalEngine.extend, PolicyOptimizer.accumulate, Run.close = counting_extend, counting_accumulate, telling_close
if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
"""


@pytest.fixture(scope="module")
def uninterrupted(warm_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished folder of a run that nothing disturbed."""
    folder = copied(warm_folder, tmp_path_factory.mktemp("uninterrupted"))
    finish(vlm_rl("train", "--config", write_config(folder, num_iterations=ITERATIONS)))
    return folder


def copied(warm_folder: Path, parent: Path) -> Path:
    return Path(shutil.copytree(warm_folder, parent / "run"))


def count_rows(folder: Path) -> int:
    path = folder / "metrics.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_run_cuts_and_resumes_responses_and_learns_from_them(uninterrupted: Path, warm_folder: Path) -> None:
    rows = metrics(uninterrupted)
    assert [row["iteration"] for row in rows] == list(range(ITERATIONS))
    assert sum(row["rollout/cut"] for row in rows) > 10 and sum(row["rollout/resumed"] for row in rows) > 10
    assert max(row.get("lag/max", 0) for row in rows) >= 1  # tokens of an older policy train
    assert sum(row["optim/trained_tokens"] for row in rows) > 100
    assert weights(uninterrupted) != (warm_folder / "policy" / "warm" / "model.safetensors").read_bytes()

    responses = [json.loads(line) for file in rollout_files(uninterrupted).values() for line in file.splitlines()]
    finished = sum(row[f"rollout/{finish}"] for row in rows for finish in ("stop", "length", "repeat"))
    waiting = sum(trajectory["finish"] is not None for trajectory in buffer(uninterrupted, ITERATIONS))
    assert len(responses) == finished - waiting  # no finished response is lost
    versions = [[segment["policy_version"] for segment in response["segments"]] for response in responses]
    assert any(len(set(one)) > 1 for one in versions)
    assert all(one == sorted(one) for one in versions)


def test_checkpoints_hold_the_unfinished_tokens(uninterrupted: Path) -> None:
    kept = sorted(path.name for path in (uninterrupted / "checkpoints").iterdir())
    assert kept == [f"iteration-{ITERATIONS - 2:06d}", f"iteration-{ITERATIONS:06d}"]
    held = buffer(uninterrupted, ITERATIONS - 2) + buffer(uninterrupted, ITERATIONS)
    assert any(trajectory["finish"] is None and trajectory["segments"] for trajectory in held)


def buffer(folder: Path, iteration: int) -> list[dict[str, Any]]:
    state = json.loads((folder / "checkpoints" / f"iteration-{iteration:06d}" / "state.json").read_text())
    trajectories: list[dict[str, Any]] = state["buffer"]["trajectories"]
    return trajectories


def test_a_run_killed_five_times_ends_bit_identical(uninterrupted: Path, warm_folder: Path, tmp_path: Path) -> None:
    folder = copied(warm_folder, tmp_path)
    config = write_config(folder, num_iterations=ITERATIONS)
    moments = random.Random(11)
    for _ in range(KILLS):
        process = vlm_rl("train", "--config", config, "--resume")
        target = count_rows(folder) + moments.randint(1, 4)
        while count_rows(folder) < target:
            assert process.poll() is None, process.communicate()
            time.sleep(0.002)
        time.sleep(moments.uniform(0.0, 0.15))  # anywhere in rollout, score, learn or the writing of a checkpoint
        process.kill()
        process.communicate()
        assert process.returncode == -9, "it had finished before the kill"
        assert not (folder / "policy" / "final").exists()
    finish(vlm_rl("train", "--config", config, "--resume"))

    assert metrics(folder) == metrics(uninterrupted)
    assert rollout_files(folder) == rollout_files(uninterrupted)
    assert weights(folder) == weights(uninterrupted)


def test_optimizer_moments_survive_a_restart_when_they_are_never_reset(warm_folder: Path, tmp_path: Path) -> None:
    def trained(name: str, *stops: int, reset: str = "never") -> tuple[list[dict[str, Any]], dict[str, Any]]:
        for stop in stops:
            cfg = toy_config(tmp_path / name, optim__reset_optimizer=reset, num_iterations=stop)
            run = start_run(cfg, Accelerator(), warm_folder / "policy" / "warm", resume=True)
            train(run, cfg)
            run.close()
        return metrics(tmp_path / name), {key: value.clone() for key, value in run.policy.model.state_dict().items()}

    rows, straight = trained("straight", 16)
    assert sum("optim/grad_norm" in row for row in rows[3:]) > 1  # there are steps to which old moments matter
    resumed_rows, resumed = trained("resumed", 3, 9, 16)
    assert resumed_rows == rows
    assert all(value.equal(resumed[key]) for key, value in straight.items())
    _, fresh = trained("fresh", 16, reset="iteration")
    assert not all(value.equal(fresh[key]) for key, value in straight.items())


def test_two_processes_share_the_work_and_train_as_one(uninterrupted: Path, warm_folder: Path, tmp_path: Path) -> None:
    folder, script = copied(warm_folder, tmp_path), tmp_path / "telling.py"
    config = write_config(folder, num_iterations=6, eval__every=3)
    script.write_text(TELLING, encoding="utf-8")
    launch = "-m accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --main_process_port 0"
    command = [sys.executable, *launch.split(), "--mixed_precision", "no", "--dynamo_backend", "no", script]
    finish(
        subprocess.Popen(
            [*map(str, command), "--config", str(config)],
            env=ENVIRONMENT,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    )

    first, second = (json.loads((folder / f"rank-{rank}.json").read_text()) for rank in (0, 1))
    assert first["processes"] == second["processes"] == 2
    evaluated = 3 * (1 + 1 + 2)  # three prompts, greedily: before and after the warm-up, and twice in between
    assert first["sampled"] + second["sampled"] == evaluated + sum(row["rollout/extended"] for row in metrics(folder))
    assert all(told["sampled"] > 20 and told["losses"] for told in (first, second)), (first, second)
    assert first["held"] == second["held"]  # replicas have not drifted apart, not by one bit

    for row, alone in zip(metrics(folder), metrics(uninterrupted), strict=False):
        shared = row.keys() & alone.keys()
        assert row.keys() - shared <= {"eval/accuracy"} and alone.keys() == shared
        for key in shared - {"optim/loss", "optim/grad_norm"}:
            if not key.startswith(("gap/", "optim/tau")):
                assert row[key] == pytest.approx(alone[key]), (key, row["iteration"])
        for key in shared & {"optim/loss", "optim/grad_norm"}:
            assert row[key] == pytest.approx(alone[key], rel=1e-3), (key, row["iteration"])
