"""PNG files without filters hold the same pixels, in fewer bytes than Pillow's quick ones for what is drawn here."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from data_synth import make
from data_synth.png import png
from data_synth.records import encode
from data_synth.rng import Rng


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (64, 1), (1, 64), (97, 41)])
def test_pixels_come_back(size: tuple[int, int]) -> None:
    rng = Rng("png", *size)
    picture = Image.frombytes("RGB", size, bytes(rng.between(0, 255) for _ in range(3 * size[0] * size[1])))
    read = Image.open(io.BytesIO(png(picture)))
    assert (read.format, read.mode, read.size) == ("PNG", "RGB", size)
    assert read.tobytes() == picture.tobytes()
    Image.open(io.BytesIO(png(picture))).verify()  # checksums


@pytest.mark.parametrize(("family", "modality"), [("receipt", "rendered"), ("scene_count", "image")])
def test_drawings_are_smaller_than_with_filters(family: str, modality: str) -> None:
    item = make(family, 2, 7)
    (picture,) = item.images(modality, 384)
    ((kind, data),) = encode(item, modality, 384).images
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    assert kind == "png" and len(data) < len(buffer.getvalue())
    assert Image.open(io.BytesIO(data)).tobytes() == picture.tobytes()


def test_other_modes_are_refused() -> None:
    with pytest.raises(ValueError, match="must be RGB, got RGBA"):
        png(Image.new("RGBA", (4, 4)))
