"""Typst pages: their text comes back exactly from a PDF, and what Typst would drop silently is an error."""

from __future__ import annotations

import hashlib
from itertools import combinations
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_synth import make
from data_synth.families.pages.expression import _mathematics
from data_synth.families.pages.receipt_pages import WIDTHS, as_markup, as_text, item_lines, notes
from data_synth.render.canvas import shared_area
from data_synth.render.fonts import font_hashes
from data_synth.render.latex_math import LatexError, to_typst
from data_synth.render.style import THEMES, Style, style_of
from data_synth.render.typeset import _fonts, compile_source, document, literal, marked, typeset

STYLE = Style(THEMES["white"], "source-serif")
FACES = ("roboto", "source-sans", "source-serif", "hanken")


def squeezed(text: str) -> str:
    return "".join(text.split())


def pdf_text(source: str) -> str:
    """What a reader that is no part of this project finds in the PDF."""
    (data,) = compile_source(source, "pdf")
    pages = pdfium.PdfDocument(data)
    return "".join(pages[number].get_textpage().get_text_range() for number in range(len(pages)))


@pytest.mark.parametrize("level", range(5))
def test_every_word_of_a_receipt_comes_back_from_its_pdf(level: int) -> None:
    for index in range(24):
        scene = make("receipt", level, index).scene
        style = style_of(scene)
        found = squeezed(pdf_text(document(as_markup(scene, style), style, WIDTHS[scene["kind"]])))
        shop = scene["shop"].upper() if scene["kind"] == "receipt" else scene["shop"]
        head = "".join(f"{name}: {value}" for name, value in scene["head"])
        rows = "".join("".join(row) for row in item_lines(scene))
        for part in (shop, head, rows, "".join(notes(scene))):
            assert squeezed(part) in found, (index, part)
        extra = {
            "receipt": "Thank you for your visit",
            "invoice": "Invoice",
            "e-mail": "From: Hello, thank you for your order:",
        }
        expected = shop + head + rows + "".join(notes(scene)) + extra[scene["kind"]]
        assert sorted(found) == sorted(squeezed(expected))


@pytest.mark.parametrize("level", [2, 3, 4])
def test_every_sign_of_an_expression_comes_back_from_its_pdf(level: int) -> None:
    for index in range(40):
        text = make("expression", level, index).scene["text"]
        found = squeezed(pdf_text(document(_mathematics(text), STYLE, 384)))
        assert found.replace("\u00d7", "x").replace("\u2212", "-") == squeezed(text)


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60), st.sampled_from(FACES))
@settings(max_examples=60, deadline=None)
def test_no_text_is_read_as_markup(text: str, face: str) -> None:
    style = Style(THEMES["white"], face)
    for made in (literal(text, face), marked("tag", text, face)):
        assert squeezed(pdf_text(document(f"Start {made} end", style, 2000))) == squeezed(f"Start {text} end")


