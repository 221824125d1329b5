"""What a person sees: one line for each thing done, and a progress bar while it is being done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

console = Console(highlight=False)


@contextmanager
def progress(what: str, total: int | None, *, enabled: bool = True) -> Iterator[Callable[..., None]]:
    """A bar; yields `advance(n, note="")`. Processes other than the main one pass enabled=False."""
    columns = (
        TextColumn("{task.description:<14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True, disable=not enabled) as bar:
        task = bar.add_task(what, total=total, note="")

        done = 0

        def advance(count: int = 1, note: str | None = None) -> None:
            nonlocal done
            bar.update(task, advance=count)
            if note is not None:
                bar.update(task, note=note)
            tenths, done = (done * 10 // total if total else 0), done + count
            # a log file has no bar: say every tenth of the way where it stands
            if enabled and total and not console.is_terminal and done * 10 // total > tenths:
                console.print(f"  {what} {done}/{total} {note or ''}")

        yield advance
