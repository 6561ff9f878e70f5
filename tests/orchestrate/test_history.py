"""Dagster's history while a build holds it open."""

import sqlite3
from types import SimpleNamespace

import dagster as dg
import pytest
import sqlalchemy
from dagster._core.storage import sql
from dagster._core.storage.runs.sqlite import sqlite_run_storage
from sqlalchemy.exc import OperationalError

from pipelines.errors import WarehouseError
from pipelines.orchestrate import history


def test_a_file_of_the_history_has_one_engine_for_all_its_statements(tmp_path, monkeypatch):
    made = []

    def count(url, **options):
        made.append(url)
        return sqlalchemy.create_engine(url, **options)

    monkeypatch.setattr(history, "create_engine", count)
    with history.held_open(), dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        for number in range(5):
            instance.report_runless_asset_event(dg.AssetMaterialization("figures", partition=str(number)))
            instance.add_dynamic_partitions("years", [str(number)])
        assert len(instance.fetch_materializations(dg.AssetKey("figures"), limit=9).records) == 5
        assert instance.get_dynamic_partitions("years") == [str(number) for number in range(5)]
    assert len(made) > 1
    assert len(made) == len(set(made))
    assert vars(sqlite_run_storage)["create_engine"] is sqlalchemy.create_engine


def test_connections_are_used_again_and_closed_at_the_end(tmp_path):
    opened = []

    def note(connection, _):
        opened.append(connection)

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", note)
    with history.held_open(), dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        instance.add_dynamic_partitions("years", ["0"])
        before = len(opened)
        for number in range(1, 9):
            instance.add_dynamic_partitions("years", [str(number)])
        assert len(opened) == before
    sqlalchemy.event.remove(sqlalchemy.Engine, "connect", note)
    assert not list(tmp_path.rglob("*-wal"))  # the last to close a file writes its log into it
    assert all(is_closed(connection) for connection in opened)


def is_closed(connection):
    try:
        connection.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def test_the_migrations_are_read_once(tmp_path, monkeypatch):
    real, read = vars(sql)["ScriptDirectory"], []

    def count(config):
        read.append(config)
        return real.from_config(config)

    monkeypatch.setattr(sql, "ScriptDirectory", SimpleNamespace(from_config=count))
    with history.held_open():
        for _ in range(2):
            dg.DagsterInstance.local_temp(str(tmp_path)).dispose()
    assert len(read) == 1


def test_a_history_that_finds_no_room_is_one_line(tmp_path):
    with pytest.raises(WarehouseError, match=r"cannot be written \(database or disk is full\)"):
        fill_history(tmp_path / "history.db")


def test_dagster_prints_nothing_of_its_own_beside_that_line(tmp_path, monkeypatch, capfd):
    @dg.job
    def empty():
        pass

    def find_no_room(*_, **__):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        monkeypatch.setattr(instance, "handle_new_event", find_no_room)
        with pytest.raises(WarehouseError, match="disk is full"), history.held_open():
            empty.execute_in_process(instance=instance)
    assert "Exception while writing" not in capfd.readouterr().err


def fill_history(path):
    """Write more into a file of the history than there is room for."""
    with history.held_open():
        engine = vars(sqlite_run_storage)["create_engine"](f"sqlite:///{path}")
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 2")
            for number in range(9):
                connection.exec_driver_sql(f"CREATE TABLE t{number} (text)")
