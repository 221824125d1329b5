"""Ctrl-C while a data set is written: one line, no worker left, and the same command goes on."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from test_write import alive, children_of

OPTIONS = "--families scene_count:0+2 --count 300 --image-size 384 --shard-size 10 --formats webdataset".split()


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_ends_in_a_line_and_the_command_goes_on(tmp_path: Path, workers: int) -> None:
    command = [sys.executable, "-m", "data_synth", *OPTIONS, "--workers", str(workers), "--out", str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not shards_of(tmp_path):
        assert process.poll() is None and time.monotonic() < deadline, "the run ended before it could be interrupted"
        time.sleep(0.005)
    children = children_of(process.pid)
    assert len(children) == (workers if workers > 1 else 0)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process of the command gets it
    _, error = process.communicate(timeout=120)
    assert process.returncode == 130, error
    assert error == "interrupted: the same command goes on from here\n"
    assert not [child for child in children if alive(child)]
    shards = shards_of(tmp_path)
    assert len(shards) < 30
    for path in tmp_path.glob("*.tar"):
        with tarfile.open(path) as archive:
            assert len(archive.getnames()) == 20
    for name, digest in shards.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    times = {name: (tmp_path / name).stat().st_mtime_ns for name in shards}
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in shards} == times
    assert len(shards_of(tmp_path)) == 30
    assert not list(tmp_path.glob(".*"))


def shards_of(folder: Path) -> dict[str, str]:
    """The shards in the manifest, with their SHA-256."""
    path = folder / "manifest.json"
    shards: dict[str, str] = json.loads(path.read_text())["shards"] if path.exists() else {}
    return shards
