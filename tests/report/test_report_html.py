"""The report is one well-formed file that shows the run and lets nothing that a model wrote act in it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from fake_run import CONFIG, HOSTILE, load_image, rollout_row
from html_document import Page
from PIL import Image

from vlm_rl.config import ConfigError
from vlm_rl.report.escape import bounded, escape, keep_ends
from vlm_rl.report.gallery import GALLERY_SIZE, pick_trajectories
from vlm_rl.report.html import write_report
from vlm_rl.report.metrics import RolloutLog


def report_of(run_dir: Path) -> tuple[str, Page]:
    text = write_report(run_dir, load_image).read_text(encoding="utf-8")
    return text, Page(text)


def only_rollout(run_dir: Path, row: dict[str, Any]) -> None:
    shutil.rmtree(run_dir / "rollouts")
    RolloutLog(run_dir / "rollouts").write(0, [row])


def hostile_row() -> dict[str, Any]:
    row = rollout_row(9, 90, 0, random.Random(1))
    row |= {name: HOSTILE for name in ("question", "answer", "prediction", "reason", "prompt_id", "family", "modality")}
    row["images"] = [{"uri": f'broken "{HOSTILE}', "sha256": "", "max_pixels": 1}]
    return row | {"segments": [{"policy_version": 3, "tokens": 9, "text": HOSTILE}]}


def test_a_whole_run_gives_one_well_formed_page_with_every_section(run_dir: Path) -> None:
    text, page = report_of(run_dir)
    for heading in ("Held-out accuracy", "Curves over iterations", "Success rates", "before and after", "Trajectories"):
        assert heading in page.text
    assert "40 of 40 iterations in 2" in page.text  # 40 times 36 to 39 seconds: 24 to 26 minutes
    assert "1,728 items" in page.text
    assert len(page.all("article", "card")) == 6 + GALLERY_SIZE
    assert len(page.all("svg")) == 19
    assert text.startswith("<!doctype html>") and len(text) < 3_000_000


def test_the_page_fetches_nothing(run_dir: Path) -> None:
    text, page = report_of(run_dir)
    without_images = re.sub(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+", "", text)
    assert not re.search(r"https?:|//|@import|url\(", without_images)
    for tag, attrs in page.elements:
        assert tag not in ("link", "iframe", "object", "base", "a")
        assert attrs.get("src", "data:image/").startswith("data:image/")


def test_images_are_inline_decodable_and_small(run_dir: Path) -> None:
    _, page = report_of(run_dir)
    images = page.all("img")
    assert images
    for attrs in images:
        data = base64.b64decode(attrs["src"].partition(",")[2], validate=True)
        assert max(Image.open(io.BytesIO(data)).size) == 256


def test_hostile_text_is_shown_and_never_becomes_markup(run_dir: Path) -> None:
    only_rollout(run_dir, hostile_row())
    evaluation = json.loads((run_dir / "eval" / "rl.json").read_text())
    for row in evaluation["examples"]:
        row |= {"response": HOSTILE, "prediction": HOSTILE, "question": HOSTILE}
    for row in evaluation["rows"]:
        row["family"] = HOSTILE
    (run_dir / "eval" / "rl.json").write_text(json.dumps(evaluation))
    text, page = report_of(run_dir)
    assert len(page.scripts) == 1 and len(page.all("script")) == 1
    assert all(not name.startswith("on") for _, attrs in page.elements for name in attrs)
    assert page.text.count('<script>alert("x")</script>␀␛[31m⟨202E⟩evil⟨202C⟩') >= 10
    assert not any(char in text for char in "\x00\x1b\u202e\u202c")


def test_only_our_script_may_run(run_dir: Path) -> None:
    _, page = report_of(run_dir)
    (policy,) = [attrs["content"] for attrs in page.all("meta") if "http-equiv" in attrs]
    digest = base64.b64encode(hashlib.sha256(page.scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy


def test_segments_are_coloured_by_policy_version_with_a_legend(run_dir: Path) -> None:
    row = hostile_row() | {
        "segments": [{"policy_version": v, "tokens": 24, "text": f"part {v} "} for v in (11, 12, 13)]
    }
    only_rollout(run_dir, row)
    text, page = report_of(run_dir)
    spans = [attrs for attrs in page.all("span", "seg") if "title" in attrs]
    assert [attrs["title"] for attrs in spans] == [f"version {v}, 24 tokens" for v in (11, 12, 13)]
    tints = [attrs["class"] for attrs in spans]
    assert len(set(tints)) == 3 and [a["class"] for a in page.all("span", "seg") if "title" not in a] == tints
    assert all(f".{tint.split()[1]}{{background" in text for tint in tints)
    assert "version 11 24 tokens · version 12 24 tokens · version 13 24 tokens" in page.text


def test_a_megabyte_response_is_cut_in_the_middle_with_a_note(run_dir: Path) -> None:
    texts = ["START" + "x" * 400_000, "y" * 400_000, "z" * 200_000 + "END"]
    row = hostile_row() | {
        "segments": [{"policy_version": v, "tokens": 9, "text": text} for v, text in enumerate(texts)],
        "question": "q" * 1_000_000,
        "prediction": "p" * 1_000_000,
    }
    only_rollout(run_dir, row)
    small = len(report_of(run_dir)[0])
    assert small < 700_000
    _, page = report_of(run_dir)
    assert "START" in page.text and "END" in page.text
    assert page.text.count("994,008 of 1,000,008 characters left out") == 1


def test_what_was_not_logged_is_a_gap_and_not_zero(run_dir: Path) -> None:
    text, _ = report_of(run_dir)
    figure = next(part for part in text.split("<figure>") if "<b>Loss</b>" in part)
    (path,) = re.findall(r'class="line"[^>]* d="([^"]*)"', figure)
    assert path.count("M") == 3  # broken at iterations 17 (no group) and 23 (NaN); 0 is before the first
    assert "iteration 23\nnot logged" in figure


def test_a_run_without_evaluation_rollouts_and_metrics_says_so(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    _, page = report_of(tmp_path)
    for sentence in ("No evaluation was run", "No iteration was logged", "No success rates", "No rollouts were saved"):
        assert sentence in page.text
    assert "0 of 40 iterations" in page.text


def test_a_one_iteration_run_gives_a_report(run_dir: Path) -> None:
    lines = (run_dir / "metrics.jsonl").read_text().splitlines(keepends=True)
    (run_dir / "metrics.jsonl").write_text(lines[5] + '{"iteration": 6, "optim/lo')
    _, page = report_of(run_dir)
    assert "1 of 40 iterations" in page.text and page.all("path", "lone")


def test_an_image_that_cannot_be_loaded_says_why_in_its_place(run_dir: Path) -> None:
    only_rollout(run_dir, hostile_row())
    _, page = report_of(run_dir)
    assert "the file has changed since it was indexed" in page.text
    page = Page(write_report(run_dir, None).read_text(encoding="utf-8"))
    assert "Image not loaded" in page.text and not page.all("img")


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"stage": "rl"}', '{"stage": "x", "iteration": 0, "rows": [], "examples": []}']
)
def test_a_damaged_evaluation_is_an_error_that_names_the_file(run_dir: Path, damage: str) -> None:
    (run_dir / "eval" / "rl.json").write_text(damage)
    with pytest.raises(ValueError, match=r"rl\.json"):
        write_report(run_dir, None)


def test_a_folder_without_config_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="config file not found"):
        write_report(tmp_path, None)


def test_the_gallery_picks_the_same_and_balanced_trajectories(run_dir: Path) -> None:
    picked = pick_trajectories(run_dir / "rollouts")
    assert picked == pick_trajectories(run_dir / "rollouts")
    assert len(picked) == GALLERY_SIZE == len({(row["group_id"], row["index"]) for row in picked})
    assert sum(row["correct"] for row in picked) == GALLERY_SIZE // 2
    phases = [sum(low <= row["iteration"] < high for row in picked) for low, high in ((0, 13), (13, 26), (26, 40))]
    assert phases == [8, 8, 8]
    assert {row["modality"] for row in picked} == {"text", "image", "rendered"}
    assert sum(len(row["segments"]) > 1 for row in picked) > GALLERY_SIZE // 2


def test_the_filter_buttons_name_what_the_cards_carry(run_dir: Path) -> None:
    _, page = report_of(run_dir)
    values: dict[str, set[str]] = {}
    for attrs in page.all("button"):
        values.setdefault(attrs["data-filter"], set()).add(attrs["data-value"])
    cards = [attrs for attrs in page.all("article") if "data-modality" in attrs]
    for name, known in values.items():
        assert {attrs[f"data-{name}"] for attrs in cards} <= known


def test_cutting_keeps_both_ends_and_counts_what_is_gone() -> None:
    assert keep_ends(["ab", "cd"], 4) == [("ab", "", ""), ("cd", "", "")]
    (first, second, third) = keep_ends(["abcd", "efgh", "ijkl"], 4)
    assert (first[0], second, third[2]) == ("ab", ("", "", ""), "kl")
    assert "8 of 12 characters" in first[1] and third[1] == ""
    assert bounded("a" * 10, 10) == "a" * 10


def test_every_invisible_character_is_shown() -> None:
    assert escape("a\tb\nc") == "a\tb\nc"
    assert escape("\r\x7f\u200b\ud800") == "␍␡⟨200B⟩⟨D800⟩"
    assert escape("\"'&<>") == "&quot;&#x27;&amp;&lt;&gt;"
    assert escape("猫 é ∑") == "猫 é ∑"
