"""Stacks of coloured cubes seen from above: cubes by colour and layer, hidden ones, side views, painted faces.

Every stack shows most of its top, so the drawing leaves nothing open; counting visible cubes alone is always wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product

from data_synth.answers import Answer
from data_synth.families.geometry.cube_stack_build import FLOOR, LAYERS, SIGHT, Heights, build_stacks, height_at
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.style import pick_look
from data_synth.rng import Rng

FORMS = (
    ("colours",),
    ("layers",),
    ("layers", "views", "hidden"),
    ("views", "hidden", "painted"),
    ("painted", "hidden"),
)
PALETTES = (("blue", "orange", "green"), ("purple", "yellow", "green"), ("red", "yellow", "blue"))

ASK = {
    "colours": (
        "How many {0}, {1} and {2} cubes are there?",
        "Count the cubes of each colour: {0}, {1}, {2}.",
        "Give the number of {0} cubes, of {1} ones and of {2} ones.",
        "What are the numbers of {0}, {1} and {2} cubes?",
        "Of how many {0}, how many {1} and how many {2} cubes is this built?",
        "Find out how many cubes are {0}, how many {1} and how many {2}.",
        "For the colours {0}, {1} and {2}, state how many cubes have them.",
        "Somebody built this of {0}, {1} and {2} cubes. How many were used of each?",
    ),
    "layers": (
        "How many {0} cubes are in each layer, from the bottom up?",
        "Count the {0} cubes of every layer, the lowest one first.",
        "Give the number of {0} cubes in each layer, starting with the bottom one.",
        "The cubes lie in layers. How many {0} ones are there in each, from below?",
        "For each layer, bottom first, how many {0} cubes does it hold?",
        "State how many {0} cubes lie in each layer; begin at the bottom.",
        "Layer by layer from the ground up: how many cubes are {0}?",
        "What are the numbers of {0} cubes in the layers, lowest layer first?",
    ),
    "hidden": (
        "How many {0} cubes show their top, how many show sides only, and how many cannot be seen at all?",
        "Count the {0} cubes with a visible top, those with visible sides only, and those that are hidden completely.",
        "Of the {0} cubes, how many show the top face, how many only side faces, and how many nothing?",
        "Give three numbers of {0} cubes: top in sight, no top but a side in sight, nothing in sight.",
        "What are the numbers of {0} cubes whose top is seen, of which only sides are seen, and that are invisible?",
        "Sort the {0} cubes: how many with visible top, with visible sides alone, and fully hidden?",
        "Tell how many {0} cubes one sees from above, how many merely from the side, and how many not at all.",
        "Find how many {0} cubes have their top in view, how many just a side, and how many no face.",
    ),
    "views": (
        "Only the {0} stacks stay. How high is each column of the view from the front, and then from the right?",
        "Take away all but the {0} stacks. Give the heights of the front view and then of the right view.",
        "What heights of {0} stacks does one see from the front and then from the right, if the others are removed?",
        "Looking at the {0} stacks alone from the front and then from the right, how high are the columns?",
        "Write down the heights of both side views of the {0} stacks alone, first the front, then the right.",
        "Without the other colours, state the column heights of the front and the right view of the {0} stacks.",
        "For the two arrows: which heights do the columns of the view have when only {0} stacks are left?",
        "Remove every stack that is not {0}. Find the heights in the front view, followed by those of the right view.",
    ),
    "painted": (
        "The outside is painted, but not the bottom. How many {0} cubes have 0, 1, 2 and 3 painted faces?",
        "All outer faces but the bottom get paint. Count the {0} cubes with none, one, two and three painted faces.",
        "Paint covers the solid except its underside. How many {0} cubes have no, one, two, three painted faces?",
        "The solid is painted on all sides and on top, not below. Give the {0} cubes with 0, 1, 2 and 3 such faces.",
        "After painting everything but the underside, on how many {0} cubes are 0, 1, 2 and 3 faces painted?",
        "Somebody paints the solid, but not its bottom. How many {0} cubes get paint on 0, 1, 2 and 3 faces?",
        "Suppose the sides and the tops are painted. Tell how many {0} cubes have exactly 0, 1, 2 and 3 painted faces.",
        "If all of the surface but the bottom is painted, how many {0} cubes have none, one, two, three painted faces?",
    ),
}
_ON = "All cubes of a stack have the same colour; no cube floats."
RULES = {
    "colours": _ON,
    "layers": _ON,
    "hidden": f"{_ON} No stack is lower than the next one in front of it or to its right.",
    "views": f"{_ON} A column of a view is as high as the highest stack in that line, 0 if there is none. The front "
    "view is written from left to right, the right view from front to back.",
    "painted": f"{_ON} Faces where two cubes of any colour touch are not painted.",
}
_SEEN = (
    "I see {}.",
    "There are {}.",
    "The picture shows {}.",
    "Reading the tops, I find {}.",
    "What stands there: {}.",
    "I count {}.",
)
_PLAN = {
    "colours": "A stack has as many cubes as it is high, so for each colour I add up the heights of its stacks.",
    "layers": "A layer has as many {0} cubes as there are {0} stacks that reach it.",
    "hidden": "A cube is hidden if one lies on it, one stands in front of it and one to its right.",
    "views": "In each line the highest {0} stack counts.",
    "painted": "A face is painted where no other cube touches it.",
}
_CHECK = (
    "Check: the {0} stacks add up to {1} cubes.",
    "All {0} stacks together make {1} cubes, which agrees.",
    "In all these are {1} {0} cubes.",
    "The {0} stacks sum up to {1}, as they should.",
    "Counted stack by stack, {1} cubes are {0}.",
    "The heights of all {0} stacks sum to {1}.",
)
_CHECK_COLOURS = (
    "Check row by row from the back: {0} = {2}, and by colours {1} = {2}.",
    "All cubes by rows are {0} = {2}, just as {1} = {2}.",
    "In all these are {1} = {2} cubes; counted by rows, {0} = {2}.",
    "The rows from the back hold {0} = {2} cubes, and the colours {1} = {2} too.",
    "Counted row by row, {0} = {2}; the colours make {1} = {2} as well.",
    "The colours sum to {1} = {2}, and so do the rows: {0} = {2}.",
)
_WRONG = {
    "layers": "Counting only the cubes in sight would miss those that carry others, so I go by heights.",
    "hidden": "Counting only what is in sight would be wrong: what carries a cube is there too.",
    "views": "The stack in front need not be the highest of its line, so I compare all of them.",
    "painted": "Not only visible faces count: the back and the left side are painted too.",
}


def painted_faces(heights: Heights, row: int, column: int) -> list[int]:
    """For each cube of a stack, from the bottom up, how many faces other than its bottom touch no cube."""
    own = heights[row][column]
    beside = [height_at(heights, row + down, column + right) for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    return [sum(other <= level for other in beside) + (level == own - 1) for level in range(own)]


def hidden_cubes(heights: Heights, row: int, column: int) -> int:
    """How many cubes of a stack have one above, in front and to the right."""
    own, front = heights[row][column], height_at(heights, row + 1, column)
    return max(0, min(own - 1, front, height_at(heights, row, column + 1)))


def _places(scene: Scene, colour: str, row: int | None = None, column: int | None = None) -> list[tuple[int, int]]:
    """(row, column) of the stacks of a colour, of one row or column or of all, in reading order."""
    return [
        (r, c)
        for r, c in product(range(len(scene["heights"])), range(len(scene["heights"][0])))
        if scene["colours"][r][c] == colour and row in (None, r) and column in (None, c)
    ]


def _stacks(scene: Scene, colour: str, row: int | None = None, column: int | None = None) -> list[int]:
    return [scene["heights"][r][c] for r, c in _places(scene, colour, row, column)]


def _faces(scene: Scene, *, colour: str, row: int) -> list[list[int]]:
    return [painted_faces(scene["heights"], *place) for place in _places(scene, colour, row)]


OPS: Mapping[str, Op] = {
    **ARITHMETIC,
    "cubes": Op(lambda scene, *, colour: sum(_stacks(scene, colour)), (), "integer"),
    "layer": Op(lambda scene, *, colour, at: sum(h >= at for h in _stacks(scene, colour)), (), "integer"),
    "stacks": Op(lambda scene, *, colour: len(_stacks(scene, colour)), (), "integer"),
    "hidden": Op(
        lambda scene, *, colour, row: sum(hidden_cubes(scene["heights"], *at) for at in _places(scene, colour, row)),
        (),
        "integer",
    ),
    "front": Op(lambda scene, *, colour, column: max([0, *_stacks(scene, colour, None, column)]), (), "integer"),
    "right": Op(lambda scene, *, colour, row: max([0, *_stacks(scene, colour, row)]), (), "integer"),
    "faces": Op(_faces, (), "faces"),
    "painted": Op(
        lambda scene, *rows, faces: sum(stack.count(faces) for row in rows for stack in row),
        ("faces", "..."),
        "integer",
    ),
}


def ask(rng: Rng, level: int) -> Parts | None:
    form = rng.choice(FORMS[level])
    palette = list(rng.choice(PALETTES))
    rng.shuffle(palette)
    asked = palette if form == "colours" else palette[:1]
    heights, colours = build_stacks(rng, form, level, palette)
    scene: Scene = {
        "kind": "stack", "form": form, "heights": heights, "colours": colours, "asked": asked,
        "style": pick_look(rng),
    }  # fmt: skip
    if not any(hidden_cubes(heights, *place) for colour in asked for place in _places(scene, colour)):
        return None
    program = Program(OPS, scene)
    _execute(program, scene)
    rows, columns = FLOOR[level]
    return Parts(
        question=rng.choice(ASK[form]).format(*asked),
        rules=RULES[form],
        form={
            "colours": f"({', '.join(asked)})",
            "layers": f"({', '.join(f'n{n + 1}' for n in range(LAYERS[level]))})",
            "hidden": "(top, sides, hidden)",
            "views": f"({', '.join([f'f{n + 1}' for n in range(columns)] + [f'r{n + 1}' for n in range(rows)])})",
            "painted": "(none, one, two, three)",
        }[form],
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"rows": rows, "columns": columns},
        canon=[form, heights, colours, asked],
    )


def _execute(program: Program, scene: Scene) -> None:
    form, colour = scene["form"], scene["asked"][0]
    rows, columns = range(len(scene["heights"])), range(len(scene["heights"][0]))
    if form == "colours":
        program.do("tuple", *(program.do("cubes", colour=name) for name in scene["asked"]))
    elif form == "layers":
        top = max(_stacks(scene, colour))
        program.do("tuple", *(program.do("layer", colour=colour, at=at) for at in range(1, top + 1)))
    elif form == "views":
        front = [program.do("front", colour=colour, column=column) for column in columns]
        program.do("tuple", *front, *(program.do("right", colour=colour, row=row) for row in reversed(rows)))
    elif form == "hidden":
        total, tops = program.do("cubes", colour=colour), program.do("stacks", colour=colour)
        hidden = program.do("sum", *(program.do("hidden", colour=colour, row=row) for row in rows))
        sides = program.do("subtract", program.do("subtract", total, tops), hidden)
        program.do("tuple", tops, sides, hidden)
    else:
        faces = [program.do("faces", colour=colour, row=row) for row in rows]
        program.do("tuple", *(program.do("painted", *faces, faces=n) for n in range(4)))


def solve(scene: Scene) -> tuple[int, ...]:
    """From the set of all cubes: by counting, by projecting, by neighbours, and by rays to the eye."""
    heights, form = scene["heights"], scene["form"]
    cubes = {
        (row, column, level): scene["colours"][row][column]
        for row, stacks in enumerate(heights)
        for column, height in enumerate(stacks)
        for level in range(height)
    }
    chosen = [cube for cube, colour in cubes.items() if colour == scene["asked"][0]]
    if form == "colours":
        number = Counter(cubes.values())
        return tuple(number[colour] for colour in scene["asked"])
    if form == "layers":
        layers = Counter(level for _, _, level in chosen)
        return tuple(layers[level] for level in range(len(layers)))
    if form == "views":
        front = Counter(column for column, _ in {(column, level) for _, column, level in chosen})
        side = Counter(row for row, _ in {(row, level) for row, _, level in chosen})
        return (*(front[n] for n in range(len(heights[0]))), *(side[n] for n in reversed(range(len(heights)))))
    if form == "hidden":
        tops = sum((row, column, level + 1) not in cubes for row, column, level in chosen)
        seen = sum(_in_sight(cube, set(cubes)) for cube in chosen)
        return tops, seen - tops, len(chosen) - seen
    ways = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1))
    bare = Counter(sum((r + a, c + b, z + up) not in cubes for a, b, up in ways) for r, c, z in chosen)
    return bare[0], bare[1], bare[2], bare[3]


def _in_sight(cube: tuple[int, int, int], cubes: set[tuple[int, int, int]]) -> bool:
    """Whether a ray from the middle of the cube's top, front or right face leaves the solid at once."""
    row, column, level = cube
    for x, y, z in ((0.5, 0.5, 1.0), (0.5, 1.0, 0.5), (1.0, 0.5, 0.5)):  # right, to the front, up
        ray = ((step / 20, (x, y, z)) for step in range(1, 200))
        passed = (
            (row + int(y - SIGHT[1] * far), column + int(x + SIGHT[0] * far), level + int(z + SIGHT[2] * far))
            for far, (x, y, z) in ray
        )
        if not any(square in cubes for square in passed):
            return True
    return False


