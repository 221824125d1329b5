"""Follow a process: run a flowchart, traverse a binary tree, feed a state machine.

Everything that decides stands in the picture; the question names an order or an input word at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.answers import Answer
from data_synth.families.diagrams.flow_figure import draw_flow
from data_synth.families.diagrams.flow_program import (
    build_chart,
    calculate,
    interpret,
    run_chart,
    say_chart,
    statements_of,
    text_of,
    undo_chart,
)
from data_synth.families.diagrams.machine_figure import draw_machine, draw_tree, place_machine
from data_synth.item import Item, Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_look
from data_synth.rng import Rng

FORMS = (
    ("flow", "tree"),
    ("flow", "tree", "machine"),
    ("flow", "tree", "machine"),
    ("flow", "flow", "tree", "machine"),
    ("flow", "flow", "tree", "machine"),
)
TREE = ((5, 6), (6, 7), (8, 9), (9, 10), (11, 12))  # nodes
STATES = (3, 3, 4, 5, 6)
WORD = ((4, 5), (4, 5), (6, 7), (8, 9), (10, 12))  # symbols
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
ORDERS = ("preorder", "inorder", "postorder")
MOST = 100_000  # a value that grows beyond is no fun to calculate

_ASK = {
    "flow": (
        "What does the flowchart put out?",
        "Which number is the output of this flowchart?",
        "Run the flowchart. What is the output?",
        "Follow the arrows from start to end. What is put out?",
        "Execute the flowchart and give its output.",
        "What value is printed at the end?",
        "Trace the flowchart: which number comes out?",
        "Give the number that the process ends with as its output.",
        "Work through the chart step by step. What is its output?",
    ),
    "tree": (
        "List the nodes of the binary tree in {0}.",
        "In which order are the nodes visited in {0}?",
        "Give the {0} traversal of the tree.",
        "Write down the nodes in {0}.",
        "Traverse the tree in {0}. Which sequence of nodes results?",
        "What is the {0} sequence of this tree?",
        "Visit all nodes in {0} and list them.",
        "State the nodes in the order of {0} traversal.",
    ),
    "machine": (
        "The machine reads {0}, beginning at the red arrow. In which state does it end?",
        "Starting where the arrow without origin points, the input is {0}. Which state is reached?",
        "Feed {0} to the machine. What is its last state?",
        "Which state is the machine in after reading {0}?",
        "After the input {0}, where does the machine stand?",
        "Read {0} symbol by symbol. Name the final state.",
        "The input word is {0}. Give the state at the end.",
        "Follow the edges for {0}. In which state do you arrive?",
    ),
}
_SEEN = ("I see {}.", "The picture shows {}.", "There is {}.", "This is {}.", "Given is {}.", "What I see is {}.")
_PLAN = (
    "I go through it step by step and note every value.",
    "One step after the other, writing down what each gives.",
    "I follow it from the beginning and keep track as I go.",
    "Step by step, without leaving anything out:",
    "I trace it from start to end.",
    "Let me run through it slowly, one step at a time.",
)
_CHECK = {
    "flow": (
        "Check: the last test sent me to the output, and {0} is what was stored then.",
        "At the last test the way led on to the output, with {0} stored.",
        "The loop is left at the last test, when {0} is stored.",
        "After the last test nothing is changed any more, so {0} stays.",
        "Once the last test leads to the output, {0} is what counts.",
        "No box comes after the last test, so {0} it is.",
    ),
    "undo": (
        "Check, from the end back: {0}, where it began.",
        "Backwards it goes {0}, the value at the start.",
        "Undoing the steps: {0}, and that is the first box.",
        "To check I undo one step after the other: {0}, the number set first.",
        "With each step undone: {0}, as the first box says.",
        "In reverse I get {0}, the value that was set.",
    ),
    "tree": (
        "Check: {0} nodes are listed, each once.",
        "That makes {0} nodes, none left out and none twice.",
        "All {0} nodes of the picture are in the list.",
        "Counting again, the list has {0} nodes, all different.",
        "The tree has {0} nodes, and so has the list.",
        "No node is missing: there are {0}.",
    ),
    "machine": (
        "Check: {0} symbols were read, so there were {0} moves.",
        "The word has {0} symbols, and I made {0} moves.",
        "All {0} symbols are used up, one for each move.",
        "That was one move for each of the {0} symbols.",
        "After {0} moves all {0} symbols are read.",
        "No symbol is left, as {0} moves were made for {0} symbols.",
    ),
}
_WRONG = {
    "flow": "It is tempting to leave the loop one round early, but the test comes first, with the new value.",
    "tree": "The rows from top to bottom would be another order; here whole subtrees are finished first.",
    "machine": "A move depends on the state as well as on the symbol: equal symbols need not lead to the same place.",
}


class FlowState:
    """Trace a process."""

    name = "flow_state"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        "set": Op(lambda scene, *, var, value: value, (), "integer"),
        "update": Op(lambda scene, *inputs, sign, by: calculate(inputs, sign, by), ("integer", "..."), "integer"),
        "output": Op(lambda scene, a: a, ("integer",), "integer"),
        "visit": Op(lambda scene, *, node: node, (), "node"),
        "order": Op(lambda scene, *nodes: list(nodes), ("node", "..."), "tuple"),
        "enter": Op(lambda scene: scene["start"], (), "state"),
        "move": Op(lambda scene, state, *, symbol: scene["moves"][state][symbol], ("state",), "state"),
        "final": Op(lambda scene, state: state, ("state",), "word"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        scene = {"flow": build_chart, "tree": _tree, "machine": _machine}[form](rng, level)
        if scene is None:
            return None
        scene |= {
            "form": form,
            "style": pick_look(rng),
            "colour": rng.choice(("blue", "green", "purple", "orange")),
        }
        program = Program(self.ops, scene)
        {"flow": run_chart, "tree": _run_tree, "machine": _run_machine}[form](program, scene)
        value = program.value()
        if form == "flow" and abs(value) > MOST:
            return None
        kind = {"flow": "integer", "tree": "tuple", "machine": "word"}[form]
        return Parts(
            question=rng.choice(_ASK[form]).format(scene.get("asked", "")),
            rules={
                "flow": "A box stores a value under a name; x multiplies. A diamond tests.",
                "tree": "Left children stand to the left.",
                "machine": "Each edge carries the symbols that it reads; the red arrow marks the start.",
            }[form],
            form={"flow": "n", "tree": "(a, b, c, ...)", "machine": "state"}[form],
            answer=Answer(kind, value),
            scene=scene,
            program=tuple(program.steps),
            features={"steps": len(program.steps)},
            canon=[form, scene["canon"]],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [{"flow": draw_flow, "tree": draw_tree, "machine": draw_machine}[item.scene["form"]](item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Interpret the flowchart recursively, traverse with a stack, and compose the machine's maps from the end."""
        scene = item.scene
        if scene["form"] == "flow":
            memory: dict[str, int] = {}
            interpret(scene["chart"], memory)
            return memory[scene["output"]]
        if scene["form"] == "tree":
            return tuple(_iterative(scene))
        after = {state: state for state in scene["moves"]}  # the last state from each state, for the rest of the word
        for symbol in reversed(scene["asked"]):
            after = {state: after[moves[symbol]] for state, moves in scene["moves"].items()}
        return after[scene["start"]]

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, form = item.scene, item.scene["form"]
        says = [_SEEN[variant].format(_described(scene)), _PLAN[variant]]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG[form])
        if form == "flow":
            says += say_chart(scene)
            undone = undo_chart(scene)
            if undone:
                return [*says, _CHECK["undo"][variant].format(undone)]
            count = item.answer.value
        elif form == "tree":
            says += _say_tree(scene)
            count = len(item.answer.value)
        else:
            says += _say_machine(item)
            count = len(scene["asked"])
        return [*says, _CHECK[form][variant].format(count)]


