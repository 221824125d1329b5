"""vLLM as a rollout engine, in this process: on a CPU, on a GPU, or one in each process of an accelerate run.

A request is what an interrupted response needs to go on: the prompt, its images and the tokens so far. vLLM encodes an
image once for all requests that show it, and computes their common beginning once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from vlm_rl.config import RolloutConfig
from vlm_rl.models.assemble import stored_name
from vlm_rl.models.policy import Policy, Rows
from vlm_rl.rollout.repetition import RepetitionTracker
from vlm_rl.rollout.vllm_process import Limits, start_vllm, stop_vllm
from vlm_rl.rollout.vllm_request import Question, read_question, sampling_params, segment_seed
from vlm_rl.types import Finish, Prompt, Segment, Trajectory

# Nats by which vLLM's log-probabilities may differ from the trainer's in the mean of a segment. Kernels that only round
# differently are at 1e-5 (16-bit: 0.02), stale weights or image features far above.
TOLERANCE = {torch.float32: 0.01, torch.bfloat16: 0.2, torch.float16: 0.2}


@dataclass(slots=True)
class _Row:
    """A response that is being written."""

    trajectory: Trajectory
    budget: int  # tokens of this segment
    end: int = 0  # tokens of the prompt, of what was written before, and of this segment
    token_ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish: Finish | None = None


class VllmEngine:
    """Implements `RolloutEngine`. A process can hold one at a time. Greedy log-probabilities are of temperature 1.

    policy: reads prompts and images, names the temperature, the end tokens and the banned ids. Its weights are read by
        `load_weights` alone: for evaluation, one from `load_without_weights` will do.
    model_path: the checkpoint folder whose weights vLLM starts with.
    seed: of the samples. A segment's own is a keyed hash of it, the trajectory and the tokens done.
    on_tokens: called with the number of tokens of each decode step.
    on_finish: called with each trajectory as soon as it is finished, while others are still written.
    """

    def __init__(
        self,
        policy: Policy,
        cfg: RolloutConfig,
        *,
        model_path: str,
        seed: int,
        greedy: bool = False,
        on_tokens: Callable[[int], None] | None = None,
        on_finish: Callable[[Trajectory], None] | None = None,
    ) -> None:
        self.policy, self.cfg, self.seed, self.greedy = policy, cfg, seed, greedy
        self.on_tokens, self.on_finish = on_tokens, on_finish
        self.version = 0
        self._synced = self._compared = False
        self._requests = 0  # so far: names of requests are never used twice
        self._owns_process_group = not torch.distributed.is_initialized()
        self._llm = start_vllm(policy, model_path, cfg)
        self.limits = Limits.of(self._llm)
        self._last: Question | None = None

    @property
    def context(self) -> int:
        """Tokens of the longest prompt with its response."""
        return int(self._llm.model_config.max_model_len)

    # ------------------------------------------------------------------------------------------------------- protocol

    def extend(self, pending: list[Trajectory], *, segment_tokens: int) -> list[Trajectory]:
        """Each pending trajectory, grown by one segment of at most `segment_tokens` tokens, in the same order.

        Raises ValueError for a prompt that vLLM cannot read as the trainer does, before anything is sampled for it.
        """
        limit = self.cfg.max_response_tokens
        rows = [_Row(t, min(segment_tokens, limit - t.num_tokens)) for t in pending]
        self._write(rows)
        grown = [self._grown(row) for row in rows]
        if self._synced and not self._compared and grown:
            self._compared = True
            self.compare_with_trainer(max(grown, key=lambda t: (len(t.prompt.images), -t.num_tokens)))
        return grown

    def _grown(self, row: _Row) -> Trajectory:
        segment = Segment(tuple(row.token_ids), tuple(row.logprobs), self.version)
        return row.trajectory.extended(segment, row.finish)

    def load_weights(self, policy: Policy, *, version: int) -> None:
        """From now on sample with the policy's current weights, and stamp segments with `version`.

        Sleeping and waking drops every cache that old weights filled: keys and values, prefixes, image features.
        """
        if policy.device.type == "meta":
            raise ValueError("VllmEngine.load_weights needs a policy with weights; this one was loaded without")
        # A state dict, not the parameters: vLLM's CPU kernels hold a packed copy of the output layer, which stays as it
        # was unless tied weights are sent under both of their names.
        weights = ((stored_name(name), tensor.detach()) for name, tensor in policy.model.state_dict().items())
        self._llm.sleep(1)
        self._llm.wake_up(["weights"])
        self._llm.collective_rpc("reload_weights", kwargs={"weights_iterator": weights})
        self._llm.wake_up(["kv_cache"])
        self.policy, self.version, self._synced = policy, version, True

    def close(self) -> None:
        """Stop vLLM; another engine may start afterwards."""
        if self._llm is not None:
            stop_vllm(self._llm, keep_process_group=not self._owns_process_group)
            self._llm = None

    # --------------------------------------------------------------------------------------------------------- decode

    def _write(self, rows: list[_Row]) -> None:
        """Let every row write its segment; as many as vLLM decodes side by side are under way at once."""
        engine, repetition = self._llm.llm_engine, _seen_so_far(rows, self.cfg)
        # Groups together, so that their images are still at hand.
        waiting = deque(sorted(range(len(rows)), key=lambda i: rows[i].trajectory.group_id))
        running: dict[str, int] = {}
        try:
            while waiting or running:
                self._admit(waiting, rows, running)
                with _without_compiler():
                    outputs = engine.step()
                self._take(outputs, rows, running, repetition)
        finally:  # after an error too, nothing goes on that nobody waits for
            engine.abort_request(list(running))
            self._last = None

    def _admit(self, waiting: deque[int], rows: list[_Row], running: dict[str, int]) -> None:
        """Submit what the next step can take, within `Limits`; one response in any case."""
        limits, now = self.limits, 0
        held = sum(limits.blocks_of(rows[index].end) for index in running.values())
        while waiting and len(running) < limits.rows:
            row = rows[waiting[0]]
            question = self._question(row.trajectory.prompt)
            row.end = question.length + row.trajectory.num_tokens + row.budget
            now, held = now + row.end - row.budget, held + limits.blocks_of(row.end)
            if running and (now > limits.step_tokens or held > limits.blocks):
                return
            running[self._submit(row, question)] = waiting.popleft()

    def _take(
        self, outputs: list[Any], rows: list[_Row], running: dict[str, int], repetition: RepetitionTracker
    ) -> None:
        """Append the new token of each output; requests that ended leave `running`."""
        indices = [running[output.request_id] for output in outputs]
        tokens = [_only_token(output) for output in outputs]
        repeats = repetition.push(np.array(indices, dtype=np.int64), np.array(tokens, dtype=np.int64))
        for output, index, token, repeat in zip(outputs, indices, tokens, repeats, strict=True):
            row = rows[index]
            if not row.token_ids:
                self._check_prompt(row.trajectory, output.prompt_token_ids)
            row.token_ids.append(token)
            row.logprobs.append(output.outputs[0].logprobs[0][token].logprob)
            row.finish = self._finish(row, token, bool(repeat))
            if row.finish is not None or len(row.token_ids) == row.budget:
                del running[output.request_id]
                if not output.finished:
                    self._llm.llm_engine.abort_request([output.request_id])
                if row.finish is not None and self.on_finish:
                    self.on_finish(self._grown(row))
            elif output.finished:
                raise RuntimeError(
                    f"vLLM ended a response to prompt {row.trajectory.prompt.id} after {len(row.token_ids)} of "
                    f"{row.budget} tokens: {output.outputs[0].finish_reason}"
                )
        if self.on_tokens and tokens:
            self.on_tokens(len(tokens))

    def _finish(self, row: _Row, token: int, repeats: bool) -> Finish | None:
        if token in self.policy.eos_ids:
            return Finish.STOP
        if repeats:
            return Finish.REPEAT
        full = row.trajectory.num_tokens + len(row.token_ids) >= self.cfg.max_response_tokens
        return Finish.LENGTH if full else None

    def _question(self, prompt: Prompt) -> Question:
        """Read once for all responses of a group, which come one after the other."""
        if self._last is None or self._last.prompt != prompt:
            self._last = read_question(self.policy, prompt)
            if self._last.length + self.cfg.max_response_tokens > self.context:
                raise ValueError(
                    f"prompt {prompt.id} has {self._last.length} tokens; with rollout.max_response_tokens "
                    f"{self.cfg.max_response_tokens} that is over the engine's context of {self.context}: lower that "
                    "or data.image_max_pixels, or give vLLM a larger KV cache (on a CPU VLLM_CPU_KVCACHE_SPACE, GiB)"
                )
        return self._last

    def _submit(self, row: _Row, question: Question) -> str:
        trajectory, self._requests = row.trajectory, self._requests + 1
        params = sampling_params(
            self.policy, greedy=self.greedy, max_tokens=row.budget, seed=segment_seed(self.seed, trajectory)
        )
        name = str(self._requests)
        self._llm.llm_engine.add_request(name, question.followed_by(trajectory.token_ids), params)
        return name

    # --------------------------------------------------------------------------------------------------------- checks

    def _check_prompt(self, trajectory: Trajectory, seen: list[int]) -> None:
        """What is trained on must be what was sampled from, to the token."""
        expected = [*self.policy.encode(trajectory.prompt).input_ids.tolist(), *trajectory.token_ids]
        if list(seen) != expected:
            raise RuntimeError(
                f"vLLM reads prompt {trajectory.prompt.id} as {len(seen)} tokens, the trainer as {len(expected)}: "
                "their processors differ, so this model cannot be trained with rollout.engine vllm"
            )

    @torch.no_grad()
    def compare_with_trainer(self, trajectory: Trajectory) -> None:
        """Raise RuntimeError unless the trainer gives the last segment the log-probabilities that vLLM gave it.

        `extend` does so after the first `load_weights` of a run, for one response.
        """
        if self.greedy and self.policy.temperature != 1.0:
            return
        segment = trajectory.segments[-1]
        rows = Rows([self.policy.encode(trajectory.prompt)], [0], [trajectory.token_ids])
        own = self.policy.logprobs(rows)[0, -len(segment.token_ids) :].cpu()
        difference = float((own - torch.tensor(segment.logprobs)).abs().mean())
        limit = TOLERANCE[self.policy.dtype]
        if not difference <= limit:
            raise RuntimeError(
                f"vLLM's log-probabilities are off the trainer's by {difference:.2g} in the mean of a response (limit "
                f"{limit}): this version of vLLM does not take over all weights of {type(self.policy.model).__name__}"
            )


def _seen_so_far(rows: list[_Row], cfg: RolloutConfig) -> RepetitionTracker:
    """A tracker that knows what the rows wrote in earlier segments."""
    tracker = RepetitionTracker.from_config(len(rows), cfg)
    before = [row.trajectory.token_ids for row in rows]
    for column in range(max(map(len, before), default=0)):
        writing = [i for i, token_ids in enumerate(before) if len(token_ids) > column]
        tracker.push(np.array(writing), np.array([before[i][column] for i in writing]))
    return tracker


def _only_token(output: Any) -> int:
    """The token of a decode step."""
    token_ids = output.outputs[0].token_ids
    if len(token_ids) != 1:
        raise RuntimeError(f"vLLM gave {len(token_ids)} tokens in a step ({output.outputs[0].finish_reason}), not one")
    return int(token_ids[0])


def _without_compiler() -> AbstractContextManager[Any]:
    """On a CPU vLLM would have a C++ compiler build a counter of ranks, which nobody reads: 18 s at the first step."""
    from vllm.platforms import current_platform

    return torch.compiler.set_stance("force_eager") if current_platform.is_cpu() else nullcontext()
