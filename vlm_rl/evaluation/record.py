"""Reading benchmark records: required columns and prompt variants, with errors that name the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

Wording = TypeVar("Wording")


def where_of(benchmark: str, record: Mapping[str, Any]) -> str:
    """Name of the record for error messages: the benchmark and its id."""
    name = next((record[column] for column in ("id", "pid", "unique_id", "url") if column in record), "without id")
    return f"{benchmark} record {name}"


def required(record: Mapping[str, Any], column: str, where: str) -> Any:
    """A column that must be there and not null. Raises ValueError naming record and columns."""
    if record.get(column) is None:
        raise ValueError(f"{where}: column {column!r} is missing or null; it has {', '.join(sorted(record))}")
    return record[column]


def choose_variant(variants: Mapping[str, Wording], variant: str, benchmark: str) -> Wording:
    """The wording called `variant`. Raises ValueError with the known names."""
    if variant not in variants:
        raise ValueError(f"{benchmark} prompt variant must be one of {', '.join(variants)}, got {variant!r}")
    return variants[variant]
