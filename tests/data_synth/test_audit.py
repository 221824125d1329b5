"""The audit passes a sound family and catches families that are broken on purpose, each by its own measure."""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import probe_family as probes
import pytest

from data_synth.answers import Answer, Comparison
from data_synth.audit import BOUNDS, Finding, attacks, audit, audit_cell, broken
from data_synth.audit.attacks import attacks as attacks_on
from data_synth.audit.attacks import wrong_surfaces
from data_synth.audit.bounds import Reading, judge
from data_synth.audit.choices_only import OPTIONS, cross_choose, describe
from data_synth.audit.classifier import cross_copy, cross_guess, features, known
from data_synth.audit.command import add_arguments, run
from data_synth.audit.guessing import chao, label_answers
from data_synth.audit.legibility import contrast
from data_synth.audit.page import page
from data_synth.audit.show import complaints, markdown
from data_synth.audit.surfaces import responses
from data_synth.audit.traces import says_steps
from data_synth.families import FAMILIES
from data_synth.generate import make

TIMES = {"logic_ms", "picture_ms"}
MEASURES = tuple(measure for measure in BOUNDS if measure not in TIMES)
ANSWERS = [
    Answer("integer", 12), Answer("integer", 0), Answer("integer", 1), Answer("integer", -7), Answer("integer", 12345),
    Answer("decimal", 3.5, 0.05), Answer("decimal", -1234.25), Answer("decimal", 40), Answer("word", "red square"),
    Answer("word", "QB"), Answer("tuple", ("red square", 3, 12)), Answer("tuple", (0, 0)), Answer("set", ("a", "b", 3)),
    Answer("cell", (2, 5)), Answer("path", "RRUD"), Answer("expression", "7*sqrt(3)/2"), Answer("expression", "0"),
    Answer("expression", "-2*pi/3"), Answer("expression", "1 + sqrt(2)"),
]  # fmt: skip


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Finding]]:
    """Audit a family class at one level; findings by measure."""

    def work(kind: type[probes.Sound], measures: tuple[str, ...] = MEASURES, count: int = 300) -> dict[str, Finding]:
        monkeypatch.setitem(FAMILIES, "probe", kind())
        return {finding.measure: finding for finding in audit_cell("probe", 2, count, measures)}

    return work


def bad(found: dict[str, Finding]) -> set[str]:
    return {measure for measure, finding in found.items() if not finding.ok}


def test_a_sound_family_breaks_nothing(audited: Callable[..., dict[str, Finding]]) -> None:
    found = audited(probes.Sound)
    assert not bad(found)
    assert set(found) == set(MEASURES)
    assert found["seen"].value > 150
    assert 250 < found["space"].value < 400  # there are 300


@pytest.mark.parametrize(
    ("kind", "measures"),
    [
        (probes.FrequentAnswer, {"majority"}),
        (probes.FewAnswers, {"space", "pass@8"}),
        (probes.Repeats, {"duplicates"}),
        (probes.ContentThatDependsOnChance, {"unique", "overlap"}),
        (probes.PrintedAnswer, {"blind"}),
        (probes.WordThatTells, {"blind", "glance", "pass@8"}),
        (probes.SecondSolverErrs, {"agreement"}),
        (probes.SecondSolverBreaksDown, {"agreement"}),
        (probes.WrongSumInTrace, {"trace_steps"}),
        (probes.SilentTrace, {"trace_steps"}),
        (probes.BoxInTrace, {"trace_gold"}),
        (probes.ShortTrace, {"tokens_min", "phrasings"}),
        (probes.LongTrace, {"tokens_max"}),
        (probes.OnePhrasing, {"phrasings"}),
        (probes.FewWordings, {"paraphrases"}),
        (probes.TinyLetters, {"glyph_px"}),
        (probes.CutOff, {"clipped"}),
        (probes.CollidingTexts, {"collisions"}),
        (probes.PaleLetters, {"contrast"}),
        (probes.WideTolerance, {"majority", "space", "pass@8"}),
    ],
)
def test_a_broken_family_is_caught(
    audited: Callable[..., dict[str, Finding]], kind: type[probes.Sound], measures: set[str]
) -> None:
    others = {"accepted", "attacks", "rejected", "surfaces"}  # slow, and the same for all of these
    count = 600 if kind is probes.WordThatTells else 300
    found = audited(kind, tuple(measure for measure in MEASURES if measure not in others), count)
    assert measures <= bad(found)
    guessing = {measure for measure in BOUNDS if BOUNDS[measure].group == "guessing"}
    follow = guessing if measures & {"majority", "space", "duplicates", "unique"} else set()
    assert bad(found) <= measures | follow


