"""Whole evaluations: what is asked, scored and written, and what a kill costs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from benchmark_data import MATH500, MATHVISION, WRITERS, hub_copy, math500, mathvision, parquet
from scripted_engine import Evaluations, Killed

from vlm_rl.evaluation import evaluate as whole
from vlm_rl.evaluation import mathvista
from vlm_rl.evaluation.evaluate import Settings, load_benchmark
from vlm_rl.evaluation.finished import read_evaluation
from vlm_rl.evaluation.output import image_name, locked, read_lines
from vlm_rl.evaluation.responder import load_image
from vlm_rl.evaluation.runner import Limits
from vlm_rl.evaluation.scoring import Scorer
from vlm_rl.reward.pool import VerifierPool

pytestmark = pytest.mark.usefixtures("own_dataset_cache")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Evaluations:
    return Evaluations(monkeypatch)


SUBSETS = {"mmmu": "Accounting,Art_Theory"}


def golds(name: str, data: Path, **settings: Any) -> dict[str, str]:
    """A right answer to every question, on a last line of its own."""
    benchmark = load_benchmark(Settings(name, "policy", data=data, subset=SUBSETS.get(name), **settings))
    return {q.id: f"So.\n\\boxed{{{(q.gold or '').split(' | ')[-1]}}}" for q in benchmark.questions}


@pytest.mark.parametrize("name", WRITERS)
def test_a_perfect_policy_scores_full_marks_in_both_modes(name: str, run: Evaluations, tmp_path: Path) -> None:
    data, out = hub_copy(name, tmp_path / "data"), tmp_path / "out"
    summary, lines = run(out, golds(name, data), benchmark=name, data=data, subset=SUBSETS.get(name))
    nested = 1 if name == "mmmu_pro" else 0  # the official parser cannot reach the gold answer of this record
    row = summary["official"]["overall"]
    assert row["correct"] == row["n"] - nested == len(lines) - nested
    assert summary["strict"]["overall"]["accuracy"] == 1.0 and summary["complete"]
    assert json.loads((out / "summary.json").read_text()) == summary
    for groups in summary["strict"]["by_category"].values():
        assert all(group["accuracy"] == 1.0 for group in groups.values())
    for line in lines:
        assert line["finish"] == "stop" and line["num_tokens"] == len(line["response"]) + 1
        assert len(line["images"]) == line["question"].count("<image>")
        assert all((out / "images" / image).is_file() for image in line["images"])
    assert len(read_evaluation(out).rows) == len(lines)  # what reads finished evaluations reads this one


def test_a_silent_policy_scores_nothing_and_official_guesses_are_told_apart(run: Evaluations, tmp_path: Path) -> None:
    data = hub_copy("mmmu", tmp_path / "data")
    summary, lines = run(
        tmp_path / "out", lambda *_: "no idea", benchmark="mmmu", data=data, subset="Accounting,Art_Theory"
    )
    official, strict = summary["official"]["overall"], summary["strict"]["overall"]
    assert official["random_fallback"] == pytest.approx(4 / 6)
    assert official["expected_accuracy"] == pytest.approx((1 / 3 + 1 / 4) * 2 / 6)
    assert (strict["accuracy"], strict["random_fallback"]) == (0.0, 0.0)
    assert {line["official"]["reason"] for line in lines} == {"random option", "official parser"}


def test_breakdowns_count_each_question_in_all_its_groups(run: Evaluations, tmp_path: Path) -> None:
    data = hub_copy("mathvista", tmp_path / "data")
    says = golds("mathvista", data) | {"1": "no idea", "2": "no idea"}
    summary, _ = run(tmp_path / "out", says, benchmark="mathvista", data=data)
    groups = summary["strict"]["by_category"]
    skills = groups["skills"]
    assert {name: (row["n"], row["correct"]) for name, row in skills.items()} == {
        "algebraic reasoning": (5, 3),
        "statistical reasoning": (3, 2),
    }
    assert {name: (row["n"], row["correct"]) for name, row in groups["task"].items()} == {
        "task 0": (2, 1),
        "task 1": (3, 2),
    }


def test_the_engine_sees_the_images_of_the_marks_in_order(run: Evaluations, tmp_path: Path) -> None:
    data = hub_copy("mmmu", tmp_path / "data")
    _, lines = run(tmp_path / "out", lambda *_: "B", benchmark="mmmu", data=data, subset="Accounting")
    shown = run.engine.prompts["validation_Accounting_1"].images
    assert [load_image(ref).getpixel((0, 0)) for ref in shown] == [(12,) * 3, (11,) * 3, (12,) * 3]
    names = ["validation_Accounting_1-image_2.png", "validation_Accounting_1-image_1.png"]
    assert lines[0]["images"] == [names[0], names[1], names[0]]


def test_withheld_answers_give_responses_without_scores(run: Evaluations, tmp_path: Path) -> None:
    data = hub_copy("mathvista", tmp_path / "data")
    summary, lines = run(tmp_path / "out", lambda *_: "B", benchmark="mathvista", data=data, split="test")
    assert len(lines) == 5
    assert {(line["gold"], line["official"], line["strict"]) for line in lines} == {(None, None, None)}
    assert summary["official"] is None and summary["strict"] is None and summary["complete"]


def test_several_samples_are_averaged_by_question(run: Evaluations, tmp_path: Path) -> None:
    """q0 is right 4 times of 4, q1 never, always with the same answer, and q2 twice, with the same answer."""
    says = {"q0": "1111", "q1": "5555", "q2": "1178"}
    data = many(tmp_path / "data", 3)
    summary, lines = run(
        tmp_path / "out",
        lambda prompt, sample: f"\\boxed{{{says[prompt.id][sample]}}}",
        benchmark="mathvision",
        data=data,
        samples=4,
        temperature=1.0,
    )
    assert len(lines) == 12 and Counter(line["sample"] for line in lines) == dict.fromkeys(range(4), 3)
    for mode in ("official", "strict"):
        row = summary[mode]["overall"]
        assert row["accuracy"] == pytest.approx((1 + 0 + 0.5) / 3)
        assert row["pass_at"] == pytest.approx({"1": 0.5, "2": (1 + 0 + 5 / 6) / 3, "4": 2 / 3})
        assert row["majority_at"] == pytest.approx({"4": 2 / 3})
        assert row["standard_error"] == pytest.approx((0.25 / 3) ** 0.5)
        assert (row["n"], row["responses"]) == (3, 12)


# ------------------------------------------------------------------------------------------------------ kill and resume


def many(folder: Path, count: int) -> Path:
    """Questions of MATH-Vision q0, q1 ... of equal length with the answer 1, which need no worker process."""
    rows = [mathvision()[2] | {"id": f"q{number}", "answer": "1"} for number in range(count)]
    parquet(folder / "test.parquet", rows, MATHVISION)
    return folder


def test_a_run_goes_on_where_it_was_killed_and_asks_nothing_twice(run: Evaluations, tmp_path: Path) -> None:
    data, out = many(tmp_path / "data", 12), tmp_path / "out"
    ask: dict[str, Any] = {"benchmark": "mathvision", "data": data, "batch_tokens": 4000}
    with pytest.raises(Killed):
        run(out, lambda *_: "\\boxed{1}", fail_after=2, **ask)
    before = read_lines(out / "responses.jsonl")
    first = {key for batch in run.engine.batches for key in batch}
    assert 0 < len(before) < 12
    with (out / "responses.jsonl").open("ab") as file:
        file.write(b'{"id": "q11", "sample": 0, "resp')  # killed in the middle of a line

    summary, lines = run(out, lambda *_: "\\boxed{1}", **ask)
    second = [key for batch in run.engine.batches for key in batch]
    assert lines[: len(before)] == before
    assert len(second) == len(set(second)) and not first & set(second)
    assert len(first) + len(second) == 12 == len(lines) and summary["complete"]
    assert run.told == ["responses.jsonl: the last line was cut off after 32 bytes; its question is asked again"]

    run(out, lambda *_: "something else", **ask)  # nothing is left to ask
    assert read_lines(out / "responses.jsonl") == lines


def test_another_evaluation_is_refused_and_what_differs_is_named(run: Evaluations, tmp_path: Path) -> None:
    data, out = many(tmp_path / "data", 2), tmp_path / "out"
    run(out, lambda *_: "1", benchmark="mathvision", data=data)
    with pytest.raises(ValueError, match=r"(?s)holds another evaluation:\n  max_tokens: 2048 there, 64 now\n.*--out"):
        run(out, lambda *_: "1", benchmark="mathvision", data=data, max_tokens=64)
    many(data, 3)
    with pytest.raises(ValueError, match=r"num_questions: 2 there, 3 now"):
        run(out, lambda *_: "1", benchmark="mathvision", data=data)
    (out / "run.json").unlink()
    with pytest.raises(ValueError, match=r"responses.jsonl but no run.json"):
        run(out, lambda *_: "1", benchmark="mathvision", data=data)


def test_two_evaluations_cannot_write_into_one_folder(run: Evaluations, tmp_path: Path) -> None:
    data = many(tmp_path / "data", 1)
    with locked(tmp_path / "out"), pytest.raises(ValueError, match="in use by another evaluation"):
        run(tmp_path / "out", lambda *_: "1", benchmark="mathvision", data=data)
    run(tmp_path / "out", lambda *_: "1", benchmark="mathvision", data=data)


def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(run: Evaluations, tmp_path: Path) -> None:
    data, out = many(tmp_path / "data", 3), tmp_path / "out"
    run(out, lambda *_: "1", benchmark="mathvision", data=data)
    path = out / "responses.jsonl"
    first, second, third = path.read_text().splitlines()
    path.write_text(f"{first}\n{second[:40]}\n{third}\n")
    with pytest.raises(ValueError, match=r"responses.jsonl:2 is not JSON"):
        run(out, lambda *_: "1", benchmark="mathvision", data=data)


def test_lines_of_other_processes_are_taken_over_once(run: Evaluations, tmp_path: Path) -> None:
    """Two processes were killed: one after its part had been copied, the other in the middle of a line."""
    data, out = many(tmp_path / "data", 6), tmp_path / "out"
    _, lines = run(out, lambda *_: "\\boxed{1}", benchmark="mathvision", data=data)
    path = out / "responses.jsonl"
    text = path.read_text().splitlines(keepends=True)
    path.write_text("".join(text[:3]))
    (out / "responses-1.jsonl").write_text(text[2] + text[3])
    (out / "responses-2.jsonl").write_text(text[4] + text[5][:20])
    _, again = run(out, lambda *_: "\\boxed{1}", benchmark="mathvision", data=data)
    assert sorted(line["id"] for line in again) == sorted(line["id"] for line in lines)
    assert run.engine.batches == [[(lines[5]["id"], 0)]]
    assert not list(out.glob("responses-*.jsonl"))


# ------------------------------------------------------------------------------------------------- lengths and batches


def test_a_response_in_segments_is_the_response_in_one(run: Evaluations, tmp_path: Path, monkeypatch: Any) -> None:
    data = many(tmp_path / "data", 3)
    text = "a long way round to \\boxed{1}"
    _, one = run(tmp_path / "one", lambda *_: text, benchmark="mathvision", data=data)
    assert len(run.engine.batches) == 1
    monkeypatch.setattr(whole, "Limits", lambda most, batch, pixels: Limits(most, batch, pixels, 7))
    _, many_segments = run(tmp_path / "many", lambda *_: text, benchmark="mathvision", data=data)
    assert len(run.engine.batches) == 5
    assert [line | {"seconds": 0} for line in one] == [line | {"seconds": 0} for line in many_segments]


def test_batches_keep_to_their_budget(run: Evaluations, tmp_path: Path) -> None:
    data = many(tmp_path / "data", 9)
    (length,) = {len(question.text) for question in load_benchmark(Settings("mathvision", "p", data=data)).questions}
    budget = 4 * (length + 50)
    run(tmp_path / "out", lambda *_: "1", benchmark="mathvision", data=data, max_tokens=50, batch_tokens=budget)
    assert [len(batch) for batch in run.engine.batches] == [4, 4, 1]
    run(tmp_path / "tight", lambda *_: "1", benchmark="mathvision", data=data, max_tokens=50, batch_tokens=1)
    assert [len(batch) for batch in run.engine.batches] == [1] * 9  # one always goes, whatever its length


def test_batches_keep_to_their_budget_while_responses_grow(
    run: Evaluations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole, "Limits", lambda most, batch, pixels: Limits(most, batch, pixels, 20))
    data = many(tmp_path / "data", 9)
    (length,) = {len(question.text) for question in load_benchmark(Settings("mathvision", "p", data=data)).questions}
    budget = 4 * (length + 60)
    text = "a response that is long enough for several segments, \\boxed{1}"
    _, lines = run(tmp_path / "out", lambda *_: text, benchmark="mathvision", data=data, batch_tokens=budget)
    assert max(run.engine.batch_tokens) <= budget and {line["response"] for line in lines} == {text}
    assert {len(batch) for batch in run.engine.batches} >= {3, 4} and len(lines) == 9


def test_a_cut_response_is_counted_and_scored_as_it_stands(run: Evaluations, tmp_path: Path) -> None:
    data = many(tmp_path / "data", 2)
    says = {"q0": "\\boxed{1}", "q1": "\\boxed{1} but then again, on the other hand"}
    summary, lines = run(tmp_path / "out", says, benchmark="mathvision", data=data, max_tokens=20)
    assert [line["finish"] for line in sorted(lines, key=lambda line: line["id"])] == ["stop", "length"]
    assert summary["truncated"] == 0.5 and summary["strict"]["overall"]["accuracy"] == 1.0


def test_a_response_ends_where_the_context_does(run: Evaluations, tmp_path: Path) -> None:
    data = many(tmp_path / "data", 1)
    (question,) = load_benchmark(Settings("mathvision", "p", data=data)).questions
    _, (line,) = run(
        tmp_path / "out", lambda *_: "x" * 500, benchmark="mathvision", data=data, context=len(question.text) + 30
    )
    assert (line["finish"], line["num_tokens"], line["response"]) == ("length", 30, "x" * 30)


def test_a_prompt_beyond_the_context_is_recorded_and_the_others_are_asked(run: Evaluations, tmp_path: Path) -> None:
    """Nothing is cut, and no lucky guess is made of a question that was never asked."""
    data = hub_copy("mmmu", tmp_path / "data")
    benchmark = load_benchmark(Settings("mmmu", "p", data=data, subset="Accounting"))
    longest = max(len(question.text) for question in benchmark.questions)
    says = {question.id: (question.gold or "").split(" | ")[-1] for question in benchmark.questions}
    summary, lines = run(
        tmp_path / "out", says, benchmark="mmmu", data=data, subset="Accounting", context=longest, max_tokens=40
    )
    (unasked,) = [line for line in lines if not line["num_tokens"]]
    assert unasked["finish"] == "length" and unasked["response"] == ""
    for mode in ("official", "strict"):
        assert unasked[mode]["expected"] == 0.0 and unasked[mode]["abstained"]
        assert unasked[mode]["reason"] == f"the prompt has {longest} tokens, the policy's context {longest}"
    assert summary["prompts_too_long"] == 1 and summary["strict"]["overall"]["correct"] == 2


# --------------------------------------------------------------------------------------------------------------- scores


def test_a_comparison_without_end_costs_its_timeout_and_is_counted(run: Evaluations, tmp_path: Path) -> None:
    data = hub_copy("math500", tmp_path / "data")
    slow = next(iter(says := golds("math500", data)))
    says[slow] = "\\boxed{9^{9^{9^9}}}"
    summary, lines = run(tmp_path / "out", says, benchmark="math500", data=data, timeout_seconds=1.0)
    assert {line["id"]: line["strict"]["reason"] for line in lines}[slow] == "timeout"
    for mode in ("official", "strict"):
        assert summary[mode]["overall"]["timeouts"] == 1 and summary[mode]["overall"]["correct"] == 2


def test_an_unreadable_gold_answer_stops_the_run_before_it_starts(run: Evaluations, tmp_path: Path) -> None:
    rows = [math500()[0], math500()[1] | {"answer": "\\frac{1}{"}]
    parquet(tmp_path / "data" / "test.parquet", rows, MATH500)
    with pytest.raises(ValueError, match=r"test/algebra/2\.json"):
        run(tmp_path / "out", lambda *_: "1", benchmark="math500", data=tmp_path / "data")
    assert not (tmp_path / "out" / "responses.jsonl").exists()


class Reader:
    """Stands in for a language model that finds the last word."""

    def extract_many(self, pairs: list[tuple[dict[str, Any], str]]) -> list[str]:
        assert all("question_type" in record for record, _ in pairs)
        return [response.split()[-1] if response else "" for _, response in pairs]


def test_an_extractor_decides_the_official_mode_alone(tmp_path: Path) -> None:
    data = hub_copy("mathvista", tmp_path)
    questions = load_benchmark(Settings("mathvista", "p", data=data)).questions
    with VerifierPool(1, 5.0) as pool:
        scorer = Scorer(mathvista, pool, Reader())  # type: ignore[arg-type]
        choice, integer, *_ = scorer.score([(q, "I would say B" if q.id == "1" else "so 12") for q in questions])
        with pytest.raises(ValueError, match="--extractor is for mathvista"):
            Scorer(whole.synthetic, pool, Reader())  # type: ignore[arg-type]
    assert choice and choice["official"].correct and choice["official"].reason == "language model extracted 'B'"
    assert not choice["strict"].reason.startswith("language model")
    assert integer and integer["official"].prediction == "12"


def test_image_names_are_distinct_and_plain() -> None:
    names = {image_name(name, "image_1") for name in ("a/b", "a.2f.b", "a_b", "a b", "a#b", "A/b", "ä")}
    assert len(names) == 7 and all(name.replace(".", "").replace("_", "").replace("-", "").isalnum() for name in names)
    assert image_name("validation_Art_Theory_12", "image_1") == "validation_Art_Theory_12-image_1.png"
