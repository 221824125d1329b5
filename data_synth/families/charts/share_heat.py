"""Tables of coloured cells, whose colours a legend turns into values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import INK, Colour
from data_synth.render.shades import draw_key
from data_synth.render.style import figure_look
from data_synth.rng import Rng

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SPOTS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
GRID = ((3, 3), (4, 4), (4, 5), (5, 6), (6, 7))  # rows, columns
SHADES = (4, 4, 5, 5, 6)  # values of the legend
FORMS: Mapping[str, str] = {
    "cells": "(a, b, c)", "row": "n", "best": "(row, n)", "spread": "(most, least, difference)",
}  # fmt: skip
WRONG = "A dark colour does not always mean a large step: the legend has to be read, not guessed."
RAMPS: tuple[tuple[Colour, ...], ...] = (
    ((255, 247, 188), (254, 217, 118), (253, 160, 60), (240, 80, 45), (189, 20, 50), (100, 0, 40)),
    ((240, 249, 200), (170, 221, 160), (80, 180, 190), (40, 120, 185), (45, 60, 150), (20, 20, 75)),
    ((245, 240, 250), (215, 190, 225), (205, 130, 200), (200, 50, 140), (130, 20, 120), (60, 0, 70)),
)
ASK: Mapping[str, tuple[str, ...]] = {
    "cells": (
        "What are the values at {0}, {1} and {2}?",
        "Give the values of the cells {0}, {1} and {2}.",
        "Read off {0}, {1} and {2} with the legend.",
        "Which values do the cells {0}, {1} and {2} have?",
        "State the values of {0}, {1} and {2}.",
        "Look up the colours of {0}, {1} and {2}. What are the values?",
        "Find the values that belong to {0}, {1} and {2}.",
        "By the legend, how much are {0}, {1} and {2}?",
    ),
    "row": (
        "What is the total of {0}?",
        "Add up the values of {0}.",
        "How much do the cells of {0} make together?",
        "Find the sum of the row {0}.",
        "Give the total of all cells of {0}.",
        "Sum the row {0}.",
        "What do the values of {0} add up to?",
        "Compute the row total of {0}.",
    ),
    "best": (
        "Which row has the largest total, and how much is it?",
        "Name the row with the highest sum, and that sum.",
        "Add up each row: which is largest, and what is its total?",
        "Find the day with the greatest total, and the total.",
        "Give the row whose values add up to most, with their sum.",
        "Which day has the highest total value? State the total too.",
        "The row with the biggest sum: which is it, and how big is the sum?",
        "Compare the totals of the rows. Which is the largest, and how large?",
    ),
    "spread": (
        "Which columns have the largest and the smallest total, and by how much do they differ?",
        "Name the column with the highest sum, the one with the lowest, and the difference.",
        "Add up each column. Which is largest, which smallest, and how far apart are they?",
        "Give the columns of the greatest and of the least total, and greatest minus least.",
        "Find the column totals: the most, the least, and their difference.",
        "Which column adds up to most, which to least, and what is the gap?",
        "State the top and the bottom column by total, and the distance of their totals.",
        "Compare column totals: highest column, lowest column, highest minus lowest.",
    ),
}


def build(rng: Rng, level: int) -> Scene | None:
    """Cells at random, the asked ones of different colours; extremes are unique."""
    rows, columns = GRID[level]
    shades = SHADES[level]
    form = ("cells", "row", "row", "best", "spread")[level]
    scene: Scene = {
        "form": form,
        "days": list(DAYS[:rows]),
        "spots": rng.sample(SPOTS, columns),
        "values": sorted(rng.sample(range(1, 100), shades)),
        "cells": [[rng.randrange(shades) for _ in range(columns)] for _ in range(rows)],
        "ramp": rng.randrange(len(RAMPS)),
        "down": rng.chance(0.5),
    }
    if form == "cells":
        scene["picked"] = [list(divmod(place, columns)) for place in rng.sample(range(rows * columns), 3)]
        for (row, column), shade in zip(scene["picked"], rng.sample(range(shades), 3), strict=True):
            scene["cells"][row][column] = shade
    elif form == "row":
        scene["picked"] = [rng.randrange(rows)]
    else:
        totals = _totals(scene, by_row=form == "best")
        top = totals.count(max(totals)), totals.count(min(totals))
        if top[0] > 1 or (form == "spread" and top[1] > 1):
            return None
        scene["picked"] = []
    return scene


def _cell(scene: Scene, *, row: int, column: int) -> int:
    return int(scene["values"][scene["cells"][row][column]])


def _totals(scene: Scene, *, by_row: bool) -> list[int]:
    lines = scene["cells"] if by_row else [list(column) for column in zip(*scene["cells"], strict=True)]
    return [sum(scene["values"][shade] for shade in line) for line in lines]


def _best(scene: Scene, *totals: int) -> list[Any]:
    return [scene["days"][totals.index(max(totals))], max(totals)]


def _spread(scene: Scene, *totals: int) -> list[Any]:
    high, low = max(totals), min(totals)
    return [scene["spots"][totals.index(high)], scene["spots"][totals.index(low)], high - low]


OPS: Mapping[str, Op] = {
    "cell": Op(_cell, (), "integer"),
    "line": Op(lambda scene, *, at, by_row: _totals(scene, by_row=by_row)[at], (), "integer"),
    "best_row": Op(_best, ("integer", "..."), "tuple"),
    "spread": Op(_spread, ("integer", "..."), "tuple"),
}


def rules(scene: Scene) -> str:
    return "The legend gives the value of each colour."


def run(program: Program, scene: Scene) -> None:
    if scene["form"] == "cells":
        program.do("tuple", *[program.do("cell", row=row, column=column) for row, column in scene["picked"]])
    elif scene["form"] == "row":
        (row,) = scene["picked"]
        program.do("sum", *[program.do("cell", row=row, column=column) for column in range(len(scene["spots"]))])
    elif scene["form"] == "best":
        program.do("best_row", *[program.do("line", at=at, by_row=True) for at in range(len(scene["days"]))])
    else:
        program.do("spread", *[program.do("line", at=at, by_row=False) for at in range(len(scene["spots"]))])


def search(scene: Scene) -> Any:
    """Count how often each colour stands in a line, and weigh the counts with the legend."""
    legend = dict(enumerate(scene["values"]))
    if scene["form"] == "cells":
        return tuple(legend[scene["cells"][row][column]] for row, column in scene["picked"])
    sums: dict[tuple[str, str], int] = {}
    for day, line in zip(scene["days"], scene["cells"], strict=True):
        for shade, value in legend.items():
            sums["row", day] = sums.get(("row", day), 0) + value * line.count(shade)
        for spot, shade in zip(scene["spots"], line, strict=True):
            sums["column", spot] = sums.get(("column", spot), 0) + legend[shade]
    if scene["form"] == "row":
        return sums["row", scene["days"][scene["picked"][0]]]
    kind = "row" if scene["form"] == "best" else "column"
    ranked = sorted((total, name) for (what, name), total in sums.items() if what == kind)
    if kind == "row":
        return ranked[-1][1], ranked[-1][0]
    return ranked[-1][1], ranked[0][1], ranked[-1][0] - ranked[0][0]


def words(scene: Scene) -> list[str]:
    if scene["form"] == "cells":
        return [f"{scene['days'][row]} {scene['spots'][column]}" for row, column in scene["picked"]]
    return [scene["days"][row] for row in scene["picked"]]


def content(scene: Scene) -> Any:
    return [scene[key] for key in ("form", "days", "spots", "values", "cells", "picked")]


def describe(scene: Scene) -> str:
    """The rows with their values, as far as they matter; at first only the legend."""
    legend = ", ".join(map(str, scene["values"]))
    size = f"{len(scene['days'])} rows and {len(scene['spots'])} columns of colours"
    return f"{size}, with a legend from light to dark: {legend}"


def say(item: Item) -> list[str]:
    scene, says = item.scene, []
    if scene["form"] == "cells":
        steps = zip(words(scene), item.program, strict=False)
        return [f"{name} has colour {scene['values'].index(step.value) + 1}: {step.value}." for name, step in steps]
    if scene["form"] == "row":
        values = [step.value for step in item.program[:-1]]
        return _say_row(scene, values)
    names = scene["days"] if scene["form"] == "best" else scene["spots"]
    lines = scene["cells"] if scene["form"] == "best" else zip(*scene["cells"], strict=True)
    for name, line in zip(names, lines, strict=True):
        values = [scene["values"][shade] for shade in line]
        says.append(f"{name}: {' + '.join(map(str, values))} = {sum(values)}.")
    if scene["form"] == "best":
        return [*says, f"The largest of these is {item.answer.value[1]}, of {item.answer.value[0]}."]
    totals = [step.value for step in item.program[:-1]]
    most, least, gap = item.answer.value
    return [*says, f"Most has {most}, least has {least}: {max(totals)} - {min(totals)} = {gap}."]


def _say_row(scene: Scene, values: list[int]) -> list[str]:
    """The colours from left to right, their sum, and the sum by colours."""
    numbers = ", ".join(str(scene["values"].index(value) + 1) for value in values)
    terms = " + ".join(f"{values.count(value)} x {value}" for value in scene["values"] if value in values)
    return [
        f"From left to right, the colours of {words(scene)[0]} are number {numbers} of the legend.",
        f"{words(scene)[0]}: {' + '.join(map(str, values))} = {sum(values)}.",
        f"Taken by colours, it is {terms} = {sum(values)}.",
    ]


def draw(item: Item, size: int) -> Canvas:
    """Names above and beside the cells; the legend on the right, from the largest value down or from the smallest."""
    scene = item.scene
    rows, columns = len(scene["days"]), len(scene["spots"])
    side = min(260 // columns, 270 // rows, 78)
    left, top = 52, 34
    canvas = Canvas(384, max(top + side * rows + 14, 192), size, figure_look(scene))
    ramp = shades(scene)
    for column, name in enumerate(scene["spots"]):
        canvas.text(left + side * column + side // 2, top - 14, name, 15, tag=f"column {name}")
    for row, name in enumerate(scene["days"]):
        canvas.text(left - 8, top + side * row + side // 2, name, 15, anchor="rm", tag=f"row {name}")
        for column, shade in enumerate(scene["cells"][row]):
            x, y = left + side * column, top + side * row
            canvas.rectangle((x, y, x + side, y + side), ramp[shade], INK, 1, f"cell {row} {column}")
    order = list(enumerate(scene["values"]))
    for place, (shade, value) in enumerate(order if scene["down"] else order[::-1]):
        draw_key(canvas, 326, top + 10 + 24 * place, ramp[shade], str(value))
    return canvas


def shades(scene: Scene) -> list[Colour]:
    """The colours of the values, light to dark, as far apart as the ramp allows."""
    ramp, count = RAMPS[scene["ramp"]], len(scene["values"])
    return [ramp[place * (len(ramp) - 1) // (count - 1)] for place in range(count)]
