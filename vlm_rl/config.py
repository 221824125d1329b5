"""Every knob, once. Each field's docstring says what it does, its unit, and the report section it comes from.

A run is described by one YAML file in configs/, which config_file.py reads.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from vlm_rl.config_reward import CodeConfig, JudgeConfig, RewardConfig
from vlm_rl.config_section import (
    ConfigError,
    Count,
    Fraction,
    Index,
    Modality,
    NonNegative,
    Positive,
    Section,
)

__all__ = ["CodeConfig", "ConfigError", "JudgeConfig", "RewardConfig", "Section"]  # defined elsewhere, at hand here too


# ---------------------------------------------------------------------------------------------------------- policy


class VisionEncoderConfig(Section):
    name: str | None = None
    """open_clip model name, e.g. ViT-L-14 or ViT-B-16-SigLIP (open_clip.list_models())."""
    pretrained: str | None = None
    """open_clip pretrained tag, e.g. openai or webli, or a local .safetensors file; null = random weights."""
    custom: dict[str, Any] | None = None
    """An open_clip `vision_cfg` of your own instead of a name, e.g.
    {layers: 3, width: 128, patch_size: 16, image_size: 64}."""
    image_mean: tuple[float, float, float] | None = None
    """Pixel mean (RGB, 0 to 1) that the tower expects; null = the model's own. For a tower trained from scratch on
    drawn pages, about that of paper: then blank patches are near 0 and what is drawn stands out."""
    image_std: tuple[float, float, float] | None = None
    """Pixel standard deviation, likewise."""

    @model_validator(mode="after")
    def _one_of(self) -> VisionEncoderConfig:
        if (self.name is None) == (self.custom is None):
            raise ValueError("vision_encoder needs exactly one of name and custom")
        return self


class LanguageModelConfig(Section):
    path: str | None = None
    """transformers causal LM: a hub id or a local folder, loaded with its tokenizer."""
    custom: dict[str, Any] | None = None
    """A transformers config of your own for a randomly initialised LM, e.g.
    {model_type: qwen3, hidden_size: 128, ...}."""
    tokenizer_vocab_size: Count = 512
    """Entries of the byte-level BPE trained on the generator's text; only for a custom LM, which has no tokenizer."""

    @model_validator(mode="after")
    def _one_of(self) -> LanguageModelConfig:
        if (self.path is None) == (self.custom is None):
            raise ValueError("language_model needs exactly one of path and custom")
        return self


class AssembleConfig(Section):
    """A policy put together from a vision encoder (open_clip), an MLP projector and a causal LM (transformers)."""

    vision_encoder: VisionEncoderConfig
    language_model: LanguageModelConfig
    vision_feature_layer: Annotated[int, Field(lt=0)] = -1
    """Which hidden state of the tower feeds the projector, counted from the end; LLaVA-1.5 uses -2."""


class PolicyConfig(Section):
    path: str | None = None
    """An existing image-text-to-text checkpoint (hub id or folder) to train. Exactly one of path and assemble."""
    assemble: AssembleConfig | None = None
    """Put a new policy together instead."""
    revision: str | None = None
    """Hub revision of `path`."""
    trust_remote_code: bool = False
    """Let a checkpoint run its own Python code. Off unless you ask for it."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Weights and activations. float32 on a CPU, bfloat16 on a GPU."""
    attn_implementation: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"
    """transformers attention kernel."""
    freeze: tuple[Literal["vision_tower", "projector", "language_model"], ...] = ()
    """Parts that do not train."""
    gradient_checkpointing: bool = False
    """Recompute activations in the backward pass: less memory, about a third more time."""

    @model_validator(mode="after")
    def _one_of(self) -> PolicyConfig:
        if (self.path is None) == (self.assemble is None):
            raise ValueError("policy needs exactly one of path and assemble")
        return self


# ------------------------------------------------------------------------------------------------------------ data


