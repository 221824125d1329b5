"""Write a data set: WebDataset shards and parquet, an index, a manifest with their SHA-256, and a card.

The bytes depend on the recipe alone, not on the number or place of the workers, and not on how often the run was killed
and started again. Pass 1 finds the items (plan.py). Pass 2 writes shards, each a function of its own list of records.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from data_synth.atomic_file import file_sha256, is_temporary, write_atomically
from data_synth.card import card_files
from data_synth.folder_lock import only_writer
from data_synth.index import INDEX, ShardIndex
from data_synth.local_runner import local_runner
from data_synth.plan import Plan, Progress, Runner, make_plan
from data_synth.recipe import Recipe, make_recipe
from data_synth.shards import Look, Shard, write_shard

MANIFEST = "manifest.json"
RUNNERS = ("local", "ray")
SAVING = 0.05  # share of the time that may go into saving the manifest


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a data set holds. shards: file name -> SHA-256. counts: file name -> records. files: of the other files.

    records: one per item and modality, however many formats there are. files is empty until all is written.
    """

    recipe: Recipe
    shards: dict[str, str]
    records: int
    counts: dict[str, int] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        content = asdict(self) | {
            "shards": dict(sorted(self.shards.items())),
            "counts": dict(sorted(self.counts.items())),
        }
        write_atomically(folder / MANIFEST, (json.dumps(content, indent=1) + "\n").encode())


def write_dataset(
    out: str | Path,
    families: Mapping[str, tuple[int, ...]],
    count: int,
    *,
    image_size: int = 384,
    split: str = "train",
    workers: int = 1,
    seed: int = 0,
    shard_size: int = 2000,
    at_most: bool = False,
    formats: Iterable[str] = ("webdataset",),
    modalities: Iterable[str] | None = None,
    hold_out: Mapping[str, Iterable[str]] | None = None,
    runner: str = "local",
    progress: Progress | None = None,
) -> Manifest:
    """Write `count` items of every (family, level) to the folder `out`, or finish what an earlier call began.

    families: name -> levels. seed: another seed draws from another range of indices. shard_size: records per shard.
    at_most: a cell with fewer different items than `count` gives all that it has, rather than an error.
    An item on which its family fails is passed over, and listed in the card.
    formats: webdataset, parquet. modalities: None = text, image and rendered, as far as a family has them.
    hold_out: names by kind (families, fonts, palettes) that the train split may not show; the eval split is drawn in
    the fonts and palettes named.
    runner: local = `workers` processes, spawned if more than 1, so call it from under `if __name__ == "__main__"`;
    ray = tasks on the Ray cluster, at most `workers` at a time, and `out` must be storage that all its nodes share.
    Raises ValueError for arguments that make no data set, FileExistsError if `out` holds something else or was begun
    with other versions, OSError if another process is writing it, if a worker wrote elsewhere, or naming the file if
    the disk is full, RuntimeError naming an item that cannot be drawn; what is written by then stays usable and
    complete.
    """
    recipe = make_recipe(
        families,
        count,
        image_size=image_size,
        split=split,
        seed=seed,
        shard_size=shard_size,
        formats=tuple(formats),
        modalities=modalities,
        hold_out=hold_out or {},
    )
    if workers < 1:
        raise ValueError(f"workers must be >= 1, got {workers}")
    folder = Path(out).resolve()  # workers may have another working directory
    start = _runner(runner, workers, recipe, folder)
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; choose a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    with only_writer(folder):
        return _write(folder, recipe, start, at_most, progress or (lambda what, done, total: None))


def _write(
    folder: Path, recipe: Recipe, start: AbstractContextManager[Runner], at_most: bool, report: Progress
) -> Manifest:
    held = _open_folder(folder, recipe)
    with start as running:
        plan = make_plan(recipe, running, report, at_most=at_most)
        manifest = _write_shards(folder, recipe, plan, held, running, report)
    if missing := [name for name in manifest.shards if not (folder / name).is_file()]:
        raise OSError(
            f"{folder} lacks {len(missing)} of its {len(manifest.shards)} files, among them {missing[0]}: the workers "
            "must see this very folder, and no one else may change it; run again to write them"
        )
    files = card_files(recipe, plan, manifest.shards)
    for name, data in files.items():
        write_atomically(folder / name, data)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    if "webdataset" in recipe.formats:
        report("index", 0, plan.records)
        ShardIndex.build([folder / name for name in sorted(manifest.shards) if name.endswith(".tar")]).save(
            folder / INDEX
        )
        digests[INDEX] = file_sha256(folder / INDEX)
        report("index", plan.records, plan.records)
    manifest.files.update(digests)
    manifest.save(folder)
    return manifest


