"""Pictures of questions inside the page: small ones as they are stored, large ones scaled down."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from vlm_rl.report.escape import bounded

MAX_SIDE = 480  # pixels; charts must stay legible
MAX_STORED_BYTES = 24_000  # a stored picture up to this size goes in unchanged
MAX_IMAGES = 8  # of one question
_MAX_NAME = 200


def images_html(folder: Path, names: Sequence[str]) -> str:
    """The pictures of one question; "" without. One that cannot be shown says why in its place."""
    shown = [_image_html(folder, str(name)) for name in names[:MAX_IMAGES]]
    if len(names) > MAX_IMAGES:
        shown.append(f'<p class="none">and {len(names) - MAX_IMAGES} more images</p>')
    return f'<div class="images">{"".join(shown)}</div>' if shown else ""


def _image_html(folder: Path, name: str) -> str:
    try:
        path = find_image(folder, name)
        uri, (width, height) = data_uri(path.read_bytes())
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        return f'<p class="none">Image {bounded(name, _MAX_NAME)} cannot be shown: {bounded(str(error), _MAX_NAME)}</p>'
    size = f'width="{width}" height="{height}"'  # so that the page does not jump when it is drawn
    return f'<img alt="{bounded(name, _MAX_NAME)}" loading="lazy" {size} src="{uri}">'


def find_image(folder: Path, name: str) -> Path:
    """The file of an image; a bare name is one of images/.

    Raises ValueError for a name that leads out of the folder: what is outside must not get into a page for others.
    """
    path = (folder / name if "/" in name else folder / "images" / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError("it lies outside the evaluation's folder")
    return path


def data_uri(data: bytes) -> tuple[str, tuple[int, int]]:
    """An encoded image as a data: URI, with its size in pixels. Raises OSError or ValueError if it is none."""
    with Image.open(io.BytesIO(data)) as image:
        kind, size = str(image.format).lower(), image.size
        if max(size) > MAX_SIDE or len(data) > MAX_STORED_BYTES or kind not in ("png", "jpeg", "webp"):
            small = image.convert("RGB")
            small.thumbnail((MAX_SIDE, MAX_SIDE))
            encoded = io.BytesIO()
            small.save(encoded, "WEBP", quality=80, method=2)
            data, kind, size = encoded.getvalue(), "webp", small.size
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}", size
