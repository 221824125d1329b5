"""From scored groups to loss: what trains, against which reference, and that no split changes the sum."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from tiny import ONE, OTHER, TEXT, TWO
from torch import Tensor

from vlm_rl.config import OptimConfig
from vlm_rl.models.policy import Policy, Rows
from vlm_rl.optim.batch import Batches, Part, Shard, make_batches
from vlm_rl.optim.losses import LOSSES
from vlm_rl.types import Finish, ScoredGroup, Segment, Trajectory, Verdict

ITERATION = 5
PROMPTS = [ONE, TEXT, TWO, OTHER, TEXT]
REWARDS = [(1.0, 0.0, 0.0), (0.0, 1.0, 1.0), (1.0, 1.0, 1.0), (1.0, 0.0, 1.0), (0.0, -0.2, 1.0)]  # third: all equal
# per group and response: (tokens, policy version) of each segment
SEGMENTS: list[list[list[tuple[int, int]]]] = [
    [[(3, 2), (2, 5)], [(4, 5)], [(2, 3)]],
    [[(6, 4), (1, 5)], [(1, 1), (2, 4), (3, 5)], [(5, 5)]],
    [[(3, 5)], [(2, 5)], [(1, 0)]],
    [[(2, 5)], [(4, 3), (4, 4), (3, 5)], [(1, 5)]],
    [[(8, 0)], [(2, 5)], [(3, 3)]],
]


@pytest.fixture(scope="module")
def policy(tiny_policy: Callable[..., Policy]) -> Policy:
    return tiny_policy("llava_siglip")


def make_group(number: int) -> ScoredGroup:
    generator = torch.Generator().manual_seed(number)
    trajectories = []
    for index, lengths in enumerate(SEGMENTS[number]):
        segments = tuple(
            Segment(
                tuple(torch.randint(40, 290, (count,), generator=generator).tolist()),
                tuple((-12 * torch.rand(count, generator=generator)).tolist()),
                version,
            )
            for count, version in lengths
        )
        trajectories.append(Trajectory(PROMPTS[number], number, index, segments, Finish.STOP))
    rewards = REWARDS[number]
    return ScoredGroup(
        prompt=PROMPTS[number],
        group_id=number,
        trajectories=tuple(trajectories),
        responses=("",) * 3,
        verdicts=tuple(Verdict(reward == 1.0, "", "") for reward in rewards),
        rewards=rewards,
        advantages=tuple(reward - sum(rewards) / 3 for reward in rewards),
    )


GROUPS = [make_group(number) for number in range(5)]
USEFUL = [0, 1, 3, 4]


def batches(
    policy: Policy, rank: int = 0, world: int = 1, groups: list[ScoredGroup] | None = None, **knobs: Any
) -> Batches:
    cfg = OptimConfig.model_validate({"max_lag": 2, "micro_batch_tokens": 400} | knobs)
    shard = Shard(rank, world)
    return make_batches(GROUPS if groups is None else groups, policy, iteration=ITERATION, cfg=cfg, shard=shard)


def parts_of(made: Batches) -> list[Part]:
    return [part for step in made.steps for part in step]


def owner(response: Any) -> Trajectory:
    """The trajectory that wrote these tokens."""
    (found,) = [t for group in GROUPS for t in group.trajectories if t.token_ids == tuple(response)]
    return found


def rows_of(part: Part) -> list[tuple[int, Trajectory]]:
    return [(row, owner(response)) for row, response in enumerate(part.rows.responses)]


def alone(policy: Policy, trajectory: Trajectory) -> Tensor:
    return policy.logprobs(Rows([policy.encode(trajectory.prompt)], [0], [trajectory.token_ids]))[0]


@pytest.mark.parametrize("max_lag", [0, 1, 2, 5])
def test_exactly_the_tokens_young_enough_train(max_lag: int, policy: Policy) -> None:
    seen = set()
    for part in parts_of(batches(policy, max_lag=max_lag)):
        for row, trajectory in rows_of(part):
            expected = [float(ITERATION - version <= max_lag) for version in trajectory.versions]
            assert part.loss.weights[row, -len(expected) :].tolist() == expected
            assert not part.loss.weights[row, : -len(expected)].any()
            seen.add((trajectory.group_id, trajectory.index))
    alive = {
        (t.group_id, t.index) for i in USEFUL for t in GROUPS[i].trajectories if ITERATION - max(t.versions) <= max_lag
    }
    assert seen == alive


@pytest.mark.parametrize(("max_lag", "dead"), [(0, 4), (1, 4), (2, 2), (5, 0)])
def test_finished_responses_without_a_token_to_train_are_counted(max_lag: int, dead: int, policy: Policy) -> None:
    stats = batches(policy, max_lag=max_lag).stats
    row = stats.metrics(stats.sums, stats.largest)
    assert row["lag/dead_fraction"] == dead / 15
    lags = [
        ITERATION - v for i in USEFUL for t in GROUPS[i].trajectories for v in t.versions if ITERATION - v <= max_lag
    ]
    assert row["optim/trained_tokens"] == len(lags)
    assert (row["lag/mean"], row["lag/max"]) == (sum(lags) / len(lags), max(lags))
    assert (row["optim/groups"], row["optim/groups_all_equal"]) == (4, 1)


def test_the_reference_is_the_policy_itself_and_every_row_has_its_own_numbers(policy: Policy) -> None:
    for part in parts_of(batches(policy, steps_per_iteration=1)):
        with torch.no_grad():
            assert torch.equal(part.loss.reference_logprobs, policy.logprobs(part.rows))  # the first ratio is exactly 1
            for row, trajectory in rows_of(part):
                expected = alone(policy, trajectory)
                torch.testing.assert_close(
                    part.loss.reference_logprobs[row, -len(expected) :], expected, atol=1e-5, rtol=0
                )
        for row, trajectory in rows_of(part):
            group = GROUPS[trajectory.group_id]
            assert part.rows.prompts[part.rows.row_prompt[row]] is policy.encode(group.prompt)
            assert float(part.loss.advantages[row]) == pytest.approx(group.advantages[trajectory.index])
            assert bool(part.loss.correct[row]) == group.verdicts[trajectory.index].correct
            assert float(part.loss.scale[row]) == pytest.approx(1 / (4 * 3))  # also where a sibling is dead


@pytest.mark.parametrize("steps", [1, 2, 3, 9])
def test_every_useful_group_is_in_exactly_one_step(steps: int, policy: Policy) -> None:
    made = batches(policy, steps_per_iteration=steps, max_lag=5)
    assert len(made.steps) == min(steps, 4)
    groups = [sorted({t.group_id for part in step for _, t in rows_of(part)}) for step in made.steps]
    assert sorted(group for step in groups for group in step) == USEFUL
    assert max(map(len, groups)) - min(map(len, groups)) <= 1
    for step, numbers in zip(made.steps, groups, strict=True):
        for part in step:
            torch.testing.assert_close(part.loss.scale, torch.full_like(part.loss.scale, 1 / (3 * len(numbers))))


@pytest.mark.parametrize("budget", [1, 200, 400, 10_000])
def test_parts_hold_whole_groups_within_the_budget(budget: int, policy: Policy) -> None:
    parts = parts_of(batches(policy, steps_per_iteration=1, max_lag=5, micro_batch_tokens=budget))
    numbers = [{t.group_id for _, t in rows_of(part)} for part in parts]
    assert sorted(number for part in numbers for number in part) == USEFUL  # no group is in two parts
    for part, groups in zip(parts, numbers, strict=True):
        width = policy.inputs(part.rows).input_ids.shape[1]
        assert len(groups) == 1 or len(part.rows.responses) * width <= budget
    assert len(parts) == {1: 4, 200: 4, 400: 2, 10_000: 1}[budget]


def total(policy: Policy, parts: list[Part], name: str = "omd") -> tuple[float, dict[str, Tensor]]:
    """Loss and gradient, summed over parts, after the policy has moved away from the reference."""
    cfg, loss = OptimConfig(tau=0.2), 0.0
    original = {key: weight.detach().clone() for key, weight in policy.trainable().items()}
    with torch.no_grad():
        generator = torch.Generator().manual_seed(9)
        for weight in policy.trainable().values():
            weight.add_(0.02 * torch.randn(weight.shape, generator=generator))
    for part in parts:
        one = LOSSES[name](policy.logprobs(part.rows), part.loss, cfg)
        one.backward()
        loss += float(one.detach())
    gradients = {key: weight.grad for key, weight in policy.trainable().items() if weight.grad is not None}
    policy.model.zero_grad(set_to_none=True)
    with torch.no_grad():
        for key, weight in policy.trainable().items():
            weight.copy_(original[key])
    return loss, gradients


def assert_same(one: tuple[float, dict[str, Tensor]], other: tuple[float, dict[str, Tensor]]) -> None:
    assert one[0] == pytest.approx(other[0], rel=1e-5)
    assert one[1].keys() == other[1].keys() and one[1]
    for name, gradient in one[1].items():
        scale = float(gradient.abs().max())
        torch.testing.assert_close(other[1][name], gradient, atol=1e-6 + 1e-4 * scale, rtol=0)


@pytest.mark.parametrize("name", LOSSES)
def test_the_size_of_micro_batches_changes_neither_loss_nor_gradient(name: str, policy: Policy) -> None:
    small, large = (
        parts_of(batches(policy, steps_per_iteration=1, micro_batch_tokens=budget)) for budget in (1, 10_000)
    )
    assert (len(small), len(large)) == (4, 1)
    assert_same(total(policy, small, name), total(policy, large, name))


def test_two_processes_add_up_to_one(policy: Policy) -> None:
    one = batches(policy)
    two = [batches(policy, rank, 2) for rank in (0, 1)]
    assert len(one.steps) == len(two[0].steps) == len(two[1].steps)
    for step in range(len(one.steps)):
        assert all(made.steps[step] for made in two)
        assert_same(total(policy, one.steps[step]), total(policy, two[0].steps[step] + two[1].steps[step]))
    for key in one.stats.sums:
        assert sum(made.stats.sums[key] for made in two) == pytest.approx(one.stats.sums[key], rel=1e-4)
    assert [made.stats.lags for made in two] == [one.stats.lags] * 2


def test_the_loss_of_a_step_is_the_literal_objective_of_its_groups(policy: Policy) -> None:
    tau, parts = 0.2, parts_of(batches(policy, steps_per_iteration=1))
    with torch.no_grad():
        reference = {id(t): alone(policy, t) for i in USEFUL for t in GROUPS[i].trajectories}
        original = policy.model.lm_head.weight.clone()
        policy.model.lm_head.weight.mul_(1.1)
        expected = 0.0
        for number in USEFUL:
            for trajectory, advantage in zip(GROUPS[number].trajectories, GROUPS[number].advantages, strict=True):
                young = torch.tensor([ITERATION - version <= 2 for version in trajectory.versions])
                if young.any():  # without such a token the term is a constant
                    ratio = float((alone(policy, trajectory) - reference[id(trajectory)])[young].sum())
                    expected += (advantage - tau * ratio) ** 2 / (2 * tau) / 3 / 4
        ours = sum(float(LOSSES["omd"](policy.logprobs(part.rows), part.loss, OptimConfig(tau=tau))) for part in parts)
        policy.model.lm_head.weight.copy_(original)
    assert ours == pytest.approx(expected, rel=1e-4)


def test_groups_whose_rewards_are_equal_contribute_nothing(policy: Policy) -> None:
    without = [GROUPS[i] for i in USEFUL]
    assert_same(
        total(policy, parts_of(batches(policy, steps_per_iteration=1))),
        total(policy, parts_of(batches(policy, steps_per_iteration=1, groups=without))),
    )
    for groups in ([GROUPS[2]], []):
        made = batches(policy, groups=groups)
        assert made.steps == [] and made.stats.groups_all_equal == len(groups)
        assert made.stats.metrics(made.stats.sums, made.stats.largest)["optim/trained_tokens"] == 0


def test_the_importance_weight_of_lagged_tokens_is_capped(policy: Policy) -> None:
    cap, capped, free = 1.5, 0, 0
    for part in parts_of(batches(policy, importance_cap=cap)):
        for row, trajectory in rows_of(part):
            with torch.no_grad():
                now = alone(policy, trajectory)
            for t, (version, behaviour) in enumerate(zip(trajectory.versions, trajectory.logprobs, strict=True)):
                weight = float(part.loss.weights[row, t - trajectory.num_tokens])
                ratio = float((now[t] - behaviour).exp())
                if ITERATION - version > 2:
                    assert weight == 0
                elif version == ITERATION:
                    assert weight == 1
                else:
                    assert weight == pytest.approx(min(cap, ratio), rel=1e-3)
                    capped, free = capped + (ratio > cap), free + (ratio < cap)
    assert capped and free


def test_the_gap_between_engine_and_trainer_is_told_by_lag_and_modality(policy: Policy) -> None:
    stats = batches(policy, max_lag=5).stats
    expected: dict[str, list[float]] = defaultdict(list)
    with torch.no_grad():
        for trajectory in (t for i in USEFUL for t in GROUPS[i].trajectories):
            gaps = (alone(policy, trajectory) - torch.tensor(trajectory.logprobs)).abs().tolist()
            for version, gap in zip(trajectory.versions, gaps, strict=True):
                expected[f"gap/lag{ITERATION - version}/{trajectory.prompt.modality}"].append(gap)
    row = stats.metrics(stats.sums, stats.largest)
    assert {key for key in row if key.startswith("gap/")} == expected.keys()
    for key, gaps in expected.items():
        assert row[key] == pytest.approx(sum(gaps) / len(gaps), rel=1e-4)


def test_what_is_observed_of_a_step_is_its_loss_and_its_pull(policy: Policy) -> None:
    cfg = OptimConfig(tau=0.2)
    made = batches(policy, steps_per_iteration=1, micro_batch_tokens=1)
    pulls, losses = [], []
    with torch.no_grad():
        for part in parts_of(made):
            logprobs = policy.logprobs(part.rows) - 0.1
            loss = LOSSES["omd"](logprobs, part.loss, cfg)
            made.stats.observe(loss, logprobs, part.loss, cfg)
            losses.append(float(loss))
            # each token that trains is 0.1 less likely than in the reference
            pulls += [0.2 * (0.1 * float(row.sum())) ** 2 for row in part.loss.weights]
    made.stats.stepped(0.5)
    row = made.stats.metrics(made.stats.sums, made.stats.largest)
    assert row["optim/loss"] == pytest.approx(sum(losses))
    assert row["optim/tau_log_ratio_sq_mean"] == pytest.approx(sum(pulls) / len(pulls), rel=1e-3)
    assert row["optim/tau_log_ratio_sq_max"] == pytest.approx(max(pulls), rel=1e-3)
    assert row["optim/grad_norm"] == 0.5
    json.dumps(row, allow_nan=False)


def test_unjudged_responses_change_neither_rows_nor_loss(policy: Policy) -> None:
    """A group with two responses that nobody could judge trains as the group without them."""
    group = GROUPS[3]
    odd = tuple(replace(t, index=3 + t.index) for t in GROUPS[1].trajectories[:2])
    mixed = replace(
        group,
        trajectories=group.trajectories + odd,
        responses=group.responses + ("",) * 2,
        verdicts=group.verdicts + (Verdict(False, "", "unjudged", judged=False),) * 2,
        rewards=group.rewards + (0.0,) * 2,
        advantages=group.advantages + (0.0,) * 2,
    )
    (alone_part,), (mixed_part,) = (parts_of(batches(policy, groups=[one])) for one in (group, mixed))
    assert mixed_part.rows.responses == alone_part.rows.responses
    for name in ("reference_logprobs", "weights", "advantages", "correct", "scale"):
        assert torch.equal(getattr(mixed_part.loss, name), getattr(alone_part.loss, name)), name
    silent = replace(group, verdicts=(group.verdicts[0], *mixed.verdicts[3:]))
    assert parts_of(batches(policy, groups=[silent])) == [], "one judged response is no group"
