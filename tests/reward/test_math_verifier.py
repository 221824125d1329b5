from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from reward_cases import HOSTILE, boxed, make_prompt

from vlm_rl.reward import check_gold
from vlm_rl.reward.math import verify
from vlm_rl.reward.pool import VerifierPool

PAIRS = Path(__file__).with_name("math_pairs.txt")


def pairs(*sections: str) -> list[tuple[str, str]]:
    """(gold, answer) of some sections of the table, whose head says how it is written."""
    found, section = [], ""
    for line in PAIRS.read_text().splitlines():
        if line.startswith("[") and line.endswith("]") and ";;" not in line:
            section = line.strip("[]")
        elif line and not line.startswith("#") and section in sections:
            gold, *answers = line.split(" ;; ")
            found += [(gold, answer) for answer in answers]
    return found


def correct(gold: str, answer: str) -> bool:
    return verify(boxed(answer), make_prompt("math", gold)).correct


def test_the_table_has_hundreds_of_pairs() -> None:
    assert len(set(pairs("equal"))) >= 150 and len(set(pairs("unequal"))) >= 150


@pytest.mark.parametrize(("gold", "answer"), pairs("equal"))
def test_equal_expressions_match(gold: str, answer: str) -> None:
    assert correct(gold, answer)


@pytest.mark.parametrize(("gold", "answer"), pairs("unequal"))
def test_unequal_expressions_and_hedges_do_not_match(gold: str, answer: str) -> None:
    assert not correct(gold, answer)


@pytest.mark.parametrize(("gold", "answer"), pairs("false equalities", "false rejections"))
def test_known_errors_are_still_there(gold: str, answer: str) -> None:
    """When one of these fails, math-verify has become better: move the pair to the section where it belongs."""
    assert correct(gold, answer) is ((gold, answer) in pairs("false equalities"))


@pytest.mark.parametrize(
    "gold", ["", " ", r"\frac{1}{", "2 @ 3", r"\foo{2}", "answer: 2", "1 2", "(" * 600 + ")" * 600]
)
def test_a_bad_gold_answer_is_an_error_that_names_the_prompt(gold: str) -> None:
    with pytest.raises(ValueError, match="test/0/math"):
        check_gold(make_prompt("math", gold))


def test_importing_the_rewards_does_not_import_math_verify() -> None:
    code = "import sys, vlm_rl.reward.worker; assert not {'math_verify', 'sympy', 'torch'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)


def test_hostile_responses_are_wrong_and_stop_nothing() -> None:
    towers = [r"9^{9^{9^{9}}}", r"(10^{10})!", r"\sum_{i=1}^{10^{12}} \frac{1}{i^i}", r"\sqrt{" * 150 + "2" + "}" * 150]
    jobs = [(text, make_prompt("math", "12")) for text in HOSTILE + [boxed(tower) for tower in towers]]
    with VerifierPool(2, timeout_seconds=1.0) as pool:
        verdicts = pool.verify([*jobs, (boxed("12"), jobs[0][1])])
    assert [verdict.correct for verdict in verdicts] == [False] * len(jobs) + [True]
