"""Line charts, area charts and scatter plots: read, compare slopes, find crossings, go between points, count by side.

Values lie on grid lines or halfway, so a careful reader gets exact numbers; between two points the line is straight,
and what it shows there is an exact fraction. Answers are drawn first, and uniformly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from data_synth import exact_number
from data_synth.answers import Answer
from data_synth.families.charts.line_figure import draw_chart, draw_cloud
from data_synth.families.charts.line_questions import ANSWER_FORMS, ask, rules
from data_synth.families.charts.line_words import explain
from data_synth.families.charts.scatter_points import QUARTERS, build_agreement, build_quarters, covariances, tally
from data_synth.families.charts.series_builders import BUILD, INKS
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_look
from data_synth.rng import Rng

FORMS = (
    ("read", "quarters"),
    ("read", "step", "quarters"),
    ("above", "overtake", "rank"),
    ("between", "band", "rank", "agreement"),
    ("gap", "meet", "band", "agreement"),
)
WORTHS = ((1, 2, 5, 10), (2, 4, 10, 20), (2, 4, 10, 20), (2, 4, 10, 20, 50), (2, 4, 10, 20, 50))  # of a grid line
NAMED = 3  # first of a ranking


def _value(scene: Scene, *, series: int, at: int) -> int:
    return int(scene["rows"][series][at] * scene["worth"] // 2)


def _largest(scene: Scene, *, falls: bool) -> int:
    """The later end of the steepest piece."""
    sign = -1 if falls else 1
    row = scene["rows"][0]
    return max(range(1, len(row)), key=lambda at: sign * (row[at] - row[at - 1]))


def _overtakes(scene: Scene) -> int:
    first, second = scene["rows"][:2]
    return next(at for at, (a, b) in enumerate(zip(first, second, strict=True)) if a > b)


def _between(scene: Scene, *, series: int, time: int) -> str:
    """The value at a time between two points, on the straight line."""
    times, at = scene["times"], scene["asked"]["at"]
    before, after = (_value(scene, series=series, at=place) for place in (at, at + 1))
    share = Fraction(time - times[at], times[at + 1] - times[at])
    return _written(before + (after - before) * share)


def _crossing(scene: Scene, behind: int, ahead: int) -> str:
    """The time at which the gap closes, between two points."""
    at, times = scene["asked"]["at"], scene["times"]
    return _written(times[at - 1] + Fraction((times[at] - times[at - 1]) * behind, behind + ahead))


def _written(value: Fraction) -> str:
    return exact_number.write(exact_number.term(value))


def _order(scene: Scene, *changes: int) -> list[str]:
    ranked = sorted(zip(changes, scene["names"], strict=True), reverse=scene["asked"]["most"])
    return [name for _, name in ranked[:NAMED]]


class LineChart:
    """Read lines, areas and clouds of points."""

    name = "line_chart"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "read": Op(_value, (), "integer"),
        "largest": Op(_largest, (), "place"),
        "overtakes": Op(_overtakes, (), "place"),
        "time": Op(lambda scene, at: scene["times"][at], ("place",), "word"),
        "at": Op(lambda scene, at, *, series: _value(scene, series=series, at=at), ("place",), "integer"),
        "before": Op(lambda scene, at: at - 1, ("place",), "place"),
        "over": Op(
            lambda scene, *, series: sum(value > scene["asked"]["line"] for value in scene["rows"][series]),
            (),
            "integer",
        ),
        "order": Op(_order, ("integer", "..."), "tuple"),
        "between": Op(_between, (), "expression"),
        "less": Op(lambda scene, a, b: _written(Fraction(a) - Fraction(b)), ("expression", "expression"), "expression"),
        "crossing": Op(_crossing, ("integer", "integer"), "expression"),
        "tally": Op(tally, (), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        if form in CLOUDS:
            built = CLOUDS[form](rng, level)
        else:
            built = BUILD[form](rng, level)
        if built is None:
            return None
        scene: Scene = {"form": form, "style": pick_look(rng), **built}
        if form not in CLOUDS:
            scene |= {"worth": rng.choice(WORTHS[level]), "inks": rng.sample(INKS, len(scene["names"]))}
            scene["filled"] = len(scene["names"]) == 1 and rng.chance(0.5)
        program = Program(self.ops, scene)
        RUN[form](program, scene)
        value = program.value()
        kind = "tuple" if isinstance(value, list) else "integer" if isinstance(value, int) else "expression"
        return Parts(
            question=ask(rng, scene),
            rules=rules(scene),
            form=ANSWER_FORMS[form] if kind != "integer" else "n",
            answer=Answer(kind, value),
            scene=scene,
            program=tuple(program.steps),
            features={"series": len(scene["inks"]), "times": len(scene.get("times", ()))},
            canon=_canon(scene),
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [(draw_cloud if item.scene["form"] in CLOUDS else draw_chart)(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """From the table of named values, or from signs of products for clouds of points."""
        scene = item.scene
        if scene["form"] == "agreement":
            return tuple(covariances(scene)[ink] for ink in scene["inks"])
        if scene["form"] == "quarters":
            return _sorted_quarters(scene)
        return SEARCH[scene["form"]](_table(scene), scene)

    def explain(self, item: Item, variant: int) -> list[str]:
        return explain(item, variant)


CLOUDS: dict[str, Callable[[Rng, int], dict[str, Any] | None]] = {
    "quarters": build_quarters,
    "agreement": build_agreement,
}


def _canon(scene: Scene) -> Any:
    """Positions of clouds on a grid of 16; of charts everything but the colours."""
    if scene["form"] in CLOUDS:
        cells = sorted([x // 16, y // 16, ink] for x, y, ink in scene["points"])
        return [scene["form"], scene["inks"], scene["lines"], cells]
    return [scene[key] for key in ("form", "names", "times", "rows", "worth", "asked")]


# ------------------------------------------------------------------------------------------------------------ programs


def _run_read(program: Program, scene: Scene) -> None:
    program.do("tuple", *[program.do("read", series=series, at=at) for series, at in scene["asked"]["points"]])


def _run_step(program: Program, scene: Scene) -> None:
    falls = scene["asked"]["falls"]
    after = program.do("largest", falls=falls)
    name = program.do("time", after)
    ends = [program.do("at", place, series=0) for place in (after, program.do("before", after))]
    program.do("tuple", name, program.do("subtract", *(ends[::-1] if falls else ends)))


def _run_above(program: Program, scene: Scene) -> None:
    program.do("tuple", *[program.do("over", series=series) for series in range(len(scene["rows"]))])


def _run_overtake(program: Program, scene: Scene) -> None:
    place = program.do("overtakes")
    name = program.do("time", place)
    program.do("tuple", name, program.do("subtract", *[program.do("at", place, series=series) for series in (0, 1)]))


def _run_rank(program: Program, scene: Scene) -> None:
    changes = []
    for series, row in enumerate(scene["rows"]):
        first, last = (program.do("read", series=series, at=at) for at in (0, len(row) - 1))
        changes.append(program.do("subtract", last, first))
    program.do("order", *changes)


def _run_between(program: Program, scene: Scene) -> None:
    asked = scene["asked"]
    time = scene["times"][asked["at"]] + asked["beyond"]
    values = [program.do("between", series=series, time=time) for series in range(1 + (scene["form"] == "gap"))]
    if len(values) > 1:
        program.do("less", *values)


def _run_meet(program: Program, scene: Scene) -> None:
    gaps = []
    for at, order in ((scene["asked"]["at"] - 1, (1, 0)), (scene["asked"]["at"], (0, 1))):
        gaps.append(program.do("subtract", *[program.do("read", series=series, at=at) for series in order]))
    program.do("crossing", *gaps)


def _run_band(program: Program, scene: Scene) -> None:
    bands = [program.do("read", series=series, at=at) for series, at in scene["asked"]["points"]]
    weights = scene["asked"]["weights"]
    if not weights:
        program.do("tuple", *bands)
    else:
        program.do("sum", *[program.do("times", band, by=by) for band, by in zip(bands, weights, strict=True)])


def _run_quarters(program: Program, scene: Scene) -> None:
    program.do("tuple", *[program.do("tally", ink=scene["inks"][0], quarter=quarter) for quarter in QUARTERS])


def _run_agreement(program: Program, scene: Scene) -> None:
    scores = []
    for ink in scene["inks"]:
        counts = [program.do("tally", ink=ink, quarter=quarter) for quarter in QUARTERS]
        sides = program.do("add", *counts[:2]), program.do("add", *counts[2:])
        scores.append(program.do("subtract", *sides))
    program.do("tuple", *scores)


RUN: dict[str, Callable[[Program, Scene], object]] = {
    "read": _run_read, "step": _run_step, "above": _run_above, "overtake": _run_overtake, "rank": _run_rank,
    "between": _run_between, "gap": _run_between, "meet": _run_meet, "band": _run_band, "quarters": _run_quarters,
    "agreement": _run_agreement,
}  # fmt: skip


# -------------------------------------------------------------------------------------------------- the second methods

Table = dict[str, list[tuple[Any, float]]]  # by name: time and value of each point


def _table(scene: Scene) -> Table:
    return {
        name: [(time, half * scene["worth"] / 2) for time, half in zip(scene["times"], row, strict=True)]
        for name, row in zip(scene["names"], scene["rows"], strict=True)
    }


def _look_up(table: Table, scene: Scene) -> Any:
    columns = list(table.values())
    found = [int(columns[series][at][1]) for series, at in scene["asked"]["points"]]
    weights = scene["asked"].get("weights")
    return sum(weight * value for weight, value in zip(weights, found, strict=True)) if weights else tuple(found)


def _steepest(table: Table, scene: Scene) -> tuple[str, int]:
    (points,) = table.values()
    sign = -1 if scene["asked"]["falls"] else 1
    change, time = sorted((sign * (after - before), time) for (_, before), (time, after) in pairwise(points))[-1]
    return time, int(change)


def _ranking(table: Table, scene: Scene) -> tuple[str, ...]:
    """Repeatedly the extreme one of what is left."""
    left = {name: points[-1][1] - points[0][1] for name, points in table.items()}
    names = []
    for _ in range(NAMED):
        best = (max if scene["asked"]["most"] else min)(left.values())
        (name,) = (name for name, change in left.items() if change == best)
        names.append(name)
        del left[name]
    return tuple(names)


def _count_above(table: Table, scene: Scene) -> tuple[int, ...]:
    line = scene["asked"]["line"] * scene["worth"] / 2
    return tuple(len([value for _, value in points if value - line > 0]) for points in table.values())


def _takes_lead(table: Table, scene: Scene) -> tuple[str, int]:
    """From the end backwards, as long as the first is ahead."""
    first, second = list(table.values())[:2]
    ahead = ("", 0)
    for (time, a), (_, b) in zip(first[::-1], second[::-1], strict=True):
        if a < b:
            break
        ahead = (time, int(a - b))
    return ahead


def _walk(points: list[tuple[Any, float]], time: float) -> float:
    """Height of the line at a time, by halving the piece that holds it."""
    (low, a), (high, b) = next(piece for piece in pairwise(points) if piece[0][0] <= time <= piece[1][0])
    for _ in range(60):
        middle, value = (low + high) / 2, (a + b) / 2
        low, a, high, b = (middle, value, high, b) if middle <= time else (low, a, middle, value)
    return a


def _interpolate(table: Table, scene: Scene) -> str:
    asked = scene["asked"]
    time = scene["times"][asked["at"]] + asked["beyond"]
    first, *second = list(table.values())
    value = _walk(first, time) - (_walk(second[0], time) if scene["form"] == "gap" else 0)
    return str(Fraction(value).limit_denominator(100))


def _cross(table: Table, scene: Scene) -> str:
    """Halve the time between the ends, always keeping the half in which the lead changes hands."""
    first, second = table.values()
    low, high = float(first[0][0]), float(first[-1][0])
    for _ in range(60):
        middle = (low + high) / 2
        if _walk(first, middle) < _walk(second, middle):
            low = middle
        else:
            high = middle
    return str(Fraction(low).limit_denominator(100))


def _sorted_quarters(scene: Scene) -> tuple[int, ...]:
    """Split the points by one line, then each part by the other."""
    x, y = scene["lines"]
    right = [b > y for a, b, _ in scene["points"] if a > x]
    left = [b > y for a, b, _ in scene["points"] if a < x]
    return right.count(True), left.count(False), left.count(True), right.count(False)


SEARCH: dict[str, Callable[[Table, Scene], Any]] = {
    "read": _look_up, "band": _look_up, "step": _steepest, "rank": _ranking, "above": _count_above,
    "overtake": _takes_lead, "between": _interpolate, "gap": _interpolate, "meet": _cross,
}  # fmt: skip
