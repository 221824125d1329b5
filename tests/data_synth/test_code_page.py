"""Programs: Python itself runs them to the same end, and both interpreters read the language as it does."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from data_synth import LEVELS, Item, make, replay, solve_again
from data_synth.families import FAMILIES
from data_synth.families.pages.code_builders import ENDS, EVENTS, LINES
from data_synth.families.pages.code_page import CodePage
from data_synth.families.pages.code_program import TooLongError, evaluate, lines_of, number_lines, put, run, written
from data_synth.families.pages.code_reader import read_code
from data_synth.rng import Rng
from data_synth.twins import canvases


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(FAMILIES, "code_page", CodePage())
    yield


def items(level: int, count: int = 150) -> list[Item]:
    return [make("code_page", level, index) for index in range(count)]


def python_runs(text: str, name: str) -> tuple[list[int], list[tuple[int, int]]]:
    """What Python prints, and (line, value) of each change of a variable, by running the text with a tracer."""
    printed: list[int] = []
    changes: list[tuple[int, int]] = []
    last: list[Any] = [0, None]  # line that runs, value before it

    def tracer(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename == "<program>":
            value = frame.f_locals.get(name)
            if isinstance(value, int) and value != last[1]:
                changes.append((last[0], value))
            last[:] = [frame.f_lineno, value]
        return tracer

    code = compile(text, "<program>", "exec")
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        exec(code, {"print": printed.append})
    finally:
        sys.settrace(before)
    return printed, changes


@pytest.mark.parametrize("level", LEVELS)
def test_python_comes_to_the_same_answer(level: int) -> None:
    forms: Counter[str] = Counter()
    for item in items(level, 120):
        scene = item.scene
        forms[scene["form"]] += 1
        lines = lines_of(scene["code"])
        printed, changes = python_runs("\n".join(lines), scene["asked"])
        if scene["form"] == "output":
            assert printed == [item.answer.value], item.id
        elif scene["form"] == "variable":
            assert changes[-1][1] == item.answer.value, item.id
        else:
            limit = int(lines[0].removeprefix("limit = "))
            assert next(change for change in changes if change[1] > limit) == item.answer.value, item.id
    assert set(forms) == ({"output", "variable", "first"} if level else {"output", "variable"})


@pytest.mark.parametrize("level", LEVELS)
def test_both_interpreters_and_the_replay_agree(level: int) -> None:
    for item in items(level, 300):
        assert solve_again(item) == replay(item) == item.answer.value, item.id


@pytest.mark.parametrize("level", LEVELS)
def test_programs_have_the_size_of_their_level_and_do_not_print_the_answer(level: int) -> None:
    for item in items(level):
        lines = lines_of(item.scene["code"])
        assert LINES[level][0] <= len(lines) <= LINES[level][1]
        assert item.features["steps"] <= EVENTS[level]
        value = item.answer.value if isinstance(item.answer.value, int) else item.answer.value[1]
        assert ENDS[level][0] <= value <= ENDS[level][1]
        assert str(value) not in re.findall(r"\d+", "\n".join(lines))


def test_loops_conditions_and_lists_come_with_the_levels() -> None:
    def share(level: int, sign: str) -> float:
        return sum(sign in item.question for item in items(level)) / 150

    assert 0 < share(0, "for ") < share(1, "for ") < share(4, "for ")
    assert share(0, "if ") == share(0, "[") == share(1, "while ") == share(2, "append") == 0
    assert min(share(level, sign) for level in (3, 4) for sign in ("if ", "[", "while ", "append", "break")) > 0.1
    assert any(re.search(r"\d for .*\n *\d+     for ", item.question) for item in items(4))


def test_rules_tell_what_the_program_needs_and_no_more() -> None:
    for item in items(3):
        text = "\n".join(lines_of(item.scene["code"]))
        ranges = {inside.count(",") for inside in re.findall(r"range\((.*?)\)", text)}
        assert ("range(n) runs from 0 to n-1" in item.rules) == (0 in ranges)
        assert ("range(a, b) runs from a to b-1" in item.rules) == (1 in ranges)
        assert ("rounds down" in item.rules) == ("//" in text)
        assert ("remainder" in item.rules) == ("%" in text)


def test_the_page_shows_the_numbered_lines_of_the_text() -> None:
    for level in LEVELS:
        item = make("code_page", level, 8)
        listing = "".join(item.question.removesuffix(item.shown).split())
        for modality in ("mixed", "rendered", "screenshot"):
            (canvas,) = canvases(item, CodePage(), modality, 384)
            assert listing in "".join("".join(text.split()) for _, _, text, *_ in canvas.texts)


def test_traces_follow_the_run_and_sometimes_correct_themselves() -> None:
    item = next(item for item in items(4) if "while" in item.question and item.scene["form"] == "output")
    for event in run(item.scene["code"], 1000):
        assert str(event.value).lower() in item.trace("text", 0)
    longer = [len(CodePage().explain(item, 1)) - len(CodePage().explain(item, 0)) for item in items(3, 40)]
    assert set(longer) == {0, 1} and sum(longer) >= 20


def test_expressions_are_written_as_python_reads_them() -> None:
    memory = {"a": 7, "b": -3, "w": [4, 9, 2]}
    for expression in (
        ["-", "a", ["-", "b", 2]],
        ["*", ["+", "a", 1], "b"],
        ["+", ["*", "a", 2], ["//", "b", 2]],
        ["%", ["*", "b", 5], 4],
        ["-", ["at", "w", ["-", "a", 6]], ["sum", "w"]],
        ["==", ["%", "a", 2], 1],
        ["*", "a", ["%", ["max", "w"], 4]],
    ):
        value = evaluate(expression, memory)
        assert value == eval(written(expression), dict(memory))
        if expression[0] != "==":
            assert (
                value
                == eval(written(expression, memory))
                == read_code([*setting(memory), f"r = {written(expression)}"]).memory["r"]
            )


def setting(memory: dict[str, Any]) -> list[str]:
    """Lines that set up a memory; the language has no negative constants."""
    return [
        f"{name} = {value if isinstance(value, list) or value >= 0 else f'0 - {-value}'}"
        for name, value in memory.items()
    ]


def test_the_reader_runs_programs_that_nobody_drew() -> None:
    lines = """n = 17
    seen = [3]
    while n > 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        seen.append(n)
        if n == 10:
            break
    for i in range(2, 4):
        for v in seen:
            seen[0] = seen[0] + v * i
        seen[i] = 0
    print(seen[0] - (len(seen) - 1) * max(seen) + min(seen) - sum(seen))""".replace("\n    ", "\n").split("\n")
    assert read_code(lines).printed == python_runs("\n".join(lines), "n")[0]
    assert [entry[:2] for entry in read_code(lines).history[:3]] == [(1, "n"), (7, "n"), (5, "n")]


@pytest.mark.parametrize(
    "line", ["import os", "for v over a:", "a + 1", "while 1 == 1:\n    b = 1", "a = [1]\nb = a + 1"]
)
def test_the_reader_refuses_what_is_no_program(line: str) -> None:
    with pytest.raises(ValueError):
        read_code(line.split("\n"))


def test_a_run_that_does_not_end_is_stopped() -> None:
    code = [put("a", 1), {"do": "while", "test": [">", "a", 0], "body": [put("a", ["+", "a", 1])]}]
    assert number_lines(code) == 4
    with pytest.raises(TooLongError, match="more than 50 steps"):
        run(code, 50)


@pytest.mark.parametrize("level", LEVELS)
def test_most_drafts_become_items(level: int) -> None:
    kept = [CodePage().logic(Rng("yield", level, n), level) for n in range(200)]
    assert sum(parts is not None for parts in kept) >= 110
