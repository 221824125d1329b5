"""Pages drawn with Pillow: nothing is clipped, nothing is left out, and what cannot be drawn is named."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_synth.render.blocks import wrap
from data_synth.render.canvas import Canvas
from data_synth.render.fonts import (
    FONTS,
    HELD_OUT_FONTS,
    check_glyphs,
    font,
    font_file,
    font_hashes,
    fonts_for,
    has_glyph,
)
from data_synth.render.highlight import LANGUAGES, coloured
from data_synth.render.page import (
    FRAMES,
    Block,
    Bubble,
    Code,
    Heading,
    PageTooTallError,
    Pairs,
    Paragraph,
    Pictures,
    Rule,
    Table,
    page,
    pages,
    text_width,
)
from data_synth.render.sheet import Sheet, all_marks
from data_synth.render.style import DARK_THEMES, HELD_OUT_THEMES, THEMES, Style, pick_style
from data_synth.rng import Rng

STYLE = Style(THEMES["white"])
STORY = "Ana buys 4 boxes with 12 pens each and gives 9 pens to her brother. How many pens does she have then? "
CODE = "def total(values):\n    # even ones\n    return sum(v for v in values if v > 2)\n\nprint(total([4, 7]))"
BLOCKS: list[list[Block]] = [
    [Heading("Problem 12"), Paragraph(STORY * 3)],
    [Code(CODE), Paragraph("What is printed?")],
    [Table([["item", "qty"], ["lamp", "12"], ["table cloth", "3"]], "lr"), Rule(), Paragraph(STORY)],
    [
        Paragraph("SHOP", align="center", bold=True),
        Rule(True),
        Pairs([("2 x Milk", "2.40"), ("Bread", "3.10")], bold=(1,)),
    ],
    [Bubble(STORY, who="Ben"), Bubble("Fine, at 7.", mine=True, who="Ana"), Bubble("See you!")],
]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("size", [64, 200, 384, 800])
def test_everything_stands_inside_and_apart(frame: str, size: int) -> None:
    for blocks in BLOCKS:
        for theme, face in (("white", "roboto"), ("night", "source-serif"), ("rose", "hanken")):
            sheet = page(
                blocks, Style(THEMES[theme], face), size, frame=frame, title="A title that is rather long, is it not?"
            )
            assert not sheet.outside(), sheet.outside()
            assert size < 300 or not list(sheet.overlaps("text"))
            assert max(sheet.pixels) == size
            assert sheet.image().size == sheet.pixels


def test_letters_are_tall_enough_to_read() -> None:
    for blocks in BLOCKS:
        for frame in FRAMES:
            assert min(pixels for _, _, _, pixels, *_ in page(blocks, STYLE, 384, frame=frame, title="T").texts) >= 12


@given(st.text(alphabet="abcdefghij .,\n", max_size=400), st.integers(40, 300), st.sampled_from([*fonts_for("sans")]))
@settings(max_examples=60, deadline=None)
def test_wrapped_lines_hold_every_letter_and_keep_to_the_width(text: str, width: int, face: str) -> None:
    lines = wrap(text, width, 16, face)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line, 16, face) <= width + 2 for line in lines)


@given(st.text(max_size=120), st.sampled_from(LANGUAGES))
def test_highlighting_changes_no_character(line: str, language: str) -> None:
    line = line.replace("\n", "")
    assert "".join(text for _, text in coloured(line, language)) == line


def test_no_line_ends_within_a_call() -> None:
    text = "Here range(a, b) runs from a to b-1. Answer as \\boxed{(line, value)} (in one line)."
    for width in range(150, 400, 7):
        lines = wrap(text, width, 16, "roboto")
        assert " ".join(lines) == text
        assert all(sum(call in line for line in lines) == 1 for call in ("range(a, b)", "\\boxed{(line, value)}"))


@pytest.mark.parametrize("face", [*fonts_for("sans"), *fonts_for("serif"), *HELD_OUT_FONTS])
@pytest.mark.parametrize("size", [300, 384, 420])
def test_lines_have_one_size_and_bubbles_hold_their_text(face: str, size: int) -> None:
    style = Style(THEMES["white"], face)
    story = page([Paragraph(STORY * 3), Paragraph(STORY * 2)], style, size, width=384)
    assert len({pixels for _, _, _, pixels, *_ in story.texts}) == 1
    chat = page([Bubble(STORY), Bubble(STORY * 2, mine=True), Bubble("It is 24 degrees here.")], style, size, width=384)
    bubbles = [mark.box for mark in chat.marks if mark.tag == "bubble"]
    texts = [mark.box for mark in chat.marks if mark.tag.startswith("bubble ")]
    assert len(bubbles) == 3 and len(texts) > 5
    assert all(any(b[0] + 6 < t[0] and t[2] < b[2] - 6 and b[1] < t[1] and t[3] < b[3] for b in bubbles) for t in texts)


def test_a_first_column_of_numbers_is_as_narrow_as_they_are() -> None:
    rows = [["qty", "item", "each"], ["2", "lamp", "9.50"], ["1", "rug", "20.00"]]
    sheet = page([Table(rows, "rlr")], STYLE, 384, width=384)
    boxes = {mark.tag: mark.box for mark in sheet.marks if mark.kind == "text"}
    assert boxes["cell 0 0"][0] < 40 and boxes["cell 1 1"][0] - boxes["cell 1 0"][2] < 24
    assert boxes["cell 2 2"][2] > 345


def test_long_text_flows_on_to_further_pages_and_none_is_lost() -> None:
    text = " ".join(f"word{number}" for number in range(900))
    sheets = pages(
        [Paragraph(text), Code("\n".join(f"line {n}" for n in range(60)))], STYLE, 512, width=384, height=512
    )
    assert len(sheets) > 3
    written = [entry[2] for sheet in sheets for entry in sheet.texts]
    assert [word for line in written for word in line.split() if word.startswith("word")] == text.split()
    assert all(sheet.pixels[0] == 384 and sheet.pixels[1] <= 512 and not sheet.outside() for sheet in sheets)
    assert sum(text.startswith("line") for text in written) == 60


def test_text_too_long_for_a_page_is_refused() -> None:
    with pytest.raises(PageTooTallError, match="flow on with pages"):
        page([Paragraph(STORY * 40)], STYLE, 384)
    with pytest.raises(ValueError, match="make the page taller"):
        pages([Bubble(STORY * 30)], STYLE, 384)


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (Table([["x" * 30, "y" * 40]], "ll"), "units wide"),
        (Table([["a", "b"], ["c"]], "ll"), "needs 2 cells"),
        (Code("x" * 200), "longest line has 200"),
        (Code("x", language="cobol"), "got 'cobol'"),
        (Pairs([("left " * 20, "right " * 20)]), "do not fit"),
        (Paragraph("a snowman: \u2603\U0001f600"), "no glyph for .* \\(U\\+"),
        (Pictures([Canvas(400, 100, 400)], 0.5), "do not fit"),
    ],
)
def test_what_does_not_fit_or_has_no_glyph_is_named(block: Block, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        page([block], STYLE, 384)


def test_an_unknown_frame_is_named() -> None:
    with pytest.raises(ValueError, match="got 'window'"):
        page([Paragraph("x")], STYLE, frame="window")


def test_wrapped_code_keeps_every_character_and_its_columns() -> None:
    line = "value = [" + ", ".join(map(str, range(40))) + "]"
    sheet = page([Code(line, wrapped=True)], STYLE, 384, width=384)
    code = [
        (mark, text)
        for mark, (_, _, text, *_) in zip(
            [mark for mark in sheet.marks if mark.kind == "text"], sheet.texts, strict=True
        )
    ]
    assert "".join(text for mark, text in code if mark.tag == "code 0").replace(" ", "") == line.replace(" ", "")
    assert not sheet.outside()


def test_code_stands_on_a_grid_of_whole_pixels() -> None:
    for size in (200, 384, 500):
        sheet = page([Code("ab\n  cd\n     ef", language="text", first=0)], STYLE, size, width=384)
        left = {text: x for x, _, text, *_ in sheet.texts}
        step = (left["cd"] - left["ab"]) / 2
        assert step == pytest.approx(round(step)) and step >= 4
        assert left["ef"] - left["ab"] == pytest.approx(5 * step)
        assert font(sheet.texts[0][3], "dejavu-mono").getlength("ab") == pytest.approx(2 * step)


def test_a_pasted_canvas_keeps_its_pixels_and_brings_its_marks() -> None:
    inner = Canvas(100, 60, 200)
    inner.rectangle((20, 10, 50, 40), (250, 0, 0), tag="red")
    sheet = page([Pictures([inner], 1.0), Paragraph("below")], STYLE, width=384, scale=1.0)
    (mark,) = [mark for mark in all_marks(sheet) if mark.tag == "red"]
    left, top, right, bottom = map(round, mark.box)
    assert (right - left, bottom - top) == (60, 60)
    picture = sheet.image()
    assert picture.getpixel((left + 2, top + 2)) == picture.getpixel((right - 2, bottom - 2)) == (250, 0, 0)
    assert picture.getpixel((left - 2, top + 2)) == (255, 255, 255)


def test_letters_of_another_font_are_other_pixels_and_repeat() -> None:
    drawn = {face: page([Paragraph("Hello 123")], Style(THEMES["white"], face)).image().tobytes() for face in FONTS}
    assert len(set(drawn.values())) == len(FONTS)
    assert page([Paragraph("Hello 123")], STYLE).image().tobytes() == drawn["roboto"]


def test_every_font_has_latin_and_its_file_is_hashed() -> None:
    hashes = font_hashes()
    for name, face in FONTS.items():
        check_glyphs("The quick brown fox, 0123456789 (+-x=)", name)
        assert face.role == "label" or all(has_glyph(character, name) for character in "\u00e9\u00e0\u00f1\u00fc\u00df")
        for bold in (False, True):
            assert font(20, name, bold).getlength("x") > 0
            if face.package:
                path = font_file(name, bold)
                assert hashes[path.name] == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert has_glyph("\u03b1", "roboto") and has_glyph("\u03a9", "dejavu-mono") and not has_glyph("\u4e2d", "roboto")
    with pytest.raises(ValueError, match="no font file is named 'arial'"):
        font_file("arial")


def test_items_are_never_drawn_in_what_is_held_out() -> None:
    looks = [pick_style(Rng("look", number)) for number in range(300)]
    assert {look["face"] for look in looks} == {*fonts_for("sans"), *fonts_for("serif")}
    assert {look["theme"] for look in looks} == {*THEMES} - {*HELD_OUT_THEMES}
    assert not {look["face"] for look in looks} & {*HELD_OUT_FONTS}
    assert fonts_for("sans", held_out=True) == HELD_OUT_FONTS
    assert not {pick_style(Rng("look", n), dark=False)["theme"] for n in range(100)} & {*DARK_THEMES}


def test_a_sheet_is_a_canvas() -> None:
    sheet = Sheet(100, 50, 100)
    sheet.text(50, 25, "abc", 12)
    assert [mark.tag for mark in sheet.marks] == ["abc"]
    assert sheet.image().getextrema() != ((255, 255),) * 3


def test_words_between_backticks_are_set_as_code_without_them() -> None:
    style = Style(THEMES["white"])
    (line,) = page([Paragraph("Is `il` at most `n`?")], style, width=400).texts
    assert line[2] == "Is il at most n?"
    wide, narrow = (page([Paragraph(text)], style, 400, width=400).marks[0].box for text in ("`illi`", "illi"))
    assert wide[2] - wide[0] > 1.5 * (narrow[2] - narrow[0]), "the font of code has no narrow letters"
    for text in ("5 ` 6 ` 7", "one ` alone"):
        assert page([Paragraph(text)], style, width=400).texts[0][2] == text


@pytest.mark.parametrize("width", range(180, 260, 7))
def test_lines_with_code_stay_in_their_room(width: int) -> None:
    sheet = page(
        [Paragraph("When does `total_of_all` pass `limit`, and what is `rest` then? " * 3)], STYLE, width=width
    )
    assert all(mark.box[2] <= width - 20 for mark in sheet.marks)
