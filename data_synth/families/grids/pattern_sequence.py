"""Sequences of tiles in which number, size, colour and shape each repeat after a number of tiles of their own."""

from __future__ import annotations

from collections.abc import Mapping

from data_synth.answers import Answer
from data_synth.english import enumeration
from data_synth.families.grids.tile_pattern import ATTRIBUTES, SIZE_WORDS, Tile, Value, described, domain, listed
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.style import pick_look
from data_synth.rng import Rng

SHAPE = ((2, 3), (2, 4), (2, 4), (2, 5), (3, 4))  # rows and columns
LONGEST = (3, 3, 4, 4, 5)  # period
PERIODS = ((1, 2, 3, 3), (1, 2, 3, 3, 3), (1, 2, 3, 4), (1, 2, 3, 4), (2, 3, 4, 5))  # drawn from these
CHANGING = (1, 3, 2, 3, 4)  # attributes that are not the same in all tiles, at least
MOST = 4  # shapes in a tile
_TRIES = 30

ASK = (
    "Which tile belongs in place of the question mark?",
    "What must stand at the question mark?",
    "Find the tile that is missing in the sequence.",
    "Describe the tile that the question mark stands for.",
    "The sequence lacks one tile. What is on it?",
    "One tile of the sequence is left out. Say what it shows.",
    "Complete the sequence: what does the missing tile look like?",
    "State what the empty place of the sequence has to show.",
)
_SEEN = (
    "I see {}.",
    "The tiles in order: {}.",
    "The sequence goes {}.",
    "In reading order: {}.",
    "What I see: {}.",
    "One after the other: {}.",
)
_SAY = (
    "{0}: {1}. It repeats after {2}, so {3}.",
    "{0} goes {1}; with period {2} the missing one is {3}.",
    "For the {4}, {1} has the period {2}, which gives {3}.",
    "{0} is {1}, the same again after {2}: {3}.",
    "The {4} runs {1} and comes back after {2}, hence {3}.",
    "{0}: {1}; period {2}; missing {3}.",
)
_CHECK = (
    "Check: every value seen agrees with its period.",
    "Tried on all tiles, the periods fit.",
    "Each of these periods holds from the first tile to the last.",
    "Going through all tiles again, the periods fit.",
    "With this tile all of them repeat without a break.",
    "All other tiles follow the same periods.",
)
_WRONG = "The attributes need not repeat together, so I do not copy a whole tile but take them one by one."


def _repeated(scene: Scene, attribute: str, period: int) -> Value:
    """The value that any shown tile a whole number of periods away has."""
    missing = scene["missing"]
    value: Value = next(
        tile[attribute] for n, tile in enumerate(scene["tiles"]) if tile and (n - missing) % period == 0
    )
    return value


OPS: Mapping[str, Op] = {
    "repeat number": Op(lambda scene, *, period: _repeated(scene, "number", period), (), "integer"),
    "repeat": Op(lambda scene, *, attribute, period: _repeated(scene, attribute, period), (), "word"),
    "tuple": ARITHMETIC["tuple"],
}


def ask(rng: Rng, level: int) -> Parts | None:
    rows, columns = SHAPE[level]
    count = rows * columns
    missing = count - 1 if level == 0 else rng.between(count // 2 if level < 3 else 0, count - 1)
    follows = ("number", "colour", "shape") if level < 3 else ATTRIBUTES
    periods = _periods(rng, follows, level)
    values: dict[str, list[Value]] = {"size": ["medium"] * count}
    for attribute, period in periods.items():
        found = _sequence(rng, attribute, period, count, missing, level)
        if found is None:
            return None
        values[attribute] = found
    tiles: list[Tile | None] = [{name: values[name][n] for name in ATTRIBUTES} for n in range(count)]
    tiles[missing] = None
    scene: Scene = {
        "kind": "sequence", "form": "sequence", "tiles": tiles, "columns": columns, "missing": missing,
        "periods": periods, "style": pick_look(rng),
    }  # fmt: skip
    program = Program(OPS, scene)
    _execute(program, scene)
    return Parts(
        question=rng.choice(ASK),
        rules=f"The tiles are read row by row. Each of {enumeration(follows)} repeats by itself, "
        f"after at most {LONGEST[level]} tiles.{f' {SIZE_WORDS}' if 'size' in follows else ''}",
        form=f"({', '.join(follows)})",
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"tiles": count, "asked": len(follows)},
        canon=["sequence", tiles],
    )


def _periods(rng: Rng, follows: tuple[str, ...], level: int) -> dict[str, int]:
    """Periods that are not all the same, enough of them longer than 1; sizes change, or they could not be named."""
    while True:
        periods = {
            name: rng.choice([period for period in PERIODS[level] if period > 2 or name != "size"]) for name in follows
        }
        if len(set(periods.values())) > 1 and sum(period > 1 for period in periods.values()) >= CHANGING[level]:
            return periods


def _sequence(rng: Rng, attribute: str, period: int, count: int, missing: int, level: int) -> list[Value] | None:
    """Values with a period, the missing one drawn first; None if another period gives another missing value."""
    pool = domain(attribute, MOST)
    target = rng.choice(pool)
    for _ in range(_TRIES):
        cycle = [rng.choice(pool) for _ in range(period)]
        cycle[missing % period] = target
        values = [cycle[n % period] for n in range(count)]
        shortest = next(p for p in range(1, period + 1) if values[p:] == values[:-p])
        if attribute == "size" and len(set(cycle)) < len(pool):
            continue
        if shortest == period and fitting_values(values, missing, pool, LONGEST[level]) == [target]:
            return values
    return None


def fitting_values(values: list[Value], missing: int, pool: tuple[Value, ...], longest: int) -> list[Value]:
    """Every value with which the whole sequence repeats after some number of tiles that is allowed."""
    found = []
    for value in pool:
        full = [*values[:missing], value, *values[missing + 1 :]]
        if any(full[period:] == full[:-period] for period in range(1, longest + 1)):
            found.append(value)
    return found


def _execute(program: Program, scene: Scene) -> None:
    steps = []
    for attribute, period in scene["periods"].items():
        if attribute == "number":
            steps.append(program.do("repeat number", period=period))
        else:
            steps.append(program.do("repeat", attribute=attribute, period=period))
    program.do("tuple", *steps)


def solve(scene: Scene, level: int) -> tuple[Value, ...]:
    """Try every value of every attribute with every period."""
    found = []
    for attribute in scene["periods"]:
        values = [tile[attribute] if tile else "" for tile in scene["tiles"]]
        (only,) = fitting_values(values, scene["missing"], domain(attribute, MOST), LONGEST[level])
        found.append(only)
    return tuple(found)


def explain(item: Item, variant: int) -> list[str]:
    scene = item.scene
    follows = tuple(scene["periods"])
    tiles = (described(tile, follows) if tile else "?" for tile in scene["tiles"])
    says = [_SEEN[variant].format(", ".join(tiles))]
    if variant % 2 and item.level >= 2:
        says.append(_WRONG)
    for (attribute, period), value in zip(scene["periods"].items(), item.answer.value, strict=True):
        shown = listed([tile[attribute] if tile else None for tile in scene["tiles"]])
        says.append(_SAY[variant].format(attribute.capitalize(), shown, period, value, attribute))
    return [*says, _CHECK[variant]]
