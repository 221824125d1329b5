"""Matrices of tiles in the manner of Raven: the missing tile is constructed, attribute by attribute.

Every attribute follows a rule of its own. Only one value may complete any of the rules that the question allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import product

from data_synth.answers import Answer
from data_synth.english import enumeration
from data_synth.families.grids.tile_pattern import ATTRIBUTES, SIZE_WORDS, Tile, Value, described, domain, listed
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.style import pick_look
from data_synth.rng import Rng

Table = list[list[Value]]  # values of one attribute, row by row
Place = tuple[int, int]

MOST = (9, 6, 6, 6, 6)  # largest number of shapes in a tile
SIMPLE, ALL = ("same", "set", "step"), ("same", "set", "step", "sum", "difference")
RULES = (("change",), SIMPLE, ALL, ALL, ALL)
CHANGING = ((0, 0), (1, 2), (2, 3), (3, 3), (3, 4))  # attributes with another rule than `same`
STEPS = (-2, -1, 1, 2)
_TRIES = 12

ASK = (
    "Which tile belongs in place of the question mark?",
    "What is missing at the question mark?",
    "Complete the pattern: describe the missing tile.",
    "Find the tile that has to stand where the question mark is.",
    "The question mark hides a tile. What is on it?",
    "Describe what the empty tile must show.",
    "Which tile completes the square of tiles?",
    "One tile is left out. Say what it looks like.",
    "Construct the tile that makes the pattern complete.",
    "How must the last open place be filled?",
    "State what has to be drawn at the question mark.",
)
TOLD = {
    "change": "From left to right both rows change in the same way: the number by the same difference, and colour and "
    "shape not at all or from the same value to the same value.",
    "same": "all three equal",
    "set": "the same three different values in each line, in any order",
    "step": "the number changes by the same step from each tile to the next in all lines",
    "sum": "the third number is the sum of the first two",
    "difference": "the third number is the first one less the second",
}
_SEEN = (
    "I see {}.",
    "The tiles: {}.",
    "Row by row: {}.",
    "The picture shows {}.",
    "What I see: {}.",
    "From left to right: {}.",
)
_WHY = {
    "change": "the row below changes as the one above",
    "same": "all three of a line are equal",
    "set": "each line has the same three",
    "step": "the step is the same everywhere",
    "sum": "the third is the sum of the others",
    "difference": "the third is the first less the second",
}
_SAY = (
    "{0}: {1}. Here {2}, so {3}.",
    "{0} reads {1}; {2}, which leaves {3}.",
    "For the {4} I have {1}: {2}. That gives {3}.",
    "{0}, line by line, is {1}; as {2}, it must be {3}.",
    "The {4} goes {1}. Since {2}, the missing one is {3}.",
    "{0}: {1}; {2}: {3}.",
)
_CHECK = (
    "Check: with it, every line follows its rule.",
    "Put in place, it makes all lines alike in their rules.",
    "No other value completes any of the lines.",
    "With this tile all lines agree with their rules.",
    "Filling it in, I find no line that breaks a rule.",
    "Trying it out, each rule holds in all lines.",
)
_WRONG = "Looking at one line alone is not enough: a rule has to hold in all of them."


def lines_of(table: Table, along: str) -> Table:
    """The rows, or the columns, of a table."""
    return table if along == "rows" else [list(column) for column in zip(*table, strict=True)]


def completed(table: Table, place: Place, rule: str, along: str) -> Value:
    """The value at a place by a rule; what stands there is not looked at."""
    lines, (line, spot) = lines_of(table, along), place if along == "rows" else place[::-1]
    others = [value for n, value in enumerate(lines[line]) if n != spot]
    another = lines[line - 1]
    if rule == "change":
        (a, b), (c, _) = lines
        return c + b - a if isinstance(a, int) and isinstance(b, int) and isinstance(c, int) else c if a == b else b
    if rule == "same":
        return others[0]
    if rule == "set":
        (left,) = [value for value in another if value not in others]
        return left
    first, second = (int(value) for value in others)
    if rule == "step":
        step = int(another[1]) - int(another[0])
        return (first - step, first + step, second + step)[spot]
    if rule == "sum":
        return first + second if spot == 2 else second - first
    return {0: first + second, 1: first - second, 2: first - second}[spot]


OPS: Mapping[str, Op] = {
    "fill number": Op(lambda scene, *, rule, along: _fill(scene, "number", rule, along), (), "integer"),
    "fill": Op(lambda scene, *, attribute, rule, along: _fill(scene, attribute, rule, along), (), "word"),
    "tuple": ARITHMETIC["tuple"],
}


def _fill(scene: Scene, attribute: str, rule: str, along: str) -> Value:
    row, column = scene["missing"]
    return completed(_table(scene, attribute), (row, column), rule, along)


def _table(scene: Scene, attribute: str) -> Table:
    """The values of an attribute; at the missing place any value."""
    return [[tile[attribute] if tile else 0 for tile in row] for row in scene["tiles"]]


def ask(rng: Rng, level: int) -> Parts | None:
    size, missing = (2, (1, 1)) if level == 0 else (3, (2, 2))
    if level >= 3:
        missing = rng.randrange(3), rng.randrange(3)
    follows = _attributes(rng, level)
    rules = _rules(rng, follows, level)
    tables: dict[str, Table] = {}
    for attribute in ATTRIBUTES:
        table = _ruled_table(rng, attribute, rules.get(attribute), missing, level)
        if table is None:
            return None
        tables[attribute] = table
    if level == 0 and all(tables[name][0][0] == tables[name][0][1] for name in follows):
        return None
    if "size" in follows and len(set(_shown(tables["size"], missing))) < 3:
        return None
    tiles: list[list[Tile | None]] = [
        [{name: tables[name][r][c] for name in ATTRIBUTES} for c in range(size)] for r in range(size)
    ]
    tiles[missing[0]][missing[1]] = None
    scene: Scene = {
        "kind": "matrix", "form": f"{size} x {size}", "tiles": tiles, "missing": list(missing),
        "rules": [[name, *rules[name]] for name in follows], "style": pick_look(rng),
    }  # fmt: skip
    program = Program(OPS, scene)
    _execute(program, scene)
    return Parts(
        question=rng.choice(ASK),
        rules=_told(follows, level),
        form=f"({', '.join(follows)})",
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"tiles": size * size, "asked": len(follows)},
        canon=["matrix", tiles, follows],
    )


def _attributes(rng: Rng, level: int) -> tuple[str, ...]:
    """Those that follow rules and are asked for. Size joins at level 3; then one of the four may be noise."""
    if level < 3:
        return "number", "colour", "shape"
    noise = rng.choice(("number", "size")) if level == 4 or rng.chance(0.5) else ""
    return tuple(name for name in ATTRIBUTES if name != noise)


def _rules(rng: Rng, follows: tuple[str, ...], level: int) -> dict[str, tuple[str, str]]:
    """(rule, along rows or columns) of each attribute."""
    if level == 0:
        return {name: ("change", "rows") for name in follows}
    changing = rng.sample(follows, min(len(follows), rng.between(*CHANGING[level])))
    rules = {}
    for name in follows:
        free = [rule for rule in RULES[level] if rule != "same" and (name == "number" or rule == "set")]
        rule = rng.choice(free) if name in changing else "same"
        rules[name] = rule, rng.choice(("rows", "columns")) if level == 4 else "rows"
    return rules


def _ruled_table(rng: Rng, attribute: str, rule: tuple[str, str] | None, missing: Place, level: int) -> Table | None:
    """Values that follow the rule, the missing one drawn first; None if other rules give another missing value.

    rule None: noise from level 3 on, below that a size that is the same everywhere.
    """
    values = domain(attribute, MOST[level])
    if rule is None:
        if level < 3:
            return [["medium"] * 3 for _ in range(3)]
        return [[rng.choice(values) for _ in range(3)] for _ in range(3)]
    target = rng.choice(values)
    if level == 0:
        return _change_table(rng, values, target)
    line, spot = missing if rule[1] == "rows" else missing[::-1]
    for _ in range(_TRIES):
        lines = _lines(rng, rule[0], values, target, line, spot)
        if lines is None:
            return None
        table = lines_of(lines, rule[1])
        if fitting_values(table, missing, attribute, level) == [target]:
            return table
    return None


def _change_table(rng: Rng, values: tuple[Value, ...], target: Value) -> Table:
    """Two rows that change alike, or do not change; the last value is the target."""
    if not isinstance(target, int):
        before = rng.choice(values) if rng.chance(0.5) else target
        if before != target:
            return [[before, target], [before, target]]
        above = rng.choice(values)
        return [[above, above], [target, target]]
    before = int(rng.choice(values)) if rng.chance(0.5) else target
    step = target - before
    above = rng.between(max(1, 1 - step), min(len(values), len(values) - step))
    return [[above, above + step], [before, target]]


@cache
def _triples(rule: str, step: int, most: int) -> tuple[tuple[int, int, int], ...]:
    """All lines of three numbers 1 .. most that follow a rule of numbers, with this step."""
    numbers = range(1, most + 1)
    lines = [(a, b, c) for a, b, c in product(numbers, numbers, numbers)]
    if rule == "step":
        return tuple(line for line in lines if line[1] - line[0] == step == line[2] - line[1])
    if rule == "sum":
        return tuple(line for line in lines if line[0] + line[1] == line[2])
    return tuple(line for line in lines if line[0] - line[1] == line[2])


def _lines(rng: Rng, rule: str, values: tuple[Value, ...], target: Value, line: int, spot: int) -> Table | None:
    """Three lines that follow a rule, the target at a spot of one of them; None if there are none."""
    if rule == "same":
        others = rng.sample([value for value in values if value != target], 2)
        others.insert(line, target)
        return [[value] * 3 for value in others]
    if rule == "set":
        trio = [target, *rng.sample([value for value in values if value != target], 2)]
        lines = []
        for n in range(3):
            rng.shuffle(trio)
            while n == line and trio[spot] != target:
                rng.shuffle(trio)
            lines.append(list(trio))
        return lines
    triples = _triples(rule, rng.choice(STEPS), len(values))
    right = [triple for triple in triples if triple[spot] == target]
    if not right:
        return None
    chosen = rng.sample(triples, 2)
    chosen.insert(line, rng.choice(right))
    return [list(triple) for triple in chosen]


def _shown(table: Table, missing: Place) -> list[Value]:
    return [value for r, row in enumerate(table) for c, value in enumerate(row) if (r, c) != tuple(missing)]


def holds(lines: Table, rule: str) -> bool:
    """Whether a full table of three lines follows a rule."""
    if rule == "same":
        return all(a == b == c for a, b, c in lines)
    if rule == "set":
        return len(set(lines[0])) == 3 and all(set(line) == set(lines[0]) for line in lines)
    numbers = [[int(value) for value in line] for line in lines]
    if rule == "step":
        step = numbers[0][1] - numbers[0][0]
        return step != 0 and all(b - a == step == c - b for a, b, c in numbers)
    if rule == "sum":
        return all(a + b == c for a, b, c in numbers)
    return all(a - b == c for a, b, c in numbers)


def fitting_values(table: Table, missing: Place, attribute: str, level: int) -> list[Value]:
    """Every value that makes the whole table follow one of the rules that the question allows, by trying all."""
    allowed = [rule for rule in RULES[level] if attribute == "number" or rule in ("same", "set")]
    ways = ("rows", "columns") if level == 4 else ("rows",)
    found = []
    most = 2 * MOST[level]  # a sum may be more than tiles here hold; nothing tells a reader how many they can
    for value in range(most + 1) if attribute == "number" else domain(attribute, MOST[level]):
        full = [[value if (r, c) == missing else own for c, own in enumerate(row)] for r, row in enumerate(table)]
        if any(holds(lines_of(full, along), rule) for along in ways for rule in allowed):
            found.append(value)
    return found


def _told(follows: tuple[str, ...], level: int) -> str:
    """The rules as the question states them."""
    if level == 0:
        return TOLD["change"]
    where = "in all rows" if level < 4 else "either in all rows or in all columns"
    names = enumeration(follows)
    rules = "; ".join(TOLD[rule] for rule in RULES[level] if "number" in follows or rule in ("same", "set"))
    noise = "" if level < 3 or len(follows) == 4 else " What is not named follows no rule."
    sizes = f" {SIZE_WORDS}" if "size" in follows else ""
    return f"Each of {names} follows one rule {where}: {rules}.{noise}{sizes}"


def _execute(program: Program, scene: Scene) -> None:
    steps = []
    for attribute, rule, along in scene["rules"]:
        if attribute == "number":
            steps.append(program.do("fill number", rule=rule, along=along))
        else:
            steps.append(program.do("fill", attribute=attribute, rule=rule, along=along))
    program.do("tuple", *steps)


def solve(scene: Scene, level: int) -> tuple[Value, ...]:
    """Try every value of every attribute against every rule that the question allows."""
    found = []
    row, column = scene["missing"]
    for attribute, _, _ in scene["rules"]:
        table = _table(scene, attribute)
        if level == 0:
            values = [value for value in domain(attribute, MOST[0]) if _changes_alike(table[0], [table[1][0], value])]
        else:
            values = fitting_values(table, (row, column), attribute, level)
        (only,) = values
        found.append(only)
    return tuple(found)


def _changes_alike(above: list[Value], below: list[Value]) -> bool:
    if isinstance(above[0], int):
        return int(above[1]) - int(below[1]) == int(above[0]) - int(below[0])
    return above == below or (len(set(above)) == len(set(below)) == 1)


def explain(item: Item, variant: int) -> list[str]:
    scene = item.scene
    follows = tuple(attribute for attribute, _, _ in scene["rules"])
    rows = [[described(tile, follows) if tile else "?" for tile in row] for row in scene["tiles"]]
    says = [_SEEN[variant].format("; ".join(", ".join(row) for row in rows))]
    if variant % 2 and item.level >= 2:
        says.append(_WRONG)
    for (attribute, rule, along), value in zip(scene["rules"], item.answer.value, strict=True):
        table = [[tile[attribute] if tile else None for tile in row] for row in scene["tiles"]]
        lines = table if along == "rows" else list(zip(*table, strict=True))
        shown = "; ".join(listed(list(line)) for line in lines)
        name = attribute if item.level < 4 else f"{attribute} by {along}"
        says.append(_SAY[variant].format(name.capitalize(), shown, _WHY[rule], value, name))
    return [*says, _CHECK[variant]]
