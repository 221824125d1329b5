"""The questions about motions on a grid, and their worked solutions."""

from __future__ import annotations

from typing import Any

from data_synth.item import Item
from data_synth.program import Scene, Step

ASK = {
    "image": (
        "{2}. Where does corner {0} end up?",
        "The figure is moved: {1}. What are the coordinates of the image of {0}?",
        "Carry out in this order: {1}. At which point is {0} then?",
        "Find the image of {0} under these motions: {1}.",
        "Do this with the figure: {1}. Give the new coordinates of {0}.",
        "Where is {0} after the following? {2}.",
        "Follow corner {0}: {1}. Which point does it reach?",
        "What is the final position of {0}? {2}.",
        "After you {1}, what coordinates does corner {0} have?",
        "Move the figure step by step: {1}. State where {0} arrives.",
    ),
    "origin": (
        "The picture shows the figure after these motions: {1}. Where was {0} at first?",
        "{2}: this led to the figure in the picture. What were the coordinates of {0} before?",
        "Somebody did this with the figure: {1}. From which point did {0} come?",
        "Find the point that became {0}, if this was done: {1}.",
        "Undo the motions. The figure got here as follows: {1}. Give the first position of {0}.",
        "Where did corner {0} start? The figure was moved like this: {1}.",
        "Which point was carried to {0}? These were the motions: {1}.",
        "Once the figure was elsewhere, then came this: {1}. Where did {0} stand before?",
        "This figure is an image. It was made like this: {1}. Name the point that {0} comes from.",
        "What you see is the result of: {1}. At which point did {0} lie originally?",
    ),
    "centre": (
        "The blue figure was turned and became the orange one. About which point?",
        "About which point must the blue figure be turned to get the orange one?",
        "A turn takes the blue figure to the orange one. Find its centre.",
        "Give the centre of the turn from the blue figure to the orange one.",
        "Which point stays in place when a turn carries blue onto orange? State its coordinates.",
        "Around which point does the blue figure turn to become the orange figure?",
        "Find the centre of the turn that maps the blue figure onto the orange one.",
        "The orange figure is the blue one, turned. What are the coordinates of the centre?",
    ),
}  # fmt: skip
_SEEN = (
    "I see {}.",
    "The grid shows {}.",
    "Drawn: {}.",
    "On the grid I find {}.",
    "The picture has {}.",
    "I read off {}.",
)
_STEP = {
    "mirror": ("In {0}, {1} is reflected to {2}", "{1} mirrored in {0} is {2}", "Across {0}, {1} comes to {2}"),
    "turn": ("About {0}, {1} turns{3} to {2}", "{1} turned{3} about {0} is {2}", "Around {0}, {1} goes{3} to {2}"),
    "shift": ("Along {0}, {1} moves{3} to {2}", "{1} shifted{3} along {0} is {2}", "With {0}, {1} slides{3} to {2}"),
}
_CHECK = (
    "Check: taken the other way, the motions lead from {1} back to {0}.",
    "Going back from {1} one by one ends at {0}.",
    "In reverse, {1} returns to {0}.",
    "Step by step backwards, {1} leads to {0} again.",
    "From {1} the reverse way ends at {0}, as it must.",
    "Counting squares again from {0} gives {1}.",
)
_TURNED = (
    "Check with another corner: {0} goes to {1} in the same turn.",
    "The same turn carries {0} to {1}.",
    "{0} lands on {1}, so it fits.",
    "Another corner: {0} to {1}, which agrees.",
    "It also takes {0} to {1}, as drawn.",
    "For {0} it gives {1}: right.",
)
_WRONG = {
    "image": "Taking the motions in another order would be wrong: in general they lead elsewhere, so I keep to it.",
    "origin": "Doing the motions forwards again would be wrong: I have to undo them, the last one first.",
    "centre": "The point halfway between the figures need not be the centre: it is as far from a corner as its image.",
}


def in_words(moves: list[dict[str, Any]]) -> tuple[str, str]:
    """The motions in their order, as a phrase and as the beginning of a sentence."""
    text = ", then ".join(_phrase(move, "the figure" if n == 0 else "it") for n, move in enumerate(moves))
    return text, text[:1].upper() + text[1:]


