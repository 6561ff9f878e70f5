"""What is published, what makes a release another, and what stops one."""

import os
from multiprocessing import active_children

import duckdb
import pytest

from pipelines.errors import WarehouseError
from pipelines.load import LoadLimits, content_hashes, proofs, publish, publish_warehouse
from pipelines.load.record import fingerprint_base
from pipelines.staging import map_files, store
from schemas.ddl import Proof, warehouse_tables
from schemas.vocabulary import Stage
from tests.load.publishing import assert_tidy, assert_untouched, files
from tests.load.staged import FakeFile, stage_files, workspace_in

pytestmark = pytest.mark.usefixtures("quick_publish")


def test_workers_give_their_memory_back_before_a_release_is_built(workspace):
    stage_files(workspace, files(2))
    assert list(map_files(abs, [-1, -2], workers=2)) == [1, 2]
    assert active_children()
    publish_warehouse(workspace)
    assert not active_children()


def test_a_broken_promise_stops_the_publish_and_is_named(workspace, monkeypatch):
    before = workspace.database.read_bytes()
    stage_files(workspace, files(2))
    broken = Proof("meta_release", "no release", "SELECT count(*) FROM meta_release")
    monkeypatch.setattr(proofs, "_proofs", lambda *, of_portions: () if of_portions else (broken,))
    with pytest.raises(WarehouseError, match=r"not published: meta_release: no release: [0-9]+ rows break it"):
        publish_warehouse(workspace)
    assert_untouched(workspace, before)


def test_a_staged_value_outside_its_list_does_not_reach_the_warehouse(workspace):
    stage_files(workspace, [FakeFile("2021/a.html", figures={}, findings=((Stage.READ, "no_such_reason"),))])
    with pytest.raises(WarehouseError, match="finding: values of reason_code: 1 rows break it"):
        publish_warehouse(workspace)


def test_a_stage_that_is_behind_stops_the_publish(workspace):
    store.remove_partition(store.partition_folder(workspace, Stage.CHECK, "2021"))
    with pytest.raises(WarehouseError, match="stage check is not up to date for 2021"):
        publish_warehouse(workspace)


def test_the_twins_before_stay_for_one_publish(workspace):
    first = workspace.parquet.resolve()
    for number, expected in enumerate((True, False), start=2):
        stage_files(workspace, files(number))
        publish_warehouse(workspace)
        assert workspace.parquet.resolve() != first
        assert first.exists() is expected


def test_a_warehouse_copied_without_its_links_publishes_again(workspace):
    release = workspace.parquet.resolve()
    workspace.parquet.unlink()
    release.rename(workspace.parquet)
    stage_files(workspace, files(2))
    publish_warehouse(workspace)
    assert workspace.parquet.is_symlink()
    assert (workspace.parquet / "dim_year.parquet").exists()


def test_the_same_again_is_not_published_again(workspace):
    before = {path: path.stat() for path in (workspace.database, *workspace.parquet.rglob("*.parquet"))}
    before = {path: stat for path, stat in before.items() if path.is_file()}
    summary = publish_warehouse(workspace)
    assert summary.is_unchanged
    assert {path: path.stat() for path in before} == before
    assert summary.files == {"loaded": 3, "duplicate": 0, "superseded": 0, "rejected": 0}
    assert set(summary.rows) == {spec.name for spec in warehouse_tables()}
    with duckdb.connect(str(workspace.database), read_only=True) as connection:
        for name, rows in summary.rows.items():
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (rows,)


def _write(workspace):
    with duckdb.connect(str(workspace.database)) as connection:
        connection.execute("UPDATE fact_request_flow SET new_received = 999")


@pytest.mark.parametrize(
    "change",
    [
        lambda house: stage_files(house, files(2)),
        _write,
        lambda house: os.truncate(house.database, house.database.stat().st_size - 1),
        lambda house: house.database.unlink(),
        lambda house: (house.parquet / "dim_year.parquet").unlink(),
        lambda house: house.parquet.unlink(),
        lambda house: house.quality_page.unlink(),
        lambda house: (house.warehouse / ".published.json").write_text("{"),
        lambda house: publish.log_of(house.database).touch(),
        lambda house: (house.raw.parent / "agencies.csv").write_text("agency_name,from_year,to_year\n"),
        lambda house: (house.reviews.mkdir(), (house.reviews / "more.csv").write_text("x")),
    ],
    ids=["staged", "written", "cut", "gone", "twin", "link", "page", "record", "log", "list", "decision"],
)
def test_what_makes_a_release_another(workspace, change):
    limits = LoadLimits()
    assert publish.is_published(workspace, limits)
    change(workspace)
    assert not publish.is_published(workspace, limits)


def test_a_release_is_another_once_a_season_is_over_or_the_code_has_changed(workspace, monkeypatch):
    limits = LoadLimits(last_season=2020)
    first = fingerprint_base(workspace, limits)
    assert fingerprint_base(workspace, limits) == first
    assert fingerprint_base(workspace, LoadLimits(last_season=2021)) != first
    monkeypatch.setattr("pipelines.staging.fingerprint._STAGING_VERSION", "another")
    assert fingerprint_base(workspace, limits) != first


def test_a_warehouse_that_somebody_wrote_to_is_published_again(workspace):
    before = content_hashes(workspace.database)
    _write(workspace)
    assert not publish_warehouse(workspace).is_unchanged
    assert content_hashes(workspace.database) == before
    assert_tidy(workspace)


def test_a_path_with_quotes_and_spaces(tmp_path):
    house = workspace_in(tmp_path / "it's a [house] *")
    stage_files(house, files(1))
    publish_warehouse(house, LoadLimits(memory="256MB"))
    with duckdb.connect(str(house.database), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM dim_report").fetchone() == (3,)
