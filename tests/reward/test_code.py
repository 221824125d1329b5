from __future__ import annotations

import base64
import contextlib
import json
import os
import pickle
import time
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reward_cases import HOSTILE, make_prompt

from vlm_rl.config import CodeConfig
from vlm_rl.reward import code
from vlm_rl.reward.code import fenced_blocks, last_program
from vlm_rl.reward.code_tests import CodeTests, read_tests, same_output, same_value
from vlm_rl.reward.killable import Programs
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.sandbox import open_sandbox
from vlm_rl.sandbox.program import Limits, Outcome, Program, Run, SandboxError
from vlm_rl.types import Prompt

SUM = "a, b = map(int, input().split())\nprint(a + b)"
ROWS = [{"input": f"{n} 2\n", "output": f"{n + 2}\n", "testtype": "stdin"} for n in range(3)]
CALLS = [{"input": f"{n}\n[1, 2]", "output": f"{n + 3}", "testtype": "functional"} for n in range(3)]
METADATA = {"func_name": "total"}


def prompt(gold: Any) -> Prompt:
    return make_prompt("code", gold if isinstance(gold, str) else json.dumps(gold))


def packed(tests: Any) -> str:
    """As LiveCodeBench packs its private tests."""
    return base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests)))).decode()


STDIN_GOLDS: dict[str, Any] = {
    "tests alone": ROWS,
    "livecodebench": {"public_test_cases": ROWS[:1], "private_test_cases": ROWS[1:], "metadata": {}},
    "livecodebench as text": {"public_test_cases": json.dumps(ROWS[:1]), "private_test_cases": packed(ROWS[1:])},
    "taco": {"inputs": [row["input"] for row in ROWS], "outputs": [row["output"] for row in ROWS]},
    "taco in lines": {"inputs": [[f"{n} 2", ""] for n in range(3)], "outputs": [[str(n + 2)] for n in range(3)]},
}
STDIN_GOLDS["apps"] = {"input_output": json.dumps(STDIN_GOLDS["taco"])}
CALL_GOLDS: dict[str, Any] = {
    "livecodebench": {"public_test_cases": CALLS, "private_test_cases": "", "metadata": json.dumps(METADATA)},
    "taco": {"inputs": [[n, [1, 2]] for n in range(3)], "outputs": [n + 3 for n in range(3)], "fn_name": "total"},
    "apps": {"inputs": [[n, [1, 2]] for n in range(3)], "outputs": [[n + 3] for n in range(3)], "fn_name": "total"},
    "method": {"inputs": [[0, [1, 2]]] * 3, "outputs": [[3]] * 3, "fn_name": "Solution.total"},
}


@pytest.mark.parametrize("name", STDIN_GOLDS)
def test_the_data_sets_stdin_tests_are_read(name: str) -> None:
    tests = read_tests(prompt(STDIN_GOLDS[name]))
    assert tests.function == "" and tests.language == "python"
    assert [(case.input.split(), case.expected.strip()) for case in tests.cases] == [
        ([str(n), "2"], str(n + 2)) for n in range(3)
    ]


@pytest.mark.parametrize("name", CALL_GOLDS)
def test_the_data_sets_function_tests_are_read(name: str) -> None:
    tests = read_tests(prompt(CALL_GOLDS[name]))
    assert tests.function == "total" and len(tests.cases) == 3
    assert json.loads(tests.cases[0].input) == [0, [1, 2]]
    assert tests.accepts(tests.cases[0], "3") and not tests.accepts(tests.cases[0], "4")


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("unpickled",)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 100_000, ""),
        ("3", "it is a JSON int"),
        ("[]", "it has no test"),
        ({}, "none of public_test_cases, private_test_cases, inputs"),
        ({"public_test_cases": [3]}, "test 0 needs input and output"),
        ([{"input": "1"}], "test 0 needs input and output"),
        ([{"input": "1", "output": "1", "testtype": "file"}], "testtype must be stdin or functional"),
        ([*ROWS, *CALLS], "the same for all tests"),
        (CALLS, "metadata.func_name must name the function"),
        ({"public_test_cases": CALLS, "metadata": {"func_name": "a b"}}, "got 'a b'"),
        ({"public_test_cases": [{**CALLS[0], "input": "x"}], "metadata": METADATA}, "input of test 0 is no JSON"),
        ({"public_test_cases": [{**CALLS[0], "output": "x"}], "metadata": METADATA}, "output of test 0 is no JSON"),
        ({"private_test_cases": "AAAA"}, "neither JSON nor LiveCodeBench's packed form"),
        ({"private_test_cases": packed(ROWS)[:-8]}, "packed form"),
        ({"inputs": ["1"], "outputs": []}, "lists of one length"),
        ({"inputs": [1], "outputs": ["1"]}, r"inputs\[0\] must be a string"),
        (
            {"inputs": ["1"], "outputs": ["1"], "fn_name": "f"},
            r"inputs\[0\] must be the list of the function's arguments",
        ),
        ({"inputs": ["1"], "outputs": ["1"], "language": "rust"}, "language must be python or cpp, got 'rust'"),
        ({"inputs": [[1]], "outputs": [1], "fn_name": "f", "language": "cpp"}, "need language python"),
        ({"input_output": "oops"}, "input_output is no JSON"),
    ],
)
def test_a_gold_answer_that_cannot_be_read_names_the_prompt(gold: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"(?s)prompt test/0/code: .*{message}"):
        code.verify("", prompt(gold))


