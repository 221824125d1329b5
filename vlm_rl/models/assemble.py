"""Put a policy together: vision encoder + MLP projector + causal LM, written as a standard LLaVA checkpoint."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    CLIPVisionModel,
    GenerationConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    ProcessorMixin,
    SiglipVisionModel,
)
from transformers.models.llava.modeling_llava import LlavaMultiModalProjector

from vlm_rl.config import AssembleConfig, LanguageModelConfig
from vlm_rl.models.processor import IMAGE_TOKEN, adapt_tokenizer, build_processor, select_strategy, train_tokenizer
from vlm_rl.models.vision_encoder import VisionEncoder, load_vision_encoder

SET_BY_TOKENIZER = ("vocab_size", "bos_token_id", "eos_token_id", "pad_token_id")
_TOWER_PARTS = r"(embeddings|pre_layrnorm|encoder|post_layernorm|head)\."


def assemble(
    cfg: AssembleConfig, out: Path, *, texts: Iterable[str], seed: int, dtype: torch.dtype = torch.float32
) -> dict[str, int]:
    """Write a LLaVA checkpoint to the new folder `out` and return its sizes.

    texts: what the tokenizer of a custom LM is trained on; not read for an existing LM, which has its own.
    seed: of every weight that no file gives. The caller's random state is as before afterwards.
    returns: parameter counts vision_tower, projector and language_model (tied weights once), and image_tokens, P.
    raises: ValueError for what cannot be assembled, FileExistsError if `out` exists.
    """
    _refuse_existing(out)
    # The CPU's generator only: everything is initialised there, and CUDA need not be touched.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        encoder = load_vision_encoder(cfg.vision_encoder)
        tokenizer, language_model = _language_model(cfg.language_model, texts, dtype)
        model: Any = _llava(encoder, tokenizer, language_model, cfg.vision_feature_layer)
    model.to(dtype).config.dtype = dtype
    save_policy(model, build_processor(tokenizer, encoder), out)
    sizes = {"vision_tower": model.model.vision_tower, "projector": model.model.multi_modal_projector}
    summary = {name: sum(p.numel() for p in part.parameters()) for name, part in sizes.items()}
    summary["language_model"] = sum(p.numel() for p in model.parameters()) - sum(summary.values())
    return summary | {"image_tokens": encoder.image_tokens}


# ------------------------------------------------------------------------------------------------------ language model


def _language_model(
    cfg: LanguageModelConfig, texts: Iterable[str], dtype: torch.dtype
) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    if cfg.custom is not None:
        tokenizer: PreTrainedTokenizerBase = train_tokenizer(texts, cfg.tokenizer_vocab_size)
        return tokenizer, AutoModelForCausalLM.from_config(_custom_config(cfg.custom, tokenizer))
    tokenizer = adapt_tokenizer(AutoTokenizer.from_pretrained(cfg.path, trust_remote_code=False))
    # Safetensors only: nothing is unpickled.
    model = AutoModelForCausalLM.from_pretrained(
        str(cfg.path), dtype=dtype, trust_remote_code=False, use_safetensors=True
    )
    if len(tokenizer) > model.config.vocab_size:
        model.resize_token_embeddings(len(tokenizer))
    return tokenizer, model


def _custom_config(custom: dict[str, Any], tokenizer: PreTrainedTokenizerBase) -> Any:
    where = "language_model.custom"
    fields = dict(custom)
    if "model_type" not in fields:
        raise ValueError(f"{where} must have a model_type, e.g. qwen3 or llama; got the keys {sorted(fields)}")
    default = AutoConfig.for_model(fields["model_type"])
    known = {*default.to_dict(), *default.attribute_map, "rope_theta", "rope_scaling"}
    for key in fields:
        if key in SET_BY_TOKENIZER:
            raise ValueError(
                f"{where}.{key} is set from the tokenizer (language_model.tokenizer_vocab_size); leave it out"
            )
        if key not in known:  # transformers would keep it and not use it
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
            raise ValueError(f"{where}.{key} is not a key of {fields['model_type']}; did you mean {near}?")
    return AutoConfig.for_model(
        **fields,
        vocab_size=len(tokenizer),
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


# --------------------------------------------------------------------------------------------------------------- llava


def _llava(
    encoder: VisionEncoder, tokenizer: PreTrainedTokenizerBase, language_model: PreTrainedModel, layer: int
) -> LlavaForConditionalGeneration:
    depth = encoder.model.config.num_hidden_layers
    if not -depth <= layer <= -1:
        raise ValueError(f"vision_feature_layer must be in [-{depth}, -1] for a tower of {depth} layers, got {layer}")
    text_config = language_model.config
    config = LlavaConfig(
        vision_config=encoder.model.config,
        text_config=text_config,
        image_token_index=tokenizer.get_vocab()[IMAGE_TOKEN],
        image_seq_length=encoder.image_tokens,
        vision_feature_layer=layer,
        vision_feature_select_strategy=select_strategy(encoder),
        tie_word_embeddings=bool(getattr(text_config, "tie_word_embeddings", False)),
    )
    # The parts exist already: a skeleton without storage takes them in, and nothing is initialised twice.
    with torch.device("meta"):
        model = LlavaForConditionalGeneration(config)
    if type(model.model.language_model) is not type(language_model.base_model):
        raise ValueError(f"language_model: {type(language_model).__name__} is not a plain causal LM; give one that is")
    model.model.vision_tower = encoder.model
    model.model.multi_modal_projector = LlavaMultiModalProjector(config)
    model.model.language_model = language_model.base_model
    model.lm_head = language_model.get_output_embeddings()
    model.tie_weights()
    _check_same_logits(language_model, model)
    text_config.pad_token_id = tokenizer.pad_token_id
    # Not the LM's own: its top_k or top_p would make rollouts sample from another distribution than the trainer's.
    model.generation_config = GenerationConfig(
        eos_token_id=_end_tokens(language_model, tokenizer), pad_token_id=tokenizer.pad_token_id
    )
    return model.eval()


def _end_tokens(language_model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int | list[int]:
    """The tokenizer's end token and the model's own: an instruct model may end a turn in several ways."""
    own = getattr(language_model.generation_config, "eos_token_id", None)
    own = [] if own is None else [own] if isinstance(own, int) else own
    ends = list(dict.fromkeys([tokenizer.eos_token_id, *own]))
    return ends[0] if len(ends) == 1 else ends


@torch.no_grad()
def _check_same_logits(language_model: PreTrainedModel, model: LlavaForConditionalGeneration) -> None:
    """Refuse an LM that does more after its last hidden state than LLaVA's bare lm_head, such as capping its logits."""
    ids = torch.arange(8)[None] % language_model.config.vocab_size
    expected = language_model.eval()(input_ids=ids).logits
    difference = float((expected - model.eval()(input_ids=ids).logits).abs().max())
    if not difference <= 1e-4 * max(1.0, float(expected.abs().max())):
        raise ValueError(
            f"language_model: {type(language_model).__name__} cannot be expressed in LLaVA: its logits differ by "
            f"{difference:.1e} from lm_head(hidden states), by a bias, scale or cap; Qwen and Llama models can"
        )