class Columns(Section):
    """Which column of a data set holds what; dotted names reach into structs."""

    question: str = "question"
    """Text of the question; `<image>` or `<image 1>` in it says where an image stands, else images come first."""
    answer: str = "answer"
    """Gold answer."""
    images: tuple[str, ...] = ("images", "image")
    """Columns with an image or a list of images; missing and null ones are passed over (text-only prompts)."""
    id: str | None = None
    """Unique id of the record; null = the row number (webdataset: shard/key)."""
    level: str | None = None
    """Difficulty as an integer, 0 = easiest; null = `level` of the source."""
    choices: str | None = None
    """Options of a multiple-choice question, a list or its JSON; they are listed under the question as (A), (B) ..."""


class SynthSource(Section):
    """An endless source: fresh items of data_synth, drawn by (family, level)."""

    kind: Literal["synth"]
    families: dict[str, tuple[Index, ...]]
    """family -> its levels, e.g. {scene_count: [0, 1, 2]}. `data_synth.FAMILIES` lists them."""
    image_size: Annotated[int, Field(ge=32, le=2048)] = 384
    """Longer side of the drawn images, pixels."""
    modalities: tuple[Modality, ...] = ("text", "image", "rendered")
    """How items are asked: text, image, rendered (a text family's page), screenshot (the question in the picture too),
    photo (as if photographed), mixed (content as a picture, question as text); a family is asked in those it has."""


class FileSource(Section):
    """A finite set of prompts: JSONL with image paths, WebDataset shards, or anything `datasets` can load."""

    kind: Literal["jsonl", "webdataset", "datasets"]
    path: str
    """jsonl: a file. webdataset: tar files as a brace pattern. datasets: a hub id, or a local folder or file."""
    config_name: str | None = None
    """datasets: configuration (subset) name."""
    split: str = "train"
    """datasets: split."""
    columns: Columns = Columns()
    """Column mapping."""
    name: str | None = None
    """Name of the source in ids, cells and reports; null = the path's last part."""
    verifier: str = "math"
    """Which verifier reads the answer (`vlm_rl.reward.VERIFIERS` lists them), or your own as package.module:function.
    A record's own `verifier` field counts only where this is not set."""
    level: Index = 0
    """Level of every record when no column gives one."""
    instruction: str = "Reason step by step, and put the final answer in \\boxed{}."
    """Added under every question."""
    render: Literal["no", "page", "screenshot", "photo"] = "no"
    """Ask text prompts as pictures of the text, of modality rendered. Prompts that have images stay as they are."""
    render_size: Annotated[int, Field(ge=400, le=2048)] = 640
    """Longer side of a full page, pixels."""
    weight: Positive = 1.0
    """Relative share of draws among sources of one modality."""


Source = Annotated[SynthSource | FileSource, Field(discriminator="kind")]


class DataConfig(Section):
    sources: tuple[Source, ...]
    """Where prompts come from; all of them mix in one run."""
    modality_mix: dict[Modality, NonNegative] = dict.fromkeys(get_args(Modality), 1.0)
    """Relative share of prompts of each modality; one without a source is left out, and so is one that is not named."""
    image_max_pixels: Count = 1_003_520
    """Pixel budget (width x height) of one image: larger ones are scaled down to it before the processor."""
    image_bomb_pixels: Count = 100_000_000
    """An image file that declares more pixels than this is refused unread (decompression bomb)."""
    on_bad_record: Literal["raise", "skip"] = "raise"
    """A missing or corrupt image, shard or line: stop with its name, or count and skip it."""
    max_prompt_tokens: Count = 4096
    """A prompt longer than this, image tokens included, is an error with both counts; nothing is ever cut."""

    @model_validator(mode="after")
    def _some_source(self) -> DataConfig:
        if not self.sources:
            raise ValueError("sources must name at least one source of prompts, e.g. kind: synth")
        return self


