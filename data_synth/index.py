"""Random access by id to the records of tar shards: one array entry a record, one `pread` a look-up.

    index = ShardIndex.open(folder)         # of a written data set, or ShardIndex.build(paths) for any shards
    index.get("scene_count/3/7@1#image")    # or a number 0 .. len - 1: {"json": ..., "000.png": ...}, bytes

A record is found by a 64-bit hash of its id, and checked by a CRC when it is read: a shard that was cut or changed is
an error that names it. The file holds a line of JSON and then the arrays; nothing in it is unpickled or evaluated.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data_synth.atomic_file import file_sha256, write_atomically
from data_synth.tar_shard import BLOCK, Member, OpenShards, key_of, members, records

INDEX = "index.bin"
MAGIC = "data_synth shard index 1"
COLUMNS = {
    "family": "<u1", "level": "<u1", "shard": "<u4", "offset": "<u8", "length": "<u4", "pair": "<u4", "crc": "<u4",
    "key": "<u8",
}  # fmt: skip


class ShardIndex:
    """arrays: by column name, one entry a record, in the order of the shards. Safe to read from several threads.

    families: names of the values of `family`. Records with the same `pair` are twins.
    """

    def __init__(self, shards: list[tuple[str, int]], families: list[str], arrays: dict[str, np.ndarray]) -> None:
        self.shards = shards  # (path, size in bytes)
        self.families = families
        self.arrays = arrays
        self._order = np.argsort(arrays["key"], kind="stable")
        self._keys = arrays["key"][self._order]
        if twice := np.flatnonzero(self._keys[1:] == self._keys[:-1]).tolist():
            where = self.shards[int(arrays["shard"][self._order[twice[0] + 1]])][0]
            raise ValueError(f"ids must be unique, but {len(twice)} come twice, one of them in {where}")
        self._paths = [path for path, _ in shards]
        self._places = [arrays[name] for name in ("shard", "offset", "length", "crc")]
        self._open = OpenShards()

    def __len__(self) -> int:
        return len(self.arrays["key"])

    def number(self, record_id: str) -> int:
        """The number of the record with this id. Raises KeyError if there is none."""
        key = np.uint64(hash_of(record_id))
        place = int(self._keys.searchsorted(key))
        if place == len(self._keys) or self._keys[place] != key:
            raise KeyError(f"no record has the id {record_id!r}")
        return int(self._order[place])

    def get(self, record: int | str) -> dict[str, bytes]:
        """The members of a record by suffix, e.g. "json" and "000.png". Takes a number or an id.

        Raises KeyError or IndexError if there is no such record, ValueError naming the shard if it was cut or changed.
        """
        number = self.number(record) if isinstance(record, str) else record
        shard, offset, length, crc = (column.item(number) for column in self._places)
        path = self._paths[shard]
        data = self._open.read(path, offset, length)
        if zlib.crc32(data) != crc:
            what = "cut" if len(data) < length else "changed"
            raise ValueError(f"{path} was {what} since it was indexed: restore it, or index it again")
        found, place = {}, 0
        while place < length:
            name, start = data[place : place + 100].rstrip(b"\0"), place + BLOCK
            if data[place + 156] not in b"0\0" or b"/" in name or data[place + 124] >= 128:  # not as it is written here
                return self._get_slowly(path, offset, offset + length)
            size = int(data[place + 124 : place + 136].strip(b"\0 "), 8)
            found[name.partition(b".")[2].decode("utf-8", "surrogateescape")] = data[start : start + size]
            place = start + -(-size // BLOCK) * BLOCK
        return found

    def _get_slowly(self, path: str, offset: int, stop: int) -> dict[str, bytes]:
        return {suffix_of(m): self._open.read(path, m.start, m.size) for m in members(self._open, path, offset, stop)}

    def check(self, digests: dict[str, str] | None = None) -> None:
        """Raise ValueError naming the first shard whose size, or SHA-256 by file name, is not as it was."""
        for path, size in self.shards:
            held = Path(path).stat().st_size if Path(path).is_file() else -1
            if held != size:
                raise ValueError(f"{path} must have {size} bytes, got {held if held >= 0 else 'no file'}: restore it")
            wanted = (digests or {}).get(Path(path).name)
            if wanted is not None and file_sha256(Path(path)) != wanted:
                raise ValueError(f"{path} must have the SHA-256 {wanted}, but it was changed: restore it")

    @classmethod
    def build(cls, paths: Sequence[str | Path]) -> ShardIndex:
        """Index existing shards. A record whose JSON has no `id` goes by `shard/key`.

        Raises OSError, tarfile.ReadError for a broken archive, ValueError for a bad record or an id that comes twice.
        """
        columns = {name: array({"1": "B", "4": "I", "8": "Q"}[kind[2]]) for name, kind in COLUMNS.items()}
        families: dict[str, int] = {}
        shards: list[tuple[str, int]] = []
        pairs = array("Q")
        for path in map(str, paths):
            for entry in _entries(path):
                pairs.append(entry.pop("pair"))
                entry["family"] = families.setdefault(entry["family"], len(families))
                entry["shard"] = len(shards)
                for name, value in entry.items():
                    columns[name].append(value)
            shards.append((path, Path(path).stat().st_size))
        arrays = {name: np.array(column, dtype=COLUMNS[name]) for name, column in columns.items()}
        _, first, inverse = np.unique(np.array(pairs, "<u8"), return_index=True, return_inverse=True)
        arrays["pair"] = np.argsort(np.argsort(first))[inverse].astype("<u4")  # numbered as they first come
        return cls(shards, list(families), arrays)

    def save(self, path: Path) -> None:
        """Write the index, whole or not at all, into the folder of its shards. Raises OSError, ValueError elsewhere."""
        for shard, _ in self.shards:
            if Path(shard).resolve().parent != path.resolve().parent:
                raise ValueError(f"an index lies in the folder of its shards, but {shard} is not beside {path}")
        body = b"".join(self.arrays[name].astype(kind).tobytes() for name, kind in COLUMNS.items())
        head = {
            "format": MAGIC,
            "records": len(self),
            "shards": [[Path(shard).name, size] for shard, size in self.shards],
            "families": self.families,
            "columns": COLUMNS,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        write_atomically(path, json.dumps(head).encode() + b"\n" + body)

    @classmethod
    def open(cls, path: str | Path) -> ShardIndex:
        """The index in a file, or in the folder of a data set. Raises ValueError if it, or a shard's size, is wrong."""
        path = Path(path) / INDEX if Path(path).is_dir() else Path(path)
        line, _, body = path.read_bytes().partition(b"\n")
        try:
            head: dict[str, Any] = json.loads(line)
            if head["format"] != MAGIC or head["columns"] != COLUMNS:
                raise ValueError(f"its format is not {MAGIC!r}")
            if hashlib.sha256(body).hexdigest() != head["sha256"]:
                raise ValueError("it was cut or changed")
            arrays, place = {}, 0
            for name, kind in COLUMNS.items():
                arrays[name] = np.frombuffer(body, kind, head["records"], place)
                place += arrays[name].nbytes
            shards = [(str(path.parent / Path(str(name)).name), int(size)) for name, size in head["shards"]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path} is no usable index ({error}): build it again") from None
        index = cls(shards, [str(name) for name in head["families"]], arrays)
        index.check()
        return index


def hash_of(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def suffix_of(member: Member) -> str:
    return member.name.rpartition("/")[2].partition(".")[2]


def _entries(path: str) -> Iterator[dict[str, Any]]:
    """What the index keeps of each record of a shard; `pair` is a hash."""
    shards = OpenShards()
    for group in records(shards, path):
        offset, length = group[0].offset, group[-1].end - group[0].offset
        data = shards.read(path, offset, length)
        key = key_of(group[0].name)
        fields: dict[str, Any] = {}
        for member in group:
            if suffix_of(member) == "json":
                fields = _fields(
                    data[member.start - offset : member.start - offset + member.size], f"{path} record {key}"
                )
        record_id = str(fields.get("id", f"{Path(path).stem}/{key}"))
        level = fields.get("level", 0)
        yield {
            "family": str(fields.get("family", "")),
            "level": level if isinstance(level, int) and 0 <= level < 256 else 0,
            "offset": offset,
            "length": length,
            "pair": hash_of(str(fields.get("pair_id", record_id))),
            "crc": zlib.crc32(data),
            "key": hash_of(record_id),
        }


def _fields(data: bytes, where: str) -> dict[str, Any]:
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: its JSON is unreadable ({error})") from None
    return fields if isinstance(fields, dict) else {}
