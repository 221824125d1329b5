"""Descriptions of sets of objects: a noun and tests joined by and, or, not; drawn, put into words, evaluated.

A query is {"noun": group, "all": tests, "any": two tests or none, "none": tests}. A test is {"is": word} or {"how":
relation, "to": anchor}; an anchor is {"label": ...} or {"look": a group that one object alone belongs to}. Sets are bit
masks over the scene's objects. Rows and columns are those of the drawn grid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data_synth.families.look_words import in_group, plural, singular
from data_synth.program import Program, Scene
from data_synth.render.palette import COLOURS
from data_synth.render.shapes import SHAPES
from data_synth.rng import Rng

Thing = dict[str, Any]  # label, look, row, column
Query = dict[str, Any]
Test = dict[str, Any]
PARTS = ("all", "any", "none")
ATTRIBUTES = {"colour": -2, "shape": -1}  # their places in a look

RELATIONS: dict[str, Callable[[Thing, Thing], bool]] = {  # of an object to the anchor
    "row": lambda a, b: a["row"] == b["row"],
    "column": lambda a, b: a["column"] == b["column"],
    "above": lambda a, b: a["row"] < b["row"],
    "below": lambda a, b: a["row"] > b["row"],
    "left": lambda a, b: a["column"] < b["column"],
    "right": lambda a, b: a["column"] > b["column"],
    "colour": lambda a, b: a["look"].split()[-2] == b["look"].split()[-2],
    "shape": lambda a, b: a["look"].split()[-1] == b["look"].split()[-1],
}
_WORDS = {
    "row": "in the same row as",
    "column": "in the same column as",
    "above": "in a row above",
    "below": "in a row below",
    "left": "in a column to the left of",
    "right": "in a column to the right of",
    "colour": "of the same colour as",
    "shape": "of the same shape as",
}
Key = str | tuple[int, str]  # a test: its word, or place of the anchor and relation
WORDS = {"colour": tuple(COLOURS), "shape": SHAPES}
DRAWS, TEST_DRAWS = 12, 24


# ------------------------------------------------------------------------------------------------------ evaluation


def members(scene: Scene, group: str) -> int:
    """Mask of the objects of a group."""
    return sum(1 << place for place, thing in enumerate(scene["objects"]) if in_group(thing["look"], group))


def related(scene: Scene, place: int, how: str) -> int:
    """Mask of the other objects that are in this relation to the object at `place`."""
    objects, holds = scene["objects"], RELATIONS[how]
    here = objects[place]
    return sum(1 << n for n, thing in enumerate(objects) if n != place and holds(thing, here))


def places(mask: int) -> list[int]:
    return [place for place in range(mask.bit_length()) if mask >> place & 1]


def labels(objects: list[Thing], mask: int) -> list[str]:
    return sorted(objects[place]["label"] for place in places(mask))


def find(scene: Scene, label: str) -> int:
    return next(place for place, thing in enumerate(scene["objects"]) if thing["label"] == label)


def execute(program: Program, query: Query) -> int:
    """The program's step that gives the set; needs the operations members, related, find, only, both, either, without.

    The last three take two sets.
    """
    sets = {part: [_execute_test(program, test) for test in query[part]] for part in PARTS}
    found = program.do("members", group=query["noun"])
    for step in sets["all"]:
        found = program.do("both", found, step)
    if sets["any"]:
        found = program.do("both", found, program.do("either", *sets["any"]))
    for step in sets["none"]:
        found = program.do("without", found, step)
    return found


def _execute_test(program: Program, test: Test) -> int:
    if "is" in test:
        return program.do("members", group=test["is"])
    anchor = test["to"]
    if "label" in anchor:
        place = program.do("find", label=anchor["label"])
    else:
        place = program.do("only", program.do("members", group=anchor["look"]))
    return program.do("related", place, how=test["how"])


# ----------------------------------------------------------------------------------------------------------- words


def phrase(query: Query, one: bool) -> str:
    """e.g. circles that are either red or in the same row as QX, but not small; one: as a singular."""
    wanted = [test_phrase(test, one) for test in query["all"]]
    if query["any"]:
        wanted.append("either " + " or ".join(test_phrase(test, one) for test in query["any"]))
    barred = " or ".join(test_phrase(test, one) for test in query["none"])
    clause = " and ".join(wanted) + (", but " if wanted and barred else "") + (f"not {barred}" if barred else "")
    noun = singular(query["noun"]) if one else plural(query["noun"])
    return f"{noun} that {'is' if one else 'are'} {clause}" if clause else noun


def test_phrase(test: Test, one: bool) -> str:
    """e.g. red, circles (a circle), in the same row as QX."""
    if "is" in test:
        word = test["is"]
        if word not in SHAPES:
            return str(word)
        return f"a {word}" if one else plural(word)
    anchor = test["to"]
    return f"{_WORDS[test['how']]} {anchor.get('label') or 'the ' + singular(anchor['look'])}"


# --------------------------------------------------------------------------------------------------------- drawing


class Index:
    """Sets of one scene: of every test at once, from the rows, columns and words of all objects."""

    def __init__(self, scene: Scene) -> None:
        self.objects: list[Thing] = scene["objects"]
        self.at = {thing["label"]: place for place, thing in enumerate(self.objects)}
        rows, columns, self._groups = _buckets(self.objects)
        self.relations = _all_relations(self.objects, rows, columns, self._groups)
        self.words: list[tuple[Key, int]] = [(word, mask) for word, mask in self._groups.items()]
        self.related: list[tuple[Key, int]] = [(key, mask) for key, mask in self.relations.items()]

    def group(self, group: str) -> int:
        """The objects that have all words of the group."""
        if group not in self._groups:
            found = (1 << len(self.objects)) - 1
            for word in group.split():
                found &= self._groups.get(word, 0)
            self._groups[group] = found
        return self._groups[group]

    def test(self, test: Test, itself: bool = False) -> int:
        """The objects that pass; itself: an anchor counts as related to itself."""
        if "is" in test:
            return self.group(test["is"])
        place = self.place(test["to"])
        return self.relations[place, test["how"]] | (int(itself) << place)

    def place(self, anchor: dict[str, str]) -> int:
        return self.at[anchor["label"]] if "label" in anchor else self.group(anchor["look"]).bit_length() - 1

    def query(self, query: Query, itself: bool = False) -> int:
        found = self.group(query["noun"])
        for test in query["all"]:
            found &= self.test(test, itself)
        if query["any"]:
            found &= self.test(query["any"][0], itself) | self.test(query["any"][1], itself)
        for test in query["none"]:
            found &= ~self.test(test, itself)
        return found


def _buckets(objects: list[Thing]) -> tuple[dict[int, int], dict[int, int], dict[str, int]]:
    """The objects of each row, of each column, and with each word of a look."""
    rows: dict[int, int] = {}
    columns: dict[int, int] = {}
    words: dict[str, int] = {}
    for place, thing in enumerate(objects):
        rows[thing["row"]] = rows.get(thing["row"], 0) | 1 << place
        columns[thing["column"]] = columns.get(thing["column"], 0) | 1 << place
        for word in thing["look"].split():
            words[word] = words.get(word, 0) | 1 << place
    return rows, columns, words


def _all_relations(
    objects: list[Thing], rows: dict[int, int], columns: dict[int, int], words: dict[str, int]
) -> dict[tuple[int, str], int]:
    """The other objects that are in a relation to the one at a place, for all places and relations."""
    everything = (1 << len(objects)) - 1
    above = {row: sum(mask for other, mask in rows.items() if other < row) for row in rows}
    left = {column: sum(mask for other, mask in columns.items() if other < column) for column in columns}
    found = {}
    for place, thing in enumerate(objects):
        row, column, others = thing["row"], thing["column"], everything & ~(1 << place)
        *_, colour, shape = thing["look"].split()
        found[place, "row"], found[place, "column"] = rows[row] & others, columns[column] & others
        found[place, "above"], found[place, "left"] = above[row], left[column]
        found[place, "below"] = everything & ~(above[row] | rows[row])
        found[place, "right"] = everything & ~(left[column] | columns[column])
        found[place, "colour"], found[place, "shape"] = words[colour] & others, words[shape] & others
    return found


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
    for group in (
        () if named else (words[-1], words[-2], " ".join(words[-2:]), f"{words[0]} {words[-1]}", thing["look"])
    ):
        if index.group(group) == 1 << place:
            return {"look": group}
    return {"label": thing["label"]}


def _sound(index: Index, query: Query) -> bool:
    """Whether no part can be dropped, and it does not matter if an anchor is, say, in its own row.

    Of two tests joined by or, each must pass an object of the noun that the other does not.
    """
    found, noun = index.query(query), index.group(query["noun"])
    shorter = [query | {"noun": ""}] if query["noun"] else []
    shorter += [query | {"any": []}] if query["any"] else []
    for part in ("all", "none"):
        shorter += [query | {part: query[part][:n] + query[part][n + 1 :]} for n in range(len(query[part]))]
    one, other = (noun & index.test(test) for test in query["any"]) if query["any"] else (1, 2)
    needed = all(index.query(less) != found for less in shorter) and bool(one & ~other and other & ~one)
    return needed and index.query(query, itself=True) == found
