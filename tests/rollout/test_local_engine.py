"""Interruptions, batching and siblings change nothing of what the embedded engine writes; every way to end is exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
import torch
from tiny import ONE, OTHER, TEXT, TWO

from vlm_rl.config import RolloutConfig
from vlm_rl.models.policy import Policy, Rows
from vlm_rl.rollout.local_engine import LocalEngine
from vlm_rl.types import Finish, Prompt, Trajectory

Load = Callable[..., Policy]
KINDS = ["llava_siglip", "qwen2_5_vl"]
MORE_KINDS = [*KINDS, "llava_clip", "qwen3_vl", "idefics3"]
LIMIT = 20  # max_response_tokens
PROMPTS = (ONE, TEXT, TWO, OTHER)


def make_engine(policy: Policy, *, greedy: bool = False, seed: int = 3, **knobs: int) -> LocalEngine:
    """No repetition stop unless asked for."""
    settings = {"max_response_tokens": LIMIT, "segment_tokens": LIMIT, "repeat_min_tokens": 1000} | knobs
    return LocalEngine(policy, RolloutConfig.model_validate(settings), seed=seed, greedy=greedy)


def start(prompts: Sequence[Prompt] = PROMPTS, size: int = 2) -> list[Trajectory]:
    return [Trajectory(prompt, group, index) for group, prompt in enumerate(prompts) for index in range(size)]


def extend_until_done(engine: LocalEngine, pending: list[Trajectory], budgets: Sequence[int]) -> list[Trajectory]:
    """One segment for each budget, as the loop does it: only what is unfinished goes on, each time as a new version."""
    for version, budget in enumerate(budgets):
        engine.load_weights(engine.policy, version=version)
        grown = iter(engine.extend([t for t in pending if t.finish is None], segment_tokens=budget))
        pending = [next(grown) if t.finish is None else t for t in pending]
    return pending


@pytest.fixture(scope="module")
def policies(tiny_policy: Load) -> Callable[[str], Policy]:
    """One policy of each kind for the whole file; a test that changes one loads its own."""
    known: dict[str, Policy] = {}
    return lambda kind: known.setdefault(kind, tiny_policy(kind))


@pytest.mark.parametrize("greedy", [True, False])
@pytest.mark.parametrize("kind", MORE_KINDS)
def test_a_cut_response_goes_on_with_its_images_as_if_never_cut(
    kind: str, greedy: bool, policies: Callable[[str], Policy]
) -> None:
    engine = make_engine(policies(kind), greedy=greedy)
    whole = extend_until_done(engine, start(), [LIMIT])
    for budgets in ([7, LIMIT], [1, 5, LIMIT], [3, 1, 8, LIMIT]):
        cut = extend_until_done(engine, start(), budgets)
        assert [t.token_ids for t in cut] == [t.token_ids for t in whole]
        assert [t.finish for t in cut] == [t.finish for t in whole]
        for one, other in zip(cut, whole, strict=True):
            assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)
    assert len({t.token_ids for t in whole}) >= (3 if greedy else 6)  # prompts, and samples, do differ


@pytest.mark.parametrize("kind", MORE_KINDS)
def test_its_logprobs_are_those_of_the_trainer(kind: str, policies: Callable[[str], Policy]) -> None:
    policy = policies(kind)
    done = extend_until_done(make_engine(policy), start(), [4, 9, LIMIT])
    rows = Rows([policy.encode(t.prompt) for t in done], list(range(len(done))), [t.token_ids for t in done])
    with torch.no_grad():
        trainer = policy.logprobs(rows)
    for row, trajectory in enumerate(done):
        assert trajectory.logprobs == pytest.approx(trainer[row, -trajectory.num_tokens :].tolist(), abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_greedy_tokens_are_those_of_transformers_generate(kind: str, policies: Callable[[str], Policy]) -> None:
    policy = policies(kind)
    done = make_engine(policy, greedy=True).extend(start(size=1), segment_tokens=LIMIT)
    for trajectory in done:
        encoded = policy.encode(trajectory.prompt)
        fields = dict(encoded.vision)
        if encoded.token_types is not None:
            fields["mm_token_type_ids"] = encoded.token_types[None]
        made = policy.model.generate(
            input_ids=encoded.input_ids[None],
            attention_mask=torch.ones_like(encoded.input_ids)[None],
            do_sample=False,
            max_new_tokens=LIMIT,
            suppress_tokens=policy.banned_ids.tolist(),
            **fields,
        )
        assert trajectory.token_ids == tuple(made[0, len(encoded.input_ids) :].tolist())


@pytest.mark.parametrize("kind", KINDS)
def test_batching_does_not_change_what_is_written(kind: str, policies: Callable[[str], Policy]) -> None:
    policy = policies(kind)
    # unequal histories of 0, 3 and 6 tokens, and another order than that of the groups
    pending = start()[::-1]
    for row in range(len(pending)):
        if row % 3:
            (pending[row],) = make_engine(policy).extend([pending[row]], segment_tokens=3 * (row % 3))
    pending = [t for t in pending if t.finish is None]
    assert {t.num_tokens for t in pending} == {0, 3, 6}
    written = [
        [
            (t.group_id, t.index, t.token_ids)
            for t in make_engine(policy, batch_rows=rows).extend(pending, segment_tokens=8)
        ]
        for rows in (1, 3, 100)
    ]
    assert written[0] == written[1] == written[2]
    assert [row[:2] for row in written[0]] == [(t.group_id, t.index) for t in pending]


def test_every_trajectory_has_its_own_random_numbers_and_the_seed_changes_them(
    policies: Callable[[str], Policy],
) -> None:
    policy = policies("llava_siglip")
    many = start([TEXT], size=12)
    written = {
        seed: [t.token_ids for t in make_engine(policy, seed=seed).extend(many, segment_tokens=6)] for seed in (3, 4)
    }
    assert len(set(written[3])) > 8
    assert sum(a == b for a, b in zip(written[3], written[4], strict=True)) < 4
    elsewhere = make_engine(policy).extend([replace(t, group_id=7) for t in many], segment_tokens=6)
    assert sum(t.token_ids == known for t, known in zip(elsewhere, written[3], strict=True)) < 4


def test_tokens_are_sampled_as_often_as_the_policy_says(tiny_policy: Load) -> None:
    policy, count = tiny_policy("llava_siglip", temperature=1.5), 3000
    sampled = make_engine(policy, batch_rows=count).extend(start([TEXT], size=count), segment_tokens=1)
    with torch.no_grad():
        inputs = policy.inputs(Rows([policy.encode(TEXT)], [0], [()]))
        probabilities = policy.log_distribution(policy.forward(inputs).logits[0, -1]).exp()
    counts = torch.bincount(torch.tensor([t.token_ids[0] for t in sampled]), minlength=len(probabilities))
    assert not counts[policy.banned_ids].any()
    deviation = (counts - count * probabilities).abs() / (count * probabilities * (1 - probabilities)).sqrt()
    assert deviation[count * probabilities > 5].max() < 4.5  # standard deviations


def first_index(tokens: Sequence[int], wanted: set[int]) -> int:
    return next((i for i, token in enumerate(tokens) if token in wanted), len(tokens))


@pytest.mark.parametrize("budgets", [[LIMIT], [5, 5, 5, 5], [4, LIMIT]])
@pytest.mark.parametrize("kind", KINDS)
def test_a_response_ends_with_the_first_end_token_which_it_keeps(
    kind: str, budgets: list[int], tiny_policy: Load
) -> None:
    policy = tiny_policy(kind)
    policy.eos_ids = set()
    endless = extend_until_done(make_engine(policy), start(), [LIMIT])
    ends = {endless[0].token_ids[2], endless[1].token_ids[9], endless[4].token_ids[4]}  # tokens that do come up
    policy.eos_ids = ends
    done = extend_until_done(make_engine(policy), start(), budgets)
    assert {t.finish for t in done} == {Finish.STOP, Finish.LENGTH}
    for trajectory, reference in zip(done, endless, strict=True):
        end = first_index(reference.token_ids, ends)
        assert trajectory.token_ids == reference.token_ids[: end + 1]
        assert trajectory.finish == (Finish.STOP if end < LIMIT else Finish.LENGTH)


@pytest.mark.parametrize("budgets", [[LIMIT], [9, LIMIT], [7, 7, 7], [19, 1]])
def test_a_response_is_cut_exactly_at_the_limit_also_over_segments(
    budgets: list[int], policies: Callable[[str], Policy]
) -> None:
    done = extend_until_done(make_engine(policies("llava_siglip")), start(), budgets)
    assert any(t.finish is Finish.LENGTH for t in done)
    for trajectory in done:
        assert (trajectory.num_tokens == LIMIT) or trajectory.finish is Finish.STOP
    nearly = extend_until_done(make_engine(policies("llava_siglip")), start(), [19])
    assert any(t.finish is None and t.num_tokens == 19 for t in nearly)


@pytest.mark.parametrize("budgets", [[LIMIT], [4, 4, 4, 4, 4], [1] * LIMIT])
def test_the_repetition_stop_sees_over_segment_boundaries(
    budgets: list[int], policies: Callable[[str], Policy]
) -> None:
    policy = policies("llava_siglip")
    endless = extend_until_done(make_engine(policy, greedy=True), start(), [LIMIT])
    knobs = {"repeat_max_period": 3, "repeat_min_count": 3, "repeat_min_tokens": 5}
    done = extend_until_done(make_engine(policy, greedy=True, **knobs), start(), budgets)
    repeated = 0
    for trajectory, reference in zip(done, endless, strict=True):
        end = first_repeat(reference.token_ids)
        repeated += end is not None
        assert trajectory.token_ids == reference.token_ids[:end]
        assert trajectory.finish == (reference.finish if end is None else Finish.REPEAT)
    assert repeated and repeated < len(done)


def first_repeat(tokens: Sequence[int]) -> int | None:
    """How many tokens there are when the end first is a period of at most 3 tokens, 3 times and 5 tokens long."""
    for length in range(1, len(tokens) + 1):
        for period in (1, 2, 3):
            tail = tokens[max(0, length - max(3 * period, 5)) : length]
            if len(tail) == max(3 * period, 5) and tail[period:] == tail[:-period]:
                return length
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_segments_carry_their_version_and_stay_within_their_budget(
    kind: str, policies: Callable[[str], Policy]
) -> None:
    done = extend_until_done(make_engine(policies(kind)), start(), [2, 5, 5, LIMIT])
    assert any(len(t.segments) == 4 for t in done)
    for trajectory in done:
        lengths = [len(segment.token_ids) for segment in trajectory.segments]
        assert [segment.policy_version for segment in trajectory.segments] == list(range(len(lengths)))
        assert all(length <= budget for length, budget in zip(lengths, [2, 5, 5, 8], strict=False))
        assert lengths[:-1] == [2, 5, 5][: len(lengths) - 1]  # what goes on used its whole budget


def test_new_weights_change_what_follows_but_nothing_that_was_written(tiny_policy: Load) -> None:
    policy = tiny_policy("llava_siglip")
    engine = make_engine(policy, greedy=True)
    first = engine.extend(start(), segment_tokens=6)
    assert {t.finish for t in first} == {None}
    unchanged = engine.extend(first, segment_tokens=8)
    with torch.no_grad():
        policy.model.lm_head.weight.mul_(-1)
    engine.load_weights(policy, version=1)
    changed = engine.extend(first, segment_tokens=8)
    assert [t.segments[:1] for t in changed] == [t.segments for t in first]
    assert all(a.token_ids[6:] != b.token_ids[6:] for a, b in zip(changed, unchanged, strict=True))


def test_nothing_pending_is_nothing_to_do(policies: Callable[[str], Policy]) -> None:
    assert make_engine(policies("llava_siglip")).extend([], segment_tokens=4) == []


@pytest.mark.parametrize("kind", KINDS)
def test_images_are_encoded_once_a_group_and_segment(kind: str, tiny_policy: Load) -> None:
    policy = tiny_policy(kind)
    seen: list[int] = []
    tower = getattr(policy.model.model, "vision_tower", None) or policy.model.model.visual
    tower.register_forward_hook(lambda module, args, output: seen.append(len(args[0])))
    once = sum(len(policy.encode(prompt).vision["pixel_values"]) for prompt in (ONE, TWO, OTHER))
    engine = make_engine(policy)
    grown = engine.extend(start(size=4), segment_tokens=5)
    assert sum(seen) == once
    engine.extend([t for t in grown if t.finish is None], segment_tokens=5)
    assert sum(seen) == 2 * once


def test_checkpointing_does_not_touch_the_cache_of_the_engine(tiny_policy: Load) -> None:
    plain, checkpointed = (
        tiny_policy("llava_siglip"),
        tiny_policy("llava_siglip", knobs={"gradient_checkpointing": True}),
    )
    written = [extend_until_done(make_engine(policy), start(), [7, LIMIT]) for policy in (plain, checkpointed)]
    assert written[0] == written[1]


def test_progress_counts_every_token_once(tiny_policy: Load) -> None:
    counted: list[int] = []
    engine = make_engine(tiny_policy("llava_siglip"))
    engine.policy.eos_ids = set(range(0, 300, 7))  # rows end at different times
    engine.on_tokens = counted.append
    done = engine.extend(start(), segment_tokens=LIMIT)
    assert len({t.num_tokens for t in done}) > 2
    assert sum(counted) == sum(t.num_tokens for t in done)


def test_finished_responses_are_reported_at_once_and_once(policies: Callable[[str], Policy]) -> None:
    seen: list[Trajectory] = []
    steps_at: list[int] = []
    steps: list[int] = []
    engine = make_engine(policies("llava_siglip"))
    engine.on_tokens = steps.append
    engine.on_finish = lambda trajectory: (seen.append(trajectory), steps_at.append(len(steps)))[0]
    cut = engine.extend(start(), segment_tokens=7)
    finished = [t for t in cut if t.finish is not None]
    assert sorted(seen, key=_place) == finished and len(finished) < len(cut)
    assert steps_at == [t.num_tokens for t in seen], "after the decode step that ended it"
    grown = engine.extend([t for t in cut if t.finish is None], segment_tokens=LIMIT)
    assert sorted(seen, key=_place) == sorted(finished + grown, key=_place)


def _place(trajectory: Trajectory) -> tuple[int, int]:
    return trajectory.group_id, trajectory.index
