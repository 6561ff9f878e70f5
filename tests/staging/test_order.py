"""Rows in the order of a key are those that a sort of its columns gives, whatever the columns hold."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.staging.order import number_rows, sort_rows

ROWS = st.lists(
    st.tuples(
        st.integers(-3, 3),
        st.sampled_from(["", "a", "ab", "b", "一", "二", "A"]),
        st.one_of(st.none(), st.integers(0, 2)),
        st.sampled_from([-(2**62), 0, 2**62]),
        st.sampled_from([0.5, -0.5]),
    ),
    max_size=20,
)
SCHEMA = {"place": pl.Int32, "text": pl.String, "gap": pl.Int64, "large": pl.Int64, "share": pl.Float64}


@given(rows=ROWS, key=st.permutations(list(SCHEMA)), columns=st.integers(1, 5))
def test_rows_stand_as_a_sort_leaves_them(rows, key, columns):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").with_row_index("order")
    wanted = frame.sort(key[:columns], maintain_order=True)
    assert_frame_equal(sort_rows(frame, key[:columns]), wanted)


@pytest.mark.parametrize("key", [["gap"], ["share"], ["large", "place"]])
def test_a_key_that_no_number_can_stand_for_has_none(key):
    frame = pl.DataFrame(
        {"gap": [None, 1], "share": [0.5, 0.25], "large": [-(2**62), 2**62], "place": [1, 2]}, schema_overrides=SCHEMA
    )
    assert number_rows(frame, key) is None
    assert sort_rows(frame, key).rows() == frame.sort(key).rows()


def test_rows_that_stand_in_order_are_left_as_they_are():
    frame = pl.DataFrame({"file_id": [4, 4, 9], "scope": ["a", "b", "a"]})
    assert sort_rows(frame, ["file_id", "scope"]) is frame
