"""Opening sources, and the endless ones among them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import data_synth
from vlm_rl.config import DataConfig, SynthSource
from vlm_rl.data.images import ImageStore
from vlm_rl.data.prompts import Cell, FilePrompts, SynthPrompts, load_sources

FAMILIES = tuple(data_synth.FAMILIES)


def config(*sources: dict[str, Any], **options: Any) -> DataConfig:
    return DataConfig.model_validate({"sources": sources, **options})


def synth(families: dict[str, tuple[int, ...]], image_size: int = 64) -> SynthPrompts:
    cfg = config({"kind": "synth", "families": families, "image_size": image_size}, image_max_pixels=5000)
    source = cfg.sources[0]
    assert isinstance(source, SynthSource)
    return SynthPrompts(source, cfg)


def test_cells_are_families_times_levels_times_modalities() -> None:
    source = synth({name: (1, 0) for name in FAMILIES})
    expected = [
        f"{name}/{level}/{modality}"
        for name in FAMILIES
        for level in (1, 0)
        for modality in data_synth.cell_modalities(name)
        if modality in data_synth.DEFAULT_MODALITIES
    ]
    assert [str(cell) for cell in source.cells] == expected


@pytest.mark.parametrize("family", FAMILIES)
def test_synth_prompts_say_what_their_items_say(family: str) -> None:
    source = synth({family: (0,)})
    for cell in source.cells:
        for index in range(12):
            item = data_synth.make(family, 0, index)
            prompt = source.prompt(cell, index, split=item.split)
            assert prompt is not None
            assert prompt.id == f"{family}/0/{index}@{data_synth.GEN_VERSION}#{cell.modality}"
            assert prompt.messages[0].content == item.prompt(cell.modality)
            assert prompt.messages[0].content.count("<image>") == len(prompt.images)
            assert (prompt.answer, prompt.verifier) == (item.answer.to_text(), "typed")
            assert prompt.cell == str(cell)
            assert bool(prompt.images) == (cell.modality != "text")


@pytest.mark.parametrize("family", FAMILIES)
def test_each_item_is_in_exactly_one_split_and_always_the_same(family: str) -> None:
    source, again = synth({family: (0,)}), synth({family: (0,)})
    cell = source.cells[0]
    both = [
        (source.prompt(cell, index, split="train"), source.prompt(cell, index, split="eval")) for index in range(60)
    ]
    assert all((train is None) != (held_out is None) for train, held_out in both)
    assert 0 < sum(held_out is not None for _, held_out in both) < 30
    assert [train for train, _ in both] == [again.prompt(cell, index) for index in range(60)]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_image_of_a_synth_prompt_can_be_loaded(family: str) -> None:
    source = synth({family: (0,)})
    load = ImageStore(config({"kind": "synth", "families": {family: (0,)}}))
    for cell in source.cells:
        prompt = source.prompt(cell, 1) or source.prompt(cell, 1, split="eval")
        assert prompt is not None
        images = [load(ref) for ref in prompt.images]
        assert len(images) == prompt.messages[0].content.count("<image>")
        assert all(image.mode == "RGB" and 64 <= max(image.size) <= 96 for image in images)  # text keeps its scale


def test_unknown_families_levels_and_splits_are_refused() -> None:
    known = FAMILIES[0]
    with pytest.raises(ValueError, match=f"unknown family '{known}s'; did you mean {known}"):
        synth({f"{known}s": (0,)})
    with pytest.raises(ValueError, match=f"family {known} has the levels 0, .*got 99; the nearest is"):
        synth({known: (0, 99)})
    with pytest.raises(ValueError, match=r"must name each level once, got \[0, 0\]"):
        synth({known: (0, 0)})
    with pytest.raises(ValueError, match="split must be train or eval, got 'test'"):
        synth({known: (0,)}).prompt(Cell(known, 0, "image"), 0, split="test")


def write(path: Path) -> str:
    path.write_text(json.dumps({"question": "1 + 1?", "answer": 2}), "utf-8")
    return str(path)


def test_a_mix_of_sources_opens_in_the_order_of_the_config(tmp_path: Path) -> None:
    files = [{"kind": "jsonl", "path": write(tmp_path / name), "weight": 2.0} for name in ("a.jsonl", "b.jsonl")]
    endless = {"kind": "synth", "families": {FAMILIES[0]: [0]}}
    first, second, third = load_sources(config(files[0], endless, files[1]))
    assert isinstance(first, FilePrompts) and isinstance(second, SynthPrompts) and isinstance(third, FilePrompts)
    assert (first.ids, first.weight, third.ids) == (["a.jsonl/0"], 2.0, ["b.jsonl/0"])


def test_sources_that_share_a_name_or_a_cell_are_refused(tmp_path: Path) -> None:
    source = {"kind": "jsonl", "path": write(tmp_path / "a.jsonl")}
    with pytest.raises(ValueError, match=r"data\.sources\.0 and data\.sources\.1 must differ, but both are 'a\.jsonl'"):
        load_sources(config(source, source))
    endless = {"kind": "synth", "families": {FAMILIES[0]: [0]}}
    with pytest.raises(ValueError, match=f"both are 'cell {FAMILIES[0]}/0/"):
        load_sources(config(endless, endless))
