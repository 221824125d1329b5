from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def own_dataset_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """`datasets` keeps its tables in a folder of the test session, not in the user's cache."""
    import datasets
    from toy_run import ENVIRONMENT

    folder = tmp_path_factory.getbasetemp() / "datasets"
    folder.mkdir(exist_ok=True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", Path(folder))
    monkeypatch.setitem(ENVIRONMENT, "HF_DATASETS_CACHE", str(folder))
