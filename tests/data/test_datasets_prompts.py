"""Prompts from Hugging Face `datasets`: parquet, image folders, saved sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pytest
from made_sources import BLUE, GOOD, LIME, RED, colours, opened, png, write_jsonl

from vlm_rl.data.records import BadRecord


@pytest.fixture(autouse=True)
def _private_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the cache out of the home folder, and `datasets` off the network."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


def image_dataset(images: list[Any], **columns: list[Any]) -> Any:
    rows = len(images)
    table = {"question": ["?"] * rows, "answer": [str(row) for row in range(rows)], **columns, "image": images}
    return datasets.Dataset.from_dict(table).cast_column("image", datasets.Image())


def test_a_parquet_folder_with_an_image_feature(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    image_dataset([png("red"), None, png("blue")]).to_parquet(tmp_path / "set" / "train-0.parquet")
    source = opened("datasets", tmp_path / "set")
    assert source.ids == ["set/0", "set/1", "set/2"]
    assert source.modalities == ["image", "text", "image"]
    assert [colours(source, source.prompt(row)) for row in range(3)] == [[RED], [], [BLUE]]
    assert source.prompt(0).images[0].uri == "row:set#0/image/0"


def test_lists_of_images_with_nulls_and_dotted_columns(tmp_path: Path) -> None:
    features = datasets.Features(
        {
            "qa": {"q": datasets.Value("string"), "a": datasets.Value("int64")},
            "pages": datasets.List(datasets.Image()),
        }
    )
    rows = [
        {"qa": {"q": "<image 2><image 1>", "a": 3}, "pages": [png("red"), None, png("blue")]},
        {"qa": {"q": "none", "a": 4}, "pages": []},
        {"qa": {"q": "null", "a": 5}, "pages": None},
    ]
    datasets.Dataset.from_list(rows, features=features).to_parquet(tmp_path / "pages.parquet")
    columns = {"question": "qa.q", "answer": "qa.a", "images": ["pages"]}
    source = opened("datasets", tmp_path / "pages.parquet", columns=columns)
    assert source.modalities == ["image", "text", "text"]
    assert colours(source, source.prompt(0)) == [BLUE, RED]
    assert source.prompt(0).images[0].uri == "row:pages.parquet#0/pages/2"
    assert [source.prompt(row).answer for row in range(3)] == ["3", "4", "5"]


def test_an_image_folder_keeps_its_files_where_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.png").write_bytes(png("lime"))
    write_jsonl(folder / "metadata.jsonl", {"file_name": "a.png", **GOOD})
    source = opened("datasets", folder)
    assert source.prompt(0).images[0].uri == f"file:{folder / 'a.png'}"
    assert colours(source, source.prompt(0)) == [LIME]


def test_a_data_set_saved_to_disk(tmp_path: Path) -> None:
    both = datasets.DatasetDict({"train": image_dataset([png("red")]), "test": image_dataset([png("blue")])})
    both.save_to_disk(tmp_path / "both")
    source = opened("datasets", tmp_path / "both", split="test")
    assert colours(source, source.prompt(0)) == [BLUE]
    both["train"].save_to_disk(tmp_path / "one")
    one = opened("datasets", tmp_path / "one")
    assert colours(one, one.prompt(0)) == [RED]


def test_more_rows_than_one_scanned_batch_keep_their_order(tmp_path: Path) -> None:
    image_dataset([png("red") if row % 7 == 0 else None for row in range(1100)]).to_parquet(tmp_path / "t.parquet")
    source = opened("datasets", tmp_path / "t.parquet")
    assert source.modalities == ["image" if row % 7 == 0 else "text" for row in range(1100)]
    assert [source.prompt(row).answer for row in (0, 511, 512, 1099)] == ["0", "511", "512", "1099"]


def test_bad_rows_are_named_or_counted(tmp_path: Path) -> None:
    image_dataset([None] * 3, answer=["1", None, "3"]).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(BadRecord, match=r"t\.parquet\[train\] row 1: empty answer"):
        opened("datasets", tmp_path / "t.parquet")
    source = opened("datasets", tmp_path / "t.parquet", skip=True)
    assert (source.ids, source.skipped) == (["t.parquet/0", "t.parquet/2"], {"empty answer": 1})


def test_a_corrupt_image_in_a_row_is_named(tmp_path: Path) -> None:
    image_dataset([png("red"), b"broken"]).to_parquet(tmp_path / "t.parquet")
    source = opened("datasets", tmp_path / "t.parquet")
    with pytest.raises(BadRecord, match=r"row 1: corrupt image: row:t\.parquet#1/image/0"):
        source.prompt(1)


def test_columns_without_images_are_refused_as_image_columns(tmp_path: Path) -> None:
    datasets.Dataset.from_list([{**GOOD, "image": "a.png"}]).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(BadRecord, match="bad image: column 'image' must hold images"):
        opened("datasets", tmp_path / "t.parquet")


@pytest.mark.parametrize(("name", "split"), [("t.parquet", "nope"), ("t.xyz", "train"), ("absent", "train")])
def test_what_datasets_cannot_load_is_refused_with_its_cause(tmp_path: Path, name: str, split: str) -> None:
    (tmp_path / "set").mkdir()
    image_dataset([None]).to_parquet(tmp_path / "set" / "t.parquet")
    (tmp_path / "t.xyz").write_text("")
    path = tmp_path / "set" if name == "t.parquet" else tmp_path / name
    with pytest.raises(ValueError, match=f"cannot load split '{split}' of"):
        opened("datasets", path, split=split)


def test_a_binary_column_is_no_answer(tmp_path: Path) -> None:
    datasets.Dataset.from_list([{"question": "?", "answer": b"1"}]).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(BadRecord, match="row 0: bad answer"):
        opened("datasets", tmp_path / "t.parquet")
