"""A table of numbers whose rows follow one rule, with three entries missing in different columns."""

from __future__ import annotations

from collections.abc import Mapping

from data_synth.answers import Answer
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.style import pick_look
from data_synth.rng import Rng

Row = list[int]

WEIGHTS = range(1, 6)
LARGEST = (0, 0, 12, 25, 50)  # of the first two columns
MISSING = {"A": (2, 2), "B": (3, 1), "C": (4, 0)}  # row and column
_TRIES = 40

ASK = (
    "Which numbers belong at A, B and C?",
    "Find the entries of the table that A, B and C stand for.",
    "What are the entries A, B and C of this table?",
    "Work out the three missing entries A, B and C.",
    "Fill in the table: which numbers are A, B and C?",
    "Give the table entries that the letters A, B and C replace.",
    "The letters A, B and C hide entries of the table. State them.",
    "Determine A, B and C from the complete rows of the table.",
)
RULE = (
    "In every row the third number is p times the first plus q times the second; p and q are whole numbers from 1 to 5 "
    "and the same in all rows."
)
_SEEN = (
    "I see the rows {}.",
    "The rows of the table: {}.",
    "I read, row by row, {}.",
    "The picture shows a table with the rows {}.",
    "What I see: a table, {}.",
    "There are five rows: {}.",
)
_FIND = (
    "I look for p and q that give {0} and {1} in the first two rows: p is {2} and q is {3}.",
    "With p = {2} and q = {3} the first two rows come out as {0} and {1}.",
    "Only p = {2} with q = {3} makes both {0} and {1} in the complete rows.",
    "From the complete rows, which give {0} and {1}, p must be {2} and q must be {3}.",
    "The rows with {0} and {1} fix p as {2} and q as {3}.",
    "Two complete rows are enough: {0} and {1} need p = {2}, q = {3}.",
)
_CHECK = (
    "Check: both complete rows fit this rule.",
    "The rule gives the complete rows as they are.",
    "With these entries all five rows follow the rule.",
    "All rows that are complete agree.",
    "Put in place, A, B and C fit the rule.",
    "Nothing in the table disagrees.",
)
_WRONG = "One row alone does not settle the rule: several p and q would fit it, so I need both complete rows."


def weights(one: Row, other: Row) -> tuple[int, int]:
    """p and q with p a + q b = c in both rows (Cramer's rule)."""
    (a, b, c), (d, e, f) = one, other
    base = a * e - b * d
    return (c * e - b * f) // base, (a * f - c * d) // base


def _entry(scene: Scene, pair: list[int], *, name: str) -> int:
    (row, column), (p, q) = MISSING[name], pair
    a, b, c = scene["rows"][row]
    return (p * a + q * b, (c - p * a) // q, (c - q * b) // p)[2 - column]


OPS: Mapping[str, Op] = {
    "weights": Op(lambda scene: list(weights(*scene["rows"][:2])), (), "pair"),
    "entry": Op(_entry, ("pair",), "integer"),
    "tuple": ARITHMETIC["tuple"],
}


def fitting_weights(rows: list[Row]) -> list[tuple[int, int]]:
    """All p and q that the question allows and that fit these rows."""
    return [(p, q) for p in WEIGHTS for q in WEIGHTS if all(p * a + q * b == c for a, b, c in rows)]


def ask(rng: Rng, level: int) -> Parts | None:
    rows = _rows(rng, level)
    if rows is None:
        return None
    scene: Scene = {"kind": "table", "form": "table", "style": pick_look(rng), "rows": rows}
    program = Program(OPS, scene)
    pair = program.do("weights")
    program.do("tuple", *(program.do("entry", pair, name=name) for name in MISSING))
    return Parts(
        question=rng.choice(ASK),
        rules=RULE,
        form="(A, B, C)",
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"numbers": 12},
        canon=["table", rows],
    )


def _rows(rng: Rng, level: int) -> list[Row] | None:
    """Five rows; what is missing in the last three stands as 0."""
    most = LARGEST[level]
    for _ in range(_TRIES):
        p, q = rng.choice(WEIGHTS), rng.choice(WEIGHTS)
        pairs = [(rng.between(1, most), rng.between(1, most)) for _ in range(5)]
        rows = [[a, b, p * a + q * b] for a, b in pairs]
        (a, b, _), (d, e, _) = rows[:2]
        if (p, q) != (1, 1) and a * e != b * d and len(fitting_weights(rows[:1])) > 1:
            for row, column in MISSING.values():
                rows[row][column] = 0
            return rows
    return None


def solve(scene: Scene, level: int) -> tuple[int, ...]:
    """By trying all p and q, and then all numbers, until every row fits."""
    rows = scene["rows"]
    ((p, q),) = fitting_weights(rows[:2])
    found = []
    for row, column in MISSING.values():
        for value in range(1, 10 * LARGEST[level] + 1):
            a, b, c = [value if n == column else number for n, number in enumerate(rows[row])]
            if p * a + q * b == c:
                found.append(value)
                break
    return tuple(found)


def explain(item: Item, variant: int) -> list[str]:
    rows, (p, q) = item.scene["rows"], item.program[0].value
    shown = [list(map(str, row)) for row in rows]
    for name, (row, column) in MISSING.items():
        shown[row][column] = name
    says = [_SEEN[variant].format("; ".join(", ".join(row) for row in shown))]
    if variant % 2:
        says.append(_WRONG)
    (first, second, _), (third, _, total), (_, other, whole) = rows[2:]
    a, b, c = item.answer.value
    return [
        *says,
        _FIND[variant].format(rows[0][2], rows[1][2], p, q),
        *(f"{_mixed(p, x, q, y)}." for x, y, _ in rows[:2]),
        f"A: {_mixed(p, first, q, second)}.",
        f"B: {p} x {third} = {p * third}, {total} - {p * third} = {q * b}, and B is {q * b} / {q} = {b}.",
        f"C: {q} x {other} = {q * other}, {whole} - {q * other} = {p * c}, and C is {p * c} / {p} = {c}.",
        _CHECK[variant],
    ]


def _mixed(p: int, a: int, q: int, b: int) -> str:
    """p a + q b, calculated in words."""
    return f"{p} x {a} = {p * a}, {q} x {b} = {q * b}, and {p * a} + {q * b} = {p * a + q * b}"
