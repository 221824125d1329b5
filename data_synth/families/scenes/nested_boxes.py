"""Boxes inside boxes, each with a letter in its top left corner."""

from __future__ import annotations

from data_synth.rng import Rng

Box = tuple[int, int, int, int]

PAGE = 8, 8, 376, 376
HEAD, PAD = 23, 8  # room above the contents of a box, for its letter, and on the other sides
LEAST = (30, 28)  # width and height of the smallest box


def nest(rng: Rng, area: Box, depth: int, split: float) -> list[Box]:
    """Boxes in an area, each before those inside it; depth: most boxes around each other; split: chance of two."""
    left, top, right, bottom = area
    slack = min(12, (right - left - LEAST[0]) // 4), min(12, (bottom - top - LEAST[1]) // 4)
    box = (
        left + rng.between(0, max(0, slack[0])), top + rng.between(0, max(0, slack[1])),
        right - rng.between(0, max(0, slack[0])), bottom - rng.between(0, max(0, slack[1])),
    )  # fmt: skip
    inner = box[0] + PAD, box[1] + HEAD, box[2] - PAD, box[3] - PAD
    if depth == 1 or inner[2] - inner[0] < LEAST[0] or inner[3] - inner[1] < LEAST[1]:
        return [box]
    parts = halves(rng, inner) if rng.chance(split) else [inner]
    return [box] + [found for part in parts for found in nest(rng, part, depth - 1, split)]


def halves(rng: Rng, area: Box) -> list[Box]:
    """The area in two parts along its longer side, or whole if it is too small."""
    left, top, right, bottom = area
    share = rng.between(36, 64)
    if right - left >= bottom - top:
        middle = left + (right - left) * share // 100
        parts = [(left, top, middle - PAD // 2, bottom), (middle + PAD // 2, top, right, bottom)]
    else:
        middle = top + (bottom - top) * share // 100
        parts = [(left, top, right, middle - PAD // 2), (left, middle + PAD // 2, right, bottom)]
    fits = all(part[2] - part[0] >= LEAST[0] and part[3] - part[1] >= LEAST[1] for part in parts)
    return parts if fits else [area]


def holders(boxes: dict[str, list[int]], label: str) -> list[str]:
    """Labels of the boxes around this one, the outermost first."""
    left, top, right, bottom = boxes[label]
    around = [name for name, (a, b, c, d) in boxes.items() if a < left and b < top and c > right and d > bottom]
    return sorted(around, key=lambda name: boxes[name][0])
