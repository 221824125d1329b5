"""The console command `vlm-rl`: parse arguments, call one function."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from vlm_rl.config import describe, load_config


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="vlm-rl",
        description="Reinforcement learning for vision-language models: partial rollouts, mirror descent.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (add, run, text) in COMMANDS.items():
        command = commands.add_parser(
            name, help=text, description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        add(command)
        command.set_defaults(function=run)
    arguments = parser.parse_args(argv)
    try:
        arguments.function(arguments)
    except (ValueError, OSError) as error:  # bad configs, files, checkpoints: what a person can mend needs no traceback
        print(f"vlm-rl {arguments.command}: {error}", file=sys.stderr)
        return 1
    return 0


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, required=True, help="YAML file, e.g. configs/quickstart.yaml")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a knob, e.g. --set optim.lr=1e-5; repeatable",
    )
    parser.epilog = "knobs (default): what it does\n" + "\n".join(
        f"  {key} ({default})\n      {text}" if default else f"  {key}\n      {text}"
        for key, default, text in describe()
    )


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_config(parser)
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint, if there is one")


def _train(arguments: argparse.Namespace, until: str = "report") -> None:
    cfg = load_config(arguments.config, arguments.set)
    from vlm_rl.pipeline import Pipeline  # torch: a mistake in the config should not wait for it

    Pipeline(cfg, resume=getattr(arguments, "resume", False)).run(until=until)


def _sft(arguments: argparse.Namespace) -> None:
    _train(arguments, until="sft")


def _add_synth(parser: argparse.ArgumentParser) -> None:
    import data_synth

    parser.add_argument("--families", default="all", help=f"comma-separated, or all: {', '.join(data_synth.FAMILIES)}")
    parser.add_argument("--levels", default="0,1,2,3,4", help="comma-separated, 0 = easiest (default: all five)")
    parser.add_argument("--count", type=int, default=1000, help="items of each family and level (default 1000)")
    parser.add_argument("--image-size", type=int, default=384, help="longer side, pixels (default 384)")
    parser.add_argument("--split", choices=("train", "eval"), default="train", help="by content hash (default train)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2); the bytes do not depend on it")
    parser.add_argument("--seed", type=int, default=0, help="which range of items (default 0)")
    parser.add_argument("--out", type=Path, required=True, help="new folder, or one whose writing was interrupted")


def _synth(arguments: argparse.Namespace) -> None:
    import data_synth
    from data_synth.write import write_dataset
    from vlm_rl.console import console, progress

    names = list(data_synth.FAMILIES) if arguments.families == "all" else arguments.families.split(",")
    try:
        levels = tuple(int(level) for level in arguments.levels.split(","))
    except ValueError:
        raise ValueError(f"--levels must be whole numbers with commas, got {arguments.levels!r}") from None
    with progress("synth", None) as advance:
        manifest = write_dataset(
            arguments.out,
            {name.strip(): levels for name in names},
            arguments.count,
            image_size=arguments.image_size,
            split=arguments.split,
            workers=arguments.workers,
            seed=arguments.seed,
            at_most=True,
            progress=lambda what, done, total: advance(0, f"{what} {done}/{total}"),
        )
    console.print(f"{manifest.records:,} records in {len(manifest.shards)} shards: {arguments.out}")


def _add_eval(parser: argparse.ArgumentParser) -> None:
    _add_config(parser)
    parser.add_argument("--policy", required=True, help="checkpoint folder or hub id")
    parser.add_argument("--out", type=Path, help="write the result as JSON")


def _eval(arguments: argparse.Namespace) -> None:
    cfg = load_config(arguments.config, arguments.set)
    from vlm_rl.console import console
    from vlm_rl.pipeline import evaluate_policy
    from vlm_rl.report.metrics import accuracy_table, render_table, write_atomically

    result = evaluate_policy(cfg, arguments.policy, name="untrained", iteration=0)
    console.print(arguments.policy)
    console.print(render_table(accuracy_table([result])))
    if arguments.out:
        write_atomically(arguments.out, json.dumps(result, indent=1))


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path, help="folder of a run, e.g. runs/quickstart")


def _report(arguments: argparse.Namespace) -> None:
    path = arguments.run / "config.yaml"
    if not path.exists():
        raise FileNotFoundError(f"{path} not found: {arguments.run} is not the folder of a run")
    cfg = load_config(path)
    from vlm_rl.pipeline import image_loader
    from vlm_rl.report.html import write_report

    print(write_report(arguments.run, image_loader(cfg)))


Command = tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], None], str]
COMMANDS: dict[str, Command] = {
    "train": (_add_train, _train, "Run all stages of a config: assemble, data, warm-up, RL, evaluation, report."),
    "sft": (_add_train, _sft, "Run the stages up to the supervised warm-up."),
    "synth": (_add_synth, _synth, "Write a synthetic visual-reasoning data set as WebDataset shards."),
    "eval": (_add_eval, _eval, "Evaluate a policy on the held-out items of a config's synthetic sources."),
    "report": (_add_report, _report, "Write a run's report.html again."),
}

if __name__ == "__main__":
    sys.exit(main())
