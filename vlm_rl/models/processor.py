"""What stands before the model: tokenizer, chat template and image processor, as one standard LlavaProcessor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from jinja2 import TemplateError
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    CLIPImageProcessor,
    LlavaProcessor,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    SiglipImageProcessor,
)

from vlm_rl.models.vision_encoder import VisionEncoder

IMAGE_TOKEN = "<image>"
SPECIAL_TOKENS = ("<pad>", "<|im_start|>", "<|im_end|>", IMAGE_TOKEN)
NUM_BYTES = 256

# ChatML. Content is a string, or a list of parts {"type": "text", "text": ...} and {"type": "image"}.
CHAT_TEMPLATE = """\
{%- for message in messages -%}
{%- if message['role'] not in ['system', 'user', 'assistant'] -%}
{{- raise_exception('role must be system, user or assistant, got ' + message['role']) -}}
{%- endif -%}
{{- '<|im_start|>' + message['role'] + '\\n' -}}
{%- if message['content'] is string -%}
{{- message['content'] -}}
{%- else -%}
{%- for part in message['content'] -%}
{%- if part['type'] == 'image' -%}
{{- '<image>' -}}
{%- elif part['type'] == 'text' -%}
{{- part['text'] -}}
{%- else -%}
{{- raise_exception('part type must be text or image, got ' + part['type']) -}}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
{{- '<|im_end|>' + '\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{- '<|im_start|>assistant\\n' -}}
{%- endif -%}
"""

# Put before a template that reads strings only: an instruct model keeps the turns that it was trained on.
_JOIN_PARTS = """\
{%- set joined = namespace(messages=[]) -%}
{%- for message in messages -%}
{%- set text = namespace(content=message['content']) -%}
{%- if message['content'] is not string -%}
{%- set text.content = '' -%}
{%- for part in message['content'] -%}
{%- set text.content = text.content + ('<image>' if part['type'] == 'image' else part['text']) -%}
{%- endfor -%}
{%- endif -%}
{%- set joined.messages = joined.messages + [dict(message, content=text.content)] -%}
{%- endfor -%}
{%- set messages = joined.messages -%}
"""


def train_tokenizer(texts: Iterable[str], vocab_size: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer trained on `texts`; the same texts give the same tokenizer.

    Any text can be encoded, digits one by one. `vocab_size` counts the 256 bytes and the special tokens; it is an upper
    bound, for short texts have fewer pairs to merge. Raises ValueError if it is too small, or there are no texts.
    """
    least = NUM_BYTES + len(SPECIAL_TOKENS)
    if vocab_size < least:
        raise ValueError(
            f"language_model.tokenizer_vocab_size must be >= {least} ({NUM_BYTES} bytes and {len(SPECIAL_TOKENS)} "
            f"special tokens), got {vocab_size}"
        )
    tokenizer = Tokenizer(models.BPE())
    # A merged "12" would hide the digits of "512" from the model; split, a number is always the same tokens. A blank
    # stays with the digit that it precedes, for numbers in a text are mostly single digits.
    digits = pre_tokenizers.Split(Regex(" ?[0-9]"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    corpus = list(texts)
    if not corpus:
        raise ValueError("train_tokenizer needs at least one text, got none; give it texts of the data it will encode")
    tokenizer.train_from_iterator(corpus, trainer)
    pad, start, end, image = SPECIAL_TOKENS
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=pad, eos_token=end, extra_special_tokens=[start, image]
    )


def adapt_tokenizer(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """Give a language model's own tokenizer, in place, what a LLaVA model needs: `<image>`, padding, a chat template.

    New tokens come after the old ones: the embeddings may have to grow to len(tokenizer). The chat template stays if it
    writes image parts as `<image>`; one that reads strings only is given joined parts; without any it is ChatML, with
    the model's end-of-sequence token ending each turn. Raises ValueError without such a token.
    """
    if tokenizer.eos_token is None:
        raise ValueError("the language model's tokenizer must have an eos_token, for a response ends with it; set one")
    if IMAGE_TOKEN not in tokenizer.all_special_tokens:
        tokenizer.add_special_tokens({"extra_special_tokens": [IMAGE_TOKEN]}, replace_extra_special_tokens=False)
    if tokenizer.pad_token is None:
        # Not the end of sequence: a mask made from padding would then hide real ends of turn.
        tokenizer.add_special_tokens({"pad_token": "<pad>"})
    if not tokenizer.chat_template:
        tokenizer.chat_template = CHAT_TEMPLATE.replace("<|im_end|>", tokenizer.eos_token)
    elif not _renders_images(tokenizer):
        tokenizer.chat_template = _JOIN_PARTS + tokenizer.get_chat_template()
    if not _renders_images(tokenizer):
        raise ValueError(
            "the language model's chat template drops or repeats the image of a user turn; replace chat_template in a "
            "local copy of its tokenizer"
        )
    return tokenizer


def _renders_images(tokenizer: PreTrainedTokenizerBase) -> bool:
    parts = [{"type": "image"}, {"type": "text", "text": "what is this"}]
    answer = [{"type": "text", "text": "a cat"}]
    messages: list[Any] = [{"role": "user", "content": parts}, {"role": "assistant", "content": answer}]
    try:
        text = str(tokenizer.apply_chat_template(messages, tokenize=False))
    except (TemplateError, TypeError, KeyError):  # templates that add strings to content fail in these ways
        return False
    written = all(text.count(part) == 1 for part in (IMAGE_TOKEN, "what is this", "a cat"))
    return written and "'type'" not in text  # some templates print the list itself


def build_processor(tokenizer: PreTrainedTokenizerBase, encoder: VisionEncoder) -> LlavaProcessor:
    """The processor of a LLaVA model with this tower: after expansion, one `<image>` token per patch feature, P.

    The tokenizer must know `<image>` as one token (`train_tokenizer`, `adapt_tokenizer`). Its chat template is used, or
    `CHAT_TEMPLATE` if it has none.
    """
    if IMAGE_TOKEN not in tokenizer.get_vocab():
        raise ValueError(f"the tokenizer must have the token {IMAGE_TOKEN}; pass it through adapt_tokenizer first")
    template = tokenizer.chat_template or CHAT_TEMPLATE
    tokenizer.chat_template = template
    return LlavaProcessor(
        image_processor=_image_processor(encoder),
        tokenizer=tokenizer,
        patch_size=encoder.patch_size,
        vision_feature_select_strategy=select_strategy(encoder),
        num_additional_image_tokens=int(encoder.has_class_token),
        chat_template=template,
        image_token=IMAGE_TOKEN,
    )


def select_strategy(encoder: VisionEncoder) -> Literal["default", "full"]:
    """LLaVA's vision_feature_select_strategy: "default" drops the class token, "full" is for towers without one."""
    return "default" if encoder.has_class_token else "full"


def _image_processor(encoder: VisionEncoder) -> CLIPImageProcessor | SiglipImageProcessor:
    square = {"height": encoder.image_size, "width": encoder.image_size}
    resample = {"bilinear": 2, "bicubic": 3}  # PIL's numbers
    if encoder.interpolation not in resample:
        raise ValueError(f"the tower's interpolation must be one of {list(resample)}, got {encoder.interpolation!r}")
    kind = CLIPImageProcessor if encoder.has_class_token else SiglipImageProcessor
    return kind(
        size=square,
        resample=resample[encoder.interpolation],
        # CLIP's centre crop would cut off what a chart or page has at its edges: axes, titles, answers.
        do_center_crop=False,
        crop_size=square,  # never cropped to; LlavaProcessor reads from it how many tokens an image takes
        image_mean=list(encoder.image_mean),
        image_std=list(encoder.image_std),
    )
