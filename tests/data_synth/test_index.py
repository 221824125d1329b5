"""The index finds each record of each shard by number and by id, and notices shards that were cut or changed."""

from __future__ import annotations

import io
import json
import random
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data_synth.index import INDEX, ShardIndex
from data_synth.tar_shard import OpenShards, key_of, members
from data_synth.write import write_dataset

FAMILIES = {"scene_count": (0, 2), "expression": (1,)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data")
    write_dataset(out, FAMILIES, 20, image_size=64, shard_size=17)
    return out


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def by_tarfile(folder: Path) -> dict[str, dict[str, bytes]]:
    """id -> members by suffix, read with the standard library."""
    found: dict[str, dict[str, bytes]] = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                key, suffix = member.name.split(".", 1)
                file = archive.extractfile(member)
                assert file is not None
                found.setdefault(key, {})[suffix] = file.read()
    return {json.loads(parts["json"])["id"]: parts for parts in found.values()}


def test_every_record_is_found_by_number_and_by_id(folder: Path) -> None:
    index, expected = ShardIndex.open(folder), by_tarfile(folder)
    assert len(index) == len(expected) == 80
    for number, (record_id, parts) in enumerate(expected.items()):
        assert index.number(record_id) == number
        assert index.get(record_id) == index.get(number) == parts
        fields = json.loads(parts["json"])
        assert index.families[index.arrays["family"][number]] == fields["family"]
        assert index.arrays["level"][number] == fields["level"]


def test_twins_and_only_twins_have_one_pair_number(folder: Path) -> None:
    index = ShardIndex.open(folder)
    pairs = [json.loads(index.get(number)["json"])["pair_id"] for number in range(len(index))]
    numbers = index.arrays["pair"].tolist()
    assert len(set(pairs)) == len(set(numbers)) == len(set(zip(pairs, numbers, strict=True))) == 60
    assert set(numbers) == set(range(60))


def test_the_written_index_is_what_its_shards_give(folder: Path, copied: Path) -> None:
    paths = sorted(copied.glob("*.tar"))
    ShardIndex.build(paths).save(copied / INDEX)
    assert (copied / INDEX).read_bytes() == (folder / INDEX).read_bytes()
    ShardIndex.open(copied).check(json.loads((copied / "manifest.json").read_text())["shards"])


def test_unknown_ids_and_numbers_are_errors(folder: Path) -> None:
    index = ShardIndex.open(folder)
    for unknown in ("scene_count/0/7@1#image", "", "\u00e9"):
        with pytest.raises(KeyError, match="no record has the id"):
            index.get(unknown)
    with pytest.raises(IndexError):
        index.get(80)


def test_a_cut_or_missing_shard_is_noticed_on_opening(copied: Path) -> None:
    path = copied / "image-00001.tar"
    data = path.read_bytes()
    path.write_bytes(data[:-512])
    with pytest.raises(ValueError, match=r"image-00001\.tar must have \d+ bytes, got \d+"):
        ShardIndex.open(copied)
    path.unlink()
    with pytest.raises(ValueError, match=r"image-00001\.tar must have \d+ bytes, got no file"):
        ShardIndex.open(copied)


def test_a_changed_byte_is_noticed_on_reading(copied: Path) -> None:
    path = copied / "image-00000.tar"
    whole = path.read_bytes()
    for place in range(100, len(whole) - 10240, 4999):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        index = ShardIndex.open(copied)
        spoiled = 0
        for number in range(17):
            try:
                index.get(number)
            except ValueError as error:
                assert "image-00000.tar was changed since it was indexed" in str(error)
                spoiled += 1
        assert spoiled == 1
        with pytest.raises(ValueError, match=r"image-00000\.tar must have the SHA-256"):
            index.check(json.loads((copied / "manifest.json").read_text())["shards"])


def test_a_shard_cut_after_opening_is_noticed_on_reading(copied: Path) -> None:
    index = ShardIndex.open(copied)
    path = copied / "image-00000.tar"
    index.get(16)
    with open(path, "r+b") as file:
        file.truncate(5000)
    with pytest.raises(ValueError, match=r"image-00000\.tar was cut since it was indexed"):
        index.get(16)


@pytest.mark.parametrize("damage", ["", "{}\n", "[1]\n", "cut", "flip", '{"format": "data_synth shard index 1"}\n'])
def test_a_damaged_index_is_refused(copied: Path, damage: str) -> None:
    data = bytearray((copied / INDEX).read_bytes())
    if damage == "flip":
        data[-3] ^= 1
    changed = bytes(data[:-1]) if damage == "cut" else bytes(data) if damage == "flip" else damage.encode()
    (copied / INDEX).write_bytes(changed)
    with pytest.raises(ValueError, match=r"index\.bin is no usable index .* build it again"):
        ShardIndex.open(copied)


def test_an_index_names_no_shard_outside_its_folder(copied: Path) -> None:
    line, _, body = (copied / INDEX).read_bytes().partition(b"\n")
    head = json.loads(line)
    head["shards"][0][0] = "../../etc/passwd"
    (copied / INDEX).write_bytes(json.dumps(head).encode() + b"\n" + body)
    with pytest.raises(ValueError, match=rf"{copied}/passwd must have"):
        ShardIndex.open(copied)


def foreign_shard(path: Path, names: list[str], archive_format: int, **attributes: float) -> None:
    with tarfile.open(path, "w", format=archive_format) as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            data = name.encode() * 100 if not name.endswith("json") else b'{"answer": "1"}'
            member.size = len(data)
            for key, value in attributes.items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO(data))


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["a", "dir/a", "d" * 90 + "/" + "e" * 60, "\u00e4" * 30])
def test_shards_of_other_programs_are_indexed_too(tmp_path: Path, kind: int, name: str) -> None:
    """Fractional times make pax extensions; long and non-ASCII names make extensions that matter."""
    path = tmp_path / "s.tar"
    foreign_shard(path, [f"{name}.json", f"{name}.left.png", f"{name}2.json"], kind, mtime=1.5)
    index = ShardIndex.build([path])
    stem = f"s/{key_of(name)}"
    assert len(index) == 2
    assert index.get(stem) == {"json": b'{"answer": "1"}', "left.png": f"{name}.left.png".encode() * 100}
    with tarfile.open(path) as archive:
        found = list(members(OpenShards(), str(path)))
        assert [(m.name, m.start, m.size) for m in found] == [(m.name, m.offset_data, m.size) for m in archive]


def test_ids_that_come_twice_are_refused(tmp_path: Path) -> None:
    foreign_shard(tmp_path / "s.tar", ["a.json"], tarfile.USTAR_FORMAT)
    with pytest.raises(ValueError, match="ids must be unique"):
        ShardIndex.build([tmp_path / "s.tar", tmp_path / "s.tar"])


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[" * 100_000])
def test_an_unreadable_record_is_named(tmp_path: Path, data: bytes) -> None:
    with tarfile.open(tmp_path / "s.tar", "w") as archive:
        member = tarfile.TarInfo("a.json")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    with pytest.raises(ValueError, match=r"s\.tar record a: its JSON is unreadable"):
        ShardIndex.build([tmp_path / "s.tar"])


def test_threads_and_more_shards_than_open_files_do_not_disturb_each_other(folder: Path) -> None:
    index, expected = ShardIndex.open(folder), list(by_tarfile(folder).values())
    index._open = OpenShards(keep=1)

    def read(seed: int) -> bool:
        draws = random.Random(seed)
        return all(index.get(number) == expected[number] for number in (draws.randrange(80) for _ in range(400)))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(8))) == [True] * 8
