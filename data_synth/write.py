"""Write a data set: WebDataset shards, a manifest with their SHA-256, and a card.

The bytes depend on the arguments alone, not on the number of workers, and not on how often the run was killed and
started again. Pass 1 finds the items: workers evaluate ranges of indices, the parent accepts unique contents of the
split in index order. Pass 2 writes shards, each a function of its own list of records.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any

import PIL

from data_synth.card import write_card
from data_synth.generate import cell_modalities, make
from data_synth.item import GEN_VERSION
from data_synth.rng import keyed_hash
from data_synth.shards import Shard, file_sha256, is_temporary, write_atomically, write_shard

Progress = Callable[[str, int, int], None]  # what ("find" or "write"), done, of how many

MANIFEST = "manifest.json"
CHUNK = 256  # indices that a worker evaluates at a time
PATIENCE = 20_000  # candidates without a new item after which a cell is taken to be exhausted


@dataclass(frozen=True, slots=True)
class Recipe:
    """What determines the bytes of a data set."""

    gen_version: str
    pillow: str
    families: dict[str, tuple[int, ...]]
    count: int
    image_size: int
    split: str
    seed: int
    shard_size: int
    at_most: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished data set holds. shards: file name -> SHA-256; records: one per item and modality."""

    recipe: Recipe
    shards: dict[str, str]
    records: int


def write_dataset(
    out: str | Path,
    families: dict[str, tuple[int, ...]],
    count: int,
    *,
    image_size: int = 384,
    split: str = "train",
    workers: int = 1,
    seed: int = 0,
    shard_size: int = 2000,
    at_most: bool = False,
    progress: Progress | None = None,
) -> Manifest:
    """Write `count` items of every (family, level) to the folder `out`, or finish what an earlier call began.

    families: name -> levels. seed: another seed draws from another range of indices. shard_size: records per shard.
    at_most: a cell with fewer different items than `count` gives all that it has, rather than an error.
    workers > 1 start processes by spawning, so call it from under `if __name__ == "__main__"`.
    Raises ValueError for arguments that make no data set, FileExistsError if `out` holds something else,
    OSError naming the file if the disk is full; what is written by then stays usable and complete.
    """
    recipe = _recipe(families, count, image_size, split, seed, shard_size, at_most)
    if workers < 1:
        raise ValueError(f"workers must be >= 1, got {workers}")
    folder = Path(out)
    done = _open_folder(folder, recipe)
    report = progress or (lambda what, done, total: None)
    with _pool(workers) as pool:
        shards = list(_plan(recipe, pool, workers, report))
        todo = [s for s in shards if done.get(s.name) is None or file_sha256(folder / s.name) != done[s.name]]
        report("write", len(shards) - len(todo), len(shards))
        write = partial(write_shard, str(folder), image_size)
        for number, (shard, sha) in enumerate(zip(todo, _map(pool, write, todo), strict=True), 1):
            done[shard.name] = sha
            _save(folder, recipe, done)
            report("write", len(shards) - len(todo) + number, len(shards))
    manifest = Manifest(recipe, {s.name: done[s.name] for s in shards}, sum(len(s.records) for s in shards))
    _save(folder, recipe, manifest.shards)
    write_card(folder, asdict(recipe), manifest.shards, [record for shard in shards for record in shard.records])
    return manifest


def _recipe(
    families: dict[str, tuple[int, ...]],
    count: int,
    image_size: int,
    split: str,
    seed: int,
    shard_size: int,
    at_most: bool,
) -> Recipe:
    """The checked arguments. Raises ValueError."""
    if not families or not all(families.values()):
        raise ValueError(f"families must name at least one family with at least one level each, got {families}")
    for family, levels in families.items():
        for level in levels:
            make(family, level, 0)  # names what is wrong with an unknown family or level
        if len(set(levels)) != len(levels):
            raise ValueError(f"families must name each level of {family} once, got {levels}")
    for what, value, least in (("count", count, 1), ("shard_size", shard_size, 1), ("seed", seed, 0)):
        if value < least:
            raise ValueError(f"{what} must be >= {least}, got {value}")
    if not 32 <= image_size <= 2048:
        raise ValueError(f"image_size must be in 32 .. 2048 pixels, got {image_size}")
    if split not in ("train", "eval"):
        raise ValueError(f"split must be train or eval, got {split!r}")
    levels_of = {family: tuple(levels) for family, levels in families.items()}
    return Recipe(GEN_VERSION, PIL.__version__, levels_of, count, image_size, split, seed, shard_size, at_most)


