"""What the tests of the raw folder share."""

from pathlib import Path

import pytest

from pipelines.settings import ReadLimits, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "raw").mkdir()
    return Workspace(tmp_path / "raw", tmp_path / "warehouse", ReadLimits(file_bytes=1000), workers=1)
