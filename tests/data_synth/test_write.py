"""Data sets: the same bytes for any number of workers and after a kill, and no broken file, whatever happens."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import PIL
import pytest
from PIL import Image

from data_synth import Answer, Item, compare, extract
from data_synth.families import FAMILIES as FAMILIES_BY_NAME
from data_synth.families.scenes.scene_count import SceneCount
from data_synth.item import Parts
from data_synth.render.canvas import Canvas
from data_synth.render.style import THEMES
from data_synth.rng import Rng
from data_synth.write import write_dataset

FAMILIES = {"scene_count": (0, 2), "expression": (1,)}
ALL_MODALITIES = ("text", "image", "rendered", "screenshot", "photo", "mixed")
RUN = """
import sys
from data_synth.write import write_dataset
families = {"scene_count": (0, 2), "expression": (1,)}
if __name__ == "__main__":
    out, count, size, workers = sys.argv[1], *map(int, sys.argv[2:])
    formats, modalities = ("webdataset", "parquet"), ("text", "image", "rendered", "photo")
    write_dataset(
        out, families, count, image_size=size, shard_size=20, workers=workers, formats=formats, modalities=modalities
    )
"""
BOTH = ("webdataset", "parquet")
OF_RUN: dict[str, Any] = {
    "shard_size": 20, "formats": BOTH, "modalities": ("text", "image", "rendered", "photo"),
}  # fmt: skip


def written(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


class PairsForSome(SceneCount):
    """Shows every second item twice."""

    name = "pairs"

    def logic(self, rng: Rng, level: int) -> Parts | None:
        parts = super().logic(rng, level)
        return parts and replace(parts, pictures=1 + rng.randrange(2))

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return super().draw(item, size) * item.pictures


def records(folder: Path, names: str = "*.tar") -> list[tuple[dict[str, Any], list[bytes]]]:
    """Every record with its images, read with the standard library."""
    found: dict[str, tuple[dict[str, Any], list[bytes]]] = {}
    for path in sorted(folder.glob(names)):
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
    write_dataset(tmp_path / "1", FAMILIES, 12, image_size=64, **OF_RUN)
    for workers, seed in (("2", "1"), ("4", "2")):
        command = [sys.executable, str(script(tmp_path)), str(tmp_path / workers), "12", "64", workers]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        assert written(tmp_path / workers) == written(tmp_path / "1")


def test_the_size_of_shards_changes_no_record(tmp_path: Path) -> None:
    write_dataset(tmp_path / "small", FAMILIES, 12, image_size=64, shard_size=5)
    write_dataset(tmp_path / "large", FAMILIES, 12, image_size=64)
    assert records(tmp_path / "small") == records(tmp_path / "large")
    assert len(list((tmp_path / "small").glob("*.tar"))) == 5 + 3 + 3
    assert {path.name for path in (tmp_path / "large").glob("*.tar")} == {
        "image-00000.tar", "rendered-00000.tar", "text-00000.tar",
    }  # fmt: skip


def test_a_killed_run_resumes_to_the_same_bytes(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    process = subprocess.Popen([sys.executable, str(script(tmp_path)), str(cut), "40", "256", "1"])
    deadline = time.monotonic() + 60
    while len(list(cut.glob("*.parquet"))) < 2:
        assert process.poll() is None and time.monotonic() < deadline, "the run ended before it could be killed"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (cut / "README.md").exists()
    for name in ("image-00005.tar", "text-00000.parquet", "index.bin", "dataset_card.json"):
        (cut / f".{name}.{process.pid}.tmp").write_bytes(b"half a file")
    kept = (cut / "image-00000.tar").stat().st_mtime_ns
    write_dataset(cut, FAMILIES, 40, image_size=256, **OF_RUN)
    assert (cut / "image-00000.tar").stat().st_mtime_ns == kept  # not written twice
    write_dataset(whole, FAMILIES, 40, image_size=256, **OF_RUN)
    assert written(cut) == written(whole)


def test_a_run_killed_at_its_first_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / ".manifest.json.77.tmp").write_bytes(b"half a file")
    write_dataset(tmp_path, {"scene_count": (0,)}, 1, image_size=32)
    assert not list(tmp_path.glob(".*"))


def test_a_relative_folder_stays_where_it_was_when_the_call_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    write_dataset("d", {"scene_count": (0,)}, 1, image_size=32, progress=lambda *_: os.chdir(tmp_path / "elsewhere"))
    assert len(records(tmp_path / "d")) == 1
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_shard_that_is_not_there_in_the_end_is_an_error(tmp_path: Path) -> None:
    def lose(what: str, done: int, total: int) -> None:
        if what == "write" and done == total:
            (tmp_path / "image-00001.parquet").unlink()

    options: dict[str, Any] = {"image_size": 32, "shard_size": 2, "formats": ("parquet",)}
    with pytest.raises(OSError, match=r"lacks 1 of its 3 files, among them image-00001\.parquet: .*; run again"):
        write_dataset(tmp_path, {"scene_count": (0,)}, 6, progress=lose, **options)
    assert json.loads((tmp_path / "manifest.json").read_text())["files"] == {}
    write_dataset(tmp_path, {"scene_count": (0,)}, 6, **options)
    assert (tmp_path / "image-00001.parquet").exists()


def test_ray_that_is_not_installed_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ValueError, match=r"the Ray runner needs the extra: pip install 'vlm-rl\[ray\]'"):
        write_dataset(tmp_path / "d", FAMILIES, 1, runner="ray")
    assert not (tmp_path / "d").exists()


def test_a_finished_data_set_is_left_as_it_is(tmp_path: Path) -> None:
    write_dataset(tmp_path, FAMILIES, 6, image_size=64, formats=BOTH)
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*-0*")}
    before = written(tmp_path)
    write_dataset(tmp_path, FAMILIES, 6, image_size=64, formats=BOTH)
    assert written(tmp_path) == before
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*-0*")} == times


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
        assert json.loads(fields["scene"]) == json.loads(json.dumps(item.scene))
        assert json.loads(fields["features"]) == item.features and fields["split"] == item.split
        assert [step[0] for step in json.loads(fields["program"])] == [step.op for step in item.program]
        drawn = [image.tobytes() for image in item.images(modality, 64)]
        assert [Image.open(io.BytesIO(data)).convert("RGB").tobytes() for data in images] == drawn
    answers: dict[str, list[str]] = {}
    for fields, _ in found:
        answers.setdefault(fields["pair_id"], []).append(fields["answer"])
    assert sorted(len(twins) for twins in answers.values()) == [1] * 16 + [2] * 8
    assert all(len(set(twins)) == 1 for twins in answers.values())


def test_photos_are_jpeg_and_everything_else_is_png(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"scene_count": (1,), "expression": (1,)}, 2, image_size=64, modalities=ALL_MODALITIES)
    kinds = {
        fields["modality"]: {Image.open(io.BytesIO(data)).format for data in images}
        for fields, images in records(tmp_path)
    }
    png = {name: {"PNG"} for name in ("image", "rendered", "screenshot", "mixed")}
    assert kinds == png | {"text": set(), "photo": {"JPEG"}}


def test_shards_hold_one_number_of_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers take the first records for the columns, so a second picture may not come later."""
    monkeypatch.setitem(FAMILIES_BY_NAME, "pairs", PairsForSome())
    manifest = write_dataset(tmp_path, {"pairs": (0,)}, 10, image_size=64, formats=BOTH)
    tars = {path.stem: len(images) for path in tmp_path.glob("*.tar") for _, images in records(tmp_path, path.name)}
    assert tars == {"image-00000": 1, "image2-00000": 2}
    assert sum(manifest.counts[f"{name}.tar"] for name in tars) == 10 == manifest.records


