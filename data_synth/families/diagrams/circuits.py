"""Circuits: the resistance of a network or the current through it, and the outputs of logic gates."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import count as counter
from typing import Any

from data_synth import exact_number
from data_synth.answers import Answer
from data_synth.families.diagrams.circuit_figure import draw_gates, draw_network, fits_page, size_of
from data_synth.families.diagrams.circuit_words import ASK, CHECK, LAW, PLAN, SEEN, WRONG
from data_synth.item import Item, Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_look
from data_synth.rng import Rng

Tree = dict[str, Any]  # a resistor {"ohms"}, a group {"kind", "parts"}, an input {"pin"} or a gate {"kind", "parts"}
FORMS = (
    ("ohms", "gates"),
    ("ohms", "gates"),
    ("ohms", "amps", "gates"),
    ("ohms", "amps", "gates"),
    ("ohms", "amps", "gates"),
)
RESISTORS = ((3, 3), (3, 4), (4, 5), (5, 6), (7, 8))
OHMS = (99, 99, 36, 24, 20)
LEAVES = ((3, 3), (4, 4), (5, 5), (6, 6), (7, 7))  # of a gate tree
GATES = (("AND", "OR"), ("AND", "OR", "XOR"), ("AND", "OR", "XOR", "NAND"), *[("AND", "OR", "XOR", "NAND", "NOR")] * 2)
PINS = ("PQR", "PQR", "PQRS", "PQRS", "PQRS")
ROWS = 8


class Circuits:
    """Analyse circuits."""

    name = "circuits"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        "resistor": Op(lambda scene, *, at: str(scene["ohms"][at]), (), "fraction"),
        "series": Op(
            lambda scene, *parts: str(sum(map(Fraction, parts), Fraction(0))), ("fraction", "..."), "fraction"
        ),
        "parallel": Op(
            lambda scene, *parts: str(1 / sum(1 / Fraction(p) for p in parts)), ("fraction", "..."), "fraction"
        ),
        "exact": Op(lambda scene, a: exact_number.write(exact_number.term(Fraction(a))), ("fraction",), "expression"),
        "current": Op(
            lambda scene, a: exact_number.write(exact_number.term(scene["volts"] / Fraction(a))),
            ("fraction",),
            "expression",
        ),
        "pin": Op(lambda scene, *, at: _column(scene, at), (), "bits"),
        "gate": Op(lambda scene, a, b, *, kind: _combine(kind, a, b), ("bits", "bits"), "bits"),
        "bits": Op(lambda scene, a: a, ("bits",), "word"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        scene = _gates(rng, level) if form == "gates" else _network(rng, level)
        if scene is None:
            return None
        scene |= {
            "form": form,
            "style": pick_look(rng),
            "colour": rng.choice(("blue", "green", "purple", "orange")),
        }
        program = Program(self.ops, scene)
        if form == "gates":
            program.do("bits", _run_gates(program, scene["tree"]))
        else:
            total = _run_network(program, scene["tree"], counter())
            program.do("current" if form == "amps" else "exact", total)
        value = program.value()
        if form == "gates" and not 2 <= value.count("1") <= ROWS - 2:
            return None
        if form != "gates" and Fraction(value).denominator > 400:
            return None
        asked = (scene["pins"], ", ".join(scene["rows"])) if form == "gates" else ()
        return Parts(
            question=rng.choice(ASK[form]).format(*asked),
            rules=""
            if form == "gates"
            else "Numbers are ohms; lines have no resistance."
            + (" The answer is exact, a fraction if need be." if level else ""),
            form="bits" if form == "gates" else "exact number",
            answer=Answer("word" if form == "gates" else "expression", value),
            scene=scene,
            program=tuple(program.steps),
            features={"parts": len(scene.get("ohms", [])) or LEAVES[level][0]},
            canon=[form, scene["tree"], scene.get("rows", scene.get("volts") if form == "amps" else 0)],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_gates(item.scene, size) if item.scene["form"] == "gates" else draw_network(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Kirchhoff's current law at every node, solved as a linear system; for gates, each row by itself."""
        scene = item.scene
        if scene["form"] == "gates":
            rows = [dict(zip(scene["pins"], map(int, row), strict=True)) for row in scene["rows"]]
            return "".join(str(int(_true(scene["tree"], row))) for row in rows)
        ohms = _by_nodes(scene["tree"])
        value = scene["volts"] / ohms if scene["form"] == "amps" else ohms
        return str(value)

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        kind = "gates" if scene["form"] == "gates" else "net"
        says = [SEEN[variant].format(_described(scene)), PLAN[kind][variant]]
        if variant % 2 and item.level >= 2:
            says.append(WRONG[kind])
        if kind == "gates":
            for pin in sorted(set(_pins_of(scene["tree"]))):
                says.append(f"{pin}: {_column(scene, pin)}.")
            _say_gates(scene, scene["tree"], says)
        else:
            if item.level < 2:
                says.append(LAW)
            total = _say_network(scene["tree"], says)
            if scene["form"] == "amps":
                says.append(f"The current is {scene['volts']} / {total}, that is {item.answer.value}.")
        return [*says, CHECK[kind][variant].format(*(_first_row(scene) if kind == "gates" else ()))]


