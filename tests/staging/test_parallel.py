"""Mapping over processes: one poisonous item costs that item alone."""

import os
import resource
import socket
import time
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.staging import parallel, worker
from pipelines.staging.parallel import WorkerError, close_workers, map_files, ready_worker
from pipelines.staging.worker import Failure, FailureReason
from tests.staging.poison import eat_memory, handle, hold_memory, polars_threads, process_id


@pytest.fixture(autouse=True, scope="module")
def _workers_end_with_the_module():
    yield
    close_workers()


def outcomes(items, workers=2, chunk=4, seconds=None):
    found = list(map_files(handle, items, workers, chunk, seconds=seconds))
    return [outcome.reason.value if isinstance(outcome, Failure) else outcome for outcome in found]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_results_come_in_the_order_of_the_items(workers, chunk):
    items = [("wait", 0.02 if number % 7 == 0 else 0) for number in range(50)]
    assert outcomes(items, workers, chunk) == items
    assert outcomes([], workers, chunk) == []


# Each death is the start of an interpreter: every kind and every place once, the rest of the square in `make soak`.
@pytest.mark.parametrize(
    ("poison", "place"),
    [
        pytest.param(poison, place, marks=() if number == at else pytest.mark.soak)
        for number, poison in enumerate(["exit", "segfault", "kill"])
        for at, place in enumerate([0, 5, 11])
    ],
)
def test_a_worker_that_dies_costs_one_item(poison, place):
    items: list[object] = list(range(12))
    items[place] = poison
    expected: list[object] = list(range(12))
    expected[place] = "killed"
    assert outcomes(items) == expected


@pytest.mark.parametrize("pause", [0.0, 1.0])
def test_a_worker_that_was_made_ready_takes_the_next_call(pause):
    close_workers()
    ready_worker(process_id)
    ready_worker(process_id)  # one waits already
    ((waiting, _),) = [(worker.process.pid, worker) for worker in parallel._idle]
    time.sleep(pause)
    assert list(map_files(process_id, [1, 2], workers=1, is_guarded=True)) == [waiting] * 2
    assert outcomes(["exit", 1, 2], workers=1 + 1) == ["killed", 1, 2]
    assert outcomes([3]) == [3]


def test_a_worker_whose_build_is_over_before_it_has_begun_ends_without_a_word():
    early = parallel._Worker()
    early.give(handle, [], [])
    early.pipe.close()
    early.process.join()
    assert early.process.exitcode == 0  # with a traceback on the terminal it is 1


def test_a_worker_that_dies_before_it_is_needed_is_replaced():
    close_workers()
    ready_worker(handle)
    parallel._idle[0].process.kill()
    parallel._idle[0].process.join()
    assert outcomes([1, 2, 3]) == [1, 2, 3]


def test_the_failure_says_how_the_worker_ended():
    exit_, segfault, kill = map_files(handle, ["exit", "segfault", "kill"], workers=2, chunk=3)
    assert "exit code 3" in exit_.message
    assert "SIGSEGV" in segfault.message
    assert "SIGKILL" in kill.message


def test_a_worker_has_one_thread_of_polars_and_one_heap_and_leaves_the_environment_alone():
    close_workers()
    before = dict(os.environ)
    assert list(map_files(polars_threads, [1, 2], workers=2, chunk=1)) == [(1, True)] * 2
    assert dict(os.environ) == before


def test_an_item_that_asks_for_all_memory_is_refused_it():
    before, glutton, after = map_files(eat_memory, ["a", "glutton", "b"], workers=2, chunk=3)
    assert (before, after) == ("a", "b")
    assert isinstance(glutton, Failure)
    assert "MemoryError" in glutton.message


def test_an_endless_item_is_stopped_at_its_time_and_the_rest_goes_on():
    started = time.monotonic()
    assert outcomes([0, "loop", 2, 3, 4, 5, 6, 7], seconds=1.0) == [0, "timed_out", 2, 3, 4, 5, 6, 7]
    assert time.monotonic() - started < 20


def test_a_chunk_may_take_longer_than_one_item_may():
    items = [("wait", 0.25)] * 4
    assert outcomes(items, chunk=4, seconds=0.8) == items


