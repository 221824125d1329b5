"""A record: one item in one modality as text fields and encoded pictures, the same for every file format."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_synth.item import Item
from data_synth.png import png

if TYPE_CHECKING:
    from PIL import Image

LOSSY = ("photo",)  # modalities whose pictures are JPEG: noise takes ten times the bytes as PNG
JPEG_QUALITY = 90


@dataclass(frozen=True, slots=True)
class Record:
    """fields: what is known of the item, flat. images: (file extension, encoded bytes) of each `<image>` in order."""

    fields: dict[str, str | int]
    images: tuple[tuple[str, bytes], ...]


def encode(item: Item, modality: str, image_size: int) -> Record:
    """Draw and encode an item. Raises ValueError for a modality that it does not have."""
    variant = int(item.content_hash[:8], 16)
    fields: dict[str, str | int] = {
        "id": f"{item.id}#{modality}",
        "pair_id": item.pair_id,
        "question": item.prompt(modality),
        "answer": item.answer.to_text(),
        "verifier": "typed",
        "family": item.family,
        "level": item.level,
        "modality": modality,
        "seen": item.seen(modality, variant),
        "trace": item.trace(modality, variant),
        "brief": item.trace(modality, variant, brief=True),
        "direct": item.direct(),
        "split": item.split,
        "features": json.dumps(item.features),
        "program": json.dumps([[step.op, step.inputs, step.args, step.value] for step in item.program]),
        "scene": json.dumps(item.scene),
    }
    return Record(fields, tuple(_encode(image, modality) for image in item.images(modality, image_size)))


def _encode(image: Image.Image, modality: str) -> tuple[str, bytes]:
    if modality not in LOSSY:
        return "png", png(image)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return "jpg", buffer.getvalue()
