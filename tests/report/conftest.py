from pathlib import Path

import pytest
from fake_run import make_run


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    """The folder of a finished run of 40 iterations."""
    return make_run(tmp_path / "small")
