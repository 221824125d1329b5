"""Two writers do not share a folder."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from data_synth import folder_lock
from data_synth.write import write_dataset

ONE: dict[str, tuple[int, ...]] = {"scene_count": (0,)}


def test_a_second_writer_is_refused_and_touches_nothing(tmp_path: Path) -> None:
    theirs = tmp_path / ".image-00000.tar.77.tmp"  # of a shard that the first is writing
    refused: list[str] = []

    def second(*_: Any) -> None:
        theirs.touch()
        with pytest.raises(OSError, match="is being written by another process; wait for it or choose a new") as error:
            write_dataset(tmp_path, ONE, 1, image_size=32)
        refused.append(str(error.value))
        assert theirs.exists()

    write_dataset(tmp_path, ONE, 1, image_size=32, progress=second)
    assert refused
    write_dataset(tmp_path, ONE, 1, image_size=32)  # the first is done
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.md", "dataset_card.json", "image-00000.tar", "index.bin", "manifest.json",
    }  # fmt: skip


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOTSUP, errno.EBADF])
def test_a_file_system_without_locks_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def flock(*_: Any) -> None:
        raise OSError(code, "no locks")

    monkeypatch.setattr("data_synth.folder_lock.fcntl.flock", flock)
    assert write_dataset(tmp_path, ONE, 1, image_size=32).records == 1


def test_a_system_without_locks_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_lock, "fcntl", None)
    assert write_dataset(tmp_path, ONE, 1, image_size=32).records == 1
