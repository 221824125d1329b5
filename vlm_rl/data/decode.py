"""From encoded bytes to an RGB image within a pixel budget. The bytes may be anyone's."""

from __future__ import annotations

import io
import math
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

# No EPS (runs Ghostscript), no PSD, FITS or other decoders that data sets do not need and attackers like.
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
# What Pillow raises for damaged files, besides its own errors, which are OSErrors.
DECODE_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    OverflowError,
    struct.error,
    zlib.error,
)


def decode_image(data: bytes, *, max_pixels: int, bomb_pixels: int) -> Image.Image:
    """An RGB image of at most `max_pixels` (width x height), upright, transparency on white; the first frame.

    bomb_pixels: a file that declares more than this is refused before it is decoded; Pillow's own limit of about 179
    megapixels holds besides. Raises ValueError that says what is wrong with the file, without naming it.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > bomb_pixels:
                raise Image.DecompressionBombError(f"it declares {width} x {height} pixels")
            image.load()
            return scaled_down(to_rgb(ImageOps.exif_transpose(image)), max_pixels)
    except Image.DecompressionBombError as error:
        raise ValueError(
            f"a decompression bomb? {error}, and data.image_bomb_pixels is {bomb_pixels}: shrink the file or raise it"
        ) from None
    except DECODE_ERRORS as error:
        raise ValueError(
            f"not a readable {', '.join(FORMATS)} image ({type(error).__name__}: {error}): replace or drop it"
        ) from None


def to_rgb(image: Image.Image) -> Image.Image:
    """Any mode to 8-bit RGB. Raises ValueError for float images, whose brightness range nobody states."""
    if image.mode == "F":
        raise ValueError("a float image has no stated range; save it with 8 bits a channel")
    if image.mode.startswith("I"):
        # Pillow would clip at 255. 32-bit integer images are 16-bit greys from older encoders.
        grey = np.clip(np.asarray(image).astype(np.int64), 0, 65535)
        return Image.fromarray(((grey + 128) // 257).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def scaled_down(image: Image.Image, max_pixels: int) -> Image.Image:
    """The image itself if it fits, else scaled to at most `max_pixels`, keeping its shape."""
    size = fit(image.size, max_pixels)
    return image if size == image.size else image.resize(size, Image.Resampling.BICUBIC)


def fit(size: tuple[int, int], max_pixels: int) -> tuple[int, int]:
    """The largest size of the same shape with width x height <= max_pixels, and no side below 1."""
    width, height = size
    if width * height <= max_pixels:
        return size
    # the largest integer root below each ratio, exactly: in floating point a side of 1 can come out as 0
    short = max(1, math.isqrt(max_pixels * min(size) // max(size)))
    long = min(math.isqrt(max_pixels * max(size) // min(size)), max_pixels // short)
    return (long, short) if width > height else (short, long)
