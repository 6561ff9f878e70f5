"""Every test of the load publishes with a small map; `test_coverage` takes the whole."""

import pytest


@pytest.fixture(scope="module", autouse=True)
def _small_map(small_map):
    return small_map
