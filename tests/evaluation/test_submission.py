"""Submission files, read back as the official programs read them."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

import pytest
from fake_evaluation import response, verdict, write_evaluation

from vlm_rl.commands import eval_submit
from vlm_rl.evaluation import mathvista, mmmu
from vlm_rl.evaluation.llm_extractor import KEPT_IN, LlmExtractor
from vlm_rl.evaluation.submission import write_submission
from vlm_rl.reward.chat_client import ChatClient, ChatError

METADATA = {"split": "testmini", "language": "english", "task": "geometry", "skills": ["algebra"]}


def vista_record(pid: str, answer: str, **changes: Any) -> dict[str, Any]:
    known = {"question": "How many?", "image": f"images/{pid}.jpg", "choices": None, "unit": None, "precision": None}
    known |= {"answer": answer, "question_type": "free_form", "answer_type": "integer", "pid": pid}
    return known | {"metadata": METADATA, "query": "a column of the data set"} | changes


def vista_response(record: dict[str, Any], text: str, *, withheld: bool = False) -> dict[str, Any]:
    asked = mathvista.question(record)
    score = mathvista.score(text, **asked)
    shown = verdict(score.correct, score.prediction)
    gold = (
        {"gold": None, "official": None, "strict": None} if withheld else {"gold": record["answer"], "official": shown}
    )
    return response(record["pid"], **gold, record=record, response=text, question="<image>\nHint: how asked?")


VISTA = [
    (vista_record("2", "12"), "<think>9</think>There are twelve, so \\boxed{12.7}", "12"),
    (vista_record("10", "12"), "I see 1,200 of them.", "1200"),
    (vista_record("9", "1.2", answer_type="float", precision=1.0), "It is 1.25", "1.2"),
    (vista_record("11", "[1, 2]", answer_type="list"), "[1,2]", "[1, 2]"),
    (vista_record("1", "No", question_type="multi_choice", answer_type="text", choices=["Yes", "No"]), "**B**", "No"),
    (vista_record("3", "5"), "", None),
]


def official_mathvista_score(problem: dict[str, Any]) -> tuple[str | None, bool]:
    """The official second stage for numbers and lists, and for a choice that is a letter; as its source reads."""
    found = problem["extraction"]
    try:
        if problem["question_type"] == "multi_choice":
            prediction = problem["choices"]["ABCDEFGH".index(found)]
        elif problem["answer_type"] == "integer":
            prediction = str(int(float(found)))
        elif problem["answer_type"] == "float":
            prediction = str(round(float(found), int(problem["precision"])))
        else:
            prediction = str(found)
    except ValueError:
        prediction = None
    return prediction, prediction == problem["answer"]


def test_mathvista_file_scores_the_same_in_the_official_code(tmp_path: Path) -> None:
    rows = [vista_response(record, text) for record, text, _ in VISTA]
    path = write_submission(write_evaluation(tmp_path, rows, policy="org/Tiny VLM"))
    assert path == tmp_path / "output_Tiny-VLM.json"
    results = json.loads(path.read_text())
    assert list(results) == ["1", "2", "3", "9", "10", "11"]
    for (record, text, prediction), row in zip(VISTA, rows, strict=True):
        problem = results[record["pid"]]
        assert list(problem) == [*record, "response", "extraction", "prediction", "true_false"]
        assert {key: problem[key] for key in record} == record | {"query": "Hint: how asked?"}
        assert problem["response"] == text
        assert (problem["prediction"], problem["true_false"]) == official_mathvista_score(problem)
        assert (problem["prediction"], problem["true_false"]) == (prediction, row["official"]["correct"])


def test_mathvista_test_split_leaves_the_answer_to_the_official_code(tmp_path: Path) -> None:
    record = vista_record("7", "12")
    row = vista_response(record, "12", withheld=True) | {"record": record | {"answer": ""}}
    [problem] = json.loads(write_submission(write_evaluation(tmp_path, [row])).read_text()).values()
    assert not {"answer", "true_false"} & problem.keys()
    assert (problem["extraction"], problem["prediction"]) == ("12", "12")


def test_extraction_of_a_language_model_is_taken_from_the_kept_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = vista_response(vista_record("7", "12"), "A dozen.")
    spec = "openai:m@http://127.0.0.1:9/v1"  # where nobody listens
    write_evaluation(tmp_path, [row], extractor=spec)
    monkeypatch.setattr("vlm_rl.reward.chat_client.time.sleep", lambda seconds: None)
    with pytest.raises(ChatError, match="asked 'm' at http://127.0.0.1:9/v1"):
        write_submission(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(ChatClient, "complete", lambda self, messages, **sampling: "12")
        LlmExtractor(spec, tmp_path / KEPT_IN)(row["record"], "A dozen.")
    [problem] = json.loads(write_submission(tmp_path).read_text()).values()
    assert (problem["extraction"], problem["true_false"]) == ("12", True)


def test_mmmu_dictionary_holds_letters_and_texts(tmp_path: Path) -> None:
    options = ["red", "green", "blue"]
    texts = {
        "validation_Art_1": (options, "The answer is C because A is wrong", "A"),  # as the official parser reads it
        "validation_Art_2": (options, "\\boxed{B}", "B"),
        "validation_Art_10": (None, "<think>4</think>\nWe get 5.\n\n**Answer: 8.4**", "8.4"),
        "validation_Art_11": (None, "It is 8.4 volts", "It is 8.4 volts"),
    }
    rows = []
    for name, (choices, text, _) in texts.items():
        asked: dict[str, Any] = {"question_type": "multiple-choice" if choices else "open", "options": choices or []}
        score = mmmu.score(text, "A" if choices else "8.4", **asked)
        rows.append(response(name, options=choices, response=text, official=verdict(score.correct, score.prediction)))
    path = write_submission(write_evaluation(tmp_path, rows, benchmark="mmmu"))
    answers = json.loads(path.read_text())
    assert answers == {name: answer for name, (_, _, answer) in texts.items()}
    for name in ("validation_Art_10", "validation_Art_11"):
        assert mmmu.score(answers[name], "8.4", question_type="open", options=[]).correct


def test_mmmu_test_split_has_a_letter_for_every_question_with_options(tmp_path: Path) -> None:
    said = ["(B)", "I cannot see it.", "", "\ud800"]
    rows = [response(f"test_Art_{n}", None, options=["x1", "x2", "x3"], response=text) for n, text in enumerate(said)]
    answers = json.loads(write_submission(write_evaluation(tmp_path, rows, benchmark="mmmu")).read_text())
    assert answers["test_Art_0"] == "B" and set(answers.values()) <= set("ABC") and len(answers) == 4


PRO_NAME = re.compile(r"(?P<model_name>.+)_(?P<setting>standard|vision)_(?P<method>cot|direct)\.jsonl")


@pytest.mark.parametrize(
    ("subset", "variant", "name"),
    [
        ("standard (10 options)", "official", "policy_standard_cot.jsonl"),
        ("standard (4 options)", "direct", "policy_standard_direct.jsonl"),
        ("vision", "boxed", "policy_vision_cot.jsonl"),
    ],
)
def test_mmmu_pro_file_has_the_name_and_rows_that_evaluate_reads(
    tmp_path: Path, subset: str, variant: str, name: str
) -> None:
    record = {"id": "test_History_1", "options": "['a', 'b']", "answer": "B", "subject": "History"}
    record |= {} if subset == "vision" else {"question": "Which trend?"}
    row = response(
        "test_History_1",
        False,
        record=record | {"image_2": None},
        response="So\nAnswer: A",
        official=verdict(False, "A"),
    )
    settings = {"benchmark": "mmmu_pro", "subset": subset, "prompt_variant": variant}
    path = write_submission(write_evaluation(tmp_path, [row], **settings))
    match = PRO_NAME.fullmatch(path.name)
    assert path.name == name and match is not None
    [line] = map(json.loads, path.read_text().splitlines())
    assert line == record | {"response": "So\nAnswer: A", "pred_indexs": "A", "if_right": False}


def test_mathvision_lines(tmp_path: Path) -> None:
    first = response("2", True, response="\\boxed{7}\nline two", official=verdict(True, "7"))
    second = response("10", False, response="", official=verdict(False, None))
    path = write_submission(write_evaluation(tmp_path, [second, first], benchmark="mathvision", policy="/models/tiny/"))
    assert path.name == "tiny.jsonl"
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"id": "2", "model": "/models/tiny/", "response": first["response"], "model_answer": "7", "correct": True},
        {"id": "10", "model": "/models/tiny/", "response": "", "model_answer": "", "correct": False},
    ]


def test_one_sample_of_several_is_written(tmp_path: Path) -> None:
    rows = [response("q1", True, sample, response=f"said {sample}") for sample in (1, 0)]
    write_evaluation(tmp_path, rows, benchmark="mathvision", samples=2)
    said = [json.loads(write_submission(tmp_path, sample=sample).read_text())["response"] for sample in (0, 1)]
    assert said == ["said 0", "said 1"]
    with pytest.raises(ValueError, match="question 'q1' has no sample 2: the evaluation has 2"):
        write_submission(tmp_path, sample=2)


@pytest.mark.parametrize(
    ("run", "rows", "told"),
    [
        ({"benchmark": "math500"}, [response("1")], "math500 has no official file; mathvista, mmmu, mmmu_pro, mathv"),
        ({"num_questions": 3}, [response("1")], "is not finished: 2 responses are missing"),
        ({}, [response("1")], "question '1' has no 'record' in responses.jsonl, which MathVista's output file repeats"),
        ({"benchmark": "mathvision"}, [response("1", None)], "question '1' has no verdict"),
    ],
)
def test_what_cannot_be_submitted_is_told(
    tmp_path: Path, run: dict[str, Any], rows: list[dict[str, Any]], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        write_submission(write_evaluation(tmp_path, rows, **run))
    assert {path.name for path in tmp_path.iterdir()} == {"run.json", "responses.jsonl"}


@pytest.mark.parametrize("policy", ["..", "a/../..", "///", "C:\\models\\..", "\u202e"])
def test_policy_name_cannot_leave_the_folder(tmp_path: Path, policy: str) -> None:
    path = write_submission(write_evaluation(tmp_path, [response("1")], benchmark="mathvision", policy=policy))
    assert path == tmp_path / "policy.jsonl"


def test_command_tells_the_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_evaluation(tmp_path, [response("1")], benchmark="mathvision")
    parser = argparse.ArgumentParser()
    eval_submit.add_arguments(parser)
    eval_submit.run(parser.parse_args([str(tmp_path), "--file", str(tmp_path / "mine.jsonl")]))
    assert capsys.readouterr().out.strip() == str(tmp_path / "mine.jsonl")
    assert json.loads((tmp_path / "mine.jsonl").read_text())["id"] == "1"
