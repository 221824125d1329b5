"""Photos: boxes move with their pixels, letters stay tall, nothing is cut, and equal seeds give equal bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from data_synth.render.canvas import Mark
from data_synth.render.optics import OPERATIONS
from data_synth.render.page import Paragraph, page
from data_synth.render.photo import BORDER, View, photograph
from data_synth.render.sheet import all_marks
from data_synth.render.style import THEMES, Style
from data_synth.rng import Rng

RED, BLUE = (230, 20, 20), (20, 20, 230)
SPOTS = [(8, 6, 38, 26), (390, 10, 440, 40), (200, 150, 260, 190), (4, 280, 30, 310), (410, 270, 444, 312)]


def marked_picture() -> tuple[Image.Image, list[Mark]]:
    picture = Image.new("RGB", (448, 316), (250, 250, 245))
    for place, box in enumerate(SPOTS):
        picture.paste((RED, BLUE)[place % 2], box)
    return picture, [Mark("rectangle", f"spot {n}", tuple(map(float, box))) for n, box in enumerate(SPOTS)]  # type: ignore[arg-type]


def coloured_box(photo: Image.Image, near: tuple[float, ...], red: bool) -> tuple[int, int, int, int]:
    """Where the red or blue pixels are, in and around a box."""
    pixels = np.asarray(photo).astype(int)
    strong, weak = (pixels[..., 0], pixels[..., 2]) if red else (pixels[..., 2], pixels[..., 0])
    mask = strong - weak > 70
    left, top, right, bottom = (int(near[0]) - 12, int(near[1]) - 12, int(near[2]) + 12, int(near[3]) + 12)
    outside = np.ones_like(mask)
    outside[max(0, top) : bottom, max(0, left) : right] = False
    rows, columns = np.nonzero(mask & ~outside)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("strength", [0.2, 0.6, 1.0])
def test_boxes_move_with_their_pixels(strength: float) -> None:
    picture, marks = marked_picture()
    for seed in range(12):
        photo, moved = photograph(picture, marks, Rng("move", seed), strength)
        assert [mark.tag for mark in moved] == [mark.tag for mark in marks]
        for place, mark in enumerate(moved):
            found = coloured_box(photo, mark.box, place % 2 == 0)
            assert np.abs(np.array(found) - np.array(mark.box)).max() <= 3, (seed, place, found, mark.box)


@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_nothing_is_cut_and_letters_stay_as_tall(strength: float) -> None:
    sheet = page([Paragraph("Ana has 12 pens and buys 4 boxes with 9 pens each. " * 4)], Style(THEMES["white"]), 448)
    marks = all_marks(sheet)
    for seed in range(20):
        photo, moved = photograph(sheet.image(), marks, Rng("cut", seed), strength)
        assert max(photo.size) <= 448 * (1 + 2 * BORDER) + 2
        for after in moved:
            assert 0 <= after.box[0] and 0 <= after.box[1]
            assert after.box[2] <= photo.width and after.box[3] <= photo.height
        view = View.random(sheet.pixels, Rng("tall", seed), strength)
        letters = [(x, y, x + 8.0, y + 14.0) for x in (20, 200, 400) for y in (10, 100, 150)]
        assert min(bottom - top for _, top, _, bottom in view.moved(letters)) >= 14 * 14 / 15 - 0.3


def test_corners_of_the_picture_are_in_the_photo() -> None:
    for seed in range(200):
        size = (60 + seed * 3, 400 - seed)
        view = View.random(size, Rng("corner", seed), 1.0)
        ((left, top, right, bottom),) = view.moved([(0.0, 0.0, float(size[0]), float(size[1]))])
        assert left >= 0 and top >= 0
        assert right <= size[0] + 2 * view.border and bottom <= size[1] + 2 * view.border


def test_strength_zero_changes_nothing() -> None:
    picture, marks = marked_picture()
    photo, moved = photograph(picture, marks, Rng("zero"), 0.0)
    assert photo.tobytes() == picture.tobytes()
    assert moved == marks
    array = np.asarray(picture)
    for name, operation in OPERATIONS.items():
        if name != "jpeg":  # which has no quality that keeps every byte
            assert (operation(array, Rng(name), 0.0) == array).all(), name


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_does_something_and_more_when_stronger(name: str) -> None:
    sheet = page([Paragraph("some text " * 20)], Style(THEMES["white"]), 300)
    array = np.asarray(sheet.image())
    weak, strong = (
        np.mean([np.abs(OPERATIONS[name](array, Rng(name, n), s).astype(int) - array).mean() for n in range(6)])
        for s in (0.3, 1.0)
    )
    assert 0 < weak < strong < 90


@pytest.mark.parametrize("strength", [-0.1, 1.5])
def test_a_strength_out_of_range_is_an_error(strength: float) -> None:
    with pytest.raises(ValueError, match="must be in 0 .. 1"):
        photograph(*marked_picture(), Rng("bad"), strength)


FINGERPRINT = """
import hashlib
from PIL import Image
from data_synth.render.photo import photograph
from data_synth.rng import Rng
picture = Image.linear_gradient("L").convert("RGB")
print([hashlib.sha256(photograph(picture, [], Rng("p", n), 0.8)[0].tobytes()).hexdigest() for n in range(4)])
"""


def test_photos_are_the_same_in_every_process() -> None:
    picture = Image.linear_gradient("L").convert("RGB")
    here = [hashlib.sha256(photograph(picture, [], Rng("p", n), 0.8)[0].tobytes()).hexdigest() for n in range(4)]
    assert len(set(here)) == 4
    for seed in ("0", "77"):
        run = [sys.executable, "-c", FINGERPRINT]
        out = subprocess.run(
            run, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert out.stdout.strip() == str(here)
