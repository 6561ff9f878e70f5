"""Builds that are killed at random moments or find no room: the warehouse in place is the old one or the new.

`make soak` runs this; what each step of a publish leaves when it is killed is in tests/load/test_publish_hostile.py.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from pipelines.load import content_hashes
from pipelines.settings import Workspace
from tests.factory import make_document
from tests.house import build_warehouse

ROOT = Path(__file__).resolve().parents[1]
KILLS = 200
TIMED_EVERY = 20  # on a machine that gets busier every moment drawn from the first build's time comes before the swap

BUILD = """
import sys
from pathlib import Path
from pipelines.errors import GongkaiError
from pipelines.settings import Workspace
from tests.house import build_warehouse
if __name__ == "__main__":
    house = Workspace(Path(sys.argv[1]), Path(sys.argv[2]), workers=2)
    print("started", flush=True)
    try:
        build_warehouse(house)
    except (GongkaiError, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
"""


def put_reports(raw, seed):
    """Write the raw folder's state: two years of three agencies, of which one reports other figures in each state."""
    for number, agency in enumerate(("卫东区人民政府", "新华区人民政府", "湛河区人民政府")):
        for year in (2021, 2022):
            own = seed if number == 0 else 0
            document = make_document(own + number, "2021", "tabs", size="small", year=year, agency=agency)
            path = raw / str(year) / f"{agency}{year}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(document.content)


def start(house):
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD, house.raw, house.warehouse], cwd=ROOT, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


@pytest.fixture
def house(tmp_path):
    house = Workspace(tmp_path / "raw", tmp_path / "warehouse", workers=1)
    put_reports(house.raw, 10)
    return house


def time_build(house, state):
    put_reports(house.raw, state)
    started = time.monotonic()
    with start(house) as process:
        assert process.wait() == 0
    return time.monotonic() - started


def leftovers(house):
    """What stands in the warehouse folder beside the release and the caches."""
    known = {".build.lock", ".published-files.parquet", ".published-seen.parquet", ".published-series.parquet",
             ".published.json", "gongkai.duckdb", "parquet", "quality.html", "staging"}  # fmt: skip
    found = {path.name for path in house.warehouse.iterdir() if not path.name.startswith(".parquet-")}
    temporary = list(house.staging.rglob("*.tmp"))
    return sorted(found - known), temporary


def kill_builds(house, kills, seed=1):
    """Kill builds at random moments and return how many left the old warehouse and how many the new."""
    rng = random.Random(seed)
    expected = {}
    for state in (20, 30):
        put_reports(house.raw, state)
        fresh = replace(house, warehouse=house.warehouse.with_name(f"fresh{state}"))
        build_warehouse(fresh)
        expected[state] = content_hashes(fresh.database)
    build_warehouse(house)
    state, longest, ends = 20, 0.0, {"old": 0, "new": 0}
    for number in range(kills):
        if number % TIMED_EVERY == 0:
            state = 50 - state
            longest = time_build(house, state)
        before, state = state, 50 - state
        put_reports(house.raw, state)
        process = start(house)
        time.sleep(rng.uniform(0, longest))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        found = content_hashes(house.database)
        assert found in (expected[before], expected[state])
        assert not house.database.with_name("gongkai.duckdb.wal").exists()
        ends["new" if found == expected[state] else "old"] += 1
        build_warehouse(house)
        assert content_hashes(house.database) == expected[state]
        assert leftovers(house) == ([], [])
    return ends


@pytest.mark.soak
def test_a_build_killed_at_any_moment_leaves_the_old_warehouse_or_the_new(house):
    ends = kill_builds(house, KILLS)
    assert min(ends.values()) > 0, ends


@pytest.fixture
def disk(tmp_path):
    """Give a folder that is a file system of its own, and what sets how many bytes it leaves free."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("a file system can be mounted by root alone, on Linux")

    def leave(free):
        used = shutil.disk_usage(folder).used
        subprocess.run(["mount", "-o", f"remount,size={used + free}", folder], check=True)

    yield folder, leave
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.soak
def test_a_build_on_a_disk_with_any_room_ends_whole_or_not_at_all(disk):
    """No room beside what stands there already, and a mebibyte more at each try, until the build fits."""
    folder, leave = disk
    house = Workspace(folder / "raw", folder / "warehouse", workers=1)
    put_reports(house.raw, 20)
    build_warehouse(house)
    old = content_hashes(house.database)
    put_reports(house.raw, 30)
    for mebibytes in count():
        leave(mebibytes * 2**20)
        process = start(house)
        _, said = process.communicate()
        assert leftovers(house) == ([], [])
        if not process.returncode:
            break
        assert content_hashes(house.database) == old
        assert said.count("\n") == 1
        assert "No space left" in said, said
    assert mebibytes > 10
    fresh = replace(house, warehouse=house.warehouse.with_name("fresh"))
    leave(2**30)
    build_warehouse(fresh)
    assert content_hashes(house.database) == content_hashes(fresh.database) != old
