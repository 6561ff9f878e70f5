"""A refresh says the same as a whole build, whatever has changed, and leaves what has not changed alone."""

import errno
import os
import shutil

import duckdb
import polars as pl
import pytest

from pipelines.errors import WarehouseError
from pipelines.load import build, content_hashes, publish_warehouse, refresh
from pipelines.load import fill as fill_module
from pipelines.load.portions import BY_REPORT
from pipelines.staging import store
from schemas.ddl import warehouse_tables
from schemas.vocabulary import Stage
from tests.load.staged import FakeFile, request, stage_files, workspace_in

YEARS = range(2014, 2020)

pytestmark = pytest.mark.usefixtures("plain_publish")


@pytest.fixture(scope="module")
def published(plain_publish, _small_map, tmp_path_factory):
    """A house of the whole corpus, built once; each test changes a copy."""
    house = workspace_in(tmp_path_factory.mktemp("published"))
    restage(house, corpus())
    assert not publish_warehouse(house).is_refreshed
    return house


@pytest.fixture
def house(published, tmp_path):
    shutil.copytree(published.raw.parent, tmp_path / "house", symlinks=True)
    return workspace_in(tmp_path / "house")


def name_agency(name, year):
    """Name an agency that reports for two years: what the years say of each other is a matter of both."""
    return f"{name}{year // 2}局"


def reports(year, **changed):
    facts = {"figures": request("granted", 1, 2), **changed}
    return [FakeFile(f"{year}/{name}.html", name_agency(name, year), year, **facts) for name in "甲乙"]


def corpus():
    """Six years with news, and one of many reports without: what changes is a small part of the whole."""
    return {2010: [FakeFile(f"2010/{n}.html", f"{n}局", 2010) for n in range(24)]} | {y: reports(y) for y in YEARS}


def restage(house, years):
    for year, fakes in years.items():
        stage_files(house, [*fakes, FakeFile(f"{year}/z.html", f"{year}局", year)])


def corrected(year):
    changed, other = reports(year)
    changed.figures = request("granted", 7, 9)
    return [changed, other]


def without_one(year):
    return reports(year)[:1]


def rejected(year):
    changed, other = reports(year)
    changed.ingest_reason = "empty_file"
    return [changed, other]


def another_version(year):
    first, other = reports(year)
    later = FakeFile(f"{year}/甲更正.html", name_agency("甲", year), year, figures=request("granted", 5, 5))
    return [first, later, other]


def conflicting_version(year):
    first, other = reports(year)
    return [first, FakeFile(f"{year}/丁.html", name_agency("甲", year), year, figures=request("granted", 4, 4)), other]


def another_agency(year):
    first, other = reports(year)
    first.agency = "丙局"
    return [first, other]


CHANGES = {
    2015: corrected(2015), 2017: without_one(2017), 2019: rejected(2019), 2014: another_version(2014),
    2016: another_agency(2016), 2018: conflicting_version(2018),
}  # fmt: skip


@pytest.mark.parametrize("at_once", [2, pytest.param(1, marks=pytest.mark.soak)])
def test_a_refresh_says_what_a_whole_build_says_and_so_does_the_way_back(tmp_path, house, monkeypatch, at_once):
    """One change after the other, each in a year of its own that no later refresh makes again; then back, two at once.

    Whatever a refresh makes wrongly, or fails to make, is still there when all are held against a whole build.
    """
    said = [content_hashes(house.database)]
    for year, fakes in CHANGES.items():
        restage(house, {year: fakes})
        summary = publish_warehouse(house)
        assert summary.is_refreshed, year
        assert_twins_follow(house, summary)
        said.append(content_hashes(house.database))
    other = workspace_in(tmp_path / "other")
    restage(other, corpus() | CHANGES)
    assert not publish_warehouse(other).is_refreshed
    assert content_hashes(other.database) == said[-1]

    years = list(CHANGES)
    monkeypatch.setattr(refresh, "_MOST_SHARE", 1.0)  # two are more than what is refreshed else
    while years:
        years, back = years[:-at_once], years[-at_once:]
        restage(house, {year: reports(year) for year in back})
        assert publish_warehouse(house).is_refreshed, back
        assert content_hashes(house.database) == said[len(years)] != content_hashes(other.database), back


