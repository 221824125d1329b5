"""Data sets: the same bytes for any number of workers and after a kill, and no broken shard, whatever happens."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from data_synth import Answer, Item, compare, extract
from data_synth.write import write_dataset

FAMILIES = {"scene_count": (0, 2), "expression": (1,)}
RUN = """
import sys
from data_synth.write import write_dataset
families = {"scene_count": (0, 2), "expression": (1,)}
if __name__ == "__main__":
    out, count, size, workers = sys.argv[1], *map(int, sys.argv[2:])
    write_dataset(out, families, count, image_size=size, shard_size=20, workers=workers)
"""


def written(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def records(folder: Path) -> list[tuple[dict[str, Any], list[bytes]]]:
    """Every record with its images, read with the standard library."""
    found: dict[str, tuple[dict[str, Any], list[bytes]]] = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                key, suffix = member.name.split(".", 1)
                file = archive.extractfile(member)
                assert file is not None
                if suffix != "json":
                    found.setdefault(key, ({}, []))[1].append(file.read())
                else:
                    found.setdefault(key, ({}, []))[0].update(json.loads(file.read()))
    return [found[key] for key in sorted(found)]


def script(tmp_path: Path) -> Path:
    path = tmp_path / "run.py"
    path.write_text(RUN, "utf-8")
    return path


def test_workers_do_not_change_a_byte(tmp_path: Path) -> None:
    write_dataset(tmp_path / "one", FAMILIES, 12, image_size=64, shard_size=10)
    subprocess.run([sys.executable, str(script(tmp_path)), str(tmp_path / "two"), "12", "64", "2"], check=True)
    write_dataset(tmp_path / "three", FAMILIES, 12, image_size=64, shard_size=20)
    assert written(tmp_path / "two") == written(tmp_path / "three")
    assert records(tmp_path / "one") == records(tmp_path / "two")
    assert len(list((tmp_path / "one").glob("*.tar"))) == 5


def test_a_killed_run_resumes_to_the_same_bytes(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    process = subprocess.Popen([sys.executable, str(script(tmp_path)), str(cut), "60", "256", "1"])
    deadline = time.monotonic() + 30
    while len(list(cut.glob("*.tar"))) < 2:
        assert process.poll() is None and time.monotonic() < deadline, "the run ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (cut / "README.md").exists()
    (cut / f".shard-00005.tar.{process.pid}.tmp").write_bytes(b"half a shard")
    kept = (cut / "shard-00000.tar").stat().st_mtime_ns
    write_dataset(cut, FAMILIES, 60, image_size=256, shard_size=20)
    assert (cut / "shard-00000.tar").stat().st_mtime_ns == kept  # not written twice
    write_dataset(whole, FAMILIES, 60, image_size=256, shard_size=20)
    assert written(cut) == written(whole)


def test_records_hold_what_the_items_say(tmp_path: Path) -> None:
    manifest = write_dataset(tmp_path / "d", FAMILIES, 8, image_size=64)
    found = records(tmp_path / "d")
    assert len(found) == manifest.records == 8 * 4
    for fields, images in found:
        item_id, modality = fields["id"].split("#")
        item = Item.from_id(item_id)
        assert item.split == "train"
        assert fields["question"] == item.prompt(modality)
        assert fields["verifier"] == "typed"
        assert (fields["family"], fields["level"], fields["modality"]) == (item.family, item.level, modality)
        gold = Answer.from_text(fields["answer"])
        assert compare(gold, extract(fields["trace"])).correct
        assert compare(gold, extract(fields["direct"])).correct
        drawn = [image.tobytes() for image in item.images(modality, 64)]
        assert [Image.open(io.BytesIO(data)).convert("RGB").tobytes() for data in images] == drawn
    twins = [fields for fields, _ in found if fields["family"] == "expression"]
    assert all(
        a["pair_id"] == b["pair_id"] and a["answer"] == b["answer"] for a, b in zip(*[iter(twins)] * 2, strict=True)
    )


def test_the_manifest_holds_the_digest_of_every_shard(tmp_path: Path) -> None:
    manifest = write_dataset(tmp_path, FAMILIES, 6, image_size=64, shard_size=7)
    for name, digest in manifest.shards.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    assert json.loads((tmp_path / "manifest.json").read_text())["shards"] == manifest.shards
    assert sorted(file.name for file in tmp_path.glob("*.tar")) == sorted(manifest.shards)


def test_a_damaged_shard_is_written_again(tmp_path: Path) -> None:
    write_dataset(tmp_path, FAMILIES, 6, image_size=64, shard_size=7)
    before = written(tmp_path)
    (tmp_path / "shard-00001.tar").write_bytes(b"damaged")
    (tmp_path / "shard-00002.tar").unlink()
    write_dataset(tmp_path, FAMILIES, 6, image_size=64, shard_size=7)
    assert written(tmp_path) == before


def test_splits_and_seeds_share_no_item(tmp_path: Path) -> None:
    def ids(name: str, **options: Any) -> set[str]:
        write_dataset(tmp_path / name, {"scene_count": (1,)}, 20, image_size=32, **options)
        return {fields["pair_id"] for fields, _ in records(tmp_path / name)}

    train, held_out, other = ids("a"), ids("b", split="eval"), ids("c", seed=1)
    assert len(train) == len(held_out) == len(other) == 20
    assert not train & held_out
    assert not train & other


def test_a_folder_with_anything_else_is_refused(tmp_path: Path) -> None:
    write_dataset(tmp_path / "d", FAMILIES, 2, image_size=64)
    with pytest.raises(FileExistsError, match="holds another data set"):
        write_dataset(tmp_path / "d", FAMILIES, 3, image_size=64)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tmp").write_text("years of work")
    with pytest.raises(FileExistsError, match="not empty"):
        write_dataset(tmp_path / "mine", FAMILIES, 2, image_size=64)
    assert (tmp_path / "mine" / "thesis.tmp").read_text() == "years of work"
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "manifest.json").write_text("[]")
    with pytest.raises(FileExistsError, match="no manifest of a data set"):
        write_dataset(tmp_path / "bad", FAMILIES, 2, image_size=64)


def test_a_full_disk_leaves_no_broken_shard(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: small files fit, shards do not."""
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n" + RUN
    path = tmp_path / "limited.py"
    path.write_text(limited, "utf-8")
    run = subprocess.run(
        [sys.executable, str(path), str(tmp_path / "d"), "12", "256", "1"], capture_output=True, text=True
    )
    assert run.returncode == 1
    assert "could not write" in run.stderr and "shard-00000.tar" in run.stderr
    assert [file.name for file in (tmp_path / "d").iterdir()] == ["manifest.json"]
    write_dataset(tmp_path / "d", FAMILIES, 12, image_size=256, shard_size=20)
    assert len(records(tmp_path / "d")) == 48


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"families": {}}, "at least one family"),
        ({"families": {"scene_count": ()}}, "at least one family"),
        ({"families": {"scene_cuont": (0,)}}, "did you mean scene_count"),
        ({"families": {"scene_count": (7,)}}, "0 .. 4"),
        ({"families": {"scene_count": (1, 1)}}, "each level of scene_count once"),
        ({"count": 0}, "count must be >= 1"),
        ({"image_size": 4}, "image_size"),
        ({"split": "test"}, "train or eval"),
        ({"workers": 0}, "workers must be >= 1"),
        ({"shard_size": 0}, "shard_size must be >= 1"),
        ({"seed": -1}, "seed must be >= 0"),
    ],
)
def test_bad_arguments_are_named_before_anything_is_written(tmp_path: Path, options: dict[str, Any], says: str) -> None:
    arguments: dict[str, Any] = {"families": FAMILIES, "count": 2, **options}
    with pytest.raises(ValueError, match=says):
        write_dataset(tmp_path / "d", **arguments)
    assert not (tmp_path / "d").exists()


def test_a_cell_that_runs_out_of_items_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_synth.write.PATIENCE", 2000)
    with pytest.raises(
        ValueError, match=r"expression level 0 has no more than about \d+ different items in the eval split"
    ):
        write_dataset(tmp_path, {"expression": (0,)}, 1000, split="eval")


def test_orphaned_workers_end_with_their_parent(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, str(script(tmp_path)), str(tmp_path / "d"), "3000", "512", "2"], stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while len(children := children_of(process.pid)) < 2:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while any(map(alive, children)):
        assert time.monotonic() < deadline, "workers outlive a killed parent"
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    """Worker processes; the resource tracker of multiprocessing is none."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found += [int(entry.name)] * (b"spawn_main" in (entry / "cmdline").read_bytes())
        except OSError:
            continue  # it ended while we looked
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
