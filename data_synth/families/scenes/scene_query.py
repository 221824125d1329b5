"""Compositional queries over labelled objects on a grid: programs of filters, relations, and, or, not.

Answers are labels, which are drawn uniformly, sets of them, or tuples of attributes, counts and checks with a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from data_synth.answers import Answer
from data_synth.families.scenes import query_tree as tree
from data_synth.families.scenes.look_words import plural
from data_synth.families.scenes.query_draw import Wish, draw_query
from data_synth.families.scenes.query_trace import explain_query
from data_synth.families.scenes.query_tree import Query, Test, Thing
from data_synth.item import Item, Parts
from data_synth.layout import SIDE, cells
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, FAINT
from data_synth.render.shapes import SHAPES, draw_shape
from data_synth.render.style import figure_look, pick_look
from data_synth.rng import Rng

LABELS = [a + b for a, b in product("ABCDEFGHJKLMNPQRSTUVWXYZ", repeat=2)]
LABEL = 15  # text height, design units
DRAWS = 12  # of a statement


@dataclass(frozen=True)
class Knobs:
    """How hard a level is. parts: (all, any, none) tests that a query may have; named: anchors are labels."""

    grid: int
    objects: tuple[int, int]
    shapes: int
    colours: int
    widths: dict[str, int]
    forms: tuple[str, ...]
    parts: tuple[tuple[int, int, int], ...]
    named: bool = True
    checks: tuple[tuple[int, int, int], ...] = ((1, 0, 0),)


_SIZES = {"small": 22, "large": 38}
_ONE, _TWO = ((1, 0, 0), (0, 0, 1)), ((2, 0, 0), (0, 2, 0), (1, 0, 1))
KNOBS = (
    Knobs(4, (5, 8), 3, 4, {"": 46}, ("label", "labels"), ((0, 0, 0),)),
    Knobs(4, (9, 12), 4, 5, {"": 46}, ("label", "labels"), _ONE),
    Knobs(5, (12, 15), 5, 6, {"": 38}, ("label", "labels", "code"), _TWO),
    Knobs(5, (16, 20), 5, 6, _SIZES, ("labels", "code", "checks"), (*_TWO, (0, 2, 1)), named=False),
    Knobs(6, (21, 26), 6, 6, _SIZES, ("labels", "code", "checks"), ((0, 2, 1), (2, 0, 1), (1, 2, 0)), False, _TWO),
)

_ASK = {
    "label": (
        "There is just one {0}. Which label does it have?",
        "Look for the only {0}. What is written below it?",
        "One object is the only {0}. How is it labelled?",
        "Find in the picture the only {0}, and give its label.",
        "In this picture, what is the label of the only {0}? Two letters are enough.",
        "Search the grid for the only {0}, then write its label.",
        "Some label belongs to the only {0}. Which one is it?",
        "I am looking for the only {0}. Tell me its label.",
    ),
    "labels": (
        "Look for the {1}. Which labels are below them?",
        "Find in the picture all {1}, and give their labels.",
        "Here are some {1}. What are the labels of all of them?",
        "Search the grid for all {1}, then write their labels.",
        "I am looking for the {1}. Tell me all of their labels.",
        "Some labels belong to {1}. Which ones are they?",
        "In this picture, what are the labels of the {1}? The order does not matter.",
        "Which set of labels do you get for the {1}? Leave none of them out.",
    ),
    "code": (
        "Give these three things: {0}. Keep to this order.",
        "What are the following three? {0}. Answer in that order.",
        "Find out from the picture {0}. Write all three down.",
        "Look at the picture for {0}. Tell me all of them.",
        "Three values are asked for: {0}. State them one by one.",
        "Determine one after the other {0}. What do you get?",
        "I want to know {0}. What are these three values?",
        "Write down as a triple {0}. Nothing else is needed.",
    ),
    "checks": (
        "Which of these are true? {0} Then find {1}. Give all five results.",
        "Judge each of the statements. {0} After them comes {1}. What is the result?",
        "Test these claims against the picture. {0} Then add {1} as the last entry.",
        "True or false, one by one? {0} Keep to this order, and close with {1}.",
        "Say of each whether it holds. {0} Then put at the end {1}.",
        "Check the following four sentences. {0} As number five, give {1}.",
        "Do these sentences fit the picture? {0} After your four decisions, I also want {1}.",
        "Read the statements and decide. {0} At the end, name {1}.",
    ),
}
_FORMS = {"label": "label", "labels": "{labels}", "checks": "(a, b, c, d, label)"}
_RULES = "Rows and columns are those of the drawn grid; each label is below its object."
_BOTH = " Either-or includes objects to which both apply."
_ONES = " Write 1 for a true statement and 0 for a false one."


class SceneQuery:
    """Answer compositional queries."""

    name = "scene_query"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "members": Op(lambda scene, *, group: tree.members(scene, group), (), "objects"),
        "related": Op(lambda scene, place, *, how: tree.related(scene, place, how), ("object",), "objects"),
        "find": Op(lambda scene, *, label: tree.find(scene, label), (), "object"),
        "only": Op(lambda scene, found: tree.places(found)[0], ("objects",), "object"),
        "both": Op(lambda scene, a, b: a & b, ("objects", "objects"), "objects"),
        "either": Op(lambda scene, a, b: a | b, ("objects", "objects"), "objects"),
        "without": Op(lambda scene, a, b: a & ~b, ("objects", "objects"), "objects"),
        "label": Op(lambda scene, place: scene["objects"][place]["label"], ("object",), "word"),
        "labels": Op(lambda scene, found: tree.labels(scene["objects"], found), ("objects",), "set"),
        "word": Op(
            lambda scene, place, *, of: scene["objects"][place]["look"].split()[tree.ATTRIBUTES[of]],
            ("object",),
            "word",
        ),
        "count": Op(lambda scene, found: found.bit_count(), ("objects",), "integer"),
        "exists": Op(lambda scene, found: int(found > 0), ("objects",), "integer"),
        "more": Op(lambda scene, a, b: int(a > b), ("integer", "integer"), "integer"),
        "same": Op(lambda scene, a, b: int(a == b), ("word", "word"), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        knobs = KNOBS[level]
        form = rng.choice(knobs.forms)
        scene: Scene = {"form": form, "grid": knobs.grid, "objects": _objects(rng, knobs), "style": pick_look(rng)}
        index = tree.Index(scene)
        wanted = {"label": [("label", "")], "labels": [("labels", "")], "checks": [("label", "")]}.get(form, _code(rng))
        scene["checks"] = [_check(rng, index, knobs) for _ in range(4)] if form == "checks" else []
        scene["asked"] = [_asked(rng, index, knobs, of, hidden) for of, hidden in wanted]
        if None in scene["checks"] or None in scene["asked"]:
            return None
        program = Program(self.ops, scene)
        _execute(program, scene)
        question = _question(rng, scene)
        kind = {"label": "word", "labels": "set"}.get(form, "tuple")
        return Parts(
            question=question,
            rules=_RULES + _BOTH * (" either " in question) + _ONES * (form == "checks"),
            form=_FORMS.get(form) or f"({', '.join(ask['of'] for ask in scene['asked'])})",
            answer=Answer(kind, program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"objects": len(scene["objects"]), "nodes": len(program.steps)},
            canon=[form, scene["checks"], scene["asked"], [_content(thing) for thing in scene["objects"]]],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        scene = item.scene
        canvas = Canvas(SIDE, SIDE, size, figure_look(scene))
        cell = SIDE // scene["grid"]
        for line in range(cell, SIDE - cell + 1, cell):
            canvas.line([(line, 0), (line, SIDE)], FAINT, 2, "grid")
            canvas.line([(0, line), (SIDE, line)], FAINT, 2, "grid")
        for place, thing in enumerate(scene["objects"]):
            *_, colour, shape = thing["look"].split()
            draw_shape(canvas, shape, colour, tuple(thing["box"]), f"object {place}")
            x = (thing["box"][0] + thing["box"][2]) // 2
            canvas.text(x, thing["row"] * cell - 11, thing["label"], LABEL, tag=f"label {place}")
        return [canvas]

    def solve_again(self, item: Item) -> Any:
        """Ask every object for itself whether it fulfils a query."""
        scene = item.scene
        named = {thing["label"]: thing for thing in scene["objects"]}
        values: list[Any] = [int(_holds(named, check)) for check in scene["checks"]]
        for ask in scene["asked"]:
            fitting = [thing for thing in named.values() if _fits(thing, ask["query"], named)]
            if ask["of"] == "labels":
                return tuple(sorted(thing["label"] for thing in fitting))
            if ask["of"] == "count":
                values.append(len(fitting))
            else:
                look = fitting[0]["look"].split()
                values.append({"label": fitting[0]["label"], "colour": look[-2], "shape": look[-1]}[ask["of"]])
        return values[0] if scene["form"] == "label" else tuple(values)

    def explain(self, item: Item, variant: int) -> list[str]:
        return explain_query(item.scene, variant, item.level)


def _word(thing: Thing, of: str) -> str:
    """The colour or the shape of an object."""
    return str(thing["look"].split()[tree.ATTRIBUTES[of]])


def _objects(rng: Rng, knobs: Knobs) -> list[dict[str, Any]]:
    """Objects in cells of the grid, in reading order, each above its label."""
    count, cell = rng.between(*knobs.objects), SIDE // knobs.grid
    names = rng.sample(LABELS, count)
    objects = []
    for (row, column), name in zip(cells(rng, knobs.grid, count), names, strict=True):
        size = rng.choice(list(knobs.widths))
        look = f"{size} {rng.choice(list(COLOURS)[: knobs.colours])} {rng.choice(SHAPES[: knobs.shapes])}".strip()
        width = knobs.widths[size]
        free = (cell - width) // 2
        left = column * cell + free + rng.between(-free // 3, free // 3)
        top = row * cell + (cell - 18 - width) // 2 + 1
        box = [left, top, left + width, top + width]
        objects.append({"look": look, "label": name, "row": row + 1, "column": column + 1, "box": box})
    return objects


def _code(rng: Rng) -> list[tuple[str, str]]:
    """What is asked, in order, and the attribute that the query must not tell."""
    attribute = rng.choice(list(tree.ATTRIBUTES))
    return [*rng.sample([(attribute, attribute), ("count", "")], 2), ("label", "")]


def _asked(rng: Rng, index: tree.Index, knobs: Knobs, of: str, hidden: str) -> dict[str, Any] | None:
    sizes = {"labels": (2, 5), "count": (1, 9)}.get(of, (1, 1))
    query = draw_query(rng, index, Wish(rng.choice(knobs.parts), sizes, knobs.named, hidden))
    return {"of": of, "query": query} if query else None


def _check(rng: Rng, index: tree.Index, knobs: Knobs) -> dict[str, Any] | None:
    """A statement that is true or false as drawn, whatever its kind."""
    objects, truth, kind = index.objects, rng.chance(0.5), rng.choice(("more", "exists", "same"))
    query = None
    if kind == "exists":
        query = draw_query(rng, index, Wish(rng.choice(knobs.checks), (1, 4), knobs.named))
    for _ in range(DRAWS):
        one, other = rng.choice(objects), rng.choice(objects)
        of = rng.choice(list(tree.ATTRIBUTES))
        a, b = _word(one, of), _word(other, of)
        if kind == "more":
            counts = index.group(a).bit_count(), index.group(b).bit_count()
            if counts[0] != counts[1] and (counts[0] > counts[1]) == truth:
                return {"kind": kind, "a": a, "b": b}
        elif kind == "same":
            if one is not other and (a == b) == truth:
                return {"kind": kind, "of": of, "a": one["label"], "b": other["label"]}
        elif query is not None:
            claimed = query if truth else query | {"noun": _swapped(rng, query["noun"], knobs)}
            if (index.query(claimed) > 0) == truth:
                return {"kind": kind, "query": claimed}
    return None


def _swapped(rng: Rng, noun: str, knobs: Knobs) -> str:
    """The noun with another shape, or with one if it had none."""
    words = [word for word in noun.split() if word not in SHAPES]
    return " ".join([*words, rng.choice(SHAPES[: knobs.shapes])])


def _content(thing: Thing) -> list[Any]:
    return [thing["look"], thing["label"], thing["row"], thing["column"]]


def _execute(program: Program, scene: Scene) -> None:
    parts = [_execute_check(program, check) for check in scene["checks"]]
    for ask in scene["asked"]:
        found = tree.execute(program, ask["query"])
        if ask["of"] in ("labels", "count"):
            parts.append(program.do(ask["of"], found))
        elif ask["of"] == "label":
            parts.append(program.do("label", program.do("only", found)))
        else:
            parts.append(program.do("word", program.do("only", found), of=ask["of"]))
    if len(parts) > 1:
        program.do("tuple", *parts)


def _execute_check(program: Program, check: dict[str, Any]) -> int:
    if check["kind"] == "exists":
        return program.do("exists", tree.execute(program, check["query"]))
    if check["kind"] == "more":
        return program.do("more", *(program.do("count", program.do("members", group=check[key])) for key in "ab"))
    places = (program.do("find", label=check[key]) for key in "ab")
    return program.do("same", *(program.do("word", place, of=check["of"]) for place in places))


def _question(rng: Rng, scene: Scene) -> str:
    form, query = scene["form"], scene["asked"][0]["query"]
    wording = rng.choice(_ASK[form])
    if form == "checks":
        claims = (f"({letter}) {_claim(check)}." for letter, check in zip("abcd", scene["checks"], strict=True))
        return wording.format(" ".join(claims), _wanted(scene["asked"][0]))
    if form == "code":
        parts = (f"({number}) {_wanted(ask)}" for number, ask in enumerate(scene["asked"], 1))
        return wording.format("; ".join(parts))
    return wording.format(tree.phrase(query, True), tree.phrase(query, False))


def _wanted(ask: dict[str, Any]) -> str:
    if ask["of"] == "count":
        return f"the number of {tree.phrase(ask['query'], False)}"
    return f"the {ask['of']} of the only {tree.phrase(ask['query'], True)}"


def _claim(check: dict[str, Any]) -> str:
    if check["kind"] == "exists":
        return f"There is at least one {tree.phrase(check['query'], True)}"
    if check["kind"] == "more":
        return f"There are more {plural(check['a'])} than {plural(check['b'])}"
    return f"{check['a']} and {check['b']} have the same {check['of']}"


# ---------------------------------------------------------------------------------------------------- second solver


def _fits(thing: Thing, query: Query, named: dict[str, Thing]) -> bool:
    if not set(query["noun"].split()) <= set(thing["look"].split()):
        return False
    wanted = all(_passes(thing, test, named) for test in query["all"])
    one = not query["any"] or any(_passes(thing, test, named) for test in query["any"])
    return wanted and one and not any(_passes(thing, test, named) for test in query["none"])


def _passes(thing: Thing, test: Test, named: dict[str, Thing]) -> bool:
    if "is" in test:
        return test["is"] in thing["look"].split()
    if "label" in test["to"]:
        anchor = named[test["to"]["label"]]
    else:
        (anchor,) = [t for t in named.values() if set(test["to"]["look"].split()) <= set(t["look"].split())]
    if thing["label"] == anchor["label"]:
        return False
    down, across = thing["row"] - anchor["row"], thing["column"] - anchor["column"]
    colour, shape = (thing["look"].split()[n] == anchor["look"].split()[n] for n in (-2, -1))
    facts = {"row": down == 0, "above": down < 0, "below": down > 0, "colour": colour, "shape": shape}
    return (facts | {"column": across == 0, "left": across < 0, "right": across > 0})[test["how"]]


def _holds(named: dict[str, Thing], check: dict[str, Any]) -> bool:
    if check["kind"] == "exists":
        return any(_fits(thing, check["query"], named) for thing in named.values())
    if check["kind"] == "same":
        a, b = (named[check[key]]["look"].split() for key in "ab")
        return a[tree.ATTRIBUTES[check["of"]]] == b[tree.ATTRIBUTES[check["of"]]]
    looks = " ".join(thing["look"] for thing in named.values()).split()
    return looks.count(check["a"]) > looks.count(check["b"])
