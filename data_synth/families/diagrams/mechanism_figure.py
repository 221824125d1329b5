"""Drawings of wheel trains and of balances."""

from __future__ import annotations

import math
from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point
from data_synth.render.figure import Spot, draw_arrow_head
from data_synth.render.palette import COLOURS, INK, PAPER, Colour
from data_synth.render.shapes import draw_shape
from data_synth.rng import Rng

WIDTH, HEIGHT = 384, 352
MARGIN, TOP = 14, 34
TOOTH, SLACK = 4, 12  # height of a tooth; least distance of wheels that do not touch
NUMBER, NAME = 14, 15
DRIVER, BLUE = (250, 214, 210), (222, 232, 244)
ROW, PIECE = 84, 30


SCALE = {2: 215, 3: 190, 4: 165, 5: 148}  # radius over teeth, in hundredths, by number of wheels


def radii_of(scene: Scene) -> list[int]:
    """To the middle of the teeth; the ratio to the teeth is the same for all, so that they mesh."""
    return [wheel["teeth"] * SCALE[len(scene["wheels"])] // 100 for wheel in scene["wheels"]]


def place_train(rng: Rng, scene: dict[str, Any]) -> Scene | None:
    """Centres of the wheels on the page; None if wheels would collide or leave it."""
    radii = radii_of(scene)
    centres: list[Spot] = [(0.0, 0.0)]
    heading = rng.choice((0, 180))
    for n, link in enumerate(scene["links"]):
        x, y = centres[-1]
        if link == "axle":
            centres.append((x, y))
            continue
        for _ in range(6):
            turn = math.radians(heading + rng.between(-65, 65))
            reach = radii[n] + radii[n + 1] + (0 if link == "mesh" else rng.between(26, 44))
            spot = x + reach * math.cos(turn), y + reach * math.sin(turn)
            if all(
                math.dist(spot, other) > radii[n + 1] + radii[k] + SLACK
                for k, other in enumerate(centres)
                if k != n and other != centres[n]
            ):
                break
        else:
            return None
        on_same = [k for k, other in enumerate(centres) if other == centres[n] and k != n]
        if any(math.dist(spot, centres[n]) < radii[n + 1] + radii[k] + SLACK for k in on_same):
            return None  # it would meet the other wheel of the axle as well
        centres.append(spot)
    if not _belts_free(scene["links"], centres, radii):
        return None
    left, right = (
        min(x - r for (x, _), r in zip(centres, radii, strict=True)),
        max(x + r for (x, _), r in zip(centres, radii, strict=True)),
    )
    top, bottom = (
        min(y - r for (_, y), r in zip(centres, radii, strict=True)),
        max(y + r for (_, y), r in zip(centres, radii, strict=True)),
    )
    wide, high = right - left, bottom - top
    if wide > WIDTH - 2 * MARGIN or high > HEIGHT - MARGIN - TOP:
        return None
    dx, dy = (WIDTH - wide) / 2 - left, TOP + (HEIGHT - MARGIN - TOP - high) / 2 - top
    spots = [[round(x + dx), round(y + dy)] for x, y in centres]
    return {**scene, "spots": spots, "canon": [scene["canon"], [[x // 16, y // 16] for x, y in spots]]}


def _belts_free(links: list[str], centres: list[Spot], radii: list[int]) -> bool:
    """Whether no belt runs over a wheel that it does not drive."""
    for n, link in enumerate(links):
        if link not in ("belt", "cross"):
            continue
        (x, y), (x1, y1) = centres[n], centres[n + 1]
        for k, (a, b) in enumerate(centres):
            if (a, b) in ((x, y), (x1, y1)):
                continue
            share = max(0.0, min(1.0, ((a - x) * (x1 - x) + (b - y) * (y1 - y)) / ((x1 - x) ** 2 + (y1 - y) ** 2)))
            away = math.dist((a, b), (x + share * (x1 - x), y + share * (y1 - y)))
            if away < radii[k] + (radii[n] * (1 - share) + radii[n + 1] * share) + 6:
                return False
    return True


def draw_train(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, size, scene["paper"])
    wheels, spots, radii = scene["wheels"], [(x, y) for x, y in scene["spots"]], radii_of(scene)
    for n, link in enumerate(scene["links"]):
        if link in ("belt", "cross"):
            _belt(canvas, spots[n], spots[n + 1], radii[n], radii[n + 1], link)
    phases = _phases(scene)
    order = sorted(range(len(wheels)), key=lambda n: -wheels[n]["teeth"])  # the smaller wheel of an axle on top
    for n in order:
        fill = DRIVER if n == 0 else PAPER if n % 2 else BLUE
        _wheel(canvas, spots[n], radii[n], wheels[n], phases[n], fill)
    _label(canvas, scene, spots)
    _drive(canvas, scene, spots[0])
    return canvas


def _phases(scene: Scene) -> list[float]:
    """How far each wheel is turned, so that teeth meet gaps."""
    phases = [0.0]
    for n, link in enumerate(scene["links"]):
        if link != "mesh":
            phases.append(0.0)
            continue
        (x, y), (x1, y1) = scene["spots"][n], scene["spots"][n + 1]
        a, b = scene["wheels"][n]["teeth"], scene["wheels"][n + 1]["teeth"]
        toward = math.atan2(y1 - y, x1 - x)
        place = ((toward - phases[n]) * a / (2 * math.pi)) % 1.0  # of the contact, in teeth of the first wheel
        phases.append(toward + math.pi + (place + 0.5) * 2 * math.pi / b)
    return phases


def _wheel(canvas: Canvas, centre: Point, middle: int, wheel: dict[str, Any], phase: float, fill: Colour) -> None:
    teeth, points = wheel["teeth"], []
    for tooth in range(teeth):
        for share, away in ((-0.3, -TOOTH), (-0.18, TOOTH - 1), (0.18, TOOTH - 1), (0.3, -TOOTH)):
            turn = phase + (tooth + share) * 2 * math.pi / teeth
            points.append(
                (
                    round(centre[0] + (middle + away) * math.cos(turn)),
                    round(centre[1] + (middle + away) * math.sin(turn)),
                )
            )
    canvas.polygon(points, fill, INK, 1, f"wheel {wheel['name']}")
    canvas.ellipse((centre[0] - 3, centre[1] - 3, centre[0] + 3, centre[1] + 3), INK, tag="pin")


def _label(canvas: Canvas, scene: Scene, spots: list[Point]) -> None:
    """Name above the pin and teeth below; of two wheels on an axle the larger one is labelled in its ring."""
    radii = radii_of(scene)
    for n, wheel in enumerate(scene["wheels"]):
        x, y = spots[n]
        mates = [k for k, spot in enumerate(spots) if spot == spots[n] and k != n]
        text = f"{wheel['name']} {wheel['teeth']}"
        inner = [radii[k] for k in mates if radii[k] < radii[n]]
        if inner:
            ring = (max(inner) + radii[n]) // 2
            canvas.text(x, y + ring, text, 13, tag=f"wheel {wheel['name']}")
        else:
            canvas.text(x, y - 10, wheel["name"], NAME, tag=f"name {wheel['name']}")
            canvas.text(x, y + 10, str(wheel["teeth"]), NUMBER, tag=f"teeth {wheel['name']}")


def _drive(canvas: Canvas, scene: Scene, centre: Point) -> None:
    """A curved arrow over the driving wheel, and its speed in the corner."""
    radius = radii_of(scene)[0] - 9
    turns = [math.radians(-150 + 12 * n) for n in range(11)]
    points = [(round(centre[0] + radius * math.cos(t)), round(centre[1] + radius * math.sin(t))) for t in turns]
    points = points if scene["turn"] == 0 else points[::-1]
    canvas.line(points, COLOURS["red"], 3, "drive")
    draw_arrow_head(canvas, points[-3], points[-1], COLOURS["red"])
    text = f"{scene['wheels'][0]['name']}: {scene['speed']} turns per minute"
    canvas.text(10, 16, text, NAME, anchor="lm", tag="speed")


def _belt(canvas: Canvas, one: Point, other: Point, r: int, r1: int, link: str) -> None:
    """Common tangents of two circles, outer ones for an open belt and inner ones for a crossed belt."""
    along = math.atan2(other[1] - one[1], other[0] - one[0])
    length = math.dist(one, other)
    lean = math.acos((r - r1) / length) if link == "belt" else math.acos((r + r1) / length)
    for side in (1, -1):
        turn = along + side * lean
        back = turn if link == "belt" else turn + math.pi
        start = round(one[0] + (r + 3) * math.cos(turn)), round(one[1] + (r + 3) * math.sin(turn))
        end = round(other[0] + (r1 + 3) * math.cos(back)), round(other[1] + (r1 + 3) * math.sin(back))
        canvas.line([start, end], COLOURS["purple"], 4, "belt")


def draw_balances(scene: Scene, size: int) -> Canvas:
    rows = scene["rows"]
    height = max(ROW * len(rows) + 16, WIDTH // 2)
    canvas = Canvas(WIDTH, height, size, scene["paper"])
    offset = (height - ROW * len(rows)) // 2
    for n, row in enumerate(rows):
        floor = offset + ROW * n + 56
        canvas.line([(26, floor + 6), (WIDTH - 26, floor + 6)], INK, 3, "beam")
        canvas.polygon(
            [(WIDTH // 2, floor + 7), (WIDTH // 2 + 13, floor + 24), (WIDTH // 2 - 13, floor + 24)], INK, tag="foot"
        )
        for middle, side in zip((WIDTH // 4 + 4, 3 * WIDTH // 4 - 4), row, strict=True):
            _pan(canvas, scene, side, middle, floor)
    return canvas


def _pan(canvas: Canvas, scene: Scene, side: dict[str, Any], middle: int, floor: int) -> None:
    pieces = [look for look, count in zip(scene["looks"], side["counts"], strict=True) for _ in range(count)]
    count = len(pieces) + (1 if side["weight"] else 0)
    x = middle - count * PIECE // 2
    canvas.line([(middle - 76, floor + 2), (middle + 76, floor + 2)], COLOURS["grey"], 4, "pan")
    for colour, shape in pieces:
        draw_shape(canvas, shape, colour, (x + 2, floor - 28, x + 28, floor - 2), "piece")
        x += PIECE
    if side["weight"]:
        canvas.rectangle((x + 1, floor - 27, x + 29, floor - 1), PAPER, INK, 2, "box")
        canvas.text(x + 15, floor - 14, str(side["weight"]), NUMBER, tag=f"weight {x} {floor}")
