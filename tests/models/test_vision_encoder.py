"""A converted tower computes what open_clip's own computes; what cannot be converted is refused by name."""

from pathlib import Path
from typing import Any

import open_clip
import pytest
import torch
from open_clip.model import CLIPVisionCfg, _build_vision_tower
from safetensors.torch import save_file
from transformers import CLIPVisionModel, SiglipVisionModel

from vlm_rl.config import VisionEncoderConfig
from vlm_rl.models.vision_encoder import load_vision_encoder
from vlm_rl.models.vit_conversion import convert_visual, inexpressible

IMAGES = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def build(tower: dict[str, Any]) -> Any:
    tower = dict(tower)
    quick_gelu = tower.pop("quick_gelu", False)
    return _build_vision_tower(48, CLIPVisionCfg(**tower), quick_gelu).eval()


@torch.no_grad()
def own_features(visual: Any, images: torch.Tensor = IMAGES) -> list[torch.Tensor]:
    """Patch features after each block, caught in the tower's ordinary forward pass. [B, P, D] each."""
    caught: list[torch.Tensor] = []
    blocks = visual.trunk.blocks if hasattr(visual, "trunk") else visual.transformer.resblocks
    has_class_token = visual.trunk.has_class_token if hasattr(visual, "trunk") else True
    hooks = [block.register_forward_hook(lambda _, __, out: caught.append(out)) for block in blocks]
    visual(images)
    for hook in hooks:
        hook.remove()
    return [features[:, int(has_class_token) :] for features in caught]


@torch.no_grad()
def converted_features(model: Any, images: torch.Tensor = IMAGES) -> list[torch.Tensor]:
    first = 1 if isinstance(model, CLIPVisionModel) else 0
    return [state[:, first:] for state in model(images, output_hidden_states=True).hidden_states[1:]]


STYLES = ["clip", "clip quick_gelu", "clip tanh", "coca", "siglip", "timm clip"]


@pytest.mark.parametrize("style", STYLES)
def test_features_equal_open_clips_own_after_every_block(style: str, towers: Any, perturb: Any) -> None:
    visual = build(towers[style])
    perturb(visual)
    model = convert_visual(visual, style)
    assert isinstance(model, SiglipVisionModel if style == "siglip" else CLIPVisionModel)
    for own, converted in zip(own_features(visual), converted_features(model), strict=True):
        assert own.std() > 0.3  # else equal would mean little
        assert (own - converted).abs().max() <= 1e-4


def test_the_comparison_would_see_a_wrong_activation(towers: Any, perturb: Any) -> None:
    quick = build(towers["clip quick_gelu"])
    perturb(quick)
    exact = build(towers["clip"])
    exact.load_state_dict(quick.state_dict())
    assert (own_features(quick)[-1] - own_features(exact)[-1]).abs().max() > 1e-3


@pytest.mark.parametrize(("name", "image_tokens"), [("ViT-S-32", 49), ("ViT-B-16-SigLIP", 196)])
def test_released_architectures_convert_at_full_width(name: str, image_tokens: int) -> None:
    cfg = open_clip.get_model_config(name)
    visual = build(cfg["vision_cfg"])
    stack = visual.trunk if hasattr(visual, "trunk") else visual.transformer
    blocks = "blocks" if hasattr(visual, "trunk") else "resblocks"
    setattr(stack, blocks, getattr(stack, blocks)[:2])  # two blocks of twelve: the rest would be more of the same
    images = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    own, converted = own_features(visual, images)[-1], converted_features(convert_visual(visual, name), images)[-1]
    assert own.shape == converted.shape == (1, image_tokens, cfg["vision_cfg"].get("width", 768))
    assert (own - converted).abs().max() <= 1e-4


@pytest.mark.parametrize(
    "name",
    ["ViT-L-14-336-quickgelu", "ViT-H-14-378", "ViT-bigG-14", "ViT-SO400M-14-SigLIP-384", "ViT-gopt-16-SigLIP2-256"],
)
def test_large_released_vits_are_accepted(name: str) -> None:
    with torch.device("meta"):  # shapes without storage
        visual = build(open_clip.get_model_config(name)["vision_cfg"])
    assert inexpressible(visual) == []


def test_random_weights_of_a_released_name_keep_its_image_normalisation(
    towers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = open_clip.pretrained._slpcfg(hf_hub="somewhere/else")
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "ViT-tiny-SigLIP", {"vision_cfg": towers["siglip"]})
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "ViT-tiny-SigLIP", {"webli": tag})
    encoder = load_vision_encoder(VisionEncoderConfig(name="ViT-tiny-SigLIP"))
    assert encoder.image_mean == encoder.image_std == (0.5, 0.5, 0.5)
    assert not encoder.has_class_token and encoder.image_tokens == 16


@pytest.mark.parametrize("prefix", ["", "visual."])
@pytest.mark.parametrize("style", ["clip", "siglip"])
def test_a_safetensors_file_of_tower_or_whole_model_is_loaded(
    style: str, prefix: str, towers: Any, perturb: Any, tmp_path: Path
) -> None:
    visual = build(towers[style])
    perturb(visual)
    state = {prefix + key: value.contiguous() for key, value in visual.state_dict().items()}
    if prefix:
        state["text.positional_embedding"] = torch.zeros(3)
    save_file(state, tmp_path / "weights.safetensors")
    cfg = VisionEncoderConfig(custom=towers[style], pretrained=str(tmp_path / "weights.safetensors"))
    encoder = load_vision_encoder(cfg)
    assert (own_features(visual)[-1] - converted_features(encoder.model)[-1]).abs().max() <= 1e-4
    assert (encoder.image_size, encoder.patch_size, encoder.image_tokens) == (32, 8, 16)