def test_the_manifest_holds_the_digest_and_count_of_every_file(tmp_path: Path) -> None:
    manifest = write_dataset(tmp_path, FAMILIES, 6, image_size=64, shard_size=7, formats=BOTH)
    for name, digest in (manifest.shards | manifest.files).items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    held = json.loads((tmp_path / "manifest.json").read_text())
    assert (held["shards"], held["counts"], held["files"]) == (manifest.shards, manifest.counts, manifest.files)
    assert {file.name for file in tmp_path.iterdir()} == {*manifest.shards, *manifest.files, "manifest.json"}
    for path in tmp_path.glob("*.tar"):
        assert manifest.counts[path.name] == len(records(tmp_path, path.name))
        assert manifest.counts[path.name] == manifest.counts[f"{path.stem}.parquet"]


def test_the_card_says_what_there_is_and_how_to_make_it_again(tmp_path: Path) -> None:
    write_dataset(tmp_path / "a", FAMILIES, 9, image_size=64, shard_size=10, formats=BOTH)
    card = json.loads((tmp_path / "a" / "dataset_card.json").read_text())
    found = [fields for fields, _ in records(tmp_path / "a")]
    cells = Counter((fields["family"], fields["level"], fields["modality"]) for fields in found)
    assert cells == {
        (cell["family"], cell["level"], modality): count
        for cell in card["cells"]
        for modality, count in cell["modalities"].items()
    }
    for cell in card["cells"]:
        golds = Counter(
            Answer.from_text(fields["answer"]).surface
            for fields in found
            if (fields["family"], fields["level"], fields["modality"])
            == (cell["family"], cell["level"], fields["modality"])
        )
        twins = len(cell["modalities"])
        assert cell["answers"]["distinct"] == len(golds)
        assert cell["answers"]["commonest"] == {
            text: count // twins for text, count in sorted(golds.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
        }
    contents = sorted({bytes.fromhex(fields["pair_id"]) for fields in found if fields["family"] == "scene_count"})
    assert card["merkle_root"]["scene_count"] == merkle_by_recursion(contents).hex()
    readme = (tmp_path / "a" / "README.md").read_text()
    assert card["command"] in readme and card["merkle_root"]["all"] in readme
    assert set(card["font_sha256"]) and card["library_versions"]["pillow"] == PIL.__version__
    words = card["command"].replace("--out DIR", f"--out {tmp_path / 'b'} --workers 1").split()
    assert words[:2] == ["vlm-rl", "synth"]
    subprocess.run([sys.executable, "-m", "data_synth", *words[2:]], check=True, capture_output=True)
    assert written(tmp_path / "b") == written(tmp_path / "a")


