"""Drawings of tangled wires: smooth curves through their slots, bent by two waves, from one side to the other.

Between two columns a curve stays between its two slots and is monotone there, so wires cross where the scene says and
nowhere else; the waves move the whole plane and change no crossing.
"""

from __future__ import annotations

import math

from data_synth.families.diagrams.wire_tangle import all_slots
from data_synth.program import Scene
from data_synth.render.canvas import Canvas, Spot, on_curve
from data_synth.render.palette import COLOURS, PAPER, Colour
from data_synth.render.style import figure_look
from data_synth.rng import Rng

LONG = 384  # along the wires
END, SIDE = 50, 30  # free for names at the ends, and beside the outer wires
LEAD = 8  # straight pieces before the first and after the last column, at least
PLUG, NUMBER, NAME = 11, 15, 15
GAP = (34, 68)  # between neighbouring slots, least and most
TONES = (-55, 40, -28, 20)  # per cent of the way to white, or less than 0, to black
HUES = ("red", "blue", "green", "purple", "orange", "pink")
DARK = 4  # of them, which can be lighter and still be seen
STEP, MOST_STEPS = 7, 12  # design units between points of a curve, and how many there are in a column


def wire_look(rng: Rng, scene: Scene, level: int) -> Scene:
    """Where slots and columns are, waves, colours: distinct ones first, then tones of two colours or of one."""
    wires, columns = scene["wires"], len(scene["layers"])
    width = min((LONG - 2 * END - 2 * LEAD) // columns, 2 * GAP[1])
    most = min(GAP[1], (LONG - 2 * SIDE) // (wires - 1))
    gap = min(max(width, GAP[0]), most)
    across = _marks(rng, wires - 1, gap, gap // 8)
    along = _marks(rng, columns, width, width // 8)
    few = (6, 6, 4, 2, 1)[level]
    hues = rng.sample(HUES if few == len(HUES) else HUES[:DARK], few)
    inks = [[hues[n % few], n // few] for n in range(wires)]
    rng.shuffle(inks)
    return {
        "across": across,
        "along": [place + (LONG - along[-1]) // 2 for place in along],
        "wave": [rng.between(0, 6), rng.randrange(360), rng.between(4, 10), rng.randrange(360)],
        "inks": inks,
        "upright": rng.chance(0.3),
        "bridges": rng.chance(0.7),
        "thick": rng.between(3, 4) if wires > 6 else rng.between(4, 5),
    }


def _marks(rng: Rng, count: int, step: int, jitter: int) -> list[int]:
    """0 and the ends of `count` steps of about this size."""
    places = [0]
    for _ in range(count):
        places.append(places[-1] + step + rng.between(-jitter, 0))
    return places


def tone(colour: Colour, number: int) -> Colour:
    """The colour itself, then others that are lighter and darker."""
    if number == 0:
        return colour
    share = TONES[(number - 1) % len(TONES)]
    red, green, blue = ((c * (100 + share) if share < 0 else c * (100 - share) + 255 * share) // 100 for c in colour)
    return red, green, blue


def breadth(scene: Scene) -> int:
    """Size of the page across the wires."""
    return max(scene["across"][-1] + 2 * SIDE, LONG // 2)


def pieces(scene: Scene) -> list[list[list[Spot]]]:
    """The points of each wire in design units: its lead, a piece for each column, and its last piece."""
    shift = (breadth(scene) - scene["across"][-1]) // 2
    along = [END, *scene["along"], LONG - END]
    out = []
    for slots in all_slots(scene):
        knots = [scene["across"][slot] + shift for slot in (slots[0], *slots, slots[-1])]
        out.append([[_waved(scene, x, y) for x, y in piece] for piece in _smooth(along, knots)])
    return out


def joined(parts: list[list[Spot]]) -> list[Spot]:
    """Pieces of which each begins where the one before ends, as one line."""
    return [*parts[0], *(point for piece in parts[1:] for point in piece[1:])]


def _smooth(xs: list[int], ys: list[int]) -> list[list[tuple[float, float]]]:
    """Monotone cubic interpolation (Fritsch and Carlson 1980), piece by piece: level where the direction changes."""
    slopes = [(b - a) / (d - c) for a, b, c, d in zip(ys, ys[1:], xs, xs[1:], strict=False)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in zip(slopes, slopes[1:], strict=False)]
    tangents = [0.0, *inner, 0.0]
    found = []
    for n, (x, y) in enumerate(zip(xs[:-1], ys[:-1], strict=True)):
        width, rise = xs[n + 1] - x, ys[n + 1] - y
        start, end = tangents[n] * width, tangents[n + 1] * width
        count = max(2, width // 20) if start == end == rise else min(MOST_STEPS, max(4, width // STEP))
        piece = []
        for t in (k / count for k in range(count + 1)):
            bend = t * (1 - t) * ((1 - t) * (start - rise) - t * (end - rise))
            piece.append((x + t * width, y + t * rise + bend))
        found.append(piece)
    return found


def _waved(scene: Scene, x: float, y: float) -> Spot:
    high, phase, wide, turn = scene["wave"]
    lifted = y + high * math.sin(2 * math.pi * x / LONG + math.radians(phase))
    moved = x + wide * math.sin(2 * math.pi * y / LONG + math.radians(turn))
    return on_curve(lifted, moved) if scene["upright"] else on_curve(moved, lifted)


def draw_wires(scene: Scene, size: int) -> Canvas:
    """The wires in turn, a plug with a number at each start and the name at each end."""
    high = breadth(scene)
    canvas = Canvas(high if scene["upright"] else LONG, LONG if scene["upright"] else high, size, figure_look(scene))
    slots, parts = all_slots(scene), pieces(scene)
    inks = [tone(canvas.shade(COLOURS[hue]), number) for hue, number in scene["inks"]]
    for wire, ink in enumerate(inks):
        for column in _bridged(slots, wire) if scene["bridges"] else ():
            canvas.line(parts[wire][column + 1], canvas.paper, scene["thick"] + 6, f"bridge {wire + 1}")
        canvas.line(joined(parts[wire]), ink, scene["thick"], f"wire {wire + 1}")
    for wire, ink in enumerate(inks):
        line = joined(parts[wire])
        _plug(canvas, scene, line[0], str(wire + 1), ink)
        _tip(canvas, scene, line[-1], scene["ends"][slots[wire][-1]], ink)
    return canvas


def _bridged(slots: list[list[int]], wire: int) -> list[int]:
    """Columns in which a wire crosses one that was drawn before it."""
    own = slots[wire]
    return [
        column
        for column, (here, there) in enumerate(zip(own, own[1:], strict=False))
        if here != there and any(other[column] == there for other in slots[:wire])
    ]


def _plug(canvas: Canvas, scene: Scene, start: Spot, number: str, ink: Colour) -> None:
    right, down = (0, PLUG) if scene["upright"] else (PLUG, 0)
    x, y = round(start[0]) - right, round(start[1]) - down
    canvas.ellipse((x - PLUG, y - PLUG, x + PLUG, y + PLUG), PAPER, ink, 2, f"plug {number}")
    canvas.text(x, y, number, NUMBER, tag=f"start {number}")


def _tip(canvas: Canvas, scene: Scene, end: Spot, name: str, ink: Colour) -> None:
    x, y = map(round, end)
    canvas.ellipse((x - 4, y - 4, x + 4, y + 4), ink, tag=f"tip {name}")
    x, y, anchor = (x, y + 17, "mm") if scene["upright"] else (x + 9, y, "lm")
    canvas.text(x, y, name, NAME, anchor=anchor, tag=f"end {name}")
