"""Overlap and nesting: order of stacked sheets, marks by the rings around them, boxes around a box.

Orders and chains are made of letters that are drawn uniformly; sums and counts are drawn first, and the marks to match.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_synth.answers import Answer
from data_synth.families.scenes import overlap_rings as rings
from data_synth.families.scenes.nested_boxes import PAGE, halves, holders, nest
from data_synth.families.scenes.overlap_figure import TINTS, draw_overlap
from data_synth.families.scenes.overlap_trace import explain_overlap
from data_synth.families.scenes.paper_stack import lay_sheets, seen_on
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_look
from data_synth.rng import Rng

TRIES = 5  # of a form's scene, so that forms are asked equally often
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Knobs:
    """How hard a level is, form by form.

    sides, turn: of sheets, design units and degrees. radii: of rings; kinds: of conditions on the rings around a
    number; top: most dots of a depth. depth: most boxes around each other; split: chance that a box holds two; boxes:
    how many in all; chain: how many around the asked one.
    """

    forms: tuple[str, ...]
    sheets: tuple[int, int]
    sides: tuple[int, int]
    turn: int
    rings: tuple[int, int]
    radii: tuple[int, int]
    kinds: tuple[str, ...]
    numbers: tuple[int, int]
    top: int
    depth: int
    boxes: tuple[int, int]
    chain: tuple[int, int]
    split: float = 0.5


_FEW = ("stack", "sum", "dots", "chain")
_ALL = (*_FEW, "score")
_HARD = ("one", "exact", "lone", "odd")
KNOBS = (
    Knobs(
        _FEW, sheets=(3, 3), sides=(130, 180), turn=0, depth=4, boxes=(4, 6), chain=(2, 2),
        rings=(2, 2), radii=(95, 120), kinds=("in", "both", "but"), numbers=(5, 7), top=5,
    ),
    Knobs(
        _FEW, sheets=(4, 5), sides=(115, 165), turn=8, depth=5, boxes=(5, 8), chain=(2, 3),
        rings=(3, 3), radii=(90, 115), kinds=("both", "but", "either", "exact"), numbers=(7, 9), top=5,
    ),
    Knobs(
        _ALL, sheets=(5, 6), sides=(105, 155), turn=20, depth=6, boxes=(7, 11), chain=(3, 4),
        rings=(3, 4), radii=(85, 115), kinds=("but", "either", "one", "exact"), numbers=(9, 11), top=6,
    ),
    Knobs(
        _ALL, sheets=(7, 7), sides=(100, 150), turn=35, depth=7, boxes=(9, 14), chain=(4, 5),
        rings=(4, 5), radii=(80, 115), kinds=_HARD, numbers=(11, 14), top=6,
    ),
    Knobs(
        _ALL, sheets=(8, 9), sides=(88, 132), turn=45, depth=8, boxes=(11, 18), chain=(5, 6), split=0.45,
        rings=(5, 6), radii=(85, 125), kinds=_HARD, numbers=(12, 15), top=6,
    ),
)  # fmt: skip
NUMBERS, SUMS, SCORES = (3, 99), (40, 189), (150, 349)
# lattice of the numbers, and of the dots: distance of places, and how far they keep from outlines
NUMBER_PLACES, DOT_PLACES = (32, 16), (22, 12)
OUTSIDE = 3  # most numbers outside all rings

_ASK = {
    "stack": (
        "The sheets lie on top of each other. List their letters {0}.",
        "In which order do the sheets lie? Name them {0}.",
        "Which sheet lies on which? Give all letters {0}.",
        "Sort the sheets of paper by height. Write their letters {0}.",
        "Someone laid these sheets down one by one. State their order {0}.",
        "Look at what covers what. How are the sheets ordered {0}?",
        "Take the stack apart in your mind. What is the order of its sheets {0}?",
        "Read the order of the stack off the picture, {0}.",
    ),
    "sum": (
        "Add up the numbers that are {0}. What is their sum?",
        "What sum do the numbers {0} have?",
        "Take only the numbers {0}. How much are they together?",
        "Find all numbers {0} and give their total.",
        "What is the total of all the numbers {0}?",
        "Some of the numbers are {0}. Work out what they add up to.",
        "Look for numbers that are {0}. Calculate the sum of these.",
        "Ignore all numbers but those {0}. Which sum is left?",
    ),
    "score": (
        "Each number counts once for every ring around it. What is the total?",
        "Multiply every number by how many rings it is inside of. What do the products add up to?",
        "A number inside two rings counts double, inside three threefold, and so on; outside it counts nothing. "
        "What is the score?",
        "Write in every ring the sum of the numbers inside it. What do you get when you add up these sums?",
        "For each ring, add up the numbers inside. How much do all rings have together?",
        "Weight each number with the count of rings that enclose it. What is the weighted sum?",
        "Each number scores as many times as there are rings around it. Find the overall score.",
        "Go through the rings one by one and add every number inside. What have you added in the end?",
    ),
    "dots": (
        "How many dots are {0}?",
        "Count the dots that are {0}.",
        "State the numbers of dots that are {0}.",
        "Sort the dots by the rings around them. How many are {0}?",
        "Give, in this order, how many of the dots are {0}.",
        "Find out how many black dots there are {0}.",
        "Of all the dots, how many are {0}?",
        "Look at each dot. Tell how many of them are {0}.",
    ),
    "chain": (
        "Which boxes is {1} inside of? Begin with the {0}.",
        "List all boxes around {1}, the {0} first.",
        "Name the boxes that enclose {1}, starting with the {0}.",
        "Box {1} lies in other boxes. Give their letters, the {0} first.",
        "Write down every box that has {1} inside it. Put the {0} first.",
        "In which boxes does {1} stand? Order them with the {0} first.",
        "Find box {1}. What are the boxes around it, beginning with the {0}?",
        "Look for {1}. What are the letters of the boxes around it, from the {0} on?",
    ),
}
_STACK_WAYS = ("from the bottom one to the top one", "from the top one to the bottom one")
_CHAIN_WAYS = ("outermost", "innermost")
_FORMS = {"stack": "(A, B, ...)", "chain": "(A, B, ...)", "dots": "(a, b, c)"}
_RULES = {
    "stack": "A sheet hides what lies below it.",
    "chain": "The letter of a box is in its top left corner.",
    "sum": "A number is inside a ring if it stands within the circle, however many other circles it is in.",
    "score": "A ring is a circle; a number can be inside several.",
    "dots": "A dot can be inside several rings.",
}


class Overlap:
    """Tell what lies on, in and around what."""

    name = "overlap"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "seen_on": Op(lambda scene: seen_on(scene["sheets"]), (), "pairs"),
        "order": Op(lambda scene, pairs: _ordered(scene, pairs), ("pairs",), "tuple"),
        "around": Op(lambda scene, *, label: holders(scene["boxes"], label), (), "boxes"),
        "chain": Op(lambda scene, boxes: boxes[:: -1 if scene["way"] else 1], ("boxes",), "tuple"),
        "marked": Op(lambda scene, *, mark: scene["marks"][mark]["value"], (), "integer"),
        "depth": Op(lambda scene, *, mark: len(_signature(scene, mark)), (), "integer"),
        "dots": Op(lambda scene, *, depths: _in_depths(scene, depths), (), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        knobs = KNOBS[level]
        form = rng.choice(knobs.forms)
        build = {"stack": _stack, "sum": _sum, "score": _score, "dots": _dots, "chain": _chain}[form]
        made = next((made for _ in range(TRIES) if (made := build(rng, knobs))), None)
        if made is None:
            return None
        scene: Scene = {"form": form, "style": pick_look(rng), **made}
        program = Program(self.ops, scene)
        _execute(program, scene)
        return Parts(
            question=rng.choice(_ASK[form]).format(*_blanks(scene)),
            rules=_RULES[form],
            form=_FORMS.get(form, "n"),
            answer=Answer("tuple" if isinstance(program.value(), list) else "integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"shapes": len(made.get("sheets") or made.get("rings") or made["boxes"])},
            canon=[form, *_content(made)],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_overlap(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """By the heights of sheets, by rays from marks through the rings, by a ray from a box outwards."""
        scene = item.scene
        if scene["form"] == "stack":
            rows = sorted(scene["sheets"], key=lambda sheet: int(sheet["height"]), reverse=scene["way"] == 1)
            return tuple(sheet["label"] for sheet in rows)
        if scene["form"] == "chain":
            found = _crossed(scene["boxes"], scene["asked"])
            return tuple(found if scene["way"] else found[::-1])
        inside = [[ring["name"] for ring in scene["rings"] if _ray_leaves(ring, mark)] for mark in scene["marks"]]
        if scene["form"] == "dots":
            return tuple(sum(len(names) in depths for names in inside) for depths in scene["depths"])
        if scene["form"] == "score":
            return sum(mark["value"] for ring in scene["rings"] for mark in scene["marks"] if _ray_leaves(ring, mark))
        pairs = zip(scene["marks"], inside, strict=True)
        return sum(mark["value"] for mark, names in pairs if _meets(scene["condition"], set(names)))

    def explain(self, item: Item, variant: int) -> list[str]:
        return explain_overlap(item.scene, variant, item.level)


def _stack(rng: Rng, knobs: Knobs) -> dict[str, Any] | None:
    sheets = lay_sheets(rng, rng.between(*knobs.sheets), knobs.sides, knobs.turn)
    if sheets is None:
        return None
    names, tints = rng.sample(LETTERS, len(sheets)), rng.sample(TINTS, len(sheets))
    labelled = [sheet | {"label": n, "tint": t} for sheet, n, t in zip(sheets, names, tints, strict=True)]
    return {"sheets": sorted(labelled, key=lambda sheet: str(sheet["label"])), "way": rng.randrange(2)}


def _sum(rng: Rng, knobs: Knobs) -> dict[str, Any] | None:
    """Rings with numbers between them; those that count are made to fit a sum that is drawn."""
    circles, places = _numbered(rng, knobs)
    condition = rings.draw_condition(rng, knobs.kinds, circles)
    counted = [rings.holds(condition, signature) for signature, _ in places]
    number = sum(counted)
    if not 2 <= number <= len(places) - 1:
        return None
    terms = rng.split(rng.between(*SUMS), number, *NUMBERS)
    values = [terms.pop() if counts else rng.between(*NUMBERS) for counts in counted]
    return {"rings": circles, "marks": rings.marks(places, values), "condition": condition}


def _score(rng: Rng, knobs: Knobs) -> dict[str, Any] | None:
    """Rings with numbers that make a score that is drawn when each counts once for every ring around it."""
    circles, places = _numbered(rng, knobs)
    depths = [len(signature) for signature, _ in places]
    values = rings.split_score(rng, rng.between(*SCORES), depths, NUMBERS[1])
    return {"rings": circles, "marks": rings.marks(places, values)} if values else None


def _numbered(rng: Rng, knobs: Knobs) -> tuple[list[rings.Ring], list[rings.Place]]:
    """Rings and the places of numbers, none if there are too few."""
    circles = rings.draw_rings(rng, rng.between(*knobs.rings), knobs.radii)
    free = rings.free_places(rng, circles, *NUMBER_PLACES)
    free[()] = free.get((), [])[:OUTSIDE]
    return circles, rings.spread(rng, free, rng.between(*knobs.numbers))


def _dots(rng: Rng, knobs: Knobs) -> dict[str, Any] | None:
    """Rings with dots between them, whose counts by depth are drawn first."""
    circles = rings.draw_rings(rng, rng.between(*knobs.rings), knobs.radii)
    deepest = len(circles)
    depths = [[0], [1], [2]] if deepest == 2 else [[1], [2], list(range(3, deepest + 1))]
    places: dict[int, list[tuple[int, int]]] = {}
    for signature, spots in rings.free_places(rng, circles, *DOT_PLACES).items():
        places.setdefault(len(signature), []).extend(spots)
    pools = [[spot for depth in group for spot in places.get(depth, [])] for group in depths]
    if any(len(pool) < knobs.top for pool in pools):
        return None
    dots = [spot for pool in pools for spot in rng.sample(pool, rng.between(1, knobs.top))]
    if deepest > 2:
        dots += rng.sample(places.get(0, []), min(len(places.get(0, [])), rng.between(0, 4)))
    marks = [{"x": x, "y": y} for x, y in sorted(dots, key=lambda spot: (spot[1], spot[0]))]
    return {"rings": circles, "marks": marks, "depths": depths}


def _chain(rng: Rng, knobs: Knobs) -> dict[str, Any] | None:
    """Boxes of which one with enough boxes around it is asked for."""
    for _ in range(12):
        areas = halves(rng, PAGE) if rng.chance(knobs.split) else [PAGE]
        boxes = [box for area in areas for box in nest(rng, area, knobs.depth, knobs.split)]
        if not knobs.boxes[0] <= len(boxes) <= knobs.boxes[1]:
            continue
        named = {name: list(box) for name, box in zip(rng.sample(LETTERS, len(boxes)), boxes, strict=True)}
        depths = {name: len(holders(named, name)) for name in named}
        fitting = [name for name, depth in depths.items() if knobs.chain[0] <= depth <= knobs.chain[1]]
        if fitting:
            look = {"colour": rng.choice(("blue", "green", "orange", "purple", "yellow")), "depths": depths}
            return {"boxes": named, "asked": rng.choice(fitting), "way": rng.randrange(2), **look}
    return None


def _content(made: dict[str, Any]) -> list[Any]:
    """What makes two scenes the same, places on a grid of 16 design units."""
    sheets = [[s["label"], s["height"], *(v // 16 for p in s["corners"] for v in p)] for s in made.get("sheets", [])]
    circles = [[r["name"], r["x"] // 16, r["y"] // 16, r["r"] // 16] for r in made.get("rings", [])]
    marks = [[m.get("value", 0), m["x"] // 16, m["y"] // 16] for m in made.get("marks", [])]
    boxes = {name: [value // 16 for value in box] for name, box in made.get("boxes", {}).items()}
    return [sheets, circles, marks, boxes, *(made.get(key) for key in ("condition", "asked", "way"))]


def _blanks(scene: Scene) -> tuple[str, str]:
    """What the wordings of the question leave open."""
    if scene["form"] == "stack":
        return _STACK_WAYS[scene["way"]], ""
    if scene["form"] == "chain":
        return _CHAIN_WAYS[scene["way"]], scene["asked"]
    if scene["form"] == "dots":
        deep = len(scene["rings"]) > 2
        names = ("inside exactly one ring", "inside exactly two rings", "inside three or more rings")
        if len(scene["rings"]) == 3:
            names = (*names[:2], "inside all three rings")
        *first, last = names if deep else ("outside both rings", names[0], "inside both rings")
        return f"{', '.join(first)} and {last}", ""
    return rings.condition_phrase(scene["condition"]) if "condition" in scene else "", ""


def _execute(program: Program, scene: Scene) -> None:
    form = scene["form"]
    if form == "stack":
        program.do("order", program.do("seen_on"))
    elif form == "chain":
        program.do("chain", program.do("around", label=scene["asked"]))
    elif form == "dots":
        program.do("tuple", *(program.do("dots", depths=depths) for depths in scene["depths"]))
    elif form == "score":
        deep = [mark for mark in range(len(scene["marks"])) if _signature(scene, mark)]
        pairs = [(program.do("marked", mark=mark), program.do("depth", mark=mark)) for mark in deep]
        program.do("sum", *[program.do("multiply", *pair) for pair in pairs])
    else:
        marks = range(len(scene["marks"]))
        fitting = [mark for mark in marks if rings.holds(scene["condition"], _signature(scene, mark))]
        program.do("sum", *[program.do("marked", mark=mark) for mark in fitting])


def _signature(scene: Scene, mark: int) -> rings.Signature:
    return rings.around(scene["rings"], scene["marks"][mark]["x"], scene["marks"][mark]["y"])


def _in_depths(scene: Scene, depths: list[int]) -> int:
    return sum(len(_signature(scene, mark)) in depths for mark in range(len(scene["marks"])))


def _ordered(scene: Scene, pairs: list[list[str]]) -> list[str]:
    """The only order, lowest first or highest first, that agrees with what is seen on what."""
    left = [sheet["label"] for sheet in scene["sheets"]]
    order: list[str] = []
    while left:
        (lowest,) = [name for name in left if not any(upper == name and lower in left for upper, lower in pairs)]
        order.append(lowest)
        left.remove(lowest)
    return order[:: -1 if scene["way"] else 1]


# --------------------------------------------------------------------------------------------------- second solvers


def _crossed(boxes: dict[str, list[int]], label: str) -> list[str]:
    """Boxes whose outline a ray from the box to the left crosses once, in the order of the crossings."""
    x, y = boxes[label][0], (boxes[label][1] + boxes[label][3]) // 2
    met = [(name, a, c) for name, (a, top, c, bottom) in boxes.items() if top < y < bottom]
    names = [name for _, name in sorted((x - side, name) for name, a, c in met for side in (a, c) if side < x)]
    return [name for name in names if names.count(name) == 1]


def _ray_leaves(ring: dict[str, Any], mark: dict[str, int]) -> bool:
    """Whether a ray from the mark to the right crosses the circle an odd number of times."""
    down, across = mark["y"] - ring["y"], mark["x"] - ring["x"]
    half = ring["r"] ** 2 - down**2  # the circle meets the ray's line at plus and minus the root of this
    return half > 0 and sum(root > across for root in (-(half**0.5), half**0.5)) == 1


def _meets(condition: dict[str, Any], names: set[str]) -> bool:
    a, b, c = (name in names for name in (*condition["of"], "", "", "")[:3])
    return {
        "in": a, "both": a and b, "but": a and not b, "either": a or b, "one": a != b,
        "lone": a and not (b or c), "exact": len(names) == condition["n"], "odd": len(names) & 1 == 1,
    }[condition["kind"]]  # fmt: skip
