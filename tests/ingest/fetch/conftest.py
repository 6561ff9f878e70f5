"""A site, a clock that costs no time, and a run over them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipelines.ingest.fetch import FetchRun, FetchSettings, fetch_reports, load_sources
from pipelines.ingest.fetch.guard import GuardedTransport
from pipelines.read import detect_format
from pipelines.settings import ReadLimits, Workspace
from schemas.validation import validate_frame
from tests.ingest.fetch.site import HOST, FakeClock, Site

# No real waiting between attempts; everything else waits by the fake clock.
QUICK = FetchSettings(delay_seconds=2.0, attempts=3, backoff_seconds=0.0, allowed_hosts=(HOST, "other.test"))
HEADER = "source,agency,family,url,pattern,from_year,to_year"


def resolve(host: str, _port: int) -> list[str]:
    """Every name is this machine: nothing ever leaves it."""
    return [host if host.replace(".", "").isdigit() else "127.0.0.1"]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def site(clock: FakeClock) -> Iterator[Site]:
    with Site(clock).running() as opened:
        yield opened


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "raw").mkdir()
    return Workspace(tmp_path / "raw", tmp_path / "warehouse", ReadLimits(file_bytes=200_000), workers=1)


Fetch = Callable[..., FetchRun]


@pytest.fixture
def fetch(workspace: Workspace, clock: FakeClock) -> Fetch:
    """Run over the lines of a list; `settings` are changes to the quick ones."""

    def run(*lines: str, years: tuple[str, ...] | None = None, **settings: object) -> FetchRun:
        workspace.sources.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        chosen = replace(QUICK, **settings)  # type: ignore[arg-type]
        done = fetch_reports(
            workspace, load_sources(workspace.sources), chosen, detect_format, years=years,
            transport=GuardedTransport(chosen, resolve), clock=clock,
        )  # fmt: skip
        validate_frame("fetch_outcomes", done.outcomes)
        validate_frame("fetch_results", done.results)
        return done

    return run


def by_path(run: FetchRun) -> dict[str, str]:
    """The outcome of each address, by its path on the site; a failure by its reason."""
    path = pl.col("url").str.replace(r"^https?://[^/]+", "")
    told = run.outcomes.select(path, pl.coalesce("reason_code", "outcome"))
    return dict(told.iter_rows())


def raw_files(workspace: Workspace) -> list[Path]:
    """Every raw file, without sidecars."""
    return sorted(p for p in workspace.raw.rglob("*") if p.is_file() and not p.name.endswith(".meta.json"))
