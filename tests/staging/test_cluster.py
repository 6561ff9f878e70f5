"""The same promises on other machines' processes: a real Dask cluster of worker processes on this one."""

import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.ingest import take_inventory
from pipelines.load.content import content_hashes
from pipelines.settings import ReadLimits, Workspace
from pipelines.staging import (
    Failure,
    LocalPool,
    WorkerError,
    executor,
    open_cluster,
    read_frame,
    run_stage,
)
from schemas.vocabulary import Stage
from tests.house import build_warehouse, copy_seed
from tests.staging import stages
from tests.staging.poison import handle, process_id

ROOT = Path(__file__).parents[2]

distributed = pytest.importorskip("distributed", reason="the optional extra is not installed: make cluster")


@pytest.fixture(scope="module")
def address():
    """The address of a scheduler with two worker processes, forked where Dask is imported: some of them are to die."""
    from pipelines.staging import cluster as ours

    with (
        distributed.utils.dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs="CRITICAL",
            scheduler_kwargs={"allowed_failures": 0},  # each further attempt is the start of an interpreter
        ) as cluster,
    ):
        yield f"dask+{cluster.scheduler_address}"
        ours.disconnect()


@pytest.fixture(params=["pool", "cluster"])
def mapper(request):
    """Both executors: what one promises, the other does."""
    if request.param == "pool":
        return LocalPool(2)
    return engine(request.getfixturevalue("address"))


def engine(address):
    cluster = open_cluster(address)
    assert cluster is not None
    return cluster


def outcomes(mapper, items, chunk=4, seconds=60.0):
    found = list(mapper.map(handle, items, chunk, seconds=seconds))
    return [outcome.reason.value if isinstance(outcome, Failure) else outcome for outcome in found]


def test_results_come_in_the_order_of_the_items_from_several_processes(mapper):
    items = [("wait", 0.02 if number % 7 == 0 else 0) for number in range(30)]
    assert outcomes(mapper, items) == items
    assert outcomes(mapper, []) == []
    processes = set(mapper.map(process_id, range(20), 1))
    assert len(processes) == 2
    assert os.getpid() not in processes


def test_poison_costs_itself_alone(mapper):
    items = [0, "exit", 2, "kill", "raise", 5, "loop", 7]
    expected = [0, "killed", 2, "killed", "raised", 5, "timed_out", 7]
    assert outcomes(mapper, items, seconds=1.0) == expected


def test_items_are_drawn_as_they_are_needed(mapper):
    drawn = []

    def draw():
        for number in range(1_000):
            drawn.append(number)
            yield number

    results = mapper.map(handle, draw(), 4)
    assert next(results) == 0
    assert len(drawn) <= 2 * 4 * 4 + 4
    results.close()
    assert outcomes(mapper, [1, 2]) == [1, 2]


def test_a_worker_that_dies_itself_is_replaced_and_its_item_named(address):
    """Without a time limit an item runs in the Dask worker, so its death is a death of a machine."""
    first, poisoned, last = engine(address).map(handle, [0, "exit", 2], 4)
    assert (first, last) == (0, 2)
    assert poisoned.reason.value == "killed"
    assert "worker" in poisoned.message


@pytest.fixture
def poisoned(tmp_path):
    """A year with three files, of which one ends its process and one never ends."""
    raw = tmp_path / "raw" / "2021"
    raw.mkdir(parents=True)
    for text in ("fine", "exit", "loop"):
        (raw / f"{text}.txt").write_text(text)
    workspace = Workspace(tmp_path / "raw", tmp_path / "local", limits=ReadLimits(seconds=1.0), workers=2)
    take_inventory(workspace)
    return workspace


def on_cluster(workspace, address, folder):
    there = replace(workspace, warehouse=folder, executor=address)
    take_inventory(there)
    return there


def staged(workspace):
    frames = (read_frame(workspace, Stage.READ, name).collect() for name in ("documents", "rejections"))
    return [frame.rows() for frame in frames]


def test_a_batch_with_poison_is_the_same_on_a_cluster(poisoned, address, tmp_path):
    there = on_cluster(poisoned, address, tmp_path / "there")
    for workspace in (poisoned, there):
        run_stage(workspace, stages.GUARDED, "2021")
    documents, rejections = staged(there)
    assert [row[2] for row in documents] == ["fine"]
    assert sorted(row[-1] for row in rejections) == ["no result within 1 s", "the worker ended with exit code 3"]
    assert staged(there) == staged(poisoned)


def test_a_batch_whose_machines_die_is_made_here(poisoned, address, tmp_path, caplog):
    there = on_cluster(poisoned, address, tmp_path / "there")
    run_stage(there, stages.DEADLY, "2021")
    assert "the batch is made on this machine" in caplog.text
    assert len(staged(there)[0]) == 1


def test_a_whole_build_is_the_same_on_a_cluster(address, tmp_path, seed_warehouse, plain_publish):
    workspace = Workspace(tmp_path / "raw", tmp_path / "warehouse", executor=address)
    copy_seed(workspace.raw)
    build_warehouse(workspace)
    assert content_hashes(workspace.database) == content_hashes(seed_warehouse)


def test_a_worker_with_other_code_is_refused(address, monkeypatch):
    monkeypatch.setattr("pipelines.staging.cluster.fingerprint_project", lambda: "another")
    with pytest.raises(WorkerError, match="another version of this project"):
        list(engine(address).map(handle, [1]))


def test_a_wrong_executor_is_refused_in_one_line(monkeypatch):
    with pytest.raises(UsageError, match="'ray://x' is no executor; write local, or dask"):
        open_cluster("ray://x")
    monkeypatch.setattr(executor, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match="make cluster"):
        open_cluster("dask+tcp://127.0.0.1:1")


def test_a_scheduler_that_does_not_answer_is_said(monkeypatch):
    monkeypatch.setattr("pipelines.staging.cluster._CONNECT_SECONDS", "0.2s")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers there
        with pytest.raises(UsageError, match="no Dask scheduler answers") as refused:
            open_cluster(f"dask+tcp://127.0.0.1:{taken.getsockname()[1]}")
    assert "\n" not in str(refused.value)
