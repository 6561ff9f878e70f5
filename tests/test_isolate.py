"""A document at which our own code fails is one rejected file, and no other report waits for it."""

from dataclasses import replace

import duckdb
import polars as pl
import pytest

from pipelines.check.across import check_across
from pipelines.check.engine import evaluate_rules
from pipelines.load import publish_warehouse
from pipelines.normalize.identity.reports import identify_reports
from pipelines.settings import Workspace
from schemas.entry import SchemaDataError
from tests.house import SEED, plainly, run_stages

AGENCIES = ("卫东区", "鼓楼区", "新华区", "湛河区", "石龙区")


@pytest.fixture
def house(tmp_path):
    (tmp_path / "raw/2021").mkdir(parents=True)
    for name in AGENCIES:
        text = SEED.read_text(encoding="utf-8").replace("卫东区", name)
        (tmp_path / f"raw/2021/{name}.md").write_text(text, encoding="utf-8")
    return Workspace(tmp_path / "raw", tmp_path / "warehouse", workers=1)


def publish(house: Workspace) -> dict[str, tuple[str, str | None, str | None, str | None]]:
    """Build and return status, stage, reason code and reason of each file."""
    run_stages(house)
    with plainly():
        publish_warehouse(house)
    with duckdb.connect(str(house.database), read_only=True) as connection:
        rows = connection.execute("SELECT path, status, stage, reason_code, reason FROM source_file").fetchall()
    return {path.removeprefix("2021/").removesuffix(".md"): tuple(rest) for path, *rest in rows}


def failing(function, name, error):
    """Return a function that fails where a batch holds the document of one agency."""

    def fail(files, *facts, **named):
        if files["path"].str.contains(name).any():
            raise error
        return function(files, *facts, **named)

    return fail


@pytest.mark.parametrize("error", [ValueError("no such\nthing"), RecursionError(), pl.exceptions.PanicException("oh")])
def test_a_document_at_which_a_stage_fails_stops_no_other(house, monkeypatch, error):
    monkeypatch.setattr("pipelines.normalize.stage.identify_reports", failing(identify_reports, "新华区", error))
    states = publish(house)
    status, stage, code, reason = states.pop("新华区")
    assert (status, stage, code) == ("rejected", "normalize", "internal_error")
    assert reason is not None
    assert type(error).__name__ in reason
    assert "\n" not in reason
    assert {state[0] for state in states.values()} == {"loaded"}
    monkeypatch.undo()


def test_a_stage_that_makes_nothing_of_several_documents_is_broken_itself(house, monkeypatch):
    monkeypatch.setattr("pipelines.normalize.stage.identify_reports", failing(identify_reports, "区", KeyError("x")))
    with pytest.raises(KeyError):
        run_stages(house)


def test_a_stage_whose_rows_all_break_their_frame_is_broken_itself(house, monkeypatch):
    def twice(figures, reports):
        found = evaluate_rules(figures, reports)
        return replace(found, quality=pl.concat([found.quality, found.quality]))

    monkeypatch.setattr("pipelines.check.stage.evaluate_rules", twice)
    with pytest.raises(SchemaDataError, match="stage check breaks the frames of every file"):
        run_stages(house)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError(), SchemaDataError("rules")])
def test_what_is_no_documents_fault_sets_none_aside(house, monkeypatch, error):
    monkeypatch.setattr("pipelines.normalize.stage.identify_reports", failing(identify_reports, "新华区", error))
    with pytest.raises(type(error)):
        run_stages(house)


def test_rows_that_break_their_frame_set_their_file_aside(house, monkeypatch):
    def twice(figures, reports):
        found = evaluate_rules(figures, reports)
        first = reports["file_id"].min()
        again = found.quality.filter(pl.col("file_id") == first).head(1)
        return replace(found, quality=pl.concat([found.quality, again]))

    monkeypatch.setattr("pipelines.check.stage.evaluate_rules", twice)
    states = publish(house)
    rejected = [state for state in states.values() if state[0] != "loaded"]
    assert [state[:3] for state in rejected] == [("rejected", "check", "schema_violation")]
    assert "quality" in str(rejected[0][3])


def test_what_is_said_twice_across_years_is_left_out_and_told(house, monkeypatch):
    def twice(digests, reports):
        found = check_across(digests, reports)
        return {**found, "quality": pl.concat([found["quality"], found["quality"].head(1)])}

    monkeypatch.setattr("pipelines.check.stage_series.check_across", twice)
    assert {state[0] for state in publish(house).values()} == {"loaded"}
    with duckdb.connect(str(house.database), read_only=True) as connection:
        query = "SELECT severity, message FROM finding WHERE reason_code = 'schema_violation'"
        [(severity, message)] = connection.execute(query).fetchall()
    assert severity == "error"
    assert "quality" in message
