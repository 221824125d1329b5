"""Mechanisms: speed and direction of the last wheel of a train, and weights on balances.

Wheels mesh, share an axle, or are joined by a belt, open or crossed. Balances are solved one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from data_synth.answers import Answer
from data_synth.english import capitalized, enumeration, with_article
from data_synth.families.diagrams.mechanism_figure import draw_balances, draw_train, place_train
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES
from data_synth.render.style import pick_look
from data_synth.rng import Rng

WHEELS = ((2, 3), (3, 3), (3, 4), (4, 4), (4, 5))
LINKS = (
    ("mesh",),
    ("mesh", "mesh", "belt"),
    ("mesh", "mesh", "belt", "axle"),
    *[("mesh", "mesh", "belt", "cross", "axle")] * 2,
)
TEETH, DRIVERS = range(15, 41), range(22, 41)  # a driving wheel has room for its arrow above the name
SPEEDS = (2, 400)  # of the last wheel, turns per minute
TRIES = 40  # trains fail more often; both forms are to be equally likely
MOST = 3000  # of the first one
UNKNOWNS = (2, 2, 3, 3, 4)
WEIGHTS = (2, 30)
TURNS = ("clockwise", "anticlockwise")
_TEETH = "Numbers on wheels are teeth; a direction is clockwise or anticlockwise."
RULES = (_TEETH, f"{_TEETH} Belts do not slip.", f"{_TEETH} Belts do not slip; wheels on one pin turn together.")

_ASK = {
    "train": (
        "How fast does wheel {0} turn, in turns per minute, and which way?",
        "At what speed (turns per minute) and in which direction does {0} rotate?",
        "Find the speed (turns per minute) and the direction of wheel {0}.",
        "Give the turns per minute of {0} and whether it turns clockwise or anticlockwise.",
        "Work out how many times per minute {0} turns, and which way round.",
        "The red wheel drives the others. What are the speed in turns per minute and the direction of {0}?",
        "Determine how {0} rotates: turns per minute and direction.",
        "What does wheel {0} do: how many turns per minute, in which direction?",
        "State the speed of {0} in turns per minute and its sense of rotation.",
    ),
    "balance": (
        "All balances are level. How heavy are {0}, in this order?",
        "What do {0} weigh, each by itself, in this order?",
        "Find the weights of {0}, in this order.",
        "The scales balance. Give the weights of {0} in order.",
        "Work out what {0} weigh, one after the other, in this order.",
        "Which weights do {0} have, in the order named?",
        "Determine the weight of each shape: {0}, in this order.",
        "Solve the balances for the weights of {0}, in this order.",
        "How much do {0} weigh, each alone? Keep the order.",
    ),
}
_SEEN = ("I see {}.", "The picture shows {}.", "There is {}.", "Given is {}.", "What I see: {}.", "The mechanism: {}.")
_PLAN = {
    "train": (
        "I go from the driving wheel to the last, and keep speed and direction of each.",
        "Wheel by wheel from the red one on:",
        "From wheel to wheel the speed changes with the ratio of teeth, and the direction with the kind of link.",
        "Teeth that pass per minute are the same for two wheels in contact, so speeds go inversely with teeth.",
        "I follow the motion along the train, link by link.",
        "Starting with what is given, one link at a time:",
    ),
    "balance": (
        "I begin with the balance that has just one unknown shape, and go on from there.",
        "One balance has a single unknown; with it the next can be solved.",
        "Balance by balance, always one with only one unknown left:",
        "First the balance that can be solved by itself, then those that build on it.",
        "Each balance gives one weight once the others on it are known.",
        "Step by step, replacing shapes by their weights:",
    ),
}
_HOW = {
    "mesh": "{b} meshes with {a}: {s} x {ta} / {tb} = {v}, and it turns the other way, {d}.",
    "belt": "A belt joins {a} and {b}: {s} x {ta} / {tb} = {v}, in the same direction, {d}.",
    "cross": "A crossed belt joins {a} and {b}: {s} x {ta} / {tb} = {v}, the other way round, {d}.",
    "axle": "{b} sits on the axle of {a}, so it turns just as fast and the same way: {v}, {d}.",
}
_WRONG = {
    "train": "A larger wheel does not turn faster: it has more teeth to bring round, so it is slower.",
    "balance": "The weights on one side must not be halved without halving the other side as well.",
}
_CHECK = (
    "Check: {}.",
    "To test it: {}.",
    "That is right, since {}.",
    "Indeed {}.",
    "Looking back, {}.",
    "It fits: {}.",
)


class Mechanisms:
    """Work out mechanisms."""

    name = "mechanisms"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "drive": Op(lambda scene: [str(scene["speed"]), scene["turn"]], (), "motion"),
        "link": Op(lambda scene, motion, *, at: _passed_on(scene, motion, at), ("motion",), "motion"),
        "speed": Op(lambda scene, motion: int(motion[0]), ("motion",), "integer"),
        "direction": Op(lambda scene, motion: TURNS[motion[1]], ("motion",), "word"),
        "side": Op(lambda scene, *, row, side: scene["rows"][row][side]["weight"], (), "integer"),
        "share": Op(lambda scene, a, *, by: a // by, ("integer",), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(("train", "balance"))
        make = _train if form == "train" else _balances
        scene = next((made for _ in range(TRIES) if (made := make(rng, level))), None)
        if scene is None:
            return None
        scene |= {"form": form, "style": pick_look(rng)}
        program = Program(self.ops, scene)
        (_run_train if form == "train" else _run_balances)(program, scene)
        asked = (
            scene["wheels"][-1]["name"] if form == "train" else enumeration([_one(shape) for shape in scene["shapes"]])
        )
        return Parts(
            question=rng.choice(_ASK[form]).format(asked),
            rules=RULES[min(level, 2)] if form == "train" else "Equal shapes weigh the same; boxes show their weight.",
            form="(speed, direction)" if form == "train" else "(" + ", ".join("abcd"[: len(scene["shapes"])]) + ")",
            answer=Answer("tuple", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"parts": len(scene["wheels"] if form == "train" else scene["rows"])},
            canon=[form, scene["canon"]],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_train(item.scene, size) if item.scene["form"] == "train" else draw_balances(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Count teeth over a time in which every wheel makes whole turns; try all weights."""
        scene = item.scene
        return _count_teeth(scene) if scene["form"] == "train" else _try_weights(scene)

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, form = item.scene, item.scene["form"]
        says = [_SEEN[variant].format(_described(scene)), _PLAN[form][variant]]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG[form])
        steps, check = _say_train(item) if form == "train" else _say_balances(item)
        return [*says, *steps, _CHECK[variant].format(check)]


