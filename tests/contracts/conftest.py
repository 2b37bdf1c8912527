"""Where the vendors' published specifications are: the folder that PEAKOPS_SPECS names."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def specs() -> Path:
    """The folder of the specifications; without it a contract cannot be checked."""
    folder = os.environ.get("PEAKOPS_SPECS")
    if not folder:
        pytest.skip("PEAKOPS_SPECS is not set")
    return Path(folder)
