"""The stages of a whole run: assemble the policy, generate data, warm up, train, evaluate, report.

A finished stage leaves `stages/NAME.json` with the knobs that it depends on. A second run reuses it if these are the
same, and refuses to mix if they are not.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import yaml
from accelerate import Accelerator
from accelerate.tracking import get_available_trackers
from accelerate.utils import DistributedType, set_seed
from transformers.utils.logging import disable_progress_bar

import data_synth
from data_synth.write import write_dataset
from vlm_rl.checkpoint import CheckpointError, config_differences
from vlm_rl.config import Columns, ConfigError, FileSource, SynthSource, TrainConfig
from vlm_rl.console import console, progress
from vlm_rl.data.images import ImageStore
from vlm_rl.data.prompts import FilePrompts, load_sources
from vlm_rl.evaluation.heldout import accuracy, evaluate_heldout, heldout_prompts
from vlm_rl.models.assemble import assemble
from vlm_rl.report.html import write_report
from vlm_rl.report.metrics import accuracy_table, render_table, write_atomically
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.run import JUDGE_ACCESS, find_checkpoint, load_policy, start_run
from vlm_rl.train import train
from vlm_rl.types import ImageLoader
from vlm_rl.warmup import Example, warm_up

TOKENIZER_ITEMS = 400  # of each cell, for the byte-level BPE of a policy made from scratch
DATA_WORKERS = 2

# Which knobs a stage's result depends on, besides those of the stages before it; in order.
KNOBS: dict[str, tuple[str, ...]] = {
    "assemble": ("seed", "policy", "data.sources", "warmup.brief_traces"),
    "data": ("warmup.items_per_cell",),
    "warmup": ("warmup", "data.max_prompt_tokens", "data.image_max_pixels"),
    "untrained": ("rollout.temperature", "rollout.max_response_tokens", "eval"),
    "warm": ("rollout.temperature", "rollout.max_response_tokens", "eval"),
    "rl": ("data", "sampler", "rollout", "reward", "optim", "num_iterations"),
    "final": (),
}
FREE = JUDGE_ACCESS | {"eval.every"}  # a look at the run while it goes on changes no result


class Pipeline:
    """One run's stages, in order. `until` ends after that stage (sft: after the warm-up)."""

    def __init__(self, cfg: TrainConfig, *, resume: bool = False) -> None:
        self.cfg, self.resume = cfg, resume
        self.folder = Path(cfg.output_dir)
        self.accelerator = _accelerator(cfg)
        disable_progress_bar()  # of every file that transformers reads or writes; ours say what is being done
        self.main = self.accelerator.is_main_process
        self.started = time.perf_counter()

    # -------------------------------------------------------------------------------------------------- the stages

    def run(self, *, until: str = "report") -> None:
        self.refuse_other_config(until)
        if self.main:
            self.folder.mkdir(parents=True, exist_ok=True)
            tree = self.cfg.model_dump(mode="json")
            write_atomically(self.folder / "config.yaml", yaml.safe_dump(tree, sort_keys=False))
        base = self.assemble()
        warm = self.warm_up(base)
        if until == "sft":
            return
        if warm != base:
            self.evaluate("untrained", "untrained", base)
        self.evaluate("warm", "warmup" if warm != base else "untrained", warm)
        final = self.train(warm)
        self.evaluate("final", "rl", final)
        self.report()

    def assemble(self) -> Path | str:
        cfg = self.cfg
        target = self.folder / "policy" / "base"
        with self.stage("assemble") as needed:
            if cfg.policy.assemble is None:
                return str(cfg.policy.path)
            if needed and self.main:
                shutil.rmtree(target, ignore_errors=True)
                sizes = assemble(cfg.policy.assemble, target, texts=tokenizer_texts(cfg), seed=cfg.seed)
                self.done("assemble", f"{sum(sizes.values()) - sizes['image_tokens']:,} weights", sizes)
        return target

    def warm_up(self, base: Path | str) -> Path | str:
        cfg = self.cfg
        if cfg.warmup is None or cfg.warmup.steps == 0:
            return base
        shards = self.generate()
        target = self.folder / "policy" / "warm"
        with self.stage("warmup") as needed:
            if not needed:
                return target
            sources = load_shards(cfg, shards)
            policy = load_policy(cfg, base, sources, self.accelerator)
            traces = "brief" if cfg.warmup.brief_traces else "trace"
            examples = [_example(source, row, traces) for source in sources for row in range(len(source))]
            with progress("warm-up", cfg.warmup.steps, enabled=self.main) as advance:
                loss = warm_up(
                    policy,
                    examples,
                    cfg.warmup,
                    self.accelerator,
                    seed=cfg.seed,
                    on_step=lambda step, value: advance(1, f"loss {value:.3f}"),
                )
            if self.main:
                shutil.rmtree(target, ignore_errors=True)
                policy.save(target)
                self.done(
                    "warmup", f"{cfg.warmup.steps} steps on {len(examples):,} traces, loss {loss:.3f}", {"loss": loss}
                )
        return target

    def generate(self) -> Path:
        cfg, target = self.cfg, self.folder / "data"
        assert cfg.warmup is not None
        with self.stage("data") as needed:
            if needed and self.main:
                count = 0
                with progress("data", None) as advance:
                    for number, source in enumerate(s for s in cfg.data.sources if isinstance(s, SynthSource)):
                        manifest = write_dataset(
                            target / f"{number}",
                            source.families,
                            cfg.warmup.items_per_cell,
                            at_most=True,
                            modalities=source.modalities,
                            image_size=source.image_size,
                            workers=DATA_WORKERS,
                            seed=cfg.seed,
                            progress=lambda what, done, total: advance(0, f"{what} {done}/{total}"),
                        )
                        count += manifest.records
                self.done("data", f"{count:,} prompts with traces", {"records": count})
        return target

    def train(self, warm: Path | str) -> Path:
        cfg, target = self.cfg, self.folder / "policy" / "final"
        with self.stage("rl") as needed:
            if not needed:
                return target
            with (
                closing(start_run(cfg, self.accelerator, warm, resume=self.resume)) as run,
                progress("RL", cfg.num_iterations, enabled=self.main) as advance,
            ):
                first = run.iteration
                advance(first)
                totals = {"cut": 0, "resumed": 0, "tokens": 0}

                def on_iteration(row: dict[str, Any]) -> None:
                    for key in totals:
                        totals[key] += row[f"rollout/{key}"]
                    advance(1, _iteration_note(row))
                    if self.main and (row["iteration"] + 1) % 10 == 0:
                        console.print(f"  iteration {row['iteration'] + 1}: {_iteration_note(row)}")

                run.on_iteration = on_iteration
                train(run, cfg)
            if self.main:
                shutil.rmtree(target, ignore_errors=True)
                run.policy.save(target)
                self.done(
                    "rl",
                    f"{cfg.num_iterations - first} iterations, {totals['tokens']:,} response tokens; "
                    f"{totals['cut']:,} times a response was cut, {totals['resumed']:,} times one went on",
                    totals,
                )
        return target

    def evaluate(self, stage: str, name: str, path: Path | str) -> None:
        cfg, target = self.cfg, self.folder / "eval" / f"{name}.json"
        if not any(isinstance(source, SynthSource) for source in cfg.data.sources):
            return  # only generated items have a held-out split
        with self.stage(stage) as needed:
            if not needed:
                return
            iteration = cfg.num_iterations if name == "rl" else 0
            result = evaluate_policy(cfg, path, name=name, iteration=iteration, accelerator=self.accelerator)
            if self.main:
                target.parent.mkdir(exist_ok=True)
                write_atomically(target, json.dumps(result, indent=1))
                items = sum(row["items"] for row in result["rows"])
                self.done(stage, f"{name}: greedy accuracy {accuracy(result):.1%} on {items} held-out prompts", {})

    def report(self) -> None:
        if not self.main:
            return
        path = write_report(self.folder, image_loader(self.cfg))
        evaluations = [
            json.loads(file.read_text(encoding="utf-8"))
            for name in ("untrained", "warmup", "rl")
            if (file := self.folder / "eval" / f"{name}.json").exists()
        ]
        if evaluations:
            console.print(render_table(accuracy_table(evaluations)))
        console.print(f"[bold]report[/bold]      {path}")
        console.print(f"[bold]policy[/bold]      {self.folder / 'policy' / 'final'}")

    # ------------------------------------------------------------------------------------------------ done and reused

    @contextmanager
    def stage(self, name: str) -> Iterator[bool]:
        """Yields whether the stage has to be done; afterwards every process has caught up."""
        saved = self.finished(name)
        if saved and self.main:
            console.print(f"[bold]{name:<11}[/bold] reused: {saved['summary']}")
        self._stage_started = time.perf_counter()
        yield saved is None
        self.accelerator.wait_for_everyone()

    def knobs(self, stage: str) -> dict[str, Any]:
        tree = self.cfg.model_dump(mode="json")
        stages = list(KNOBS)[: list(KNOBS).index(stage) + 1]
        return {key: _lookup(tree, key) for name in stages for key in KNOBS[name]}

    def finished(self, name: str) -> dict[str, Any] | None:
        """The record of a stage whose result can be used. Raises CheckpointError if it is another config's.

        More iterations are no other config: the stages from RL on are then done again.
        """
        record = self.folder / "stages" / f"{name}.json"
        if not record.exists():
            return None
        saved: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        changed = config_differences(saved["knobs"], self.knobs(name), free=FREE)
        if changed and all(line.startswith("num_iterations:") for line in changed):
            return None
        if changed:
            raise CheckpointError(
                f"{self.folder} holds the stage {name!r} of another config:\n  "
                + "\n  ".join(changed)
                + "\nChoose another output_dir, or delete that folder."
            )
        return saved

    def refuse_other_config(self, until: str) -> None:
        """Raise CheckpointError for what would be refused later, before anything is written or computed."""
        done = {name: self.finished(name) for name in KNOBS}
        if done["rl"] is None:
            find_checkpoint(self.cfg, resume=self.resume or until == "sft")

    def done(self, name: str, summary: str, facts: dict[str, Any]) -> None:
        seconds = time.perf_counter() - self._stage_started
        record = {"knobs": self.knobs(name), "summary": summary, "seconds": round(seconds, 1), "facts": facts}
        (self.folder / "stages").mkdir(exist_ok=True)
        write_atomically(self.folder / "stages" / f"{name}.json", json.dumps(record, indent=1))
        console.print(f"[bold]{name:<11}[/bold] {summary} ({seconds:.0f} s)")


