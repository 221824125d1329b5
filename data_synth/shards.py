"""One shard: a tar or parquet file, or both, whose bytes depend on its records alone."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data_synth.atomic_file import write_atomically
from data_synth.generate import ItemError, make
from data_synth.hold_out import HoldOut, dressed
from data_synth.item import Item
from data_synth.parquet import parquet_bytes
from data_synth.records import Record, encode

FORMATS = {"webdataset": ".tar", "parquet": ".parquet"}  # name -> ending of its files


@dataclass(frozen=True, slots=True)
class Look:
    """What is common to all shards of a data set. hold_out: given for an eval split, whose items are drawn in it."""

    image_size: int
    formats: tuple[str, ...]
    hold_out: HoldOut | None


@dataclass(frozen=True, slots=True)
class Shard:
    """Records to be written: of one modality, with the same number of pictures.

    first: number of its first record among those. families, levels, cells, indices: record i is the item
    (families[cells[i]], levels[cells[i]], indices[i]).
    """

    name: str
    modality: str
    first: int
    families: tuple[str, ...]
    levels: tuple[int, ...]
    cells: array[int]
    indices: array[int]

    def __len__(self) -> int:
        return len(self.cells)

    def files(self, formats: tuple[str, ...]) -> list[str]:
        return [self.name + FORMATS[name] for name in formats]


def write_shard(folder: str, look: Look, shard: Shard) -> dict[str, str]:
    """Make the items of a shard, write its files into the folder and return their SHA-256.

    Raises OSError naming the file, e.g. when the disk is full; no file is left half written. ItemError (a
    RuntimeError) naming an item that cannot be drawn or told.
    """
    records = list(_records(look, shard))
    digests: dict[str, str] = {}
    for name in look.formats:
        data = tar_bytes(records) if name == "webdataset" else parquet_bytes(records)
        file = shard.name + FORMATS[name]
        write_atomically(Path(folder) / file, data)
        digests[file] = hashlib.sha256(data).hexdigest()
    return digests


def _records(look: Look, shard: Shard) -> Iterator[tuple[str, Record]]:
    """(key, record), in order; no key comes twice in a data set."""
    group = shard.name.rpartition("-")[0]
    for number, (cell, index) in enumerate(zip(shard.cells, shard.indices, strict=True), shard.first):
        item = make(shard.families[cell], shard.levels[cell], index)
        yield f"{group}-{number:09d}", _record(look, item, shard.modality)


def _record(look: Look, item: Item, modality: str) -> Record:
    try:
        return encode(dressed(item, look.hold_out) if look.hold_out else item, modality, look.image_size)
    except (OSError, MemoryError):  # the machine's fault
        raise
    except Exception as error:
        raise ItemError(
            f"{item.id}#{modality}: could not be drawn or told: {error!r}; leave {item.family}:{item.level} out"
        ) from error


def tar_bytes(records: list[tuple[str, Record]]) -> bytes:
    """A whole tar file: KEY.000.png, KEY.001.png ..., KEY.json of each record."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for key, record in records:
            parts = [(f"{place:03d}.{ending}", data) for place, (ending, data) in enumerate(record.images)]
            parts.append(("json", json.dumps(record.fields, sort_keys=True).encode()))
            for suffix, data in parts:
                member = tarfile.TarInfo(f"{key}.{suffix}")  # mtime 0, owner 0
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
            archive.members = []  # type: ignore[attr-defined]  # tarfile remembers every member it has written
    return buffer.getvalue()
