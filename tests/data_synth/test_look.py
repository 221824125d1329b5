"""Looks of figures: colours that stay apart, and items that can be drawn in a font and palette kept for evaluation."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from data_synth import FAMILIES, Item, make
from data_synth.hold_out import HoldOut, dressed
from data_synth.render.canvas import Canvas
from data_synth.render.fonts import HELD_OUT_FONTS, fonts_for
from data_synth.render.look import Look
from data_synth.render.palette import COLOURS, INK, PAPER, Colour
from data_synth.render.style import DARK_THEMES, HELD_OUT_THEMES, PLAIN_STYLE, THEMES, figure_look, shades

FIGURES = [*(name for name, family in FAMILIES.items() if "image" in family.modalities), "expression"]
NEW = HoldOut(fonts=("hanken",), palettes=("rose",))
LIGHT = [name for name in THEMES if name not in DARK_THEMES]
# Machado, Oliveira and Fernandes 2009, severity 1, of linear RGB.
EYES = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE_POINT = np.array([0.95047, 1.0, 1.08883])


def lab(colour: Colour, eyes: str) -> np.ndarray:
    """CIE L*a*b* (D65) of an sRGB colour, as such eyes see it."""
    part = np.array(colour) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(EYES[eyes] @ linear, 0, 1) / WHITE_POINT
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_reference_is_right_where_it_is_known() -> None:
    assert lab((255, 0, 0), "normal") == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    for eyes, matrix in EYES.items():
        assert lab(PAPER, eyes) == pytest.approx([100, 0, 0], abs=0.1)  # white stays white
        assert (abs(np.linalg.det(matrix)) < 0.01) == (eyes != "normal")  # of three kinds of cones one is missing


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", LIGHT)
def test_colours_stay_apart_for_all_eyes(theme: str, eyes: str) -> None:
    look = Look(shades=shades(theme))
    seen = {name: lab(look.shade(colour), eyes) for name, colour in COLOURS.items()}
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 20, (one, other)


def test_every_light_theme_but_the_plain_one_has_its_own_shades() -> None:
    assert not shades(PLAIN_STYLE["theme"])
    drawn = [tuple(shades(theme).get(colour, colour) for colour in COLOURS.values()) for theme in LIGHT]
    assert len(set(drawn)) == len(LIGHT)
    assert all(len(set(colours)) == len(COLOURS) for colours in drawn)


def test_a_canvas_draws_plain_colours_in_its_shades_and_others_as_they_are() -> None:
    own: Colour = (1, 2, 3)
    canvas = Canvas(30, 10, 30, Look((250, 240, 230), "source-serif", {COLOURS["red"]: (190, 0, 0), INK: (60, 0, 20)}))
    for place, colour in enumerate((COLOURS["red"], own, COLOURS["blue"])):
        canvas.rectangle((10 * place, 0, 10 * place + 8, 10), colour)
    picture = canvas.image()
    seen = [picture.getpixel((x, 5)) for x in (4, 14, 24, 29)]
    assert seen == [(190, 0, 0), own, COLOURS["blue"], (250, 240, 230)]
    plain = Canvas(30, 10, 30)
    for one in (canvas, plain):
        one.text(15, 5, "Wig", 8)
    assert canvas.marks[-1].box != plain.marks[-1].box  # another font
    assert canvas.texts[-1][-1] == (60, 0, 20)


def counts(picture: Image.Image) -> dict[object, int]:
    return {colour: count for count, colour in picture.getcolors(1 << 22) or []}


def figures(item: Item) -> list[Canvas]:
    return FAMILIES[item.family].draw(item, 384)


@pytest.mark.parametrize("level", [0, 3])
@pytest.mark.parametrize("family", FIGURES)
def test_a_dressed_figure_is_all_in_the_new_look_and_legible(family: str, level: int) -> None:
    for index in range(3):
        item = make(family, level, index)
        in_white = dressed(item, HoldOut(fonts=NEW.fonts, palettes=("white",)))
        new = figure_look(dressed(item, NEW).scene)
        assert (new.paper, new.face) == (THEMES["rose"].paper, "hanken")
        for canvas, white in zip(figures(dressed(item, NEW)), figures(in_white), strict=True):
            picture = canvas.image()
            assert picture.getpixel((picture.width - 1, picture.height - 1)) == new.paper, item.id
            assert not canvas.outside(), (item.id, canvas.outside())
            assert not list(canvas.overlaps("text")), item.id
            plain, found = counts(white.image()), counts(picture)
            for name, colour in COLOURS.items():
                assert found.get(new.shade(colour), 0) == plain.get(colour, 0), (item.id, name)
                assert colour not in found, (item.id, name)


@pytest.mark.parametrize("level", [0, 3])
@pytest.mark.parametrize("family", FIGURES)
def test_dress_changes_neither_question_nor_answer(family: str, level: int) -> None:
    item = make(family, level, 5)
    new = dressed(item, NEW)
    assert new.scene["style"] == {"theme": "rose", "face": "hanken"} != item.scene["style"]
    assert (new.id, new.answer, new.content_hash) == (item.id, item.answer, item.content_hash)
    for modality in item.modalities:
        assert new.prompt(modality) == item.prompt(modality)
        assert [new.trace(modality, n) for n in range(6)] == [item.trace(modality, n) for n in range(6)]


def test_figures_for_the_smallest_policies_are_plain_and_can_be_dressed() -> None:
    for family in ("scene_count", "spatial_rel", "bar_chart", "table_lookup", "expression"):
        for level in (0, 1):
            items = [make(family, level, index) for index in range(20)]
            assert all(item.scene["style"].items() >= PLAIN_STYLE.items() for item in items)
            as_it_was, new = (figures(one)[0].image() for one in (items[0], dressed(items[0], NEW)))
            assert as_it_was.getpixel((383, 383)) == PAPER
            assert new.getpixel((383, 383)) == THEMES["rose"].paper


def test_dark_palettes_dress_pages_only() -> None:
    for family in FIGURES:
        item = make(family, 3, 0)
        look = item.scene["style"]
        if "text" not in item.modalities:
            assert dressed(item, HoldOut(palettes=DARK_THEMES)).scene["style"] == look
            assert dressed(item, HoldOut(("bar_chart",), ("hanken",), DARK_THEMES)).scene["style"] == {
                "theme": look["theme"], "face": "hanken",
            }  # fmt: skip
            assert dressed(item, HoldOut(palettes=("ocean", "rose"))).scene["style"]["theme"] == "rose"
    assert dressed(make("word_page", 3, 0), HoldOut(palettes=("ocean",))).scene["style"]["theme"] == "ocean"


@pytest.mark.parametrize("family", FAMILIES)
def test_looks_for_evaluation_are_in_no_item_and_all_others_are(family: str) -> None:
    looks = [make(family, 3, index).scene["style"] for index in range(60)]
    themes, faces = {look["theme"] for look in looks}, {look["face"] for look in looks}
    pages = {look["page"] for look in looks if "page" in look}
    assert not themes & set(HELD_OUT_THEMES) and not (faces | pages) & set(HELD_OUT_FONTS)
    if family in FIGURES:
        assert themes == {"white", "cream", "mint", "grey"}
        assert faces == {name for role in ("label", "sans", "serif") for name in fonts_for(role)}