def evaluate_policy(
    cfg: TrainConfig, path: Path | str, *, name: str, iteration: int, accelerator: Accelerator | None = None
) -> dict[str, Any]:
    """Greedy and sampled accuracy of a checkpoint on the held-out items of the config's synthetic sources."""
    accelerator = accelerator or Accelerator()
    sources = load_sources(cfg.data)
    policy = load_policy(cfg, path, sources, accelerator)
    prompts = heldout_prompts(sources, cfg.eval.items_per_cell)
    if not prompts:
        raise ValueError("data.sources has no held-out items: add a source of kind synth")
    enabled = accelerator.is_main_process
    with (
        VerifierPool(workers=2, timeout_seconds=cfg.reward.timeout_seconds) as pool,
        progress(f"eval {name}", None, enabled=enabled) as advance,
    ):
        result = evaluate_heldout(
            policy,
            prompts,
            cfg.rollout,
            pool,
            accelerator,
            stage=name,
            iteration=iteration,
            seed=cfg.seed,
            samples=cfg.eval.samples,
            on_tokens=advance,
        )
    return result | {"policy": str(path)}


def _accelerator(cfg: TrainConfig) -> Accelerator:
    if missing := set(cfg.trackers) - {tracker.value for tracker in get_available_trackers()}:
        raise ConfigError(
            f"trackers names {', '.join(sorted(missing))}, not installed here: pip install 'vlm-rl[trackers]'"
        )
    accelerator = Accelerator(log_with=list(cfg.trackers) or None, project_dir=cfg.output_dir)
    unsupported = (DistributedType.FSDP, DistributedType.DEEPSPEED, DistributedType.MEGATRON_LM)
    if accelerator.distributed_type in unsupported:
        raise ConfigError(
            f"accelerate was configured for {accelerator.distributed_type}; vlm-rl replicates the policy and shards "
            "the work: configure plain multi-GPU (accelerate launch --multi_gpu)"
        )
    set_seed(cfg.seed)
    accelerator.init_trackers("vlm_rl", config={"config": json.dumps(cfg.model_dump(mode="json"))[:10000]})
    return accelerator


