"""The same files make the same warehouse: whatever their order, the worker count, the batches' size and the threads."""

import os
import subprocess
import sys
from pathlib import Path

from pipelines.load import content_hashes
from pipelines.settings import Workspace
from tests.factory.season import Shares, stream_season
from tests.house import build_warehouse

ROOT = Path(__file__).resolve().parents[1]

# Another machine: one thread, two workers, another order of sets, batches and portions of a few files.
OTHERWISE = """
import sys
from pathlib import Path
from pipelines.load import portions, publish
from pipelines.settings import Workspace
from pipelines.staging import buckets
from tests.house import build_warehouse
if __name__ == "__main__":
    buckets._MOST_FILES = 2
    portions._BATCHES = portions._FILES = 1
    publish._write_page = lambda _, path: path.write_text("page")
    publish.prove_models = lambda *_: None
    build_warehouse(Workspace(Path(sys.argv[1]), Path(sys.argv[2]), workers=2))
"""


def test_order_workers_batches_and_threads_change_nothing(tmp_path, monkeypatch, plain_publish):
    monkeypatch.setattr("tests.factory.season.CONTAINER_SHARES", {"tabs": 1, "html": 1})
    shares = Shares(breach=0.3, torn=0.3, absent=0.1, corrected=0.2, copied=0.2, broken=0.1)
    files = list(stream_season(14, 3, shares))
    one, other = (Workspace(tmp_path / name / "raw", tmp_path / name / "warehouse", workers=1) for name in "ab")
    for house, listed in ((one, files), (other, files[::-1])):
        for file in listed:
            path = house.raw / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
    build_warehouse(one)
    subprocess.run(
        [sys.executable, "-c", OTHERWISE, other.raw, other.warehouse], cwd=ROOT, check=True,
        env={**os.environ, "PYTHONHASHSEED": "4711", "POLARS_MAX_THREADS": "1"},
    )  # fmt: skip
    batches = [len(list((house.staging / "check").rglob("quality.parquet"))) for house in (one, other)]
    assert batches[1] > batches[0]
    assert content_hashes(other.database) == content_hashes(one.database)
