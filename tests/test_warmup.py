"""The warm-up learns responses, never prompts: first what images show, then traces, at last also direct answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from tiny import ONE, OTHER, TEXT, TWO, make_prompt
from torch import Tensor
from torch.nn.functional import cross_entropy

from vlm_rl.config import WarmupConfig
from vlm_rl.models.policy import Policy, Rows
from vlm_rl.optim.losses import sft_loss
from vlm_rl.types import Prompt
from vlm_rl.warmup import Example, warm_up

Load = Callable[..., Policy]
PROMPTS = [ONE, TEXT, TWO, OTHER, *(make_prompt(f"sum{i}", f"what is {i} + 1?") for i in range(6))]


def make_examples(prompts: Sequence[Prompt] = PROMPTS) -> list[Example]:
    return [
        Example(
            prompt, f"there are {i} circles", f"there are {i} circles so it is {i} and no more" + i * " yes", f"{i}"
        )
        for i, prompt in enumerate(prompts)
    ]


EXAMPLES = make_examples()


class Lesson:
    """A warm-up whose steps are written down: what each row was, the learning rate is `lr`'s."""

    def __init__(self, policy: Policy, examples: Sequence[Example] = EXAMPLES, seed: int = 0, **knobs: Any) -> None:
        cfg = WarmupConfig.model_validate({"steps": 20, "batch_size": 4, "lr": 1e-3} | knobs)
        self.steps: list[list[tuple[str, str]]] = []  # (prompt id, response)
        self.losses: list[float] = []
        by_ids = {id(policy.encode(example.prompt)): example.prompt.id for example in examples}
        logprobs = policy.logprobs

        def written_down(rows: Rows) -> Tensor:
            pairs = zip(rows.row_prompt, rows.responses, strict=True)
            self.steps.append([(by_ids[id(rows.prompts[u])], policy.decode(response)) for u, response in pairs])
            return logprobs(rows)

        policy.logprobs = written_down  # type: ignore[method-assign]
        self.last = warm_up(
            policy, examples, cfg, Accelerator(cpu=True), seed=seed, on_step=lambda step, loss: self.losses.append(loss)
        )
        policy.logprobs = logprobs  # type: ignore[method-assign]

    def kinds(self, step: int) -> set[str]:
        return {kind_of(prompt, response) for prompt, response in self.steps[step]}


def kind_of(prompt: str, response: str) -> str:
    (example,) = [example for example in EXAMPLES if example.prompt.id == prompt]
    return {example.seen: "seen", example.trace: "trace", example.direct: "direct"}[response]


def literal_loss(policy: Policy, pairs: list[tuple[str, str]]) -> Tensor:
    """Cross entropy of one padded batch with labels -100 on prompt and padding, as transformers trainers do it."""
    total, count = torch.zeros(()), 0
    for prompt_id, response in pairs:
        (prompt,) = [prompt for prompt in PROMPTS if prompt.id == prompt_id]
        encoded = policy.encode(prompt)
        ids = policy.processor.tokenizer(response + "<|im_end|>", return_tensors="pt")["input_ids"][0]
        labels = torch.cat([torch.full_like(encoded.input_ids, -100), ids])
        input_ids = torch.cat([encoded.input_ids, ids])[None]
        logits = policy.model(input_ids=input_ids, **encoded.vision).logits[0]
        logits = logits.index_fill(-1, policy.banned_ids, -torch.inf)
        total = total + cross_entropy(logits[:-1], labels[1:], ignore_index=-100, reduction="sum")
        count += len(ids)
    return total / count


def test_the_loss_is_the_cross_entropy_of_response_tokens_alone(tiny_policy: Load) -> None:
    policy, untouched = tiny_policy("llava_siglip"), tiny_policy("llava_siglip")
    lesson = Lesson(policy, steps=1)
    assert len({prompt for prompt, _ in lesson.steps[0]}) == 4
    assert lesson.losses[0] == pytest.approx(float(literal_loss(untouched, lesson.steps[0]).detach()), rel=1e-5)
    assert lesson.last == lesson.losses[0]


def test_its_gradient_is_that_of_the_cross_entropy(tiny_policy: Load) -> None:
    policy = tiny_policy("llava_siglip")
    pairs = [(example.prompt.id, example.trace) for example in EXAMPLES[:4]]
    responses: list[Sequence[int]] = [policy.tokenize(response) for _, response in pairs]
    rows = Rows([policy.encode(example.prompt) for example in EXAMPLES[:4]], [0, 1, 2, 3], responses)
    sft_loss(policy.logprobs(rows), sum(map(len, responses))).backward()
    ours = {name: weight.grad for name, weight in policy.trainable().items()}
    policy.model.zero_grad(set_to_none=True)
    literal_loss(policy, pairs).backward()
    for name, weight in policy.trainable().items():
        assert weight.grad is not None
        scale = float(weight.grad.abs().max())
        torch.testing.assert_close(ours[name], weight.grad, atol=1e-6 + 1e-4 * scale, rtol=0)


