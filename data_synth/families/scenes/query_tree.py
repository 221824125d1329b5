"""Descriptions of sets of objects, a noun and tests joined by and, or, not: put into words and evaluated.

A query is {"noun": group, "all": tests, "any": two tests or none, "none": tests}. A test is {"is": word} or {"how":
relation, "to": anchor}; an anchor is {"label": ...} or {"look": a group that one object alone belongs to}. Sets are bit
masks over the scene's objects. Rows and columns are those of the drawn grid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from data_synth.english import with_article
from data_synth.families.scenes.look_words import in_group, plural, singular
from data_synth.program import Program, Scene
from data_synth.render.shapes import SHAPES

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
        return with_article(word) if one else plural(word)
    anchor = test["to"]
    return f"{_WORDS[test['how']]} {anchor.get('label') or 'the ' + singular(anchor['look'])}"


# ----------------------------------------------------------------------------------------------- all tests at once


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
