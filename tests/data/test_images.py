"""The image loader: every kind of uri, checked against its digest, cached by pixels."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import data_synth
from vlm_rl.config import DataConfig, SynthSource
from vlm_rl.data import image_uri
from vlm_rl.data.image_uri import digest, file_uri, parse_synth_uri, row_uri, synth_uri, tar_uri
from vlm_rl.data.images import ImageStore
from vlm_rl.types import ImageRef

FAMILY = next(name for name in data_synth.FAMILIES if "image" in data_synth.cell_modalities(name))


def store(cache_pixels: int = 10**6, **options: object) -> ImageStore:
    source = SynthSource(kind="synth", families={FAMILY: (0,)})
    cfg = DataConfig.model_validate({"sources": (source,), "image_bomb_pixels": 10_000, **options})
    return ImageStore(cfg, {"rows": Rows()}, cache_pixels=cache_pixels)


class Rows:
    """A table whose one image is red."""

    def row_bytes(self, index: int, column: str, position: int) -> bytes:
        if (index, column, position) != (3, "a/b#c", 1):
            raise ValueError(f"row {index}: no image")
        return png("red")

    def page_bytes(self, index: int, position: int) -> bytes:
        raise ValueError(f"row {index}: no page {position}")


def png(colour: str, side: int = 4) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()


def file_ref(path: Path, data: bytes, max_pixels: int = 10**6) -> ImageRef:
    path.write_bytes(data)
    return ImageRef(file_uri(str(path)), digest(data), max_pixels)


def synth_ref(item_id: str = f"{FAMILY}/0/5@{data_synth.GEN_VERSION}", position: int = 0, size: int = 96) -> ImageRef:
    uri = synth_uri(item_id, "image", position, size)
    return ImageRef(uri, digest(uri), 10**6)


def test_files_slices_of_shards_and_rows_are_found(tmp_path: Path) -> None:
    load = store()
    assert load(file_ref(tmp_path / "a#b+1.png", png("blue"))).getpixel((0, 0)) == (0, 0, 255)
    (tmp_path / "s#1.tar").write_bytes(b"before" + png("lime") + b"after")
    uri = tar_uri(str(tmp_path / "s#1.tar"), 6, len(png("lime")))
    assert load(ImageRef(uri, digest(png("lime")), 100)).getpixel((0, 0)) == (0, 255, 0)
    uri = row_uri("rows", 3, "a/b#c", 1)
    assert load(ImageRef(uri, digest(png("red")), 100)).getpixel((0, 0)) == (255, 0, 0)


def test_a_synth_image_is_drawn_again_from_its_uri_alone() -> None:
    ref = synth_ref()
    item = data_synth.make(FAMILY, 0, 5)
    expected = np.asarray(item.images("image", 96)[0].convert("RGB"))
    assert np.array_equal(np.asarray(store()(ref)), expected)
    assert max(expected.shape[:2]) == 96


@given(st.from_regex(r"[a-z_]{1,9}/\d{1,2}/\d{1,9}@\d", fullmatch=True), st.integers(0, 9), st.integers(32, 2048))
def test_synth_uris_round_trip(item_id: str, position: int, size: int) -> None:
    assert parse_synth_uri(synth_uri(item_id, "rendered", position, size)) == (item_id, "rendered", position, size)


@pytest.mark.parametrize("uri", ["synth:x", "synth:a/0/1@1#image/0", "synth:#image/0?size=9", "synth:a#image/x?size=9"])
def test_malformed_synth_uris_are_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="must read synth:ITEM_ID#MODALITY/POSITION"):
        store()(ImageRef(uri, digest(uri), 100))


def test_a_synth_image_that_the_item_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="so no image 9"):
        store()(synth_ref(position=9))
    with pytest.raises(ValueError, match="of generator version 999"):
        store()(synth_ref(f"{FAMILY}/0/5@999"))


def test_a_changed_image_is_refused(tmp_path: Path) -> None:
    ref = file_ref(tmp_path / "a.png", png("red"))
    (tmp_path / "a.png").write_bytes(png("blue"))
    with pytest.raises(ValueError, match=r"a\.png: the image changed since the prompt was drawn"):
        store()(ref)
    synth = synth_ref()
    with pytest.raises(ValueError, match="must be that of its uri"):
        store()(ImageRef(synth.uri, digest("other"), 100))


def test_missing_and_cut_files_are_refused(tmp_path: Path) -> None:
    ref = file_ref(tmp_path / "a.png", png("red"))
    (tmp_path / "a.png").unlink()
    with pytest.raises(ValueError, match=r"file:.*a\.png cannot be read"):
        store()(ref)
    (tmp_path / "s.tar").write_bytes(b"short")
    with pytest.raises(ValueError, match=r"s\.tar#3\+9: the file was cut: 2 of 9 bytes"):
        store()(ImageRef(tar_uri(str(tmp_path / "s.tar"), 3, 9), digest(b""), 100))


@pytest.mark.parametrize("uri", ["", "http://host/a.png", "tar:a.tar", "tar:a.tar#x+1", "row:rows", "row:rows#1/2"])
def test_malformed_uris_are_refused(uri: str) -> None:
    with pytest.raises(ValueError, match=f"^'{re.escape(uri)}' must read file:PATH, tar:"):
        store()(ImageRef(uri, digest(b""), 100))


def test_an_unknown_row_source_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no source is named 'other'; loaded are \['rows'\]"):
        store()(ImageRef(row_uri("other", 0, "image", 0), digest(b""), 100))


def test_bombs_corrupt_and_oversized_files_are_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"big\.png: a decompression bomb.*200 x 200"):
        store()(file_ref(tmp_path / "big.png", png("red", side=200)))
    with pytest.raises(ValueError, match=r"cut\.png: not a readable"):
        store()(file_ref(tmp_path / "cut.png", png("red")[:50]))
    monkeypatch.setattr(image_uri, "MAX_ENCODED_BYTES", 20)
    with pytest.raises(ValueError, match=r"a\.png: an encoded image must be at most 20 bytes"):
        store()(file_ref(tmp_path / "a.png", png("red")))


def test_the_budget_of_the_reference_holds(tmp_path: Path) -> None:
    assert store()(file_ref(tmp_path / "a.png", png("red", side=40), max_pixels=100)).size == (10, 10)
    ref = synth_ref()
    assert store()(ImageRef(ref.uri, ref.sha256, 100)).size[0] <= 10


def test_a_cached_image_cannot_be_spoilt_by_a_caller(tmp_path: Path) -> None:
    load = store()
    ref = file_ref(tmp_path / "a.png", png("red"))
    load(ref).paste("blue", (0, 0, 4, 4))
    (tmp_path / "a.png").unlink()  # so the second one is from the cache
    assert load(ref).getpixel((0, 0)) == (255, 0, 0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=25))
def test_the_cache_keeps_the_last_used_images_that_fit(
    tmp_path_factory: pytest.TempPathFactory, asked: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    load = store(cache_pixels=40)
    refs = [
        file_ref(folder / f"{place}.png", png("red", side=place + 1)) for place in range(6)
    ]  # 1, 4, 9 ... 36 pixels
    for place in asked:
        load(refs[place])
    last_used = list(dict.fromkeys(reversed(asked)))
    total, kept = 0, []
    for place in last_used:  # the most recent always stay; an older one may already have been pushed out
        total += (place + 1) ** 2
        if total > 40:
            break
        kept.append(place)
    for path in folder.iterdir():
        path.unlink()
    for place in kept:
        load(refs[place])  # raises if it has to read the file
    assert sum(image.width * image.height for image in load._cache._images.values()) <= 40


def test_several_threads_get_the_same_pixels(tmp_path: Path) -> None:
    load = store(cache_pixels=60)
    refs = [file_ref(tmp_path / f"{side}.png", png("red", side)) for side in range(1, 7)]
    with ThreadPoolExecutor(4) as pool:
        sizes = list(pool.map(lambda place: load(refs[place % 6]).size, range(120)))
    assert sizes == [(place % 6 + 1, place % 6 + 1) for place in range(120)]
