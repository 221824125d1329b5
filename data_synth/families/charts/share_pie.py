"""Pies and rings: shares of a total, with percentages, with one left out, or with marks around the edge only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas, Point, Spot, on_curve
from data_synth.render.palette import COLOURS, INK
from data_synth.render.shades import draw_key, ink_on
from data_synth.render.style import figure_look
from data_synth.rng import Rng

NAMES = (
    "apples", "beans", "buns", "cakes", "dates", "eggs", "figs", "grapes", "leeks", "lemons", "limes", "melons", "nuts",
    "olives", "onions", "peas", "pears", "pies", "plums", "rolls",
)  # fmt: skip
INKS = ("red", "green", "blue", "yellow", "purple", "orange", "pink", "grey")
SLICES = ((3, 4), (4, 5), (5, 7), (4, 6), (4, 5))
FORMS: Mapping[str, str] = {"amount": "n", "combine": "n", "change": "(a, b)", "growth": "(name, n)"}
WIDTH, LETTER = 384, 15
WRONG = "Stopping at the percentages would be wrong: numbers are asked, and each percentage is of a total."
ASK: Mapping[str, tuple[str, ...]] = {
    "amount": (
        "How many are {0}?",
        "What is the amount of {0}?",
        "Give the number of {0}.",
        "How many of the total are {0}?",
        "Calculate the amount of {0}.",
        "Find how many {0} there are.",
        "State the absolute number of {0}.",
        "Work out how many the slice {0} stands for.",
    ),
    "combine": (
        "How many more are {0} and {1} together than {2} (negative if fewer)?",
        "Give {0} plus {1} minus {2}, as an amount.",
        "By how much does the amount of {0} and {1} in all exceed that of {2}?",
        "As amounts: what is {0} + {1} - {2}?",
        "Find the number of {0} and {1} together, less the number of {2}.",
        "Calculate {0} + {1} - {2} as an absolute number.",
        "State by how many {0} and {1}, taken together, exceed {2}.",
        "Work out the amount {0} + {1} - {2}.",
    ),
    "change": (
        "By how many do {0} and {1} change from the left ring to the right one?",
        "From left to right, what are the changes of the amounts of {0} and of {1}?",
        "Give right minus left, as amounts, for {0} and {1}.",
        "How much do the amounts of {0} and {1} grow from left to right (negative if they fall)?",
        "Find the change in number of {0} and of {1}, right less left.",
        "Calculate the amount on the right minus the amount on the left, for {0} and {1}.",
        "State by how much {0} and {1} rise from the left ring to the right (negative for a fall).",
        "Work out, right minus left, the amounts of {0} and {1}.",
    ),
    "growth": (
        "Which slice grows most in number from left to right, and by how many?",
        "Name what gains the largest amount from the left ring to the right, and the gain.",
        "Of what does the amount rise most, left to right, and by how much?",
        "Find the slice with the largest gain in number, and that gain.",
        "Which one has the greatest amount on the right minus amount on the left? Give it with the difference.",
        "State the slice whose number grows most, and its growth.",
        "By number, what grows most from left to right? Add the growth.",
        "Work out which slice gains most in absolute number, and how many it gains.",
    ),
}


def build(rng: Rng, level: int) -> Scene | None:
    """Shares of one total, or of two from level 3 on; what is asked is picked uniformly among the slices."""
    count = rng.between(*SLICES[level])
    unit = 5 if level in (0, 1, 4) else 1
    least, worth, times = (2, 20, (3, 90)) if unit == 5 else (6, 100, (2, 18))  # units of a slice; of a total
    pies = []
    for _ in range(1 if level < 3 else 2):
        shares = [unit * part for part in rng.split(100 // unit, count, least, 50 // unit)]
        pies.append({"shares": shares, "total": worth * rng.between(*times)})
    form = ("amount", "amount", "combine", "change", "growth")[level]
    picked = rng.sample(range(count), {"amount": 1, "combine": 3}.get(form, 2))
    scene: Scene = {
        "form": form, "names": rng.sample(NAMES, count), "inks": rng.sample(INKS, count), "pies": pies,
        "picked": picked, "hidden": picked[0] if level == 1 else -1, "turn": rng.randrange(20),
    }  # fmt: skip
    if form != "growth":
        return scene
    changes = sorted(_amount(scene, pie=1, at=n) - _amount(scene, pie=0, at=n) for n in range(count))
    return scene if changes[-1] - changes[-2] >= 5 and changes[-1] > 0 else None


def _amount(scene: Scene, *, pie: int, at: int) -> int:
    return int(scene["pies"][pie]["shares"][at] * scene["pies"][pie]["total"] // 100)


def _rest(scene: Scene) -> int:
    """The percentage that is not printed, from the printed ones."""
    return 100 - sum(share for at, share in enumerate(scene["pies"][0]["shares"]) if at != scene["hidden"])


OPS: Mapping[str, Op] = {
    "amount": Op(_amount, (), "integer"),
    "rest": Op(_rest, (), "integer"),
    "part": Op(lambda scene, share: share * scene["pies"][0]["total"] // 100, ("integer",), "integer"),
    "best": Op(
        lambda scene, *changes: [scene["names"][changes.index(max(changes))], max(changes)], ("integer", "..."), "tuple"
    ),
}


def rules(scene: Scene) -> str:
    if scene["form"] == "growth":
        return "The marks around a ring are 5 percent apart; the number in the middle is its total."
    if scene["form"] == "change":
        return "Percentages are of the number in the middle of each ring."
    rest = " One slice has no percentage." if scene["hidden"] >= 0 else ""
    return f"Percentages are of the total.{rest}"


def run(program: Program, scene: Scene) -> None:
    picked = scene["picked"]
    if scene["form"] == "amount":
        if scene["hidden"] >= 0:
            program.do("part", program.do("rest"))
        else:
            _do(program, 0, picked[0])
    elif scene["form"] == "combine":
        a, b, c = (_do(program, 0, at) for at in picked)
        program.do("subtract", program.do("add", a, b), c)
    else:
        asked = picked if scene["form"] == "change" else range(len(scene["names"]))
        changes = [program.do("subtract", _do(program, 1, at), _do(program, 0, at)) for at in asked]
        program.do("tuple" if scene["form"] == "change" else "best", *changes)


def _do(program: Program, pie: int, at: int) -> int:
    return program.do("amount", pie=pie, at=at)


def search(scene: Scene) -> Any:
    """Measure: the angle of each slice from the running sum of those before it, times the total, over 360."""
    amounts = []
    for pie in scene["pies"]:
        ends = [sum(pie["shares"][: n + 1]) * 3.6 for n in range(len(pie["shares"]))]
        sweeps = [end - start for start, end in zip([0.0, *ends], ends, strict=False)]
        amounts.append(dict(zip(scene["names"], (round(sweep * pie["total"] / 360) for sweep in sweeps), strict=True)))
    asked = [scene["names"][at] for at in scene["picked"]]
    if scene["form"] == "amount":
        return amounts[0][asked[0]]
    if scene["form"] == "combine":
        return amounts[0][asked[0]] - amounts[0][asked[2]] + amounts[0][asked[1]]
    gains = {name: amounts[1][name] - amounts[0][name] for name in scene["names"]}
    return tuple(gains[name] for name in asked) if scene["form"] == "change" else max(gains.items(), key=lambda g: g[1])


def words(scene: Scene) -> list[str]:
    return [scene["names"][at] for at in scene["picked"]]


def content(scene: Scene) -> Any:
    return [scene[key] for key in ("form", "names", "pies", "picked", "hidden")]


def describe(scene: Scene) -> str:
    pies = []
    for pie in scene["pies"]:
        listed = ", ".join(
            f"{name} {ink}" + ("" if at == scene["hidden"] else f" {share}%")
            for at, (name, ink, share) in enumerate(zip(scene["names"], scene["inks"], pie["shares"], strict=True))
        )
        pies.append(f"a total of {pie['total']} with {listed}")
    return "; then ".join(pies)


def say(item: Item) -> list[str]:
    scene, says = item.scene, []
    for step in item.program:
        if step.op == "amount":
            pie, name = scene["pies"][step.args["pie"]], scene["names"][step.args["at"]]
            side = ("Left, ", "Right, ")[step.args["pie"]] if len(scene["pies"]) > 1 else ""
            share = pie["shares"][step.args["at"]]
            says.append(f"{side + name if side else name.capitalize()}: {share}% of {pie['total']} is {step.value}.")
        elif step.op == "rest":
            others = [share for at, share in enumerate(scene["pies"][0]["shares"]) if at != scene["hidden"]]
            says.append(f"The others have {' + '.join(map(str, others))} = {sum(others)}%, so {step.value}% are left.")
        elif step.op == "part":
            name, share = scene["names"][scene["hidden"]], item.program[step.inputs[0]].value
            says.append(f"{name.capitalize()}: {share}% of {scene['pies'][0]['total']} is {step.value}.")
        elif step.op in ("add", "subtract"):
            a, b = (item.program[at].value for at in step.inputs)
            says.append(f"{a} {'+' if step.op == 'add' else '-'} {b} = {step.value}.")
    if scene["form"] == "amount":
        says += _say_rest(scene, item.answer.value)
    if scene["form"] == "growth":
        says.append(f"The largest gain is that of {item.answer.value[0]}, {item.answer.value[1]}.")
    return says


def _say_rest(scene: Scene, amount: int) -> list[str]:
    """The amount from steps of 5 percent, and with all others it makes the total."""
    (pie,), (at,) = scene["pies"], scene["picked"]
    share, total = pie["shares"][at], pie["total"]
    others = f"The other {100 - share}% are {total - amount}, and {amount} + {total - amount} = {total}, the total."
    return [f"By steps of 5%: each is {total // 20}, and {share // 5} x {total // 20} = {amount}.", others]


def draw(item: Item, size: int) -> Canvas:
    """One pie with its title, a ring with its total inside, or two rings; below, the legend."""
    scene, level = item.scene, item.level
    rows = -(-len(scene["names"]) // 4)
    if len(scene["pies"]) == 1:
        radius, top = 118, 40 if level < 2 else 14
        centres = [(WIDTH // 2, top + radius)]
    else:
        radius, top = (80 if level == 4 else 86), 20  # the marks around them need room
        centres = [(WIDTH // 4, top + radius), (3 * WIDTH // 4, top + radius)]
    foot = top + 2 * radius + 24
    canvas = Canvas(WIDTH, foot + 22 * rows + 4, size, figure_look(scene))
    for place, (pie, centre) in enumerate(zip(scene["pies"], centres, strict=True)):
        _draw_pie(canvas, scene, pie, centre, radius, ring=level >= 2, marks=level == 4)
        if level < 2:
            canvas.text(WIDTH // 2, 20, f"Total: {pie['total']}", LETTER + 2, tag="title")
        else:
            canvas.text(*centre, str(pie["total"]), LETTER + 2, tag=f"total {place}")
    for place, (name, ink) in enumerate(zip(scene["names"], scene["inks"], strict=True)):
        draw_key(canvas, 12 + 94 * (place % 4), foot + 22 * (place // 4), ink, name)
    return canvas


def _on_rim(centre: Point, radius: float, percent: float) -> Spot:
    """A place at so many percent of the way around, clockwise from the top."""
    turn = math.tau * percent / 100
    return on_curve(centre[0] + radius * math.sin(turn), centre[1] - radius * math.cos(turn))


def _spot(centre: Point, radius: float, percent: float) -> Point:
    x, y = _on_rim(centre, radius, percent)
    return round(x), round(y)


def _draw_pie(
    canvas: Canvas, scene: Scene, pie: dict[str, Any], centre: Point, radius: int, *, ring: bool, marks: bool
) -> None:
    start = 5 * scene["turn"]
    for at, (share, ink) in enumerate(zip(pie["shares"], scene["inks"], strict=True)):
        edge = [_on_rim(centre, radius, start + n / 2) for n in range(2 * share + 1)]
        canvas.polygon([centre, *edge], COLOURS[ink], INK, 1, f"slice {at}")
        if at != scene["hidden"] and not marks:
            spot = _spot(centre, radius * (0.74 if ring else 0.68), start + share / 2)
            colour = ink_on(canvas.shade(COLOURS[ink]))
            canvas.text(*spot, f"{share}%", 13 if ring else LETTER, colour=colour, tag=f"share {at}")
        start += share
    x, y = centre
    if ring:
        hole = radius * 2 // 5 if not marks else radius // 2
        canvas.ellipse((x - hole, y - hole, x + hole, y + hole), canvas.paper, INK, 1, "hole")
    for percent in range(0, 100, 5) if marks else ():
        long = 10 if percent % 25 == 0 else 6
        canvas.line([_on_rim(centre, radius + 2, percent), _on_rim(centre, radius + 2 + long, percent)], INK, 2, "mark")
