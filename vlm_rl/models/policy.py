"""The policy: a transformers vision-language model with its processor. Prompts and responses in, log-probabilities out.

The rollout engine and the trainer both go through `Policy`, so that images, positions, the temperature and the banned
ids cannot differ between what was sampled and what is trained.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForImageTextToText, AutoProcessor
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_outputs import BaseModelOutputWithPooling

from vlm_rl.config import PolicyConfig
from vlm_rl.models.assemble import save_policy, unused_parameters
from vlm_rl.types import ImageLoader, Message, Prompt

ENCODED_CACHE_BYTES = 1 << 30  # pixels of prompts kept ready; least recently used go first


@dataclass(frozen=True, slots=True)
class EncodedPrompt:
    """A prompt as the model reads it."""

    input_ids: Tensor  # [P] long, image placeholders expanded
    token_types: Tensor | None  # [P] 0 = text, 1 = image; only for models that ask for it
    vision: dict[str, Tensor]  # pixel_values and what goes with them; empty for a text-only prompt
    num_image_tokens: int

    @property
    def num_bytes(self) -> int:
        return sum(tensor.nbytes for tensor in (self.input_ids, *self.vision.values()))


@dataclass(frozen=True, slots=True)
class Rows:
    """N right-aligned rows [padding | prompt | response], whose U distinct prompts are encoded once."""

    prompts: list[EncodedPrompt]  # [U]
    row_prompt: list[int]  # [N] which prompt each row belongs to
    responses: list[Sequence[int]]  # [N] token ids

    @property
    def max_response(self) -> int:
        return max(len(response) for response in self.responses)


@dataclass(frozen=True, slots=True)
class ModelInputs:
    """Tensors of one forward pass over N rows of T tokens."""

    input_ids: Tensor  # [N, T]
    attention_mask: Tensor  # [N, T]
    position_ids: Tensor  # [N, T], or [3, N, T] for models with multimodal rotary positions
    next_position: Tensor  # [N] position of the token after the row
    images: BaseModelOutputWithPooling | None  # features in row order


class Policy:
    """`model` is any transformers image-text-to-text model; weights are float32, `dtype` is what it computes in."""

    def __init__(
        self,
        model: Any,
        processor: Any,
        load_image: ImageLoader,
        *,
        temperature: float = 1.0,
        dtype: torch.dtype = torch.float32,
        max_prompt_tokens: int = 4096,
    ) -> None:
        self.model = model
        self.processor = processor
        self.load_image = load_image
        self.temperature = temperature
        self.dtype = dtype
        self.max_prompt_tokens = max_prompt_tokens
        self.eos_ids = _as_set(model.generation_config.eos_token_id) | _as_set(processor.tokenizer.eos_token_id)
        if not self.eos_ids:
            raise ValueError(
                "the policy has no end-of-turn token: neither generation config nor tokenizer names an eos"
            )
        pad = processor.tokenizer.pad_token_id
        self.pad_id = pad if pad is not None else min(self.eos_ids)
        self.image_token_id = _image_token_id(model.config)
        self.banned_ids = torch.tensor(sorted(_placeholder_ids(model.config, processor.tokenizer)), dtype=torch.long)
        self._encoded: OrderedDict[str, EncodedPrompt] = OrderedDict()
        self._encoded_bytes = 0

    @classmethod
    def load(
        cls,
        path: str | Path,
        cfg: PolicyConfig,
        load_image: ImageLoader,
        *,
        device: torch.device | str = "cpu",
        **kwargs: Any,
    ) -> Policy:
        """Load a checkpoint folder or hub id. Parts named in `cfg.freeze` do not train, nor weights without effect."""
        hub: dict[str, Any] = {"revision": cfg.revision, "trust_remote_code": cfg.trust_remote_code}
        processor = AutoProcessor.from_pretrained(path, **hub)
        model: Any = AutoModelForImageTextToText.from_pretrained(
            path, dtype=torch.float32, attn_implementation=cfg.attn_implementation, use_safetensors=True, **hub
        )
        model.to(device).eval()  # eval: no dropout, so that sampled and trained log-probabilities agree
        if cfg.gradient_checkpointing:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        freeze(model, cfg.freeze)
        return cls(model, processor, load_image, dtype=getattr(torch, cfg.dtype), **kwargs)

    def save(self, folder: str | Path) -> None:
        """Write a checkpoint that `from_pretrained` and vLLM load; atomic: the folder appears whole or not at all."""
        save_policy(self.model, self.processor, Path(folder))

    @property
    def device(self) -> torch.device:
        return self.model.device

    def trainable(self) -> dict[str, torch.nn.Parameter]:
        return {name: weight for name, weight in self.model.named_parameters() if weight.requires_grad}

    # ------------------------------------------------------------------------------------------------ text and images

    def encode(self, prompt: Prompt) -> EncodedPrompt:
        """Template, tokens and pixels of a prompt. Raises ValueError if it is longer than `max_prompt_tokens`."""
        if (known := self._encoded.get(prompt.id)) is not None:
            self._encoded.move_to_end(prompt.id)
            return known
        text = self.processor.apply_chat_template(
            [chat_turn(message) for message in prompt.messages], tokenize=False, add_generation_prompt=True
        )
        images = [self.load_image(ref) for ref in prompt.images]
        bos = self.processor.tokenizer.bos_token
        # A template may write the beginning-of-sequence token itself; the tokenizer must not add another.
        special = not (bos and text.startswith(bos))
        fields = dict(
            self.processor(text=[text], images=images or None, return_tensors="pt", add_special_tokens=special)
        )
        fields.pop("attention_mask")
        input_ids, token_types = fields.pop("input_ids")[0], fields.pop("mm_token_type_ids", None)
        num_image_tokens = int((input_ids == self.image_token_id).sum())
        if len(input_ids) > self.max_prompt_tokens:
            raise ValueError(
                f"prompt {prompt.id} has {len(input_ids)} tokens, {num_image_tokens} of them image tokens; "
                f"data.max_prompt_tokens is {self.max_prompt_tokens}: raise it, or lower data.image_max_pixels"
            )
        if bool(images) != bool(num_image_tokens):
            raise ValueError(f"prompt {prompt.id} has {len(images)} images and {num_image_tokens} image tokens")
        encoded = EncodedPrompt(input_ids, None if token_types is None else token_types[0], fields, num_image_tokens)
        self._remember(prompt.id, encoded)
        return encoded

    def _remember(self, key: str, encoded: EncodedPrompt) -> None:
        self._encoded[key] = encoded
        self._encoded_bytes += encoded.num_bytes
        while self._encoded_bytes > ENCODED_CACHE_BYTES and len(self._encoded) > 1:
            self._encoded_bytes -= self._encoded.popitem(last=False)[1].num_bytes

    def tokenize(self, response: str) -> list[int]:
        """A response as the policy would have written it, with its end-of-turn token."""
        ids = self.processor.tokenizer(response, add_special_tokens=False)["input_ids"]
        return [*ids, self.processor.tokenizer.eos_token_id]

    def decode(self, token_ids: Sequence[int]) -> str:
        return self.processor.tokenizer.decode(list(token_ids), skip_special_tokens=True)

    # --------------------------------------------------------------------------------------------------- forward passes

    def inputs(self, rows: Rows) -> ModelInputs:
        """Pad, place and position the rows; images of each distinct prompt are encoded once (with gradient, if on)."""
        lengths = [
            len(rows.prompts[u].input_ids) + len(r) for u, r in zip(rows.row_prompt, rows.responses, strict=True)
        ]
        count, width = len(lengths), max(lengths)
        input_ids = torch.full((count, width), self.pad_id)
        attention_mask = torch.zeros((count, width), dtype=torch.long)
        token_types = torch.zeros((count, width), dtype=torch.long)
        for row, (u, response) in enumerate(zip(rows.row_prompt, rows.responses, strict=True)):
            prompt, start = rows.prompts[u], width - lengths[row]
            prompt_end = start + len(prompt.input_ids)
            input_ids[row, start:prompt_end] = prompt.input_ids
            input_ids[row, prompt_end:] = torch.tensor(response, dtype=torch.long)
            attention_mask[row, start:] = 1
            if prompt.token_types is not None:
                token_types[row, start:prompt_end] = prompt.token_types
        input_ids, attention_mask = input_ids.to(self.device), attention_mask.to(self.device)
        positions, following = self._positions(rows, input_ids, attention_mask, token_types.to(self.device))
        return ModelInputs(input_ids, attention_mask, positions, following, self._image_features(rows))

    def _positions(self, rows: Rows, input_ids: Tensor, mask: Tensor, token_types: Tensor) -> tuple[Tensor, Tensor]:
        plain = (mask.cumsum(-1) - 1).clamp(min=0)
        visions = [rows.prompts[u].vision for u in rows.row_prompt]
        grids = [vision["image_grid_thw"] for vision in visions if "image_grid_thw" in vision]
        index = getattr(self.model.model, "get_rope_index", None)
        if index is None or not grids:
            return plain, mask.sum(-1)
        known = {
            "image_grid_thw": torch.cat(grids).to(self.device),
            "attention_mask": mask,
            "mm_token_type_ids": token_types,
        }
        wanted = inspect.signature(index).parameters
        positions, deltas = index(input_ids, **{name: value for name, value in known.items() if name in wanted})
        return positions, mask.sum(-1) + deltas.view(-1)

    def _image_features(self, rows: Rows) -> BaseModelOutputWithPooling | None:
        """Features of every row's images, in row order; each distinct prompt went through the vision tower once."""
        with_images = [u for u in range(len(rows.prompts)) if rows.prompts[u].vision]
        if not with_images:
            return None
        features: dict[int, BaseModelOutputWithPooling] = {}
        for batch in _same_shape([(u, rows.prompts[u].vision) for u in with_images]):
            stacked = {key: torch.cat([vision[key] for _, vision in batch]).to(self.device) for key in batch[0][1]}
            with self.compute():
                output = self.model.get_image_features(**stacked, return_dict=True)
            tokens = [rows.prompts[u].num_image_tokens for u, _ in batch]
            features.update(zip([u for u, _ in batch], _split_features(output, tokens), strict=True))
        return _join_features([features[u] for u in rows.row_prompt if u in features])

    def compute(self) -> AbstractContextManager[Any]:
        """Weights are float32; a lower `dtype` is autocast, so that small updates are not lost in rounding."""
        if self.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def forward(self, inputs: ModelInputs, **kwargs: Any) -> Any:
        images = {} if inputs.images is None else {"mm_encoder_outputs": {"image": inputs.images}}
        with self.compute():
            return self.model(
                input_ids=inputs.input_ids,
                attention_mask=inputs.attention_mask,
                position_ids=inputs.position_ids,
                **images,
                **kwargs,
            )

    @contextmanager
    def _checkpointing(self) -> Iterator[None]:
        """Layers recompute their activations, where `gradient_checkpointing` is on and gradients are wanted.

        They do so in training mode only. What is inside of them stays in evaluation mode: nothing is dropped out.
        """
        layers = [module for module in self.model.modules() if isinstance(module, GradientCheckpointingLayer)]
        for layer in layers:
            layer.training = torch.is_grad_enabled()
        try:
            yield
        finally:
            for layer in layers:
                layer.training = False

    def log_distribution(self, logits: Tensor) -> Tensor:
        """ln pi over the vocabulary, [..., V]: tempered, and with the image placeholders banned (a sampled one would
        be read as an image in the next segment)."""
        logits = logits.float() / self.temperature
        return logits.index_fill(-1, self.banned_ids.to(logits.device), -torch.inf).log_softmax(-1)

    def logprobs(self, rows: Rows) -> Tensor:
        """ln pi(token | what precedes it) of every response token, [N, R] right-aligned; 0 where there is none."""
        width = rows.max_response
        with self._checkpointing():
            inputs = self.inputs(rows)
            logits = self.forward(inputs, use_cache=False, logits_to_keep=width + 1).logits[:, :-1]
        logprobs = self.log_distribution(logits).gather(-1, inputs.input_ids[:, -width:, None]).squeeze(-1)
        written = torch.tensor([[0] * (width - len(r)) + [1] * len(r) for r in rows.responses], device=logits.device)
        return logprobs.masked_fill(written == 0, 0.0)


