"""A grid of tiles in which colour, shape and size follow patterns, and one tile breaks one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product

from data_synth.answers import Answer
from data_synth.families.grids.tile_pattern import Value, domain, listed
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.style import pick_look
from data_synth.rng import Rng

Table = list[list[Value]]
Place = tuple[int, int]

ROWS, COLUMNS = 6, 7
LOOKS = ("colour", "shape", "size")
# Which line of a pattern a place lies on.
LINES = {
    "rows": lambda row, column: row,
    "columns": lambda row, column: column,
    "rising diagonals": lambda row, column: row + column,
    "falling diagonals": lambda row, column: column - row + ROWS - 1,
}
ALLOWED = (("rows",), ("rows", "columns")) + (tuple(LINES),) * 3
PERIODS = (0, 0, 2, 3, 3)  # of diagonals, longest

ASK = (
    "Which tile breaks a pattern, and in which attribute?",
    "One tile does not fit. Where is it, and what is wrong with it?",
    "Find the odd tile and the attribute in which it is odd.",
    "Where is the tile that violates a pattern, and which attribute does?",
    "Exactly one tile is wrong. Give its place and the attribute.",
    "Name the place of the tile that does not belong, and say which attribute is wrong.",
    "Spot the mistake: in which row and column is it, and which attribute is affected?",
    "Say which tile is the exception, and by which attribute.",
)
_SEEN = (
    "I see {}.",
    "The picture shows {}.",
    "There are {}.",
    "What I see: {}.",
    "I look at {}.",
    "Given: {}.",
)
_SAY = (
    "The {0} is equal along {1}: {2}.",
    "Along {1} the {0} stays the same: {2}.",
    "For the {0} I find {1} equal: {2}.",
    "{1} share their {0}: {2}.",
    "Reading {1}, the {0} is {2}.",
    "By {1}, the {0} goes {2}.",
)
_ODD = (
    "Only the tile in row {0}, column {1} differs: its {2} is {3} and not {4}.",
    "In row {0}, column {1} the {2} should be {4}, but it is {3}.",
    "The exception is in row {0}, column {1}: {3} instead of {4} as {2}.",
    "Row {0}, column {1} breaks this, with the {2} {3} where {4} is due.",
    "At row {0}, column {1} stands the {2} {3} in place of {4}.",
    "What does not fit is row {0}, column {1}: {2} {3}, expected {4}.",
)
_CHECK = (
    "Check: all other tiles keep to the patterns.",
    "Mended there, every pattern holds everywhere.",
    "No other tile breaks anything.",
    "With that one put right, nothing is left to mend.",
    "All the rest agrees with the patterns.",
    "The others fit, so this is the only one.",
)
_WRONG = "That a tile looks different from its neighbours means nothing: it must differ along the line of its pattern."


def broken_lines(table: Table, along: str) -> list[list[Place]]:
    """The lines whose values are not all equal."""
    lines: dict[int, list[Place]] = {}
    for place in product(range(ROWS), range(COLUMNS)):
        lines.setdefault(LINES[along](*place), []).append(place)
    return [line for line in lines.values() if len({table[r][c] for r, c in line}) > 1]


def mends(table: Table, along: str) -> list[Place]:
    """The places where one change makes every line equal, if one line is broken; else none."""
    broken = broken_lines(table, along)
    if len(broken) != 1:
        return []
    return [place for place in broken[0] if len({table[r][c] for r, c in broken[0] if (r, c) != place}) == 1]


OPS: Mapping[str, Op] = {
    "odd": Op(lambda scene, *, look, along: [n + 1 for n in mends(scene["looks"][look], along)[0]], (), "place"),
    "name": Op(lambda scene, place, *, look: [*place, look], ("place",), "tuple"),
    "tuple": ARITHMETIC["tuple"],
}


def ask(rng: Rng, level: int) -> Parts | None:
    noise = rng.choice(LOOKS) if level == 4 else ""
    follows = [look for look in LOOKS if look != noise]
    odd = rng.choice(follows)
    ways = rng.sample(ALLOWED[level], 3) if level >= 2 else [rng.choice(ALLOWED[level]) for _ in LOOKS]
    along = dict(zip(follows, ways, strict=False))
    if level >= 2 and not any("diagonals" in way for way in along.values()):
        return None
    place = rng.randrange(ROWS), rng.randrange(COLUMNS)
    looks = {look: _table(rng, look, along.get(look, ""), level) for look in LOOKS}
    right = looks[odd][place[0]][place[1]]
    looks[odd][place[0]][place[1]] = rng.choice([value for value in domain(odd, 0) if value != right])
    if not _only(looks, odd, place, noise, level):
        return None
    scene: Scene = {
        "kind": "odd", "form": "odd", "looks": looks, "along": along, "odd": odd, "right": right,
        "style": pick_look(rng),
    }  # fmt: skip
    program = Program(OPS, scene)
    program.do("name", program.do("odd", look=odd, along=along[odd]), look=odd)
    return Parts(
        question=rng.choice(ASK),
        rules=_told(level),
        form="(row, column, attribute)",
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"tiles": ROWS * COLUMNS, "patterns": len(along)},
        canon=["odd", looks],
    )


def _table(rng: Rng, look: str, along: str, level: int) -> Table:
    """Values that are equal along lines; along diagonals they repeat with a short period. No pattern: any values."""
    pool = domain(look, 0)
    if not along:
        return [[rng.choice(pool) for _ in range(COLUMNS)] for _ in range(ROWS)]
    if "diagonals" in along:
        cycle: list[Value] = list(rng.sample(pool, rng.between(2, PERIODS[level])))
    else:
        cycle = [rng.choice(pool) for _ in range(ROWS + COLUMNS)]
    line = LINES[along]
    return [[cycle[line(row, column) % len(cycle)] for column in range(COLUMNS)] for row in range(ROWS)]


def _only(looks: dict[str, Table], odd: str, place: Place, noise: str, level: int) -> bool:
    """Whether one change alone mends the broken attribute, whatever it is held against, and none the noise."""
    ways = ALLOWED[level]
    if not all(broken_lines(looks[odd], along) for along in ways):
        return False
    if {mend for along in ways for mend in mends(looks[odd], along)} != {place}:
        return False
    return not noise or all(len(broken_lines(looks[noise], along)) > 3 for along in ways)


def _told(level: int) -> str:
    ways = {0: "in every row", 1: "in every row or in every column"}.get(
        level, "in every row, in every column, or along all diagonals of one direction"
    )
    looks = (
        "Two of colour, shape and size, not the third, are each" if level == 4 else "Colour, shape and size are each"
    )
    return f"{looks} equal {ways}, but for one tile that breaks one of these patterns. Rows count from the top."


def solve(scene: Scene, level: int) -> tuple[Value, ...]:
    """Try to mend each tile with a value of its neighbours: only one change may make a pattern perfect."""
    found = []
    for look in LOOKS:
        table = scene["looks"][look]
        if any(_perfect(table, along) for along in ALLOWED[level]):
            continue
        for row, column in product(range(ROWS), range(COLUMNS)):
            own = table[row][column]
            near = {table[(row + a) % ROWS][(column + b) % COLUMNS] for a, b in product((-1, 0, 1), repeat=2)} - {own}
            for value in sorted(map(str, near)):
                changed = [list(line) for line in table]
                changed[row][column] = value
                if any(_perfect(changed, along) for along in ALLOWED[level]):
                    found.append((row + 1, column + 1, look))
    (only,) = set(found)
    return only


def _perfect(table: Table, along: str) -> bool:
    """Whether each tile equals the next one of its line."""
    down, right = {"rows": (0, 1), "columns": (1, 0), "rising diagonals": (-1, 1), "falling diagonals": (1, 1)}[along]
    return all(
        table[row][column] == table[row + down][column + right]
        for row, column in product(range(ROWS), range(COLUMNS))
        if 0 <= row + down < ROWS and column + right < COLUMNS
    )


def explain(item: Item, variant: int) -> list[str]:
    scene = item.scene
    looks, odd = scene["looks"], scene["odd"]
    row, column, _ = item.answer.value
    says = [_SEEN[variant].format(f"{ROWS} rows of {COLUMNS} tiles")]
    if variant % 2 and item.level >= 2:
        says.append(_WRONG)
    for look, along in scene["along"].items():
        usual = _usual(looks[look], along)
        said = _SAY[variant].format(look, f"the {along}", listed(list(usual)))
        says.append(said[0].upper() + said[1:])
    says.append(_ODD[variant].format(row, column, odd, looks[odd][row - 1][column - 1], scene["right"]))
    return [*says, _CHECK[variant]]


def _usual(table: Table, along: str) -> list[Value]:
    """The most frequent value of each line, in the order of the lines."""
    lines: dict[int, list[Value]] = {}
    for row, column in product(range(ROWS), range(COLUMNS)):
        lines.setdefault(LINES[along](row, column), []).append(table[row][column])
    return [Counter(lines[number]).most_common(1)[0][0] for number in sorted(lines)]
