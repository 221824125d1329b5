from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_cases import MEGABYTE, boxed, make_prompt

from data_synth.answers import Answer
from vlm_rl.reward.gold import check_golds
from vlm_rl.reward.pool import Job, VerifierPool
from vlm_rl.reward.wire import frame, job_message, read_job, take_frame
from vlm_rl.types import ImageRef, Prompt, Verdict

YES = make_prompt("hostile_verifiers:says_yes", "")
BAD = make_prompt("hostile_verifiers:misbehaves", "")
MATH = make_prompt("math", r"\frac{1}{2}")
EXACT = make_prompt("exact", "blue")
TYPED = make_prompt("typed", Answer("integer", 12).to_text())
TIMEOUT_SECONDS = 1.5


@pytest.fixture
def pool() -> Iterator[VerifierPool]:
    with VerifierPool(2, timeout_seconds=TIMEOUT_SECONDS, memory_bytes=1 << 30) as pool:
        yield pool


def outcomes(verdicts: list[Verdict]) -> list[str]:
    return [verdict.reason if verdict.reason in ("timeout", "crash") else str(verdict.correct) for verdict in verdicts]


def children(pid: int = 0) -> list[str]:
    """State letters of the child processes; Z is a zombie."""
    states = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == (pid or os.getpid()):
            states.append(state)
    return states


def test_verdicts_come_in_job_order_whoever_gives_them(pool: VerifierPool) -> None:
    jobs: list[Job] = []
    expected = []
    for index in range(12):
        right = index % 3 == 0
        jobs += [("yes" if right else "no", YES), (boxed("0.5" if right else "0.6"), MATH)]
        jobs += [(boxed("blue" if right else "red"), EXACT), (boxed("12" if right else "13"), TYPED)]
        expected += [right] * 4
    assert [verdict.correct for verdict in pool.verify(jobs)] == expected
    assert pool.counts == {"verdicts": 48, "timeout": 0, "crash": 0}


@pytest.mark.parametrize(
    ("what", "outcome"),
    [
        ("sleep", "timeout"),
        ("loop", "timeout"),
        ("exit", "crash"),
        ("raise", "crash"),
        ("recurse", "crash"),
        ("allocate", "crash"),
        ("value error", "crash"),
        ("print", "False"),
        ("read", "False"),
    ],
)
def test_one_bad_verdict_leaves_the_others_alone(pool: VerifierPool, what: str, outcome: str) -> None:
    jobs = [("yes", BAD), (what, BAD), ("yes", BAD), ("no", BAD), ("yes", BAD)]
    assert outcomes(pool.verify(jobs)) == ["True", outcome, "True", "False", "True"]
    assert outcomes(pool.verify(jobs[2:])) == ["True", "False", "True"], "the pool goes on"
    assert pool.counts["verdicts"] == 8
    assert pool.counts["timeout"] + pool.counts["crash"] == (outcome in ("timeout", "crash"))


def test_killed_workers_are_replaced_and_reaped(pool: VerifierPool) -> None:
    before = {verdict.reason for verdict in pool.verify([("yes", YES)] * 4)}
    slept = pool.verify([("sleep", BAD)] * 4)
    assert [(verdict.reason, verdict.seconds) for verdict in slept] == [("timeout", TIMEOUT_SECONDS)] * 4
    after = {verdict.reason for verdict in pool.verify([("yes", YES)] * 4)}
    assert not before & after, "new processes"
    assert "Z" not in children()
    assert pool.counts == {"verdicts": 12, "timeout": 4, "crash": 0}


def test_a_worker_that_ends_after_its_verdict_costs_nobody_else(pool: VerifierPool) -> None:
    assert outcomes(pool.verify([("yes, exit later", BAD)])) == ["True"]
    assert _until(lambda: "Z" in children()), "nobody has looked at the ended one yet"
    assert outcomes(pool.verify([("yes", BAD), ("no", BAD)])) == ["True", "False"]
    assert pool.counts["crash"] == 0


