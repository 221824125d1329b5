"""Drawings of wheel trains and of balances."""

from __future__ import annotations

import math
from typing import Any

from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Point, Spot, on_curve
from data_synth.render.figure import draw_arrow_head, text_reach
from data_synth.render.palette import COLOURS, INK, PAPER, Colour
from data_synth.render.shapes import draw_shape
from data_synth.render.style import figure_look
from data_synth.rng import Rng

WIDTH, HEIGHT = 384, 352
MARGIN, TOP = 14, 34
TOOTH, SLACK = 4, 12  # height of a tooth; least distance of wheels that do not touch
NUMBER, NAME = 14, 15
DRIVER, BLUE = (250, 214, 210), (222, 232, 244)
BELTS, OFF = ("purple", "orange", "green", "blue"), 5  # colours, by link; how far outside the middle of the teeth
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
            if away < radii[k] + (radii[n] * (1 - share) + radii[n + 1] * share) + 2 * OFF:
                return False
    return True


def draw_train(scene: Scene, size: int) -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT, size, figure_look(scene))
    wheels, spots, radii = scene["wheels"], [(x, y) for x, y in scene["spots"]], radii_of(scene)
    phases = _phases(scene)
    behind = {n for n in range(len(wheels)) if _within(spots, radii, n)}
    for n in sorted(behind):
        _wheel(canvas, spots[n], radii[n], wheels[n], phases[n], _fill(n))
    for n, link in enumerate(scene["links"]):  # over a wheel that is larger than its mate on the axle
        if link in ("belt", "cross"):
            _belt(canvas, spots[n : n + 2], (radii[n] + OFF, radii[n + 1] + OFF), link, COLOURS[BELTS[n]])
    for n in sorted(set(range(len(wheels))) - behind):
        _wheel(canvas, spots[n], radii[n], wheels[n], phases[n], _fill(n))
    _label(canvas, scene, spots)
    _drive(canvas, scene, spots[0])
    return canvas


def _fill(wheel: int) -> Colour:
    return DRIVER if wheel == 0 else PAPER if wheel % 2 else BLUE


def _within(spots: list[Point], radii: list[int], wheel: int) -> list[int]:
    """The smaller wheels on the axle of a wheel."""
    return [n for n, spot in enumerate(spots) if spot == spots[wheel] and radii[n] < radii[wheel]]


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
            reach = middle + away
            points.append(on_curve(centre[0] + reach * math.cos(turn), centre[1] + reach * math.sin(turn)))
    canvas.polygon(points, fill, INK, 1, f"wheel {wheel['name']}")
    canvas.ellipse((centre[0] - 2, centre[1] - 2, centre[0] + 2, centre[1] + 2), INK, tag="pin")


def _label(canvas: Canvas, scene: Scene, spots: list[Point]) -> None:
    """Name above the pin and teeth below; of two wheels on an axle the larger one is labelled in its ring."""
    radii = radii_of(scene)
    for n, wheel in enumerate(scene["wheels"]):
        x, y = spots[n]
        inner = _within(spots, radii, n)
        if inner:
            ring = (max(radii[k] for k in inner) + radii[n]) // 2
            half, high = text_reach(text := f"{wheel['name']} {wheel['teeth']}", 13)
            spot = x, y - ring if n and spots[min(n + 2, len(spots) - 1)][1] > y else y + ring
            box = spot[0] - half + 3, spot[1] - high, spot[0] + half - 3, spot[1] + high
            canvas.rectangle(box, _fill(n), tag="under a name")  # a belt may run here
            canvas.text(*spot, text, 13, tag=f"wheel {wheel['name']}")
        else:
            canvas.text(x, y - 10, wheel["name"], NAME, tag=f"name {wheel['name']}")
            canvas.text(x, y + 10, str(wheel["teeth"]), NUMBER, tag=f"teeth {wheel['name']}")


def _drive(canvas: Canvas, scene: Scene, centre: Point) -> None:
    """A curved arrow over the driving wheel, and its speed in the corner."""
    radius = radii_of(scene)[0] - 9
    points = _arc(centre, radius, math.radians(-150), math.radians(-30))
    points = points if scene["turn"] == 0 else points[::-1]
    canvas.line(points, COLOURS["red"], 3, "drive")
    draw_arrow_head(canvas, points[-5], points[-1], COLOURS["red"])
    text = f"{scene['wheels'][0]['name']}: {scene['speed']} turns per minute"
    canvas.text(10, 16, text, NAME, anchor="lm", tag="speed")


def _belt(canvas: Canvas, ends: list[Point], radii: tuple[int, int], link: str, colour: Colour) -> None:
    """A closed belt: outer tangents of two circles if it is open and inner ones if it is crossed, and arcs."""
    (one, other), (r, r1) = ends, radii
    along = math.atan2(other[1] - one[1], other[0] - one[0])
    lean = math.acos((r - r1 if link == "belt" else r + r1) / math.dist(one, other))
    back = (-lean, lean) if link == "belt" else (math.pi - lean, lean - math.pi)
    first = _arc(one, r, along + lean, along + 2 * math.pi - lean)
    second = _arc(other, r1, along + back[0], along + back[1])
    canvas.line([*first, *second, first[0], first[1]], colour, 4, "belt")


def _arc(centre: Point, radius: int, start: float, end: float) -> list[Spot]:
    turns = [start + (end - start) * n / 48 for n in range(49)]
    return [on_curve(centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in turns]


def draw_balances(scene: Scene, size: int) -> Canvas:
    rows = scene["rows"]
    height = max(ROW * len(rows) + 16, WIDTH // 2)
    canvas = Canvas(WIDTH, height, size, figure_look(scene))
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
