"""The published tables in a DuckLake: what changed, in one snapshot; the one before stays readable."""

from collections import Counter
from contextlib import contextmanager

import duckdb
import pytest

from pipelines.errors import UsageError, WarehouseError
from pipelines.load import ducklake, lake_storage
from pipelines.load.ducklake import open_lake, publish_to_lake
from pipelines.load.lake_storage import open_storage
from pipelines.staging.remote import RemoteFolder
from schemas.ddl import warehouse_tables
from tests.load.staged import workspace_in

pytest.importorskip("duckdb_extension_ducklake", reason="the extension's wheel is for the locked DuckDB only")

TABLES = tuple(spec.name for spec in warehouse_tables())


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """Where the tests share a lake, whatever the one before has left in it: each begins by publishing to it."""
    folder = tmp_path_factory.mktemp("lake")
    return str(folder / "catalog.ducklake"), str(folder / "data")


@pytest.fixture(scope="module")
def reading():
    """One reader's connection: to load the extension into another each time takes longer than to ask."""
    with duckdb.connect(":memory:") as connection:
        yield connection


@pytest.fixture
def opened(reading):
    @contextmanager
    def open_for_reading(catalog, data=""):
        open_storage(reading, data)
        open_lake(reading, catalog)
        try:
            yield reading
        finally:
            reading.execute("DETACH lake")

    return open_for_reading


@pytest.fixture
def differing(opened):
    """Return the tables of which the lake has other rows than the published file."""

    def compare(workspace, catalog, names=TABLES, data=""):
        with opened(catalog, data) as connection:
            connection.execute(f"ATTACH '{workspace.database}' AS published (READ_ONLY)")

            def rows(name):
                return Counter(connection.execute(f"FROM {name}").fetchall())

            found = [name for name in names if rows(f"lake.{name}") != rows(f"published.{name}")]
            connection.execute("DETACH published")
            return found

    return compare


@pytest.fixture
def granted(opened):
    """Return (year, value) of the figure in question, now or in a snapshot."""

    def ask(catalog, version=None):
        at = f" AT (VERSION => {version})" if version is not None else ""
        query = f"SELECT year, requests FROM lake.fact_request_outcome{at} WHERE requests > 2 ORDER BY ALL"
        with opened(catalog) as connection:
            return connection.execute(query).fetchall()

    return ask


def test_two_publishes_are_two_snapshots_and_the_first_stays_readable(releases, lake, differing, granted):
    first, second = releases(7), releases(8)
    one = publish_to_lake(first, *lake)
    assert differing(first, lake[0]) == []
    two = publish_to_lake(second, *lake)
    assert differing(second, lake[0]) == []
    assert granted(lake[0], one.snapshot) == [(2021, 7.0)]
    assert granted(lake[0]) == [(2021, 8.0)]
    # Only what says something else was replaced: nothing of 2020 and no list of codes; all of it in one transaction.
    assert ("fact_request_outcome", "2021") in two.replaced
    assert not [key for key in two.replaced if key[1] == "2020" or key[0] == "dim_applicant"]
    assert two.snapshot == one.snapshot + 1
    assert publish_to_lake(second, *lake).replaced == ()


def test_what_is_gone_from_the_warehouse_goes_from_the_lake(releases, lake, differing):
    publish_to_lake(releases(7), *lake)
    publish_to_lake(releases(7, (2021,)), *lake)
    assert differing(releases(7, (2021,)), lake[0]) == []


def test_writers_of_other_years_share_a_lake(releases, tmp_path, differing):
    older, newer = releases(7, (2020,)), releases(7, (2021,))
    catalog, data = str(tmp_path / "catalog.ducklake"), str(tmp_path / "data")
    publish_to_lake(older, catalog, data, years=("2020",))
    publish_to_lake(newer, catalog, data, years=("2021",))
    publish_to_lake(older, catalog, data, years=("2020",))
    whole = releases(7)
    shared = ("dim_report", "fact_request_outcome", "reported_cell", "report_summary", "dim_region")
    assert differing(whole, catalog, shared) == []


def test_views_and_comments_are_there(releases, lake, opened):
    publish_to_lake(releases(7), *lake)
    with opened(lake[0]) as connection:
        about = "SELECT comment FROM duckdb_{}() WHERE database_name = 'lake' AND {} ORDER BY 1"
        tables = connection.execute(about.format("tables", "table_name = 'dim_report'")).fetchall()
        columns = connection.execute(
            about.format("columns", "table_name = 'dim_report' AND comment IS NULL")
        ).fetchall()
        assert "|" in tables[0][0]
        assert columns == []
        assert connection.execute("SELECT count(*) FROM lake.agency_year").fetchall() == [(4,)]


def test_a_publish_that_fails_leaves_the_lake_as_it_was(releases, lake, monkeypatch, differing):
    one = publish_to_lake(releases(7), *lake)

    def broken(*_arguments):
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr(ducklake, "_write_kept", broken)
    with pytest.raises(WarehouseError, match=r"as it was: .*No space left"):
        publish_to_lake(releases(8), *lake)
    assert differing(releases(7), lake[0]) == []
    monkeypatch.undo()
    assert publish_to_lake(releases(7), *lake).snapshot == one.snapshot


@pytest.mark.parametrize("url", ["memory", "s3"], indirect=True)
def test_the_data_are_at_any_address(releases, url, tmp_path, differing):
    catalog = str(tmp_path / "catalog.ducklake")
    publish_to_lake(releases(7), catalog, url)
    assert publish_to_lake(releases(8), catalog, url).replaced
    assert {entry.key.rpartition(".")[2] for entry in RemoteFolder(url).list()} == {"parquet"}
    assert differing(releases(8), catalog, data=url) == []


def test_what_cannot_be_opened_is_said_in_one_line(releases, lake, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="no warehouse"):
        publish_to_lake(workspace_in(tmp_path / "empty"), *lake)
    (tmp_path / "nonsense.ducklake").write_bytes(b"x" * 5_000)
    with pytest.raises(UsageError, match="cannot be opened"):
        publish_to_lake(releases(7), str(tmp_path / "nonsense.ducklake"), lake[1])
    monkeypatch.setattr(lake_storage, "find_spec", lambda _name: None)
    with duckdb.connect(config={"extension_directory": str(tmp_path / "none")}) as connection:
        connection.execute("SET custom_extension_repository = 'http://127.0.0.1:1'")
        with pytest.raises(UsageError, match="duckdb-extension-ducklake==") as refused:
            lake_storage.load_extension(connection, "ducklake")
    assert "\n" not in str(refused.value)
