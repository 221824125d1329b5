"""The chat template, the tokenizers and the image processor."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from vlm_rl.config import VisionEncoderConfig
from vlm_rl.models.processor import CHAT_TEMPLATE, adapt_tokenizer, build_processor, train_tokenizer
from vlm_rl.models.vision_encoder import VisionEncoder, load_vision_encoder

TEXTS = [f"There are {n} red circles and {n + 3} blue squares; how many shapes are there?" for n in range(40)]
TOKENIZER = train_tokenizer(TEXTS, 320)
IMAGE_PART, TEXT_PART = {"type": "image"}, {"type": "text", "text": "how many?"}


# ------------------------------------------------------------------------------------------------------------ template


def render(messages: list[Any], **kwargs: Any) -> str:
    return str(TOKENIZER.apply_chat_template(messages, chat_template=CHAT_TEMPLATE, tokenize=False, **kwargs))


def test_template_writes_chatml_turns_from_strings_and_from_parts() -> None:
    messages: list[Any] = [
        {"role": "system", "content": "be brief"},
        {"role": "user", "content": [IMAGE_PART, TEXT_PART]},
        {"role": "assistant", "content": [{"type": "text", "text": " 7\n"}]},
    ]
    assert render(messages) == (
        "<|im_start|>system\nbe brief<|im_end|>\n"
        "<|im_start|>user\n<image>how many?<|im_end|>\n"
        "<|im_start|>assistant\n 7\n<|im_end|>\n"
    )
    assert render(messages[:1], add_generation_prompt=True).endswith("be brief<|im_end|>\n<|im_start|>assistant\n")
    assert CHAT_TEMPLATE.isascii()


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ({"role": "tool", "content": "x"}, "role must be system, user or assistant, got tool"),
        ({"role": "user", "content": [{"type": "video"}]}, "part type must be text or image, got video"),
    ],
)
def test_template_refuses_what_it_cannot_write(message: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Exception, match=complaint):
        render([message])


# ----------------------------------------------------------------------------------------------------------- tokenizer


def test_the_same_texts_give_the_same_tokenizer() -> None:
    again, other = train_tokenizer(iter(TEXTS), 320), train_tokenizer(TEXTS[:3] + ["zebra zebra"] * 9, 320)
    assert again.backend_tokenizer.to_str() == TOKENIZER.backend_tokenizer.to_str()
    assert other.backend_tokenizer.to_str() != TOKENIZER.backend_tokenizer.to_str()


def test_numbers_are_digit_tokens_and_words_are_merged() -> None:
    tokens = TOKENIZER.tokenize("There are 1043 circles")
    blank = chr(0x120)  # how byte-level BPE writes a blank: it stays with the first digit
    assert [token for token in tokens if token.removeprefix(blank).isdigit()] == [blank + "1", "0", "4", "3"]
    assert "There" in tokens and 260 < len(TOKENIZER) <= 320


def test_special_tokens_are_single_and_end_and_pad_differ() -> None:
    text = "<|im_start|>user\n<image>x<|im_end|>\n"
    tokens = TOKENIZER.tokenize(text)
    assert [tokens.count(token) for token in ("<|im_start|>", "<image>", "<|im_end|>")] == [1, 1, 1]
    assert (TOKENIZER.eos_token, TOKENIZER.pad_token) == ("<|im_end|>", "<pad>")
    assert TOKENIZER.decode(TOKENIZER.encode(text), skip_special_tokens=True) == "user\nx\n"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_survives_encoding(text: str) -> None:
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


def test_a_vocabulary_below_bytes_and_specials_is_refused() -> None:
    with pytest.raises(ValueError, match=r"tokenizer_vocab_size must be >= 260 .*, got 259"):
        train_tokenizer(TEXTS, 259)
    assert len(train_tokenizer(TEXTS, 260)) == 260
    with pytest.raises(ValueError, match="at least one text"):
        train_tokenizer([], 300)


# ------------------------------------------------------------------------------------------------ an LM's own tokenizer


def lm_tokenizer(**kwargs: Any) -> PreTrainedTokenizerFast:
    """As a language model brings it: no <image>, and no padding unless asked for."""
    alphabet = {
        token: index for index, token in enumerate(["</s>", "<|eot|>", *sorted(pre_tokenizers.ByteLevel.alphabet())])
    }
    backend = Tokenizer(models.BPE(vocab=alphabet, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return PreTrainedTokenizerFast(tokenizer_object=backend, **kwargs)


STRINGS_ONLY = "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] + eos_token }}{% endfor %}"
PRINTS_LISTS = "{% for m in messages %}[{{ m['role'] }}] {{ m['content'] | trim }}{{ eos_token }}{% endfor %}"
IGNORES_PARTS = (
    "{% for m in messages %}[{{ m['role'] }}] {% if m['content'] is string %}{{ m['content'] }}{% endif %}"
    "{{ eos_token }}{% endfor %}"
)


@pytest.mark.parametrize("template", [STRINGS_ONLY, PRINTS_LISTS, IGNORES_PARTS])
def test_an_instruct_models_turns_are_kept_and_learn_images(template: str) -> None:
    tokenizer = adapt_tokenizer(lm_tokenizer(eos_token="<|eot|>", chat_template=template))
    parts: list[Any] = [{"role": "user", "content": [IMAGE_PART, TEXT_PART]}, {"role": "assistant", "content": "7"}]
    rendered = tokenizer.apply_chat_template(parts, tokenize=False)
    assert rendered == "[user] <image>how many?<|eot|>[assistant] 7<|eot|>"


def test_a_template_that_writes_images_is_left_alone() -> None:
    own = CHAT_TEMPLATE.replace("<|im_start|>", "## ")
    assert adapt_tokenizer(lm_tokenizer(eos_token="</s>", chat_template=own)).chat_template == own


def test_a_base_model_ends_its_turns_with_its_own_end_token() -> None:
    tokenizer = adapt_tokenizer(lm_tokenizer(eos_token="</s>"))
    messages: list[Any] = [{"role": "user", "content": [IMAGE_PART, TEXT_PART]}]
    assert tokenizer.apply_chat_template(messages, tokenize=False) == "<|im_start|>user\n<image>how many?</s>\n"


def test_image_and_missing_padding_become_new_tokens_at_the_end() -> None:
    before = lm_tokenizer(eos_token="</s>", extra_special_tokens=["<|eot|>"])
    tokenizer = adapt_tokenizer(lm_tokenizer(eos_token="</s>", extra_special_tokens=["<|eot|>"]))
    assert tokenizer.convert_tokens_to_ids(["<image>", "<pad>"]) == [len(before), len(before) + 1]
    assert tokenizer.pad_token_id != tokenizer.eos_token_id
    assert "<|eot|>" in tokenizer.all_special_tokens
    assert tokenizer.tokenize("a<image>b") == ["a", "<image>", "b"]
    padded = adapt_tokenizer(lm_tokenizer(eos_token="</s>", pad_token="<|eot|>"))
    assert padded.pad_token == "<|eot|>" and len(padded) == len(before) + 1


def test_tokenizers_that_cannot_serve_are_refused() -> None:
    with pytest.raises(ValueError, match="must have an eos_token"):
        adapt_tokenizer(lm_tokenizer())
    with pytest.raises(ValueError, match="drops or repeats the image"):
        adapt_tokenizer(lm_tokenizer(eos_token="</s>", chat_template="{{ messages | length }}"))


# ----------------------------------------------------------------------------------------------------------- processor


@pytest.fixture(params=["clip", "siglip"])
def encoder(request: pytest.FixtureRequest, towers: Any) -> VisionEncoder:
    return load_vision_encoder(VisionEncoderConfig(custom=towers[request.param]))


def test_image_tokens_equal_patch_features(encoder: VisionEncoder) -> None:
    processor = build_processor(TOKENIZER, encoder)
    images = [Image.new("RGB", size) for size in ((50, 20), (7, 90))]
    inputs = processor(text=["<image>a", "b<image>"], images=images, return_tensors="pt", padding=True)
    with torch.no_grad():
        features = encoder.model(inputs["pixel_values"]).last_hidden_state
    patches = features.shape[1] - int(encoder.has_class_token)
    assert (inputs["input_ids"] == TOKENIZER.convert_tokens_to_ids("<image>")).sum(-1).tolist() == [patches, patches]
    assert encoder.image_tokens == patches == 16
    assert processor._get_num_multimodal_tokens(image_sizes=[(20, 50)])["num_image_tokens"] == [patches]


def test_the_whole_image_is_resized_not_cropped_and_normalised(encoder: VisionEncoder) -> None:
    pixels = np.zeros((40, 200, 3), np.uint8)
    pixels[:, :20] = pixels[:, -20:] = 255  # white ends of a wide image, outside of its central square
    values = build_processor(TOKENIZER, encoder).image_processor(Image.fromarray(pixels), return_tensors="pt")
    got = values["pixel_values"][0]
    assert got.shape == (3, 32, 32)
    for channel, (mean, std) in enumerate(zip(encoder.image_mean, encoder.image_std, strict=True)):
        white, black = (1 - mean) / std, -mean / std
        assert got[channel, :, 0].numpy() == pytest.approx(white, abs=0.1)
        assert got[channel, :, -1].numpy() == pytest.approx(white, abs=0.1)
        assert got[channel, :, 16].numpy() == pytest.approx(black, abs=0.1)


def test_text_without_an_image_is_a_prompt_too(encoder: VisionEncoder) -> None:
    inputs = build_processor(TOKENIZER, encoder)(text="There are 3", return_tensors="pt")
    assert "pixel_values" not in inputs
    assert inputs["input_ids"][0].tolist() == TOKENIZER.encode("There are 3")


def test_a_tokenizer_without_image_token_is_refused(encoder: VisionEncoder) -> None:
    with pytest.raises(ValueError, match="must have the token <image>; pass it through adapt_tokenizer"):
        build_processor(lm_tokenizer(eos_token="</s>"), encoder)
