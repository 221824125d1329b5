"""Encoded bytes to RGB: modes, orientation, budgets, bombs, damage."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from vlm_rl.data.decode import decode_image, fit


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(data: bytes, max_pixels: int = 10**6, bomb_pixels: int = 10**8) -> Image.Image:
    return decode_image(data, max_pixels=max_pixels, bomb_pixels=bomb_pixels)


def first_pixel(image: Image.Image) -> Any:
    assert image.mode == "RGB"
    return image.getpixel((0, 0))


def png_that_declares(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def test_pixels_of_an_rgb_image_are_unchanged() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(decoded(encoded(Image.fromarray(pixels)))), pixels)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_black_png_of_any_mode_is_black_rgb(mode: str) -> None:
    image = Image.new(mode, (3, 2), (0, 0, 0, 255) if mode == "RGBA" else (0, 255) if mode == "LA" else 0)
    assert first_pixel(decoded(encoded(image))) == (0, 0, 0)


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0))])
def test_transparent_pixels_become_white(mode: str, colour: Any) -> None:
    assert first_pixel(decoded(encoded(Image.new(mode, (3, 2), colour)))) == (255, 255, 255)


def test_half_transparent_black_becomes_mid_grey() -> None:
    assert first_pixel(decoded(encoded(Image.new("RGBA", (2, 2), (0, 0, 0, 128))))) == (127, 127, 127)


def test_a_palette_image_with_a_transparent_colour_stands_on_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([200, 0, 0, 0, 0, 250])
    image.putpixel((1, 0), 1)
    shown = decoded(encoded(image, transparency=0))
    assert [shown.getpixel((x, 0)) for x in (0, 1)] == [(255, 255, 255), (0, 0, 250)]


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    grey = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)
    shown = np.asarray(decoded(encoded(Image.fromarray(grey))))
    assert shown[0].tolist() == [[0] * 3, [1] * 3, [128] * 3, [255] * 3]


def test_cmyk_jpegs_become_rgb() -> None:
    red = first_pixel(decoded(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")))
    assert red[0] > 250 and red[1] < 5 and red[2] < 5


def test_exif_orientation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees clockwise to view
    image = Image.new("RGB", (4, 2), "white")
    image.putpixel((0, 0), (255, 0, 0))
    shown = decoded(encoded(image, "PNG", exif=exif))
    assert shown.size == (2, 4)
    assert shown.getpixel((1, 0)) == (255, 0, 0)


def test_the_first_frame_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert first_pixel(decoded(data)) == (255, 0, 0)


def test_a_large_image_is_scaled_down_to_the_budget_and_keeps_its_shape() -> None:
    shown = decoded(encoded(Image.new("RGB", (400, 200))), max_pixels=20_000)
    assert shown.size == (200, 100)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**7))
@example(91, 91, 1)  # sqrt(1 / 8281) * 91 is below 1 in floating point
def test_every_size_fits_its_budget(width: int, height: int, budget: int) -> None:
    small = fit((width, height), budget)
    assert small[0] >= 1 and small[1] >= 1
    assert small[0] * small[1] <= budget
    assert small == (width, height) or width * height > budget
    # the shape is kept to within one pixel on each side, unless a side would vanish
    if min(small) > 1:
        assert abs(small[0] * height - small[1] * width) <= max(width, height)


def test_a_bomb_is_refused_by_what_it_declares() -> None:
    with pytest.raises(ValueError, match="bomb.*9000 x 9000.*image_bomb_pixels is 1000000"):
        decoded(png_that_declares(9000, 9000), bomb_pixels=1_000_000)
    with warnings.catch_warnings():  # Pillow's own limit, whatever the config allows
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="bomb"):
            decoded(png_that_declares(30_000, 30_000), bomb_pixels=10**12)


def test_an_image_just_under_the_limit_is_read() -> None:
    data = encoded(Image.new("RGB", (100, 50)))
    assert decoded(data, bomb_pixels=5000).size == (100, 50)
    with pytest.raises(ValueError, match="bomb"):
        decoded(data, bomb_pixels=4999)


@pytest.mark.parametrize("data", [b"", b"not an image", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a readable PNG"):
        decoded(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_a_cut_image_is_refused(kind: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(pixels), kind)
    with pytest.raises(ValueError, match="not a readable"):
        decoded(data[: len(data) // 2])


def test_float_images_are_refused() -> None:
    with pytest.raises(ValueError, match="no stated range"):
        decoded(encoded(Image.new("F", (2, 2)), "TIFF"))


SMALL = {
    kind: encoded(Image.linear_gradient("L").resize((9, 9)).convert("RGB"), kind)
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(SMALL)), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=6))
@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_give_an_image_or_a_value_error(kind: str, damage: list[tuple[int, int]]) -> None:
    data = bytearray(SMALL[kind])
    for place, byte in damage:
        data[place % len(data)] = byte
    try:
        shown = decoded(bytes(data), bomb_pixels=10**6)
    except ValueError:
        return
    assert shown.mode == "RGB"
