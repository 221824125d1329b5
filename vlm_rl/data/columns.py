"""What the columns of a record mean: question, answer, images, choices, level, id."""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vlm_rl.config import Columns
from vlm_rl.data.records import BadRecord, ImageValue, Record

MARK = "<image>"
_ANY_MARK = re.compile(r"<image(?: (\d{1,4}))?>")
MAX_CHOICES = 26
MAX_CHOICES_TEXT = 20_000  # characters of a list given as text
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Fields:
    """A record with its columns understood. `question` lists the choices and has one `<image>` per image, in order."""

    question: str
    answer: str
    images: tuple[ImageValue, ...]
    choices: tuple[str, ...]
    id: str
    level: int
    modality: str
    family: str | None  # the record's own, if it has one
    verifier: str | None  # likewise


def read_fields(record: Record, columns: Columns, default_level: int) -> Fields:
    """Apply the column mapping to one record. Raises BadRecord naming the record and the rule."""
    found = _image_values(record.fields, columns)
    choices = _choices(record, columns.choices)
    question = _required(record, columns.question)
    if not isinstance(question, str):
        raise BadRecord(
            record.where, "bad question", f"column {columns.question!r} must be text, got {type(question).__name__}"
        )
    listed = "".join(f"\n({letter(place)}) {choice}" for place, choice in enumerate(choices))
    text, images = place_marks((question.strip() + listed).lstrip("\n"), found, record.where)
    if not text:
        raise BadRecord(record.where, "empty question", f"column {columns.question!r} is empty, and there is no image")
    return Fields(
        question=text,
        answer=_answer(record, columns.answer),
        images=images,
        choices=choices,
        id=_id(record, columns.id),
        level=_level(record, columns.level, default_level),
        modality=_modality(record, images),
        family=_own_text(record, "family"),
        verifier=_own_text(record, "verifier"),
    )


def letter(place: int) -> str:
    return chr(ord("A") + place)


def column_value(fields: Mapping[str, Any], column: str) -> Any:
    """The value of a column; `a.b` is a column of that name, or field b of struct a. `_MISSING` if there is none."""
    if column in fields:
        return fields[column]
    head, dot, tail = column.partition(".")
    inner = fields.get(head)
    return column_value(inner, tail) if dot and isinstance(inner, Mapping) else _MISSING


def place_marks(text: str, images: tuple[ImageValue, ...], where: str) -> tuple[str, tuple[ImageValue, ...]]:
    """The text with one plain `<image>` per image, and the images in the order of their marks.

    Without marks all images come first, a line each. `<image 2>` is the second image, and may come twice; then so does
    the image. Raises BadRecord if marks and images do not agree.
    """
    numbers = [match[1] for match in _ANY_MARK.finditer(text)]
    if not numbers:
        return (f"{MARK}\n" * len(images) + text).rstrip("\n"), images
    if None not in numbers:
        order = [int(number) - 1 for number in numbers]
        if set(order) == set(range(len(images))):
            return _ANY_MARK.sub(MARK, text), tuple(images[place] for place in order)
    elif set(numbers) == {None} and len(numbers) == len(images):
        return text, images
    marks = ", ".join(MARK if number is None else f"<image {number}>" for number in numbers)
    raise BadRecord(
        where,
        "mark mismatch",
        f"each image needs its mark, all numbered from 1 or all plain; got {len(numbers)} marks ({marks}) "
        f"for {len(images)} images",
    )


def _required(record: Record, column: str) -> Any:
    value = column_value(record.fields, column)
    if value is _MISSING:
        names = sorted(record.fields)
        near = difflib.get_close_matches(column, names, n=1, cutoff=0.0)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise BadRecord(record.where, "missing column", f"{column!r} is not among {', '.join(names)}{hint}")
    return value


def _image_values(fields: Mapping[str, Any], columns: Columns) -> tuple[ImageValue, ...]:
    found: list[ImageValue] = []
    for column in columns.images:
        value = column_value(fields, column)
        values = value if isinstance(value, list) else [value]
        found += [ImageValue(column, place, item) for place, item in enumerate(values) if not _is_null_image(item)]
    return tuple(found)


def _is_null_image(value: Any) -> bool:
    """Tables also write "no image" as a struct of nulls."""
    struct_of_nulls = isinstance(value, dict) and value.get("bytes") is None and value.get("path") is None
    return value is _MISSING or value is None or struct_of_nulls


def _text_of(value: Any) -> str:
    """Text as it is, numbers as written, lists and structs as JSON. Raises TypeError for what has no JSON."""
    if value is None or value != value:  # tables write a missing number as NaN
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _answer(record: Record, column: str) -> str:
    value = _required(record, column)
    try:
        text = _text_of(value)
    except TypeError:
        raise BadRecord(
            record.where, "bad answer", f"column {column!r} must be text or a number, got {type(value).__name__}"
        ) from None
    if not text:
        raise BadRecord(record.where, "empty answer", f"column {column!r} must not be empty, got {value!r}")
    return text


def _id(record: Record, column: str | None) -> str:
    if column is None:
        return record.name
    value = _required(record, column)
    if not isinstance(value, str | int) or not str(value).strip():
        raise BadRecord(record.where, "bad id", f"column {column!r} must be text or an integer, got {value!r}")
    return str(value).strip()


def _level(record: Record, column: str | None, default: int) -> int:
    value = None if column is None else _required(record, column)
    if value is None:
        return default
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise BadRecord(record.where, "bad level", f"column {column!r} must be an integer >= 0, got {value!r}")
    return value


def _choices(record: Record, column: str | None) -> tuple[str, ...]:
    value = None if column is None else _required(record, column)
    if value is None:
        return ()
    rule = f"column {column!r} must be a list, or a list as JSON or as a Python literal"
    if isinstance(value, str):
        value = _parse_list(value) if len(value) <= MAX_CHOICES_TEXT else None
    if not isinstance(value, list):
        raise BadRecord(record.where, "bad choices", rule)
    if len(value) > MAX_CHOICES:
        raise BadRecord(record.where, "bad choices", f"at most {MAX_CHOICES} choices have letters, got {len(value)}")
    try:
        choices = tuple(" ".join(_text_of(item).split()) for item in value)
    except TypeError:
        raise BadRecord(record.where, "bad choices", f"{rule}; its items must be text or numbers") from None
    if not all(choices):
        raise BadRecord(record.where, "bad choices", f"no choice may be empty, got {value!r}")
    return choices


def _parse_list(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _modality(record: Record, images: tuple[ImageValue, ...]) -> str:
    if not images:
        return "text"
    return "rendered" if record.fields.get("modality") == "rendered" else "image"


def _own_text(record: Record, column: str) -> str | None:
    value = record.fields.get(column)
    return value if isinstance(value, str) and value else None
