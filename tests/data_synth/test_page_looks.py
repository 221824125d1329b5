"""Fonts and palettes that are held out: pages show them when dressed in them, in every modality, and never else."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from data_synth import LEVELS, Item, make
from data_synth.hold_out import HoldOut, dressed, shows
from data_synth.render import sheet, typeset
from data_synth.render.fonts import FONTS, HELD_OUT_FONTS
from data_synth.render.glyphs import Glyphs, glyphs
from data_synth.render.style import HELD_OUT_THEMES, THEMES
from data_synth.twins import canvases

FAMILIES = ("word_page", "receipt", "code_page", "data_page", "screen_page")
CLEAN = ("rendered", "screenshot", "mixed")
HELD = HoldOut(fonts=HELD_OUT_FONTS, palettes=HELD_OUT_THEMES)


@pytest.fixture
def fonts(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The fonts of running text that anything was drawn in since the start of the test."""
    drawn: set[str] = set()
    by_name = {face.name: name for name, face in FONTS.items()}

    def letters(pixels: float, face: str, bold: bool = False) -> Glyphs:
        drawn.add(face)
        return glyphs(pixels, face, bold)

    def compiled(source: str, kind: Literal["png", "pdf"], scale: float = 1.0) -> list[bytes]:
        drawn.update(by_name[name] for name in re.findall(r'#set text\(font: "([^"]+)"', source))
        return compile_source(source, kind, scale)

    compile_source = typeset.compile_source
    monkeypatch.setattr(sheet, "glyphs", letters)
    monkeypatch.setattr(typeset, "compile_source", compiled)
    return drawn


def items(family: str) -> list[Item]:
    return [make(family, level, index) for level in LEVELS for index in range(2)]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("modality", [*CLEAN, "photo"])
def test_a_dressed_page_shows_what_is_held_out_and_nothing_else(family: str, modality: str, fonts: set[str]) -> None:
    for item in items(family):
        assert not shows(item, HELD) and shows(dressed(item, HELD), HELD)
        item.images(modality, 128)
        assert fonts and not fonts & {*HELD_OUT_FONTS}
        fonts.clear()
        (picture,) = dressed(item, HELD).images(modality, 128)
        bare = modality == "mixed" and item.scene.get("kind") in ("disk", "jobs")  # a terminal without its window
        assert fonts - {"dejavu-mono"} == ({*HELD_OUT_FONTS} if not bare else set())
        assert picture.tobytes() != item.images(modality, 128)[0].tobytes()
        fonts.clear()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("modality", CLEAN)
def test_the_paper_of_a_dressed_page_is_of_a_held_out_palette(family: str, modality: str) -> None:
    papers = {THEMES[name].paper for name in HELD_OUT_THEMES}
    seen = set()
    for item in items(family):
        (plain,), (canvas,) = (canvases(one, one._maker, modality, 128) for one in (item, dressed(item, HELD)))
        assert plain.paper not in papers and canvas.paper in papers
        colours = canvas.image().getcolors(1 << 16) or []
        assert canvas.paper in {colour for _, colour in sorted(colours)[-4:]}  # it covers much of the picture
        seen.add(canvas.paper)
    assert seen == papers


@pytest.mark.parametrize("family", FAMILIES)
def test_one_font_or_palette_can_be_held_out_alone(family: str) -> None:
    item = make(family, 2, 3)
    look = item.scene["style"]
    other = dressed(item, HoldOut(fonts=("source-serif",))).scene["style"]
    assert other == {**look, "face": "source-serif"}
    assert dressed(item, HoldOut(palettes=("grey",))).scene["style"] == {**look, "theme": "grey"}
    assert dressed(item, HoldOut()) == item
