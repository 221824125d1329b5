"""Lengths and areas: right triangles in a fan, shaded areas, and triangles cut by parallels; answers are exact.

A question never says which lengths are known: they stand in the figure.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from data_synth import exact_number
from data_synth.answers import Answer
from data_synth.english import capitalized
from data_synth.families.geometry.length_figure import draw_cut, draw_fan, draw_sheet, place_cut, place_fan, place_sheet
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

FORMS = (("fan", "cut"), ("fan", "cut", "sheet"), ("fan", "cut", "sheet"), ("fan", "cut", "sheet"), ("fan", "sheet"))
TRIANGLES = (1, 2, 3, 4, 5)
PIECES = (1, 2, 3, 4, 5)  # cut out of a sheet
CUTS = (1, 1, 2, 3, 3)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"

_ASK = {
    "fan": (
        "What is the length of {0}?",
        "How long is {0}?",
        "Find the length of the segment {0}.",
        "Work out {0} exactly.",
        "Determine the exact length of {0}.",
        "Calculate how long {0} is.",
        "Give the exact length of {0}.",
        "State the exact length of the segment {0}.",
        "From the marked lengths, find {0}.",
    ),
    "sheet": (
        "What is the shaded area?",
        "How large is the shaded area?",
        "Find the area of the shaded region.",
        "Work out the area that is shaded.",
        "Determine the exact area of the shaded part.",
        "Calculate the shaded area exactly.",
        "Give the exact area of the shaded figure.",
        "Which area is shaded?",
        "How many square units are shaded?",
    ),
}
_ASK["cut"] = _ASK["fan"]
_SEEN = (
    "I see {0}: {1}.",
    "The picture shows {0} with {1}.",
    "There is {0}; marked are {1}.",
    "Given is {0}. I read {1}.",
    "This is {0}. The figure says {1}.",
    "What I see is {0}, and the lengths {1}.",
)
_PLAN = (
    "I work from the marked lengths to what is asked, one step at a time, and keep roots and fractions exact.",
    "Plan: use each marked length once, step by step, without rounding anything on the way.",
    "I go step by step, and leave roots, fractions and pi as they are, so that the result is exact.",
    "One step after the other, exactly: no decimals, as the answer may hold a root, a fraction or pi.",
    "Each step uses one more of the marked lengths; nothing is rounded, so the end result is exact.",
    "To stay exact, I calculate with squares and fractions and take roots only at the very end.",
)
_CHECK = (
    "Check: as a decimal this is about {0}, which fits the picture.",
    "That is roughly {0}, and looks right beside the other lengths.",
    "In decimals about {0}: plausible for this figure.",
    "Roughly {0}; compared with what is marked, that is sensible.",
    "To compare with the figure: about {0}, as expected.",
    "About {0} in decimals, so the size is right.",
)
_WRONG = "Adding the lengths themselves would be wrong: in a right triangle it is the squares that add up."


def _written(value: exact_number.Exact) -> str:
    return exact_number.write(value)


class LengthArea:
    """Find an exact length or area."""

    name = "length_area"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "given": Op(lambda scene, *, at: scene["lengths"][at], (), "integer"),
        "root": Op(lambda scene, a: _written(exact_number.term(1, a)), ("integer",), "expression"),
        "quotient": Op(
            lambda scene, a, b: _written(exact_number.term(Fraction(a, b))), ("integer", "integer"), "expression"
        ),
        "scaled": Op(lambda scene, a, b, c: str(Fraction(a) * b / c), ("fraction", "integer", "integer"), "fraction"),
        "fraction": Op(lambda scene, a: str(Fraction(a)), ("integer",), "fraction"),
        "exact": Op(lambda scene, a: _written(exact_number.term(Fraction(a))), ("fraction",), "expression"),
        "half": Op(lambda scene, a: str(Fraction(a, 2)), ("integer",), "fraction"),
        "disc": Op(lambda scene, a, *, parts: [0, str(Fraction(a * a, parts))], ("integer",), "area"),
        "flat": Op(lambda scene, a: [str(Fraction(a)), 0], ("any",), "area"),
        "less": Op(
            lambda scene, a, b: [str(Fraction(a[0]) - Fraction(b[0])), str(Fraction(a[1]) - Fraction(b[1]))],
            ("area", "area"),
            "area",
        ),
        "area": Op(lambda scene, a: _area(a), ("area",), "expression"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        scene = {"fan": _fan, "cut": _cut, "sheet": _sheet}[form](rng, level)
        if scene is None:
            return None
        program = Program(self.ops, scene)
        {"fan": _run_fan, "cut": _run_cut, "sheet": _run_sheet}[form](program, scene)
        return Parts(
            question=rng.choice(_ASK[form]).format(scene["asked"]),
            rules=RULES[form],
            form="exact number" if form != "sheet" else "exact number, with pi if needed",
            answer=Answer("expression", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"lengths": len(scene["lengths"]), "steps": len(program.steps)},
            canon=[form, scene["canon"]],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [{"fan": draw_fan, "cut": draw_cut, "sheet": draw_sheet}[item.scene["form"]](item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Measure: coordinates of the fan, ratios along the cut triangle's sides, unit squares of the sheet."""
        return {"fan": _measure_fan, "cut": _measure_cut, "sheet": _measure_sheet}[item.scene["form"]](item.scene)

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        marked = ", ".join(f"{name} = {value}" for name, value in scene["lengths"].items())
        says = [_SEEN[variant].format(scene["kind"], marked), _PLAN[variant]]
        says += {"fan": _say_fan, "cut": _say_cut, "sheet": _say_sheet}[scene["form"]](item, variant)
        value = exact_number.approximate(exact_number.read(str(item.answer.value)) or {})
        return [*says, _CHECK[variant].format(f"{value:.2f}")]


