"""Reading tar shards in the WebDataset form: consecutive members KEY.json, KEY.000.png ... make up the record KEY.

Plain ustar headers are parsed here, several times as fast as by `tarfile`, which reads the others (long names). Nothing
is unpacked, and no member name is used as a path.
"""

from __future__ import annotations

import os
import tarfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a shard. offset: of its header; start, size: of its data; end: where the next header is."""

    name: str
    offset: int
    start: int
    size: int
    end: int


def key_of(name: str) -> str:
    """dir/a.000.png -> dir/a"""
    folder, slash, base = name.rpartition("/")
    return folder + slash + base.partition(".")[0]


class OpenShards:
    """File descriptors of the shards last read; `os.pread` leaves no position behind, so threads may share them."""

    def __init__(self, keep: int = 128) -> None:
        self.descriptor = lru_cache(keep)(_Descriptor)

    def read(self, path: str, offset: int, length: int) -> bytes:
        """Bytes of a shard, fewer at its end. Raises OSError."""
        shard = self.descriptor(path)  # held by this name, lest another thread's look-up closes it
        return os.pread(shard.number, length, offset)

    def size(self, path: str) -> int:
        """Bytes of a shard. Raises OSError."""
        shard = self.descriptor(path)
        return os.fstat(shard.number).st_size


class _Descriptor:
    """Closes itself once nobody reads from it any more, also when it has left the cache meanwhile."""

    def __init__(self, path: str) -> None:
        self.number = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self.number)  # not __del__: at exit, `os` may be gone before


def members(shards: OpenShards, path: str, offset: int = 0, stop: int | None = None) -> Iterator[Member]:
    """The files of a shard from the header at `offset` to `stop` (None: its end), in order.

    Raises tarfile.ReadError for a cut or broken archive and for a member that is no plain file, OSError if unreadable.
    """
    size = shards.size(path)
    while stop is None or offset < stop:
        header = shards.read(path, offset, BLOCK)
        if len(header) == BLOCK and not header.strip(b"\0"):
            return
        skipped = _idle_extension(shards, path, header, offset)
        real = shards.read(path, offset + skipped, BLOCK) if skipped else header
        member = plain_member(real, offset + skipped) or _other_member(path, offset)
        if member is None:
            return
        if member.start + member.size > size or member.end <= offset:
            raise tarfile.ReadError(f"unexpected end of data: {member.name!r} does not end within {size} bytes")
        if not member.name.endswith("/"):
            yield replace(member, offset=offset) if skipped else member
        offset = member.end


def plain_member(header: bytes, offset: int, kinds: bytes = b"0\0") -> Member | None:
    """The member with this header at `offset`, if it is of these kinds with a plain header and a right checksum."""
    if len(header) < BLOCK or header[156] not in kinds or header[257:262] != b"ustar":
        return None
    if sum(header) - sum(header[148:156]) + 8 * ord(" ") != _octal(header[148:156]):
        return None
    size = _octal(header[124:136])
    try:
        name = header[:100].partition(b"\0")[0].decode()
        if header[345]:
            name = f"{header[345:500].partition(bytes(1))[0].decode()}/{name}"
    except UnicodeDecodeError:
        return None
    start = offset + BLOCK
    return Member(name, offset, start, size, start + -(-size // BLOCK) * BLOCK) if size >= 0 else None


def _octal(field: bytes) -> int:
    digits = field.strip(b"\0 ")
    return int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else -1


def _idle_extension(shards: OpenShards, path: str, header: bytes, offset: int) -> int:
    """Length of a pax extension that changes neither name nor size (webdataset writes its times in such), or 0."""
    extension = plain_member(header, offset, b"x")
    if extension is None or extension.size > 16 * BLOCK:
        return 0
    text = shards.read(path, extension.start, extension.size)
    return 0 if b" path=" in text or b" size=" in text or b" GNU." in text else extension.end - offset


def _other_member(path: str, offset: int) -> Member | None:
    """A member with other headers, read by `tarfile`; None at the end. A folder's name ends in a slash."""
    with open(path, "rb") as file:
        file.seek(offset)
        archive = tarfile.open(fileobj=file, mode="r:")
        member = archive.next()
        if member is None:  # tarfile takes a broken header, and a cut between two members, for the end
            _check_end(path, archive.offset)
            return None
        if not (member.isdir() or member.isreg()) or member.issparse():
            raise tarfile.ReadError(f"member {member.name!r} must be a plain file, not a link, device or sparse file")
        end = archive.offset
        return Member(member.name + "/" * member.isdir(), offset, member.offset_data, member.size, end)


def _check_end(path: str, offset: int) -> None:
    with open(path, "rb") as file:
        file.seek(offset)
        block = file.read(BLOCK)
    if len(block) < BLOCK or block.strip(b"\0"):
        raise tarfile.ReadError(f"no end mark at byte {offset}: the archive is cut or broken there")


def records(shards: OpenShards, path: str, offset: int = 0, stop: int | None = None) -> Iterator[list[Member]]:
    """Consecutive members with one key (`key_of`). Raises as `members`, after what came before the damage."""
    group: list[Member] = []
    for member in members(shards, path, offset, stop):
        if group and key_of(member.name) != key_of(group[0].name):
            yield group
            group = []
        group.append(member)
    if group:
        yield group
