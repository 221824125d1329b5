"""Pass 1 of writing a data set: which items it has.

Workers evaluate ranges of indices; unique contents of the split are accepted in index order, so the choice depends on
neither the number of workers nor their pace. An item is kept as a few bytes: tens of millions fit into memory.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from data_synth.generate import ItemError, make
from data_synth.hold_out import HoldOut, shows
from data_synth.item import EVAL_PERMILLE, id_of
from data_synth.recipe import Recipe
from data_synth.shards import Shard

CHUNK = 256  # indices that a worker evaluates at a time
PATIENCE = 20_000  # candidates without a new item after which a cell is taken to be exhausted
COMMONEST = 5  # answers of a cell named in the card
SPAN = 2**32  # indices of each seed, from (seed + 1) * SPAN on; those below SPAN are for prompts made in training

# index, content hash, pictures of each modality, answer; of an item that failed: index, b"", b"", what failed
Candidate = tuple[int, bytes, bytes, str]
Progress = Callable[[str, int, int], None]  # what ("find", "write" or "index"), items or records done, of how many


class Runner(Protocol):
    """Where the work is done: in this process, in processes of this machine, or on a cluster."""

    def map(self, function: Callable[[Any], Any], values: Iterable[Any]) -> Iterator[Any]:
        """Results in the order of the values, which are taken a bounded number ahead."""
        ...


@dataclass(slots=True)
class Cell:
    """The items of one (family, level). pictures: of each item in each of the modalities, item by item.

    failed: ids of the items passed over because the family failed on them.
    """

    family: str
    level: int
    modalities: tuple[str, ...]
    indices: array[int] = field(default_factory=lambda: array("Q"))
    pictures: bytearray = field(default_factory=bytearray)
    answers: dict[str, Any] = field(
        default_factory=dict
    )  # of the histogram: distinct, share of the commonest, commonest
    failed: list[str] = field(default_factory=list)

    def pictures_of(self, turn: int, modality: str) -> int:
        """How many pictures an item has in a modality, or -1 if the family lacks it."""
        if modality not in self.modalities:
            return -1
        return self.pictures[turn * len(self.modalities) + self.modalities.index(modality)]


@dataclass(frozen=True, slots=True)
class Plan:
    """cells: in the recipe's order. merkle: root of the contents of each family, and "all" of these roots."""

    cells: list[Cell]
    merkle: dict[str, str]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """(modality, number of pictures): the records that may share a shard, since readers want them alike."""
        found = {
            (modality, pictures)
            for cell in self.cells
            for place, modality in enumerate(cell.modalities)
            for pictures in set(cell.pictures[place :: len(cell.modalities)])
        }
        return sorted(found)

    @property
    def records(self) -> int:
        return sum(len(cell.indices) * len(cell.modalities) for cell in self.cells)

    def shards(self, size: int) -> Iterator[Shard]:
        """Cells take turns; consecutive records fill the shards of their group."""
        families = tuple(cell.family for cell in self.cells)
        levels = tuple(cell.level for cell in self.cells)
        for modality, pictures in self.groups:
            group = f"{modality}{pictures if pictures > 1 else ''}"
            records = self._records(modality, pictures)
            first = 0
            while batch := list(islice(records, size)):
                numbers, indices = array("H", (n for n, _ in batch)), array("Q", (index for _, index in batch))
                name = f"{group}-{first // size:05d}"
                yield Shard(name, modality, first, families, levels, numbers, indices)
                first += len(batch)

    def _records(self, modality: str, pictures: int) -> Iterator[tuple[int, int]]:
        """(number of the cell, index) of the records of a group."""
        for turn in range(max(len(cell.indices) for cell in self.cells)):
            for number, cell in enumerate(self.cells):
                if turn < len(cell.indices) and cell.pictures_of(turn, modality) == pictures:
                    yield number, cell.indices[turn]


