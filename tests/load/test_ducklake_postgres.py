"""Several writers at once on one lake, whose catalog is a real Postgres server."""

import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from pipelines.load.ducklake import open_lake, publish_to_lake

pytest.importorskip("duckdb_extension_ducklake", reason="the extension's wheel is for the locked DuckDB only")
pytest.importorskip(
    "duckdb_extension_postgres_scanner", reason="DuckDB's extension for Postgres is not installed as a wheel"
)

SERVERS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))


@pytest.fixture
def catalog(tmp_path_factory):
    """Return the catalog's address on a server of our own that listens on a socket only."""
    if not SERVERS:
        pytest.skip("no Postgres server is installed")
    tools, folder = SERVERS[-1].parent, tmp_path_factory.mktemp("pg")
    # Postgres refuses to run as root; as nobody it needs a folder that nobody can reach.
    is_root = os.geteuid() == 0
    if is_root:
        folder = Path(tempfile.mkdtemp(prefix="gongkai-postgres-"))
        shutil.chown(folder, "nobody")
    as_nobody = ["setpriv", "--reuid=nobody", "--clear-groups"] if is_root else []

    def run(*command):
        subprocess.run(
            [*as_nobody, *command], check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    try:
        run(tools / "initdb", "--no-sync", "-D", folder / "data", "-U", "lake", "-A", "trust")
        options = f"-c listen_addresses='' -c fsync=off -k {folder}"
        run(tools / "pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start")
        try:
            yield f"postgres:dbname=postgres host={folder} user=lake"
        finally:
            run(tools / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_writers_at_once_lose_nothing(releases, catalog, tmp_path):
    data = str(tmp_path / "data")
    publish_to_lake(releases(7), catalog, data)
    writers = [(releases(8, (2021,)), ("2021",)), (releases(7, (2020,)), ("2020",)), (releases(8, (2021,)), ("2021",))]
    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(publish_to_lake, there, catalog, data, years) for there, years in writers[:2]]
        for future in done:
            future.result()
    # Of its year all is there; of the agencies, which both speak of, the lake says what the later of the two says.
    again = publish_to_lake(writers[2][0], catalog, data, years=("2021",))
    assert set(again.replaced) <= {("dim_agency", ""), ("dim_agency_alias", "")}
    with duckdb.connect(":memory:") as connection:
        open_lake(connection, catalog)
        found = connection.execute("SELECT year, count(*), max(requests) FROM lake.fact_request_outcome GROUP BY ALL")
        assert sorted((year, most) for year, _, most in found.fetchall()) == [(2020, 2.0), (2021, 8.0)]
