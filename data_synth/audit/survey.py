"""One walk over the items of a family and level; of most of them it keeps a few digests, of the first the whole."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass

from data_synth.answers import Answer
from data_synth.audit.bounds import CANDIDATES, DUPLICATES, Reading
from data_synth.audit.classifier import Flags, Ints, copied, features, known
from data_synth.audit.wording import ends_of_question, form_of
from data_synth.generate import make, replay, solve_again
from data_synth.item import Item

KEPT = 100  # whole items, for attacks, traces and pictures


@dataclass(frozen=True, slots=True)
class Brief:
    """What is kept of an item. body: digest of scene, program and answer. asked, known, copied: what the prompt, its
    features and the prompt's words give away (see classifier). form, ends: see wording.
    """

    content: bytes
    body: bytes
    split: str
    answer: Answer
    asked: Ints
    known: Ints
    copied: Flags
    agrees: bool
    form: str
    ends: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Survey:
    """The items 0 .. n-1 of a family and level. logic_ms: mean processor time of deciding one."""

    family: str
    level: int
    briefs: list[Brief]
    items: list[Item]
    logic_ms: float


def survey(family: str, level: int, count: int) -> Survey:
    """Walk over the first `count` items."""
    briefs, items, spent = [], [], 0.0
    for index in range(count):
        start = time.process_time()
        item = make(family, level, index)
        spent += time.process_time() - start
        briefs.append(_brief(item))
        if index < KEPT:
            items.append(item)
    return Survey(family, level, briefs, items, 1000 * spent / count)


def blind_prompt(item: Item) -> str:
    """The prompt that says most of those that come with a picture; of an item without any, the prompt."""
    pictured = [modality for modality in item.modalities if modality != "text"]
    return max((item.prompt(modality) for modality in pictured or item.modalities), key=len)


def _brief(item: Item) -> Brief:
    prompt = blind_prompt(item)
    program = [[step.op, step.inputs, step.args] for step in item.program]
    body = json.dumps([item.scene, program, item.answer.surface], sort_keys=True, separators=(",", ":"))
    return Brief(
        content=bytes.fromhex(item.content_hash),
        body=hashlib.blake2b(body.encode(), digest_size=16).digest(),
        split=item.split,
        answer=item.answer,
        asked=features(prompt),
        known=known(item.features),
        copied=copied(prompt, item.answer.surface),
        agrees=solvers_agree(item),
        form=form_of(item),
        ends=ends_of_question(item),
    )


def solvers_agree(item: Item) -> bool:
    """Whether the replayed program and the second solver give the gold answer; of paths, whether both are accepted."""
    try:
        replay(item)
        second = solve_again(item)
    except (ValueError, TypeError, LookupError, ArithmeticError):  # a solver that breaks down does not agree
        return False
    if item.answer.type == "path":
        return isinstance(second, str) and item.accepts(second) and item.accepts(item.answer.value)
    second = tuple(second) if isinstance(second, list) else second
    return bool(second == item.answer.value)


def contents(survey: Survey) -> dict[str, Reading]:
    """Uniqueness of what a writer takes, duplicates among the candidates, and contents on both sides of the split."""
    taken: dict[bytes, bytes] = {}  # content -> body of the first item that has it
    for brief in survey.briefs:
        taken.setdefault(brief.content, brief.body)
    times = Counter(brief.content for brief in survey.briefs).values()
    pairs = sum(seen * (seen - 1) // 2 for seen in times)
    number = len(
        survey.briefs
    )  # at the limit, number**2 * DUPLICATES / CANDIDATES pairs are expected, as a Poisson draw
    train, held_out = (
        {digest for brief in survey.briefs if brief.split == split for digest in (brief.content, brief.body)}
        for split in ("train", "eval")
    )
    return {
        "unique": Reading(len(set(taken.values())) / len(taken)),
        "duplicates": Reading(
            min(1.0, pairs * CANDIDATES / number**2), error=(DUPLICATES * CANDIDATES) ** 0.5 / number
        ),
        "overlap": Reading(len(train & held_out)),
    }


def agreement(survey: Survey) -> dict[str, Reading]:
    return {"agreement": Reading(sum(brief.agrees for brief in survey.briefs) / len(survey.briefs))}
