"""An item on which its family fails is left out and named; one that cannot be drawn is an error that names it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from data_synth import Item, make
from data_synth.families import FAMILIES
from data_synth.families.scenes.scene_count import SceneCount
from data_synth.item import Parts
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng
from data_synth.write import write_dataset
from vlm_rl.cli import main

RUN = """
import sys
from data_synth.families import FAMILIES
from data_synth.write import write_dataset
from test_failing_items import Frail
FAMILIES["frail"] = Frail()  # in the worker processes too
if __name__ == "__main__":
    write_dataset(sys.argv[1], {"frail": (0, 2)}, 30, image_size=32, shard_size=7, workers=int(sys.argv[2]))
"""


class Frail(SceneCount):
    """Fails on every third item or so."""

    name = "frail"

    def logic(self, rng: Rng, level: int) -> Parts | None:
        if rng.chance(0.3):
            raise LookupError("no such shape")
        return super().logic(rng, level)


class Broken(SceneCount):
    name = "broken"

    def logic(self, rng: Rng, level: int) -> Parts | None:
        raise LookupError("no such shape")


class Undrawable(SceneCount):
    name = "undrawable"

    def draw(self, item: Item, size: int) -> list[Canvas]:
        raise ValueError("no ink")


def test_failing_items_are_left_out_and_listed_for_any_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=":")
    (tmp_path / "run.py").write_text(RUN, "utf-8")
    for workers in ("1", "3"):
        subprocess.run([sys.executable, str(tmp_path / "run.py"), str(tmp_path / workers), workers], check=True)
    one, three = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("1", "3"))
    assert one == three
    card = json.loads(one["dataset_card.json"])
    assert [cell["items"] for cell in card["cells"]] == [30, 30]
    assert 2 <= len(card["failed"]) == len(set(card["failed"]))
    assert f"Left out, because their family failed on them: {len(card['failed'])} items" in one["README.md"].decode()
    monkeypatch.setitem(FAMILIES, "frail", Frail())
    for failed in card["failed"]:
        with pytest.raises(RuntimeError, match="the family failed on it: LookupError"):
            Item.from_id(failed)


def test_a_sound_data_set_does_not_speak_of_failures(tmp_path: Path) -> None:
    write_dataset(tmp_path, {"scene_count": (0,)}, 2, image_size=32)
    assert json.loads((tmp_path / "dataset_card.json").read_text())["failed"] == []
    assert "Left out" not in (tmp_path / "README.md").read_text()


def test_a_family_that_always_fails_is_told_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_synth.plan.PATIENCE", 300)
    monkeypatch.setitem(FAMILIES, "broken", Broken())
    says = r"no more than about 0 different items .*; broken failed on others, the first is broken/0/.*no such shape"
    with pytest.raises(ValueError, match=says):
        write_dataset(tmp_path, {"broken": (0,)}, 2, image_size=32, at_most=True)


def test_what_make_raises_for_a_broken_content_names_the_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "broken", Broken())
    monkeypatch.setattr("data_synth.generate.content_hash", lambda family, canon: {}[family])
    for family in ("broken", "scene_count"):
        with pytest.raises(RuntimeError, match=f"{family}/0/7: the family failed on it"):
            make(family, 0, 7)


def test_a_picture_that_fails_is_one_line_that_names_its_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(FAMILIES, "undrawable", Undrawable())
    arguments = ["--families", "undrawable:0", "--count", "2", "--image-size", "32", "--workers", "1"]
    assert main(["synth", *arguments, "--out", str(tmp_path / "d")]) == 1
    error = capsys.readouterr().err.strip()
    assert error.startswith("vlm-rl synth: undrawable/0/") and "\n" not in error
    assert "#image: could not be drawn or told: ValueError('no ink'); leave undrawable:0 out" in error
