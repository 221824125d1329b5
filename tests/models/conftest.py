"""Tiny towers of both styles, and weights in which no part is an identity."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from timm.models import _registry
from timm.models.vision_transformer import _create_vision_transformer

CLIP_TOWER = {"layers": 3, "width": 64, "head_width": 32, "patch_size": 8, "image_size": 32, "mlp_ratio": 2.0}
SMALL = {"img_size": 32, "patch_size": 8, "embed_dim": 64, "depth": 3, "num_heads": 2}


def tiny_siglip(**kwargs: Any) -> torch.nn.Module:
    """timm's ViT-B-16-SigLIP in small: the same builder with the same options."""
    options: dict[str, Any] = SMALL | {"class_token": False, "global_pool": "map"} | kwargs
    return _create_vision_transformer("vit_base_patch16_siglip_224", **options)


def tiny_timm_clip(**kwargs: Any) -> torch.nn.Module:
    """timm's CLIP ViT (class token, norm before the blocks) in small."""
    options: dict[str, Any] = SMALL | {"pre_norm": True} | kwargs
    return _create_vision_transformer("vit_large_patch14_clip_224", **options)


@pytest.fixture(autouse=True)
def tiny_timm_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let open_clip find the tiny timm towers by name, as it finds timm's own."""
    for name, entrypoint in (("tiny_siglip", tiny_siglip), ("tiny_timm_clip", tiny_timm_clip)):
        monkeypatch.setitem(_registry._model_entrypoints, name, entrypoint)


@pytest.fixture
def towers() -> dict[str, dict[str, Any]]:
    """open_clip vision configs by style."""
    timm = {"image_size": 32, "timm_proj": "none"}
    return {
        "clip": CLIP_TOWER,
        "clip quick_gelu": CLIP_TOWER | {"quick_gelu": True},
        "clip tanh": CLIP_TOWER | {"act_kwargs": {"approximate": "tanh"}},
        "coca": CLIP_TOWER | {"attentional_pool": True, "attn_pooler_queries": 8, "attn_pooler_heads": 2},
        "siglip": timm | {"timm_model_name": "tiny_siglip", "timm_pool": "map"},
        "timm clip": timm | {"timm_model_name": "tiny_timm_clip", "timm_pool": "token"},
    }


@pytest.fixture
def perturb() -> Callable[[torch.nn.Module], None]:
    """Move every weight, so that a norm or bias left at its initial value would be seen."""

    @torch.no_grad()
    def move(module: torch.nn.Module) -> None:
        generator = torch.Generator().manual_seed(7)
        for weight in module.parameters():
            weight.add_(0.1 * torch.randn(weight.shape, generator=generator))

    return move


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
