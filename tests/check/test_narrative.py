"""What the narrative restates, against the table: readings, narrower scopes and plain contradictions."""

import polars as pl
import pytest

from pipelines.check import check_batch
from pipelines.check.narrative import split_sentences
from schemas.table import table
from tests.check.builders import figures_of, read_report, reports_of


def tell(text: str) -> tuple[dict[str, tuple[str, str | None]], pl.DataFrame]:
    """Check a report whose tables say 859 new, 18 carried in, 805 handled, 72 carried forward, 7 reconsiderations."""
    figures = figures_of({1: read_report("blank_total_column_2019")})
    line = {"file_id": 1, "section_number": 1, "section_code": "overview", "text": text}
    sections = table("sections").conform(pl.DataFrame([line]))
    found = check_batch(figures, reports_of(figures, 2019), sections, validate=False)
    told = found["quality"].filter(pl.col("rule_id").str.starts_with("TXT"))
    outcomes = {rule: (status, note) for rule, status, note in told.select("rule_id", "status", "note").iter_rows()}
    return outcomes, found["findings"]


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("2019年，共收到政府信息公开申请859件。", "TXT-received", ("pass", "new")),
        ("全年受理政府信息依申请公开877件，其中网上申请800件。", "TXT-received", ("pass", "new_and_carried_in")),
        ("全年收到政府信息公开申请900件。", "TXT-received", ("fail", None)),
        ("办公室收到政府信息公开申请17件。", "TXT-received", ("not_assessable", "narrower_scope")),
        ("办公室收到申请17件。全区收到申请859件。", "TXT-received", ("pass", "new")),
        ("本年新收申请数859件，上年结转申请数18件。", "TXT-carried-in", ("pass", "carried_in")),
        ("已答复805件。", "TXT-handled", ("pass", "handled")),
        ("另72件结转下一年处理。", "TXT-carried-forward", ("pass", "carried_forward")),
        ("因政府信息公开被行政复议7件。", "TXT-reconsideration", ("pass", "reconsideration")),
        ("行政复议134件。", "TXT-reconsideration", ("fail", None)),
    ],
)
def test_readings(text: str, rule: str, expected: tuple[str, str | None]) -> None:
    outcomes, _ = tell(text)
    assert outcomes[rule] == expected


def test_a_sentence_without_a_figure_says_nothing() -> None:
    assert tell("2019年，依法主动公开政府信息。")[0] == {}


def test_a_finding_quotes_the_sentence_and_its_offset() -> None:
    _, findings = tell("总体情况良好。2019年共收到政府信息公开申请900件。其他。")
    (row,) = findings.filter(pl.col("message").str.contains("TXT")).to_dicts()
    assert row["raw_text"] == "2019年共收到政府信息公开申请900件。"
    assert "says 900 where the table says 859 (section 1, offset 7)" in row["message"]


@pytest.mark.parametrize("text", ["", "无标点", "甲。乙；\n丙", "。。", "\n"])
def test_sentences_cover_the_text(text: str) -> None:
    sections = table("sections").conform(
        pl.DataFrame([{"file_id": 1, "section_number": 1, "section_code": "other", "text": text}])
    )
    sentences = split_sentences(sections)
    assert "".join(sentences["sentence"]) == text
    assert all(text[offset:].startswith(s) for offset, s in sentences.select("offset", "sentence").iter_rows())
