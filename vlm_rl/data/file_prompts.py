"""A finite set of prompts: the records of a file source, indexed by what a sampler needs to know of them."""

from __future__ import annotations

import json
import os
import sys
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vlm_rl.config import DataConfig, FileSource
from vlm_rl.data.columns import MARK, Fields, read_fields
from vlm_rl.data.decode import decode_image
from vlm_rl.data.image_uri import digest, read_encoded, text_uri
from vlm_rl.data.records import BadRecord, Record, Records
from vlm_rl.data.records_datasets import DatasetRecords
from vlm_rl.data.records_jsonl import JsonlRecords
from vlm_rl.data.records_tar import TarRecords
from vlm_rl.data.rendered_text import page_files
from vlm_rl.types import ImageRef, Message, Prompt


class FilePrompts:
    """Prompts of one JSONL, WebDataset or `datasets` source. Loading reads every record once, and decodes no image.

    ids: "name/ID". levels, modalities ("text" | "image" | "rendered"), families: of each row, likewise.
    verifiers: the verifiers that the rows name. skipped: why and how many records were passed over.
    Raises BadRecord (with on_bad_record: raise), and ValueError for ids that come twice or if no record is left.
    """

    def __init__(self, source: FileSource, cfg: DataConfig) -> None:
        self.name = source_name(source)
        self.weight = source.weight
        self.ids: list[str] = []
        self.levels: list[int] = []
        self.modalities: list[str] = []
        self.families: list[str] = []
        self.verifiers: set[str] = set()
        self.skipped: dict[str, int] = {}
        self._source = source
        self._cfg = cfg
        if MARK in source.instruction:
            raise ValueError(f"data.sources: the instruction of {self.name} must not contain {MARK}")
        self._records = open_records(source, self.name)
        self._rows = array("q")
        self._scan()

    def __len__(self) -> int:
        return len(self.ids)

    def prompt(self, row: int) -> Prompt:
        """The prompt of row 0 .. len - 1. Raises BadRecord if its record or an image is corrupt, gone or changed."""
        record, prompt = self._record_prompt(row)
        if self._rendered(fields := self._fields(record)):
            return self._as_pages(record, prompt, len(self._pages(record, fields)))
        uris = [self._records.image_uri(record, image) for image in fields.images]
        return replace(prompt, images=tuple(self._image_ref(record, uri) for uri in uris))

    def text_prompt(self, row: int) -> Prompt:
        """The prompt without its images, which are not read: enough to check its gold answer."""
        return self._record_prompt(row)[1]

    def _record_prompt(self, row: int) -> tuple[Record, Prompt]:
        record = self._records.read(self._rows[row])
        fields = self._fields(record)
        if f"{self.name}/{fields.id}" != self.ids[row]:
            raise BadRecord(record.where, "changed record", f"it was {self.ids[row]!r} when the file was scanned")
        instruction = self._source.instruction
        return record, Prompt(
            id=self.ids[row],
            messages=(Message("user", f"{fields.question}\n{instruction}" if instruction else fields.question),),
            images=(),
            answer=fields.answer,
            verifier=self._verifier(fields),
            family=self.families[row],
            level=fields.level,
            modality=self.modalities[row],
            tags=(("choices", json.dumps(fields.choices, ensure_ascii=False)),) if fields.choices else (),
        )

    def fields(self, row: int) -> Mapping[str, Any]:
        """What the record of a row holds, before any meaning is given to it; images are not read."""
        return self._records.read(self._rows[row]).fields

    def row_bytes(self, index: int, column: str, position: int) -> bytes:
        """Encoded bytes of a `row:` image. Raises ValueError if it is not there."""
        if not isinstance(self._records, DatasetRecords):
            raise ValueError(f"source {self.name} is of kind {self._source.kind}: it has no images in table rows")
        return self._records.row_bytes(index, column, position)

    def page_bytes(self, index: int, position: int) -> bytes:
        """One page of the rendered question of a record, by its own row. Raises ValueError if there is none."""
        record = self._records.read(index)
        pages = self._pages(record, self._fields(record))
        if position >= len(pages):
            raise ValueError(f"{record.where}: its question has {len(pages)} pages, so no page {position}")
        return pages[position]

    def _rendered(self, fields: Fields) -> bool:
        return self._source.render != "no" and not fields.images

    def _pages(self, record: Record, fields: Fields) -> tuple[bytes, ...]:
        try:
            return page_files(fields.question, self._source.render, self._source.render_size)
        except ValueError as error:
            raise BadRecord(record.where, "cannot be rendered", str(error)) from None

    def _as_pages(self, record: Record, prompt: Prompt, pages: int) -> Prompt:
        """The prompt with its question as pictures; the instruction stays text."""
        uris = [text_uri(self.name, record.row, page) for page in range(pages)]
        content = "\n".join([MARK] * pages + ([self._source.instruction] if self._source.instruction else []))
        images = tuple(self._image_ref(record, uri) for uri in uris)
        return replace(prompt, messages=(Message("user", content),), images=images)

    def _scan(self) -> None:
        first_row: dict[str, int] = {}
        skipped: Counter[str] = Counter()
        for record in self._records.scan():
            try:
                if isinstance(record, BadRecord):
                    raise record
                fields = self._fields(record)
                for image in fields.images:
                    self._records.image_uri(record, image)
            except BadRecord as error:
                if self._cfg.on_bad_record == "raise":
                    raise
                skipped[error.reason] += 1
                continue
            if fields.id in first_row:
                first = self._records.read(first_row[fields.id]).where
                raise ValueError(f"ids must be unique, but {fields.id!r} is of {first} and of {record.where}")
            first_row[fields.id] = record.row
            self._append(record, fields)
        self.skipped = dict(skipped)
        if not self.ids:
            raise ValueError(
                f"data.sources: {self._source.path} has no usable record; skipped: {self.skipped or 'none'}"
            )

    def _append(self, record: Record, fields: Fields) -> None:
        self._rows.append(record.row)
        self.ids.append(f"{self.name}/{fields.id}")
        self.levels.append(fields.level)
        self.modalities.append("rendered" if self._rendered(fields) else sys.intern(fields.modality))
        self.families.append(sys.intern(fields.family or self.name))
        self.verifiers.add(self._verifier(fields))

    def _fields(self, record: Record) -> Fields:
        return read_fields(record, self._source.columns, self._source.level)

    def _verifier(self, fields: Fields) -> str:
        """The config's when it names one, so that no file can choose another; else the record's own."""
        if "verifier" in self._source.model_fields_set or fields.verifier is None:
            return self._source.verifier
        return fields.verifier

    def _image_ref(self, record: Record, uri: str) -> ImageRef:
        """Decodes once: a corrupt image must show while another prompt can still be drawn instead."""
        max_pixels = self._cfg.image_max_pixels
        try:
            data = read_encoded(uri, {self.name: self})
            decode_image(data, max_pixels=max_pixels, bomb_pixels=self._cfg.image_bomb_pixels)
        except ValueError as error:
            raise BadRecord(record.where, "corrupt image", f"{uri}: {error}") from None
        return ImageRef(uri, digest(data), max_pixels)


def open_records(source: FileSource, name: str) -> Records:
    match source.kind:
        case "jsonl":
            return JsonlRecords(source.path)
        case "webdataset":
            return TarRecords(source.path)
        case "datasets":
            return DatasetRecords(source.path, source.config_name, source.split, name)


def source_name(source: FileSource) -> str:
    """The configured name, else the path's last part. Raises ValueError for a name that would make ids ambiguous."""
    name = source.name or os.path.basename(os.path.normpath(source.path))
    if not name.strip() or "/" in name:
        raise ValueError(f"data.sources: the name of a source must be text without /, got {name!r}")
    return name
