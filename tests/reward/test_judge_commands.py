"""`vlm-rl judge-data` and `vlm-rl judge-check`, from files to files."""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judge_server import field, honest, serving
from reward_cases import boxed

from data_synth.answers import Answer
from vlm_rl.commands import judge_check, judge_data
from vlm_rl.commands.judge_check import agreement
from vlm_rl.reward.judge_prompt import read_verdict
from vlm_rl.types import Verdict


def run(command: ModuleType, *words: object) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    command.run(parser.parse_args([str(word) for word in words]))


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def labelled(question: int, answer: int, wanted: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{question}-{answer}",
        "question": f"Question {question}?",
        "answer": str(wanted),
        "response": f"Thinking about {question}. " + boxed(str(answer)),
        "correct": answer == wanted,
    } | more


def rollout(question: int, answer: int, wanted: int, **more: Any) -> dict[str, Any]:
    text = boxed(str(answer))
    return {
        "iteration": 3,
        "group_id": question,
        "index": answer,
        "prompt_id": f"family/0/{question}",
        "question": f"Question {question}?",
        "answer": Answer("integer", wanted).to_text(),
        "segments": [{"policy_version": 2, "tokens": 3, "text": text[:7]}, {"policy_version": 3, "text": text[7:]}],
        "finish": "stop",
        "correct": answer == wanted,
        "reason": "match" if answer == wanted else "different",
    } | more


MANY = [labelled(question, answer, 10) for question in range(60) for answer in (10, 7, 8, 9)]


# ---------------------------------------------------------------------------------------------------------- judge-data


