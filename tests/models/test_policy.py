"""Policy.logprobs is what plain transformers says of each row alone; shared images keep their gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from PIL import Image
from tiny import IDEFICS_TOKENS, KINDS, ONE, OTHER, QWEN_TOKENS, TEXT, TWO, load_image, make_prompt
from tokenizers import processors
from torch import Tensor

from vlm_rl.models.policy import Policy, Rows, chat_turn
from vlm_rl.types import ImageRef, Message, Prompt

Load = Callable[..., Policy]
PROMPTS = [ONE, TEXT, TWO, OTHER]
ROW_PROMPT = [2, 0, 1, 3, 0, 2, 1]  # mixed, several rows of a prompt, not in order
LENGTHS = [3, 7, 1, 4, 2, 6, 5]
FIRST_WORD = 40  # ids below it are special tokens and bytes


def make_rows(policy: Policy) -> Rows:
    generator = torch.Generator().manual_seed(1)
    responses: list[Any] = [torch.randint(FIRST_WORD, 290, (n,), generator=generator).tolist() for n in LENGTHS]
    return Rows([policy.encode(prompt) for prompt in PROMPTS], ROW_PROMPT, responses)


def forbidden_ids(policy: Policy) -> list[int]:
    tokenizer = policy.processor.tokenizer
    names = {"<pad>", "<image>", *QWEN_TOKENS} & set(tokenizer.get_vocab())
    return sorted(tokenizer.convert_tokens_to_ids(name) for name in names)


def alone(policy: Policy, prompt: Prompt, response: list[int], temperature: float = 1.0) -> Tensor:
    """ln pi of a response [R] by the model's own forward pass on one unpadded row, its pixels given to the model."""
    text = policy.processor.apply_chat_template(
        [chat_turn(message) for message in prompt.messages], tokenize=False, add_generation_prompt=True
    )
    images = [load_image(ref) for ref in prompt.images]
    fields: dict[str, Any] = dict(policy.processor(text=[text], images=images or None, return_tensors="pt"))
    prompt_ids = fields.pop("input_ids")
    fields["attention_mask"] = torch.ones(1, prompt_ids.shape[1] + len(response), dtype=torch.long)
    if "mm_token_type_ids" in fields:
        zeros = torch.zeros(1, len(response), dtype=torch.long)
        fields["mm_token_type_ids"] = torch.cat([fields["mm_token_type_ids"], zeros], dim=1)
    input_ids = torch.cat([prompt_ids, torch.tensor([response])], dim=1)
    logits = policy.model(input_ids=input_ids, **fields).logits[0, prompt_ids.shape[1] - 1 : -1] / temperature
    keep = torch.ones(logits.shape[-1], dtype=torch.bool)
    keep[forbidden_ids(policy)] = False
    chosen = logits[torch.arange(len(response)), torch.tensor(response)]
    return chosen - logits[:, keep].logsumexp(-1)


@pytest.mark.parametrize("kind", KINDS)
def test_logprobs_are_those_of_each_row_alone_in_plain_transformers(kind: str, tiny_policy: Load) -> None:
    policy = tiny_policy(kind)
    rows = make_rows(policy)
    with torch.no_grad():
        ours = policy.logprobs(rows)
        for row, (u, response) in enumerate(zip(rows.row_prompt, rows.responses, strict=True)):
            expected = alone(policy, PROMPTS[u], list(response))
            torch.testing.assert_close(ours[row, -len(response) :], expected, atol=1e-5, rtol=0)
            assert not ours[row, : -len(response)].any()


def test_positions_count_from_the_first_token_of_each_row(tiny_policy: Load) -> None:
    policy = tiny_policy("llava_siglip")
    rows = make_rows(policy)
    inputs = policy.inputs(rows)
    for row, (u, response) in enumerate(zip(rows.row_prompt, rows.responses, strict=True)):
        count = len(rows.prompts[u].input_ids) + len(response)
        assert inputs.position_ids[row, -count:].tolist() == list(range(count))
        assert inputs.attention_mask[row].tolist() == [0] * (inputs.input_ids.shape[1] - count) + [1] * count
        assert int(inputs.next_position[row]) == count


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_image_shows_matters_by_far_more_than_the_tolerance(kind: str, tiny_policy: Load) -> None:
    policy = tiny_policy(kind)
    response = [FIRST_WORD, FIRST_WORD + 1]
    with torch.no_grad():
        one, other = policy.logprobs(Rows([policy.encode(ONE), policy.encode(OTHER)], [0, 1], [response] * 2))
    assert (one - other).abs().max() > 0.01


