"""Any text prompt becomes pictures: whole, legible, over as many pages as needed; a missing glyph is named."""

from __future__ import annotations

import numpy as np
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from data_synth import render_text_prompt
from data_synth.render.inline_markup import inline
from data_synth.render.latex_math import to_typst
from data_synth.render.style import THEMES, Style
from data_synth.render.typeset import compile_source
from data_synth.render_prompt import STYLES, prompt_source

RICH = r"""# Two numbers
Let $f(x) = \frac{x^2 - 3x + 2}{\sqrt{x+1}}$. Ana pays $5, Ben pays $7.50.

**Find** all x such that
$$\sum_{k=1}^{n} \binom{n}{k} = \int_0^1 e^{-t^2}\,dt$$

- first, with `code_1 * 2`
1. second

```python
def f(n):
    return n * 2  # [twice]
```

| item | qty |
|------|----:|
| lamp | 2 |
"""


def ink(picture: Image.Image) -> np.ndarray:
    """Where a clean page is not paper."""
    pixels = np.asarray(picture).astype(int)
    return (np.abs(pixels - pixels[0, 0]).max(axis=2) > 40).astype(bool)


def pdf_text(markdown: str, face: str = "roboto") -> str:
    style = Style(THEMES["white"], face)
    (data,) = compile_source(prompt_source(markdown, style), "pdf")
    pages = pdfium.PdfDocument(data)
    return "".join("".join(pages[n].get_textpage().get_text_range().split()) for n in range(len(pages)))


@pytest.mark.parametrize("style", STYLES)
def test_a_prompt_becomes_pictures_and_always_the_same(style: str) -> None:
    first, second = (render_text_prompt(RICH, style=style, seed=4) for _ in range(2))
    assert [one.tobytes() for one in first] == [two.tobytes() for two in second]
    assert all(picture.mode == "RGB" and 400 <= picture.width for picture in first)
    assert [one.tobytes() for one in first] != [one.tobytes() for one in render_text_prompt(RICH, style=style, seed=5)]


def test_every_word_is_on_the_page() -> None:
    found = pdf_text(RICH)
    for part in ("Twonumbers", "Anapays$5,Benpays$7.50.", "Findallxsuchthat", "code_1*2", "second", "deff(n):",
                 "returnn*2#[twice]", "itemqtylamp2"):  # fmt: skip
        assert part in found


@given(st.text(alphabet=st.sampled_from("ab9 .,;:!?#*_$`|<>[]{}()\\/@~^&%+-=\"'\n"), max_size=120))
@settings(max_examples=60, deadline=None)
def test_no_sign_is_lost_from_plain_text(text: str) -> None:
    """Mark-up may go (`**`, `#`, fences, formulas are set); letters and digits of other text may not."""
    found = pdf_text(text)
    if not any(sign in text for sign in "$`\\~"):
        kept = [character for character in text if character in "ab"]
        assert [character for character in found if character in "ab"] == kept


def test_long_text_flows_over_pages_and_ends_on_a_short_one() -> None:
    text = "\n\n".join(
        f"Paragraph number {number}. " + "The days are counted one by one. " * 12 for number in range(12)
    )
    pictures = render_text_prompt(text)
    assert len(pictures) >= 4
    assert {picture.size for picture in pictures[:-1]} == {(480, 640)}
    assert pictures[-1].height <= 640
    found = pdf_text(text)
    assert all(f"Paragraphnumber{number}." in found for number in range(12))


@pytest.mark.parametrize(
    "text",
    [
        RICH,
        "x" * 900,
        "word " * 700,
        "```\n" + "y = 1; " * 80 + "\n```",
        "|" + "long cell |" * 6 + "\n|" + "---|" * 6 + "\n" + ("|" + "abcdefghijklmnop|" * 6 + "\n") * 30,
        "$" + " + ".join(f"x_{{{n}}}" for n in range(150)) + "$",
        "\n".join(f"- item {n}" for n in range(90)),
        "$$\\frac{" + "a + " * 18 + "b}{c}$$",
    ],
)
def test_nothing_reaches_the_edge_of_a_page(text: str) -> None:
    for picture in render_text_prompt(text, size=640):
        marks = ink(picture)
        for edge in (marks[:8], marks[-8:], marks[:, :8], marks[:, -8:]):
            assert not edge.any()


