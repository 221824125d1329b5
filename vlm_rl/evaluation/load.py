"""Benchmark data as rows: from the hub, or from a local copy in any of the layouts that copies have.

A local copy is a folder (or one file) with, for each subset, a folder of its name or files that begin with it, or
nothing of the kind (one table for all subsets), in which the split is `SPLIT-*.parquet`, `SPLIT.parquet`,
`SPLIT.jsonl`, `SPLIT.json`, a folder SPLIT, or what `save_to_disk` wrote. Folders called `data` are looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlm_rl.data.image_uri import MAX_ENCODED_BYTES
from vlm_rl.data.records_datasets import BUILDERS, HeldBytes, without_bytes

if TYPE_CHECKING:
    import datasets

SCAN_ROWS = 256
SUFFIXES = (".parquet", ".jsonl", ".json")
_SHARD = re.compile(r".*-\d+-of-(\d+).*")


@dataclass(frozen=True, slots=True)
class Row:
    """One row without image bytes (`HeldBytes` stands for them); subset: None in a table of all subsets."""

    fields: Mapping[str, Any]
    subset: str | None
    table: int
    place: int  # row number in the table


class BenchmarkTables:
    """The tables of one split of a benchmark, one for each subset. Images stay encoded until `image_bytes`.

    Raises ValueError if nothing can be loaded, naming where it was looked for, or the columns that are missing.
    """

    def __init__(self, hub: str, subsets: Sequence[str], split: str, data: Path | None) -> None:
        loaded = load_local(data, subsets, split) if data else _load_hub(hub, subsets, split)
        self.where = f"{data or hub}[{split}]"
        self._folder = (data if data.is_dir() else data.parent) if data else Path()
        self._subsets = [subset for subset, _ in loaded]
        self._tables = [table.with_format("arrow") for _, table in loaded]

    def check_columns(self, wanted: Mapping[str | None, Sequence[str]]) -> None:
        """Raise ValueError unless each subset's table has its wanted columns, `a|b` being either."""
        for subset, table in zip(self._subsets, self._tables, strict=True):
            known = set(table.column_names)
            if missing := [name for name in wanted[subset] if not known & set(name.split("|"))]:
                part = f" ({subset})" if subset else ""
                raise ValueError(
                    f"{self.where}{part} lacks the columns {', '.join(missing)}; it has {', '.join(sorted(known))}"
                )

    def rows(self) -> Iterator[Row]:
        """All rows in order. NaN, as some tables write what is missing, becomes None."""
        for number, (subset, table) in enumerate(zip(self._subsets, self._tables, strict=True)):
            for start in range(0, len(table), SCAN_ROWS):
                part = table[start : start + SCAN_ROWS]
                columns = [
                    [None if value != value else value for chunk in column.chunks for value in without_bytes(chunk)]
                    for column in part.columns
                ]
                for place, values in enumerate(zip(*columns, strict=True), start):
                    yield Row(dict(zip(part.column_names, values, strict=True)), subset, number, place)

    def image_bytes(self, row: Row, column: str) -> bytes:
        """Encoded bytes of a row's image: held in the table, or in a file that the row names.

        Raises ValueError naming table, row and column if there is no such image.
        """
        where = f"{self.where} row {row.place}, column {column!r}"
        value = self._tables[row.table][row.place : row.place + 1].column(column)[0].as_py()
        held, path = (value.get("bytes"), value.get("path")) if isinstance(value, dict) else (value, None)
        if isinstance(held, bytes):
            return held
        path = held if isinstance(held, str) else path
        if not isinstance(path, str):
            raise ValueError(f"{where}: there must be an image or the path of one, got {type(value).__name__}")
        file = self._folder / path
        if not file.is_file() or file.stat().st_size > MAX_ENCODED_BYTES:
            raise ValueError(f"{where}: {file} is no file of at most {MAX_ENCODED_BYTES} bytes; put the image there")
        return file.read_bytes()