# -------------------------------------------------------------------------------------------------------------- trains


def _train(rng: Rng, level: int) -> Scene | None:
    count = rng.between(*WHEELS[level])
    links = [rng.choice(LINKS[level]) for _ in range(count - 1)]
    if any(a == b == "axle" for a, b in zip(links, links[1:], strict=False)) or links[-1] == "axle":
        return None
    teeth = [rng.choice(TEETH if n else DRIVERS) for n in range(count)]
    ratio = Fraction(1)
    for n, link in enumerate(links):
        if link == "axle" and teeth[n + 1] >= teeth[n] - 14:
            return None  # the smaller wheel is drawn on the larger one
        if link != "axle":
            ratio *= Fraction(teeth[n], teeth[n + 1])
    last = rng.between(*SPEEDS)
    last -= last % ratio.numerator  # so that the first speed is whole
    first = last / ratio
    if last < 1 or first > MOST:
        return None
    names = rng.sample("ABCDEFGHJKLMNP", count)
    wheels = [{"name": name, "teeth": number} for name, number in zip(names, teeth, strict=True)]
    scene = {"wheels": wheels, "links": links, "speed": int(first), "turn": rng.randrange(2)}
    return place_train(rng, scene | {"canon": [teeth, links, int(first), scene["turn"]]})


def _passed_on(scene: Scene, motion: list[Any], at: int) -> list[Any]:
    """Motion of wheel `at` + 1 from that of wheel `at`."""
    link, a, b = scene["links"][at], scene["wheels"][at]["teeth"], scene["wheels"][at + 1]["teeth"]
    speed = Fraction(motion[0]) if link == "axle" else Fraction(motion[0]) * a / b
    return [str(speed), 1 - motion[1] if link in ("mesh", "cross") else motion[1]]


def _run_train(program: Program, scene: Scene) -> None:
    motion = program.do("drive")
    for at in range(len(scene["links"])):
        motion = program.do("link", motion, at=at)
    program.do("tuple", program.do("speed", motion), program.do("direction", motion))