def test_close_leaves_no_process_behind() -> None:
    at_first = len(children())
    with VerifierPool(2, timeout_seconds=0.5) as pool:
        assert len(children()) == at_first, "workers start when they are needed"
        pool.verify([("yes", EXACT)])
        assert len(children()) == at_first, "and exact needs none"
        pool.verify([("yes", YES), ("child", BAD)])
    assert len(children()) == at_first
    with pytest.raises(RuntimeError, match="closed"):
        pool.verify([("yes", EXACT)])


def test_a_timeout_kills_what_the_verifier_started(pool: VerifierPool) -> None:
    assert outcomes(pool.verify([("child", BAD)])) == ["timeout"]
    assert _until(lambda: not any(_reads(path, b"import time; time.sleep(3600)") for path in _command_lines()))


def _command_lines() -> list[Path]:
    return list(Path("/proc").glob("[0-9]*/cmdline"))


def _until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def _reads(path: Path, text: bytes) -> bool:
    try:
        return text in path.read_bytes()
    except OSError:
        return False


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    """The parent dies without closing its pool, while a verdict is due."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, sys, threading, time\n"
        "from reward_cases import make_prompt\n"
        "from vlm_rl.reward.pool import VerifierPool\n"
        "pool = VerifierPool(1, timeout_seconds=0.2)\n"
        "pool.verify([('yes', make_prompt('hostile_verifiers:says_yes', ''))])\n"
        "print(pool._workers[0].process.pid, flush=True)\n"
        "os._exit(0)\n"  # no guard of __main__ and no close: the worker must not import this file, and must not stay
    )
    paths = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    command_line = Path(f"/proc/{int(done.stdout)}/cmdline")
    assert _until(lambda: not _reads(command_line, b"vlm_rl.reward.worker"))


def test_a_bad_gold_answer_stops_the_run_and_names_the_prompt(pool: VerifierPool) -> None:
    bad = replace(make_prompt("hostile_verifiers:needs_gold", "four"), id="my_set/17")
    with pytest.raises(ValueError, match="my_set/17"):
        pool.verify([("yes", YES), ("sleep", BAD), ("abcd", bad)])
    with pytest.raises(ValueError, match="test/0/math"):
        pool.verify([("x", make_prompt("math", r"\frac{1}{"))])
    with pytest.raises(ValueError, match="test/0/number"):
        pool.verify([("x", make_prompt("number", "four"))])
    assert outcomes(pool.verify([("yes", YES), ("no", YES)])) == ["True", "False"], "answers of a lost call do not leak"


def test_verifiers_that_cannot_be_loaded_are_errors(pool: VerifierPool) -> None:
    with pytest.raises(ValueError, match="did you mean exact"):
        pool.verify([("x", make_prompt("exakt", "blue"))])
    with pytest.raises(ValueError, match="cannot import no_such_module"):
        pool.verify([("x", make_prompt("no_such_module:verify", ""))])
    with pytest.raises(RuntimeError, match="hostile_module:verify.*exit code 4"):
        pool.verify([("x", make_prompt("hostile_module:verify", ""))])


def test_submitted_jobs_are_worked_on_while_nobody_waits(pool: VerifierPool) -> None:
    pool.verify([("yes", BAD)] * 2)  # the processes are up
    tickets = [pool.submit(text, BAD) for text in ("yes", "no", "yes", "exit")]
    assert _until(lambda: all(ticket.done for ticket in tickets))
    assert outcomes(pool.collect(tickets)) == ["True", "False", "True", "crash"]
    assert pool.submit(boxed("blue"), EXACT).done, "harmless verifiers have spoken when submit returns"


def test_results_do_not_depend_on_which_verdict_comes_first(pool: VerifierPool) -> None:
    jobs = [(f"yes after {delay}", BAD) for delay in (0.3, 0.0, 0.2, 0.1, 0.0)] + [(boxed("red"), EXACT), ("no", YES)]
    verdicts = pool.collect([pool.submit(*job) for job in jobs])
    assert [verdict.prediction for verdict in verdicts] == [response for response, _ in jobs[:5]] + ["red", "no"]
    again = pool.collect([pool.submit(*job) for job in reversed(jobs)])
    assert outcomes(list(reversed(again))) == outcomes(verdicts)


def test_a_collect_with_a_bound_waits_no_longer_whatever_hangs(
    pool: VerifierPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vlm_rl.reward.pool.GRACE_SECONDS", 1.0)  # a slow machine still sees the first two time out
    pool.verify([("yes", BAD)] * 2)
    tickets = [pool.submit(text, BAD) for text in ("sleep", "loop", *["sleep"] * 6, "yes")]
    verdicts = pool.collect([*tickets, pool.submit(boxed("blue"), EXACT)], within=TIMEOUT_SECONDS)
    assert outcomes(verdicts)[:2] == ["timeout", "timeout"], "they had their time: wrong"
    assert [(v.reason, v.judged) for v in verdicts[2:8]] == [("late", False)] * 6, "they had none: not judged"
    assert verdicts[9].correct
    assert (pool.counts["timeout"], pool.counts["late"], pool.counts["unjudged"]) == (2, 7, 7)
    assert outcomes(pool.verify([("yes", BAD), ("no", BAD)])) == ["True", "False"], "what was given up is not worked on"


def test_scores_and_abstentions_of_a_users_verifier_arrive(pool: VerifierPool) -> None:
    half, silent, mad = pool.verify([(text, BAD) for text in ("half", "cannot tell", "more than right")])
    assert (half.reward, half.judged, silent.judged, mad.reason) == (0.5, True, False, "crash")
    assert pool.counts == {"verdicts": 3, "timeout": 0, "crash": 1, "unjudged": 1}


def test_an_error_is_raised_in_the_order_of_jobs_and_drops_the_others(pool: VerifierPool) -> None:
    first = replace(make_prompt("hostile_verifiers:needs_gold", "one"), id="first")
    second = replace(make_prompt("exact", " "), id="second")
    with pytest.raises(ValueError, match="first"):
        pool.verify([("x", first), ("x", second)])
    with pytest.raises(ValueError, match="second"):
        pool.verify([("x", second), ("x", first)])


def test_gold_answers_are_checked_for_every_part_before_a_run(pool: VerifierPool) -> None:
    good = [EXACT, TYPED, MATH, make_prompt("all(format, exact)", "blue"), make_prompt("any(judge, exact)", "blue")]
    with pytest.raises(ValueError, match="test/0/any.*needs a judge"):
        check_golds(good, pool)
    assert check_golds(good[:4], pool) == 4 and check_golds([], pool) == 0
    assert pool.counts == {"verdicts": 0, "timeout": 0, "crash": 0}
    bad = replace(make_prompt("all(format, number)", "twelve"), id="my_set/17")
    with pytest.raises(ValueError, match="my_set/17"):
        check_golds((prompt for prompt in [*good[:4], bad]), pool)
    hangs = replace(make_prompt("hostile_verifiers:gold_hangs", "12"), id="my_set/18")
    with pytest.raises(ValueError, match="my_set/18.*ends in a timeout on the gold answer '12'"):
        check_golds([hangs], pool)


@pytest.mark.parametrize(("workers", "seconds"), [(0, 1.0), (1, 0.0)])
def test_impossible_pools_are_refused(workers: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="workers >= 1"):
        VerifierPool(workers, seconds)


def test_large_and_odd_responses_cross_the_pipe_unchanged(pool: VerifierPool) -> None:
    texts = ["yes" + "x" * (4 * MEGABYTE), "yes\x00\u202e\ud800\n", 'yes"\\', "", "yes\u00e9\U0001f600"]
    verdicts = pool.verify([(text, BAD) for text in texts])
    assert [verdict.prediction for verdict in verdicts] == texts


@given(st.text(), st.text(), st.lists(st.tuples(st.text(), st.text())))
def test_a_job_survives_the_wire(response: str, answer: str, tags: list[tuple[str, str]]) -> None:
    images = (ImageRef("file:a.png", "00", 12),)
    prompt: Prompt = replace(BAD, answer=answer, tags=tuple(tags), images=images)
    sent = frame(job_message(response, prompt)) * 2
    received = bytearray(sent[:3])
    assert take_frame(received) is None
    received += sent[3:-1]
    message = take_frame(received)
    assert message is not None and read_job(message) == (response, prompt)
    assert take_frame(received) is None, "the last byte is missing"
