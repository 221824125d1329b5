"""One shard: a tar file whose bytes depend on its records alone, written whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from data_synth.generate import make
from data_synth.item import Item

RecordId = tuple[str, int, int, str]  # family, level, index, modality


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard to be written. first: number of its first record in the data set."""

    name: str
    first: int
    records: tuple[RecordId, ...]


def write_shard(folder: str, image_size: int, shard: Shard) -> str:
    """Make the items of a shard, write it into the folder and return its SHA-256. Raises OSError naming the file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for number, (family, level, index, modality) in enumerate(shard.records, shard.first):
            for suffix, data in _members(make(family, level, index), modality, image_size):
                member = tarfile.TarInfo(f"{number:09d}.{suffix}")  # mtime 0, owner 0
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    data = buffer.getvalue()
    write_atomically(Path(folder) / shard.name, data)
    return hashlib.sha256(data).hexdigest()


def _members(item: Item, modality: str, image_size: int) -> list[tuple[str, bytes]]:
    """(suffix, bytes) of the members of a record, sorted by suffix."""
    variant = int(item.content_hash[:8], 16)
    record = {
        "id": f"{item.id}#{modality}",
        "pair_id": item.pair_id,
        "question": item.prompt(modality),
        "answer": item.answer.to_text(),
        "verifier": "typed",
        "family": item.family,
        "level": item.level,
        "modality": modality,
        "seen": item.seen(modality, variant),
        "trace": item.trace(modality, variant),
        "direct": item.direct(),
    }
    members = [("json", json.dumps(record, sort_keys=True).encode())]
    for number, image in enumerate(item.images(modality, image_size)):
        buffer = io.BytesIO()
        image.save(buffer, "PNG", compress_level=1)
        members.append((f"{number:03d}.png", buffer.getvalue()))
    return sorted(members)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises OSError naming the file, e.g. when the disk is full."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")  # see is_temporary
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(
            error.errno, f"could not write {path}: {error.strerror}; free some space and run again"
        ) from error


def is_temporary(name: str) -> bool:
    """Whether a file of this name is one that `write_atomically` had not finished."""
    return re.fullmatch(r"\.(shard-\d+\.tar|manifest\.json|README\.md)\.\d+\.tmp", name) is not None


def file_sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
