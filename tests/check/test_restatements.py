"""Sentences as reports print them, each with all that it restates: what is no restatement must never raise an alarm."""

import csv
from pathlib import Path

import polars as pl

from pipelines.check import check_batch
from schemas.form import load_forms
from schemas.table import table
from tests.check.builders import Table, figures_of, reports_of

REQUESTS = {
    "new_received": 100, "carried_in": 5, "granted": 40, "partly_granted": 10, "denied_by_law": 5,
    "denied_internal_affairs": 7, "unavailable_not_held": 20, "unprocessed_petition": 4, "unprocessed_repeat": 2,
    "other_misc": 10, "handled_total": 98, "carried_forward": 7,
}  # fmt: skip
CASES = {"reconsideration": 8, "litigation_direct": 3, "litigation_after_reconsideration": 2}
"""Of these figures `restatements.csv` speaks, as 2021's."""


def read_sentences() -> list[dict[str, str]]:
    with (Path(__file__).parent / "restatements.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def print_total(codes: list[str], values: dict[str, int]) -> Table:
    return {(code, "total"): float(values.get(code, 0)) for code in codes}


def list_rows(table_code: str) -> list[str]:
    return [row.code for clause in load_forms()["2021"].table(table_code).clauses for row in clause.rows]


def tell_all(sentences: list[tuple[str, str]], **agency: str) -> list[str]:
    """Return for each (type of agency, text) what it restates: `rule status (note)`, joined by semicolons."""
    printed = {
        "request": print_total(list_rows("request"), REQUESTS),
        "challenge": print_total(list_rows("challenge"), CASES),
    }
    figures = figures_of(dict.fromkeys(range(len(sentences)), printed), dict.fromkeys(printed, "2021"))
    sections = table("sections").conform(
        pl.DataFrame(
            [
                {"file_id": number, "section_number": 1, "section_code": "overview", "text": text}
                for number, (_, text) in enumerate(sentences)
            ]
        )
    )
    reports = reports_of(figures).with_columns(
        pl.Series("agency_type", [kind for kind, _ in sentences]), **{k: pl.lit(v) for k, v in agency.items()}
    )
    quality = check_batch(figures, reports, sections)["quality"]
    told: dict[int, list[str]] = {number: [] for number in range(len(sentences))}
    for file_id, rule, status, note in quality.select("file_id", "rule_id", "status", "note").iter_rows():
        if rule.startswith("TXT-"):
            remark = (note or "").partition("section 1, offset")[0].removesuffix("; ")
            shown = f" ({remark})" if remark else ""
            told[file_id].append(f"{rule.removeprefix('TXT-')} {status}{shown}")
    return ["; ".join(sorted(each)) for each in told.values()]


def test_every_sentence_says_what_it_says_and_no_more() -> None:
    rows = read_sentences()
    found = tell_all([(row["agency_type"], row["text"]) for row in rows])
    wrong = {row["text"]: told for row, told in zip(rows, found, strict=True) if told != row["outcomes"]}
    assert wrong == {}
    assert len(rows) > 200


def test_a_body_that_is_named_is_the_agency_where_its_name_says_so() -> None:
    told = [("department", "市公安局收到政府信息公开申请30件。")]
    assert tell_all(told, agency_name="测试市公安局") == ["received fail"]
    assert tell_all(told, agency_name="测试市教育局") == ["received not_assessable (narrower_scope)"]
    assert tell_all(told, agency_name="", signed_name="市公安局") == ["received fail"]
