"""Verdicts of a judge, kept on disk: a resumed run, a second epoch or a second process asks nothing twice.

One SQLite file: a killed process leaves it whole, and several processes may share it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

FILE_NAME = "judge_verdicts.sqlite3"
LOCK_SECONDS = 60.0  # how long a write waits for those of other processes
_KEY = b"vlm-rl judge cache"
T = TypeVar("T")


class VerdictCache:
    """Keys (see `cache_key`) to (correct, the judge's reply). Any number of threads may share a cache."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError, naming the file, if it cannot be opened or is something else."""
        self.path = folder / FILE_NAME
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = self._guarded(self._open)

    def get(self, key: bytes) -> tuple[bool, str] | None:
        query = "SELECT correct, reply FROM verdicts WHERE key = ?"
        row = self._guarded(lambda: self._database.execute(query, (key,)).fetchone())
        return (bool(row[0]), str(row[1])) if row else None

    def put(self, key: bytes, correct: bool, reply: str) -> None:
        """Keep a verdict; where two processes asked at once, the first one stays."""
        row = (key, int(correct), reply.encode("utf-8", "replace").decode())
        self._guarded(lambda: self._database.execute("INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?)", row))

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _open(self) -> sqlite3.Connection:
        # no transactions of our own: each statement is one
        database = sqlite3.connect(self.path, timeout=LOCK_SECONDS, check_same_thread=False, isolation_level=None)
        database.execute("PRAGMA synchronous = OFF")  # a kill loses nothing; after a power cut a cache can be made anew
        database.execute("CREATE TABLE IF NOT EXISTS verdicts (key BLOB PRIMARY KEY, correct INTEGER, reply TEXT)")
        return database

    def _guarded(self, work: Callable[[], T]) -> T:
        with self._lock:
            try:
                return work()
            except sqlite3.Error as error:
                raise OSError(f"judge cache {self.path}: {error}; delete the file, or set another cache_dir") from error


def cache_key(model: str, sampling: dict[str, Any], messages: Sequence[dict[str, str]]) -> bytes:
    """A keyed hash of everything that determines a verdict."""
    asked = json.dumps([model, sampling, list(messages)], sort_keys=True)
    return hashlib.blake2b(asked.encode(), key=_KEY, digest_size=16).digest()
