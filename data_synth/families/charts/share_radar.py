"""Radar charts: one or two polygons on spokes with rings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.palette import COLOURS, FAINT
from data_synth.render.shades import draw_key
from data_synth.render.style import figure_look
from data_synth.rng import Rng

SPOKES = ("art", "chess", "dance", "golf", "judo", "latin", "law", "maths", "music", "rugby", "ski", "swim", "tennis",
          "yoga")  # fmt: skip
PEOPLE = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Hana", "Ivo", "Jane", "Leo", "Mia", "Nils", "Olga", "Rui", "Zoe")
INKS = ("blue", "red", "green", "purple", "orange")
COUNT = ((5, 5), (5, 6), (6, 7), (6, 7), (7, 8))
RINGS, RING, CENTRE = 5, 26, (192, 196)  # rings, design units between two, middle of the page
FORMS: Mapping[str, str] = {"read": "n", "lead": "(spoke, n)", "totals": "(a, b)"}
WORTHS = ((3, 4, 5, 6), (3, 4, 5, 6, 7, 8), (2, 4, 6, 10, 20), (2, 4, 6, 10, 20), (2, 4, 10, 20, 50))  # of a ring
WRONG = "Comparing the areas of the polygons would be wrong: only the points on the spokes count."
ASK: Mapping[str, tuple[str, ...]] = {
    "read": (
        "What is {0}?",
        "Compute {0}.",
        "Work out {0}.",
        "Find {0}.",
        "How much is {0}?",
        "Calculate {0}.",
        "Read the chart and give {0}.",
        "Evaluate {0}.",
    ),
    "lead": (
        "On which spoke is {0} furthest above {1}, and by how much?",
        "Where does {0} exceed {1} most, and by how much?",
        "Name the subject with the largest lead of {0} over {1}, and the lead.",
        "Find the spoke on which {0} minus {1} is largest, and this difference.",
        "In what is {0} most ahead of {1}? Give it with the difference.",
        "Which spoke has the greatest value of {0} less that of {1}, and how great is it?",
        "State where {0} beats {1} by most, and by how much.",
        "Compare {0} with {1}: the best lead of {0} is on which spoke, and how big?",
    ),
    "totals": (
        "What are the totals of {0} and of {1} over all spokes?",
        "Add up all values of {0}, and all of {1}.",
        "Give the sum over all spokes for {0} and for {1}.",
        "How much do {0} and {1} have in total?",
        "Find the two totals, of {0} and of {1}.",
        "Sum the values of each polygon: {0} and {1}.",
        "State what the values of {0} add up to, and those of {1}.",
        "Compute the totals of {0} and {1}.",
    ),
}


def build(rng: Rng, level: int) -> Scene | None:
    """Values in half rings. A lead is won by a uniform spoke with a uniform difference, by half a ring or more."""
    count = rng.between(*COUNT[level])
    form = ("read", "read", "lead", "lead", "totals")[level]
    half = 2 if level < 2 else 1
    rows = [[half * rng.between(1, 2 * RINGS // half) for _ in range(count)]]
    if form == "lead":
        lead, at = rng.between(3, 8), rng.randrange(count)
        pairs = [_pair(rng, rng.choice([n for n in range(-6, lead) if n])) for _ in range(count)]
        pairs[at] = _pair(rng, lead)
        rows = [list(row) for row in zip(*pairs, strict=True)]
    elif form == "totals":
        rows.append([rng.choice([n for n in range(1, 2 * RINGS + 1) if n != value]) for value in rows[0]])
    return {
        "form": form, "spokes": rng.sample(SPOKES, count), "people": rng.sample(PEOPLE, len(rows)), "rows": rows,
        "inks": rng.sample(INKS, len(rows)), "worth": rng.choice(WORTHS[level]),
        "picked": rng.sample(range(count), 3) if form == "read" else [],
        "weights": [rng.between(2, 5), rng.between(2, 5), rng.choice((-3, -2, 2, 3))] if form == "read" else [],
    }  # fmt: skip


def _pair(rng: Rng, lead: int) -> tuple[int, int]:
    low = rng.between(1, 2 * RINGS - abs(lead))
    return (low + lead, low) if lead > 0 else (low, low - lead)


def _value(scene: Scene, *, person: int, spoke: int) -> int:
    return int(scene["rows"][person][spoke] * scene["worth"] // 2)


OPS: Mapping[str, Op] = {
    "spoke": Op(_value, (), "integer"),
    "lead": Op(
        lambda scene, *leads: [scene["spokes"][leads.index(max(leads))], max(leads)], ("integer", "..."), "tuple"
    ),
}


def rules(scene: Scene) -> str:
    return f"Points lie on rings{'' if scene['form'] == 'read' else ' or halfway between two'}; the middle is 0."


def run(program: Program, scene: Scene) -> None:
    if scene["form"] == "read":
        values = [program.do("spoke", person=0, spoke=spoke) for spoke in scene["picked"]]
        program.do("sum", *[program.do("times", v, by=by) for v, by in zip(values, scene["weights"], strict=True)])
        return
    every = range(len(scene["spokes"]))
    if scene["form"] == "lead":
        leads = [
            program.do("subtract", *[program.do("spoke", person=person, spoke=spoke) for person in (0, 1)])
            for spoke in every
        ]
        program.do("lead", *leads)
        return
    totals = [
        program.do("sum", *[program.do("spoke", person=person, spoke=spoke) for spoke in every]) for person in (0, 1)
    ]
    program.do("tuple", *totals)


def search(scene: Scene) -> Any:
    """Measure on the page: distances of the drawn points from the middle, in rings."""
    measured = [
        [round(math.dist(spot, CENTRE) / RING * 2) * scene["worth"] // 2 for spot in corners(row)]
        for row in scene["rows"]
    ]
    if scene["form"] == "read":
        return sum(by * measured[0][spoke] for by, spoke in zip(scene["weights"], scene["picked"], strict=True))
    if scene["form"] == "totals":
        return tuple(map(sum, measured))
    gaps = sorted((a - b, name) for a, b, name in zip(*measured, scene["spokes"], strict=True))
    return gaps[-1][1], gaps[-1][0]


def words(scene: Scene) -> list[str]:
    """The weighted sum that is asked, or the people."""
    if not scene["picked"]:
        return list(scene["people"])
    terms = [
        f"{'-' if by < 0 else '+'} {abs(by)} x {scene['spokes'][spoke]}"
        for by, spoke in zip(scene["weights"], scene["picked"], strict=True)
    ]
    return [" ".join(terms).removeprefix("+ ")]


def content(scene: Scene) -> Any:
    return [scene[key] for key in ("form", "spokes", "people", "rows", "worth", "picked", "weights")]


def describe(scene: Scene) -> str:
    if len(scene["rows"]) == 1:
        return f"a polygon on {len(scene['spokes'])} spokes; one ring is {scene['worth']}"
    named = " and ".join(f"{ink} for {name}" for name, ink in zip(scene["people"], scene["inks"], strict=True))
    return f"two polygons on {len(scene['spokes'])} spokes, {named}; one ring is {scene['worth']}"


def say(item: Item) -> list[str]:
    scene, steps, says = item.scene, item.program, []
    if scene["form"] == "read":
        for spoke, step in zip(scene["picked"], steps, strict=False):
            says.append(
                f"{scene['spokes'][spoke].capitalize()} is on ring {scene['rows'][0][spoke] // 2}: {step.value}."
            )
        terms = [step for step in steps if step.op == "times"]
        says += [f"{steps[step.inputs[0]].value} x {step.args['by']} = {step.value}." for step in terms]
        return [*says, f"{' + '.join(str(step.value) for step in terms)} = {item.answer.value}."]
    if scene["form"] == "totals":
        sizes = [step for step in steps if step.op == "sum"]
        for name, step in zip(scene["people"], sizes, strict=True):
            parts = " + ".join(str(steps[at].value) for at in step.inputs)
            says.append(f"{name}, spoke by spoke: {parts} = {step.value}.")
        return says
    leads = [step for step in steps if step.op == "subtract"]
    for name, step in zip(scene["spokes"], leads, strict=True):
        a, b = (steps[at].value for at in step.inputs)
        says.append(f"{name}: {a} - {b} = {step.value}.")
    return [*says, f"The largest is {item.answer.value[1]}, for {item.answer.value[0]}."]


def corners(row: list[int]) -> list[Point]:
    """Where the points of a polygon are on the page; the first spoke goes up, the others follow clockwise."""
    return [_spot(place / len(row), value * RING / 2) for place, value in enumerate(row)]


def _spot(turn: float, away: float) -> Point:
    x, y = math.sin(math.tau * turn), -math.cos(math.tau * turn)
    return round(CENTRE[0] + away * x), round(CENTRE[1] + away * y)


def draw(item: Item, size: int) -> Canvas:
    """Rings, whose values stand below, names at the ends of the spokes, polygons with dots."""
    scene = item.scene
    canvas, count = Canvas(384, 384, size, figure_look(scene)), len(scene["spokes"])
    for ring in range(1, RINGS + 1):
        points = [_spot(place / count, ring * RING) for place in range(count + 1)]
        canvas.line(points, FAINT, 2, f"ring {ring}")
    for place, name in enumerate(scene["spokes"]):
        canvas.line([CENTRE, _spot(place / count, RINGS * RING)], FAINT, 2, "spoke")
        x, y = _spot(place / count, RINGS * RING + 16)
        side = math.sin(math.tau * place / count)
        canvas.text(x, y, name, 14, anchor="mm" if abs(side) < 0.3 else "lm" if side > 0 else "rm", tag=f"name {name}")
    for row, ink in zip(scene["rows"], scene["inks"], strict=True):
        points = corners(row)
        canvas.line([*points, points[0]], COLOURS[ink], 3, f"polygon {ink}")
        for x, y in points:
            canvas.ellipse((x - 5, y - 5, x + 5, y + 5), COLOURS[ink], tag=f"point {ink}")
    numbers = ", ".join(str(ring * scene["worth"]) for ring in range(1, RINGS + 1))
    canvas.text(CENTRE[0], 370, f"rings: {numbers}", 14, tag="rings")
    for place, (name, ink) in enumerate(sorted(zip(scene["people"], scene["inks"], strict=True))):
        if len(scene["people"]) > 1:
            draw_key(canvas, 12 + 90 * place, 16, ink, name)
    return canvas
