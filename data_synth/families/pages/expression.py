"""Evaluate an arithmetic expression, given as text or as a picture of that text.

Level 0: two additions or subtractions of digits. Level 1: three of larger numbers and a product of digits. From level 2
on, expression trees are split top-down from a uniformly drawn answer: parentheses, two-digit numbers, up to seven
operations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import accumulate, product
from typing import NamedTuple

from data_synth.answers import Answer
from data_synth.item import Item, Parts
from data_synth.layout import SIDE
from data_synth.program import ARITHMETIC, Op, Program, Scene, Step
from data_synth.render.canvas import Canvas
from data_synth.render.fonts import font
from data_synth.render.page import Block, Paragraph, Pictures
from data_synth.render.style import look_of
from data_synth.render.typeset import typeset
from data_synth.rng import Rng

NAMES = {"+": "add", "-": "subtract", "x": "multiply"}
SIGNS = {name: sign for sign, name in NAMES.items()}
RANGES = ((0, 27), (0, 149), (1, 200), (1, 400), (1, 999))  # answers, by level
OPERATIONS = {2: (4, 4), 3: (5, 5), 4: (6, 7)}
LARGEST = 99  # number of level 1, outside the product
GRID = 4  # characters per row at levels 0 and 1
MARGIN, LETTER, LEADING = 24, 30, 46  # of a page, design units

_TEXT = (
    "Compute {}.",
    "What is {}?",
    "Evaluate {}.",
    "Work out {}.",
    "Find the value of {}.",
    "Calculate {}.",
    "How much is {}?",
    "Give the result of {}.",
)
_SHOWN = (
    "Compute what is shown.",
    "What is the value of the expression?",
    "Evaluate the expression shown.",
    "Work out the expression.",
    "Find the value of what is written.",
    "Calculate what is written.",
    "How much is the expression?",
    "Give the result of the expression.",
)
_SEEN = ("I see {}.", "It reads {}.", "The expression is {}.", "Given: {}.", "We have {}.", "To compute: {}.")
_PLAN = (
    "There are {0} operations; parentheses and products bind more tightly, and I work from left to right.",
    "I do the {0} operations from the left, each as soon as both of its sides are plain numbers.",
    "{0} operations: a product binds tighter than a sum, parentheses tighter than both; I begin on the left.",
    "From left to right I do {0} operations, minding the parentheses, and that x goes before + and -.",
    "With {0} operations I mind that x comes before + and -, and parentheses before all; I start on the left.",
    "I take the {0} operations one by one from the left, always one whose two sides are numbers already.",
)
_CHECK = (
    "Check, with the last step undone: {}, which was there before it.",
    "To check I undo the last step: {}, which stood there before.",
    "Undoing the last operation leads back: {}, as it was before.",
    "The last step fits in reverse: {}, the number before it.",
    "Backwards from the result: {}, and that is what was there.",
    "A test with the last operation reversed: {}, as before.",
)
_BACK = {"add": "-", "subtract": "+", "multiply": "/"}  # what undoes each operation
_LEFT = ("That leaves {}.", "Now {}.", "What remains is {}.", "This becomes {}.", "Next: {}.", "Left to do: {}.")


class Tree(NamedTuple):
    """An operation and its two sides; a side is a tree or a number."""

    sign: str
    left: Tree | int
    right: Tree | int


def value_of(node: Tree | int) -> int:
    if isinstance(node, int):
        return node
    left, right = value_of(node.left), value_of(node.right)
    return left + right if node.sign == "+" else left - right if node.sign == "-" else left * right


def written(node: Tree | int) -> str:
    """The expression with just the parentheses that it needs to be read back as this tree."""
    if isinstance(node, int):
        return str(node)
    left, right = written(node.left), written(node.right)
    if isinstance(node.left, Tree) and node.sign == "x" and node.left.sign != "x":
        left = f"({left})"
    if isinstance(node.right, Tree) and (node.sign == "x" or node.right.sign != "x"):
        right = f"({right})"
    return f"{left} {node.sign} {right}"


class Expression:
    """Evaluate an arithmetic expression."""

    name = "expression"
    modalities = ("text", "rendered")
    ops: Mapping[str, Op] = ARITHMETIC

    def logic(self, rng: Rng, level: int) -> Parts | None:
        target = rng.between(*RANGES[level])
        tree = _flat(rng, target, level) if level < 2 else split(rng, target, rng.between(*OPERATIONS[level]))
        if not isinstance(tree, Tree) or value_of(tree) != target:
            return None
        text = written(tree)
        scene: Scene = {"text": text, "grid": GRID if level < 2 else 0}
        program = Program(self.ops, scene)
        _run(program, tree)
        wording = rng.randrange(len(_TEXT))
        return Parts(
            question=_TEXT[wording].format(text),
            rules="",
            form="n",
            answer=Answer("integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"operations": sum(step.op != "number" for step in program.steps), "characters": len(text)},
            canon=text,
            shown=_SHOWN[wording],
            alone=True,
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        text = item.scene["text"]
        return [_draw_grid(text, size) if item.scene["grid"] else _draw_page(text, size)]

    def blocks(self, item: Item, size: int) -> list[Block]:
        """The expression for pages other than `draw`: from level 2 on set as mathematics."""
        text = item.scene["text"]
        if item.level < 2:
            signs = text.replace("-", "\u2212").replace("x", "\u00d7")
            return [Paragraph(signs, letter=34, align="center", gap=12, tag="expression")]
        return [Pictures([typeset(_mathematics(text), look_of(item), size, margin=14, filled=False)], size / SIDE)]

    def solve_again(self, item: Item) -> int:
        return evaluate(item.scene["text"])

    def explain(self, item: Item, variant: int) -> list[str]:
        says = [_SEEN[variant].format(item.scene["text"])]
        if item.level > 1:
            says.append(_PLAN[variant].format(item.features["operations"]))
        for position, step in enumerate(item.program):
            if step.op == "number":
                continue
            left, right = (item.program[i].value for i in step.inputs)
            says.append(f"{left} {SIGNS[step.op]} {right} = {step.value}.")
            if item.level > 1 and position + 1 < len(item.program):
                says.append(_LEFT[variant].format(_remaining(item.program, position)))
        return [*says, *([_CHECK[variant].format(_undone(item.program))] if item.level > 1 else [])]


def _run(program: Program, node: Tree | int) -> int:
    """Execute the tree, left side first; returns the position of its last step."""
    if isinstance(node, int):
        return program.do("number", value=node)
    left = _run(program, node.left)
    return program.do(NAMES[node.sign], left, _run(program, node.right))


def _undone(steps: tuple[Step, ...]) -> str:
    """The last operation in reverse, e.g. 45 - 12 = 33 for 33 + 12 = 45."""
    left, right = (steps[i].value for i in steps[-1].inputs)
    return f"{steps[-1].value} {_BACK[steps[-1].op]} {right} = {left}"


def _remaining(steps: tuple[Step, ...], done: int) -> str:
    """The expression with every operation up to step `done` replaced by its value."""

    def rebuild(position: int) -> Tree | int:
        step = steps[position]
        if step.op == "number" or position <= done:
            return int(step.value)
        return Tree(SIGNS[step.op], rebuild(step.inputs[0]), rebuild(step.inputs[1]))

    return written(rebuild(len(steps) - 1))


@lru_cache(maxsize=1)
def _level_zero() -> dict[int, list[Tree]]:
    """All expressions of level 0 by their value, none of which goes below zero on the way."""
    found: dict[int, list[Tree]] = {}
    for a, first, b, second, c in product(range(1, 10), "+-", range(1, 10), "+-", range(1, 10)):
        tree = Tree(second, Tree(first, a, b), c)
        if value_of(tree) >= 0 and value_of(tree.left) >= 0:
            found.setdefault(value_of(tree), []).append(tree)
    return found


def _flat(rng: Rng, target: int, level: int) -> Tree | None:
    """A tree without parentheses: level 0 sums of digits, level 1 has one product of digits among three numbers."""
    if level == 0:
        return rng.choice(_level_zero()[target])
    for _ in range(4000):
        terms: list[Tree | int] = [Tree("x", rng.between(2, 9), rng.between(2, 9)), 0]
        terms += [rng.between(1, LARGEST) for _ in range(2)]
        rng.shuffle(terms)
        signs = ["+", *(rng.choice("+-") for _ in terms[1:])]
        open_place = terms.index(0)
        rest = sum(value_of(term) if sign == "+" else -value_of(term) for sign, term in zip(signs, terms, strict=True))
        last = target - rest if signs[open_place] == "+" else rest - target
        if not 1 <= last <= LARGEST:
            continue
        terms[open_place] = last
        so_far = list(
            accumulate(value_of(term) * (1 if s == "+" else -1) for s, term in zip(signs, terms, strict=True))
        )
        if min(so_far) >= 0:
            tree = Tree(signs[1], terms[0], terms[1])
            for sign, term in zip(signs[2:], terms[2:], strict=True):
                tree = Tree(sign, tree, term)
            return tree
    return None


def split(rng: Rng, value: int, operations: int) -> Tree | int | None:
    """A random tree of this value and size; its numbers are 1 .. 99, and no value on the way is above 999."""
    if operations == 0:
        return value if 1 <= value <= 99 else None
    for _ in range(8):
        sign = rng.choice("+-x")
        sides = _sides(rng, value, sign, 999)
        if sides is None:
            continue
        in_left = rng.randrange(operations)
        left = split(rng, sides[0], in_left)
        right = split(rng, sides[1], operations - 1 - in_left) if left is not None else None
        if left is not None and right is not None:
            return Tree(sign, left, right)
    return None


def _sides(rng: Rng, value: int, sign: str, top: int) -> tuple[int, int] | None:
    if sign == "+":
        left = rng.between(1, value - 1) if value > 1 else 0
        return (left, value - left) if left else None
    if sign == "-":
        right = rng.between(1, 99)
        return (value + right, right) if value + right <= top else None
    divisors = [d for d in range(2, 13) if value % d == 0 and value // d > 1]
    if not divisors:
        return None
    divisor = rng.choice(divisors)
    return (divisor, value // divisor) if rng.chance(0.5) else (value // divisor, divisor)


def _mathematics(text: str) -> str:
    """Typst markup of an expression, large; escaped parentheses let lines break between them."""
    signs = text.replace("x", "times").replace("(", r"\(").replace(")", r"\)")
    return f"#set text(size: 25pt)\n#set par(leading: 12pt)\n#align(center)[${signs}$]"


def _draw_grid(text: str, size: int) -> Canvas:
    """One character per cell of a 4 x 4 grid, without spaces; a row ends after an operation."""
    canvas, cell = Canvas(SIDE, SIDE, size), SIDE // GRID
    lines = joined(["".join(piece.split()) for piece in pieces(text)], lambda line: len(line) <= GRID, "")
    places = [(row, column) for row, line in enumerate(lines) for column in range(len(line))]
    for place, ((row, column), character) in enumerate(zip(places, "".join(lines), strict=True)):
        centre = column * cell + cell // 2, row * cell + cell // 2
        if character in "+-":  # the font's signs are too small to read at 16 pixels
            canvas.line([(centre[0] - 26, centre[1]), (centre[0] + 26, centre[1])], width=11, tag=f"sign {place}")
            if character == "+":
                canvas.line([(centre[0], centre[1] - 26), (centre[0], centre[1] + 26)], width=11, tag=f"sign {place}")
        else:
            canvas.text(centre[0], centre[1] + 32, character, 90, anchor="ms", tag=f"character {place}")
    return canvas


def _draw_page(text: str, size: int) -> Canvas:
    """The expression as lines of text, broken after operations."""
    lines = joined(pieces(text), lambda line: font(LETTER).getlength(line) <= SIDE - 2 * MARGIN, " ")
    height = max(SIDE // 2, 2 * MARGIN + LEADING * len(lines))
    canvas = Canvas(SIDE, height, size)
    top = (height - LEADING * len(lines)) // 2
    for number, line in enumerate(lines):
        canvas.text(MARGIN, top + LEADING * number + LEADING // 2, line, LETTER, anchor="lm", tag=f"line {number}")
    return canvas


def pieces(text: str) -> list[str]:
    """The expression in pieces that stay on one line: each number with its parentheses and the sign after it."""
    return re.findall(r"[^ ]+(?: [-+x])?", text)


def joined(parts: list[str], fits: Callable[[str], bool], joint: str) -> list[str]:
    """As few lines as hold the parts in their order."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{joint}{part}" if lines else part
        if lines and fits(longer):
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def evaluate(text: str) -> int:
    """Value of an expression by operator precedence (shunting-yard), straight from its characters."""
    values: list[int] = []
    waiting: list[str] = []
    strength = {"+": 1, "-": 1, "x": 2}

    def reduce_top() -> None:
        sign, right, left = waiting.pop(), values.pop(), values.pop()
        values.append({"+": left + right, "-": left - right, "x": left * right}[sign])

    for token in re.findall(r"\d+|[-+x()]", text):
        if token.isdecimal():
            values.append(int(token))
        elif token == "(":
            waiting.append(token)
        elif token == ")":
            while waiting[-1] != "(":
                reduce_top()
            waiting.pop()
        else:
            while waiting and waiting[-1] != "(" and strength[waiting[-1]] >= strength[token]:
                reduce_top()
            waiting.append(token)
    while waiting:
        reduce_top()
    return values[0]
