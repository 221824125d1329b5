"""Worked solutions about lines, areas and clouds of points, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from data_synth.english import enumeration
from data_synth.families.charts.grid_counts import count_again
from data_synth.families.charts.scatter_points import QUARTERS
from data_synth.item import Item
from data_synth.program import Scene, Step

_SEEN = ("I see {}.", "The picture shows {}.", "Shown: {}.", "Given: {}.", "What I see: {}.", "The chart has {}.")
_PLAN = (
    "Each point is on a grid line or halfway between two; a line counts {0}.",
    "The grid lines are {0} apart, and half of that is the finest step.",
    "From the numbers, one grid line is {0}; points may also lie halfway.",
    "I read each point to half a grid line, where a whole one is {0}.",
    "Lines are {0} apart. I use that to read every point.",
    "One step of the grid is worth {0}, half a step half of that.",
)
_PLAN_CLOUD = (
    "I go through the quarters one by one, colour by colour.",
    "I count each quarter between the dashed lines by itself.",
    "The dashed lines part the points; I count part after part.",
    "First I look to the right of the upright line, then to its left.",
    "I take one quarter after the other and count.",
    "Counting goes quarter by quarter, one colour at a time.",
)
_CHECK = (
    "Check: the colours in the legend match the names that I used.",
    "Looking again at the legend, these are the right lines.",
    "I read the points once more, from right to left, with the same values.",
    "The readings fit the numbers at the edge.",
    "Reading the neighbouring points too, nothing changes.",
    "A second look gives the same readings.",
)
_CHECK_CLOUD = (
    "Check: the parts add up to all the points.",
    "Together these are all the points, so none was left out.",
    "Adding up the parts gives the number of points again.",
    "No point was counted twice, as none is on a dashed line.",
    "A second count from the left gives the same.",
    "Counting row by row leads to the same numbers.",
)
_CHECK_QUARTERS = (
    "Check by halves: {0} above the flat dashed line and {1} below it, {0} + {1} = {2}.",
    "In the upper half I count {0}, in the lower half {1}, and {0} + {1} = {2} as well.",
    "Counted by halves: {0} up and {1} down, which makes {0} + {1} = {2} again.",
    "The flat line alone parts them into {0} above and {1} below: {0} + {1} = {2}.",
    "A second count, of the halves: {0} upper ones and {1} lower ones, {0} + {1} = {2}.",
    "It agrees with the halves: {0} above and {1} below, {0} + {1} = {2}.",
)
_WRONG = (
    "Taking the nearest grid line for every point would be wrong, as some lie halfway.",
    "At first I mixed up two colours; the legend tells which is which.",
    "Counting small steps from the top edge would be wrong: the numbers start at the bottom.",
)


def explain(item: Item, variant: int) -> list[str]:
    """What is seen, a plan, then the steps, and a check; from level 2 on sometimes a wrong branch."""
    scene, form = item.scene, item.scene["form"]
    cloud = form in ("quarters", "agreement")
    plan = _PLAN_CLOUD[variant] if cloud else _PLAN[variant].format(scene["worth"])
    says = [_SEEN[variant].format(_described(scene)), plan]
    if item.level >= 2 and variant % 2 and not cloud:
        says.append(_WRONG[variant // 2])
    return [*says, *_SAY[form](item), _check(item, variant)]


def _check(item: Item, variant: int) -> str:
    """The values in grid lines, the points by halves of the plane, or words where nothing is left to count."""
    scene = item.scene
    if scene["form"] == "read":
        named = [(_named(scene, series, at), scene["rows"][series][at]) for series, at in scene["asked"]["points"]]
        return count_again(named, scene["worth"], variant)
    if scene["form"] == "quarters":
        right_up, left_down, left_up, right_down = item.answer.value
        up, down = right_up + left_up, left_down + right_down
        return _CHECK_QUARTERS[variant].format(up, down, up + down)
    return (_CHECK_CLOUD if scene["form"] == "agreement" else _CHECK)[variant]


def _named(scene: Scene, series: int, at: int) -> str:
    return f"{scene['names'][series]} in {scene['times'][at]}"


def _described(scene: Scene) -> str:
    """Every value of every series, or how many points of each colour there are."""
    if "points" in scene:
        inks = [ink for *_, ink in scene["points"]]
        counted = enumeration([f"{inks.count(ink)} {ink}" for ink in scene["inks"]])
        return f"{counted} point{'s' * (len(inks) != 1)} around two dashed lines"
    listed, one = [], len(scene["rows"]) == 1
    what = "stacked bands" if scene.get("stacked") else "an area" if scene["filled"] else "a line" if one else "lines"
    for name, ink, row in zip(scene["names"], scene["inks"], scene["rows"], strict=True):
        points = zip(scene["times"], (half * scene["worth"] // 2 for half in row), strict=True)
        values = ", ".join(f"{time} {value}" if one else str(value) for time, value in points)
        listed.append(f"{name} ({ink}) {values}")
    return f"{what} from {scene['times'][0]} to {scene['times'][-1]}: {'; '.join(listed)}"


def _values(item: Item, *ops: str) -> Iterator[Step]:
    return (step for step in item.program if step.op in ops)


def _say_read(item: Item) -> list[str]:
    scene = item.scene
    return [
        f"{_named(scene, series, at)}: {step.value}."
        for (series, at), step in zip(scene["asked"]["points"], item.program, strict=False)
    ]


def _say_band(item: Item) -> list[str]:
    """Upper edge less lower edge of each band."""
    scene, weights, says = item.scene, item.scene["asked"]["weights"], []
    for (series, at), step in zip(scene["asked"]["points"], _values(item, "read"), strict=True):
        edges = [
            sum(row[at] for row in scene["rows"][:number]) * scene["worth"] // 2 for number in (series, series + 1)
        ]
        name = _named(scene, series, at)
        says.append(f"{name} reaches from {edges[0]} to {edges[1]}: {edges[1]} - {edges[0]} = {step.value}.")
    if weights:
        terms = [step.value for step in _values(item, "times")]
        says += [
            f"{step.value} x {weight} = {term}."
            for step, weight, term in zip(_values(item, "read"), weights, terms, strict=True)
        ]
        says.append(f"{' + '.join(map(str, terms))} = {item.answer.value}.")
    return says


def _say_step(item: Item) -> list[str]:
    scene = item.scene
    row, times = [half * scene["worth"] // 2 for half in scene["rows"][0]], scene["times"]
    month, size = item.answer.value
    at = times.index(month)
    changes = ", ".join(f"{times[n]} {row[n] - row[n - 1]}" for n in range(1, len(row)))
    high, low = max(row[at - 1], row[at]), min(row[at - 1], row[at])
    what = "fall" if scene["asked"]["falls"] else "rise"
    return [
        f"The changes to the month before: {changes}.",
        f"The largest {what} leads to {month}, from {row[at - 1]} to {row[at]}.",
        f"{high} - {low} = {size}.",
    ]


def _say_above(item: Item) -> list[str]:
    """The months above the line, by name."""
    scene, line = item.scene, item.scene["asked"]["line"]
    says = []
    for name, row, count in zip(scene["names"], scene["rows"], item.answer.value, strict=True):
        over = [time for time, half in zip(scene["times"], row, strict=True) if half > line]
        says.append(f"{name} is above the line in {enumeration(over) if over else 'no month'}: {count}.")
    return [f"The dashed line is at {Fraction(line * scene['worth'], 2)}.", *says]


def _say_overtake(item: Item) -> list[str]:
    scene = item.scene
    first, second = scene["names"][:2]
    month, lead = item.answer.value
    at = scene["times"].index(month)
    before, there = ([row[n] * scene["worth"] // 2 for row in scene["rows"][:2]] for n in (at - 1, at))
    return [
        f"In {scene['times'][at - 1]}, {first} is at {before[0]} and {second} at {before[1]}: still below.",
        f"In {month}, {first} is at {there[0]} and {second} at {there[1]}: now above.",
        f"The lead is {there[0]} - {there[1]} = {lead}.",
    ]


def _say_rank(item: Item) -> list[str]:
    scene, steps = item.scene, iter(item.program)
    says = []
    for name in scene["names"]:
        first, last, change = (next(steps).value for _ in range(3))
        says.append(f"{name} goes from {first} to {last}: {last} - {first} = {change}.")
    return [
        *says,
        f"In order, the {'largest' if scene['asked']['most'] else 'smallest'} first: {enumeration(item.answer.value)}.",
    ]


def _say_between(item: Item) -> list[str]:
    """The share of the way from one point to the next."""
    scene = item.scene
    at, beyond = scene["asked"]["at"], scene["asked"]["beyond"]
    (one, other), says = scene["times"][at : at + 2], []
    for series, step in enumerate(_values(item, "between")):
        name, (before, after) = (
            scene["names"][series],
            (half * scene["worth"] // 2 for half in scene["rows"][series][at : at + 2]),
        )
        says.append(
            f"{name} is at {before} at hour {one} and at {after} at hour {other}. Hour {one + beyond} is {beyond} of "
            f"{other - one} hours further, so it has gone {beyond}/{other - one} of {after - before}, to {step.value}."
        )
    if scene["form"] == "gap":
        a, b = (step.value for step in _values(item, "between"))
        says.append(f"The difference of {a} and {b} is {item.answer.value}.")
    return says


def _say_meet(item: Item) -> list[str]:
    scene = item.scene
    at, times, (first, second) = scene["asked"]["at"], scene["times"], scene["names"]
    above, below, behind, a, b, ahead = (step.value for step in item.program[:6])
    step = times[at] - times[at - 1]
    return [
        f"At hour {times[at - 1]}, {second} is at {above} and {first} at {below}: {above} - {below} = {behind} behind.",
        f"At hour {times[at]}, {first} is at {a} and {second} at {b}: {a} - {b} = {ahead} ahead.",
        f"So the gap closes by {behind} + {ahead} = {behind + ahead} within {step} hour{'s' * (step != 1)}.",
        f"It is 0 after {behind}/{behind + ahead} of this time, at hour {item.answer.value}.",
    ]


def _say_quarters(item: Item) -> list[str]:
    counts = item.answer.value
    listed = ", ".join(f"{quarter} {count}" for quarter, count in zip(QUARTERS, counts, strict=True))
    return [f"{listed[0].upper()}{listed[1:]}.", f"All points: {' + '.join(map(str, counts))} = {sum(counts)}."]


def _say_agreement(item: Item) -> list[str]:
    steps, says = iter(item.program), []
    for ink in item.scene["inks"]:
        a, b, c, d, plus, minus, score = (next(steps).value for _ in range(7))
        says.append(
            f"{ink.capitalize()}: upper right {a}, lower left {b}, upper left {c}, lower right {d}. "
            f"{a} + {b} = {plus}; {c} + {d} = {minus}; {plus} - {minus} = {score}."
        )
    return says


_SAY: dict[str, Callable[[Item], list[str]]] = {
    "read": _say_read, "step": _say_step, "above": _say_above, "overtake": _say_overtake, "rank": _say_rank,
    "between": _say_between, "gap": _say_between, "meet": _say_meet, "band": _say_band, "quarters": _say_quarters,
    "agreement": _say_agreement,
}  # fmt: skip
