"""What is asked about graphs of functions, and worked solutions in words."""

from __future__ import annotations

from data_synth.english import enumeration
from data_synth.families.charts.function_curves import Curve, height
from data_synth.item import Item
from data_synth.program import Scene
from data_synth.rng import Rng

ANSWER_FORMS = {
    "value": "(a, b, ...)", "cuts": "(x, y)", "slope": "fraction or integer", "meet": "(x, y, ...)", "turn": "(x, y)",
    "shift": "(x, y)", "zeros": "(x, ...)", "agree": "(x, ...)", "wave": "(amplitude, midline, period)",
    "area": "fraction or integer", "compose": "n",
}  # fmt: skip
_EQUAL = (
    "For which x is {0}?",
    "Solve {0} with the graph.",
    "Find every x with {0}.",
    "Give all solutions of {0} in the picture.",
    "Where does the picture show {0}? Name all x.",
    "List the values of x for which {0}.",
    "At which x does {0} hold?",
    "Read off all x that satisfy {0}.",
)
_ASK = {
    "value": (
        "What are {0}?",
        "Read off {0}.",
        "Give {0}.",
        "State the values {0}.",
        "Which values do {0} have?",
        "Find {0} in the graph.",
        "Use the graph to find {0}.",
        "Look at the graph and write down {0}.",
    ),
    "cuts": (
        "At which x does {0} cross the x-axis, and at which y does {1} cross the y-axis?",
        "Give the x-intercept of {0} and the y-intercept of {1}.",
        "Where does {0} meet the x-axis (its x), and where does {1} meet the y-axis (its y)?",
        "What is the x-intercept of {0}, and what is the y-intercept of {1}?",
        "Find the zero of {0} and the value {1}(0).",
        "Read off where {0} cuts the x-axis and where {1} cuts the y-axis.",
        "State x with {0}(x) = 0, and then {1}(0).",
        "For which x is {0}(x) = 0, and how much is {1}(0)?",
    ),
    "slope": (
        "What is the slope of {0}?",
        "Find the slope of {0}.",
        "How steep is {0}? Give its slope.",
        "Calculate the slope of {0}.",
        "Read two points and give the slope of {0}.",
        "By how much does y change per unit of x along {0}?",
        "Give the gradient of {0}.",
        "State the rate of change of {0}.",
    ),
    "meet": (
        "Where do {0} and {1} meet? Give the coordinates, from left to right.",
        "Find all points that {0} and {1} have in common, left to right.",
        "Give x and y of every crossing of {0} and {1}, the left one first.",
        "At which points is {0}(x) = {1}(x)? From left to right.",
        "In which points do the graphs {0} and {1} intersect, from left to right?",
        "State the intersections of {0} with {1}, left to right.",
        "Read off the coordinates of all common points of {0} and {1}, the leftmost first.",
        "Which points lie on both {0} and {1}? Start on the left.",
    ),
    "turn": (
        "What is the vertex of the parabola {0}?",
        "Where does {0} turn?",
        "Give the turning point of {0}.",
        "Find the vertex of {0}.",
        "At which point is {0} neither rising nor falling?",
        "Read off the coordinates of the vertex of {0}.",
        "Which point is the extremum of {0}?",
        "State the point on the axis of symmetry of {0}.",
    ),
    "shift": (
        "Let {1}. What is the {2} point of {3}?",
        "If {1}, where is {3} {2}?",
        "A function is given by {1}. Find the {2} point of {3}.",
        "Take {1}. Give the {2} point of its graph.",
        "With {1}, which point of {3} is {2}?",
        "Suppose {1}. State the {2} point of {3}.",
        "Consider {1}. What are the coordinates of its {2} point?",
        "{1} is made from {0}. Where is its {2} point?",
    ),
    "zeros": _EQUAL,
    "agree": _EQUAL,
    "wave": (
        "What are amplitude, midline (its y) and period of {0}?",
        "Give the amplitude, the y of the midline and the period of {0}.",
        "Describe the wave {0} by amplitude, y of the midline and period.",
        "Find amplitude, midline and period of {0}.",
        "Read off the amplitude of {0}, the height of its midline, and its period.",
        "How large is the amplitude of {0}, where is its midline, and how long is its period?",
        "State amplitude, midline and period of {0}.",
        "What amplitude, midline (its y) and period does {0} have?",
    ),
    "compose": (
        "What is {0}?",
        "Compute {0}.",
        "Work out {0} with the graphs.",
        "Find {0}.",
        "How much is {0}?",
        "Calculate {0}.",
        "Read the graphs and give {0}.",
        "Evaluate {0}.",
    ),
    "area": (
        "How large is the shaded area, {0}?",
        "Find the signed area that is shaded, {0}.",
        "Calculate the shaded area, {0}.",
        "What is the shaded area, {0}?",
        "Give the area of the shaded region, {0}.",
        "Work out the area in the shaded part, {0}.",
        "How much area is shaded, {0}?",
        "Determine the shaded signed area, {0}.",
    ),
}
_SEEN = ("I see {}.", "The picture shows {}.", "Shown: {}.", "Given is {}.", "What I see: {}.", "On the grid is {}.")
_PLAN = (
    "One grid line is worth {0} across and {1} up.",
    "From line to line it is {0} on the x-axis and {1} on the y-axis.",
    "The numbers say that a grid line counts {0} to the side and {1} upwards.",
    "A step of the grid is {0} in x and {1} in y.",
    "Between neighbouring lines, x changes by {0} and y by {1}.",
    "I count lines: each is {0} across, {1} up.",
)
_CHECK = (
    "Check: each of these points is a crossing of grid lines on the graph.",
    "Looking again, the graph runs through the points that I used.",
    "I counted the lines from the nearest numbers again and get the same.",
    "The lines next to these would miss the graph, so the reading is right.",
    "Counting from the other side of the picture gives the same points.",
    "Read once more against the axes, the points stay the same.",
)
_CURVES = {"broken": "broken line", "parabola": "parabola", "wave": "wave"}
_WRONG = (
    "First I took one line to be worth 1; that is wrong where the numbers say otherwise.",
    "Counting from the edge of the picture would be wrong: the axes are the bold lines.",
    "One line further would be wrong: the graph does not pass there.",
)


