"""Evaluation on public benchmarks: prompts, records and scoring, one module each.

A benchmark module offers the same five things, for a record (one row of its data set, as a mapping):
    score(response, **question(record), mode="official" | "strict") -> Score
    prompt(record, variant) -> text with `<image>` or `<image N>` where images stand; VARIANTS names the wordings
    categories(record) -> the groups that the record counts in, for breakdowns
    IMAGE_COLUMNS: where its images are
official reproduces the benchmark's own scorer, including its mistakes, so that figures can be compared; only a last
line that is a final answer in a modern form is unwrapped first. strict is the verifier that training uses: it reads one
final answer, never guesses, and no answer is wrong.
"""

from __future__ import annotations

from types import ModuleType

from vlm_rl.evaluation import mathvision, mathvista, mmmu, mmmu_pro, text_math

BENCHMARKS: dict[str, ModuleType] = {
    "mathvista": mathvista,
    "mmmu": mmmu,
    "mmmu_pro": mmmu_pro,
    "mathvision": mathvision,
    "text_math": text_math,
}