# ----------------------------------------------------------------------------------------------------------- resistors


def _network(rng: Rng, level: int) -> Scene | None:
    """Series and parallels in turn, at least one of each from level 1 on; it must fit the page."""
    total = rng.between(*RESISTORS[level])
    if level == 0:
        tree = _plain(rng)
    else:
        tree = _group(rng, total, rng.choice(("series", "parallel")), OHMS[level])
    if level and not any("kind" in part for part in tree["parts"]) or not fits_page(size_of(tree)):
        return None
    ohms: list[int] = []
    _collect(tree, ohms)
    return {"tree": tree, "ohms": ohms, "volts": rng.between(3, 60)}


def _plain(rng: Rng) -> Tree:
    """Three or four resistors in series, or two in parallel with a simple ratio."""
    count = rng.choice((2, 3, 3, 4, 4))
    if count > 2:
        return {"kind": "series", "parts": [{"ohms": rng.between(1, 199 if count == 3 else 99)} for _ in range(count)]}
    unit = rng.between(2, 40)
    return {"kind": "parallel", "parts": [{"ohms": unit * rng.between(1, 25)} for _ in range(2)]}


def _group(rng: Rng, total: int, kind: str, most: int) -> Tree:
    """A series or parallel of `total` resistors in all, in two or three parts, which alternate in kind."""
    if total == 1:
        return {"ohms": rng.between(1, most)}
    sizes = [1] * min(total, rng.between(2, 3))
    for _ in range(total - len(sizes)):
        sizes[rng.randrange(len(sizes))] += 1
    other = "parallel" if kind == "series" else "series"
    return {"kind": kind, "parts": [_group(rng, size, other, most) for size in sizes]}


def _collect(tree: Tree, ohms: list[int]) -> None:
    if "ohms" in tree:
        ohms.append(tree["ohms"])
    for part in tree.get("parts", []):
        _collect(part, ohms)


def _run_network(program: Program, tree: Tree, places: Any) -> int:
    if "ohms" in tree:
        return program.do("resistor", at=next(places))
    return program.do(tree["kind"], *[_run_network(program, part, places) for part in tree["parts"]])


def _say_network(tree: Tree, says: list[str]) -> Fraction:
    if "ohms" in tree:
        return Fraction(tree["ohms"])
    parts = [_say_network(part, says) for part in tree["parts"]]
    if tree["kind"] == "series":
        value = sum(parts, Fraction(0))
        says.append(f"In series: {' + '.join(map(str, parts))} = {value}.")
        return value
    reciprocals = [1 / part for part in parts]
    value = 1 / sum(reciprocals, Fraction(0))
    listed = " + ".join(map(str, reciprocals))
    says.append(f"In parallel {' and '.join(map(str, parts))}: the reciprocals {listed} = {1 / value}, so {value}.")
    return value


