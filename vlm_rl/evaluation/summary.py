"""From the lines of responses.jsonl to accuracies with intervals, overall and by group, in both modes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from vlm_rl.evaluation.scoring import MODES
from vlm_rl.evaluation.specs import SYNTHETIC
from vlm_rl.evaluation.statistics import clustered, majority, mean, pass_at, standard_error, wilson
from vlm_rl.evaluation.twins import twins

MOST_GROUPS = 40  # a breakdown with more is in summary.json, but not on the terminal
_COLUMNS = ("n", "official", "95 %", "expected", "strict", "95 %", "no answer", "guessed", "cut", "tokens")

Line = Mapping[str, Any]


def summarise(run: Mapping[str, Any], lines: Sequence[Line]) -> dict[str, Any]:
    """What summary.json holds: the keys of run.json, counts, and for each mode `overall` and `by_category`.

    A mode is None where gold answers are withheld. twins: of the benchmark `synthetic` alone.
    """
    wanted = run["num_questions"] * run["samples"]
    return {
        **run,
        "num_responses": len(lines),
        "complete": len(lines) == wanted,
        **_lengths(lines),
        **{mode: _mode([line for line in lines if line[mode] is not None], mode, run["samples"]) for mode in MODES},
        **({"twins": twins(lines)} if run["benchmark"] == SYNTHETIC else {}),
    }


def _lengths(lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "truncated": _share(line["finish"] == "length" for line in lines),
        "repeated": _share(line["finish"] == "repeat" for line in lines),
        "prompts_too_long": sum(is_unasked(line) for line in lines),
        "tokens_mean": mean([line["num_tokens"] for line in lines]),
    }


def is_unasked(line: Line) -> bool:
    """Whether the prompt alone filled the context, so that nothing was asked."""
    return bool(line["finish"] == "length" and line["num_tokens"] == 0)


def _mode(lines: Sequence[Line], mode: str, samples: int) -> dict[str, Any] | None:
    if not lines:
        return None
    groups: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        for category, values in line["categories"].items():
            for value in values:
                groups.setdefault(category, {}).setdefault(value, []).append(line)
    return {
        "overall": accuracy_row(lines, mode, samples),
        "by_category": {
            category: {value: accuracy_row(found, mode, samples) for value, found in sorted(values.items())}
            for category, values in groups.items()
        },
    }


def accuracy_row(lines: Sequence[Line], mode: str, samples: int) -> dict[str, Any]:
    """The figures of one group in one mode.

    n: questions. accuracy: mean over questions of the share of correct samples, which is pass@1; standard_error: over
    questions. interval: 95 %, Wilson's for one sample, else over questions. expected_accuracy: with the expected value
    of random guesses in place of one draw. pass_at: unbiased, over the questions that have all k samples, like
    majority_at: the accuracy of the most frequent answer among them.
    """
    questions: dict[str, list[Line]] = {}
    for line in lines:
        questions.setdefault(line["id"], []).append(line)
    shares = [mean([float(line[mode]["correct"]) for line in found]) for found in questions.values()]
    n = len(shares)
    correct = sum(line[mode]["correct"] for line in lines)
    whole = [found for found in questions.values() if len(found) == samples]
    return {
        "n": n,
        "responses": len(lines),
        "correct": correct,
        "accuracy": mean(shares),
        "standard_error": standard_error(shares),
        "interval": list(wilson(correct, n) if samples == 1 else clustered(shares)),
        "expected_accuracy": mean([mean([line[mode]["expected"] for line in found]) for found in questions.values()]),
        "abstained": _share(line[mode]["abstained"] for line in lines),
        "random_fallback": _share(line[mode]["random_fallback"] for line in lines),
        "timeouts": sum(line[mode]["reason"] == "timeout" for line in lines),
        "crashes": sum(line[mode]["reason"] == "crash" for line in lines),
        **_lengths(lines),
        "pass_at": {
            str(k): mean([pass_at(k, samples, sum(line[mode]["correct"] for line in found)) for found in whole])
            for k in _powers(samples)
        },
        "majority_at": {str(samples): mean([_majority(found, mode) for found in whole])},
    }


def _majority(lines: Sequence[Line], mode: str) -> float:
    """Abstentions do not vote; where nothing else is there, one response stands for all."""
    votes = [(str(line[mode]["prediction"]), line[mode]["correct"]) for line in lines if not line[mode]["abstained"]]
    decision = majority(votes)
    return mean([line[mode]["expected"] for line in lines]) if decision is None else decision


def _powers(samples: int) -> list[int]:
    """1, 2, 4, ... and the number of samples itself."""
    return sorted({*(2**power for power in range(samples.bit_length())), samples})


def _share(flags: Iterable[bool]) -> float:
    return mean([float(flag) for flag in flags])


def table(summary: Mapping[str, Any]) -> Table:
    """Both modes side by side in percent, overall and by group."""
    result = Table(box=None, pad_edge=False)
    result.add_column("", no_wrap=True)
    for name in _COLUMNS:
        result.add_column(name, justify="right", no_wrap=True)
    official, strict = summary["official"], summary["strict"]
    result.add_row("all", *_cells(official["overall"], strict["overall"]), style="bold")
    for category, groups in official["by_category"].items():
        if 1 < len(groups) <= MOST_GROUPS:
            result.add_row()
            result.add_row(Text(category, style="bold"))
            for value, row in groups.items():
                result.add_row(Text(f"  {value}"), *_cells(row, strict["by_category"][category][value]))
    return result


def title(summary: Mapping[str, Any]) -> str:
    return (
        f"{summary['benchmark']} ({summary['subset']}): {summary['policy']}, {summary['engine']} engine, prompt "
        f"{summary['prompt_variant']!r}, "
        + ("greedy" if summary["temperature"] == 0 else f"temperature {summary['temperature']:g}")
        + f", {summary['max_tokens']} tokens at most"
    )


def notes(summary: Mapping[str, Any]) -> list[str]:
    """What a reader of the table must know besides."""
    told = []
    if summary["samples"] > 1 and summary["official"] is not None:
        for mode in MODES:
            row, k = summary[mode]["overall"], summary["samples"]
            error = row["standard_error"]
            told.append(
                f"{mode}: pass@1 {row['accuracy']:.1%}"
                + (f" +- {error:.1%}" if error is not None else "")
                + f", pass@{k} {row['pass_at'][str(k)]:.1%}, maj@{k} {row['majority_at'][str(k)]:.1%}"
            )
    if summary["official"] is None:
        told.append("The gold answers of this split are withheld: there are responses, but no scores.")
    elif timeouts := max(summary[mode]["overall"]["timeouts"] for mode in MODES):
        told.append(f"{timeouts} comparisons of mathematics ran out of time: counted as wrong.")
    if pairs := summary.get("twins"):
        low, high = pairs["gap_interval"]
        told.append(
            f"{pairs['pairs']} twins: {pairs['text']:.1%} as text, {pairs['shown']:.1%} as a picture, gap "
            f"{100 * pairs['gap']:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f}); "
            f"both right or both wrong {pairs['consistency']:.1%}"
        )
    if summary["prompts_too_long"]:
        told.append(f"{summary['prompts_too_long']} prompts are longer than the context: not asked, counted as wrong.")
    if not summary["complete"]:
        told.append(f"Not complete: {summary['num_responses']} responses so far.")
    return told


def _cells(official: Mapping[str, Any], strict: Mapping[str, Any]) -> list[str]:
    def percent(*shares: float) -> str:
        return "-".join(f"{100 * share:.1f}" for share in shares)

    return [
        str(official["n"]),
        percent(official["accuracy"]),
        percent(*official["interval"]),
        percent(official["expected_accuracy"]),
        percent(strict["accuracy"]),
        percent(*strict["interval"]),
        percent(strict["abstained"]),
        percent(official["random_fallback"]),
        percent(official["truncated"]),
        f"{official['tokens_mean']:.0f}",
    ]
