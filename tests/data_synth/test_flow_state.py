"""Flowcharts against Python itself, trees and machines against their definitions."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from data_synth import Item, make
from data_synth.families.diagrams.flow_program import interpret

LEVELS = range(5)


def items(level: int, form: str) -> list[Item]:
    return [item for item in (make("flow_state", level, n) for n in range(200)) if item.scene["form"] == form][:50]


def python_of(chart: list[dict[str, Any]], indent: str = "") -> str:
    """The flowchart as Python source."""
    lines = []
    for at in chart:
        if at["do"] == "set":
            lines.append(f"{indent}{at['var']} = {at['value']}")
        elif at["do"] == "step":
            lines.append(f"{indent}{at['var']} = {at['of']} {at['sign'].replace('x', '*')} {at['other'] or at['by']}")
        elif at["do"] == "if":
            lines += [f"{indent}if {at['var']} > {at['than']}:", python_of([at["yes"]], indent + "  ")]
            lines += [f"{indent}else:", python_of([at["no"]], indent + "  ")]
        else:
            lines += [f"{indent}while {at['var']} < {at['than']}:", python_of(at["body"], indent + "  ")]
    return "\n".join(lines)


@pytest.mark.parametrize("level", LEVELS)
def test_the_output_is_what_python_computes(level: int) -> None:
    for item in items(level, "flow"):
        memory: dict[str, Any] = {}
        exec(compile(ast.parse(python_of(item.scene["chart"])), "chart", "exec"), {"__builtins__": {}}, memory)
        assert memory[item.scene["output"]] == item.answer.value, item.id


@pytest.mark.parametrize("level", [2, 3, 4])
def test_loops_run_more_than_once_and_end(level: int) -> None:
    rounds = [interpret(item.scene["chart"], {}) for item in items(level, "flow")]
    assert min(rounds) >= 2 and max(rounds) <= 8


@pytest.mark.parametrize("level", LEVELS)
def test_traversals_are_told_apart_by_where_parents_stand(level: int) -> None:
    for item in items(level, "tree"):
        place = {name: n for n, name in enumerate(item.answer.value)}
        for parent, (left, right) in item.scene["tree"].items():
            for child, is_left in ((left, True), (right, False)):
                if child:
                    later = place[child] > place[parent]
                    wanted = {"preorder": True, "inorder": not is_left, "postorder": False}[item.scene["asked"]]
                    assert later == wanted, item.id


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_machines_are_followed_along_the_drawn_labels(level: int) -> None:
    for item in items(level, "machine"):
        state = item.scene["start"]
        for symbol in item.scene["asked"]:
            ends = [end for start, end, symbols, _ in item.scene["labels"] if start == state and symbol in symbols]
            assert len(ends) == 1
            state = ends[0]
        assert state == item.answer.value
