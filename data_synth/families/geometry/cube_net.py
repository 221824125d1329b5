"""Nets of cubes with letters: opposite faces, faces of the folded cube, and the cube rolled along a way."""

from __future__ import annotations

from collections.abc import Mapping

from data_synth.answers import Answer
from data_synth.english import enumeration
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.style import pick_look
from data_synth.rng import Rng

Square = tuple[int, int]  # row, column
Sides = dict[str, str]  # side of the cube -> letter
Vector = tuple[int, int, int]  # to the right, to the back, up

# The eleven nets of the cube, up to turns and mirror images.
NETS = (
    ((0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (2, 0)),
    ((0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (2, 1)),
    ((0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (2, 2)),
    ((0, 0), (1, 0), (1, 1), (1, 2), (1, 3), (2, 3)),
    ((0, 1), (1, 0), (1, 1), (1, 2), (1, 3), (2, 1)),
    ((0, 1), (1, 0), (1, 1), (1, 2), (1, 3), (2, 2)),
    ((0, 0), (0, 1), (1, 1), (1, 2), (1, 3), (2, 1)),
    ((0, 0), (0, 1), (1, 1), (1, 2), (1, 3), (2, 2)),
    ((0, 0), (0, 1), (1, 1), (1, 2), (1, 3), (2, 3)),
    ((0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3)),
    ((0, 0), (0, 1), (0, 2), (1, 2), (1, 3), (1, 4)),
)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
FORMS = (("opposite",), ("opposite", "fold"), ("fold", "opposite"), ("fold", "roll"), ("roll",))
ROLLS = ((0, 0), (0, 0), (0, 0), (2, 3), (5, 7))
BOARD = (4, 8)  # most rows and columns of a way
OPPOSITE = {"top": "bottom", "front": "back", "left": "right", "bottom": "top", "back": "front", "right": "left"}
STEPS: dict[str, Square] = {"up": (-1, 0), "right": (0, 1), "down": (1, 0), "left": (0, -1)}
# Rolling: what comes to lie on top, and the way round of the four sides.
CYCLES = {
    "up": ("top", "back", "bottom", "front"),
    "down": ("top", "front", "bottom", "back"),
    "right": ("top", "right", "bottom", "left"),
    "left": ("top", "left", "bottom", "right"),
}
WORDS = {"left": "on the left", "right": "on the right", "back": "at the back", "bottom": "at the bottom"}

ASK = {
    "opposite": (
        "The net is folded into a cube. Which letters are opposite {0}?",
        "Which faces of the folded cube lie opposite {0}?",
        "Fold the net into a cube. Name the letters opposite {0}.",
        "What is on the opposite sides of {0} when the cube is made?",
        "A cube is made of this net. Give the faces opposite {0}.",
        "Find the letters that come to lie opposite {0} on the folded cube.",
        "On the finished cube, what lies opposite {0}?",
        "Name the opposite faces of {0}, once the net is closed.",
    ),
    "fold": (
        "The net is folded into a cube and put down with {0} on top and {1} in front. What is {2}?",
        "Fold the net and turn the cube until {0} is on top and {1} in front. Which letters are {2}?",
        "A cube of this net shows {0} on top and {1} in front. Give the letters that are {2}.",
        "With {0} on top and {1} at the front of the folded cube, which faces lie {2}?",
        "Make the cube, and look at {1} with {0} on top. Name what is {2}.",
        "When {1} faces you and {0} is on top of the finished cube, what do you find {2}?",
        "The folded cube stands so that {0} is on top and you look at {1}. Find the letters {2}.",
        "Hold the cube made of this net with {0} up and {1} towards you. State which letters are {2}.",
    ),
    "roll": (
        "Fold the net with {0} on top, then roll the cube along the arrow. What is on top, in front and on the right?",
        "The cube of this net starts with {0} on top and rolls along the way. Which letters end up on top, in front, "
        "on the right?",
        "Roll the folded cube, first with {0} on top, to the end of the arrow. Give its top, front and right faces.",
        "Start: the folded cube with {0} on top. It rolls as the arrow shows. Name top, front and right at the end.",
        "With {0} on top, the cube sets off along the arrow. Find the letters on top, in front and to the right at "
        "its goal.",
        "A cube is folded from the net so that {0} is up, and rolled from square to square. What are the top, front "
        "and right letters in the end?",
        "Which letters does the cube show on top, in front and on the right after the whole way, if {0} is on top at "
        "the start?",
        "The cube of this net rolls along the way, with {0} on top to begin with. State the letters on its top, front "
        "and right side at the end.",
    ),
}  # fmt: skip
RULES = {
    "opposite": "Each square is a face of a cube.",
    "fold": "The letters are on the outside of the cube.",
    "roll": "The letters are on the outside. Folding leaves {0} in place: its neighbours in the net bend down, the one "
    "above it to the back, the one below it to the front. Each step rolls the cube over an edge.",
}
_SEEN = (
    "I see a net with the rows {}.",
    "The net, row by row: {}.",
    "The rows of the net are {}.",
    "From top to bottom the net reads {}.",
    "The picture shows a net: {}.",
    "I read the net as {}.",
)
_CHECK = (
    "Check: each of the six letters has its own side of the cube.",
    "All six letters are used once, so the cube closes.",
    "No two letters share a side, as it must be.",
    "Each side of the cube carries one letter, so this fits.",
    "The pairs of opposite sides hold all six letters.",
    "Every letter lies on exactly one side.",
)
_WRONG = {
    "opposite": "Faces that touch in the net are never opposite, so neighbours are out.",
    "fold": "Reading the net from the inside would swap left and right; the letters are outside.",
    "roll": "The letter in front does not stay in front for ever: a roll up or down moves it.",
}


def tilted(sides: Sides, way: str) -> Sides:
    """The cube rolled over its edge: what was on top goes the way of the roll."""
    cycle = CYCLES[way]
    moved = dict(sides)
    for place, side in enumerate(cycle):
        moved[cycle[(place + 1) % 4]] = sides[side]
    return moved


def folded(squares: Mapping[str, Square], top: str) -> Sides:
    """The side on which each letter lies when the net bends down around its square `top`.

    Walking over the net means rolling the cube under the walker, who is always on top of it.
    """
    sides = {side: side for side in OPPOSITE}  # where each side of the cube was at first
    at = {square: letter for letter, square in squares.items()}
    found: Sides = {}
    todo: list[tuple[Square, Sides]] = [(squares[top], sides)]
    while todo:
        (row, column), sides = todo.pop()
        found[sides["top"]] = at.pop((row, column))
        for way, (down, right) in STEPS.items():
            if (row + down, column + right) in at:
                back = {"up": "down", "down": "up", "left": "right", "right": "left"}[way]
                todo.append(((row + down, column + right), tilted(sides, back)))
    return found


def turned_to_front(sides: Sides, front: str) -> Sides:
    """The cube turned on its bottom until this letter is in front."""
    while sides["front"] != front:
        sides = sides | {"front": sides["right"], "left": sides["front"], "back": sides["left"], "right": sides["back"]}
    return sides


def _folded(scene: Scene, *, top: str) -> Sides:
    return folded({letter: (row, column) for letter, (row, column) in scene["squares"].items()}, top)


OPS: Mapping[str, Op] = {
    "fold": Op(_folded, (), "cube"),
    "face": Op(lambda scene, cube, *, front: turned_to_front(cube, front), ("cube",), "cube"),
    "roll": Op(lambda scene, cube, *, way: tilted(cube, way), ("cube",), "cube"),
    "side": Op(lambda scene, cube, *, side: cube[side], ("cube",), "word"),
    "tuple": ARITHMETIC["tuple"],
}


def ask(rng: Rng, level: int) -> Parts | None:
    form = rng.choice(FORMS[level])
    letters = rng.sample(LETTERS, 6)
    squares = dict(zip(letters, _placed(rng, upright=form != "roll"), strict=True))
    cube = folded(squares, letters[0])
    scene: Scene = {"kind": "net", "form": form, "front": "", "sides": [], "way": []}
    scene |= {"style": pick_look(rng), "colour": rng.choice(("blue", "orange", "green", "purple"))}
    scene["squares"] = {letter: list(square) for letter, square in sorted(squares.items(), key=lambda pair: pair[1])}
    if form == "opposite":
        scene["asked"] = [rng.choice((cube[side], cube[OPPOSITE[side]])) for side in ("top", "front", "right")]
        rng.shuffle(scene["asked"])
        scene["asked"] = scene["asked"][: 2 if level == 0 else 3]
    elif form == "fold":
        scene |= {"front": cube[rng.choice(("front", "back", "left", "right"))], "asked": [letters[0]]}
        scene["sides"] = rng.sample(list(WORDS), 3)
    else:
        scene["asked"] = [letters[0]]
        scene["way"] = _way(rng, rng.between(*ROLLS[level]))
    program = Program(OPS, scene)
    _execute(program, scene)
    return Parts(
        question=_question(rng, scene),
        rules=RULES[form].format(letters[0]),
        form={
            "roll": "(top, front, right)",
            "fold": f"({', '.join(scene['sides'])})",
            "opposite": f"({', '.join(f'opposite {letter}' for letter in scene['asked'])})",
        }[form],
        answer=Answer("tuple", program.value()),
        scene=scene,
        program=tuple(program.steps),
        features={"rolls": len(scene["way"])},
        canon=[form, scene["squares"], scene["asked"], scene["front"], scene["sides"], scene["way"]],
    )


def _question(rng: Rng, scene: Scene) -> str:
    asked, form = scene["asked"], scene["form"]
    if form == "opposite":
        words = [enumeration(asked)]
    else:
        places = [WORDS[side] for side in scene["sides"]]
        words = [asked[0], scene["front"], enumeration(places) if places else ""]
    return rng.choice(ASK[form]).format(*words)


def _execute(program: Program, scene: Scene) -> None:
    if scene["form"] == "opposite":
        cubes = [program.do("fold", top=letter) for letter in scene["asked"]]
        program.do("tuple", *(program.do("side", cube, side="bottom") for cube in cubes))
        return
    cube = program.do("fold", top=scene["asked"][0])
    if scene["form"] == "fold":
        cube = program.do("face", cube, front=scene["front"])
    for way in scene["way"]:
        cube = program.do("roll", cube, way=way)
    sides = scene["sides"] or ["top", "front", "right"]
    program.do("tuple", *(program.do("side", cube, side=side) for side in sides))


def _placed(rng: Rng, *, upright: bool) -> list[Square]:
    """The squares of a random net, mirrored or not and turned, in random order. upright: it may be higher than wide."""
    net = list(rng.choice(NETS))
    if rng.chance(0.5):
        net = [(row, -column) for row, column in net]
    if rng.chance(0.5):
        net = [(-row, column) for row, column in net]
    if upright and rng.chance(0.5):
        net = [(column, row) for row, column in net]
    rows, columns = [row for row, _ in net], [column for _, column in net]
    net = [(row - min(rows), column - min(columns)) for row, column in net]
    rng.shuffle(net)
    return net


def _way(rng: Rng, length: int) -> list[str]:
    """Steps that visit no square twice, stay on a board of size BOARD and turn at least once."""
    while True:
        way, been = [], [(0, 0)]
        for _ in range(length):
            here = been[-1]
            free = [name for name, (a, b) in STEPS.items() if (here[0] + a, here[1] + b) not in been]
            if not free:
                break
            way.append(rng.choice(free))
            been.append((here[0] + STEPS[way[-1]][0], here[1] + STEPS[way[-1]][1]))
        spans = [max(square[axis] for square in been) - min(square[axis] for square in been) for axis in (0, 1)]
        if len(way) == length and len(set(way)) > 1 and spans[0] < BOARD[0] and spans[1] < BOARD[1]:
            return way


def solve(scene: Scene) -> tuple[str, ...]:
    """With vectors: fold by turning the normals of the squares, find sides by cross products, roll by rotations."""
    normals = _normals(scene, scene["asked"][0])
    if scene["form"] == "opposite":
        at = {normal: letter for letter, normal in normals.items()}
        return tuple(at[-x, -y, -z] for x, y, z in (normals[letter] for letter in scene["asked"]))
    for way in scene["way"]:
        for letter, (x, y, z) in normals.items():
            moved = {"right": (z, y, -x), "left": (-z, y, x), "up": (x, z, -y), "down": (x, -z, y)}
            normals[letter] = moved[way]
    at = {normal: letter for letter, normal in normals.items()}
    if scene["form"] == "roll":
        return at[0, 0, 1], at[0, -1, 0], at[1, 0, 0]
    (a, b, c), (d, e, f) = normals[scene["asked"][0]], normals[scene["front"]]
    right = b * f - c * e, c * d - a * f, a * e - b * d
    sides = {"bottom": (-a, -b, -c), "back": (-d, -e, -f), "right": right, "left": _reverse(right)}
    return tuple(at[sides[side]] for side in scene["sides"])


def _reverse(vector: Vector) -> Vector:
    return -vector[0], -vector[1], -vector[2]


def _normals(scene: Scene, top: str) -> dict[str, Vector]:
    """The outward normal of each letter's square when the net bends down around `top`."""
    at = {(row, column): letter for letter, (row, column) in scene["squares"].items()}
    found: dict[str, Vector] = {}

    def visit(row: int, column: int, normal: Vector, right: Vector, down: Vector) -> None:
        letter = at.get((row, column))
        if letter is None or letter in found:
            return
        found[letter] = normal
        visit(row, column + 1, right, _reverse(normal), down)
        visit(row, column - 1, _reverse(right), normal, down)
        visit(row + 1, column, down, right, _reverse(normal))
        visit(row - 1, column, _reverse(down), right, normal)

    row, column = scene["squares"][top]
    visit(row, column, (0, 0, 1), (1, 0, 0), (0, -1, 0))
    return found


def explain(item: Item, variant: int) -> list[str]:
    scene, form = item.scene, item.scene["form"]
    says = [_SEEN[variant].format(_rows(scene["squares"]))]
    if variant % 2 and item.level >= 2:
        says.append(_WRONG[form])
    cubes = [step.value for step in item.program if step.type == "cube"]
    if form == "opposite":
        for cube in cubes:
            beside = ", ".join(cube[side] for side in ("back", "right", "front", "left"))
            says.append(f"With {cube['top']} on top, {beside} are the sides, so {cube['bottom']} is at the bottom.")
        return [*says, _CHECK[variant]]
    says.append(f"Folded down from {cubes[0]['top']}: {_listed(cubes[0])}.")
    if form == "fold":
        says.append(f"Turned until {scene['front']} is in front: {_listed(cubes[1])}.")
        says += [f"{WORDS[side].capitalize()}: {cubes[1][side]}." for side in scene["sides"]]
        return [*says, _CHECK[variant]]
    for way, cube in zip(scene["way"], cubes[1:], strict=True):
        says.append(f"Roll {way}: {', '.join(f'{side} {cube[side]}' for side in ('top', 'front', 'right', 'bottom'))}.")
    last = cubes[-1]
    says.append(f"At the end {last['top']} is on top, {last['front']} in front, {last['right']} on the right.")
    return [*says, _CHECK[variant]]


def _rows(squares: dict[str, list[int]]) -> str:
    """The net as text; - is where no square is."""
    at = {(row, column): letter for letter, (row, column) in squares.items()}
    rows, columns = max(row for row, _ in at) + 1, max(column for _, column in at) + 1
    return "; ".join(" ".join(at.get((r, c), "-") for c in range(columns)) for r in range(rows))


def _listed(cube: Sides) -> str:
    return ", ".join(f"{side} {cube[side]}" for side in ("top", "back", "right", "front", "left", "bottom"))
