"""Data sets with names held out: the train split shows none of them, the eval split shows them wherever it can."""

from __future__ import annotations

import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageFont

from data_synth import Item
from data_synth.families import FAMILIES
from data_synth.families.scenes.scene_count import SceneCount
from data_synth.item import Parts
from data_synth.render import fonts, glyphs
from data_synth.render.canvas import Canvas
from data_synth.render.style import pick_style
from data_synth.rng import Rng
from data_synth.write import write_dataset


class Styled(SceneCount):
    """Items with a font and a palette, also a dark one."""

    name = "styled"

    def logic(self, rng: Rng, level: int) -> Parts | None:
        parts = super().logic(rng, level)
        return parts and replace(parts, scene={**parts.scene, "style": pick_style(rng)})


def looks_in(folder: Path) -> list[dict[str, str]]:
    """The looks of the items that the shards of a folder name."""
    found = []
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member)
                if file and member.name.endswith(".json"):
                    found.append(Item.from_id(json.load(file)["id"].split("#")[0]).scene["style"])
    return found


def test_what_is_held_out_is_not_in_the_train_split_and_is_what_the_eval_split_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "styled", Styled())
    held = {"fonts": ["roboto"], "palettes": ["night", "cream", "mint"]}
    write_dataset(tmp_path / "train", {"styled": (0,)}, 20, image_size=32, hold_out=held)
    looks = looks_in(tmp_path / "train")
    assert len(looks) == 20
    assert not [look for look in looks if look["face"] == "roboto" or look["theme"] in held["palettes"]]
    card = json.loads((tmp_path / "train" / "dataset_card.json").read_text())
    assert card["hold_out"] == {"families": [], "fonts": ["roboto"], "palettes": ["cream", "mint", "night"]}
    drawn: list[dict[str, str]] = []

    def draw(family: Styled, item: Item, size: int) -> list[Canvas]:
        drawn.append(item.scene["style"])
        return [Canvas(9, 9, size)]

    monkeypatch.setattr(Styled, "draw", draw)
    write_dataset(tmp_path / "eval", {"styled": (0,)}, 20, image_size=32, split="eval", hold_out=held)
    assert {look["face"] for look in drawn} == {"roboto"}
    assert {look["theme"] for look in drawn} == {"cream", "mint"}  # a dark one is for pages only


@pytest.mark.parametrize("split", ["train", "eval"])
def test_a_held_out_font_is_read_in_one_split_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split: str
) -> None:
    """Also in the pages around figures, whose labels may be in a font of their own."""
    opened: set[str] = set()
    truetype = ImageFont.truetype

    def noting(file: Any, *arguments: Any, **options: Any) -> ImageFont.FreeTypeFont:
        if isinstance(file, str):  # Pillow's own font is no file
            opened.add(Path(file).name)
        return truetype(file, *arguments, **options)

    monkeypatch.setattr(ImageFont, "truetype", noting)
    for module in (fonts, glyphs):
        for kept in vars(module).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()
    write_dataset(
        tmp_path,
        {"scene_count": (0, 2), "bar_chart": (1,), "expression": (1,), "receipt": (0,)},
        12,
        split=split,
        modalities=["image", "rendered", "screenshot", "photo"],
        hold_out={"fonts": ["roboto"]},
    )
    sans = {name for name in opened if not name.startswith("DejaVu")}
    assert sans and all(name.startswith("Roboto-") == (split == "eval") for name in sans)


def test_a_held_out_palette_leaves_the_levels_that_are_drawn_in_others_too(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"scene_count": (2,)}, 10, image_size=32, hold_out={"palettes": ["white", "grey"]})
    looks = looks_in(tmp_path)
    assert len(looks) == 10
    assert {look["theme"] for look in looks} == {"cream", "mint"}


def test_levels_that_are_always_drawn_in_a_held_out_palette_are_for_the_eval_split_alone(tmp_path: Path) -> None:
    held = {"palettes": ["white"]}
    assert write_dataset(tmp_path, {"scene_count": (0,)}, 5, image_size=32, split="eval", hold_out=held).records == 5
    with pytest.raises(ValueError, match="every item of scene_count:0 is drawn in some of palettes=white"):
        write_dataset(tmp_path / "train", {"scene_count": (0, 2)}, 5, hold_out=held)
    assert not (tmp_path / "train").exists()