def gradients(policy: Policy) -> dict[str, Tensor]:
    found = {name: weight.grad for name, weight in policy.trainable().items() if weight.grad is not None}
    policy.model.zero_grad(set_to_none=True)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_shared_images_get_the_gradients_of_rows_that_each_encode_their_own(kind: str, tiny_policy: Load) -> None:
    policy = tiny_policy(kind)
    rows = make_rows(policy)
    policy.logprobs(rows).sum().backward()
    shared = gradients(policy)
    for u, response in zip(rows.row_prompt, rows.responses, strict=True):
        alone(policy, PROMPTS[u], list(response)).sum().backward()
    separate = gradients(policy)
    assert shared.keys() == separate.keys() == policy.trainable().keys()
    for part in ("vision", "visual"), ("projector", "merger", "connector"), ("language_model", "text_model"):
        assert any(bool(shared[name].any()) for name in shared if any(word in name for word in part)), part
    for name, gradient in separate.items():
        scale = float(gradient.abs().max())
        torch.testing.assert_close(shared[name], gradient, atol=1e-5 + 1e-4 * scale, rtol=0)


@pytest.mark.parametrize("kind", ["llava_clip", "qwen3_vl"])
def test_each_image_goes_through_the_tower_once_however_many_rows_share_it(kind: str, tiny_policy: Load) -> None:
    policy = tiny_policy(kind)
    rows = make_rows(policy)
    seen: list[int] = []
    tower = getattr(policy.model.model, "vision_tower", None) or policy.model.model.visual
    tower.register_forward_hook(lambda module, args, output: seen.append(len(args[0])))
    policy.logprobs(rows)
    assert sum(seen) == sum(len(rows.prompts[u].vision["pixel_values"]) for u in (0, 2, 3))


def test_temperature_divides_the_logits(tiny_policy: Load) -> None:
    policy = tiny_policy("llava_siglip", temperature=0.6)
    response = [FIRST_WORD, 90, 7]
    with torch.no_grad():
        ours = policy.logprobs(Rows([policy.encode(ONE)], [0], [response]))[0]
        torch.testing.assert_close(ours, alone(policy, ONE, response, temperature=0.6), atol=1e-5, rtol=0)
        assert (ours - alone(policy, ONE, response)).abs().max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_all_but_placeholders_and_padding_share_the_whole_probability(kind: str, tiny_policy: Load) -> None:
    policy = tiny_policy(kind, temperature=0.7)
    logits = torch.randn(5, 300, generator=torch.Generator().manual_seed(2)) * 4
    logits[:, forbidden_ids(policy)] += 30  # what a policy would love to write
    probabilities = policy.log_distribution(logits).exp()
    assert (probabilities[:, forbidden_ids(policy)] == 0).all()
    keep = [i for i in range(300) if i not in forbidden_ids(policy)]
    torch.testing.assert_close(probabilities[:, keep].sum(-1), torch.ones(5))
    assert (probabilities[:, keep] > 0).all()
    assert policy.eos_ids <= set(keep)


@pytest.mark.parametrize("kind", KINDS)
def test_checkpointing_recomputes_every_layer_and_changes_no_gradient(kind: str, tiny_policy: Load) -> None:
    plain, checkpointed = tiny_policy(kind), tiny_policy(kind, knobs={"gradient_checkpointing": True})
    runs: list[str] = []
    for name, module in checkpointed.model.named_modules():
        if name.endswith(".mlp") and "merger" not in name:  # one in each layer of tower and language model
            module.register_forward_pre_hook(lambda *_, name=name: runs.append(name))
    rows = make_rows(plain)
    with torch.no_grad():
        checkpointed.logprobs(rows)
        once = sorted(runs)
    runs.clear()
    for policy in (plain, checkpointed):
        policy.logprobs(rows).sum().backward()
    trained = [name for name in once if any(weight.startswith(name) for weight in checkpointed.trainable())]
    assert len(trained) >= 3 and sorted(runs) == sorted(once + trained)
    expected, found = gradients(plain), gradients(checkpointed)
    assert expected.keys() == found.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, atol=1e-6 + 1e-5 * float(gradient.abs().max()), rtol=0)
    assert not any(module.training for module in checkpointed.model.modules())


@pytest.mark.parametrize("kind", ["llava_siglip", "qwen3_vl"])
def test_bfloat16_is_for_computing_only(kind: str, tiny_policy: Load) -> None:
    exact, rounded = tiny_policy(kind), tiny_policy(kind)
    rounded.dtype = torch.bfloat16
    rows = make_rows(exact)
    logprobs = rounded.logprobs(rows)
    assert logprobs.dtype == torch.float32
    difference = (logprobs - exact.logprobs(rows)).abs()
    assert 0 < float(difference.detach().mean()) < 0.1
    logprobs.sum().backward()
    assert {weight.dtype for weight in rounded.trainable().values()} == {torch.float32}
    assert all(bool(gradient.isfinite().all()) for gradient in gradients(rounded).values())


def test_a_prompt_that_is_too_long_is_refused_with_both_counts(tiny_policy: Load) -> None:
    length = len(tiny_policy("llava_clip").encode(TWO).input_ids)
    assert tiny_policy("llava_clip", max_prompt_tokens=length).encode(TWO).num_image_tokens == 32
    with pytest.raises(ValueError, match=rf"tiny/two has {length} tokens, 32 of them image tokens.*max_prompt_tokens"):
        tiny_policy("llava_clip", max_prompt_tokens=length - 1).encode(TWO)


