"""Screens with a question: group chats, listings in a terminal, a shopping basket, a booking form.

Each builder draws rows in which the asked number comes out. A row has a `key` (whose it is), `factors` (their product
is what it adds), `text` (how it is written), and counts unless it is `void`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from data_synth.families.pages import screen_words as words
from data_synth.families.pages.products import split_products
from data_synth.program import Scene
from data_synth.render.page import Block, Bubble, Code, Heading, Pairs, Paragraph, Rule, Strip, Style, Table
from data_synth.rng import Rng

Row = dict[str, Any]
Builder = Callable[[Rng, int, int], Scene | None]

ROWS = ((4, 5), (5, 6), (6, 7), (8, 9), (9, 10))  # messages, or lines of a listing
COUNTING = ((2, 2), (2, 3), (3, 3), (3, 4), (4, 4))  # of them
ITEMS = ((2, 3), (3, 3), (4, 4), (5, 6), (6, 7))  # of a basket
GRAIN = (25, 20, 20, 15, 15)  # all prices of a basket are multiples of so many cents
LEAST = 60  # cents, of anything in a basket
LATEST = 600  # minutes between two messages
COLUMNS = 40  # of a question in a terminal


def clock(minutes: int) -> str:
    """Minutes since midnight as 14:05."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _scene(form: str, rows: list[Row], plus: str, **more: Any) -> Scene:
    """plus, minus: whose rows are added and subtracted ("" = everybody's, None = nobody's). start: what the sum is
    subtracted from. extras: (label, amount), amounts signed. scale: 100 for cents.
    """
    fixed: Scene = {"form": form, "rows": rows, "plus": plus, "minus": None, "start": 0, "extras": [], "scale": 1}
    return fixed | more


