"""The top of the report: what was trained, how long, and what came of it in one sentence."""

from __future__ import annotations

from typing import Any

from vlm_rl.config import PolicyConfig, SynthSource, TrainConfig
from vlm_rl.report.charts import number
from vlm_rl.report.escape import escape
from vlm_rl.report.metrics import STAGES, accuracy_table
from vlm_rl.report.record import RunRecord


def summary_section(record: RunRecord) -> str:
    """Title, headline, the settings that matter, and the whole config folded away."""
    settings = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in settings_of(record.config))
    return (
        f'<header><p class="kicker">vlm-rl training report</p><h1>{escape(record.name)}</h1>'
        f'<p class="lead">{escape(headline(record))}</p><p class="lead">{escape(progress(record))}</p></header>'
        f'<dl class="settings">{settings}</dl>'
        f"<details><summary>The whole config</summary><pre>{escape(record.config_text)}</pre></details>"
    )


def headline(record: RunRecord) -> str:
    """Held-out accuracy at each stage, in words."""
    table = accuracy_table(record.evals)
    total = next((row for row in table.rows if row.group == "all"), None)
    if total is None:
        return "No held-out evaluation was run."
    told = []
    for stage in table.stages:
        accuracy = total.greedy[stage]
        if accuracy is not None:
            low, high = accuracy.interval
            told.append(f"{STAGES[stage]} {100 * accuracy.rate:.1f} % ({100 * low:.0f}–{100 * high:.0f})")
    return f"Held-out accuracy: {' → '.join(told)}. Greedy, {total.items:,} items, 95 % intervals."


def progress(record: RunRecord) -> str:
    """How far the run got, how long it took and how much it sampled."""
    done, planned = len(record.metrics), record.config.num_iterations
    text = f"{done} of {planned} iterations"
    seconds = sum(value for value in record.column("seconds/total") if value is not None)
    if seconds:
        text += f" in {duration(seconds)}"
    tokens = sum(value for value in record.column("rollout/tokens") if value is not None)
    if tokens:
        text += f", {number(tokens)} tokens sampled"
    return text + "."


def duration(seconds: float) -> str:
    """90 -> "1 min 30 s"; two units at most."""
    whole = round(seconds)
    for size, unit, small_size, small_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // small_size} {small_unit}"
    return f"{whole} s"


def settings_of(config: TrainConfig) -> list[tuple[str, str]]:
    """(name, value) of the settings that a reader asks for first."""
    rollout, optim, reward, warmup = config.rollout, config.optim, config.reward, config.warmup
    length = f"weight {reward.length_weight:g} from iteration {reward.length_warmup}" if reward.length_weight else "off"
    return [
        ("Policy", describe_policy(config.policy)),
        ("Prompts", "; ".join(describe_source(source) for source in config.data.sources)),
        ("Curriculum", config.sampler.schedule + (", prioritized" if config.sampler.prioritized else "")),
        ("Warm-up", f"{warmup.steps} steps of {warmup.batch_size}, lr {warmup.lr:g}" if warmup else "none"),
        (
            "Objective",
            f"{optim.loss}, τ {optim.tau:g}, baseline {optim.baseline}, lr {optim.lr:g}, "
            f"{optim.steps_per_iteration} steps per iteration",
        ),
        ("Rollout", f"groups of {rollout.group_size}, {rollout.open_groups} open, temperature {rollout.temperature:g}"),
        (
            "Budgets",
            f"{rollout.segment_tokens} tokens per iteration, {rollout.max_response_tokens} per response, "
            f"lag at most {optim.max_lag}",
        ),
        ("Length reward", length),
        ("Seed", str(config.seed)),
    ]


def describe_policy(policy: PolicyConfig) -> str:
    """Which model, in a few words."""
    if policy.assemble is None:
        return f"{policy.path} ({policy.dtype})"
    vision, language = policy.assemble.vision_encoder, policy.assemble.language_model
    eye = " ".join(filter(None, (vision.name, vision.pretrained))) or _describe_custom(
        "new vision tower", vision.custom or {}
    )
    tongue = language.path or _describe_custom("new language model", language.custom or {})
    return f"{eye} + projector + {tongue} ({policy.dtype})"


def _describe_custom(what: str, sizes: dict[str, Any]) -> str:
    shown = [f"{key} {value}" for key, value in sizes.items() if isinstance(value, int | str)]
    return f"{what} ({', '.join(shown)})"


def describe_source(source: Any) -> str:
    """Where prompts come from, in a few words."""
    if isinstance(source, SynthSource):
        cells = sum(len(levels) for levels in source.families.values())
        return f"data_synth, {len(source.families)} families, {cells} family levels"
    return f"{source.name or source.path} ({source.kind}, {source.split})"