def test_packed_tests_are_not_unpickled(capsys: pytest.CaptureFixture[str]) -> None:
    bomb = base64.b64encode(zlib.compress(pickle.dumps(Bomb()))).decode()
    with pytest.raises(ValueError, match="its pickle holds more than a string"):
        read_tests(prompt({"private_test_cases": bomb}))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("output", "expected", "exactly", "nearly"),
    [
        ("3", "3\n", True, True),
        ("  3 \r\n4\n\n", "3\n4", True, True),
        ("3\n\n4", "3\n4", False, False),
        ("3 4", "3\n4", False, False),
        ("3", "4", False, False),
        ("", "", True, True),
        ("3", "", False, False),
        ("", "3", False, False),
        ("1.0 2", "1 2.00", True, True),
        ("1e2", "100", True, True),
        ("0.3333333", "0.333333333", False, True),
        ("0.334", "0.333", False, False),
        ("1000001", "1000002", False, False),
        ("1000001.0", "1000002", False, False),
        ("1000001", "1000002.0", False, True),
        ("yes", "YES", False, False),
        ("Case 1: 0.50000001", "Case 1: 0.5", False, True),
        ("Case 2: 0.50000001", "Case 1: 0.5", False, False),
        ("nan", "NaN", False, False),
        ("inf", "1.5", False, False),
        ("1e400", "2e999.", False, False),
        ("1e999999999", "-1e999999999.0", False, False),
        ("sNaN", "1.5", False, False),
        ("1_0", "10", False, False),
        ("\u0661", "1", False, False),
        ("1" * 5000, "1" * 5001, False, False),
    ],
)
def test_outputs_are_compared_as_the_official_checkers_do(
    output: str, expected: str, exactly: bool, nearly: bool
) -> None:
    assert same_output(output, expected, tolerant=False) is exactly
    assert same_output(output, expected, tolerant=True) is nearly


@given(st.text(max_size=40), st.text(max_size=40), st.booleans())
def test_any_two_texts_can_be_compared(output: str, expected: str, tolerant: bool) -> None:
    assert same_output(expected, expected, tolerant=True)
    lines = [[line.split() for line in text.strip().split("\n")] for text in (output, expected)]
    if same_output(output, expected, tolerant=False) and not any(map(str.isdigit, output)):
        assert lines[0] == lines[1]
    same_output(output, expected, tolerant=tolerant)


@pytest.mark.parametrize(
    ("value", "expected", "alone", "unwrapped"),
    [
        (3, 3, True, True),
        (3, [3], False, True),
        ([3], [3], True, True),
        (3, [3, 4], False, False),
        ("3", 3, False, False),
        (3.0, 3, True, True),
        (None, [], False, False),
        ([[1, "a"]], [[1, "a"]], True, True),
        (float("nan"), float("nan"), False, False),
    ],
)
def test_results_are_compared_by_value(value: Any, expected: Any, alone: bool, unwrapped: bool) -> None:
    assert same_value(value, expected, unwrap=False) is alone
    assert same_value(value, expected, unwrap=True) is unwrapped


@pytest.mark.parametrize("text", ["1" * 5000, "[" * 100_000, "NaN", "", "{", "Infinity"])
def test_odd_results_are_wrong_and_no_error(text: str) -> None:
    tests = read_tests(prompt(CALL_GOLDS["taco"]))
    assert not tests.accepts(tests.cases[0], text)