def explain(item: Item, variant: int) -> list[str]:
    scene = item.scene
    form, colour = scene["form"], scene["asked"][0]
    says = [_SEEN[variant].format(f"stacks, row by row from the back: {_listed(scene)}"), _PLAN[form].format(colour)]
    if variant % 2 and item.level >= 2:
        says.append(_WRONG[form])
    if form == "colours":
        return [*says, *_say_colours(item, variant)]
    say = {"layers": _say_layers, "hidden": _say_hidden, "views": _say_views, "painted": _say_painted}[form]
    return [*says, *say(item), _CHECK[variant].format(colour, sum(_stacks(scene, colour)))]


def _listed(scene: Scene) -> str:
    rows = (zip(*pair, strict=True) for pair in zip(scene["heights"], scene["colours"], strict=True))
    return "; ".join(", ".join(f"{colour} {height}" if height else "0" for height, colour in row) for row in rows)


def _say_colours(item: Item, variant: int) -> list[str]:
    """Each colour, and all cubes row by row."""
    scene, numbers = item.scene, item.answer.value
    says = []
    for name, number in zip(scene["asked"], numbers, strict=True):
        heights = _stacks(scene, name)
        summed = f"{' + '.join(map(str, heights))} = {number}" if len(heights) > 1 else f"one stack of {number}"
        says.append(f"{name.capitalize()}: {summed}.")
    by_rows, by_colours = (" + ".join(map(str, parts)) for parts in (map(sum, scene["heights"]), numbers))
    return [*says, _CHECK_COLOURS[variant].format(by_rows, by_colours, sum(numbers))]