RULES = {
    "fan": "Small squares mark right angles. The figure is not to scale.",
    "cut": "Lines with arrows are parallel. The figure is not to scale.",
    "sheet": "Edges that look parallel or at right angles are; arcs are parts of circles. The figure is not to scale.",
}


def _area(parts: list[Any]) -> str:
    return _written(
        exact_number.add([exact_number.term(Fraction(parts[0])), exact_number.term(Fraction(parts[1]), 1, 1)])
    )


# --------------------------------------------------------------------------------------------- right triangles in a fan


def _fan(rng: Rng, level: int) -> Scene | None:
    """Triangles O-P0-P1, O-P1-P2, ... with right angles at P1 (a leg is added) or at the new point (a leg is cut)."""
    count = TRIANGLES[level]
    names = rng.sample(LETTERS, count + 2)
    top = (150, 40, 16, 13, 12)[level]
    first = rng.between(2, top)
    square, legs, kinds = first * first, [first], []
    for _ in range(count):
        shrink = square > 8 and rng.chance(0.5 if level else 0.4)
        most = math.isqrt(square - 1) if shrink else top
        leg = rng.between(max(1, most // 4), most)
        square += -leg * leg if shrink else leg * leg
        kinds.append("cut" if shrink else "grow")
        legs.append(leg)
    if square < 2 or math.isqrt(square) ** 2 == square and level > 1:
        return None
    return place_fan(rng, {"form": "fan", "names": names, "legs": legs, "kinds": kinds, "canon": [legs, kinds]})


def _run_fan(program: Program, scene: Scene) -> None:
    names = scene["names"]
    first = program.do("given", at=names[0] + names[1])
    square = program.do("multiply", first, first)
    for n, kind in enumerate(scene["kinds"]):
        leg = program.do("given", at=names[n + 1] + names[n + 2])
        other = program.do("multiply", leg, leg)
        square = program.do("add" if kind == "grow" else "subtract", square, other)
    program.do("root", square)


def _measure_fan(scene: Scene) -> str:
    """Turn by right angles in the complex plane; the last distance is squared and its square factor searched for."""
    reach = complex(scene["legs"][0])
    for leg, kind in zip(scene["legs"][1:], scene["kinds"], strict=True):
        if kind == "grow":
            reach += leg * 1j * reach / abs(reach)
        else:  # the new point sees the old segment under a right angle
            reach = cmath.rect(abs(reach) * math.cos(math.asin(leg / abs(reach))), cmath.phase(reach))
    number = round(abs(reach) ** 2)
    outside = next(k for k in range(math.isqrt(number), 0, -1) if number % (k * k) == 0)
    inside = number // (outside * outside)
    root = f"sqrt({inside})"
    return str(outside) if inside == 1 else root if outside == 1 else f"{outside}*{root}"


def _say_fan(item: Item, variant: int) -> list[str]:
    scene = item.scene
    names, legs = scene["names"], scene["legs"]
    squares = [legs[0] ** 2]
    says = [f"{names[0]}{names[1]} squared is {legs[0]} x {legs[0]} = {squares[0]}."]
    if variant % 2 and item.level >= 2:
        says.append(_WRONG)
    for n, kind in enumerate(scene["kinds"]):
        leg, before = legs[n + 1], squares[-1]
        squares.append(before + leg * leg if kind == "grow" else before - leg * leg)
        side, new = names[n + 1] + names[n + 2], names[0] + names[n + 2]
        why = (
            f"{new} is the hypotenuse over {names[0]}{names[n + 1]} and {side}"
            if kind == "grow"
            else f"{names[0]}{names[n + 1]} is the hypotenuse, {side} and {new} are the legs"
        )
        sign = "+" if kind == "grow" else "-"
        total = f"{before} {sign} {leg} x {leg} = {before} {sign} {leg * leg} = {squares[-1]}"
        says.append(f"{capitalized(why)}: {new} squared is {total}.")
    return [*says, f"{scene['asked']} is the square root of {squares[-1]}, in lowest terms {item.answer.value}."]


# ------------------------------------------------------------------------------------------------ cut by parallels


def _cut(rng: Rng, level: int) -> Scene | None:
    """A corner T whose sides are cut by parallels; on one side all pieces are given, on the other one."""
    count = CUTS[level] + 1
    top = (90, 40, 18, 15, 15)[level]
    left = [rng.between(2, top) for _ in range(count)]
    given, asked = rng.sample(range(count), 2)
    known = rng.between(2, 60)
    if Fraction(known * left[asked], left[given]).denominator > 12 and level < 3:
        return None
    names = rng.sample(LETTERS, 2 * count + 1)
    return place_cut(rng, {
        "form": "cut", "names": names, "left": left, "given": given, "known": known, "wanted": asked,
        "canon": [left, given, known, asked],
    })  # fmt: skip


def _sides(scene: Scene) -> tuple[list[str], list[str]]:
    """Names of the pieces of both sides, from the tip outwards."""
    tip, *rest = scene["names"]
    one, other = [tip, *rest[::2]], [tip, *rest[1::2]]
    return [a + b for a, b in zip(one, one[1:], strict=False)], [a + b for a, b in zip(other, other[1:], strict=False)]


def _run_cut(program: Program, scene: Scene) -> None:
    one, other = _sides(scene)
    known = program.do("fraction", program.do("given", at=other[scene["given"]]))
    wanted = program.do("given", at=one[scene["wanted"]])
    beside = program.do("given", at=one[scene["given"]])
    program.do("exact", program.do("scaled", known, wanted, beside))


def _measure_cut(scene: Scene) -> str:
    """Search the fraction whose ratio to the known piece is that of the pieces across from them."""
    left, given, wanted, known = scene["left"], scene["given"], scene["wanted"], scene["known"]
    for bottom in range(1, left[given] + 1):
        top, rest = divmod(left[wanted] * known * bottom, left[given])
        if not rest:
            return str(top) if bottom == 1 else f"{top}/{bottom}"
    raise AssertionError("a quotient of whole numbers is a fraction")


def _say_cut(item: Item, variant: int) -> list[str]:
    scene = item.scene
    one, other = _sides(scene)
    given, wanted = scene["given"], scene["wanted"]
    a, b, c = scene["left"][wanted], scene["left"][given], scene["known"]
    spare = [name for n, name in enumerate(one) if n not in (given, wanted)]
    says = [
        "The parallels cut both sides in the same ratio: "
        f"{other[wanted]} : {other[given]} = {one[wanted]} : {one[given]}."
    ]
    if spare:
        says.append(f"The length of {' and '.join(spare)} is not needed.")
    says.append(
        f"Across from {other[wanted]} is {one[wanted]} = {a}; across from {other[given]} = {c} is {one[given]} = {b}."
    )
    if variant % 2 and item.level >= 2:
        says.append(f"The differences are not equal, so {c} + {a} - {b} would be wrong; the ratios are.")
    return [*says, f"So {other[wanted]} = {c} x {a} / {b} = {c * a} / {b} = {item.answer.value}."]


# ------------------------------------------------------------------------------------------------------ shaded areas


def _sheet(rng: Rng, level: int) -> Scene | None:
    """A rectangle with pieces cut off its corners and out of its middle."""
    return place_sheet(rng, level, PIECES[level])


def _run_sheet(program: Program, scene: Scene) -> None:
    width, height = (program.do("given", at=name) for name in ("width", "height"))
    total = program.do("flat", program.do("multiply", width, height))
    for piece in scene["pieces"]:
        sizes = [program.do("given", at=name) for name in piece["lengths"]]
        if piece["kind"] == "rectangle":
            part = program.do("flat", program.do("multiply", *sizes))
        elif piece["kind"] == "triangle":
            part = program.do("flat", program.do("half", program.do("multiply", *sizes)))
        else:
            part = program.do("disc", sizes[0], parts=4 if piece["kind"] == "quarter" else 1)
        total = program.do("less", total, part)
    program.do("area", total)


def _measure_sheet(scene: Scene) -> str:
    """Count half unit squares that no straight piece covers; circles are taken off by their radii."""
    width, height = scene["lengths"]["width"], scene["lengths"]["height"]
    cut, quarters = 0, 0
    for piece in scene["pieces"]:
        sizes = [scene["lengths"][name] for name in piece["lengths"]]
        if piece["kind"] == "rectangle":
            cut += sum(2 for _ in range(sizes[0]) for _ in range(sizes[1]))
        elif piece["kind"] == "triangle":  # two of them make a rectangle
            cut += sum(1 for _ in range(sizes[0]) for _ in range(sizes[1]))
        else:
            quarters += sizes[0] ** 2 * (1 if piece["kind"] == "quarter" else 4)
    flat = Fraction(sum(2 for _ in range(width) for _ in range(height)) - cut, 2)
    return (
        exact_number.write(exact_number.read(f"{flat} - {Fraction(quarters, 4)}*pi") or {}) if quarters else str(flat)
    )


def _say_sheet(item: Item, variant: int) -> list[str]:
    scene = item.scene
    lengths = scene["lengths"]
    width, height = lengths["width"], lengths["height"]
    says = [f"The whole rectangle has {width} x {height} = {width * height}."]
    flat, rounds = Fraction(width * height), Fraction(0)
    for piece in scene["pieces"]:
        sizes = [lengths[name] for name in piece["lengths"]]
        if piece["kind"] == "rectangle":
            flat -= sizes[0] * sizes[1]
            says.append(
                f"A rectangle is missing: {sizes[0]} x {sizes[1]} = {sizes[0] * sizes[1]}, which leaves {flat}."
            )
        elif piece["kind"] == "triangle":
            product = sizes[0] * sizes[1]
            part = Fraction(product, 2)
            flat -= part
            says.append(
                f"A right triangle is missing: {sizes[0]} x {sizes[1]} = {product}, half of it is {part}, "
                f"which leaves {flat}."
            )
        else:
            part = Fraction(sizes[0] ** 2, 4 if piece["kind"] == "quarter" else 1)
            rounds += part
            what = "A quarter of a circle" if piece["kind"] == "quarter" else "A circle"
            says.append(f"{what} with radius {sizes[0]} is missing: {part} pi.")
    if variant % 2 and item.level >= 2 and rounds:
        says.append("The radius has to be squared, not doubled.")
    return [*says, f"In all {flat}{f' - {rounds} pi' if rounds else ''}, that is {item.answer.value}."]
