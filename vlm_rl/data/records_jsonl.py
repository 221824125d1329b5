"""JSONL records: one JSON object a line, images as paths relative to the file."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Iterator
from typing import Any

from vlm_rl.data.image_uri import file_uri
from vlm_rl.data.records import BadRecord, ImageValue, Record


class JsonlRecords:
    """Keeps a byte offset and a line number per record, no text. Raises ValueError if the file is missing."""

    def __init__(self, path: str) -> None:
        if not os.path.isfile(path):
            raise ValueError(f"data.sources: {path} must be a JSONL file, and no such file exists")
        self.path = path
        self._offsets = array("q")
        self._lines = array("q")

    def scan(self) -> Iterator[Record | BadRecord]:
        offset = 0
        with open(self.path, "rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    self._offsets.append(offset)
                    self._lines.append(number)
                    try:
                        yield self._parse(len(self._offsets) - 1, line)
                    except BadRecord as error:
                        yield error
                offset += len(line)

    def read(self, row: int) -> Record:
        with open(self.path, "rb") as file:
            file.seek(self._offsets[row])
            return self._parse(row, file.readline())

    def _parse(self, row: int, line: bytes) -> Record:
        where = f"{self.path} line {self._lines[row]}"
        return Record(row, str(row), where, parse_object(line, where))

    def image_uri(self, record: Record, image: ImageValue) -> str:
        if not isinstance(image.value, str):
            raise BadRecord(
                record.where,
                "bad image",
                f"column {image.column!r} must hold paths of image files, got {type(image.value).__name__}",
            )
        path = os.path.join(os.path.dirname(self.path), image.value)
        return existing_file_uri(path, record.where)


def existing_file_uri(path: str, where: str) -> str:
    if "\0" in path or not os.path.isfile(path):
        raise BadRecord(where, "missing image", f"no file {path!r}")
    return file_uri(path)


def parse_object(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object from UTF-8 bytes, with or without a byte order mark. Raises BadRecord."""
    try:
        fields = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadRecord(where, "bad JSON", str(error)) from None
    if not isinstance(fields, dict):
        raise BadRecord(where, "bad JSON", f"a record must be an object of columns, got {type(fields).__name__}")
    return fields
