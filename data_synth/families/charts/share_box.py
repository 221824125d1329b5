"""Box plots: quartiles, medians and whiskers of several groups over a grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.axes import Axes, draw_grid, draw_numbers
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK
from data_synth.render.shades import tint
from data_synth.render.style import figure_look
from data_synth.rng import Rng

GROUPS = (
    "Ash",
    "Bay",
    "Bee",
    "Elm",
    "Fig",
    "Fir",
    "Hop",
    "Ivy",
    "Kea",
    "Oak",
    "Owl",
    "Ray",
    "Roe",
    "Tit",
    "Yak",
    "Yew",
)
INKS = ("blue", "green", "orange", "purple", "red")
COUNT = {2: (3, 4), 3: (4, 5), 4: (6, 7)}
TOP, UP = 24, 12  # half grid lines up to the edge, design units of one
MARKS = ("lowest", "first", "median", "third", "highest")  # first and third quartile
WORTHS = (2, 4, 10, 20, 50)
FORMS: Mapping[str, str] = {"spans": "(median, box, range)", "widest": "(name, box, median)"}
WRONG = "Taking the ends of the whiskers for the ends of the box would be wrong."
ASK: Mapping[str, tuple[str, ...]] = {
    "spans": (
        "What is the median of {0}, how long is the box of {1}, and what is the range of {2}?",
        "Give the median of {0}, the interquartile range of {1} and the full range of {2}.",
        "How high is the median of {0}, how long the box of {1}, and how far apart are the whisker ends of {2}?",
        "Find three numbers: median of {0}, interquartile range of {1}, range of {2}.",
        "State the median of {0}, third minus first quartile of {1}, and highest minus lowest of {2}.",
        "Read off {0}'s median, the length of {1}'s box, and the distance of {2}'s whisker ends.",
        "Work out the median of {0}, the box length of {1} and the total range of {2}.",
        "How much are the median of {0}, the length of the box of {1}, and the range of {2}?",
    ),
    "widest": (
        "Which group has the longest box, how long is it, and what is that group's median?",
        "Name the group with the largest interquartile range, with this range and its median.",
        "Find the longest box: its group, its length, its median.",
        "Give the group whose quartiles are furthest apart, by how much, and its median.",
        "Whose box is longest? State group, length of the box and median.",
        "In which group does the middle half of the values spread most? Add box length and median.",
        "Which group has the greatest third minus first quartile? Give it, this difference, and its median.",
        "Look for the longest box. Say its name, how long it is, and where its median lies.",
    ),
}


def build(rng: Rng, level: int) -> Scene | None:
    """Marks at least a grid line apart. The longest box is uniform in place, and longer than any other by as much."""
    count, form = rng.between(*COUNT[level]), "spans" if level == 2 else "widest"
    rows = [_marks(rng, rng.between(4, 12)) for _ in range(count)]
    if form == "widest":
        length = rng.between(6, 14)
        rows = [_marks(rng, rng.between(4, length - 2)) for _ in range(count)]
        rows[rng.randrange(count)] = _marks(rng, length)
    return {
        "form": form, "names": rng.sample(GROUPS, count), "rows": rows, "ink": rng.choice(INKS),
        "worth": 10 if form == "spans" else rng.choice(WORTHS), "picked": rng.sample(range(count), 3),
    }  # fmt: skip


def _marks(rng: Rng, length: int) -> list[int]:
    """Lowest value, quartiles with the median between, highest value: two half lines apart or more."""
    first = rng.between(2, TOP - 2 - length)
    third = first + length
    return [rng.between(0, first - 2), first, rng.between(first + 2, third - 2), third, rng.between(third + 2, TOP)]


def _mark(scene: Scene, *, group: int, mark: str) -> int:
    return int(scene["rows"][group][MARKS.index(mark)] * scene["worth"] // 2)


OPS: Mapping[str, Op] = {
    "mark": Op(_mark, (), "integer"),
    "longest": Op(lambda scene, *lengths: lengths.index(max(lengths)), ("integer", "..."), "group"),
    "group": Op(lambda scene, group: scene["names"][group], ("group",), "word"),
    "length": Op(
        lambda scene, group: _mark(scene, group=group, mark="third") - _mark(scene, group=group, mark="first"),
        ("group",),
        "integer",
    ),
    "median": Op(lambda scene, group: _mark(scene, group=group, mark="median"), ("group",), "integer"),
}


def rules(scene: Scene) -> str:
    return (
        "A box goes from the first to the third quartile, the line inside it is the median, and the whiskers end at "
        "the lowest and the highest value. All lie on grid lines or halfway."
    )


def run(program: Program, scene: Scene) -> None:
    if scene["form"] == "spans":
        asked = (("median",), ("third", "first"), ("highest", "lowest"))
        found = [
            [program.do("mark", group=group, mark=mark) for mark in marks]
            for group, marks in zip(scene["picked"], asked, strict=True)
        ]
        program.do("tuple", *found[0], *[program.do("subtract", *ends) for ends in found[1:]])
        return
    lengths = []
    for group in range(len(scene["rows"])):
        first, third = (program.do("mark", group=group, mark=mark) for mark in ("first", "third"))
        lengths.append(program.do("subtract", third, first))
    group = program.do("longest", *lengths)
    program.do("tuple", *[program.do(op, group) for op in ("group", "length", "median")])


def search(scene: Scene) -> Any:
    """Measure on the page: heights of the drawn marks above the floor."""
    axes = _axes(scene)
    page = {
        name: [axes.spot(0, mark)[1] for mark in row] for name, row in zip(scene["names"], scene["rows"], strict=True)
    }

    def units(pixels: int) -> int:
        return pixels // UP * scene["worth"] // 2

    if scene["form"] == "spans":
        one, two, three = (page[scene["names"][group]] for group in scene["picked"])
        return units(axes.bottom - one[2]), units(two[1] - two[3]), units(three[0] - three[4])
    name = sorted(page, key=lambda name: page[name][1] - page[name][3])[-1]
    return name, units(page[name][1] - page[name][3]), units(axes.bottom - page[name][2])


def words(scene: Scene) -> list[str]:
    return [scene["names"][group] for group in scene["picked"]]


def content(scene: Scene) -> Any:
    return [scene[key] for key in ("form", "names", "rows", "worth")] + words(scene) * (scene["form"] == "spans")


def describe(scene: Scene) -> str:
    return (
        f"{len(scene['rows'])} box plots, {', '.join(scene['names'])}, over grid lines that are {scene['worth']} apart"
    )


def say(item: Item) -> list[str]:
    scene, steps = item.scene, [step.value for step in item.program]
    if scene["form"] == "spans":
        median, third, first, high, low, box, span = steps[:7]
        one, two, three = words(scene)
        return [
            f"The line in the box of {one} is at {median}.",
            f"The box of {two} reaches from {first} to {third}: {third} - {first} = {box}.",
            f"The whiskers of {three} end at {low} and {high}: {high} - {low} = {span}.",
        ]
    says = []
    for place, name in enumerate(scene["names"]):
        first, third, length = steps[3 * place : 3 * place + 3]
        says.append(f"{name}: from {first} to {third}, {third} - {first} = {length}.")
    name, length, median = item.answer.value
    return [*says, f"The longest is that of {name}, {length}; the line inside it is at {median}."]


def _axes(scene: Scene) -> Axes:
    count = len(scene["rows"])
    return Axes((0, count), (0, TOP), 50, 20 + UP * TOP, 322 // count, UP)


def draw(item: Item, size: int) -> Canvas:
    scene = item.scene
    axes = _axes(scene)
    canvas = Canvas(384, axes.bottom + 34, size, figure_look(scene))
    draw_grid(canvas, axes, range(0), range(0, TOP + 1, 2))
    draw_numbers(canvas, axes, {}, {y: str(y * scene["worth"] // 2) for y in range(0, TOP + 1, 2)})
    fill = tint(canvas.shade(COLOURS[scene["ink"]]), canvas.paper, 45)
    half = min(26, axes.across // 2 - 8)
    for group, (name, row) in enumerate(zip(scene["names"], scene["rows"], strict=True)):
        x, _ = axes.spot(group + 0.5, 0)
        low, first, median, third, high = (axes.spot(0, mark)[1] for mark in row)
        for one, other in ((low, first), (third, high)):
            canvas.line([(x, one), (x, other)], INK, 2, f"whisker {name}")
        for end in (low, high):
            canvas.line([(x - half // 2, end), (x + half // 2, end)], INK, 2, f"end {name}")
        canvas.rectangle((x - half, third, x + half, first), fill, INK, 2, f"box {name}")
        canvas.line([(x - half, median), (x + half, median)], COLOURS[scene["ink"]], 4, f"median {name}")
        canvas.text(x, axes.bottom + 18, name, 15, tag=f"name {name}")
    return canvas
