"""A page drawn at its final size, out of finished letters, looks as FreeType and the large canvas would draw it."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from data_synth.render.canvas import Canvas
from data_synth.render.fonts import FONTS, font
from data_synth.render.glyphs import STEP, glyphs, span, text_width, whole_steps
from data_synth.render.listing import _Grid
from data_synth.render.look import Look
from data_synth.render.sheet import Sheet

TEXT = "The quick AVATAR, jumps (over) 12.50 f-words: Type To."
INK = (20, 60, 120)


@pytest.mark.parametrize("face", FONTS)
@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("pixels", [11.5, 13, 16.5, 24])
def test_a_line_of_letters_is_the_line_that_freetype_sets(face: str, bold: bool, pixels: float) -> None:
    sheet = Sheet(900, 60, 900)
    sheet.write(20, 40, TEXT, pixels, face=face, bold=bold, colour=INK, room=880)
    whole = Image.new("RGB", (900, 60), sheet.paper)
    ImageDraw.Draw(whole).text((20, 40), TEXT, INK, font(pixels, face, bold), anchor="ls")
    difference = ImageChops.difference(sheet.image(), whole)
    assert max(difference.tobytes()) <= 80  # only where the boxes of two letters overlap
    assert sum(pixel != (0, 0, 0) for pixel in difference.get_flattened_data()) <= 8
    (mark,) = sheet.marks
    left, top, right, bottom = font(pixels, face, bold).getbbox(TEXT, anchor="ls")
    assert mark.box == (20 + left, 40 + top, 20 + right, 40 + bottom)


@pytest.mark.parametrize("face", FONTS)
@pytest.mark.parametrize("bold", [False, True])
def test_no_font_moves_letters_closer_together(face: str, bold: bool) -> None:
    for pixels in (12, 17.5):
        letters, drawn = glyphs(pixels, face, bold), font(pixels, face, bold)
        for pair in ("AV", "To", "LT", "Ty", "r.", "11", "Wa", "P,"):
            assert drawn.getlength(pair) == span([letters[letter] for letter in pair])
    assert text_width(TEXT, 16, face, bold) == pytest.approx(font(1600, face, bold).getlength(TEXT) / 100, rel=2e-3)


def test_anchors_are_where_pillow_has_them() -> None:
    for anchor in ("ls", "ms", "rs", "lm", "mm", "rm"):
        sheet = Sheet(300, 60, 300)
        sheet.write(150, 30, "Anchored", 15, colour=INK, anchor=anchor)
        left, top, right, bottom = font(15, "roboto").getbbox("Anchored", anchor=anchor)
        expected = (150 + left, 30 + top, 150 + right, 30 + bottom)
        (mark,) = sheet.marks
        assert all(abs(side - other) <= 1 for side, other in zip(mark.box, expected, strict=True)), anchor


def test_a_line_too_wide_for_its_room_is_set_smaller_in_whole_steps() -> None:
    sheet = Sheet(400, 60, 300)
    sheet.write(10, 30, TEXT, 15, room=200)
    assert sheet.marks[0].box[2] <= 212
    assert sheet.texts[0][3] < 11 and sheet.texts[0][3] % STEP == 0
    assert [whole_steps(size) for size in (12.49, 12.5, 12.9999999, 0.1)] == [12, 12.5, 13, STEP]


def test_a_letter_that_the_font_lacks_is_named() -> None:
    with pytest.raises(ValueError, match="no glyph for .* \\(U\\+4E2D"):
        Sheet(100, 50, 100).write(10, 30, "a \u4e2d", 15)


def shapes(sheet: Canvas) -> Image.Image:
    sheet.rectangle((10, 10, 120, 40), (40, 60, 90), (200, 30, 30), 2)
    sheet.ellipse((150, 8, 190, 36), (20, 160, 90), (0, 0, 0), 3)
    sheet.line([(210, 10), (260, 30), (220, 44)], (30, 30, 30), 3)
    sheet.line([(10, 95), (280, 95), (280, 100)], (90, 30, 30), 1)
    sheet.polygon([(150, 75), (190, 90), (140, 92)], (230, 200, 30), (0, 0, 0), 2)
    return sheet.image()


@pytest.mark.parametrize("size", [225, 300, 384])
def test_shapes_are_those_of_the_large_canvas(size: int) -> None:
    crisp, large = shapes(Sheet(300, 110, size)), shapes(Canvas(300, 110, size))
    assert crisp.size == large.size
    blurred = (picture.filter(ImageFilter.GaussianBlur(2)) for picture in (crisp, large))  # edges may lie a pixel apart
    assert max(ImageChops.difference(*blurred).tobytes()) < 60
    once, again = Sheet(300, 110, size), Canvas(300, 110, size)
    shapes(once), shapes(again)
    assert once.marks == again.marks


def test_straight_edges_are_sharp_and_round_ones_smooth() -> None:
    sheet = Sheet(300, 110, 271, Look((255, 255, 255)))
    sheet.rectangle((13, 17, 120, 40), (0, 0, 0))
    sheet.line([(13, 51), (280, 51)], (0, 0, 0), 1)
    assert set(sheet.image().convert("L").get_flattened_data()) == {0, 255}
    sheet.rounded((150, 60, 230, 100), 12, (0, 0, 0))
    assert len(set(sheet.image().convert("L").get_flattened_data())) > 5


def test_code_has_letters_as_wide_as_its_columns_at_every_scale() -> None:
    for percent in range(30, 300):
        for letter in (13, 15, 16):
            scale = percent / 100
            size, step = _Grid(letter, 20, 30, 384).at(scale, "dejavu-mono")
            pixels = whole_steps(size * scale)
            assert glyphs(pixels, "dejavu-mono")["0"].advance == round(step * scale), (percent, letter)
            assert pixels <= letter * scale + STEP


@pytest.mark.parametrize("face", FONTS)
@pytest.mark.parametrize("bold", [False, True])
def test_no_letter_stands_on_the_one_before_it(face: str, bold: bool) -> None:
    for pixels in (12, 16.5):
        for code in range(33, 127):
            letter = glyphs(pixels, face, bold)[chr(code)]
            assert letter.box[2] - letter.advance <= 0.2 * pixels, chr(code)  # f and j reach a little further
    sheet = Sheet(400, 60, 300)
    sheet.write(10, 30, "100% `n`", 15, face=face, bold=bold)
    assert sheet.marks[0].box[2] - 10 <= text_width("100% `n`", 15, face, bold) * 1.2
