"""An assembled policy is a checkpoint that plain transformers loads, with open_clip's features in it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from open_clip.model import CLIPVisionCfg, _build_vision_tower
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    AutoProcessor,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

from vlm_rl.config import AssembleConfig
from vlm_rl.models.assemble import assemble, save_policy, stored_name, unused_parameters

TEXTS = ["how many red circles are there? 12 circles and 7 squares make 19 shapes"] * 4
LM = {
    "model_type": "qwen3",
    "hidden_size": 48,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 24,
    "tie_word_embeddings": True,
}
PICTURE = Image.effect_noise((70, 40), 90).convert("RGB")
CHAT: list[Any] = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "how many?"}]}]


def config(tower: dict[str, Any], lm: dict[str, Any] | None = None, **fields: Any) -> AssembleConfig:
    vision_encoder = {"custom": tower, "pretrained": fields.pop("pretrained", None)}
    language_model = lm or {"custom": LM, "tokenizer_vocab_size": 280}
    return AssembleConfig.model_validate({"vision_encoder": vision_encoder, "language_model": language_model} | fields)


def load(folder: Path) -> tuple[Any, Any]:
    loaded: Any = AutoModelForImageTextToText.from_pretrained(folder, output_loading_info=True)
    model, report = loaded
    assert not any(report.values()), report  # missing, unexpected, mismatched keys
    processor = AutoProcessor.from_pretrained(folder)
    assert type(model) is LlavaForConditionalGeneration and type(processor) is LlavaProcessor
    return model.eval(), processor


def stored_keys(folder: Path) -> list[str]:
    with safe_open(folder / "model.safetensors", "pt") as file:
        return sorted(file.keys())


@pytest.fixture(params=["clip", "siglip"])
def style(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_loaded_checkpoint_answers_image_and_text_prompts(style: str, towers: Any, tmp_path: Path) -> None:
    summary = assemble(config(towers[style]), tmp_path / "policy", texts=TEXTS, seed=0)
    model, processor = load(tmp_path / "policy")
    prompt = processor.apply_chat_template(CHAT, add_generation_prompt=True)
    inputs = processor(text=prompt, images=PICTURE, return_tensors="pt")
    assert int((inputs["input_ids"] == model.config.image_token_id).sum()) == summary["image_tokens"] == 16
    for prompt_inputs in (inputs, processor(text="how many circles?", return_tensors="pt")):
        out = model.generate(**prompt_inputs, max_new_tokens=5, min_new_tokens=5, do_sample=False)
        assert out.shape[1] == prompt_inputs["input_ids"].shape[1] + 5
    other = processor(text=prompt, images=Image.new("RGB", (70, 40)), return_tensors="pt")
    assert not torch.equal(model(**inputs).logits, model(**other).logits)  # the image is looked at


@pytest.mark.parametrize("layer", [-1, -2])
def test_a_checkpoints_vision_features_equal_open_clips(
    style: str, layer: int, towers: Any, perturb: Callable[[torch.nn.Module], None], tmp_path: Path
) -> None:
    visual = _build_vision_tower(64, CLIPVisionCfg(**towers[style]), False).eval()
    perturb(visual)
    save_file(visual.state_dict(), tmp_path / "tower.safetensors")
    cfg = config(towers[style], pretrained=str(tmp_path / "tower.safetensors"), vision_feature_layer=layer)
    assemble(cfg, tmp_path / "policy", texts=TEXTS, seed=0)
    model, processor = load(tmp_path / "policy")
    inputs = processor(text="<image>", images=PICTURE, return_tensors="pt")

    seen: list[torch.Tensor] = []
    model.model.multi_modal_projector.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    block = (visual.trunk.blocks if style == "siglip" else visual.transformer.resblocks)[layer]
    block.register_forward_hook(lambda _, __, out: seen.append(out[:, int(style == "clip") :]))
    with torch.no_grad():
        model(**inputs)
        visual(inputs["pixel_values"])
    fed_to_projector, own = seen
    assert own.shape == (1, 16, 64) and own.std() > 0.3
    assert (fed_to_projector - own).abs().max() <= 1e-4


def test_stored_names_are_those_that_vllm_accepts(style: str, towers: Any, tmp_path: Path) -> None:
    assemble(config(towers[style]), tmp_path / "policy", texts=TEXTS, seed=0)
    keys = stored_keys(tmp_path / "policy")
    tower = [key for key in keys if "vision" in key]
    assert tower and all(key.startswith("vision_tower.vision_model.") for key in tower)
    rest = [key for key in keys if key not in tower]
    assert all(key.startswith(("language_model.", "multi_modal_projector.")) for key in rest)
    model, _ = load(tmp_path / "policy")
    live = [name for name, _ in model.named_parameters() if "vision_tower" in name]
    assert sorted(stored_name(name) for name in live) == tower


def test_sharded_checkpoints_are_renamed_with_their_index(
    towers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assemble(config(towers["clip"]), tmp_path / "policy", texts=TEXTS, seed=0)
    model, processor = load(tmp_path / "policy")
    whole = model.save_pretrained
    monkeypatch.setattr(model, "save_pretrained", lambda folder: whole(folder, max_shard_size="200KB"))
    save_policy(model, processor, tmp_path / "sharded")
    index = json.loads((tmp_path / "sharded" / "model.safetensors.index.json").read_text())["weight_map"]
    assert len(set(index.values())) > 1 and sorted(index) == stored_keys(tmp_path / "policy")
    again, _ = load(tmp_path / "sharded")
    state = model.state_dict()
    assert all(torch.equal(value, state[key]) for key, value in again.state_dict().items())


def test_the_seed_decides_every_weight_and_the_callers_random_state_is_kept(towers: Any, tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assemble(config(towers["siglip"]), tmp_path / name, texts=TEXTS, seed=seed)
    assert torch.equal(torch.rand(3), expected)
    first, same, other = (load_file(tmp_path / name / "model.safetensors") for name in "abc")
    assert all(torch.equal(first[key], same[key]) for key in first)
    drawn = [key for key in first if key.endswith("proj.weight") or "linear" in key or "embed" in key]
    assert len(drawn) > 10 and not any(torch.equal(first[key], other[key]) for key in drawn if "bias" not in key)


def test_summary_and_config_say_what_was_built(towers: Any, tmp_path: Path) -> None:
    summary = assemble(config(towers["clip"]), tmp_path / "policy", texts=TEXTS, seed=0, dtype=torch.bfloat16)
    stored = load_file(tmp_path / "policy" / "model.safetensors")
    assert {value.dtype for value in stored.values()} == {torch.bfloat16}
    for part, prefix in (("vision_tower", "vision_tower."), ("projector", "multi_modal_projector.")):
        assert summary[part] == sum(value.numel() for key, value in stored.items() if key.startswith(prefix))
    assert summary["language_model"] == sum(v.numel() for k, v in stored.items() if k.startswith("language_model."))
    assert "lm_head.weight" not in "".join(stored)  # tied: stored once
    model, processor = load(tmp_path / "policy")
    tokenizer = processor.tokenizer
    assert model.lm_head.weight is model.get_input_embeddings().weight
    assert model.config.text_config.vocab_size == len(tokenizer)
    assert model.generation_config.eos_token_id == tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert model.generation_config.pad_token_id == tokenizer.convert_tokens_to_ids("<pad>")


@pytest.mark.parametrize(("layer", "blocks_unused"), [(-1, 0), (-2, 1), (-3, 2)])
def test_unused_parameters_are_those_without_a_gradient(
    style: str, layer: int, blocks_unused: int, towers: Any, tmp_path: Path
) -> None:
    assemble(config(towers[style], vision_feature_layer=layer), tmp_path / "policy", texts=TEXTS, seed=0)
    model, processor = load(tmp_path / "policy")
    inputs = processor(text="<image>how many?", images=PICTURE, return_tensors="pt")
    model(**inputs).logits.logsumexp(-1).sum().backward()
    without = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert sorted(unused_parameters(model)) == sorted(without)
    assert len(without) == 2 + 16 * blocks_unused  # the final norm, and each block after the chosen one
    assert unused_parameters(model.model.language_model) == []


# ---------------------------------------------------------------------------------------------- existing language model


def write_lm(folder: Path, model_type: str = "llama", **fields: Any) -> Any:
    """A small LM with a tokenizer of its own: no <image>, no padding, a template that reads strings only."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        special_tokens=["<s>", "</s>", "<|im_end|>"], initial_alphabet=alphabet, vocab_size=270
    )
    backend.train_from_iterator(TEXTS, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|im_end|>")
    tokenizer.chat_template = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] + eos_token }}{% endfor %}"
    tokenizer.save_pretrained(folder)
    sizes = {key: value for key, value in LM.items() if key not in ("model_type", "tie_word_embeddings")}
    ids = {"eos_token_id": 2, "bos_token_id": None, "pad_token_id": None}
    torch.manual_seed(3)
    lm = AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **sizes, **ids, vocab_size=270, **fields))
    with torch.no_grad():
        lm.get_output_embeddings().weight.mul_(50)  # logits far from 0, so that a cap on them shows
    lm.generation_config.update(eos_token_id=[1, 2], do_sample=True, top_k=3)
    lm.save_pretrained(folder)
    return lm.eval()


