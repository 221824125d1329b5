"""Count coloured shapes: a tuple of counts or, from level 1 on, also a weighted sum of counts.

The counts (or the sum) are drawn first and uniformly; objects are then chosen to match, and filled up with objects
that match no filter, so neither the number of objects nor the wording tells the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from data_synth.answers import Answer
from data_synth.item import Item, Parts
from data_synth.layout import SIDE, box_in_cell, cells, overlap_share
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES, draw_shape
from data_synth.render.style import PLAIN_STYLE, figure_look, pick_look
from data_synth.rng import Rng

Look = dict[str, str]  # attribute -> value; a filter is a Look that leaves attributes out
Groups = dict[tuple[int, ...], list[Look]]  # which filters match -> the looks that they match
ATTRIBUTES = ("size", "colour", "shape")


@dataclass(frozen=True)
class Knobs:
    """How hard a level is. top[k]: the largest count when k filters are asked; widths: of each size, design units."""

    grid: int
    objects: tuple[int, int]
    shapes: int
    colours: int
    widths: dict[str, tuple[int, int]]
    patterns: tuple[tuple[str, ...], ...]  # which attributes a filter may name
    filters: tuple[int, int]
    top: dict[int, int]
    near_miss: float = 0.0
    spill: int = 0
    gaps: bool = True  # False: objects fill the grid row by row from the top left
    weights: tuple[int, int] = (2, 9)
    sums: bool = True  # whether weighted sums are asked too


_PLAIN = (("shape",), ("colour",))
_PAIRS = (*_PLAIN, ("colour", "shape"))
_SIZED = (("colour", "shape"), ("size", "shape"), ("size", "colour"), ("size", "colour", "shape"))
KNOBS = (
    Knobs(4, (4, 7), 1, 4, {"": (60, 66)}, (("colour",),), (3, 3), {3: 5}, gaps=False, sums=False),
    Knobs(4, (6, 12), 3, 4, {"": (60, 66)}, _PAIRS, (3, 3), {3: 4}),
    Knobs(6, (12, 20), 5, 6, {"": (40, 46)}, _PAIRS, (3, 3), {3: 5}, 0.5),
    Knobs(6, (18, 30), 6, 6, {"small": (24, 26), "large": (46, 48)}, _SIZED, (2, 3), {2: 9, 3: 5}, 0.6),
    Knobs(8, (26, 40), 6, 8, {"small": (20, 22), "large": (38, 40)}, _SIZED, (2, 3), {2: 12, 3: 8}, 0.6, 6),
)
LOOKS: tuple[list[Look], ...] = tuple(
    [
        {"size": size, "colour": colour, "shape": shape}
        for size, colour, shape in product(knobs.widths, list(COLOURS)[: knobs.colours], SHAPES[: knobs.shapes])
    ]
    for knobs in KNOBS
)
MAX_OVERLAP = 0.2

_TUPLE = (
    "How many {} are there?",
    "Count the {}.",
    "Give the numbers of {}.",
    "How many {} do you see?",
    "Count these in order: {}.",
    "State, in this order, the numbers of {}.",
    "Find the numbers of {}.",
    "How many {} does the picture show?",
)
_SUM = (
    "What is {}?",
    "Compute {}.",
    "Count, then compute {}.",
    "Work out {}.",
    "Find the value of {}.",
    "How much is {}?",
    "Calculate {}.",
    "Evaluate {}.",
)
_SEEN = (
    "I see: {}.",
    "Objects: {}.",
    "The picture shows: {}.",
    "There are: {}.",
    "In reading order: {}.",
    "I find: {}.",
)
_PLAN = (
    "I am asked about the {0} and the {1}, so I go through the rows once for each of them.",
    "The {0} and the {1} are wanted; for each I add up what the rows hold.",
    "Wanted are the {0} and the {1}: I count each of them row by row.",
    "Row by row I count what the question names: the {0} and the {1}.",
    "To answer I need the {0} and the {1}, and I take the rows in turn for each.",
    "What matters are the {0} and the {1}; I look for them in every row.",
)
_CHECK = (
    "Check: {0} = {1} objects, all named once.",
    "To check, the rows hold {0} = {1} objects, and I listed as many.",
    "The rows together: {0} = {1} objects; none was left out.",
    "All rows added up, {0} = {1} objects, agree with my list.",
    "Counting each row again gives {0} = {1} objects, as listed.",
    "Row sums {0} = {1}: every object is in the list, and just once.",
)
_TOTALS = ("{} in all", "{} in total", "total {}", "together {}", "that is {}", "sum {}")


def matches(look: Mapping[str, Any], where: Look) -> bool:
    for name, value in where.items():  # a plain loop: the family spends much of its time here
        if look[name] != value:
            return False
    return True


def _filter(scene: Scene, *, where: Look) -> list[int]:
    return [place for place, thing in enumerate(scene["objects"]) if matches(thing, where)]


def noun(where: Look) -> str:
    """A filter as a plural noun phrase, e.g. red circles, small objects."""
    words = [where[name] for name in ("size", "colour") if where.get(name)]
    shape = where.get("shape", "object")
    return " ".join([*words, "crosses" if shape == "cross" else shape + "s"])


def name(thing: Mapping[str, Any]) -> str:
    """An object as one phrase, e.g. red circle, small red circle."""
    return " ".join(thing[attribute] for attribute in ATTRIBUTES if thing[attribute])


class SceneCount:
    """Count shapes by colour, shape and size."""

    name = "scene_count"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "filter": Op(_filter, (), "objects"),
        "count": Op(lambda scene, objects: len(objects), ("objects",), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        knobs = KNOBS[level]
        form = "sum" if knobs.sums and rng.chance(3 / 8) else "tuple"
        picked = _pick_filters(rng, level, rng.between(*knobs.filters))
        if picked is None:
            return None
        filters, groups = picked
        weights = [rng.between(*knobs.weights) for _ in filters]
        counts = _pick_counts(rng, form, weights, knobs.top[len(filters)])
        looks = _pick_looks(rng, knobs, filters, groups, counts)
        if looks is None:
            return None
        scene: Scene = {"objects": _place(rng, knobs, looks), "filters": filters, "form": form, "grid": knobs.grid}
        scene["style"] = pick_look(rng) if level > 1 else PLAIN_STYLE
        program = Program(self.ops, scene)
        numbers = [program.do("count", program.do("filter", where=where)) for where in filters]
        if form == "sum":
            scene["weights"] = weights
            program.do("sum", *(program.do("times", n, by=w) for n, w in zip(numbers, weights, strict=True)))
        else:
            program.do("tuple", *numbers)
        return Parts(
            question=_question(rng, form, filters, weights),
            rules="",
            form="(" + ", ".join("abc"[: len(filters)]) + ")" if form == "tuple" else "n",
            answer=Answer("tuple" if form == "tuple" else "integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"objects": len(looks), "filters": len(filters)},
            canon=[form, filters, weights if form == "sum" else 0, _coarse(scene)],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        canvas = Canvas(SIDE, SIDE, size, figure_look(item.scene))
        for place, thing in enumerate(item.scene["objects"]):
            draw_shape(canvas, thing["shape"], thing["colour"], tuple(thing["box"]), f"object {place}")
        return [canvas]

    def solve_again(self, item: Item) -> Any:
        """Tally the looks, then add up every look that a filter allows."""
        tally = Counter(tuple(thing[name] for name in ATTRIBUTES) for thing in item.scene["objects"])
        values = {"size": ("", "small", "large"), "colour": tuple(COLOURS), "shape": SHAPES}
        counts = [
            sum(tally[look] for look in product(*([where[n]] if n in where else values[n] for n in ATTRIBUTES)))
            for where in item.scene["filters"]
        ]
        if item.scene["form"] == "sum":
            return sum(weight * count for weight, count in zip(item.scene["weights"], counts, strict=True))
        return tuple(counts)

    def explain(self, item: Item, variant: int) -> list[str]:
        objects = item.scene["objects"]
        says = [_SEEN[variant].format(_listing(objects))]
        if item.level < 2:
            asked = [noun(where) for where in item.scene["filters"]]
            says.append(_PLAN[variant].format(", ".join(asked[:-1]), asked[-1]))
        says += _results(item.scene, short=False, variant=variant)
        rows = [sum(thing["row"] == row for thing in objects) for row in range(1, item.scene["grid"] + 1)]
        return [*says, _CHECK[variant].format(" + ".join(map(str, rows)), len(objects))]

    def explain_briefly(self, item: Item, variant: int) -> list[str]:
        """Of objects without gaps one walk, counting on the way; else a list without rows, and the results."""
        objects = item.scene["objects"]
        if not KNOBS[item.level].gaps:
            return _counted(objects, item.scene["filters"], variant)
        seen = _SEEN[variant].format(", ".join(map(name, objects)))
        return [seen, *_results(item.scene, short=True, variant=variant)]


def _pick_filters(rng: Rng, level: int, count: int) -> tuple[list[Look], Groups] | None:
    """Filters of which each can match alone, and which leave looks that match none; and the looks by what matches."""
    knobs, looks = KNOBS[level], LOOKS[level]
    if knobs.patterns == _PLAIN and count == 2:
        patterns: list[tuple[str, ...]] = rng.sample(_PLAIN, 2)  # one shape and one colour: they may overlap
    else:
        patterns = [rng.choice(knobs.patterns) for _ in range(count)]
    filters: list[Look] = []
    for pattern in patterns:
        look = rng.choice(looks)
        filters.append({attribute: look[attribute] for attribute in pattern})
    groups: Groups = {}
    for look in looks:
        groups.setdefault(tuple(int(matches(look, where)) for where in filters), []).append(look)
    alone = [tuple(int(i == j) for j in range(count)) for i in range(count)]
    return (filters, groups) if all(one in groups for one in [*alone, (0,) * count]) else None


def _pick_counts(rng: Rng, form: str, weights: list[int], top: int) -> list[int]:
    """The counts, uniform; for a weighted sum the sum is uniform over what the weights can make."""
    if form != "sum":
        return [rng.between(0, top) for _ in weights]
    ways = _ways(tuple(weights), top)
    return list(rng.choice(ways[rng.choice(sorted(ways))]))


@lru_cache(maxsize=1024)
def _ways(weights: tuple[int, ...], top: int) -> dict[int, list[tuple[int, ...]]]:
    """By each weighted sum, the counts of 0 .. top that make it."""
    ways: dict[int, list[tuple[int, ...]]] = {}
    for counts in product(range(top + 1), repeat=len(weights)):
        ways.setdefault(sum(w * c for w, c in zip(weights, counts, strict=True)), []).append(counts)
    return ways


def _pick_looks(rng: Rng, knobs: Knobs, filters: list[Look], groups: Groups, counts: list[int]) -> list[Look] | None:
    """Looks of which exactly counts[i] match filters[i]; their number is drawn independently of the counts."""
    total = max(rng.between(*knobs.objects), max(counts))
    chosen: list[Look] = []
    for attempt in range(12):
        chosen = _matching(rng, groups, counts, greedy=attempt > 8)
        if len(chosen) <= total:
            break
    if len(chosen) > knobs.objects[1]:
        return None
    none = groups[(0,) * len(filters)]
    near = [look for look in none if any(sum(look[a] == f[a] for a in f) == len(f) - 1 for f in filters if len(f) > 1)]
    while len(chosen) < total:
        chosen.append(rng.choice(near if near and rng.chance(knobs.near_miss) else none))
    rng.shuffle(chosen)
    return chosen


def _matching(rng: Rng, groups: Groups, counts: list[int], greedy: bool) -> list[Look]:
    """Random looks that use up the counts exactly. greedy: let each look serve as many filters as it can."""
    left, chosen = list(counts), []
    signatures = [signature for signature in groups if any(signature)]
    while any(left):
        fitting = [s for s in signatures if all(need <= have for need, have in zip(s, left, strict=True))]
        if greedy:
            most = max(map(sum, fitting))
            fitting = [signature for signature in fitting if sum(signature) == most]
        signature = rng.choice(fitting)
        left = [have - need for have, need in zip(left, signature, strict=True)]
        chosen.append(rng.choice(groups[signature]))
    return chosen


def _place(rng: Rng, knobs: Knobs, looks: list[Look]) -> list[dict[str, Any]]:
    """Objects in reading order, each in a cell of its own; with spill, neighbours overlap a little."""
    cell = SIDE // knobs.grid
    places = cells(rng, knobs.grid, len(looks)) if knobs.gaps else [divmod(n, knobs.grid) for n in range(len(looks))]
    objects: list[dict[str, Any]] = []
    for (row, column), look in zip(places, looks, strict=True):
        width = rng.between(*knobs.widths[look["size"]])
        box = box_in_cell(rng, row, column, cell, width, knobs.spill)
        near = [thing["box"] for thing in objects if thing["row"] >= row]  # this row and the one above
        if any(overlap_share(box, other) > MAX_OVERLAP for other in near):
            box = box_in_cell(rng, row, column, cell, width)
            if any(overlap_share(box, other) > MAX_OVERLAP for other in near):
                free = (cell - width) // 2
                box = (column * cell + free, row * cell + free, column * cell + free + width, row * cell + free + width)
        objects.append({**look, "row": row + 1, "column": column + 1, "box": list(box)})
    return objects


def _coarse(scene: Scene) -> list[list[Any]]:
    return [[thing[name] for name in (*ATTRIBUTES, "row", "column")] for thing in scene["objects"]]


def _question(rng: Rng, form: str, filters: list[Look], weights: list[int]) -> str:
    nouns = [noun(where) for where in filters]
    if form == "tuple":
        return rng.choice(_TUPLE).format(", ".join(nouns[:-1]) + " and " + nouns[-1])
    terms = (f"{weight} x {words}" for weight, words in zip(weights, nouns, strict=True))
    return rng.choice(_SUM).format(" + ".join(terms))


def _counted(objects: list[dict[str, Any]], filters: list[Look], variant: int) -> list[str]:
    """One walk over objects without gaps: number, colour, and how many have matched each filter so far."""
    counts = [0] * len(filters)
    steps = []
    for number, thing in enumerate(objects, 1):
        counts = [count + matches(thing, where) for count, where in zip(counts, filters, strict=True)]
        steps.append(" ".join([str(number), thing["colour"], *map(str, counts)]))
    return [_SEEN[variant].format(", ".join(steps))]


def _results(scene: Scene, *, short: bool, variant: int) -> list[str]:
    """The counts one after the other, and the weighted sum if one is asked for."""
    found = [_filter(scene, where=where) for where in scene["filters"]]
    says = [_tally(scene, where, places, short, variant) for where, places in zip(scene["filters"], found, strict=True)]
    if scene["form"] == "sum":
        pairs = [(weight, len(places)) for weight, places in zip(scene["weights"], found, strict=True)]
        says += [f"{weight} x {count} = {weight * count}." for weight, count in pairs]
        terms = [weight * count for weight, count in pairs]
        says.append(f"{' + '.join(map(str, terms))} = {sum(terms)}.")
    return says


def _listing(objects: list[dict[str, Any]]) -> str:
    rows: dict[int, list[str]] = {}
    for thing in objects:
        rows.setdefault(thing["row"], []).append(name(thing))
    return "; ".join(f"row {row}: {', '.join(names)}" for row, names in rows.items())


def _tally(scene: Scene, where: Look, places: list[int], short: bool, variant: int) -> str:
    """One sentence that counts what a filter matches: row by row, or object by object."""
    objects = scene["objects"]
    title = " ".join(noun(where).split()[:-1]) if "shape" not in where and short else noun(where)
    if not places:
        return f"{title.capitalize()}: 0."
    if short:
        numbered = (f"{name(objects[place])} {number}" for number, place in enumerate(places, 1))
        return f"{title.capitalize()}: {', '.join(numbered)}."
    rows = Counter(objects[place]["row"] for place in places)
    listed = ", ".join(f"row {row} has {number}" for row, number in rows.items())
    return f"{title.capitalize()}: {listed}, {_TOTALS[variant].format(len(places))}."
