"""What is asked about angles, and worked solutions in words."""

from __future__ import annotations

from typing import Any

from data_synth.families.geometry.angle_by_eye import by_eye
from data_synth.families.geometry.angle_equations import angle_key
from data_synth.program import Scene
from data_synth.rng import Rng

ASK = (
    "What is angle {}, in degrees?",
    "How many degrees does angle {} have?",
    "Find the size of angle {} in degrees.",
    "Work out angle {}. Give degrees.",
    "Determine angle {} in degrees.",
    "Calculate the measure of angle {} (degrees).",
    "Angle {} has how many degrees?",
    "From what is marked, find angle {} in degrees.",
    "Give angle {} in degrees.",
)
MARKED = (
    "What is the angle marked {}, in degrees?",
    "How many degrees is the angle marked {}?",
    "Find the marked angle {} in degrees.",
    "Work out {}, in degrees.",
    "Determine {} (degrees).",
    "Calculate the angle {} in degrees.",
    "What is the size of the angle {}, in degrees?",
    "Give the value of {} in degrees.",
)
_SEEN = (
    "I see the {2} {0}. Given: {1}.",
    "The figure has the {2} {0}, with {1}.",
    "Drawn: the {2} {0}. Marked: {1}.",
    "What I see: the {2} {0}. Known: {1}.",
    "The picture shows the {2} {0}; it gives {1}.",
    "I find the {2} {0} and read {1}.",
)
_PLAN = (
    "I go from the given angles to angle {} one step at a time; a triangle has 180 degrees, and so has a line.",
    "Goal: angle {}. Tools: 180 degrees in a triangle and on a straight line.",
    "To reach angle {}, I use that triangles and straight lines have 180 degrees each.",
    "Wanted is angle {}. Each triangle adds up to 180 degrees, as do neighbours on a line.",
    "The way to angle {} uses angle sums of 180 degrees, in triangles and along lines.",
    "Angle {} follows from the angle sums: 180 degrees in every triangle, 180 on every line.",
)
_THIRD = (
    "The angles of triangle {t} add up to 180, so angle {a} = 180 - {x} - {y} = {v}.",
    "In triangle {t}: {a} = 180 - {x} - {y} = {v}.",
    "Triangle {t} has 180 degrees in all, which leaves 180 - {x} - {y} = {v} for angle {a}.",
    "Angle sum of {t}: angle {a} is 180 - ({x} + {y}) = {v}.",
    "Since {x} + {y} = {s} in triangle {t}, angle {a} = 180 - {s} = {v}.",
    "For {t}, angle {a} is what is missing to 180: 180 - {s} = {v}.",
)
_CHECKED = (
    "Check: in triangle {0}, {1} = 180.",
    "Indeed {1} = 180 in triangle {0}.",
    "Test with triangle {0}: {1} = 180, as it must be.",
    "The angles of {0} then give {1} = 180, which fits.",
    "To be sure: {1} = 180 for triangle {0}.",
    "Proof: {0} has {1} = 180.",
)
_WRONG = (
    "One might take angle {0} to be {1} as well, but the two make a straight line, so that is wrong.",
    "Not {1}: angle {0} lies beside it on the line, not across from it.",
    "At first {1} looks right for angle {0}; but they are neighbours on a straight line.",
)


def ask(rng: Rng, scene: Scene) -> str:
    """The question, by the letter in the angle where one is drawn, else by its name."""
    return rng.choice(MARKED).format(scene["mark"]) if scene["mark"] else rng.choice(ASK).format(scene["asked"])


def rules(scene: Scene) -> str:
    """What the marks mean."""
    said = ["Angles are in degrees."]
    if scene["parallel"]:
        said.append("Segments with equal arrows are parallel.")
    if scene["equal"]:
        said.append("Sides of a triangle with equal ticks are equally long.")
    if scene["sheared"]:
        said.append("The figure is not to scale.")
    return " ".join(said)


def explain(scene: Scene, variant: int) -> list[str]:
    """What is seen, a plan, one sentence a step, and a check by an angle sum and, if it is to scale, by eye."""
    names, one = ", ".join(scene["triangles"]), len(scene["triangles"]) == 1
    givens = ", ".join(f"angle {angle} = {value}" for angle, value in scene["givens"].items())
    says = [_SEEN[variant].format(names, givens, "triangle" if one else "triangles")]
    for lines in scene["equal"]:
        says.append(f"The sides {lines[0]} and {lines[1]} carry the same mark, so they are equally long.")
    for line, other in scene["parallel"]:
        says.append(f"{line} and {other} are parallel.")
    asked = scene["asked"]
    says.append(_PLAN[variant].format(f"{asked} (marked {scene['mark']})" if scene["mark"] else asked))
    known = dict(scene["givens"])
    for step in scene["steps"]:
        says += _say(step, known, variant)
        known[step["angle"]] = step["value"]
    says.append(_check(scene, known, variant))
    return says if scene["sheared"] else [*says, by_eye(asked, scene["steps"][-1]["value"], variant)]


def _say(step: dict[str, Any], known: dict[str, int], variant: int) -> list[str]:
    angle, value = step["angle"], step["value"]
    source = step["from"][0]
    x = next(v for a, v in known.items() if angle_key(a) == angle_key(source))
    if step["rule"] == "third":
        y = next(v for a, v in known.items() if angle_key(a) == angle_key(step["from"][1]))
        return [_THIRD[variant].format(t="".join(sorted(angle)), a=angle, x=x, y=y, s=x + y, v=value)]
    if step["rule"] == "beside":
        straight = f"Angles {source} and {angle} make a straight line: {angle} = 180 - {x} = {value}."
        return [_WRONG[variant // 2].format(angle, x), straight] if variant % 2 and x != value else [straight]
    return [
        {
            "across": f"Angle {angle} is across from angle {source} at the crossing, so it is {value} too.",
            "alternate": f"Because of the parallels, angle {angle} equals its alternate angle {source}: {value}.",
            "mirror": f"Equal sides face equal angles: angle {angle} = angle {source} = {value}.",
            "base": f"Two sides are equal, so angle {angle} = (180 - {x}) / 2 = {value}.",
            "apex": f"Both base angles are {x}, so angle {angle} = 180 - 2 x {x} = {value}.",
        }[step["rule"]]
    ]


def _check(scene: Scene, known: dict[str, int], variant: int) -> str:
    """The angle sum of the triangle of the last derived angle."""
    last = [step for step in scene["steps"] if step["rule"] in ("third", "mirror", "base", "apex")][-1]
    name = "".join(sorted(last["angle"]))
    mine = [value for angle, value in known.items() if "".join(sorted(angle)) == name]
    if len(mine) == 2:
        mine.append(180 - sum(mine))
    return _CHECKED[variant].format(name, " + ".join(map(str, mine)))
