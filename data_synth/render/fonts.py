"""The font that ships inside Pillow (Aileron), with the basic layout engine, and a check for missing glyphs."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageFont


@lru_cache(maxsize=256)
def font(pixels: float) -> ImageFont.FreeTypeFont:
    """Aileron Regular at a size in pixels. Raises RuntimeError if Pillow was built without FreeType."""
    loaded = ImageFont.load_default(max(1.0, pixels))
    if not isinstance(loaded, ImageFont.FreeTypeFont) or loaded.layout_engine != ImageFont.Layout.BASIC:
        raise RuntimeError("drawing text needs a Pillow with FreeType and the basic layout engine")
    return loaded


@lru_cache(maxsize=4096)
def has_glyph(character: str) -> bool:
    """Whether the font can draw the character; one it lacks would come out as an empty box."""
    probe = font(20)
    return character == " " or bytes(probe.getmask(character)) != bytes(probe.getmask("\uffff"))


def check_glyphs(text: str) -> None:
    """Raise ValueError naming the first character that the font lacks."""
    for character in text:
        if not has_glyph(character):
            raise ValueError(f"the font has no glyph for {character!r} in {text!r}; write it in plain ASCII")
