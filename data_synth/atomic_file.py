"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises OSError naming the file, e.g. when the disk is full."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")  # see is_temporary
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        remedy = "; free some space and run again" if error.errno in NO_SPACE else ""
        raise OSError(error.errno, f"could not write {path}: {error.strerror or error}{remedy}") from error
    finally:  # also after an interrupt; once it is in place, there is none
        with suppress(OSError):  # what stopped the writing may stop this too, and is what is to be told
            temporary.unlink()


def is_temporary(name: str) -> bool:
    """Whether a data set's file of this name is one that `write_atomically` had not finished."""
    pattern = r"\.([a-z]+\d*-\d+\.(tar|parquet)|manifest\.json|dataset_card\.json|README\.md|index\.bin)\.\d+\.tmp"
    return re.fullmatch(pattern, name) is not None


def file_sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