def has_image(value: Any) -> bool:
    """Whether a column's value is an image or the path of one; tables also write "no image" as a struct of nulls."""
    if isinstance(value, dict):
        return value.get("bytes") is not None or value.get("path") is not None
    return isinstance(value, HeldBytes) or (isinstance(value, str) and bool(value))


def _load_hub(hub: str, subsets: Sequence[str], split: str) -> list[tuple[str | None, datasets.Dataset]]:
    import datasets
    from datasets.exceptions import DatasetsError

    try:
        return [(subset, datasets.load_dataset(hub, name=subset, split=split)) for subset in subsets or (None,)]
    except (OSError, ValueError, KeyError, DatasetsError) as error:
        raise ValueError(
            f"`datasets` cannot load split {split!r} of {hub}: {error}\n"
            "Without a network, give a local copy with --data DIR."
        ) from error


def load_local(root: Path, subsets: Sequence[str], split: str) -> list[tuple[str | None, datasets.Dataset]]:
    """The tables of a local copy, with their subsets. Raises ValueError if there are none, or only of some subsets."""
    if not root.exists():
        raise ValueError(f"--data {root} does not exist")
    if root.is_file():
        return [(_only(subsets), _read([root], split))]
    found = {subset: _find_subset(root, subset, split) for subset in subsets}
    if any(found.values()):
        if missing := [subset for subset, files in found.items() if not files]:
            raise ValueError(
                f"--data {root} has split {split!r} of some subsets, but not of {', '.join(missing)}: "
                "add them, or name with --subset those that there are"
            )
        return [(subset, _read(files, split)) for subset, files in found.items()]
    if files := _find_split(root, split):
        return [(_only(subsets), _read(files, split))]
    raise ValueError(
        f"--data {root} holds no split {split!r}: looked for {split}-*.parquet, {split}.jsonl and the like, and for "
        "save_to_disk, " + (f"there and in folders such as {subsets[0]}" if subsets else "there and in data")
    )


def _only(subsets: Sequence[str]) -> str | None:
    return subsets[0] if len(subsets) == 1 else None


def _find_subset(root: Path, subset: str, split: str) -> list[Path]:
    if files := _find_split(root / subset, split):
        return files
    for folder in (root, root / "data"):
        entries = sorted(folder.iterdir()) if folder.is_dir() else []
        for entry in entries:
            if entry.stem.lower() == subset.lower() and entry.suffix in SUFFIXES:
                return [entry]
    return []


def _find_split(folder: Path, split: str) -> list[Path]:
    """What holds the split: files of rows, or one folder that `save_to_disk` wrote."""
    for saved in (folder / split, folder):
        if (saved / "state.json").is_file():
            return [saved]
    for place in (folder, folder / "data"):
        single = [file for suffix in SUFFIXES if (file := place / f"{split}{suffix}").is_file()]
        files = single[:1] or sorted(place.glob(f"{split}-*.parquet")) or sorted((place / split).glob("*.parquet"))
        if files:
            _check_shards(files)
            return files
    return []


def _check_shards(files: Sequence[Path]) -> None:
    """Raise ValueError if names such as test-00000-of-00002.parquet tell that some are missing."""
    for file in files:
        if (match := _SHARD.fullmatch(file.stem)) and int(match[1]) != len(files):
            raise ValueError(f"{file.parent} has {len(files)} of {int(match[1])} files such as {file.name}")


def _read(files: Sequence[Path], split: str) -> datasets.Dataset:
    import datasets
    from datasets.exceptions import DatasetsError

    first = files[0]
    if first.is_file() and first.suffix not in BUILDERS:
        raise ValueError(f"a data file must end in one of {', '.join(BUILDERS)}, got {first}")
    datasets.disable_progress_bars()  # of what takes a moment, once for each subset
    try:
        if first.is_dir():
            return datasets.load_from_disk(str(first))
        names = [str(file) for file in files]
        return datasets.load_dataset(BUILDERS[first.suffix], data_files={split: names}, split=split)
    except (OSError, ValueError, DatasetsError) as error:
        raise ValueError(f"`datasets` cannot read {first}: {error}") from error
