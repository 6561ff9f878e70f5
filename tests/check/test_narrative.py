"""What the narrative restates, against the table: readings, narrower scopes and plain contradictions."""

import time
from collections.abc import Sequence
from functools import cache

import polars as pl
import pytest

from pipelines.check import check_batch
from pipelines.check.sentences import find_sentences
from schemas.table import table
from tests.check.builders import figures_of, made_up_request, read_report, reports_of


def check_texts(texts: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Check reports whose tables say 859 new, 18 carried in, 805 handled, 72 carried forward, 7 reconsiderations.

    Each says one of the texts; they are numbered from 1.
    """
    figures = figures_of(dict.fromkeys(range(1, len(texts) + 1), read_report("blank_total_column_2019")))
    columns = {"section_number": 1, "section_code": "overview"}
    lines = [{"file_id": number, **columns, "text": text} for number, text in enumerate(texts, start=1)]
    return check_batch(figures, reports_of(figures, 2019), table("sections").conform(pl.DataFrame(lines)))


@cache
def tell_all() -> dict[str, dict[str, tuple[str, str | None]]]:
    """Return what each of the texts below says, rule → status and note: to check one report costs what all cost."""
    texts = [*(text for text, _, _ in READINGS), *NO_RESTATEMENTS, *(text for text, _ in HARD)]
    quality = check_texts(texts)["quality"].filter(pl.col("rule_id").str.starts_with("TXT"))
    remark = pl.col("note").str.replace(r"(; )?section 1, offset \d+$", "").replace("", None)
    told: dict[str, dict[str, tuple[str, str | None]]] = {text: {} for text in texts}
    for number, rule, status, note in quality.select("file_id", "rule_id", "status", remark).iter_rows():
        told[texts[number - 1]][rule] = status, note
    return told


def tell_of(tables: dict[str, dict[tuple[str, str], float | None]], text: str) -> pl.DataFrame:
    """Return frame `quality` of a report with these tables and this text."""
    figures = figures_of({1: tables}, dict.fromkeys(tables, "2021"))
    line = {"file_id": 1, "section_number": 1, "section_code": "overview", "text": text}
    return check_batch(figures, reports_of(figures), table("sections").conform(pl.DataFrame([line])))["quality"]


READINGS = [
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
    ("新收政府信息公开申请八百五十九件。", "TXT-new", ("pass", "new")),
    ("上年结转十八件，均已办结。", "TXT-carried-in", ("pass", "carried_in")),
    ("行政复议七件。", "TXT-reconsideration", ("pass", "reconsideration")),
    ("新收申请三件。", "TXT-new", ("fail", None)),
    ("我办收到政府信息公开申请17件。", "TXT-received", ("not_assessable", "narrower_scope")),
    ("我局新收申请十七件。", "TXT-new", ("not_assessable", "narrower_scope")),
    ("我局新收申请859件。", "TXT-new", ("pass", "new")),
    ("区政府办公室被提起行政复议一件。", "TXT-reconsideration", ("not_assessable", "narrower_scope")),
]


@pytest.mark.parametrize(("text", "rule", "expected"), READINGS)
def test_readings(text: str, rule: str, expected: tuple[str, str | None]) -> None:
    assert tell_all()[text][rule] == expected


NO_RESTATEMENTS = [
    "受理行政许可申请1200件。",
    "受理行政复议申请134件，审理行政诉讼应诉12件。",  # as the organ that decides others' cases
    "收到信访投诉58件，办理12345热线工单1390件。",
    "其中，收到自然人申请821件。",
    "通过网络收到申请800件，现场收到申请59件。",
    "较上年收到的申请增加12件。",
    "收到政府信息公开申请及咨询共1500件。",
    "收到申请后，主动公开信息420条。",
    "其中行政复议结果维持5件、结果纠正0件，尚未审结2件。",
    "行政复议、行政诉讼共16件。",
    "复议后起诉3件，未经复议直接起诉4件。",
    "未收到书面投诉，无正当理由大量反复申请的情形2件。",
    "答复率100%，按期答复率100%。",
    "主动公开政府信息65条，网上公开信息20条，所占比例为30%。",
    "申请人收到答复后撤回3件。",
    "制发规范性文件12件，办结建议提案50件。",
    "依据《条例》第二十条答复申请。",
    "与申请人一起行政复议。",
    "收到申请三五件不等。",
    "每收到申请一件登记一件，同一件不重复受理。",
    "2019年，依法主动公开政府信息。",  # without a figure
]


@pytest.mark.parametrize("text", NO_RESTATEMENTS)
def test_what_only_looks_like_a_restatement_says_nothing(text: str) -> None:
    assert tell_all()[text] == {}


HARD: list[tuple[str, dict[str, tuple[str, str | None]]]] = [
    # Several figures in one sentence: last year's is not this year's.
    ("2018年收到申请980件、2019年收到申请859件。", {"TXT-received": ("pass", "new")}),
    ("通过信函、网络等方式收到公民、法人或其他组织提出的申请859件。", {"TXT-received": ("pass", "new")}),
    ("共 收 到 政府 信息公开申请８５９ 件。", {"TXT-received": ("pass", "new")}),
    ("收办依申请公开877件。", {"TXT-received": ("pass", "new_and_carried_in")}),
    ("未收到政府信息公开申请。", {"TXT-received": ("fail", None)}),
    ("上年结转的18件申请已全部办结。", {"TXT-carried-in": ("pass", "carried_in")}),
    # A line broken by a converter ends no sentence, not even within a word.
    ("另有72件申请结转下一\n年度办理答复。", {"TXT-carried-forward": ("pass", "carried_forward")}),
    ("转下一\n年度办理答复的有72件。", {"TXT-carried-forward": ("pass", "carried_forward")}),
    ("所有办结的申请中同意公开答复272件。", {"TXT-granted": ("pass", "granted; blanks_filled")}),
    ("予以公开及部分公开275件。", {"TXT-granted": ("pass", "granted_and_partly; blanks_filled")}),
    ("予以公开及部分公开258件。", {"TXT-granted": ("fail", "blanks_filled")}),
    ("予以公开及部分公开272件。", {"TXT-granted": ("fail", "blanks_filled")}),  # that many in full alone
    ("不同意公开的35件。", {"TXT-denied": ("pass", "denied; blanks_filled")}),
    ("因本机关不掌握等原因无法提供265件。", {"TXT-unavailable": ("fail", "blanks_filled")}),
    ("无法提供的337件，不予处理的158件，其他处理3件。",
     {"TXT-unavailable": ("pass", "unavailable; blanks_filled"),
      "TXT-unprocessed": ("pass", "unprocessed; blanks_filled"), "TXT-other": ("fail", None)}),
    ("有7件涉及政府信息公开工作的行政复议，诉讼9件。",
     {"TXT-reconsideration": ("pass", "reconsideration"), "TXT-litigation": ("pass", "direct")}),
    ("未发生因政府信息公开被申请行政复议、提起行政诉讼的情况。",
     {"TXT-reconsideration": ("fail", None), "TXT-litigation": ("fail", None)}),
    # 复议后起诉 is blank beside 9 direct ones: it may hold the tenth, but cannot bring nine down to eight.
    ("行政复议7件、行政诉讼10件。",
     {"TXT-reconsideration": ("pass", "reconsideration"), "TXT-litigation": ("not_assessable", "blank")}),
    ("行政复议7件、行政诉讼8件。",
     {"TXT-reconsideration": ("pass", "reconsideration"), "TXT-litigation": ("not_assessable", "blank")}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HARD)
def test_hard_sentences(text: str, expected: dict[str, tuple[str, str | None]]) -> None:
    assert tell_all()[text] == expected


@pytest.mark.parametrize(
    ("agency_type", "expected"),
    [("government", "not_assessable"), (None, "not_assessable"), ("department", "fail"), ("township", "fail")],
)
def test_our_office_is_a_part_of_a_government_and_all_of_a_bureau(agency_type: str | None, expected: str) -> None:
    figures = figures_of({1: read_report("blank_total_column_2019")})
    line = {"file_id": 1, "section_number": 1, "section_code": "overview", "text": "我办新收申请3件，我局办结3件。"}
    reports = reports_of(figures, 2019).with_columns(agency_type=pl.lit(agency_type, dtype=pl.String))
    quality = check_batch(figures, reports, table("sections").conform(pl.DataFrame([line])))["quality"]
    told = dict(quality.filter(pl.col("rule_id").str.starts_with("TXT")).select("rule_id", "status").rows())
    assert told == {"TXT-new": expected, "TXT-handled": expected}


def test_a_sentence_that_several_reports_share_is_held_against_the_table_of_each() -> None:
    figures = figures_of(dict.fromkeys((1, 2), read_report("blank_total_column_2019")))
    is_more = (pl.col("file_id") == 2) & (pl.col("row_code") == "new_received") & pl.col("value").is_not_null()
    figures = figures.with_columns(value=pl.when(is_more).then(pl.col("value") + 1).otherwise("value"))
    places = [(1, 3), (2, 1), (2, 2)]
    columns = ["file_id", "section_number", "text"]
    sections = pl.DataFrame([(*place, "新收政府信息公开申请859件。") for place in places], columns, orient="row")
    told = check_batch(figures, reports_of(figures, 2019), table("sections").conform(sections))["quality"]
    assert told.filter(rule_id="TXT-new").sort("file_id").select("file_id", "status", "note").rows() == [
        (1, "pass", "new; section 3, offset 0"),
        (2, "fail", "section 1, offset 0"),
    ]


def test_every_outcome_tells_where_its_sentence_stands() -> None:
    text = "总体情况良好。2019年共收到政府信息公开申请859件。"
    figures = figures_of({1: read_report("blank_total_column_2019")})
    line = {"file_id": 1, "section_number": 4, "section_code": "overview", "text": text}
    sections = table("sections").conform(pl.DataFrame([line]))
    quality = check_batch(figures, reports_of(figures, 2019), sections)["quality"]
    (note,) = quality.filter(pl.col("rule_id") == "TXT-received")["note"]
    assert note == "new; section 4, offset 7"
    assert text[7:].startswith("2019年共收到")


def test_a_finding_quotes_the_sentence_and_its_offset() -> None:
    findings = check_texts(["总体情况良好。2019年共收到政府信息公开申请900件。其他。"])["findings"]
    (row,) = findings.filter(pl.col("message").str.contains("TXT")).to_dicts()
    assert row["raw_text"] == "2019年共收到政府信息公开申请900件。"
    assert "says 900 where the table says 859 (section 1, offset 7)" in row["message"]


def test_a_finding_shows_a_decimal_of_the_table_as_it_is() -> None:
    figures = figures_of({1: {"request": made_up_request("2021", seed=4) | {("new_received", "total"): 8.5}}})
    line = {"file_id": 1, "section_number": 1, "section_code": "overview", "text": "新收政府信息公开申请8件。"}
    findings = check_batch(figures, reports_of(figures), table("sections").conform(pl.DataFrame([line])))["findings"]
    assert findings["message"].str.contains("says 8 where the table says 8.5 (section", literal=True).any()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("收到申请。", []),
        ("收到3件", [(0, "收到3件")]),
        ("总体良好。\n收到申请 3 件；办结\n3件。收到申请 3 件；",
         [(6, "收到申请 3 件；"), (15, "办结 3件。"), (21, "收到申请 3 件；")]),
        ("😀。未收到申请！", [(2, "未收到申请！")]),
    ],
)  # fmt: skip
def test_sentences_are_found_where_they_stand(text: str, expected: list[tuple[int, str]]) -> None:
    sections = table("sections").conform(
        pl.DataFrame([{"file_id": 1, "section_number": 1, "section_code": "other", "text": text}])
    )
    found = find_sentences(sections).select("offset", "sentence").rows()
    assert found == expected
    assert all(text.replace("\n", " ")[offset:].startswith(sentence) for offset, sentence in found)


def test_many_sentences_and_endless_ones_cost_no_more_than_their_length() -> None:
    texts = ["收到申请3件。" * 200_000, "收到申请3件，" * 500_000]
    rows = [{"file_id": 1, "section_number": n, "section_code": "other", "text": text} for n, text in enumerate(texts)]
    started = time.process_time()
    found = find_sentences(table("sections").conform(pl.DataFrame(rows)))
    assert found.height == 200_000  # what has no end is no sentence
    assert found["offset"][-1] == 199_999 * 7
    assert time.process_time() - started < 10


FLOWS = {"new_received": 30.0, "carried_in": 5.0}  # no more than these: an identity would fill a blank


@pytest.mark.parametrize(
    ("blank", "text", "expected"),
    [
        ("carried_in", "收到申请30件。", ("pass", 30.0, "new")),
        ("carried_in", "收到申请35件。", ("not_assessable", None, "blank")),  # 30 and 5 more that nobody printed
        ("carried_in", "收到申请29件。", ("fail", 30.0, None)),  # less than the new ones alone
        ("new_received", "收到申请29件。", ("not_assessable", None, "blank")),
        ("new_received", "未收到申请。", ("not_assessable", None, "blank")),
        ("carried_in", "未收到申请。", ("fail", 30.0, None)),
        ("", "收到申请34件。", ("fail", 30.0, None)),
    ],
)
def test_a_blank_that_would_decide_between_the_readings_leaves_them_open(
    blank: str, text: str, expected: tuple[str, float | None, str | None]
) -> None:
    cells = {(row, "total"): None if row == blank else value for row, value in FLOWS.items()}
    quality = tell_of({"request": cells}, text)
    ((status, right, note),) = quality.filter(rule_id="TXT-received").select("status", "right_value", "note").rows()
    assert (status, right, note.partition("section")[0].removesuffix("; ") or None) == expected


@pytest.mark.parametrize(
    ("direct", "after", "text", "expected"),
    [
        (0.0, 2.0, "未发生行政诉讼。", "fail"),
        (0.0, 2.0, "行政诉讼0件。", "fail"),
        (0.0, 0.0, "行政诉讼0件。", "pass"),
        (9.0, None, "未发生行政诉讼。", "fail"),
        (0.0, None, "未发生行政诉讼。", "not_assessable"),
        (2.0, 3.0, "行政诉讼5件。", "pass"),
        (2.0, 3.0, "行政诉讼2件。", "pass"),
        (2.0, 3.0, "行政诉讼4件。", "fail"),
    ],
)
def test_no_lawsuit_is_none_through_either_channel(
    direct: float, after: float | None, text: str, expected: str
) -> None:
    cells = {("litigation_direct", "total"): direct, ("litigation_after_reconsideration", "total"): after}
    quality = tell_of({"challenge": cells}, text)
    assert quality.filter(rule_id="TXT-litigation")["status"].to_list() == [expected]