@pytest.mark.parametrize("tied", [True, False])
def test_an_existing_lm_keeps_its_logits_and_learns_image_and_padding(tied: bool, towers: Any, tmp_path: Path) -> None:
    lm = write_lm(tmp_path / "lm", tie_word_embeddings=tied)
    cfg = config(towers["clip"], lm={"path": str(tmp_path / "lm")})
    assemble(cfg, tmp_path / "policy", texts=[], seed=0)
    model, processor = load(tmp_path / "policy")
    tokenizer = processor.tokenizer
    old = lm.config.vocab_size
    ids = torch.tensor([[5, 9, 40, 200]])
    with torch.no_grad():
        assert (model(input_ids=ids).logits[..., :old] - lm(input_ids=ids).logits).abs().max() < 1e-5
    assert (model.lm_head.weight is model.get_input_embeddings().weight) is tied
    assert model.config.tie_word_embeddings is model.config.text_config.tie_word_embeddings is tied
    assert model.config.text_config.vocab_size == len(tokenizer) > old
    assert model.generation_config.eos_token_id == [2, 1]  # the tokenizer's first, and the model's others
    assert model.generation_config.pad_token_id == tokenizer.pad_token_id == tokenizer.convert_tokens_to_ids("<pad>")
    assert model.config.text_config.pad_token_id == tokenizer.pad_token_id
    assert not model.generation_config.top_k  # the LM's sampling habits would bend the rollouts
    assert processor.apply_chat_template(CHAT) == "[user]<image>how many?<|im_end|>"


