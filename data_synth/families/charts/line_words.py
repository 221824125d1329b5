"""What is asked about lines, areas and clouds of points, and worked solutions in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from data_synth.families.charts.scatter_points import QUARTERS
from data_synth.item import Item
from data_synth.program import Scene, Step
from data_synth.rng import Rng

ANSWER_FORMS = {
    "read": "(a, b, ...)", "step": "(month, n)", "above": "(a, b, c)", "overtake": "(month, n)",
    "rank": "(first, second, third)", "between": "fraction or integer", "gap": "fraction or integer",
    "meet": "fraction or integer", "band": "(a, b, c)", "agreement": "(a, b, ...)",
    "quarters": "(upper right, lower left, upper left, lower right)",
}  # fmt: skip
_ASK = {
    "read": (
        "What are the values of {0}?",
        "Give the values of {0}.",
        "Read off {0}.",
        "How high are {0}?",
        "State, in order, the values of {0}.",
        "List the values of {0}.",
        "Which values does the chart show for {0}?",
        "Find the values of {0}.",
    ),
    "step": (
        "To which month is the {0} from one month to the next largest, and how large is it?",
        "Find the largest monthly {0}: the month that it leads to, and its size.",
        "Which month has the largest {0} since the month before, and of how much?",
        "Give the month at the end of the steepest {0}, and the size of that {0}.",
        "Where is the {0} steepest? Name the later month and the amount.",
        "Between neighbouring months, which {0} is largest? State the second month and the amount.",
        "The biggest {0} within one month: to which month, and how big?",
        "Name the month with the greatest {0} against its predecessor, and how great it is.",
    ),
    "above": (
        "How many points of {0} are above the dashed line?",
        "Count the points above the dashed line, for {0}.",
        "For {0}: how often is each above the dashed line?",
        "Give the number of points over the dashed line for {0}.",
        "In how many months is each of {0} above the dashed line?",
        "Of {0}, how many points lie above the dashed line?",
        "State how many values of {0} exceed the dashed line.",
        "How many dots of {0} stand higher than the dashed line?",
    ),
    "overtake": (
        "In which month is {0} first above {1}, and by how much?",
        "When does {0} first lead over {1}, and how large is its lead then?",
        "Find the first month with {0} above {1}, and the gap in it.",
        "From which month on is {0} higher than {1}, and by how much in that month?",
        "Name the month in which {0} has overtaken {1}, and the difference there.",
        "{0} starts below {1}. In which month is it above, and how far?",
        "Which is the first month where {0} beats {1}? Give it with the lead.",
        "State the month in which {0} gets ahead of {1}, and its lead in it.",
    ),
    "rank": (
        "Which three lines {0} from the first to the last month? Start with the one that does so {1}.",
        "From first to last month: name the three that {0}, {1} first.",
        "Rank by change from the first to the last point: which three {0}, {1} first?",
        "Comparing only first and last points, which three lines {0} ({1} first)?",
        "Name, in order, the three series that {0} over the whole time ({1} first).",
        "Over all months, which three {0}? Put the {1} first.",
        "Give the three names that {0} between the ends of the chart, {1} first.",
        "Order by overall change: the three that {0}, the {1} at the front.",
    ),
    "between": (
        "What is the value of {0} at hour {2}?",
        "How high is {0} at hour {2}?",
        "Read {0} at hour {2}, between two points.",
        "Give the height of the line {0} at hour {2}.",
        "Find the value that {0} has at hour {2}.",
        "At hour {2}, how much is {0}?",
        "Work out {0} for hour {2}.",
        "Calculate the height of {0} at hour {2}.",
    ),
    "gap": (
        "What is {0} - {1} at hour {2}?",
        "At hour {2}, by how much is {0} above {1} (negative if below)?",
        "Give the value of {0} minus that of {1} at hour {2}.",
        "Find {0} - {1}, both taken at hour {2}.",
        "How much more is {0} than {1} at hour {2}? (Negative if less.)",
        "Work out the difference {0} minus {1} for hour {2}.",
        "Calculate {0} less {1} at hour {2}.",
        "Take both lines at hour {2}: how much is {0} - {1}?",
    ),
    "meet": (
        "At which hour do {0} and {1} cross?",
        "When are {0} and {1} equal, in hours?",
        "Find the time, in hours, at which {0} and {1} meet.",
        "At what time does {0} pass {1}? Give the hour, exactly.",
        "Give the exact hour of the crossing of {0} and {1}.",
        "Calculate where, on the time axis, {0} and {1} intersect.",
        "Work out the hour at which {0} is level with {1}.",
        "State exactly when the lines {0} and {1} cross.",
    ),
    "band": (
        "The bands are stacked. What is {0}?",
        "Read off the stacked bands and give {0}.",
        "From the heights of the bands, find {0}.",
        "Each band counts with its own height only. Give {0}.",
        "Work out {0} from the bands.",
        "How much is {0}? Take the thickness of each band.",
        "Find {0}, with each band measured from its lower edge.",
        "State {0}; the bands stand on each other.",
    ),
    "quarters": (
        "How many points are in each quarter?",
        "Count the points in the four quarters.",
        "The dashed lines make four quarters. How many points does each hold?",
        "Give the number of points for every quarter.",
        "For each of the four parts, how many points are there?",
        "Tell how many points each part between the dashed lines has.",
        "Of the points, how many lie in each quarter?",
        "State the four numbers of points, quarter by quarter.",
    ),
    "agreement": (
        "What are the scores of {0}?",
        "Give the score of each colour: {0}.",
        "Find the scores of {0}.",
        "Count the points and state the scores of {0}.",
        "Which scores do {0} have?",
        "Work out the scores of {0}.",
        "Score the points of {0}, colour by colour.",
        "By colour, how high are the scores of {0}?",
    ),
}
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
_WRONG = (
    "Taking the nearest grid line for every point would be wrong, as some lie halfway.",
    "At first I mixed up two colours; the legend tells which is which.",
    "Counting small steps from the top edge would be wrong: the numbers start at the bottom.",
)


def ask(rng: Rng, scene: Scene) -> str:
    """The question, in one of its wordings."""
    form = scene["form"]
    words = [str(name) for name in scene.get("names") or scene["inks"]]
    if form in ("between", "gap"):
        words = [words[0], words[1], str(scene["times"][scene["asked"]["at"]] + scene["asked"]["beyond"])]
    elif form == "step":
        words = ["fall" if scene["asked"]["falls"] else "rise"]
    elif form == "rank":
        most = scene["asked"]["most"]
        words = ["gain most or lose least", "best"] if most else ["lose most or gain least", "worst"]
    elif form in ("read", "band"):
        words = [_points_asked(scene)]
    elif form in ("above", "agreement"):
        words = [_and(words)]
    text = rng.choice(_ASK[form]).format(*words)
    return text[0].upper() + text[1:]


def rules(scene: Scene) -> str:
    """What a reader has to know about the picture."""
    return {
        "quarters": "The dashed lines make four quarters.",
        "agreement": "A point scores 1 in the upper right or lower left quarter, and -1 in the others.",
        "between": "Between two points the line is straight.",
        "gap": "Between two points the lines are straight.",
        "meet": "Between two points the lines are straight.",
        "above": "",
    }.get(scene["form"], "Values lie on grid lines or halfway.")


def explain(item: Item, variant: int) -> list[str]:
    """What is seen, then the steps; from level 1 on with plan and check, from 2 on sometimes with a wrong branch."""
    scene, form = item.scene, item.scene["form"]
    cloud = form in ("quarters", "agreement")
    says = [_SEEN[variant].format(_described(scene))]
    steps = _SAY[form](item)
    if item.level == 0:
        return [*says, *steps]
    says.append(_PLAN_CLOUD[variant] if cloud else _PLAN[variant].format(scene["worth"]))
    if item.level >= 2 and variant % 2 and not cloud:
        says.append(_WRONG[variant // 2])
    return [*says, *steps, (_CHECK_CLOUD if cloud else _CHECK)[variant]]


def _and(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]


def _points_asked(scene: Scene) -> str:
    """Oslo in Mar and Rome in May, or a sum of such."""
    asked = scene["asked"]
    named = [f"{scene['names'][series]} in {scene['times'][at]}" for series, at in asked["points"]]
    if not asked.get("weights"):
        return _and(named)
    terms = [f"{'-' if w < 0 else '+'} {abs(w)} x {name}" for w, name in zip(asked["weights"], named, strict=True)]
    return " ".join(terms).removeprefix("+ ")


def _described(scene: Scene) -> str:
    """Every value of every series, or how many points of each colour there are."""
    if "points" in scene:
        inks = [ink for *_, ink in scene["points"]]
        counted = _and([f"{inks.count(ink)} {ink}" for ink in scene["inks"]])
        return f"{counted} points around two dashed lines"
    what = "stacked bands" if scene.get("stacked") else "an area" if scene["filled"] else "lines"
    listed = []
    for name, ink, row in zip(scene["names"], scene["inks"], scene["rows"], strict=True):
        values = ", ".join(str(half * scene["worth"] // 2) for half in row)
        listed.append(f"{name} ({ink}) {values}")
    return f"{what} from {scene['times'][0]} to {scene['times'][-1]}: {'; '.join(listed)}"


def _values(item: Item, *ops: str) -> Iterator[Step]:
    return (step for step in item.program if step.op in ops)


def _say_read(item: Item) -> list[str]:
    scene = item.scene
    return [
        f"{scene['names'][series]} in {scene['times'][at]}: {step.value}."
        for (series, at), step in zip(scene["asked"]["points"], item.program, strict=False)
    ]


def _say_band(item: Item) -> list[str]:
    """Upper edge less lower edge of each band."""
    scene, weights, says = item.scene, item.scene["asked"]["weights"], []
    for (series, at), step in zip(scene["asked"]["points"], _values(item, "read"), strict=True):
        edges = [
            sum(row[at] for row in scene["rows"][:number]) * scene["worth"] // 2 for number in (series, series + 1)
        ]
        name = f"{scene['names'][series]} in {scene['times'][at]}"
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
        says.append(f"{name} is above the line in {_and(over) if over else 'no month'}: {count}.")
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
        f"In order, the {'largest' if scene['asked']['most'] else 'smallest'} first: {_and(item.answer.value)}.",
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
        f"So the gap closes by {behind} + {ahead} = {behind + ahead} within {step} hours.",
        f"It is 0 after {behind}/{behind + ahead} of this time, at hour {item.answer.value}.",
    ]


def _say_quarters(item: Item) -> list[str]:
    counts = item.answer.value
    listed = ", ".join(f"{quarter} {count}" for quarter, count in zip(QUARTERS, counts, strict=True))
    return [f"{listed[0].upper()}{listed[1:]}.", f"{' + '.join(map(str, counts))} = {sum(counts)} points in all."]


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
