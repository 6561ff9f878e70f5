"""The rules of the 统计表 before 2019, each broken once."""

from functools import cache
from typing import Any

import polars as pl
import pytest

from pipelines.check import check_batch
from pipelines.check.across import check_across
from pipelines.normalize import normalize_batch
from pipelines.read import document_frames
from pipelines.read.model import Block, Document
from schemas.check import LinearCheck, PartsCheck
from schemas.entry import SchemaDataError
from schemas.identity import table_identities
from schemas.legacy import form_from_entry, load_legacy_forms
from schemas.rule import load_rules
from schemas.table import table
from schemas.validation import validate_frame
from schemas.vocabulary import BlockKind, FileFormat
from tests.factory.legacy import known_rows


def printed(form: str = "fujian_2014", year: int = 2014) -> dict[str, Any]:
    """Return a table by indicator code: label, unit, year, cumulative; enough requests for all its answers."""
    rows: dict[str, Any] = {}
    for row in known_rows(form, 1, year):
        rows[row.code or ""] = [row.label, row.unit, row.year, row.cumulative]
    for code in ("requests_total", "requests_online"):
        rows[code][2:] = [figure + 20_000 for figure in rows[code][2:]]
    return rows


def frames_of(rows, year=2014, file_id=1, told=""):
    lines = [["指标名称", "计量单位", f"{year}年度", "历年累计"], *rows.values()]
    cells = [(n, place, 1, 1, str(text)) for n, line in enumerate(lines, 1) for place, text in enumerate(line, 1)]
    title = Block(BlockKind.TITLE, f"福州市晋安区人民政府{year}年政府信息公开工作年度报告", label="h1")
    blocks = [title, Block(BlockKind.HEADING, "二、主动公开政府信息情况"), Block(BlockKind.PARAGRAPH, told or "略。")]
    document = Document(FileFormat.HTML, tables=[cells], blocks=[*blocks, Block(BlockKind.TABLE, "", table_number=1)])
    read = document_frames([(file_id, document)])
    files = table("files").conform(pl.DataFrame({"file_id": [file_id], "path": ["a.html"]}))
    return normalize_batch(files, read["documents"], read["blocks"], read["cells"])


def outcomes(rows, **facts):
    frames = frames_of(rows, **facts)
    quality = check_batch(frames["figures"], frames["reports"], frames["sections"])["quality"]
    return {(row["rule_id"], row["scope"]): row["status"] for row in quality.iter_rows(named=True)}


@cache
def outcomes_of_sound(form):
    return outcomes(printed(form, load_legacy_forms()[form].first_year), year=load_legacy_forms()[form].first_year)


def failures(rows, **facts):
    return {key for key, status in outcomes(rows, **facts).items() if status == "fail"}


@pytest.mark.parametrize("form", load_legacy_forms())
def test_figures_that_obey_break_nothing_and_every_rule_is_asked(form):
    found = outcomes_of_sound(form)
    assert {status for (rule, _), status in found.items() if rule.startswith("LEG-")} == {"pass"}
    own = {rule for rule in load_rules() if rule.startswith("LEG-")} - {"LEG-cumulative", "LEG-parts-most"}
    assert own <= {rule for rule, _ in found}


@pytest.mark.parametrize("form", load_legacy_forms())
def test_every_frame_fits_its_model(form):
    year = load_legacy_forms()[form].first_year
    normalized = frames_of(printed(form, year), year)
    checked = check_batch(normalized["figures"], normalized["reports"], normalized["sections"])
    assert checked["digest_tables"]["form_code"].to_list() == [form]
    for name, frame in (*normalized.items(), *checked.items()):
        validate_frame(name, frame)


def test_an_indicator_that_the_form_dropped_is_not_missed():
    assert outcomes(printed(year=2017), year=2017)["STRUCT-cells", "legacy"] == "pass"
    without = printed(year=2017)
    del without["answers_other"]
    assert outcomes(without, year=2017)["STRUCT-cells", "legacy"] == "fail"


@pytest.mark.parametrize(
    ("form", "code", "column", "change", "broken"),
    [
        ("fujian_2014", "requests_online", 2, 1, ("LEG-parts", "requests_total/year")),
        ("fujian_2014", "answers_granted", 3, 1, ("LEG-parts", "answers_total/cumulative")),
        ("fujian_2011", "answers_denied", 2, 10_000, ("LEG-parts-most", "answers_total/year")),
        ("fujian_2014", "proactive_website", 2, 10_000, ("LEG-parts-each", "proactive_website/year")),
        ("fujian_2014", "litigations", 2, 10_000, ("LEG-year", "litigations")),
        ("fujian_2014", "answers_total", 3, 50_000, ("LEG-answers", "cumulative")),
        ("fujian_2014", "litigations", 2, -10_000, ("LEG-domain", "table")),
    ],
)
def test_each_rule_fails_when_it_is_broken(form, code, column, change, broken):
    year = load_legacy_forms()[form].first_year
    rows = printed(form, year)
    assert outcomes_of_sound(form)[broken] != "fail"
    rows[code][column] += change
    assert broken in failures(rows, year=year)