def chat_turn(message: Message) -> dict[str, Any]:
    """A message as chat templates want it: text and image parts in order."""
    content: list[dict[str, str]] = []
    for position, text in enumerate(message.content.split("<image>")):
        if position:
            content.append({"type": "image"})
        if text:
            content.append({"type": "text", "text": text})
    return {"role": message.role, "content": content}


def freeze(model: Any, parts: Sequence[str]) -> None:
    """Stop gradients of whole parts, and of weights that never reach the output (they would never get one)."""
    unused = set(unused_parameters(model))
    words = {
        "vision_tower": ("vision_tower", "visual", "vision_model"),
        "projector": ("projector", "connector", "merger", "aligner"),
        "language_model": ("language_model", "text_model", "lm_head"),
    }

    def part_of(name: str) -> str:
        path = name.split(".")
        for part in ("projector", "language_model", "vision_tower"):  # a merger may live inside the tower's module
            if any(word in step for step in path for word in words[part]):
                return part
        return ""

    found = {part_of(name) for name, _ in model.named_parameters()}
    if missing := set(parts) - found:
        raise ValueError(f"policy.freeze names {sorted(missing)}, but this model has only {sorted(found - {''})}")
    for name, weight in model.named_parameters():
        weight.requires_grad_(name not in unused and part_of(name) not in parts)


