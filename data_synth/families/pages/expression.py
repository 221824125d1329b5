"""Evaluate an arithmetic expression, given as text or as a picture of that text.

Level 0: two sums or differences of digits, each asked for. Level 1: three of larger numbers and a product of digits.
From level 2 on, expression trees are split top-down from a uniformly drawn answer: parentheses, two-digit numbers, up
to seven operations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import accumulate, product
from typing import NamedTuple

from data_synth.answers import Answer
from data_synth.families.pages.expression_words import (
    CHECK,
    CHECK_PAIR,
    LEFT,
    PLAN,
    PLAN_PAIR,
    SEEN,
    SHOWN,
    SHOWN_PAIR,
    TEXT,
)
from data_synth.item import Item, Parts
from data_synth.layout import SIDE
from data_synth.program import ARITHMETIC, Op, Program, Scene, Step
from data_synth.render.canvas import Canvas
from data_synth.render.fonts import font
from data_synth.render.page import Block, Paragraph, Pictures
from data_synth.render.style import PLAIN_STYLE, figure_look, pick_look, style_of
from data_synth.render.typeset import typeset
from data_synth.rng import Rng

NAMES = {"+": "add", "-": "subtract", "x": "multiply"}
SIGNS = {name: sign for sign, name in NAMES.items()}
RANGES = ((0, 18), (0, 149), (1, 200), (1, 400), (1, 999))  # answers, by level; at level 0 each of the two
OPERATIONS = {2: (4, 4), 3: (5, 5), 4: (6, 7)}
LARGEST = 99  # number of level 1, outside the product
GRID = 4  # characters per row at levels 0 and 1
COMMA = ", "  # between the two expressions of level 0
MARGIN, LETTER, LEADING = 24, 30, 46  # of a page, design units

_BACK = {"add": "-", "subtract": "+", "multiply": "/"}  # what undoes each operation


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
        trees = [_tree(rng, level) for _ in range(1 if level else 2)]
        if None in trees:
            return None
        text = COMMA.join(written(tree) for tree in trees if tree)
        scene: Scene = {"text": text, "grid": GRID if level < 2 else 0}
        scene["style"] = pick_look(rng) if level > 1 else PLAIN_STYLE
        program = Program(self.ops, scene)
        values = [_run(program, tree) for tree in trees if tree]
        if level == 0:
            program.do("tuple", *values)
        wording = rng.randrange(len(TEXT))
        return Parts(
            question=TEXT[wording].format(text.replace(COMMA, " and ")),
            rules="",
            form="n" if level else "(a, b)",
            answer=Answer("integer" if level else "tuple", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"operations": sum(step.op in SIGNS for step in program.steps), "characters": len(text)},
            canon=text,
            shown=(SHOWN if level else SHOWN_PAIR)[wording],
            alone=True,
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [_draw_grid(item.scene, size) if item.scene["grid"] else _draw_page(item.scene, size)]

    def blocks(self, item: Item, size: int) -> list[Block]:
        """The expression for pages other than `draw`: from level 2 on set as mathematics."""
        text = item.scene["text"]
        if item.level < 2:
            signs = text.replace("-", "\u2212").replace("x", "\u00d7")
            return [Paragraph(signs, letter=34, align="center", gap=12, tag="expression")]
        return [
            Pictures([typeset(_mathematics(text), style_of(item.scene), size, margin=14, filled=False)], size / SIDE)
        ]

    def solve_again(self, item: Item) -> int | tuple[int, ...]:
        values = [evaluate(text) for text in item.scene["text"].split(COMMA)]
        return values[0] if item.level else tuple(values)

    def explain(self, item: Item, variant: int) -> list[str]:
        plan, check = (PLAN, CHECK) if item.level else (PLAN_PAIR, CHECK_PAIR)
        says = [SEEN[variant].format(item.scene["text"]), plan[variant].format(item.features["operations"])]
        for position in _operations(item.program):
            says.append(_equation(item.program, position))
            if position + 1 < len(item.program):
                says.append(LEFT[variant].format(_remaining(item.program, position)))
        return [*says, check[variant].format(*(_undone(item.program, root) for root in _roots(item.program)))]

    def explain_briefly(self, item: Item, variant: int) -> list[str]:
        """What is seen and the equations."""
        equations = [_equation(item.program, position) for position in _operations(item.program)]
        return [SEEN[variant].format(item.scene["text"]), *equations]


def _run(program: Program, node: Tree | int) -> int:
    """Execute the tree, left side first; returns the position of its last step."""
    if isinstance(node, int):
        return program.do("number", value=node)
    left = _run(program, node.left)
    return program.do(NAMES[node.sign], left, _run(program, node.right))


def _roots(steps: tuple[Step, ...]) -> tuple[int, ...]:
    """Where the values that are asked for stand."""
    return steps[-1].inputs if steps[-1].op == "tuple" else (len(steps) - 1,)


def _operations(steps: tuple[Step, ...]) -> list[int]:
    return [position for position, step in enumerate(steps) if step.op in SIGNS]


def _equation(steps: tuple[Step, ...], position: int) -> str:
    step = steps[position]
    left, right = (steps[i].value for i in step.inputs)
    return f"{left} {SIGNS[step.op]} {right} = {step.value}."


def _undone(steps: tuple[Step, ...], root: int) -> str:
    """An operation in reverse, e.g. 45 - 12 = 33 for 33 + 12 = 45."""
    left, right = (steps[i].value for i in steps[root].inputs)
    return f"{steps[root].value} {_BACK[steps[root].op]} {right} = {left}"


def _remaining(steps: tuple[Step, ...], done: int) -> str:
    """The expression with every operation up to step `done` replaced by its value."""

    def rebuild(position: int) -> Tree | int:
        step = steps[position]
        if step.op == "number" or position <= done:
            return int(step.value)
        return Tree(SIGNS[step.op], rebuild(step.inputs[0]), rebuild(step.inputs[1]))

    return COMMA.join(written(rebuild(root)) for root in _roots(steps))


@lru_cache(maxsize=1)
def _of_digits() -> dict[int, list[Tree]]:
    """All sums and differences of two digits by their value, none below zero."""
    found: dict[int, list[Tree]] = {}
    for a, sign, b in product(range(1, 10), "+-", range(1, 10)):
        if value_of(tree := Tree(sign, a, b)) >= 0:
            found.setdefault(value_of(tree), []).append(tree)
    return found


def _tree(rng: Rng, level: int) -> Tree | None:
    """An expression of a uniformly drawn value; None if these draws lead to none."""
    target = rng.between(*RANGES[level])
    if level == 0:
        return rng.choice(_of_digits()[target])
    tree = _with_product(rng, target) if level == 1 else split(rng, target, rng.between(*OPERATIONS[level]))
    return tree if isinstance(tree, Tree) and value_of(tree) == target else None


def _with_product(rng: Rng, target: int) -> Tree | None:
    """A tree without parentheses: a product of digits among three numbers."""
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


def _draw_grid(scene: Scene, size: int) -> Canvas:
    """One character per cell of a 4 x 4 grid, without spaces; a row ends after an operation or a comma."""
    canvas, cell, text = Canvas(SIDE, SIDE, size, figure_look(scene)), SIDE // GRID, scene["text"]
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


def _draw_page(scene: Scene, size: int) -> Canvas:
    """The expression as lines of text, broken after operations."""
    look = figure_look(scene)
    scale = size / SIDE
    drawn = font(LETTER * scale, look.face)  # letters of few pixels are wider for their height
    lines = joined(pieces(scene["text"]), lambda line: drawn.getlength(line) <= (SIDE - 2 * MARGIN) * scale, " ")
    height = max(SIDE // 2, 2 * MARGIN + LEADING * len(lines))
    canvas = Canvas(SIDE, height, size, look)
    top = (height - LEADING * len(lines)) // 2
    for number, line in enumerate(lines):
        canvas.text(SIDE // 2, top + LEADING * number + LEADING // 2, line, LETTER, tag=f"line {number}")
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
