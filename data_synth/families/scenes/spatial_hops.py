"""Places of objects, and hops from one to another: what the questions on spatial relations and their traces share."""

from __future__ import annotations

from typing import Any

from data_synth.program import Scene

Thing = dict[str, Any]

STEPS = {"left": (0, -1), "right": (0, 1), "above": (-1, 0), "below": (1, 0)}  # rows down, columns across
BACK = {"left": "right", "right": "left", "above": "below", "below": "above"}
AWAY = {"left": "to the left of it", "right": "to the right of it", "above": "above it", "below": "below it"}
ONWARDS = {"left": "leftwards", "right": "rightwards", "above": "upwards", "below": "downwards"}
SHORT = {"left": "left of", "right": "right of", "above": "above", "below": "below"}


def name(thing: Thing) -> str:
    return f"{thing['colour']} {thing['shape']}"


def centre(thing: Thing) -> tuple[int, int]:
    left, top, right, bottom = thing["box"]
    return (left + right) // 2, (top + bottom) // 2


def ranked(scene: Scene, start: int, colour: str, side: str, far: bool) -> list[tuple[float, int]]:
    """The other objects of a colour ("" = any) on a side ("" = any) by distance from `start`, the sought one first."""
    objects = scene["objects"]
    x, y = centre(objects[start])
    found = []
    for place, thing in enumerate(objects):
        dx, dy = centre(thing)[0] - x, centre(thing)[1] - y
        ahead = {"": 1, "left": -dx, "right": dx, "above": -dy, "below": dy}[side]
        if place != start and ahead > 0 and colour in ("", thing["colour"]):
            found.append(((dx * dx + dy * dy) ** 0.5, place))
    return sorted(found, reverse=far)


def phrase(hop: dict[str, Any]) -> str:
    """A hop in words, e.g. the nearest blue object."""
    where = f" {AWAY[hop['side']]}" if hop["side"] else " from it" if hop["far"] else " to it"
    return f"the {'farthest' if hop['far'] else 'nearest'}{hop['colour'] and ' ' + hop['colour']} object{where}"
