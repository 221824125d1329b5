"""The embedded rollout engine: batched sampling with a KV cache on the trainer's own policy, CPU or GPU.

A request is the raw prompt, its images and the tokens so far. A prompt is prefilled once for all its responses, and its
images are encoded once. The layout of a row in the cache is

    [ padding | prompt | tokens so far | hole | new tokens ]

where holes (rows that had fewer tokens so far) are masked; positions are explicit, so holes do not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vlm_rl.config import RolloutConfig
from vlm_rl.models.policy import Policy, Rows
from vlm_rl.rollout.repetition import RepetitionTracker
from vlm_rl.types import Finish, Segment, Trajectory

COMPACT_BELOW = 0.8  # drop finished rows from the KV cache once the others are fewer than this share of it


class LocalEngine:
    """Implements `RolloutEngine`.

    on_tokens: called with the number of tokens of each decode step. on_finish: called with each response as soon as it
    has finished, while others of its batch are still being written.
    """

    def __init__(
        self,
        policy: Policy,
        cfg: RolloutConfig,
        *,
        seed: int,
        greedy: bool = False,
        on_tokens: Callable[[int], None] | None = None,
        on_finish: Callable[[Trajectory], None] | None = None,
    ) -> None:
        self.policy, self.cfg, self.seed, self.greedy, self.on_tokens = policy, cfg, seed, greedy, on_tokens
        self.on_finish = on_finish
        self.version = 0

    def load_weights(self, policy: Policy, *, version: int) -> None:
        self.policy, self.version = policy, version  # the weights are the trainer's own: nothing to copy

    def close(self) -> None:
        pass

    @torch.no_grad()
    def extend(self, pending: list[Trajectory], *, segment_tokens: int) -> list[Trajectory]:
        """Each pending trajectory, grown by one segment of at most `segment_tokens` tokens, in the same order."""
        grown: dict[int, Trajectory] = {}
        for rows in _batches(pending, self.cfg.batch_rows):
            extended = self._extend_batch([pending[i] for i in rows], segment_tokens)
            grown.update(zip(rows, extended, strict=True))
        return [grown[i] for i in range(len(pending))]

    def _extend_batch(self, batch: list[Trajectory], segment_tokens: int) -> list[Trajectory]:
        state = _prefill(self.policy, batch)
        writer = _Writer(batch, self.cfg, segment_tokens, self.policy.eos_ids, self._uniforms)
        while True:
            tokens, logprobs = self._sample(state.logits, None if self.greedy else writer.uniforms())
            if self.on_tokens:
                self.on_tokens(int(writer.alive.sum()))
            finished = writer.push(tokens, logprobs)
            if self.on_finish:
                for row in finished:
                    self.on_finish(writer.grown(row, self.version))
            alive = np.flatnonzero(writer.alive)
            if len(alive) == 0:
                return [writer.grown(row, self.version) for row in range(len(batch))]
            if len(alive) < COMPACT_BELOW * len(tokens):
                state.keep(alive)
                writer.keep(alive)
                tokens = tokens[torch.from_numpy(alive).to(tokens.device)]
            state.step(self.policy, tokens)

    def _sample(self, logits: Tensor, uniforms: NDArray[np.float64] | None) -> tuple[Tensor, Tensor]:
        """One token a row [N] and its ln pi [N], greedy or by inversion of the distribution function."""
        log_distribution = self.policy.log_distribution(logits)
        if uniforms is None:
            tokens = log_distribution.argmax(-1)
        else:
            cumulative = log_distribution.double().exp().cumsum(-1)
            draws = torch.from_numpy(uniforms).to(logits.device) * cumulative[:, -1]
            tokens = torch.searchsorted(cumulative, draws[:, None], right=True).squeeze(-1)
            tokens = tokens.clamp(max=logits.shape[-1] - 1)
        return tokens, log_distribution.gather(-1, tokens[:, None]).squeeze(-1)

    def _uniforms(self, trajectory: Trajectory, count: int) -> NDArray[np.float64]:
        """The next `count` random numbers of a trajectory: a function of (seed, trajectory, position) alone, so that
        neither batching nor interruptions change what is sampled."""
        name = f"{self.seed}/{trajectory.prompt.id}/{trajectory.group_id}/{trajectory.index}".encode()
        key = int.from_bytes(hashlib.blake2b(name, digest_size=16).digest(), "little")
        raw = np.random.Philox(key=key).random_raw(trajectory.num_tokens + count)[trajectory.num_tokens :]
        return np.asarray((raw >> 11) * 2.0**-53, dtype=np.float64)


def _batches(pending: list[Trajectory], batch_rows: int) -> list[list[int]]:
    """Places in `pending`, in batches of at most `batch_rows`; a group that fits stays together, so that its prompt is
    prefilled and its images are encoded once. Groups of similar length come together."""
    groups: dict[int, list[int]] = {}
    for place, trajectory in enumerate(pending):
        groups.setdefault(trajectory.group_id, []).append(place)
    by_length = sorted(groups.values(), key=lambda group: max(pending[place].num_tokens for place in group))
    batches: list[list[int]] = []
    for group in by_length:
        if batches and len(batches[-1]) + len(group) <= batch_rows:
            batches[-1] += group
        else:
            batches += [group[start : start + batch_rows] for start in range(0, len(group), batch_rows)]
    return batches


@dataclass
class _DecodeState:
    """The KV cache of a batch and where each of its N rows stands."""

    cache: Any
    attention_mask: Tensor  # [N, cached tokens]
    next_position: Tensor  # [N]
    logits: Tensor  # [N, V] of the next token

    def keep(self, rows: NDArray[np.int64]) -> None:
        index = torch.from_numpy(rows).to(self.logits.device)
        self.cache.batch_select_indices(index)
        self.attention_mask = self.attention_mask[index]
        self.next_position = self.next_position[index]

    def feed(self, policy: Policy, tokens: Tensor, mask: Tensor) -> Tensor:
        """Run a block of tokens [N, B] (mask 0 = hole) through the model; logits [N, B, V]."""
        self.attention_mask = torch.cat([self.attention_mask, mask], dim=1)
        positions = (self.next_position[:, None] + mask.cumsum(-1) - 1).clamp(min=0)
        with policy.compute():
            output = policy.model(
                input_ids=tokens,
                attention_mask=self.attention_mask,
                position_ids=positions,
                past_key_values=self.cache,
                use_cache=True,
            )
        self.next_position = self.next_position + mask.sum(-1)
        return output.logits

    def step(self, policy: Policy, tokens: Tensor) -> None:
        self.logits = self.feed(policy, tokens[:, None], torch.ones_like(tokens)[:, None])[:, -1]


def _prefill(policy: Policy, batch: list[Trajectory]) -> _DecodeState:
    """Prompts once each, copied to their responses; then what the responses hold so far."""
    prompt_ids = list(dict.fromkeys(trajectory.prompt.id for trajectory in batch))
    by_id = {trajectory.prompt.id: trajectory.prompt for trajectory in batch}
    prompts = [policy.encode(by_id[prompt_id]) for prompt_id in prompt_ids]
    inputs = policy.inputs(Rows(prompts, list(range(len(prompts))), [()] * len(prompts)))
    output = policy.forward(inputs, use_cache=True, logits_to_keep=1)
    state = _DecodeState(output.past_key_values, inputs.attention_mask, inputs.next_position, output.logits[:, -1])
    rows = np.array([prompt_ids.index(trajectory.prompt.id) for trajectory in batch])
    state.keep(rows)
    state.logits = state.logits[torch.from_numpy(rows).to(state.logits.device)]
    width = max(trajectory.num_tokens for trajectory in batch)
    if width:
        tokens = torch.full((len(batch), width), policy.pad_id)
        for row, trajectory in enumerate(batch):
            tokens[row, : trajectory.num_tokens] = torch.tensor(trajectory.token_ids, dtype=torch.long)
        lengths = torch.tensor([trajectory.num_tokens for trajectory in batch], device=policy.device)
        mask = (torch.arange(width, device=policy.device) < lengths[:, None]).long()
        logits = state.feed(policy, tokens.to(policy.device), mask)
        last = logits[torch.arange(len(batch)), (lengths - 1).clamp(min=0)]
        state.logits = torch.where(lengths[:, None] > 0, last, state.logits)
    return state


class _Writer:
    """What the rows of a batch have written in this segment, and which of them are still writing."""

    def __init__(
        self,
        batch: list[Trajectory],
        cfg: RolloutConfig,
        segment_tokens: int,
        eos_ids: set[int],
        uniforms: Callable[[Trajectory, int], NDArray[np.float64]],
    ) -> None:
        self.batch, self.cfg, self.eos_ids = batch, cfg, np.array(sorted(eos_ids))
        before = [trajectory.token_ids for trajectory in batch]
        self.done_before = np.array([len(token_ids) for token_ids in before])
        self.budget = np.minimum(segment_tokens, cfg.max_response_tokens - self.done_before)
        self.finish: list[Finish | None] = [None] * len(batch)
        self.tokens = np.zeros((len(batch), int(self.budget.max())), dtype=np.int64)
        self.logprobs = np.zeros(self.tokens.shape, dtype=np.float32)
        self.written = np.zeros(len(batch), dtype=np.int64)
        self.draws = np.stack([uniforms(trajectory, self.tokens.shape[1]) for trajectory in batch])
        self.repetition = RepetitionTracker.from_config(len(batch), cfg)
        for column in range(int(self.done_before.max())):
            writing = np.flatnonzero(self.done_before > column)
            self.repetition.push(writing, np.array([before[row][column] for row in writing]))
        self.rows = np.arange(len(batch))  # which batch row each decoded row is
        self.alive = np.ones(len(batch), dtype=bool)  # of the decoded rows
        self.column = 0

    def uniforms(self) -> NDArray[np.float64]:
        return self.draws[self.rows, self.column]

    def push(self, tokens: Tensor, logprobs: Tensor) -> list[int]:
        """Take one token [n] of each decoded row; rows that are not alive any more are passed over.

        Returns the batch rows whose response has finished with it.
        """
        new = tokens.cpu().numpy()[self.alive]
        rows = self.rows[self.alive]
        self.tokens[rows, self.column] = new
        self.logprobs[rows, self.column] = logprobs.float().cpu().numpy()[self.alive]
        self.written[rows] += 1
        self.column += 1
        repeats = self.repetition.push(rows, new)
        stops = np.isin(new, self.eos_ids)
        full = self.done_before[rows] + self.column >= self.cfg.max_response_tokens
        for row, stop, repeat, at_limit in zip(rows, stops, repeats, full, strict=True):
            if stop:
                self.finish[row] = Finish.STOP
            elif repeat:
                self.finish[row] = Finish.REPEAT
            elif at_limit:
                self.finish[row] = Finish.LENGTH
        self.alive[self.alive] = ~(stops | repeats | (self.column >= self.budget[rows]))
        return [int(row) for row in rows if self.finish[row] is not None]

    def keep(self, decoded: NDArray[np.int64]) -> None:
        self.rows = self.rows[decoded]
        self.alive = self.alive[decoded]

    def grown(self, row: int, version: int) -> Trajectory:
        """The trajectory of a batch row, with what it has written in this segment."""
        length = int(self.written[row])
        segment = Segment(
            token_ids=tuple(self.tokens[row, :length].tolist()),
            logprobs=tuple(self.logprobs[row, :length].tolist()),
            policy_version=version,
        )
        return self.batch[row].extended(segment, self.finish[row])
