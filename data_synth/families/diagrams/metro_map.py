"""Maps of underground lines: where to change and how many stops it takes, with as few changes as possible."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from typing import Any

from data_synth.families.diagrams.end_names import NAMES
from data_synth.families.diagrams.metro_figure import ACROSS, DOWN, INKS, STEPS, draw_map, name_places
from data_synth.families.forms import Asked
from data_synth.item import Item
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.rng import Rng

LINES = ((2, 2), (3, 3), (4, 4), (5, 5), (6, 6))
CHANGES = ((1, 1), (1, 2), (2, 2), (2, 3), (3, 3))
STATIONS = (4, 8)  # of a line
TURNS = (0, 0, 0, 0, 1, -1, 1, -1, 2, -2)  # eighths of a circle from one station to the next
TRIES = 10  # at two stations to ask about
Spot = tuple[int, int]
Ride = tuple[int, str, str]  # line, from, to

_SEEN = ("I see {}.", "The map shows {}.", "The lines: {}.", "On the map there is {}.", "I read {}.", "There is {}.")
_PLAN = (
    "{0} is on {1}, {2} on {3}.",
    "The start {0} lies on {1} and the goal {2} on {3}.",
    "From {0} ({1}) the way leads to {2} ({3}).",
    "{0} belongs to {1}; {2} belongs to {3}.",
    "One gets in at {0} on {1} and out at {2} on {3}.",
    "{2} is a station of {3}, {0} one of {1}.",
)
_RIDE = (
    "Ride {0} from {1} to {2} past {3}: {4}.",
    "With {0} from {1} to {2}, past {3}, it is {4}.",
    "{1} to {2} on {0}, passing {3}: {4}.",
    "On {0} from {1} to {2} the train passes {3}: {4}.",
    "{0} takes {4} from {1} to {2} ({3}).",
    "Next {0}, from {1} past {3} to {2}: {4}.",
)
_CHANGE = ("Change at {}.", "At {} I change.", "There, at {}, is a change.", "A change at {}.", "{} joins both lines.",
           "Lines meet at {}, so change.")  # fmt: skip
_TOTAL = (
    "Stops in all: {0}.",
    "Altogether {0} stops.",
    "The rides add up: {0}.",
    "Added: {0}.",
    "That makes {0} stops.",
    "Total of the stops: {0}.",
)
_CHECK = (
    "Check: with fewer than {0} no line gets from {1} to {2}.",
    "No way with less than {0} leads from {1} to {2}.",
    "It takes {0}; fewer do not join {1} and {2}.",
    "Without {0} one cannot come from {1} to {2}.",
    "Fewer than {0} would leave {2} out of reach of {1}.",
    "{1} and {2} are {0} apart, not less.",
)
_WRONG = (
    "Where lines merely turn there is nothing to change to; only where two lines share a station.",
    "A way with fewer stops but more changes would be wrong: changes count first.",
)


class Metro:
    """Ride from one station to another."""

    ask = (
        "You ride from {0} to {1}. Where do you change, and how many stops is it?",
        "At which stations do you change on the way from {0} to {1}, and how many stops does it take?",
        "Find the best route from {0} to {1}: changing stations and number of stops.",
        "Name the stations where one changes between {0} and {1}, and count the stops.",
        "From {0} to {1} by train: list the changes, then the number of stops.",
        "Plan a trip from {0} to {1}. Give the stations of change and the stops in all.",
        "How does one get from {0} to {1}? State where to change and how many stops there are.",
        "What are the stations of change from {0} to {1}, and after how many stops does one arrive?",
        "Going from {0} to {1}, at which stations must you change, and how many stops do you ride?",
    )
    answer = "tuple"
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "metro_ride": Op(lambda scene, *, line, start, end: _stops(scene["lines"][line], start, end), (), "integer"),
        "metro_change": Op(lambda scene, *, lines, at: _shared(scene, *lines)[at], (), "word"),
    }

    def build(self, rng: Rng, level: int) -> Scene | None:
        lines = _paths(rng, rng.between(*LINES[level]))
        if lines is None:
            return None
        spots = list(dict.fromkeys(spot for line in lines for spot in line))
        names = dict(zip(spots, rng.sample(NAMES, len(spots)), strict=True))
        scene: Scene = {
            "lines": [[names[spot] for spot in line] for line in lines],
            "spots": {name: list(spot) for spot, name in names.items()},
            "inks": rng.sample(INKS, len(lines)),
        }
        places = name_places(rng, scene)
        trip = _trip(rng, scene, rng.between(*CHANGES[level])) if places else None
        return scene | {"places": places, "trip": trip} if trip else None

    def execute(self, program: Program, scene: Scene) -> None:
        parts, stops = [], []
        rides = best_rides(scene, *scene["trip"])
        for number, (line, start, end) in enumerate(rides):
            if number:
                lines = [rides[number - 1][0], line]
                parts.append(program.do("metro_change", lines=lines, at=_shared(scene, *lines).index(start)))
            stops.append(program.do("metro_ride", line=line, start=start, end=end))
        program.do("tuple", *parts, program.do("sum", *stops))

    def asked(self, scene: Scene) -> Asked:
        return Asked(
            rules="Trains run both ways. Change as rarely as possible; of such routes take the one with the "
            "fewest stops. The last station counts as a stop, the first does not.",
            form="(changing stations in order, number of stops)",
            features={"lines": len(scene["lines"]), "stations": len(scene["spots"])},
            canon=[scene["lines"], scene["spots"], scene["trip"]],
            words=tuple(scene["trip"]),
        )

    def draw(self, scene: Scene, size: int) -> list[Canvas]:
        return [draw_map(scene, size)]

    def solve(self, scene: Scene) -> Any:
        """Dijkstra over (station, line), stop by stop, by changes and then stops."""
        start, end = scene["trip"]
        waiting: list[tuple[int, int, tuple[str, ...], int, str]] = [
            (0, 0, (), line, start) for line, stations in enumerate(scene["lines"]) if start in stations
        ]
        done: set[tuple[int, str]] = set()
        while waiting:
            changes, stops, changed, line, here = heapq.heappop(waiting)
            if here == end:
                return *changed, stops
            if (line, here) in done:
                continue
            done.add((line, here))
            stations = scene["lines"][line]
            at = stations.index(here)
            for other in stations[max(0, at - 1) : at] + stations[at + 1 : at + 2]:
                heapq.heappush(waiting, (changes, stops + 1, changed, line, other))
            for other_line, others in enumerate(scene["lines"]):
                if here in others and other_line != line:
                    heapq.heappush(waiting, (changes + 1, stops, (*changed, here), other_line, here))
        return None

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, (start, end) = item.scene, item.scene["trip"]
        rides = best_rides(scene, start, end)
        first, last = (f"the {scene['inks'][ride[0]]} line" for ride in (rides[0], rides[-1]))
        routes = [f"{ink}: {' '.join(line)}" for ink, line in zip(scene["inks"], scene["lines"], strict=True)]
        says = [_SEEN[variant].format("; ".join(routes)), _PLAN[variant].format(start, first, end, last)]
        if variant % 2 and item.level >= 2:
            says.append(_WRONG[variant // 3])
        stops = []
        for number, (line, a, b) in enumerate(rides):
            if number:
                says.append(_CHANGE[variant].format(a))
            between = _between(scene["lines"][line], a, b)
            stops.append(len(between) + 1)
            count = f"{stops[-1]} stop{'s' * (stops[-1] != 1)}"
            passed = " ".join(between) or "no station"
            said = _RIDE[variant].format(f"the {scene['inks'][line]} line", a, b, passed, count)
            says.append(said[:1].upper() + said[1:])
        total = f"{' + '.join(map(str, stops))} = {sum(stops)}"
        changes = f"{len(rides) - 1} change{'s' * (len(rides) > 2)}"
        says.append(_TOTAL[variant].format(total))
        return [*says, _CHECK[variant].format(changes, start, end)]


def _stops(line: list[str], start: str, end: str) -> int:
    return abs(line.index(start) - line.index(end))


def _shared(scene: Scene, one: int, other: int) -> list[str]:
    """Stations of two lines, in the order of the first."""
    return [station for station in scene["lines"][one] if station in scene["lines"][other]]


def _between(line: list[str], start: str, end: str) -> list[str]:
    """Stations passed from one station of a line to another."""
    a, b = line.index(start), line.index(end)
    return line[a + 1 : b] if a < b else line[b + 1 : a][::-1]


def routes(scene: Scene, start: str, end: str, changes: int) -> list[list[Ride]]:
    """All ways to ride from start to end with just so many changes, no line taken twice."""
    lines: list[list[str]] = scene["lines"]
    found: list[list[Ride]] = []

    def ride(line: int, here: str, taken: list[Ride]) -> None:
        used = {number for number, *_ in taken} | {line}
        if len(taken) == changes:
            if end in lines[line] and end != here:
                found.append([*taken, (line, here, end)])
            return
        for other, stations in enumerate(lines):
            if other not in used:
                for station in stations:
                    if station != here and station in lines[line]:
                        ride(other, station, [*taken, (line, here, station)])

    for line, stations in enumerate(lines):
        if start in stations:
            ride(line, start, [])
    return found


def best_rides(scene: Scene, start: str, end: str) -> list[Ride]:
    """The rides with fewest changes, and of these with fewest stops; empty if there is no way or more than one best."""
    for changes in range(len(scene["lines"])):
        ranked = sorted(
            (sum(_stops(scene["lines"][line], a, b) for line, a, b in rides), rides)
            for rides in routes(scene, start, end, changes)
        )
        if ranked:
            unique = len(ranked) == 1 or ranked[0][0] < ranked[1][0]
            return ranked[0][1] if unique else []
    return []


def _trip(rng: Rng, scene: Scene, changes: int) -> list[str] | None:
    """Two stations, each on one line, with so many changes between them and one best way."""
    lines = scene["lines"]
    single = [name for name in scene["spots"] if sum(name in line for line in lines) == 1]
    for _ in range(TRIES if len(single) > 1 else 0):
        start, end = rng.sample(single, 2)
        if len(best_rides(scene, start, end)) == changes + 1:
            return [start, end]
    return None


def _paths(rng: Rng, count: int) -> list[list[Spot]] | None:
    """Lines over a lattice that share stations, two at each, but no way between stations, and cross nowhere else."""
    paths: list[list[Spot]] = []
    used: set[Spot] = set()  # doubled middles of ways between stations
    for _ in range(6 * count):
        path = _walk(rng, paths, used)
        if path is not None:
            paths.append(path)
            used |= {(a[0] + b[0], a[1] + b[1]) for a, b in zip(path, path[1:], strict=False)}
            if len(paths) == count:
                return paths
    return None


def _walk(rng: Rng, paths: list[list[Spot]], used: set[Spot]) -> list[Spot] | None:
    """One more line, which starts beside the others and meets them, in a direction that turns now and then."""
    crowd = {spot: sum(spot in path for path in paths) for path in paths for spot in path}
    free = [(x, y) for x in range(ACROSS) for y in range(DOWN) if (x, y) not in crowd]
    if not free:
        return None
    path, way = [rng.choice(free)], rng.randrange(8)
    goal, own = rng.between(*STATIONS), set[Spot]()
    for _ in range(3 * goal):
        turn = (way + rng.choice(TURNS)) % 8
        (x, y), (dx, dy) = path[-1], STEPS[turn]
        spot = x + dx, y + dy
        inside = 0 <= spot[0] < ACROSS and 0 <= spot[1] < DOWN
        middle = 2 * x + dx, 2 * y + dy
        if inside and spot not in path and crowd.get(spot, 0) < 2 and middle not in used | own:
            path, way = [*path, spot], turn
            own.add(middle)
        if len(path) == goal:
            break
    ends_free = path[-1] not in crowd
    meets = not paths or any(spot in crowd for spot in path)
    return path if len(path) >= STATIONS[0] and ends_free and meets else None
