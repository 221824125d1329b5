"""From scored groups to optimizer batches: which tokens train, with which reference, padded to which size."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import torch
from torch import Tensor

from vlm_rl.config import OptimConfig
from vlm_rl.models.policy import EncodedPrompt, Policy, Rows
from vlm_rl.optim.losses import LossInputs, sequence_log_ratio
from vlm_rl.types import ScoredGroup, Trajectory


@dataclass(frozen=True, slots=True)
class Part:
    """One forward and backward pass: whole groups, so that their images are encoded once."""

    rows: Rows
    loss: LossInputs


@dataclass
class Shard:
    """Which share of the parts is this process's."""

    rank: int = 0
    world: int = 1


@dataclass
class LearnStats:
    """What an iteration's learning looked like. `sums` are of this process's rows and get added up over processes;
    the rest is the same on all of them."""

    groups: int = 0
    groups_all_equal: int = 0
    trajectories: int = 0
    dead: int = 0  # finished trajectories without one trainable token
    lags: list[int] = field(default_factory=list)  # of every token that trains
    grad_norms: list[float] = field(default_factory=list)
    sums: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    largest: float = 0.0

    def observe(self, loss: Tensor, logprobs: Tensor, batch: LossInputs, cfg: OptimConfig) -> None:
        """Take note of one part's forward pass."""
        pull = cfg.tau * sequence_log_ratio(logprobs.detach(), batch) ** 2
        self.sums["loss"] += float(loss.detach())
        self.sums["pull"] += float(pull.sum())
        self.sums["rows"] += len(pull)
        self.largest = max(self.largest, float(pull.max()))

    def stepped(self, grad_norm: float) -> None:
        self.grad_norms.append(grad_norm)

    def metrics(self, sums: dict[str, float], largest: float) -> dict[str, float]:
        """Rows for metrics.jsonl. `sums` and `largest`: this object's, over all processes."""
        tokens = len(self.lags)
        row: dict[str, float] = {
            "optim/groups": self.groups,
            "optim/groups_all_equal": self.groups_all_equal,
            "optim/trained_tokens": tokens,
        }
        if self.trajectories:
            row["lag/dead_fraction"] = self.dead / self.trajectories
        if tokens:
            row |= {"lag/mean": sum(self.lags) / tokens, "lag/max": max(self.lags)}
        if self.grad_norms:
            row |= {
                "optim/loss": sums["loss"] / len(self.grad_norms),
                "optim/grad_norm": sum(self.grad_norms) / len(self.grad_norms),
                "optim/tau_log_ratio_sq_mean": sums["pull"] / sums["rows"],
                "optim/tau_log_ratio_sq_max": largest,
            }
        gaps = {key.removeprefix("gap_sum/"): value for key, value in sums.items() if key.startswith("gap_sum/")}
        return row | {f"gap/{key}": value / sums[f"gap_count/{key}"] for key, value in gaps.items()}


@dataclass(frozen=True, slots=True)
class Batches:
    steps: list[list[Part]]  # one list of parts for each optimizer step
    stats: LearnStats


def make_batches(
    scored: list[ScoredGroup], policy: Policy, *, iteration: int, cfg: OptimConfig, shard: Shard
) -> Batches:
    """The optimizer steps of one iteration; each process gets its own share of the parts of every step.

    Groups whose rewards are all equal have nothing to teach and are left out; so are responses without a token young
    enough to train (`max_lag`). References are computed here, under the weights that start the iteration.
    """
    useful = [group for group in scored if not group.all_equal]
    stats = LearnStats(groups=len(useful), groups_all_equal=len(scored) - len(useful))
    for trajectory in (trajectory for group in scored for trajectory in group.trajectories):
        stats.trajectories += 1
        stats.dead += not trains(trajectory, iteration, cfg.max_lag)
    for trajectory in (group.trajectories[i] for group in useful for i in group.judged):
        stats.lags += [iteration - v for v in trajectory.versions if iteration - v <= cfg.max_lag]
    count = min(cfg.steps_per_iteration, len(useful))
    steps = []
    for step in range(count):
        groups = useful[step::count]
        mine = [
            _GroupRows(g, policy.encode(g.prompt), iteration, cfg.max_lag) for g in groups[shard.rank :: shard.world]
        ]
        chunks = _chunks([rows for rows in mine if rows.trajectories], cfg.micro_batch_tokens)
        steps.append([_part(chunk, policy, 1.0 / len(groups), cfg, stats) for chunk in chunks])
    return Batches(steps, stats)