def ask(rng: Rng, scene: Scene) -> str:
    """The question, in one of its wordings."""
    form, asked, up = scene["form"], scene["asked"], scene["scale"][1]
    names = [curve["name"] for curve in scene["curves"]]
    words: list[str] = names
    if form == "value":
        words = [enumeration(_calls(scene))]
    elif form == "compose":
        (first, second), (one, other) = _calls(scene), asked["weights"]
        words = [f"{one} x {first} {_signed(other)} x {second}"]
    elif form == "slope":
        words = [f"the line {names[0]}" if scene["curves"][0]["kind"] == "line" else f"the thick part of {names[0]}"]
    elif form == "zeros":
        words = [f"{names[0]}(x) = {asked['y'] * up}"]
    elif form == "agree":
        words = [f"{names[0]}(x) = {names[1]}(x)"]
    elif form == "shift":
        words = [names[0], _transformed(scene), _extreme(scene), "w"]
    elif form == "area":
        below = f"where {names[0]} is below {names[1]}" if len(names) > 1 else "below the x-axis"
        words = [f"counted as negative {below}"]
    return rng.choice(_ASK[form]).format(*words)


def rules(scene: Scene) -> str:
    """What a reader has to know about the picture."""
    if scene["form"] == "area":
        return "Area is counted in units of the axes. Graphs bend on crossings of grid lines."
    if scene["form"] in ("value", "cuts"):
        return ""
    order = " They are listed from left to right." if scene["form"] in ("zeros", "agree", "meet") else ""
    return f"The points that matter lie on crossings of grid lines.{order}"


