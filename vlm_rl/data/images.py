"""The image loader: from an `ImageRef` to pixels, checked, and kept for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from PIL import Image

import data_synth
from vlm_rl.config import DataConfig
from vlm_rl.data.decode import decode_image, scaled_down, to_rgb
from vlm_rl.data.image_uri import RowSource, digest, parse_synth_uri, read_encoded
from vlm_rl.types import ImageRef

CACHE_PIXELS = 32_000_000  # decoded, in all: about 96 MB


class ImageStore:
    """Implements `types.ImageLoader`. Safe to call from several threads.

    row_sources: by source name, for `row:` images.
    """

    def __init__(
        self,
        cfg: DataConfig,
        row_sources: Mapping[str, RowSource] | None = None,
        *,
        cache_pixels: int = CACHE_PIXELS,
    ) -> None:
        self._bomb_pixels = cfg.image_bomb_pixels
        self._row_sources = dict(row_sources or {})
        self._cache = _PixelCache(cache_pixels)

    def __call__(self, ref: ImageRef) -> Image.Image:
        """The RGB image of at most `ref.max_pixels`; a copy, yours to change.

        Raises ValueError naming the uri if the image is missing, changed since the prompt was drawn, corrupt or a bomb.
        """
        image = self._cache.get(ref)
        if image is None:
            image = draw_image(ref) if ref.uri.startswith("synth:") else self._load(ref)
            self._cache.put(ref, image)
        return image.copy()

    def _load(self, ref: ImageRef) -> Image.Image:
        data = read_encoded(ref.uri, self._row_sources)
        found = digest(data)
        if found != ref.sha256:
            raise ValueError(
                f"{ref.uri}: the image changed since the prompt was drawn (SHA-256 {found[:12]}..., was "
                f"{ref.sha256[:12]}...): restore it, or start a new run"
            )
        try:
            return decode_image(data, max_pixels=ref.max_pixels, bomb_pixels=self._bomb_pixels)
        except ValueError as error:
            raise ValueError(f"{ref.uri}: {error}") from None


def draw_image(ref: ImageRef) -> Image.Image:
    """A `synth:` image, drawn again from its uri. Raises ValueError if the uri or its item is not data_synth's."""
    if digest(ref.uri) != ref.sha256:
        raise ValueError(f"{ref.uri}: the SHA-256 of a synth image must be that of its uri, got {ref.sha256[:12]}...")
    item_id, modality, position, size = parse_synth_uri(ref.uri)
    images = data_synth.Item.from_id(item_id).images(modality, size)
    if position >= len(images):
        raise ValueError(f"{ref.uri}: the item has {len(images)} images, so no image {position}")
    return scaled_down(to_rgb(images[position]), ref.max_pixels)


class _PixelCache:
    """Least recently used images, bounded by their pixels in all: one count cannot fit both icons and posters."""

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._pixels = 0
        self._images: OrderedDict[ImageRef, Image.Image] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, ref: ImageRef) -> Image.Image | None:
        with self._lock:
            if ref in self._images:
                self._images.move_to_end(ref)
            return self._images.get(ref)

    def put(self, ref: ImageRef, image: Image.Image) -> None:
        size = image.width * image.height
        with self._lock:
            if size > self._max_pixels or ref in self._images:
                return
            self._images[ref] = image
            self._pixels += size
            while self._pixels > self._max_pixels:
                _, dropped = self._images.popitem(last=False)
                self._pixels -= dropped.width * dropped.height
