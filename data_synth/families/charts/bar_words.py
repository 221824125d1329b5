"""What is asked about bars, and worked solutions in words."""

from __future__ import annotations

from data_synth.english import capitalized
from data_synth.families.charts.bar_scale import log_line, worth
from data_synth.families.charts.grid_counts import count_again
from data_synth.program import Scene
from data_synth.rng import Rng

_ASK = {
    "tuple": (
        "What are the values of {}?",
        "Give the values of {}.",
        "Read off {}.",
        "How high are {}?",
        "State, in order, the values of {}.",
        "List the values of {}.",
        "Which values do {} have?",
        "Find the values of {}.",
    ),
    "sum": (
        "What is {}?",
        "Compute {}.",
        "Work out {}.",
        "Find {}.",
        "How much is {}?",
        "Calculate {}.",
        "Read the bars and give {}.",
        "Evaluate {}.",
    ),
    "range": (
        "Which bar is highest, and by how much does it exceed the lowest?",
        "Name the highest bar and how far it is above the lowest.",
        "Which bar is tallest, and what is its lead over the shortest?",
        "Give the highest bar and its difference to the lowest.",
        "Find the highest bar and the gap to the lowest.",
        "State the tallest bar and how much more it has than the lowest.",
        "What is the highest bar, and the highest minus the lowest value?",
        "Tell the highest bar and its value minus the lowest value.",
    ),
    "chain": (
        "Where is {0} {1}, and what is {2} there?",
        "Find where {0} is {1}; give it and the value of {2} there.",
        "For whom is {0} {1}, and how much is their {2}?",
        "Who has the {1} {0}, and what is their {2}?",
        "Name the one whose {0} is {1}, with the value of {2}.",
        "Look for the {1} {0}. Whose is it, and what is {2} there?",
        "Which name has the {1} {0}, and which {2}?",
        "Take the name with the {1} {0}: give it and its {2}.",
    ),
}
_ASK["difference"] = _ASK["sum"]
_PLAN = (
    "One grid line is worth {0}{1}; I need {2}.",
    "The lines are {0} apart{1}. Wanted: {2}.",
    "From line to line it is {0}{1}. The question is about {2}.",
    "A step of the grid is {0}{1}. What matters here: {2}.",
    "Bars are some lines high, and these are {0} apart{1}. To be read: {2}.",
    "Grid lines count {0} each{1}; I look for {2}.",
)
_HALF = (
    ", halfway between two is {0} more",
    ", so bars end on multiples of {0}",
    ", to the middle between them {0}",
    " and half a step {0}",
    ", or {0} above one",
    ", half of that is {0}",
)
_LOG_PLAN = (
    "The axis is logarithmic, each power of ten with lines at 1, 2, 3, 4, 5, 6 and 8 times it; I need {}.",
    "From 1 to 10 the lines stand for 1, 2, 3, 4, 5, 6, 8, and so on times ten: a logarithmic axis. Wanted: {}.",
    "Equal steps here mean equal factors, and 7 and 9 have no line. The question is about {}.",
    "On this logarithmic axis I count lines from the next power of ten: 1, 2, 3, 4, 5, 6, 8. What matters here: {}.",
    "Bars end on lines of a logarithmic axis, which are 1, 2, 3, 4, 5, 6 or 8 times a power of ten. To be read: {}.",
    "The lines get closer towards each power of ten and mean 1, 2, 3, 4, 5, 6, 8 times it; I look for {}.",
)
_LOG_CHECK = (
    "Check, factor by power of ten: {}.",
    "Written with powers of ten: {}.",
    "Once more, each as a factor of its power of ten: {}.",
    "To be sure, in factors: {}.",
    "As a test, by power of ten: {}.",
    "Counting lines from the power of ten below: {}.",
)
_SORTED = (
    "From the lowest bar to the highest: {}, and they look so.",
    "By height the bars are {}; the picture has them in this order too.",
    "In order of height I have {}, which fits what is drawn.",
    "Comparing heights from low to high, {}: the picture agrees.",
    "The shortest first, that is {}, as the bars really stand.",
    "Sorted by height: {}; no bar looks out of order.",
)
_SEEN = ("I see: {}.", "The bars: {}.", "The chart shows: {}.", "Values: {}.", "From left to right: {}.", "I read: {}.")