def make_plan(recipe: Recipe, runner: Runner, report: Progress, *, at_most: bool = False) -> Plan:
    """Find the items of every cell. Raises ValueError for a cell with too few, if at_most for one with none."""
    cells = recipe.cells()
    found: list[Cell] = []
    merkle: dict[str, str] = {}
    for family in recipe.families:
        seen: set[bytes] = set()  # contents of different families differ by their hash
        for _, level, modalities in (cell for cell in cells if cell[0] == family):
            found.append(_find(recipe, Cell(family, level, modalities), seen, runner, at_most))
            report("find", len(found) * recipe.count, len(cells) * recipe.count)
        merkle[family] = merkle_root(sorted(seen)).hex()
    merkle["all"] = merkle_root([bytes.fromhex(merkle[family]) for family in sorted(merkle)]).hex()
    return Plan(found, merkle)


def _find(recipe: Recipe, cell: Cell, seen: set[bytes], runner: Runner, at_most: bool) -> Cell:
    """Fill the cell with the first `count` items of the split whose contents are new to `seen`, which grows by them."""
    start = (recipe.seed + 1) * SPAN
    end = start + SPAN
    why = ""  # the first failure
    share = EVAL_PERMILLE if recipe.split == "eval" else 1000 - EVAL_PERMILLE
    answers: Counter[str] = Counter()
    newest = start
    while len(cell.indices) < recipe.count and start - newest < PATIENCE and start < end:
        wanted = (recipe.count - len(cell.indices)) * 1100 // share + 8
        stop = min(start + min(wanted, PATIENCE), end)
        chunks = ((cell, first, min(first + CHUNK, stop), recipe) for first in range(start, stop, CHUNK))
        start = stop
        for index, digest, pictures, answer in (
            one for chunk in runner.map(_candidates, map(_task, chunks)) for one in chunk
        ):
            if digest in seen or len(cell.indices) == recipe.count:  # what comes after the last item does not matter
                continue
            if not digest:
                cell.failed.append(id_of(cell.family, cell.level, index))
                why = why or f"; {cell.family} failed on others, the first is {answer}"
                continue
            seen.add(digest)
            newest = index
            cell.indices.append(index)
            cell.pictures += pictures
            answers[answer] += 1
    if len(cell.indices) < recipe.count and not (at_most and cell.indices):
        raise ValueError(
            f"{cell.family} level {cell.level} has no more than about {len(cell.indices)} different items in the "
            f"{recipe.split} split; count is {recipe.count}: lower it or take higher levels{why}"
        )
    commonest = sorted(answers.items(), key=lambda pair: (-pair[1], pair[0]))[:COMMONEST]
    share_of_first = round(commonest[0][1] / len(cell.indices), 4)
    cell.answers = {"distinct": len(answers), "majority": share_of_first, "commonest": dict(commonest)}
    return cell


Task = tuple[str, int, int, int, tuple[str, ...], str, HoldOut]


def _task(chunk: tuple[Cell, int, int, Recipe]) -> Task:
    """What a worker needs to know."""
    cell, first, stop, recipe = chunk
    return cell.family, cell.level, first, stop, cell.modalities, recipe.split, recipe.hold_out


def _candidates(task: Task) -> list[Candidate]:
    """The items of a range of indices that belong to the split, and those that failed: their split is unknown."""
    family, level, first, stop, modalities, split, held = task
    found = []
    for index in range(first, stop):
        try:
            item = make(family, level, index)
        except ItemError as error:
            found.append((index, b"", b"", str(error)))
            continue
        if item.split == split and not (split == "train" and shows(item, held)):
            pictures = bytes(item.prompt(modality).count("<image>") for modality in modalities)
            found.append((index, bytes.fromhex(item.content_hash), pictures, item.answer.surface))
    return found


def merkle_root(leaves: list[bytes]) -> bytes:
    """SHA-256 Merkle root in the manner of RFC 6962: leaves and nodes are told apart; a last odd one moves up."""
    level = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves] or [hashlib.sha256().digest()]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]
