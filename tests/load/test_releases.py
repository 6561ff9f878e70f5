"""Releases: kept from publish to publish, compared row by row, and told to whoever subscribes."""

import csv
import json
import shutil
from dataclasses import replace
from xml.etree import ElementTree as ET

import duckdb
import pytest

from pipelines.cli import main
from pipelines.errors import WarehouseError
from pipelines.load import changelog, compare, content_hashes, publish, publish_warehouse, refresh
from pipelines.load.changelog import FEED, PAGE, update_changelog
from pipelines.load.compare import compare_releases
from schemas.vocabulary import ChangeReason, RowChange
from tests.load.staged import FakeFile, request, stage_files, workspace_in

YEARS = (2012, 2019, 2020, 2021)


def report(agency, year, granted=2, **rest):
    figures = request("granted", granted, 1, total=granted + 1) | request("new_received", 5, total=5)
    return FakeFile(f"{year}/{agency}.html", f"{agency}局", year, figures=figures, **rest)


def stage(house, years=YEARS, **changed):
    for year in years:
        names = "戊" if year == 2012 else "甲乙"  # a year that nothing of the others touches
        fakes = changed.get(f"y{year}", [report(name, year) for name in names])
        stage_files(house, [*fakes, *([report("丁", year)] if year != 2012 else [])])


CHANGED = [report("甲", 2020, 7, content="corrected"), report("丙", 2020)]  # 乙 is gone


