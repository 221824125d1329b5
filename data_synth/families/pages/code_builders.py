"""Programs drawn at random: assignments, loops and conditions around one number that is changed until the end.

They are built so that a constant can be set afterwards to reach any end (`aimed`, `aimed_first`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from data_synth.families.pages.code_program import (
    Event,
    Expression,
    Statement,
    TooLongError,
    number_lines,
    put,
    run,
)
from data_synth.rng import Rng

LINES = ((4, 4), (6, 8), (8, 11), (11, 14), (14, 18))  # of a program, by level
EVENTS = (8, 15, 24, 32, 34)  # most that happens in a run
ROUNDS = (3, 3, 4, 4, 3)  # most of a counted loop; at the last level there are more loops instead
ENDS = ((20, 219), (20, 319), (20, 499), (20, 799), (20, 999))  # range of the number asked for
LARGEST = 2000  # of any number on the way
NAMES = ("s", "t", "p", "q", "m", "n", "w", "score", "total", "points", "level", "steps", "money", "left", "rest")
LISTS = ("a", "data", "row", "nums", "items", "cards")
INDICES = ("i", "j", "k")
EACH = ("v", "u", "d", "e")


@dataclass(frozen=True, slots=True)
class Names:
    """acc: the number that is asked for; other: a second one; items: a list; i, j: of loops; each: its elements."""

    acc: str
    other: str
    items: str
    i: str
    j: str
    each: str


def pick_names(rng: Rng) -> Names:
    acc, other = rng.sample(NAMES, 2)
    i, j = rng.sample(INDICES, 2)
    return Names(acc, other, rng.choice(LISTS), i, j, rng.choice(EACH))


def _change(rng: Rng, acc: str, operand: Expression, sign: str = "") -> Statement:
    """acc = acc + operand"""
    return put(acc, [sign or rng.choice("++-"), acc, operand])


def _scaled(rng: Rng, name: Expression, level: int) -> Expression:
    """The value alone, or times, divided by or modulo a small number."""
    ways = ("", "*") if level < 2 else ("", "", "*", "%", "//")
    way = rng.choice(ways)
    return [way, name, rng.between(2, 5)] if way else name


def _either(rng: Rng, name: str, low: int, high: int, bodies: list[list[Statement]]) -> Statement:
    """if with a test of a number that is mostly in low .. high."""
    divisor = rng.between(2, 3)
    tests = (
        [">", name, rng.between(low, high - 1)],
        ["<", name, rng.between(low + 1, high)],
        ["==", ["%", name, divisor], rng.randrange(divisor)],
    )
    return {"do": "if", "test": rng.choice(tests), "body": bodies[0], "else": bodies[1] if len(bodies) > 1 else []}


def _plain(rng: Rng, names: Names, level: int) -> list[Statement]:
    operand = rng.choice((rng.between(3, 60), _scaled(rng, names.other, level)))
    return [_change(rng, names.acc, operand)]


def _branch(rng: Rng, names: Names, level: int) -> list[Statement]:
    bodies = [_plain(rng, names, level), [_change(rng, names.acc, rng.between(3, 60))]]
    tested = names.acc if level > 1 and rng.chance(0.3) else names.other
    return [_either(rng, tested, 5, 40, bodies)]


def _counted(rng: Rng, names: Names, level: int) -> list[Statement]:
    """for i in range(...), at higher levels with a condition inside."""
    rounds, low = rng.between(2, ROUNDS[level]), rng.between(1, 5) if level and rng.chance(0.5) else 0
    over = [low, low + rounds] if low else [rounds]
    body = [_change(rng, names.acc, _scaled(rng, names.i, level) if rng.chance(0.7) else rng.between(3, 40))]
    if level > 0 and rng.chance(0.6):
        other = [_change(rng, names.acc, rng.between(3, 40))]
        body = [_either(rng, names.i, low, low + rounds - 1, [body, other][: rng.between(1, 2)])]
        body += [_change(rng, names.other, names.i, "+")] if level > 2 and rng.chance(0.5) else []
    return [{"do": "for", "name": names.i, "over": over, "body": body}]


def _listed(rng: Rng, names: Names, level: int) -> list[Statement]:
    """for v in list, with a condition inside, at higher levels also one that leaves the loop."""
    add = _change(rng, names.acc, _scaled(rng, names.each, level))
    if level > 1 and rng.chance(0.35):
        leave: Statement = {"do": "if", "test": [">", names.each, rng.between(14, 24)], "body": [{"do": "break"}]}
        body = [leave, add]
    else:
        other = [_change(rng, names.acc, rng.between(2, 30))]
        body = [_either(rng, names.each, 5, 22, [[add], other][: rng.between(1, 2)])]
    return [{"do": "for", "name": names.each, "over": names.items, "body": body}]


def _until(rng: Rng, names: Names, level: int) -> list[Statement]:
    """while with the second number, which grows to a limit."""
    step, rounds = rng.between(3, 15), rng.between(2, 4)
    test = ["<", names.other, 20 + step * rounds - rng.randrange(step)]
    body = [_change(rng, names.other, step, "+"), _change(rng, names.acc, _scaled(rng, names.other, level))]
    if level > 2 and rng.chance(0.5):
        body[1] = _either(rng, names.other, 20, 20 + step * rounds, [[body[1]]])
    if rng.chance(0.5):
        body.reverse()
    return [{"do": "while", "test": test, "body": body}]


def _place(rng: Rng, names: Names, level: int) -> list[Statement]:
    """Change an element of the list, and use one."""
    to, source = rng.sample(range(3), 2)
    value = rng.choice((["+", ["at", names.items, source], rng.between(2, 9)], names.other))
    store: Statement = {"do": "store", "name": names.items, "place": to, "expression": value}
    used = rng.choice((["at", names.items, to], ["sum", names.items], ["max", names.items], ["min", names.items]))
    return [store, _change(rng, names.acc, used)]


def _append(rng: Rng, names: Names, level: int) -> list[Statement]:
    value = rng.choice((rng.between(2, 20), ["%", names.other, rng.between(5, 9)]))
    used = rng.choice((["sum", names.items], ["*", ["len", names.items], rng.between(3, 9)]))
    append: Statement = {"do": "append", "name": names.items, "expression": value}
    return [append, _change(rng, names.acc, used)]


def _nested(rng: Rng, names: Names, level: int) -> list[Statement]:
    """A loop in a loop; the inner one may depend on the outer one."""
    low = rng.between(1, 3)
    over = rng.choice(([2], [low, low + 2], [names.i]))
    use: Expression = rng.choice((["*", names.i, names.j], ["+", names.i, names.j], names.j))
    inner: Statement = {"do": "for", "name": names.j, "over": over, "body": [_change(rng, names.acc, use, "+")]}
    body = [inner] if rng.chance(0.5) else [inner, _change(rng, names.other, names.i)]
    return [{"do": "for", "name": names.i, "over": [1, 1 + rng.between(2, 3)], "body": body}]


Builder = Callable[[Rng, Names, int], list[Statement]]
BUILDERS: tuple[tuple[Builder, ...], ...] = (
    (_plain, _plain, _plain, _plain, _counted),
    (_plain, _branch, _counted, _listed),
    (_plain, _branch, _counted, _listed, _until, _place),
    (_branch, _counted, _listed, _until, _place, _append),
    (_branch, _branch, _counted, _listed, _until, _place, _append, _nested),
)


def draft(rng: Rng, names: Names, level: int, extra: int) -> list[Statement] | None:
    """A program without its last line, in which `names.acc` begins with 0. None if these draws do not fit.

    extra: how many lines more there will be.
    """
    low, high = LINES[level]
    body: list[Statement] = []
    head, size = _head(rng, names, body), 1 + extra
    for _ in range(12):
        made = [*body, *rng.choice(BUILDERS[level])(rng, names, level)]
        begun = _head(rng, names, made)
        lines = number_lines([*begun, *made]) - 1 + extra
        if lines <= high:
            head, body, size = begun, made, lines
        elif size >= low:
            break
    return [*head, *body] if size >= low else None


def _head(rng: Rng, names: Names, body: list[Statement]) -> list[Statement]:
    """Starting values of what the body uses."""
    used = str(body)
    head = [put(names.acc, 0)]
    if f"'{names.other}'" in used:
        head.append(put(names.other, rng.between(2, 25)))
    if f"'{names.items}'" in used:
        values = ["list", *(rng.between(2, 29) for _ in range(rng.between(3, 4)))]
        head.append({"do": "make", "name": names.items, "expression": values})
    return head


def events_of(code: list[Statement], level: int) -> list[Event] | None:
    """What the program does; None if that is too much or the numbers are too large."""
    number_lines(code)
    try:
        events = run(code, EVENTS[level])
    except TooLongError:
        return None
    numbers = (event.value for event in events if isinstance(event.value, int))
    return events if all(abs(number) <= LARGEST for number in numbers) else None


def _last(events: list[Event], name: str) -> int:
    return next(int(event.value) for event in reversed(events) if event.name == name)


def aimed(rng: Rng, code: list[Statement], acc: str, end: int, level: int, tail: str) -> list[Event] | None:
    """Run the program after its last line was written and a constant set so that it ends with `end`.

    tail: print, or assign for a last line that sets `acc`. The constant is the start where that shifts the end alone,
    as it does unless `acc` decides a test, and else it stands in the last line. None if these draws lead nowhere.
    """
    begin: Statement = code[0]
    events = events_of(code, level)
    if events is None:
        return None
    by = rng.between(2, 99) if tail == "assign" or rng.chance(0.3) else 0
    begin["expression"] = end - by - _last(events, acc)
    if begin["expression"] >= 0:
        code.append(_tail(acc, by, tail))
        events = events_of(code, level)
        if events is None or events[-1].value == end:
            return events
        code.pop()
    begin["expression"] = rng.between(2, 60)
    events = events_of(code, level)
    if events is None or _last(events, acc) == end:
        return None
    code.append(_tail(acc, end - _last(events, acc), tail))
    return events_of(code, level)


def _tail(acc: str, by: int, tail: str) -> Statement:
    value: Expression = [("+" if by > 0 else "-"), acc, abs(by)] if by else acc
    return {"do": "print", "expression": value} if tail == "print" else put(acc, value)


def aimed_first(rng: Rng, code: list[Statement], acc: str, end: int, level: int) -> tuple[list[Event], Event] | None:
    """Run the program, begun such that `acc` first exceeds a limit when it becomes `end`; also returns that event.

    The limit is set by a new first line. None if these draws lead nowhere.
    """
    events = events_of(code, level)
    if events is None:
        return None
    records, highest = [], 0
    for event in [event for event in events if event.name == acc][1:]:
        if event.value > highest:
            records.append((event.value, highest))
            highest = event.value
    if not records:
        return None
    value, before = rng.choice(records)
    start = end - value
    if start < 0:
        return None
    code[0]["expression"] = start
    code.insert(0, put("limit", rng.between(start + before, end - 1)))
    again = events_of(code, level)
    for event in again or ():
        if event.name == acc and event.value > code[0]["expression"]:
            return (again or [], event) if event.value == end else None
    return None
