"""Vision encoders: open_clip ViTs, by name and pretrained tag, by file, or by a config of your own."""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import CLIPVisionModel, SiglipVisionModel

from vlm_rl.config import VisionEncoderConfig
from vlm_rl.models.vit_conversion import convert_visual, refuse_inexpressible


@dataclass(frozen=True)
class VisionEncoder:
    """A converted tower and what the image processor must know of it."""

    model: CLIPVisionModel | SiglipVisionModel
    image_mean: tuple[float, float, float]  # of RGB in 0..1
    image_std: tuple[float, float, float]
    image_size: int  # pixels, of a square
    patch_size: int  # pixels
    has_class_token: bool
    interpolation: str  # bicubic | bilinear

    @property
    def image_tokens(self) -> int:
        """Patches of one image, P; the class token is not among them."""
        return (self.image_size // self.patch_size) ** 2


def load_vision_encoder(cfg: VisionEncoderConfig) -> VisionEncoder:
    """Load an open_clip tower by name or custom config and convert it.

    Random weights (pretrained null) come from torch's global generator. Raises ValueError for an unknown name or tag,
    a weights file that would have to be unpickled, and an architecture that is not `vit_conversion.EXPRESSIBLE`.
    """
    visual, preprocess = _custom_visual(cfg) if cfg.custom is not None else _named_visual(cfg)
    model: Any = convert_visual(visual, cfg.name or "vision_encoder.custom")
    return VisionEncoder(
        model=model,
        image_mean=cfg.image_mean or tuple(preprocess["mean"]),
        image_std=cfg.image_std or tuple(preprocess["std"]),
        image_size=model.config.image_size,
        patch_size=model.config.patch_size,
        has_class_token=isinstance(model, CLIPVisionModel),
        interpolation=preprocess["interpolation"],
    )


# ----------------------------------------------------------------------------------------------------- from open_clip


def _custom_visual(cfg: VisionEncoderConfig) -> tuple[nn.Module, dict[str, Any]]:
    custom = dict(cfg.custom or {})
    visual = _build_visual(custom, quick_gelu=custom.pop("quick_gelu", False))
    if cfg.pretrained is not None:
        if not _is_file(cfg.pretrained):
            raise ValueError(
                f"vision_encoder.pretrained must be null or a .safetensors file for a custom tower, got the tag "
                f"{cfg.pretrained!r}; give a name instead of custom to load a tag"
            )
        _load_file(visual, cfg.pretrained)
    return visual, _preprocess({})


def _named_visual(cfg: VisionEncoderConfig) -> tuple[nn.Module, dict[str, Any]]:
    import open_clip

    name, pretrained = str(cfg.name), cfg.pretrained
    if name not in open_clip.list_models():
        near = difflib.get_close_matches(name, open_clip.list_models(), n=3, cutoff=0.0)
        raise ValueError(f"vision_encoder.name must be an open_clip model, got {name!r}; nearest: {', '.join(near)}")
    model_cfg = open_clip.get_model_config(name)
    tags = open_clip.list_pretrained_tags_by_model(name)
    if pretrained is None or _is_file(pretrained):
        visual = _build_visual(model_cfg["vision_cfg"], quick_gelu=model_cfg.get("quick_gelu", False))
        if pretrained is not None:
            _load_file(visual, pretrained)
        # A file does not say how its images were normalised; the released weights of the same name do.
        return visual, _preprocess(open_clip.get_pretrained_cfg(name, tags[0]) if tags else {})
    if not open_clip.pretrained.is_pretrained_cfg(name, pretrained):
        known = f"one of {', '.join(tags)}" if tags else "null, for it has none"
        raise ValueError(f"vision_encoder.pretrained of {name} must be {known} or a file, got {pretrained!r}")
    # Refuse before the download, not after it.
    with torch.device("meta"):
        refuse_inexpressible(_build_visual(model_cfg["vision_cfg"]), name)
    # Weights that were trained with QuickGELU need it; open_clip only warns when the name lacks "-quickgelu".
    quick_gelu = bool(open_clip.get_pretrained_cfg(name, pretrained).get("quick_gelu", False))
    visual = open_clip.create_model(name, pretrained=pretrained, force_quick_gelu=quick_gelu).visual
    return visual, _preprocess(visual.preprocess_cfg)


def _build_visual(vision_cfg: dict[str, Any], quick_gelu: bool = False) -> nn.Module:
    """The tower alone, with random weights. The joint embedding is not used, so its size is free."""
    from open_clip.model import CLIPVisionCfg, _build_vision_tower

    known = [field.name for field in dataclasses.fields(CLIPVisionCfg)]
    for key in vision_cfg.keys() - set(known):
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0]
        raise ValueError(f"vision_encoder.custom.{key} is not an open_clip vision_cfg key; did you mean {near}?")
    parsed = CLIPVisionCfg(**vision_cfg)
    plain = parsed.timm_model_name is None and isinstance(parsed.layers, int)
    if plain and parsed.width % parsed.head_width:
        raise ValueError(
            f"vision_encoder width must be a multiple of head_width ({parsed.head_width}), got {parsed.width}"
        )
    return _build_vision_tower(parsed.width, parsed, quick_gelu)


def _preprocess(found: dict[str, Any]) -> dict[str, Any]:
    from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD

    defaults = {"mean": OPENAI_DATASET_MEAN, "std": OPENAI_DATASET_STD, "interpolation": "bicubic"}
    return defaults | {key: found[key] for key in defaults if key in found}


def _is_file(pretrained: str) -> bool:
    return "/" in pretrained or Path(pretrained).suffix != ""


# Never used here, so a file may lack it or have it in another size.
_AFTER_THE_BLOCKS = (
    "ln_post.",
    "attn_pool",
    "proj",
    "head.",
    "trunk.norm.",
    "trunk.fc_norm.",
    "trunk.attn_pool.",
    "trunk.head.",
)


def _load_file(visual: nn.Module, path: str) -> None:
    """Load a .safetensors file of a whole open_clip model (keys visual.*) or its tower alone; every block must fit."""
    if Path(path).suffix != ".safetensors":
        raise ValueError(
            f"vision_encoder.pretrained must be a tag or a .safetensors file, got {path}: other formats are unpickled, "
            "which can run code; load it once where you trust it and write it with safetensors.torch.save_file"
        )
    if not Path(path).is_file():
        raise FileNotFoundError(f"vision_encoder.pretrained: file not found: {path}")
    state = load_file(path)
    if any(key.startswith("visual.") for key in state):
        state = {key.removeprefix("visual."): value for key, value in state.items() if key.startswith("visual.")}
    wanted = {key: tuple(value.shape) for key, value in visual.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in state.items()}
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) == found.get(key):
            continue
        if key.startswith(_AFTER_THE_BLOCKS):
            state.pop(key, None)
        else:
            raise ValueError(
                f"{path} does not fit the tower: {key} must have shape {wanted.get(key)}, got {found.get(key)} "
                "(None = absent); give the name or custom config that the file was made with"
            )
    visual.load_state_dict(state, strict=False)
