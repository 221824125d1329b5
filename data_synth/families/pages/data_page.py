"""Structured data: look up records in JSON, CSV, YAML or a log, filter them, and aggregate.

The result is drawn first and split over the records that count; it stands nowhere in the data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from data_synth.answers import Answer
from data_synth.families.pages.data_formats import FORMATS, NESTED, Record, as_text, cells, columns, read_text, shown
from data_synth.families.pages.data_words import ASK, LISTED, LOG, MATCH, PLAN, RATED, SEEN, SLIP, THEMES
from data_synth.families.pages.products import split_products
from data_synth.families.pages.trace_words import ASKED, CHECK, duration
from data_synth.item import Item, Parts
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.page import Block, Code, page, pick_style, style_of
from data_synth.rng import Rng

FORMS = (
    ("sum", "mean", "gap"),
    ("sum", "mean", "gap", "cost"),
    ("cost", "difference", "above", "mean"),
    ("cost", "difference", "above", "join"),
    ("cost", "difference", "above", "join"),
)
RECORDS = ((4, 5), (5, 6), (7, 8), (9, 10), (11, 12))
MATCHING = ((2, 2), (2, 3), (3, 4), (3, 5), (4, 5))  # records that count
RESULTS = ((20, 219), (20, 319), (30, 499), (40, 799), (50, 999))  # in grains
GRAIN = (25, 10, 10, 5, 5)  # cents, of money
MOST = 9  # of the other number of a record
BEFORE, WITHIN = 40, 240  # longest gaps between two entries of a log, seconds

_KIND = {"json": "a JSON text", "csv": "a CSV file", "yaml": "a YAML file", "log": "a log"}


def _select(scene: Scene, *, group: str) -> list[int]:
    return [place for place, row in enumerate(scene["rows"]) if group in ("", row["group"])]


def _above(scene: Scene, rows: list[int], *, limit: int) -> list[int]:
    return [place for place in rows if scene["rows"][place]["factor"] > limit]


def _amounts(scene: Scene, rows: list[int], *, times: str) -> list[int]:
    """The amounts, or their products with the other number or with the rate of the group."""
    held = [scene["rows"][place] for place in rows]
    return [row["amount"] * _times(scene, row, times) for row in held]


def _times(scene: Scene, row: Record, times: str) -> int:
    return {"": 1, "factor": row["factor"], "rate": scene["rates"].get(row["group"], 0)}[times]


def _span(scene: Scene, rows: list[int]) -> list[int]:
    """Minutes and seconds from the first to the last of the rows."""
    return list(divmod(scene["rows"][rows[-1]]["time"] - scene["rows"][rows[0]]["time"], 60))


class DataPage:
    """Query a small set of data."""

    name = "data_page"
    modalities = ("text", "rendered")
    ops: Mapping[str, Op] = {
        "select": Op(_select, (), "rows"),
        "above": Op(_above, ("rows",), "rows"),
        "amounts": Op(_amounts, ("rows",), "integers"),
        "sum": Op(lambda scene, amounts: sum(amounts), ("integers",), "integer"),
        "mean": Op(lambda scene, total, amounts: total // len(amounts), ("integer", "integers"), "integer"),
        "largest": Op(lambda scene, amounts: max(amounts), ("integers",), "integer"),
        "smallest": Op(lambda scene, amounts: min(amounts), ("integers",), "integer"),
        "subtract": Op(lambda scene, a, b: a - b, ("integer", "integer"), "integer"),
        "span": Op(_span, ("rows",), "span"),
        "seconds": Op(lambda scene, span: 60 * span[0] + span[1], ("span",), "integer"),
        "money": Op(lambda scene, cents: cents / 100 if cents % 100 else cents // 100, ("integer",), "decimal"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form, kind = rng.choice(FORMS[level]), rng.choice(FORMATS)
        if kind == "log" and form in ("gap", "join", "mean"):
            form = "elapsed"
        theme = LOG if kind == "log" else rng.choice(THEMES)
        fields = {part: getattr(theme, part) for part in ("records", "name", "group", "amount")}
        fields["factor"] = theme.factor if form == "cost" else theme.beside
        scene: Scene = {"form": form, "format": kind, "fields": fields, "scale": theme.scale, "rates": {}}
        scene["factored"] = level > 0 or form in ("cost", "above", "join")
        groups = rng.sample(theme.groups, min(len(theme.groups), 2 + (level + 1) // 2))
        scene |= {"group": "" if form == "join" else groups[0], "other": groups[1], "limit": rng.between(3, 6)}
        result = rng.between(*RESULTS[level]) * (GRAIN[level] if theme.scale > 1 else 1)
        if theme.scale > 1 and result % theme.scale == 0:  # so few whole amounts would stand out among the others
            return None
        rows = _rows(rng, scene, level, groups, result)
        if rows is None:
            return None
        _name(rng, rows, theme.names, kind)
        scene |= {"rows": rows, "style": pick_style(rng)}
        text = as_text(scene)
        if shown(result, theme.scale) in re.findall(r"\d+(?:\.\d+)?", text):
            return None
        program = _run(Program(self.ops, scene))
        question = _question(rng, scene)
        return Parts(
            question=f"{text}\n{question}",
            rules="",
            form="amount" if theme.scale > 1 else "n",
            answer=Answer("decimal" if theme.scale > 1 else "integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"records": len(rows), "fields": len(columns(scene))},
            canon=[form, text, scene["group"], scene["other"], scene["limit"]],
            shown=question,
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        title = f"{item.scene['fields']['records']}.{item.scene['format']}"
        return [page(self.blocks(item, size), style_of(item.scene), size, frame="editor", title=title, grow=True)]

    def blocks(self, item: Item, size: int) -> list[Block]:
        return [Code(as_text(item.scene), language=item.scene["format"], first=0)]

    def solve_again(self, item: Item) -> float:
        found = solve_text(as_text(item.scene), item.scene)
        return int(found) if found.denominator == 1 else float(found)

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, steps = item.scene, item.program
        says = [SEEN[variant].format(_KIND[scene["format"]], len(scene["rows"]), scene["fields"]["records"])]
        says.append(LISTED[variant].format("; ".join(_told(scene, row) for row in scene["rows"])))
        if scene["rates"]:
            says.append(RATED[variant].format(", ".join(f"{group} {rate}" for group, rate in scene["rates"].items())))
        says += [ASKED[variant].format(item.shown), PLAN[variant].format(scene["fields"]["records"], _condition(scene))]
        if item.level >= 2 and variant % 2:
            says += _slip(scene, variant // 2)
        worked = {"elapsed": _explain_span, "gap": _explain_gap}.get(scene["form"], _explain_sums)
        return [*says, *worked(scene, list(steps), variant)]


def _rows(rng: Rng, scene: Scene, level: int, groups: list[str], result: int) -> list[Record] | None:
    """The records, in which the asked result comes out; None if these draws lead nowhere."""
    form, count = scene["form"], rng.between(*MATCHING[level])
    grain = GRAIN[level] if scene["scale"] > 1 else 1
    if form == "join":
        scene["rates"] = dict(zip(groups, rng.sample(range(2, 8), len(groups)), strict=True))
    pairs = _counting(rng, scene, count, result // grain)
    if pairs is None:
        return None
    rows = [_row(rng, scene, factor, amount * grain) for factor, amount in pairs]
    amounts = [row["amount"] // grain for row in rows]
    low, high = max(1, min(amounts) // 2), max(max(amounts), 10)
    if form == "difference":
        less = [rng.between(low, high) for _ in range(count)]
        rows = [
            _row(rng, scene, 1, amount * grain) for amount in rng.split(result // grain + sum(less), count, 1, 5000)
        ]
        rows += [_row(rng, scene, 1, amount * grain) | {"group": groups[1]} for amount in less]
    size = rng.between(*RECORDS[level])
    while len(rows) < size:
        row = _row(rng, scene, 1, rng.between(low, high) * grain, counts=False)
        if form != "join":
            near = form == "above" and rng.chance(0.5)
            row["group"] = groups[0] if near else rng.choice(groups[2 if form == "difference" else 1 :] or groups[1:])
            row["factor"] = rng.between(1, scene["limit"] if near else MOST)
        rows.append(row)
    rng.shuffle(rows)
    return _timed(rng, scene, rows, result)


def _counting(rng: Rng, scene: Scene, count: int, result: int) -> list[tuple[int, int]] | None:
    """(factor or rate, amount) of the records that count."""
    form = scene["form"]
    if form == "cost":
        return split_products(rng, result, count, range(2, 7))
    if form == "join":
        return split_products(rng, result, count, list(scene["rates"].values()))
    if form == "gap":
        low = rng.between(3, 150)
        between = [rng.between(low, low + result) for _ in range(count - 1)]
        return [(1, amount) for amount in (low, low + result, *between)]
    total = result * count if form == "mean" else rng.between(60, 400) if form in ("elapsed", "difference") else result
    return [(1, amount) for amount in rng.split(total, count, max(1, total // count // 6), 2 * total // count)]


def _row(rng: Rng, scene: Scene, factor: int, amount: int, counts: bool = True) -> Record:
    """A record that counts, or that a join leaves out."""
    row: Record = {"group": scene["group"], "factor": rng.between(1, MOST), "amount": amount}
    if scene["form"] == "cost" and counts:
        row["factor"] = factor
    if scene["form"] == "join":
        groups = {rate: group for group, rate in scene["rates"].items()}
        row["group"] = groups[factor] if counts else rng.choice(list(scene["rates"]))
    if scene["form"] in ("above", "join"):
        low, high = (scene["limit"] + 1, MOST) if counts else (1, scene["limit"])
        row["factor"] = rng.between(low, high)
    return row


def _name(rng: Rng, rows: list[Record], names: tuple[str, ...], kind: str) -> None:
    """Names for the records: different ones, but for the services of a log."""
    chosen = [rng.choice(names) for _ in rows] if kind == "log" else rng.sample(names, len(rows))
    for row, name in zip(rows, chosen, strict=True):
        row["name"] = name


def _timed(rng: Rng, scene: Scene, rows: list[Record], result: int) -> list[Record]:
    """The rows, those of a log with rising times; nested YAML has them in the order of their groups."""
    if scene["format"] == "yaml" and len(rows) >= NESTED:
        order = list(dict.fromkeys(row["group"] for row in rows))
        return sorted(rows, key=lambda row: order.index(row["group"]))
    if scene["format"] != "log":
        return rows
    gaps = [rng.between(1, BEFORE) for _ in rows]
    if scene["form"] == "elapsed":
        ours = [place for place, row in enumerate(rows) if row["group"] == scene["group"]]
        gaps[ours[0] + 1 : ours[-1] + 1] = rng.split(result, ours[-1] - ours[0], 1, result)
    time = 3600 * rng.between(6, 20) + rng.between(0, 3599)
    for row, gap in zip(rows, gaps, strict=True):
        time += gap
        row["time"] = time
    return rows


def _question(rng: Rng, scene: Scene) -> str:
    fields = scene["fields"]
    field = "" if scene["form"] == "elapsed" else f"{fields['group']} "
    group, other = (f"{field}{scene[which]}" for which in ("group", "other"))
    words = {"r": fields["records"], "a": fields["amount"], "f": fields["factor"], "k": fields["group"]}
    return rng.choice(ASK[scene["form"]]).format(g=group, h=other, n=scene["limit"], **words)


def _run(program: Program) -> Program:
    scene, form = program.scene, program.scene["form"]
    rows = program.do("select", group=scene["group"])
    if form in ("above", "join"):
        rows = program.do("above", rows, limit=scene["limit"])
    if form == "elapsed":
        program.do("seconds", program.do("span", rows))
        return program
    amounts = program.do("amounts", rows, times={"cost": "factor", "join": "rate"}.get(form, ""))
    if form == "gap":
        here = program.do("subtract", program.do("largest", amounts), program.do("smallest", amounts))
    else:
        here = program.do("sum", amounts)
    if form == "mean":
        here = program.do("mean", here, amounts)
    if form == "difference":
        less = program.do("sum", program.do("amounts", program.do("select", group=scene["other"]), times=""))
        here = program.do("subtract", here, less)
    if scene["scale"] > 1:
        program.do("money", here)
    return program


def solve_text(text: str, asked: Mapping[str, Any]) -> Fraction:
    """The result from the printed data. asked: form, format, fields, group, other and limit."""
    fields, rows, rates = asked["fields"], *read_text(text, asked["format"])
    totals: dict[str, list[Fraction]] = {}
    for row in rows:
        group = str(row.get(fields["group"], row.get("group")))
        amount, factor = Fraction(row[fields["amount"]]), row.get(fields["factor"], Fraction(0))
        if asked["form"] in ("above", "join") and factor <= asked["limit"]:
            continue
        worth = {"cost": factor, "join": Fraction(rates.get(group, 0))}.get(asked["form"], Fraction(1)) * amount
        totals.setdefault(group, []).append(Fraction(row["time"]) if asked["form"] == "elapsed" else worth)
    ours = totals.get(asked["group"], [])
    match asked["form"]:
        case "join":
            return sum((sum(values, Fraction(0)) for values in totals.values()), Fraction(0))
        case "gap" | "elapsed":
            return sorted(ours)[-1] - sorted(ours)[0]
        case "mean":
            return sum(ours, Fraction(0)) / len(ours)
        case "difference":
            return sum(ours, Fraction(0)) - sum(totals[asked["other"]], Fraction(0))
        case _:
            return sum(ours, Fraction(0))


def _told(scene: Scene, row: Record) -> str:
    clock = f"{row['time'] // 3600:02d}:{row['time'] // 60 % 60:02d}:{row['time'] % 60:02d} " if "time" in row else ""
    return clock + " ".join(cells(scene, row))


def _condition(scene: Scene) -> str:
    """What a record needs to count."""
    fields, form = scene["fields"], scene["form"]
    groups = [scene["group"], *([scene["other"]] if form == "difference" else [])] if form != "join" else []
    among = " or ".join(f"{fields['group']} {group}" for group in groups)
    above = f"{fields['factor']} above {scene['limit']}" if form in ("above", "join") else ""
    return " and ".join(part for part in (among, above) if part)


def _slip(scene: Scene, wording: int) -> list[str]:
    """A record that does not count, for a reason that is easily missed."""
    for row in scene["rows"]:
        if scene["form"] in ("above", "join") and scene["group"] in ("", row["group"]):
            if row["factor"] <= scene["limit"]:
                why = f"{scene['fields']['factor']} is only {row['factor']}"
                return [SLIP[wording].format(row["name"], why)]
        elif row["group"] not in (scene["group"], scene["other"] if scene["form"] == "difference" else ""):
            return [SLIP[wording].format(row["name"], f"{scene['fields']['group']} is {row['group']}")]
    return []


def _explain_sums(scene: Scene, steps: list[Any], variant: int) -> list[str]:
    """Every sum of amounts, and what is then done with them."""
    says: list[str] = []
    rows: list[int] = []
    total = 0
    for step in steps:
        match step.op:
            case "select" | "above":
                rows = step.value
            case "amounts":
                chosen = [scene["rows"][place] for place in rows]
                says += _terms(scene, chosen, step, variant)
            case "sum":
                amounts = steps[step.inputs[0]].value
                said = [shown(amount, scene["scale"]) for amount in amounts]
                total = step.value
                says.append(f"{' + '.join(said)} = {shown(total, scene['scale'])}.")
                last = (
                    f"from the end, {' + '.join(said[::-1])} = {shown(total, scene['scale'])} for {len(said)} records"
                )
            case "mean":
                count = len(amounts)
                mean = shown(step.value, scene["scale"])
                says.append(f"There are {count}: {shown(total, scene['scale'])} / {count} = {mean}.")
                last = f"{count} x {mean} = {shown(total, scene['scale'])}"
            case "subtract":
                a, b, rest = (shown(v, scene["scale"]) for v in (*(steps[n].value for n in step.inputs), step.value))
                says.append(f"{a} - {b} = {rest}.")
                last = f"{b} + {rest} = {a}"
    return [*says, CHECK[variant].format(last)]


def _terms(scene: Scene, rows: list[Record], step: Any, variant: int) -> list[str]:
    """Which records count, with their products if there are any."""
    field, times = scene["fields"]["amount"], step.args["times"]
    if not times:
        said = ", ".join(f"{row['name']} ({field} {shown(row['amount'], scene['scale'])})" for row in rows)
        return [MATCH[variant].format(said)]
    says = [MATCH[variant].format(", ".join(row["name"] for row in rows))]
    for row, product in zip(rows, step.value, strict=True):
        number, amount = _times(scene, row, times), shown(row["amount"], scene["scale"])
        says.append(f"{row['name']}: {number} x {amount} = {shown(product, scene['scale'])}.")
    return says


def _explain_gap(scene: Scene, steps: list[Any], variant: int) -> list[str]:
    rows = [scene["rows"][place] for place in steps[0].value]
    low, high, gap = (shown(steps[n].value, scene["scale"]) for n in (3, 2, 4))
    says = [
        *_terms(scene, rows, steps[1], variant),
        f"The largest is {high}, the smallest {low}.",
        f"{high} - {low} = {gap}.",
    ]
    return [*says, CHECK[variant].format(f"{low} + {gap} = {high}")]


def _explain_span(scene: Scene, steps: list[Any], variant: int) -> list[str]:
    rows, (minutes, seconds), result = steps[0].value, steps[1].value, steps[2].value
    first, last = (_told(scene, scene["rows"][rows[place]]).split()[0] for place in (0, -1))
    says = [MATCH[variant].format(", ".join(_told(scene, scene["rows"][place]).split()[0] for place in rows))]
    later = duration((minutes, "minute"), (seconds, "second"))
    says.append(f"The first is at {first} and the last at {last}, {later} later.")
    says.append(f"{minutes} x 60 + {seconds} = {result}.")
    return [*says, CHECK[variant].format(f"{result} seconds after {first} it is {last}")]
