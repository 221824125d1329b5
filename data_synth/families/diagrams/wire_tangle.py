"""Wires that cross in pairs: columns of crossings between neighbours, and what each wire meets on its way.

`layers` has a list for every column: the upper slots of the pairs that change places there. Wires and slots count
from 0, wire n starts at slot n.
"""

from __future__ import annotations

from data_synth.program import Scene
from data_synth.rng import Rng

WIRES = ((2, 3), (3, 4), (4, 6), (6, 7), (8, 9))
LOOSE = ((1, 1), (1, 2), (1, 2), (2, 2), (2, 3))  # columns of any crossings, before those that lead to the ends
MOST_COLUMNS = 12
LEAST = (1, 1, 2, 3, 3)  # crossings of a wire that is asked about


def tangled(rng: Rng, level: int) -> Scene | None:
    """Number of wires and layers; which wire ends where is a uniform permutation. None if it takes too many columns."""
    wires = rng.between(*WIRES[level])
    goal = list(range(wires))
    rng.shuffle(goal)
    rank = {wire: slot for slot, wire in enumerate(goal)}
    order, layers = list(range(wires)), []
    for _ in range(rng.between(*LOOSE[level])):
        layers.append(_apart(rng, list(range(wires - 1)), 0.6))
        order = swapped(order, layers[-1])
    while order != goal:
        layers.append(_apart(rng, [slot for slot in range(wires - 1) if rank[order[slot]] > rank[order[slot + 1]]], 1))
        order = swapped(order, layers[-1])
    return {"wires": wires, "layers": layers} if len(layers) <= MOST_COLUMNS else None


def _apart(rng: Rng, slots: list[int], share: float) -> list[int]:
    """At least one of the pairs that begin at these slots, none of which share a slot, in order."""
    rng.shuffle(slots)
    chosen: list[int] = []
    for slot in slots:
        if all(abs(slot - other) > 1 for other in chosen) and (not chosen or rng.chance(share)):
            chosen.append(slot)
    return sorted(chosen)


def swapped(order: list[int], layer: list[int]) -> list[int]:
    """The order of the wires after a column."""
    order = list(order)
    for slot in layer:
        order[slot], order[slot + 1] = order[slot + 1], order[slot]
    return order


def crossings(scene: Scene) -> int:
    return sum(map(len, scene["layers"]))


def busy(scene: Scene, level: int) -> list[int]:
    """Wires with enough crossings to ask about."""
    meets = [0] * scene["wires"]
    order = list(range(scene["wires"]))
    for layer in scene["layers"]:
        for slot in layer:
            meets[order[slot]] += 1
            meets[order[slot + 1]] += 1
        order = swapped(order, layer)
    return [wire for wire, number in enumerate(meets) if number >= LEAST[level]]


def next_crossing(scene: Scene, place: list[int]) -> list[int] | None:
    """[column, slot, wire that was crossed] right after the next crossing on the way from such a place, if any."""
    column, slot, _ = place
    for after, layer in enumerate(scene["layers"][column:], column + 1):
        for step, upper in ((1, slot), (-1, slot - 1)):
            if upper in layer:
                return [after, slot + step, wire_at(scene, after - 1, slot + step)]
    return None


def wire_at(scene: Scene, column: int, slot: int) -> int:
    """The wire that runs in this slot just before a column: followed backwards to its start."""
    for layer in scene["layers"][:column][::-1]:
        slot += (slot in layer) - (slot - 1 in layer)
    return slot


def all_slots(scene: Scene) -> list[list[int]]:
    """The slot of each wire (rows) before the first column and after every one."""
    order = list(range(scene["wires"]))
    orders = [order]
    for layer in scene["layers"]:
        orders.append(order := swapped(order, layer))
    return [[order.index(wire) for order in orders] for wire in range(scene["wires"])]


def times_crossed(scene: Scene, one: int, other: int) -> int:
    """How often two wires change sides: by their order before and after each column."""
    slots = all_slots(scene)
    above = [a < b for a, b in zip(slots[one], slots[other], strict=True)]
    return sum(a != b for a, b in zip(above, above[1:], strict=False))