def _amounts(rng: Rng, total: int, count: int, level: int) -> list[list[int]] | None:
    """Factors of rows with this total: single numbers, from level 2 on also products."""
    parts = rng.split(total, count, 1, total)
    out = []
    for part in parts:
        fits = [factor for factor in range(2, 7) if part % factor == 0 and part // factor >= 2]
        out.append([(factor := rng.choice(fits)), part // factor] if fits and level > 1 and rng.chance(0.5) else [part])
    return out if min(parts) > 1 else None


def _two_sums(rng: Rng, end: int, level: int, more: bool) -> tuple[list[list[int]], list[list[int]]] | None:
    """Factors of the rows that are added, and of those that are subtracted (none unless `more`)."""
    count = rng.between(*COUNTING[level])
    less = rng.between(20, 200) if more else 0
    added = _amounts(rng, end + less, count, level)
    taken = _amounts(rng, less, max(2, count - 1), level) if more else []
    return (added, taken) if added is not None and taken is not None else None


def paid(rng: Rng, end: int, level: int) -> Scene | None:
    """A chat in which people tell what they paid; at higher levels somebody corrects a sum."""
    more = level > 0 and rng.chance(0.5)
    sums = _two_sums(rng, end, level, more)
    if sums is None:
        return None
    a, b, c, asker = rng.sample(words.NAMES, 4)
    things = iter(rng.sample(words.THINGS, 16))
    rows = [_payment(rng, a, factors, next(things)) for factors in sums[0]]
    rows += [_payment(rng, b, factors, next(things)) for factors in sums[1]]
    idle, size = rng.sample(words.IDLE, len(words.IDLE)), rng.between(*ROWS[level])
    while len(rows) < size - (level > 2):
        if rng.chance(0.5):
            rows.append(_payment(rng, c if more else rng.choice((b, c)), [rng.between(5, 90)], next(things)))
        else:
            rows.append({"key": rng.choice((a, b, c)), "factors": [], "text": _idle(rng, idle.pop()), "void": True})
    rng.shuffle(rows)
    if level > 2:
        _correct(rng, rows, a)
    _stamp(rows, [rng.between(1, 14) for _ in rows], rng.between(480, 1200))
    return _scene("paid more" if more else "paid", rows, a, minus=b if more else None, **_asker(rng, asker, rows))


def _idle(rng: Rng, text: str) -> str:
    return text.format(n=rng.between(3, 48))


def _payment(rng: Rng, who: str, factors: list[int], thing: str) -> Row:
    pool = words.PAID if len(factors) == 1 else words.EACH
    text = rng.choice(pool).format(k=factors[0], m=factors[-1], t=thing)
    return {"key": who, "factors": factors, "text": text, "void": False, "thing": thing}


def _correct(rng: Rng, rows: list[Row], who: str) -> None:
    """Some time after a payment of this person comes a message with the right sum; the payment itself is then void."""
    place = rng.choice([n for n, row in enumerate(rows) if row["key"] == who and not row["void"]])
    right = rows[place]
    total = right["factors"][0] * (right["factors"][1] if len(right["factors"]) > 1 else 1)
    wrong = total + rng.choice((-1, 1)) * rng.between(1, max(1, min(total - 2, 20)))
    first = _payment(rng, who, [wrong], right["thing"]) | {"void": True}
    text = rng.choice(words.FIXED).format(t=right["thing"], m=total, o=wrong)
    rows[place] = first
    rows.insert(rng.between(place + 1, len(rows)), right | {"factors": [total], "text": text})


def _stamp(rows: list[Row], gaps: list[int], start: int) -> None:
    """Write the time of each message into its row."""
    for row, gap in zip(rows, gaps, strict=True):
        row["time"] = start
        start += gap


def _asker(rng: Rng, who: str, rows: list[Row]) -> Scene:
    return {"asker": who, "asked_at": rows[-1]["time"] + rng.between(1, 14), "title": rng.choice(words.GROUPS)}


def wait(rng: Rng, end: int, level: int) -> Scene | None:
    """A chat of which the times matter."""
    if end > LATEST:
        return None
    a, b, c, asker = rng.sample(words.NAMES, 4)
    count = rng.between(*ROWS[level])
    first = rng.between(0, (count - 1) // 2)
    last = rng.between(max(first + 2, count // 2), count - 1)
    senders = [rng.choice((b, c)) for _ in range(first)] + [a]
    senders += [rng.choice((a, b, c)) for _ in range(last - first - 1)] + [b]
    senders += [rng.choice((a, c)) for _ in range(count - last - 1)]
    texts = rng.sample(words.IDLE, count)
    rows: list[Row] = [
        {"key": who, "factors": [], "text": _idle(rng, text), "void": True}
        for who, text in zip(senders, texts, strict=True)
    ]
    gaps = [rng.between(1, 30) for _ in rows]
    gaps[first:last] = rng.split(end, last - first, 1, end)
    _stamp(rows, gaps, rng.between(300, 420))
    return _scene("wait", rows, a, minus=b, **_asker(rng, asker, rows))


def disk(rng: Rng, end: int, level: int) -> Scene | None:
    """Files in a terminal."""
    form = rng.choice(("disk", "disk", "disk more", "disk rest")[: 2 + min(level, 2)])
    a, *others = rng.sample(words.ENDINGS, 4)
    stems, size = iter(rng.sample(words.STEMS, len(words.STEMS))), rng.between(*ROWS[level]) + level // 2
    if form == "disk rest":
        sizes = [rng.between(4, 160) for _ in range(size - 2)]
        rows = [_file(rng.choice((a, *others)), amount, next(stems)) for amount in sizes]
        return _scene(form, rows, "", start=end + sum(sizes), title="files")
    sums = _two_sums(rng, end, 0 if level < 3 else 1, form == "disk more")
    if sums is None:
        return None
    rows = [_file(a, factors[0], next(stems)) for factors in sums[0]]
    rows += [_file(others[0], factors[0], next(stems)) for factors in sums[1]]
    most = max(row["factors"][0] for row in rows)
    while len(rows) < size:
        rows.append(_file(rng.choice(others[form == "disk more" :]), rng.between(2, max(9, most)), next(stems)))
    rng.shuffle(rows)
    return _scene(form, rows, a, minus=others[0] if form == "disk more" else None, title="files")


def _file(ending: str, size: int, stem: str) -> Row:
    return {"key": ending, "factors": [size], "text": f"{size:>6}  {stem}.{ending}", "void": False}


def jobs(rng: Rng, end: int, level: int) -> Scene | None:
    """Who runs what in a terminal, how often and how long."""
    more = level > 1 and rng.chance(0.5)
    less = rng.between(20, 200) if more else 0
    count = rng.between(*COUNTING[level])
    runs = range(1, 4) if level == 0 else range(2, 8)
    added = split_products(rng, end + less, count, runs)
    taken = split_products(rng, less, max(2, count - 2), runs) if more else []
    if added is None or taken is None:
        return None
    a, b, *others = rng.sample(words.USERS, 4)
    tasks = iter(rng.sample(words.TASKS, len(words.TASKS)))
    rows = [_job(a, pair, next(tasks)) for pair in added] + [_job(b, pair, next(tasks)) for pair in taken]
    most = max(row["factors"][1] for row in rows)
    size = rng.between(*ROWS[level])
    while len(rows) < size:
        pair = rng.choice(runs), rng.between(2, max(9, most))
        rows.append(_job(rng.choice(others if more else [b, *others]), pair, next(tasks)))
    rng.shuffle(rows)
    return _scene("jobs more" if more else "jobs", rows, a, minus=b if more else None, title="jobs")


def _job(user: str, pair: tuple[int, int], task: str) -> Row:
    text = f"{user:<7}{task:<8}{pair[0]:>4}{pair[1]:>9}"
    return {"key": user, "factors": list(pair), "text": text, "void": False}


def cart(rng: Rng, end: int, level: int) -> Scene | None:
    """A shopping basket, at higher levels with delivery and vouchers."""
    grain = GRAIN[level]
    signs = (("Delivery", 1), ("Voucher", -1), ("Gift wrap", 1))[:level]
    extras = [(label, sign * grain * rng.between(9, 40)) for label, sign in signs]
    total = (end + 40 * level) * grain
    if total % 100 == 0:  # so few whole amounts would stand out among the others
        return None
    base = total - sum(amount for _, amount in extras)
    factors = range(1, 4) if level == 0 else range(1, 7)
    pairs = split_products(rng, base // grain, rng.between(*ITEMS[level]), factors, LEAST // grain)
    if pairs is None:
        return None
    rows = [
        {"key": good, "factors": [qty, unit * grain], "text": f"{good} | {qty} | {euros(unit * grain)}", "void": False}
        for good, (qty, unit) in zip(rng.sample(words.GOODS, len(pairs)), pairs, strict=True)
    ]
    return _scene("cart", rows, "", extras=extras, scale=100, title=rng.choice(words.SHOPS))


def stay(rng: Rng, end: int, level: int) -> Scene | None:
    """A form for a room: nights, guests, prices for each and night, a fee, and what is paid already."""
    nights = rng.between(2, 5 + level) if level else 1
    prepaid = rng.between(20, 150) if level > 2 else 0
    fee = (end + prepaid) % nights + nights * rng.between(3, 30 // nights) if level > 1 else 0
    base = end + prepaid - fee
    count = (2, 2, 3, 3, 4)[level]
    pairs = split_products(rng, base // nights, count, range(1, 9), 3) if base > 0 and base % nights == 0 else None
    if pairs is None:
        return None
    guests = sorted(rng.sample(words.GUESTS, count), key=words.GUESTS.index)
    rows = [
        {"key": guest, "factors": [nights, *pair] if nights > 1 else list(pair), "void": False,
         "text": f"{guest}: {pair[0]}\n{guest}, price each{' per night' if nights > 1 else ''}: {pair[1]}"}
        for guest, pair in zip(guests, pairs, strict=True)
    ]  # fmt: skip
    extras = [("Cleaning, once", fee)] if fee else []
    extras += [("Paid already", -prepaid)] if prepaid else []
    return _scene("stay", rows, "", extras=extras, nights=nights, title=rng.choice(words.STAYS))


KINDS: dict[str, tuple[str, Builder]] = {  # frame, builder
    "paid": ("chat", paid),
    "wait": ("chat", wait),
    "disk": ("terminal", disk),
    "jobs": ("terminal", jobs),
    "cart": ("browser", cart),
    "stay": ("app", stay),
}


@dataclass(frozen=True, slots=True)
class _Message:
    """A bubble in letters as large as other text: chats are long, and a long page is drawn at the smallest scale."""

    bubble: Bubble

    def strips(self, style: Style, width: int) -> list[Strip]:
        return self.bubble.strips(replace(style, letter=style.letter + 1), width)


def lines_of(scene: Scene) -> list[str]:
    """Everything on the screen but the question, in words, a line each."""
    rows = scene["rows"]
    match scene["kind"]:
        case "paid" | "wait":
            return [f"{row['key']} {clock(row['time'])}: {row['text']}" for row in rows]
        case "disk":
            quota = ["$ quota", f"{scene['start']:>6}  MB", "$ du -m"] if scene["start"] else ["$ du -m"]
            return [*quota, *(row["text"] for row in rows)]
        case "jobs":
            return [
                "$ jobs --by-user",
                f"{'USER':<7}{'TASK':<8}{'RUNS':>4}{'SEC/RUN':>9}",
                *(row["text"] for row in rows),
            ]
        case "cart":
            extras = [f"{label}: {'-' if cents < 0 else ''}{euros(abs(cents))}" for label, cents in scene["extras"]]
            return ["Item | Qty | Each", *(row["text"] for row in rows), *extras]
        case _:
            nights = [f"Nights: {scene['nights']}"] if scene["nights"] > 1 else []
            extras = [f"{label}: {abs(amount)}" for label, amount in scene["extras"]]
            return [*nights, *(line for row in rows for line in row["text"].split("\n")), *extras]


def question_lines(scene: Scene) -> list[str]:
    """The question as the screen has it."""
    if scene["kind"] in ("paid", "wait"):
        return [f"{scene['asker']} {clock(scene['asked_at'])}: {scene['ask']}"]
    if KINDS[scene["kind"]][0] == "terminal":
        return textwrap.wrap(scene["ask"], COLUMNS, initial_indent="> ", subsequent_indent="  ")
    return [scene["ask"]]


def blocks_of(scene: Scene) -> list[Block]:
    """The screen as blocks, its question among them."""
    kind, lines = scene["kind"], lines_of(scene)
    if kind in ("paid", "wait"):
        said = [_Message(Bubble(row["text"], who=f"{row['key']} {clock(row['time'])}")) for row in scene["rows"]]
        asked = Bubble(scene["ask"], mine=True, who=f"{scene['asker']} {clock(scene['asked_at'])}")
        return [*said, _Message(asked)]
    if KINDS[kind][0] == "terminal":
        return [Code("\n".join([*lines, *question_lines(scene)]), language="shell", first=0)]
    pairs = [line.rsplit(": ", 1) for line in lines if ": " in line]
    fields = Pairs([(label, text) for label, text in pairs], letter=16, dots=kind == "stay", inset=9 * (kind == "cart"))
    ask: list[Block] = [Rule(), Paragraph(scene["ask"], bold=True, tag="question")]
    if kind == "stay":
        return [fields, *ask]
    table = Table([line.split(" | ") for line in lines if " | " in line], "lrr", letter=16)
    return [Heading(scene["title"], 2), table, *([fields] if pairs else []), *ask]