def test_a_slow_consumer_is_no_late_worker():
    found = []
    for outcome in map_files(handle, ["huge", *range(10)], workers=2, chunk=2, seconds=0.5):
        time.sleep(0.1)
        found.append(outcome if isinstance(outcome, int | Failure) else len(outcome))
    assert found == [5_000_000, *range(10)]


def test_only_poison():
    items = ["kill", "loop", "exit", "segfault", "raise", "unpicklable"]
    assert outcomes(items, seconds=0.5) == ["killed", "timed_out", "killed", "killed", "raised", "raised"]


def test_an_item_that_another_one_killed_is_tried_again(tmp_path):
    item = ("once", str(tmp_path / "died"))
    assert outcomes([0, item, 2]) == [0, item, 2]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_exception_is_a_failure_that_names_it(workers):
    (failure,) = map_files(handle, ["raise"], workers)
    assert failure.reason is FailureReason.RAISED
    assert failure.message == "ValueError: a bad file"


def test_what_a_late_worker_started_ends_with_it(tmp_path):
    noted = tmp_path / "pid"
    assert outcomes([("child", str(noted)), 1], seconds=1.5) == ["timed_out", 1]
    child = int(noted.read_text())
    deadline = time.monotonic() + 5
    while _is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(child)


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_items_are_drawn_as_they_are_needed():
    drawn = 0

    def draw():
        nonlocal drawn
        for number in range(1, 10_001):
            drawn = number
            yield number

    results = map_files(handle, draw(), workers=2, chunk=4)
    assert next(results) == 1
    assert drawn <= 2 * 4 * 4 + 4
    results.close()


def test_workers_are_kept_between_calls_and_not_after_a_consumer_left():
    close_workers()
    first = set(map_files(process_id, range(40), workers=2, chunk=1))
    second = set(map_files(process_id, range(40), workers=2, chunk=1))
    assert first == second
    assert os.getpid() not in first
    abandoned = map_files(handle, [1, ("wait", 30), ("wait", 30)], workers=2, chunk=1)
    assert next(abandoned) == 1
    started = time.monotonic()
    abandoned.close()
    assert time.monotonic() - started < 5
    assert outcomes([1, 2]) == [1, 2]


def test_a_worker_that_holds_much_gives_way_to_a_new_one_whatever_its_parent_holds():
    close_workers()
    own = b"x" * (500 * 2**20)
    outcomes = map_files(hold_memory, [1, 500, 1, 1, 500, 1], workers=1, chunk=1, is_guarded=True)
    held = [outcome for outcome in outcomes if not isinstance(outcome, Failure)]
    assert [megabytes for megabytes, _ in held] == [1, 500, 1, 1, 500, 1]
    workers = [pid for _, pid in held]
    assert workers[0] == workers[1] != workers[2] == workers[3] == workers[4] != workers[5]
    del own


def test_an_idle_worker_that_was_killed_costs_nothing():
    close_workers()
    ids = set(map_files(process_id, range(40), workers=2, chunk=1))
    for pid in ids:
        assert isinstance(pid, int)
        os.kill(pid, 9)
    assert outcomes(range(10)) == list(range(10))


def test_a_function_that_cannot_be_imported_is_said_at_once():
    with pytest.raises((WorkerError, AttributeError)):
        list(map_files(lambda item: item, [1], workers=2))


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        map_files(handle, [1], workers=0)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.sampled_from([1, 2, 3, "raise", "exit", "kill"]), max_size=12), st.integers(1, 5))
def test_any_mixture_gives_each_item_its_own_outcome(items, chunk):
    expected = [{"raise": "raised", "exit": "killed", "kill": "killed"}.get(item, item) for item in items]
    assert outcomes(items, chunk=chunk) == expected


def test_a_worker_whose_parent_is_gone_with_what_it_sent_ends_without_a_word(capfd):
    """A reset, where the parent closes the pipe before the worker has taken what it was sent."""
    ours, theirs = socket.socketpair()
    theirs.send(b"x")  # unread at the other end, so that closing resets the connection
    ours.send(b"y")
    ours.close()
    with patch.object(worker, "_die_with_parent"), patch.object(os, "setsid"), patch.object(resource, "setrlimit"):
        worker.serve(Connection(theirs.detach()))
    assert capfd.readouterr() == ("", "")