def tokenizer_texts(cfg: TrainConfig) -> list[str]:
    """Prompts and traces of the run's own families, for the tokenizer of a policy made from scratch.

    The names of the roles come as often as a word of every prompt: they stand in each chat turn.
    """
    brief = cfg.warmup is not None and cfg.warmup.brief_traces
    texts = [
        text
        for source in cfg.data.sources
        if isinstance(source, SynthSource)
        for family, levels in source.families.items()
        for level in levels
        for index in range(TOKENIZER_ITEMS)
        for item in [data_synth.make(family, level, index)]
        for modality in item.modalities
        if modality in source.modalities
        for text in (item.prompt(modality), item.trace(modality, index, brief=brief))
    ]
    return texts + ["user\n", "assistant\n"] * (len(texts) // 2)


def load_shards(cfg: TrainConfig, folder: Path) -> list[FilePrompts]:
    """The warm-up's own shards as prompt sources."""
    sources = []
    for part in sorted(folder.iterdir()):
        last = {shard.stem.rpartition("-")[0]: shard.stem.rpartition("-")[2] for shard in sorted(part.glob("*.tar"))}
        for group, number in last.items():
            source = FileSource(
                kind="webdataset",
                path=str(part / f"{group}-{{{'0' * len(number)}..{number}}}.tar"),
                name=f"warmup-{part.name}-{group}",
                instruction="",
                columns=Columns(id="id", level="level"),
            )
            sources.append(FilePrompts(source, cfg.data))
    return sources


def _example(source: FilePrompts, row: int, traces: str) -> Example:
    fields = source.fields(row)
    return Example(source.prompt(row), *(str(fields[key]) for key in ("seen", traces, "direct")))


def image_loader(cfg: TrainConfig) -> ImageLoader:
    sources = {source.name: source for source in load_sources(cfg.data) if isinstance(source, FilePrompts)}
    return ImageStore(cfg.data, sources)


def _iteration_note(row: dict[str, Any]) -> str:
    parts = [
        f"accuracy {row['reward/accuracy']:.1%}" if "reward/accuracy" in row else "no complete group",
        f"length {row['response/tokens_mean']:.0f}" if "response/tokens_mean" in row else "",
        f"cut {row['rollout/cut']}, resumed {row['rollout/resumed']}",
    ]
    return ", ".join(part for part in parts if part)


def _lookup(tree: Any, key: str) -> Any:
    for part in key.split("."):
        tree = tree[part] if isinstance(tree, dict) else None
    return tree
