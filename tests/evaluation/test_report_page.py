"""The report of an evaluation: one self-contained file, right figures, working filters, and nothing acts in it."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_evaluation import response, verdict, write_evaluation
from html_document import Page
from PIL import Image

from vlm_rl.evaluation.finished import read_evaluation
from vlm_rl.evaluation.report import write_evaluation_report
from vlm_rl.evaluation.report_cards import responses_section
from vlm_rl.evaluation.report_images import MAX_SIDE, data_uri

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x00\x1b[31m\u202eevil </pre></option><!--"


def picture(path: Path, size: tuple[int, int], *, noise: bool = False) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.effect_noise(size, 80) if noise else Image.new("RGB", size, "teal")
    image.save(path)
    return f"images/{path.name}"


def small_evaluation(folder: Path) -> Path:
    """Four questions: both modes right; guessed; found by the official rules only; cut off."""
    name = picture(folder / "images" / "1.png", (90, 60))
    rows = [
        response("1", True, images=[name], categories={"task": ["FQA"], "skills": ["algebra", "logic"]}),
        response("2", False, official=verdict(True, "B", abstained=True, random_fallback=True, expected=0.5)),
        response("3", False, official=verdict(True, "fox"), categories={"task": ["FQA"]}),
        response("10", False, finish="length", num_tokens=1024, response="unfinished zebra"),
    ]
    rows[1]["strict"] = verdict(False, None, abstained=True)
    return write_evaluation(folder, rows, versions={"vlm-rl": "0.1"})


def page_of(folder: Path) -> tuple[str, Page]:
    text = write_evaluation_report(folder).read_text(encoding="utf-8")
    return text, Page(text)


def test_page_tells_what_was_measured(tmp_path: Path) -> None:
    _, page = page_of(small_evaluation(tmp_path))
    text = page.text.replace("\xa0", " ")
    assert "mathvista testmini" in text and "org/policy" in text and "vlm-rl 0.1" in text
    assert "official75.0 %95 % interval 30.1 to 95.4" in text and "strict25.0 %95 % interval 4.6 to 69.9" in text
    assert "4 questions; 25.0 % of the responses were cut off at the token limit" in text
    assert "no answer was found in 25.0 % (strict: 25.0 %)" in text
    assert "guesses at random in 25.0 %, expected accuracy 62.5 %" in text
    for group in ("FQA", "geometry", "algebra", "logic"):
        assert group in text


def test_breakdown_counts_a_question_in_each_of_its_groups(tmp_path: Path) -> None:
    text, _ = page_of(small_evaluation(tmp_path))
    rows = dict(re.findall(r'<tr><th>(?:<button[^>]*>)?([^<]+)(?:</button>)?</th><td class="soft">(\d+)</td>', text))
    assert rows == {"all questions": "4", "FQA": "2", "geometry": "2", "algebra": "1", "logic": "1"}


def test_entries_stand_in_order_with_both_verdicts(tmp_path: Path) -> None:
    text, page = page_of(small_evaluation(tmp_path))
    assert re.findall(r'<p class="origin"><b>(\d+)</b>', text) == ["1", "2", "3", "10"]
    traits = [
        (a["data-official"], a["data-strict"], a["data-modes"], a["data-finish"]) for a in page.all("section", "answer")
    ]
    assert traits == [
        ("right", "right", "agree", "stop"),
        ("right abstained guessed", "wrong abstained", "differ", "stop"),
        ("right", "wrong", "differ", "stop"),
        ("wrong", "wrong", "agree", "length"),
    ]
    assert "official ✓ guessed B no answer found" in page.text and "strict ✗ read nothing" in page.text
    assert "gold B horse" in page.text and "1,024 tokens, cut off" in page.text


def test_several_samples_share_an_entry(tmp_path: Path) -> None:
    rows = [response("q1", sample == 2, sample, response=f"said {sample}") for sample in (2, 0, 1)]
    _, page = page_of(write_evaluation(tmp_path, rows, samples=3, temperature=1.0))
    assert len(page.all("article", "entry")) == 1
    assert [a["data-official"] for a in page.all("section", "answer")] == ["wrong", "wrong", "right"]
    assert "pass@1 33.3%" in page.text and "pass@3 100.0%" in page.text and "sample 2, 5 tokens" in page.text


def test_withheld_answers_show_responses_without_verdicts(tmp_path: Path) -> None:
    _, page = page_of(write_evaluation(tmp_path, [response("1", None)]))
    assert "gold answers of this split are withheld" in page.text and "The answer is B." in page.text
    assert "Accuracy" not in page.text and not page.all("b", "right")
    assert page.all("section", "answer")[0]["data-official"] == "withheld"


def test_evaluation_without_responses_yet(tmp_path: Path) -> None:
    _, page = page_of(write_evaluation(tmp_path, [], num_questions=5))
    assert "There are no responses yet." in page.text and "Not complete: 0 responses so far." in page.text


def test_modality_gap_of_the_summary_is_told(tmp_path: Path) -> None:
    write_evaluation(tmp_path, [response("1")])
    twins = {"pairs": 96, "text": 0.82, "shown": 0.71, "gap": 0.11, "gap_interval": [0.06, 0.16], "consistency": 0.84}
    (tmp_path / "summary.json").write_text(json.dumps({"twins": twins}))
    assert "a modality gap of 11.0 points (95 % interval 6.0 to 16.0)" in page_of(tmp_path)[1].text


# -------------------------------------------------------------------------------------------------- what models write


def test_nothing_written_by_a_model_or_a_data_set_acts(tmp_path: Path) -> None:
    hostile = verdict(False, HOSTILE, reason=HOSTILE)
    row = response(
        HOSTILE,
        question=HOSTILE,
        options=[HOSTILE, HOSTILE],
        gold=HOSTILE,
        images=[HOSTILE],
        categories={HOSTILE: [HOSTILE]},
        response=HOSTILE,
        finish=HOSTILE,
        official=hostile,
        strict=hostile,
    )
    run = {"policy": HOSTILE, "benchmark": HOSTILE, "prompt_variant": HOSTILE, "versions": {HOSTILE: HOSTILE}}
    text, page = page_of(write_evaluation(tmp_path, [row, row | {"id": "b", "gold": "B"}], **run))
    assert len(page.scripts) == 1 and not page.all("img")
    assert not any(name.startswith("on") for _, attrs in page.elements for name in attrs)
    assert not {"\x00", "\x1b", "\u202e"} & set(text)
    assert page.text.count("alert(2)") >= 10


def test_only_our_script_may_run_and_nothing_is_fetched(tmp_path: Path) -> None:
    text, page = page_of(small_evaluation(tmp_path))
    digest = base64.b64encode(hashlib.sha256(page.scripts[0].encode()).digest()).decode()
    [policy] = [a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    without_images = re.sub(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+", "", text)
    assert not re.search(r"https?:|//|@import|url\(", without_images)
    for tag, attrs in page.elements:
        assert tag not in ("link", "iframe", "object", "base", "a", "form")
        assert attrs.get("src", "data:image/").startswith("data:image/")


def test_long_texts_are_cut_in_the_middle(tmp_path: Path) -> None:
    row = response("1", response="start " + "9" * 1_000_000 + " end", official=verdict(False, "9" * 100_000))
    text, page = page_of(write_evaluation(tmp_path, [row]))
    assert len(text) < 60_000 and "start 999" in page.text and "999 end" in page.text
    assert "of 1,000,010 characters left out" in page.text


# ------------------------------------------------------------------------------------------------------------- pictures


def test_small_pictures_go_in_unchanged_and_large_ones_are_scaled_down(tmp_path: Path) -> None:
    picture(small := tmp_path / "small.png", (90, 60))
    picture(large := tmp_path / "large.png", (1600, 800))
    picture(heavy := tmp_path / "heavy.png", (300, 300), noise=True)
    uri, size = data_uri(small.read_bytes())
    assert base64.b64decode(uri.partition(",")[2]) == small.read_bytes() and size == (90, 60)
    for path, expected in ((large, (MAX_SIDE, MAX_SIDE // 2)), (heavy, (300, 300))):
        uri, size = data_uri(path.read_bytes())
        with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as image:
            assert image.size == size == expected
        assert len(uri) < 4 / 3 * path.stat().st_size


def test_picture_that_cannot_be_shown_says_why(tmp_path: Path) -> None:
    outside = tmp_path / "secret.png"
    Image.new("RGB", (9, 9)).save(outside)
    folder = tmp_path / "evaluation"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "broken.png").write_bytes(b"\x89PNG no")
    (folder / "images" / "link.png").symlink_to(outside)
    names = ["images/gone.png", "images/broken.png", "../secret.png", str(outside), "images/link.png"]
    _, page = page_of(write_evaluation(folder, [response("1", images=names)]))
    assert not page.all("img") and page.text.count("cannot be shown") == 5
    assert page.text.count("outside the evaluation") == 3


def test_a_question_shows_eight_pictures_at_most(tmp_path: Path) -> None:
    names = [picture(tmp_path / "images" / f"{n}.png", (8, 8)) for n in range(11)]
    names[1] = "1.png"  # a bare name is one of the folder
    _, page = page_of(write_evaluation(tmp_path, [response("1", images=names)]))
    assert len(page.all("img")) == 8 and "and 3 more images" in page.text


# ----------------------------------------------------------------------------------------------------------------- size


def test_a_list_that_grows_too_large_is_thinned_out_at_random(tmp_path: Path) -> None:
    rows = [response(f"q{number}", response="words " * 500) for number in range(60)]
    evaluation = read_evaluation(write_evaluation(tmp_path, rows))
    whole, cut = responses_section(evaluation, {}), responses_section(evaluation, {}, max_bytes=100_000)
    kept = [int(name) for name in re.findall(r"<b>q(\d+)</b>", cut)]
    assert len(whole) > 180_000 and len(cut) < 110_000
    assert kept == sorted(kept) and 25 <= len(kept) <= 33 and kept != list(range(len(kept)))
    assert f"Here are {len(kept)} of 60 questions, drawn at random" in cut and "drawn at random" not in whole
    assert cut == responses_section(evaluation, {}, max_bytes=100_000)
    assert "<b>q" in responses_section(evaluation, {}, max_bytes=1)


def test_a_thousand_questions_make_a_page_of_sane_size_in_sane_time(tmp_path: Path) -> None:
    rng = random.Random("thousand")
    names = [picture(tmp_path / "images" / f"{n}.png", (120, 90), noise=True) for n in range(20)]
    words = "the angle between lines is therefore equal to half of it so we find".split()
    rows = [
        response(
            str(number),
            rng.random() < 0.6,
            images=[names[number % 20]],
            response=" ".join(rng.choices(words, k=300)),
            categories={"task": [f"task {number % 5}"], "source": [f"source {number % 31}"]},
        )
        for number in range(1000)
    ]
    write_evaluation(tmp_path, rows)
    text, page = page_of(tmp_path)
    assert len(page.all("article", "entry")) == 1000 and 5e6 < len(text) < 20e6


# --------------------------------------------------------------------------------------------------------- in a browser

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PROBE = """
const told=[];
const seen=()=>entries.filter(e=>!e.hidden).map(e=>e.querySelector("b").textContent);
const say=()=>told.push(get("shown").textContent+" | "+seen());
const press=(name,value)=>document.querySelector(`[data-filter=${name}][data-value="${value}"]`).click();
const type=(id,value,kind)=>{get(id).value=value;get(id).dispatchEvent(new Event(kind));};
say();press("official","guessed");say();press("official","");press("modes","differ");press("strict","wrong");say();
press("modes","");press("strict","");press("finish","length");say();press("finish","");
type("words"," ZEBRA ","input");say();type("words","","input");
[...document.querySelectorAll("button[data-group]")].find(b=>b.textContent=="FQA").click();say();
press("strict","wrong");say();told.push(document.querySelectorAll("[aria-pressed=true]").length);
document.body.textContent="TOLD"+JSON.stringify(told)+"TOLD";
"""


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "profile"
    shutil.rmtree(tmp_path / "profile", ignore_errors=True)


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_filters_work_in_a_browser(tmp_path: Path, profile: Path) -> None:
    path = write_evaluation_report(small_evaluation(tmp_path))
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text(encoding="utf-8"))
    path.write_text(text.replace("</script>\n</body>", f"{PROBE}</script>\n</body>"), encoding="utf-8")
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--dump-dom"]
    done = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    told: list[Any] = json.loads(done.stdout.split("TOLD")[1])
    assert told == [
        "4 of 4 questions | 1,2,3,10",
        "1 of 4 questions | 2",
        "2 of 4 questions | 2,3",
        "1 of 4 questions | 10",
        "1 of 4 questions | 10",
        "2 of 4 questions | 1,3",
        "1 of 4 questions | 3",
        4,
    ]
