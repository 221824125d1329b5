"""Flowcharts as nested statements: made, run, told step by step, and interpreted a second time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from data_synth.program import Program, Scene
from data_synth.rng import Rng

Chart = dict[str, Any]
ROUNDS = ((1, 1), (1, 1), (2, 5), (3, 6), (4, 8))  # of a loop, by level


def build_chart(rng: Rng, level: int) -> Scene | None:
    """assign ... | test and branches | loop ..., as nested statements."""
    first, second = rng.sample(("a", "b", "k", "m", "n", "s", "t", "u", "v"), 2)
    start: Chart = {"do": "set", "var": first, "value": rng.between(2, 60 if level < 2 else 19)}
    if level == 0:
        chart = [start, *(_step(rng, first) for _ in range(rng.between(2, 3)))]
        output = first
    elif level == 1:
        test = {
            "do": "if",
            "var": first,
            "than": start["value"] + rng.between(-9, 9),
            "yes": _step(rng, first),
            "no": _step(rng, first),
        }
        chart, output = [start, _step(rng, first), test, _step(rng, first)], first
    else:
        chart, output = _loop(rng, level, start, first, second)
    rounds = _rounds(chart)
    if rounds is None or level >= 2 and not ROUNDS[level][0] <= rounds <= ROUNDS[level][1]:
        return None
    return {"chart": chart, "output": output, "canon": [chart, output]}


def _loop(rng: Rng, level: int, start: Chart, first: str, second: str) -> tuple[list[Chart], str]:
    grow: Chart = {
        "do": "step",
        "var": first,
        "of": first,
        "sign": rng.choice("+x" if level > 2 else "+"),
        "by": 0,
        "other": "",
    }
    grow["by"] = 2 if grow["sign"] == "x" else rng.between(3, 17)
    limit = (
        start["value"] * 4 + rng.between(5, 60)
        if grow["sign"] == "x"
        else start["value"] + grow["by"] * rng.between(2, 7) - rng.randrange(grow["by"])
    )
    gather = {"do": "step", "var": second, "of": second, "sign": rng.choice("+-"), "by": 0, "other": first}
    body = [gather, grow]
    if level >= 3:
        other = {"do": "step", "var": second, "of": second, "sign": "+", "by": rng.between(2, 30), "other": ""}
        bend = limit // 2 + rng.between(-9, 9)
        body = [{"do": "if", "var": first if level == 3 else second, "than": bend, "yes": other, "no": gather}, grow]
    begin = {"do": "set", "var": second, "value": rng.between(0, 90)}
    return [start, begin, {"do": "while", "var": first, "than": limit, "body": body}], second


def _step(rng: Rng, var: str) -> Chart:
    sign = rng.choice("+-x")
    return {
        "do": "step",
        "var": var,
        "of": var,
        "sign": sign,
        "by": rng.between(2, 5 if sign == "x" else 49),
        "other": "",
    }


def _rounds(chart: list[Chart]) -> int | None:
    """How often the loop runs; None if it would not end soon."""
    memory: dict[str, int] = {}
    try:
        return interpret(chart, memory)
    except OverflowError:
        return None


def calculate(inputs: tuple[int, ...], sign: str, by: int) -> int:
    a, b = inputs[0], inputs[1] if len(inputs) == 2 else by
    return {"+": a + b, "-": a - b, "x": a * b}[sign]


def _walk(chart: list[Chart], memory: dict[str, int], visit: Callable[[Chart, dict[str, int]], None]) -> None:
    """Run the statements, telling `visit(statement, memory before)` about each test and assignment."""
    for statement in chart:
        visit(statement, memory)
        if statement["do"] == "set":
            memory[statement["var"]] = statement["value"]
        elif statement["do"] == "step":
            inputs = (memory[statement["of"]], *([memory[statement["other"]]] if statement["other"] else []))
            memory[statement["var"]] = calculate(inputs, statement["sign"], statement["by"])
        elif statement["do"] == "if":
            _walk([statement["yes" if memory[statement["var"]] > statement["than"] else "no"]], memory, visit)
        else:
            while memory[statement["var"]] < statement["than"]:
                _walk(statement["body"], memory, visit)
                visit(statement, memory)


def run_chart(program: Program, scene: Scene) -> None:
    places: dict[str, int] = {}

    def visit(statement: Chart, memory: dict[str, int]) -> None:
        if statement["do"] == "set":
            places[statement["var"]] = program.do("set", var=statement["var"], value=statement["value"])
        elif statement["do"] == "step":
            names = [statement["of"], *([statement["other"]] if statement["other"] else [])]
            inputs = [places[name] for name in names]
            how = {"sign": statement["sign"], "by": statement["by"]}
            places[statement["var"]] = program.do("update", *inputs, **how)

    _walk(scene["chart"], {}, visit)
    program.do("output", places[scene["output"]])


def interpret(chart: list[Chart], memory: dict[str, int]) -> int:
    """Run the statements; returns the rounds of loops. Raises OverflowError after a hundred."""
    rounds = 0
    for at in chart:
        match at["do"]:
            case "set":
                memory[at["var"]] = at["value"]
            case "step":
                operand = memory[at["other"]] if at["other"] else at["by"]
                value = memory[at["of"]]
                memory[at["var"]] = (
                    value + operand if at["sign"] == "+" else value - operand if at["sign"] == "-" else value * operand
                )
            case "if":
                rounds += interpret([at["yes"] if memory[at["var"]] > at["than"] else at["no"]], memory)
            case "while":
                while memory[at["var"]] < at["than"]:
                    rounds += 1
                    if rounds > 100:
                        raise OverflowError
                    interpret(at["body"], memory)
    return rounds


def say_chart(scene: Scene) -> list[str]:
    says: list[str] = []

    def visit(statement: Chart, memory: dict[str, int]) -> None:
        if statement["do"] == "set":
            says.append(f"{statement['var']} = {statement['value']}.")
        elif statement["do"] == "step":
            other = memory[statement["other"]] if statement["other"] else statement["by"]
            value = memory[statement["of"]]
            result = calculate((value, other), statement["sign"], 0)
            shown = f"({other})" if other < 0 else other
            says.append(f"{statement['var']} = {value} {statement['sign']} {shown} = {result}.")
        elif statement["do"] == "if":
            value = memory[statement["var"]]
            says.append(
                f"{statement['var']} > {statement['than']}? {value}: {'yes' if value > statement['than'] else 'no'}."
            )
        else:
            value = memory[statement["var"]]
            says.append(
                f"{statement['var']} < {statement['than']}? {value}: {'yes' if value < statement['than'] else 'no'}."
            )

    _walk(scene["chart"], {}, visit)
    return [*says, f"The output is {scene['output']}."]


def undo_chart(scene: Scene) -> str:
    """The steps on a single value undone from the last to the first; "" for charts with a loop."""
    if any(at["do"] == "while" for at in scene["chart"]):
        return ""
    undone: list[str] = []

    def visit(statement: Chart, memory: dict[str, int]) -> None:
        if statement["do"] == "step":
            value = memory[statement["of"]]
            result = calculate((value,), statement["sign"], statement["by"])
            sign = {"+": "-", "-": "+", "x": "/"}[statement["sign"]]
            undone.append(f"{result} {sign} {statement['by']} = {value}")

    _walk(scene["chart"], {}, visit)
    return ", ".join(undone[::-1])


def statements_of(chart: list[Chart]) -> list[Chart]:
    found: list[Chart] = []
    for at in chart:
        found.append(at)
        found += statements_of([at["yes"], at["no"]]) if at["do"] == "if" else statements_of(at.get("body", []))
    return found


def text_of(at: Chart) -> str:
    if at["do"] == "set":
        return f"{at['var']} = {at['value']}"
    if at["do"] == "step":
        return f"{at['var']} = {at['of']} {at['sign']} {at['other'] or at['by']}"
    return f"{at['var']} {'>' if at['do'] == 'if' else '<'} {at['than']}?"
