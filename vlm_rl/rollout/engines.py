"""The rollout engines by name, as `rollout.engine` and the evaluation command choose them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from vlm_rl.config import RolloutConfig
from vlm_rl.models.policy import Policy
from vlm_rl.rollout.local_engine import LocalEngine
from vlm_rl.rollout.vllm_engine import VllmEngine
from vlm_rl.types import RolloutEngine, Trajectory

EngineName = Literal["embedded", "vllm"]
ENGINES: dict[str, Callable[..., RolloutEngine]] = {"embedded": LocalEngine, "vllm": VllmEngine}


def make_engine(
    name: EngineName,
    *,
    policy: Policy,
    model_path: str,
    cfg: RolloutConfig,
    seed: int,
    greedy: bool,
    on_tokens: Callable[[int], None] | None = None,
    on_finish: Callable[[Trajectory], None] | None = None,
) -> RolloutEngine:
    """An engine that samples with the weights of `policy`, or, if it is vLLM, of the checkpoint folder `model_path`.

    policy: vllm starts with one from `load_without_weights` too.
    greedy: always the likeliest token, instead of samples.
    on_tokens: called with the number of tokens of each decode step.
    on_finish: called with each trajectory as soon as it is finished, while others are still written.
    raises: ValueError for an unknown name, a policy without weights, or what vLLM lacks (`start_vllm`).
    """
    if name not in ENGINES:
        raise ValueError(f"rollout.engine must be one of {', '.join(ENGINES)}, got {name!r}")
    if name == "embedded" and policy.device.type == "meta":
        raise ValueError("the embedded engine needs a policy with weights; this one was loaded without")
    start = {"model_path": model_path} if name == "vllm" else {}
    return ENGINES[name](policy, cfg, seed=seed, greedy=greedy, on_tokens=on_tokens, on_finish=on_finish, **start)
