"""The whole way from raw files to the published warehouse without Dagster, for tests that are about something else."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from pipelines.ingest import take_inventory
from pipelines.load import PublishSummary, publish, publish_warehouse
from pipelines.orchestrate.plan import STAGES
from pipelines.settings import Workspace
from pipelines.staging import list_partitions, run_stage

ROOT = Path(__file__).resolve().parents[1]
# The one raw file that comes with the project; whoever adds others beside it runs the same tests.
SEED = ROOT / "data/raw/2021/卫东区政府办2021年政府信息公开工作年度报告.md"


def copy_seed(raw: Path) -> Path:
    """Copy the first real report into a folder of raw files, under its year, and return where it is."""
    (raw / "2021").mkdir(parents=True)
    return Path(shutil.copy2(SEED, raw / "2021"))


@contextmanager
def made_once(folder: Path) -> Iterator[bool]:
    """Tell whether what belongs below `folder` is still to be made; another process that asks waits until it is."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not (folder / "done").exists()
        (folder / "done").touch()


@contextmanager
def plainly() -> Iterator[None]:
    """Publish without the page and the models, which take most of a small publish."""
    with (
        patch.object(publish, "_write_page", lambda _, path: path.write_text("page")),
        patch.object(publish, "prove_models", lambda *_: None),
    ):
        yield


def run_stages(house: Workspace) -> None:
    """Bring every stage before the publish up to date, in every partition."""
    take_inventory(house)
    for partition in list_partitions(house):
        for stage in STAGES:
            run_stage(house, stage, partition)


def build_warehouse(house: Workspace) -> PublishSummary:
    """Bring every stage up to date and publish."""
    run_stages(house)
    return publish_warehouse(house)
