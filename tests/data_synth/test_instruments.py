"""Readings against the pixels of the pictures and against a clock's own arithmetic."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from data_synth import FAMILIES, Item, make
from data_synth.render.palette import COLOURS
from data_synth.render.style import figure_look

LEVELS = range(5)


def items(level: int, form: str) -> list[Item]:
    return [item for item in (make("instruments", level, n) for n in range(300)) if item.scene["form"] == form][:40]


@pytest.mark.parametrize("level", [1, 2])
def test_elapsed_times_are_those_of_a_calendar(level: int) -> None:
    for item in items(level, "elapsed"):
        start, end = (
            datetime(2000, 1, 1, gadget["hour"] % 12, gadget["value"], gadget["second"])
            for gadget in item.scene["gadgets"]
        )
        if end <= start:
            end += timedelta(hours=12)
        minutes, seconds = item.answer.value
        assert (end - start) == timedelta(minutes=minutes, seconds=seconds) and seconds < 60, item.id


@pytest.mark.parametrize("level", [0, 1])
def test_the_named_bar_ends_in_the_picture_where_the_answer_says(level: int) -> None:
    for item in items(level, "marks"):
        gadget = item.scene["gadgets"][0]
        picture, colour = item.images("image", 768)[0], figure_look(item.scene).shade(COLOURS[gadget["colour"]])
        assert gadget["colour"] in item.question
        columns = [
            x for x in range(picture.width) if any(picture.getpixel((x, 2 * y)) == colour for y in (70, 76, 114))
        ]
        read = [gadget["first"] + (x / 2 - 34) / 316 * 80 for x in (columns[0], columns[-1] + 1)]
        assert read == pytest.approx(list(item.answer.value), abs=0.6), item.id


def test_the_numbers_of_a_ruler_stand_inside_it() -> None:
    for level in (0, 1):
        for item in items(level, "marks"):
            (canvas,) = FAMILIES["instruments"].draw(item, 384)
            (ruler,) = [mark.box for mark in canvas.marks if mark.tag == "ruler"]
            numbers = [mark.box for mark in canvas.marks if mark.kind == "text"]
            assert all(ruler[0] + 2 < left and right < ruler[2] - 2 for left, _, right, _ in numbers), item.id


@pytest.mark.parametrize("level", LEVELS)
def test_every_reading_stands_on_a_mark(level: int) -> None:
    for index in range(200):
        for gadget in make("instruments", level, index).scene["gadgets"]:
            if gadget["kind"] in ("dial", "thermometer"):
                low, step = gadget.get("low", 0), gadget["major"] // gadget["parts"]
                assert (gadget["value"] - low) % step == 0
                assert low <= gadget["value"] <= gadget.get("top", gadget.get("high"))


def test_minutes_are_uniform() -> None:
    minutes = [gadget["value"] for n in range(300) for gadget in make("instruments", 2, n).scene["gadgets"]
               if gadget["kind"] == "clock"]  # fmt: skip
    assert len(set(minutes)) == 60
    assert sum(minute % 15 == 0 for minute in minutes) < 0.12 * len(minutes)  # 4 of 60 when uniform