class SamplerConfig(Section):
    """Curriculum and prioritized sampling (sec. 2.3.4)."""

    schedule: Literal["uniform", "frontier", "switch_at"] = "frontier"
    """uniform: all levels. frontier: levels unlock from easy to hard. switch_at: uniform, then hard cells only."""
    unlock_success_rate: Fraction = 0.7
    """frontier: level l + 1 of a family opens once the success rate at level l has reached this."""
    switch_iteration: Index = 50
    """switch_at: the iteration from which only hard cells are asked."""
    hard_success_rate: Fraction = 0.5
    """switch_at: a cell or prompt is hard while its success rate is at most this."""
    prioritized: bool = True
    """Draw in proportion to 1 - success rate; false = evenly."""
    floor: Annotated[float, Field(gt=0.0, le=1.0)] = 0.05
    """Least priority, so that nothing starves."""
    ema: Annotated[float, Field(gt=0.0, le=1.0)] = 0.3
    """Weight of a new group's success rate in the running average."""
    initial_success_rate: Fraction = 0.5
    """Success rate assumed of what has not been asked yet."""


# -------------------------------------------------------------------------------------------------- warm-up, rollout


class WarmupConfig(Section):
    """Long-CoT supervised warm-up on program traces (sec. 2.2)."""

    items_per_cell: Count = 4096
    """Items of each (family, level) to write with their traces; a cell that has fewer gives what it has."""
    steps: Index = 600
    """Optimizer steps; 0 = no warm-up."""
    batch_size: Count = 128
    """Examples per step, over all processes."""
    lr: Positive = 2e-3
    """Peak learning rate (AdamW, linear warm-up over 10 % of the steps, then linear decay to 0)."""
    weight_decay: NonNegative = 0.01
    """Decoupled weight decay."""
    max_grad_norm: Positive = 1.0
    """Gradient clipping, L2 norm."""
    modality_mix: dict[Modality, NonNegative] | None = None
    """Relative share of examples of each modality in every phase, one that is not named gets none; null = as many as
    there are. Seeing takes more examples than reading does."""
    brief_traces: bool = False
    """Learn the bare steps of the traces, in as few tokens as a policy of a million weights can learn to write."""
    perception_share: Fraction = 0.0
    """Share of the steps, at the start, that only learn to say what an image shows (the first sentence of its trace):
    for a tower with random weights, which whole traces alone teach to see much later or never."""
    direct_share: Fraction = 0.5
    """Share of examples that answer at once, without the reasoning trace: RL then finds out which pays."""
    direct_after: Fraction = 0.8
    """Those come in after this share of the steps: they teach a form, not how to see or to reason."""


class RolloutConfig(Section):
    """Partial rollouts (sec. 2.6.2)."""

    engine: Literal["embedded", "vllm"] = "embedded"
    """embedded: the policy itself, in this process. vllm: vLLM in this process, with its own copy of the weights."""
    group_size: Annotated[int, Field(ge=2)] = 8
    """Responses per prompt, k."""
    open_groups: Count = 48
    """Groups in flight at most; each iteration tops up to this many."""
    segment_tokens: Count = 256
    """Output budget of one response in one iteration, tokens; what is unfinished then waits in the replay buffer."""
    max_response_tokens: Count = 2048
    """A response that reaches this is cut, and wrong."""
    temperature: Positive = 1.0
    """Sampling temperature; the trainer takes log-probabilities of the same tempered distribution."""
    batch_rows: Count = 256
    """Responses decoded side by side by one process: more is faster and takes more memory (KV cache)."""
    repeat_max_period: Count = 64
    """Repetition stop: the longest period looked for, tokens."""
    repeat_min_count: Annotated[int, Field(ge=2)] = 8
    """Repetition stop: how many times in a row a period must come; the response ends there, and is wrong."""
    repeat_min_tokens: Count = 32
    """Repetition stop: the repeated stretch must be at least this long, tokens, so that "1111" may be written."""