STDIN, CALL = CodeTests((), "", "taco"), CodeTests((), "f", "taco")


@pytest.mark.parametrize(
    ("response", "language", "source"),
    [
        ("```python\na\n```", "python", "a\n"),
        ("text\n```\na\n```\nmore", "python", "a\n"),
        ("```cpp\na\n```", "cpp", "a\n"),
        ("```C++17 title=x\na\n```", "cpp", "a\n"),
        ("```py\na\n```\n```python3\nb\n\n```", "python", "b\n\n"),
        ("```python\na\n```\nIts output:\n```text\n3\n```", "python", "a\n"),
        ("~~~python\na\n```\nb\n~~~", "python", "a\n```\nb\n"),
        ("````python\n```\na\n````", "python", "```\na\n"),
        ("1. so\n   ```python\n   if a:\n       b\n   ```", "python", "if a:\n    b\n"),
        ("```python\r\na\r\n```\r\n", "python", "a\n"),
        ("<think>```python\na\n```</think>```python\nb\n```", "python", "b\n"),
    ],
)
def test_the_last_program_of_a_response_counts(response: str, language: str, source: str) -> None:
    program = last_program(response, STDIN)
    assert program is not None and (program.language, program.source) == (language, source)


@pytest.mark.parametrize(
    "response",
    [
        "",
        "print(3)",
        "```python\na",
        "```python\na\n```\n```python\nb",
        "```python\n\n```",
        "```\n```",
        "```bash\nls\n```",
        "<think>```python\na\n```",
        "<think>```python\na\n```</think> done",
        "`" * 100_000,
        ("`" * 3 + "x" * 100_000) + "`",
        "```python\n" * 10_000,
    ],
)
def test_a_response_without_a_whole_program_has_no_code(response: str) -> None:
    verdict = code.verify(response, prompt(ROWS))
    assert (verdict.correct, verdict.prediction, verdict.reason) == (False, "", "no code")


def test_a_function_is_not_looked_for_in_another_language() -> None:
    assert last_program("```cpp\nint f();\n```", CALL) is None
    assert last_program("```\ndef f(): pass\n```", CALL) == Program("python", "def f(): pass\n", "f")


def test_unlabelled_programs_are_in_the_language_of_the_gold_answer() -> None:
    tests = read_tests(prompt({"public_test_cases": ROWS, "language": "cpp"}))
    program = last_program("```\nint main() {}\n```", tests)
    assert program is not None and program.language == "cpp"


@given(st.text(alphabet="`~ab \n", max_size=60))
def test_blocks_are_found_in_any_text(text: str) -> None:
    for label, content in fenced_blocks(text):
        assert label in text and (content is None or all(line.strip() in text for line in content.split("\n")))


class Scripted:
    """A sandbox that says what it was told to."""

    def __init__(self, *runs: Run) -> None:
        self.runs = runs
        self.inputs: list[str] = []

    def run(self, program: Program, inputs: Iterable[str]) -> Generator[Run, None, None]:
        for run, text in zip(self.runs, inputs, strict=False):
            self.inputs.append(text)
            yield run

    def close(self) -> None: ...


