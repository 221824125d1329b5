"""Reading a drawn chart as a person does: by the numbers at its edges, and by the colours of its pixels."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from data_synth.render.canvas import Canvas

Pixel = tuple[int, int]


def by_the_numbers(canvas: Canvas, x: float, y: float) -> Pixel:
    """Pixel of a point, interpolated between the numbers below and beside the grid."""
    scales: dict[str, dict[int, float]] = {"below": {}, "beside": {}}
    texts = (mark for mark in canvas.marks if mark.kind == "text")
    for mark, (left, top, text, *_) in zip(texts, canvas.texts, strict=True):
        edge = mark.tag.partition(" ")[0]
        if edge in scales and text.lstrip("-").isdecimal():
            scales[edge][int(text)] = left if edge == "below" else top
    places = []
    for value, scale in ((x, scales["below"]), (y, scales["beside"])):
        (a, p), (b, q) = min(scale.items()), max(scale.items())
        places.append(round(p + (value - a) * (q - p) / (b - a)))
    return places[0], places[1]


def near(pixel: object, colour: tuple[int, int, int], slack: int = 60) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= slack for a, b in zip(pixel, colour, strict=True))


def around(picture: Image.Image, spot: Pixel, reach: int = 1) -> list[object]:
    """The pixels at most so far from a place."""
    offsets = range(-reach, reach + 1)
    return [picture.getpixel((spot[0] + a, spot[1] + b)) for a in offsets for b in offsets]


def blobs(picture: Image.Image, colour: tuple[int, int, int]) -> Iterator[Pixel]:
    """Middles of the connected spots of a colour."""
    wide, high = picture.size
    pixels = picture.load()
    assert pixels is not None
    left = {(x, y) for x in range(wide) for y in range(high) if near(pixels[x, y], colour, 40)}
    while left:
        waiting = [left.pop()]
        spot = []
        while waiting:
            x, y = waiting.pop()
            spot.append((x, y))
            beside = {(x + a, y + b) for a in (-1, 0, 1) for b in (-1, 0, 1)} & left
            left -= beside
            waiting += beside
        if len(spot) >= 12:
            yield sum(x for x, _ in spot) // len(spot), sum(y for _, y in spot) // len(spot)