def _same_shape(prompts: list[tuple[int, dict[str, Tensor]]]) -> list[list[tuple[int, dict[str, Tensor]]]]:
    """Batches whose tensors can be concatenated along the first dimension."""
    batches: dict[Any, list[tuple[int, dict[str, Tensor]]]] = {}
    for u, vision in prompts:
        shapes = tuple((key, tuple(value.shape[1:])) for key, value in sorted(vision.items()))
        batches.setdefault(shapes, []).append((u, vision))
    return list(batches.values())


def _split_features(output: Any, tokens: list[int]) -> list[BaseModelOutputWithPooling]:
    """The output for several prompts, cut into one for each, by their numbers of image tokens."""
    pooled, pieces = output.pooler_output, list(output.pooler_output)
    deepstack = getattr(output, "deepstack_features", None)
    split, start = [], 0
    for wanted in tokens:
        stop, count = start, 0
        while count < wanted and stop < len(pieces):
            count += pieces[stop].shape[:-1].numel()
            stop += 1
        if count != wanted:
            raise ValueError(f"the vision tower made {count} image features for {wanted} image tokens of a prompt")
        one = type(output)(pooler_output=pooled[start:stop])
        if deepstack is not None:
            one["deepstack_features"] = [layer[start:stop] for layer in deepstack]
        split.append(one)
        start = stop
    if start != len(pieces):
        raise ValueError(f"the vision tower made features of {len(pieces)} images, the prompts have {start}")
    return split