def test_an_lm_that_bends_its_logits_is_refused(towers: Any, tmp_path: Path) -> None:
    write_lm(tmp_path / "lm", "gemma2", final_logit_softcapping=5.0)
    cfg = config(towers["clip"], lm={"path": str(tmp_path / "lm")})
    with pytest.raises(ValueError, match="Gemma2ForCausalLM cannot be expressed in LLaVA: its logits differ"):
        assemble(cfg, tmp_path / "policy", texts=[], seed=0)


# ------------------------------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("lm", "message"),
    [
        ({key: value for key, value in LM.items() if key != "model_type"}, "must have a model_type"),
        (LM | {"hidden_sise": 3}, "hidden_sise is not a key of qwen3; did you mean hidden_size"),
        (LM | {"vocab_size": 300}, "vocab_size is set from the tokenizer"),
    ],
)
def test_mistakes_in_a_custom_lm_are_answered_with_the_remedy(
    lm: dict[str, Any], message: str, towers: Any, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=message):
        assemble(config(towers["clip"], lm={"custom": lm}), tmp_path / "policy", texts=TEXTS, seed=0)
    assert list(tmp_path.iterdir()) == []


def test_a_layer_that_the_tower_lacks_is_refused(towers: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"vision_feature_layer must be in \[-3, -1\] .* got -4"):
        assemble(config(towers["clip"], vision_feature_layer=-4), tmp_path / "policy", texts=TEXTS, seed=0)


def test_a_checkpoint_is_never_overwritten_and_never_half_written(
    towers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assemble(config(towers["clip"]), tmp_path / "policy", texts=TEXTS, seed=0)
    with pytest.raises(FileExistsError, match="give a new folder"):
        assemble(config(towers["clip"]), tmp_path / "policy", texts=TEXTS, seed=0)
    model, processor = load(tmp_path / "policy")
    with monkeypatch.context() as broken:
        broken.setattr(processor, "save_pretrained", lambda folder: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            save_policy(model, processor, tmp_path / "second")
    assert not (tmp_path / "second").exists()
    save_policy(model, processor, tmp_path / "second")  # what the failure left behind does not matter
    assert sorted(path.name for path in tmp_path.iterdir()) == ["policy", "second"]
