"""Write the preview of families into a folder."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from data_synth.atomic_file import write_atomically
from data_synth.family import LEVELS
from data_synth.generate import make
from data_synth.local_runner import local_runner
from data_synth.preview.choose import description, items_of, shown_modality
from data_synth.preview.pages import family_page, index_page
from data_synth.preview.sheet import contact_sheet

THUMBNAIL = 230  # pixels


def write_preview(
    out: str | Path,
    families: Sequence[str],
    levels: Sequence[int] = LEVELS,
    *,
    items: int = 4,
    size: int = 384,
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> Path:
    """Write FAMILY.png (contact sheet) and FAMILY.html for each family, and index.html, whose path is returned.

    items: how many of each level. size: longer side of the pictures, pixels. workers > 1 start processes by spawning.
    Raises ValueError for an unknown family or level, no items, or a size outside 32 .. 2048; OSError naming the file.
    """
    if items < 1:
        raise ValueError(f"items must be >= 1, got {items}")
    if not 32 <= size <= 2048:
        raise ValueError(f"image size must be in 32 .. 2048 pixels, got {size}")
    first = [make(family, levels[len(levels) // 2], 0) for family in families]
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    work = partial(write_family, folder=folder, levels=tuple(levels), items=items, size=size)
    with local_runner(workers) as runner:
        for family in runner.map(work, families):
            if progress is not None:
                progress(family)
    shown = [(item.family, item, shown_modality(item)) for item in first]
    index = folder / "index.html"
    write_atomically(index, index_page(shown, THUMBNAIL).encode())
    return index


def write_family(family: str, folder: Path, levels: tuple[int, ...], items: int, size: int) -> str:
    """Write the sheet and the page of one family; returns its name."""
    rows = [(level, items_of(family, level, items)) for level in levels]
    sheet = contact_sheet(family, description(family), [(f"Level {level}", row) for level, row in rows], size)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    write_atomically(folder / f"{family}.png", buffer.getvalue())
    write_atomically(folder / f"{family}.html", family_page(family, rows, size).encode())
    return family