def test_the_cumulative_figure_grows_by_the_years():
    before, after = printed(year=2014), printed(year=2015)
    for code, row in after.items():
        row[3] = before[code][3] + row[2]
    assert across(before, after) == set()
    after["reconsiderations"][3] += 5
    assert across(before, after) == {"reconsiderations"}


def across(before, after):
    years = [frames_of(before, year=2014, file_id=1), frames_of(after, year=2015, file_id=2)]
    checked = [check_batch(frames["figures"], frames["reports"], frames["sections"]) for frames in years]
    digests = {name: pl.concat([frames[name] for frames in checked]) for name in ("digest_cells", "digest_tables")}
    reports = pl.concat([frames["reports"] for frames in years])
    quality = check_across(digests, reports)["quality"].filter(rule_id="LEG-cumulative", file_id=2)
    assert set(quality["status"]) <= {"pass", "fail"}
    assert quality.height == len(after)
    return set(quality.filter(status="fail")["scope"])


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("2014年主动公开政府信息{}条，其中网站公开1条。", "pass"),
        ("全年共主动公开政府信息{}条。", "pass"),
        ("2014年主动公开政府信息9999条。", "fail"),
        ("其中办公室主动公开政府信息9999条。", "not_assessable"),
    ],
)
def test_the_narrative_against_the_table(told, status):
    rows = printed()
    assert outcomes(rows, told=told.format(rows["proactive_documents"][2]))["TXT-disclosed", "report"] == status


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("2014年全区收到有关政府信息公开的信函申请{}条，已受理回复。", "pass"),
        ("2014年全区收到有关政府信息公开的信函申请77777条，已受理回复。", "not_assessable"),  # of the letters alone
        ("2014年全区收到有关政府信息公开的申请77777条，已受理回复。", "fail"),
        ("2013年全区收到有关政府信息公开的申请77777条。", "not_assessable"),
        ("2008年5月以来累计收到政府信息公开申请77777条。", None),
        ("受理行政许可申请77777件。", None),
    ],
)
def test_the_narrative_tells_the_requests(told: str, expected: str | None) -> None:
    rows = printed()
    told = told.format(rows["requests_total"][2])
    assert outcomes(rows, told=told).get(("TXT-requests", "report")) == expected


def test_no_rule_of_the_legacy_table_is_a_dead_letter():
    resolved = {identity.rule_id for form in load_legacy_forms() for identity in table_identities(form, "legacy")}
    linear = {
        rule.id
        for rule in load_rules().values()
        for check in rule.checks
        if rule.table_code == "legacy" and isinstance(check, LinearCheck | PartsCheck)
    }
    assert linear == resolved


ENTRY: dict[str, Any] = {
    "code": "test_2010", "name": "n", "en": "e", "source": "s", "first_year": 2010,
    "indicators": [
        {"code": "requests_total", "label": "申请总数", "en": "r", "unit": "件", "parts": "sum"},
        {"code": "requests_online", "label": "网上", "en": "o", "unit": "件", "parent": "requests_total"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "change", "says"),
    [
        (0, {"parts": "roughly"}, "is none of"),
        (0, {"parts": None}, "does not say how"),
        (1, {"parent": "answers_total"}, "does not stand before it"),
        (1, {"code": "requests_total"}, "stands twice"),
        (1, {"unit": "斤"}, "unit"),
    ],
)
def test_a_provincial_form_that_contradicts_itself_is_refused(place, change, says):
    assert form_from_entry(ENTRY, "x.toml").tables[0].code == "legacy"
    indicators = [dict(item) for item in ENTRY["indicators"]]
    indicators[place] |= change
    with pytest.raises(SchemaDataError, match=says):
        form_from_entry({**ENTRY, "indicators": indicators}, "x.toml")


@pytest.mark.parametrize("blank", ["", "/"])
@pytest.mark.parametrize("form", load_legacy_forms())
def test_no_rule_passes_on_figures_that_are_not_there(form, blank):
    year = load_legacy_forms()[form].first_year
    rows = {code: [label, unit, blank, blank] for code, (label, unit, *_) in printed(form, year).items()}
    found = outcomes(rows, year=year, told="全年主动公开政府信息20条，受理政府信息公开申请5件。")
    asked = {rule: status for (rule, _), status in found.items() if rule.startswith(("LEG-", "TXT-"))}
    assert set(asked.values()) == {"not_assessable"}, asked
    assert {"LEG-year", "LEG-domain", "TXT-requests"} <= set(asked)
