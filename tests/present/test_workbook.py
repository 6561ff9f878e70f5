"""`gongkai export --xlsx`, opened again by an independent reader."""

import errno
import re
import zipfile
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from pipelines.cli.main import main
from pipelines.errors import UsageError
from pipelines.present import workbook
from pipelines.present.choice import Choice, choose_reports
from pipelines.present.workbook import headings, load_sheets, write_workbook
from schemas.measure import measures, rates
from tests.analyst import BREACHED, EDUCATION, GOVERNMENT, YEARS


def export(season, path, *options):
    return main(["export", "--xlsx", str(path), "--warehouse", str(season.workspace.warehouse), *options])


def read_sheet(path, name):
    head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()
    return [dict(zip((str(cell).split("\n")[-1] for cell in head), row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def pingdingshan(season, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "平顶山.xlsx"
    assert export(season, path, "--region", "平顶山市", "--years", "2021-2023") == 0
    return path


def test_the_figures_are_those_of_the_reports(season, pingdingshan):
    rows = read_sheet(pingdingshan, "机关年度")
    told = {(row["agency_name"], int(row["year"])): row for row in rows}
    chosen = [key for key in season.truths if key[0].startswith("平顶山") and key[1] >= 2021]
    assert sorted(told) == sorted(chosen)
    for agency, year in chosen:
        assert told[agency, year]["new_received"] == season.total(agency, year, "new_received")
    [row] = [row for row in rows if (row["agency_name"], row["year"]) == (GOVERNMENT, 2022)]
    assert 0 < row["grant_rate"] < 1
    detail = read_sheet(pingdingshan, "办理结果")
    granted = sum(row["requests"] for row in detail if (row["agency_name"], row["year"], row["outcome"]) ==
                  (GOVERNMENT, 2022, "予以公开"))  # fmt: skip
    assert granted == season.total(GOVERNMENT, 2022, "granted")
    assert any(
        row["agency_name"] == BREACHED[0] and row["rule_id"] == "T3-row" for row in read_sheet(pingdingshan, "不符")
    )
    assert {row["path"][:4] for row in read_sheet(pingdingshan, "来源")} == {"2021", "2022", "2023"}
    with duckdb.connect(str(season.workspace.database), read_only=True) as connection:
        releases = connection.execute("SELECT release_id FROM meta_release ORDER BY is_current").fetchall()
    told_release = CalamineWorkbook.from_path(pingdingshan).get_sheet_by_name("说明").to_python()
    assert [cell for row in told_release for cell in row if (cell,) in releases] == list(releases[-1])
    assert len(releases) == 2


def test_headings_are_in_both_languages_with_units_and_stay_in_sight(pingdingshan):
    head = CalamineWorkbook.from_path(pingdingshan).get_sheet_by_name("机关年度").to_python()[0]
    assert "本年新收（件）\nnew_received" in head
    assert "公开率（%）\ngrant_rate" in head
    assert [str(cell).split("\n")[-1] for cell in head[-len(rates()) :]] == [rate.name for rate in rates()]
    assert {measure.name for measure in measures()} <= {str(cell).split("\n")[-1] for cell in head}
    with zipfile.ZipFile(pingdingshan) as archive:
        page = archive.read("xl/worksheets/sheet2.xml").decode()
    assert 'state="frozen"' in page
    assert "<autoFilter" in page
    cover = CalamineWorkbook.from_path(pingdingshan).get_sheet_by_name("说明").to_python()
    said = "\n".join(str(cell) for row in cover for cell in row)
    assert "平顶山市" in said
    assert "never add the two" in said
    assert [sheet.name for sheet in load_sheets()] == CalamineWorkbook.from_path(pingdingshan).sheet_names[1:]


def test_a_text_that_looks_like_a_formula_stays_a_text(season, tmp_path, monkeypatch):
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://example.org", "\x01甲<b>&"]
    listed = " UNION ALL ".join(f"SELECT {n} AS year, '{text}' AS title" for n, text in enumerate(hostile))
    sheet = workbook.Sheet("甲", "", "", f"SELECT title, year FROM ({listed}) ORDER BY year")
    monkeypatch.setattr(workbook, "load_sheets", lambda: (sheet,))
    with duckdb.connect(str(season.workspace.database), read_only=True) as connection:
        write_workbook(connection, tmp_path / "x.xlsx", {"=1": "=2"})
    assert [row["title"] for row in read_sheet(tmp_path / "x.xlsx", "甲")] == hostile
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        pages = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    assert "<f>" not in pages
    assert "hyperlinks" not in archive.namelist()
    assert re.search(r'quotePrefix="1"', pages)


def test_what_does_not_fit_is_refused_before_a_byte_is_written(season, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(workbook, "MOST_ROWS", 40)
    assert export(season, tmp_path / "x.xlsx") == 2
    assert "办理结果 has" in capsys.readouterr().err
    assert not (tmp_path / "x.xlsx").exists()


def test_a_full_disk_leaves_the_workbook_that_was_there(season, tmp_path, monkeypatch, capsys):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"before")

    def write_a_part(self: Path, content: memoryview) -> None:
        with self.open("wb") as file:
            file.write(content[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_a_part)
    assert export(season, path) == 2
    assert "No space left" in capsys.readouterr().err
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("x.xlsx", b"before")]


def test_filters_and_what_is_wrong_with_them(season, tmp_path, capsys):
    path = tmp_path / "x.xlsx"
    assert export(season, path, "--agency", "教育局", "--summary", "--sector", "教育") == 0
    assert {row["agency_name"] for row in read_sheet(path, "机关年度")} == set(EDUCATION)
    assert "办理结果" not in CalamineWorkbook.from_path(path).sheet_names
    for options, message in (
        (["--region", "鼓楼区"], "2 places"),
        (["--region", "月球"], "no report lies in"),
        (["--years", "2010"], "no report is left"),
        (["--years", "undated"], "has a year"),
    ):
        capsys.readouterr()
        assert export(season, tmp_path / "no.xlsx", *options) == 2
        assert message in capsys.readouterr().err
    assert export(season, tmp_path / "no" / "x.xlsx", "--agency", GOVERNMENT) == 2


def test_every_column_of_every_sheet_has_a_heading(season):
    known = headings()
    with duckdb.connect(str(season.workspace.database), read_only=True) as connection:
        assert choose_reports(connection, Choice(years=[YEARS[-1]])) == 8
        shown = {row[0] for sheet in load_sheets() for row in connection.execute(f"DESCRIBE {sheet.query}").fetchall()}
        with pytest.raises(UsageError, match="no report lies"):
            choose_reports(connection, Choice(region="无"))
    assert shown <= set(known)