def _described(scene: Scene) -> str:
    if scene["form"] == "flow":
        boxes = [text_of(statement) for statement in statements_of(scene["chart"])]
        return f"a flowchart with {', '.join(boxes)}, and the output {scene['output']}"
    if scene["form"] == "tree":
        parts = []
        for name, (left, right) in scene["tree"].items():
            sides = [f"{side} {child}" for side, child in (("left", left), ("right", right)) if child]
            if sides:
                parts.append(f"{name} has {' and '.join(sides)}")
        return f"a binary tree with the root {scene['root']}; {', '.join(parts)}"
    parts = [
        f"{state} {symbol} to {end}" for state, moves in scene["moves"].items() for symbol, end in sorted(moves.items())
    ]
    return f"a machine that starts in {scene['start']}, with the moves {', '.join(parts)}"


# --------------------------------------------------------------------------------------------------------------- trees


def _tree(rng: Rng, level: int) -> Scene | None:
    """A random binary tree of at most five rows; its traversals all differ."""
    names = rng.sample(LETTERS, rng.between(*TREE[level]))
    tree: dict[str, list[str]] = {names[0]: ["", ""]}
    rows = {names[0]: 0}
    for name in names[1:]:
        free = [(node, side) for node in tree for side in (0, 1) if not tree[node][side] and rows[node] < 4]
        node, side = rng.choice(free)
        tree[node][side] = name
        tree[name], rows[name] = ["", ""], rows[node] + 1
    order = rng.choice(ORDERS)
    scene = {"tree": tree, "root": names[0], "asked": order, "canon": [sorted(tree.items()), names[0], order]}
    orders = {tuple(_recursive({**scene, "asked": other}, names[0])) for other in ORDERS}
    return scene if len(orders) == 3 and max(rows.values()) >= 2 else None