@pytest.mark.parametrize("text", ["\u4e2d", "snow \u2603", "\U0001f600"])
def test_a_missing_glyph_is_an_error_not_a_blank(text: str) -> None:
    with pytest.raises(ValueError, match="has no glyph for"):
        literal(text, "roboto")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('#set text(font: "Comic Sans MS")\nHello', "warns: unknown font family"),
        ("#foo(", "refuses"),
        ("#undefined-name", "unknown variable"),
        ('#import "@preview/cetz:0.3.0"', "refuses"),
    ],
)
def test_what_typst_would_draw_wrongly_is_refused(body: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        typeset(body, STYLE, 300)


def test_each_font_and_weight_is_one_known_file() -> None:
    held = [(info.family, info.weight, info.style) for info in _fonts().fonts() if info.path]
    assert len(set(held)) == len(held) == 8
    for info in _fonts().fonts():
        if info.path:
            path = Path(info.path)
            assert hashlib.sha256(path.read_bytes()).hexdigest() == font_hashes()[path.name]


def test_fonts_of_the_system_are_not_used() -> None:
    with pytest.raises(ValueError, match="unknown font family"):
        typeset('#set text(font: "Liberation Sans")\nHello', STYLE, 300)
    with pytest.raises(ValueError, match="no file of its own"):
        typeset("Hello", Style(THEMES["white"], "aileron"), 300)


@pytest.mark.parametrize("size", [64, 200, 384, 640])
def test_pages_have_the_asked_size_and_repeat_to_the_byte(size: int) -> None:
    for lines in (1, 8, 16):
        body = "\n\n".join(literal(f"line {number}", "roboto") for number in range(lines))
        one, two = (typeset(body, STYLE, size, width=320) for _ in range(2))
        assert max(one.image().size) == max(one.pixels) == size
        assert 0.5 <= one.width / one.height <= 2
        assert one.image().tobytes() == two.image().tobytes()
    with pytest.raises(ValueError, match="times as tall as wide"):
        typeset("\n\n".join(["line"] * 60), STYLE, size, width=320)


@pytest.mark.parametrize("level", [0, 2, 4])
def test_marks_of_a_document_lie_on_its_ink_and_apart(level: int) -> None:
    for index in range(4):
        item = make("receipt", level, index)
        (canvas,) = item._maker.draw(item, 768)
        picture, paper = canvas.image(), canvas.paper
        assert len(canvas.marks) == len(canvas.texts) > 8
        assert not canvas.outside()
        assert not [pair for pair in combinations(canvas.marks, 2) if shared_area(pair[0].box, pair[1].box) > 0]
        cells = {mark.tag: mark for mark in canvas.marks}
        for row, line in enumerate(item_lines(item.scene)[1:], 1):
            for column in range(len(line)):
                box = cells[f"cell {row} {column}"].box
                left, top, right, bottom = (round(side * canvas.scale) for side in box)
                inside = np.asarray(picture.crop((left, top, right, bottom)).convert("L"))
                gap = picture.crop((right + 1, top, right + 4, bottom)).getextrema()
                assert inside.min() < 120 < inside.max()
                assert column == 0 or gap == tuple((c, c) for c in paper)


def test_a_receipt_in_words_has_what_is_printed() -> None:
    for index in range(30):
        scene = make("receipt", 3, index).scene
        for row in item_lines(scene):
            assert " | ".join(row) in as_text(scene).split("\n")


LATEX = [
    (r"\frac{a+b}{2}", "frac(a + b, 2)"),
    (r"\sqrt[3]{x}", "root(3, x)"),
    (r"x^{10}_{i}", "x ^(10) _(i)"),
    (r"f(x, y)", r"f \( x \, y \)"),
    (r"a/b", r"a \/ b"),
    (r"30^\circ", "30 ^degree"),
    (r"\left( x \right]", r"lr(\( x \])"),
    (r"\text{if } x", '"if " x'),
    (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", 'mat(delim: "(",  1,  2;  3,  4)'),
    (r"\{1\}", r"\{ 1 \}"),
]


@pytest.mark.parametrize(("latex", "made"), LATEX)
def test_latex_becomes_typst(latex: str, made: str) -> None:
    assert to_typst(latex) == made
    compile_source(f"$ {to_typst(latex)} $", "png")


@pytest.mark.parametrize(
    "latex", [r"\foo", "{x", "x}", r"\frac{1}", r"\begin{tikz}\end{tikz}", "{" * 60, "x" * 5000, r"\left("]
)
def test_latex_that_is_not_understood_is_refused(latex: str) -> None:
    with pytest.raises(LatexError):
        to_typst(latex)


@given(
    st.lists(
        st.sampled_from(
            [r"\frac", "{", "}", "^", "_", r"\left(", r"\right)", "x", "1", r"\sqrt", "[", "]", "&", "#", '"', ","]
        ),
        max_size=14,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_formula_is_set_or_refused_and_never_crashes(pieces: list[str]) -> None:
    try:
        pictures = compile_source(f"$ {to_typst(' '.join(pieces))} $", "png")
    except ValueError as refusal:
        assert str(refusal)
    else:
        assert pictures and all(picture.startswith(b"\x89PNG") for picture in pictures)
