"""How pages and figures look: fonts and colours, drawn for each item, with some of both kept for evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from data_synth.program import Scene
from data_synth.render.fonts import FONTS, fonts_for
from data_synth.render.look import Look
from data_synth.render.palette import COLOURS, INK, Colour
from data_synth.rng import Rng, keyed_hash


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a page. panel: behind code and headings; the last four are of highlighted code."""

    paper: Colour
    ink: Colour
    faint: Colour
    panel: Colour
    accent: Colour
    on_accent: Colour
    keyword: Colour
    string: Colour
    number: Colour
    comment: Colour


WHITE: Colour = (255, 255, 255)
_LIGHT = (WHITE, (150, 20, 110), (20, 105, 50), (20, 80, 170), (95, 100, 110))
_DARK = ((16, 20, 28), (240, 140, 190), (165, 215, 130), (130, 190, 250), (150, 158, 170))
THEMES: dict[str, Theme] = {
    "white": Theme(WHITE, (28, 32, 40), (200, 205, 212), (243, 245, 248), (28, 92, 172), *_LIGHT),
    "cream": Theme((252, 248, 238), (44, 36, 28), (214, 204, 184), (244, 237, 220), (140, 66, 24), *_LIGHT),
    "mint": Theme((245, 251, 248), (20, 44, 40), (190, 212, 204), (230, 243, 237), (14, 104, 88), *_LIGHT),
    "grey": Theme((240, 241, 243), (24, 26, 32), (190, 194, 200), (228, 230, 234), (84, 60, 150), *_LIGHT),
    "night": Theme((30, 33, 41), (228, 231, 236), (82, 88, 102), (41, 45, 56), (92, 160, 240), *_DARK),
    "rose": Theme((253, 244, 245), (56, 22, 34), (222, 196, 202), (248, 230, 234), (158, 26, 72), *_LIGHT),
    "ocean": Theme((16, 36, 52), (222, 236, 244), (70, 100, 122), (24, 50, 70), (250, 190, 90), *_DARK),
}
DARK_THEMES = ("night", "ocean")  # of pages only: figures fill with light colours
# Shades of the colours that figures are asked about, in the order of palette.COLOURS; chosen by a search, so that they
# keep their names and stay apart for colour-blind readers.
_SHADES = {
    "cream": "bc2926 348949 265ac7 e8c434 7d4897 dc7622 e892b9 7e7e7b",
    "mint": "de363e 159c5d 1870a6 fae240 955cde f4902c f6a0c8 848b89",
    "grey": "cc1c20 2e9d49 185ce1 fcd828 8646b0 f78014 f48eba 70747a",
    "rose": "cc1e13 1f804f 323ebe f0ce2e 7058ab ea842c ee8cd0 928e8e",
}
HELD_OUT_THEMES = ("rose", "ocean")  # no item is drawn in them unless a data set asks for it (hold_out.py)


@dataclass(frozen=True, slots=True)
class Style:
    """face, mono: fonts of running text and of code. letter: size of running text in design units."""

    theme: Theme
    face: str = "roboto"
    mono: str = "dejavu-mono"
    letter: int = 16


def pick_style(rng: Rng, *roles: str, dark: bool = True) -> dict[str, str]:
    """A look for the scene of an item: a theme, also a dark one, and a font of one of the roles (sans, serif)."""
    faces = [name for role in roles or ("sans", "serif") for name in fonts_for(role)]
    themes = [name for name in THEMES if name not in HELD_OUT_THEMES and (dark or name not in DARK_THEMES)]
    return {"theme": rng.choice(themes), "face": rng.choice(faces)}


PLAIN_STYLE = {"theme": "white", "face": "aileron"}  # of figures for very small policies, all in one look


def pick_look(rng: Rng) -> dict[str, str]:
    """A look for a figure: a light theme, and a font for its labels."""
    return pick_style(rng, "label", "sans", "serif", dark=False)


def figure_look(scene: Scene) -> Look:
    """The look that `pick_look` put under "style" of a scene."""
    name, face = scene["style"]["theme"], scene["style"]["face"]
    return Look(THEMES[name].paper, face, {**shades(name), INK: THEMES[name].ink})


@lru_cache(maxsize=16)
def shades(theme: str) -> dict[Colour, Colour]:
    """What a theme draws instead of each plain colour; {} where it keeps them."""
    given = [bytes.fromhex(code) for code in _SHADES.get(theme, "").split()]
    return {plain: (code[0], code[1], code[2]) for plain, code in zip(COLOURS.values(), given, strict=False)}


def with_page_face(scene: Scene, key: str) -> Scene:
    """The scene with a font for pages where its own is one for labels alone, and with a look if it has none; both
    follow from `key`.
    """
    if "style" not in scene:
        return {**scene, "style": pick_style(Rng("look", key), dark=False)}
    look = scene["style"]
    if FONTS[look["face"]].role != "label":
        return scene
    faces = (*fonts_for("sans"), *fonts_for("serif"))
    return {**scene, "style": {**look, "page": faces[keyed_hash("page face", key, bits=32) % len(faces)]}}


def style_of(scene: Scene, letter: int = 16) -> Style:
    """The look of pages under "style" of a scene."""
    look = scene["style"]
    return Style(THEMES[look["theme"]], look.get("page", look["face"]), letter=letter)
