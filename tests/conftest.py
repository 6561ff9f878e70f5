"""What the rooms' tests share: the project's own report as a warehouse, and the marker of the long loops.

Loops marked `soak` run only where they are asked for: `pytest -m soak`. Examples of property tests are the same in
every run, so that a green commit stays green; `make soak` draws new ones, and more of them.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import fsspec
import polars as pl
import pytest
from hypothesis import settings

from pipelines.load import build
from pipelines.load.regions import region_rows
from pipelines.settings import Workspace
from tests.analyst import Season, build_season
from tests.house import build_warehouse, copy_seed, made_once, plainly

ROOT = Path(__file__).resolve().parent.parent
# The files that take longest, the longest first (`pytest --durations`); all others are quicker.
_LONG = (
    "test_ui.py", "test_scan.py", "test_publish_hostile.py", "test_build.py", "test_refresh.py",
    "test_refresh_history.py", "test_ducklake.py", "test_new_edition.py", "test_cluster.py", "test_office.py",
    "test_releases.py", "test_run_broken.py", "test_run.py", "test_publish.py", "test_parallel.py",
    "test_explorer.py", "test_page.py", "test_snapshot.py", "test_same_content.py", "test_review.py",
    "test_code.py", "test_share.py", "test_scale.py", "test_macros.py", "test_architecture.py",
    "test_ducklake_postgres.py", "test_reviews.py", "test_additive.py", "test_automation.py", "test_pdf_hostile.py",
)  # fmt: skip
# For tests that take `url`.
on_every_store = pytest.mark.parametrize("url", ["file", "memory", "s3"], indirect=True)
# The same where nothing depends on what the store is: the slowest in `make soak` only.
on_any_store = pytest.mark.parametrize(
    "url", ["file", "memory", pytest.param("s3", marks=pytest.mark.soak)], indirect=True
)
_PROVINCES = ("41", "31", "37", "42")

# How long an example takes is the machine's business: a test that fails on a busy one proves nothing.
settings.register_profile("gongkai", deadline=None, derandomize=True)
settings.register_profile("soak", deadline=None, derandomize=False, max_examples=1_000, print_blob=True)
settings.load_profile("gongkai")

# What is imported and collected stays to the end: looking through it for garbage again and again finds none.
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "soak: a long loop against chance; `pytest -m soak` runs these alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Long files go first: begun last, one of them would keep one worker busy and leave the other idle.
    order = {name: number for number, name in enumerate(_LONG)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))
    if config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    items[:] = [item for item in items if not item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: a zip holds the time of its making, and all workers must see the same names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def _no_power_cut() -> Iterator[None]:
    """Leave what is written to the system's own time: forced to disk or not, every process sees the same bytes.

    A publish forces a hundred files to disk, which takes longer than writing them where others use the disk too.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(scope="module")  # a session's would outlast the folder that asks for it
def small_map() -> Iterator[None]:
    """Load four provinces and no townships: a tenth of a second a publish instead of one."""
    kept = pl.col("region_code").str.slice(0, 2).is_in(_PROVINCES) & (pl.col("level") != "township")
    small = region_rows().filter(kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "region_rows", lambda: small)
        yield


@pytest.fixture(scope="module")
def plain_publish() -> Iterator[None]:
    """Leave out the page and the models where the test is about neither."""
    with plainly():
        yield


@pytest.fixture(scope="session")
def _s3_server() -> Iterator[str]:
    """A server that speaks S3, on the loopback interface."""
    from moto.server import ThreadedMotoServer  # takes a while to import, and few tests need it

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An address at which nothing stands yet: in memory, or of the kind that the test is parametrized with."""
    kind = getattr(request, "param", "memory")
    if kind == "file":
        yield (tmp_path / "there").as_uri()
    elif kind == "memory":
        yield f"memory://{tmp_path.name}"
        fsspec.filesystem("memory").store.clear()
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("_s3_server"))
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                patch.setenv(name, "anybody")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            files = fsspec.filesystem("s3", skip_instance_cache=True)
            files.mkdir(tmp_path.name)
            yield f"s3://{tmp_path.name}/there"
            files.rm(tmp_path.name, recursive=True)
            type(files).clear_instance_cache()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder for what is made once for all processes of the run."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session")
def seed_warehouse(shared: Path) -> Path:
    """The database that the one raw file of the project makes, built without Dagster."""
    folder = shared / "seed"
    workspace = Workspace(folder / "raw", folder / "warehouse", workers=1)
    with made_once(folder) as is_new:
        if is_new:
            copy_seed(workspace.raw)
            build_warehouse(workspace)
    return workspace.database


@pytest.fixture(scope="session")
def season(shared: Path) -> Season:
    """The season for analysts."""
    return build_season(shared / "analyst-season")
