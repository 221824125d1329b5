"""Tracks side by side with switches between them: which end can be reached in the most ways, and in how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_synth.families.diagrams.end_names import NAMES
from data_synth.families.forms import Asked
from data_synth.item import Item
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.figure import draw_arrow_head
from data_synth.render.palette import COLOURS, INK
from data_synth.render.style import figure_look
from data_synth.rng import Rng

TRACKS = ((3, 3), (3, 4), (4, 4), (5, 5), (6, 6))
COLUMNS = (3, 4, 5, 6, 7)
YARDS = 6  # to choose from
WAYS = ((2, 3), (2, 5), (3, 8), (5, 12), (7, 20))  # to the end that has most, least and most
FILL = 0.75  # chance of a switch that has room
LEFT, RIGHT, TOP = 56, 44, 34
WIDTH = 384

_SEEN = (
    "I see {0} tracks, ends {1} from the top; switches {2}.",
    "There are {0} tracks to {1} (top first), with switches {2}.",
    "The {0} tracks lead to {1}; they are joined by {2}.",
    "{0} tracks end at {1}, top to bottom; switches are {2}.",
    "Ends from the top: {1}, on {0} tracks. Switches: {2}.",
    "On {0} tracks to {1} the switches are {2}.",
)
_START = (
    "On track {0}, at the arrow, there is 1 way.",
    "The arrow gives track {0} 1 way, all others none.",
    "At first only track {0} has a way, 1.",
    "Start: track {0} with 1 way.",
    "I begin with 1 on track {0}, where the arrow is.",
    "One (1) way begins, on track {0}.",
)
_JOIN = (
    "Switch {0} to {1}: {2} + {3} = {4} on track {1}.",
    "From {0} to {1}, track {1} gets {2} + {3} = {4}.",
    "{0} to {1}: the ways to track {1} become {2} + {3} = {4}.",
    "Track {1} is joined from {0}: {2} + {3} = {4}.",
    "With the switch from {0} to {1}: {2} + {3} = {4}.",
    "Along {0} to {1} come more: {2} + {3} = {4}.",
)
_BEST = (
    "The ends have {0} ways; the most are {1}, at {2}.",
    "At the ends: {0}. The largest is {1}, {2}.",
    "That leaves {0} from the top; {1} for {2} is the most.",
    "Ways by track: {0}, so {1} at {2} is most.",
    "So the tracks have {0}, and {2} leads with {1}.",
    "In the end {0}: {1} is the largest, at {2}.",
)
_CHECK = (
    "Check: all ends together have {0}.",
    "The sum over the ends is {0}.",
    "The ways to all ends together: {0}.",
    "Added up, the ways through the yard are {0}.",
    "As a test, the total: {0}.",
    "All ways together: {0}.",
)
_WRONG = (
    "I must not count switches instead: ways over one switch after the other multiply.",
    "A switch does not close the track that it leaves: the train may also go straight on.",
)


class Rails:
    """Count ways through a yard."""

    ask = (
        "Which end can the train reach in the most ways, and in how many?",
        "To which end lead the most routes from the arrow, and how many are they?",
        "Count the routes to every end. Which end has the most, and how many?",
        "At which end do the most routes arrive? Give it with their number.",
        "Name the end with the largest number of routes, and that number.",
        "Through the switches, which end is reached by the most routes? How many?",
        "Starting at the arrow, which end has the most ways leading to it, and how many ways?",
        "Find the end that most ways lead to and say how many ways there are.",
        "How many ways are there to the end with the most, and which end is that? Name the end first.",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        "rails_start": Op(
            lambda scene: [int(track == scene["start"]) for track in range(len(scene["ends"]))], (), "ways"
        ),
        "rails_switch": Op(lambda scene, ways, *, at: _switched(ways, scene["switches"][at]), ("ways",), "ways"),
        "rails_most": Op(lambda scene, ways: max(ways), ("ways",), "integer"),
        "rails_end": Op(lambda scene, ways: scene["ends"][ways.index(max(ways))], ("ways",), "word"),
        "tuple": ARITHMETIC["tuple"],
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        """Of several yards and starts, the one with its most ways nearest to a number that was drawn before."""
        low, high = WAYS[level]
        goal = rng.between(low, high)
        tracks, columns = rng.between(*TRACKS[level]), COLUMNS[level]
        best: tuple[int, int, list[list[int]]] | None = None
        for _ in range(YARDS):
            switches = [[column, *switch] for column in range(columns) for switch in _column(rng, tracks)]
            for start in rng.sample(range(tracks), tracks):
                ways = _ways(switches, tracks, start)
                most = max(ways)
                if low <= most <= high and ways.count(most) == 1 and (best is None or abs(most - goal) < best[0]):
                    best = abs(most - goal), start, switches
        if best is None:
            return None
        return {
            "ends": rng.sample(NAMES, tracks),
            "start": best[1],
            "columns": columns,
            "switches": best[2],
            "ink": rng.choice(("blue", "green", "purple", "red")),
            "gap": min(60, (384 - 2 * TOP) // (tracks - 1) - rng.between(0, 4)),
        }

    def execute(self, program: Program, scene: Scene) -> None:
        ways = program.do("rails_start")
        for at in range(len(scene["switches"])):
            ways = program.do("rails_switch", ways, at=at)
        program.do("tuple", program.do("rails_end", ways), program.do("rails_most", ways))

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules="The train starts at the arrow and only runs to the right; at each switch it may go straight on or "
            "change over.",
            form="(end, n)",
            features={"tracks": len(scene["ends"]), "switches": len(scene["switches"])},
            canon=[scene["ends"], scene["start"], scene["switches"]],
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        return [draw_yard(scene, size)]

    def solve(self, scene: Scene) -> Any:
        """Run every route by itself, column by column, and note where it ends."""
        tally = [0] * len(scene["ends"])
        routes = [(0, scene["start"])]
        while routes:
            column, track = routes.pop()
            if column == scene["columns"]:
                tally[track] += 1
                continue
            routes.append((column + 1, track))
            routes += [(column + 1, b) for at, a, b in scene["switches"] if (at, a) == (column, track)]
        best = max(range(len(tally)), key=tally.__getitem__)
        return scene["ends"][best], tally[best]

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, (name, most) = item.scene, item.answer.value
        listed = ", ".join(f"{a + 1} to {b + 1}" for _, a, b in scene["switches"])
        says = [
            _SEEN[variant].format(len(scene["ends"]), ", ".join(scene["ends"]), listed),
            _START[variant].format(scene["start"] + 1),
        ]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG[variant // 3])
        vectors = [step.value for step in item.program if step.type == "ways"]
        for before, (_, a, b) in zip(vectors, scene["switches"], strict=False):
            if before[a]:
                says.append(_JOIN[variant].format(a + 1, b + 1, before[b], before[a], before[a] + before[b]))
        ways = vectors[-1]
        says.append(_BEST[variant].format(", ".join(map(str, ways)), most, name))
        return [*says, _CHECK[variant].format(f"{' + '.join(map(str, ways))} = {sum(ways)}")]


def _column(rng: Rng, tracks: int) -> list[list[int]]:
    """Switches of one column, [from, to], of which no two touch the same track."""
    found: list[list[int]] = []
    upper = rng.randrange(2)
    while upper < tracks - 1:
        if rng.chance(FILL):
            found.append([upper, upper + 1] if rng.chance(0.5) else [upper + 1, upper])
            upper += 1
        upper += 1
    return found


def _ways(switches: list[list[int]], tracks: int, start: int) -> list[int]:
    """Ways from the start to each end."""
    ways = [int(track == start) for track in range(tracks)]
    for switch in switches:
        ways = _switched(ways, switch)
    return ways


def _switched(ways: list[int], switch: list[int]) -> list[int]:
    """Ways to each track behind a switch."""
    _, start, end = switch
    ways = list(ways)
    ways[end] += ways[start]
    return ways


def draw_yard(scene: Scene, size: int) -> Canvas:
    """Rails as double lines, the arrow before the first switch, names at the right."""
    tracks = len(scene["ends"])
    high = max(2 * TOP + scene["gap"] * (tracks - 1), WIDTH // 2)
    canvas = Canvas(WIDTH, high, size, figure_look(scene))
    top = (high - scene["gap"] * (tracks - 1)) // 2
    ys = [top + scene["gap"] * track for track in range(tracks)]
    width = (WIDTH - LEFT - RIGHT - 12) // scene["columns"]
    lines = [[(LEFT, y), (WIDTH - RIGHT, y)] for y in ys]
    for column, a, b in scene["switches"]:
        x = LEFT + 8 + width * column
        lines.append([(x, ys[a]), (x + 7, ys[a]), (x + width - 11, ys[b]), (x + width - 4, ys[b])])
    for colour, thick, tag in ((COLOURS[scene["ink"]], 7, "rail"), (canvas.paper, 3, "bed")):
        for number, line in enumerate(lines):
            canvas.line(line, colour, thick, f"{tag} {number}")
    y = ys[scene["start"]]
    canvas.line([(LEFT - 40, y), (LEFT - 14, y)], INK, 4, "arrow")
    draw_arrow_head(canvas, (LEFT - 40, y), (LEFT - 6, y))
    for name, y in zip(scene["ends"], ys, strict=True):
        canvas.text(WIDTH - RIGHT + 10, y, name, 15, anchor="lm", tag=f"end {name}")
    return canvas
