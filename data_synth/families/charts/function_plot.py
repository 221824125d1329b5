"""Read graphs of functions on a grid: values, slopes, zeros, turning points, crossings, areas, compositions.

What is asked lies on crossings of grid lines, which are drawn first and uniformly; the graph is then led through them.
Later levels number few of the lines, make a line worth more than 1, and show two or three graphs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from data_synth import exact_number
from data_synth.answers import Answer
from data_synth.families.charts.function_builders import BUILD
from data_synth.families.charts.function_curves import SAMPLES, Curve, Window, height, sampled
from data_synth.families.charts.function_figure import draw_functions
from data_synth.families.charts.function_words import ANSWER_FORMS, ask, explain, rules
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_look
from data_synth.rng import Rng

FORMS = (
    ("value", "cuts"),
    ("slope", "meet", "turn", "value"),
    ("slope", "meet", "zeros", "wave"),
    ("area", "compose", "zeros", "shift"),
    ("area", "compose", "agree", "shift"),
)
LINES = (14, 16, 16, 18, 20)  # grid lines across and up, less one
NUMBERED = ((1,), (2,), (2, 4), (3, 4), (5,))  # every so many lines have a number
ACROSS = ((1,), (1,), (1,), (1, 2, 5), (1, 2, 5))  # worth of a line
UP = ((1,), (1,), (1, 2, 5, 10), (1, 2, 5, 10), (1, 2, 5, 10, 20))
TYPES = {"slope": "expression", "area": "expression", "compose": "integer"}  # or tuple
NAMES = "fghpqr"
INKS = ("blue", "red", "green", "purple", "orange")


def _value(scene: Scene, *, curve: int, x: int) -> int:
    return int(height(scene["curves"][curve], x // scene["scale"][0]) * scene["scale"][1])


def _cut(scene: Scene, *, curve: int, axis: str) -> int:
    (x0, y0), (x1, y1) = scene["curves"][curve]["knots"]
    return int(Fraction(x0 * y1 - x1 * y0, y1 - y0) if axis == "x" else Fraction(x1 * y0 - x0 * y1, x1 - x0))


def _side(scene: Scene, *, axis: int) -> int:
    """How far the asked piece goes along an axis."""
    place = scene["asked"]["piece"]
    one, other = scene["curves"][0]["knots"][place : place + 2]
    return int(other[axis] - one[axis]) * int(scene["scale"][axis])


def _meet(scene: Scene) -> list[int]:
    """Points that both graphs have, from left to right: zeros of a polynomial through three differences."""
    first, second = scene["curves"][:2]
    before, at, after = (height(first, x) - height(second, x) for x in (-1, 0, 1))
    square, slope = (after + before) / 2 - at, (after - before) / 2
    if square == 0:
        roots = [-at / slope]
    else:
        inside = slope * slope - 4 * square * at
        root = Fraction(math.isqrt(inside.numerator), math.isqrt(inside.denominator))
        roots = sorted((-slope + sign * root) / (2 * square) for sign in (1, -1))
    across, up = scene["scale"]
    return [int(value) for x in roots for value in (x * across, height(first, int(x)) * up)]


def _where(scene: Scene, *, y: int) -> list[int]:
    """Every x at which the broken line has this height, piece by piece."""
    across, level = scene["scale"][0], y // scene["scale"][1]
    knots, found = scene["curves"][0]["knots"], set()
    for (x0, y0), (x1, y1) in zip(knots, knots[1:], strict=False):
        if min(y0, y1) <= level <= max(y0, y1):
            found.add(x0 + Fraction((level - y0) * (x1 - x0), y1 - y0))
    return [int(x * across) for x in sorted(found)]


def _agree(scene: Scene) -> list[int]:
    first, second = (curve["knots"] for curve in scene["curves"])
    return [x * scene["scale"][0] for (x, y), (_, z) in zip(first, second, strict=True) if y == z]


def _turn(scene: Scene, *, axis: int, most: bool) -> int:
    curve = scene["curves"][0]
    if curve["kind"] == "parabola":
        return int(curve["hk"[axis]] * scene["scale"][axis])
    knots = sorted(curve["knots"], key=lambda knot: int(knot[1]))
    return int(knots[-1 if most else 0][axis] * scene["scale"][axis])


def _piece(scene: Scene, *, at: int) -> int:
    """Twice the area of one piece, above the axis or the second graph: its width times the sum of its two sides."""
    first, *second = (curve["knots"][at : at + 2] for curve in scene["curves"])
    base = second[0] if second else [[0, 0], [0, 0]]
    sides = sum(knot[1] - low[1] for knot, low in zip(first, base, strict=True))
    return int((first[1][0] - first[0][0]) * sides * math.prod(scene["scale"]))


def _wave(scene: Scene, key: str, axis: int) -> int:
    return int(scene["curves"][0][key] * scene["scale"][axis])


def _written(value: Fraction) -> str:
    return exact_number.write(exact_number.term(value))


class FunctionPlot:
    """Read graphs of functions."""

    name = "function_plot"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "value": Op(_value, (), "integer"),
        "apply": Op(lambda scene, x, *, curve: _value(scene, curve=curve, x=x), ("integer",), "integer"),
        "cut": Op(_cut, (), "integer"),
        "side": Op(_side, (), "integer"),
        "ratio": Op(lambda scene, a, b: _written(Fraction(a, b)), ("integer", "integer"), "expression"),
        "half": Op(lambda scene, a: _written(Fraction(a, 2)), ("integer",), "expression"),
        "halve": Op(lambda scene, a: a // 2, ("integer",), "integer"),
        "shift": Op(lambda scene, a, *, by: a + by, ("integer",), "integer"),
        "meet": Op(_meet, (), "tuple"),
        "agree": Op(_agree, (), "tuple"),
        "where": Op(_where, (), "tuple"),
        "turn": Op(_turn, (), "integer"),
        "edge": Op(lambda scene, *, sign: _wave(scene, "middle", 1) + sign * _wave(scene, "swing", 1), (), "integer"),
        "period": Op(lambda scene: 2 * _wave(scene, "half", 0), (), "integer"),
        "piece": Op(_piece, (), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        window = _window(rng, level, square=form == "compose")
        built = BUILD[form](rng, window, level)
        if built is None:
            return None
        curves, asked = built
        _name(rng, curves)
        scale = [1 if form in ("zeros", "agree") else rng.choice(ACROSS[level]), rng.choice(UP[level])]
        scene: Scene = {
            "form": form, "window": window, "curves": curves, "asked": asked,
            "scale": scale[:1] * 2 if form == "compose" else scale,
            "numbered": rng.choice(NUMBERED[level]), "style": pick_look(rng),
        }  # fmt: skip
        program = Program(self.ops, scene)
        RUN[form](program, scene)
        return Parts(
            question=ask(rng, scene),
            rules=rules(scene),
            form=ANSWER_FORMS[form],
            answer=Answer(TYPES.get(form, "tuple"), program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"graphs": len(curves), "lines": LINES[level]},
            canon=[form, scene["scale"], asked, [_content(curve) for curve in curves]],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_functions(item.scene, size, dots=item.level < 3)]

    def solve_again(self, item: Item) -> Any:
        """Walk along the drawn outline in small steps."""
        scene = item.scene
        graphs = [sampled(curve, scene["window"]) for curve in scene["curves"]]
        return SEARCH[scene["form"]](graphs, scene)

    def explain(self, item: Item, variant: int) -> list[str]:
        return explain(item, variant)


def _window(rng: Rng, level: int, *, square: bool) -> Window:
    """Where the picture begins and ends, in grid lines from the origin, which is always inside."""
    size = LINES[level]
    if level == 0:
        return [-size // 2, size // 2] * 2
    left, low = (-rng.between(3, size - 3) for _ in range(2))
    low = left if square else low
    return [left, left + size, low, low + size]


def _name(rng: Rng, curves: list[Curve]) -> None:
    """Give every graph a letter and a colour."""
    for curve, name, ink in zip(curves, rng.sample(NAMES, len(curves)), rng.sample(INKS, len(curves)), strict=True):
        curve |= {"name": name, "ink": ink}


def _content(curve: Curve) -> list[Any]:
    return [curve[key] for key in sorted(curve) if key != "ink"]


# ------------------------------------------------------------------------------------------------------------ programs


def _run_value(program: Program, scene: Scene) -> None:
    """Apply the functions of each chain in turn; then all ends, or their weighted sum."""
    asked, ends = scene["asked"], []
    for chain, x in zip(asked["chains"], asked["xs"], strict=True):
        here = program.do("value", curve=chain[0], x=x * scene["scale"][0])
        for number in chain[1:]:
            here = program.do("apply", here, curve=number)
        ends.append(here)
    if "weights" in asked:
        program.do("sum", *[program.do("times", end, by=by) for end, by in zip(ends, asked["weights"], strict=True)])
    else:
        program.do("tuple", *ends)


def _run_slope(program: Program, scene: Scene) -> None:
    run, rise = (program.do("side", axis=axis) for axis in (0, 1))
    program.do("ratio", rise, run)


def _run_turn(program: Program, scene: Scene) -> None:
    program.do("tuple", *[program.do("turn", axis=axis, most=scene["asked"]["most"]) for axis in (0, 1)])


def _run_shift(program: Program, scene: Scene) -> None:
    asked, (across, up) = scene["asked"], scene["scale"]
    x, y = (program.do("turn", axis=axis, most=asked["most"]) for axis in (0, 1))
    x = program.do("shift", x, by=asked["along"] * across)
    y = program.do("shift", program.do("times", y, by=asked["by"]), by=asked["up"] * up)
    program.do("tuple", x, y)


def _run_wave(program: Program, scene: Scene) -> None:
    high, low = (program.do("edge", sign=sign) for sign in (1, -1))
    swing = program.do("halve", program.do("subtract", high, low))
    middle = program.do("halve", program.do("add", high, low))
    program.do("tuple", swing, middle, program.do("period"))


def _run_area(program: Program, scene: Scene) -> None:
    count = len(scene["curves"][0]["knots"]) - 1
    program.do("half", program.do("sum", *[program.do("piece", at=at) for at in range(count)]))


RUN: dict[str, Callable[[Program, Scene], object]] = {
    "value": _run_value,
    "compose": _run_value,
    "cuts": lambda program, scene: program.do(
        "tuple", *[program.do("cut", curve=curve, axis=axis) for curve, axis in enumerate("xy")]
    ),
    "slope": _run_slope,
    "meet": lambda program, scene: program.do("meet"),
    "turn": _run_turn,
    "shift": _run_shift,
    "zeros": lambda program, scene: program.do("where", y=scene["asked"]["y"] * scene["scale"][1]),
    "agree": lambda program, scene: program.do("agree"),
    "wave": _run_wave,
    "area": _run_area,
}


# ------------------------------------------------------------------------------------ the second way: along the outline

Graph = dict[int, float]  # height at x * SAMPLES


def _read(graph: Graph, x: int) -> int:
    return round(graph[x * SAMPLES])


def _find_value(graphs: list[Graph], scene: Scene) -> Any:
    ends = []
    for chain, x in zip(scene["asked"]["chains"], scene["asked"]["xs"], strict=True):
        for number in chain:
            x = _read(graphs[number], x)
        ends.append(x * scene["scale"][1])
    weights = scene["asked"].get("weights")
    return sum(w * end for w, end in zip(weights, ends, strict=True)) if weights else tuple(ends)


def _find_cuts(graphs: list[Graph], scene: Scene) -> tuple[int, ...]:
    (x,) = (n for n, y in graphs[0].items() if abs(y) < 1e-9)
    return x // SAMPLES, _read(graphs[1], 0)


def _find_slope(graphs: list[Graph], scene: Scene) -> str:
    """The middle of the piece, one sample to either side; the fraction is found by trying denominators."""
    at, (across, up) = scene["asked"]["piece"], scene["scale"]
    (x0, _), (x1, _) = scene["curves"][0]["knots"][at : at + 2]
    middle = (x0 + x1) * SAMPLES // 2
    rise = (graphs[0][middle + 1] - graphs[0][middle - 1]) * SAMPLES / 2 * up / across
    run = next(run for run in range(1, 100) if abs(rise * run - round(rise * run)) < 1e-6)
    return f"{round(rise * run)}/{run}" if run > 1 else str(round(rise))


def _find_equal(graphs: list[Graph], scene: Scene) -> list[int]:
    """Columns in which both graphs, or the graph and the level, are equally high."""
    level = scene["asked"].get("y", 0)
    other = graphs[1] if len(graphs) > 1 else dict.fromkeys(graphs[0], level)
    return sorted(n // SAMPLES for n in graphs[0] if n in other and abs(graphs[0][n] - other[n]) < 1e-9)


def _find_meet(graphs: list[Graph], scene: Scene) -> tuple[int, ...]:
    across, up = scene["scale"]
    return tuple(v for x in _find_equal(graphs, scene) for v in (x * across, _read(graphs[0], x) * up))


def _find_turn(graphs: list[Graph], scene: Scene) -> tuple[int, int]:
    graph = graphs[0]
    n = max(graph, key=lambda n: graph[n] if scene["asked"]["most"] else -graph[n])
    return n // SAMPLES * scene["scale"][0], round(graph[n]) * scene["scale"][1]


def _find_shift(graphs: list[Graph], scene: Scene) -> tuple[int, int]:
    """Transform the whole outline first, then look for its highest or lowest point."""
    asked, (across, up) = scene["asked"], scene["scale"]
    moved = [
        (asked["by"] * y * up + asked["up"] * up, n / SAMPLES * across + asked["along"] * across)
        for n, y in graphs[0].items()
    ]
    y, x = max(moved) if asked["most"] == (asked["by"] > 0) else min(moved)
    return round(x), round(y)


def _find_wave(graphs: list[Graph], scene: Scene) -> tuple[int, ...]:
    high, low = max(graphs[0].values()), min(graphs[0].values())
    tops = sorted(n for n, y in graphs[0].items() if high - y < 1e-9)
    across, up = scene["scale"]
    return round((high - low) / 2 * up), round((high + low) / 2 * up), (tops[1] - tops[0]) // SAMPLES * across


def _find_area(graphs: list[Graph], scene: Scene) -> str:
    """Strips one sample wide."""
    first, *second = graphs
    over = [y - (second[0][n] if second else 0) for n, y in sorted(first.items())]
    strips = sum((a + b) / 2 / SAMPLES for a, b in zip(over, over[1:], strict=False))
    twice = round(2 * strips) * math.prod(scene["scale"])
    return f"{twice}/2" if twice % 2 else str(twice // 2)


SEARCH: dict[str, Callable[[list[Graph], Scene], Any]] = {
    "value": _find_value, "cuts": _find_cuts, "slope": _find_slope, "meet": _find_meet, "turn": _find_turn,
    "shift": _find_shift, "wave": _find_wave, "area": _find_area, "compose": _find_value,
    "zeros": lambda graphs, scene: tuple(x * scene["scale"][0] for x in _find_equal(graphs, scene)),
    "agree": lambda graphs, scene: tuple(x * scene["scale"][0] for x in _find_equal(graphs, scene)),
}  # fmt: skip
