"""A grid of lines with numbers at its left and lower edge, and the way from its steps to the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data_synth.render.canvas import Canvas, Point, Spot, on_curve
from data_synth.render.palette import FAINT, INK, Colour

NUMBER = 13  # font size at the edges, design units


@dataclass(frozen=True, slots=True)
class Axes:
    """columns, rows: first and last step across and up. left, bottom: where the first ones are on the page.

    across, up: design units of one step.
    """

    columns: tuple[int, int]
    rows: tuple[int, int]
    left: int
    bottom: int
    across: int
    up: int

    @property
    def right(self) -> int:
        return self.left + (self.columns[1] - self.columns[0]) * self.across

    @property
    def top(self) -> int:
        return self.bottom - (self.rows[1] - self.rows[0]) * self.up

    def spot(self, x: float, y: float) -> Point:
        """The place on the page, in whole design units, of a place in steps."""
        return (
            round(self.left + (x - self.columns[0]) * self.across),
            round(self.bottom - (y - self.rows[0]) * self.up),
        )

    def fine_spot(self, x: float, y: float) -> Spot:
        """The same for a place on a curve, between whole design units."""
        return on_curve(
            self.left + (x - self.columns[0]) * self.across,
            self.bottom - (y - self.rows[0]) * self.up,
        )


def draw_grid(canvas: Canvas, axes: Axes, columns: range, rows: range, colour: Colour = FAINT) -> None:
    """Thin lines at these steps across and up."""
    for x in columns:
        canvas.line([axes.spot(x, axes.rows[0]), axes.spot(x, axes.rows[1])], colour, 1, f"column {x}")
    for y in rows:
        canvas.line([axes.spot(axes.columns[0], y), axes.spot(axes.columns[1], y)], colour, 1, f"row {y}")


def draw_numbers(canvas: Canvas, axes: Axes, below: Mapping[int, str], beside: Mapping[int, str]) -> None:
    """Texts below the grid at steps across, and left of it at steps up, each with a small tick."""
    for x, text in below.items():
        place, _ = axes.spot(x, 0)
        canvas.line([(place, axes.bottom), (place, axes.bottom + 4)], INK, 1, "tick")
        canvas.text(place, axes.bottom + 14, text, NUMBER, tag=f"below {x}")
    for y, text in beside.items():
        _, place = axes.spot(0, y)
        canvas.line([(axes.left - 4, place), (axes.left, place)], INK, 1, "tick")
        canvas.text(axes.left - 7, place, text, NUMBER, anchor="rm", tag=f"beside {y}")


def draw_dashed(canvas: Canvas, start: Point, end: Point, colour: Colour = INK, width: int = 2, tag: str = "") -> None:
    """A dashed line across or down the page."""
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    for first in range(0, length, 10):
        ends = [
            (start[0] + (end[0] - start[0]) * at // length, start[1] + (end[1] - start[1]) * at // length)
            for at in (first, min(first + 6, length))
        ]
        canvas.line(ends, colour, width, tag)