def test_a_prompt_that_places_fewer_images_than_it_has_is_refused(tiny_policy: Load) -> None:
    with pytest.raises(ValueError, match="bare has 1 images and 0 image tokens"):
        tiny_policy("llava_clip").encode(make_prompt("bare", "no place for it", "square"))


PARTS = {
    "llava_clip": ("model.vision_tower.", "model.multi_modal_projector."),
    "qwen3_vl": ("model.visual.", "merger"),
    "idefics3": ("model.vision_model.", "model.connector."),
}


@pytest.mark.parametrize("kind", PARTS)
def test_frozen_parts_do_not_train_and_the_others_do(kind: str, tiny_policy: Load) -> None:
    tower, projector = PARTS[kind]
    everything = tiny_policy(kind).trainable().keys()
    in_projector = {name for name in everything if projector in name}
    in_tower = {name for name in everything if name.startswith(tower)} - in_projector
    assert in_projector and in_tower
    for freeze, frozen in (
        (("vision_tower",), in_tower),
        (("projector",), in_projector),
        (("vision_tower", "projector"), in_tower | in_projector),
        (("language_model",), everything - in_tower - in_projector),
    ):
        assert tiny_policy(kind, knobs={"freeze": freeze}).trainable().keys() == everything - frozen


def test_weights_that_no_output_sees_do_not_train(tiny_policy: Load) -> None:
    policy = tiny_policy("llava_clip")  # features of the first of two layers
    names = {name for name, _ in policy.model.named_parameters()} - policy.trainable().keys()
    assert any("encoder.layers.1." in name for name in names)
    assert all("encoder.layers.1." in name or "post_layernorm" in name for name in names)


@pytest.mark.parametrize("in_template", [True, False])
def test_a_prompt_begins_with_one_bos_whether_template_or_tokenizer_writes_it(
    in_template: bool, tiny_policy: Load
) -> None:
    policy = tiny_policy("llava_siglip")
    tokenizer = policy.processor.tokenizer
    bare = policy.encode(ONE).input_ids
    tokenizer.bos_token = "<|im_start|>"  # any token that is known
    bos = tokenizer.bos_token_id
    post = processors.TemplateProcessing(
        single=f"{tokenizer.bos_token} $A", special_tokens=[(tokenizer.bos_token, bos)]
    )
    tokenizer.backend_tokenizer.post_processor = post
    prompt = make_prompt("bos", "<image> what is there?", "square")
    if not in_template:
        policy.processor.chat_template = policy.processor.chat_template.replace("<|im_start|>", "", 1)
        policy.processor.chat_template = policy.processor.chat_template.replace(
            "<|im_end|>\n{% endfor %}", "{% endfor %}"
        )
    ids = policy.encode(prompt).input_ids
    assert ids[0] == bos and ids[1] != bos
    if in_template:
        assert torch.equal(ids, bare)


def test_a_prompt_is_encoded_once_while_it_is_remembered(tiny_policy: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(ref: ImageRef) -> Image.Image:
        loaded.append(ref.uri)
        return load_image(ref)

    policy = tiny_policy("llava_siglip")
    policy.load_image = load
    assert policy.encode(ONE) is policy.encode(ONE)
    monkeypatch.setattr("vlm_rl.models.policy.ENCODED_CACHE_BYTES", policy.encode(ONE).num_bytes + 1)
    policy.encode(OTHER)
    policy.encode(ONE)
    assert loaded == ["square", "other", "square"]


def test_text_and_image_parts_keep_their_order() -> None:
    assert chat_turn(Message("user", "<image>a <image>b")) == {
        "role": "user",
        "content": [
            {"type": "image"},
            {"type": "text", "text": "a "},
            {"type": "image"},
            {"type": "text", "text": "b"},
        ],
    }


def test_a_tokenized_response_ends_the_turn_and_decodes_to_itself(tiny_policy: Load) -> None:
    policy = tiny_policy("idefics3")
    ids = policy.tokenize("the answer is \\boxed{12}")
    assert ids[-1] == policy.processor.tokenizer.eos_token_id and ids.count(ids[-1]) == 1
    assert policy.decode(ids) == "the answer is \\boxed{12}"
    assert not set(ids) & set(policy.processor.tokenizer.convert_tokens_to_ids(list(IDEFICS_TOKENS)))


def test_a_saved_policy_loads_with_the_same_logprobs(tiny_policy: Load, tmp_path: Any) -> None:
    from tiny import load_policy

    policy = tiny_policy("llava_clip")
    with torch.no_grad():
        for weight in policy.model.parameters():
            weight.mul_(1.01)
        policy.save(tmp_path / "saved")
        rows = make_rows(policy)
        again = load_policy(tmp_path / "saved").logprobs(rows)
        torch.testing.assert_close(again, policy.logprobs(rows), atol=0, rtol=0)
