"""One engine per process: each extends its share of the groups, then all know all of the result."""

from __future__ import annotations

from typing import Any

from accelerate import Accelerator
from accelerate.utils import gather_object

from vlm_rl.types import RolloutEngine, Trajectory


class ShardedEngine:
    """Implements `RolloutEngine` over the processes of an accelerate run. A group stays on one process, so that its
    prompt and images are encoded once."""

    def __init__(self, engine: RolloutEngine, accelerator: Accelerator) -> None:
        self.engine, self.accelerator = engine, accelerator

    def extend(self, pending: list[Trajectory], *, segment_tokens: int) -> list[Trajectory]:
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        share = [i for i, trajectory in enumerate(pending) if trajectory.group_id % world == rank]
        grown = self.engine.extend([pending[i] for i in share], segment_tokens=segment_tokens)
        everyone = dict(gather_object(list(zip(share, grown, strict=True))))
        return [everyone[i] for i in range(len(pending))]

    def load_weights(self, policy: Any, *, version: int) -> None:
        self.engine.load_weights(policy, version=version)

    def close(self) -> None:
        self.engine.close()
