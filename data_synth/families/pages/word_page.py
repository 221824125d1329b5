"""Word problems: a story of one to six steps of arithmetic, told in sentences drawn for each event.

The end is drawn first, and the story is built backwards from it, so answers are uniform over their range. From level 2
on there are sentences that do not matter; from level 3 on an amount may refer back to an earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from data_synth.answers import Answer
from data_synth.families.pages.word_sentences import (
    ASK_COUNT,
    ASK_MONEY,
    EVENTS,
    FRIENDS,
    HE,
    IDLE,
    SELL,
    SHE,
    START,
    THINGS,
)
from data_synth.item import Item, Parts
from data_synth.program import ARITHMETIC, Op, Program, Scene
from data_synth.render.canvas import Canvas
from data_synth.render.page import Block, Heading, Paragraph, page, pick_style, style_of
from data_synth.rng import Rng

ENDS = ((12, 180), (12, 260), (12, 400), (12, 600), (12, 900))  # range of the answer, by level
STEPS = ((1, 2), (2, 3), (3, 4), (4, 5), (5, 6))
KINDS = (
    ("gain", "give", "lose", "packs", "rounds"),
    ("gain", "give", "lose", "packs", "rounds", "times"),
    ("gain", "give", "lose", "packs", "rounds", "times", "share"),
    ("gain", "give", "lose", "packs", "rounds", "times", "share", "like"),
    ("gain", "give", "lose", "packs", "rounds", "times", "share", "like"),
)
IDLE_SENTENCES = ((0, 0), (0, 0), (1, 1), (1, 2), (2, 3))
COST = {"packs": 2, "rounds": 2, "like": 2}  # steps of arithmetic that an event takes; others take one
LARGEST = 1999
MONEY = 0.25  # share of stories that end with a sale
OTHERS = re.compile(r"{f}|neighbour|cousin|aunt|^(The|A) ")  # in a sentence that tells of somebody or something else
HEADINGS = ("", "", "Exercise {}", "Problem {}", "Task {}", "Question {}")

_READ = (
    "I read: {} {}", "The page says: {} {}", "I see a story. {} {}", "The text reads: {} {}", "Given: {} {}",
    "This is what I know: {} {}",
)  # fmt: skip
_BEGIN = (
    "We start with {}.", "At the start there are {}.", "The first number is {}.", "Start: {}.", "It begins with {}.",
    "First there are {}.",
)  # fmt: skip
_WANTED = (
    "We follow the number of {} from the start of the story to its end.",
    "So I keep track of the {}, one event after the other, in their order.",
    "The {} are what counts, so every change of their number is a step.",
    "I go through the story once more and write down what happens to the {}.",
    "Each sentence about the {} is one step, and the steps come in order.",
    "Let us take it step by step and look at the number of {} each time.",
)
_IDLE = (
    "This does not matter: {}", "Not needed: {}", "We can leave out: {}", "Of no use here: {}", "To be ignored: {}",
    "This changes nothing: {}",
)  # fmt: skip
_STEP = {
    "add": ("Add {0}", "{0} are added", "Plus {0}", "{0} more", "{0} come in", "It grows by {0}"),
    "subtract": ("Take away {0}", "{0} are taken off", "Minus {0}", "{0} fewer", "{0} go", "It shrinks by {0}"),
    "multiply": ("Multiply by {0}", "{0} times that", "Times {0}", "Taken {0} times", "{0}-fold", "The factor is {0}"),
    "divide": ("Divide by {0}", "Split into {0}", "One part of {0}", "Over {0}", "Shared by {0}", "A part in {0}"),
}  # fmt: skip
_SIGN = {"add": "+", "subtract": "-", "multiply": "x", "divide": "/"}
_INVERSE = {"add": "subtract", "subtract": "add", "multiply": "divide", "divide": "multiply"}
_END = (
    "Nothing else happens, so the story ends with {0} {1}.", "That was the last event, and there are {0} {1}.",
    "With this the story is over, and {0} {1} are asked for.", "No more is told, so it stays at {0} {1}.",
    "The story ends here, which makes it {0} {1}.", "After this sentence only the question is left: {0} {1}.",
)  # fmt: skip
_CHECK = (
    "Check backwards: {}, the number before the last step.",
    "Going back one step: {}, as it was before.",
    "To check, undo the last step: {}, which agrees.",
    "Backwards it fits: {}, where the last step began.",
    "Test of the last step: {}, the same as above.",
    "Undoing the last step: {}, so that is right.",
)

Event = dict[str, Any]


class WordPage:
    """Solve a word problem."""

    name = "word_page"
    modalities = ("text", "rendered")
    ops: Mapping[str, Op] = {
        **ARITHMETIC,
        "divide": Op(lambda scene, a, b: a // b, ("integer", "integer"), "integer"),
    }

    def logic(self, rng: Rng, level: int) -> Parts | None:
        end = rng.between(*ENDS[level])
        price = rng.between(2, 9) if rng.chance(MONEY) else 0
        if price:
            end -= end % price
        events = _events(rng, end // price if price else end, rng.between(*STEPS[level]) - bool(price), level)
        if events is None:
            return None
        name, pronoun = (rng.choice(SHE), "she") if rng.chance(0.5) else (rng.choice(HE), "he")
        words = {"n": name, "p": pronoun, "P": pronoun.capitalize(), "t": rng.choice(THINGS)}
        sentences = _told(rng, events, price, words, level)
        scene: Scene = {"events": events, "price": price, "sentences": sentences, "thing": words["t"]}
        scene |= {"heading": rng.choice(HEADINGS).format(rng.between(1, 60)), "style": pick_style(rng)}
        numbers = re.findall(r"\d+", " ".join([*sentences, scene["heading"]]))
        if str(end) in numbers:
            return None
        program = _run(Program(self.ops, scene))
        question = rng.choice(ASK_MONEY if price else ASK_COUNT).format(**words)
        return Parts(
            question=f"{' '.join(sentences)} {question}",
            rules="",
            form="n",
            answer=Answer("integer", program.value()),
            scene=scene,
            program=tuple(program.steps),
            features={"events": len(events), "sentences": len(sentences), "idle": _idle_count(scene)},
            canon=[words["n"], words["t"], price, [[event["kind"], *event["numbers"]] for event in events]],
            shown=question,
        )

    def draw(self, item: Item, size: int) -> list[Canvas]:
        frame = "paper" if item.scene["heading"] else "plain"
        return [page(self.blocks(item, size), style_of(item.scene), size, frame=frame)]

    def blocks(self, item: Item, size: int) -> list[Block]:
        heading = [Heading(item.scene["heading"], 2)] if item.scene["heading"] else []
        return [*heading, Paragraph(" ".join(item.scene["sentences"]), tag="story")]

    def solve_again(self, item: Item) -> int:
        return read_story(item.scene["sentences"])

    def explain(self, item: Item, variant: int) -> list[str]:
        sentences = item.scene["sentences"]
        says = [_READ[variant].format(" ".join(sentences), item.shown)]
        idle = [sentence for sentence in sentences if not _matters(sentence, item)]
        says += [_IDLE[variant].format(" ".join(idle))] if idle else []
        says += [
            _WANTED[variant].format(item.scene["thing"]),
            _BEGIN[variant].format(item.scene["events"][0]["numbers"][0]),
        ]
        steps = item.program
        for step in steps:
            if step.op == "number":
                continue
            left, right = (steps[place].value for place in step.inputs)
            saying = _STEP[step.op][variant].format(right)
            says.append(f"{saying}: {left} {_SIGN[step.op]} {right} = {step.value}.")
        says.append(_END[variant].format(steps[-1].value, "euros" if item.scene["price"] else item.scene["thing"]))
        left, right = (steps[place].value for place in steps[-1].inputs)
        undone = f"{steps[-1].value} {_SIGN[_INVERSE[steps[-1].op]]} {right} = {left}"
        says.append(_CHECK[variant].format(undone))
        return says


def _events(rng: Rng, end: int, steps: int, level: int) -> list[Event] | None:
    """A chain of events that ends at `end`, built from there; the first is the start. None if these draws fail."""
    chain: list[Event] = []
    value, friends = end, rng.sample(FRIENDS, 8)
    while steps > 0:
        kind = rng.choice(KINDS[level])
        if steps < COST.get(kind, 1) or (kind == "like" and steps < 3):
            kind = rng.choice(("gain", "give", "lose"))
        before = _undone(rng, kind, value)
        if before is None:
            return None
        value, numbers = before
        event = {"kind": kind, "numbers": numbers, "friend": friends[len(chain)]}
        chain.append(event)
        steps -= COST.get(kind, 1)
        if kind == "like":  # refers to what was given just before
            given = numbers[1]
            value += given
            chain.append({"kind": "give", "numbers": [given], "friend": event["friend"]})
            steps -= 1
        if not 2 <= value <= LARGEST:
            return None
    return [{"kind": "start", "numbers": [value], "friend": ""}, *chain[::-1]]


def _undone(rng: Rng, kind: str, value: int) -> tuple[int, list[int]] | None:
    """(value before, numbers) of an event of this kind that leads to `value`."""
    amount = rng.between(3, max(4, min(99, value - 2)))
    factor, each = rng.between(2, 9), rng.between(3, 25)
    if kind == "gain":
        return (value - amount, [amount]) if value - amount >= 2 else None
    if kind in ("give", "lose"):
        return value + amount, [amount]
    if kind == "packs":
        return (value - factor * each, [factor, each]) if value - factor * each >= 2 else None
    if kind == "rounds":
        return value + factor * each, [factor, each]
    if kind == "like":
        factor = rng.between(2, 4)
        return (value - factor * each, [factor, each]) if value - factor * each >= 2 else None
    if kind == "share":
        factor = rng.between(2, 6)
        return value * factor, [factor]
    factors = [factor for factor in range(2, 7) if value % factor == 0 and value // factor >= 3]
    if not factors:
        return None
    factor = rng.choice(factors)
    return value // factor, [factor]


def _told(rng: Rng, events: list[Event], price: int, words: dict[str, str], level: int) -> list[str]:
    """The sentences of the story, idle ones among them but not in front."""
    told: list[tuple[str, dict[str, Any]]] = [(rng.choice(START), {"a": events[0]["numbers"][0]})]
    for event in events[1:]:
        numbers, before = event["numbers"], [sentence for sentence, _ in told]
        pool = [sentence for sentence in EVENTS[event["kind"]] if sentence not in before]
        told.append((rng.choice(pool), {"a": numbers[0], "k": numbers[0], "m": numbers[-1], "f": event["friend"]}))
    if price:
        told.append((rng.choice(SELL), {"k": price}))
    for idle in rng.sample(IDLE, rng.between(*IDLE_SENTENCES[level])):
        told.insert(rng.between(1, len(told)), (idle, {"a": rng.between(7, 95), "f": rng.choice(FRIENDS)}))
    return [
        _named(sentence, before).format(**given, **words)
        for (before, _), (sentence, given) in pairwise([("", {}), *told])
    ]


def _named(sentence: str, before: str) -> str:
    """The sentence with the name in place of its first pronoun, which after talk of others might be one of them."""
    return re.sub(r"{[pP]}", "{n}", sentence, count=1) if OTHERS.search(before) else sentence


def _run(program: Program) -> Program:
    """Execute the events in their order."""
    scene = program.scene

    def number(value: int) -> int:
        return program.do("number", value=value)

    here = number(scene["events"][0]["numbers"][0])
    for event in scene["events"][1:]:
        kind, numbers = event["kind"], event["numbers"]
        amount = number(numbers[0])
        if len(numbers) == 2:
            amount = program.do("multiply", amount, number(numbers[1]))
        ways = {"times": "multiply", "share": "divide", "give": "subtract", "lose": "subtract", "rounds": "subtract"}
        here = program.do(ways.get(kind, "add"), here, amount)
    if scene["price"]:
        program.do("multiply", here, number(scene["price"]))
    return program


def _matters(sentence: str, item: Item) -> bool:
    """Whether a sentence is about the things; the others tell of something else."""
    return f" {item.scene['thing']}" in sentence


def _idle_count(scene: Scene) -> int:
    return len(scene["sentences"]) - len(scene["events"]) - bool(scene["price"])


def read_story(sentences: list[str]) -> int:
    """The answer from the sentences alone, by their verbs."""
    (thing,) = [word for word in re.findall(r"[a-z]+", sentences[0]) if word in THINGS]
    given: dict[str, int] = {}
    value: int | None = None
    for sentence in sentences:
        numbers = [int(digits) for digits in re.findall(r"\d+", sentence)]
        if not re.search(rf"\b{thing}\b", sentence):
            continue
        if value is None:
            (value,) = numbers
        elif back := re.search(r"times as many \w+ as s?he gave to (\w+)", sentence):
            value += numbers[0] * given[back[1]]
        elif "times as many" in sentence or "euros" in sentence:
            value *= numbers[0]
        elif "equal" in sentence:
            value //= numbers[0]
        else:
            amount = numbers[0] * (numbers[1] if len(numbers) > 1 else 1)
            leaves = re.search(r"\b(gives|loses|sells|throws|lends|donates)\b", sentence)
            value += -amount if leaves else amount
            for friend in FRIENDS:
                if "gives" in sentence and re.search(rf"\b{friend}\b", sentence):
                    given[friend] = amount
    assert value is not None  # the first sentence names the things
    return value
