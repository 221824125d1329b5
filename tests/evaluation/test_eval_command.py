"""`vlm-rl eval --benchmark`, with policies that compute: killed, gone on with, and on two processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from benchmark_data import hub_copy
from tiny import save_tiny
from toy_run import ENVIRONMENT, ROOT, finish, vlm_rl

from vlm_rl.cli import main
from vlm_rl.evaluation.output import read_lines
from vlm_rl.evaluation.responder import context_of, policy_digest

pytestmark = pytest.mark.usefixtures("own_dataset_cache")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny("llava_clip", tmp_path_factory.mktemp("policy") / "tiny")


def command(policy: Path, data: Path, out: Path, **changes: Any) -> list[str]:
    options = {"benchmark": "mmmu", "policy": policy, "data": data, "out": out, "max_tokens": 24} | changes
    return ["eval", *(word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", str(value)))]


def comparable(out: Path) -> list[dict[str, Any]]:
    lines = [line | {"seconds": 0} for line in read_lines(out / "responses.jsonl")]
    return sorted(lines, key=lambda line: (line["id"], line["sample"]))


@pytest.mark.parametrize("kind", ["llava_clip", "qwen2_5_vl"])
def test_a_real_policy_sees_interleaved_images(kind: str, tmp_path: Path, capsys: Any) -> None:
    policy, data = save_tiny(kind, tmp_path / "tiny"), hub_copy("mmmu", tmp_path / "data")
    assert main(command(policy, data, tmp_path / "out", subset="Accounting,Art_Theory", samples=2, temperature=1)) == 0
    lines = comparable(tmp_path / "out")
    assert len(lines) == 12 and all(0 < line["num_tokens"] <= 24 for line in lines)
    printed = capsys.readouterr().out
    assert "prompt 'official'" in printed and "Answer with the option's letter" in printed
    assert "pass@2" in printed and "Humanities" not in printed and "Art and Design" in printed


def test_a_killed_command_goes_on_to_the_same_responses(policy: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle, then the same command again: as if nothing had happened, and nothing asked twice."""
    data = hub_copy("mmmu", tmp_path / "data")
    changes = {"batch_tokens": 1, "samples": 4, "temperature": 1.0, "subset": "Accounting,Art_Theory"}
    assert main(command(policy, data, tmp_path / "straight", **changes)) == 0
    process = vlm_rl(*command(policy, data, tmp_path / "killed", **changes))
    path = tmp_path / "killed" / "responses.jsonl"
    deadline = time.monotonic() + 120
    while not path.exists() or path.read_bytes().count(b"\n") < 3:
        assert process.poll() is None and time.monotonic() < deadline, "it ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    held = read_lines(path)
    assert 3 <= len(held) < 24 and not (tmp_path / "killed" / "summary.json").exists()
    assert main(command(policy, data, tmp_path / "killed", **changes)) == 0
    assert read_lines(path)[: len(held)] == held
    assert comparable(tmp_path / "killed") == comparable(tmp_path / "straight")
    assert len({line["response"] for line in comparable(tmp_path / "killed")}) > 12


def test_two_processes_share_the_questions(policy: Path, tmp_path: Path) -> None:
    data = hub_copy("mmmu", tmp_path / "data")
    changes = {"subset": "Accounting,Art_Theory", "samples": 2, "temperature": 1.0}
    assert main(command(policy, data, tmp_path / "alone", **changes)) == 0
    launch = "-m accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --main_process_port 0"
    words = [sys.executable, *launch.split(), "--mixed_precision", "no", "--dynamo_backend", "no"]
    words += [str(ROOT / "scripts" / "evaluate.py"), *command(policy, data, tmp_path / "two", **changes)[1:]]
    output = finish(
        subprocess.Popen(words, env=ENVIRONMENT, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    )
    assert comparable(tmp_path / "two") == comparable(tmp_path / "alone"), output
    assert not list((tmp_path / "two").glob("responses-*.jsonl"))
    assert output.count("official") and (tmp_path / "two" / "summary.json").exists()


def test_a_checkpoint_that_was_trained_on_is_another_policy(policy: Path, tmp_path: Path) -> None:
    before = policy_digest(str(policy))
    other = save_tiny("llava_siglip", tmp_path / "tiny")
    assert before == policy_digest(str(policy)) != policy_digest(str(other))
    assert policy_digest("org/name") is None


def test_the_context_is_that_of_the_language_model(policy: Path) -> None:
    from transformers import AutoConfig

    assert context_of(AutoConfig.from_pretrained(policy)) == 512


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["eval", "--policy", "p"], "give --benchmark NAME, or --config FILE"),
        (["eval", "--policy", "p", "--benchmark", "mmmmu"], "did you mean mmmu"),
        (["eval", "--policy", "p", "--benchmark", "synthetic", "--subset", "expression/x"], "FAMILY or FAMILY/LEVEL"),
        (["eval", "--policy", "p", "--benchmark", "synthetic", "--data", "d"], "draws its own held-out items"),
    ],
)
def test_mistakes_on_the_command_line_are_told_in_a_sentence(words: list[str], message: str, capsys: Any) -> None:
    assert main(words) == 1
    told = capsys.readouterr().err
    assert message in told and "Traceback" not in told