def test_data_are_balanced_deduplicated_and_split_by_question(tmp_path: Path) -> None:
    source = write(tmp_path / "labelled.jsonl", MANY + MANY[:40])
    run(judge_data, source, "--out", tmp_path / "out", "--eval-share", 0.25, "--per-question", 2)
    train, held_out = (read(tmp_path / "out" / f"{name}.jsonl") for name in ("train", "eval"))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    for rows, name in ((train, "train"), (held_out, "eval")):
        assert Counter(row["correct"] for row in rows) == {True: len(rows) // 2, False: len(rows) // 2}
        assert manifest["examples"][name]["correct"] == len(rows) // 2 > 0
    questions = [{field(row["messages"][1]["content"], "question") for row in rows} for rows in (train, held_out)]
    assert not questions[0] & questions[1] and len(questions[0] | questions[1]) == 60
    assert 5 <= len(questions[1]) <= 25
    assert manifest["records"] == 280 and manifest["left_out"]["duplicate"] == 40
    assert manifest["left_out"]["over per_question"] == 60 and manifest["left_out"]["for balance"] == 60
    total = sum(
        sum(counts[verdict] for verdict in ("correct", "incorrect")) for counts in manifest["examples"].values()
    )
    assert total + sum(manifest["left_out"].values()) == 280, "every record is accounted for"


def test_an_example_is_what_the_judge_gets_and_its_target_is_read_as_its_label(tmp_path: Path) -> None:
    asked: list[str] = []
    source = write(tmp_path / "labelled.jsonl", MANY)
    with serving(lambda message: asked.append(message) or honest(message)) as server:
        run(judge_check, source, "--url", server.url, "--model", "m", "--cache-dir", tmp_path / "cache")
    run(judge_data, source, "--out", tmp_path / "out", "--injected-share", 0)
    for row in read(tmp_path / "out" / "train.jsonl"):
        system, user, target = row["messages"]
        assert [message["role"] for message in row["messages"]] == ["system", "user", "assistant"]
        assert user["content"] in asked
        key = re.findall(r'"key": "(\w+)"', user["content"])[-1]
        assert read_verdict(target["content"], key) is row["correct"]
        assert "The reference answer: 10" in target["content"] and len(target["content"].splitlines()) >= 4


def test_injected_examples_are_incorrect_ones_whose_response_speaks_to_the_judge(tmp_path: Path) -> None:
    source = write(tmp_path / "labelled.jsonl", MANY)
    run(judge_data, source, "--out", tmp_path / "out", "--injected-share", 0.5)
    rows = [row for name in ("train", "eval") for row in read(tmp_path / "out" / f"{name}.jsonl")]
    injected = [row for row in rows if row["injected"]]
    assert 0.2 < len(injected) / (len(rows) / 2) < 0.8 and not any(row["correct"] for row in injected)
    for row in injected:
        assert '"verdict": "incorrect"' in row["messages"][2]["content"]
        assert field(row["messages"][1]["content"], "final answer of the response") in ("7", "8", "9")


def test_rollouts_of_a_run_are_read_and_what_has_no_verdict_is_passed_over(tmp_path: Path) -> None:
    rows = [rollout(question, answer, 10) for question in range(8) for answer in (10, 7)]
    unusable = [
        rollout(90, 10, 10, finish="length"),
        rollout(91, 7, 10, reason="timeout"),
        rollout(92, 7, 10, reason="crash"),
        rollout(93, 7, 10, reason="unjudged: no readable verdict", judged=False),
    ]
    write(tmp_path / "run" / "rollouts" / "iteration-000003.jsonl", rows + unusable)
    with (tmp_path / "run" / "rollouts" / "iteration-000003.jsonl").open("a") as file:
        file.write('{"torn": ')
    run(judge_data, tmp_path / "run", "--out", tmp_path / "out", "--eval-share", 0)
    found = read(tmp_path / "out" / "train.jsonl")
    assert len(found) == 16 and not read(tmp_path / "out" / "eval.jsonl")
    assert {field(row["messages"][1]["content"], "reference answer") for row in found} == {"10"}, "not its JSON"
    assert "family/0/0#3/0/10" in {row["id"] for row in found}


def test_contradictory_labels_are_left_out_and_given_reasons_are_kept(tmp_path: Path) -> None:
    rows = [labelled(1, 10, 10, reasoning="Ten is ten."), labelled(1, 7, 10, reasoning="Seven is not ten.")]
    rows += [labelled(2, 7, 10), labelled(2, 7, 10, correct=True), labelled(2, 7, 10)]  # both ways
    rows += [labelled(3, 10, 10, correct=False)]  # the reference itself
    rows += [labelled(4, 7, 10, response=" ")]
    run(judge_data, write(tmp_path / "x.jsonl", rows), "--out", tmp_path / "out", "--eval-share", 0)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["left_out"] == {"contradictory": 4, "no answer": 1}
    targets = [row["messages"][2]["content"] for row in read(tmp_path / "out" / "train.jsonl")]
    assert sorted(target.splitlines()[0] for target in targets) == ["Seven is not ten.", "Ten is ten."]


def test_which_examples_are_kept_does_not_depend_on_the_order_of_records(tmp_path: Path) -> None:
    for name, rows in (("a", MANY), ("b", MANY[::-1])):
        source = write(tmp_path / f"{name}.jsonl", rows)
        run(judge_data, source, "--out", tmp_path / name, "--per-question", 1)
    for split in ("train.jsonl", "eval.jsonl"):
        assert (tmp_path / "a" / split).read_bytes() == (tmp_path / "b" / split).read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"question": "q"}\n', r"x.jsonl:1: 'answer' must be text"),
        (
            '{"question": "q", "answer": "", "response": "r", "correct": true}\n',
            "'answer' must be text that is not empty",
        ),
        ('{"question": "q", "answer": "1", "response": "r", "correct": "yes"}\n', "'correct' must be true or false"),
        ("\n[1]\n", "x.jsonl:2 must be a JSON object"),
        ("{nonsense}\n", "x.jsonl:1 is not valid JSON"),
        ('{"segments": [1], "finish": "stop"}\n', "segments must be objects"),
        (json.dumps(labelled(1, 10, 10)) + "\n", "nothing to write: both verdicts are needed"),
        ("", "nothing to write"),
    ],
)
def test_mistakes_in_records_name_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)
    with pytest.raises(ValueError, match=message):
        run(judge_data, tmp_path / "x.jsonl", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_missing_files_and_impossible_shares_are_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no_such.jsonl not found"):
        run(judge_data, tmp_path / "no_such.jsonl", "--out", tmp_path / "out")
    with pytest.raises(ValueError, match="holds no .jsonl"):
        run(judge_data, tmp_path, "--out", tmp_path / "out")
    source = write(tmp_path / "x.jsonl", MANY)
    for option, value in (("--eval-share", 1), ("--injected-share", -1), ("--per-question", 0)):
        with pytest.raises(ValueError, match=f"got .*{value}"):
            run(judge_data, source, "--out", tmp_path / "out", option, value)


# --------------------------------------------------------------------------------------------------------- judge-check


def test_agreement_is_measured_with_disagreements_listed(tmp_path: Path) -> None:
    rows = [labelled(n, 10, 10) for n in range(6)] + [labelled(n, 7, 10) for n in range(4)]
    rows[0] |= {"response": boxed("ten")}  # right, but this judge does not know it
    rows[9] |= {"response": boxed("?")}
    source = write(tmp_path / "labelled.jsonl", rows)
    with serving(
        lambda message: "?" if field(message, "final answer of the response") == "?" else honest(message)
    ) as server:
        run(
            judge_check, source, "--url", server.url, "--model", "m", "--cache-dir", tmp_path / "cache",
            "--out", tmp_path / "out.json",
        )  # fmt: skip
    result = json.loads((tmp_path / "out.json").read_text())
    assert (result["records"], result["judged"], result["unjudged_share"]) == (10, 9, pytest.approx(0.1))
    assert result["accuracy"] == pytest.approx(8 / 9) and (result["precision"], result["recall"]) == (1.0, 5 / 6)
    assert result["kappa"] == pytest.approx((8 / 9 - (6 * 5 + 3 * 4) / 81) / (1 - (6 * 5 + 3 * 4) / 81))
    assert result["accuracy_interval"] == pytest.approx([0.5650, 0.9801], abs=1e-4)  # Wilson, from a table
    assert result["confusion"] == {
        "labelled correct": {"correct": 5, "incorrect": 1, "unjudged": 0},
        "labelled incorrect": {"correct": 0, "incorrect": 3, "unjudged": 1},
    }
    assert [(row["id"], row["label"], row["judge"]) for row in result["disagreements"]] == [
        ("0-10", "correct", "incorrect"),
        ("3-7", "incorrect", "unjudged"),
    ]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([True, False, None])), min_size=1, max_size=40))