def unused_parameters(model: nn.Module) -> list[str]:
    """Names of the parameters that can get no gradient: the vision tower beyond the layer that feeds the projector.

    [] for models whose tower is not a CLIP or SigLIP ViT with a chosen layer. Distributed training waits for gradients
    that never come, so the trainer sets requires_grad False on these.
    """
    found = _vision_tower(model)
    chosen = getattr(getattr(model, "config", None), "vision_feature_layer", None)
    if found is None or chosen is None:
        return []
    prefix, tower = found
    depth = tower.config.num_hidden_layers
    layers = [chosen] if isinstance(chosen, int) else chosen
    # hidden_states holds depth + 1 entries; entry i is the output of i blocks, before the final norm.
    used = max(layer if layer >= 0 else depth + 1 + layer for layer in layers)
    dead = ("post_layernorm.", "head.", *(f"encoder.layers.{index}." for index in range(used, depth)))
    return [f"{prefix}.{name}" for name, _ in tower.named_parameters() if name.startswith(dead)]


def _vision_tower(model: nn.Module) -> tuple[str, CLIPVisionModel | SiglipVisionModel] | None:
    """Name and module of the model's CLIP or SigLIP tower, if it has one."""
    for name, module in model.named_modules():
        if isinstance(module, CLIPVisionModel | SiglipVisionModel):
            return name, module
    return None


# ---------------------------------------------------------------------------------------------------------------- save


def save_policy(model: PreTrainedModel, processor: ProcessorMixin, out: Path) -> None:
    """Write an image-text-to-text checkpoint that transformers and vLLM load: complete, or not there at all.

    Raises FileExistsError if `out` exists: weights are never overwritten.
    """
    _refuse_existing(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by a process that was killed here
    model.save_pretrained(partial)
    processor.save_pretrained(partial)
    if _vision_tower(model):
        _rename_stored_weights(partial)
    os.replace(partial, out)


def stored_name(key: str) -> str:
    """The name of a weight in a checkpoint with a CLIP or SigLIP tower; vLLM's is vision_tower.vision_model.*.

    key: a name in the live model, or as written by save_pretrained. Transformers loads both forms, and which one it
    writes depends on its version.
    """
    return re.sub(rf"^(model\.)?vision_tower\.(?={_TOWER_PARTS})", "vision_tower.vision_model.", key)


def _rename_stored_weights(folder: Path) -> None:
    for shard in sorted(folder.glob("*.safetensors")):
        state = {stored_name(key): value for key, value in load_file(shard).items()}
        # Never in place: the tensors are read from the old file while the new one is written.
        renamed = shard.with_suffix(".renamed")
        save_file(state, renamed, metadata={"format": "pt"})
        os.replace(renamed, shard)
    index = folder / "model.safetensors.index.json"
    if index.exists():
        content = json.loads(index.read_text(encoding="utf-8"))
        content["weight_map"] = {stored_name(key): shard for key, shard in content["weight_map"].items()}
        index.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _refuse_existing(out: Path) -> None:
    if out.exists():
        raise FileExistsError(f"{out} exists and is not overwritten; give a new folder, or move the old one away")