def test_the_weights_move_as_adamw_with_the_schedule_moves_them(tiny_policy: Load) -> None:
    ours, plain = tiny_policy("llava_siglip"), tiny_policy("llava_siglip")
    lesson = Lesson(ours, steps=4, lr=2e-4, weight_decay=0.1, max_grad_norm=0.5)
    weights = list(plain.trainable().values())
    adamw = torch.optim.AdamW(weights, betas=(0.9, 0.98), weight_decay=0.1)
    for pairs, lr in zip(lesson.steps, [2e-4, 2e-4, 2e-4 * 2 / 3, 2e-4 / 3], strict=True):
        literal_loss(plain, pairs).backward()
        torch.nn.utils.clip_grad_norm_(weights, 0.5)
        adamw.param_groups[0]["lr"] = lr
        adamw.step()
        adamw.zero_grad()
    ended, expected, began = (
        torch.cat([weight.detach().flatten() for weight in policy.trainable().values()])
        for policy in (ours, plain, tiny_policy("llava_siglip"))
    )
    # Adam divides by the size of the gradient: where that is rounding noise alone (biases of keys), weights do differ
    assert float((ended - expected).norm()) < 0.01 * float((expected - began).norm())


def test_perception_comes_first_with_images_only_and_direct_answers_last(tiny_policy: Load) -> None:
    knobs: dict[str, Any] = {"perception_share": 0.3, "direct_after": 0.7, "direct_share": 0.5}
    lesson = Lesson(tiny_policy("llava_siglip"), **knobs)
    assert [lesson.kinds(step) for step in range(6)] == [{"seen"}] * 6
    images = {prompt.id for prompt in PROMPTS if prompt.images}
    assert {prompt for step in lesson.steps[:6] for prompt, _ in step} == images
    assert [lesson.kinds(step) for step in range(6, 14)] == [{"trace"}] * 8
    assert {kind for step in range(14, 20) for kind in lesson.kinds(step)} == {"trace", "direct"}
    assert len(lesson.steps) == 20 and all(len(step) == 4 for step in lesson.steps)


def test_the_mix_decides_how_often_each_modality_comes_from_the_first_step_to_the_last(tiny_policy: Load) -> None:
    knobs: dict[str, Any] = {"perception_share": 0.0, "modality_mix": {"image": 3, "text": 1, "rendered": 9}}
    lesson = Lesson(tiny_policy("llava_siglip"), steps=24, **knobs)
    modality = {prompt.id: prompt.modality for prompt in PROMPTS}
    for third in (lesson.steps[:8], lesson.steps[8:16], lesson.steps[16:]):  # batches are sorted by length in eights
        assert Counter(modality[prompt] for step in third for prompt, _ in step) == {"image": 24, "text": 8}
    often = Counter(prompt for step in lesson.steps for prompt, _ in step if modality[prompt] == "image")
    assert often == dict.fromkeys((ONE.id, TWO.id, OTHER.id), 24)


def test_a_mix_without_any_modality_of_the_data_is_refused(tiny_policy: Load) -> None:
    with pytest.raises(ValueError, match="modality_mix must name a modality of the data, got rendered"):
        Lesson(tiny_policy("llava_siglip"), modality_mix={"rendered": 1}, perception_share=0.0)


@pytest.mark.parametrize(("share", "kinds"), [(0.0, {"trace"}), (1.0, {"direct"})])
def test_direct_share_is_the_share_of_answers_without_reasoning(
    share: float, kinds: set[str], tiny_policy: Load
) -> None:
    lesson = Lesson(tiny_policy("llava_siglip"), steps=5, direct_after=0.4, direct_share=share)
    assert [lesson.kinds(step) for step in range(5)] == [{"trace"}] * 2 + [kinds] * 3


def test_without_images_there_is_no_perception_phase(tiny_policy: Load) -> None:
    examples = [example for example in EXAMPLES if not example.prompt.images]
    lesson = Lesson(tiny_policy("llava_siglip"), examples, steps=4, perception_share=0.5, direct_after=1.0)
    assert [lesson.kinds(step) for step in range(4)] == [{"trace"}] * 4


def test_every_example_comes_before_any_comes_again(tiny_policy: Load) -> None:
    lesson = Lesson(tiny_policy("llava_siglip"), steps=5, batch_size=2, direct_after=1.0)
    assert sorted(prompt for step in lesson.steps for prompt, _ in step) == sorted(prompt.id for prompt in PROMPTS)


def test_the_order_is_a_function_of_the_seed(tiny_policy: Load) -> None:
    orders = [Lesson(tiny_policy("llava_siglip"), steps=4, seed=seed).steps for seed in (0, 0, 1, 2)]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2] != orders[3] != orders[0]


def test_the_learning_rate_rises_then_falls_to_almost_nothing(
    tiny_policy: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float] = []
    step = torch.optim.AdamW.step

    def seen(self: torch.optim.AdamW, *args: Any) -> Any:
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args)

    monkeypatch.setattr(torch.optim.AdamW, "step", seen)
    Lesson(tiny_policy("llava_siglip"), steps=30, batch_size=1, lr=3e-3)
    assert rates[:3] == pytest.approx([1e-3, 2e-3, 3e-3])
    assert rates[3:] == pytest.approx([3e-3 * (30 - i) / 27 for i in range(3, 30)])
    assert rates[-1] < 3e-3 / 20


def test_a_tiny_policy_learns_its_lesson(tiny_policy: Load) -> None:
    policy = tiny_policy("llava_siglip")
    examples = [replace(example, trace="so it is 4") for example in EXAMPLES]
    cfg = WarmupConfig(steps=40, batch_size=4, lr=5e-3, direct_share=0.0)
    losses: list[float] = []
    last = warm_up(policy, examples, cfg, Accelerator(cpu=True), seed=0, on_step=lambda _, loss: losses.append(loss))
    assert last == pytest.approx(sum(losses[-4:]) / 4) and last < 0.05 * losses[0]
