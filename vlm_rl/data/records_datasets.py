"""Records of anything `datasets` can load: a hub id, a folder (parquet, images ..., or saved to disk), or one file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from vlm_rl.data.columns import column_value
from vlm_rl.data.image_uri import row_uri
from vlm_rl.data.records import BadRecord, ImageValue, Record
from vlm_rl.data.records_jsonl import existing_file_uri

if TYPE_CHECKING:
    import datasets
    import pyarrow

BUILDERS = {".parquet": "parquet", ".json": "json", ".jsonl": "json", ".csv": "csv", ".arrow": "arrow"}
SCAN_ROWS = 512


@dataclass(frozen=True, slots=True)
class HeldBytes:
    """Stands for a binary value that was left in the table."""

    size: int


class DatasetRecords:
    """Rows of a memory-mapped table. Images stay encoded: rows are read as Arrow, never decoded as features.

    name: of the source, for `row:` uris. Raises ValueError if the data set or the split cannot be loaded.
    """

    def __init__(self, path: str, config_name: str | None, split: str, name: str) -> None:
        self.name = name
        self.place = f"{path}[{split}]"
        self._table = load_table(path, config_name, split).with_format("arrow")

    def scan(self) -> Iterator[Record | BadRecord]:
        for start in range(0, len(self._table), SCAN_ROWS):
            yield from self._rows(start, min(start + SCAN_ROWS, len(self._table)))

    def read(self, row: int) -> Record:
        return next(self._rows(row, row + 1))

    def _rows(self, start: int, stop: int) -> Iterator[Record]:
        table = self._table[start:stop]
        columns = {
            name: [value for chunk in table.column(name).chunks for value in without_bytes(chunk)]
            for name in table.column_names
        }
        for row in range(start, stop):
            fields = {name: values[row - start] for name, values in columns.items()}
            yield Record(row, str(row), f"{self.place} row {row}", fields)

    def image_uri(self, record: Record, image: ImageValue) -> str:
        value = image.value
        held, path = (value.get("bytes"), value.get("path")) if isinstance(value, dict) else (value, None)
        if isinstance(held, HeldBytes):
            return row_uri(self.name, record.row, image.column, image.position)
        if isinstance(path, str):
            return existing_file_uri(path, record.where)
        raise BadRecord(
            record.where,
            "bad image",
            f"column {image.column!r} must hold images (feature Image) or encoded bytes, got {type(value).__name__}",
        )

    def row_bytes(self, index: int, column: str, position: int) -> bytes:
        """Encoded bytes of one image. Raises ValueError if the table has no such row, column or position."""
        value = None
        if index < len(self._table):
            value = column_value(self._table[index : index + 1].to_pylist()[0], column)
        if isinstance(value, list):
            value = value[position] if position < len(value) else None
        data = value.get("bytes") if isinstance(value, dict) else value
        if not isinstance(data, bytes):
            raise ValueError(
                f"{self.place} row {index}: column {column!r} has no image {position}; did the data set change?"
            )
        return data


def without_bytes(values: pyarrow.Array) -> list[Any]:
    """`values.to_pylist()` with HeldBytes for every binary value, at any depth, so that a scan copies no image."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return [None if size is None else HeldBytes(size) for size in pc.binary_length(values).to_pylist()]
    if pa.types.is_struct(kind):
        names = [field.name for field in kind]
        rows = zip(*(without_bytes(part) for part in values.flatten()), strict=True)
        return [
            dict(zip(names, row, strict=True)) if valid else None
            for row, valid in zip(rows, values.is_valid().to_pylist(), strict=True)
        ]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        items = iter(without_bytes(values.flatten()))
        return [
            None if size is None else list(islice(items, size)) for size in pc.list_value_length(values).to_pylist()
        ]
    return values.to_pylist()


def load_table(path: str, config_name: str | None, split: str) -> datasets.Dataset:
    """One split of a hub data set, local folder or local file. Raises ValueError with the cause."""
    import datasets
    from datasets.exceptions import DatasetsError

    try:
        if os.path.isfile(path):
            return datasets.load_dataset(_builder(path), data_files={split: path}, split=split)
        if os.path.isfile(os.path.join(path, "dataset_dict.json")):
            return datasets.load_from_disk(path)[split]
        if os.path.isfile(os.path.join(path, "state.json")):
            return datasets.load_from_disk(path)
        return datasets.load_dataset(path, name=config_name, split=split)
    except (OSError, ValueError, KeyError, DatasetsError) as error:
        raise ValueError(f"data.sources: `datasets` cannot load split {split!r} of {path}: {error}") from error


def _builder(path: str) -> str:
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in BUILDERS:
        raise ValueError(f"a data file must end in one of {', '.join(BUILDERS)}, got {path!r}")
    return BUILDERS[suffix]
