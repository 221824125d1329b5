"""Programs of a small language like Python, as nested statements: written down, run, recorded as steps and explained.

An expression is a number, a name, or a list: [operator, left, right], ["at", list, place], ["len", list] (also sum, max
and min) or ["list", number, ...]. A test is [comparison, left, right].
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from data_synth.program import Op, Program, Scene

Expression = Any
Statement = dict[str, Any]
Memory = Mapping[str, Any]

CALCULATE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
    ">": operator.gt, "<": operator.lt, "==": operator.eq,
}  # fmt: skip
SUMMARISE: dict[str, Callable[[Any], int]] = {"len": len, "sum": sum, "max": max, "min": min}
_TIGHT = ("*", "//", "%")


class TooLongError(ValueError):
    """A program runs longer than anybody would follow it."""


class Event(NamedTuple):
    """Something that a run does. kind: assign, loop, test ... as in OPS; name: what gets the value, or "".

    reads: the names read, with their values then. turn: which round of a loop, from 0.
    """

    line: int
    kind: str
    name: str
    value: Any
    reads: dict[str, Any]
    expression: Expression
    turn: int = 0


def put(name: str, expression: Expression) -> Statement:
    """name = expression"""
    return {"do": "assign", "name": name, "expression": expression}


def number_lines(code: list[Statement], first: int = 1) -> int:
    """Write into each statement on which line it stands; returns the number of the line after."""
    for at in code:
        at["line"] = first
        first = number_lines(at.get("body", []), first + 1)
        if at.get("else"):
            first = number_lines(at["else"], first + 1)
    return first


def lines_of(code: list[Statement], indent: str = "") -> list[str]:
    """The program as text."""
    lines: list[str] = []
    for at in code:
        lines.append(indent + _head(at))
        lines += lines_of(at.get("body", []), indent + "    ")
        if at.get("else"):
            lines += [f"{indent}else:", *lines_of(at["else"], indent + "    ")]
    return lines


def _head(at: Statement) -> str:
    match at["do"]:
        case "assign" | "make":
            return f"{at['name']} = {written(at['expression'])}"
        case "store":
            return f"{at['name']}[{written(at['place'])}] = {written(at['expression'])}"
        case "append":
            return f"{at['name']}.append({written(at['expression'])})"
        case "print":
            return f"print({written(at['expression'])})"
        case "for":
            over = at["over"]
            shown = over if isinstance(over, str) else f"range({', '.join(map(written, over))})"
            return f"for {at['name']} in {shown}:"
        case "if" | "while":
            return f"{at['do']} {written(at['test'])}:"
        case other:
            return str(other)


def written(expression: Expression, memory: Memory | None = None) -> str:
    """The expression as text; with a memory, the values in place of what is read."""
    if not isinstance(expression, list):
        value = memory[expression] if memory is not None and isinstance(expression, str) else expression
        return f"({value})" if memory is not None and value < 0 else str(value)
    op, *parts = expression
    if op == "list":
        return f"[{', '.join(map(str, parts))}]"
    if op == "at" or op in SUMMARISE:
        if memory is not None:
            return written(evaluate(expression, memory), {})
        return f"{parts[0]}[{written(parts[1])}]" if op == "at" else f"{op}({parts[0]})"
    left, right = (_part(part, op, memory) for part in parts)
    return f"{left} {op} {right}"


def _part(part: Expression, parent: str, memory: Memory | None) -> str:
    text = written(part, memory)
    loose = isinstance(part, list) and part[0] in CALCULATE and (part[0] not in _TIGHT or parent in _TIGHT)
    return f"({text})" if loose and parent not in (">", "<", "==") else text


def evaluate(expression: Expression, memory: Memory) -> Any:
    """The value of an expression or a test."""
    if isinstance(expression, str):
        return memory[expression]
    if isinstance(expression, int):
        return expression
    op = expression[0]
    if op in CALCULATE:
        return CALCULATE[op](evaluate(expression[1], memory), evaluate(expression[2], memory))
    if op == "at":
        return memory[expression[1]][evaluate(expression[2], memory)]
    return list(expression[1:]) if op == "list" else SUMMARISE[op](memory[expression[1]])


def _read(expression: Expression, memory: Memory, reads: dict[str, Any]) -> None:
    """Put the names that an expression reads, and their values now, into `reads`."""
    if isinstance(expression, str):
        held = memory[expression]
        reads[expression] = list(held) if isinstance(held, list) else held
    elif isinstance(expression, list):
        for part in expression[1:]:
            if not isinstance(part, int):
                _read(part, memory, reads)


def run(code: list[Statement], most: int) -> list[Event]:
    """What happens, in order. Raises TooLongError after more than `most` events."""
    running = _Run(most)
    running.block(code)
    return running.events


@dataclass
class _Run:
    most: int
    memory: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def note(self, at: Statement, kind: str, value: Any, expression: Expression, turn: int = 0) -> None:
        if len(self.events) >= self.most:
            raise TooLongError(f"more than {self.most} steps")
        name = at.get("name", "")
        reads = {} if kind not in ("store", "append") else {name: list(self.memory[name])}
        _read(expression, self.memory, reads)
        self.events.append(Event(at["line"], kind, name, value, reads, expression, turn))
        if name:
            self.memory[name] = list(value) if isinstance(value, list) else value

    def block(self, code: list[Statement]) -> bool:
        """Run the statements; True after a break."""
        for at in code:
            kind = at["do"]
            if kind == "break":
                return True
            if kind in ("for", "while"):
                self._loop(at, kind)
            elif kind == "if":
                holds = self._test(at)
                if self.block(at["body"] if holds else at.get("else", [])):
                    return True
            else:
                held = self.memory.get(at.get("name", ""))
                self.note(at, kind, _changed(at, held, self.memory), _read_by(at))
        return False

    def _test(self, at: Statement) -> bool:
        holds = bool(evaluate(at["test"], self.memory))
        self.note(at, "test", holds, at["test"])
        return holds

    def _loop(self, at: Statement, kind: str) -> None:
        if kind == "while":
            while self._test(at):
                if self.block(at["body"]):
                    break
            return
        for turn, value in enumerate(_turns(at, self.memory)):
            self.note(at, "loop", value, _read_by(at), turn)
            if self.block(at["body"]):
                break


def _turns(at: Statement, memory: Memory) -> list[int]:
    """The values that the variable of a for loop takes."""
    over = at["over"]
    return list(memory[over] if isinstance(over, str) else range(*(evaluate(end, memory) for end in over)))


def _read_by(at: Statement) -> Expression:
    """All that a statement reads, as one expression."""
    if at["do"] == "for":
        return at["over"] if isinstance(at["over"], str) else ["range", *at["over"]]
    if at["do"] == "store":
        return ["store", at["place"], at["expression"]]
    return at["expression"]


def _changed(at: Statement, held: Any, memory: Memory) -> Any:
    """What a statement gives; for store and append, the list that `held` becomes."""
    value = evaluate(at["expression"], memory)
    if at["do"] == "append":
        return [*held, value]
    if at["do"] == "store":
        place = evaluate(at["place"], memory)
        return [*held[:place], value, *held[place + 1 :]]
    return value


def _statement(code: list[Statement], line: int) -> Statement:
    """The statement on a line."""
    at = next(at for at in reversed(code) if at["line"] <= line)
    if at["line"] == line:
        return at
    otherwise = at.get("else")
    return _statement(otherwise if otherwise and otherwise[0]["line"] <= line else at["body"], line)


def _execute(scene: Scene, *values: Any, line: int, names: list[str]) -> Any:
    """One statement, from the values of the names that it reads."""
    at, memory = _statement(scene["code"], line), dict(zip(names, values, strict=True))
    return evaluate(at["test"], memory) if "test" in at else _changed(at, memory.get(at.get("name", "")), memory)


def _enter(scene: Scene, *values: Any, line: int, names: list[str], turn: int) -> int:
    """The value that the variable of a for loop takes in a round."""
    return _turns(_statement(scene["code"], line), dict(zip(names, values, strict=True)))[turn]


_GIVES = {"assign": "integer", "store": "list", "append": "list", "test": "truth", "print": "integer"}
_ALONE = {"assign": "constant", "loop": "count", "make": "make"}  # operations of statements that read nothing
OPS: dict[str, Op] = {
    **{kind: Op(_execute, ("any", "..."), gives) for kind, gives in _GIVES.items()},
    "loop": Op(_enter, ("any", "..."), "integer"),
    "constant": Op(_execute, (), "integer"),
    "count": Op(_enter, (), "integer"),
    "make": Op(_execute, (), "list"),
}


def record(program: Program, events: list[Event]) -> list[int]:
    """Write the events down as steps of the program; returns the place of each."""
    holds: dict[str, int] = {}
    places = []
    for event in events:
        args: dict[str, Any] = {"line": event.line, "names": list(event.reads)}
        if event.kind == "loop":
            args["turn"] = event.turn
        op = event.kind if event.reads else _ALONE[event.kind]
        places.append(program.do(op, *(holds[name] for name in event.reads), **args))
        if event.name:
            holds[event.name] = places[-1]
    return places


def told(event: Event) -> str:
    """An event in the notation of the code: s = 12 + 3 = 15."""
    if event.kind == "loop":
        return f"{event.name} = {event.value}"
    if event.kind in ("make", "append", "store"):
        return f"{event.name} = {event.value}"
    worked = written(event.expression, event.reads)
    if event.kind == "test":
        return f"{worked} is {str(event.value).lower()}"
    left = f"{event.name} = " if event.name else "print "
    return f"{left}{worked}" if worked in (str(event.value), f"({event.value})") else f"{left}{worked} = {event.value}"