def explain(item: Item, variant: int) -> list[str]:
    """What is seen, a plan, then the steps, and a check; from level 2 on sometimes a wrong branch."""
    scene = item.scene
    steps = {
        "value": _say_value, "cuts": _say_cuts, "slope": _say_slope, "meet": _say_meet, "turn": _say_turn,
        "shift": _say_shift, "zeros": _say_equal, "agree": _say_equal, "wave": _say_wave, "area": _say_area,
        "compose": _say_value,
    }[scene["form"]](item)  # fmt: skip
    seen = " and ".join(_described(curve, scene) for curve in scene["curves"])
    says = [_SEEN[variant].format(seen), _PLAN[variant].format(*scene["scale"])]
    if item.level >= 2 and variant % 2:
        says.append(_WRONG[0] if variant == 1 and scene["scale"] != [1, 1] else _WRONG[1 + variant % 4 // 2])
    return [*says, *steps, _CHECK[variant]]


def _leaning(curve: Curve) -> str:
    (x0, y0), (x1, y1) = sorted(curve["knots"])
    return "level" if y0 == y1 else "rising" if y0 < y1 else "falling"


def _calls(scene: Scene) -> list[str]:
    """f(2) or f(g(2)) for each number that is asked."""
    across = scene["scale"][0]
    calls = []
    for chain, x in zip(scene["asked"]["chains"], scene["asked"]["xs"], strict=True):
        text = str(x * across)
        for number in chain:
            text = f"{scene['curves'][number]['name']}({text})"
        calls.append(text)
    return calls


def _signed(number: int) -> str:
    return f"{'-' if number < 0 else '+'} {abs(number)}"


def _transformed(scene: Scene) -> str:
    asked, (across, up) = scene["asked"], scene["scale"]
    factor = "-" if asked["by"] == -1 else f"{asked['by']} "
    inner = f"{scene['curves'][0]['name']}(x {_signed(-asked['along'] * across)})"
    return f"w(x) = {factor}{inner} {_signed(asked['up'] * up)}"


def _extreme(scene: Scene) -> str:
    return "highest" if scene["asked"]["most"] == (scene["asked"]["by"] > 0) else "lowest"


def _points(curve: Curve, scene: Scene) -> list[tuple[int, int]]:
    """Telling points of a graph, in units of the axes."""
    across, up = scene["scale"]
    if curve["kind"] == "parabola":
        step = next(n for n in range(1, 5) if n * n % curve["d"] == 0)
        spots = [(x, int(height(curve, x))) for x in (curve["h"] - step, curve["h"], curve["h"] + step)]
    elif curve["kind"] == "wave":
        top, half = curve["start"], curve["half"]
        spots = [(top + n * half, curve["middle"] + (-1) ** n * curve["swing"]) for n in range(3)]
    else:
        spots = [(x, y) for x, y in curve["knots"]]
    return [(x * across, y * up) for x, y in spots]


def _described(curve: Curve, scene: Scene) -> str:
    straight = curve["kind"] == "line"
    what = f"{_leaning(curve)} straight line" if straight else _CURVES[curve["kind"]]
    return f"the {what} {curve['name']} ({curve['ink']}) through {_listed(sorted(_points(curve, scene)))}"


def _listed(points: list[tuple[int, int]]) -> str:
    return ", ".join(f"({x}, {y})" for x, y in points)


def _say_value(item: Item) -> list[str]:
    """Each application, from the inside out."""
    scene, steps, says = item.scene, iter(item.program), []
    for chain, x in zip(scene["asked"]["chains"], scene["asked"]["xs"], strict=True):
        here = x * scene["scale"][0]
        for number in chain:
            value = next(steps).value
            says.append(f"{scene['curves'][number]['name']}({here}) = {value}.")
            here = value
    if scene["form"] == "value":
        return says
    ends = [step for step in item.program if step.op == "times"]
    says += [f"{item.program[step.inputs[0]].value} x {step.args['by']} = {step.value}." for step in ends]
    return [*says, f"{' + '.join(str(step.value) for step in ends)} = {item.answer.value}."]


def _say_cuts(item: Item) -> list[str]:
    x, y = (step.value for step in item.program[:2])
    first, second = (curve["name"] for curve in item.scene["curves"])
    return [f"{first} crosses the x-axis at {x}.", f"{second} crosses the y-axis at {y}."]


def _say_slope(item: Item) -> list[str]:
    scene = item.scene
    place = scene["asked"]["piece"]
    (x0, y0), (x1, y1) = _points(scene["curves"][0], scene)[place : place + 2]
    run, rise = x1 - x0, y1 - y0
    return [
        f"The part in question goes from ({x0}, {y0}) to ({x1}, {y1}).",
        f"Across it goes {_minus(x1, x0)} = {run}.",
        f"Upwards it goes {_minus(y1, y0)} = {rise}.",
        f"The slope is {rise} / {run}, in lowest terms {item.answer.value}.",
    ]


def _minus(a: int, b: int) -> str:
    return f"{a} - {b}" if b >= 0 else f"{a} - ({b})"


def _say_meet(item: Item) -> list[str]:
    value = item.answer.value
    points = list(zip(value[::2], value[1::2], strict=True))
    first, second = (curve["name"] for curve in item.scene["curves"][:2])
    says = [f"I follow {first} and {second} from left to right and look for points on both."]
    says += [f"At x = {x}, both {first} and {second} are at {y}." for x, y in points]
    return [*says, f"{'That is the only common point' if len(points) == 1 else 'There are no others'}."]


def _say_turn(item: Item) -> list[str]:
    scene = item.scene
    (left, y0), (x, y), (right, _) = _points(scene["curves"][0], scene)
    return [
        f"At x = {left} and x = {right} the graph is equally high, at {y0}.",
        f"Its axis of symmetry lies midway, at x = {x}.",
        f"There the height is {y}, the {'highest' if scene['asked']['most'] else 'lowest'} of all.",
    ]


def _say_shift(item: Item) -> list[str]:
    scene, program = item.scene, item.program
    asked, (across, up) = scene["asked"], scene["scale"]
    x, y, moved, times, raised = (step.value for step in program[:5])
    name, by = scene["curves"][0]["name"], asked["by"]
    along, lift = asked["along"] * across, asked["up"] * up
    turns = "the negative factor turns high into low" if by < 0 else "the factor is positive, so high stays high"
    return [
        f"In w, {turns}: I need the {'highest' if asked['most'] else 'lowest'} point of {name}.",
        f"That is ({x}, {y}).",
        f"The graph moves {abs(along)} to the {'right' if along > 0 else 'left'}: {x} {_signed(along)} = {moved}.",
        f"The height becomes {y} x {by} = {times}, and {times} {_signed(lift)} = {raised}.",
    ]


def _say_equal(item: Item) -> list[str]:
    scene = item.scene
    names = [curve["name"] for curve in scene["curves"]]
    level = scene["asked"].get("y", 0) * scene["scale"][1]
    goal = f"the height {level}" if len(names) == 1 else f"the graph {names[1]}"
    heights = {x: y for x, y in _points(scene["curves"][0], scene)}
    says = [f"I follow {names[0]} from left to right and look where it reaches {goal}."]
    for x in item.answer.value:
        says.append(f"At x = {x}, {' and '.join(names)} {'is' if len(names) == 1 else 'are both'} at {heights[x]}.")
    return [*says, f"That makes {len(item.answer.value)} places."]


def _say_wave(item: Item) -> list[str]:
    high, low, twice, swing, total, middle, period = (step.value for step in item.program[:7])
    start, _, again = (x for x, _ in _points(item.scene["curves"][0], item.scene))
    return [
        f"The highest points are at {high}, the lowest at {low}.",
        f"They are {_minus(high, low)} = {twice} apart; half of that, {swing}, is the amplitude.",
        f"The midline is midway: {high} + {low} = {total}, and half of it is {middle}.",
        f"One top is at x = {start}, the next at x = {again}; so the period is {_minus(again, start)} = {period}.",
    ]


def _say_area(item: Item) -> list[str]:
    scene = item.scene
    graphs = [_points(curve, scene) for curve in scene["curves"]]
    above = graphs[0] if len(graphs) == 1 else [(x, y - z) for (x, y), (_, z) in zip(*graphs, strict=True)]
    says = ["I cut it into trapezoids and add up twice their areas, width times both sides."]
    if len(graphs) > 1:
        says.append(f"How far the first is above the second: {', '.join(f'{y} at x = {x}' for x, y in above)}.")
    for (x0, y0), (x1, y1), step in zip(above, above[1:], item.program, strict=False):
        says.append(f"From {x0} to {x1}: {y0} + {y1} = {y0 + y1}, times {x1 - x0} is {step.value}.")
    pieces = [step.value for step in item.program if step.op == "piece"]
    says.append(f"{' + '.join(map(str, pieces))} = {sum(pieces)}.")
    return [*says, f"The area is half of it, {item.answer.value}."]