def _count_teeth(scene: Scene) -> tuple[int, str]:
    """The last wheel turns once for each of its teeth that pass; reversals are counted by their parity."""
    passed, whole = scene["speed"], 1  # turns = passed / whole
    for n, link in enumerate(scene["links"]):
        if link != "axle":
            passed, whole = passed * scene["wheels"][n]["teeth"], whole * scene["wheels"][n + 1]["teeth"]
    turns = next(t for t in range(SPEEDS[1] + 1) if t * whole == passed)
    reversals = sum(link in ("mesh", "cross") for link in scene["links"])
    return turns, TURNS[(scene["turn"] + reversals) % 2]


def _say_train(item: Item) -> tuple[list[str], str]:
    scene = item.scene
    wheels = scene["wheels"]
    says = [f"{wheels[0]['name']} makes {scene['speed']} turns per minute, {TURNS[scene['turn']]}."]
    speed, turn = Fraction(scene["speed"]), scene["turn"]
    for n, link in enumerate(scene["links"]):
        before = speed
        motion = _passed_on(scene, [str(speed), turn], n)
        speed, turn = Fraction(motion[0]), motion[1]
        a, b = wheels[n], wheels[n + 1]
        how = {"a": a["name"], "b": b["name"], "ta": a["teeth"], "tb": b["teeth"], "s": before, "v": speed}
        says.append(_HOW[link].format(**how, d=TURNS[turn]))
    count = sum(link in ("mesh", "cross") for link in scene["links"])
    times = f"{count} time{'s' * (count != 1)}"
    return says, f"the direction was reversed {times}, an {'odd' if count % 2 else 'even'} number"


# ------------------------------------------------------------------------------------------------------------ balances


def _balances(rng: Rng, level: int) -> Scene | None:
    """Row n has shape n as its new unknown, besides earlier shapes and a box; rows are shuffled from level 2 on."""
    count = UNKNOWNS[level]
    looks = [[rng.choice(list(COLOURS)[:6]), shape] for shape in rng.sample(SHAPES, count)]
    weights = [rng.between(*WEIGHTS) for _ in range(count)]
    rows = []
    for n in range(count):
        left = [0] * count
        left[n] = rng.between(1, 3)
        right = [0] * count
        for earlier in range(n):
            side = left if rng.chance(0.5) else right
            side[earlier] = rng.between(0 if earlier < n - 1 else 1, 2)
        extra = sum(a * w for a, w in zip(left, weights, strict=True)) - sum(
            a * w for a, w in zip(right, weights, strict=True)
        )
        if abs(extra) < 1 or abs(extra) > 99 or sum(left) > 5 or sum(right) > 4:
            return None
        boxes = (0, extra) if extra > 0 else (-extra, 0)
        rows.append([{"counts": left, "weight": boxes[0]}, {"counts": right, "weight": boxes[1]}])
    order = list(range(count))
    if level >= 2:
        rng.shuffle(order)
    mirrored = [row[::-1] if rng.chance(0.5) else row for row in (rows[n] for n in order)]
    shown = rng.sample(range(count), count)
    return {
        "rows": mirrored, "order": order, "looks": looks, "shown": shown, "shapes": [looks[n] for n in shown],
        "weights": weights, "canon": [mirrored, looks, shown],
    }  # fmt: skip


def _run_balances(program: Program, scene: Scene) -> None:
    """Solve the rows in the order in which unknowns come in."""
    found: list[int] = []
    for n in range(len(scene["order"])):
        row = scene["order"].index(n)
        new = 0 if scene["rows"][row][0]["counts"][n] else 1
        total = program.do("sum", *_known(program, row, 1 - new, found))
        if beside := _known(program, row, new, found):
            total = program.do("subtract", total, program.do("sum", *beside))
        found.append(program.do("share", total, by=scene["rows"][row][new]["counts"][n]))
    program.do("tuple", *(found[n] for n in scene["shown"]))


def _known(program: Program, row: int, side: int, found: list[int]) -> list[int]:
    """Steps that weigh what is known on one side: the shapes whose weights were found, and the box."""
    pan = program.scene["rows"][row][side]
    terms = [
        place if count == 1 else program.do("times", place, by=count)
        for place, count in zip(found, pan["counts"], strict=False)
        if count
    ]
    return [*terms, *([program.do("side", row=row, side=side)] if pan["weight"] else [])]


