"""The benchmarks that can be run: where each is on the hub, its subsets, splits and columns."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType

from vlm_rl.evaluation import mathvision, mathvista, mmmu, mmmu_pro, text_math
from vlm_rl.evaluation.mmmu_subjects import DOMAINS


@dataclass(frozen=True, slots=True)
class BenchmarkSpec:
    """module: its prompts and scorer. hub: data set on the hub. splits: name -> questions in it; the first is the
    default. columns: must be there, `a|b` for either. subsets: hub configurations; () where there is but one.
    default_subsets: those evaluated if none is named; () = all. own_columns: columns of one subset, in place of
    `columns`. withheld: splits whose gold answers are not published. id_column: None = subset and row number."""

    module: ModuleType
    hub: str
    splits: Mapping[str, int]
    columns: tuple[str, ...]
    id_column: str | None = "id"
    subsets: tuple[str, ...] = ()
    default_subsets: tuple[str, ...] = ()
    own_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()

    def columns_of(self, subset: str | None) -> tuple[str, ...]:
        return self.own_columns.get(subset or "", self.columns)


_PROBLEM = ("problem|question", "answer")
_MMMU_PRO = ("id", "question", "options", "answer", "subject", "image_1")

SPECS: dict[str, BenchmarkSpec] = {
    "mathvista": BenchmarkSpec(
        mathvista,
        "AI4Math/MathVista",
        {"testmini": 1000, "test": 5141},
        (
            "pid",
            "question",
            "decoded_image|image",
            "choices",
            "unit",
            "precision",
            "answer",
            "question_type",
            "answer_type",
            "metadata",
        ),
        id_column="pid",
        withheld=("test",),
    ),
    "mmmu": BenchmarkSpec(
        mmmu,
        "MMMU/MMMU",
        {"validation": 900, "dev": 150, "test": 10500},
        ("id", "question", "options", "answer", "question_type", "image_1"),
        subsets=tuple(sorted(subject for subjects in DOMAINS.values() for subject in subjects)),
        withheld=("test",),
    ),
    "mmmu_pro": BenchmarkSpec(
        mmmu_pro,
        "MMMU/MMMU_Pro",
        {"test": 1730},
        _MMMU_PRO,
        subsets=("standard (10 options)", "standard (4 options)", "vision"),
        default_subsets=("standard (10 options)",),
        own_columns={"vision": ("id", "image", "options", "answer", "subject")},
    ),
    "mathvision": BenchmarkSpec(
        mathvision,
        "MathLLMs/MathVision",
        {"test": 3040, "testmini": 304},
        ("id", "question", "options", "decoded_image|image", "answer", "level", "subject"),
    ),
    "math500": BenchmarkSpec(
        text_math,
        "HuggingFaceH4/MATH-500",
        {"test": 500},
        ("problem", "answer", "subject", "level", "unique_id"),
        id_column="unique_id",
    ),
    "aime2024": BenchmarkSpec(text_math, "HuggingFaceH4/aime_2024", {"train": 30}, _PROBLEM),
    "aime2025": BenchmarkSpec(
        text_math,
        "opencompass/AIME2025",
        {"test": 30},
        _PROBLEM,
        id_column=None,
        subsets=("AIME2025-I", "AIME2025-II"),
    ),
}
SYNTHETIC = "synthetic"  # held-out items of data_synth, see synthetic.py


def spec_of(benchmark: str) -> BenchmarkSpec:
    """The benchmark of this name. Raises ValueError with the known names, the nearest first."""
    if benchmark not in SPECS:
        near = difflib.get_close_matches(benchmark, SPECS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"unknown benchmark {benchmark!r}; {hint}there are {', '.join([*SPECS, SYNTHETIC])}")
    return SPECS[benchmark]


def choose_split(spec: BenchmarkSpec, split: str | None) -> str:
    """The split, or the default one. Raises ValueError with the known names."""
    if split is not None and split not in spec.splits:
        raise ValueError(f"--split of {spec.hub} must be one of {', '.join(spec.splits)}, got {split!r}")
    return split or next(iter(spec.splits))


def choose_subsets(spec: BenchmarkSpec, subset: str | None) -> tuple[str, ...]:
    """The subsets named with commas, or the default ones; () for a benchmark without. Raises ValueError likewise."""
    if subset is None:
        return spec.default_subsets or spec.subsets
    names = tuple(dict.fromkeys(name.strip() for name in subset.split(",")))
    for name in names:
        if name not in spec.subsets:
            near = difflib.get_close_matches(name, spec.subsets, n=1, cutoff=0.3)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            known = ", ".join(spec.subsets) or "it has none"
            raise ValueError(f"--subset of {spec.hub} must be of {known}; got {name!r}{hint}")
    return names