def merkle_by_recursion(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it defines it."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + merkle_by_recursion(leaves[:half]) + merkle_by_recursion(leaves[half:])).digest()


def test_a_damaged_shard_is_written_again(tmp_path: Path) -> None:
    write_dataset(tmp_path, FAMILIES, 6, image_size=64, shard_size=3, formats=BOTH)
    before = written(tmp_path)
    (tmp_path / "image-00001.tar").write_bytes(b"damaged")
    (tmp_path / "image-00002.parquet").unlink()
    write_dataset(tmp_path, FAMILIES, 6, image_size=64, shard_size=3, formats=BOTH)
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
    with pytest.raises(FileExistsError, match=r"holds another data set \(count 2 instead of 3\)"):
        write_dataset(tmp_path / "d", FAMILIES, 3, image_size=64)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tmp").write_text("years of work")
    with pytest.raises(FileExistsError, match="not empty"):
        write_dataset(tmp_path / "mine", FAMILIES, 2, image_size=64)
    assert (tmp_path / "mine" / "thesis.tmp").read_text() == "years of work"
    (tmp_path / "bad").mkdir()
    for text in ("[]", "{", '{"recipe": 3, "shards": {}}', '{"recipe": {}}'):
        (tmp_path / "bad" / "manifest.json").write_text(text)
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
    assert "could not write" in run.stderr and "image-00000.tar" in run.stderr
    assert [file.name for file in (tmp_path / "d").iterdir()] == ["manifest.json"]
    write_dataset(tmp_path / "d", FAMILIES, 12, image_size=256, **OF_RUN)
    assert len(records(tmp_path / "d")) == 12 * (2 * 2 + 3)


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
        ({"formats": ()}, "formats must be some of webdataset, parquet, got none"),
        ({"formats": ("arrow",)}, "formats must be some of webdataset, parquet, got arrow"),
        ({"modalities": ("sound",)}, "modalities must be some of image, .*, got sound"),
        ({"modalities": ("text",)}, "modalities must name some of scene_count's"),
        ({"runner": "slurm"}, "runner must be one of local, ray, got 'slurm'"),
        ({"hold_out": {"families": ["scene_count"]}}, "held-out families are not for the train split"),
        ({"hold_out": {"families": ["scene_cuont"]}}, "did you mean scene_count"),
        ({"hold_out": {"fonts": ["robot"]}}, "did you mean roboto"),
        ({"hold_out": {"palette": ["night"]}}, "did you mean palettes"),
        ({"hold_out": {"palettes": list(THEMES)}}, "at least one of .* must be left"),
        (
            {"families": {"bar_chart": (0, 1, 2), "scene_count": (1, 4)}, "hold_out": {"palettes": ["white"]}},
            r"every item of bar_chart:0\+1, scene_count:1 is drawn in some of palettes=white: .* leave these",
        ),
    ],
)
def test_bad_arguments_are_named_before_anything_is_written(tmp_path: Path, options: dict[str, Any], says: str) -> None:
    arguments: dict[str, Any] = {"families": FAMILIES, "count": 2, **options}
    with pytest.raises(ValueError, match=says):
        write_dataset(tmp_path / "d", **arguments)
    assert not (tmp_path / "d").exists()


def test_a_cell_that_runs_out_of_items_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_synth.plan.PATIENCE", 500)
    monkeypatch.setitem(FAMILIES_BY_NAME, "few", Few())
    with pytest.raises(ValueError, match=r"few level 0 has no more than about \d+ different items in the eval split"):
        write_dataset(tmp_path, {"few": (0,)}, 1000, split="eval")


class Few(SceneCount):
    """Contents that are the same if their question is: a few hundred."""

    name = "few"

    def logic(self, rng: Rng, level: int) -> Parts | None:
        parts = super().logic(rng, level)
        return parts and replace(parts, canon=parts.question)


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
