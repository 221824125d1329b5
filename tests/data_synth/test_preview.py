"""Contact sheets and pages show every item whole."""

from __future__ import annotations

import argparse
import base64
import io
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import probe_family as probes
import pytest
from PIL import Image

from data_synth.families import FAMILIES
from data_synth.generate import make
from data_synth.item import Item
from data_synth.preview import write_preview
from data_synth.preview.choose import items_of, prompt_text, shown_modality
from data_synth.preview.command import add_arguments, run
from data_synth.preview.sheet import COLUMNS, GAP, LETTER, MARGIN, contact_sheet, plain, wrapped
from data_synth.render.canvas import Canvas
from data_synth.render.fonts import font
from data_synth.render.look import Look


class Five(probes.Sound):
    """Five pictures of an item <all red>."""

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [Canvas(384, 200, size, Look((200, 30, 30))) for _ in range(5)]


class Page(HTMLParser):
    """Texts, sources of pictures and links of a page; the tags must nest."""

    VOID = {"meta", "img", "br"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts, self.pictures, self.links = "", list[str](), list[str]()
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.pictures += [found["src"] or ""] if tag == "img" else []
        self.links += [found["href"] or ""] if tag == "a" else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts += data


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("preview")
    write_preview(folder, ["bar_chart", "expression"], (0, 3), items=3)
    return folder


def test_a_page_shows_pictures_questions_answers_and_traces_in_all_modalities(written: Path) -> None:
    for family in ("bar_chart", "expression"):
        page = Page((written / f"{family}.html").read_text())
        for level in (0, 3):
            for number, item in enumerate(items_of(family, level, 3)):
                assert item.id in page.texts
                assert item.answer.surface in page.texts
                assert item.trace(item.modalities[0], number) in page.texts
                for modality in item.modalities:
                    assert prompt_text(item, modality) in page.texts
        assert len(page.pictures) == 6 * sum(modality != "text" for modality in item.modalities)
        picture = Image.open(io.BytesIO(base64.b64decode(page.pictures[0].partition("base64,")[2])))
        assert max(picture.size) == 384
        assert all(link.startswith("#level-") or (written / link).exists() for link in page.links)


def test_the_index_links_to_everything(written: Path) -> None:
    page = Page((written / "index.html").read_text())
    assert {"bar_chart.html", "bar_chart.png", "expression.html", "expression.png"} == set(page.links)
    assert len(page.pictures) == 2


def test_pages_fetch_nothing_and_run_nothing(written: Path) -> None:
    for file in written.glob("*.html"):
        text = file.read_text()
        assert "default-src 'none'" in text
        assert not re.search(r"https?:|<script", text)


def test_a_sheet_holds_the_pictures_pixel_by_pixel(written: Path) -> None:
    sheet = Image.open(written / "bar_chart.png").convert("RGB")
    assert sheet.width == 2 * MARGIN + COLUMNS * 384 + (COLUMNS - 1) * GAP
    for place, item in enumerate(items_of("bar_chart", 0, 2)):
        (picture,) = item.images("image", 384)
        left = MARGIN + place * (384 + GAP)
        tops = [
            top
            for top in range(sheet.height - picture.height)
            if sheet.getpixel((left + 5, top)) == picture.getpixel((5, 0))
            and sheet.crop((left, top, left + picture.width, top + picture.height)).tobytes() == picture.tobytes()
        ]
        assert len(tops) == 1


def test_nothing_on_a_sheet_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quiet margin all round, also with long questions and more pictures than fit side by side."""
    monkeypatch.setitem(FAMILIES, "probe", Five())
    sheets = [
        contact_sheet("probe", "x", [("Level 2", [make("probe", 2, index) for index in range(3)])], 200),
        contact_sheet("spatial_rel", "x", [("Level 4", items_of("spatial_rel", 4, 6))], 128),
    ]
    for sheet in sheets:
        inner = (MARGIN - 2, MARGIN - 2, sheet.width - MARGIN + 2, sheet.height - 12)
        blank = sheet.copy()
        blank.paste((255, 255, 255), inner)
        assert blank.getextrema() == ((255, 255),) * 3
    reds = sum(count for count, colour in sheets[0].getcolors(1 << 20) or [] if colour == (200, 30, 30))
    assert reds == 2 * 5 * 200 * 104  # 200 design units of 384, at 200 pixels; the third item is a photo


def test_lines_fit_and_keep_their_words() -> None:
    text = "Where is the red square? " * 5 + "\n\n  if a:\n    return " + "x" * 90
    lines = wrapped(text, 300)
    assert all(font(LETTER, "roboto").getlength(line) <= 300 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert "  if a:" in lines
    assert plain("a \u4e2d") == "a <U+4E2D>"


def test_modalities_take_turns() -> None:
    item = make("expression", 0, 0)
    assert shown_modality(item) == "rendered"
    assert [shown_modality(item, turn) for turn in range(1, 5)] == ["screenshot", "photo", "mixed", "screenshot"]
    assert "<image>" not in prompt_text(item, "rendered")


def test_unknown_names_are_errors_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="did you mean bar_chart"):
        write_preview(tmp_path / "new", ["bar_chrt"])
    with pytest.raises(ValueError, match="items must be >= 1"):
        write_preview(tmp_path / "new", ["bar_chart"], items=0)
    with pytest.raises(ValueError, match="32 .. 2048"):
        write_preview(tmp_path / "new", ["bar_chart"], size=8)
    assert not (tmp_path / "new").exists()


def test_the_command_writes_the_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    words = ["--families", "expression", "--levels", "1", "--items", "1", "--workers", "1", "--out", str(tmp_path)]
    run(parser.parse_args(words))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["expression.html", "expression.png", "index.html"]
    assert "index.html" in capsys.readouterr().out.replace("\n", "")
