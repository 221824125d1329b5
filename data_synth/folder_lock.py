"""One writer at a time in a folder. The lock leaves no file and ends with its process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder. Raises OSError if another writer does.

    Where the system or the file system has no such locks, two writers are not told apart.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)  # not inherited by worker processes
    try:
        if not _locked(descriptor):
            raise OSError(f"{folder} is being written by another process; wait for it or choose a new folder")
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # a forked child may still have the descriptor
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether nobody else holds the lock, as far as can be told: some file systems have none (EBADF, ENOLCK)."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
