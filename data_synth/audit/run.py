"""The audit of cells, each a family at a level, in one process or several."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial

from data_synth.audit.attacks import verifier
from data_synth.audit.bounds import BOUNDS, Finding, Reading, judge
from data_synth.audit.choices_only import choices_only
from data_synth.audit.guessing import guessing
from data_synth.audit.legibility import drawing, pictures
from data_synth.audit.survey import Survey, agreement, contents, survey
from data_synth.audit.traces import traces
from data_synth.audit.wording import paraphrases
from data_synth.families import FAMILIES
from data_synth.family import LEVELS
from data_synth.generate import family_named
from data_synth.local_runner import local_runner

Probe = Callable[[Survey], dict[str, Reading]]
Cell = tuple[str, int]

PROBES: dict[Probe, tuple[str, ...]] = {
    contents: ("unique", "duplicates", "overlap"),
    guessing: ("majority", "seen", "space", "chance", "blind", "glance", "pass@8", "best_8"),
    choices_only: ("choices",),
    paraphrases: ("paraphrases",),
    agreement: ("agreement",),
    verifier: ("accepted", "attacks", "rejected", "surfaces"),
    traces: ("trace_gold", "trace_steps", "tokens_min", "tokens_max", "phrasings"),
    pictures: ("glyph_px", "collisions", "clipped", "contrast"),
    drawing: ("picture_ms",),
    lambda survey: {"logic_ms": Reading(survey.logic_ms)}: ("logic_ms",),
}


def audit(
    families: Iterable[str] = tuple(FAMILIES),
    levels: Iterable[int] = LEVELS,
    count: int = 300,
    *,
    measures: Collection[str] = tuple(BOUNDS),
    workers: int = 1,
    progress: Callable[[str], None] | None = None,
) -> list[Finding]:
    """Measure every (family, level) over its first `count` items; findings in the order of families, levels, measures.

    workers > 1 start processes by spawning, so call it from under `if __name__ == "__main__"`. progress: is told of
    each cell that is done. Raises ValueError for an unknown family, level or measure, or fewer than 20 items.
    """
    cells = [(family, level) for family in families for level in levels]
    _check(cells, count, measures)
    found: list[Finding] = []
    work = partial(_audit, count=count, measures=tuple(measures))
    with local_runner(workers) as runner:
        for cell, findings in zip(cells, runner.map(work, cells), strict=True):
            found += findings
            if progress is not None:
                progress(f"{cell[0]} {cell[1]}")
    return found


def _check(cells: list[Cell], count: int, measures: Collection[str]) -> None:
    if not cells:
        raise ValueError("an audit needs at least one family and one level")
    for family, level in cells:
        family_named(family)
        if level not in LEVELS:
            raise ValueError(f"level must be in {LEVELS[0]} .. {LEVELS[-1]}, got {level}")
    if unknown := [measure for measure in measures if measure not in BOUNDS]:
        raise ValueError(f"unknown measure {unknown[0]!r}; there are {', '.join(BOUNDS)}")
    if count < 20:
        raise ValueError(f"an audit needs at least 20 items of each family and level, got {count}")


def _audit(cell: Cell, count: int, measures: tuple[str, ...]) -> list[Finding]:
    return audit_cell(*cell, count, measures)


def audit_cell(family: str, level: int, count: int, measures: Collection[str] = tuple(BOUNDS)) -> list[Finding]:
    """The findings of one family and level."""
    seen = survey(family, level, count)
    readings: dict[str, Reading] = {}
    for probe, gives in PROBES.items():
        if any(measure in measures for measure in gives):
            readings |= probe(seen)
    return [judge(family, level, name, readings[name]) for name in BOUNDS if name in measures and name in readings]
