"""Measure the benchmark scorers: responses per second on one core, and the cost of hostile responses. Prints JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial

from vlm_rl.evaluation import mathvision, mathvista, mmmu, mmmu_pro
from vlm_rl.evaluation.score import Score

OPTIONS = ["$194,815", "$182,815", "$12,000", "$9,000"]
SCORERS: dict[str, Callable[..., Score]] = {
    "mmmu": partial(mmmu.score, answer="B", question_type="multiple-choice", options=OPTIONS),
    "mmmu_open": partial(mmmu.score, answer="8.4", question_type="open", options=[]),
    "mmmu_pro": partial(mmmu_pro.score, answer="B", options=OPTIONS),
    "mathvista_choice": partial(
        mathvista.score,
        answer="$9,000",
        question_type="multi_choice",
        answer_type="text",
        choices=OPTIONS,
        precision=None,
    ),
    "mathvista_integer": partial(
        mathvista.score, answer="9", question_type="free_form", answer_type="integer", choices=None, precision=None
    ),
    "mathvision_choice": partial(mathvision.score, answer="B", options=OPTIONS),
    "mathvision_number": partial(mathvision.score, answer="0.5", options=[]),
}
REASONING = (
    "The per unit overhead is $7, so (A) can be excluded. A larger cost would give 3.5 and 1,200 units.\n"
    "Therefore, the balance is $9,000 * 2 = $18,000, which is more than 12,000.\n"
)
ENDINGS = ("The answer is (B).", "\\boxed{B}", "**Answer: B**", "So it is 8.4 in all.", "I cannot see the image.")
ORDINARY = [f"<think>{REASONING * 5}</think>\n{REASONING * size}\n{end}" for size in (1, 5, 20) for end in ENDINGS]
HOSTILE = {
    "megabyte of digits": "9" * 1_000_000,
    "megabyte of digits and commas": "1,111" * 200_000,
    "power tower": "\\boxed{9**9**9**9**9}",
    "LaTeX power tower": "\\boxed{9^{9^{9^{9^{9}}}}}",
    "factorials": "\\boxed{" + "9" * 300 + "!!!!}",
    "open braces": "\\boxed{" * 100_000,
    "upper-case boxes": "OXED{" * 200_000,
    "brackets": "\\boxed{" + "(" * 50_000 + ")" * 50_000 + "}",
    "stars": "*" * 1_000_000,
    "blanks": "the answer" + " " * 1_000_000 + "is",
    "sentences": "There are 2. " * 80_000,
    "options": "(A) (B) A B $9,000 " * 50_000,
    "dots": "." * 1_000_000,
    "tags": "<answer>" * 100_000,
}


def main() -> None:
    report = {
        mode: {
            name: {"responses_per_second": round(_rate(scorer, mode)), "hostile_ms": _hostile(scorer, mode)}
            for name, scorer in SCORERS.items()
        }
        for mode in ("official", "strict")
    }
    print(json.dumps(report, indent=2))


def _rate(scorer: Callable[..., Score], mode: str, seconds: float = 0.5) -> float:
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for response in ORDINARY:
            scorer(response, mode=mode)
        done += len(ORDINARY)
    return done / (time.perf_counter() - start)


def _hostile(scorer: Callable[..., Score], mode: str) -> dict[str, float]:
    """Milliseconds that the two costliest hostile responses take."""
    cost = {}
    for name, response in HOSTILE.items():
        start = time.perf_counter()
        scorer(response, mode=mode)
        cost[name] = round(1e3 * (time.perf_counter() - start), 1)
    return dict(sorted(cost.items(), key=lambda item: -item[1])[:2])


if __name__ == "__main__":
    main()
