"""Tiny policies with random weights, one for each family of models, as checkpoints with real processors.

Weights are drawn large: logits are peaked, and what an image shows decides what is written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    CLIPImageProcessor,
    CLIPVisionConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
    Qwen3Config,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Qwen3VLProcessor,
    Qwen3VLVideoProcessor,
    SiglipImageProcessor,
    SiglipVisionConfig,
)

from vlm_rl.config import PolicyConfig
from vlm_rl.models.assemble import save_policy
from vlm_rl.models.policy import Policy
from vlm_rl.types import ImageRef, Message, Prompt

TEXTS = ["how many red circles are there? the answer is 12345 67890, what differs here"] * 4
VOCABULARY = 300
WIDTH = 32
IMAGE_SIZES = {"square": (64, 64), "wide": (96, 64), "tall": (64, 96), "other": (64, 64)}  # pixels
QWEN_TOKENS = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
IDEFICS_TOKENS = ("<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>") + tuple(
    f"<row_{row}_col_{col}>" for row in (1, 2, 3) for col in (1, 2, 3)
)


def load_image(ref: ImageRef) -> Image.Image:
    """Coloured noise, a function of the uri alone."""
    generator = torch.Generator().manual_seed(sum(ref.uri.encode()))
    width, height = IMAGE_SIZES[ref.uri]
    pixels = torch.randint(0, 256, (height // 16, width // 16, 3), generator=generator, dtype=torch.uint8)
    return Image.fromarray(pixels.numpy()).resize((width, height), Image.Resampling.NEAREST)


def make_prompt(name: str, text: str, *images: str) -> Prompt:
    """`images`: keys of IMAGE_SIZES, one for each `<image>` of the text."""
    return Prompt(
        id=f"tiny/{name}",
        messages=(Message("system", "be brief"), Message("user", text)),
        images=tuple(ImageRef(uri, "", 1 << 20) for uri in images),
        answer="1",
        verifier="math",
        family="tiny",
        level=0,
        modality="image" if images else "text",
    )


TEXT = make_prompt("text", "how many?")
ONE = make_prompt("one", "<image> what is there?", "square")
OTHER = make_prompt("other", "<image> what is there?", "other")  # ONE with another picture
TWO = make_prompt("two", "<image> and then <image> what differs?", "wide", "tall")


def load_policy(folder: Path, *, knobs: dict[str, Any] | None = None, **kwargs: Any) -> Policy:
    """`knobs`: of PolicyConfig."""
    cfg = PolicyConfig.model_validate({"path": str(folder)} | (knobs or {}))
    return Policy.load(folder, cfg, load_image, **kwargs)


def save_tiny(kind: str, folder: Path) -> Path:
    """Write the checkpoint of a kind (a key of KINDS) to a new folder."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model, processor = KINDS[kind]()
        _draw_weights(model)
    tokenizer = processor.tokenizer
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    save_policy(model, processor, folder)
    return folder


@torch.no_grad()
def _draw_weights(model: Any) -> None:
    for name, weight in model.named_parameters():
        if "embed_tokens" in name:
            weight.normal_(0, 0.5)
        elif weight.dim() >= 2:
            weight.normal_(0, 1.5 / weight[0].numel() ** 0.5)
        elif "bias" in name:
            weight.normal_(0, 0.1)
        else:  # gains of norms
            weight.uniform_(0.8, 1.2)


def make_tokenizer(special: tuple[str, ...], **kwargs: Any) -> Any:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<pad>", "<|im_start|>", "<|im_end|>", *special],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<|im_end|>", **kwargs)


def chat_template(image: str) -> str:
    """ChatML in which an image part is written as `image`."""
    parts = (
        "{% for part in message['content'] %}"
        "{% if part['type'] == 'image' %}" + image + "{% else %}{{ part['text'] }}{% endif %}{% endfor %}"
    )
    turn = "{% for message in messages %}<|im_start|>{{ message['role'] }}\n" + parts + "<|im_end|>\n{% endfor %}"
    return turn + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"


def _language_model(tokenizer: Any, **kwargs: Any) -> dict[str, Any]:
    return {
        "vocab_size": VOCABULARY,
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 512,
        "tie_word_embeddings": False,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    } | kwargs


def _llava(vision: Any, image_processor: Any, strategy: Any, layer: int) -> tuple[Any, Any]:
    tokenizer = make_tokenizer(("<image>",))
    config = LlavaConfig(
        vision_config=vision,
        text_config=Qwen3Config(**_language_model(tokenizer)),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_select_strategy=strategy,
        vision_feature_layer=layer,
        tie_word_embeddings=False,
    )
    processor = LlavaProcessor(
        image_processor=image_processor,
        tokenizer=tokenizer,
        patch_size=8,
        vision_feature_select_strategy=strategy,
        num_additional_image_tokens=int(strategy == "default"),
        chat_template=chat_template("<image>"),
    )
    return LlavaForConditionalGeneration(config), processor


