"""Worked solutions about overlap and nesting."""

from __future__ import annotations

from typing import Any

from data_synth.english import capitalized, enumeration
from data_synth.families.scenes import overlap_rings as rings
from data_synth.families.scenes.nested_boxes import holders
from data_synth.families.scenes.paper_stack import seen_on
from data_synth.program import Scene

_SEEN = (
    "I see {}.",
    "The picture shows {}.",
    "There are {}.",
    "What I see: {}.",
    "In the picture: {}.",
    "Shown are {}.",
)
_ON = ("{0} lies on {1}.", "{0} covers a part of {1}.", "{1} goes on under {0}.")
_PLAN = {
    "stack": (
        "Where edges meet, one goes on and the other stops; what goes on is above.",
        "I look which edges are hidden and by what.",
        "An edge that stops at another sheet is below that sheet.",
        "I compare neighbours: the complete edge belongs to the upper sheet.",
        "Wherever two sheets overlap, the one with the whole outline is above.",
        "I start with sheets that others hide, and go upwards to the one that is whole.",
    ),
    "rings": (
        "For each place I ask which circles it is in.",
        "I check every place against every circle.",
        "For each of them I go ring by ring: is it inside or outside?",
        "What matters is only how the circles lie around each.",
        "I take them from the top down and note the rings around each.",
        "I go through them one after the other and name the rings that hold each.",
    ),
    "chain": (
        "I go outwards from {0} and note each box that I leave.",
        "Starting at {0}, I cross one border after the other.",
        "From {0} outwards, every border I cross belongs to a box around it.",
        "I follow a line from {0} to the edge of the picture.",
        "Leaving {0}, I write down the boxes in turn.",
        "Step by step out of {0}:",
    ),
}
_WRONG = {
    "stack": "A letter further up in the picture need not be higher in the stack; only what covers what counts.",
    "rings": "It would be wrong to leave out those that are in further rings too, unless the question says so.",
    "chain": "Boxes beside it do not count, even if they are large: they do not hold it.",
}
_CHECK = (
    "Check: {0}.",
    "To check: {0}.",
    "Once more: {0}.",
    "A second look says: {0}.",
    "This agrees with the picture: {0}.",
    "Test: {0}.",
)


def explain_overlap(scene: Scene, variant: int, level: int) -> list[str]:
    """What is seen, a plan, then the steps, and a check."""
    form = scene["form"]
    says, check = {"stack": _stack, "chain": _chain, "dots": _dots}.get(form, _numbers)(scene, variant)
    plan = form if form in ("stack", "chain") else "rings"
    says.insert(1, _PLAN[plan][variant].format(scene.get("asked", "")))
    if level >= 2 and variant % 2:
        says.insert(2, _WRONG[plan])
    return [*says, _CHECK[variant].format(check)]


def _stack(scene: Scene, variant: int) -> tuple[list[str], str]:
    named = ", ".join(f"{sheet['label']} ({sheet['tint']})" for sheet in scene["sheets"])
    says = [_SEEN[variant].format(f"the sheets {named}")]
    order = [sheet["label"] for sheet in sorted(scene["sheets"], key=lambda sheet: int(sheet["height"]))]
    pairs = seen_on(scene["sheets"])
    says += [_ON[variant % 3].format(upper, lower) for upper, lower in zip(order[1:], order, strict=False)]
    more = [pair for pair in pairs if order.index(pair[0]) - order.index(pair[1]) > 1]
    says.append(f"From the bottom: {', '.join(order)}.")
    if scene["way"]:
        says.append(f"From the top: {', '.join(order[::-1])}.")
    listed = ", ".join(f"{upper} over {lower}" for upper, lower in more[:6])
    return says, f"nothing lies on {order[-1]}, {order[0]} lies on nothing" + (f", and I see {listed}" if more else "")


