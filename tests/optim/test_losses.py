"""The losses against the report's formulas, written out with loops over responses and tokens."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from vlm_rl.config import OptimConfig
from vlm_rl.optim.losses import LOSSES, LossInputs, grpo_loss, omd_loss, reinforce_loss, rest_loss, sft_loss

ROWS, TOKENS, VOCABULARY = 6, 5, 4
LENGTHS = [5, 3, 1, 4, 2, 5]
CFG = OptimConfig(tau=0.3, clip_range=0.2)


class TablePolicy:
    """ln pi(y_t) = log softmax(theta[t])[y_t], in float64: small enough to differentiate by hand."""

    def __init__(self, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.responses = torch.randint(0, VOCABULARY, (ROWS, TOKENS), generator=generator)
        self.theta = torch.randn(TOKENS, VOCABULARY, generator=generator, dtype=torch.float64).requires_grad_()
        self.written = torch.tensor([[0.0] * (TOKENS - n) + [1.0] * n for n in LENGTHS], dtype=torch.float64)

    def logprobs(self, theta: Tensor | None = None) -> Tensor:
        table = (self.theta if theta is None else theta).log_softmax(-1)
        return table[torch.arange(TOKENS), self.responses] * self.written

    def gradient_of_logprob(self, row: int, t: int) -> Tensor:
        """d ln pi(y_t) / d theta, by hand."""
        gradient = torch.zeros(TOKENS, VOCABULARY, dtype=torch.float64)
        gradient[t] = -self.theta.detach()[t].softmax(-1)
        gradient[t, self.responses[row, t]] += 1
        return gradient


def make_batch(policy: TablePolicy, shift: float = 0.4, seed: int = 1) -> LossInputs:
    """Two groups of three responses; a few tokens do not train; the reference is another policy."""
    generator = torch.Generator().manual_seed(seed)
    other = policy.theta.detach() + shift * torch.randn(policy.theta.shape, generator=generator, dtype=torch.float64)
    weights = policy.written.clone()
    weights[0, 1] = weights[3, 2] = 0.0
    rewards = torch.tensor([1.0, 0.0, 1.0, 0.0, 0.0, 1.0], dtype=torch.float64)
    means = rewards.view(2, 3).mean(-1).repeat_interleave(3)
    scale = torch.full((ROWS,), 1 / (3 * 2), dtype=torch.float64)
    return LossInputs(policy.logprobs(other), weights, rewards - means, rewards, scale)


def part_of(batch: LossInputs, rows: list[int]) -> LossInputs:
    return LossInputs(
        batch.reference_logprobs[rows],
        batch.weights[rows],
        batch.advantages[rows],
        batch.correct[rows],
        batch.scale[rows],
    )


def log_ratio(logprobs: Tensor, batch: LossInputs, row: int) -> float:
    total = 0.0
    for t in range(TOKENS):
        if batch.weights[row, t] > 0:
            total += float(logprobs.detach()[row, t] - batch.reference_logprobs[row, t])
    return total


def gradient(policy: TablePolicy, loss: Tensor) -> Tensor:
    return torch.autograd.grad(loss, policy.theta)[0]


def test_omd_loss_is_the_objective_summed_over_the_response_and_then_squared() -> None:
    policy = TablePolicy()
    batch, logprobs = make_batch(policy), policy.logprobs().detach()
    groups = []
    for group in ([0, 1, 2], [3, 4, 5]):
        terms = [(float(batch.advantages[j]) - CFG.tau * log_ratio(logprobs, batch, j)) ** 2 for j in group]
        groups.append(sum(terms) / len(terms) / (2 * CFG.tau))
    assert float(omd_loss(logprobs, batch, CFG)) == pytest.approx(sum(groups) / len(groups), rel=1e-12)


def test_a_squared_ratio_of_each_token_would_be_another_loss() -> None:
    policy = TablePolicy()
    batch, logprobs = make_batch(policy), policy.logprobs().detach()
    ratio = batch.weights * (logprobs - batch.reference_logprobs)
    linear = (batch.advantages**2 - 2 * CFG.tau * batch.advantages * ratio.sum(-1)) / (2 * CFG.tau)
    per_token = (batch.scale * (linear + CFG.tau / 2 * (ratio**2).sum(-1))).sum()
    assert abs(float(per_token - omd_loss(logprobs, batch, CFG))) > 0.01


def test_omd_gradient_is_minus_eq_3_of_the_report() -> None:
    policy = TablePolicy()
    batch, logprobs = make_batch(policy), policy.logprobs()
    eq3 = torch.zeros_like(policy.theta)
    for row in range(ROWS):
        score = torch.zeros_like(policy.theta)  # grad of ln pi(y), the tokens that train
        for t in range(TOKENS):
            if batch.weights[row, t] > 0:
                score += policy.gradient_of_logprob(row, t)
        gradient_of_square = 2 * log_ratio(logprobs, batch, row) * score
        eq3 += (score * batch.advantages[row] - CFG.tau / 2 * gradient_of_square) / (3 * 2)
    torch.testing.assert_close(gradient(policy, omd_loss(logprobs, batch, CFG)), -eq3.detach(), atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_agree_with_central_differences(name: str) -> None:
    policy = TablePolicy()
    batch, loss, step = make_batch(policy), LOSSES[name], 1e-6
    expected = torch.zeros_like(policy.theta)
    with torch.no_grad():
        for index in range(policy.theta.numel()):
            values = []
            for sign in (1, -1):
                theta = policy.theta.clone()
                theta.view(-1)[index] += sign * step
                values.append(float(loss(policy.logprobs(theta), batch, CFG)))
            expected.view(-1)[index] = (values[0] - values[1]) / (2 * step)
    ours = gradient(policy, loss(policy.logprobs(), batch, CFG))
    assert float(ours.abs().max()) > 0.01
    torch.testing.assert_close(ours, expected.detach(), atol=1e-8, rtol=0)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("split", [[[0, 1, 2], [3, 4, 5]], [[5], [1, 3], [0, 2, 4]]])
def test_micro_batches_add_up_to_the_whole(name: str, split: list[list[int]]) -> None:
    policy = TablePolicy()
    batch, loss = make_batch(policy), LOSSES[name]
    whole = loss(policy.logprobs(), batch, CFG)
    parts = torch.stack([loss(policy.logprobs()[rows], part_of(batch, rows), CFG) for rows in split]).sum()
    assert float(parts.detach()) == pytest.approx(float(whole.detach()), rel=1e-12)
    torch.testing.assert_close(gradient(policy, parts), gradient(policy, whole), atol=1e-14, rtol=0)


def test_without_advantages_only_the_pull_to_the_reference_is_left() -> None:
    policy = TablePolicy()
    batch = replace(make_batch(policy), advantages=torch.zeros(ROWS, dtype=torch.float64))
    logprobs = policy.logprobs().detach()
    pull = sum(CFG.tau / 2 * log_ratio(logprobs, batch, row) ** 2 for row in range(ROWS)) / ROWS
    assert pull > 0.01
    assert float(omd_loss(logprobs, batch, CFG)) == pytest.approx(pull, rel=1e-12)
    assert not gradient(policy, reinforce_loss(policy.logprobs(), batch, CFG)).any()
    at_reference = replace(batch, reference_logprobs=logprobs)
    assert not gradient(policy, omd_loss(policy.logprobs(), at_reference, CFG)).any()


def test_reinforce_is_the_gradient_of_omd_where_policy_and_reference_meet() -> None:
    policy = TablePolicy()
    batch = make_batch(policy)
    omd, reinforce = (gradient(policy, loss(policy.logprobs(), batch, CFG)) for loss in (omd_loss, reinforce_loss))
    assert not torch.allclose(omd, reinforce)
    met = replace(batch, reference_logprobs=policy.logprobs().detach())
    omd, reinforce = (gradient(policy, loss(policy.logprobs(), met, CFG)) for loss in (omd_loss, reinforce_loss))
    torch.testing.assert_close(omd, reinforce, atol=1e-14, rtol=0)


def test_tokens_that_do_not_train_get_no_gradient() -> None:
    policy = TablePolicy()
    batch = make_batch(policy)
    for name, loss in LOSSES.items():
        logprobs = policy.logprobs().detach().requires_grad_()
        (found,) = torch.autograd.grad(loss(logprobs, batch, CFG), logprobs)
        assert not found[batch.weights == 0].any(), name
        assert found.any(), name


def test_rest_fits_the_correct_responses_only() -> None:
    policy = TablePolicy()
    batch, logprobs = make_batch(policy), policy.logprobs().detach()
    expected = 0.0
    for row in (0, 2, 5):
        expected -= sum(float(logprobs[row, t]) for t in range(TOKENS) if batch.weights[row, t] > 0) / ROWS
    assert float(rest_loss(logprobs, batch, CFG)) == pytest.approx(expected, rel=1e-12)


def test_grpo_is_the_clipped_objective_in_its_mean_over_tokens() -> None:
    policy = TablePolicy()
    batch, logprobs = make_batch(policy), policy.logprobs().detach()
    expected, clipped = 0.0, {True: 0, False: 0}
    for row in range(ROWS):
        advantage, terms = float(batch.advantages[row]), []
        for t in range(TOKENS):
            if batch.weights[row, t] > 0:
                ratio = math.exp(float(logprobs[row, t] - batch.reference_logprobs[row, t]))
                bounded = min(max(ratio, 0.8), 1.2)
                terms.append(min(ratio * advantage, bounded * advantage))
                clipped[bounded * advantage < ratio * advantage] += 1
        expected -= sum(terms) / len(terms) / ROWS
    assert clipped[True] > 2 and clipped[False] > 2  # both sides of the formula are seen
    assert float(grpo_loss(logprobs, batch, CFG)) == pytest.approx(expected, rel=1e-12)


def test_a_clipped_grpo_token_has_no_gradient() -> None:
    one = torch.ones(1, dtype=torch.float64)
    for advantage, ratio, moves in ((1.0, 1.3, False), (1.0, 0.7, True), (-1.0, 0.7, False), (-1.0, 1.3, True)):
        logprobs = torch.tensor([[math.log(ratio)]], dtype=torch.float64, requires_grad=True)
        batch = LossInputs(torch.zeros(1, 1, dtype=torch.float64), one[None], advantage * one, one, one)
        (found,) = torch.autograd.grad(grpo_loss(logprobs, batch, CFG), logprobs)
        assert float(found) == pytest.approx(-advantage * ratio if moves else 0.0)


def test_sft_is_the_mean_over_the_tokens_of_the_whole_step() -> None:
    policy = TablePolicy()
    logprobs = policy.logprobs().detach()
    expected = -sum(float(logprobs[row, TOKENS - 1 - i]) for row, n in enumerate(LENGTHS) for i in range(n)) / 20
    assert float(sft_loss(logprobs, sum(LENGTHS))) == pytest.approx(expected, rel=1e-12)