def trains(trajectory: Trajectory, iteration: int, max_lag: int) -> bool:
    return any(iteration - version <= max_lag for version in trajectory.versions)


class _GroupRows:
    """The trainable responses of one group, which are judged ones."""

    def __init__(self, group: ScoredGroup, prompt: EncodedPrompt, iteration: int, max_lag: int) -> None:
        self.group, self.prompt, self.iteration, self.max_lag = group, prompt, iteration, max_lag
        self.indices = [i for i in group.judged if trains(group.trajectories[i], iteration, max_lag)]
        self.trajectories: list[Trajectory] = [group.trajectories[i] for i in self.indices]

    def lags(self) -> list[list[float]]:
        return [[float(self.iteration - version) for version in t.versions] for t in self.trajectories]

    @property
    def width(self) -> int:
        return len(self.prompt.input_ids) + max(t.num_tokens for t in self.trajectories)


def _chunks(groups: list[_GroupRows], budget: int) -> list[list[_GroupRows]]:
    """Runs of groups of similar width whose padded size stays within `budget` tokens (one group may exceed it)."""
    chunks: list[list[_GroupRows]] = []
    for group in sorted(groups, key=lambda g: (g.width, g.group.group_id)):
        rows = len(group.trajectories) + sum(len(g.trajectories) for g in (chunks[-1] if chunks else []))
        if chunks and rows * group.width <= budget:
            chunks[-1].append(group)
        else:
            chunks.append([group])
    return chunks


def _part(chunk: list[_GroupRows], policy: Policy, scale: float, cfg: OptimConfig, stats: LearnStats) -> Part:
    trajectories = [trajectory for group in chunk for trajectory in group.trajectories]
    rows = Rows(
        [group.prompt for group in chunk],
        [u for u, group in enumerate(chunk) for _ in group.trajectories],
        [trajectory.token_ids for trajectory in trajectories],
    )
    with torch.no_grad():
        reference = policy.logprobs(rows)
    device, width = reference.device, rows.max_response

    def right_aligned(values: list[list[float]]) -> Tensor:
        return torch.tensor([[0.0] * (width - len(row)) + row for row in values], device=device)

    behaviour = right_aligned([list(trajectory.logprobs) for trajectory in trajectories])
    written = right_aligned([[1.0] * trajectory.num_tokens for trajectory in trajectories]) > 0
    lags = right_aligned([row for group in chunk for row in group.lags()])
    weights = (written & (lags <= cfg.max_lag)).float()
    _count_gaps(
        stats, reference - behaviour, lags, written, [g.group.prompt.modality for g in chunk for _ in g.trajectories]
    )
    if cfg.importance_cap is not None:
        importance = (reference - behaviour).exp().clamp(max=cfg.importance_cap)
        weights = torch.where(lags > 0, weights * importance, weights)
    per_row = [
        (g.group.advantages[i], float(g.group.verdicts[i].correct), scale / len(g.group.judged))
        for g in chunk
        for i in g.indices
    ]
    advantages, correct, scales = (torch.tensor(column, device=device) for column in zip(*per_row, strict=True))
    return Part(rows, LossInputs(reference, weights, advantages, correct, scales))


def _count_gaps(stats: LearnStats, gap: Tensor, lags: Tensor, written: Tensor, modalities: list[str]) -> None:
    """|engine - trainer| log-probability, by lag and modality: at lag 0 it is the engine's numerical error."""
    for modality in sorted(set(modalities)):
        rows = torch.tensor([m == modality for m in modalities], device=gap.device)[:, None] & written
        for lag in sorted(set(lags[rows].int().tolist())):
            chosen = gap[rows & (lags == lag)].abs()
            stats.sums[f"gap_sum/lag{lag}/{modality}"] += float(chosen.sum())
            stats.sums[f"gap_count/lag{lag}/{modality}"] += chosen.numel()
