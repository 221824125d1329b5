"""Records as parquet with the Image feature of `datasets`: `load_dataset("parquet", ...)` decodes the pictures.

`image` is the picture of a record that has one, `images` the list of one that has several, so that every file of a data
set has the same columns. Row groups are small: a row at random costs one of them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from data_synth.records import Record

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP = 100
TEXTS = (
    "id", "pair_id", "question", "answer", "verifier", "family", "modality", "seen", "trace", "brief", "direct",
    "split", "features", "program", "scene",
)  # fmt: skip
_TEXT, _LEVEL, _IMAGE = {"dtype": "string", "_type": "Value"}, {"dtype": "int64", "_type": "Value"}, {"_type": "Image"}


def schema() -> pa.Schema:
    """Columns, and the features that `datasets` reads from the schema's metadata."""
    import pyarrow as pa

    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    columns = [*((name, pa.string()) for name in TEXTS), ("level", pa.int64())]
    columns += [("image", image), ("images", pa.list_(image))]
    features: dict[str, Any] = {name: _TEXT for name in TEXTS}
    features |= {"level": _LEVEL, "image": _IMAGE, "images": {"feature": _IMAGE, "_type": "List"}}
    return pa.schema(columns, {"huggingface": json.dumps({"info": {"features": features}})})


def parquet_bytes(records: Iterable[tuple[str, Record]]) -> bytes:
    """A whole parquet file of (key, record). The bytes depend on the records and the version of pyarrow alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = (_row(key, record) for key, record in records)
    buffer = io.BytesIO()
    # pictures are compressed already
    compression = {name: "zstd" for name in TEXTS} | {"level": "zstd"}
    compression |= {
        f"{column}.{part}": "none" for column in ("image", "images.list.element") for part in ("bytes", "path")
    }
    with pq.ParquetWriter(buffer, schema(), compression=compression, write_statistics=["level"]) as writer:
        for group in _batches(rows, ROW_GROUP):
            writer.write_table(pa.Table.from_pylist(group, schema()), row_group_size=ROW_GROUP)
    return buffer.getvalue()


def _row(key: str, record: Record) -> dict[str, Any]:
    images = [{"bytes": data, "path": f"{key}.{n:03d}.{end}"} for n, (end, data) in enumerate(record.images)]
    single = images[0] if len(images) == 1 else None
    return {**record.fields, "image": single, "images": images if len(images) > 1 else []}


def _batches(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, size)):
        yield batch
