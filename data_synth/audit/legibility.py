"""Pictures: size of letters, texts that collide, what is cut off, contrast on the pixels, and the time to draw."""

from __future__ import annotations

import time
from itertools import combinations

import numpy as np
import numpy.typing as npt

from data_synth.audit.bounds import Reading
from data_synth.audit.survey import Survey
from data_synth.generate import family_named
from data_synth.item import Item
from data_synth.png import png
from data_synth.render.canvas import Canvas, shared_area
from data_synth.render.sheet import all_marks
from data_synth.twins import canvases

DRAWN = 20  # items
SCREENSHOTS = 10  # of them, which also show question and form of the answer
SIZE = 384  # pixels of the longer side
LEAST_PATCH = 0.15  # share of a text's box that a colour needs to be what the text stands on

Pixels = npt.NDArray[np.float64]


def pictures(survey: Survey) -> dict[str, Reading]:
    """Legibility of the first items, as drawn and as screenshots; no sizes and contrasts of pictures without text."""
    glyphs, contrasts, collisions, clipped = [], [], 0, 0
    for place, item in enumerate(survey.items[:DRAWN]):
        maker = family_named(item.family)
        shots = canvases(item, maker, "screenshot", SIZE) if place < SCREENSHOTS else []
        for canvas in (*maker.draw(item, SIZE), *shots):
            glyphs += [pixels for _, _, _, pixels, *_ in canvas.texts]
            boxes = [mark.box for mark in all_marks(canvas) if mark.kind == "text"]
            collisions += sum(shared_area(a, b) > 0 for a, b in combinations(boxes, 2))
            clipped += len(canvas.outside())
            contrasts += text_contrasts(canvas)
    found = {"collisions": Reading(collisions), "clipped": Reading(clipped)}
    if glyphs:
        found |= {"glyph_px": Reading(min(glyphs)), "contrast": Reading(min(contrasts))}
    return found


def text_contrasts(canvas: Canvas) -> list[float]:
    """The WCAG contrast of each text's colour to the worst of the colours that fill its box."""
    picture = np.asarray(canvas.image(), dtype=np.uint8)
    boxes = [mark.box for mark in canvas.marks if mark.kind == "text"]
    contrasts = []
    for (*_, ink), box in zip(canvas.texts, boxes, strict=True):
        left, top, right, bottom = (round(edge * canvas.scale) for edge in box)
        patch = picture[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
        if patch.size:
            contrasts.append(min(contrast(ink, ground) for ground in _grounds(patch, ink)))
    return contrasts


def _grounds(patch: npt.NDArray[np.uint8], ink: tuple[int, int, int]) -> Pixels:
    """Colours that fill at least LEAST_PATCH of the patch, the ink and its soft edges left out."""
    flat = patch.reshape(-1, 3)
    colours, counts = np.unique(flat, axis=0, return_counts=True)
    many = colours[counts >= LEAST_PATCH * len(flat)].astype(float)
    grounds = many[np.abs(many - np.array(ink)).max(1) > 8] if len(many) else many
    return grounds if len(grounds) else np.median(flat, axis=0)[None]


def contrast(ink: tuple[int, int, int], ground: Pixels) -> float:
    """Contrast ratio of WCAG 2, 1 .. 21."""
    light, dark = sorted((_luminance(np.array(ink, float)), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Pixels) -> float:
    share = colour / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def clean_modality(item: Item) -> str:
    """The modality whose pictures are as drawn: image, else rendered, else the first with a picture."""
    pictured = [modality for modality in item.modalities if modality != "text"]
    return next((modality for modality in ("image", "rendered") if modality in pictured), pictured[0])


def drawing(survey: Survey) -> dict[str, Reading]:
    """Mean processor time of drawing and encoding one item, ms; the first, which loads fonts, is left out."""
    spent = []
    for item in survey.items[: DRAWN + 1]:
        start = time.process_time()
        for picture in item.images(clean_modality(item), SIZE):
            png(picture)
        spent.append(time.process_time() - start)
    return {"picture_ms": Reading(1000 * sum(spent[1:]) / len(spent[1:]))}
