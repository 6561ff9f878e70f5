"""Fixtures of the tests that run stages."""

from pathlib import Path

import pytest

from pipelines.settings import Workspace
from tests.staging import stages


@pytest.fixture
def fresh_spies(monkeypatch):
    stages.read_paths.clear()
    stages.normalized.clear()
    stages.failing.clear()
    monkeypatch.setattr("pipelines.ingest.ledger._UNCERTAIN_NS", 0)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    place = tmp_path / "a=b [1]*"  # nothing in a path may be taken for a pattern or a hive partition
    (place / "raw").mkdir(parents=True)
    return Workspace(place / "raw", place / "warehouse", workers=1)


@pytest.fixture
def small_buckets(monkeypatch):
    """A dozen files a bucket instead of hundreds: partitions divide as they do at scale."""
    monkeypatch.setattr("pipelines.staging.buckets._MOST_FILES", 12)
