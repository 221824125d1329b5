"""The named shapes of the object scenes, each drawn to fill its box."""

from __future__ import annotations

from data_synth.render.canvas import Canvas, Point
from data_synth.render.palette import COLOURS, INK

# Corners in thousandths of the box; the circle has none.
CORNERS: dict[str, tuple[Point, ...]] = {
    "triangle": ((500, 20), (1000, 980), (0, 980)),
    "diamond": ((500, 0), (1000, 500), (500, 1000), (0, 500)),
    "star": (
        (500, 0), (618, 338), (976, 345), (690, 562), (794, 905),
        (500, 700), (206, 905), (310, 562), (24, 345), (382, 338),
    ),
    "cross": (
        (330, 0), (670, 0), (670, 330), (1000, 330), (1000, 670), (670, 670),
        (670, 1000), (330, 1000), (330, 670), (0, 670), (0, 330), (330, 330),
    ),
}  # fmt: skip
SHAPES = ("circle", "square", *CORNERS)


def draw_shape(canvas: Canvas, shape: str, colour: str, box: tuple[int, int, int, int], tag: str = "") -> None:
    """Draw one filled shape with a dark outline inside the box."""
    left, top, right, bottom = box
    width = 2
    if shape == "circle":
        canvas.ellipse(box, COLOURS[colour], INK, width, tag)
    elif shape == "square":
        canvas.rectangle(inset(box, (right - left) // 20), COLOURS[colour], INK, width, tag)
    else:
        side = right - left - 2 * width, bottom - top - 2 * width  # the outline straddles the edge
        points = [(left + width + x * side[0] // 1000, top + width + y * side[1] // 1000) for x, y in CORNERS[shape]]
        canvas.polygon(points, COLOURS[colour], INK, width, tag)


def inset(box: tuple[int, int, int, int], by: int) -> tuple[int, int, int, int]:
    return box[0] + by, box[1] + by, box[2] - by, box[3] - by
