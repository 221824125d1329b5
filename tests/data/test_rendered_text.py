"""Text questions of file sources asked as pictures: what is shown, what stays text, what cannot be rendered."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from made_sources import INSTRUCTION, opened, png, write_jsonl
from PIL import Image

from data_synth import render_text_prompt
from vlm_rl.config import DataConfig, FileSource
from vlm_rl.data.file_prompts import FilePrompts
from vlm_rl.data.image_uri import read_encoded
from vlm_rl.data.images import ImageStore
from vlm_rl.data.records import BadRecord

SHORT = "A train has **12** cars with $7^2$ seats each. How many seats?"
LONG = "\n\n".join(f"Paragraph {n}: there are {n} boxes with {n + 2} pens in each of them." for n in range(40))


@pytest.mark.parametrize("style", ["page", "screenshot", "photo"])
def test_a_text_question_becomes_the_pictures_that_data_synth_makes_of_it(tmp_path: Path, style: str) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", {"question": SHORT, "answer": "588"}, {"question": LONG, "answer": "1"})
    source = opened("jsonl", path, render=style, render_size=480)
    assert source.modalities == ["rendered", "rendered"]
    for row, text in enumerate((SHORT, LONG)):
        prompt, pages = source.prompt(row), render_text_prompt(text, style=style, size=480)
        assert prompt.messages[0].content == "<image>\n" * len(pages) + INSTRUCTION
        assert (prompt.modality, prompt.cell) == ("rendered", "q.jsonl/0/rendered")
        files = [read_encoded(ref.uri, {source.name: source}) for ref in prompt.images]
        assert [Image.open(io.BytesIO(data)).tobytes() for data in files] == [page.tobytes() for page in pages]
    assert len(source.prompt(1).images) > 1


def test_pictures_are_found_again_by_another_process_and_refused_when_the_text_changed(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", {"question": SHORT, "answer": "588"})
    source = FileSource(kind="jsonl", path=str(path), render="page")
    cfg = DataConfig(sources=(source,))
    (ref,) = FilePrompts(source, cfg).prompt(0).images
    again = FilePrompts(source, cfg)
    assert ImageStore(cfg, {again.name: again})(ref).size[0] == 480
    write_jsonl(path, {"question": SHORT.replace("12", "13"), "answer": "637"})
    changed = FilePrompts(source, cfg)
    with pytest.raises(ValueError, match="the image changed since the prompt was drawn"):
        ImageStore(cfg, {changed.name: changed})(ref)


def test_questions_with_images_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png("red"))
    row = {"question": "Colour?", "answer": "red", "image": "a.png"}
    path = write_jsonl(tmp_path / "q.jsonl", row, {"question": SHORT, "answer": "588"})
    prompt = opened("jsonl", path, render="page").prompt(0)
    assert (prompt.modality, prompt.messages[0].content) == ("image", f"<image>\nColour?\n{INSTRUCTION}")
    assert prompt == opened("jsonl", path).prompt(0)


def test_text_that_no_font_can_write_is_a_bad_record_that_names_the_character(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", {"question": "How many \U00010330 are there?", "answer": "1"})
    with pytest.raises(BadRecord, match=r"q\.jsonl.*cannot be rendered.*10330"):
        opened("jsonl", path, render="page").prompt(0)


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    source = opened("jsonl", write_jsonl(tmp_path / "q.jsonl", {"question": SHORT, "answer": "588"}), render="page")
    with pytest.raises(ValueError, match="1 pages, so no page 3"):
        source.page_bytes(0, 3)
