"""The open fonts that text is drawn with: Pillow's own Aileron, small font packages, and a check for missing glyphs.

All are drawn with the basic layout engine: the other one gives other pixels where it is installed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from PIL import ImageFont


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font family. role: sans, serif or mono for pages, label for pictures.

    package: holds the folder `files` with it; "" = inside Pillow. file: its name there; {} stands for Regular or Bold.
    """

    name: str
    role: str
    licence: str
    package: str = ""
    file: str = ""


FONTS: dict[str, Typeface] = {
    "aileron": Typeface("Aileron", "label", "CC0-1.0"),
    "roboto": Typeface("Roboto", "sans", "Apache-2.0", "font_roboto", "Roboto-{}.ttf"),
    "source-sans": Typeface("Source Sans Pro", "sans", "OFL-1.1", "font_source_sans_pro", "SourceSansPro-{}.ttf"),
    "source-serif": Typeface("Source Serif Pro", "serif", "OFL-1.1", "font_source_serif_pro", "SourceSerifPro-{}.ttf"),
    "hanken": Typeface("Hanken Grotesk", "sans", "OFL-1.1", "font_hanken_grotesk", "HankenGrotesk-{}.otf"),
    "dejavu-mono": Typeface("DejaVu Sans Mono", "mono", "Bitstream-Vera", "data_synth.render", "DejaVuSansMono.ttf"),
}
HELD_OUT_FONTS = ("hanken",)  # no item is drawn in them unless a data set asks for it (hold_out.py)


def fonts_for(role: str, *, held_out: bool = False) -> tuple[str, ...]:
    """Names of the fonts of a role that items are drawn in, or of those kept for evaluation."""
    return tuple(name for name, face in FONTS.items() if face.role == role and (name in HELD_OUT_FONTS) == held_out)


@lru_cache(maxsize=32)
def font_file(name: str, bold: bool = False) -> Path:
    """Where a font's file is. Raises ValueError for an unknown font, FileNotFoundError if its package is missing."""
    if name not in FONTS or not FONTS[name].package:
        held = ", ".join(known for known, face in FONTS.items() if face.package)
        raise ValueError(f"no font file is named {name!r}; there are {held}")
    face = FONTS[name]
    try:
        path = Path(str(files(face.package))) / "files" / face.file.format("Bold" if bold else "Regular")
    except ModuleNotFoundError as error:
        package = face.package.replace("_", "-")
        raise FileNotFoundError(f"font {name} is in the package {package}, which is not installed") from error
    if not path.is_file():
        raise FileNotFoundError(
            f"font {name} should be the file {path}, which does not exist; install its package again"
        )
    return path


@lru_cache(maxsize=1024)
def font(pixels: float, name: str = "aileron", bold: bool = False) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels; Aileron has no bold. Raises RuntimeError if Pillow was built without FreeType."""
    size = max(1.0, pixels)
    if name == "aileron":
        loaded = ImageFont.load_default(size)
        if not isinstance(loaded, ImageFont.FreeTypeFont) or loaded.layout_engine != ImageFont.Layout.BASIC:
            raise RuntimeError("drawing text needs a Pillow with FreeType and the basic layout engine")
        return loaded
    return ImageFont.truetype(str(font_file(name, bold)), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def has_glyph(character: str, name: str = "aileron") -> bool:
    """Whether the font can draw the character; one it lacks would come out as an empty box."""
    probe = font(20, name)
    return character == " " or bytes(probe.getmask(character)) != bytes(probe.getmask("\uffff"))


def check_glyphs(text: str, name: str = "aileron") -> None:
    """Raise ValueError naming the first character that the font lacks."""
    for character in text:
        if not has_glyph(character, name):
            shown = text if len(text) <= 60 else f"{text[:60]}..."
            raise ValueError(
                f"the font {FONTS[name].name} has no glyph for {character!r} (U+{ord(character):04X}) in {shown!r}; "
                "write it in plain ASCII or take another font"
            )


def font_hashes() -> dict[str, str]:
    """SHA-256 of every font file, by file name, for the card of a data set; Aileron is part of Pillow."""
    paths = {font_file(name, bold) for name, face in FONTS.items() if face.package for bold in (False, True)}
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}