class OptimConfig(Section):
    """Policy optimization (sec. 2.3.2)."""

    loss: Literal["omd", "grpo", "reinforce", "rest"] = "omd"
    """omd: online mirror descent, the report's objective. The others are for comparison."""
    tau: Positive = 0.1
    """Strength of the pull to the iteration's starting policy, in units of reward per nat."""
    baseline: Literal["mean", "log_z"] = "mean"
    """What is subtracted from the rewards: the group mean, or tau * log mean exp(r / tau)."""
    lr: Positive = 1e-6
    """AdamW learning rate, constant. A fresh AdamW's first steps are sign-like: every weight moves by about lr."""
    betas: tuple[Fraction, Fraction] = (0.9, 0.95)
    """AdamW moments."""
    weight_decay: NonNegative = 0.0
    """Decoupled weight decay."""
    max_grad_norm: Positive = 1.0
    """Gradient clipping, L2 norm."""
    steps_per_iteration: Count = 2
    """Optimizer steps an iteration: its groups are split into this many batches."""
    reset_optimizer: Literal["iteration", "never"] = "iteration"
    """Forget the optimizer's moments when the reference changes, as the report does, or never."""
    max_lag: Index = 8
    """A token trains while iteration - policy version <= max_lag; 0 trains this iteration's tokens only."""
    importance_cap: Positive | None = None
    """Weight lagged tokens by min(cap, pi_i / behaviour policy); null = off, as in the report."""
    clip_range: Positive = 0.2
    """grpo only: clipping of the probability ratio."""
    micro_batch_tokens: Count = 16384
    """Padded tokens (prompt, images and response) of one forward and backward pass in one process."""


class EvalConfig(Section):
    """Held-out evaluation on items that training never draws (split by content hash)."""

    items_per_cell: Count = 64
    """Held-out items of each cell (family/level/modality)."""
    samples: Index = 1
    """Sampled responses per item at rollout.temperature, besides the greedy one; 0 = greedy only."""
    every: Index = 0
    """Also evaluate every so many iterations (greedy, a quarter of the items); 0 = only before and after."""


class CheckpointConfig(Section):
    every: Index = 10
    """Save the whole state every so many iterations; 0 = only at the end."""
    keep: Count = 2
    """Checkpoints kept; older ones are deleted after a newer one is complete."""


class TrainConfig(Section):
    """One run. See configs/quickstart.yaml."""

    seed: Index = 0
    """Everything random comes from keyed hashes of it."""
    output_dir: str
    """Folder of the run: policy, checkpoints, metrics.jsonl, rollouts/, report.html."""
    num_iterations: Index
    """Passes of sample -> rollout -> score -> learn."""
    policy: PolicyConfig
    data: DataConfig
    sampler: SamplerConfig = SamplerConfig()
    warmup: WarmupConfig | None = None
    """Null = start RL from the policy as it is."""
    rollout: RolloutConfig = RolloutConfig()
    reward: RewardConfig = RewardConfig()
    optim: OptimConfig = OptimConfig()
    eval: EvalConfig = EvalConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    trackers: tuple[Literal["tensorboard", "wandb", "trackio"], ...] = ("tensorboard",)
    """accelerate trackers, besides metrics.jsonl; wandb and trackio come with the extra `trackers`."""
    save_rollouts: bool = True
    """Write every trained response to rollouts/."""

    @model_validator(mode="after")
    def _consistent(self) -> TrainConfig:
        rollout = self.rollout
        if rollout.segment_tokens > rollout.max_response_tokens:
            raise ValueError(
                f"rollout.segment_tokens must be <= rollout.max_response_tokens ({rollout.max_response_tokens}), "
                f"got {rollout.segment_tokens}"
            )
        endless = any(source.kind == "synth" for source in self.data.sources)
        if self.warmup and self.warmup.steps and not endless:
            raise ValueError("warmup needs program traces: add a source of kind synth, or set warmup: null")
        if self.eval.every and not endless:
            raise ValueError("eval.every needs held-out items: add a source of kind synth, or set eval.every: 0")
        return self
