"""Golden hashes: content and pixels of three items of every cell.

If one changes on purpose, raise GEN_VERSION and run `python tests/data_synth/test_golden.py`.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import PIL
import pytest

from data_synth import DEFAULT_MODALITIES, FAMILIES, GEN_VERSION, LEVELS, Item, make

PATH = Path(__file__).with_name("golden.json")
TYPST = version("typst")
INDICES = (0, 1, 12345678901)


def own_modality(item: Item) -> str:
    """image, or rendered for a text family."""
    return [modality for modality in item.modalities if modality in DEFAULT_MODALITIES][-1]


def content(family: str, level: int) -> list[list[str]]:
    items = [make(family, level, index) for index in INDICES]
    return [
        [item.content_hash, hashlib.sha256((item.prompt(m) + item.trace(m, 0)).encode()).hexdigest()[:16]]
        for item in items
        for m in [own_modality(item)]
    ]


def pixels(family: str, level: int) -> list[str]:
    items = [make(family, level, index) for index in INDICES]
    return [hashlib.sha256(item.images(own_modality(item), 96)[0].tobytes()).hexdigest()[:16] for item in items]


def twins(family: str, level: int) -> dict[str, list[str]]:
    """Prompt and pixels of one item in each of its other modalities."""
    item = make(family, level, INDICES[1])
    return {
        m: [
            hashlib.sha256(item.prompt(m).encode()).hexdigest()[:16],
            hashlib.sha256(b"".join(image.tobytes() for image in item.images(m, 96))).hexdigest()[:16],
        ]
        for m in item.modalities
        if m not in DEFAULT_MODALITIES
    }


def measured() -> dict[str, object]:
    cells = [(family, level) for family in FAMILIES for level in LEVELS]
    return {
        "gen_version": GEN_VERSION,
        "pillow": PIL.__version__,
        "typst": TYPST,
        "content": {f"{family}/{level}": content(family, level) for family, level in cells},
        "pixels": {f"{family}/{level}": pixels(family, level) for family, level in cells},
        "twins": {f"{family}/{level}": twins(family, level) for family, level in cells},
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_contents_and_wordings_are_those_of_this_generator_version(family: str) -> None:
    golden = json.loads(PATH.read_text("utf-8"))
    assert golden["gen_version"] == GEN_VERSION
    for level in LEVELS:
        assert content(family, level) == golden["content"][f"{family}/{level}"]


def golden_pixels() -> dict[str, dict[str, object]]:
    golden: dict[str, dict[str, object]] = json.loads(PATH.read_text("utf-8"))
    for library, here in (("pillow", PIL.__version__), ("typst", TYPST)):
        if golden[library] != here:
            pytest.skip(f"golden pixels are of {library} {golden[library]}, this is {here}")
    return golden


@pytest.mark.parametrize("family", FAMILIES)
def test_pixels_are_those_of_this_generator_version(family: str) -> None:
    golden = golden_pixels()
    for level in LEVELS:
        assert pixels(family, level) == golden["pixels"][f"{family}/{level}"]


@pytest.mark.parametrize("family", FAMILIES)
def test_twins_are_those_of_this_generator_version(family: str) -> None:
    golden = golden_pixels()
    for level in LEVELS:
        assert twins(family, level) == golden["twins"][f"{family}/{level}"]


if __name__ == "__main__":
    PATH.write_text(json.dumps(measured(), indent=1) + "\n", "utf-8")
