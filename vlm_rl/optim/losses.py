"""The losses, on one batch layout. Each returns a sum over rows that is already divided by what the whole optimizer
step averages over, so that micro-batches and processes simply add up.

Shapes: N rows (responses), R response tokens, right-aligned. `weights` is m_jt of the design: 0 for tokens that do not
train, 1 (or the truncated importance weight) for those that do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from vlm_rl.config import OptimConfig


@dataclass(frozen=True, slots=True)
class LossInputs:
    """What a loss needs besides the policy's own log-probabilities."""

    reference_logprobs: Tensor  # [N, R] ln pi_i, recomputed by the trainer
    weights: Tensor  # [N, R]
    advantages: Tensor  # [N] r - baseline
    correct: Tensor  # [N] 1.0 where the verifier said yes
    scale: Tensor  # [N] 1 / (group size * groups in this optimizer step)


def omd_loss(logprobs: Tensor, batch: LossInputs, cfg: OptimConfig) -> Tensor:
    """Online mirror descent (sec. 2.3.2): 1/(2 tau) * (A_j - tau * sum_t m_jt (ln pi - ln pi_i))^2, group mean.

    The log-ratio is summed over the response and then squared. Its gradient is minus eq. 3 of the report.
    """
    log_ratio = sequence_log_ratio(logprobs, batch)
    return (batch.scale * (batch.advantages - cfg.tau * log_ratio) ** 2).sum() / (2 * cfg.tau)


def reinforce_loss(logprobs: Tensor, batch: LossInputs, cfg: OptimConfig) -> Tensor:
    """The linear part of `omd_loss` alone: policy gradient with the group baseline and no pull to the reference."""
    return -(batch.scale * batch.advantages * (batch.weights * logprobs).sum(-1)).sum()


def rest_loss(logprobs: Tensor, batch: LossInputs, cfg: OptimConfig) -> Tensor:
    """ReST: fit the correct responses only, the report's baseline without negative gradients (sec. 3.5)."""
    return -(batch.scale * batch.correct * (batch.weights * logprobs).sum(-1)).sum()


def grpo_loss(logprobs: Tensor, batch: LossInputs, cfg: OptimConfig) -> Tensor:
    """GRPO's clipped objective, token mean per response, for comparison. `advantages` are r - mean, not divided by the
    group's standard deviation (Departs from GRPO, as Dr. GRPO does)."""
    ratio = (logprobs - batch.reference_logprobs).exp()
    clipped = ratio.clamp(1 - cfg.clip_range, 1 + cfg.clip_range)
    advantages = batch.advantages[:, None]
    per_token = torch.minimum(ratio * advantages, clipped * advantages)
    lengths = (batch.weights > 0).sum(-1).clamp(min=1)
    return -(batch.scale * (batch.weights * per_token).sum(-1) / lengths).sum()


def sft_loss(logprobs: Tensor, num_tokens: int) -> Tensor:
    """Negative log-likelihood of the response tokens ([N, R], 0 where there is none), per token; `num_tokens` is the
    number of them in the whole step."""
    return -logprobs.sum() / num_tokens


def sequence_log_ratio(logprobs: Tensor, batch: LossInputs) -> Tensor:
    """sum_t m_jt (ln pi_theta - ln pi_i), [N] nats."""
    return (batch.weights * (logprobs - batch.reference_logprobs)).sum(-1)


LOSSES: dict[str, Callable[[Tensor, LossInputs, OptimConfig], Tensor]] = {
    "omd": omd_loss,
    "reinforce": reinforce_loss,
    "rest": rest_loss,
    "grpo": grpo_loss,
}