def ask(rng: Rng, scene: Scene, words: list[str]) -> str:
    """The question; words: what each asked bar is called."""
    wording = rng.choice(_ASK[scene["form"]])
    if scene["form"] == "tuple":
        return wording.format(", ".join(words[:-1]) + " and " + words[-1])
    if scene["form"] == "chain":
        first, second = (scene["series"][series] for series, _ in scene["bars"])
        return wording.format(first, "highest" if scene["most"] else "lowest", second)
    if scene["form"] == "difference":
        return wording.format(f"{words[0]} - {words[1]}")
    terms = (
        word if weight == 1 else f"{weight} x {word}" for weight, word in zip(scene["weights"], words, strict=True)
    )
    return wording.format(" + ".join(terms))


def title(scene: Scene, bar: list[int]) -> str:
    """A bar in words, e.g. Plan of Ana."""
    series, name = scene["series"][bar[0]], scene["names"][bar[1]]
    return f"{series} of {name}" if series else str(name)


def explain(scene: Scene, variant: int) -> list[str]:
    """What is seen, a plan, then the steps, and a check by another way of counting."""
    says = [_SEEN[variant].format(_listing(scene)), _say_plan(scene, variant), *_steps(scene)]
    if len(scene["series"]) == 1:
        says.append(_SORTED[variant].format(_sorted(scene)))
    named = [(title(scene, [series, place]), scene["halves"][series][place]) for series, place in scene["bars"]]
    if scene["log"]:
        parts = ((name, *log_line(scene, height)) for name, height in named)
        return [*says, _LOG_CHECK[variant].format(", ".join(f"{name} {a} x {b} = {a * b}" for name, a, b in parts))]
    return [*says, count_again(named, scene["step"], variant)]


def _say_plan(scene: Scene, variant: int) -> str:
    if scene["log"]:
        return _LOG_PLAN[variant].format(_wanted(scene))
    halfway = any(half % 2 for row in scene["halves"] for half in row)
    more = _HALF[variant].format(scene["step"] // 2) if halfway else ""
    return _PLAN[variant].format(scene["step"], more, _wanted(scene))


def _sorted(scene: Scene) -> str:
    """The bars of the only series by height."""
    values = zip(scene["names"], (_read(scene, 0, place) for place in range(len(scene["names"]))), strict=True)
    return ", ".join(f"{name} {value}" for name, value in sorted(values, key=lambda pair: pair[1]))


def _read(scene: Scene, series: int, category: int) -> int:
    return worth(scene, scene["halves"][series][category])


def _wanted(scene: Scene) -> str:
    """What has to be found in the chart."""
    first, second = ([scene["series"][series] for series, _ in scene["bars"]] * 2)[:2]
    if scene["form"] == "range":
        return "the highest and the lowest bar"
    if scene["form"] == "chain":
        return f"the {'highest' if scene['most'] else 'lowest'} bar of {first}, then {second} beside it"
    *most, last = (title(scene, bar) for bar in scene["bars"])
    return f"{', '.join(most)} and {last}"


def _steps(scene: Scene) -> list[str]:
    """The asked bars and what is calculated from them."""
    values = [_read(scene, series, category) for series, category in scene["bars"]]
    titles = [title(scene, bar) for bar in scene["bars"]]
    if scene["form"] == "range":
        gap = f"{values[0]} - {values[1]} = {values[0] - values[1]}."
        return [f"Highest: {titles[0]} {values[0]}.", f"Lowest: {titles[1]} {values[1]}.", gap]
    if scene["form"] == "chain":
        name = scene["names"][scene["bars"][0][1]]
        first, second = (scene["series"][series] for series, _ in scene["bars"])
        found = f"{first} is {'highest' if scene['most'] else 'lowest'} for {name}: {values[0]}."
        return [found, f"{second} for {name}: {values[1]}."]
    says = [f"{capitalized(name)}: {value}." for name, value in zip(titles, values, strict=True)]
    return says if scene["form"] == "tuple" else [*says, *_sum_steps(values, scene["weights"])]


def _listing(scene: Scene) -> str:
    """Every value, from left to right."""
    names, series = scene["names"], scene["series"]
    if len(series) == 1:
        return ", ".join(f"{name} {_read(scene, 0, place)}" for place, name in enumerate(names))
    return "; ".join(
        f"{name}: " + ", ".join(f"{of} {_read(scene, n, place)}" for n, of in enumerate(series))
        for place, name in enumerate(names)
    )


def _sum_steps(values: list[int], weights: list[int]) -> list[str]:
    if weights == [1, -1]:
        return [f"{values[0]} - {values[1]} = {values[0] - values[1]}."]
    terms = [weight * value for weight, value in zip(weights, values, strict=True)]
    says = [f"{w} x {v} = {w * v}." for w, v in zip(weights, values, strict=True) if w != 1]
    return [*says, f"{' + '.join(map(str, terms))} = {sum(terms)}."]
