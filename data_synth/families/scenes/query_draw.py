"""Drawing queries for a scene: each narrows the objects down part by part, and every part of it matters."""

from __future__ import annotations

from dataclasses import dataclass

from data_synth.families.scenes.query_tree import PARTS, Index, Key, Query, Test
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES
from data_synth.rng import Rng

WORDS = {"colour": tuple(COLOURS), "shape": SHAPES}
DRAWS, TEST_DRAWS = 12, 24


@dataclass(frozen=True)
class Wish:
    """What a query shall be. parts: how many tests in all, any (0 or 2) and none; sizes: of the set it gives.

    named: anchors are labels; else looks where one will do. hidden: an attribute, colour or shape, not to be told.
    """

    parts: tuple[int, int, int]
    sizes: tuple[int, int]
    named: bool
    hidden: str = ""


def draw_query(rng: Rng, index: Index, wish: Wish) -> Query | None:
    """A query that a random object fulfils and of which every part matters; None if the draws find none."""
    order = ["any"] * (wish.parts[1] > 0) + ["all"] * wish.parts[0] + ["none"] * wish.parts[2]
    for _ in range(DRAWS):
        target = rng.randrange(len(index.objects))
        query: Query = {"noun": _noun(rng, index.objects[target]["look"], order, wish.hidden)}
        query |= {part: [] for part in PARTS}
        for part in order:
            tests = _narrowing(rng, index, index.query(query), target, part, wish)
            query[part] = sorted([*query[part], *tests], key=lambda test: "is" not in test)  # reads better
        if wish.sizes[0] <= index.query(query).bit_count() <= wish.sizes[1] and _sound(index, query):
            return query
    return None


def _narrowing(rng: Rng, index: Index, before: int, target: int, part: str, wish: Wish) -> list[Test]:
    """A test that keeps the target and not all others, for `any` two that do so together; [] if none is found.

    Of a few such tests the one that leaves fewest objects, unless the query shall give many.
    """
    best: tuple[int, list[Key]] = (1 << 30, [])
    found, wanted = 0, 1 if wish.sizes[1] > 2 else 4
    for _ in range(TEST_DRAWS):
        key, mask = _draw_test(rng, index, wish.hidden)
        keys, passed = [key], ~mask if part == "none" else mask
        if part == "any":
            other, second = _draw_test(rng, index, wish.hidden)
            if not (before & mask & ~second and before & second & ~mask):
                continue
            keys, passed = [key, other], mask | second
        if passed >> target & 1 and before & ~passed:
            best = min(best, ((before & passed).bit_count(), keys), key=lambda pair: pair[0])
            found += 1
            if found == wanted:
                break
    return [_test(index, key, wish.named) for key in best[1]]


def _draw_test(rng: Rng, index: Index, hidden: str) -> tuple[Key, int]:
    """A test that does not tell the hidden attribute, and the objects that pass it."""
    while True:
        key, mask = rng.choice(index.words if rng.chance(0.35) else index.related)
        if not hidden or not (key in WORDS[hidden] if isinstance(key, str) else key[1] == hidden):
            return key, mask


def _test(index: Index, key: Key, named: bool) -> Test:
    return {"is": key} if isinstance(key, str) else {"how": key[1], "to": _anchor(index, key[0], named)}


def _noun(rng: Rng, look: str, order: list[str], hidden: str) -> str:
    *size, colour, shape = look.split()
    if not order:
        return rng.choice((f"{colour} {shape}", f"{colour} {shape}", colour, shape))
    nouns = {"colour": ["", shape], "shape": ["", colour], "": ["", shape, colour]}[hidden]
    return rng.choice([*nouns, *(f"{size[0]} {noun}".strip() for noun in nouns if size)])


def _anchor(index: Index, place: int, named: bool) -> dict[str, str]:
    """The object's label, or the shortest group that it alone belongs to."""
    thing = index.objects[place]
    words = thing["look"].split()
    first, (colour, shape) = words[0], words[-2:]
    if not named:
        for group in (shape, colour, f"{colour} {shape}", f"{first} {shape}", " ".join(words)):
            if index.group(group) == 1 << place:
                return {"look": group}
    return {"label": thing["label"]}


def _sound(index: Index, query: Query) -> bool:
    """Whether no part can be dropped, and it does not matter if an anchor is, say, in its own row.

    Of two tests joined by or, each must pass an object of the noun that the other does not.
    """
    if any(test in query["all"] or test in query["any"] for test in query["none"]):
        return False  # either red or large, but not red: nobody speaks like that
    found, noun = index.query(query), index.group(query["noun"])
    shorter = [query | {"noun": ""}] if query["noun"] else []
    shorter += [query | {"any": []}] if query["any"] else []
    for part in ("all", "none"):
        shorter += [query | {part: query[part][:n] + query[part][n + 1 :]} for n in range(len(query[part]))]
    one, other = (noun & index.test(test) for test in query["any"]) if query["any"] else (1, 2)
    needed = all(index.query(less) != found for less in shorter) and bool(one & ~other and other & ~one)
    return needed and index.query(query, itself=True) == found