def test_slow_logic_is_caught(audited: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(probes.Sound):
        def total(self, rng: object) -> int:
            return 50 + sum(n % 2 for n in range(100_000)) % 7

    assert bad(audited(Slow, ("logic_ms",), 20)) == {"logic_ms"}


def test_paths_are_judged_by_simulation(audited: Callable[..., dict[str, Finding]]) -> None:
    measures = ("majority", "agreement", "accepted", "rejected", "surfaces")
    assert not bad(audited(probes.Paths, measures))
    assert bad(audited(probes.AnyPath, measures)) == {"majority", "accepted"}


def test_a_verifier_that_looks_for_the_answer_anywhere_accepts_too_much(
    audited: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def substring(answer: Answer, text: str | None) -> Comparison:
        return Comparison(answer.surface in (text or ""), text or "", "substring")

    monkeypatch.setattr(attacks, "compare", substring)
    assert "accepted" in bad(audited(probes.Sound, ("accepted", "rejected"), 40))


def test_a_verifier_that_wants_the_very_letters_refuses_too_much(
    audited: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def literal(answer: Answer, text: str | None) -> Comparison:
        return Comparison(text == answer.surface, text or "", "literal")

    monkeypatch.setattr(attacks, "compare", literal)
    found = audited(probes.Sound, ("accepted", "rejected"), 40)
    assert bad(found) == {"rejected"}
    assert found["rejected"].value > 40


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer.type}:{answer.surface}")
def test_all_types_of_answers_are_attacked_and_dressed(answer: Answer) -> None:
    wrong, right = list(attacks_on(answer, ["5", "AB", "(9, 9)"])), responses(answer)
    assert len(wrong) >= 80
    assert len(right) == len(set(right)) >= 20
    assert not [text for text in wrong if attacks.compare(answer, attacks.extract(text)).correct]
    assert not [text for text in right if not attacks.compare(answer, attacks.extract(text)).correct]


def test_mutants_of_a_number_are_other_numbers() -> None:
    mutants = {text for text in wrong_surfaces(Answer("integer", 121)) if text.lstrip("-").isdecimal()}
    assert {"120", "122", "131", "111", "-121", "242", "1210"} <= mutants
    assert "121" not in mutants  # a palindrome reversed is no mutant
    near = [
        float(text) for text in wrong_surfaces(Answer("decimal", 5.0, 0.5)) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)
    ]
    assert near
    assert all(abs(value - 5) > 0.5 for value in near)


def test_labels_join_the_numbers_that_one_guess_hits() -> None:
    answers = [Answer("decimal", value, 0.5) for value in (1.0, 1.9, 2.1, 5.0)] + [Answer("integer", 5)]
    labels = label_answers([*answers, Answer("decimal", 5.0)])
    assert labels[0] == labels[1] != labels[2]  # 1.5 is right for the first two, nothing for all three
    assert len(set(labels[:4])) == 3
    assert labels[4] == labels[5] == "5"
    assert len(set(label_answers([Answer("set", ("a", "B")), Answer("set", ("b", "a"))]))) == 1


def test_the_number_of_answers_is_estimated_from_few() -> None:
    draw = random.Random(5)
    for size in (50, 100, 400):
        estimate, error = chao(Counter(str(draw.randrange(size)) for _ in range(300)))
        assert abs(estimate - size) < 5 * error + 3
        assert error < size / 3


def test_the_classifier_finds_a_word_that_tells_and_makes_up_nothing() -> None:
    draw = random.Random(7)
    labels = [str(draw.randrange(50)) for _ in range(1000)]
    noise = [f"find {draw.randrange(999)} near {draw.choice('abcdefgh')} and {draw.choice('stuvwxyz')}" for _ in labels]
    blind = cross_guess([features(text) for text in noise], labels)
    assert blind.hit.mean() < 0.05
    assert abs((1 - (1 - blind.gold) ** 8).mean() - (1 - 0.98**8)) < 0.02
    told = [f"{text} word{chr(97 + int(label) // 2)}" for text, label in zip(noise, labels, strict=True)]
    assert cross_guess([features(text) for text in told], labels).hit.mean() > 0.4  # at best 0.5
    sizes = [np.union1d(features(text), known({"size": int(label)})) for text, label in zip(noise, labels, strict=True)]
    assert cross_guess(sizes, labels).hit.mean() > 0.7


def test_the_best_copying_rule_is_chosen_on_the_other_half() -> None:
    hits = np.zeros((400, 3), bool)
    hits[:, 1] = np.arange(400) % 4 < 2
    hits[::2, 2] = True  # perfect on one half, useless on the other
    assert cross_copy(hits) == pytest.approx(0.5 * 0.5)


def test_options_that_give_the_right_one_away_are_caught() -> None:
    draw = random.Random(4)

    def asked(make_options: Callable[[tuple[int, int, int]], list[tuple[int, ...]]]) -> float:
        found = []
        for _ in range(800):
            gold = (draw.randrange(9), draw.randrange(9), draw.randrange(9))
            shown: list[tuple[int, ...]] = [gold, *make_options(gold)]
            draw.shuffle(shown)
            found.append((describe([str(option) for option in shown]), shown.index(gold)))
        return cross_choose(found)

    fair = asked(lambda gold: [tuple(draw.randrange(9) for _ in gold) for _ in range(OPTIONS - 1)])
    assert fair < 1 / OPTIONS + 0.05
    changed = asked(lambda gold: [tuple((v + (k == n)) % 9 for k, v in enumerate(gold)) for n in range(3)])
    assert changed > 0.9  # each wrong option changes one part of the right one: what most options share is right
    assert asked(lambda gold: [(v, v) for v in gold]) > 0.9  # the right one is the longest


def test_contrast_is_that_of_the_guidelines() -> None:
    white = np.array([255.0, 255.0, 255.0])
    assert contrast((0, 0, 0), white) == pytest.approx(21.0)
    assert contrast((119, 119, 119), white) == pytest.approx(4.48, abs=0.01)
    assert contrast((255, 0, 0), white) == pytest.approx(4.0, abs=0.01)


def test_a_step_must_be_said_after_what_it_was_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "probe", probes.Sound())
    item = make("probe", 2, 0)
    first, second, total = (step.value for step in item.program)
    assert says_steps(item, f"{first} and {second} make {total}.")
    assert not says_steps(item, f"{total} is made of {first} and {second}.")
    assert not says_steps(item, f"{first} and {second} make {total}0.")


