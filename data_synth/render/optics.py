"""What light, lens, sensor and file format do to a photo: operations f(array, rng, strength) on H x W x 3 bytes.

strength is in 0 .. 1. Integer arithmetic and hashed noise throughout: the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageFilter

from data_synth.rng import Rng

Pixels: TypeAlias = np.ndarray  # H x W x 3, uint8
_SINE = np.array([round(127 * math.sin(2 * math.pi * step / 256)) for step in range(256)], np.int16)
_TINTS = ((256, 250, 232), (246, 252, 256), (254, 256, 246), (256, 246, 244), (250, 250, 250))  # of 256, red green blue


def _dim(array: Pixels, gain: np.ndarray) -> Pixels:
    """The picture times gain / 256; gain (H x W, or 3 values) is at most 256."""
    field = gain.astype(np.uint16)
    return ((array * (field[..., None] if field.ndim == 2 else field)) >> 8).astype(np.uint8)


def _add(array: Pixels, field: np.ndarray) -> Pixels:
    """The picture plus a field (H x W, int16), kept within bytes."""
    total = array + field[..., None]
    return np.clip(total, 0, 255, out=total).astype(np.uint8)


def _ramp(array: Pixels, rng: Rng) -> np.ndarray:
    """0 .. 4096 from one side of the picture to the other, in a random direction; H x W int32."""
    high, wide = array.shape[:2]
    across, down = rng.between(-8, 8), rng.between(-8, 8)
    if across == down == 0:
        across = 8
    x = np.arange(wide, dtype=np.int32) * (4096 * abs(across) // wide)
    y = np.arange(high, dtype=np.int32) * (4096 * abs(down) // high)
    x, y = x[::-1] if across < 0 else x, y[::-1] if down < 0 else y
    return (x[None, :] + y[:, None]) // (abs(across) + abs(down))


def tint(array: Pixels, rng: Rng, strength: float) -> Pixels:
    """Colour of the paper and of the light."""
    full = rng.choice(_TINTS)
    return _dim(array, np.array([256 - round((256 - gain) * strength) for gain in full]))


def gradient(array: Pixels, rng: Rng, strength: float) -> Pixels:
    """Light that falls off to one side, by up to 40 %."""
    loss = rng.between(30, 100) * strength
    return _dim(array, 256 - _ramp(array, rng) * round(loss) // 4096)


def shadow(array: Pixels, rng: Rng, strength: float) -> Pixels:
    """The soft edge of a shadow, by up to 25 %."""
    loss = round(rng.between(24, 64) * strength)
    edge, soft = rng.between(1000, 3000), rng.between(150, 900)
    depth = np.clip(_ramp(array, rng) - edge, 0, soft)
    return _dim(array, 256 - depth * loss // soft)


def blur(array: Pixels, rng: Rng, strength: float) -> Pixels:
    """A lens slightly out of focus: a radius of up to 1 / 500 of the longer side."""
    radius = max(array.shape) * (0.3 + 0.1 * rng.between(0, 7)) * strength / 500
    return np.asarray(Image.fromarray(array).filter(ImageFilter.BoxBlur(radius)))


def noise(array: Pixels, rng: Rng, strength: float) -> Pixels:
    """Noise of the sensor, nearly normal, with a standard deviation of up to 9."""
    high, wide = array.shape[:2]
    raw = hashlib.shake_128(rng.randrange(1 << 62).to_bytes(8, "big")).digest(high * wide)
    plane = np.frombuffer(raw, np.uint8).reshape(high, wide).astype(np.int16)
    bell = plane + np.roll(plane, 1, axis=1) - 255  # triangular, standard deviation 104; neighbours are alike a little
    level = round(rng.between(4, 22) * strength)
    return _add(array, bell * level >> 8)


def moire(array: Pixels, rng: Rng, strength: float) -> Pixels:
    """Stripes where the grid of a screen meets that of a sensor: two fine gratings that beat."""
    high, wide = array.shape[:2]
    x, y = np.arange(wide, dtype=np.int32), np.arange(high, dtype=np.int32)
    fine = rng.between(40, 90)  # 256 is one cycle per pixel
    waves = []
    for step in (fine, fine + rng.between(2, 7)):
        phase = (x * step)[None, :] + (y * rng.between(-12, 12))[:, None]
        waves.append(_SINE[phase & 255])
    level = round(rng.between(3, 9) * strength)
    beat = (waves[0].astype(np.int32) * waves[1] >> 7).astype(np.int16)
    return _add(array, beat * level >> 7)


def jpeg(array: Pixels, rng: Rng, strength: float) -> Pixels:
    """The blocks and rings of a JPEG file of quality 95 to 45."""
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "JPEG", quality=round(95 - rng.between(10, 50) * strength))
    return np.asarray(Image.open(buffer).convert("RGB"))


OPERATIONS: dict[str, Callable[[Pixels, Rng, float], Pixels]] = {
    "tint": tint,
    "gradient": gradient,
    "shadow": shadow,
    "blur": blur,
    "moire": moire,
    "noise": noise,
    "jpeg": jpeg,
}  # in the order in which they happen