def _try_weights(scene: Scene) -> tuple[int, ...] | None:
    """Extend partial assignments shape by shape, over all weights, and keep those that no balance contradicts."""
    count = len(scene["looks"])
    partial: list[tuple[int, ...]] = [()]
    for n in range(count):
        ready = [
            row for row in scene["rows"] if not any(side["counts"][k] for side in row for k in range(n + 1, count))
        ]
        grown = (old + (w,) for old, w in product(partial, range(1, 100)))
        partial = [values for values in grown if all(_level(row, values) for row in ready)]
    return tuple(partial[0][n] for n in scene["shown"]) if len(partial) == 1 else None


def _level(row: list[dict[str, Any]], weights: tuple[int, ...]) -> bool:
    """Whether both sides weigh the same; weights not yet assigned do not occur."""
    left, right = (s["weight"] + sum(c * w for c, w in zip(s["counts"], weights, strict=False)) for s in row)
    return bool(left == right)


def _say_balances(item: Item) -> tuple[list[str], str]:
    scene = item.scene
    names, weights = [_name(look) for look in scene["looks"]], scene["weights"]
    says = []
    for n in range(len(names)):
        row = scene["rows"][scene["order"].index(n)]
        new, other = (row[0], row[1]) if row[0]["counts"][n] else (row[1], row[0])
        says += _say_row(names[n], weights[n], new["counts"][n], _terms(new, weights, n), _terms(other, weights, n))
    row = scene["rows"][0]
    sums = [side["weight"] + sum(c * w for c, w in zip(side["counts"], weights, strict=True)) for side in row]
    return says, f"the first balance has {sums[0]} on the left and {sums[1]} on the right"


def _say_row(name: str, weight: int, count: int, beside: list[list[int]], other: list[list[int]]) -> list[str]:
    """One balance solved: `count` shapes and what is known beside them are as heavy as the other side."""
    words = f"{count} x {name}" if count > 1 else name
    says = [capitalized(f"{' + '.join([words, *map(_product, beside)])} = {' + '.join(map(_product, other))}.")]
    heavy, light = (sum(c * w for c, w in terms) for terms in (other, beside))
    if len(other) > 1 or other[0][0] > 1:
        says.append(f"The known side weighs {_added(other)}.")
    if len(beside) > 1 or beside and beside[0][0] > 1:
        says.append(f"Beside the unknown there is {_added(beside)}.")
    if not beside and count == len(says) == 1:
        return says
    ends = f"so {words} = {heavy - light}{f', one is {heavy - light} / {count} = {weight}' if count > 1 else ''}."
    return [*says, f"{heavy} - {light} = {heavy - light}, {ends}" if beside else capitalized(ends)]


def _terms(side: dict[str, Any], weights: list[int], new: int) -> list[list[int]]:
    """[count, weight] of what is known on one side, the box last."""
    pairs = enumerate(zip(side["counts"], weights, strict=True))
    return [[c, w] for k, (c, w) in pairs if c and k != new] + ([[1, side["weight"]]] if side["weight"] else [])


def _product(term: list[int]) -> str:
    return f"{term[0]} x {term[1]}" if term[0] > 1 else str(term[1])


def _added(terms: list[list[int]]) -> str:
    """2 x 9 + 4 = 18 + 4 = 22"""
    steps = [" + ".join(map(_product, terms)), " + ".join(str(c * w) for c, w in terms)]
    return " = ".join(dict.fromkeys([*steps, str(sum(c * w for c, w in terms))]))


# --------------------------------------------------------------------------------------------------------------- words


def _name(look: list[str]) -> str:
    return f"{look[0]} {look[1]}"


def _one(look: list[str]) -> str:
    return with_article(_name(look))


def _plural(name: str, count: int) -> str:
    return name if count == 1 else name + ("es" if name.endswith("s") else "s")


def _described(scene: Scene) -> str:
    if scene["form"] == "train":
        wheels = ", ".join(f"{wheel['name']} with {wheel['teeth']} teeth" for wheel in scene["wheels"])
        return f"a train of wheels, {wheels}, driven at {scene['wheels'][0]['name']}"
    names = [_name(look) for look in scene["looks"]]
    rows = []
    for row in scene["rows"]:
        sides = []
        for side in row:
            parts = [f"{c} {_plural(name, c)}" for c, name in zip(side["counts"], names, strict=True) if c]
            sides.append(
                " and ".join([*parts, *([f"a box of {side['weight']}"] if side["weight"] else [])]) or "nothing"
            )
        rows.append(f"{sides[0]} against {sides[1]}")
    return "; ".join(rows)
