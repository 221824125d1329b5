"""Read values off bar charts and combine them.

Every value stands on a drawn grid line or halfway between two, so a careful reader gets exact numbers. What is asked
is drawn first and uniformly; the other bars are then filled in. Level 0 and 1: four coloured bars without text.
Level 2: one series with names and ticks; level 3: grouped series; level 4: stacked series. At levels 3 and 4 the axis
is sometimes logarithmic, with bars that end on its lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.answers import Answer
from data_synth.families.charts.bar_figure import draw_chart, draw_plain
from data_synth.families.charts.bar_scale import DECADES, LOG_LINES, LOG_TOP, LOG_UNITS, worth
from data_synth.families.charts.bar_words import ask, explain, title
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import PLAIN_STYLE, pick_look
from data_synth.rng import Rng

NAMES = (
    "Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jane", "Kim", "Leo", "Mia", "Nils", "Olga",
    "Pia", "Rui", "Sara", "Tom", "Uma", "Vera", "Will", "Yan", "Zoe",
)  # fmt: skip
SERIES = (
    ("North", "South", "East", "West"),
    ("Spring", "Summer", "Autumn", "Winter"),
    ("Maths", "Latin", "Music", "Sport"),
)
PLAIN = (("red", "green", "blue", "yellow"), ("red", "green", "blue", "yellow", "purple", "orange"))  # by level
INKS = ("blue", "orange", "green", "purple", "red", "grey")
CATEGORIES = ((4, 4), (4, 4), (5, 7), (4, 5), (5, 6))
NUM_SERIES = ((1, 1), (1, 1), (1, 1), (2, 3), (3, 3))
STEPS = ((1,), (2, 4, 10, 20), (2, 4, 10, 20), (2, 4, 10, 20, 50), (2, 4, 10, 20, 50))  # worth of one grid line
HALVES = (14, 14, 20, 20, 8)  # largest value, in half grid lines; of one segment where bars are stacked
LOGARITHMIC = 0.5  # of the tuples of levels 3 and 4
WEIGHTS = (4, 3, 1, 1, 3)  # largest factor of a bar in a sum
CONTENT = ("names", "series", "log", "step", "halves", "form", "bars", "weights", "most")  # what makes items the same
FORMS = (
    ("tuple", "sum"),
    ("tuple", "sum", "range"),
    ("tuple", "sum", "difference", "range"),
    ("tuple", "sum", "difference", "chain"),
    ("tuple", "sum", "difference", "chain"),
)


_RULE = "Values lie on grid lines or halfway."
_LOG_RULE = (
    "The axis is logarithmic, with lines at 1, 2, 3, 4, 5, 6 and 8 times each power of ten; every bar ends on a line."
)


def _rules(scene: Scene, level: int) -> str:
    """What a reader must know about the axis, and about parts of bars."""
    if level < 2:
        return f"Each grid step is {scene['step']}." + " Bars end on grid lines or halfway." * level
    return _LOG_RULE if scene["log"] else _RULE + " A part of a bar counts with its own height." * scene["stacked"]


def _read(scene: Scene, *, series: int, category: int) -> int:
    return worth(scene, scene["halves"][series][category])


def _extreme(scene: Scene, *, series: int, most: bool) -> int:
    row = scene["halves"][series]
    return int(row.index(max(row) if most else min(row)))


class BarChart:
    """Read bars and combine their values."""

    name = "bar_chart"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "read": Op(_read, (), "integer"),
        "extreme": Op(_extreme, (), "category"),
        "at": Op(lambda scene, place, *, series: _read(scene, series=series, category=place), ("category",), "integer"),
        "name": Op(lambda scene, place: scene["names"][place], ("category",), "word"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        count, series = rng.between(*CATEGORIES[level]), rng.between(*NUM_SERIES[level])
        form = rng.choice(FORMS[level])
        log = level > 2 and form == "tuple" and rng.chance(LOGARITHMIC)
        top, unit = LOG_TOP if log else HALVES[level], 2 if level == 0 else 1  # bars of level 0 end on grid lines
        scene: Scene = {
            "names": rng.sample(PLAIN[level] if level < 2 else NAMES, count),
            "series": rng.sample(rng.choice(SERIES), series) if series > 1 else [""],
            "log": log,
            "step": rng.choice(LOG_UNITS if log else STEPS[level]),
            "halves": [[unit * rng.between(1, top // unit) for _ in range(count)] for _ in range(series)],
            "colours": rng.sample(INKS, series),
            "stacked": level == 4 and not log,
            "form": form,
            "style": pick_look(rng) if level > 1 else PLAIN_STYLE,
        }
        asked = _ask(rng, scene, level, top // unit, unit)
        if asked is None:
            return None
        scene |= asked
        program = Program(self.ops, scene)
        _execute(program, scene)
        words = [title(scene, bar) for bar in scene["bars"]]
        value = program.value()
        tupled = isinstance(value, list)
        shape = "(name, n)" if scene["form"] in ("range", "chain") else "(" + ", ".join("abc"[: len(words)]) + ")"
        return Parts(
            question=ask(rng, scene, words),
            rules=_rules(scene, level),
            form=shape if tupled else "n",
            answer=Answer("tuple" if tupled else "integer", value),
            scene=scene,
            program=tuple(program.steps),
            features={"bars": count * series, "series": series},
            canon=[scene[key] for key in CONTENT],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_plain(item.scene, size) if item.level < 2 else draw_chart(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Build the table of named values, then look the names up; ranks, and lines of a log axis, by sorting."""
        scene = item.scene
        lines = sorted(scene["step"] * line * 10**decade for decade in range(DECADES + 1) for line in LOG_LINES)
        table = {
            (series, name): lines[halves] if scene["log"] else halves * scene["step"] / 2
            for series, row in zip(scene["series"], scene["halves"], strict=True)
            for name, halves in zip(scene["names"], row, strict=True)
        }
        keys = [(scene["series"][series], scene["names"][category]) for series, category in scene["bars"]]
        if scene["form"] == "tuple":
            return tuple(int(table[key]) for key in keys)
        if scene["form"] in ("sum", "difference"):
            return int(sum(weight * table[key] for weight, key in zip(scene["weights"], keys, strict=True)))
        ranking = sorted((value, name) for (series, name), value in table.items() if series == keys[0][0])
        best = ranking[-1 if scene["most"] else 0]
        if scene["form"] == "range":
            return best[1], int(best[0] - ranking[0][0])
        return best[1], int(table[keys[1][0], best[1]])

    def explain(self, item: Item, variant: int) -> list[str]:
        return explain(item.scene, variant)


