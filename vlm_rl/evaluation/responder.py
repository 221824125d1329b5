"""What answers questions: a rollout engine, with the tokenizer and the context length of its policy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers.utils.logging import disable_progress_bar

from vlm_rl.config import PolicyConfig, RolloutConfig
from vlm_rl.data.decode import decode_image
from vlm_rl.data.image_uri import read_encoded
from vlm_rl.evaluation.questions import BOMB_PIXELS
from vlm_rl.models.policy import Policy
from vlm_rl.models.weightless import load_without_weights
from vlm_rl.rollout.engines import EngineName, make_engine
from vlm_rl.rollout.vllm_engine import VllmEngine
from vlm_rl.types import ImageRef, Prompt, RolloutEngine

DTYPES = ("float32", "bfloat16", "float16")
BATCH_TOKENS = {"embedded": 65_536, "vllm": 1_048_576}  # vLLM queues by itself what does not fit into its cache
_ROWS = 100_000  # the runner sizes the batches, so the engine need not
_NO_LIMIT = 1 << 40
_END_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Responder:
    """prompt_tokens: length of a prompt with its images. context: most tokens of a prompt and its response.
    reserve: room for a response that there must be, tokens; vLLM refuses prompts with less than the whole budget."""

    engine: RolloutEngine
    prompt_tokens: Callable[[Prompt], int]
    decode: Callable[[Sequence[int]], str]
    context: int
    reserve: int = 1


def load_responder(
    engine: EngineName, policy: str, *, max_tokens: int, temperature: float, seed: int, dtype: str, device: Any
) -> Responder:
    """Load a checkpoint folder or hub id into an engine. temperature 0 is greedy. Raises ValueError or OSError."""
    cfg = RolloutConfig.model_validate(
        {"max_response_tokens": max_tokens, "temperature": temperature or 1.0, "batch_rows": _ROWS}
    )
    disable_progress_bar()  # of every file that is read: the questions have a bar
    known = {"temperature": cfg.temperature, "max_prompt_tokens": _NO_LIMIT}  # the runner minds the context
    if engine == "embedded":
        chosen = PolicyConfig.model_validate({"path": policy, "dtype": dtype})
        loaded = Policy.load(policy, chosen, load_image, device=device, **known)
    else:
        loaded = load_without_weights(policy, load_image, dtype=getattr(torch, dtype), **known)
    context = context_of(loaded.model.config)
    if engine == "vllm" and max_tokens >= context:
        raise ValueError(f"--max-tokens must leave room for a prompt in the context of {context}, got {max_tokens}")
    made = make_engine(engine, policy=loaded, model_path=policy, cfg=cfg, seed=seed, greedy=temperature == 0)
    if isinstance(made, VllmEngine):
        context = min(context, made.context)  # its key-value cache may hold less
    return Responder(
        made,
        lambda prompt: len(loaded.encode(prompt).input_ids),
        loaded.decode,
        context,
        reserve=max_tokens if engine == "vllm" else 1,
    )


def load_image(ref: ImageRef) -> Any:
    """A stored image of the evaluation's folder."""
    return decode_image(read_encoded(ref.uri, {}), max_pixels=ref.max_pixels, bomb_pixels=BOMB_PIXELS)


def context_of(config: Any) -> int:
    """Positions of the language model."""
    return getattr(config.get_text_config(), "max_position_embeddings", None) or _NO_LIMIT


def policy_digest(policy: str) -> str | None:
    """Tells checkpoints apart that lie in the same folder one after the other: 32 hex digits of names, sizes and both
    ends of every weight file. None for a hub id."""
    folder = Path(policy)
    if not folder.is_dir():
        return None
    found = hashlib.blake2b(digest_size=16)
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("*config.json")]):
        size = path.stat().st_size
        with path.open("rb") as file:
            ends = file.read(_END_BYTES)
            file.seek(max(0, size - _END_BYTES))
            ends += file.read()
        found.update(f"{path.name} {size} ".encode() + ends)
    return found.hexdigest()
