"""One build at a time, and a lock that ends with its process."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.errors import UsageError, WarehouseError
from pipelines.settings import Workspace
from pipelines.staging import build_lock

HOLD = """
import sys, time
from pathlib import Path
from pipelines.settings import Workspace
from pipelines.staging import build_lock
with build_lock(Workspace(Path("raw"), Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "raw", tmp_path / "warehouse")


def hold(workspace: Workspace, seconds: float) -> "subprocess.Popen[str]":
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", HOLD, str(workspace.warehouse), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_another_build_is_named_in_one_line(workspace):
    with hold(workspace, 60) as other:
        with pytest.raises(WarehouseError) as refused, build_lock(workspace):
            pass
        other.kill()
    message = str(refused.value)
    assert f"another build is running, pid {other.pid} since 20" in message
    assert "\n" not in message


def test_a_killed_build_leaves_no_lock(workspace):
    with hold(workspace, 60) as other:
        other.kill()
    with build_lock(workspace):
        assert f"pid {os.getpid()} " in (workspace.warehouse / ".build.lock").read_text()


def test_waiting_for_the_other_build(workspace):
    with hold(workspace, 1.0):
        started = time.monotonic()
        with build_lock(workspace, wait_seconds=60):
            assert time.monotonic() - started > 0.3


def test_waiting_ends(workspace):
    with hold(workspace, 60) as other:
        with pytest.raises(WarehouseError), build_lock(workspace, wait_seconds=0.5):
            pass
        other.kill()


def test_the_same_process_may_hold_it_twice(workspace):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", HOLD, str(workspace.warehouse), "0"]
    with build_lock(workspace):
        with build_lock(workspace):
            pass
        with pytest.raises(subprocess.CalledProcessError):
            subprocess.run(command, check=True, capture_output=True, cwd=root)
    with hold(workspace, 0):
        pass


def test_an_error_inside_lets_go(workspace):
    with pytest.raises(KeyError), build_lock(workspace):
        raise KeyError
    with hold(workspace, 0):
        pass


def test_a_folder_that_cannot_be_made_is_a_usage_error(workspace):
    workspace.warehouse.write_text("a file")
    with pytest.raises(UsageError, match="cannot be written to"), build_lock(workspace):
        pass
