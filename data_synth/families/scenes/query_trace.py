"""Worked solutions of queries over labelled objects: what passes each test, then what passes all of them."""

from __future__ import annotations

from typing import Any

from data_synth.english import with_article
from data_synth.families.scenes.look_words import many, plural
from data_synth.families.scenes.query_tree import (
    ATTRIBUTES,
    PARTS,
    Index,
    Query,
    Test,
    labels,
    phrase,
    places,
    test_phrase,
)
from data_synth.program import Scene

_SEEN = (
    "I see, with columns: {}.",
    "Row by row, column numbers first: {}.",
    "The grid holds {}.",
    "Objects with their columns: {}.",
    "In the picture, by column: {}.",
    "What stands where: {}.",
)
_PLAN = (
    "I need {0}, so I go through the rows and keep what fits.",
    "What is asked for: {0}. I read the rows from the top and pick out what fits.",
    "The question is about {0}; I go through every row and note what fits.",
    "To find {0}, I look at each object in turn and drop what does not fit.",
    "Looking for {0}: I take the rows from the top and mark what fits.",
    "I want {0}; for that I check all objects, row after row.",
)
_TOGETHER = (
    "That leaves {0}.",
    "So the {1} are: {0}.",
    "Together: {0}.",
    "All of it holds for {0}.",
    "Hence {1}: {0}.",
    "Combined, this means {0}.",
)
_OUT = ("{0} comes close, but it is {1}, so it is out.", "I first took {0} too; no, it is {1}.", "Not {0}: it is {1}.")
_OTHERS = (
    "The others are not {1}: {0}.",
    "Not among the {1}: {0}.",
    "Other objects, which are not {1}: {0}.",
    "That leaves out {0}, as these are not {1}.",
    "Out of the question, because not {1}: {0}.",
    "None of the others are {1}: {0}.",
)
_CHECK = (
    "Check: {}.",
    "Once more in the picture: {}.",
    "I look again: {}.",
    "To be sure: {}.",
    "Compare with the grid: {}.",
    "A second look: {}.",
)


def explain_query(scene: Scene, variant: int, level: int) -> list[str]:
    """What is seen row by row, a plan, then the statements and queries in their order, and a check."""
    index = Index(scene)
    rows: dict[int, list[str]] = {}
    for thing in scene["objects"]:
        rows.setdefault(thing["row"], []).append(f"{thing['column']} {thing['label']} {thing['look']}")
    says = [_SEEN[variant].format("; ".join(f"row {row}: {', '.join(of)}" for row, of in rows.items()))]
    if scene["form"] in ("label", "labels"):
        says.append(_PLAN[variant].format(_wanted(scene["asked"][0])))
    for letter, check in zip("abcd", scene["checks"], strict=False):
        says += _say_check(index, check, letter, variant)
    for ask in scene["asked"]:
        says += _say_query(index, ask["query"], variant, level >= 2 and ask is scene["asked"][-1])
        says.append(_say_asked(index, ask))
    return [*says, _CHECK[variant].format(_again(index, scene["asked"][-1]["query"]))]


def _wanted(ask: dict[str, Any]) -> str:
    """e.g. the label of the only red circle."""
    if ask["of"] == "label":
        return f"the label of the only {phrase(ask['query'], True)}"
    return f"the labels of all {phrase(ask['query'], False)}"


def _names(index: Index, mask: int) -> str:
    return ", ".join(labels(index.objects, mask)) or "none"


def _say_query(index: Index, query: Query, variant: int, doubt: bool = False) -> list[str]:
    """What passes each part, then what passes all; doubt: also an object that fails one part only."""
    says = []
    tests: list[Test] = [test for part in PARTS for test in query[part]]
    if query["noun"]:
        says.append(f"{plural(query['noun']).capitalize()}: {_names(index, index.group(query['noun']))}.")
    for test in tests:
        if "look" in test.get("to", {}):
            says.append(f"The {test['to']['look']} is {index.objects[index.place(test['to'])]['label']}.")
        text = test_phrase(test, False)
        says.append(f"{text[:1].upper()}{text[1:]}: {_names(index, index.group(query['noun']) & index.test(test))}.")
    found = index.query(query)
    others = (1 << len(index.objects)) - 1 & ~found
    if not tests and others:
        says.append(_OTHERS[variant].format(_names(index, others), plural(query["noun"])))
    if tests:
        if doubt and variant % 2:
            says += _say_near_miss(index, query, found, variant)
        says.append(_TOGETHER[variant].format(_names(index, found), phrase(query, False)))
    return says


def _say_near_miss(index: Index, query: Query, found: int, variant: int) -> list[str]:
    """One object of the noun that fails, and the test that it fails."""
    for place in places(index.group(query["noun"]) & ~found):
        failed = [f"not {test_phrase(test, True)}" for test in query["all"] if not index.test(test) >> place & 1]
        failed += [test_phrase(test, True) for test in query["none"] if index.test(test) >> place & 1]
        if failed:
            return [_OUT[variant // 2].format(index.objects[place]["label"], failed[0])]
    return []


def _say_asked(index: Index, ask: dict[str, Any]) -> str:
    found = index.query(ask["query"])
    if ask["of"] == "labels":
        return f"These are {found.bit_count()} labels: {_names(index, found)}."
    if ask["of"] == "count":
        return f"That is a count of {found.bit_count()}."
    thing = index.objects[places(found)[0]]
    if ask["of"] == "label":
        return f"The label is {thing['label']}."
    return f"The {ask['of']} of {thing['label']} is {thing['look'].split()[ATTRIBUTES[ask['of']]]}."


def _say_check(index: Index, check: dict[str, Any], letter: str, variant: int) -> list[str]:
    if check["kind"] == "exists":
        found = index.query(check["query"])
        says = _say_query(index, check["query"], variant)
        return [*says, f"So ({letter}) is {'true: 1' if found else 'false: 0'}."]
    if check["kind"] == "more":
        a, b = (index.group(check[key]).bit_count() for key in "ab")
        text = f"({letter}) {many(a, check['a'])}, {many(b, check['b'])}"
        return [f"{text}: {a} is {'more, true: 1' if a > b else 'fewer, false: 0'}."]
    a, b = (index.objects[index.at[check[key]]]["look"].split()[ATTRIBUTES[check["of"]]] for key in "ab")
    return [f"({letter}) {check['a']} has {check['of']} {a}, {check['b']} {b}: {'true, 1' if a == b else 'false, 0'}."]


def _again(index: Index, query: Query) -> str:
    """The last set named once more, with places."""
    found = places(index.query(query))
    return ", ".join(
        f"{thing['label']} is {with_article(thing['look'])} in row {thing['row']}, column {thing['column']}"
        for thing in (index.objects[place] for place in found)
    )
