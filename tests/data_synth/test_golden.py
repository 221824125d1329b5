"""Golden hashes: content and pixels of three items of every cell.

If one changes on purpose, raise GEN_VERSION and run `python tests/data_synth/test_golden.py`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import PIL
import pytest

from data_synth import FAMILIES, GEN_VERSION, LEVELS, make

PATH = Path(__file__).with_name("golden.json")
INDICES = (0, 1, 12345678901)


def content(family: str, level: int) -> list[list[str]]:
    items = [make(family, level, index) for index in INDICES]
    return [
        [item.content_hash, hashlib.sha256((item.prompt(m) + item.trace(m, 0)).encode()).hexdigest()[:16]]
        for item in items
        for m in item.modalities[-1:]
    ]


def pixels(family: str, level: int) -> list[str]:
    items = [make(family, level, index) for index in INDICES]
    return [hashlib.sha256(item.images(item.modalities[-1], 96)[0].tobytes()).hexdigest()[:16] for item in items]


def measured() -> dict[str, object]:
    cells = [(family, level) for family in FAMILIES for level in LEVELS]
    return {
        "gen_version": GEN_VERSION,
        "pillow": PIL.__version__,
        "content": {f"{family}/{level}": content(family, level) for family, level in cells},
        "pixels": {f"{family}/{level}": pixels(family, level) for family, level in cells},
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_contents_and_wordings_are_those_of_this_generator_version(family: str) -> None:
    golden = json.loads(PATH.read_text("utf-8"))
    assert golden["gen_version"] == GEN_VERSION
    for level in LEVELS:
        assert content(family, level) == golden["content"][f"{family}/{level}"]


@pytest.mark.parametrize("family", FAMILIES)
def test_pixels_are_those_of_this_generator_version(family: str) -> None:
    golden = json.loads(PATH.read_text("utf-8"))
    if golden["pillow"] != PIL.__version__:
        pytest.skip(f"golden pixels are of Pillow {golden['pillow']}, this is {PIL.__version__}")
    for level in LEVELS:
        assert pixels(family, level) == golden["pixels"][f"{family}/{level}"]


if __name__ == "__main__":
    PATH.write_text(json.dumps(measured(), indent=1) + "\n", "utf-8")
