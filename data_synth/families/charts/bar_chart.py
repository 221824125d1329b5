"""Read values off bar charts and combine them.

Every value stands on a drawn grid line or halfway between two, so a careful reader gets exact numbers. What is asked
is drawn first and uniformly; the other bars are then filled in. Level 0 and 1: four coloured bars without text.
Level 2: one series with names and ticks; level 3: grouped series; level 4: stacked series.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.answers import Answer
from data_synth.families.charts.bar_figure import draw_chart, draw_plain
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

NAMES = (
    "Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jane", "Kim", "Leo", "Mia", "Nils", "Olga",
    "Pia", "Rui", "Sara", "Tom", "Uma", "Vera", "Will", "Yan", "Zoe",
)  # fmt: skip
SERIES = ("North", "South", "East", "West", "Spring", "Autumn", "Plan", "Real")
PLAIN = ("red", "green", "blue", "yellow")
INKS = ("blue", "orange", "green", "purple", "red", "grey")
CATEGORIES = ((4, 4), (4, 4), (5, 7), (4, 5), (5, 6))
NUM_SERIES = ((1, 1), (1, 1), (1, 1), (2, 3), (3, 3))
STEPS = ((1,), (2, 4, 10, 20), (2, 4, 10, 20), (2, 4, 10, 20, 50), (2, 4, 10, 20, 50))  # worth of one grid line
HALVES = (14, 14, 20, 20, 8)  # largest value, in half grid lines; of one segment where bars are stacked
WEIGHTS = (4, 3, 1, 1, 3)  # largest factor of a bar in a sum
FORMS = (
    ("tuple", "sum"),
    ("tuple", "sum", "range"),
    ("tuple", "sum", "difference", "range"),
    ("tuple", "sum", "difference", "chain"),
    ("tuple", "sum", "difference", "chain"),
)

_ASK = {
    "tuple": (
        "What are the values of {}?",
        "Give the values of {}.",
        "Read off {}.",
        "How high are {}?",
        "State, in order, the values of {}.",
        "List the values of {}.",
        "Which values do {} have?",
        "Find the values of {}.",
    ),
    "sum": (
        "What is {}?",
        "Compute {}.",
        "Work out {}.",
        "Find {}.",
        "How much is {}?",
        "Calculate {}.",
        "Read the bars and give {}.",
        "Evaluate {}.",
    ),
    "range": (
        "Which bar is highest, and by how much does it exceed the lowest?",
        "Name the highest bar and how far it is above the lowest.",
        "Which bar is tallest, and what is its lead over the shortest?",
        "Give the highest bar and its difference to the lowest.",
        "Find the highest bar and the gap to the lowest.",
        "State the tallest bar and how much more it has than the lowest.",
        "What is the highest bar, and the highest minus the lowest value?",
        "Tell the highest bar and its value minus the lowest value.",
    ),
    "chain": (
        "Where is {0} {1}, and what is {2} there?",
        "Find where {0} is {1}; give it and the value of {2} there.",
        "For whom is {0} {1}, and how much is their {2}?",
        "Who has the {1} {0}, and what is their {2}?",
        "Name the one whose {0} is {1}, with the value of {2}.",
        "Look for the {1} {0}. Whose is it, and what is {2} there?",
        "Which name has the {1} {0}, and which {2}?",
        "Take the name with the {1} {0}: give it and its {2}.",
    ),
}
_ASK["difference"] = _ASK["sum"]
_PLAN = (
    "One grid line is worth {0}, halfway between two is {1} more; I need {2}.",
    "The lines are {0} apart, so bars end on multiples of {1}. Wanted: {2}.",
    "From line to line it is {0}, to the middle between them {1}. The question is about {2}.",
    "A step of the grid is {0} and half a step {1}. What matters here: {2}.",
    "A bar ends on a line, and these are {0} apart, or {1} above one. To be read: {2}.",
    "Grid lines count {0} each, half of that is {1}; I look for {2}.",
)
_CHECK = (
    "Check in half steps of the grid: {}.",
    "Counting half steps of the grid instead: {}.",
    "Once more, with the half grid lines counted: {}.",
    "To be sure I count half lines of the grid: {}.",
    "As a test, the bars in half grid steps: {}.",
    "In half lines of the grid it agrees: {}.",
)
_SEEN = ("I see: {}.", "The bars: {}.", "The chart shows: {}.", "Values: {}.", "From left to right: {}.", "I read: {}.")


def _read(scene: Scene, *, series: int, category: int) -> int:
    return int(scene["halves"][series][category] * scene["step"] // 2)


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
        scene: Scene = {
            "names": rng.sample(PLAIN if level < 2 else NAMES, count),
            "series": rng.sample(SERIES, series) if series > 1 else [""],
            "step": rng.choice(STEPS[level]),
            "halves": [[_value(rng, level) for _ in range(count)] for _ in range(series)],
            "colours": rng.sample(INKS, series),
            "stacked": level == 4,
            "form": rng.choice(FORMS[level]),
        }
        asked = _ask(rng, scene, level)
        if asked is None:
            return None
        scene |= asked
        program = Program(self.ops, scene)
        _execute(program, scene)
        words = [_title(scene, bar) for bar in scene["bars"]]
        value = program.value()
        tupled = isinstance(value, list)
        form = "(name, n)" if scene["form"] in ("range", "chain") else "(" + ", ".join("abc"[: len(words)]) + ")"
        return Parts(
            question=_question(rng, scene, words),
            rules=f"Each grid line is {scene['step']}." if level < 2 else "Values lie on grid lines or halfway.",
            form=form if tupled else "n",
            answer=Answer("tuple" if tupled else "integer", value),
            scene=scene,
            program=tuple(program.steps),
            features={"bars": count * series, "series": series},
            canon=[scene[key] for key in ("names", "series", "step", "halves", "form", "bars", "weights", "most")],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_plain(item.scene, size) if item.level < 2 else draw_chart(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Build the table of named values, then look the names up; the order of ranks comes from sorting."""
        scene = item.scene
        table = {
            (series, name): halves * scene["step"] / 2
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
        scene = item.scene
        says = [_SEEN[variant].format(_listing(scene))]
        if item.level < 2:
            return says + _steps(scene)
        half = scene["step"] // 2
        counted = (
            f"{_title(scene, bar)} {_halves(scene, bar)} x {half} = {_halves(scene, bar) * half}"
            for bar in scene["bars"]
        )
        says.append(_PLAN[variant].format(scene["step"], half, _wanted(scene)))
        return [*says, *_steps(scene), _CHECK[variant].format(", ".join(counted))]


def _wanted(scene: Scene) -> str:
    """What has to be found in the chart."""
    first, second = ([scene["series"][series] for series, _ in scene["bars"]] * 2)[:2]
    if scene["form"] == "range":
        return "the highest and the lowest bar"
    if scene["form"] == "chain":
        return f"the {'highest' if scene['most'] else 'lowest'} bar of {first}, then {second} beside it"
    *most, last = (_title(scene, bar) for bar in scene["bars"])
    return f"{', '.join(most)} and {last}"


def _halves(scene: Scene, bar: list[int]) -> int:
    return int(scene["halves"][bar[0]][bar[1]])


def _steps(scene: Scene) -> list[str]:
    """The asked bars and what is calculated from them."""
    values = [_read(scene, series=series, category=category) for series, category in scene["bars"]]
    titles = [_title(scene, bar) for bar in scene["bars"]]
    if scene["form"] == "range":
        gap = f"{values[0]} - {values[1]} = {values[0] - values[1]}."
        return [f"Highest: {titles[0]} {values[0]}.", f"Lowest: {titles[1]} {values[1]}.", gap]
    if scene["form"] == "chain":
        name = scene["names"][scene["bars"][0][1]]
        first, second = (scene["series"][series] for series, _ in scene["bars"])
        found = f"{first} is {'highest' if scene['most'] else 'lowest'} for {name}: {values[0]}."
        return [found, f"{second} for {name}: {values[1]}."]
    says = [f"{_capital(title)}: {value}." for title, value in zip(titles, values, strict=True)]
    return says if scene["form"] == "tuple" else [*says, *_sum_steps(values, scene["weights"])]


def _value(rng: Rng, level: int) -> int:
    """Half grid lines; an even number at level 0, whose bars end on grid lines."""
    return 2 * rng.between(1, HALVES[level] // 2) if level == 0 else rng.between(1, HALVES[level])


def _ask(rng: Rng, scene: Scene, level: int) -> dict[str, Any] | None:
    """Choose the bars that are asked and set their values so that the answer is uniform; writes scene["halves"]."""
    halves, form = scene["halves"], scene["form"]
    count, unit = len(scene["names"]), 2 if level == 0 else 1
    top = HALVES[level] // unit
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


def _title(scene: Scene, bar: list[int]) -> str:
    series, name = scene["series"][bar[0]], scene["names"][bar[1]]
    return f"{series} of {name}" if series else str(name)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _question(rng: Rng, scene: Scene, words: list[str]) -> str:
    ask = rng.choice(_ASK[scene["form"]])
    if scene["form"] == "tuple":
        return ask.format(", ".join(words[:-1]) + " and " + words[-1])
    if scene["form"] == "chain":
        first, second = (scene["series"][series] for series, _ in scene["bars"])
        return ask.format(first, "highest" if scene["most"] else "lowest", second)
    if scene["form"] == "difference":
        return ask.format(f"{words[0]} - {words[1]}")
    terms = (
        word if weight == 1 else f"{weight} x {word}" for weight, word in zip(scene["weights"], words, strict=True)
    )
    return ask.format(" + ".join(terms))


def _listing(scene: Scene) -> str:
    """Every value, from left to right."""
    names, series = scene["names"], scene["series"]
    if len(series) == 1:
        return ", ".join(f"{name} {_read(scene, series=0, category=place)}" for place, name in enumerate(names))
    return "; ".join(
        f"{name}: " + ", ".join(f"{title} {_read(scene, series=n, category=place)}" for n, title in enumerate(series))
        for place, name in enumerate(names)
    )


def _sum_steps(values: list[int], weights: list[int]) -> list[str]:
    if weights == [1, -1]:
        return [f"{values[0]} - {values[1]} = {values[0] - values[1]}."]
    terms = [weight * value for weight, value in zip(weights, values, strict=True)]
    says = [f"{w} x {v} = {w * v}." for w, v in zip(weights, values, strict=True) if w != 1]
    return [*says, f"{' + '.join(map(str, terms))} = {sum(terms)}."]
