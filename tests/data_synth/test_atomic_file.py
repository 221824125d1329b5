"""Files are there whole or not at all, and the reason is told as it is."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from data_synth.atomic_file import write_atomically


@pytest.mark.parametrize(
    ("code", "advice"),
    [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False), (errno.EROFS, False), (errno.EIO, False)],
)
def test_only_a_full_disk_wants_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, advice: bool) -> None:
    def replace(source: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match=f"could not write {tmp_path / 'a'}: {os.strerror(code)}") as error:
        write_atomically(tmp_path / "a", b"data")
    assert error.value.errno == code
    assert ("free some space" in str(error.value)) == advice
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="could not write .*Not a directory$"):
        write_atomically(tmp_path / "file" / "a", b"data")


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", b"data")
    assert not list(tmp_path.iterdir())
