"""What decides the bytes is in the recipe: what was begun with other versions, fonts or source is not gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data_synth import recipe as recipe_module
from data_synth.item import parse_id
from data_synth.plan import SPAN
from data_synth.recipe import SEEDS, library_versions
from data_synth.source_digest import source_digest
from data_synth.tar_shard import OpenShards, records
from data_synth.write import write_dataset

ONE: dict[str, tuple[int, ...]] = {"scene_count": (0,)}


def indices(folder: Path) -> list[int]:
    """Of the items in a folder."""
    shards = OpenShards()
    members = [
        (path, member)
        for path in map(str, folder.glob("*.tar"))
        for record in records(shards, path)
        for member in record
        if member.name.endswith(".json")
    ]
    ids = [json.loads(shards.read(path, member.start, member.size))["id"] for path, member in members]
    return [parse_id(record_id.split("#")[0])[2] for record_id in ids]


@pytest.mark.parametrize(
    ("target", "value", "name"),
    [
        ("data_synth.recipe.np.__version__", "1.0", "numpy"),
        ("data_synth.recipe.zlib.ZLIB_RUNTIME_VERSION", "1.0", "zlib"),
        ("data_synth.recipe.PIL.__version__", "1.0", "pillow"),
        ("data_synth.recipe._font_digest", lambda: "1.0", "font_files"),
        ("data_synth.recipe.source_digest", lambda: "1.0", "data_synth_source"),
    ],
)
def test_what_was_begun_with_other_versions_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, value: Any, name: str
) -> None:
    write_dataset(tmp_path, ONE, 1, image_size=32)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(target, value)
    says = rf"was begun with other versions \({name} \S* instead of 1\.0\), .*; install those again, or choose a new"
    with pytest.raises(FileExistsError, match=says):
        write_dataset(tmp_path, ONE, 1, image_size=32)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_digest_of_the_fonts_is_of_their_contents(monkeypatch: pytest.MonkeyPatch) -> None:
    held = library_versions(())["font_files"]
    changed = recipe_module.font_hashes() | {"DejaVuSansMono.ttf": "0" * 64}
    monkeypatch.setattr(recipe_module, "font_hashes", lambda: changed)
    recipe_module._font_digest.cache_clear()
    try:
        assert library_versions(())["font_files"] != held
    finally:
        recipe_module._font_digest.cache_clear()


def test_the_digest_of_the_source_changes_with_what_writes_items_alone(tmp_path: Path) -> None:
    for name in ("plan.py", "families/charts/bar.py", "audit/run.py", "preview/run.py", "command.py", "__main__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("pass\n")

    def digest() -> str:
        return source_digest.__wrapped__(tmp_path)

    first = digest()
    assert len(first) == 16 and int(first, 16) >= 0
    for name in ("audit/run.py", "preview/run.py", "command.py", "__main__.py", "notes.txt"):
        (tmp_path / name).write_text("print()\n")
        assert digest() == first
    (tmp_path / "families/charts/bar.py").write_text("print()\n")
    second = digest()
    (tmp_path / "plan.py").rename(tmp_path / "plans.py")
    assert len({first, second, digest()}) == 3


def test_seeds_have_ranges_of_indices_that_do_not_meet(tmp_path: Path) -> None:
    for seed in (0, 1, 45022, 129949, SEEDS - 1):  # of which two met when a 32-bit hash of the seed chose the range
        write_dataset(tmp_path / str(seed), ONE, 2, image_size=32, seed=seed)
        assert {index // SPAN for index in indices(tmp_path / str(seed))} == {seed + 1}
    with pytest.raises(ValueError, match=r"seed must be in 0 \.\. 4294967294, got 4294967295"):
        write_dataset(tmp_path / "more", ONE, 2, image_size=32, seed=SEEDS)
    assert not (tmp_path / "more").exists()


def test_a_range_that_is_used_up_is_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_synth.plan.SPAN", 16)
    write_dataset(tmp_path / "some", ONE, 100, image_size=32, at_most=True)
    assert set(indices(tmp_path / "some")) <= set(range(16, 32))
    with pytest.raises(ValueError, match="has no more than about"):
        write_dataset(tmp_path / "all", ONE, 100, image_size=32)
