"""What is asked about lines, areas and clouds of points."""

from __future__ import annotations

from data_synth.english import enumeration
from data_synth.program import Scene
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
        "Name the month with the greatest {0} since the month before, and how great it is.",
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
        "Which month is the first with {0} higher than {1}, and how much higher is it then?",
        "Name the first month after {0} has overtaken {1}, and the difference in it.",
        "{0} starts below {1}. In which month is it above for the first time, and how far?",
        "Which is the first month where {0} beats {1}? Give it with the lead.",
        "State the month in which {0} is ahead of {1} for the first time, and its lead in it.",
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
        "How many points does each quarter hold?",
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
        words = [enumeration(words)]
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


def _points_asked(scene: Scene) -> str:
    """Oslo in Mar and Rome in May, or a sum of such."""
    asked = scene["asked"]
    named = [f"{scene['names'][series]} in {scene['times'][at]}" for series, at in asked["points"]]
    if not asked.get("weights"):
        return enumeration(named)
    terms = [f"{'-' if w < 0 else '+'} {abs(w)} x {name}" for w, name in zip(asked["weights"], named, strict=True)]
    return " ".join(terms).removeprefix("+ ")
