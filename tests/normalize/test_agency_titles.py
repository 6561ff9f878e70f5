"""The table of names and titles: every row is right or declared in doubt, none is wrong."""

import csv
from pathlib import Path

import polars as pl
import pytest

from pipelines.normalize.identity.reports import identify_reports
from pipelines.normalize.identity.title import read_title
from schemas.ids import stable_id
from schemas.table import table

_DATA = Path(__file__).parent / "data"
# All but the first were written from the map alone, before the rules were read; docs/agencies.md says how it fared.
_TABLES = tuple(_DATA / f"{name}.csv" for name in ("agency_titles", "agency_titles_held_out", "agency_titles_hard"))
_LEAST_ROWS = 400
_DOUBTS = {
    "ambiguous": "ambiguous_agency",
    "unknown_region": "unknown_region",
    "none": "no_agency",
    "hijacked": "hijacked_mirror",
}


def _rows() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in _TABLES:
        with path.open(encoding="utf-8", newline="") as stream:
            rows.extend(csv.DictReader(stream))
    return rows


def _document(number: int, row: dict[str, str]) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Return the file and the blocks of a document that has the row's title and nothing else but its clue."""
    kind, text = row["clue_kind"], row["clue_text"]
    folder = f"{text}/" if kind == "folder" else ""
    stem = text if kind == "file" else f"{number:05}"
    path = f"{row['folder_year']}/{folder}{stem}.html"
    lines: list[tuple[str, str | None, str]] = [("title", "h1", row["title"])]
    if kind == "metadata":
        label, _, value = text.partition(":")
        lines.append(("metadata", label, value))
    elif kind == "line":
        lines = [("paragraph", None, text), ("title", "first_line", row["title"])]
    elif kind == "body":
        lines.append(("paragraph", None, text))
    lines.append(("paragraph", None, "全年主动公开政府信息若干条。"))
    if kind == "signature":
        lines += [("paragraph", None, text), ("paragraph", None, "2022年1月18日")]
    file_id = stable_id("file", path, number)
    file = {"file_id": file_id, "path": path, "partition": row["folder_year"], "folder_year": int(row["folder_year"])}
    blocks: list[dict[str, object]] = [
        {"file_id": file_id, "block_number": place, "kind": block, "label": label, "text": line}
        for place, (block, label, line) in enumerate(lines, start=1)
    ]
    return file, blocks


def _identify(rows: list[dict[str, str]]) -> list[tuple[dict[str, str], dict[str, object], set[str]]]:
    documents = [_document(number, row) for number, row in enumerate(rows)]
    files = pl.DataFrame([file for file, _ in documents])
    blocks = table("blocks").conform(
        pl.DataFrame([block for _, blocks in documents for block in blocks], infer_schema_length=None)
    )
    reports, findings, _ = identify_reports(files, blocks, reviews=())
    reasons: dict[int, set[str]] = {}
    for finding in findings.iter_rows(named=True):
        reasons.setdefault(finding["file_id"], set()).add(finding["reason_code"])
    return [
        (row, report, reasons.get(report["file_id"], set()))
        for row, report in zip(rows, reports.iter_rows(named=True), strict=True)
    ]


@pytest.fixture(scope="module")
def identified() -> list[tuple[dict[str, str], dict[str, object], set[str]]]:
    return _identify(_rows())


def _wrong(row: dict[str, str], report: dict[str, object], reasons: set[str]) -> str | None:
    """Return how a report differs from what the row expects, or None where it is right."""
    found = (report["agency_name"], report["agency_type"], report["region_code"], report["year"])
    if row["agency_name"] in _DOUBTS:
        if _DOUBTS[row["agency_name"]] not in reasons or str(report["year"]) != row["year"]:
            return f"{row['title']}: expected {row['agency_name']}, found {found} {report['agency_evidence']}"
        return None
    expected = (row["agency_name"], row["agency_type"], row["region_code"] or None, int(row["year"]))
    doubts = reasons & set(_DOUBTS.values())
    if found != expected or doubts:
        return f"{row['title']}: expected {expected}, found {found} {report['agency_evidence']} {sorted(reasons)}"
    return None


def test_the_table_is_large_enough_and_covers_every_province() -> None:
    rows = _rows()
    assert len(rows) >= _LEAST_ROWS
    assert len({row["region_code"][:2] for row in rows if row["region_code"]}) == 34


def test_no_row_of_the_table_is_wrong(identified: list[tuple[dict[str, str], dict[str, object], set[str]]]) -> None:
    wrong = [said for row, report, reasons in identified if (said := _wrong(row, report, reasons))]
    assert not wrong, "\n".join(wrong)


def test_one_agency_has_one_identifier_and_one_identifier_one_agency(
    identified: list[tuple[dict[str, str], dict[str, object], set[str]]],
) -> None:
    certain = [
        (report["agency_name"], report["agency_id"])
        for row, report, _ in identified
        if row["agency_name"] not in _DOUBTS
    ]
    assert len(set(certain)) == len({name for name, _ in certain}) == len({number for _, number in certain})


def test_ambiguous_reports_are_never_merged(
    identified: list[tuple[dict[str, str], dict[str, object], set[str]]],
) -> None:
    kept_apart = [report["agency_id"] for row, report, _ in identified if row["agency_name"] == "ambiguous"]
    assert len(set(kept_apart)) == len(kept_apart)


def test_order_and_company_never_change_an_identifier(
    identified: list[tuple[dict[str, str], dict[str, object], set[str]]],
) -> None:
    rows = _rows()
    expected = {report["file_id"]: report["agency_id"] for _, report, _ in identified}
    documents = [_document(number, row) for number, row in enumerate(rows)][::-3]
    files = pl.DataFrame([file for file, _ in documents])
    blocks = table("blocks").conform(
        pl.DataFrame([block for _, blocks in documents for block in blocks], infer_schema_length=None)
    )
    reports = identify_reports(files, blocks, reviews=()).reports
    assert all(expected[report["file_id"]] == report["agency_id"] for report in reports.iter_rows(named=True))


@pytest.mark.parametrize("lead", ["Page 8 - ", "P8-", "— "])
def test_a_page_number_in_front_of_a_title_is_no_name(lead):
    """A flip book prints each page's title so."""
    reading = read_title(f"{lead}威海市文登区信访局2022年政府信息公开工作年度报告")
    assert reading is not None
    assert reading.name == "威海市文登区信访局"
