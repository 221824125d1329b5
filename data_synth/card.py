"""The card of a data set: a README.md that says what is in it and how to make it again."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from data_synth.shards import RecordId, write_atomically

_TEXT = """# Synthetic visual reasoning with exact answers

{records} records in {shards} shards, split `{split}`, made by data_synth version {gen_version} with Pillow {pillow}.

| family | level | modality | records |
|---|---|---|---|
{table}

## Records
Each record `KEY` is `KEY.json` with `KEY.000.png`, `KEY.001.png` ... for its images (none for text). Fields: `id`,
`question` (`<image>` stands where an image goes), `answer` (typed gold answer as JSON), `verifier`, `family`, `level`,
`modality`, `trace` (a worked solution), `direct` (the boxed answer), `pair_id` (shared by text and image twins).

## Split
The content of an item decides its split (10 % eval), so no content is in both. No content appears twice.

## Make it again
The bytes follow from these arguments of `data_synth.write.write_dataset` and these versions; `manifest.json` lists the
SHA-256 of every shard.
```json
{recipe}
```
"""


def write_card(folder: Path, recipe: dict[str, Any], shards: dict[str, str], records: list[RecordId]) -> None:
    """Write README.md into the folder. Raises OSError naming the file."""
    counts = Counter((family, level, modality) for family, level, _, modality in records)
    table = "\n".join(f"| {family} | {level} | {modality} | {n} |" for (family, level, modality), n in counts.items())
    text = _TEXT.format(
        records=len(records),
        shards=len(shards),
        split=recipe["split"],
        gen_version=recipe["gen_version"],
        pillow=recipe["pillow"],
        table=table,
        recipe=json.dumps(recipe, indent=1),
    )
    write_atomically(folder / "README.md", text.encode())
