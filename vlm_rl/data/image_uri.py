"""Uris of encoded images: written when a prompt is made, read when its image is needed. They survive a checkpoint.

file:PATH   tar:PATH#OFFSET+SIZE   row:SOURCE#INDEX/COLUMN/POSITION   synth:ITEM_ID#MODALITY/POSITION?size=SIDE
text:SOURCE#INDEX/POSITION: a page of a question that is asked as a picture
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote, unquote

MAX_ENCODED_BYTES = 256 * 2**20  # no honest image is larger; guards against reading a disk image into memory

_TAR = re.compile(r"tar:(.+)#(\d{1,18})\+(\d{1,18})", re.DOTALL)
_ROW = re.compile(r"row:([^#/]+)#(\d{1,18})/([^/]+)/(\d{1,9})")
_TEXT = re.compile(r"text:([^/#]+)#(\d{1,18})/(\d{1,9})")
_SYNTH = re.compile(r"synth:(.+)#(\w+)/(\d{1,9})\?size=(\d{1,9})")


class RowSource(Protocol):
    """A source whose images lie in rows of a table, or are made from the text of its records."""

    def row_bytes(self, index: int, column: str, position: int) -> bytes:
        """Encoded bytes of one image. Raises ValueError naming the row."""
        ...

    def page_bytes(self, index: int, position: int) -> bytes:
        """Encoded bytes of one page of a rendered question. Raises ValueError naming the record."""
        ...


def file_uri(path: str) -> str:
    return f"file:{os.path.abspath(path)}"


def tar_uri(path: str, offset: int, size: int) -> str:
    return f"tar:{os.path.abspath(path)}#{offset}+{size}"


def row_uri(source: str, index: int, column: str, position: int) -> str:
    return f"row:{quote(source, safe='')}#{index}/{quote(column, safe='')}/{position}"


def text_uri(source: str, index: int, position: int) -> str:
    return f"text:{quote(source, safe='')}#{index}/{position}"


def synth_uri(item_id: str, modality: str, position: int, size: int) -> str:
    return f"synth:{item_id}#{modality}/{position}?size={size}"


def parse_synth_uri(uri: str) -> tuple[str, str, int, int]:
    """(item id, modality, position, size in pixels) of a `synth:` uri. Raises ValueError if it is malformed."""
    match = _SYNTH.fullmatch(uri)
    if match is None:
        raise ValueError(f"{uri!r} must read synth:ITEM_ID#MODALITY/POSITION?size=SIDE")
    return match[1], match[2], int(match[3]), int(match[4])


def digest(data: bytes | str) -> str:
    """Hex SHA-256; of text, that of its UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def read_encoded(uri: str, row_sources: Mapping[str, RowSource]) -> bytes:
    """Encoded bytes of a `file:`, `tar:`, `row:` or `text:` image.

    Raises ValueError naming the uri if it is malformed, missing, cut short, or larger than MAX_ENCODED_BYTES.
    """
    try:
        if uri.startswith("file:"):
            path = uri.removeprefix("file:")
            return _read_slice(path, 0, os.path.getsize(path), uri)
        if match := _TAR.fullmatch(uri):
            return _read_slice(match[1], int(match[2]), int(match[3]), uri)
    except OSError as error:
        raise ValueError(f"{uri} cannot be read ({error}): put the file back, or drop the prompt") from None
    match = _ROW.fullmatch(uri) or _TEXT.fullmatch(uri)
    if match is None:
        raise ValueError(
            f"{uri!r} must read file:PATH, tar:PATH#OFFSET+SIZE, row:SOURCE#INDEX/COLUMN/POSITION or "
            "text:SOURCE#INDEX/POSITION"
        )
    source = unquote(match[1])
    if source not in row_sources:
        raise ValueError(f"{uri}: no source is named {source!r}; loaded are {sorted(row_sources)}")
    if match.re is _TEXT:
        return row_sources[source].page_bytes(int(match[2]), int(match[3]))
    return row_sources[source].row_bytes(int(match[2]), unquote(match[3]), int(match[4]))


def _read_slice(path: str, offset: int, size: int, uri: str) -> bytes:
    if size > MAX_ENCODED_BYTES:
        raise ValueError(f"{uri}: an encoded image must be at most {MAX_ENCODED_BYTES} bytes, got {size}")
    with open(path, "rb") as file:
        file.seek(offset)
        data = file.read(size)
    if len(data) != size:
        raise ValueError(f"{uri}: the file was cut: {len(data)} of {size} bytes are left; restore it")
    return data
