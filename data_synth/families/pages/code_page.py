"""Code: what a short program prints, what a variable holds at the end, or where it first exceeds a limit.

The number asked for is drawn first; a constant of the program is then set so that it comes out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from data_synth.answers import Answer
from data_synth.families.pages.code_builders import ENDS, aimed, aimed_first, draft, pick_names
from data_synth.families.pages.code_program import OPS, Event, evaluate, lines_of, record, run, told
from data_synth.families.pages.code_reader import read_code
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.page import Block, Code, page, pick_style, style_of
from data_synth.rng import Rng

FORMS = (
    ("output", "variable"),
    ("output", "variable", "first"),
    ("output", "variable", "first"),
    ("output", "variable", "first"),
    ("output", "variable", "first"),
)
LONGEST = 1000  # events of a run, far beyond any program that is drawn
TITLES = ("main.py", "task.py", "demo.py", "loop.py", "test.py", "script.py")
RULES = {  # of what differs between languages, for programs that have it; by regular expressions
    r"range\(\w+\)": "range(n) runs from 0 to n-1",
    r"range\(\w+, ": "range(a, b) runs from a to b-1",
    r"\] =": "lists are counted from 0",
    r"//": "// divides and rounds down",
    r"%": "% gives the remainder",
}

_ASK = {
    "output": (
        "What does this program print?", "Which number does the program print?", "Give the output of this program.",
        "Run the program in your head. What is printed?", "What number appears when this code is run?",
        "Trace the code: what is its output?", "Find the number that the last line prints.",
        "Execute the code by hand and state what it prints.", "Predict the output of this code.",
    ),
    "variable": (
        "What is the value of `{0}` at the end?", "Which value does `{0}` have when the program ends?",
        "Give the final value of `{0}`.", "After the last line, what is `{0}`?",
        "Trace the code: what does `{0}` hold at last?",
        "Run the program in your head. What is `{0}` then?", "Find the value of `{0}` after this code has run.",
        "What number is stored in `{0}` in the end?", "Work out `{0}` at the end of the program.",
    ),
    "first": (
        "In which line does `{0}` first become greater than `limit`, and what is `{0}` then?",
        "Give the number of the line that first makes `{0}` greater than `limit`, and the value of `{0}` there.",
        "Which line is the first to set `{0}` above `limit`, and to which value?",
        "When `{0}` exceeds `limit` for the first time, which line has just run and what is `{0}`?",
        "Find the line in which `{0}` first exceeds `limit`, and the value that it gets.",
        "Trace the code until `{0}` is greater than `limit`. Which line did that, and what is `{0}`?",
        "At which line does `{0}` pass `limit` for the first time? State also the value of `{0}`.",
        "Run the program until `{0}` is above `limit`: name the line just executed and `{0}`.",
    ),
}  # fmt: skip
_READ = (
    "I read:\n{}\n", "The code says:\n{}\n", "I see this program:\n{}\n", "The lines are:\n{}\n",
    "Given is this code:\n{}\n", "This is the program:\n{}\n",
)  # fmt: skip
_PLAN = (
    "I run it line by line and note every value.", "Step by step, with all values:",
    "Now I follow the code from the top.", "Let me execute it by hand.", "I go through it in the order of the run.",
    "Running it, statement by statement:",
)  # fmt: skip
_STEP = ("Line {0}: {1}.", "{0}: {1}.", "L{0}: {1}.", "({0}) {1}.", "Then {0}: {1}.", "At {0}: {1}.")
_END = {
    "output": (
        "The one number that is printed is {1}.", "Nothing else is printed, only {1}.", "So {1} is what it prints.",
        "The output is {1} and nothing more.", "This prints {1} and the program ends.", "What appears is {1} alone.",
    ),
    "variable": (
        "The value of {0} at the end is {1}.", "Nothing more is set, so {0} stays {1}.", "At the end {0} holds {1}.",
        "The program ends with {0} at {1}.", "No line is left, so {0} is {1}.", "After the last line {0} is {1}.",
    ),
    "first": (
        "{1} > {2} for the first time, in line {3}.", "Line {3} is the first to pass {2}, with {1}.",
        "Before, no value was above {2}; in line {3} it is {1}.", "{1} is above {2}, and line {3} was the first.",
        "In line {3} the limit {2} is first exceeded: {1}.", "{1} > {2}, which happens first in line {3}.",
    ),
}  # fmt: skip
_CHECK = (
    "Check by the changes of {}: {}.", "Adding up what changed {}: {}.", "To check {}, start plus changes: {}.",
    "The changes of {} agree: {}.", "Once more, all changes of {}: {}.", "Test of {} by its changes: {}.",
)  # fmt: skip
_SLIP = (
    "So line {0} would be next - no, the test is false, and the line is skipped.",
    "On to line {0}? No: the test is false, so I leave it out.",
    "I almost ran line {0} now, which would be wrong after a test that is false.",
)
_LAST = (
    "A round with {0} will not follow: range stops before it.",
    "The next would be {0} - no, range ends one before, so this is the last round.",
    "Does {0} come too? No, the end of a range is not part of it.",
)


class CodePage:
    """Follow a program."""

    name = "code_page"
    modalities = ("text", "rendered")
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        **OPS,
        "final": Op(lambda scene, value: value, ("integer",), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        form = rng.choice(FORMS[level])
        end, names = rng.between(*ENDS[level]), pick_names(rng)
        code = draft(rng, names, level, extra=1)
        if code is None:
            return None
        found: Event | None = None
        if form == "first":
            made = aimed_first(rng, code, names.acc, end, level)
            events, found = made if made else (None, None)
        else:
            events = aimed(rng, code, names.acc, end, level, "print" if form == "output" else "assign")
        if events is None:
            return None
        lines = lines_of(code)
        text = "\n".join(lines)
        if str(end) in re.findall(r"\d+", text):
            return None
        scene: Scene = {"form": form, "code": code, "asked": names.acc, "style": pick_style(rng)}
        scene["title"] = rng.choice(TITLES)
        program = _run(Program(self.ops, scene), events, found)
        question, rules = rng.choice(_ASK[form]).format(names.acc), _rules(text)
        return Parts(
            question="\n".join([*([""] if rules else []), *_numbered(lines, 2), question]),
            rules=rules,
            form="(line, value)" if found else "n",
            answer=Answer("tuple" if found else "integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"lines": len(lines), "steps": len(events)},
            canon=[form, names.acc, lines],
            shown=question,
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        style, title = style_of(item.scene), item.scene["title"]
        return [page(self.blocks(item, size), style, size, frame="editor", title=title, grow=True)]

    def blocks(self, item: Item, size: int) -> list[Block]:
        return [Code("\n".join(lines_of(item.scene["code"])))]

    def solve_again(self, item: Item) -> int | tuple[int, int]:
        """Interpret the text of the program."""
        scene = item.scene
        did = read_code(lines_of(scene["code"]))
        if scene["form"] == "output":
            (printed,) = did.printed
            return printed
        stored = [(line, value) for line, name, value in did.history if name == scene["asked"]]
        if scene["form"] == "variable":
            return stored[-1][1]
        limit = did.memory["limit"]
        assert isinstance(limit, int)
        return next(entry for entry in stored if entry[1] > limit)

    def explain(self, item: Item, variant: int) -> list[str]:
        scene, events = item.scene, run(item.scene["code"], LONGEST)
        lines = lines_of(scene["code"])
        says = [_READ[variant].format("\n".join(_numbered(lines, 1))), _PLAN[variant]]
        if scene["form"] == "first":
            events = events[: 1 + next(n for n, event in enumerate(events) if _passes(event, events, scene))]
        slip = _slip(events) if item.level >= 2 and variant % 2 else None
        for event in events:
            says.append(_STEP[variant].format(event.line, told(event)))
            if event is slip:
                says.append(_doubted(event, variant // 2))
        changes, value = _changes(events, scene["asked"])
        if changes:
            says.append(_CHECK[variant].format(scene["asked"], changes))
        value = item.answer.value if scene["form"] == "output" else value
        return [*says, _END[scene["form"]][variant].format(scene["asked"], value, events[0].value, events[-1].line)]


def _numbered(lines: list[str], width: int) -> list[str]:
    return [f"{number:>{width}} {line}" for number, line in enumerate(lines, 1)]


def _rules(text: str) -> str:
    """What the reader must know of the language."""
    needed = [rule for sign, rule in RULES.items() if re.search(sign, text)]
    return f"As in Python: {'; '.join(needed)}." if needed else ""


def _run(program: Program, events: list[Event], found: Event | None) -> Program:
    """Record the run up to what is asked for, and the answer."""
    if found is None:
        places = record(program, events)
        program.do("final", places[-1])
        return program
    place = next(number for number, event in enumerate(events) if event is found)
    places = record(program, events[: place + 1])
    program.do("tuple", program.do("number", value=found.line), places[place])
    return program


def _slip(events: list[Event]) -> Event | None:
    """Where one could go wrong: a test that is false, or the last round of a loop."""
    false = [event for event in events if event.kind == "test" and not event.value]
    lasts = [
        event
        for event in events
        if event.kind == "loop" and isinstance(event.expression, list) and event.value == _end_of(event) - 1
    ]
    return next(iter([*lasts, *false]), None)


def _end_of(event: Event) -> int:
    """Where the range of a loop stops."""
    return int(evaluate(event.expression[-1], event.reads))


def _doubted(event: Event, wording: int) -> str:
    return _LAST[wording].format(_end_of(event)) if event.kind == "loop" else _SLIP[wording].format(event.line + 1)


def _passes(event: Event, events: list[Event], scene: Scene) -> bool:
    return event.name == scene["asked"] and event.value > events[0].value


def _changes(events: list[Event], name: str) -> tuple[str, int]:
    """All changes of a number as one sum, or "" if there are none, and its last value."""
    values = [event.value for event in events if event.name == name]
    steps = [after - before for before, after in zip(values, values[1:], strict=False)]
    terms = " ".join(f"{'-' if step < 0 else '+'} {abs(step)}" for step in steps)
    return f"{values[0]} {terms} = {values[-1]}" if steps else "", values[-1]
