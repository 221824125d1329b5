"""Measure data_synth: `python scripts/bench_synth.py [--items 20] [--size 384]` prints one JSON object.

Images are of the first picture modality of each family, as records: drawn and encoded, with their text.
"images_per_second" is the mix of all families and levels, equally often, on one core, in CPU time. "logic_ms" is
`data_synth.make`. "ids_per_second" are records read from tar shards by id, at random, from the page cache: look-up, one
pread, CRC, parting into members; nothing is decoded. "written_per_second" are records in wall time of `write_dataset`
from start to end, both formats, with the start of its processes; other work on the machine slows it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import data_synth
from data_synth.index import ShardIndex
from data_synth.records import encode
from data_synth.write import write_dataset

TARGETS = {"images_per_second": 100, "logic_ms": 1.0, "ids_per_second": 50_000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=20, help="items of each family and level (default 20)")
    parser.add_argument("--size", type=int, default=384, help="longer side, pixels (default 384)")
    parser.add_argument("--families", default="all", help="comma-separated, or all (default)")
    parser.add_argument("--written", type=int, default=40, help="items of each family and level to write (default 40)")
    arguments = parser.parse_args()
    names = list(data_synth.FAMILIES) if arguments.families == "all" else arguments.families.split(",")
    families = {name: measure_family(name, arguments.items, arguments.size) for name in names}
    picture_ms = sum(one["picture_ms"] for one in families.values()) / len(families)
    result: dict[str, Any] = {
        "size": arguments.size,
        "items_per_cell": arguments.items,
        "targets": TARGETS,
        "images_per_second": round(1000 / picture_ms, 1),
        "logic_ms": round(sum(one["logic_ms"] for one in families.values()) / len(families), 3),
        "families": families,
    }
    result |= measure_files(names, arguments.written, arguments.size)
    print(json.dumps(result, indent=1))


def cpu_ms(work: Callable[[], Any], times: int) -> float:
    """Milliseconds of CPU time of one of the `times` things that `work` does."""
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start) / times


def measure_family(name: str, items: int, size: int) -> dict[str, Any]:
    """CPU milliseconds of making an item, of drawing and encoding its pictures, and by level."""
    modality = next(kind for kind in data_synth.FAMILIES[name].modalities if kind != "text")
    data_synth.make(name, 0, 0).images(modality, size)  # loads fonts and code
    cells = [measure_cell(name, level, modality, items, size) for level in data_synth.LEVELS]
    logic, pictures = zip(*cells, strict=True)
    mean = sum(pictures) / len(pictures)
    return {
        "modality": modality,
        "images_per_second": round(1000 / mean, 1),
        "picture_ms": round(mean, 3),
        "logic_ms": round(sum(logic) / len(logic), 3),
        "logic_ms_by_level": [round(value, 3) for value in logic],
        "images_per_second_by_level": [round(1000 / value, 1) for value in pictures],
    }


def measure_cell(name: str, level: int, modality: str, items: int, size: int) -> tuple[float, float]:
    """CPU milliseconds of the logic of an item, and of a picture."""
    made: list[data_synth.Item] = []
    logic = cpu_ms(lambda: made.extend(data_synth.make(name, level, index) for index in range(items)), items)
    number = sum(item.prompt(modality).count("<image>") for item in made)
    return logic, cpu_ms(lambda: [encode(item, modality, size) for item in made], number)


def measure_files(names: list[str], count: int, size: int) -> dict[str, Any]:
    families = {name: data_synth.LEVELS for name in names}
    written = {}
    with tempfile.TemporaryDirectory() as folder:
        for workers in (1, 2):
            out = Path(folder) / str(workers)
            start, before = time.perf_counter(), cpu_seconds()
            manifest = write_dataset(
                out, families, count, image_size=size, workers=workers, shard_size=250, at_most=True,
                formats=("webdataset", "parquet"),
            )  # fmt: skip
            written[f"{workers} workers"] = round(manifest.records / (time.perf_counter() - start), 1)
            written[f"{workers} workers, per CPU second"] = round(manifest.records / (cpu_seconds() - before), 1)
        return {"written_per_second": written, "ids_per_second": measure_index(out)}


def cpu_seconds() -> float:
    """Of this process and of its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure_index(folder: Path) -> int:
    """Records a second by id, best of five rounds, in CPU time."""
    index = ShardIndex.open(folder)
    ids = [json.loads(index.get(number)["json"])["id"] for number in range(len(index))]
    drawn = random.Random(0).choices(ids, k=20_000)

    def read() -> None:
        for record_id in drawn:  # none is kept: to hold 280 MB takes longer than to read them
            index.get(record_id)

    return round(1000 / min(cpu_ms(read, len(drawn)) for _ in range(5)))


if __name__ == "__main__":
    main()