def _chain(scene: Scene, variant: int) -> tuple[list[str], str]:
    boxes = scene["boxes"]
    depths: dict[int, list[str]] = {}
    for name in boxes:
        depths.setdefault(len(holders(boxes, name)), []).append(name)
    listed = "; ".join(f"inside {depth}: {', '.join(names)}" if depth else f"outermost {', '.join(names)}"
                       for depth, names in sorted(depths.items()))  # fmt: skip
    says = [_SEEN[variant].format(f"boxes, by how many are around them, {listed}")]
    around = holders(boxes, scene["asked"])
    path = [*around, scene["asked"]]
    says += [f"{inner} is in {outer}." for outer, inner in list(zip(path, path[1:], strict=False))[::-1]]
    shown = around[::-1] if scene["way"] else around
    says.append(f"The {'innermost' if scene['way'] else 'outermost'} first: {', '.join(shown)}.")
    beside = [name for name in boxes if name not in path]
    others = f", while {enumeration(beside)} {'does' if len(beside) == 1 else 'do'} not hold it" if beside else ""
    return says, f"{len(around)} boxes around {scene['asked']}, and {around[0]} is in no other box{others}"


def _dots(scene: Scene, variant: int) -> tuple[list[str], str]:
    regions: dict[rings.Signature, int] = {}
    for mark in scene["marks"]:
        around = rings.around(scene["rings"], mark["x"], mark["y"])
        regions[around] = regions.get(around, 0) + 1
    listed = ", ".join(f"{count} {_where(around)}" for around, count in sorted(regions.items(), key=_by_depth))
    says = [_SEEN[variant].format(f"{_circles(scene)} and dots: {listed}")]
    counts = []
    for depths in scene["depths"]:
        terms = [count for around, count in sorted(regions.items(), key=_by_depth) if len(around) in depths]
        counts.append(sum(terms))
        words = f"{depths[0]} or more rings" if len(depths) > 1 else f"{depths[0]} ring{'s' * (depths[0] != 1)}"
        summed = f"{' + '.join(map(str, terms))} = {sum(terms)}" if len(terms) > 1 else str(sum(terms))
        says.append(f"In {words}: {summed}.")
    rest = len(scene["marks"]) - sum(counts)
    terms = [*counts, *([rest] if rest else [])]
    outside = f", {rest} of them outside" if rest else ""
    return says, f"{' + '.join(map(str, terms))} = {len(scene['marks'])} dots in all{outside}"


def _numbers(scene: Scene, variant: int) -> tuple[list[str], str]:
    marks = [(mark["value"], rings.around(scene["rings"], mark["x"], mark["y"])) for mark in scene["marks"]]
    listed = ", ".join(f"{value} {_where(around)}" for value, around in marks)
    says = [_SEEN[variant].format(f"{_circles(scene)} and numbers: {listed}")]
    if scene["form"] == "score":
        deep = [(value, len(around)) for value, around in marks if around]
        says += [f"{value} x {depth} = {value * depth}." for value, depth in deep]
        terms = [value * depth for value, depth in deep]
        says.append(f"{' + '.join(map(str, terms))} = {sum(terms)}.")
        totals = [sum(v for v, around in marks if ring["name"] in around) for ring in scene["rings"]]
        return says, f"ring by ring {' + '.join(map(str, totals))} = {sum(totals)}"
    fitting = [value for value, around in marks if rings.holds(scene["condition"], around)]
    says.append(f"{capitalized(rings.condition_phrase(scene['condition']))}: {', '.join(map(str, fitting))}.")
    says.append(f"{' + '.join(map(str, fitting))} = {sum(fitting)}.")
    others = [value for value, around in marks if not rings.holds(scene["condition"], around)]
    all_of_them = sum(fitting) + sum(others)
    return says, (
        f"the other numbers are {', '.join(map(str, others))}; all together make {all_of_them}, "
        f"and {all_of_them} - {sum(others)} = {sum(fitting)}"
    )


def _by_depth(pair: tuple[rings.Signature, Any]) -> tuple[int, rings.Signature]:
    return len(pair[0]), pair[0]


def _where(around: rings.Signature) -> str:
    return f"in {' and '.join(around)}" if around else "outside"


def _circles(scene: Scene) -> str:
    return f"rings in {enumeration([ring['name'] for ring in scene['rings']])}"
