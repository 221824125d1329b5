"""Parquet: the records and pictures of the tar shards, in small row groups, with the Image feature in the schema."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest

from data_synth.parquet import ROW_GROUP, TEXTS, parquet_bytes
from data_synth.records import Record
from data_synth.write import write_dataset

FAMILIES = {"scene_count": (0,), "expression": (1,)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data")
    modalities = ("text", "image", "rendered", "photo")
    write_dataset(out, FAMILIES, 6, image_size=64, formats=("webdataset", "parquet"), modalities=modalities)
    return out


def tar_rows(path: Path) -> list[dict[str, Any]]:
    """Rows as parquet should have them, from a tar shard."""
    rows: dict[str, dict[str, Any]] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            key, suffix = member.name.split(".", 1)
            file = archive.extractfile(member)
            assert file is not None
            row = rows.setdefault(key, {"image": None, "images": []})
            if suffix == "json":
                row.update(json.load(file))
            else:
                assert row["image"] is None
                row["image"] = {"bytes": file.read(), "path": member.name}
    return list(rows.values())


@pytest.mark.parametrize("group", ["image", "photo", "rendered", "text"])
def test_parquet_holds_the_records_and_bytes_of_the_tar(folder: Path, group: str) -> None:
    table = pq.read_table(folder / f"{group}-00000.parquet")
    assert table.to_pylist() == tar_rows(folder / f"{group}-00000.tar")


def test_every_file_has_the_same_schema_with_image_features(folder: Path) -> None:
    schemas = [pq.read_schema(path) for path in folder.glob("*.parquet")]
    assert len(schemas) == 4 and all(schema.equals(schemas[0], check_metadata=True) for schema in schemas)
    features = datasets.Features.from_arrow_schema(schemas[0])
    assert features["image"] == datasets.Image() and features["images"] == datasets.List(datasets.Image())
    assert list(features) == schemas[0].names


def record(number: int, pictures: int) -> Record:
    fields: dict[str, str | int] = {name: f"{name} {number}" for name in TEXTS}
    return Record(
        fields | {"level": number % 5}, tuple(("png", bytes([number % 251, n]) * 40) for n in range(pictures))
    )


def test_row_groups_are_small_and_pictures_are_not_compressed_again() -> None:
    held = pq.ParquetFile(io.BytesIO(parquet_bytes((f"k{n}", record(n, 1)) for n in range(2 * ROW_GROUP + 7))))
    metadata = held.metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [ROW_GROUP, ROW_GROUP, 7]
    columns = [metadata.row_group(0).column(n) for n in range(metadata.num_columns)]
    codecs = {column.path_in_schema: column.compression for column in columns}
    assert codecs["image.bytes"] == "UNCOMPRESSED" and codecs["trace"] == "ZSTD"


@pytest.mark.parametrize("pictures", [0, 1, 2, 3])
def test_one_picture_is_a_picture_and_several_are_a_list(pictures: int) -> None:
    (row,) = pq.read_table(io.BytesIO(parquet_bytes([("k", record(3, pictures))]))).to_pylist()
    expected = [{"bytes": bytes([3, n]) * 40, "path": f"k.{n:03d}.png"} for n in range(pictures)]
    assert row["images"] == (expected if pictures > 1 else [])
    assert row["image"] == (expected[0] if pictures == 1 else None)


def test_equal_records_give_equal_bytes() -> None:
    rows = [(f"k{n}", record(n, n % 3)) for n in range(120)]
    assert parquet_bytes(rows) == parquet_bytes(iter(rows))
    assert parquet_bytes(rows) != parquet_bytes(rows[::-1])
