"""A record: one row of a file source before any meaning is given to its columns. One reader class per kind of file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class BadRecord(ValueError):  # noqa: N818 - it is the record that is bad
    """A record that cannot become a prompt. The message names the file, the record and the rule.

    reason: a short name of the rule, for counts: "bad JSON", "missing column", "missing image" ...
    """

    def __init__(self, where: str, reason: str, detail: str) -> None:
        super().__init__(f"{where}: {reason}: {detail}")
        self.where = where
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[BadRecord], tuple[str, str, str]]:
        return type(self), (self.where, self.reason, self.detail)


@dataclass(frozen=True, slots=True)
class Record:
    row: int  # what `Records.read` takes
    name: str  # id when no id column is given; unique in the source
    where: str  # for error messages: file and line, shard and key, or data set and row
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImageValue:
    """An image as it stands in a record: not yet found, not yet read."""

    column: str
    position: int  # in the column's list; 0 when the column holds one image
    value: Any


class Records(Protocol):
    """Random access to the records of one source."""

    def scan(self) -> Iterator[Record | BadRecord]:
        """All records in order, each once, without image bytes. Call it once, before `read`."""
        ...

    def read(self, row: int) -> Record:
        """One record, without image bytes. Raises BadRecord if it can no longer be read."""
        ...

    def image_uri(self, record: Record, image: ImageValue) -> str:
        """Where the encoded bytes of an image lie (see image_uri.py). Raises BadRecord if they are not there."""
        ...
