"""Whatever a response holds, every scorer returns a score, and soon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vlm_rl.evaluation import mathvision, mathvista, mmmu, mmmu_pro
from vlm_rl.evaluation.score import Score

OPTIONS = ["Yes", "no", "\\frac{1}{2}", "a (b", "$9"]
MC: dict[str, Any] = {"question_type": "multi_choice", "answer_type": "text", "choices": OPTIONS, "precision": None}
FREE: dict[str, Any] = {"question_type": "free_form", "choices": None, "precision": 1.0}
SCORERS: dict[str, Callable[..., Score]] = {
    "mmmu": lambda text, **mode: mmmu.score(text, "A", question_type="multiple-choice", options=OPTIONS, **mode),
    "mmmu open": lambda text, **mode: mmmu.score(text, "8.4", question_type="open", options=[], **mode),
    "mmmu open text": lambda text, **mode: mmmu.score(text, "arch", question_type="open", options=[], **mode),
    "mmmu_pro": lambda text, **mode: mmmu_pro.score(text, "A", options=OPTIONS, **mode),
    "mathvista": lambda text, **mode: mathvista.score(text, "Yes", **MC, **mode),
    "mathvista integer": lambda text, **mode: mathvista.score(text, "9", answer_type="integer", **FREE, **mode),
    "mathvista float": lambda text, **mode: mathvista.score(text, "9.1", answer_type="float", **FREE, **mode),
    "mathvista list": lambda text, **mode: mathvista.score(text, "[1, 2]", answer_type="list", **FREE, **mode),
    "mathvision": lambda text, **mode: mathvision.score(text, "A", options=OPTIONS, **mode),
    "mathvision number": lambda text, **mode: mathvision.score(text, "0.5", options=[], **mode),
}
PIECES = [
    "\\boxed{",
    "}",
    "<answer>",
    "</answer>",
    "**",
    "Answer:",
    "The answer is ",
    "(A)",
    " B ",
    "1,000",
    "-.5e3",
    "\n",
]
PIECES += [
    "<think>",
    "</think>",
    "\\frac",
    "^",
    "!",
    "there are ",
    "=",
    "[1, 2]",
    "nan",
    "is ",
    ". ",
    "½",
    "\ud800",
    "٣",
    "²",
]
TEXTS = st.text(max_size=60) | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)


@pytest.mark.parametrize("name", SCORERS)
@settings(max_examples=120, deadline=None)
@given(text=TEXTS)
def test_any_text_gets_a_consistent_score(name: str, text: str) -> None:
    for mode in ("official", "strict"):
        result = SCORERS[name](text, mode=mode)
        assert result.random_fallback or result.expected == float(result.correct)
        assert not (mode == "strict" and (result.random_fallback or (result.abstained and result.correct)))
        assert result == SCORERS[name](text, mode=mode)


HOSTILE = {
    "digits": "9" * 1_000_000,
    "commas": "1,111" * 200_000,
    "tower": "\\boxed{9**9**9**9**9}",
    "boxes": "\\boxed{" * 100_000,
    "upper-case boxes": "OXED{" * 200_000,
    "brackets": "\\boxed{" + "(" * 50_000 + ")" * 50_000 + "}",
    "stars": "*" * 1_000_000,
    "blanks": "the answer" + " " * 1_000_000 + "is",
    "sentences": "There are 2. " * 80_000,
    "options": "(A) (B) A B Yes no " * 50_000,
}


@pytest.mark.parametrize("name", SCORERS)
def test_a_hostile_response_gets_a_score(name: str) -> None:
    """scripts/bench_scoring.py measures that it takes milliseconds."""
    for mode in ("official", "strict"):
        for kind, text in HOSTILE.items():
            assert 0.0 <= SCORERS[name](text, mode=mode).expected <= 1.0, (kind, mode)


def test_an_unknown_mode_is_refused() -> None:
    for scorer in SCORERS.values():
        with pytest.raises(ValueError, match="mode must be one of official, strict, got 'lenient'"):
            scorer("A", mode="lenient")
