"""Claims that hold for every family and level: two solvers, balance, uniqueness, traces."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest

from data_synth import FAMILIES, LEVELS, TRACE_VARIANTS, Item, compare, extract, make, replay, solve_again
from data_synth.families.pages.expression import split, written
from data_synth.rng import Rng

CELLS = [(family, level) for family in FAMILIES for level in LEVELS]
ITEMS = 1000
TINY = ("scene_count", "expression")  # at level 0 made for policies of sixteen patches, with brief traces


class Brief(NamedTuple):
    """What is kept of many items: whole ones would fill the memory."""

    content_hash: str
    split: str
    surface: str
    objects: int


@cache
def items_of(family: str, level: int) -> list[Item]:
    return [make(family, level, index) for index in range(300)]


@cache
def briefs_of(family: str, level: int) -> list[Brief]:
    items = (make(family, level, index) for index in range(ITEMS))
    return [Brief(i.content_hash, i.split, i.answer.surface, i.features.get("objects", 0)) for i in items]


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_two_solvers_and_the_replayed_program_agree(family: str, level: int) -> None:
    for item in items_of(family, level):
        assert solve_again(item) == replay(item) == item.answer.value, item.id


# what merely looks something up in the scene
LOOK_UPS = {"name", "_pair", "side_of", "_table", "lines_of"}


def functions_called(call: Callable[[Item], Any], item: Item) -> set[str]:
    """Names of the families' own functions that run during a call, without comprehensions."""
    called: set[str] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and "families" in Path(frame.f_code.co_filename).parts:
            called.add(frame.f_code.co_qualname.partition(".<locals>.<listcomp>")[0])

    sys.setprofile(note)
    try:
        call(item)
    finally:
        sys.setprofile(None)
    return called


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_the_second_method_shares_no_code_with_the_program(family: str, level: int) -> None:
    for item in items_of(family, level)[:25]:
        shared = functions_called(replay, item) & functions_called(solve_again, item)
        assert shared <= LOOK_UPS, item.id


SMALL = (("expression", 0), ("scene_count", 0))  # made for policies that see sixteen patches


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_contents_do_not_repeat(family: str, level: int) -> None:
    unique = len({brief.content_hash for brief in briefs_of(family, level)})
    assert unique >= (0.9 if (family, level) in SMALL else 0.99) * ITEMS


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_no_answer_is_frequent(family: str, level: int) -> None:
    answers = Counter(brief.surface for brief in briefs_of(family, level))
    assert answers.most_common(1)[0][1] <= 0.05 * ITEMS
    assert len(answers) >= 60


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_a_tenth_of_the_contents_is_held_out_and_never_in_training(family: str, level: int) -> None:
    briefs = briefs_of(family, level)
    train = {brief.content_hash for brief in briefs if brief.split == "train"}
    held_out = {brief.content_hash for brief in briefs if brief.split == "eval"}
    assert not train & held_out
    assert 0.06 <= len(held_out) / (len(train) + len(held_out)) <= 0.14


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_traces_end_with_the_gold_answer_in_its_box(family: str, level: int) -> None:
    for item in items_of(family, level)[:60]:
        for modality in item.modalities:
            assert compare(item.answer, extract(item.direct())).correct
            for variant in range(TRACE_VARIANTS):
                trace = item.trace(modality, variant)
                assert trace.endswith(item.direct())
                assert trace.count("\\boxed") == 1
                assert compare(item.answer, extract(trace)).correct


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_traces_have_five_phrasings_and_are_plain_text(family: str, level: int) -> None:
    item = items_of(family, level)[1]
    modality = item.modalities[0]
    assert len({item.trace(modality, variant) for variant in range(TRACE_VARIANTS)}) >= 5
    assert item.trace(modality, 1) == item.trace(modality, 1 + TRACE_VARIANTS)
    assert all(item.trace(modality, variant).isascii() for variant in range(TRACE_VARIANTS))


@pytest.mark.parametrize("family", TINY)
def test_brief_traces_of_level_zero_are_short_and_end_with_the_gold_answer(family: str) -> None:
    for item in items_of(family, 0):
        for variant in range(TRACE_VARIANTS):
            trace = item.trace(item.modalities[0], variant, brief=True)
            assert len(re.findall(r"\w+|[^\w\s]", trace)) <= 80
            assert compare(item.answer, extract(trace)).correct


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_one_candidate_in_ten_becomes_an_item_at_least(family: str, level: int) -> None:
    kept = [FAMILIES[family].logic(Rng("yield", family, level, n), level) for n in range(200)]
    assert sum(parts is not None for parts in kept) >= 20


@pytest.mark.parametrize("level", LEVELS)
def test_the_number_of_objects_tells_little_about_a_count(level: int) -> None:
    """Blind to colour and shape, a count of objects must not give the answer away."""
    by_total: dict[int, Counter[str]] = {}
    briefs = [brief for brief in briefs_of("scene_count", level) if brief.surface.startswith("(")]
    for brief in briefs:
        by_total.setdefault(brief.objects, Counter())[brief.surface] += 1
    hits = sum(counter.most_common(1)[0][1] for counter in by_total.values())
    assert hits / len(briefs) <= 0.20


@pytest.mark.parametrize("level", (2, 3, 4))
def test_no_table_prints_its_answer(level: int) -> None:
    for item in items_of("table_lookup", level):
        printed = {str(value) for row in item.scene["rows"] for value in row.values()}
        assert item.answer.surface not in printed


@pytest.mark.parametrize("level", (2, 3, 4))
def test_relations_hold_with_a_margin(level: int) -> None:
    for item in items_of("spatial_rel", level)[:200]:
        spots = [((t["box"][0] + t["box"][2]) / 2, (t["box"][1] + t["box"][3]) / 2) for t in item.scene["objects"]]
        for hop, step, before in zip(item.scene["hops"], item.program[1:-1], item.program, strict=False):
            here, there = spots[before.value], spots[step.value]
            reached = ((here[0] - there[0]) ** 2 + (here[1] - there[1]) ** 2) ** 0.5
            for place, (thing, spot) in enumerate(zip(item.scene["objects"], spots, strict=True)):
                ahead = {"left": here[0] - spot[0], "right": spot[0] - here[0], "above": here[1] - spot[1]}
                ahead |= {"below": spot[1] - here[1], "": 1}
                if place in (before.value, step.value) or hop["colour"] not in ("", thing["colour"]):
                    continue
                if ahead[hop["side"]] > 0:
                    distance = ((here[0] - spot[0]) ** 2 + (here[1] - spot[1]) ** 2) ** 0.5
                    assert (reached - distance if hop["far"] else distance - reached) >= 14


def test_written_expressions_keep_their_tree() -> None:
    """Python reads the same arithmetic, by its own parser."""
    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "x"}

    def read(node: ast.expr) -> object:
        if isinstance(node, ast.Constant):
            return node.value
        assert isinstance(node, ast.BinOp)
        return (signs[type(node.op)], read(node.left), read(node.right))

    for index in range(300):
        tree = split(Rng("tree", index), 100, 5)
        if tree is not None:
            assert read(ast.parse(written(tree).replace("x", "*"), mode="eval").body) == tree
