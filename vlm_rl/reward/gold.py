"""Are the gold answers of a data set readable? Asked before a run starts, of every verifier that would read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from vlm_rl.reward.composed import leaf_names, parse
from vlm_rl.reward.pool import VerifierPool
from vlm_rl.types import Prompt

_AT_ONCE = 1024  # prompts; bounds what waits in the pool


def check_golds(prompts: Iterable[Prompt], pool: VerifierPool) -> int:
    """Have each prompt's verifiers read its gold answer, in the pool's processes; the number of prompts. Not counted.

    Raises ValueError, naming the first prompt whose gold answer cannot be read, or takes a verifier too long.
    """
    checked, left, counts = 0, iter(prompts), pool.counts.copy()
    while some := list(islice(left, _AT_ONCE)):
        jobs = [("", replace(prompt, verifier=name)) for prompt in some for name in leaf_names(parse(prompt.verifier))]
        for verdict, (_, prompt) in zip(pool.verify(jobs), jobs, strict=True):
            if verdict.reason in ("timeout", "crash"):
                raise ValueError(
                    f"prompt {prompt.id}: the verifier {prompt.verifier} ends in a {verdict.reason} on the gold answer "
                    f"{prompt.answer[:80]!r} and an empty response; mend the answer, or choose another verifier"
                )
        checked += len(some)
    pool.counts = counts
    return checked
