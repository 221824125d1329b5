"""The card of a data set: what is in it, where it comes from and how to make it again, for people and for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from data_synth.item import EVAL_PERMILLE
from data_synth.plan import Plan
from data_synth.recipe import Recipe
from data_synth.render.fonts import FONTS, font_hashes
from data_synth.shards import FORMATS

_TEXT = """---
license: apache-2.0
task_categories:
- visual-question-answering
tags:
- synthetic
- visual-reasoning
- verifiable-rewards
configs:
{configs}
---
# Synthetic visual reasoning with exact answers

{records:,} records of {items:,} items, split `{split}`, made by data_synth version {gen_version}.

| family | level | items | records by modality | different answers | commonest answer |
|---|---|---|---|---|---|
{table}
{failed}
## Records
`id`, `pair_id` (shared by the twins of one item in several modalities), `question` (`<image>` stands where a picture
goes), `answer` (typed gold answer as JSON, read by `data_synth.Answer.from_text`), `verifier`, `family`, `level`,
`modality`, `seen` (what there is to see), `trace` (a worked solution), `brief` (its bare steps, for very small
models; often the same), `direct` (the boxed answer), `split`, and as JSON `features` (what makes it hard), `program`
(each step as operation, inputs, arguments, value) and `scene` (what is drawn, in design units).

In a tar shard the record KEY is `KEY.json` and its pictures `KEY.000.png`, `KEY.001.png` ... (`.jpg` for photos). In
parquet the picture is `image`, or the list `images` where there are several.

```python
{reading}
```

## Split
The hash of an item's content decides its split ({permille} of 1000 are `eval`), so no content is in both; nor does any
come twice. Kept out of `train` besides: {held}. (An eval split with fonts or palettes held out is drawn in these; made
by its id alone, an item looks as it does in other data sets.)

## Origin and licences
Made by a program from no one else's data; the records are under the generator's licence, Apache-2.0. Fonts: {fonts}.

## Make it again
```
{command}
```
The bytes depend on these arguments and on `library_versions` in `dataset_card.json` alone (libraries, digests of the
fonts and of the generator's source), not on the number of workers.
`manifest.json` lists the SHA-256 of every file. Merkle root of the contents: `{merkle}`.
"""


def card_files(recipe: Recipe, plan: Plan, shards: Mapping[str, str]) -> dict[str, bytes]:
    """Contents of dataset_card.json and README.md. shards: file name -> SHA-256."""
    cells = [
        {
            "family": cell.family,
            "level": cell.level,
            "items": len(cell.indices),
            "modalities": dict.fromkeys(cell.modalities, len(cell.indices)),
            "answers": cell.answers,
        }
        for cell in plan.cells
    ]
    card = {
        "gen_version": recipe.gen_version,
        "recipe": asdict(recipe),
        "command": command(recipe),
        "library_versions": recipe.versions | {"python": ".".join(platform.python_version_tuple()[:2])},
        "font_sha256": font_hashes(),
        "licences": {"records": "Apache-2.0"} | {face.name: face.licence for face in FONTS.values()},
        "split_rule": f"eval if int(content_hash, 16) % 1000 < {EVAL_PERMILLE}, else train",
        "hold_out": asdict(recipe.hold_out),
        "items": sum(len(cell.indices) for cell in plan.cells),
        "records": plan.records,
        "cells": cells,
        "failed": [item_id for cell in plan.cells for item_id in cell.failed],
        "merkle_root": plan.merkle,
        "shards": dict(sorted(shards.items())),
    }
    return {
        "dataset_card.json": (json.dumps(card, indent=1) + "\n").encode(),
        "README.md": _readme(recipe, plan, cells, len(shards)).encode(),
    }


def _readme(recipe: Recipe, plan: Plan, cells: list[dict[str, Any]], shards: int) -> str:
    rows = []
    for cell in cells:
        answers = cell["answers"]
        per_modality = ", ".join(f"{n:,} {name}" for name, n in cell["modalities"].items())
        rows.append(
            f"| {cell['family']} | {cell['level']} | {cell['items']:,} | {per_modality} | {answers['distinct']:,} "
            f"| {100 * answers['majority']:.1f} % |"
        )
    failed = sum(len(cell.failed) for cell in plan.cells)
    held = "; ".join(f"{kind} {', '.join(names)}" for kind, names in asdict(recipe.hold_out).items() if names)
    groups = [f"{modality}{pictures if pictures > 1 else ''}" for modality, pictures in plan.groups]
    return _TEXT.format(
        configs="\n".join(_configs(recipe, groups)),
        records=plan.records,
        items=sum(cell["items"] for cell in cells),
        split=recipe.split,
        gen_version=recipe.gen_version,
        table="\n".join(rows),
        failed=f"\nLeft out, because their family failed on them: {failed:,} items, `failed` in `dataset_card.json`.\n"
        if failed
        else "",
        reading="\n".join(_reading(recipe, groups)),
        permille=EVAL_PERMILLE,
        held=held or "nothing",
        fonts=", ".join(f"{face.name} ({face.licence})" for face in FONTS.values()),
        command=command(recipe),
        merkle=plan.merkle["all"],
    )


def _configs(recipe: Recipe, groups: list[str]) -> list[str]:
    """Lines for the hub and `load_dataset(folder, subset)`: a subset for each kind of shard, all of one format."""
    ending = FORMATS[recipe.formats[-1]]
    split = "train" if recipe.split == "train" else "test"
    lines = []
    for group in groups:
        lines += [f"- config_name: {group}", "  data_files:", f"  - split: {split}", f"    path: {group}-*{ending}"]
    return lines


def _reading(recipe: Recipe, groups: list[str]) -> list[str]:
    group = groups[0]
    lines = ["from datasets import load_dataset"]
    lines += [
        f'rows = load_dataset("{name}", data_files="{group}-*{FORMATS[name]}", split="train")'
        for name in recipe.formats
    ]
    return lines


def command(recipe: Recipe) -> str:
    """The console command that makes the data set again; `--workers` is free."""
    families = ",".join(f"{family}:{'+'.join(map(str, levels))}" for family, levels in recipe.families.items())
    held = "".join(f" --hold-out {kind}={','.join(names)}" for kind, names in asdict(recipe.hold_out).items() if names)
    count = recipe.count * len(recipe.cells())
    return (
        f"vlm-rl synth --families {families} --count {count} --image-size {recipe.image_size} "
        f"--split {recipe.split} --seed {recipe.seed} --shard-size {recipe.shard_size} "
        f"--formats {','.join(recipe.formats)} --modalities {','.join(recipe.modalities)}{held} --out DIR"
    )
