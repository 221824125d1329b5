"""Paired comparisons, against enumeration and resampling; what is refused, warned of, printed and written."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from fake_evaluation import response, verdict, write_evaluation

from vlm_rl.commands import eval_compare
from vlm_rl.evaluation.compare import Comparison, compare
from vlm_rl.evaluation.finished import natural_order, read_evaluation
from vlm_rl.evaluation.paired import mcnemar_p, normal_p, paired_difference


def enumerated_sign_test(won: int, lost: int) -> Fraction:
    """Share of all 2**n outcomes of fair tosses that are at least as lopsided as this one."""
    lopsided = abs(won - lost)
    outcomes = [abs(sum(signs)) >= lopsided for signs in itertools.product((1, -1), repeat=won + lost)]
    return Fraction(sum(outcomes), len(outcomes))


@pytest.mark.parametrize("changed", range(11))
def test_mcnemar_equals_the_enumerated_sign_test(changed: int) -> None:
    for won in range(changed + 1):
        assert mcnemar_p(won, changed - won) == float(enumerated_sign_test(won, changed - won))


def test_mcnemar_of_a_whole_benchmark() -> None:
    assert mcnemar_p(5000, 5000) == 1.0
    z = (5300 - 5001 - 1) / math.sqrt(10301)  # the normal approximation with its correction, near for so many
    assert mcnemar_p(5300, 5001) == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-3)
    assert 0 < mcnemar_p(300, 0) == 2.0**-299


def bootstrap_interval(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    rng = random.Random("bootstrap")
    changes = [after - before for before, after in zip(a, b, strict=True)]
    means = sorted(sum(rng.choices(changes, k=len(changes))) / len(changes) for _ in range(2000))
    return means[50], means[1949]


@pytest.mark.parametrize("samples", [1, 8])
def test_interval_is_near_the_bootstrap(samples: int) -> None:
    rng = random.Random(f"policies {samples}")
    skill = [rng.random() for _ in range(400)]
    a = [sum(rng.random() < p for _ in range(samples)) / samples for p in skill]
    b = [sum(rng.random() < min(1, p + 0.1) for _ in range(samples)) / samples for p in skill]
    found = paired_difference(a, b)
    low, high = bootstrap_interval(a, b)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.008)
    assert found.difference == pytest.approx(sum(b) / 400 - sum(a) / 400) and found.low < found.difference < found.high
    assert found.standard_error == pytest.approx((high - low) / 3.92, rel=0.06)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = random.Random("coverage")
    covered = 0
    for _ in range(1500):  # 30 questions; A right in half of them, B wins 20 % and loses 10 %
        outcomes = rng.choices([(0, 1), (1, 0), (1, 1), (0, 0)], weights=[20, 10, 40, 30], k=30)
        found = paired_difference(*map(list, zip(*outcomes, strict=True)))
        covered += found.low <= 0.1 <= found.high
    assert 0.93 <= covered / 1500 <= 0.985


def test_interval_has_a_width_where_nothing_changed() -> None:
    found = paired_difference([1.0] * 20, [1.0] * 20)
    assert found.low == -found.high < 0 and found.difference == found.standard_error == 0
    assert paired_difference([0.0], [1.0]).standard_error is None
    assert (paired_difference([0.0] * 9, [1.0] * 9).high, normal_p(paired_difference([0.0], [1.0]))) == (1.0, 1.0)


def test_normal_test_is_near_random_sign_flips() -> None:
    rng = random.Random("flips")
    a = [rng.uniform(0, 0.6) for _ in range(60)]
    b = [value + rng.uniform(-0.2, 0.28) for value in a]
    found = paired_difference(a, b)
    changes = [y - x for x, y in zip(a, b, strict=True)]
    flips = [abs(sum(c * rng.choice((1, -1)) for c in changes)) >= abs(sum(changes)) for _ in range(4000)]
    assert normal_p(found) == pytest.approx(sum(flips) / 4000, abs=0.015)


def test_no_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one, got 0 and 0"):
        paired_difference([], [])


# ------------------------------------------------------------------------------------------------------------ folders


def compared(tmp_path: Path, a: list[Any], b: list[Any], mode: str = "official", **run_b: Any) -> Comparison:
    before = read_evaluation(write_evaluation(tmp_path / "a", a))
    return compare(before, read_evaluation(write_evaluation(tmp_path / "b", b, **run_b)), mode)


def outcomes(*correct: bool, **changes: Any) -> list[dict[str, Any]]:
    return [response(f"q{number}", right, **changes) for number, right in enumerate(correct, start=1)]


def test_won_and_lost_questions_with_both_predictions(tmp_path: Path) -> None:
    a, b = outcomes(True, True, False, False, False), outcomes(True, False, True, True, False)
    a[2]["official"]["prediction"], b[2]["official"]["prediction"] = None, "C"
    found = compared(tmp_path, a, b[::-1])  # the order in the file does not matter
    assert [change.id for change in found.won] == ["q3", "q4"] and [change.id for change in found.lost] == ["q2"]
    assert (found.won[0].a, found.won[0].b, found.won[0].gold) == ((None,), ("C",), "B")
    assert (found.overall.a, found.overall.b) == (0.4, 0.6)
    assert found.p_value == mcnemar_p(2, 1) == 1.0 and found.test == "exact McNemar"
    assert found.warnings == () and found.withheld == 0


def test_modes_are_compared_apart(tmp_path: Path) -> None:
    a, b = outcomes(True, False), outcomes(True, False)
    b[1]["strict"] = verdict(True)
    assert compared(tmp_path, a, b).won == ()
    assert [change.id for change in compared(tmp_path, a, b, "strict").won] == ["q2"]


def test_samples_are_averaged_by_question(tmp_path: Path) -> None:
    a = [response("q1", s == 0, s) for s in range(4)] + [response("q2", True, s) for s in range(4)]
    b = [response("q1", s < 3, s) for s in range(4)] + [response("q2", s < 3, s) for s in range(4)]
    found = compared(tmp_path, a, b)
    assert found.overall.difference == pytest.approx((0.5 - 0.25) / 2)
    assert found.overall.standard_error == pytest.approx(0.375)  # of the two changes +0.5 and -0.25
    assert found.test.startswith("normal") and found.p_value == pytest.approx(math.erfc(1 / 3 / math.sqrt(2)))
    assert (found.won[0].id, found.lost[0].id, len(found.won[0].b)) == ("q1", "q2", 4)


def test_categories_count_a_question_in_each_of_its_groups(tmp_path: Path) -> None:
    skills = [["algebra", "geometry"], ["algebra"], []]
    a, b = outcomes(False, True, True), outcomes(True, True, False)
    for rows in (a, b):
        for row, groups in zip(rows, skills, strict=True):
            row["categories"] = {"skills": groups, "task": ["FQA"]}
    found = compared(tmp_path, a, b).categories
    assert list(found) == ["skills", "task"] and list(found["skills"]) == ["algebra", "geometry"]
    assert (found["skills"]["algebra"].num_questions, found["skills"]["algebra"].difference) == (2, 0.5)
    assert (found["skills"]["geometry"].difference, found["task"]["FQA"].difference) == (1.0, 0.0)


def test_withheld_answers_are_left_out(tmp_path: Path) -> None:
    a, b = outcomes(True), outcomes(False)
    hidden = [response("q9", None)]
    found = compared(tmp_path, a + hidden, b + hidden)
    assert (found.withheld, found.overall.num_questions, found.overall.difference) == (1, 1, -1.0)
    with pytest.raises(ValueError, match="no verdicts: the gold answers of mathvista testmini are not published"):
        compared(tmp_path, hidden, hidden)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        ({"benchmark": "mmmu"}, "benchmark is 'mathvista' in .*a and 'mmmu' in .*b"),
        ({"subset": "vision"}, "subset is 'testmini' in .* and 'vision'"),
        ({"split": "test"}, "split is 'testmini' .* 'test'"),
    ],
)
def test_different_benchmarks_are_refused(tmp_path: Path, run: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        compared(tmp_path, outcomes(True), outcomes(True), **run)


def test_different_questions_are_refused(tmp_path: Path) -> None:
    eight = outcomes(*[True] * 8)
    with pytest.raises(
        ValueError, match=r"questions: 6 only in .*a \(q3, q4, q5, q6, q7 …\), and 1 only in .*b \(q9\)"
    ):
        compared(tmp_path, eight, [*eight[:2], response("q9")])
    with pytest.raises(ValueError, match="gold of 'q1' is 'B' in .*a and 'A' in .*b"):
        compared(tmp_path, outcomes(True), outcomes(True, gold="A"))
    with pytest.raises(ValueError, match="options of 'q1'"):
        compared(tmp_path, outcomes(True), outcomes(True, options=["horse", "fox"]))


def test_other_settings_are_warned_of(tmp_path: Path) -> None:
    other = [response("q1", question="Say: Question q1?"), response("q2")]
    found = compared(
        tmp_path, outcomes(True, True), other, prompt_variant="boxed", max_tokens=64, temperature=1.0, num_questions=5
    )
    assert [warning.replace(str(tmp_path), "") for warning in found.warnings] == [
        "prompt_variant differs: official and boxed",
        "max_tokens differs: 1024 and 64",
        "temperature differs: 0.0 and 1.0",
        "the prompts of 1 of 2 questions differ",
        "/b is not finished: 3 responses are missing",
    ]


def test_command_prints_and_writes_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = outcomes(True, False), outcomes(False, True)
    b[0]["official"]["prediction"] = "[bold]\x1b[31m" + "9" * 500
    write_evaluation(tmp_path / "a", a)
    write_evaluation(tmp_path / "b", b)
    parser = argparse.ArgumentParser()
    eval_compare.add_arguments(parser)
    out = tmp_path / "out.json"
    eval_compare.run(parser.parse_args([str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(out)]))
    printed = capsys.readouterr().out
    assert "2 questions: A 50.0 %, B 50.0 %, difference +0.0 points" in printed.replace("\n", " ")
    assert "won 1, lost 1; p = 1 (exact McNemar)" in printed and "geometry" in printed
    assert "q1  'B'  'B' -> '[bold]\\x1b[31m999" in printed and "\x1b[31m" not in printed and "9" * 40 not in printed
    told = json.loads(out.read_text())
    assert told["lost"][0]["b"] == [b[0]["official"]["prediction"]]
    assert told["categories"]["task"]["geometry"]["num_questions"] == 2 and told["overall"]["low"] < 0


# ------------------------------------------------------------------------------------------------------------ reading


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": 3}, "responses.jsonl:2 must have str under 'id', got int"),
        ({"official": {"correct": True}}, ":2: the verdict under 'official' lacks abstained, expected"),
        ({"sample": 0, "id": "q1"}, ":2: sample 0 of question 'q1' comes twice"),
        ({"categories": None}, ":2 must have dict under 'categories', got NoneType"),
    ],
)
def test_unusable_line_is_named(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_evaluation(write_evaluation(tmp_path, [response("q1"), response("q2") | change]))


def test_line_torn_by_a_kill_is_left_out(tmp_path: Path) -> None:
    folder = write_evaluation(tmp_path, outcomes(True, True))
    with (folder / "responses.jsonl").open("a") as file:
        file.write('{"id": "q3", "samp')
    assert list(read_evaluation(folder).questions) == ["q1", "q2"]


def test_other_folders_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is not the folder of an evaluation"):
        read_evaluation(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(ValueError, match="run.json must be a JSON object with benchmark, subset"):
        read_evaluation(tmp_path)
    write_evaluation(tmp_path, [])
    (tmp_path / "responses.jsonl").unlink()
    with pytest.raises(FileNotFoundError, match="no responses yet"):
        read_evaluation(tmp_path)


def test_questions_stand_in_natural_order() -> None:
    names = ["10", "9", "b/2", "validation_Art_10", "validation_Art_9", "validation_Art_Theory_1", "b/10", "٣", ""]
    assert sorted(names, key=natural_order) == [
        *("", "9", "10", "b/2", "b/10", "validation_Art_9", "validation_Art_10", "validation_Art_Theory_1", "٣")
    ]