def _say_layers(item: Item) -> list[str]:
    colour = item.scene["asked"][0]
    return [
        f"{colour.capitalize()} stacks of height {n} or more: {size}." for n, size in enumerate(item.answer.value, 1)
    ]


def _say_hidden(item: Item) -> list[str]:
    scene, colour = item.scene, item.scene["asked"][0]
    heights = _stacks(scene, colour)
    hidden = [step.value for step in item.program if step.op == "hidden"]
    tops, sides, unseen = item.answer.value
    return [
        f"{colour.capitalize()} cubes: {' + '.join(map(str, heights))} = {sum(heights)}.",
        f"Each of the {tops} {colour} stacks shows one top.",
        *(f"Row {row} from the back hides {number}." for row, number in enumerate(hidden, 1)),
        f"Hidden: {' + '.join(map(str, hidden))} = {unseen}.",
        f"{sum(heights)} - {tops} = {sum(heights) - tops} have no visible top, and "
        f"{sum(heights) - tops} - {unseen} = {sides} of them show a side.",
    ]


def _say_views(item: Item) -> list[str]:
    scene, colour = item.scene, item.scene["asked"][0]
    rows, columns = range(len(scene["heights"])), range(len(scene["heights"][0]))
    lines = [(f"Column {n + 1}", _stacks(scene, colour, None, n)) for n in columns]
    lines += [(f"Row {n + 1} from the back", _stacks(scene, colour, n)) for n in reversed(rows)]
    return [f"{name}: {' '.join(map(str, line)) or 'no stack'}, so {max([0, *line])}." for name, line in lines]


def _say_painted(item: Item) -> list[str]:
    says = [f"For each {item.scene['asked'][0]} stack, the painted faces of its cubes from below."]
    faces = [step.value for step in item.program if step.op == "faces"]
    for number, row in enumerate(faces, 1):
        says.append(f"Row {number}: {', '.join(' '.join(map(str, stack)) for stack in row) or 'no stack'}.")
    counts = ", ".join(f"{faces} {number} time{'s' * (number != 1)}" for faces, number in enumerate(item.answer.value))
    return [*says, f"How often each number stands there: {counts}."]
