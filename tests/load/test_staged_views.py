"""Frames that DuckDB reads by way of files."""

import duckdb
import polars as pl

from pipelines.load.staged_views import show_frame


def test_a_frame_shown_under_the_name_of_another_is_a_file_of_its_own(tmp_path):
    with duckdb.connect(":memory:") as connection:
        for number in range(3):
            show_frame(connection, tmp_path, "shown", pl.DataFrame({"number": [number] * (5 - number)}))
            assert connection.execute("FROM shown").fetchall() == [(number,)] * (5 - number)
    assert len(list(tmp_path.iterdir())) == 3