def ok(output: str) -> Run:
    return Run(Outcome.OK, output, "", 0.0)


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.OK])
def test_the_first_failure_is_the_reason(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    sandbox = Scripted(ok("2"), Run(outcome, "", "", 0.0), ok("4"))
    monkeypatch.setitem(code._open, "sandbox", sandbox)
    verdict = code.verify("```python\nx\n```", prompt(ROWS))
    assert (verdict.correct, verdict.prediction, verdict.reason) == (False, "test 2 of 3", str(outcome))
    assert sandbox.inputs == ["0 2\n", "1 2\n"], "nothing runs after a failure"


def test_every_test_must_have_been_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(code._open, "sandbox", Scripted(ok("2"), ok("3")))
    with pytest.raises(ValueError, match="shorter"):
        code.verify("```python\nx\n```", prompt(ROWS))


def test_absurdly_long_programs_are_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(code._open, "sandbox", Scripted())
    verdict = code.verify(f"```python\n{'x' * 300_000}\n```", prompt(ROWS))
    assert (verdict.correct, verdict.reason) == (False, "compile error")


@pytest.fixture(scope="module")
def real() -> Iterator[None]:
    try:
        code.use("bwrap", Limits(test_seconds=2.0))
    except SandboxError as error:
        pytest.skip(str(error))
    yield
    code._open.pop("sandbox").close()


@pytest.mark.parametrize("name", STDIN_GOLDS)
def test_programs_are_judged_by_running_them(real: None, name: str) -> None:
    right = code.verify(f"Here:\n```python\n{SUM}\n```", prompt(STDIN_GOLDS[name]))
    assert (right.correct, right.prediction, right.reason) == (True, "3 tests", "match")
    wrong = code.verify(
        "```python\na, b = input().split()\nprint(2 if a == '0' else 4)\n```", prompt(STDIN_GOLDS[name])
    )
    assert (wrong.correct, wrong.prediction, wrong.reason) == (False, "test 2 of 3", "wrong answer")


@pytest.mark.parametrize("name", ["livecodebench", "taco", "apps"])
def test_functions_are_judged_by_calling_them(real: None, name: str) -> None:
    source = "class Solution:\n    def total(self, n: int, more: List[int]) -> int:\n        return n + sum(more)"
    assert code.verify(f"```python\n{source}\n```", prompt(CALL_GOLDS[name])).correct
    for wrong in (
        source.replace("n + sum", "sum"),
        source.replace("total", "sum"),
        "total = 3",
        "def total(): return 3",
    ):
        assert not code.verify(f"```python\n{wrong}\n```", prompt(CALL_GOLDS[name])).correct


def test_hostile_texts_are_judged(real: None) -> None:
    texts = [f"```python\n{text[:10_000]}\n```" for text in HOSTILE[:12]]
    verdicts = [code.verify(text, prompt(ROWS)) for text in [*HOSTILE, *texts]]
    assert not any(verdict.correct for verdict in verdicts)


def test_a_verdict_that_the_pool_cuts_off_leaves_no_process_behind(real: None) -> None:
    name = f"late{os.getpid()}"
    late = f"import time\nopen('/proc/self/comm', 'w').write('{name}')\ntime.sleep(600)"
    verifier = "vlm_rl.reward.code:verify"
    right, slow = (f"```python\n{source}\n```" for source in (SUM, late))
    job = replace(prompt(ROWS), verifier=verifier)
    with VerifierPool(1, timeout_seconds=4.0) as pool:
        verdicts = pool.verify([(right, job), (slow, job), (right, job)])
        assert [verdict.reason for verdict in verdicts] == ["match", "timeout", "match"]
        with pytest.raises(ValueError, match="test/0/code.*it has no test"):
            pool.verify([(right, replace(job, answer="[]"))])
    deadline = time.monotonic() + 10.0
    while (left := processes_named(name)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def processes_named(name: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            found += [str(path)] if path.read_text().strip() == name else []
    return found


def test_use_refuses_what_it_cannot_open_and_keeps_what_it_has(real: None) -> None:
    before = code._open["sandbox"]
    with pytest.raises(ValueError, match="must be bwrap, unsafe or the URL"):
        code.use("none")
    assert code._open["sandbox"] is before
    with pytest.raises(ValueError, match="got 'none'"):
        open_sandbox("none")


def slow_sum(seconds: float) -> str:
    return f"```python\nimport time\ntime.sleep({seconds})\n{SUM}\n```"


def test_programs_have_the_sandbox_s_time_limit_and_not_that_of_other_verdicts() -> None:
    programs = Programs("unsafe", Limits(test_seconds=3.0, total_seconds=9.0))
    with VerifierPool(1, 0.3, programs=programs) as pool:
        one, all_of = make_prompt("code", json.dumps(ROWS[:1])), make_prompt("all(code)", json.dumps(ROWS[:1]))
        tickets = [pool.submit(slow_sum(0.8), one), pool.submit(slow_sum(0.8), all_of)]
        verdicts = pool.collect(tickets, within=0.3)
        assert [(verdict.correct, verdict.reason) for verdict in verdicts] == [(True, "match")] * 2
        assert pool.verify([("```python\nprint(1)\n```", one)])[0].reason == "wrong answer"


def test_a_sandbox_service_that_is_away_is_an_error_and_no_verdict() -> None:
    programs = Programs("http://127.0.0.1:9", Limits())  # nobody listens at the discard port
    with VerifierPool(1, 1.0, programs=programs) as pool, pytest.raises(ValueError, match="127.0.0.1:9"):
        pool.verify([(slow_sum(0.0), make_prompt("code", json.dumps(ROWS[:1])))])


def test_the_limits_of_the_config_are_those_of_the_sandbox() -> None:
    assert CodeConfig().model_dump() == asdict(Limits())