def test_figures_equal_their_definitions(pairs: list[tuple[bool, bool | None]]) -> None:
    verdicts = [Verdict(bool(said), "", "", judged=said is not None) for _, said in pairs]
    result = agreement([label for label, _ in pairs], verdicts)
    judged = [(label, said) for label, said in pairs if said is not None]
    assert result["judged"] == len(judged)
    if judged:
        agree = sum(label == said for label, said in judged) / len(judged)
        assert result["accuracy"] == pytest.approx(agree)
        frequencies = [
            [sum(pair[side] == value for pair in judged) / len(judged) for value in (True, False)] for side in (0, 1)
        ]
        chance = sum(a * b for a, b in zip(*frequencies, strict=True))
        expected = None if chance == 1 else pytest.approx((agree - chance) / (1 - chance))
        assert result["kappa"] == expected
    said_correct = [label for label, said in judged if said]
    assert result["precision"] == (pytest.approx(sum(said_correct) / len(said_correct)) if said_correct else None)
    truly_correct = [said for label, said in judged if label]
    assert result["recall"] == (
        pytest.approx(sum(map(bool, truly_correct)) / len(truly_correct)) if truly_correct else None
    )


def test_a_judge_is_named_by_a_config_or_by_url_and_model(tmp_path: Path) -> None:
    source = write(tmp_path / "labelled.jsonl", MANY[:4])
    for words in ((), ("--url", "http://localhost:1/v1"), ("--config", "a.yaml", "--url", "http://localhost:1/v1")):
        with pytest.raises(ValueError, match="either --config, or --url and --model"):
            run(judge_check, source, *words)
    quickstart = Path(__file__).parents[2] / "configs" / "quickstart.yaml"
    with pytest.raises(ValueError, match="has no reward.judge"):
        run(judge_check, source, "--config", quickstart)
    with pytest.raises(OSError, match="no connection"):
        run(
            judge_check,
            source,
            "--url",
            "http://127.0.0.1:1/v1",
            "--model",
            "m",
            "--cache-dir",
            tmp_path,
            "--max-retries",
            0,
        )