def _join_features(outputs: list[Any]) -> Any:
    pooled = [output.pooler_output for output in outputs]
    joined = torch.cat(pooled) if isinstance(pooled[0], Tensor) else [piece for pieces in pooled for piece in pieces]
    result = type(outputs[0])(pooler_output=joined)
    if outputs[0].get("deepstack_features") is not None:
        layers = zip(*(output["deepstack_features"] for output in outputs), strict=True)
        result["deepstack_features"] = [[piece for pieces in layer for piece in pieces] for layer in layers]
    return result


def _as_set(ids: int | Sequence[int] | None) -> set[int]:
    if ids is None:
        return set()
    return {ids} if isinstance(ids, int) else set(ids)


def _image_token_id(config: Any) -> int:
    for name in ("image_token_id", "image_token_index"):
        if (found := getattr(config, name, None)) is not None:
            return int(found)
    raise ValueError(
        f"{type(config).__name__} names no image token: this checkpoint is not an image-text-to-text model"
    )


def _placeholder_ids(config: Any, tokenizer: Any) -> set[int]:
    """Ids that stand for pixels, and padding: a policy that may sample one breaks its own next segment."""
    names = (
        "image_token_id",
        "image_token_index",
        "video_token_id",
        "video_token_index",
        "vision_start_token_id",
        "vision_end_token_id",
    )
    ids = {int(value) for name in names if (value := getattr(config, name, None)) is not None}
    if tokenizer.pad_token_id is not None and tokenizer.pad_token_id not in _as_set(tokenizer.eos_token_id):
        ids.add(tokenizer.pad_token_id)
    return ids
