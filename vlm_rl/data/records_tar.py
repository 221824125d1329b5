"""WebDataset records: tar shards whose members KEY.json, KEY.png, KEY.left.png ... make up the record KEY.

Shards are read at random through their offsets (data_synth/tar_shard.py); nothing is unpacked, and no member name is
ever used as a path.
"""

from __future__ import annotations

import glob
import os
import tarfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from data_synth import tar_shard
from vlm_rl.data.image_uri import tar_uri
from vlm_rl.data.records import BadRecord, ImageValue, Record
from vlm_rl.data.records_jsonl import parse_object

IMAGE_SUFFIXES = ("png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "ppm")
MAX_TEXT_BYTES = 16 * 2**20  # of one json or txt member


@dataclass(frozen=True, slots=True)
class Member:
    """An image inside a shard."""

    path: str  # of the shard
    offset: int
    size: int


class TarRecords:
    """Keeps the shard number and the place of each record in it, no text and no names.

    Fields of a record: those of KEY.json (KEY.meta.json: a struct `meta`); `txt` of KEY.txt, `q` of KEY.q.txt; the list
    `images` of KEY.png, KEY.000.png, KEY.001.jpg ... by number; `left` of KEY.left.png; and `__key__`.
    """

    def __init__(self, pattern: str) -> None:
        self.shards = expand_pattern(pattern)
        self._open = tar_shard.OpenShards()
        self._shard_of = array("l")
        self._offsets = array("q")
        self._ends = array("q")

    def scan(self) -> Iterator[Record | BadRecord]:
        for number, path in enumerate(self.shards):
            try:
                for members in tar_shard.records(self._open, path):
                    self._shard_of.append(number)
                    self._offsets.append(members[0].offset)
                    self._ends.append(members[-1].end)
                    try:
                        yield self._record(len(self._offsets) - 1, members)
                    except BadRecord as error:
                        yield error
            except (OSError, tarfile.TarError) as error:
                reason = "corrupt shard" if os.path.exists(path) else "missing shard"
                yield BadRecord(path, reason, f"{error}; make or fetch it again")

    def read(self, row: int) -> Record:
        path = self.shards[self._shard_of[row]]
        try:
            members = next(tar_shard.records(self._open, path, self._offsets[row], self._ends[row]))
            return self._record(row, members)
        except (OSError, tarfile.TarError, StopIteration) as error:
            raise BadRecord(path, "corrupt shard", f"it changed since it was scanned ({error})") from None

    def _record(self, row: int, members: list[tar_shard.Member]) -> Record:
        path = self.shards[self._shard_of[row]]
        key = tar_shard.key_of(members[0].name)
        where = f"{path} record {key}"
        fields: dict[str, Any] = {"__key__": key}
        images: dict[str, Member] = {}
        for member in members:
            stem, suffix = _stem_and_suffix(member.name)
            if suffix in ("json", "txt"):
                fields |= _text_fields(stem, suffix, self._read_text(path, member, where), where)
            elif suffix in IMAGE_SUFFIXES:
                if stem in images:
                    raise BadRecord(where, "bad member", f"two images are called {stem or 'KEY'!r}; rename one")
                images[stem] = Member(path, member.start, member.size)
        # after the texts: the pixels are in the members, whatever the JSON lists under the same names
        fields |= {stem: image for stem, image in images.items() if not _is_number(stem)}
        if numbers := sorted(filter(_is_number, images), key=_number):
            fields["images"] = [images[stem] for stem in numbers]
        return Record(row, f"{os.path.splitext(os.path.basename(path))[0]}/{key}", where, fields)

    def _read_text(self, path: str, member: tar_shard.Member, where: str) -> bytes:
        if member.size > MAX_TEXT_BYTES:
            raise BadRecord(
                where, "bad member", f"{member.name!r} must be at most {MAX_TEXT_BYTES} bytes, got {member.size}"
            )
        return self._open.read(path, member.start, member.size)

    def image_uri(self, record: Record, image: ImageValue) -> str:
        if not isinstance(image.value, Member):
            raise BadRecord(
                record.where,
                "missing image",
                f"column {image.column!r} must name an image member of the shard, got {type(image.value).__name__}",
            )
        return tar_uri(image.value.path, image.value.offset, image.value.size)


def _stem_and_suffix(name: str) -> tuple[str, str]:
    """KEY.left.png -> left, png; KEY.png -> "", png; KEY -> "", ""."""
    extension = name.rpartition("/")[2].partition(".")[2]
    stem, _, suffix = extension.rpartition(".")
    return stem, suffix.lower()


def _is_number(stem: str) -> bool:
    return stem == "" or stem.isdecimal()


def _number(stem: str) -> int:
    """KEY.png comes before KEY.000.png."""
    return int(stem) if stem else -1


def _text_fields(stem: str, suffix: str, data: bytes, where: str) -> dict[str, Any]:
    if suffix == "json":
        fields = parse_object(data, where)
        return {stem: fields} if stem else fields
    try:
        return {stem or suffix: data.decode("utf-8")}
    except UnicodeDecodeError as error:
        raise BadRecord(where, "bad member", f"a txt member must be UTF-8 ({error})") from None


def expand_pattern(pattern: str) -> list[str]:
    """`train-{000..003}.tar` -> four paths; `data/*.tar` -> those that there are, sorted.

    Raises ValueError for a compressed shard, which has no random access, and if there is none.
    """
    if "*" in pattern:
        shards = sorted(glob.glob(pattern))
        if not shards:
            raise ValueError(f"data.sources: no shard is called {pattern!r}: mend the path, or make the data set")
    elif "{" in pattern:
        from webdataset.shardlists import expand_urls

        shards = expand_urls(pattern)
    else:
        shards = [pattern]
    for path in shards:
        if not path.endswith(".tar"):
            raise ValueError(f"data.sources: a shard must be an uncompressed .tar file, got {path!r}: unpack it first")
    return shards
