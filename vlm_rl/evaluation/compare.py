"""Two evaluations of the same questions: which answers changed, and whether by more than chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vlm_rl.evaluation.finished import Evaluation, Row, is_withheld, subset_name
from vlm_rl.evaluation.paired import Difference, mcnemar_p, normal_p, paired_difference

SAME_SETTINGS = ("prompt_variant", "max_tokens", "temperature", "samples", "extractor")
_SHOWN_IDS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """A question that B answers better (won) or worse (lost) than A; one prediction for each sample."""

    id: str
    gold: str | None
    a: tuple[str | None, ...]
    b: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` finds. test: how p_value was computed. categories: kind -> group -> difference.

    withheld: questions left out because their gold answers are not published. warnings: settings that differ.
    """

    mode: str
    overall: Difference
    test: str
    p_value: float
    won: tuple[Change, ...]
    lost: tuple[Change, ...]
    categories: Mapping[str, Mapping[str, Difference]]
    withheld: int
    warnings: tuple[str, ...]


def compare(a: Evaluation, b: Evaluation, mode: str) -> Comparison:
    """Pair the questions of two evaluations by id, in one mode.

    One sample per question: exact McNemar test on right and wrong. Several: a normal test of the mean difference of
    the questions' success rates. Raises ValueError if benchmark, subset or questions differ, naming what does.
    """
    _refuse_if_different(a, b)
    names = [name for name in a.questions if not _withheld(a, b, name, mode)]
    if not names:
        raise ValueError(f"{a.folder} has no verdicts: the gold answers of {a.name} are not published")
    before, after = ([_rate(side.questions[name], mode) for name in names] for side in (a, b))
    overall = paired_difference(before, after)
    changes = [_change(name, a, b, mode) for name in names]
    won = tuple(change for change, x, y in zip(changes, before, after, strict=True) if y > x)
    lost = tuple(change for change, x, y in zip(changes, before, after, strict=True) if y < x)
    single = all(len(side.questions[name]) == 1 for side in (a, b) for name in names)
    return Comparison(
        mode=mode,
        overall=overall,
        test="exact McNemar" if single else "normal, of per-question means",
        p_value=mcnemar_p(len(won), len(lost)) if single else normal_p(overall),
        won=won,
        lost=lost,
        categories=_by_category(a, names, before, after),
        withheld=len(a.questions) - len(names),
        warnings=tuple(_warnings(a, b)),
    )


def _refuse_if_different(a: Evaluation, b: Evaluation) -> None:
    for key, value_of in _IDENTITY.items():
        if value_of(a.run) != value_of(b.run):
            raise ValueError(
                f"cannot compare different things: {key} is {value_of(a.run)!r} in {a.folder} and "
                f"{value_of(b.run)!r} in {b.folder}"
            )
    only = [_only(a, b), _only(b, a)]
    if any(only):
        raise ValueError("cannot compare different questions: " + ", and ".join(filter(None, only)))
    for name in a.questions:
        for key in ("gold", "options"):
            values = [side.questions[name][0][key] for side in (a, b)]
            if values[0] != values[1]:
                raise ValueError(
                    f"cannot compare different questions: {key} of {name!r} is {values[0]!r} in {a.folder} and "
                    f"{values[1]!r} in {b.folder}"
                )


_IDENTITY: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "benchmark": lambda run: run["benchmark"],
    "subset": subset_name,
    "split": lambda run: run.get("split"),
}


def _only(a: Evaluation, b: Evaluation) -> str:
    names = [name for name in a.questions if name not in b.questions]
    shown = ", ".join(names[:_SHOWN_IDS]) + (" …" if len(names) > _SHOWN_IDS else "")
    return f"{len(names):,} only in {a.folder} ({shown})" if names else ""


def _withheld(a: Evaluation, b: Evaluation, name: str, mode: str) -> bool:
    return any(is_withheld(side.questions[name], mode) for side in (a, b))


def _rate(rows: Sequence[Row], mode: str) -> float:
    return sum(bool(row[mode]["correct"]) for row in rows) / len(rows)


def _change(name: str, a: Evaluation, b: Evaluation, mode: str) -> Change:
    sides = [tuple(row[mode]["prediction"] for row in side.questions[name]) for side in (a, b)]
    return Change(name, a.questions[name][0]["gold"], *sides)


def _by_category(
    a: Evaluation, names: Sequence[str], before: Sequence[float], after: Sequence[float]
) -> dict[str, dict[str, Difference]]:
    members: dict[str, dict[str, list[int]]] = {}
    for place, name in enumerate(names):
        for kind, groups in a.questions[name][0]["categories"].items():
            for group in groups:
                members.setdefault(kind, {}).setdefault(group, []).append(place)
    return {
        kind: {
            group: paired_difference([before[place] for place in places], [after[place] for place in places])
            for group, places in sorted(groups.items())
        }
        for kind, groups in members.items()
    }


def _warnings(a: Evaluation, b: Evaluation) -> list[str]:
    told = [
        f"{key} differs: {a.run.get(key)} and {b.run.get(key)}"
        for key in SAME_SETTINGS
        if a.run.get(key) != b.run.get(key)
    ]
    worded = sum(a.questions[name][0]["question"] != rows[0]["question"] for name, rows in b.questions.items())
    if worded:
        told.append(f"the prompts of {worded:,} of {len(a.questions):,} questions differ")
    for side in (a, b):
        if side.missing:
            told.append(f"{side.folder} is not finished: {side.missing:,} responses are missing")
    return told