def _by_nodes(tree: Tree) -> Fraction:
    """Resistance between the ends: one ampere goes in at node 0 and out at node 1, which is at 0 volts."""
    edges: list[tuple[int, int, Fraction]] = []
    fresh = counter(2)

    def wire(part: Tree, start: int, end: int) -> None:
        if "ohms" in part:
            edges.append((start, end, Fraction(1, part["ohms"])))
        elif part["kind"] == "parallel":
            for inner in part["parts"]:
                wire(inner, start, end)
        else:
            nodes = [start, *(next(fresh) for _ in part["parts"][1:]), end]
            for inner, a, b in zip(part["parts"], nodes, nodes[1:], strict=False):
                wire(inner, a, b)

    wire(tree, 0, 1)
    unknown = sorted({node for a, b, _ in edges for node in (a, b)} - {1})
    rows = [[Fraction(0)] * len(unknown) + [Fraction(int(node == 0))] for node in unknown]
    for a, b, conductance in edges:
        for here, there in ((a, b), (b, a)):
            if here in unknown:
                rows[unknown.index(here)][unknown.index(here)] += conductance
                if there in unknown:
                    rows[unknown.index(here)][unknown.index(there)] -= conductance
    for column in range(len(unknown)):
        pivot = next(r for r in range(column, len(rows)) if rows[r][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for r in range(len(rows)):
            if r != column:
                rows[r] = [x - rows[r][column] * y for x, y in zip(rows[r], rows[column], strict=True)]
    return rows[unknown.index(0)][-1]


def _described(scene: Scene) -> str:
    if scene["form"] == "gates":
        return f"gates that compute {_formula(scene['tree'])}"
    source = f", on a source of {scene['volts']} V" if scene["form"] == "amps" else ""
    return f"{_words(scene['tree'])}{source}"


def _words(tree: Tree) -> str:
    if "ohms" in tree:
        return f"{tree['ohms']}"
    inner = ", ".join(_words(part) if "ohms" in part else f"({_words(part)})" for part in tree["parts"])
    return f"{inner} in {tree['kind']}"


# --------------------------------------------------------------------------------------------------------------- gates


def _gates(rng: Rng, level: int) -> Scene | None:
    """A tree of gates over input pins, each of which may occur several times; some rows of the truth table."""
    pins = PINS[level]
    tree = _gate(rng, rng.between(*LEAVES[level]), level)
    used = _pins_of(tree)
    if set(used) != set(pins[: len(set(used))]) or len(set(used)) < 3:
        return None
    pins = "".join(sorted(set(used)))
    rows = [format(number, f"0{len(pins)}b") for number in range(2 ** len(pins))]
    return {"tree": tree, "pins": pins, "rows": rng.sample(rows, ROWS)}


def _gate(rng: Rng, leaves: int, level: int) -> Tree:
    if leaves == 1:
        return {"pin": rng.choice(PINS[level])}
    left = rng.between(max(1, leaves // 3), leaves - max(1, leaves // 3))
    return {"kind": rng.choice(GATES[level]), "parts": [_gate(rng, left, level), _gate(rng, leaves - left, level)]}


def _pins_of(tree: Tree) -> list[str]:
    return [tree["pin"]] if "pin" in tree else [pin for part in tree["parts"] for pin in _pins_of(part)]


def _column(scene: Scene, pin: str) -> str:
    place = scene["pins"].index(pin)
    return "".join(row[place] for row in scene["rows"])


def _combine(kind: str, a: str, b: str) -> str:
    """Bits of a gate, from those of its inputs, as numbers in base two."""
    full, x, y = 2 ** len(a) - 1, int(a, 2), int(b, 2)
    plain = {"AND": x & y, "NAND": x & y, "OR": x | y, "NOR": x | y, "XOR": x ^ y}[kind]
    return format(full - plain if kind in ("NAND", "NOR") else plain, f"0{len(a)}b")


def _run_gates(program: Program, tree: Tree) -> int:
    if "pin" in tree:
        return program.do("pin", at=tree["pin"])
    return program.do("gate", *[_run_gates(program, part) for part in tree["parts"]], kind=tree["kind"])


def _say_gates(scene: Scene, tree: Tree, says: list[str]) -> str:
    if "pin" in tree:
        return _column(scene, tree["pin"])
    a, b = (_say_gates(scene, part, says) for part in tree["parts"])
    bits = _combine(tree["kind"], a, b)
    says.append(f"{_formula(tree)}: {a} {tree['kind']} {b} = {bits}.")
    return bits


def _first_row(scene: Scene) -> tuple[str, int, int]:
    """The bits of the pins in the first row, the output for them, and how many rows there are."""
    bits = dict(zip(scene["pins"], map(int, scene["rows"][0]), strict=True))
    return ", ".join(f"{pin} = {bit}" for pin, bit in bits.items()), int(_true(scene["tree"], bits)), ROWS


def _formula(tree: Tree) -> str:
    if "pin" in tree:
        return str(tree["pin"])
    a, b = (_formula(part) if "pin" in part else f"({_formula(part)})" for part in tree["parts"])
    return f"{a} {tree['kind']} {b}"


def _true(tree: Tree, row: dict[str, int]) -> bool:
    if "pin" in tree:
        return row[tree["pin"]] == 1
    a, b = (_true(part, row) for part in tree["parts"])
    match tree["kind"]:
        case "AND":
            return a and b
        case "OR":
            return a or b
        case "XOR":
            return a != b
        case "NAND":
            return not (a and b)
    return not a and not b
