"""A policy that reads prompts and writes text but has no weights: for engines that hold the weights elsewhere."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForImageTextToText, AutoProcessor, GenerationConfig

from vlm_rl.models.policy import Policy
from vlm_rl.types import ImageLoader


def load_without_weights(path: str | Path, load_image: ImageLoader, **kwargs: Any) -> Policy:
    """Processor, configs and special ids of a checkpoint folder or hub id, as `Policy.load` has them.

    Its parameters lie on the meta device: `encode`, `tokenize` and `decode` work, a forward pass does not. Keywords go
    to `Policy`.
    """
    with torch.device("meta"):
        model: Any = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(path))
    with suppress(OSError):  # a checkpoint need not have one; the model made its own from its config
        model.generation_config = GenerationConfig.from_pretrained(path)
    return Policy(model.eval(), AutoProcessor.from_pretrained(path), load_image, **kwargs)
