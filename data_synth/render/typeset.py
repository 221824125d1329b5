"""Documents and mathematics set by Typst: hermetic (own fonts only, no network), and strict about what it lacks.

Text goes into a source as a string (`literal`), so nothing in it is read as markup. A warning is an error: Typst would
draw nothing for a font that it does not find. Characters are checked against the fonts beforehand for the same reason.
"""

from __future__ import annotations

import io
import json
import shutil
from functools import cached_property, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from PIL import Image

from data_synth.render.canvas import Canvas, Mark
from data_synth.render.fonts import FONTS, check_glyphs, font_file
from data_synth.render.look import Look
from data_synth.render.palette import Colour
from data_synth.render.style import Style

if TYPE_CHECKING:
    import typst

POINTS_PER_INCH = 72  # a point of Typst is a design unit
MAX_ASPECT = 2.0


_PLAIN_MARK = "#let mark(tag, body) = body\n"
_MEASURED_MARK = """#let mark(tag, body) = box(context {
  let at = here().position()
  let size = measure(body)
  [#metadata((tag, at.x / 1pt, at.y / 1pt, size.width / 1pt, size.height / 1pt, text.size / 1pt))<mark>#body]
})
"""


def quoted(text: str, face: str) -> str:
    """Text as a string of Typst code, whatever is in it. Raises ValueError naming a character that the font lacks."""
    check_glyphs(text.replace("\n", " "), face)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def literal(text: str, face: str) -> str:
    """Text in markup, with nothing in it read as markup."""
    return f"#{quoted(text, face)};"


def marked(tag: str, text: str, face: str) -> str:
    """A short text in markup that is kept on one line, and becomes a mark of the page."""
    return f"#mark({quoted(tag, face)}, {quoted(text, face)});"


@lru_cache(maxsize=1)
def _font_folder() -> TemporaryDirectory[str]:
    """A folder with just the files of FONTS, for as long as the process lives.

    Typst takes folders only, and the font packages hold some weights as two files: which of them it found first, and
    so the pixels, would depend on the file system.
    """
    folder = TemporaryDirectory(prefix="data_synth-fonts-")
    for name, face in FONTS.items():
        if face.package and face.role != "mono":  # Typst has DejaVu Sans Mono inside
            for path in (font_file(name), font_file(name, bold=True)):
                shutil.copyfile(path, Path(folder.name) / path.name)
    return folder


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[_font_folder().name])


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    import typst

    return typst.Compiler(font_paths=_fonts(), ignore_system_fonts=True)


def compile_source(source: str, kind: Literal["png", "pdf"], scale: float = 1.0) -> list[bytes]:
    """The pages of a Typst source as PNG, or all of them as one PDF.

    kind: png or pdf. scale: pixels per point. Raises ValueError with Typst's words for a source that it refuses or
    warns about, such as an unknown font.
    """
    import typst

    try:
        made, warnings = _compiler().compile_with_warnings(
            source.encode(), format=kind, ppi=POINTS_PER_INCH * scale, timestamp=0, pdf_tags=False
        )
    except typst.TypstError as error:
        raise ValueError(f"Typst refuses the source: {error}") from error
    if warnings:
        raise ValueError(f"Typst warns: {'; '.join(warning.message for warning in warnings)}")
    return made if isinstance(made, list) else [made] if made is not None else []


def colour_of(colour: Colour) -> str:
    return f'rgb("#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}")'


def document(body: str, style: Style, width: int, *, height: int = 0, margin: int = 20) -> str:
    """A whole source: `body` is Typst markup, width and height are in design units (0 = as tall as it needs)."""
    theme = style.theme
    if not FONTS[style.face].package:
        raise ValueError(f"Typst cannot use {FONTS[style.face].name}, which has no file of its own; take another font")
    return (
        f"#set page(width: {width}pt, height: {f'{height}pt' if height else 'auto'}, margin: {margin}pt, "
        f"fill: {colour_of(theme.paper)})\n"
        f'#set text(font: "{FONTS[style.face].name}", size: {style.letter}pt, fill: {colour_of(theme.ink)}, '
        'fallback: false, lang: "en", hyphenate: false)\n'
        f'#show raw: set text(font: "{FONTS[style.mono].name}", size: {style.letter - 2}pt, fallback: false)\n'
        '#show math.equation: set text(font: "New Computer Modern Math", fallback: false)\n'
        "#set smartquote(enabled: false)\n"
        f"{_PLAIN_MARK}"
        f"#set table(stroke: 0.7pt + {colour_of(theme.faint)})\n"
        f"{body}"
    )


def typeset(body: str, style: Style, size: int, *, width: int = 384, margin: int = 20, filled: bool = True) -> Printed:
    """A page of Typst markup, `size` pixels on its longer side. filled: up to at least half as tall as wide.

    Raises ValueError for a page more than MAX_ASPECT times as tall as wide, which has to be split or made wider.
    """
    source = document(body, style, width, margin=margin)
    scale = size / width
    picture = _only_page(compile_source(source, "png", scale))
    if picture.height > MAX_ASPECT * picture.width:
        raise ValueError(
            f"the document is {picture.height / picture.width:.1f} times as tall as wide, the limit is {MAX_ASPECT:g}; "
            "widen or shorten it"
        )
    height = max(round(picture.height / scale), width // 2 if filled else 0)
    if height > width:
        scale = size / height
        picture = _only_page(compile_source(source, "png", scale))
    exact = tuple(round(side * size / max(width, height)) for side in (width, height))
    sheet = Image.new("RGB", (exact[0], exact[1]), style.theme.paper)
    top = max(0, (exact[1] - picture.height) // 2)
    sheet.paste(picture.convert("RGB"), (0, top))
    return Printed(width, height, size, style, sheet, source, top)


def _only_page(pages: list[bytes]) -> Image.Image:
    """The picture, which is not decoded before its pixels are asked for."""
    (page,) = pages  # the height is automatic, so there is one
    return Image.open(io.BytesIO(page))


class Printed(Canvas):
    """A finished page where a Canvas is wanted; nothing more can be drawn on it. Marks are measured when asked for.

    top: pixels of paper above what Typst made of the source.
    """

    def __init__(
        self, width: int, height: int, size: int, style: Style, picture: Image.Image, source: str, top: int
    ) -> None:
        self.width, self.height, self.size, self.look = width, height, size, Look(style.theme.paper)
        self.scale, self.pixels = size / max(width, height), picture.size
        self._ink, self._picture, self._source, self._top = style.theme.ink, picture, source, top / self.scale

    def image(self) -> Image.Image:
        return self._picture.copy()

    @cached_property
    def _measured(self) -> list[tuple[str, float, float, float, float, float]]:
        """(tag, x, y, width, height, font size) of the marked texts, in points; y is the top of the capitals."""
        import typst

        source = self._source.replace(_PLAIN_MARK, _MEASURED_MARK, 1)
        compiler = typst.Compiler(source.encode(), font_paths=_fonts(), ignore_system_fonts=True)
        rows = json.loads(compiler.query("<mark>", field="value"))
        return [(tag, x, y + self._top, wide, high, letter) for tag, x, y, wide, high, letter in rows]

    @cached_property
    def marks(self) -> list[Mark]:  # type: ignore[override]
        return [Mark("text", tag, (x, y, x + wide, y + high)) for tag, x, y, wide, high, _ in self._measured]

    @cached_property
    def texts(self) -> list[tuple[float, float, str, float, str, Colour]]:  # type: ignore[override]
        return [
            (x * self.scale, y * self.scale, tag, letter * self.scale, "lt", self._ink)
            for tag, x, y, _, _, letter in self._measured
        ]
