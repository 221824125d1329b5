"""Worked solutions on spatial relations: objects with their places, hop by hop, then the way back or the path."""

from __future__ import annotations

from data_synth.families.scenes.spatial_hops import AWAY, BACK, ONWARDS, Thing, centre, name, phrase, ranked
from data_synth.item import Item
from data_synth.layout import SIDE

_SEEN = (
    "I see: {}.",
    "Objects: {}.",
    "The picture shows: {}.",
    "There are: {}.",
    "In reading order: {}.",
    "I find: {}.",
)
_START = (
    "I start at the {0} in row {1}, column {2}.",
    "The {0} is in row {1}, column {2}.",
    "First I look for the {0}: row {1}, column {2}.",
    "The way begins at the {0}, which is in row {1}, column {2}.",
    "Where is the {0}? In row {1}, column {2}.",
    "The {0} stands in row {1}, column {2}; from there I go on.",
)
_NEXT = (  # side, direction, line, object, row, column
    "The next object {0} in {2} is the {3}: row {4}, column {5}.",
    "I go {1} in {2} and come to the {3} in row {4}, column {5}.",
    "Going {1} from it I stay in {2} and meet the {3}, at row {4} and column {5}.",
    "{1}, still in {2}, the {3} comes first, in row {4}, column {5}.",
    "In {2}, {1}: the {3}, which stands in row {4}, column {5}.",
    "Along {2} and {1} the first object is the {3}, row {4}, column {5}.",
)
_BACK = (
    "Check, backwards: {}.",
    "To check, I go back: {}.",
    "The way back must lead to the start: {}.",
    "In reverse order it fits: {}.",
    "I test it from the other end: {}.",
    "Back again: {}.",
)
_PICK = ("So {}.", "That is {}.", "We reach {}.", "It is {}.", "On to {}.", "Take {}.")


def explain_grid(item: Item, variant: int) -> list[str]:
    """Looks that are unique, in rows and columns."""
    rows: dict[int, list[str]] = {}
    for thing in item.scene["objects"]:
        rows.setdefault(thing["row"], []).append(f"{name(thing)} in column {thing['column']}")
    says = [_SEEN[variant].format("; ".join(f"row {row}: {', '.join(names)}" for row, names in rows.items()))]
    visited = [item.scene["objects"][step.value] for step in item.program[:-1]]
    says.append(_START[variant].format(name(visited[0]), visited[0]["row"], visited[0]["column"]))
    for side, thing in zip(item.scene["hops"], visited[1:], strict=True):
        words = AWAY[side], ONWARDS[side], _line(side, thing), name(thing), thing["row"], thing["column"]
        text = _NEXT[variant].format(*words)
        says.append(text[:1].upper() + text[1:])
    return [*says, _BACK[variant].format(_way_back(item.scene["hops"], visited))]


def _line(side: str, thing: Thing) -> str:
    """The row or column in which a hop to this object goes."""
    along = "column" if side in ("above", "below") else "row"
    return f"{along} {thing[along]}"


def _way_back(sides: list[str], visited: list[Thing]) -> str:
    pairs = list(zip(sides, visited, visited[1:], strict=False))[::-1]
    return ", then ".join(
        f"{ONWARDS[BACK[side]]} from the {name(there)} the first object is the {name(here)}"
        for side, here, there in pairs
    )


def explain_free(item: Item, variant: int) -> list[str]:
    """Positions and distances in hundredths of the picture's side, as a reader would estimate them."""

    def percent(value: float) -> int:
        return round(100 * value / SIDE)

    objects = item.scene["objects"]
    seen = (f"{t['label']} {name(t)} at ({percent(centre(t)[0])}, {percent(centre(t)[1])})" for t in objects)
    says = [_SEEN[variant].format(", ".join(seen)), f"Start: {item.scene['start']}."]
    here = item.program[0].value
    for hop in item.scene["hops"]:
        near = ranked(item.scene, here, hop["colour"], hop["side"], hop["far"])
        listed = ", ".join(f"{objects[place]['label']} {percent(distance)}" for distance, place in near[:3])
        says.append(f"{phrase(hop).capitalize()} ({objects[here]['label']}): {listed}.")
        here = near[0][1]
        says.append(_PICK[variant].format(objects[here]["label"]))
    path = " - ".join(objects[step.value]["label"] for step in item.program[:-1])
    says.append(f"Check: the path is {path}, {len(item.scene['hops'])} hops.")
    return says
