"""Maps of square tiles, each with a code and a number; the colour joins a tile to a line of the legend."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from data_synth.item import Item
from data_synth.program import Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.palette import COLOURS, PAPER
from data_synth.render.shades import draw_key, tint
from data_synth.render.style import figure_look
from data_synth.rng import Rng

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
KINDS = ("forest", "desert", "farms", "lakes", "towns", "hills", "moor", "rock")
INKS = ("green", "yellow", "blue", "red", "purple", "grey")
SHAPE = {2: (4, 4, 11), 3: (4, 5, 14), 4: (5, 6, 20)}  # rows, columns, tiles
CLASSES = {2: 3, 3: 4, 4: 5}
TILE, LEFT, TOP = 54, 12, 12
FORMS: Mapping[str, str] = {"total": "n", "yield": "n", "around": "n"}
WRONG = "Adding the numbers without their colours would be wrong: the legend decides how they count."
ASK: Mapping[str, tuple[str, ...]] = {
    "total": (
        "What do the numbers on the tiles of {0} add up to?",
        "Add up the numbers of all tiles of {0}.",
        "How much is the sum of the numbers on {0}?",
        "Find the total of the tiles of {0}.",
        "Give the sum over all tiles that are {0}.",
        "Which total do the tiles of {0} have?",
        "Sum the numbers of {0} on the map.",
        "Compute the total number on {0}.",
    ),
    "yield": (
        "How much do {1} yield together?",
        "What is the total yield of {1}?",
        "Add up the yields of {1}.",
        "Find the joint yield of the tiles {1}.",
        "Give the yield of {1} in all.",
        "Compute what {1} yield in total.",
        "Sum the yields of the tiles {1}.",
        "Work out the yield of {1} together.",
    ),
    "around": (
        "How much do the neighbours of {2} yield together?",
        "What is the total yield of all tiles next to {2}?",
        "Add up the yields of the neighbours of {2}.",
        "Find the joint yield of the tiles around {2}.",
        "Give the yield of all neighbours of {2} in all.",
        "Compute what the tiles that border {2} yield in total.",
        "Sum the yields of the tiles beside {2}.",
        "Work out the yield of everything next to {2}, {2} itself left out.",
    ),
}


def build(rng: Rng, level: int) -> Scene | None:
    """A region of tiles that hang together. A total is uniform; of yields, the numbers and factors are."""
    rows, columns, count = SHAPE[level]
    kinds = rng.sample(KINDS, CLASSES[level])
    codes = rng.sample([a + b for a, b in product(LETTERS, repeat=2)], count)
    tiles = [
        {"cell": list(cell), "code": code, "kind": rng.randrange(len(kinds)), "number": rng.between(2, 60)}
        for cell, code in zip(_region(rng, rows, columns, count), codes, strict=True)
    ]
    scene: Scene = {
        "form": {2: "total", 3: "yield", 4: "around"}[level], "tiles": tiles, "kinds": kinds,
        "inks": rng.sample(INKS, len(kinds)), "factors": rng.sample(range(2, 10), len(kinds)), "picked": [],
    }  # fmt: skip
    if level == 2:
        _set_total(rng, tiles, len(kinds))
    elif level == 3:
        scene["picked"] = rng.sample(range(count), 3)
    else:
        around = [len(_neighbours(scene, place)) for place in range(count)]
        scene["picked"] = [rng.choice([place for place in range(count) if around[place] >= min(3, max(around))])]
    return scene


def _region(rng: Rng, rows: int, columns: int, count: int) -> list[tuple[int, int]]:
    """Cells grown from one of them, in reading order."""
    cells = [(rng.randrange(rows), rng.randrange(columns))]
    while len(cells) < count:
        edge = [
            (row, column)
            for row, column in product(range(rows), range(columns))
            if (row, column) not in cells and any(abs(row - a) + abs(column - b) == 1 for a, b in cells)
        ]
        cells.append(rng.choice(edge))
    return sorted(cells)


def _set_total(rng: Rng, tiles: list[dict[str, Any]], kinds: int) -> None:
    """Exactly four or five tiles are of the asked kind, the first, and their total is uniform."""
    number = rng.between(4, 5)
    for tile in tiles:
        tile["kind"] = rng.between(1, kinds - 1)
    for tile, part in zip(rng.sample(tiles, number), rng.split(rng.between(40, 200), number, 2, 60), strict=True):
        tile |= {"kind": 0, "number": part}


def _neighbours(scene: Scene, place: int) -> list[int]:
    """Places of the tiles that share a side with this one."""
    row, column = scene["tiles"][place]["cell"]
    return [
        other
        for other, tile in enumerate(scene["tiles"])
        if abs(tile["cell"][0] - row) + abs(tile["cell"][1] - column) == 1
    ]


def _members(scene: Scene) -> list[int]:
    """Places of the tiles that count."""
    if scene["form"] == "total":
        return [place for place, tile in enumerate(scene["tiles"]) if tile["kind"] == 0]
    return list(scene["picked"]) if scene["form"] == "yield" else _neighbours(scene, scene["picked"][0])


def _yield(scene: Scene, *, tile: int) -> int:
    chosen = scene["tiles"][tile]
    return int(chosen["number"] * scene["factors"][chosen["kind"]])


OPS: Mapping[str, Op] = {
    "tile": Op(lambda scene, *, tile: scene["tiles"][tile]["number"], (), "integer"),
    "yield": Op(_yield, (), "integer"),
}


def rules(scene: Scene) -> str:
    if scene["form"] == "total":
        return "The legend says what each colour is."
    border = " Neighbours share a side." if scene["form"] == "around" else ""
    return f"A tile yields its number times the factor of its colour in the legend.{border}"


def run(program: Program, scene: Scene) -> None:
    op = "tile" if scene["form"] == "total" else "yield"
    program.do("sum", *[program.do(op, tile=tile) for tile in _members(scene)])


def search(scene: Scene) -> int:
    """Kind by kind: the sum of the numbers of its tiles, times its factor."""
    at = {tuple(tile["cell"]): tile for tile in scene["tiles"]}
    wanted = {scene["tiles"][place]["code"] for place in scene["picked"]}
    if scene["form"] == "around":
        ((row, column),) = (cell for cell, tile in at.items() if tile["code"] in wanted)
        beside = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
        wanted = {at[cell]["code"] for cell in beside if cell in at}
    total = 0
    for kind, factor in enumerate(scene["factors"]):
        numbers = [tile["number"] for tile in at.values() if tile["kind"] == kind]
        if scene["form"] == "total":
            return sum(numbers)
        total += factor * sum(tile["number"] for tile in at.values() if tile["kind"] == kind and tile["code"] in wanted)
    return total


def words(scene: Scene) -> list[str]:
    """The asked kind, the picked tiles in a row, the first of them."""
    codes = [scene["tiles"][place]["code"] for place in scene["picked"]]
    return [scene["kinds"][0], ", ".join(codes[:-1]) + " and " + codes[-1] if codes else "", codes[0] if codes else ""]


def content(scene: Scene) -> Any:
    return [scene[key] for key in ("form", "tiles", "kinds", "factors", "picked")]


def describe(scene: Scene) -> str:
    joined = ", ".join(f"{ink} {_legend(scene, place)}" for place, ink in enumerate(scene["inks"]))
    return f"a map of {len(scene['tiles'])} tiles with codes and numbers, and a legend: {joined}"


def _legend(scene: Scene, place: int) -> str:
    return str(scene["kinds"][place]) + ("" if scene["form"] == "total" else f" x {scene['factors'][place]}")


def say(item: Item) -> list[str]:
    scene, says = item.scene, []
    steps = item.program[:-1]
    codes = [scene["tiles"][step.args["tile"]]["code"] for step in steps]
    if scene["form"] == "total":
        says.append(
            f"{scene['kinds'][0].capitalize()} is {scene['inks'][0]}; tiles of this colour: {', '.join(codes)}."
        )
        says += [f"{code} has {step.value}." for code, step in zip(codes, steps, strict=True)]
    else:
        if scene["form"] == "around":
            says.append(f"Tiles that share a side with {words(scene)[2]}: {', '.join(codes)}.")
        for code, step in zip(codes, steps, strict=True):
            tile = scene["tiles"][step.args["tile"]]
            factor, ink = scene["factors"][tile["kind"]], scene["inks"][tile["kind"]]
            says.append(f"{code} is {ink}, factor {factor}: {tile['number']} x {factor} = {step.value}.")
    return [*says, f"{' + '.join(str(step.value) for step in steps)} = {item.answer.value}."]


def draw(item: Item, size: int) -> Canvas:
    """Tiles on squared places, the legend in a column on the right or in rows below."""
    scene, (rows, columns, _) = item.scene, SHAPE[item.level]
    wide = LEFT + columns * TILE > 250
    foot = TOP + rows * TILE + 12
    lines = -(-len(scene["kinds"]) // 3)
    canvas = Canvas(384, foot + (24 * lines + 4 if wide else 4), size, figure_look(scene))
    fills = [tint(canvas.shade(COLOURS[ink]), PAPER, 55) for ink in scene["inks"]]
    left = (384 - columns * TILE) // 2 if wide else LEFT
    for tile in scene["tiles"]:
        x, y = left + tile["cell"][1] * TILE, TOP + tile["cell"][0] * TILE
        canvas.rectangle((x + 1, y + 1, x + TILE - 1, y + TILE - 1), fills[tile["kind"]], tag=f"tile {tile['code']}")
        canvas.text(x + TILE // 2, y + 17, tile["code"], 15, tag=f"code {tile['code']}")
        canvas.text(x + TILE // 2, y + 38, str(tile["number"]), 15, tag=f"number {tile['code']}")
    order = sorted(range(len(fills)), key=lambda place: str(scene["kinds"][place]))
    for place, kind in enumerate(order):
        x, y = (14 + 124 * (place % 3), foot + 10 + 24 * (place // 3)) if wide else (264, TOP + 20 + 26 * place)
        draw_key(canvas, x, y, fills[kind], _legend(scene, kind))
    return canvas