def _open_folder(folder: Path, recipe: Recipe) -> dict[str, str]:
    """Shards already written for this recipe, by name. Raises FileExistsError for a folder with anything else in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MANIFEST
    leftovers = [file for file in folder.iterdir() if is_temporary(file.name)]  # of a run that was killed
    if not path.exists():
        if len(list(folder.iterdir())) > len(leftovers):
            raise FileExistsError(f"{folder} is not empty and holds no {MANIFEST}; choose a new folder")
        _save(folder, recipe, {})
        return {}
    try:
        held = json.loads(path.read_text("utf-8"))
        same = held["recipe"] == json.loads(json.dumps(asdict(recipe)))
        shards = dict(held["shards"])
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise FileExistsError(f"{path} is no manifest of a data set ({error}); choose a new folder") from error
    if not same:
        raise FileExistsError(f"{folder} holds another data set: {held['recipe']}; choose a new folder")
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    return {name: sha for name, sha in shards.items() if (folder / name).is_file()}


def _save(folder: Path, recipe: Recipe, shards: dict[str, str]) -> None:
    content = {"recipe": asdict(recipe), "shards": dict(sorted(shards.items()))}
    write_atomically(folder / MANIFEST, (json.dumps(content, indent=1) + "\n").encode())


def _plan(recipe: Recipe, pool: Executor | None, workers: int, report: Progress) -> Iterator[Shard]:
    """Cells take turns, twins stand together; consecutive records fill the shards."""
    cells = [(family, level) for family, levels in recipe.families.items() for level in levels]
    found: list[list[int]] = []
    seen: set[str] = set()
    for number, (family, level) in enumerate(cells):
        found.append(_find(recipe, family, level, seen, pool, workers))
        report("find", (number + 1) * recipe.count, len(cells) * recipe.count)
    records = (
        (family, level, found[cell][turn], modality)
        for turn in range(recipe.count)
        for cell, (family, level) in enumerate(cells)
        if turn < len(found[cell])
        for modality in cell_modalities(family)
    )
    first = 0
    while batch := tuple(islice(records, recipe.shard_size)):
        yield Shard(f"shard-{first // recipe.shard_size:05d}.tar", first, batch)
        first += len(batch)


def _find(recipe: Recipe, family: str, level: int, seen: set[str], pool: Executor | None, workers: int) -> list[int]:
    """Indices of the first `count` items of the split whose contents are new to `seen`, which grows by them.

    Raises ValueError if the cell has fewer, unless the recipe takes what there is.
    """
    start = keyed_hash("write_dataset", recipe.seed, bits=32) << 30  # ranges of different seeds do not meet
    found: list[int] = []
    idle = 0
    while idle < PATIENCE:
        chunks = [(family, level, start + n * CHUNK, recipe.split) for n in range(workers)]
        start += workers * CHUNK
        for index, digest in (pair for chunk in _map(pool, _candidates, chunks) for pair in chunk):
            idle += 1
            if digest is not None and digest not in seen:
                idle = 0
                seen.add(digest)
                found.append(index)
                if len(found) == recipe.count:
                    return found
    if recipe.at_most and found:
        return found
    raise ValueError(
        f"{family} level {level} has no more than about {len(found)} different items in the {recipe.split} split; "
        f"count is {recipe.count}: lower it or take higher levels"
    )


def _candidates(chunk: tuple[str, int, int, str]) -> list[tuple[int, str | None]]:
    """(index, content hash) of a range of indices; None for contents of the other split."""
    family, level, start, split = chunk
    items = (make(family, level, index) for index in range(start, start + CHUNK))
    return [(item.index, item.content_hash if item.split == split else None) for item in items]


def _map(pool: Executor | None, function: Callable[[Any], Any], values: list[Any]) -> Iterator[Any]:
    return map(function, values) if pool is None else pool.map(function, values)


@contextmanager
def _pool(workers: int) -> Iterator[Executor | None]:
    if workers == 1:
        yield None
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_die_with_parent)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _die_with_parent() -> None:
    """A killed parent cannot tell its workers to stop; they would wait for work for ever."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
