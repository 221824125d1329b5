"""The optimizer is plain AdamW with clipping; it can forget, be saved, and survives a gradient that is not finite."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load, save
from torch import Tensor, nn

from vlm_rl.optim.optimizer import PolicyOptimizer

KNOBS: dict[str, Any] = {"lr": 0.05, "betas": (0.9, 0.95), "weight_decay": 0.1, "max_grad_norm": 1.0}


def make_weights() -> dict[str, nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    shapes = {"a.weight": (3, 4), "b": (5,)}
    return {name: nn.Parameter(torch.randn(shape, generator=generator)) for name, shape in shapes.items()}


def make_optimizer(weights: dict[str, nn.Parameter], **knobs: Any) -> PolicyOptimizer:
    return PolicyOptimizer(weights, Accelerator(cpu=True), **(KNOBS | knobs))


def loss_of(weights: dict[str, nn.Parameter], step: int) -> Tensor:
    target = torch.linspace(-1, 1, 4) * step
    return ((weights["a.weight"] - target) ** 2).sum() + (weights["b"] * step).sin().sum()


def train(optimizer: PolicyOptimizer, weights: dict[str, nn.Parameter], steps: range) -> list[float]:
    norms = []
    for step in steps:
        optimizer.accumulate(loss_of(weights, step))
        norms.append(optimizer.step())
    return norms


def same(one: dict[str, nn.Parameter], other: dict[str, nn.Parameter]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_steps_are_those_of_adamw_on_clipped_gradients() -> None:
    ours, plain = make_weights(), make_weights()
    reference = torch.optim.AdamW(plain.values(), lr=0.05, betas=(0.9, 0.95), weight_decay=0.1)
    norms = train(make_optimizer(ours), ours, range(1, 6))
    for step, norm in zip(range(1, 6), norms, strict=True):
        loss_of(plain, step).backward()
        length = torch.cat([weight.grad.flatten() for weight in plain.values() if weight.grad is not None]).norm()
        assert norm == pytest.approx(float(length), rel=1e-5) and norm > 1
        for weight in plain.values():
            assert weight.grad is not None
            weight.grad /= length
        reference.step()
        reference.zero_grad()
    for name in ours:
        torch.testing.assert_close(ours[name], plain[name], atol=1e-5, rtol=1e-5)


def test_a_small_gradient_is_not_clipped() -> None:
    weights = make_weights()
    optimizer = make_optimizer(weights)
    optimizer.accumulate(0.5 * weights["b"].sum() / 5**0.5)
    assert optimizer.step() == pytest.approx(0.5, rel=1e-6)
    torch.testing.assert_close(optimizer.state_dict()["b:exp_avg"], torch.full((5,), 0.1 * 0.5 / 5**0.5))


def test_parts_accumulate_to_the_whole() -> None:
    whole, parts = make_weights(), make_weights()
    train(make_optimizer(whole), whole, range(1, 2))
    optimizer = make_optimizer(parts)
    for share in (0.25, 0.75):
        optimizer.accumulate(share * loss_of(parts, 1))
    optimizer.step()
    for name in whole:
        torch.testing.assert_close(parts[name], whole[name], atol=1e-6, rtol=0)


def test_after_a_reset_it_is_a_fresh_one() -> None:
    reset, fresh = make_weights(), make_weights()
    optimizer = make_optimizer(reset)
    train(optimizer, reset, range(1, 4))
    with torch.no_grad():
        for name, weight in fresh.items():
            weight.copy_(reset[name])
    optimizer.reset()
    assert optimizer.state_dict() == {}
    train(optimizer, reset, range(4, 7))
    train(make_optimizer(fresh), fresh, range(4, 7))
    assert same(reset, fresh)


def test_a_saved_optimizer_continues_to_the_last_bit() -> None:
    through, resumed = make_weights(), make_weights()
    optimizer = make_optimizer(through)
    train(optimizer, through, range(1, 4))
    state = load(save(optimizer.state_dict()))  # as a checkpoint holds it
    assert {key.rpartition(":")[0] for key in state} == through.keys()
    with torch.no_grad():
        for name, weight in resumed.items():
            weight.copy_(through[name])
    again = make_optimizer(resumed)
    again.load_state_dict(state)
    assert train(optimizer, through, range(4, 8)) == train(again, resumed, range(4, 8))
    assert same(through, resumed)


def test_a_loaded_state_is_a_copy() -> None:
    weights, others = make_weights(), make_weights()
    optimizer, other = make_optimizer(weights), make_optimizer(others)
    train(optimizer, weights, range(1, 3))
    other.load_state_dict(optimizer.state_dict())
    before = {key: value.clone() for key, value in optimizer.state_dict().items()}
    train(other, others, range(1, 3))
    assert all(torch.equal(value, before[key]) for key, value in optimizer.state_dict().items())


def test_moments_of_a_weight_that_does_not_train_are_refused() -> None:
    weights = make_weights()
    optimizer = make_optimizer(weights)
    train(optimizer, weights, range(1, 2))
    with pytest.raises(ValueError, match="moments of a.weight, which does not train"):
        make_optimizer({"b": weights["b"]}).load_state_dict(optimizer.state_dict())


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_gradient_that_is_not_finite_changes_nothing(bad: float) -> None:
    weights, reference = make_weights(), make_weights()
    optimizer, other = make_optimizer(weights), make_optimizer(reference)
    train(optimizer, weights, range(1, 3))
    before = {name: weight.detach().clone() for name, weight in weights.items()}
    optimizer.accumulate(bad * weights["b"].sum() + weights["a.weight"].sum())
    assert not torch.isfinite(torch.tensor(optimizer.step()))
    assert all(torch.equal(weights[name], before[name]) for name in weights)
    train(optimizer, weights, range(3, 5))  # nor anything later
    train(other, reference, range(1, 5))
    assert same(weights, reference)


def test_a_step_without_any_gradient_changes_nothing() -> None:
    weights, untouched = make_weights(), make_weights()
    assert make_optimizer(weights).step() == 0.0
    assert same(weights, untouched)


def test_the_learning_rate_can_be_set() -> None:
    weights, untouched = make_weights(), make_weights()
    optimizer = make_optimizer(weights)
    optimizer.set_lr(0.0)
    train(optimizer, weights, range(1, 2))
    assert same(weights, untouched)
    optimizer.set_lr(0.5)
    train(optimizer, weights, range(1, 2))
    assert not same(weights, untouched)


def test_nothing_to_train_is_refused() -> None:
    with pytest.raises(ValueError, match="policy.freeze leaves no weights"):
        make_optimizer({})