@pytest.mark.parametrize(
    ("text", "named"), [("see \u4e2d", "'\u4e2d'"), ("\U0001f600", "U\\+1F600"), ("\u0915", "U\\+0915")]
)
def test_a_character_without_a_glyph_is_named(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        render_text_prompt(text)


def test_latin_greek_and_arrows_are_drawn() -> None:
    text = (
        "\u00e9\u00e0\u00f1\u00fc\u00df\u00f8\u00c5\u00e7"
        "\u03b1\u03b2\u03b3\u0394\u2192\u2713\u2264\u2260\u00d7\u20ac\u0416"
    )
    for face in ("roboto", "source-sans", "source-serif"):
        assert pdf_text(text, face) == text


@pytest.mark.parametrize("character", "\u00e9\u03b1\u2192\u0416")
def test_characters_leave_ink(character: str) -> None:
    for seed in range(3):
        alone = render_text_prompt(character, seed=seed)[0]
        assert ink(alone).sum() > 12


def test_a_formula_that_cannot_be_converted_stands_there_as_source() -> None:
    assert "\\foobar{x}" in pdf_text("Let $\\foobar{x}$ be.")
    assert "foobar" not in pdf_text("Let $\\sqrt{x}$ be.")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"prompt_text": " \n "}, "is empty"),
        ({"prompt_text": "What is <image>?"}, "pictures already"),
        ({"prompt_text": "x", "style": "scan"}, "one of page, screenshot, photo, got 'scan'"),
        ({"prompt_text": "x", "size": 100}, "400 .. 2048"),
        ({"prompt_text": "$$" + "\\frac{" + "a + " * 90 + "b}{c}" + "$$"}, "too wide or too tall"),
    ],
)  # fmt: skip
def test_bad_requests_say_what_is_wrong(arguments: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        render_text_prompt(**arguments)  # type: ignore[arg-type]


def test_fractions_of_digits_and_boxes_are_set_as_tex_does() -> None:
    assert to_typst("\\frac12") == to_typst("\\frac{1}{2}")
    assert to_typst("\\dfrac12x") == to_typst("\\frac{1}{2}x")
    assert to_typst("\\tfrac{12}34") == to_typst("\\frac{12}{3}4")
    assert "box(" in to_typst("\\boxed{5}")


def table(columns: int, head: str, cell: str) -> str:
    return f"{'|'.join(['', *[head] * columns, ''])}\n{'|'.join(['', *['---'] * columns, ''])}\n" + (
        "|".join(["", *[cell] * columns, ""])
    )


def ink_runs(picture: Image.Image) -> int:
    """How many stretches of ink the middle of the second row of a table has."""
    grey = np.asarray(picture.convert("L"), int)
    paper = int(grey[2, 2])
    rows = np.flatnonzero((np.abs(grey - paper) > 90).any(axis=1))
    bottom = grey[(rows.min() + rows.max()) // 2 + 2 : rows.max()]
    inked = (np.abs(bottom - paper) > 90).any(axis=0)
    return int((inked[1:] & ~inked[:-1]).sum())


@pytest.mark.parametrize("columns", [4, 9, 14])
def test_cells_of_wide_tables_stand_apart(columns: int) -> None:
    (picture,) = render_text_prompt(table(columns, "Jan", "1"), size=1280)
    assert ink_runs(picture) == columns


@pytest.mark.parametrize(("columns", "cell"), [(20, "123"), (40, "a")])
def test_a_table_that_does_not_fit_is_refused(columns: int, cell: str) -> None:
    with pytest.raises(ValueError, match="too wide"):
        render_text_prompt(table(columns, "Jan", cell))


def test_half_a_character_is_named() -> None:
    with pytest.raises(ValueError, match="U\\+D800"):
        render_text_prompt("a\ud800b")


def test_backslashes_before_signs_are_not_shown() -> None:
    made = inline("50\\% of \\$5 in `a\\_b`")
    assert "50% of $5 in " in made and "a\\\\_b" in made, "code stays as it is"


def test_an_array_is_set_as_a_matrix_and_left_where_it_has_lines() -> None:
    found = pdf_text("Let $\\left(\\begin{array}{rr}12 & 3\\\\ 4 & 56\\end{array}\\right)$ be.")
    assert "array" not in found and all(number in found for number in ("12", "3", "4", "56"))
    for ruled in ("{c|c} 1 & 2", "{r} 12 \\\\ \\hline 46"):
        assert "array" in pdf_text(f"See $\\begin{{array}}{ruled} \\end{{array}}$."), "its lines would be lost"


@pytest.mark.parametrize(("columns", "line"), [(4, "1,234,567,890 1,234,567,890"), (6, "1,234,"), (7, "1,234,")])
def test_numbers_in_a_table_are_broken_only_where_they_do_not_fit(columns: int, line: str) -> None:
    source = prompt_source(table(columns, "n", "1,234,567,890"), Style(THEMES["white"], "roboto"))
    text = pdfium.PdfDocument(compile_source(source, "pdf")[0])[0].get_textpage().get_text_range()
    lines = text.replace("\u200b", "").split("\r\n")
    assert any(found.startswith(line) for found in lines), lines
    assert columns == 4 or all(len(found) <= len("567,890") for found in lines[1:]), lines
