"""The judge against a local endpoint: honest, gullible, broken, slow and gone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from gate import MOMENT_SECONDS, Gate
from hypothesis import given
from hypothesis import strategies as st
from judge_server import field, honest, key_of, serving
from reward_cases import boxed, make_prompt

from vlm_rl.reward import check_gold
from vlm_rl.reward.judge import MAX_REFUSALS, Judge, JudgeUnreachableError, open_judge
from vlm_rl.reward.judge_cache import VerdictCache
from vlm_rl.reward.judge_prompt import read_verdict
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.types import Verdict

PROMPT = make_prompt("judge", "blue")


class Silent:
    """A model that answers once the test is over, or so late that `ended` shows that somebody waited for it."""

    def __init__(self) -> None:
        self.asked, self.over = threading.Event(), threading.Event()
        self.ended = False

    def __call__(self, message: str) -> str:
        self.asked.set()
        self.over.wait(30)
        self.ended = True
        return "late"


def judged(judge: Judge, response: str) -> Verdict:
    return judge.verify(response, PROMPT)


def test_a_judge_says_correct_incorrect_and_needs_no_call_for_no_answer(tmp_path: Path) -> None:
    with serving(honest) as server:
        judge = open_judge(server.config(), tmp_path)
        verdicts = [
            judged(judge, text) for text in (boxed("blue"), boxed("red"), "", " \n", "<think>blue", "<think>a</think>")
        ]
    assert [verdict.correct for verdict in verdicts] == [True, False, False, False, False, False]
    assert [verdict.reason for verdict in verdicts] == ["match", "differs"] + ["no answer"] * 4
    assert all(verdict.judged for verdict in verdicts) and verdicts[1].prediction == "red"
    assert len(server.requests) == 2
    first = server.requests[0]
    assert first["model"] == "judge-7b" and first["temperature"] == 0.0
    assert field(first["messages"][1]["content"], "question") == "What is it?"


# ------------------------------------------------------------------------------------------------- replies and retries

KEY = "00ff00ff00"
OBJECT = json.dumps({"verdict": "correct", "key": KEY})


@pytest.mark.parametrize(
    ("reply", "read"),
    [
        (f"They agree.\n{OBJECT}", True),
        (f"They agree. {OBJECT}  \n", True),
        (OBJECT.replace("correct", "incorrect"), False),
        (f"So:\n```json\n{OBJECT}\n```", True),
        (f'```\n{{\n "key": "{KEY}",\n "verdict": "incorrect"\n}}\n```\n', False),
        (f"<think>{OBJECT}</think> No: " + OBJECT.replace("correct", "incorrect"), False),
        (OBJECT.replace("correct", "incorrect") + f"\nWait, they agree.\n{OBJECT}", True),
        (f"<think>{OBJECT}", None),
        (f"{OBJECT}\nThat is all.", None),
        (f"{OBJECT} {{}}", None),
        (f"[{OBJECT}]", None),
        ('{"verdict": "correct"}', None),
        (OBJECT.replace("00ff", "ff00"), None),
        (f'{{"verdict": "incorrect", "verdict": "correct", "key": "{KEY}"}}', None),
        (f'{{"verdict": true, "key": "{KEY}"}}', None),
        (f'{{"verdict": "correct", "key": "{KEY}", "sure": 1}}', None),
        (f'{{"verdict": "correct" or "incorrect", "key": "{KEY}"}}', None),
        (f'{{"verdict": ["correct"], "key": "{KEY}"}}', None),
        ("correct", None),
        ("", None),
        ("}", None),
    ],
)
def test_a_verdict_is_read_from_the_end_of_a_reply_with_its_key(reply: str, read: bool | None) -> None:
    assert read_verdict(reply, KEY) is read


@given(st.text(alphabet=st.sampled_from(list('{}[]":,\\ \ntru`')), max_size=60))
def test_reading_a_reply_never_raises(reply: str) -> None:
    assert read_verdict(reply, KEY) is None


def test_a_malformed_reply_is_asked_for_again_otherwise_and_then_unjudged(tmp_path: Path) -> None:
    replies = iter(["I think so.", '{"verdict": "correct"}'])
    with serving(lambda message: next(replies, None) or honest(message)) as server:
        judge = open_judge(server.config(max_replies=3), tmp_path)
        assert judged(judge, boxed("blue")).correct
        asked = server.requests
    assert len(asked) == 3 and [request["temperature"] for request in asked] == [0.0, 0.7, 0.7]
    assert len({request["seed"] for request in asked}) == 3
    assert len({key_of(request["messages"][1]["content"]) for request in asked}) == 3
    with serving(lambda message: "no idea") as server:
        judge = open_judge(server.config(max_replies=2), tmp_path)
        verdicts = [judged(judge, boxed("red")) for _ in range(2)]
    assert [(v.correct, v.judged, v.reason) for v in verdicts] == [(False, False, "unjudged: no readable verdict")] * 2
    assert len(server.requests) == 4, "unjudged is not cached"


@pytest.mark.parametrize("status", [500, 503, 401, 404])
def test_an_endpoint_that_answers_no_question_is_unreachable(tmp_path: Path, status: int) -> None:
    with serving(lambda message: status) as server, pytest.raises(JudgeUnreachableError, match=f"HTTP {status}"):
        judged(open_judge(server.config(), tmp_path), boxed("blue"))


def test_retries_are_bounded_and_an_endpoint_that_comes_back_is_used(tmp_path: Path) -> None:
    statuses = iter([503])
    with serving(lambda message: next(statuses, None) or honest(message)) as server:
        assert judged(open_judge(server.config(max_retries=1), tmp_path), boxed("blue")).correct
    assert len(server.requests) == 2
    with pytest.raises(JudgeUnreachableError, match="no connection.*see reward.judge"):  # nobody listens there any more
        judged(open_judge(server.config(), tmp_path), boxed("red"))


def test_a_call_that_takes_too_long_is_cut_off(tmp_path: Path) -> None:
    silent = Silent()
    with serving(silent) as server:
        with pytest.raises(JudgeUnreachableError, match="no answer within 0.2 s"):
            judged(open_judge(server.config(timeout_seconds=0.2), tmp_path), boxed("blue"))
        assert len(server.requests) == 1 and not silent.ended
        silent.over.set()


def test_a_refused_request_leaves_one_response_unjudged_but_not_all_of_them(tmp_path: Path) -> None:
    with serving(lambda message: 400 if "filtered" in message else honest(message)) as server:
        judge = open_judge(server.config(), tmp_path)
        for _ in range(2 * MAX_REFUSALS):
            assert not judged(judge, boxed("filtered")).judged
            assert judged(judge, boxed("blue")).judged
            judge._cache = None
        with pytest.raises(JudgeUnreachableError, match="HTTP 400"):
            for _ in range(MAX_REFUSALS):
                judged(judge, boxed("filtered"))


def test_the_api_key_comes_from_the_environment_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(honest) as server:
        config = server.config(api_key_variable="MY_JUDGE_KEY")
        monkeypatch.delenv("MY_JUDGE_KEY", raising=False)
        with pytest.raises(ValueError, match="MY_JUDGE_KEY, which is not set"):
            open_judge(config, tmp_path)
        monkeypatch.setenv("MY_JUDGE_KEY", "secret")
        assert judged(open_judge(config, tmp_path), boxed("blue")).correct
    assert server.headers[0]["Authorization"] == "Bearer secret"


# --------------------------------------------------------------------------------------------------------------- cache


def test_a_verdict_is_asked_for_once_per_model_and_prompt(tmp_path: Path) -> None:
    with serving(honest) as server:
        for _ in range(2):
            judge = open_judge(server.config(), tmp_path)
            assert [judged(judge, boxed(word)).correct for word in ("blue", "red")] == [True, False]
        assert len(server.requests) == 2
        assert judged(open_judge(server.config(model="judge-72b"), tmp_path), boxed("blue")).correct
        assert (
            open_judge(server.config(), tmp_path).verify(boxed("blue"), replace(PROMPT, answer="red")).correct is False
        )
        assert judged(open_judge(server.config(cache_dir=str(tmp_path / "other")), tmp_path), boxed("blue")).correct
        assert len(server.requests) == 5


WRITER = """
import sys
from pathlib import Path
from vlm_rl.reward.judge_cache import VerdictCache
cache = VerdictCache(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(int(sys.argv[2]), 10**9, 2):
    cache.put(number.to_bytes(16, "big"), number % 3 == 0, "x" * 1000)
    print(number, flush=True)
"""


def test_a_cache_survives_kills_of_several_writers(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(first)], stdout=subprocess.PIPE, text=True)
        for first in (0, 1)
    ]
    written = []
    for writer in writers:
        assert writer.stdout is not None
        for _ in range(20):
            written.append(writer.stdout.readline().strip())
    for writer in writers:
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
    cache = VerdictCache(tmp_path)
    numbers = [int(line) for line in written if line != "ready"]
    assert len(numbers) == 38
    assert all(cache.get(number.to_bytes(16, "big")) == (number % 3 == 0, "x" * 1000) for number in numbers)
    cache.put(b"new", True, "\ud800 odd")
    assert VerdictCache(tmp_path).get(b"new") == (True, "? odd")
    cache.close()


def test_a_file_that_is_no_cache_is_named(tmp_path: Path) -> None:
    (tmp_path / "judge_verdicts.sqlite3").write_text("something else entirely, and long enough to be a page" * 100)
    with pytest.raises(OSError, match="judge_verdicts.sqlite3.*delete the file"):
        VerdictCache(tmp_path)


# ---------------------------------------------------------------------------------------------------------- in the pool


def test_the_pool_judges_with_bounded_concurrency_in_job_order(tmp_path: Path) -> None:
    gate = Gate(6)

    def slow(message: str) -> str:
        gate.enter()
        return honest(message)

    words = ["blue" if number % 3 else f"red {number}" for number in range(24)]
    with (
        serving(slow) as server,
        VerifierPool(1, 1.0, judge=open_judge(server.config(max_concurrent=6, timeout_seconds=60.0), tmp_path)) as pool,
    ):
        verdicts = pool.verify([(f"{number} {boxed(word)}", PROMPT) for number, word in enumerate(words)])
    assert [verdict.correct for verdict in verdicts] == [word == "blue" for word in words]
    assert gate.most == 6
    assert all(verdict.seconds >= MOMENT_SECONDS for verdict in verdicts)
    assert pool.counts["verdicts"] == 24 and pool.counts["unjudged"] == 0


def test_a_waiting_judge_holds_no_verifier_process_and_has_clocks_of_its_own(tmp_path: Path) -> None:
    go_on = threading.Event()

    def waits(message: str) -> str:
        go_on.wait(10)
        return honest(message)

    composed = make_prompt("all(format, hostile_verifiers:ends_well, judge)", "blue")
    yes = make_prompt("hostile_verifiers:says_yes", "")
    with serving(waits) as server, VerifierPool(1, 5.0, judge=open_judge(server.config(), tmp_path)) as pool:
        tickets = [pool.submit(boxed("blue"), PROMPT), pool.submit(boxed("blue"), composed)]
        assert [verdict.correct for verdict in pool.verify([("yes", yes), ("no", yes)])] == [True, False]
        threading.Timer(1.0, go_on.set).start()
        verdicts = pool.collect(tickets, within=0.2)
    assert [verdict.correct for verdict in verdicts] == [True, True], "they waited for the judge, longer than 0.2 s"
    assert pool.counts["timeout"] == pool.counts["late"] == 0


def test_an_unjudged_response_is_counted(tmp_path: Path) -> None:
    model = lambda message: "?" if "red" in message else honest(message)  # noqa: E731
    with (
        serving(model) as server,
        VerifierPool(1, 1.0, judge=open_judge(server.config(max_replies=1), tmp_path)) as pool,
    ):
        verdicts = pool.verify([(boxed(word), PROMPT) for word in ("blue", "red", "blue")])
        decided = pool.verify([("red", make_prompt("all(judge, format)", "blue"))])
    assert [verdict.judged for verdict in verdicts] == [True, False, True]
    assert pool.counts["unjudged"] == 1
    assert decided[0].judged and not decided[0].correct, "the form decides it"


def test_an_unreachable_judge_stops_the_call_and_the_pool_goes_on(tmp_path: Path) -> None:
    down = threading.Event()
    down.set()
    with serving(lambda message: 503 if down.is_set() else honest(message)) as server:
        with VerifierPool(1, 1.0, judge=open_judge(server.config(), tmp_path)) as pool:
            with pytest.raises(JudgeUnreachableError):
                pool.verify([(boxed("blue"), PROMPT)] * 3)
            down.clear()
            assert pool.verify([(boxed("blue"), PROMPT)])[0].correct


def test_closing_a_pool_does_not_wait_for_a_silent_judge(tmp_path: Path) -> None:
    silent = Silent()
    with serving(silent) as server:
        with VerifierPool(
            1, 1.0, judge=open_judge(server.config(max_concurrent=1, timeout_seconds=60.0), tmp_path)
        ) as pool:
            for number in range(3):
                pool.submit(f"{number} {boxed('blue')}", PROMPT)
            silent.asked.wait(30)
        assert silent.asked.is_set() and not silent.ended
        silent.over.set()


def test_prompts_for_a_judge_are_checked_before_a_run() -> None:
    check_gold(PROMPT)
    check_gold(make_prompt("all(format, judge)", "blue"))
    with pytest.raises(ValueError, match="test/0/judge: the reference answer"):
        check_gold(make_prompt("judge", "  "))
    with VerifierPool(1, 1.0) as pool:
        for name in ("judge", "all(format, judge)"):
            with pytest.raises(ValueError, match="needs a judge: set reward.judge.url"):
                pool.verify([("x", make_prompt(name, "blue"))])
        with pytest.raises(ValueError, match="did you mean judge"):
            pool.submit("x", make_prompt("judg", "blue"))