TOWER: dict[str, Any] = {
    "hidden_size": WIDTH,
    "intermediate_size": 2 * WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
}
SIZE = {"height": 32, "width": 32}


def llava_clip() -> tuple[Any, Any]:
    """A class token that is dropped, and features of the layer before the last, as LLaVA-1.5 has them."""
    image_processor = CLIPImageProcessor(size=SIZE, crop_size=SIZE, do_center_crop=False)
    return _llava(CLIPVisionConfig(**TOWER), image_processor, "default", -2)


def llava_siglip() -> tuple[Any, Any]:
    tower: dict[str, Any] = TOWER | {"vision_use_head": False}
    return _llava(SiglipVisionConfig(**tower), SiglipImageProcessor(size=SIZE), "full", -1)


def _qwen_ids(tokenizer: Any) -> dict[str, Any]:
    names = ("vision_start_token_id", "vision_end_token_id", "image_token_id", "video_token_id")
    return dict(zip(names, tokenizer.convert_tokens_to_ids(list(QWEN_TOKENS)), strict=True))


QWEN_TEMPLATE = chat_template("<|vision_start|><|image_pad|><|vision_end|>")
QWEN_TOWER: dict[str, Any] = {
    "depth": 2,
    "hidden_size": WIDTH,
    "intermediate_size": 2 * WIDTH,
    "num_heads": 2,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
    "patch_size": 16,
    "out_hidden_size": WIDTH,
}
PIXELS = {"min_pixels": 32 * 32, "max_pixels": 128 * 128, "patch_size": 16}


def qwen2_5_vl() -> tuple[Any, Any]:
    tokenizer = make_tokenizer(QWEN_TOKENS)
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]}
    text = _language_model(tokenizer, rope_parameters=rope)
    del text["head_dim"]
    config = Qwen2_5_VLConfig(
        text_config=text,
        vision_config=QWEN_TOWER | {"window_size": 64, "fullatt_block_indexes": [1]},
        tie_word_embeddings=False,
        **_qwen_ids(tokenizer),
    )
    processor = Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**PIXELS),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(**PIXELS),
        chat_template=QWEN_TEMPLATE,
    )
    return Qwen2_5_VLForConditionalGeneration(config), processor


def qwen3_vl() -> tuple[Any, Any]:
    """Deepstack: features of two layers of the tower are added inside the language model."""
    tokenizer = make_tokenizer(QWEN_TOKENS)
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3], "mrope_interleaved": True}
    config = Qwen3VLConfig(
        text_config=_language_model(tokenizer, rope_parameters=rope),
        vision_config=QWEN_TOWER | {"num_position_embeddings": 64, "deepstack_visual_indexes": [0, 1]},
        tie_word_embeddings=False,
        **_qwen_ids(tokenizer),
    )
    processor = Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(**PIXELS),
        tokenizer=tokenizer,
        video_processor=Qwen3VLVideoProcessor(patch_size=16),
        chat_template=QWEN_TEMPLATE,
    )
    return Qwen3VLForConditionalGeneration(config), processor


def idefics3() -> tuple[Any, Any]:
    """An image is split into tiles, their number depends on its shape."""
    named = ("image_token", "fake_image_token", "global_image_token", "end_of_utterance_token")
    tokenizer = make_tokenizer(
        IDEFICS_TOKENS, extra_special_tokens=dict(zip(named, IDEFICS_TOKENS[: len(named)], strict=True))
    )
    config = Idefics3Config(
        text_config=_language_model(tokenizer) | {"model_type": "llama"},
        vision_config=TOWER,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        tie_word_embeddings=False,
    )
    image_processor = Idefics3ImageProcessor(
        size={"longest_edge": 64}, max_image_size={"longest_edge": 32}, do_image_splitting=True
    )
    processor = Idefics3Processor(
        image_processor=image_processor,
        tokenizer=tokenizer,
        image_seq_len=4,
        chat_template=chat_template("<image>"),
    )
    return Idefics3ForConditionalGeneration(config), processor


KINDS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "llava_clip": llava_clip,
    "llava_siglip": llava_siglip,
    "qwen2_5_vl": qwen2_5_vl,
    "qwen3_vl": qwen3_vl,
    "idefics3": idefics3,
}
