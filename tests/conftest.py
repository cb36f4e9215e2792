"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Random numbers of a seed that is the test's name."""
    return np.random.default_rng(zlib.crc32(request.node.name.encode()))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Recorded data: the folder SMPLCERES_DATA, or ../shared/data beside the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SMPLCERES_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"needs recorded data in {folder} (set SMPLCERES_DATA)")
    return folder
