"""Overlapping rings with marks between them, and conditions on the rings around a mark."""

from __future__ import annotations

from typing import Any

from data_synth.rng import Rng

Ring = dict[str, Any]  # name (its colour), x, y, r
Condition = dict[str, Any]  # kind, of (names of rings), n
Signature = tuple[str, ...]  # names of the rings around a place, in the order of the rings
Place = tuple[Signature, tuple[int, int]]  # the rings around it, where it is

SIDE, EDGE = 384, 8
COLOURS = ("red", "blue", "green", "purple", "orange", "grey")

_PHRASES = {
    "in": "inside the {0} ring",
    "both": "inside both the {0} and the {1} ring",
    "but": "inside the {0} ring but outside the {1} ring",
    "either": "inside the {0} ring or the {1} ring or both",
    "one": "inside exactly one of the {0} and the {1} ring",
    "lone": "inside the {0} ring but neither in the {1} nor in the {2} ring",
    "exact": "inside exactly {3} rings",
    "odd": "inside an odd number of rings",
}
_NAMED = {"in": 1, "both": 2, "but": 2, "either": 2, "one": 2, "lone": 3, "exact": 0, "odd": 0}


def draw_rings(rng: Rng, count: int, radii: tuple[int, int]) -> list[Ring]:
    """Rings of different colours that all reach into the middle of the page."""
    rings = []
    for name in rng.sample(COLOURS, count):
        radius = rng.between(*radii)
        low, high = radius + EDGE, SIDE - radius - EDGE
        near, far = SIDE // 2 - radius + 24, SIDE // 2 + radius - 24
        x, y = (rng.between(max(low, near), min(high, far)) for _ in range(2))
        rings.append({"name": name, "x": x, "y": y, "r": radius})
    return rings


def free_places(rng: Rng, rings: list[Ring], pitch: int, clear: int) -> dict[Signature, list[tuple[int, int]]]:
    """Places of a lattice that no outline comes close to, by the rings around them, in random order."""
    shift = rng.randrange(pitch), rng.randrange(pitch)
    found: dict[Signature, list[tuple[int, int]]] = {}
    bands = [(ring["name"], ring["x"], ring["y"], (ring["r"] - clear) ** 2, (ring["r"] + clear) ** 2) for ring in rings]
    for row, y in enumerate(range(EDGE + clear + shift[1] // 2, SIDE - EDGE - clear, pitch)):
        for x in range(EDGE + clear + (shift[0] + row % 2 * pitch // 2) % pitch, SIDE - EDGE - clear, pitch):
            around = []
            for name, a, b, inner, outer in bands:
                away = (x - a) * (x - a) + (y - b) * (y - b)
                if away <= inner:
                    around.append(name)
                elif away < outer:
                    break
            else:
                found.setdefault(tuple(around), []).append((x, y))
    for places in found.values():
        rng.shuffle(places)
    return found


def spread(rng: Rng, free: dict[Signature, list[tuple[int, int]]], count: int) -> list[Place]:
    """So many places, in turn from one region after the other; none if there are fewer."""
    regions = sorted(free)
    rng.shuffle(regions)
    turns = [(turn, region) for region in regions for turn in range(len(free[region]))]
    turns.sort(key=lambda pair: pair[0])
    return [(region, free[region][turn]) for turn, region in turns[:count]] if len(turns) >= count else []


def split_score(rng: Rng, score: int, depths: list[int], most: int) -> list[int] | None:
    """Numbers from 2 of which each times its depth adds up to the score; the first of depth 1 takes the rest."""
    if depths.count(1) == 0 or sum(depths) < 3:
        return None
    top, rest = min(most, 2 * score // sum(depths)), depths.index(1)
    for _ in range(30):
        values = [rng.between(2, top) for _ in depths]
        values[rest] += score - sum(value * depth for value, depth in zip(values, depths, strict=True))
        if 2 <= values[rest] <= top:
            return values
    return None


def marks(places: list[Place], values: list[int]) -> list[dict[str, int]]:
    """Marks from the top down, as a reader finds them."""
    found = [{"x": x, "y": y, "value": value} for (_, (x, y)), value in zip(places, values, strict=True)]
    return sorted(found, key=lambda mark: (mark["y"], mark["x"]))


def around(rings: list[Ring], x: int, y: int) -> Signature:
    """Names of the rings around a place."""
    return tuple(ring["name"] for ring in rings if (x - ring["x"]) ** 2 + (y - ring["y"]) ** 2 < ring["r"] ** 2)


def holds(condition: Condition, signature: Signature) -> bool:
    """Whether a mark with these rings around it meets the condition."""
    inside = [name in signature for name in condition["of"]]
    kind = condition["kind"]
    if kind == "exact":
        return len(signature) == condition["n"]
    if kind == "odd":
        return len(signature) % 2 == 1
    if kind in ("in", "both"):
        return all(inside)
    if kind == "either":
        return any(inside)
    if kind == "one":
        return inside.count(True) == 1
    return inside[0] and not any(inside[1:])  # but, lone


def draw_condition(rng: Rng, kinds: tuple[str, ...], rings: list[Ring]) -> Condition:
    kind = rng.choice(kinds)
    names = [ring["name"] for ring in rings]
    return {"kind": kind, "of": rng.sample(names, _NAMED[kind]), "n": rng.between(1, 2 + (len(rings) > 3))}


def condition_phrase(condition: Condition) -> str:
    """e.g. inside the red ring but outside the blue ring."""
    number = ("no", "one", "two", "three")[condition["n"]]
    text = _PHRASES[condition["kind"]].format(*[*condition["of"], "", "", ""][:3], number)
    return text.replace("one rings", "one ring")
