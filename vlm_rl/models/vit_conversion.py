"""An open_clip ViT becomes a transformers CLIPVisionModel or SiglipVisionModel with equal patch features.

Two readers (open_clip's own ViT, timm's ViT) take a tower apart into the same `_Vit`; one writer puts it together
again in transformers. What follows the last block (final norm, pooling, projection) never reaches the projector of a
LLaVA model, so it may be anything; what the target classes cannot compute before that is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from transformers import CLIPVisionConfig, CLIPVisionModel, SiglipVisionConfig, SiglipVisionModel

if TYPE_CHECKING:
    from open_clip.timm_model import TimmModel
    from open_clip.transformer import VisionTransformer

EXPRESSIBLE = (
    "CLIP-style ViTs (class token, norm before the blocks: ViT-B-32, ViT-L-14, ViT-H-14, ViT-bigG-14 ..., with or "
    "without -quickgelu) and SigLIP-style ViTs (no class token, no such norm: ViT-*-SigLIP, ViT-*-SigLIP2)"
)
TOLERANCE = 1e-4  # of converted against original features, relative to the largest where that exceeds 1


def convert_visual(visual: nn.Module, name: str) -> CLIPVisionModel | SiglipVisionModel:
    """The transformers model that computes what the open_clip tower `visual` computes up to its last block.

    The features of all blocks are compared on a random image, so an option that nobody here has heard of cannot pass.
    Raises ValueError naming what cannot be expressed, and the families that can.
    """
    refuse_inexpressible(visual, name)
    model = _to_transformers(_read(visual))
    difference = _largest_difference(visual.eval(), model.eval())
    if not difference <= TOLERANCE:
        _refuse(name, [f"an option that changes the features by {difference:.1e} (more than {TOLERANCE:.0e})"])
    return model


# ----------------------------------------------------------------------------------------- what cannot be expressed


def refuse_inexpressible(visual: nn.Module, name: str) -> None:
    """Raise ValueError saying what the tower computes that the target classes do not. Weights are not read."""
    _refuse(name, inexpressible(visual))


def _refuse(name: str, problems: list[str]) -> None:
    if problems:
        raise ValueError(
            f"{name} cannot be expressed as a LLaVA vision tower (transformers CLIPVisionModel or SiglipVisionModel): "
            f"{'; '.join(problems)}. Those that can: {EXPRESSIBLE}."
        )


def inexpressible(visual: nn.Module) -> list[str]:
    """What the tower computes before the end of its last block that the target classes do not; [] = nothing."""
    from open_clip.timm_model import TimmModel
    from open_clip.transformer import VisionTransformer
    from timm.models.vision_transformer import VisionTransformer as TimmVisionTransformer

    if type(visual) is VisionTransformer:
        found = _open_clip_problems(visual)
    elif type(visual) is not TimmModel:
        return [f"its architecture, {type(visual).__name__}, is not a ViT"]
    elif type(visual.trunk) is not TimmVisionTransformer:
        return [f"its architecture, {type(visual.trunk).__name__} of timm, is not a plain ViT with learned positions"]
    else:
        found = _timm_problems(visual.trunk)
    problems = list(dict.fromkeys(found))  # said once, not once a block
    if not problems:
        vit = _read(visual)
        if len(set(vit.image_size)) > 1 or len(set(vit.patch.kernel_size)) > 1:
            problems.append(f"images or patches that are not square ({vit.image_size}, {vit.patch.kernel_size})")
        problems += [f"activation {act}" for act in {block.act for block in vit.blocks} - set(_ACTIVATIONS.values())]
    return problems


def _open_clip_problems(visual: VisionTransformer) -> Iterator[str]:
    from open_clip.transformer import ResidualAttentionBlock

    if isinstance(visual.ln_pre, nn.Identity):
        yield "no_ln_pre (no norm before the blocks, yet a class token, as in CLIPA)"
    for block in visual.transformer.resblocks:
        if type(block) is not ResidualAttentionBlock:
            yield "custom blocks (qk_norm, scaled_cosine_attn, scale_heads, scale_attn_inner, scale_attn or scale_fc)"
        elif not isinstance(block.ls_1, nn.Identity):
            yield "layer scale (ls_init_value)"


def _timm_problems(trunk: Any) -> Iterator[str]:
    from timm.layers import Attention, Mlp, PatchEmbed
    from timm.models.vision_transformer import Block

    has_pre_norm = not isinstance(trunk.norm_pre, nn.Identity)
    if type(trunk.patch_embed) is not PatchEmbed or not isinstance(trunk.patch_embed.norm, nn.Identity):
        yield "a patch embedding that is not one convolution"
    elif (trunk.patch_embed.proj.bias is None) != has_pre_norm:
        yield "a patch embedding with a bias and a norm, or with neither"
    if trunk.pos_embed is None or trunk.num_reg_tokens:
        yield "no learned positions, or register tokens"
    if trunk.has_class_token != has_pre_norm or (trunk.has_class_token and trunk.no_embed_class):
        yield "a class token without position or norm before the blocks, or such a norm without a class token"
    for block in trunk.blocks:
        if type(block) is not Block or type(block.attn) is not Attention or type(block.mlp) is not Mlp:
            yield "blocks that are not plain attention and MLP"
            continue
        extras = (block.ls1, block.ls2, block.attn.q_norm, block.attn.k_norm, block.attn.norm, block.mlp.norm)
        if any(not isinstance(extra, nn.Identity) for extra in extras) or block.attn.gate is not None:
            yield "layer scale, gates, or norms inside attention or MLP (qk_norm)"
        if any(linear.bias is None for linear in (block.attn.qkv, block.attn.proj, block.mlp.fc1, block.mlp.fc2)):
            yield "attention or MLP without biases"
        if block.attn.attn_dim != trunk.embed_dim:
            yield "attention narrower or wider than the tower"


# -------------------------------------------------------------------------------------------- taken apart, written anew


@dataclass(frozen=True)
class _Block:
    norm1: nn.LayerNorm
    qkv_weight: Tensor  # [3 D, D] query, key, value
    qkv_bias: Tensor  # [3 D]
    out: nn.Linear
    norm2: nn.LayerNorm
    fc1: nn.Linear
    act: str  # transformers' name
    fc2: nn.Linear
    heads: int


@dataclass(frozen=True)
class _Vit:
    """The parts of a pre-norm ViT of width D with P patches, wherever they were kept."""

    image_size: tuple[int, int]
    patch: nn.Conv2d
    class_token: Tensor | None  # [D]
    positions: Tensor  # [P or 1 + P, D]
    pre_norm: nn.LayerNorm | None
    blocks: tuple[_Block, ...]
    post_norm: nn.Module  # not used in a LLaVA model; carried over where it is a LayerNorm of width D


# Class name and `approximate` of open_clip's, timm's and torch's activations -> transformers' name.
_ACTIVATIONS = {
    ("QuickGELU", "none"): "quick_gelu",
    ("GELU", "none"): "gelu",
    ("GELU", "tanh"): "gelu_pytorch_tanh",
    ("GELUTanh", "none"): "gelu_pytorch_tanh",
}


def _activation(module: nn.Module) -> str:
    key = (type(module).__name__, getattr(module, "approximate", "none"))
    return _ACTIVATIONS.get(key, key[0])


def _read(visual: Any) -> _Vit:
    return _read_timm(visual) if hasattr(visual, "trunk") else _read_open_clip(visual)


def _read_open_clip(visual: VisionTransformer) -> _Vit:
    blocks = tuple(
        _Block(
            norm1=block.ln_1,
            qkv_weight=block.attn.in_proj_weight,
            qkv_bias=block.attn.in_proj_bias,
            out=block.attn.out_proj,
            norm2=block.ln_2,
            fc1=block.mlp.c_fc,
            act=_activation(block.mlp.gelu),
            fc2=block.mlp.c_proj,
            heads=block.attn.num_heads,
        )
        for block in visual.transformer.resblocks
    )
    return _Vit(
        image_size=visual.image_size,
        patch=visual.conv1,
        class_token=visual.class_embedding,
        positions=visual.positional_embedding,
        pre_norm=visual.ln_pre,
        blocks=blocks,
        post_norm=visual.ln_post,
    )


def _read_timm(visual: TimmModel) -> _Vit:
    trunk = visual.trunk
    blocks = tuple(
        _Block(
            norm1=block.norm1,
            qkv_weight=block.attn.qkv.weight,
            qkv_bias=block.attn.qkv.bias,
            out=block.attn.proj,
            norm2=block.norm2,
            fc1=block.mlp.fc1,
            act=_activation(block.mlp.act),
            fc2=block.mlp.fc2,
            heads=block.attn.num_heads,
        )
        for block in trunk.blocks
    )
    return _Vit(
        image_size=trunk.patch_embed.img_size,
        patch=trunk.patch_embed.proj,
        class_token=trunk.cls_token.flatten() if trunk.has_class_token else None,
        positions=trunk.pos_embed[0],
        pre_norm=trunk.norm_pre if trunk.has_class_token else None,
        blocks=blocks,
        post_norm=trunk.norm,
    )


def _to_transformers(vit: _Vit) -> CLIPVisionModel | SiglipVisionModel:
    first = vit.blocks[0]
    sizes: dict[str, Any] = {
        "hidden_size": vit.patch.out_channels,
        "intermediate_size": first.fc1.out_features,
        "num_hidden_layers": len(vit.blocks),
        "num_attention_heads": first.heads,
        "image_size": vit.image_size[0],
        "patch_size": vit.patch.kernel_size[0],
        "hidden_act": first.act,
        "layer_norm_eps": first.norm1.eps,
    }
    model: CLIPVisionModel | SiglipVisionModel
    if vit.class_token is not None:
        model = CLIPVisionModel(CLIPVisionConfig(**sizes))
    else:
        # The pooling head is never read by LLaVA: absent, it can neither cost memory nor wait for a gradient.
        model = SiglipVisionModel(SiglipVisionConfig(**sizes | {"vision_use_head": False}))
    state = _state(vit)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or any(not key.startswith("post_layernorm.") for key in missing):
        raise RuntimeError(f"{type(model).__name__} of this transformers has other keys: {missing} {unexpected}")
    return model


def _state(vit: _Vit) -> dict[str, Tensor]:
    state = {"embeddings.patch_embedding." + key: value for key, value in vit.patch.state_dict().items()}
    state["embeddings.position_embedding.weight"] = vit.positions
    if vit.class_token is not None and vit.pre_norm is not None:
        state["embeddings.class_embedding"] = vit.class_token
        state |= {"pre_layrnorm." + key: value for key, value in vit.pre_norm.state_dict().items()}  # sic
    if isinstance(vit.post_norm, nn.LayerNorm) and vit.post_norm.normalized_shape == (vit.patch.out_channels,):
        state |= {"post_layernorm." + key: value for key, value in vit.post_norm.state_dict().items()}
    for index, block in enumerate(vit.blocks):
        parts: dict[str, nn.Module] = {
            "layer_norm1": block.norm1,
            "self_attn.out_proj": block.out,
            "layer_norm2": block.norm2,
            "mlp.fc1": block.fc1,
            "mlp.fc2": block.fc2,
        }
        prefix = f"encoder.layers.{index}."
        state |= {f"{prefix}{part}.{k}": v for part, module in parts.items() for k, v in module.state_dict().items()}
        for part, weight, bias in zip("qkv", block.qkv_weight.chunk(3), block.qkv_bias.chunk(3), strict=True):
            state[f"{prefix}self_attn.{part}_proj.weight"] = weight
            state[f"{prefix}self_attn.{part}_proj.bias"] = bias
    return state


@torch.no_grad()
def _largest_difference(visual: Any, model: CLIPVisionModel | SiglipVisionModel) -> float:
    """Largest difference of the patch features after any block, relative to their size where that exceeds 1."""
    size = visual.image_size
    image = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(0))
    expected = visual.forward_intermediates(image, intermediates_only=True, output_fmt="NLC")["image_intermediates"]
    hidden_states = model(image, output_hidden_states=True).hidden_states[1:]
    drop = int(isinstance(model, CLIPVisionModel))
    pairs = zip(expected, hidden_states, strict=True)
    return max(float((a - b[:, drop:]).abs().max() / a.abs().max().clamp(min=1.0)) for a, b in pairs)