def _ask(rng: Rng, scene: Scene, level: int, top: int, unit: int) -> dict[str, Any] | None:
    """Choose the bars that are asked and set their values so that the answer is uniform; writes scene["halves"].

    top: the largest height, in units of so many half grid lines.
    """
    halves, form = scene["halves"], scene["form"]
    count = len(scene["names"])
    if form in ("range", "chain"):
        return _ask_extreme(rng, halves, form, unit, top)
    every = [(series, category) for series in range(len(halves)) for category in range(count)]
    number = 2 if form == "difference" else 3 if level == 0 else rng.between(2, 3)
    bars = rng.sample(every, number)
    weights = [rng.between(1, WEIGHTS[level]) for _ in bars]
    if form == "difference":
        weights = [1, -1]
        gap = rng.between(1 - top, top - 1)
        low = rng.between(1, top - abs(gap))
        chosen = [low + max(gap, 0), low + max(-gap, 0)]
    elif form == "sum" and set(weights) == {1}:
        chosen = rng.split(rng.between(number, number * top), number, 1, top)
    elif form == "sum":
        pick = _weighted(rng, weights, top)
        if pick is None:
            return None
        chosen = pick
    else:
        chosen = [rng.between(1, top) for _ in bars]
    for (series, category), value in zip(bars, chosen, strict=True):
        halves[series][category] = value * unit
    return {"bars": [list(bar) for bar in bars], "weights": weights, "most": True}


def _weighted(rng: Rng, weights: list[int], top: int) -> list[int] | None:
    """Values 1 .. top whose weighted sum is uniform; None if these draws of all but the last leave no fit."""
    total = rng.between(sum(weights), sum(weights) * top)
    for _ in range(60):
        values = [rng.between(1, top) for _ in weights[1:]]
        rest = total - sum(w * v for w, v in zip(weights[1:], values, strict=True))
        if rest % weights[0] == 0 and 1 <= rest // weights[0] <= top:
            return [rest // weights[0], *values]
    return None


def _ask_extreme(rng: Rng, halves: list[list[int]], form: str, unit: int, top: int) -> dict[str, Any]:
    """One bar is clearly the highest (or lowest) of its series; which one, and the second number, are uniform."""
    count, series = len(halves[0]), rng.randrange(len(halves))
    first, second = rng.sample(range(count), 2)
    row = halves[series]
    if form == "range":
        gap = rng.between(3, top - 1)
        low = rng.between(1, top - gap)
        row[:] = [rng.between(low + 1, low + gap - 1) * unit for _ in range(count)]
        row[first], row[second] = (low + gap) * unit, low * unit
        return {"bars": [[series, first], [series, second]], "weights": [1, -1], "most": True}
    most = rng.chance(0.5)
    edge = rng.between(top // 2 + 1, top) if most else rng.between(1, top // 2)
    row[:] = [(rng.between(1, edge - 2) if most else rng.between(edge + 2, top)) * unit for _ in range(count)]
    row[first] = edge * unit
    other = rng.choice([number for number in range(len(halves)) if number != series])
    halves[other][first] = rng.between(1, top) * unit
    return {"bars": [[series, first], [other, first]], "weights": [1, 1], "most": most}


def _execute(program: Program, scene: Scene) -> None:
    bars, form = scene["bars"], scene["form"]
    if form in ("range", "chain"):
        place = program.do("extreme", series=bars[0][0], most=scene["most"])
        name = program.do("name", place)
        if form == "chain":
            number = program.do("at", place, series=bars[1][0])
        else:
            high = program.do("at", place, series=bars[0][0])
            lowest = program.do("extreme", series=bars[0][0], most=False)
            number = program.do("subtract", high, program.do("at", lowest, series=bars[0][0]))
        program.do("tuple", name, number)
        return
    numbers = [program.do("read", series=series, category=category) for series, category in bars]
    if form == "tuple":
        program.do("tuple", *numbers)
    elif form == "difference":
        program.do("subtract", *numbers)
    else:
        weighted = zip(numbers, scene["weights"], strict=True)
        program.do("sum", *(n if w == 1 else program.do("times", n, by=w) for n, w in weighted))
