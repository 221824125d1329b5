"""The pieces that show one question: its images, its text, a response in segments, a verdict."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image

from vlm_rl.report.escape import bounded, escape, keep_ends
from vlm_rl.report.record import LoadImage
from vlm_rl.types import ImageRef

MAX_IMAGE_SIDE = 256  # pixels
MAX_IMAGES = 4
MAX_QUESTION, MAX_RESPONSE, MAX_ANSWER = 2000, 6000, 300  # characters
NUM_TINTS = 6  # --t0 .. --t5 of the style sheet


def images_html(images: Sequence[Mapping[str, Any]], load_image: LoadImage | None) -> str:
    """The prompt's images inline, at most MAX_IMAGES; one that cannot be loaded says why in its place."""
    shown = [_image_html(ImageRef(**image), load_image) for image in images[:MAX_IMAGES]]
    if len(images) > MAX_IMAGES:
        shown.append(f'<p class="none">and {len(images) - MAX_IMAGES} more images</p>')
    return f'<div class="images">{"".join(shown)}</div>' if shown else ""


def _image_html(ref: ImageRef, load_image: LoadImage | None) -> str:
    if load_image is None:
        return f'<p class="none">Image not loaded: {bounded(ref.uri, MAX_ANSWER)}</p>'
    try:
        image = load_image(ref)
    except ValueError as error:  # what ImageLoader raises for a missing, changed or corrupt image
        return f'<p class="none">Image missing: {bounded(str(error), MAX_ANSWER)}</p>'
    return f'<img alt="{bounded(ref.uri, MAX_ANSWER)}" src="{data_uri(image)}">'


def data_uri(image: Image.Image) -> str:
    """The image within MAX_IMAGE_SIDE as a data: URI; PNG or JPEG, whichever is smaller (drawings or photos)."""
    small = image.convert("RGB")
    small.thumbnail((MAX_IMAGE_SIDE, MAX_IMAGE_SIDE))
    png, jpeg = io.BytesIO(), io.BytesIO()
    small.save(png, "PNG", optimize=True)
    small.save(jpeg, "JPEG", quality=88)
    kind, data = min(("png", png.getvalue()), ("jpeg", jpeg.getvalue()), key=lambda encoded: len(encoded[1]))
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def question_html(question: str) -> str:
    return f'<p class="question">{bounded(question, MAX_QUESTION)}</p>'


def response_html(segments: Sequence[Mapping[str, Any]]) -> str:
    """The response, tinted by the policy version that wrote each segment, and the legend of the tints."""
    kept = keep_ends([segment["text"] for segment in segments], MAX_RESPONSE)
    spans: list[str] = []
    versions: dict[int, int] = {}  # policy version -> tokens
    for segment, pieces in zip(segments, kept, strict=True):
        if any(pieces):
            version, tokens = int(segment["policy_version"]), int(segment["tokens"])
            versions[version] = versions.get(version, 0) + tokens
            title = f"version {version}, {tokens} tokens"
            spans.append(f'<span class="{_tint(version)}" title="{title}">{escape("".join(pieces))}</span>')
    keys = [f'<span class="{_tint(v)}">version {v}</span> {tokens} tokens' for v, tokens in versions.items()]
    return f'<pre class="response">{"".join(spans)}</pre><p class="versions">{" · ".join(keys)}</p>'


def _tint(version: int) -> str:
    return f"seg t{version % NUM_TINTS}"


def verdict_html(row: Mapping[str, Any]) -> str:
    """Right or wrong, what was read from the response, and the gold answer."""
    mark = '<b class="right">✓ correct</b>' if row["correct"] else '<b class="wrong">✗ wrong</b>'
    read = bounded(row["prediction"], MAX_ANSWER) or "nothing"
    return f"{mark} read <code>{read}</code>, gold <code>{bounded(row['answer'], MAX_ANSWER)}</code>"


def origin_html(row: Mapping[str, Any]) -> str:
    """Family, level and modality of a question."""
    return f"{escape(row['family'])}, level {escape(str(row['level']))}, {escape(row['modality'])}"
