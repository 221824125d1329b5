"""Programs of typed operations over a scene: how an answer is reached, step by step, and the replay that proves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Scene = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Op:
    """One operation. `run(scene, *inputs, **args)` is pure; a `takes` that ends in "..." repeats its last type."""

    run: Callable[..., Any]
    takes: tuple[str, ...]
    gives: str


@dataclass(frozen=True, slots=True)
class Step:
    """One executed operation: `inputs` are positions of earlier steps, `value` is what it gave (JSON-able)."""

    op: str
    inputs: tuple[int, ...]
    args: dict[str, Any]
    type: str
    value: Any


ARITHMETIC: dict[str, Op] = {
    "number": Op(lambda scene, *, value: value, (), "integer"),
    "add": Op(lambda scene, a, b: a + b, ("integer", "integer"), "integer"),
    "subtract": Op(lambda scene, a, b: a - b, ("integer", "integer"), "integer"),
    "multiply": Op(lambda scene, a, b: a * b, ("integer", "integer"), "integer"),
    "times": Op(lambda scene, a, *, by: by * a, ("integer",), "integer"),
    "sum": Op(lambda scene, *terms: sum(terms), ("integer", "..."), "integer"),
    "tuple": Op(lambda scene, *parts: list(parts), ("any", "..."), "tuple"),
}


@dataclass
class Program:
    """Builds a program by running it: every `do` executes one operation and records its value."""

    ops: Mapping[str, Op]
    scene: Scene
    steps: list[Step] = field(default_factory=list)

    def do(self, op: str, *inputs: int, **args: Any) -> int:
        """Run `op` on the values of earlier steps; returns the position of the new step.

        Raises TypeError if the types do not fit, KeyError for an unknown operation.
        """
        operation = self.ops[op]
        check_types(op, operation.takes, [self.steps[i].type for i in inputs])
        value = operation.run(self.scene, *(self.steps[i].value for i in inputs), **args)
        self.steps.append(Step(op, inputs, args, operation.gives, value))
        return len(self.steps) - 1

    def value(self, step: int = -1) -> Any:
        return self.steps[step].value


def check_types(op: str, takes: tuple[str, ...], given: list[str]) -> None:
    """Raise TypeError unless the given value types fit what the operation takes."""
    wanted = list(takes)
    if wanted and wanted[-1] == "...":
        wanted = (wanted[:-1] + [wanted[-2]] * len(given))[: max(len(given), len(wanted) - 1)]
    if len(wanted) != len(given) or any(w not in (g, "any") for w, g in zip(wanted, given, strict=False)):
        raise TypeError(f"operation {op} takes {takes}, got {tuple(given)}")


def replay(ops: Mapping[str, Op], scene: Scene, steps: tuple[Step, ...]) -> Any:
    """Execute the steps again from the scene alone; returns the last value.

    Raises ValueError if a step's recorded value is not what its operation gives.
    """
    program = Program(ops, scene)
    for position, step in enumerate(steps):
        program.do(step.op, *step.inputs, **step.args)
        if program.value() != step.value:
            raise ValueError(f"step {position} ({step.op}) gives {program.value()!r}, the program says {step.value!r}")
    return program.value()
