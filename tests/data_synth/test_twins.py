"""Twins: one item in several modalities, with one answer; each picture holds what its prompt leaves out."""

from __future__ import annotations

import pytest

from data_synth import DEFAULT_MODALITIES, FAMILIES, Item, cell_modalities, make
from data_synth.item import IMAGE_MODALITIES, TEXT_MODALITIES, twins_of
from data_synth.render.canvas import Canvas
from data_synth.render.sheet import all_marks
from data_synth.twins import canvases, photographs

TEXTUAL = [name for name, family in FAMILIES.items() if "text" in family.modalities]
VISUAL = [name for name in FAMILIES if name not in TEXTUAL]
FLOWING = ("word_page",)  # text families whose content is drawn with Canvas.texts that can be read back


def drawn(item: Item, modality: str, size: int = 384) -> Canvas:
    (canvas,) = canvases(item, FAMILIES[item.family], modality, size)
    return canvas


def words(canvas: Canvas) -> str:
    """All that is written on a page, in the order in which it was written, spaces dropped."""
    return "".join("".join(text.split()) for _, _, text, *_ in canvas.texts)


def test_kinds_of_families_have_their_modalities() -> None:
    assert TEXTUAL and VISUAL
    for name in FAMILIES:
        assert cell_modalities(name) == (TEXT_MODALITIES if name in TEXTUAL else IMAGE_MODALITIES)
        assert set(FAMILIES[name].modalities) == set(cell_modalities(name)) & set(DEFAULT_MODALITIES)
    assert twins_of(("image",)) == ("image", "photo", "screenshot")
    assert twins_of(("text", "rendered")) == ("text", "rendered", "screenshot", "photo", "mixed")


@pytest.mark.parametrize("family", FAMILIES)
def test_twins_share_all_but_the_prompt(family: str) -> None:
    for level in (0, 4):
        item = make(family, level, 5)
        prompts = {modality: item.prompt(modality) for modality in item.modalities}
        assert len({item.trace(modality, 1) for modality in item.modalities}) == 1
        assert prompts["screenshot"].count("<image>") == 1
        for modality, prompt in prompts.items():
            assert prompt.count("<image>") == (
                0 if modality == "text" else 1 if modality == "screenshot" else item.pictures
            )
            assert ("\\boxed" in prompt) == (modality != "screenshot")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("level", [0, 2, 4])
def test_a_screenshot_asks_the_whole_question(family: str, level: int) -> None:
    for index in range(4):
        item = make(family, level, index)
        asked = item.shown if family in TEXTUAL else item.question
        prompt, picture = item.prompt("screenshot"), drawn(item, "screenshot")
        written = words(picture)
        for sentence in (item.rules, asked, item.form_sentence):
            assert "".join(sentence.replace("`", "").split()) in written, "words in backticks are set as code"
        assert asked not in prompt and item.form not in prompt.split()
        assert not picture.outside()
        assert not list(picture.overlaps("text"))
        assert min(pixels for _, _, _, pixels, *_ in picture.texts) >= 12


@pytest.mark.parametrize("family", VISUAL)
def test_a_screenshot_shows_the_picture_pixel_for_pixel(family: str) -> None:
    item = next(item for index in range(20) if (item := make(family, 3, index)).pictures == 1)
    (clean,) = item.images("image", 256)
    (shot,) = item.images("screenshot", 256)
    row = clean.crop((0, clean.height // 2, clean.width, clean.height // 2 + 1)).tobytes()
    whole = [shot.crop((0, y, shot.width, y + 1)).tobytes() for y in range(shot.height)]
    assert any(row in line for line in whole)


@pytest.mark.parametrize("family", FLOWING)
def test_pictures_of_a_text_hold_what_the_prompt_leaves_out(family: str) -> None:
    for level in range(5):
        item = make(family, level, 9)
        story = item.question.removesuffix(item.shown).strip()
        assert item.question in item.prompt("text")
        for modality in ("rendered", "mixed", "screenshot"):
            prompt, written = item.prompt(modality), words(drawn(item, modality))
            assert story not in prompt and "".join(story.split()) in written
            assert (item.shown in prompt) == (modality == "mixed")
            assert ("".join(item.shown.split()) in written) == (modality != "mixed")


@pytest.mark.parametrize("family", TEXTUAL)
def test_clean_pages_of_text_are_legible_and_whole(family: str) -> None:
    for level in range(5):
        item = make(family, level, 3)
        for modality in ("rendered", "mixed"):
            if modality == "rendered" and item.alone:
                continue  # as its family draws it
            canvas = drawn(item, modality)
            assert not canvas.outside()
            assert min((pixels for _, _, _, pixels, *_ in canvas.texts), default=99) >= 12
            assert 384 <= max(canvas.image().size) <= 384 * 2


@pytest.mark.parametrize("family", FAMILIES)
def test_marks_go_into_the_photo_with_the_picture(family: str) -> None:
    item = make(family, 1, 4)
    clean = "rendered" if family in TEXTUAL else "image"
    photos = photographs(item, FAMILIES[family], 320)
    for canvas, (photo, marks) in zip(canvases(item, FAMILIES[family], clean, 320), photos, strict=True):
        before = all_marks(canvas)
        assert len(before) == len(marks)
        assert all(large >= small for large, small in zip(photo.size, canvas.pixels, strict=True))
        for old, new in zip(before, marks, strict=True):
            assert old.tag == new.tag
            assert new.box[2] > new.box[0] or old.box[2] == old.box[0]
    assert [photo.tobytes() for photo, _ in photos] == [image.tobytes() for image in item.images("photo", 320)]


@pytest.mark.parametrize("family", FAMILIES)
def test_twins_are_drawn_at_any_size(family: str) -> None:
    item = make(family, 2, 6)
    for modality in item.modalities:
        for size in (32, 100, 512):
            pictures = item.images(modality, size)
            assert len(pictures) == item.prompt(modality).count("<image>")
            assert all(picture.mode == "RGB" and size <= max(picture.size) <= 3 * size for picture in pictures)


def test_an_expression_is_set_anew_where_it_would_be_the_same_picture() -> None:
    for level in range(5):
        item = make("expression", level, 3)
        assert item.prompt("mixed") == item.prompt("rendered")
        assert item.images("mixed")[0].tobytes() != item.images("rendered")[0].tobytes()


def test_prompts_that_point_to_the_image_have_many_wordings() -> None:
    told = {make("scene_count", 1, index).prompt("screenshot") for index in range(200)}
    assert len(told) == 8
