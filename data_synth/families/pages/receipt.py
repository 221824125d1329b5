"""Receipts, invoices and order e-mails: what is to pay, what comes back, what one piece costs.

The asked amount is drawn first, the lines are then split from it, and it is never printed. All money is in cents; every
division comes out even.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from data_synth.answers import Answer
from data_synth.families.pages.receipt_pages import KINDS, WIDTHS, as_blocks, as_markup, as_text, item_lines, money
from data_synth.families.pages.trace_words import ASKED, CHECK
from data_synth.item import Item, Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.page import Block
from data_synth.render.style import pick_style, style_of
from data_synth.render.typeset import typeset
from data_synth.rng import Rng

GOODS: dict[str, tuple[str, ...]] = {
    "food": ("bread", "rice", "cheese", "butter", "pasta", "honey", "jam", "soup", "yoghurt", "cake"),
    "drink": ("milk", "juice", "tea", "coffee", "water", "lemonade", "cocoa", "cider"),
    "home": ("soap", "candle", "sponge", "broom", "towel", "light bulb", "bucket", "brush", "basket", "clothes line"),
    "office": ("pen", "notebook", "folder", "stapler", "tape", "ruler", "marker", "envelope", "calendar", "glue"),
    "garden": ("rake", "flower pot", "spade", "hose", "twine", "watering can", "fence post", "bench"),
}  # fmt: skip
SHOPS = (
    "Corner Shop", "Green Market", "Harbour Store", "Mill Lane Goods", "North Street Shop", "Old Town Market",
    "Riverside Store", "Station Kiosk", "Sunny Side Shop", "The Red Door",
)  # fmt: skip
CUSTOMERS = (
    "Ana Costa",
    "Ben Okoro",
    "Clara Weiss",
    "Dario Lund",
    "Emma Hart",
    "Felix Moreau",
    "Ines Silva",
    "Jon Berg",
)
FORMS = (
    ("total",),
    ("total", "change", "unit"),
    ("total", "change", "unit", "discount"),
    ("change", "discount", "tax", "group"),
    ("tax", "group", "group discount", "discount change"),
)
LINES = ((2, 3), (3, 4), (4, 5), (5, 7), (7, 8))
LARGEST = (4000, 6000, 9000, 16000, 24000)  # amount on which all else rests, cents
GRAIN = (25, 5, 5, 5, 5)  # prices are multiples of this, cents
NOTES = (2000, 5000, 10000, 20000, 50000)
PERCENT = (5, 10, 15, 20, 25, 30, 40)
WHOLE = 20  # amounts that are multiples of this take any of PERCENT without a remainder

ASK: dict[str, tuple[str, ...]] = {
    "total": (
        "What is the total to pay?", "How much is to be paid in all?", "Find the total amount.",
        "What does everything cost together?", "Work out the sum of this purchase.", "Give the amount due.",
        "Calculate the total cost.", "Add it all up: how much is it?",
    ),
    "change": (
        "How much change is given back?", "What is the change?", "Find the change that the customer gets.",
        "How much money comes back?", "Work out the change.", "Give the amount that is returned to the customer.",
        "Calculate the change due.", "Of the money paid, how much is given back?",
    ),
    "unit": (
        'What does one piece of "{}" cost?', 'Find the price of one piece of "{}".',
        'How much is a single piece of "{}"?', 'Work out the unit price of "{}".',
        'Give the price per piece of "{}".', 'Calculate what one piece of "{}" costs.',
        'Which price does one piece of "{}" have?', 'For one piece of "{}", what was charged?',
    ),
    "discount": (
        "What is to pay after the discount?", "How much is due once the discount is taken off?",
        "Find the amount to pay, discount included.", "Work out the discounted total.",
        "Give the price after discount.",
        "Calculate what is paid with the discount.", "With the discount, what does it all cost?",
        "Take off the discount: how much is left to pay?",
    ),
    "tax": (
        "What is the total with tax?", "How much is to pay with the tax added?", "Find the amount due, tax included.",
        "Work out the total after tax.", "Give the final amount with tax.", "Calculate the total including tax.",
        "With tax, what does it all cost?", "Add the tax: how much is to be paid?",
    ),
    "group": (
        "What do all items of type {} cost together?", "How much was spent on items of type {}?",
        "Find the total of the {} items.", "Work out the cost of everything of type {}.",
        "Give the sum for type {}.", "Calculate what the items of type {} cost in all.",
        "For type {} alone, what is the total?", "Add up all items of type {}: how much is it?",
    ),
}  # fmt: skip
ASK["group discount"] = tuple(text[:-1] + f", after the discount{text[-1]}" for text in ASK["group"])
ASK["discount change"] = tuple(text[:-1] + f", with the discount taken off first{text[-1]}" for text in ASK["change"])

_SEEN = (
    "I see {0} of {1}.", "This is {0} of {1}.", "The picture shows {0} of {1}.", "Here is {0} of {1}.",
    "We have {0} of {1}.", "I look at {0} of {1}.",
)  # fmt: skip
_LISTED = ("It lists: {}.", "The items: {}.", "The lines are: {}.", "On it: {}.", "It says: {}.", "Items on it: {}.")
_SUM = ("The sum: {}.", "Together: {}.", "Added up: {}.", "In all: {}.", "Their total: {}.", "Adding: {}.")
_SHORT = (
    "Without the zeros at the end, {} is {}.", "{} is the same as {}.", "Written shorter, {} is {}.",
    "As a plain number, {} is {}.", "{} equals {}.", "Zeros at the end left out, {} becomes {}.",
)  # fmt: skip


def _select(scene: Scene, *, group: str) -> list[int]:
    return [place for place, line in enumerate(scene["lines"]) if group in ("", line.get("group"))]


def _amounts(scene: Scene, rows: list[int]) -> list[int]:
    return [scene["lines"][place]["qty"] * scene["lines"][place]["unit"] for place in rows]


def _unit(scene: Scene, *, name: str) -> int:
    (line,) = [line for line in scene["lines"] if line["name"] == name]
    return int(line["qty"] * line["unit"] // line["qty"])


class Receipt:
    """Work out an amount of a receipt."""

    name = "receipt"
    modalities = ("text", "rendered")
    ops: Mapping[str, Op] = {
        "select": Op(_select, (), "rows"),
        "amounts": Op(_amounts, ("rows",), "integers"),
        "sum": Op(lambda scene, amounts: sum(amounts), ("integers",), "integer"),
        "percent_off": Op(lambda scene, cents, *, by: cents * (100 - by) // 100, ("integer",), "integer"),
        "percent_on": Op(lambda scene, cents, *, by: cents * (100 + by) // 100, ("integer",), "integer"),
        "change": Op(lambda scene, cents, *, paid: paid - cents, ("integer",), "integer"),
        "unit": Op(_unit, (), "integer"),
        "money": Op(lambda scene, cents: cents / 100 if cents % 100 else cents // 100, ("integer",), "decimal"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        scene = _purchase(rng, form, level)
        if scene is None:
            return None
        program = _run(Program(self.ops, scene), form)
        if money(round(100 * program.value())) in as_text(scene).split():
            return None
        question = rng.choice(ASK[form]).format(scene["item"] if form == "unit" else scene["group"])
        lines = [[line["qty"], line["name"], line["unit"]] for line in scene["lines"]]
        return Parts(
            question=f"{as_text(scene)}\n{question}",
            rules="Amounts are in euros.",
            form="amount",
            answer=Answer("decimal", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"lines": len(lines), "steps": len(program.steps) - 1},
            canon=[form, lines, scene["item"], scene["group"], scene["discount"], scene["tax"], scene["paid"]],
            shown=question,
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        style = style_of(item.scene)
        return [typeset(as_markup(item.scene, style), style, size, width=WIDTHS[item.scene["kind"]])]

    def blocks(self, item: Item, size: int) -> list[Block]:
        return as_blocks(item.scene)

    def solve_again(self, item: Item) -> float:
        return float(solve_text(as_text(item.scene), item.scene["form"], item.scene["item"], item.scene["group"]))

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, article = item.scene, "an" if item.scene["kind"] in ("invoice", "e-mail") else "a"
        rows = "; ".join(" ".join(row) for row in item_lines(scene)[1:])
        says = [_SEEN[variant].format(f"{article} {scene['kind']}", scene["shop"]), _LISTED[variant].format(rows)]
        says.append(ASKED[variant].format(item.shown))
        exact = money(round(100 * item.answer.value))
        short = [_SHORT[variant].format(exact, item.answer.surface)] if exact != item.answer.surface else []
        if scene["form"] == "unit":
            return says + _explain_unit(scene, variant) + short
        places, amounts = item.program[0].value, item.program[1].value
        if scene["group"]:
            says.append(f"Of type {scene['group']}: {', '.join(scene['lines'][n]['name'] for n in places)}.")
        for place, amount in zip(places, amounts, strict=True):
            line = scene["lines"][place]
            says.append(f"{line['name'].capitalize()}: {line['qty']} x {money(line['unit'])} = {money(amount)}.")
        total = item.program[2].value
        says.append(_SUM[variant].format(f"{' + '.join(map(money, amounts))} = {money(total)}"))
        return says + _explain_rest(item, variant) + short


def _purchase(rng: Rng, form: str, level: int) -> Scene | None:
    """A scene in which the answer of this form is what was drawn first."""
    count, kind = rng.between(*LINES[level]), rng.choice(KINDS)
    scene: Scene = {"kind": kind, "form": form, "item": "", "group": "", "discount": 0, "discount_on_group": False}
    scene |= {"tax": 0, "paid": 0, "sums": form == "unit", "shop": rng.choice(SHOPS), "head": _head(rng, kind, level)}
    if "discount" in form:
        scene |= {"discount": rng.choice(PERCENT), "discount_on_group": form == "group discount"}
    if form == "tax":
        scene["tax"] = rng.choice((5, 10, 15, 20, 25))
    grain = WHOLE if scene["discount"] or scene["tax"] else GRAIN[level]
    base = grain * rng.between(200 // grain, LARGEST[level] // grain)
    if "change" in form:
        scene["paid"] = rng.choice(NOTES[: 2 + level // 2])
        keeps = 100 - scene["discount"]
        back = grain * rng.between(1, scene["paid"] * 4 // 5 // grain)
        base = (scene["paid"] - back) * 100 // keeps
        if (scene["paid"] - back) * 100 % keeps or base % 5:
            return None
    lines = _lines(rng, base, count, form, level, scene)
    if lines is None:
        return None
    rng.shuffle(lines)
    return scene | {"lines": lines, "style": pick_style(rng, dark=False)}


def _head(rng: Rng, kind: str, level: int) -> list[list[str]]:
    """Entries above the items; at higher levels more of them, none of which matters."""
    date = f"{rng.between(1, 28)}/{rng.between(1, 12)}/20{rng.between(24, 29)}"
    entries = [["Date", date], ["Till" if kind == "receipt" else "Number", str(rng.between(2, 9999))]]
    entries += [["Served by" if kind == "receipt" else "Customer", rng.choice(CUSTOMERS)]]
    return (
        entries[: 1 + min(2, level // 2)] if kind != "e-mail" else [["To", entries[2][1]], *entries[: 1 + level // 3]]
    )


def _lines(rng: Rng, base: int, count: int, form: str, level: int, scene: Scene) -> list[dict[str, Any]] | None:
    """Lines of which the asked ones cost `base` together; for "unit", one line costs a multiple of it."""
    grouped = "group" in form
    asked = rng.between(2, max(2, count - 2)) if grouped else count
    groups = rng.sample(list(GOODS), 3)
    names = rng.sample(GOODS[groups[0]], asked) if grouped else rng.sample(sorted(sum(GOODS.values(), ())), count)
    if form == "unit":
        units = [grain_price(rng, level) for _ in range(count)]
        lines = [
            {"qty": rng.between(2, 6), "name": name, "unit": unit} for name, unit in zip(names, units, strict=True)
        ]
        scene["item"] = names[0]
        lines[0]["unit"] = GRAIN[level] * rng.between(10, 1200 // GRAIN[level])
        return lines
    costs = _costs(rng, base, asked, level)
    if costs is None:
        return None
    lines = [{"qty": qty, "name": name, "unit": unit} for name, (qty, unit) in zip(names, costs, strict=True)]
    if grouped:
        scene["group"] = groups[0]
        lines = [line | {"group": groups[0]} for line in lines]
        rest = [(group, name) for group in groups[1:] for name in GOODS[group]]
        for group, name in rng.sample(rest, count - asked):
            lines.append({"qty": rng.between(1, 4), "name": name, "unit": grain_price(rng, level), "group": group})
    return lines


def grain_price(rng: Rng, level: int) -> int:
    """A price of one piece, cents."""
    return GRAIN[level] * rng.between(60 // GRAIN[level] + 1, 1500 // GRAIN[level])


def _costs(rng: Rng, total: int, count: int, level: int) -> list[tuple[int, int]] | None:
    """(quantity, price) of each line, with this total; None if these draws leave too little for the last line."""
    most = 3 if level == 0 else 5
    share = max(60, 2 * total // count)
    costs = []
    for _ in range(count - 1):
        qty = rng.between(1, most)
        steps = share // qty // GRAIN[level]
        if steps < 2:
            return None
        costs.append((qty, GRAIN[level] * rng.between(max(1, steps // 8), steps)))
    rest = total - sum(qty * unit for qty, unit in costs)
    fits = [qty for qty in range(1, most + 1) if rest > 0 and rest % (qty * GRAIN[level]) == 0 and rest // qty >= 25]
    return [*costs, (qty := rng.choice(fits), rest // qty)] if fits else None


def _run(program: Program, form: str) -> Program:
    scene = program.scene
    if form == "unit":
        here = program.do("unit", name=scene["item"])
    else:
        here = program.do("sum", program.do("amounts", program.do("select", group=scene["group"])))
        if scene["discount"]:
            here = program.do("percent_off", here, by=scene["discount"])
        if scene["tax"]:
            here = program.do("percent_on", here, by=scene["tax"])
        if scene["paid"]:
            here = program.do("change", here, paid=scene["paid"])
    program.do("money", here)
    return program


def solve_text(text: str, form: str, item: str, group: str) -> Fraction:
    """The asked amount from the printed document alone, with exact fractions."""
    rows = [line.split(" | ") for line in text.split("\n") if " | " in line]
    heads, lines = rows[0], [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    if form == "unit":
        (line,) = [line for line in lines if line["item"] == item]
        return Fraction(line["sum"]) / int(line["qty"])
    wanted = [line for line in lines if "type" not in heads or line["type"] == group]
    total = sum((int(line["qty"]) * Fraction(line["each"]) for line in wanted), Fraction(0))
    if off := re.search(r"^Discount on [a-z ]+: (\d+) %$", text, re.MULTILINE):
        total -= total * int(off[1]) / 100
    if tax := re.search(r"^Tax, [a-z ]+: (\d+) %$", text, re.MULTILINE):
        total += total * int(tax[1]) / 100
    if paid := re.search(r"^Paid: ([\d.]+)$", text, re.MULTILINE):
        total = Fraction(paid[1]) - total
    return total


def _explain_unit(scene: Scene, variant: int) -> list[str]:
    (line,) = [line for line in scene["lines"] if line["name"] == scene["item"]]
    total, unit = money(line["qty"] * line["unit"]), money(line["unit"])
    return [
        f"The line of {line['name']} has quantity {line['qty']} and sum {total}.",
        "One piece costs the sum over the quantity.",
        f"{total} / {line['qty']} = {unit}.",
        CHECK[variant].format(f"{line['qty']} x {unit} = {total}, as printed"),
    ]


def _explain_rest(item: Item, variant: int) -> list[str]:
    """The steps after the sum, and a check of the sum from the last line to the first."""
    says, amounts = [], item.program[1].value
    for step in item.program[3:-1]:
        (before,) = (item.program[place].value for place in step.inputs)
        if step.op == "change":
            says.append(
                f"Paid {money(step.args['paid'])}: {money(step.args['paid'])} - {money(before)} = {money(step.value)}."
            )
            continue
        part = abs(before - step.value)
        sign, what = ("-", "Discount") if step.op == "percent_off" else ("+", "Tax")
        says.append(f"{what} of {step.args['by']} % of {money(before)} is {money(part)}.")
        says.append(f"{money(before)} {sign} {money(part)} = {money(step.value)}.")
    again = f"from below {' + '.join(map(money, amounts[::-1]))} = {money(sum(amounts))} for {len(amounts)} lines"
    return [*says, CHECK[variant].format(again)]
