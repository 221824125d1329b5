"""Drawings of resistor networks with their source, and of trees of logic gates."""

from __future__ import annotations

from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, INK, PAPER
from data_synth.render.style import figure_look

Tree = dict[str, Any]
WIDTH = 384
CELL = (64, 44)  # room for one resistor and its number
BODY = (38, 14)
LEADS = 12  # of a parallel group, on each side
TEXT = 14
PIN_STEP, GATE = 38, (54, 34)


def size_of(tree: Tree) -> tuple[int, int]:
    """Width and height of a network, design units."""
    if "ohms" in tree:
        return CELL
    sizes = [size_of(part) for part in tree["parts"]]
    if tree["kind"] == "series":
        return sum(w for w, _ in sizes), max(h for _, h in sizes)
    return max(w for w, _ in sizes) + 2 * LEADS, sum(h for _, h in sizes)


def fits_page(size: tuple[int, int]) -> bool:
    return size[0] <= WIDTH - 60 and size[1] <= 290


def draw_network(scene: Scene, size: int) -> Canvas:
    wide, high = size_of(scene["tree"])
    height = max(high + 112, WIDTH // 2)
    canvas = Canvas(WIDTH, height, size, figure_look(scene))
    left, right, middle = (WIDTH - wide) // 2, (WIDTH + wide) // 2, 26 + high // 2
    _network(canvas, scene["tree"], left, middle, wide, COLOURS[scene["colour"]])
    low, outer = height - 38, (20, WIDTH - 20)
    canvas.line([(WIDTH // 2 - 5, low), (outer[0], low), (outer[0], middle), (left, middle)], INK, 2, "wire")
    canvas.line([(right, middle), (outer[1], middle), (outer[1], low), (WIDTH // 2 + 5, low)], INK, 2, "wire")
    for x, half, thick in ((WIDTH // 2 - 5, 18, 2), (WIDTH // 2 + 5, 10, 5)):
        canvas.line([(x, low - half), (x, low + half)], INK, thick, "source")
    if scene["form"] == "amps":
        canvas.text(WIDTH // 2, low - 28, f"{scene['volts']} V", TEXT, tag="volts")
    return canvas


def _network(canvas: Canvas, tree: Tree, left: int, middle: int, wide: int, colour: Any) -> None:
    """Draw between x = left and left + wide, its wire at height `middle`."""
    if "ohms" in tree:
        body = left + (wide - BODY[0]) // 2
        canvas.line([(left, middle), (body, middle)], INK, 2, "wire")
        canvas.line([(body + BODY[0], middle), (left + wide, middle)], INK, 2, "wire")
        top = middle - BODY[1] // 2
        canvas.rectangle((body, top, body + BODY[0], top + BODY[1]), PAPER, colour, 3, "resistor")
        canvas.text(left + wide // 2, middle - 17, str(tree["ohms"]), TEXT, tag=f"ohms {left} {middle}")
        return
    sizes = [size_of(part) for part in tree["parts"]]
    if tree["kind"] == "series":
        spare = (wide - sum(w for w, _ in sizes)) // len(sizes)
        x = left
        for number, (part, (w, _)) in enumerate(zip(tree["parts"], sizes, strict=True)):
            room = w + spare if number < len(sizes) - 1 else left + wide - x
            _network(canvas, part, x, middle, room, colour)
            x += room
        return
    y = middle - sum(h for _, h in sizes) // 2
    rows = []
    for part, (_, h) in zip(tree["parts"], sizes, strict=True):
        rows.append(y + h // 2)
        _network(canvas, part, left + LEADS, y + h // 2, wide - 2 * LEADS, colour)
        y += h
    for x, end in ((left + LEADS, left), (left + wide - LEADS, left + wide)):
        canvas.line([(x, rows[0]), (x, rows[-1])], INK, 2, "wire")
        canvas.line([(end, middle), (x, middle)], INK, 2, "wire")
        canvas.ellipse((x - 3, middle - 3, x + 3, middle + 3), INK, tag="joint")


def draw_gates(scene: Scene, size: int) -> Canvas:
    tree = scene["tree"]
    leaves, depth = _leaves(tree), _depth(tree)
    height = max(PIN_STEP * leaves + 32, WIDTH // 2)
    canvas = Canvas(WIDTH, height, size, figure_look(scene))
    step = min(96, (WIDTH - 92) // depth)
    top = (height - PIN_STEP * leaves) // 2 + PIN_STEP // 2
    free = WIDTH - 56 - step * (depth - 1) - min(GATE[0], step - 20) - 40
    x, y = _gates(canvas, tree, [top], 40 + free // 2, step, COLOURS[scene["colour"]])
    canvas.line([(x, y), (x + 18, y)], INK, 2, "output")
    canvas.ellipse((x + 18, y - 4, x + 26, y + 4), PAPER, INK, 2, "output")
    return canvas


def _leaves(tree: Tree) -> int:
    return 1 if "pin" in tree else sum(_leaves(part) for part in tree["parts"])


def _depth(tree: Tree) -> int:
    return 0 if "pin" in tree else 1 + max(_depth(part) for part in tree["parts"])


def _gates(canvas: Canvas, tree: Tree, row: list[int], left: int, step: int, colour: Any) -> tuple[int, int]:
    """Draw a subtree; `row` holds the height of the next pin. Returns where its output leaves."""
    if "pin" in tree:
        y = row[0]
        row[0] += PIN_STEP
        canvas.text(left - 20, y, tree["pin"], 16, tag=f"pin {y}")
        return left - 8, y
    ends = [_gates(canvas, part, row, left, step, colour) for part in tree["parts"]]
    x = left + step * (_depth(tree) - 1) + 14
    y = (ends[0][1] + ends[1][1]) // 2
    for (a, b), pin in zip(ends, (y - 9, y + 9), strict=True):
        bend = x - 10
        canvas.line([(a, b), (bend, b), (bend, pin), (x, pin)], INK, 2, "wire")
    right = x + min(GATE[0], step - 20)
    canvas.rectangle((x, y - GATE[1] // 2, right, y + GATE[1] // 2), PAPER, colour, 2, f"gate {x} {y}")
    canvas.text((x + right) // 2, y, tree["kind"], 13, tag=f"{tree['kind']} {x} {y}")
    return right, y
