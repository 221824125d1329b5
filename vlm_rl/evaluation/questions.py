"""Questions as they are asked: prompt text, images in order, options, gold answer, groups of the breakdown."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from vlm_rl.data.decode import decode_image
from vlm_rl.data.records_datasets import HeldBytes
from vlm_rl.evaluation import mmmu
from vlm_rl.evaluation.load import BenchmarkTables, Row, has_image
from vlm_rl.evaluation.mmmu_subjects import subject_of
from vlm_rl.evaluation.options import parse_options
from vlm_rl.evaluation.specs import BenchmarkSpec

MARK = "<image>"
BOMB_PIXELS = 100_000_000
_ANY_MARK = re.compile(r"<image(?: (\d{1,4}))?>")
_WITHHELD = (None, "", "?")  # what stands in the answer column of a split without published answers
_PATH_OF = {"decoded_image": "image"}  # copies without embedded images have their paths here


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    text: the prompt with one `<image>` for each image, in order. images: their names, equal for one shown twice.
    gold: for people; None where it is withheld. asked: the arguments of the benchmark's `score` besides response and
    mode; None likewise. record: the row without its images, for extractors and submission files.
    """

    id: str
    text: str
    images: tuple[str, ...]
    options: tuple[str, ...] | None
    gold: str | None
    categories: dict[str, list[str]]
    asked: dict[str, Any] | None
    record: Mapping[str, Any]
    open_image: Callable[[str], Image.Image]


def load_questions(
    spec: BenchmarkSpec, subsets: Sequence[str], split: str, *, data: Path | None, variant: str, max_pixels: int
) -> list[Question]:
    """All questions of a split, in the data set's order; images are opened when they are asked for.

    max_pixels: larger images are scaled down to it. Raises ValueError naming table, record and rule for data that do
    not have the benchmark's form, and for ids that come twice.
    """
    tables = BenchmarkTables(spec.hub, subsets, split, data)
    tables.check_columns({subset: spec.columns_of(subset) for subset in (None, *spec.subsets)})
    questions: dict[str, Question] = {}
    for row in tables.rows():
        try:
            if spec.module is mmmu and subject_of(str(row.fields["id"])) not in subsets:
                continue  # copies exist that hold all subjects in one table
            question = _question(spec, tables, row, split, variant, max_pixels)
        except ValueError as error:
            raise ValueError(f"{tables.where} row {row.place}: {error}") from error
        if question.id in questions:
            raise ValueError(f"{tables.where} row {row.place}: the id {question.id!r} comes twice; ids must be unique")
        questions[question.id] = question
    if not questions:
        raise ValueError(f"{tables.where} holds no questions" + (f" of {', '.join(subsets)}" if subsets else ""))
    return list(questions.values())


def digest_of(questions: Sequence[Question]) -> str:
    """32 hex digits of ids, texts and gold answers: two evaluations with the same ones asked the same."""
    lines = [json.dumps([question.id, question.text, question.gold]) for question in questions]
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()


def place_images(text: str, held: Sequence[str], where: str) -> tuple[str, tuple[str, ...]]:
    """The text with plain marks, and the image columns in the order in which the marks name them.

    held: the columns that hold an image. `<image 2>` is column image_2, also where it comes twice; a plain mark is the
    next column without a number. Without marks the images come first; numbered ones that no mark names are not shown,
    as in the official code. Raises ValueError for a mark without an image, and for an unnumbered image without a mark.
    """
    plain = [column for column in held if not column.startswith("image_")]
    numbers = [match[1] for match in _ANY_MARK.finditer(text)]
    if not numbers:
        return f"{MARK}\n" * len(held) + text, tuple(held)
    order = [f"image_{int(number)}" for number in numbers if number is not None]
    if numbers.count(None) != len(plain) or not set(order) <= set(held):
        marks = ", ".join(MARK if number is None else f"<image {number}>" for number in numbers)
        raise ValueError(f"{where}: each mark needs an image; there are {marks} and {', '.join(held) or 'no image'}")
    unnumbered = iter(plain)
    columns = tuple(next(unnumbered) if number is None else f"image_{int(number)}" for number in numbers)
    return _ANY_MARK.sub(MARK, text), columns


def _question(
    spec: BenchmarkSpec, tables: BenchmarkTables, row: Row, split: str, variant: str, max_pixels: int
) -> Question:
    name = _id_of(spec, row)
    record = {"id": name, **row.fields} if spec.id_column is None else row.fields
    columns = {column: _image_column(record, column) for column in spec.module.IMAGE_COLUMNS}
    held = [column for column, place in columns.items() if has_image(record.get(place))]
    text, images = place_images(spec.module.prompt(record, variant), held, name)
    withheld = split in spec.withheld and record.get("answer") in _WITHHELD
    asked = None if withheld else spec.module.question(record)
    groups = {key: [value] if isinstance(value, str) else value for key, value in _categories(spec, record).items()}
    return Question(
        id=name,
        text=text,
        images=images,
        options=_options(record, name),
        gold=None if asked is None else _gold_text(asked["answer"]),
        categories={key: [value for value in values if value] for key, values in groups.items()},
        asked=asked,
        record={key: value for key, value in record.items() if not _holds_bytes(value)},
        open_image=lambda column: _open(tables, row, columns[column], max_pixels),
    )


def _id_of(spec: BenchmarkSpec, row: Row) -> str:
    if spec.id_column is None:
        own = row.fields.get("id")
        return str(own) if own is not None else f"{row.subset or 'row'}/{row.place}"
    value = row.fields[spec.id_column]
    if value is None or not str(value).strip():
        raise ValueError(f"column {spec.id_column!r} must not be empty, got {value!r}")
    return str(value)


def _image_column(record: Mapping[str, Any], column: str) -> str:
    other = _PATH_OF.get(column)
    return other if other and not has_image(record.get(column)) else column


def _categories(spec: BenchmarkSpec, record: Mapping[str, Any]) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = spec.module.categories(record)
    return found


def _options(record: Mapping[str, Any], where: str) -> tuple[str, ...] | None:
    given = record.get("options", record.get("choices"))
    return tuple(parse_options(given, where, flatten=True)) or None if given is not None else None


def _holds_bytes(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_holds_bytes, value.values() if isinstance(value, dict) else value))
    return isinstance(value, HeldBytes)


def _gold_text(answer: str | list[str]) -> str:
    return answer if isinstance(answer, str) else " | ".join(answer)


def _open(tables: BenchmarkTables, row: Row, column: str, max_pixels: int) -> Image.Image:
    data = tables.image_bytes(row, column)
    try:
        return decode_image(data, max_pixels=max_pixels, bomb_pixels=BOMB_PIXELS)
    except ValueError as error:
        raise ValueError(f"{tables.where} row {row.place}, column {column!r}: {error}") from error