def test_a_pretrained_tag_loads_open_clips_weights_with_their_activation(
    towers: Any, perturb: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_cfg = {"context_length": 4, "vocab_size": 8, "width": 16, "heads": 2, "layers": 1}
    model_cfg = {"embed_dim": 48, "vision_cfg": towers["clip"], "text_cfg": text_cfg}
    whole = open_clip.CLIP(**model_cfg, quick_gelu=True)
    perturb(whole)
    save_file(whole.state_dict(), tmp_path / "whole.safetensors")
    tag = open_clip.pretrained._pcfg(file=str(tmp_path / "whole.safetensors"), quick_gelu=True, mean=(0.1, 0.2, 0.3))
    monkeypatch.setitem(open_clip.factory._MODEL_CONFIGS, "ViT-tiny", model_cfg)
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "ViT-tiny", {"some_tag": tag})
    encoder = load_vision_encoder(VisionEncoderConfig(name="ViT-tiny", pretrained="some_tag"))
    assert encoder.image_mean == (0.1, 0.2, 0.3)
    assert encoder.model.config.hidden_act == "quick_gelu"
    own = own_features(whole.visual.eval())[-1]
    assert (own - converted_features(encoder.model)[-1]).abs().max() <= 1e-4


@pytest.mark.parametrize(
    ("name", "pretrained", "reason"),
    [
        ("RN50", "openai", "ModifiedResNet"),
        ("convnext_base", "laion400m_s13b_b51k", "ConvNeXt"),
        ("EVA02-B-16", "merged2b_s8b_b131k", "Eva"),
        ("ViT-L-14-CLIPA", "datacomp1b", "no_ln_pre"),
        ("MobileCLIP-B", "datacompdr", "patch embedding that is not one convolution"),
        ("ViTamin-S", "datacomp1b", "not plain attention"),
        ("ViT-M-16-alt", None, "layer scale"),
    ],
)
def test_other_architectures_are_refused_before_a_download(name: str, pretrained: str | None, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        load_vision_encoder(VisionEncoderConfig(name=name, pretrained=pretrained))
    assert name in str(caught.value) and "Those that can: CLIP-style ViTs" in str(caught.value)


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ({"no_ln_pre": True}, "no_ln_pre"),
        ({"ls_init_value": 1e-4}, "layer scale"),
        ({"qk_norm": True}, "qk_norm"),
        ({"scale_fc": True}, "scale_fc"),
        ({"image_size": (32, 64)}, "not square"),
        ({"layers": (1, 1, 1, 1), "patch_size": None}, "ModifiedResNet"),
        ({"timm_model_name": "test_vit", "timm_pool": "token"}, "class token without position or norm"),
        ({"timm_model_name": "test_vit3", "timm_pool": "map"}, "layer scale"),
    ],
)
def test_options_that_change_the_features_are_refused(option: dict[str, Any], reason: str, towers: Any) -> None:
    with pytest.raises(ValueError, match=reason):
        load_vision_encoder(VisionEncoderConfig(custom=towers["clip"] | option))


def test_a_tower_that_computes_something_unheard_of_is_refused(towers: Any) -> None:
    visual = build(towers["clip"])
    visual.transformer.resblocks[1].register_forward_hook(lambda _, __, out: out * 1.01)
    with pytest.raises(ValueError, match="changes the features by"):
        convert_visual(visual, "clip")


def test_random_weights_follow_the_torch_seed(towers: Any) -> None:
    cfg = VisionEncoderConfig(custom=towers["siglip"])
    first, second, other = (
        (torch.manual_seed(seed), load_vision_encoder(cfg).model.state_dict())[1] for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[key], second[key]) for key in first)
    key = "encoder.layers.0.mlp.fc1.weight"
    assert not torch.equal(first[key], other[key])


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"name": "ViT-L-41"}, ValueError, "nearest: .*ViT-L-14"),
        ({"name": "ViT-L-14", "pretrained": "opena"}, ValueError, "one of openai, laion400m_e31"),
        ({"name": "ViT-S-32", "pretrained": "openai"}, ValueError, "must be null, for it has none"),
        ({"name": "ViT-S-32", "pretrained": "weights.pt"}, ValueError, "unpickled.*safetensors.torch.save_file"),
        ({"name": "ViT-S-32", "pretrained": "dir/none.safetensors"}, FileNotFoundError, "dir/none.safetensors"),
        ({"custom": {"widht": 64}}, ValueError, "custom.widht is not .* did you mean width"),
        ({"custom": {"width": 100}}, ValueError, "multiple of head_width .64., got 100"),
        ({"custom": {"width": 64}, "pretrained": "openai"}, ValueError, "give a name instead of custom"),
    ],
)
def test_mistakes_are_answered_with_the_remedy(fields: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        load_vision_encoder(VisionEncoderConfig(**fields))


def test_a_file_of_another_tower_is_refused_by_its_first_wrong_key(towers: Any, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file(build(towers["clip"] | {"width": 32}).state_dict(), path)
    with pytest.raises(ValueError, match=r"class_embedding must have shape \(64,\), got \(32,\)"):
        load_vision_encoder(VisionEncoderConfig(custom=towers["clip"], pretrained=str(path)))
