"""Cheap ways through graphs: any way that is as cheap is accepted, and the drawing can be read."""

from __future__ import annotations

from itertools import permutations

import pytest

from data_synth import Item, compare, make
from data_synth.render.figure import runs_through

LEVELS = range(5)


def items(level: int, form: str) -> list[Item]:
    return [item for item in (make("weighted_graph", level, n) for n in range(200)) if item.scene["form"] == form]


def cost(item: Item, nodes: str) -> int | None:
    edges, total = item.scene["edges"], 0
    for a, b in zip(nodes, nodes[1:], strict=False):
        weight = edges.get(a + b, None if item.scene["directed"] else edges.get(b + a))
        if weight is None:
            return None
        total += weight
    return total


@pytest.mark.parametrize("level", [2, 3])
def test_no_order_of_nodes_is_a_cheaper_way(level: int) -> None:
    for item in items(level, "path")[:12]:
        start, end = item.scene["start"], item.scene["end"]
        inner = [name for name in item.scene["spots"] if name not in (start, end)]
        for length in range(4):
            for middle in permutations(inner, length):
                nodes = start + "".join(middle) + end
                found, gold = cost(item, nodes), cost(item, item.answer.value)
                assert found is None or gold is not None and found >= gold
                assert item.accepts(nodes) == (found == gold), (item.id, nodes)


def test_paths_are_read_with_or_without_signs_between_nodes() -> None:
    item = items(2, "path")[0]
    nodes = item.answer.value
    for text in (nodes, " - ".join(nodes), "->".join(nodes), ", ".join(nodes).lower()):
        assert compare(item.answer, text).correct
    for text in (nodes[::-1], nodes[:-1], nodes + nodes[0], nodes[0] + nodes[-1], ""):
        assert not compare(item.answer, text).correct


@pytest.mark.parametrize("level", LEVELS)
def test_edges_pass_no_other_node_and_no_foreign_number(level: int) -> None:
    for form in ("cost", "tree", "path"):
        for item in items(level, form)[:20]:
            spots, labels = item.scene["spots"], item.scene["labels"]
            for edge in item.scene["edges"]:
                line = (tuple(spots[edge[0]]), tuple(spots[edge[1]]))
                for name, (x, y) in spots.items():
                    assert name in edge or not runs_through(line, (x - 16, y - 16, x + 16, y + 16))
                for other, (x, y) in labels.items():
                    assert other == edge or not runs_through(line, (x - 9, y - 8, x + 9, y + 8))


def test_heavy_edges_are_no_longer_in_the_drawing() -> None:
    """The rank correlation of weight and drawn length is near 0."""
    pairs = []
    for item in items(1, "cost"):
        spots = item.scene["spots"]
        for edge, weight in item.scene["edges"].items():
            (x, y), (x1, y1) = spots[edge[0]], spots[edge[1]]
            pairs.append((weight, (x - x1) ** 2 + (y - y1) ** 2))
    by_weight, by_length = sorted(pairs), sorted(pairs, key=lambda pair: pair[1])
    rank = {pair: place for place, pair in enumerate(by_length)}
    count = len(pairs)
    squares = sum((place - rank[pair]) ** 2 for place, pair in enumerate(by_weight))
    assert abs(1 - 6 * squares / (count * (count**2 - 1))) < 0.1
