"""Buckets and portions: decided by the set of files, bounded, and all batches once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.ingest import take_inventory
from pipelines.staging import store
from pipelines.staging.buckets import assign_buckets, count_buckets, divide_portions
from tests.staging.builds import put_many

pytestmark = pytest.mark.usefixtures("fresh_spies")


def test_buckets_are_decided_by_the_set_of_files(workspace):
    put_many(workspace, "2021", range(2000))
    files = assign_buckets(take_inventory(workspace))
    sizes = files.group_by("bucket").len()["len"]
    assert len(sizes) == count_buckets(2000) == 8
    assert min(sizes.to_list()) > 180
    assert_frame_equal(
        files.sort("path"), assign_buckets(files.drop("bucket").sample(fraction=1, shuffle=True, seed=1)).sort("path")
    )


def test_a_manifest_survives_the_disk(tmp_path):
    batch = store.StagedBatch("f", "c", {"ingest/files": "d"}, {"cells": store.StagedFrame(1, 2, "e")}, (3,))
    store.write_manifest(tmp_path, {"0000-of-0001": batch})
    assert store.read_manifest(tmp_path) == {"0000-of-0001": batch}


@given(st.lists(st.integers(150, 384), min_size=1, max_size=80), st.sampled_from([512, 2048]), st.integers(1, 4))
def test_portions_are_all_batches_once_and_bounded(sizes, most, processes):
    runs = divide_portions(sizes, most, processes)
    assert [number for run in runs for number in run] == list(range(len(sizes)))
    assert all(0 < sum(sizes[number] for number in run) < most + 384 for run in runs)
    if sum(sizes) > most:
        assert len(runs) >= min(processes, len(sizes))
