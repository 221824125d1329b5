"""Draws follow 1 - success rate, the mix and the weights; a restored sampler goes on with the same prompts."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_sources import png, write_jsonl

from data_synth import Item
from vlm_rl.config import DataConfig, SamplerConfig
from vlm_rl.data.prompts import load_sources
from vlm_rl.data.records import BadRecord
from vlm_rl.data.sampler import Draws, PromptSampler
from vlm_rl.types import Finish, Prompt, ScoredGroup, Segment, Trajectory, Verdict

SYNTH = {"kind": "synth", "image_size": 32, "families": {"expression": [0, 1, 2]}}


def sampler(*sources: dict[str, Any], seed: int = 0, data: Mapping[str, Any] = {}, **knobs: Any) -> PromptSampler:
    cfg = DataConfig.model_validate({"sources": sources} | dict(data))
    knobs = {"schedule": "uniform"} | knobs
    return PromptSampler(load_sources(cfg), cfg, SamplerConfig.model_validate(knobs), seed=seed)


Write = Callable[..., dict[str, Any]]


@pytest.fixture
def records(tmp_path: Path) -> Write:
    """Write a JSONL source of text prompts with these levels; returns its config."""

    def write(name: str, levels: Iterable[int], **options: Any) -> dict[str, Any]:
        rows = [{"question": "?", "answer": "1", "id": f"{i}", "lv": level} for i, level in enumerate(levels)]
        path = write_jsonl(tmp_path / f"{name}.jsonl", *rows)
        return {"kind": "jsonl", "path": str(path), "name": name, "columns": {"id": "id", "level": "lv"}} | options

    return write


def scored(prompt: Prompt, *correct: bool) -> ScoredGroup:
    trajectory = Trajectory(prompt, 0, 0, (Segment((1,), (-1.0,), 0),), Finish.STOP)
    verdicts = tuple(Verdict(right, "", "match") for right in correct)
    zeros = (0.0,) * len(correct)
    return ScoredGroup(prompt, 0, (trajectory,) * len(correct), ("",) * len(correct), verdicts, zeros, zeros)


def draws_of(found: PromptSampler, count: int, key: Callable[[Prompt], str], *, iteration: int = 0) -> Counter[str]:
    """How often each key comes when nothing is ever in flight."""
    return Counter(
        key(prompt) for _ in range(count) for prompt in found.sample(1, iteration=iteration, in_flight=set())
    )


def off_share(counts: Counter[str], weights: Mapping[str, float]) -> dict[str, int]:
    """The counts more than four standard deviations off their share, and those of keys that have none."""
    total, draws = sum(weights.values()), counts.total()
    shares = {key: weights.get(key, 0.0) / total for key in counts.keys() | weights.keys()}
    return {
        key: counts[key]
        for key, share in shares.items()
        if abs(counts[key] - draws * share) > 4 * (draws * share * (1 - share)) ** 0.5
    }


# -------------------------------------------------------------------------------------------------------- priorities


def test_cells_of_an_endless_source_come_in_proportion_to_one_minus_success_rate() -> None:
    found = sampler(SYNTH, data={"modality_mix": {"text": 1}})
    rates = {"expression/0/text": 1.0, "expression/1/text": 0.75, "expression/2/text": 0.2}
    for name, rate in rates.items():
        found.cells[name].success_rate = rate
    counts = draws_of(found, 2000, lambda prompt: prompt.cell)
    assert not off_share(counts, {"expression/0/text": 0.05, "expression/1/text": 0.25, "expression/2/text": 0.8})


def test_prompts_of_a_finite_source_come_in_proportion_to_one_minus_success_rate(records: Write) -> None:
    found = sampler(records("set", [0, 0, 0, 0, 0, 1, 1]), ema=1.0)
    rates = {"set/0": 1.0, "set/1": 0.5, "set/2": 0.0, "set/5": 0.75}  # the others were never asked
    prompts = {prompt.id: prompt for prompt in found.sample(7, iteration=0, in_flight=set())}
    for name, rate in rates.items():
        found.update([scored(prompts[name], *(i < 4 * rate for i in range(4)))])
    weights = {name: max(0.05, 1 - rates.get(name, 0.5)) for name in prompts}  # levels do not matter, only rates do
    assert not off_share(draws_of(found, 4000, lambda prompt: prompt.id), weights)


def test_without_priorities_draws_are_even(records: Write) -> None:
    found = sampler(records("set", [0, 0, 1]), prioritized=False, ema=1.0)
    for prompt in found.sample(2, iteration=0, in_flight=set()):
        found.update([scored(prompt, True)])
    assert not off_share(draws_of(found, 2000, lambda prompt: prompt.id), {"set/0": 1, "set/1": 1, "set/2": 1})


def test_success_rates_are_running_averages(records: Write) -> None:
    found = sampler(records("set", [0, 0]), SYNTH, ema=0.25, initial_success_rate=0.5)
    assert not [key for key in found.metrics() if key.startswith("success/")]  # nothing has been asked
    for source in ("set", "expression"):
        prompt = next(p for p in found.sample(9, iteration=0, in_flight=set()) if p.family == source)
        found.update([scored(prompt, True, True), scored(prompt, True, False, False, False)])
        expected = 0.75 * (0.75 * 0.5 + 0.25 * 1.0) + 0.25 * 0.25
        assert found.metrics()[f"success/{prompt.cell}"] == pytest.approx(expected)


# ---------------------------------------------------------------------------------------------- modalities, sources


def test_modalities_come_as_the_mix_says() -> None:
    family = SYNTH | {"families": {"expression": [0, 1], "scene_count": [0]}}
    found = sampler(family, data={"modality_mix": {"text": 1, "rendered": 3, "image": 4}})
    assert not off_share(draws_of(found, 1500, lambda prompt: prompt.modality), {"text": 1, "rendered": 3, "image": 4})


def test_a_modality_without_a_share_or_a_source_is_left_out(records: Write) -> None:
    found = sampler(SYNTH, data={"modality_mix": {"text": 0, "rendered": 1, "image": 1}})
    assert draws_of(found, 200, lambda prompt: prompt.modality).keys() == {"rendered"}
    with pytest.raises(ValueError, match="modality_mix leaves no modality"):
        sampler(records("set", [0]), data={"modality_mix": {"image": 1}})


def test_sources_come_by_weight_whatever_their_size_and_levels(records: Write) -> None:
    few = records("few", [0, 0, 0, 0], weight=1)
    many = records("many", [i % 5 for i in range(50)], weight=3)
    assert not off_share(draws_of(sampler(few, many), 2000, lambda prompt: prompt.family), {"few": 1, "many": 3})
    mixed = sampler(many, SYNTH, data={"modality_mix": {"text": 1}})
    assert not off_share(draws_of(mixed, 2000, lambda prompt: prompt.family), {"many": 3, "expression": 1})


def test_two_sources_with_one_cell_are_refused(records: Write) -> None:
    one, other = records("one", [0]), records("other", [0])
    for source in (one, other):
        path = Path(source["path"])
        path.write_text(path.read_text().replace('"lv": 0', '"lv": 0, "family": "algebra"'))
    with pytest.raises(ValueError, match="data.sources.0 and data.sources.1 both have the cell algebra/0/text: make"):
        sampler(one, other)


# ------------------------------------------------------------------------------------------------------- curriculum


def test_levels_unlock_as_the_policy_learns() -> None:
    found = sampler(SYNTH, schedule="frontier", data={"modality_mix": {"text": 1}}, floor=1.0)
    for open_levels in ({0}, {0, 1}, {0, 1, 2}):
        prompts = found.sample(60, iteration=0, in_flight=set())
        assert {prompt.level for prompt in prompts} == open_levels
        assert found.metrics()["sampler/unlocked/expression/text"] == max(open_levels)
        hardest = next(prompt for prompt in prompts if prompt.level == max(open_levels))
        found.update([scored(hardest, True, True)] * 2)  # 0.5 -> 0.65 -> 0.755, past 0.7


def test_a_large_finite_set_unlocks_by_what_was_asked_of_it(records: Write) -> None:
    found = sampler(records("set", [0] * 500 + [1] * 500), schedule="frontier")
    for _ in range(10):
        found.update([scored(prompt, True, True) for prompt in found.sample(1, iteration=0, in_flight=set())])
    assert found.metrics()["sampler/unlocked/set/text"] == 1


def test_switch_at_turns_to_hard_cells_and_prompts(records: Write) -> None:
    found = sampler(records("set", [0] * 6), SYNTH, schedule="switch_at", switch_iteration=7, ema=1.0)
    prompts = {prompt.id: prompt for prompt in found.sample(200, iteration=0, in_flight=set())}
    easy = [prompts["set/0"], prompts["set/3"], *(p for p in prompts.values() if p.level in (0, 2) and "@" in p.id)]
    found.update([scored(prompt, True) for prompt in easy])
    before = draws_of(found, 600, lambda prompt: prompt.id if prompt.family == "set" else prompt.cell, iteration=6)
    after = draws_of(found, 600, lambda prompt: prompt.id if prompt.family == "set" else prompt.cell, iteration=7)
    expression = {f"expression/{level}/{modality}" for level in range(3) for modality in ("text", "rendered")}
    assert before.keys() == {f"set/{i}" for i in range(6)} | expression
    hard = {"expression/1/text", "expression/1/rendered"}
    assert after.keys() == {f"set/{i}" for i in (1, 2, 4, 5)} | hard


def test_where_nothing_is_hard_any_more_all_is_asked(records: Write) -> None:
    found = sampler(records("set", [0, 0]), schedule="switch_at", switch_iteration=0, ema=1.0)
    found.update([scored(prompt, True) for prompt in found.sample(2, iteration=0, in_flight=set())])
    assert draws_of(found, 50, lambda prompt: prompt.id).keys() == {"set/0", "set/1"}


# -------------------------------------------------------------------------------------------------- what is drawable


def test_prompts_in_flight_are_not_drawn_and_an_exhausted_source_gives_fewer(records: Write) -> None:
    found = sampler(records("set", [0, 0, 1, 1, 2]))
    in_flight = {"set/1", "set/3"}
    for _ in range(20):
        prompts = found.sample(9, iteration=0, in_flight=in_flight)
        assert sorted(prompt.id for prompt in prompts) == ["set/0", "set/2", "set/4"]
    assert found.sample(1, iteration=0, in_flight={f"set/{i}" for i in range(5)}) == []
    assert found.sample(0, iteration=0, in_flight=set()) == []


def test_other_sources_fill_in_for_an_exhausted_one(records: Write) -> None:
    found = sampler(records("set", [0, 0], weight=50), SYNTH)
    prompts = found.sample(30, iteration=0, in_flight={"set/0"})
    assert len(prompts) == 30
    assert [prompt.id for prompt in prompts if prompt.family == "set"] == ["set/1"]


def test_endless_draws_are_fresh_and_of_the_training_split() -> None:
    prompts = sampler(SYNTH).sample(300, iteration=0, in_flight=set())
    assert len({prompt.id for prompt in prompts}) == 300
    assert {Item.from_id(prompt.id.partition("#")[0]).split for prompt in prompts} == {"train"}


@pytest.fixture
def with_bad_images(tmp_path: Path) -> dict[str, Any]:
    """Four prompts with images, of which two vanish once the source has been scanned (see `spoil`)."""
    for i in range(4):
        (tmp_path / f"{i}.png").write_bytes(png("red"))
    rows = [{"question": "<image>?", "answer": "1", "image": f"{i}.png", "id": f"{i}"} for i in range(4)]
    path = write_jsonl(tmp_path / "set.jsonl", *rows)
    return {"kind": "jsonl", "path": str(path), "name": "set", "columns": {"id": "id"}}


def spoil(source: dict[str, Any]) -> None:
    (Path(source["path"]).parent / "1.png").unlink()
    (Path(source["path"]).parent / "2.png").write_bytes(b"torn")


def test_a_bad_record_stops_the_run_by_name(with_bad_images: dict[str, Any]) -> None:
    found = sampler(with_bad_images)
    spoil(with_bad_images)
    with pytest.raises(BadRecord, match=r"set.jsonl.*(1|2).png"):
        found.sample(4, iteration=0, in_flight=set())


def test_bad_records_are_skipped_and_counted_once(with_bad_images: dict[str, Any]) -> None:
    found = sampler(with_bad_images, data={"on_bad_record": "skip"})
    spoil(with_bad_images)
    for _ in range(5):
        prompts = found.sample(4, iteration=0, in_flight=set())
        assert sorted(prompt.id for prompt in prompts) == ["set/0", "set/3"]
    assert found.metrics()["sampler/skipped"] == 2
    restored = sampler(with_bad_images, data={"on_bad_record": "skip"})
    restored.load_state_dict(json.loads(json.dumps(found.state_dict())))
    assert len(restored.sample(4, iteration=0, in_flight=set())) == 2
    assert restored.metrics()["sampler/skipped"] == 2


# ------------------------------------------------------------------------------------------------------------ state


@pytest.mark.parametrize("schedule", ["uniform", "frontier", "switch_at"])
def test_restored_sampler_draws_the_same_prompts(records: Write, schedule: str) -> None:
    sources = records("set", [i % 3 for i in range(40)], weight=2), SYNTH

    def step(found: PromptSampler, iteration: int, flying: list[Prompt]) -> list[Prompt]:
        drawn = found.sample(8, iteration=iteration, in_flight={prompt.id for prompt in flying})
        found.update([scored(prompt, len(prompt.id) % 2 == 0, True) for prompt in drawn[::2]])
        return drawn

    found = sampler(*sources, schedule=schedule, switch_iteration=4)
    flying: list[Prompt] = []
    for iteration in range(5):
        flying = step(found, iteration, flying)
    restored = sampler(*sources, schedule=schedule, switch_iteration=4, seed=0)
    restored.load_state_dict(json.loads(json.dumps(found.state_dict())))
    again = flying
    for iteration in range(5, 10):
        flying, again = step(found, iteration, flying), step(restored, iteration, again)
        assert flying == again
    assert found.state_dict() == restored.state_dict()
    assert found.metrics() == restored.metrics()


def test_prompts_that_are_gone_at_a_restart_are_told(records: Write, caplog: pytest.LogCaptureFixture) -> None:
    found = sampler(records("set", [0, 0, 0]), ema=1.0)
    prompts = {prompt.id: prompt for prompt in found.sample(3, iteration=0, in_flight=set())}
    found.update([scored(prompts["set/0"], True), scored(prompts["set/2"], True)])
    restored = sampler(records("set", [0, 0]), ema=1.0)
    restored.load_state_dict(found.state_dict())
    assert "set/0/text: 1 prompts of the checkpoint are gone from the source" in caplog.text
    restored.update([scored(prompts["set/2"], True)])  # it was in flight
    assert not off_share(draws_of(restored, 2000, lambda prompt: prompt.id), {"set/0": 0.05, "set/1": 0.5})


def test_seeds_draw_differently(records: Write) -> None:
    source = records("set", [0] * 100)
    first, same, other = (
        [prompt.id for prompt in sampler(source, seed=seed).sample(20, iteration=0, in_flight=set())]
        for seed in (0, 0, 1)
    )
    assert first == same != other


def test_the_state_of_other_sources_is_refused(records: Write) -> None:
    state = sampler(records("set", [0, 0])).state_dict()
    with pytest.raises(ValueError, match=r"has the cells \['set/0/text'\], this run \['set/1/text'\]"):
        sampler(records("set", [1, 1])).load_state_dict(state)


@given(st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1).filter(any), st.integers(0, 2**20))
def test_what_has_no_weight_is_never_picked(weights: list[float], count: int) -> None:
    draws = Draws(0, "test")
    draws.count = count
    assert weights[draws.index(np.array(weights))] > 0
    assert draws.count == count + 1


def test_a_draw_from_two_hundred_thousand_prompts_does_not_walk_through_them(records: Write) -> None:
    found = sampler(records("set", [0] * 200_000))
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        prompts = found.sample(50, iteration=0, in_flight={f"set/{i}" for i in range(500)})
    finally:
        sys.settrace(before)
    assert len({prompt.id for prompt in prompts}) == 50
    assert lines < 200_000
