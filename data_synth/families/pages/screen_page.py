"""Screens that ask by themselves: a chat, a terminal, a basket or a form, with the question on the screen.

The asked number is drawn first and split over what is shown; it stands nowhere on the screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import Any

from data_synth.answers import Answer
from data_synth.families.pages import screen_words as words
from data_synth.families.pages.screen_kinds import KINDS, blocks_of, clock, euros, lines_of, question_lines
from data_synth.families.pages.trace_words import ASKED, CHECK, duration
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene, Step
from data_synth.render.canvas import Canvas
from data_synth.render.page import Block, page, pick_style, style_of
from data_synth.rng import Rng

RESULTS = ((20, 219), (20, 319), (30, 499), (40, 799), (50, 999))
_NAMED = {
    "chat": ("a group chat", "messages"),
    "terminal": ("a terminal", "lines of output"),
    "browser": ("a shopping page", "items"),
    "app": ("a booking form", "kinds of guests"),
}


def _select(scene: Scene, *, key: str) -> list[int]:
    return [n for n, row in enumerate(scene["rows"]) if not row["void"] and key in ("", row["key"])]


def _amounts(scene: Scene, rows: list[int]) -> list[int]:
    return [prod(scene["rows"][place]["factors"]) for place in rows]


def _moment(scene: Scene, *, of: str, last: bool) -> int:
    times = [row["time"] for row in scene["rows"] if row["key"] == of]
    return int(times[-1 if last else 0])


class ScreenPage:
    """Answer the question on a screen."""

    name = "screen_page"
    modalities = ("text", "rendered")
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "select": Op(_select, (), "rows"),
        "amounts": Op(_amounts, ("rows",), "integers"),
        "total": Op(lambda scene, amounts: sum(amounts), ("integers",), "integer"),
        "moment": Op(_moment, (), "time"),
        "minutes": Op(lambda scene, first, last: last - first, ("time", "time"), "integer"),
        "money": Op(lambda scene, cents: cents / 100 if cents % 100 else cents // 100, ("integer",), "decimal"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        kind = rng.choice(list(KINDS))
        end = rng.between(*RESULTS[level])
        scene = KINDS[kind][1](rng, end, level)
        if scene is None:
            return None
        scene["ask"] = rng.choice(words.ASK[scene["form"]]).format(a=scene["plus"], b=scene["minus"])
        scene |= {"kind": kind, "style": pick_style(rng)}
        program = _run(Program(self.ops, scene))
        value, lines = program.value(), lines_of(scene)
        printed = re.findall(r"\d+(?:\.\d\d)?", "\n".join(lines))
        if (euros(round(100 * value)) if scene["scale"] > 1 else str(value)) in printed:
            return None
        return Parts(
            question="\n".join([*lines, *question_lines(scene)]),
            rules="",
            form="amount" if scene["scale"] > 1 else "n",
            answer=Answer("decimal" if scene["scale"] > 1 else "integer", value),
            scene=scene,
            program=tuple(program.steps),
            features={"rows": len(scene["rows"]), "extras": len(scene["extras"])},
            canon=[scene["form"], lines, scene["plus"], scene["minus"]],
            shown=rng.choice(words.SHOWN),
            alone=True,
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        scene = item.scene
        frame = KINDS[scene["kind"]][0]
        return [page(self.blocks(item, size), style_of(scene), size, frame=frame, title=scene["title"], grow=True)]

    def blocks(self, item: Item, size: int) -> list[Block]:
        return blocks_of(item.scene)

    def solve_again(self, item: Item) -> float:
        scene = item.scene
        found = solve_text("\n".join(lines_of(scene)), scene["form"], scene["plus"], scene["minus"] or "")
        return int(found) if found.denominator == 1 else float(found)

    def explain(self, item: Item, variant: int) -> list[str]:
        scene = item.scene
        thing, parts = _NAMED[KINDS[scene["kind"]][0]]
        says = [words.SEEN[variant].format(thing, len(scene["rows"]), parts)]
        says += [" ".join(line.split()) + ("" if line.endswith((".", "!", "?")) else ";") for line in lines_of(scene)]
        says.append(ASKED[variant].format(scene["ask"]))
        if scene["form"] == "wait":
            return says + _explain_wait(item, variant)
        if item.level >= 2 and variant % 2:
            says += _slip(scene, variant // 2)
        return says + _explain_sums(scene, item.program, variant)


def _run(program: Program) -> Program:
    scene = program.scene
    if scene["form"] == "wait":
        first, last = (
            program.do("moment", of=scene["plus"], last=False),
            program.do("moment", of=scene["minus"], last=True),
        )
        program.do("minutes", first, last)
        return program

    def total(key: str) -> int:
        return program.do("total", program.do("amounts", program.do("select", key=key)))

    here = total(scene["plus"])
    if scene["minus"] is not None:
        here = program.do("subtract", here, total(scene["minus"]))
    if scene["start"]:
        here = program.do("subtract", program.do("number", value=scene["start"]), here)
    for _, amount in scene["extras"]:
        number = program.do("number", value=abs(amount))
        here = program.do("add" if amount > 0 else "subtract", here, number)
    if scene["scale"] > 1:
        program.do("money", here)
    return program


def solve_text(text: str, form: str, plus: str, minus: str) -> Fraction:
    """The answer from what the screen says, with its own reading of each kind. Raises ValueError for no such screen."""
    solve: dict[str, Callable[[list[str], str, str], Fraction | int]]
    solve = {"paid": _solve_paid, "wait": _solve_wait, "disk": _solve_disk, "jobs": _solve_jobs}
    solve |= {"cart": _solve_cart, "stay": _solve_stay}
    kind = form.split()[0]
    if kind not in solve:
        raise ValueError(f"no screen has the form {form!r}")
    return Fraction(solve[kind](text.split("\n"), plus, minus))


def _solve_paid(lines: list[str], plus: str, minus: str) -> int:
    paid: dict[tuple[str, str], int] = {}
    for line in lines:
        who, said = line.split(" ")[0], line.split(": ", 1)[1]
        thing = [word for word in re.findall(r"[a-z]+", said) if word in words.THINGS]
        if each := re.search(r"(\d+) \w+ at (\d+) euros each", said):
            paid[who, thing[0]] = int(each[1]) * int(each[2])
        elif once := re.search(r"(\d+) euros", said):
            paid[who, thing[0]] = int(once[1])
    return sum(((who == plus) - (who == minus)) * amount for (who, _), amount in paid.items())


def _solve_wait(lines: list[str], plus: str, minus: str) -> int:
    times: dict[str, list[int]] = {}
    for line in lines:
        if match := re.match(r"(\w+) (\d\d):(\d\d): ", line):
            times.setdefault(match[1], []).append(60 * int(match[2]) + int(match[3]))
    return max(times[minus]) - min(times[plus])


def _solve_disk(lines: list[str], plus: str, minus: str) -> int:
    sizes = {parts[1]: int(parts[0]) for line in lines if len(parts := line.split()) == 2 and parts[0].isdecimal()}
    if quota := sizes.pop("MB", 0):
        return quota - sum(sizes.values())
    return sum(size * (name.endswith("." + plus) - name.endswith("." + (minus or "-"))) for name, size in sizes.items())


def _solve_jobs(lines: list[str], plus: str, minus: str) -> int:
    rows = [line.split() for line in lines[2:]]
    return sum(int(runs) * int(each) * ((user == plus) - (user == minus)) for user, _, runs, each in rows)


def _solve_cart(lines: list[str], plus: str, minus: str) -> Fraction:
    rows = [line.split(" | ") for line in lines[1:] if " | " in line]
    extras = [Fraction(line.split(": ")[1]) for line in lines if ": " in line]
    return sum((int(qty) * Fraction(each) for _, qty, each in rows), Fraction(0)) + sum(extras)


def _solve_stay(lines: list[str], plus: str, minus: str) -> int:
    fields = {label: int(value) for label, value in (line.rsplit(": ", 1) for line in lines)}
    due = fields.pop("Cleaning, once", 0) - fields.pop("Paid already", 0)
    nights = fields.pop("Nights", 1)
    prices = {label.split(",")[0]: value for label, value in fields.items() if "price" in label}
    return due + nights * sum(fields[guest] * price for guest, price in prices.items())


def _shown(scene: Scene, amount: int) -> str:
    return euros(amount) if scene["scale"] > 1 else str(amount)


def _slip(scene: Scene, wording: int) -> list[str]:
    """A row that seems to count and does not."""
    counted = (scene["plus"], scene["minus"])
    others = [row for row in scene["rows"] if row["factors"] and (row["void"] or row["key"] not in counted)]
    if not scene["plus"] or not others:
        return []
    row = max(others, key=lambda row: row["void"])  # first of all what was corrected later
    text = " ".join(row["text"].split())
    return [words.SLIP[wording].format(f'"{text}"')]


def _explain_wait(item: Item, variant: int) -> list[str]:
    scene = item.scene
    first, last, total = (step.value for step in item.program)
    hours, minutes = divmod(total, 60)
    says = [
        f"The first message of {scene['plus']} is from {clock(first)}.",
        f"The last message of {scene['minus']} is from {clock(last)}.",
        f"From {clock(first)} to {clock(last)} it is {duration((hours, 'hour'), (minutes, 'minute'))}.",
        f"{hours} x 60 + {minutes} = {total}.",
    ]
    if item.level >= 2 and variant % 2:
        says.insert(2, f"The question at the end is later still, but it is not from {scene['minus']}.")
    return [*says, CHECK[variant].format(f"{total} minutes after {clock(first)} it is {clock(last)}")]


def _explain_sums(scene: Scene, steps: tuple[Step, ...], variant: int) -> list[str]:
    says: list[str] = []
    rows: list[dict[str, Any]] = []
    last = ""
    for step in steps:
        if step.op == "select":
            rows = [scene["rows"][place] for place in step.value]
        elif step.op == "amounts":
            says += _products(scene, rows, step.value)
        elif step.op == "total":
            terms = [_shown(scene, amount) for amount in steps[step.inputs[0]].value]
            total = _shown(scene, step.value)
            says.append(f"{' + '.join(terms)} = {total}.")
            last = f"from the end, {' + '.join(terms[::-1])} = {total}"
        elif step.op in ("add", "subtract"):
            a, b = (_shown(scene, steps[place].value) for place in step.inputs)
            result = _shown(scene, step.value)
            says.append(f"{a} {'+' if step.op == 'add' else '-'} {b} = {result}.")
            last = f"{result} {'-' if step.op == 'add' else '+'} {b} = {a}"
    return [*says, CHECK[variant].format(last)]


def _products(scene: Scene, rows: list[dict[str, Any]], amounts: list[int]) -> list[str]:
    """What each of the rows adds."""
    says = []
    for row, amount in zip(rows, amounts, strict=True):
        factors = [*map(str, row["factors"][:-1]), _shown(scene, row["factors"][-1])]
        label = row.get("thing", row["key"] if scene["kind"] in ("cart", "stay") else row["text"].split()[1])
        worked = f"{' x '.join(factors)} = {_shown(scene, amount)}" if len(factors) > 1 else factors[0]
        says.append(f"{label}: {worked}.")
    return says
