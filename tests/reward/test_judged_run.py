"""A run whose rewards come from a judge: out of reach, back again, and silent on some responses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from judge_server import JudgeServer, honest, serving
from toy_run import metrics, rollout_files, toy_config

from vlm_rl.config import TrainConfig
from vlm_rl.pipeline import Pipeline
from vlm_rl.reward.judge import JudgeUnreachableError


def judged_config(folder: Path, server: JudgeServer) -> TrainConfig:
    """An untrained policy: one response in twenty ends by itself, and goes to the judge."""
    questions = folder.parent / "questions.jsonl"
    rows = [{"id": n, "question": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(40)]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    synth = {"kind": "synth", "image_size": 32, "families": {"expression": [0]}}
    return toy_config(
        folder,
        num_iterations=9,
        warmup=None,
        data__sources=[synth, {"kind": "jsonl", "path": str(questions), "verifier": "judge", "weight": 1000.0}],
        data__modality_mix={"text": 1.0},
        rollout__max_response_tokens=9,
        reward__judge=server.config(max_replies=1).model_dump(),
    )


def test_an_unreachable_judge_stops_the_run_and_nothing_is_lost(tmp_path: Path) -> None:
    calls: list[str] = []
    with serving(lambda message: 503 if len(calls) >= 1 else calls.append(message) or honest(message)) as server:
        cfg = judged_config(tmp_path / "run", server)
        with pytest.raises(JudgeUnreachableError, match="the state is saved: go on with --resume"):
            Pipeline(cfg).run()
    (saved, *_) = sorted((tmp_path / "run" / "checkpoints").glob("iteration-*"), reverse=True)
    buffer = json.loads((saved / "state.json").read_text())["buffer"]["trajectories"]
    groups = {one["group_id"]: [] for one in buffer}
    for one in buffer:
        groups[one["group_id"]].append(one["finish"])
    assert any(all(finishes) for finishes in groups.values()), "complete groups wait to be scored"
    with serving(honest) as server:  # at another address
        Pipeline(judged_config(tmp_path / "run", server), resume=True).run()
    assert [row["iteration"] for row in metrics(tmp_path / "run")] == list(range(9))
    rows = [json.loads(line) for text in rollout_files(tmp_path / "run").values() for line in text.splitlines()]
    trained = [(row["group_id"], row["index"]) for row in rows]
    assert len(trained) == len(set(trained)), "no group is trained twice"
    assert {group for group, finishes in groups.items() if all(finishes)} <= {group for group, _ in trained}


def test_a_silent_judge_leaves_responses_out_of_training_and_the_run_goes_on(tmp_path: Path) -> None:
    with serving(lambda message: "I cannot tell.") as server:
        Pipeline(judged_config(tmp_path / "run", server)).run()
    rows = [json.loads(line) for text in rollout_files(tmp_path / "run").values() for line in text.splitlines()]
    unjudged = [row for row in rows if not row["judged"]]
    assert unjudged and all(row["advantage"] == 0.0 and row["reward"] == 0.0 for row in unjudged)
    assert metrics(tmp_path / "run")[-1]["reward/unjudged"] == len(unjudged)
