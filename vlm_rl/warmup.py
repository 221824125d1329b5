"""Long-CoT supervised warm-up on program traces (sec. 2.2): loss on the response only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator

from vlm_rl.config import Modality, WarmupConfig
from vlm_rl.models.policy import Policy, Rows
from vlm_rl.optim.losses import sft_loss
from vlm_rl.optim.optimizer import PolicyOptimizer
from vlm_rl.types import Prompt

LR_WARMUP = 0.1  # share of the steps
BUCKET = 8  # batches that are sorted by length together, so that rows of a batch are about as long as each other


@dataclass(frozen=True, slots=True)
class Example:
    prompt: Prompt
    seen: str  # what the image shows, the first sentence of the trace
    trace: str  # reasoning that ends in the boxed answer
    direct: str  # the boxed answer alone


def warm_up(
    policy: Policy,
    examples: Sequence[Example],
    cfg: WarmupConfig,
    accelerator: Accelerator,
    *,
    seed: int,
    on_step: Callable[[int, float], None] | None = None,
) -> float:
    """Train on the examples for `cfg.steps` steps; returns the mean loss (nats per token) of the last tenth."""
    optimizer = PolicyOptimizer(
        policy.trainable(),
        accelerator,
        lr=cfg.lr,
        betas=(0.9, 0.98),
        weight_decay=cfg.weight_decay,
        max_grad_norm=cfg.max_grad_norm,
    )
    phases = _phases(policy, examples, cfg, seed)
    losses: list[float] = []
    for step, batch in enumerate(batch for phase in phases for batch in _batches(phase, cfg.batch_size, seed)):
        optimizer.set_lr(cfg.lr * _schedule(step, cfg.steps))
        num_tokens = sum(len(response) for _, response in batch)
        mine = batch[accelerator.process_index :: accelerator.num_processes]
        loss = torch.zeros((), device=policy.device)
        if mine:
            prompts = [policy.encode(examples[index].prompt) for index, _ in mine]
            rows = Rows(prompts, list(range(len(mine))), [response for _, response in mine])
            loss = sft_loss(policy.logprobs(rows), num_tokens)
            optimizer.accumulate(loss)
        optimizer.step()
        losses.append(float(accelerator.reduce(loss.detach(), reduction="sum")))
        if on_step:
            on_step(step, losses[-1])
    tail = losses[-max(1, len(losses) // 10) :]
    return sum(tail) / len(tail)


def _schedule(step: int, steps: int) -> float:
    """Linear warm-up over the first tenth, then linear decay to 0."""
    warm = max(1, round(LR_WARMUP * steps))
    return min((step + 1) / warm, (steps - step) / max(1, steps - warm))


Row = tuple[int, list[int]]  # index of the example, token ids of the response to learn


def _phases(policy: Policy, examples: Sequence[Example], cfg: WarmupConfig, seed: int) -> list[list[Row]]:
    """What is learned when: perception of images, then reasoning, then also answers without reasoning. Each phase is a
    whole number of steps."""
    everything = range(len(examples))
    with_images = [index for index in everything if examples[index].prompt.images]
    total = cfg.steps * cfg.batch_size
    perception = round(cfg.perception_share * cfg.steps) * cfg.batch_size if with_images else 0
    reasoning = max(perception, round(cfg.direct_after * cfg.steps) * cfg.batch_size)
    modalities = [example.prompt.modality for example in examples]
    order = _mixed(with_images, modalities, perception, cfg.modality_mix, seed, "see")
    order += _mixed(everything, modalities, total - perception, cfg.modality_mix, seed, "reason")
    rows: list[Row] = []
    for place, index in enumerate(order):
        example = examples[index]
        direct = place >= reasoning and _draw(seed, "direct", place) < cfg.direct_share
        response = example.seen if place < perception else example.direct if direct else example.trace
        rows.append((index, policy.tokenize(response)))
    return [rows[:perception], rows[perception:reasoning], rows[reasoning:]]


def _mixed(
    indices: Sequence[int],
    modalities: Sequence[str],
    count: int,
    mix: Mapping[Modality, float] | None,
    seed: int,
    phase: str,
) -> list[int]:
    """`count` of the indices, those of each modality as often as the mix says and evenly spread."""
    if mix is None:
        return _passes(indices, count, seed, phase)
    there = {name: [index for index in indices if modalities[index] == name] for name in sorted(mix) if mix[name]}
    shares = {name: mix[name] for name, own in there.items() if own}
    if count and not shares:
        raise ValueError(f"warmup.modality_mix must name a modality of the data, got {', '.join(mix) or 'none'}")
    placed: list[tuple[float, int]] = []
    done = 0.0
    for name, share in shares.items():
        first, done = round(count * done), done + share / sum(shares.values())
        own = _passes(there[name], round(count * done) - first, seed, f"{phase} {name}")
        placed += [((place + 0.5) / len(own), index) for place, index in enumerate(own)]
    return [index for _, index in sorted(placed)]


def _passes(indices: Sequence[int], count: int, seed: int, phase: str) -> list[int]:
    """`count` of the indices, each once before any comes again, in an order that depends on the seed alone."""
    order: list[int] = []
    for epoch in range(-(-count // len(indices)) if count else 0):
        order += sorted(indices, key=lambda index: _draw(seed, phase, epoch, index))
    return order[:count]


def _batches(rows: list[Row], size: int, seed: int) -> Iterator[list[Row]]:
    """Batches of responses about as long as each other, in an order that does not tell their lengths."""
    for start in range(0, len(rows), size * BUCKET):
        bucket = sorted(rows[start : start + size * BUCKET], key=lambda row: len(row[1]))
        batches = [bucket[i : i + size] for i in range(0, len(bucket), size)]
        yield from sorted(batches, key=lambda batch: _draw(seed, start, batch[0][0]))


def _draw(*parts: int | str) -> float:
    """Uniform in [0, 1), a keyed hash of its arguments."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "little") >> 11) * 2.0**-53
