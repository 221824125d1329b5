"""Any text prompt as pictures: pages, screenshots or photos of it, for prompts that are not from data_synth.

Markdown is set as such (headings, lists, tables, code, bold), LaTeX between dollar signs as formulas; a formula that
cannot be converted stands there as its source. Long text flows on to further pages; nothing is clipped or left out.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from data_synth.render.canvas import Canvas
from data_synth.render.fonts import FONTS
from data_synth.render.look import Look
from data_synth.render.markdown import FALLBACK, to_markup
from data_synth.render.page import FRAMES, Pictures, page
from data_synth.render.photo import photograph
from data_synth.render.style import Style, pick_style, style_of
from data_synth.render.typeset import compile_source, document
from data_synth.rng import Rng

STYLES = ("page", "screenshot", "photo")
WIDTH, HEIGHT, MARGIN = 480, 640, 30  # of a page, design units; letters are 16 of them
SMALLEST = 400  # pixels: below, letters would be lower than 10 pixels
WINDOWS = ("browser", "app", "editor")


def render_text_prompt(prompt_text: str, *, style: str = "page", size: int = 640, seed: int = 0) -> list[Image.Image]:
    """The prompt as RGB pictures, one for each page that it needs.

    style: page (clean), screenshot (in a window) or photo. size: pixels of the longer side of a full page; screenshots
    and photos are a little larger. seed: another one gives other fonts, colours, windows and light. Equal arguments
    give equal pixels.
    Raises ValueError for an empty prompt, one that has pictures already (`<image>`), a character that no font has (it
    is named), a formula or table too large for a page, an unknown style or a size out of range.
    """
    if style not in STYLES:
        raise ValueError(f"style of a rendered prompt must be one of {', '.join(STYLES)}, got {style!r}")
    if not SMALLEST <= size <= 2048:
        raise ValueError(f"size of a rendered prompt must be in {SMALLEST} .. 2048 pixels, got {size}")
    if not prompt_text.strip():
        raise ValueError("the prompt is empty: there is nothing to render")
    if "<image>" in prompt_text:
        raise ValueError("the prompt has pictures already (<image>); only text prompts can be rendered")
    if half := next((sign for sign in prompt_text if "\ud800" <= sign <= "\udfff"), None):
        raise ValueError(f"the prompt has {half!r} (U+{ord(half):04X}), half of a character; decode it as UTF-16 first")
    rng = Rng("render_text_prompt", style, seed, prompt_text)
    look = style_of({"style": pick_style(rng, dark=False)})
    pages = _pages(prompt_text, look, size / HEIGHT)
    if style == "screenshot":
        return _windows(pages, look, rng, size / HEIGHT)
    if style == "photo":
        strength = 0.3 + 0.1 * rng.between(0, 5)
        return [photograph(picture, [], rng, strength)[0] for picture in pages]
    return pages


def prompt_source(text: str, look: Style) -> str:
    """The Typst source of the pages. Raises ValueError for a character that no font has."""
    fonts = f'#set text(font: ("{FONTS[look.face].name}", "{FONTS[FALLBACK].name}"))\n'
    return document(fonts + to_markup(text, look.face), look, WIDTH, height=HEIGHT, margin=MARGIN)


def _pages(text: str, look: Style, scale: float) -> list[Image.Image]:
    """Pages of WIDTH x HEIGHT; a single one, or the last, is as short as its text."""
    made = compile_source(prompt_source(text, look), "png", scale)
    pictures = [Image.open(io.BytesIO(data)).convert("RGB") for data in made]
    for number, picture in enumerate(pictures, 1):
        if _sticks_out(picture, look, round(MARGIN * scale * 0.6)):
            raise ValueError(
                f"page {number}: a formula or a table is too wide or too tall for a page of {WIDTH} x {HEIGHT}; "
                "shorten it or break it into parts"
            )
    pictures[-1] = _trimmed(pictures[-1], look, round(MARGIN * scale))
    return pictures


def _sticks_out(picture: Image.Image, look: Style, margin: int) -> bool:
    """Whether anything but paper is in the outer part of the margins, where no text belongs."""
    other = (np.asarray(picture) != np.array(look.theme.paper, np.uint8)).any(axis=2)
    edges = (other[:margin], other[-margin:], other[:, :margin], other[:, -margin:])
    return any(bool(edge.any()) for edge in edges)


def _trimmed(picture: Image.Image, look: Style, margin: int) -> Image.Image:
    """The page without the empty paper below its text, but at least a fifth of it."""
    written = (np.asarray(picture) != np.array(look.theme.paper, np.uint8)).any(axis=(1, 2))
    last = int(np.flatnonzero(written)[-1]) + 1 if written.any() else 0
    return picture.crop((0, 0, picture.width, min(picture.height, max(last + margin, picture.height // 5))))


def _windows(pictures: list[Image.Image], look: Style, rng: Rng, scale: float) -> list[Image.Image]:
    """Each page in a window of the same application."""
    frame = rng.choice(WINDOWS)
    out = []
    for number, picture in enumerate(pictures, 1):
        title = f"Page {number} of {len(pictures)}" if len(pictures) > 1 else "Task"
        pasted = Pictures([_Sheet(picture, look)], scale)
        width = pasted.width + 2 * FRAMES[frame].margin
        out.append(page([pasted], look, width=width, frame=frame, title=title, scale=scale).image())
    return out


class _Sheet(Canvas):
    """A page where a Canvas is wanted."""

    def __init__(self, picture: Image.Image, look: Style) -> None:
        super().__init__(picture.width, picture.height, max(picture.size), Look(look.theme.paper))
        self._picture = picture

    def image(self) -> Image.Image:
        return self._picture