def _runner(name: str, workers: int, recipe: Recipe, folder: Path) -> AbstractContextManager[Runner]:
    if name == "local":
        return local_runner(workers)
    if name != "ray":
        raise ValueError(f"runner must be one of {', '.join(RUNNERS)}, got {name!r}")
    from data_synth.ray_runner import ray_runner

    return ray_runner(workers, recipe, folder / MANIFEST)


def _open_folder(folder: Path, recipe: Recipe) -> dict[str, str]:
    """Files already written for this recipe, by name. Raises FileExistsError for a folder with anything else in it."""
    path = folder / MANIFEST
    leftovers = [file for file in folder.iterdir() if is_temporary(file.name)]  # of a run that was killed
    if not path.exists():
        if len(list(folder.iterdir())) > len(leftovers):
            raise FileExistsError(f"{folder} is not empty and holds no {MANIFEST}; choose a new folder")
        _remove(leftovers)
        Manifest(recipe, {}, 0).save(folder)
        return {}
    try:
        held = json.loads(path.read_text("utf-8"))
        held_recipe, shards = dict(held["recipe"]), dict(held["shards"])
        held_versions = dict(held_recipe.pop("versions", {}))
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise FileExistsError(f"{path} is no manifest of a data set ({error}); choose a new folder") from error
    wanted = json.loads(json.dumps(asdict(recipe)))
    versions = wanted.pop("versions")
    if differences := _differences(held_recipe, wanted):
        raise FileExistsError(f"{folder} holds another data set ({differences}); choose a new folder")
    if differences := _differences(held_versions, versions):
        raise FileExistsError(
            f"{folder} was begun with other versions ({differences}), which may give other bytes; install those again, "
            "or choose a new folder"
        )
    _remove(leftovers)
    return {name: sha for name, sha in shards.items() if (folder / name).is_file()}


def _remove(leftovers: list[Path]) -> None:
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)


def _differences(held: dict[str, Any], wanted: dict[str, Any]) -> str:
    keys = dict.fromkeys([*wanted, *held])
    return ", ".join(f"{k} {held.get(k)} instead of {wanted.get(k)}" for k in keys if held.get(k) != wanted.get(k))


def _write_shards(
    folder: Path, recipe: Recipe, plan: Plan, held: dict[str, str], runner: Runner, report: Progress
) -> Manifest:
    """Write the shards of the plan that are not there yet; saves the manifest on the way and when interrupted."""
    hold_out = recipe.hold_out if recipe.split == "eval" and recipe.hold_out else None
    write = partial(write_shard, str(folder), Look(recipe.image_size, recipe.formats, hold_out))
    work = _Work(folder, recipe, plan, held, report)
    try:
        for digests in runner.map(write, work.missing()):
            work.take(digests)
    except KeyboardInterrupt:
        work.save()
        raise
    return Manifest(recipe, work.shards, work.records, work.counts)


class _Work:
    """The shards of a plan: handed out if they are not there yet, ticked off when they are.

    held: files that an earlier run has written, with their SHA-256.
    """

    def __init__(self, folder: Path, recipe: Recipe, plan: Plan, held: dict[str, str], report: Progress) -> None:
        self.folder, self.recipe, self.plan, self.held, self._report = folder, recipe, plan, held, report
        self.shards: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.records = 0
        self._handed: deque[Shard] = deque()  # in the order in which they come back
        self._saved, self._cost = time.monotonic(), 0.0
        report("write", 0, plan.records)

    def missing(self) -> Iterator[Shard]:
        for shard in self.plan.shards(self.recipe.shard_size):
            files = shard.files(self.recipe.formats)
            if all(name in self.held and file_sha256(self.folder / name) == self.held[name] for name in files):
                self._tick(shard, {name: self.held[name] for name in files})
            else:
                self._handed.append(shard)
                yield shard

    def take(self, digests: dict[str, str]) -> None:
        self._tick(self._handed.popleft(), digests)
        if (time.monotonic() - self._saved) * SAVING >= self._cost:  # a manifest of thousands of shards takes its time
            self._saved = time.monotonic()
            self.save()
            self._cost = time.monotonic() - self._saved

    def save(self) -> None:
        """A manifest of what is there; what is held but not reached yet stays listed."""
        Manifest(self.recipe, self.held | self.shards, self.records, self.counts).save(self.folder)

    def _tick(self, shard: Shard, digests: dict[str, str]) -> None:
        self.shards.update(digests)
        self.counts.update(dict.fromkeys(digests, len(shard)))
        self.records += len(shard)
        self._report("write", self.records, self.plan.records)