def test_few_items_leave_room_for_chance_and_many_do_not() -> None:
    assert judge("f", 1, "majority", Reading(0.08, error=0.0126)).ok
    assert not judge("f", 1, "majority", Reading(0.08, error=0.002)).ok
    assert judge("f", 1, "blind", Reading(0.049, base=0.02)).ok
    assert not judge("f", 1, "blind", Reading(0.051, base=0.02)).ok
    assert judge("f", 0, "duplicates", Reading(1.0)).bound is None
    assert not judge("f", 3, "duplicates", Reading(0.002)).ok


def test_a_broken_bound_is_said_with_what_it_means() -> None:
    finding = judge("f", 1, "agreement", Reading(0.5))
    assert broken([finding, judge("f", 2, "agreement", Reading(1.0))]) == [finding]
    (line,) = complaints([finding])
    assert line == f"f 1: agreement is 0.5, must be >= 1. {BOUNDS['agreement'].text}"


def test_workers_change_nothing() -> None:
    measures = ("unique", "blind", "tokens_min", "contrast")
    work = {"families": ["expression", "bar_chart"], "levels": [0, 3], "count": 20, "measures": measures}
    alone = audit(**work)  # type: ignore[arg-type]
    assert audit(**work, workers=2) == alone  # type: ignore[arg-type]
    assert list(dict.fromkeys((f.family, f.level) for f in alone)) == list(
        itertools.product(("expression", "bar_chart"), (0, 3))
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"families": ["bar_chrt"]}, "did you mean bar_chart"),
        ({"levels": [7]}, "0 .. 4"),
        ({"measures": ["blid"]}, "unknown measure 'blid'"),
        ({"count": 5}, "at least 20"),
        ({"families": []}, "at least one family"),
        ({"workers": 0}, "workers"),
    ],
)
def test_arguments_that_name_nothing_are_errors(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        audit(**{"families": ["bar_chart"], "levels": [0], "count": 20, **wrong})  # type: ignore[arg-type]


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args([*words, "--n", "60", "--workers", "1"])


def test_the_command_writes_what_it_found_and_fails_where_a_bound_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(FAMILIES, "probe", probes.Sound())
    command = ["--families", "probe", "--levels", "2,3", "--measures", "agreement,majority,phrasings"]
    run(arguments(*command, "--out", str(tmp_path)))
    assert "No bound is broken" in capsys.readouterr().out
    monkeypatch.setitem(FAMILIES, "probe", probes.OnePhrasing())
    with pytest.raises(SystemExit) as left:
        run(arguments(*command, "--out", str(tmp_path)))
    assert left.value.code == 1
    assert "probe 2: phrasings is 1, must be >= 5" in capsys.readouterr().out
    record = json.loads((tmp_path / "audit.json").read_text())
    assert record["broken"] == 2
    assert {f["measure"] for f in record["findings"] if not f["ok"]} == {"phrasings"}
    text = (tmp_path / "audit.html").read_text()
    assert text.count('class="first bad"') + text.count('class="bad"') == 2
    assert "http" not in text.replace("http-equiv", "")
    assert "| probe 3 |" in (tmp_path / "audit.md").read_text()


def test_an_unknown_level_in_the_command_is_an_error() -> None:
    with pytest.raises(ValueError, match="--levels must be of 0, 1, 2, 3, 4"):
        run(arguments("--levels", "0,x"))


def test_pages_escape_what_they_show() -> None:
    finding = Finding("<b>", 0, "agreement", 0.5, 1.0, False)
    assert "<b>" not in page([finding], 20)
    assert "**0.5**" in markdown([finding], 20)
