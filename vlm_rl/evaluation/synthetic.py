"""`--benchmark synthetic`: held-out items of data_synth, which training never draws.

It offers `score` as the benchmark modules do; both modes are the verifier of training. As everywhere here, what was
written counts, however it ended; `vlm-rl eval --config` counts a response that was cut as wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from vlm_rl.config import DataConfig, SynthSource
from vlm_rl.data.images import draw_image
from vlm_rl.data.prompts import SynthPrompts
from vlm_rl.evaluation.heldout import heldout_prompts
from vlm_rl.evaluation.questions import Question
from vlm_rl.evaluation.score import Mode, Score, readable
from vlm_rl.evaluation.strict import score_of
from vlm_rl.reward import VERIFIERS
from vlm_rl.types import Prompt

VARIANTS = {"official": "the item's own question"}


def score(response: str, answer: str, *, mode: Mode = "official") -> Score:
    """Score one response. answer: a typed answer of data_synth, in its text form."""
    prompt = Prompt("synthetic", (), (), answer, "typed", "synthetic", 0, "text")
    return score_of(VERIFIERS["typed"](readable(response, mode), prompt))


def questions(families: Mapping[str, Sequence[int]], *, items: int, image_size: int, max_pixels: int) -> list[Question]:
    """The first `items` held-out items of every cell of the families (name -> levels), in each of their modalities.

    image_size: longer side of the drawn pictures, pixels. Raises ValueError for an unknown family or level.
    """
    source = SynthSource.model_validate({"kind": "synth", "families": dict(families), "image_size": image_size})
    cfg = DataConfig(sources=(source,), image_max_pixels=max_pixels)
    return [_question(prompt) for prompt in heldout_prompts([SynthPrompts(source, cfg)], items)]


def _question(prompt: Prompt) -> Question:
    images = {f"image_{place}": ref for place, ref in enumerate(prompt.images, start=1)}
    value = json.loads(prompt.answer)["value"]
    return Question(
        id=prompt.id,
        text=prompt.messages[-1].content,
        images=tuple(images),
        options=None,
        gold=", ".join(map(str, value)) if isinstance(value, list) else str(value),
        categories={"modality": [prompt.modality], "family": [prompt.family], "level": [str(prompt.level)]},
        asked={"answer": prompt.answer},
        record={"id": prompt.id},
        open_image=lambda name: draw_image(images[name]),
    )
