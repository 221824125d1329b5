"""`vlm-rl eval`: evaluate a policy on a benchmark, or on the held-out items of a config."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlm_rl.commands.knobs import add_config
from vlm_rl.config_file import load_config

if TYPE_CHECKING:
    from vlm_rl.evaluation.evaluate import Benchmark, Settings

TEXT = "Evaluate a policy on a benchmark, or on the held-out items of a config."

BENCHMARKS = "mathvista, mmmu, mmmu_pro, mathvision, math500, aime2024, aime2025, synthetic"
_SLOWEST = timedelta(days=30)  # a process that has finished its share waits for the others
_SUBSET_CHARS = 40  # of a default folder's name
_WIDEST = 300  # columns of the table
_SETTINGS = (
    "split subset data variant samples temperature max_tokens engine extractor limit seed dtype batch_tokens "
    "image_max_pixels timeout_seconds items image_size"
).split()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser, required=False)
    add = parser.add_argument
    add("--policy", required=True, help="checkpoint folder or hub id")
    add(
        "--out",
        type=Path,
        help="folder of the evaluation; an interrupted one goes on (default evaluations/BENCHMARK-SUBSET-POLICY); "
        "with --config: a JSON file (default: none)",
    )
    add("--benchmark", metavar="NAME", help=f"one of {BENCHMARKS}; what follows is for it alone")
    add("--split", help="e.g. testmini (default: the one that papers report)")
    add(
        "--subset",
        help="mmmu: subjects, with commas; mmmu_pro: e.g. vision (default: standard (10 options)); "
        "synthetic: families or cells, e.g. expression/0,scene_count (default: all)",
    )
    add("--data", type=Path, metavar="DIR", help="local copy of the data set, in any usual layout (default: the hub)")
    add("--variant", default="official", help="wording of the prompt: official, boxed, ... (default official)")
    add("--samples", type=int, default=1, help="responses to each question (default 1)")
    add("--temperature", type=float, default=0.0, help="of sampling; 0 = greedy (default 0)")
    add("--max-tokens", type=int, default=2048, help="of one response, tokens (default 2048)")
    add("--engine", default="embedded", help="embedded, or vllm (scripts/install_vllm_cpu.sh) (default embedded)")
    add("--extractor", metavar="openai:MODEL@URL", help="mathvista: a language model extracts answers (default: rules)")
    add("--limit", type=int, help="ask only so many questions, spread evenly (default: all)")
    add("--seed", type=int, default=0, help="of sampling (default 0)")
    add("--dtype", default="float32", help="what the policy computes in: float32, bfloat16, float16 (default float32)")
    add("--batch-tokens", type=int, help="responses side by side times the longest, tokens (default: the engine's)")
    add("--image-max-pixels", type=int, default=12_845_056, help="larger images are scaled down (default 12845056)")
    add("--timeout-seconds", type=float, default=5.0, help="of one comparison of mathematics, seconds (default 5)")
    add("--items", type=int, default=32, help="synthetic: held-out items of each cell (default 32)")
    add("--image-size", type=int, default=384, help="synthetic: longer side of a picture, pixels (default 384)")


def run(arguments: argparse.Namespace) -> None:
    if (arguments.config is None) == (arguments.benchmark is None):
        raise ValueError("give --benchmark NAME, or --config FILE for the held-out items of a config")
    if arguments.benchmark is None:
        _run_config(arguments)
    else:
        _run_benchmark(arguments)


def _run_config(arguments: argparse.Namespace) -> None:
    cfg = load_config(arguments.config, arguments.set)
    from vlm_rl.console import console
    from vlm_rl.pipeline import evaluate_policy
    from vlm_rl.report.metrics import accuracy_table, render_table, write_atomically

    result = evaluate_policy(cfg, arguments.policy, name="untrained", iteration=0)
    console.print(arguments.policy)
    console.print(render_table(accuracy_table([result])))
    if arguments.out:
        write_atomically(arguments.out, json.dumps(result, indent=1))


def _run_benchmark(arguments: argparse.Namespace) -> None:
    from accelerate import Accelerator, InitProcessGroupKwargs

    from vlm_rl.console import console
    from vlm_rl.evaluation.evaluate import evaluate, load_benchmark

    settings = _settings(arguments)
    accelerator = Accelerator(kwargs_handlers=[InitProcessGroupKwargs(timeout=_SLOWEST)])
    benchmark = load_benchmark(settings)
    folder = arguments.out or _default_folder(settings, benchmark)
    if accelerator.is_main_process:
        for line in _head(settings, benchmark, folder):
            console.print(line, markup=False)
    summary = evaluate(settings, benchmark, folder, accelerator, tell=console.print, bar=_bar_of(settings, accelerator))
    if summary is not None:
        _show(summary, folder)


def _settings(arguments: argparse.Namespace) -> Settings:
    from vlm_rl.evaluation.evaluate import Settings
    from vlm_rl.evaluation.specs import SYNTHETIC

    families = _families(arguments.subset) if arguments.benchmark == SYNTHETIC else None
    chosen = {name: getattr(arguments, name) for name in _SETTINGS}
    return Settings(benchmark=arguments.benchmark, policy=arguments.policy, families=families, **chosen)


def _families(subset: str | None) -> dict[str, tuple[int, ...]]:
    """`expression/0,scene_count` -> levels of each family. Raises ValueError for a cell of another form."""
    from data_synth import FAMILIES, LEVELS

    chosen: dict[str, tuple[int, ...]] = {}
    for part in subset.split(",") if subset else FAMILIES:
        family, slash, level = part.strip().partition("/")
        if slash and not level.isdecimal():
            raise ValueError(f"--subset names cells as FAMILY or FAMILY/LEVEL, got {part.strip()!r}")
        chosen[family] = (*chosen.get(family, ()), *((int(level),) if slash else LEVELS))
    return chosen


def _default_folder(settings: Settings, benchmark: Benchmark) -> Path:
    policy = "-".join(Path(settings.policy).parts[-3:])
    words = f"{settings.benchmark}-{benchmark.subset[:_SUBSET_CHARS]}-{policy}"
    return Path("evaluations") / re.sub(r"[^A-Za-z0-9._]+", "-", words).strip("-")


def _head(settings: Settings, benchmark: Benchmark, folder: Path) -> Iterator[str]:
    """What is asked, with the wording of the first prompt: the prompt moves scores more than most policies do."""
    count, published = len(benchmark.questions), benchmark.published
    of = f" of the {published:,}" if published is not None and published != count else ""
    each = f", {settings.samples} responses to each" if settings.samples > 1 else ""
    yield f"{settings.benchmark} ({benchmark.subset}): {count:,}{of} questions{each}"
    yield f"prompt {settings.variant!r}, e.g. of {benchmark.questions[0].id}:"
    yield "\n".join(f"  | {line}" for line in benchmark.questions[0].text.splitlines())
    yield f"folder {folder}"


def _bar_of(settings: Settings, accelerator: Any) -> Any:
    from vlm_rl.console import progress

    @contextmanager
    def bar(total: int) -> Iterator[Callable[[dict[str, Any]], None]]:
        right, done = {"official": 0, "strict": 0}, 0

        def on_line(line: dict[str, Any]) -> None:
            nonlocal done
            done += 1
            for mode in right:
                right[mode] += bool(line[mode] and line[mode]["correct"])
            shares = ", ".join(f"{mode} {count / done:.1%}" for mode, count in right.items())
            advance(1, shares if line["official"] else "no gold answers")

        with progress(settings.benchmark, total, enabled=accelerator.is_main_process) as advance:
            yield on_line

    return bar


def _show(summary: dict[str, Any], folder: Path) -> None:
    """A table that is never squeezed: a log file is 80 columns wide, and figures without their end are wrong."""
    from rich.console import Console
    from rich.measure import Measurement

    from vlm_rl.console import console
    from vlm_rl.evaluation.report import write_evaluation_report
    from vlm_rl.evaluation.summary import notes, table, title

    console.print(title(summary), markup=False, style="bold")
    if summary["official"] is not None:
        shown = table(summary)
        wide = Console(width=_WIDEST)
        Console(width=max(console.width, Measurement.get(wide, wide.options, shown).maximum)).print(shown)
    for note in notes(summary):
        console.print(note, markup=False)
    console.print(f"report      {write_evaluation_report(folder)}", markup=False)
