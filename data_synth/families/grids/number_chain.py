"""Two chains of numbers, each with a rule of its own and one number missing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from data_synth.answers import Answer
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.style import pick_look
from data_synth.rng import Rng

Chain = list[int]

KINDS = (("add",), ("grow",), ("linear", "grow"), ("linear", "fibonacci"), ("linear", "fibonacci"))
LENGTH = {"add": 6, "grow": 6, "linear": 6, "fibonacci": 7}
LARGEST = 999
FACTORS, SHIFTS, PARTS = range(1, 5), range(-20, 21), range(1, 4)
NAMES = ("A", "B")
_TRIES = 60

ASK = (
    "Which numbers belong at A and B?",
    "Find the numbers that A and B stand for.",
    "What are A and B?",
    "Work out the two missing numbers A and B.",
    "Continue the rule of each chain: which numbers are A and B?",
    "Give the numbers that the letters A and B replace.",
    "The letters A and B hide numbers. State them.",
    "Determine A and B from the other numbers in their chains.",
)
RULES = {
    "add": "the same number is added each time (or subtracted)",
    "grow": "what is added from one number to the next grows or shrinks by the same amount each time",
    "linear": "each number is p times the one before it plus q, p a whole number from 1 to 4 and q one from -20 to 20",
    "fibonacci": "each number from the third on is p times the one before it plus q times the one before that, with p "
    "and q from 1 to 3",
}
_SEEN = (
    "I see {}.",
    "The numbers: {}.",
    "I read {}.",
    "The picture shows {}.",
    "What I see: {}.",
    "There are {}.",
)
_CHECK = (
    "Check: all other numbers follow too.",
    "This fits every number shown.",
    "Tried on the other numbers, it holds.",
    "All numbers that are shown agree.",
    "Going through from the start, nothing disagrees.",
    "Each number shown follows, so this is right.",
)
_WRONG = "The first difference alone proves nothing: a rule has to fit every number, so I test it further on."


def grown(kind: str, start: Chain, p: int, q: int, length: int) -> Chain:
    """A chain from its first one or two numbers. add, grow: p is what is added first, q by how much that grows."""
    chain = list(start)
    while len(chain) < length:
        n = len(chain)
        if kind == "fibonacci":
            chain.append(p * chain[-1] + q * chain[-2])
        elif kind == "linear":
            chain.append(p * chain[-1] + q)
        else:
            chain.append(chain[-1] + p + q * (n - 1))
    return chain


def parameters(kind: str, chain: Chain) -> tuple[int, int]:
    """p and q from the first numbers of a chain: three, or four of a fibonacci one."""
    a, b, c, d = chain[:4]
    if kind == "add":
        return b - a, 0
    if kind == "grow":
        return b - a, (c - b) - (b - a)
    if kind == "linear":
        p = (c - b) // (b - a)
        return p, b - p * a
    base = b * b - a * c  # p b + q a = c and p c + q b = d, by Cramer's rule
    return (c * b - a * d) // base, (b * d - c * c) // base


def _next(scene: Scene, pair: list[int], *, chain: int) -> int:
    """The missing number of a chain from those before it."""
    link = scene["chains"][chain]
    before, kind, (p, q) = link["numbers"][: link["missing"]], link["rule"], pair
    return grown(kind, before[: 2 if kind == "fibonacci" else 1], p, q, link["missing"] + 1)[-1]


OPS: Mapping[str, Op] = {
    "rule": Op(
        lambda scene, *, chain: list(parameters(scene["chains"][chain]["rule"], scene["chains"][chain]["numbers"])),
        (),
        "pair",
    ),
    "next": Op(_next, ("pair",), "integer"),
    "tuple": ARITHMETIC["tuple"],
}  # fmt: skip


def ask(rng: Rng, level: int) -> Parts | None:
    chains = [_chain(rng, kind, level) for kind in (rng.choice(KINDS[level]), rng.choice(KINDS[level]))]
    if None in chains:
        return None
    scene: Scene = {"kind": "chains", "form": "chains", "style": pick_look(rng), "chains": chains}
    program = Program(OPS, scene)
    program.do("tuple", *(program.do("next", program.do("rule", chain=n), chain=n) for n in (0, 1)))
    return Parts(
        question=rng.choice(ASK),
        rules=f"In each chain {'; or '.join(RULES[kind] for kind in KINDS[level])}.",
        form="(A, B)",
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"numbers": sum(len(chain["numbers"]) for chain in chains if chain)},
        canon=["chains", [[chain["numbers"], chain["missing"]] for chain in chains if chain]],
    )


def _chain(rng: Rng, kind: str, level: int) -> dict[str, Any] | None:
    """A chain with numbers that differ enough for its rule to be told; what is missing stands as 0."""
    length = LENGTH[kind]
    for _ in range(_TRIES):
        if kind == "fibonacci":
            start, p, q = [rng.between(1, 12), rng.between(1, 12)], rng.choice(PARTS), rng.choice(PARTS)
        elif kind == "linear":
            start, p, q = [rng.between(1, 30)], rng.between(2, 3), rng.choice(SHIFTS)
        else:
            limit = 30 if kind == "add" else 40
            start, p, q = [rng.between(1, 200)], rng.between(-limit, limit), rng.between(-9, 9)
            q = 0 if kind == "add" else q
            if p == 0 or (kind == "grow" and q == 0):
                continue
        chain = grown(kind, start, p, q, length)
        first = 4 if kind in ("fibonacci", "linear") else length - 1
        missing = rng.between(first, length - 1) if level == 4 else length - 1
        shown = [*chain[:missing], None, *chain[missing + 1 :]]
        if min(chain) >= 0 and max(chain) <= LARGEST and _telling(kind, chain) and _alone(shown, level):
            numbers = [0 if n == missing else number for n, number in enumerate(chain)]
            return {"rule": kind, "numbers": numbers, "missing": missing}
    return None


def _telling(kind: str, chain: Chain) -> bool:
    """Whether the first numbers give the rule away without a division by zero."""
    if kind == "linear":
        return chain[0] != chain[1]
    return kind != "fibonacci" or chain[1] * chain[1] != chain[0] * chain[2]


def _alone(shown: list[int | None], level: int) -> bool:
    """Whether all rules that the question allows give the same missing number."""
    return len(candidates(shown, level)) == 1


def candidates(shown: list[int | None], level: int) -> set[int]:
    """The missing number by every rule of the level that fits the numbers shown, by trying all p and q."""
    missing, known = shown.index(None), [number if number is not None else 0 for number in shown]
    found = set()
    for kind in KINDS[level]:
        lead = 2 if kind == "fibonacci" else 1
        step = known[1] - known[0]
        for p, q in {
            "add": [(step, 0)],
            "grow": [(step, q) for q in range(-60, 61)],
            "linear": [(p, known[1] - p * known[0]) for p in FACTORS if known[1] - p * known[0] in SHIFTS],
            "fibonacci": [(p, q) for p in PARTS for q in PARTS if p * known[1] + q * known[0] == known[2]],
        }[kind]:
            chain = grown(kind, known[:lead], p, q, len(known))
            if all(a == b for n, (a, b) in enumerate(zip(chain, known, strict=True)) if n != missing):
                found.add(chain[missing])
    return found


def solve(scene: Scene, level: int) -> tuple[int, ...]:
    """By trying every number: only one makes a whole chain that keeps to a rule."""
    found = []
    for link in scene["chains"]:
        numbers, missing = link["numbers"], link["missing"]
        kinds = [kind for kind in KINDS[level] if follows(kind, numbers[:missing])]
        filled = ([*numbers[:missing], value, *numbers[missing + 1 :]] for value in range(LARGEST + 1))
        (only,) = (chain[missing] for chain in filled if any(follows(kind, chain) for kind in kinds))
        found.append(only)
    return tuple(found)


def follows(kind: str, chain: Chain) -> bool:
    """Whether a chain keeps to a rule of this kind, told by its differences or by trying p and q."""
    pairs = list(pairwise(chain))
    if kind == "linear":
        return any(len(left := {b - p * a for a, b in pairs}) == 1 and left <= set(SHIFTS) for p in FACTORS)
    if kind == "fibonacci":
        return any(all(c == p * b + q * a for (a, b), (_, c) in pairwise(pairs)) for p in PARTS for q in PARTS)
    steps = [b - a for a, b in pairs]
    return len(set(steps if kind == "add" else [b - a for a, b in pairwise(steps)])) == 1


def explain(item: Item, variant: int) -> list[str]:
    chains, shown = item.scene["chains"], []
    for link, name in zip(chains, NAMES, strict=True):
        shown.append(", ".join(name if n == link["missing"] else str(v) for n, v in enumerate(link["numbers"])))
    says = [_SEEN[variant].format(f"the chains {'; '.join(shown)}")]
    if variant % 2 and item.level >= 2:
        says.append(_WRONG)
    pairs = [step.value for step in item.program if step.type == "pair"]
    for link, pair, value, name in zip(chains, pairs, item.answer.value, NAMES, strict=True):
        says += _say_chain(link, pair, value, name)
    return [*says, _CHECK[variant]]


def _say_chain(link: dict[str, Any], pair: list[int], value: int, name: str) -> list[str]:
    numbers, missing, (p, q) = link["numbers"], link["missing"], pair
    a, b, c, d = numbers[:4]
    last = numbers[missing - 1]
    if link["rule"] == "add":
        return [f"{b} - {a} = {p} and {c} - {b} = {p}, so {name}: {_plus(last, p)} = {value}."]
    if link["rule"] == "grow":
        steps = [y - x for x, y in zip(numbers, numbers[1:missing], strict=False)]
        step = value - last
        return [
            f"The differences are {', '.join(map(str, steps))}; they change by {q} each time, so the next is {step}.",
            f"{name}: {_plus(last, step)} = {value}.",
        ]
    if link["rule"] == "linear":
        return [
            f"From {a} to {b} and on to {c}, the differences are {b - a} and {c - b}, so p is {p}.",
            f"{_plus(p * a, q)} = {b}, so q is {q}.",
            f"{name}: {p} x {last} = {p * last}, and {_plus(p * last, q)} = {value}.",
        ]
    before = numbers[missing - 2]
    return [
        f"{c} is p times {b} and q times {a}, {d} is p times {c} and q times {b}; so p is {p} and q is {q}.",
        f"{name}: {p} x {last} = {p * last}, {q} x {before} = {q * before}, {p * last} + {q * before} = {value}.",
    ]


def _plus(number: int, step: int) -> str:
    return f"{number} + {step}" if step >= 0 else f"{number} - {-step}"
