"""What is drawn is what the scene says: inside the canvas, without collisions, and true to the pixel."""

from __future__ import annotations

from itertools import product

import pytest
from PIL import Image

from data_synth import FAMILIES, LEVELS, make
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, FAINT, INK, PAPER

SCENES = ("scene_count", "spatial_rel")  # scene_count promises no separation at level 4
PAGES = ("word_page", "receipt", "code_page", "data_page", "screen_page")  # they grow with their text: test_twins.py
CELLS = [(family, level) for family in FAMILIES if family not in PAGES for level in LEVELS]


def near(pixel: object, colour: tuple[int, int, int], slack: int = 24) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= slack for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(("family", "level"), CELLS)
@pytest.mark.parametrize("size", [64, 384])
def test_everything_is_drawn_inside(family: str, level: int, size: int) -> None:
    for index in range(20):
        for canvas in FAMILIES[family].draw(make(family, level, index), size):
            assert not canvas.outside(), (index, canvas.outside())
            assert size <= max(canvas.pixels) <= 2 * size  # pages with much text grow
            assert 0.5 <= canvas.width / canvas.height <= 2


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_text_collides_with_no_other_text(family: str, level: int) -> None:
    for index in range(20):
        for canvas in FAMILIES[family].draw(make(family, level, index), 384):
            assert not list(canvas.overlaps("text")), index


@pytest.mark.parametrize(
    ("family", "level"), [("scene_count", n) for n in range(4)] + [("spatial_rel", n) for n in LEVELS]
)
def test_objects_and_labels_do_not_overlap(family: str, level: int) -> None:
    for index in range(20):
        for canvas in FAMILIES[family].draw(make(family, level, index), 384):
            assert not list(canvas.overlaps("ellipse", "rectangle", "polygon", "text")), index


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_letters_are_tall_enough_to_read(family: str, level: int) -> None:
    for index in range(10):
        for canvas in FAMILIES[family].draw(make(family, level, index), 384):
            heights = [font_height for *_, font_height, _, _ in canvas.texts]
            assert min(heights, default=99) >= 12


@pytest.mark.parametrize("family", ["scene_count", "spatial_rel"])
@pytest.mark.parametrize("level", [0, 1])
def test_each_patch_of_a_small_picture_shows_its_one_object(family: str, level: int) -> None:
    """At 64 pixels and 16-pixel patches: colour and shape can be read off single pixels."""
    for index in range(60):
        item = make(family, level, index)
        picture = item.images("image", 64)[0]
        taken = set()
        for thing in item.scene["objects"]:
            left, top, right, bottom = (value // 6 for value in thing["box"])
            column, row = thing["column"] - 1, thing["row"] - 1
            assert (left // 16, top // 16, (right - 1) // 16, (bottom - 1) // 16) == (column, row, column, row)
            assert near(picture.getpixel(((left + right) // 2, (top + bottom) // 2 + 1)), COLOURS[thing["colour"]])
            taken.add((row, column))
        for row in range(4):
            for column in range(4):
                if (row, column) not in taken:
                    patch = picture.crop((column * 16 + 1, row * 16 + 1, column * 16 + 15, row * 16 + 15))
                    assert patch.getextrema() == tuple((value, value) for value in PAPER)


@pytest.mark.parametrize("level", [0, 1])
def test_shapes_can_be_told_by_their_corners(level: int) -> None:
    for index in range(20):
        item = make("scene_count", level, index)
        picture = item.images("image", 384)[0]
        for thing in item.scene["objects"]:
            left, top, right, bottom = thing["box"]
            full = [not near(picture.getpixel(spot), PAPER) for spot in ((left + 5, top + 5), (left + 6, bottom - 6))]
            assert full == {"circle": [False, False], "square": [True, True], "triangle": [False, True]}[thing["shape"]]


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("size", [64, 384])
def test_bars_end_at_their_values(level: int, size: int) -> None:
    for index in range(20):
        item = make("bar_chart", level, index)
        picture, zoom = item.images("image", size)[0], size / 384
        for place, name in enumerate(item.scene["names"]):
            top = 376 - item.scene["halves"][0][place] * 24
            x = round((place * 96 + 48) * zoom)
            assert near(picture.getpixel((x, round((top + 10) * zoom))), COLOURS[name])
            assert near(picture.getpixel((x, round((top - 12) * zoom))), PAPER)


@pytest.mark.parametrize("level", [0, 1])
def test_characters_stand_alone_in_their_patches_and_numbers_in_one_row(level: int) -> None:
    for index in range(40):
        item = make("expression", level, index)
        rows = rows_of_grid(item.scene["text"])
        picture = item.images("rendered", 64)[0].convert("L")
        for row, column in product(range(4), repeat=2):
            patch = picture.crop((column * 16, row * 16, column * 16 + 16, row * 16 + 16))
            darkest = patch.getextrema()[0]
            assert isinstance(darkest, int)
            assert (darkest < 128) == (row < len(rows) and column < len(rows[row])), (item.id, row, column)
        (canvas,) = FAMILIES["expression"].draw(item, 64)
        assert [text for _, _, text, *_ in canvas.texts] == [c for row in rows for c in row if c not in "+-"]


def rows_of_grid(text: str) -> list[str]:
    """Rows of four at most: as many numbers, each with the sign or comma behind it, as go into one."""
    words, rows = text.replace(",", " ,").split(), [""]
    for number, sign in zip(words[::2], [*words[1::2], ""], strict=True):
        if len(rows[-1] + number + sign) > 4:
            rows.append("")
        rows[-1] += number + sign
    assert len(rows) <= 4
    return rows


def test_pages_wrap_every_word_after_an_operation() -> None:
    for level in (2, 3, 4):
        for index in range(100):
            item = make("expression", level, index)
            (canvas,) = FAMILIES["expression"].draw(item, 384)
            lines = [text for _, _, text, *_ in canvas.texts]
            assert " ".join(lines) == item.scene["text"]
            assert all(line[-1] in "+-x" for line in lines[:-1])


def test_a_character_without_a_glyph_is_an_error() -> None:
    canvas = Canvas(64, 64, 64)
    for text in ("\u4e2d", "3 \u00d7 4", "\u2212"):
        with pytest.raises(ValueError, match="no glyph"):
            canvas.text(32, 32, text, 16)


def test_the_canvas_notices_what_sticks_out_and_what_collides() -> None:
    canvas = Canvas(100, 50, 200)
    canvas.rectangle((10, 10, 40, 40), INK, tag="a")
    canvas.ellipse((30, 20, 60, 45), FAINT, tag="b")
    canvas.polygon([(70, 40), (80, 60), (90, 40)], INK, tag="low")
    canvas.text(98, 10, "wide", 20, tag="wide")
    assert [mark.tag for mark in canvas.outside()] == ["low", "wide"]
    assert [(a.tag, b.tag) for a, b in canvas.overlaps("rectangle", "ellipse")] == [("a", "b")]
    assert canvas.image().size == (200, 100)


def test_small_pictures_are_the_large_ones_made_small() -> None:
    for level in (0, 1):
        item = make("scene_count", level, 4)
        small, large = (item.images("image", size)[0] for size in (64, 384))
        shrunk = large.resize((64, 64), Image.Resampling.BOX)
        differences = [
            abs(a - b)
            for one, other in zip(small.split(), shrunk.split(), strict=True)
            for a, b in zip(one.tobytes(), other.tobytes(), strict=True)
        ]
        assert sum(differences) / len(differences) < 6