@pytest.fixture(scope="module", autouse=True)
def _quick():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publish, "_write_page", lambda _, path: path.write_text("page"))
        patch.setattr(publish, "prove_models", lambda *_: None)
        patch.setattr(refresh, "_MOST_SHARE", 0.9)  # so that one year of three is few, and refreshed
        yield


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A house with two releases: in the second one file was corrected, one is new and one is gone."""
    house = workspace_in(tmp_path_factory.mktemp("house"))
    stage(house)
    publish_warehouse(house)
    shutil.copy(house.database, house.warehouse / "first.duckdb")
    first = update_changelog(house)
    assert [entry.compared_with for entry in first] == [None]
    stage(house, [2020], y2020=CHANGED)
    assert publish_warehouse(house).is_refreshed
    return house


@pytest.fixture(scope="module")
def first(house):
    return house.warehouse / "first.duckdb"


def ask(path, query):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def summary(old, new, where="true"):
    with compare_releases(old, new) as connection:
        return connection.execute(f"""
            SELECT table_name, agency_name, year, added, removed, changed, reasons FROM change_summary
            WHERE {where} ORDER BY ALL""").fetchall()


def test_each_publish_is_a_release_and_those_before_are_kept(house, first):
    releases = ask(house.database, "SELECT release_number, is_current, file_count FROM meta_release ORDER BY 1")
    assert releases == [(1, False, 10), (2, True, 10)]
    [(before, code)] = ask(first, "SELECT release_id, code_hash FROM meta_release")
    rows = ask(house.database, "SELECT release_id, code_hash, released_at IS NOT NULL FROM meta_release ORDER BY 1")
    assert (before, code, True) in rows
    assert len({release for release, *_ in rows}) == 2
    assert {found for _, found, _ in rows} == {code}


def test_an_unchanged_warehouse_is_no_release(house):
    assert publish_warehouse(house).is_unchanged
    assert ask(house.database, "SELECT count(*) FROM meta_release") == [(2,)]


def test_what_a_release_says_does_not_depend_on_when_or_after_what_it_was_made(house, tmp_path):
    other = workspace_in(tmp_path)
    stage(other, y2020=CHANGED)
    publish_warehouse(other)
    assert content_hashes(other.database) == content_hashes(house.database)
    current = "SELECT release_id, inputs_hash FROM meta_release WHERE is_current"
    assert ask(other.database, current) == ask(house.database, current)
    assert ask(other.database, "SELECT release_number FROM meta_release") == [(1,)]


def test_history_outlives_a_twin_that_is_damaged(house, tmp_path):
    copy = workspace_in(tmp_path)
    shutil.copytree(house.raw.parent, tmp_path, symlinks=True, dirs_exist_ok=True)
    (copy.parquet / "meta_release.parquet").write_bytes(b"damaged")
    publish_warehouse(copy)
    assert ask(copy.database, "SELECT list(release_number ORDER BY 1) FROM meta_release") == [([1, 2, 3],)]


def test_every_row_that_differs_is_told_with_its_reason_and_no_other(house, first):
    assert summary(first, house.database, "table_name LIKE 'fact_%'") == [
        ("fact_request_flow", "丙局", 2020, 1, 0, 0, "new_file"),
        ("fact_request_flow", "乙局", 2020, 0, 1, 0, "removed_file"),
        ("fact_request_outcome", "丙局", 2020, 2, 0, 0, "new_file"),
        ("fact_request_outcome", "乙局", 2020, 0, 2, 0, "removed_file"),
        ("fact_request_outcome", "甲局", 2020, 0, 0, 1, "corrected_file"),
    ]
    cells = summary(first, house.database, "table_name = 'reported_cell'")
    assert [row[1:] for row in cells] == [
        ("丙局", 2020, 5, 0, 0, "new_file"), ("乙局", 2020, 0, 5, 0, "removed_file"),
        ("甲局", 2020, 0, 0, 2, "corrected_file"),
    ]  # fmt: skip
    assert summary(first, first) == []


def test_rows_are_shown_cell_by_cell(house, first):
    with compare_releases(first, house.database) as connection:
        [row] = connection.execute(
            "FROM change_cell WHERE table_name = 'fact_request_outcome' AND change = 'changed'"
        ).fetchall()
    table, change, _, name, year, key, column, old, new, reasons = row
    assert (table, change, name, year, reasons) == ("fact_request_outcome", "changed", "甲局", 2020, "corrected_file")
    assert (column, float(old), float(new)) == ("requests", 2, 7)
    told = json.loads(key)
    assert (told["outcome_code"], told["applicant_code"], told["year"]) == ("granted", "natural_person", 2020)


def test_the_way_back_is_the_mirror(house, first):
    there = summary(first, house.database, "table_name LIKE 'fact_%'")
    back = summary(house.database, first, "table_name LIKE 'fact_%'")
    assert sorted((t, a, y, removed, added, changed) for t, a, y, added, removed, changed, _ in back) == [
        row[:6] for row in there
    ]


def test_twins_tell_what_the_databases_tell(house, first):
    [before] = [path for path in house.warehouse.glob(".parquet-*") if path != house.parquet.resolve()]
    parts = {path.stat().st_ino for path in before.glob("reported_cell.parquet/*")}
    assert parts & {path.stat().st_ino for path in house.parquet.glob("reported_cell.parquet/*")}
    expected = summary(first, house.database)
    assert summary(before, house.parquet) == summary(first, house.parquet) == expected
    assert len(expected) > 10


def test_tables_that_a_refresh_left_alone_are_not_compared(house, monkeypatch):
    [before] = [path for path in house.warehouse.glob(".parquet-*") if path != house.parquet.resolve()]
    compared = []
    monkeypatch.setattr(compare, "_compare_table", lambda _, spec: compared.append(spec.name))
    summary(before, house.parquet)
    assert {"dim_report", "dim_agency", "reported_cell", "fact_request_outcome"} <= set(compared)
    assert not {"dim_measure", "dim_region", "quality_rule"} & set(compared)


def changed_copy(first, tmp_path, column):
    """Copy the first release and have it say another figure, made by something else."""
    path = tmp_path / f"{column}.duckdb"
    shutil.copy(first, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("""
            UPDATE fact_request_outcome SET requests = 99 WHERE year = 2019 AND requests = 2
            AND agency_id = (SELECT agency_id FROM dim_agency WHERE agency_name = '丁局')""")
        connection.execute("UPDATE dim_measure SET caveat = 'another' WHERE code = 'granted'")
        if column:
            connection.execute(f"UPDATE meta_release SET {column} = 'other'")
    return path


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("forms_hash", "changed_forms"),
        ("definitions_hash", "changed_definitions"),
        ("code_hash", "changed_code"),
        ("decisions_hash", "changed_decisions"),
        ("", "other_reports"),
    ],
)
def test_where_no_file_changed_the_reason_is_what_else_it_was_made_from(first, tmp_path, column, reason):
    assert summary(first, changed_copy(first, tmp_path, column)) == [
        ("dim_measure", None, None, 0, 0, 1, reason),
        ("fact_request_outcome", "丁局", 2019, 0, 0, 1, reason),
    ]


def test_a_corrected_file_does_not_hide_what_other_code_may_have_changed(house, first, tmp_path):
    """A report that came or went is told by its file; of one that was corrected, either may have changed a row."""
    other = tmp_path / "other.duckdb"
    shutil.copy(house.database, other)
    with duckdb.connect(str(other)) as connection:
        connection.execute("UPDATE meta_release SET code_hash = 'other' WHERE is_current")
    told = {(row[1], row[2]): row[6] for row in summary(first, other, "table_name LIKE 'fact_%'")}
    assert told == {
        ("丙局", 2020): "new_file", ("乙局", 2020): "removed_file", ("甲局", 2020): "corrected_file, changed_code",
    }  # fmt: skip


def test_every_reason_and_change_is_of_the_closed_list(house, first):
    with compare_releases(first, house.database) as connection:
        reasons = connection.execute(
            "SELECT DISTINCT unnest(string_split(reasons, ', ')) FROM change_summary"
        ).fetchall()
        changes = connection.execute("SELECT DISTINCT change FROM change_cell").fetchall()
    assert {reason for (reason,) in reasons} <= {member.value for member in ChangeReason}
    assert {change for (change,) in changes} == {member.value for member in RowChange}


def test_the_command_writes_json_and_csv(house, first, tmp_path, capsys):
    assert main(["diff", str(first), str(house.database), "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"table_name": "fact_request_outcome", "agency_name": "甲局", "year": 2020, "changed": 1} in [
        {name: row[name] for name in ("table_name", "agency_name", "year", "changed")} for row in rows
    ]
    out = tmp_path / "rows.csv"
    assert main(["diff", str(first), str(house.warehouse), "--rows", "-f", "csv", "-o", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as file:
        lines = [row for row in csv.DictReader(file) if row["table_name"].startswith("fact_")]
    assert {row["reasons"] for row in lines} == {"new_file", "corrected_file", "removed_file"}
    assert main(["diff", str(first), str(house.database)]) == 0
    assert "corrected_file" in capsys.readouterr().out
    assert main(["diff", str(first), str(first)]) == 0
    assert capsys.readouterr().out.strip() == "the two releases say the same"


def test_what_is_no_warehouse_is_told_in_one_line(first, tmp_path, capsys):
    text = tmp_path / "text.duckdb"
    text.write_text("no database")
    for arguments, says in [
        ([tmp_path / "missing", first], "is no warehouse"),
        ([first, tmp_path], "is no warehouse"),
        ([text, first], "is no warehouse"),
        ([first, first, "-f", "csv", "-o", tmp_path / "no" / "where.csv"], "there is no folder"),
    ]:
        assert main(["diff", *map(str, arguments)]) == 2
        error = capsys.readouterr().err
        assert says in error
        assert error.count("\n") == 1


def test_the_changelog_tells_of_each_release_once_and_can_be_subscribed_to(house):
    entries = update_changelog(house)
    assert [(entry.release_number, entry.compared_with) for entry in entries] == [(2, 1), (1, None)]
    assert entries[0].tables["fact_request_outcome"] == [2, 2, 1]
    assert sorted(row[:3] for row in entries[0].figures) == [
        ["丙局", 2020, "new_file"], ["乙局", 2020, "removed_file"], ["甲局", 2020, "corrected_file"],
    ]  # fmt: skip
    page, feed = (house.warehouse / PAGE).read_text(encoding="utf-8"), (house.warehouse / FEED).read_bytes()
    assert "| 甲局 | 2020 | corrected_file | 0 | 0 | 1 |" in page
    assert "| `fact_request_outcome` | corrected_file, new_file, removed_file | 2 | 2 | 1 |" in page
    assert page.index("## Release 2") < page.index("## Release 1")
    assert update_changelog(house) == entries
    assert ((house.warehouse / PAGE).read_text(encoding="utf-8"), (house.warehouse / FEED).read_bytes()) == (page, feed)
    atom = "{http://www.w3.org/2005/Atom}"
    root = ET.fromstring(feed)
    assert [root.find(f"{atom}{name}") is not None for name in ("id", "title", "updated", "author")] == [True] * 4
    items = root.findall(f"{atom}entry")
    assert len({item.findtext(f"{atom}id") for item in items}) == len(items) == 2
    assert root.findtext(f"{atom}updated") == items[0].findtext(f"{atom}updated") == entries[0].released_at


def test_what_a_refresh_compared_beside_its_publish_is_what_the_changelog_would_find(tmp_path, monkeypatch):
    house = workspace_in(tmp_path)
    stage(house)
    publish_warehouse(house)
    stage(house, [2020], y2020=CHANGED)
    assert publish_warehouse(house).is_refreshed
    again = replace(house, warehouse=tmp_path / "again")
    shutil.copytree(house.warehouse, again.warehouse, symlinks=True)  # other folders, so nothing is known of them
    [found], [known] = update_changelog(again), update_changelog(house)
    assert found == known
    assert known.tables["fact_request_outcome"] == [2, 2, 1]
    # What was found beside the publish is not looked for once more ...
    (house.warehouse / ".changelog.json").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(changelog, "compare_releases", None)
        assert update_changelog(house) == [known]
    # ... and what goes wrong there costs nothing but the time.
    stage(house, [2020])
    with monkeypatch.context() as patch:
        patch.setattr(changelog, "compare_releases", None)
        assert publish_warehouse(house).is_refreshed
    assert update_changelog(house)[0].tables["fact_request_outcome"] == [2, 2, 1]


def test_a_changelog_without_a_release_or_with_a_damaged_log_says_so(tmp_path, house):
    with pytest.raises(WarehouseError, match="publish first"):
        update_changelog(workspace_in(tmp_path))
    copy = replace(house, warehouse=tmp_path / "copy")
    shutil.copytree(house.warehouse, copy.warehouse, symlinks=True)
    (copy.warehouse / ".changelog.json").write_text("{")
    with pytest.raises(WarehouseError, match="is damaged"):
        update_changelog(copy)
