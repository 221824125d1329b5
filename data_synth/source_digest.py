"""A digest of the generator's own source: a changed line may draw, word or pack the same item in another way."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

APART = ("audit", "preview", "command.py", "__main__.py")  # they write no data set, or only pass arguments on


@lru_cache(maxsize=1)
def source_digest(folder: Path = Path(__file__).parent) -> str:
    """16 hex digits of the SHA-256 over the names and contents of the package's source files, by path."""
    total = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*.py")):
        if name.partition("/")[0] not in APART:
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()[:16]
