"""The console command that writes data sets: `vlm-rl synth`, and `python -m data_synth` where there is no torch."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_synth.families import FAMILIES
from data_synth.generate import cell_modalities
from data_synth.hold_out import parse_hold_out
from data_synth.item import DEFAULT_MODALITIES
from data_synth.plan import Progress
from data_synth.selection import levels_in
from data_synth.shards import FORMATS
from data_synth.write import RUNNERS, write_dataset

TEXT = "Write a synthetic visual-reasoning data set as WebDataset shards and parquet."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--families",
        default="all",
        help=f"comma-separated, also with own levels (scene_count:0+2), or all (default all): {', '.join(FAMILIES)}",
    )
    add("--levels", default="all", help="comma-separated, 0 = easiest, or all (default all)")
    add(
        "--count",
        type=int,
        default=10_000,
        help="items in all, as many of each family and level, rounded up (default 10000); "
        "each gives a record in each of its modalities",
    )
    add("--image-size", type=int, default=384, help="longer side, pixels (default 384)")
    add("--split", choices=("train", "eval"), default="train", help="by content hash (default train)")
    add("--formats", default=",".join(FORMATS), help=f"comma-separated (default {','.join(FORMATS)})")
    add("--modalities", help=f"comma-separated, or all (default {','.join(DEFAULT_MODALITIES)})")
    add(
        "--hold-out",
        action="append",
        default=[],
        metavar="KIND=NAMES",
        help="families=..., fonts=... or palettes=... that the train split may not show; repeatable (default: none)",
    )
    add("--workers", type=int, default=2, help="processes or tasks (default 2); the bytes do not depend on it")
    add(
        "--runner",
        choices=RUNNERS,
        default="local",
        help="local = processes of this machine; ray = a cluster that shares the storage of the folder (default local)",
    )
    add("--seed", type=int, default=0, help="which range of items (default 0)")
    add("--shard-size", type=int, default=2000, help="records per shard (default 2000)")
    add("--out", type=Path, required=True, help="new folder, or one whose writing was interrupted")


def run(arguments: argparse.Namespace) -> None:
    """Write the data set. Raises ValueError or OSError for what a person can mend, SystemExit(130) when interrupted."""
    held = parse_hold_out(arguments.hold_out)
    families = parse_families(arguments.families, arguments.levels)
    modalities = parse_modalities(arguments.modalities, families)
    if arguments.families.strip() == "all":  # all that can be there
        kept_out = held.get("families", []) if arguments.split == "train" else []
        families = {
            name: levels
            for name, levels in families.items()
            if name not in kept_out and (modalities is None or set(modalities) & set(cell_modalities(name)))
        }
    try:
        with progress_bar() as report:
            manifest = write_dataset(
                arguments.out,
                families,
                -(-arguments.count // max(1, sum(map(len, families.values())))),
                image_size=arguments.image_size,
                split=arguments.split,
                workers=arguments.workers,
                seed=arguments.seed,
                shard_size=arguments.shard_size,
                at_most=True,
                formats=names(arguments.formats),
                modalities=modalities,
                hold_out=held,
                runner=arguments.runner,
                progress=report,
            )
    except KeyboardInterrupt:
        print("interrupted: the same command goes on from here", file=sys.stderr)
        raise SystemExit(130) from None  # 128 + SIGINT, as of a shell
    except RuntimeError as error:  # an item that cannot be drawn, a worker that was killed
        raise ValueError(str(error)) from error
    print(f"{manifest.records:,} records in {len(manifest.shards)} files: {arguments.out}")


def names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def parse_families(families: str, levels: str) -> dict[str, tuple[int, ...]]:
    """`all`, or "scene_count:0+2,expression" with `levels` for what has none -> family -> levels. Raises ValueError."""
    found: dict[str, tuple[int, ...]] = {}
    common = levels_in(levels)
    for text in FAMILIES if families.strip() == "all" else names(families):
        name, colon, own = text.partition(":")
        try:
            given = [int(level) for level in own.split("+")] if colon else common
        except ValueError:
            raise ValueError(f"the levels of {name} must be whole numbers with +, got {own!r}") from None
        found[name] = (*found.get(name, ()), *given)  # one given twice is the recipe's to refuse
    return found


def parse_modalities(text: str | None, families: dict[str, tuple[int, ...]]) -> list[str] | None:
    """None = the default ones; "all" = all that the families have. Raises ValueError for an unknown family."""
    if text is None or text.strip() != "all":
        return None if text is None else names(text)
    return list(dict.fromkeys(name for family in families for name in cell_modalities(family)))


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar for each pass, with items per second and the time left; on no terminal, a line every ten seconds."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(highlight=False)
    columns = (
        TextColumn("{task.description:<6}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    started: dict[str, tuple[float, int]] = {}  # when a pass began, and what was done by then
    shown = time.monotonic()
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            nonlocal shown
            now = time.monotonic()
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total, rate="")
                started[what] = now, done
            since, before = started[what]
            rate = (done - before) / max(now - since, 1e-9)
            note = f"{rate:,.0f} items/s" if done > before else ""
            bar.update(tasks[what], completed=done, total=total, rate=note)
            if not console.is_terminal and now - shown >= 10:
                shown = now
                left = f", {(total - done) / rate:,.0f} s left" if rate else ""
                console.print(f"  {what} {done:,}/{total:,} {note}{left}")

        yield report
