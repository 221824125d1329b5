"""Find an angle by deduction: a chain of triangles that share corners, straight lines and parallels.

The asked angle is drawn first, uniformly; the givens are then worked out backwards along the chain, so that each of
them is needed. From level 3 on the figure is sheared: it is not to scale, and says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from data_synth.answers import Answer
from data_synth.families.geometry.angle_equations import angle_key, of_equal_sides, on_lines, solve, sums
from data_synth.families.geometry.angle_figure import complete, draw_figure
from data_synth.families.geometry.angle_words import ask, explain, rules
from data_synth.item import Item, Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.figure import Spot
from data_synth.rng import Rng

SMALLEST = 24  # degrees of any angle in a triangle
LINKS = (1, 2, 3, 3, 4)  # triangles of the chain, by level
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
LAST = (15, 156)  # the asked angle, degrees


class AngleChase:
    """Deduce an angle."""

    name = "angle_chase"
    modalities = ("image",)
    ops: Mapping[str, Op] = {
        "given": Op(lambda scene, *, angle: scene["givens"][angle], (), "integer"),
        "third": Op(lambda scene, a, b: 180 - a - b, ("integer", "integer"), "integer"),
        "beside": Op(lambda scene, a: 180 - a, ("integer",), "integer"),
        "across": Op(lambda scene, a: a, ("integer",), "integer"),
        "alternate": Op(lambda scene, a: a, ("integer",), "integer"),
        "base": Op(lambda scene, a: (180 - a) // 2, ("integer",), "integer"),
        "apex": Op(lambda scene, a: 180 - 2 * a, ("integer",), "integer"),
        "mirror": Op(lambda scene, a: a, ("integer",), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        chain = _Chain(rng, level)
        if not chain.build():
            return None
        scene = complete(rng, chain.scene(), level)
        if scene is None:
            return None
        program = Program(self.ops, scene)
        _execute(program, scene)
        return Parts(
            question=ask(rng, scene),
            rules=rules(scene),
            form="n",
            answer=Answer("integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"triangles": len(scene["triangles"]), "steps": len(scene["steps"])},
            canon=[scene["givens"], scene["steps"], sorted(scene["parallel"])],
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        return [draw_figure(item.scene, size)]

    def solve_again(self, item: Item) -> Any:
        """Write down every equation between angles that the figure states, and solve the linear system."""
        scene = item.scene
        rows = [*sums(scene), *on_lines(scene), *of_equal_sides(scene)]
        rows += [({angle_key(angle): 1}, value) for angle, value in scene["givens"].items()]
        for (a, b), (c, d) in scene["parallel"]:
            rows.append(({angle_key(a + b + c): 1, angle_key(b + c + d): -1}, 0))
        return solve(rows, angle_key(scene["asked"]))

    def explain(self, item: Item, variant: int) -> list[str]:
        return explain(item.scene, variant)


class _Chain:
    """Triangles in the order of deduction. Each has a link angle (known), a second fact, and a derived angle."""

    def __init__(self, rng: Rng, level: int) -> None:
        self.rng, self.level = rng, level
        self.names = rng.sample(LETTERS, 2 * LINKS[level] + 6)
        self.spots: dict[str, Spot] = {}
        self.triangles: list[str] = []
        self.givens: dict[str, int] = {}
        self.steps: list[dict[str, Any]] = []
        self.lines: list[str] = []  # "PVX": V is on the segment from P to X
        self.parallel: list[list[str]] = []
        self.equal: list[list[str]] = []

    def build(self) -> bool:
        rng, count = self.rng, LINKS[self.level]
        outside = rng.chance(0.5) if self.level < 3 else rng.chance(0.3)
        target = rng.between(*LAST)
        plan = self._plan(180 - target if outside else target, count)
        if plan is None:
            return False
        corners = self._first(plan[0])
        for angles in plan[1:]:
            corners = self._attach(corners, angles)
        self.asked = self._derived(corners)
        if outside:
            beyond = self._beyond(corners[rng.randrange(2)], corners[2])
            other = corners[1] if self.lines[-1][0] == corners[0] else corners[0]
            self._step("beside", beyond + corners[2] + other, [self._derived(corners)], target)
            self.asked = self.steps[-1]["angle"]
        if self.level == 3:
            self._distract(corners, plan[-1])
        return True

    def _plan(self, derived: int, count: int) -> list[dict[str, Any]] | None:
        """Angles of each triangle from the last to the first: link + second + derived = 180."""
        plan: list[dict[str, Any]] = []
        for place in range(count):
            kinds = ["given"] * 3 + (["legs", "base", "apex"] if self.level >= 2 else ["legs"] * (self.level == 1))
            kind = self.rng.choice(kinds)
            link = {"legs": derived, "base": 180 - 2 * derived, "apex": (180 - derived) // 2}.get(kind, 0)
            if (
                kind == "given"
                or link < SMALLEST
                or 180 - link - derived < SMALLEST
                or (kind == "apex" and derived % 2)
            ):
                kind, room = "given", 180 - derived - 2 * SMALLEST
                if room < 0:
                    return None
                link = SMALLEST + self.rng.between(0, room)
            relation = self.rng.choice(("beside", "across", "alternate")[: 2 + (self.level > 0)])
            if relation == "beside" and not SMALLEST <= 180 - link <= 180 - 2 * SMALLEST:
                relation = "across"
            plan.append(
                {"kind": kind, "link": link, "derived": derived, "relation": relation if place + 1 < count else ""}
            )
            derived = 180 - link if relation == "beside" else link
        return plan[::-1]

    def _first(self, angles: dict[str, Any]) -> tuple[str, str, str]:
        """(link, second, derived) corners of the first triangle, whose link angle is given."""
        link, second = self.names.pop(), self.names.pop()
        turn = math.radians(self.rng.between(0, 359))
        self.spots[link] = (0.0, 0.0)
        self.spots[second] = (math.cos(turn), math.sin(turn))
        corner = self._third(link, second, angles, self.rng.choice((1, -1)))
        self._given(second + link + corner, angles["link"])
        return self._finish((link, second, corner), angles)

    def _third(self, link: str, second: str, angles: dict[str, Any], side: int) -> str:
        """A new point that makes the triangle's angles at `link` and `second`."""
        (x, y), (x1, y1) = self.spots[link], self.spots[second]
        at_second = 180 - angles["link"] - angles["derived"]
        along, length = math.atan2(y1 - y, x1 - x), math.hypot(x1 - x, y1 - y)
        reach = length * math.sin(math.radians(at_second)) / math.sin(math.radians(angles["derived"]))
        turn = along + side * math.radians(angles["link"])
        name = self.names.pop()
        self.spots[name] = (x + reach * math.cos(turn), y + reach * math.sin(turn))
        return name

    def _finish(self, corners: tuple[str, str, str], angles: dict[str, Any]) -> tuple[str, str, str]:
        """Note the triangle, its second fact and the step that derives its last angle."""
        link, second, corner = corners
        self.triangles.append("".join(sorted(corners)))
        known, wanted = second + link + corner, link + corner + second
        if angles["kind"] == "given":
            other = link + second + corner
            self._given(other, 180 - angles["link"] - angles["derived"])
            self._step("third", wanted, [known, other], angles["derived"])
        elif angles["kind"] == "legs":  # the sides from `second` are equal
            self.equal.append([second + link, second + corner])
            self._step("mirror", wanted, [known], angles["derived"])
        elif angles["kind"] == "base":  # the sides from `link` are equal
            self.equal.append([link + second, link + corner])
            self._step("base", wanted, [known], angles["derived"])
        else:  # the sides from the derived corner are equal
            self.equal.append([corner + link, corner + second])
            self._step("apex", wanted, [known], angles["derived"])
        return corners

    def _attach(self, corners: tuple[str, str, str], angles: dict[str, Any]) -> tuple[str, str, str]:
        """The next triangle, at the corner that was derived; its relation leads to its link angle."""
        link, second, corner = corners
        derived = self._derived(corners)
        if angles["relation"] == "across":
            first, other = self.rng.sample((link, second), 2)
            beyond = self._beyond(first, corner)
            new = self._third(corner, beyond, angles, self._side(corner, beyond, other, opposite=True))
            self.lines.append(other + corner + new)
            self._step("across", beyond + corner + new, [derived], angles["link"])
            return self._finish((corner, beyond, new), angles)
        if angles["relation"] == "beside":
            first, other = self.rng.sample((link, second), 2)
            new = self._third(corner, other, angles, self._side(corner, other, first, opposite=True))
            self.lines.append(first + corner + new)
            self._step("beside", other + corner + new, [derived], angles["link"])
            return self._finish((corner, other, new), angles)
        first, other = self.rng.sample((link, second), 2)  # a parallel to first-corner through other
        new = self._third(other, corner, angles, self._side(other, corner, first, opposite=True))
        self.parallel.append([first + corner, other + new])
        self._step("alternate", corner + other + new, [derived], angles["link"])
        return self._finish((other, corner, new), angles)

    def _distract(self, corners: tuple[str, str, str], angles: dict[str, Any]) -> None:
        """One more triangle with a given angle that nothing asked depends on."""
        link, second, corner = corners
        first, other = self.rng.sample((link, corner), 2)
        extra = {"link": self.rng.between(40, 80), "derived": self.rng.between(40, 70)}
        new = self._third(first, second, extra, self._side(first, second, other, opposite=True))
        self.triangles.append("".join(sorted((first, second, new))))
        self._given(first + new + second, extra["derived"])

    def _beyond(self, start: str, corner: str) -> str:
        """A new point on the line from `start` through `corner`, behind it."""
        (x, y), (x1, y1) = self.spots[start], self.spots[corner]
        share = self.rng.between(60, 110) / 100
        name = self.names.pop()
        self.spots[name] = (x1 + (x1 - x) * share, y1 + (y1 - y) * share)
        self.lines.append(start + corner + name)
        return name

    def _side(self, link: str, second: str, point: str, *, opposite: bool) -> int:
        (x, y), (x1, y1), (x2, y2) = self.spots[link], self.spots[second], self.spots[point]
        side = 1 if (x1 - x) * (y2 - y) - (y1 - y) * (x2 - x) > 0 else -1
        return -side if opposite else side

    def _derived(self, corners: tuple[str, str, str]) -> str:
        return corners[0] + corners[2] + corners[1]

    def _given(self, angle: str, degrees: int) -> None:
        self.givens[angle] = degrees

    def _step(self, rule: str, angle: str, sources: list[str], value: int) -> None:
        self.steps.append({"rule": rule, "angle": angle, "from": sources, "value": value})

    def scene(self) -> dict[str, Any]:
        return {
            "spots": self.spots,
            "triangles": self.triangles,
            "givens": self.givens,
            "steps": self.steps,
            "lines": self.lines,
            "parallel": self.parallel,
            "equal": self.equal,
            "asked": self.asked,
        }


def _execute(program: Program, scene: Scene) -> None:
    places: dict[str, int] = {}

    def place(angle: str) -> int:
        if angle_key(angle) not in places:
            places[angle_key(angle)] = program.do("given", angle=angle)
        return places[angle_key(angle)]

    for step in scene["steps"]:
        sources = [place(angle) for angle in step["from"]]
        places[angle_key(step["angle"])] = program.do(step["rule"], *sources)
