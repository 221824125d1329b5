"""Measure verdicts per second: `python scripts/bench_reward.py [--workers 2] [--jobs 4000]` prints one JSON object.

Responses are about 3,000 characters of reasoning and a boxed answer. They come in groups of 8, as in training: 4 right,
in two forms, and 4 wrong, all different. No two groups share an answer. The processes are started before the clock.
"""

from __future__ import annotations

import argparse
import json
import time

from data_synth.answers import Answer
from vlm_rl.reward.pool import Job, VerifierPool
from vlm_rl.types import Message, Prompt

GROUP_SIZE = 8
TARGETS = {"typed": 2000, "choice": 2000, "math": 200}  # verdicts per second wanted on two cores
THOUGHTS = "Let us look at the picture: the next value is {12}, so $x_1 = 4$.\n" * 45
MATH_FORMS = (  # gold, an equal form, another value
    (r"\frac{{{n}}}{{7}}", r"{n}/7", r"\frac{{{n}}}{{9}}"),
    (r"{n}\sqrt{{3}}", r"\sqrt{{3}} \cdot {n}", r"{n}\sqrt{{2}}"),
    (r"{n}x+1", r"1+{n}x", r"{n}x-1"),
    (r"(1,{n})", r"(1, {n}.0)", r"({n},1)"),
    (r"{n}", r"{n}.0", r"{n}5"),
    (r"\{{1,{n}\}}", r"{n}, 1", r"\{{2,{n}\}}"),
)


def make_prompt(verifier: str, answer: str, tags: tuple[tuple[str, str], ...] = ()) -> Prompt:
    return Prompt(f"bench/{verifier}", (Message("user", "?"),), (), answer, verifier, "bench", 0, "text", tags)


def make_jobs(verifier: str, count: int) -> list[Job]:
    """`count` jobs in groups of GROUP_SIZE; every second one is wrong."""
    jobs: list[Job] = []
    choices = (("choices", json.dumps(["London", "Paris", "The capital of Spain", "Rome"])),)
    for number in range(count):
        group, member = divmod(number, GROUP_SIZE)
        wrong = number % 2
        if verifier == "typed":
            prompt, answer = make_prompt("typed", Answer("integer", group).to_text()), str(group + wrong * member)
        elif verifier == "choice":
            prompt, answer = make_prompt("choice", "B", choices), "C" if wrong else "Paris"
        else:
            gold, equal, other = MATH_FORMS[group % len(MATH_FORMS)]
            right = (gold, equal)[member // 2 % 2].format(n=group + 11)
            answer = other.format(n=group + 11 + member) if wrong else right
            prompt = make_prompt("math", gold.format(n=group + 11))
        jobs.append((f"{THOUGHTS}So it is \\boxed{{{answer}}}.", prompt))
    return jobs


def measure(verifier: str, count: int, workers: int) -> dict[str, float]:
    jobs = make_jobs(verifier, count)
    with VerifierPool(workers, timeout_seconds=5.0) as pool:
        pool.verify(jobs[: 2 * workers])
        started = time.perf_counter()
        verdicts = pool.verify(jobs)
        seconds = time.perf_counter() - started
    right = sum(verdict.correct for verdict in verdicts)
    if right != (count + 1) // 2:
        raise RuntimeError(f"{verifier}: {right} of {count} verdicts say correct, expected {(count + 1) // 2}")
    return {"verdicts_per_second": round(count / seconds, 1), "target": TARGETS[verifier], "verdicts": count}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2, help="verifier processes")
    parser.add_argument("--jobs", type=int, default=4000, help="verdicts per verifier; math gets a quarter of it")
    args = parser.parse_args()
    counts = {"typed": args.jobs, "choice": args.jobs, "math": max(4, args.jobs // 4)}
    print(json.dumps({name: measure(name, count, args.workers) for name, count in counts.items()}, indent=2))


if __name__ == "__main__":
    main()
