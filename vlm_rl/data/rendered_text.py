"""Text questions of file sources as pictures of pages, for a policy that is to read them off an image."""

from __future__ import annotations

import io
from functools import lru_cache

from data_synth.render_prompt import render_text_prompt


@lru_cache(maxsize=8)
def page_files(question: str, style: str, size: int) -> tuple[bytes, ...]:
    """The pages of a question, each as a binary PPM: bytes that depend on the pixels alone, not on a compressor.

    style: page, screenshot or photo. size: pixels of the longer side of a full page. Raises ValueError for text that
    cannot be rendered: a character that no font has, or a formula or table too large for a page.
    """
    files = []
    for picture in render_text_prompt(question, style=style, size=size):
        buffer = io.BytesIO()
        picture.save(buffer, "PPM")
        files.append(buffer.getvalue())
    return tuple(files)
