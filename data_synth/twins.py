"""Twins: the pictures of one item in each of its modalities (item.py tells what each shows)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from data_synth.render.canvas import Canvas, Mark
from data_synth.render.page import Block, PageTooTallError, Paragraph, Pictures, page
from data_synth.render.photo import photograph
from data_synth.render.sheet import all_marks
from data_synth.render.style import style_of
from data_synth.rng import Rng

if TYPE_CHECKING:
    from data_synth.family import Family
    from data_synth.item import Item

STRENGTHS = (0.3, 0.5, 0.7, 0.9)  # of photos
TITLES = ("Practice", "Exercises", "Quiz", "Worksheet", "Homework")  # of windows; without numbers, which contents have
WINDOWS = ("browser", "app", "editor", "paper")  # of screenshots
UNIT = 384  # design units of the longer side of a picture in a page
MARGINS = 56  # of a page around it, both sides together


def draw_twins(item: Item, maker: Family, modality: str, size: int) -> list[Image.Image]:
    """The pictures, one for each `<image>` of the prompt; none for text."""
    if modality == "text":
        return []
    if modality == "photo":
        return [picture for picture, _ in photographs(item, maker, size, marked=False)]
    return [canvas.image() for canvas in canvases(item, maker, modality, size)]


def photographs(item: Item, maker: Family, size: int, *, marked: bool = True) -> list[tuple[Image.Image, list[Mark]]]:
    """The photos and where the marks of the clean pictures are in them, in pixels; no marks unless `marked`."""
    rng = Rng("photo", item.content_hash)
    strength = rng.choice(STRENGTHS)
    clean = canvases(item, maker, "rendered" if "text" in item.modalities else "image", size)
    return [photograph(one.image(), all_marks(one) if marked else [], rng, strength) for one in clean]


def canvases(item: Item, maker: Family, modality: str, size: int) -> list[Canvas]:
    """What is drawn for image, rendered, mixed or screenshot."""
    if modality == "screenshot":
        return [_screenshot(item, maker, size)]
    if modality == "image" or (modality == "rendered" and item.alone):
        return maker.draw(item, size)
    blocks = _own_blocks(item, maker, size)
    if modality == "mixed":  # what asks by itself is set anew: else this would be `rendered` once more
        return [_flowing(item, blocks, size, "plain")] if item.alone and blocks else maker.draw(item, size)
    asked = [Paragraph(text, tag="question") for text in (item.rules, item.shown) if text]
    if blocks is None:
        return [_below(item, maker, asked, size, "paper")]
    return [_flowing(item, [*blocks, *asked], size, "paper")]


def _screenshot(item: Item, maker: Family, size: int) -> Canvas:
    """The content, the question and how to answer, in a window."""
    rng = Rng("screenshot", item.content_hash)
    frame, number = rng.choice(WINDOWS), rng.between(1, 40)
    title = TITLES[number % len(TITLES)] if frame != "editor" else f"sheet_{number}.txt"
    question = item.shown if "text" in item.modalities else item.question
    asked = [Paragraph(text, tag="question") for text in (item.rules, question) if text]
    asked.append(Paragraph(item.form_sentence, accent=True, tag="form"))
    blocks = _own_blocks(item, maker, size)
    if blocks is None:
        return _below(item, maker, asked, size, frame, title)
    return _flowing(item, [*blocks, *asked], size, frame, title)


def _own_blocks(item: Item, maker: Family, size: int) -> list[Block] | None:
    make = getattr(maker, "blocks", None)
    return None if make is None else list(make(item, size))


def _flowing(item: Item, blocks: list[Block], size: int, frame: str, title: str = "") -> Canvas:
    """One page of the blocks; pictures among them are drawn for a scale of size / UNIT."""
    scale = size / UNIT if any(isinstance(block, Pictures) for block in blocks) else 0.0
    return page(blocks, style_of(item.scene), size, frame=frame, title=title, scale=scale, grow=not scale)


def _below(item: Item, maker: Family, asked: list[Paragraph], size: int, frame: str, title: str = "") -> Canvas:
    """The drawn content at its own scale, and the text under it; the page is as wide as the text needs."""
    canvases, scale = maker.draw(item, size), size / UNIT
    names = [f"Image {number}" for number in range(1, len(canvases) + 1)] if len(canvases) > 1 else []
    pictures = Pictures(canvases, scale, names)
    for width in (max(pictures.width, UNIT) + MARGINS, max(pictures.width, 2 * UNIT) + MARGINS):
        try:
            return page([pictures, *asked], style_of(item.scene), width=width, frame=frame, title=title, scale=scale)
        except PageTooTallError as error:
            refused = error
    raise refused
