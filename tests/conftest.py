from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vlm_rl.models.policy import Policy


@pytest.fixture(scope="session")
def tiny_policy(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Policy]:
    """A fresh policy of a kind of `tiny.KINDS`; the checkpoint is written once. Keywords go to Policy.load."""
    from tiny import load_policy, save_tiny  # here, so that tests without a model do not wait for torch

    folder = tmp_path_factory.mktemp("tiny")

    def load(kind: str, **kwargs: Any) -> Policy:
        if not (folder / kind).exists():
            save_tiny(kind, folder / kind)
        return load_policy(folder / kind, **kwargs)

    return load


@pytest.fixture(scope="session")
def warm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy run up to the warm-up (see toy_run.py): to be copied, not written to."""
    from toy_run import toy_config

    from vlm_rl.pipeline import Pipeline

    folder = tmp_path_factory.mktemp("toy") / "run"
    Pipeline(toy_config(folder)).run(until="sft")
    return folder
