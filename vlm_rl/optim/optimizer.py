"""AdamW over the policy's trainable weights, with the reset that mirror descent asks for; one process or many."""

from __future__ import annotations

from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor


class PolicyOptimizer:
    """Accumulates gradients of partial losses, sums them over processes, clips, steps.

    The weights are replicated. Gradients are reduced here rather than by DistributedDataParallel, since processes hold
    different numbers of rows, some with images and some without: a weight without a gradient simply adds zero.
    """

    def __init__(
        self,
        weights: dict[str, torch.nn.Parameter],
        accelerator: Accelerator,
        *,
        lr: float,
        betas: tuple[float, float],
        weight_decay: float,
        max_grad_norm: float,
    ) -> None:
        if not weights:
            raise ValueError("policy.freeze leaves no weights to train")
        self.weights, self.accelerator, self.max_grad_norm = weights, accelerator, max_grad_norm
        self._make = lambda: torch.optim.AdamW(
            list(weights.values()), lr=lr, betas=betas, weight_decay=weight_decay, fused=True
        )
        self.adamw = self._make()

    def reset(self) -> None:
        """Forget the moments: the reference has changed, and with it the problem (sec. 2.3.2)."""
        self.adamw = self._make()

    def set_lr(self, lr: float) -> None:
        for group in self.adamw.param_groups:
            group["lr"] = lr

    def accumulate(self, loss: Tensor) -> None:
        loss.backward()

    def step(self) -> float:
        """One update from the accumulated gradients; returns their L2 norm before clipping."""
        if self.accelerator.num_processes > 1:
            for weight in self.weights.values():
                grad = torch.zeros_like(weight) if weight.grad is None else weight.grad
                weight.grad = self.accelerator.reduce(grad, reduction="sum")
        norm = torch.nn.utils.clip_grad_norm_(list(self.weights.values()), self.max_grad_norm)
        if torch.isfinite(norm):
            self.adamw.step()
        self.adamw.zero_grad(set_to_none=True)
        return float(norm)

    def state_dict(self) -> dict[str, Tensor]:
        """Moments by weight name, as plain tensors (safetensors can hold them)."""
        state: dict[str, Tensor] = {}
        for name, weight in self.weights.items():
            for key, value in self.adamw.state.get(weight, {}).items():
                state[f"{name}:{key}"] = value
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        self.reset()
        for key, value in state.items():
            name, _, slot = key.rpartition(":")
            if name not in self.weights:
                raise ValueError(f"the saved optimizer has moments of {name}, which does not train in this run")
            weight = self.weights[name]
            target: dict[str, Any] = self.adamw.state[weight]
            target[slot] = value.to(weight.device, copy=True)  # the step counter too: fused AdamW keeps it there