def _recursive(scene: Scene, node: str) -> list[str]:
    if not node:
        return []
    left, right = (_recursive(scene, child) for child in scene["tree"][node])
    return {"preorder": [node, *left, *right], "inorder": [*left, node, *right], "postorder": [*left, *right, node]}[
        scene["asked"]
    ]


def _iterative(scene: Scene) -> list[str]:
    """With a stack of (node, was it opened): a node is written when the order says so."""
    place = {"preorder": 2, "inorder": 1, "postorder": 0}[scene["asked"]]
    stack, written = [(scene["root"], False)], []
    while stack:
        node, opened = stack.pop()
        if opened:
            written.append(node)
        elif node:
            left, right = scene["tree"][node]
            parts = [(right, False), (left, False)]
            parts.insert(place, (node, True))
            stack += parts
    return written


def _run_tree(program: Program, scene: Scene) -> None:
    program.do("order", *(program.do("visit", node=node) for node in _recursive(scene, scene["root"])))


def _say_tree(scene: Scene) -> list[str]:
    rule = {"preorder": "node, left, right", "inorder": "left, node, right", "postorder": "left, right, node"}
    says = [f"{scene['asked'].capitalize()} means {rule[scene['asked']]}."]
    for node in reversed(_recursive({**scene, "asked": "preorder"}, scene["root"])):
        if any(scene["tree"][node]):
            says.append(f"Under {node}: {' '.join(_recursive(scene, node))}.")
    return says


# ------------------------------------------------------------------------------------------------------------ machines


def _machine(rng: Rng, level: int) -> Scene | None:
    """States with two-letter names; each symbol leads from each state to some state; the word visits several."""
    count, symbols = STATES[level], "ab" if level < 3 else "abc"
    names = [a + b for a, b in (rng.sample(LETTERS, 2) for _ in range(count))]
    if len(set(names)) < count:
        return None
    moves = {name: {symbol: rng.choice(names) for symbol in symbols} for name in names}
    word = "".join(rng.choice(symbols) for _ in range(rng.between(*WORD[level])))
    start = rng.choice(names)
    if len({_after(moves, start, word[:n]) for n in range(len(word) + 1)}) < min(3, count):
        return None
    scene = {"moves": moves, "start": start, "asked": word, "canon": [sorted(moves.items()), start, word]}
    return place_machine(rng, scene)


def _after(moves: dict[str, dict[str, str]], state: str, word: str) -> str:
    for symbol in word:
        state = moves[state][symbol]
    return state


def _run_machine(program: Program, scene: Scene) -> None:
    place = program.do("enter")
    for symbol in scene["asked"]:
        place = program.do("move", place, symbol=symbol)
    program.do("final", place)


def _say_machine(item: Item) -> list[str]:
    states = [step.value for step in item.program[:-1]]
    moves = zip(states, item.scene["asked"], states[1:], strict=False)
    return [f"Start in {states[0]}.", *(f"{state} reads {symbol}: {end}." for state, symbol, end in moves)]
