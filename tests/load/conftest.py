"""A small map for every test of the load: a tenth of a second each instead of one. `test_coverage` takes the whole."""

import polars as pl
import pytest

from pipelines.load import build
from pipelines.load.regions import region_rows

_PROVINCES = ("41", "31", "37", "42")


@pytest.fixture(scope="module", autouse=True)  # a session's would outlast this folder
def _small_map():
    kept = pl.col("region_code").str.slice(0, 2).is_in(_PROVINCES) & (pl.col("level") != "township")
    small = region_rows().filter(kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "region_rows", lambda: small)
        yield
