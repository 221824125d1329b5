"""A clean picture as if photographed: seen at an angle, the sheet bent, on a desk, in uneven light, by a cheap camera.

Geometry moves the stored boxes along with the pixels. It never cuts the picture, and shrinks it by no more than a
fifteenth: the photo is a little larger instead, so that letters stay as tall as they were drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from data_synth.render.canvas import Box, Mark
from data_synth.render.optics import OPERATIONS
from data_synth.render.palette import Colour
from data_synth.rng import Rng

DESKS: tuple[Colour, ...] = (
    (92, 74, 58), (122, 102, 84), (60, 62, 68), (150, 146, 138), (176, 160, 134), (44, 52, 60), (108, 118, 112),
)  # fmt: skip
BORDER = 0.045  # of the longer side: how much desk there is around the picture at strength 1
CELLS = 12  # the bent sheet is drawn in so many flat pieces each way
SOMETIMES = {"shadow": 0.6, "blur": 0.7, "moire": 0.4}  # probabilities; the other operations always happen


def photograph(
    picture: Image.Image, marks: Sequence[Mark], rng: Rng, strength: float
) -> tuple[Image.Image, list[Mark]]:
    """The picture (RGB) as a photo, and its marks, with boxes in pixels, where they are in the photo.

    strength: 0 gives the picture back, 1 is the strongest. The photo is up to 2 x BORDER larger.
    Raises ValueError for a strength outside 0 .. 1.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength of a photo must be in 0 .. 1, got {strength}")
    if strength == 0:
        return picture.copy(), list(marks)
    view = View.random(picture.size, rng, strength)
    photo = np.asarray(view.taken(picture, rng.choice(DESKS)))
    for name, operation in OPERATIONS.items():
        if rng.chance(SOMETIMES.get(name, 1.0)):
            photo = operation(photo, rng, strength)
    boxes = view.moved([mark.box for mark in marks])
    return Image.fromarray(photo), [replace(mark, box=box) for mark, box in zip(marks, boxes, strict=True)]


@dataclass(frozen=True, slots=True)
class View:
    """Where each pixel of the photo comes from. Coordinates are pixels; (0, 0) is a corner, not a centre.

    size: of the picture. border: pixels added on each side. corners: where the corners of the photo lie in the plane
    of the picture, from the top left clockwise. bend: how far the sheet bulges sideways and upwards, pixels.
    """

    size: tuple[int, int]
    border: int
    corners: tuple[tuple[int, int], ...]
    bend: tuple[int, int]

    @staticmethod
    def random(size: tuple[int, int], rng: Rng, strength: float) -> View:
        """A view that shows the whole picture."""
        wide, high = size
        border = max(1, round(BORDER * strength * max(size)))
        most = border // 4
        bend = rng.between(-most, most), rng.between(-most, most)

        def away() -> int:
            return rng.between(most + border // 10, border + border // 2)

        corners = (
            (-away(), -away()), (wide + away(), -away()), (wide + away(), high + away()), (-away(), high + away()),
        )  # fmt: skip
        return View(size, border, corners, bend)

    def source(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points of the photo come from in the picture (projective map of a unit square; Heckbert 1989)."""
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = self.corners
        dx1, dx2, dx3 = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
        dy1, dy2, dy3 = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
        area = dx1 * dy2 - dx2 * dy1
        g, h = (dx3 * dy2 - dx2 * dy3) / area, (dx1 * dy3 - dx3 * dy1) / area
        s, t = x / (self.size[0] + 2 * self.border), y / (self.size[1] + 2 * self.border)
        depth = g * s + h * t + 1
        u = ((x1 - x0 + g * x1) * s + (x3 - x0 + h * x3) * t + x0) / depth + self.bend[0] * np.sin(math.pi * t)
        v = ((y1 - y0 + g * y1) * s + (y3 - y0 + h * y3) * t + y0) / depth + self.bend[1] * np.sin(math.pi * s)
        return u, v

    def taken(self, picture: Image.Image, desk: Colour) -> Image.Image:
        """The photo, the desk showing around the picture."""
        pad = 3 * self.border
        padded = Image.new("RGB", (picture.width + 2 * pad, picture.height + 2 * pad), desk)
        padded.paste(picture, (pad, pad))
        wide, high = picture.width + 2 * self.border, picture.height + 2 * self.border
        columns = [wide * n // CELLS for n in range(CELLS + 1)]
        rows = [high * n // CELLS for n in range(CELLS + 1)]
        u, v = self.source(np.array(columns, float)[None, :], np.array(rows, float)[:, None])
        at = [[(float(u[r, c]) + pad, float(v[r, c]) + pad) for c in range(CELLS + 1)] for r in range(CELLS + 1)]
        mesh = [
            (
                (columns[c], rows[r], columns[c + 1], rows[r + 1]),
                (*at[r][c], *at[r + 1][c], *at[r + 1][c + 1], *at[r][c + 1]),
            )
            for r in range(CELLS)
            for c in range(CELLS)
        ]
        return padded.transform((wide, high), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)

    def moved(self, boxes: Sequence[Box]) -> list[Box]:
        """Boxes around where the outlines of boxes of the picture lie in the photo."""
        if not boxes:
            return []
        left, top, right, bottom = (side[:, None] for side in np.array(boxes, float).T)
        share = np.linspace(0, 1, 5)[None, :]
        across, down = left + (right - left) * share, top + (bottom - top) * share
        u = np.concatenate([across, across, left + 0 * share, right + 0 * share], axis=1)
        v = np.concatenate([top + 0 * share, bottom + 0 * share, down, down], axis=1)
        x, y = u + self.border, v + self.border
        for _ in range(12):  # the view is nearly a shift: following the error down converges
            at_u, at_v = self.source(x, y)
            x, y = x + (u - at_u), y + (v - at_v)
        sides = zip(x.min(1), y.min(1), x.max(1), y.max(1), strict=True)
        return [(float(a), float(b), float(c), float(d)) for a, b, c, d in sides]
