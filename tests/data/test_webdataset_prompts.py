"""Prompts from WebDataset shards."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest
from made_sources import BLUE, GOOD, INSTRUCTION, LIME, RED, colours, opened, png, write_shard
from PIL import Image

from vlm_rl.data.records import BadRecord


def test_shards_are_read_at_random_through_a_brace_pattern(tmp_path: Path) -> None:
    for shard in range(2):
        samples = [
            {
                "__key__": f"dir/{shard}{place}",
                "json": {"question": "<image> or <image>?", "answer": f"{shard}{place}", "level": place},
                "001.png": png("blue"),
                "000.png": png("red" if place else "lime"),
            }
            for place in range(3)
        ]
        write_shard(tmp_path / f"train-{shard:03d}.tar", *samples)
    source = opened("webdataset", tmp_path / "train-{000..001}.tar", name="wds", columns={"level": "level"})
    assert source.ids[:4] == [
        "wds/train-000/dir/00",
        "wds/train-000/dir/01",
        "wds/train-000/dir/02",
        "wds/train-001/dir/10",
    ]
    assert source.levels == [0, 1, 2] * 2
    for row in (5, 0, 3):
        prompt = source.prompt(row)
        assert prompt.answer == f"{row // 3}{row % 3}"
        assert colours(source, prompt) == [RED if row % 3 else LIME, BLUE]


def test_shard_fields_come_from_json_structs_texts_and_named_images(tmp_path: Path) -> None:
    sample = {
        "__key__": "a",
        "meta.json": {"gold": 7},
        "txt": "How many?",
        "left.jpg": Image.new("RGB", (4, 4), "red"),
        "right.png": png("blue"),
    }
    path = write_shard(tmp_path / "s.tar", sample)
    columns = {"question": "txt", "answer": "meta.gold", "images": ["right"], "id": "__key__"}
    source = opened("webdataset", path, columns=columns)
    assert source.ids == ["s.tar/a"]
    assert source.prompt(0).messages[0].content == f"<image>\nHow many?\n{INSTRUCTION}"
    assert (source.prompt(0).answer, colours(source, source.prompt(0))) == ("7", [BLUE])


def test_generator_shards_keep_their_own_family_level_modality_and_verifier(tmp_path: Path) -> None:
    fields = {"question": "<image>", "answer": "int:3", "verifier": "typed", "family": "sums", "level": 4}
    fields |= {"modality": "rendered", "images": [{"file": "000.png", "w": 4}]}
    path = write_shard(tmp_path / "s.tar", {"__key__": "sums-4-0", "json": fields, "000.png": png("red")})
    source = opened("webdataset", path, columns={"level": "level"}, instruction="")
    prompt = source.prompt(0)
    assert prompt.cell == "sums/4/rendered"
    assert (prompt.verifier, prompt.messages[0].content) == ("typed", "<image>")
    assert colours(source, prompt) == [RED]


def samples_named(*keys: str) -> list[dict[str, Any]]:
    return [{"__key__": key, "json": {**GOOD, "answer": key}, "png": png("red")} for key in keys]


def test_missing_and_cut_shards_stop_the_scan_or_are_counted(tmp_path: Path) -> None:
    write_shard(tmp_path / "t-0.tar", *samples_named("a", "b"))
    whole = write_shard(tmp_path / "t-1.tar", *samples_named("c", "d", "e")).read_bytes()
    (tmp_path / "t-1.tar").write_bytes(whole[: len(whole) // 2 - 1000])
    pattern = tmp_path / "t-{0..2}.tar"
    with pytest.raises(BadRecord, match=r"t-1\.tar: corrupt shard"):
        opened("webdataset", pattern)
    source = opened("webdataset", pattern, skip=True, name="t")
    assert source.skipped == {"corrupt shard": 1, "missing shard": 1}
    assert source.ids == ["t/t-0/a", "t/t-0/b", "t/t-1/c"]
    assert [source.prompt(row).answer for row in range(3)] == ["a", "b", "c"]


def test_a_shard_cut_between_members_or_with_a_broken_header_is_noticed(tmp_path: Path) -> None:
    whole = write_shard(tmp_path / "t.tar", *samples_named("a", "b")).read_bytes()
    for damaged in (whole[:2048], whole[:2148] + b"\xff" * 100 + whole[2248:]):
        (tmp_path / "t.tar").write_bytes(damaged)
        with pytest.raises(BadRecord, match=r"t\.tar: corrupt shard: no end mark at byte 2048"):
            opened("webdataset", tmp_path / "t.tar")


def test_damage_anywhere_in_a_shard_is_a_bad_record_or_harmless(tmp_path: Path) -> None:
    path = write_shard(tmp_path / "t.tar", *samples_named("a", "b"))
    whole = path.read_bytes()
    for place in range(0, len(whole), 37):
        for byte in (0, 0xFF):
            path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            try:
                source = opened("webdataset", path)
                prompts = [source.prompt(row) for row in range(len(source))]
            except BadRecord as error:
                assert "t.tar" in error.where
            else:
                assert len(prompts) == 2


def test_links_in_a_shard_are_refused_and_member_names_are_never_paths(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png("red"))
    with tarfile.open(tmp_path / "t.tar", "w") as archive:
        link = tarfile.TarInfo("a.png")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.png")
        archive.addfile(link)
    with pytest.raises(BadRecord, match="must be a plain file, not a link"):
        opened("webdataset", tmp_path / "t.tar")
    write_shard(tmp_path / "u.tar", {"__key__": "../secret", "json": {**GOOD, "image": "../secret.png"}})
    with pytest.raises(BadRecord, match="must name an image member of the shard"):
        opened("webdataset", tmp_path / "u.tar")


def test_compressed_shards_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"uncompressed \.tar"):
        opened("webdataset", tmp_path / "t.tar.gz")


def test_images_without_names_come_by_number_and_not_by_spelling(tmp_path: Path) -> None:
    sample = {"__key__": "a", "json": GOOD, "10.png": png("lime"), "9.png": png("blue"), "png": png("red")}
    source = opened("webdataset", write_shard(tmp_path / "t.tar", sample))
    assert colours(source, source.prompt(0)) == [RED, BLUE, LIME]


def test_two_images_of_one_name_are_refused(tmp_path: Path) -> None:
    sample = {"__key__": "a", "json": GOOD, "0.png": png("lime"), "0.jpg": Image.new("RGB", (4, 4))}
    with pytest.raises(BadRecord, match="record a: bad member: two images are called '0'"):
        opened("webdataset", write_shard(tmp_path / "t.tar", sample))
