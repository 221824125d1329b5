"""Others read what is written: `datasets` (parquet, tar, the card's subsets), `webdataset`, and vlm_rl's sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import datasets
import pytest
import webdataset
from PIL import Image

from data_synth import Item
from data_synth.write import write_dataset
from vlm_rl.config import Columns, DataConfig, FileSource
from vlm_rl.data.file_prompts import FilePrompts
from vlm_rl.data.images import ImageStore

FAMILIES = {"scene_count": (0, 1), "expression": (1,)}
GROUPS = ("image", "photo", "rendered", "text")
SIZE = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data")
    formats = ("webdataset", "parquet")
    write_dataset(out, FAMILIES, 7, image_size=SIZE, shard_size=8, formats=formats, modalities=GROUPS)
    return out


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def load(*arguments: Any, **options: Any) -> Any:
        return datasets.load_dataset(*arguments, split="train", cache_dir=str(tmp_path), **options)

    return load


def check(record_id: str, question: str, images: list[Image.Image]) -> None:
    """A record says and shows what its item says and shows."""
    item_id, modality = record_id.split("#")
    item = Item.from_id(item_id)
    assert question == item.prompt(modality)
    drawn = item.images(modality, SIZE)
    assert len(images) == len(drawn)
    for image, wanted in zip(images, drawn, strict=True):
        assert image.size == wanted.size
        assert modality == "photo" or image.convert("RGB").tobytes() == wanted.tobytes()


def test_datasets_reads_all_parquet_files_together(folder: Path, load: Any) -> None:
    rows = load("parquet", data_files=str(folder / "*.parquet"))
    assert len(rows) == 7 * (2 * 2 + 3)
    for row in rows:
        check(row["id"], row["question"], [row["image"]] if row["image"] else row["images"])


@pytest.mark.parametrize("group", GROUPS)
def test_datasets_reads_the_tar_shards_of_a_group(folder: Path, load: Any, group: str) -> None:
    rows = load("webdataset", data_files=str(folder / f"{group}-*.tar"))
    assert len(rows) == (14 if group == "image" else 21 if group == "photo" else 7)
    for row in rows:
        images = [row[name] for name in ("000.png", "000.jpg") if name in row]
        check(row["json"]["id"], row["json"]["question"], images)


@pytest.mark.parametrize("group", GROUPS)
def test_datasets_reads_the_folder_by_the_cards_subsets(folder: Path, load: Any, group: str) -> None:
    for row in (rows := load(str(folder), group)):
        check(row["id"], row["question"], [row["image"]] if row["image"] else row["images"])
    assert {row["modality"] for row in rows} == {group}


def test_datasets_reads_a_folder_of_tar_shards_alone(tmp_path: Path, load: Any) -> None:
    write_dataset(tmp_path / "tars", {"scene_count": (0,)}, 3, image_size=SIZE)
    rows = load(str(tmp_path / "tars"), "image")
    assert len(rows) == 3
    check(rows[0]["json"]["id"], rows[0]["json"]["question"], [rows[0]["000.png"]])


def test_webdataset_reads_every_shard(folder: Path) -> None:
    shards = sorted(map(str, folder.glob("*.tar")))
    rows = list(webdataset.WebDataset(shards, shardshuffle=False).decode("pil"))
    assert len(rows) == 49
    for row in rows:
        check(row["json"]["id"], row["json"]["question"], [row[name] for name in ("000.png", "000.jpg") if name in row])


KINDS: tuple[tuple[Literal["webdataset", "datasets"], str], ...] = (("webdataset", "tar"), ("datasets", "parquet"))


@pytest.mark.parametrize(("kind", "ending"), KINDS)
@pytest.mark.parametrize("group", GROUPS)
def test_vlm_rl_asks_the_records_of_a_shard(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Literal["webdataset", "datasets"], ending: str,
    group: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path)
    assert check_prompts(kind, str(folder / f"{group}-00000.{ending}")) == {group}


def test_vlm_rl_asks_all_shards_together(folder: Path) -> None:
    assert check_prompts("webdataset", str(folder / "*.tar")) == set(GROUPS)
    assert check_prompts("webdataset", str(folder / "photo-{00000..00002}.tar")) == {"photo"}


def check_prompts(kind: Literal["webdataset", "datasets"], path: str) -> set[str]:
    """The prompts of a source are those of their items; returns the modalities of their ids."""
    source = FileSource(kind=kind, path=path, name="s", instruction="", columns=Columns(id="id", level="level"))
    cfg = DataConfig(sources=(source,), image_max_pixels=10**6)
    prompts = FilePrompts(source, cfg)
    store = ImageStore(cfg, {"s": prompts})
    for prompt in map(prompts.prompt, range(len(prompts))):
        item = Item.from_id(prompt.id[2:].split("#")[0])
        assert (prompt.verifier, prompt.answer) == ("typed", item.answer.to_text())
        assert (prompt.family, prompt.level) == (item.family, item.level)
        check(prompt.id[2:], prompt.messages[0].content, [store(ref) for ref in prompt.images])
    return {record_id.split("#")[1] for record_id in prompts.ids}