def assert_twins_follow(house, summary):
    with duckdb.connect(str(house.database), read_only=True) as connection:
        for spec in warehouse_tables():
            twin = pl.read_parquet(house.parquet / f"{spec.name}.parquet")
            rows = connection.execute(f"FROM {spec.name}").fetchall()
            assert sorted(twin.rows(), key=repr) == sorted(rows, key=repr), spec.name
            assert summary.rows[spec.name] == len(rows)


def test_a_refresh_opens_and_writes_what_has_changed_only(house, monkeypatch):
    """Two versions that contradict each other as they did before are nothing that has changed."""
    restage(house, {2018: conflicting_version(2018)})
    publish_warehouse(house)
    with duckdb.connect(str(house.database), read_only=True) as connection:
        found = connection.execute("SELECT DISTINCT reason_code FROM finding").fetchall()
    assert ("conflicting_versions",) in found
    before = inodes(house.parquet)
    made = []

    def make_rows(fill, portion, **rest):
        made.append(portion.batches)
        fill_module.make_rows(fill, portion, **rest)

    monkeypatch.setattr(refresh, "make_rows", make_rows)
    restage(house, {2015: corrected(2015)})
    publish_warehouse(house)
    assert made == [("2015/0000-of-0001",)]
    after = inodes(house.parquet)
    anew = {path.as_posix() for path, inode in after.items() if before.get(path) != inode}
    parts = {f"{name}.parquet/2015-0000-of-0001.parquet" for name in BY_REPORT}
    # The file is made of other figures, and all that the small tables say of it is what it was.
    assert anew == parts | {f"{name}.parquet" for name in refresh._REPLACED}


def inodes(folder):
    return {path.relative_to(folder): path.stat().st_ino for path in folder.rglob("*.parquet") if path.is_file()}


def test_much_that_has_changed_is_built_whole(house):
    restage(house, {year: corrected(year) for year in YEARS})
    assert not publish_warehouse(house).is_refreshed


def test_refreshes_end_in_a_whole_build(house, monkeypatch):
    monkeypatch.setattr(refresh, "_MOST_REFRESHES", 1)
    kinds = []
    for figures in (2, 3, 4):
        restage(house, {2015: reports(2015, figures=request("granted", figures))})
        kinds.append(publish_warehouse(house).is_refreshed)
    assert kinds == [True, False, True]


def test_another_decision_is_built_whole(house):
    (house.raw.parent / "agencies.csv").write_text("agency_name,from_year,to_year\n")
    assert not publish_warehouse(house).is_refreshed


def test_a_refresh_that_does_not_prove_itself_leaves_the_old_warehouse(house, monkeypatch):
    before = content_hashes(house.database)
    restage(house, {2015: corrected(2015)})
    monkeypatch.setattr(refresh, "enter_rows", lambda *_: None)
    with pytest.raises(WarehouseError, match=r"reported_cell: [0-9]+ rows, but [0-9]+ are expected"):
        publish_warehouse(house)
    assert content_hashes(house.database) == before


def test_from_nothing_to_one_file_and_back(tmp_path):
    house = workspace_in(tmp_path)
    publish_warehouse(house)
    empty = content_hashes(house.database)
    restage(house, {2015: reports(2015)})
    summary = publish_warehouse(house)
    assert not summary.is_refreshed
    assert_twins_follow(house, summary)
    for stage in Stage:
        folder = store.partition_folder(house, stage, "2015")
        if folder.exists():
            store.remove_partition(folder)
    summary = publish_warehouse(house)
    assert not summary.is_refreshed
    assert_twins_follow(house, summary)
    assert content_hashes(house.database) == empty


def test_every_table_is_made_by_files_made_again_or_decided_by_the_code_alone():
    """A table that is none of these would go stale in every refresh."""
    names = [spec.name for spec in warehouse_tables()]
    fixed = build._fixed_tables()
    assert sorted([*BY_REPORT, *refresh._CHANGED, *refresh._REPLACED, *fixed]) == sorted(names)


@pytest.mark.parametrize(
    "error", [AttributeError("copy_file_range"), OSError(errno.EXDEV, "Invalid cross-device link")]
)
def test_a_system_that_cannot_share_blocks_copies(tmp_path, monkeypatch, error):
    def refuse(*_):
        raise error

    monkeypatch.setattr(os, "copy_file_range", refuse)
    (tmp_path / "old").write_bytes(b"x" * 10_000)
    refresh.copy_database(tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"x" * 10_000
