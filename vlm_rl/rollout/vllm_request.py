"""What vLLM is asked: a prompt in its form, and how to sample one segment of a response to it.

The prompt has *one* placeholder for each image: vLLM expands it, and would silently expand an expanded one again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from vlm_rl.models.policy import Policy, chat_turn
from vlm_rl.rollout.vllm_process import MAX_IMAGES
from vlm_rl.types import Prompt, Trajectory

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt as vLLM takes it."""

    prompt: Prompt
    ids: list[int]  # one placeholder for each image
    images: list[Image.Image]
    length: int  # tokens once the placeholders are expanded

    def followed_by(self, token_ids: Sequence[int]) -> dict[str, Any]:
        """The request to go on after these tokens of a response."""
        request: dict[str, Any] = {"prompt_token_ids": [*self.ids, *token_ids]}
        return request | ({"multi_modal_data": {"image": self.images}} if self.images else {})


def read_question(policy: Policy, prompt: Prompt) -> Question:
    """Raises ValueError if images and placeholders do not match, and what `Policy.encode` raises."""
    tokenizer = policy.processor.tokenizer
    text = policy.processor.apply_chat_template(
        [chat_turn(message) for message in prompt.messages], tokenize=False, add_generation_prompt=True
    )
    bos = tokenizer.bos_token
    ids = tokenizer(text, add_special_tokens=not (bos and text.startswith(bos)))["input_ids"]
    placeholders, images = ids.count(policy.image_token_id), len(prompt.images)
    if placeholders != images or images > MAX_IMAGES:  # vLLM would take a placeholder without an image for a word
        raise ValueError(
            f"prompt {prompt.id} must have as many image placeholders as images, and at most {MAX_IMAGES} of them; it "
            f"has images: {images}, placeholders: {placeholders}"
        )
    return Question(
        prompt, ids, [policy.load_image(ref) for ref in prompt.images], len(policy.encode(prompt).input_ids)
    )


def sampling_params(policy: Policy, *, greedy: bool, max_tokens: int, seed: int) -> Any:
    """`vllm.SamplingParams` of one segment: the distribution of `Policy.log_distribution`, one token an output."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    return SamplingParams(
        temperature=0.0 if greedy else policy.temperature,
        seed=seed,
        max_tokens=max_tokens,
        logprobs=0,  # of the sampled token alone
        logit_bias={int(token): -torch.inf for token in policy.banned_ids},
        ignore_eos=True,  # vLLM's own idea of it; the policy's is
        stop_token_ids=sorted(policy.eos_ids),
        detokenize=False,
        output_kind=RequestOutputKind.DELTA,
    )


def segment_seed(seed: int, trajectory: Trajectory) -> int:
    """In [0, 2**63). vLLM's random stream starts anew with each request, so each segment has a seed of its own."""
    name = f"{seed}/{trajectory.prompt.id}/{trajectory.group_id}/{trajectory.index}/{trajectory.num_tokens}"
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") >> 1
