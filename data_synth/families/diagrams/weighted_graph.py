"""Weighted graphs: cost of a shortest path, a shortest path itself, weight of a minimum spanning tree.

How far apart nodes are drawn says nothing about the weights. From level 3 on, paths run along one-way edges.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Any

from data_synth.answers import Answer
from data_synth.families.diagrams.graph_figure import build_graph, draw_graph
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

NODES = ((5, 6), (6, 7), (7, 8), (8, 9), (9, 11))
FORMS = (("cost", "tree"), ("cost", "tree"), ("cost", "tree", "path"), ("cost", "tree", "path"), ("cost", "path"))
LEAST_EDGES = (2, 2, 3, 3, 3)  # of the path that is asked for


_ASK = {
    "cost": (
        "What is the cost of the cheapest way from {0} to {1}?",
        "How much does the cheapest path from {0} to {1} cost?",
        "Find the length of the shortest path from {0} to {1}.",
        "You go from {0} to {1}. What is the smallest possible sum of weights?",
        "Give the total weight of the shortest path between {0} and {1}, starting at {0}.",
        "What is the least total weight on the way from {0} to {1}?",
        "Work out the shortest distance from {0} to {1}.",
        "From {0} to {1}: what is the minimum sum of edge weights?",
    ),
    "path": (
        "Which is the cheapest way from {0} to {1}?",
        "Give the nodes of the shortest path from {0} to {1}, in order.",
        "Name the nodes that you pass on the cheapest way from {0} to {1}, both ends included.",
        "Find the shortest path from {0} to {1}.",
        "Through which nodes does the cheapest path from {0} to {1} run?",
        "Write down the cheapest path from {0} to {1}.",
        "You go from {0} to {1} as cheaply as possible. Which nodes do you visit?",
        "State the shortest way from {0} to {1}, node by node.",
    ),
    "tree": (
        "What is the weight of the minimum spanning tree?",
        "All nodes are to be connected as cheaply as possible. What is the total weight?",
        "Find the total weight of a minimum spanning tree.",
        "Choose edges that connect all nodes with the least total weight. What is that weight?",
        "How much does the cheapest network that joins all nodes cost?",
        "What is the smallest total weight of edges that keep the graph connected?",
        "Add up the edges of a minimum spanning tree. What is the sum?",
        "Which total weight has the cheapest tree that reaches every node?",
    ),
}
_SEEN = (
    "I see the edges {}.",
    "The graph has {}.",
    "Edges with weights: {}.",
    "I read {}.",
    "There are {}.",
    "The edges are {}.",
)
_PLAN = {
    "cost": (
        "I settle nodes in the order of their distance from {0}.",
        "From {0} I always take the nearest node that is not settled yet.",
        "Growing outwards from {0}, nearest node first:",
        "I keep the best known distance of every node and settle the smallest one first, starting at {0}.",
        "Shortest distances from {0}, one node after the other:",
        "Step by step the next nearest node to {0}:",
    ),
    "tree": (
        "I take the lightest edges first and leave out those that would close a circle.",
        "Light edges first; an edge whose ends are joined already is skipped.",
        "Sorting edges by weight, I add each that joins two separate parts.",
        "Greedily: the lightest edge that closes no circle comes next.",
        "Edges in the order of their weights, without circles:",
        "The cheapest edge between separate parts is always safe to take:",
    ),
}
_PLAN["path"] = _PLAN["cost"]
_CHECK = (
    "Check along the way: {0} = {1}.",
    "Adding up once more: {0} = {1}.",
    "Test: {0} gives {1}.",
    "In total {0} = {1}.",
    "The sum {0} is {1}, as found.",
    "Once more: {0} = {1}.",
)
_WRONG = (
    "Going by the fewest edges instead would be a mistake: what counts is the weight, not the number of edges.",
    "The edge that looks shortest in the drawing need not be the lightest, so I go by the numbers.",
)


class WeightedGraph:
    """Find cheap ways through a weighted graph."""

    name = "weighted_graph"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "weight": Op(lambda scene, *, edge: scene["edges"][edge], (), "integer"),
        "extend": Op(lambda scene, a, *, edge: a + scene["edges"][edge], ("integer",), "integer"),
        "route": Op(lambda scene, *distances, nodes: nodes, ("integer", "..."), "path"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        graph = build_graph(rng, NODES[level], 1 + level // 2, directed=level >= 3 and form != "tree")
        if graph is None:
            return None
        scene: Scene = {**graph, "form": form, "start": "", "end": ""}
        if form != "tree":
            ends = _ends(rng, scene, level)
            if ends is None:
                return None
            scene["start"], scene["end"] = ends
        program = Program(self.ops, scene)
        _execute(program, scene)
        return Parts(
            question=rng.choice(_ASK[form]).format(scene["start"], scene["end"]),
            rules="Numbers at edges are weights." + (" Follow the arrows only." if scene["directed"] else ""),
            form="nodes, e.g. ABC" if form == "path" else "n",
            answer=Answer("path" if form == "path" else "integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"nodes": len(scene["spots"]), "edges": len(scene["edges"])},
            canon=[form, scene["start"], scene["end"], sorted(scene["edges"].items())],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_graph(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """All pairs by Floyd and Warshall, every simple path, or Prim's tree."""
        scene = item.scene
        if scene["form"] == "tree":
            return _prim(scene)
        if scene["form"] == "cost":
            return _all_pairs(scene)[scene["start"], scene["end"]]
        return min(_simple_paths(scene, scene["start"]))[1]

    def accepts(self, item: Item, moves: str) -> bool:
        """Whether the nodes are a way from the start to the end that costs no more than the gold one."""
        scene = item.scene
        if not moves or moves[0] != scene["start"] or moves[-1] != scene["end"]:
            return False
        costs = [_weight(scene, a, b) for a, b in zip(moves, moves[1:], strict=False)]
        return None not in costs and sum(cost or 0 for cost in costs) == _cost(scene, item.answer.value)

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        arrow = " to " if scene["directed"] else "-"
        listed = ", ".join(f"{edge[0]}{arrow}{edge[1]} {weight}" for edge, weight in scene["edges"].items())
        says = [_SEEN[variant].format(listed), _PLAN[scene["form"]][variant].format(scene["start"])]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG[variant // 3])
        if scene["form"] == "tree":
            chosen = [step.args["edge"] for step in item.program if step.op == "weight"]
            says += _say_tree(scene, chosen)
            weights = [scene["edges"][edge] for edge in chosen]
            return [*says, _CHECK[variant].format(" + ".join(map(str, weights)), item.answer.value)]
        order, before = _dijkstra(scene, scene["start"])
        for node, distance in list(order.items())[1:]:
            last = before[node]
            says.append(f"{node}: {order[last]} + {_weight(scene, last, node)} = {distance} by way of {last}.")
            if node == scene["end"]:
                break
        nodes = _route(scene)
        weights = [_weight(scene, a, b) or 0 for a, b in zip(nodes, nodes[1:], strict=False)]
        says.append(f"Backwards from {scene['end']} the way is {' - '.join(nodes)}.")
        return [*says, _CHECK[variant].format(" + ".join(map(str, weights)), sum(weights))]


def _weight(scene: Scene, a: str, b: str) -> int | None:
    """Weight of the edge from a to b, if one may go that way."""
    found = scene["edges"].get(a + b)
    return found if found is not None or scene["directed"] else scene["edges"].get(b + a)


def _dijkstra(scene: Scene, start: str) -> tuple[dict[str, int], dict[str, str]]:
    """(distances in the order in which nodes are settled, the node before each)."""
    onward: dict[str, list[tuple[str, int]]] = {name: [] for name in scene["spots"]}
    for (a, b), weight in scene["edges"].items():
        onward[a].append((b, weight))
        if not scene["directed"]:
            onward[b].append((a, weight))
    settled: dict[str, int] = {}
    before: dict[str, str] = {}
    waiting = [(0, start, start)]
    while waiting:
        distance, here, last = heappop(waiting)
        if here in settled:
            continue
        settled[here], before[here] = distance, last
        for other, weight in onward[here]:
            if other not in settled:
                heappush(waiting, (distance + weight, other, here))
    return settled, before


def _ends(rng: Rng, scene: Scene, level: int) -> tuple[str, str] | None:
    """A start and an end whose cheapest way is unique and long enough."""
    names = list(scene["spots"])
    for start in rng.sample(names, len(names)):
        distances, before = _dijkstra(scene, start)
        for end in rng.sample(list(distances), len(distances)):
            nodes = _walk(before, start, end)
            if len(nodes) - 1 >= LEAST_EDGES[level] and _only(scene, distances, nodes):
                return start, end
    return None


def _walk(before: dict[str, str], start: str, end: str) -> str:
    nodes = end
    while nodes[0] != start:
        nodes = before[nodes[0]] + nodes
    return nodes


def _only(scene: Scene, distances: dict[str, int], nodes: str) -> bool:
    """Whether no other way to the last node costs so little: each node has one best predecessor."""
    return all(
        sum((w := _weight(scene, a, node)) is not None and distances[a] + w == distances[node] for a in distances) == 1
        for node in nodes[1:]
    )


def _route(scene: Scene) -> str:
    return _walk(_dijkstra(scene, scene["start"])[1], scene["start"], scene["end"])


def _cost(scene: Scene, nodes: str) -> int:
    return sum(_weight(scene, a, b) or 0 for a, b in zip(nodes, nodes[1:], strict=False))


def _execute(program: Program, scene: Scene) -> None:
    if scene["form"] == "tree":
        program.do("sum", *(program.do("weight", edge=edge) for edge in _kruskal(scene)))
        return
    nodes = _route(scene)
    place = program.do("number", value=0)
    for a, b in zip(nodes, nodes[1:], strict=False):
        place = program.do("extend", place, edge=a + b if a + b in scene["edges"] else b + a)
    if scene["form"] == "path":
        program.do("route", place, nodes=nodes)


def _kruskal(scene: Scene) -> list[str]:
    part = {name: name for name in scene["spots"]}
    chosen = []
    for edge in sorted(scene["edges"], key=lambda name: scene["edges"][name]):
        a, b = part[edge[0]], part[edge[1]]
        if a != b:
            chosen.append(edge)
            part = {name: a if of == b else of for name, of in part.items()}
    return chosen


def _say_tree(scene: Scene, chosen: list[str]) -> list[str]:
    says, taken = [], 0
    for edge in sorted(scene["edges"], key=lambda name: scene["edges"][name]):
        if edge in chosen:
            taken += 1
            says.append(f"{edge[0]}-{edge[1]} with {scene['edges'][edge]}: taken.")
        else:
            says.append(f"{edge[0]}-{edge[1]} with {scene['edges'][edge]}: closes a circle.")
        if taken == len(chosen):
            break
    return [*says, f"All {len(scene['spots'])} nodes are joined by {len(chosen)} edges."]


# --------------------------------------------------------------------------------------------------- second solvers


def _all_pairs(scene: Scene) -> dict[tuple[str, str], int]:
    names = list(scene["spots"])
    table = {(a, b): 0 if a == b else 1 << 30 for a in names for b in names}
    for edge, weight in scene["edges"].items():
        table[edge[0], edge[1]] = weight
        if not scene["directed"]:
            table[edge[1], edge[0]] = weight
    for k in names:
        for a in names:
            for b in names:
                table[a, b] = min(table[a, b], table[a, k] + table[k, b])
    return table


def _simple_paths(scene: Scene, nodes: str) -> list[tuple[int, str]]:
    """(cost, nodes) of every way to the end that visits no node twice."""
    if nodes[-1] == scene["end"]:
        return [(_cost(scene, nodes), nodes)]
    onward = [n for n in scene["spots"] if n not in nodes and _weight(scene, nodes[-1], n) is not None]
    return [path for name in onward for path in _simple_paths(scene, nodes + name)]


def _prim(scene: Scene) -> int:
    inside, total = {next(iter(scene["spots"]))}, 0
    while len(inside) < len(scene["spots"]):
        weight, new = min(
            (weight, b if a in inside else a)
            for (a, b), weight in ((tuple(edge), w) for edge, w in scene["edges"].items())
            if (a in inside) != (b in inside)
        )
        inside.add(new)
        total += weight
    return total