def _phrase(move: dict[str, Any], what: str) -> str:
    if move["kind"] == "mirror":
        return f"reflect {what} in line {move['name']}"
    if move["kind"] == "shift":
        return f"shift {what} along arrow {move['name']}"
    way = "" if move["degrees"] == 180 else " clockwise"
    return f"turn {what} by {move['degrees']} degrees{way} about {move['name']}"


def explain(item: Item, variant: int) -> list[str]:
    scene = item.scene
    says = [_SEEN[variant].format(_described(scene))]
    if variant % 2 and item.level >= 2:
        says.append(_WRONG[scene["form"]])
    if scene["form"] == "centre":
        return says + _say_centre(item, variant)
    here = first = item.program[0].value
    for step in item.program[1:]:
        says.append(_say_step(scene["moves"][step.args["step"]], here, step, variant))
        here = step.value
    return [*says, _CHECK[variant].format(_at(first), _at(here))]


def _say_step(move: dict[str, Any], here: list[int], step: Step, variant: int) -> str:
    """One motion of a point, with the arms from the centre, or from a point of the mirror line."""
    back = " back" if step.args["undo"] else ""
    said = _STEP[move["kind"]][variant % 3].format(move["name"], _at(here), _at(step.value), back)
    if move["kind"] == "shift":
        across, up = (f"{a} {'+' if b >= a else '-'} {abs(b - a)} = {b}" for a, b in zip(here, step.value, strict=True))
        return f"{said}: across {across}, upwards {up}."
    arms = [_at([a - b for a, b in zip(end, move["at"], strict=True)]) for end in (here, step.value)]
    return f"{said}: seen from {_at(move['at'])}, {arms[0]} becomes {arms[1]}."


def _at(spot: list[int]) -> str:
    return f"({spot[0]}, {spot[1]})"


def _described(scene: Scene) -> str:
    """What the picture shows."""
    if scene["form"] == "centre":
        blue, orange = (", ".join(map(_at, scene[key])) for key in ("corners", "image"))
        return f"a blue triangle {blue} and an orange one {orange}, equal sides in the same order"
    corners = ", ".join(f"{name} {_at(corner)}" for name, corner in zip(scene["names"], scene["corners"], strict=True))
    return "; ".join([f"corners {corners}", *map(_where, scene["moves"])])


def _where(move: dict[str, Any]) -> str:
    """A line, a centre or an arrow as it is drawn."""
    x, y = move["at"]
    if move["kind"] == "turn":
        return f"centre {move['name']} at {_at(move['at'])}"
    if move["kind"] == "shift":
        right, up = move["by"]
        sides = f"{abs(right)} {'right' if right > 0 else 'left'}, {abs(up)} {'up' if up > 0 else 'down'}"
        return f"arrow {move['name']}: {sides}"
    if 0 in move["along"]:
        return f"line {move['name']}: {f'y = {y}' if move['along'][0] else f'x = {x}'}"
    rise = y - x * move["along"][1]
    tail = "" if rise == 0 else f" {'+' if rise > 0 else '-'} {abs(rise)}"
    return f"line {move['name']}: y = {'x' if move['along'][1] > 0 else '-x'}{tail}"


def _say_centre(item: Item, variant: int) -> list[str]:
    scene, degrees, (x, y) = item.scene, item.program[0].value, item.answer.value
    (a, b), (c, d) = scene["corners"][:2], scene["image"][:2]
    sides = [f"({q[0] - p[0]}, {q[1] - p[1]})" for p, q in ((a, b), (c, d))]
    says = [
        f"The side from {_at(a)} to {_at(b)} goes by {sides[0]}; its image from {_at(c)} to {_at(d)} by {sides[1]}.",
        f"So the turn is {degrees} degrees clockwise.",
    ]
    arms = f"({a[0] - x}, {a[1] - y})", f"({c[0] - x}, {c[1] - y})"
    says.append(f"The centre is as far from {_at(a)} as from {_at(c)}, at this angle: {_at([x, y])}.")
    says.append(f"From there the arms are {arms[0]} and {arms[1]}, and the first turned by {degrees} is the second.")
    return [*says, _TURNED[variant].format(_at(b), _at(d))]
