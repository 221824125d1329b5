"""Measure the code sandbox: `python scripts/bench_sandbox.py [--sandbox bwrap] [--runs 60] [--workers 1]` prints JSON.

start: from the call to the program's first statement, milliseconds. Warm: a spare process waits, as between two
responses; cold: none does. runs_per_second_per_core: programs one after the other, each on one test and each in a
sandbox of its own, by `workers` processes on as many cores; a C++ program is compiled before the clock starts.
cpu_ms_per_run: the processor time of that, which other work on the machine changes little.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from concurrent.futures import ProcessPoolExecutor

from vlm_rl.sandbox import open_sandbox
from vlm_rl.sandbox.program import Language, Outcome, Program, Sandbox

MAX_START_MS = 40.0
MIN_RUNS_PER_SECOND = 15.0
CLOCK = {
    "python": "import time\nprint(time.clock_gettime_ns(time.CLOCK_MONOTONIC))\n",
    "cpp": "#include <cstdio>\n#include <ctime>\nint main() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t);\n"
    'printf("%lld\\n", t.tv_sec * 1000000000LL + t.tv_nsec); }\n',
}
LANGUAGES: tuple[Language, ...] = ("python", "cpp")


def start_ms(sandbox: Sandbox, language: Language) -> float:
    """Milliseconds until the program's first statement ran."""
    began = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    (run,) = sandbox.run(Program(language, CLOCK[language]), [""])
    if run.outcome is not Outcome.OK:
        raise RuntimeError(f"the {language} program must run, got {run}")
    return (int(run.output) - began) / 1e6


def warm_starts(where: str, language: Language, runs: int) -> list[float]:
    sandbox = open_sandbox(where)
    start_ms(sandbox, language)  # compiles
    times = []
    for _ in range(runs):
        time.sleep(0.2)  # the spare gets ready, as while the last response is judged
        times.append(start_ms(sandbox, language))
    sandbox.close()
    return times


def cold_start(where: str) -> float:
    began = time.perf_counter()
    sandbox = open_sandbox(where)
    milliseconds = (time.perf_counter() - began) * 1e3 + start_ms(sandbox, "python")
    sandbox.close()
    return milliseconds


def work(where: str, language: Language, runs: int) -> tuple[float, float, float]:
    """Start and end of `runs` runs, on the clock that all processes share, and the processor seconds that they took."""
    sandbox = open_sandbox(where)
    for _ in range(2):
        start_ms(sandbox, language)
    began, cpu = time.monotonic(), cpu_seconds()
    for _ in range(runs):
        start_ms(sandbox, language)
    ended, cpu = time.monotonic(), cpu_seconds() - cpu
    sandbox.close()
    return began, ended, cpu


def cpu_seconds() -> float:
    """Of this process, and of all that have ended under it."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def throughput(where: str, language: Language, runs: int, workers: int) -> dict[str, float]:
    with ProcessPoolExecutor(workers) as pool:
        jobs = [pool.submit(work, where, language, runs) for _ in range(workers)]
        began, ended, cpu = zip(*(job.result() for job in jobs), strict=True)
    return {
        "runs_per_second_per_core": round(runs / (max(ended) - min(began)), 1),
        "cpu_ms_per_run": round(1e3 * sum(cpu) / (runs * workers), 1),
    }


def summary(times: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(times), 1), "p95": round(statistics.quantiles(times, n=20)[-1], 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sandbox", default="bwrap", help="bwrap, unsafe or a URL (default bwrap)")
    parser.add_argument("--runs", type=int, default=60, help="runs per figure (default 60)")
    parser.add_argument("--workers", type=int, default=1, help="processes for the throughput, one a core (default 1)")
    args = parser.parse_args()
    figures: dict[str, object] = {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "workers": args.workers,
    }
    for language in LANGUAGES:
        figures[language] = {
            "warm_start_ms": summary(warm_starts(args.sandbox, language, args.runs)),
            **throughput(args.sandbox, language, args.runs, args.workers),
        }
    figures["cold_start_ms"] = summary([cold_start(args.sandbox) for _ in range(max(4, args.runs // 4))])
    figures["targets"] = {"warm_start_ms": MAX_START_MS, "runs_per_second_per_core": MIN_RUNS_PER_SECOND}
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
