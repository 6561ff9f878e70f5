"""An empty form beside the filled one, and a 统计表 printed twice, are in no fact and stand in nobody's way."""

import re

import polars as pl
import pytest

from tests.factory import make_document
from tests.normalize.test_captions import HEADING, _normalize, _page

_DIGITS = re.compile(r">-?\d+(?:\.\d+)?<")
_INDICATORS = [
    ("主动公开政府信息数", "条", 12),
    ("制发规范性文件总数", "件", 3),
    ("收到申请数", "件", 4),
    ("行政复议数量", "件", 2),
]
_ROWS = "".join(f"<tr><td>{label}<td>{unit}<td>{value}</tr>" for label, unit, value in _INDICATORS)
_TABLE = f"<table><tr><td>统计指标<td>单位<td>统计数</tr>{_ROWS}</table>"
_LEGACY = f"<title>某县统计局2016年政府信息公开工作年度报告</title><p>一、概述</p><p>附表：统计表</p>{_TABLE}"


def _figures(frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
    columns = ["table_code", "row_code", "column_code", "raw_label", "value", "value_status"]
    is_fact = pl.col("row_code").is_not_null() | pl.col("indicator_number").is_not_null()
    return frames["figures"].filter(is_fact & pl.col("column_code").is_not_null()).select(columns).sort(columns)


def _empty(markup: str) -> str:
    return _DIGITS.sub("><", markup)


def _page_of_2023() -> tuple[str, str]:
    text = make_document(4, "2021", "html", size="district", year=2023, agency="烟台市芝罘区审计局").content.decode()
    own = _page()[1]
    assert own in text
    return text, own


@pytest.mark.parametrize(
    "order", ["{empty}{own}", "{empty}<p>&nbsp;</p>{own}", "{own}{empty}", "{own}<p>附件：表样</p>{empty}"]
)
def test_an_empty_form_beside_the_filled_one_is_in_no_fact(order):
    """All figures of the table but the blank ones were refused."""
    text, own = _page_of_2023()
    frames = _normalize(text.replace(own, order.format(own=own, empty=_empty(own))))
    assert _figures(frames).equals(_figures(_normalize(text)))
    assert frames["findings"]["reason_code"].to_list().count("duplicate_table") == 1
    assert "duplicate_row" not in frames["findings"]["reason_code"]


@pytest.mark.parametrize(
    ("above_empty", "above_own"),
    [
        ("（一）区本级", "（二）各街道"),
        ("一、区本级", "二、各街道"),
        ("", "全区汇总"),
        ("2022年", "2023年合计"),
        ("区本级", ""),
    ],
)
def test_an_empty_table_under_a_line_of_its_own_may_be_anothers(above_empty, above_own):
    text, own = _page_of_2023()
    pair = f"<p>{above_own}</p>{own}" if above_own else own
    frames = _normalize(text.replace(own, f"<p>{HEADING}</p><p>{above_empty}</p>{_empty(own)}{pair}"))
    assert "duplicate_table" not in frames["findings"]["reason_code"]


def test_a_line_stands_over_all_tables_below_it():
    """Of two units' tables one may be empty; its line stands over the first of them alone."""
    text, own = _page_of_2023()
    start = text.index("<table", text.index(own) + len(own))
    other = text[start : text.index("</table>", start) + len("</table>")]
    pages = text.replace(own, own + other).replace("</body>", "<p>各街道</p>{}</body>")
    assert "duplicate_table" not in _normalize(pages.format(own + _empty(other)))["findings"]["reason_code"]
    frames = _normalize(pages.replace("各街道", "附件").format(own + _empty(other)))
    assert frames["findings"]["reason_code"].to_list().count("duplicate_table") == 1


@pytest.mark.parametrize("line", ["附：空表（样表）", "年报统计表模板"])
def test_a_sample_may_hold_noughts(line):
    text, own = _page_of_2023()
    sample = _DIGITS.sub(">0<", own)
    for page in (
        text.replace("</body>", f"<p>{line}</p>{sample}</body>"),
        text.replace(own, f"<p>{line}</p>{sample}<p>{HEADING}</p>{own}"),
    ):
        assert _figures(_normalize(page)).equals(_figures(_normalize(text)))


def test_an_empty_table_with_words_of_its_own_may_be_anothers():
    text, own = _page_of_2023()
    named = _empty(own).replace("申请人情况", "申请人情况（街道）", 1)
    assert named != _empty(own)
    frames = _normalize(text.replace(own, named + own))
    assert "duplicate_table" not in frames["findings"]["reason_code"]


@pytest.mark.parametrize("copy", [_TABLE, _empty(_TABLE)])
def test_a_table_before_2019_stands_once(copy):
    """Indicators that no form knows were loaded once for each time that the page prints them."""
    alone = _figures(_normalize(_LEGACY))
    assert sorted(alone["value"]) == [2, 3, 4, 12]
    assert _figures(_normalize(_LEGACY.replace(_TABLE, copy + _TABLE))).equals(alone)
    assert _figures(_normalize(_LEGACY + f"<p>统计表</p>{copy}")).equals(alone)


def test_tables_before_2019_that_differ_stand_both():
    other = _TABLE.replace(">12<", ">13<")
    assert "duplicate_table" not in _normalize(_LEGACY + other)["findings"]["reason_code"]


def test_an_empty_table_among_those_of_another_report_is_no_form():
    """Blanks of the report's own table were filled from the other one's, which a script hides."""
    text, own = _page_of_2023()
    start = text.index("<table", text.index(own) + len(own))
    other = text[start : text.index("</table>", start) + len("</table>")]
    page = text.replace(other, _empty(other)).replace("</body>", "<div>{}</div></body>")
    changed = _DIGITS.sub(lambda digits: f">9{digits[0].strip('<>')}<", own)
    assert "challenge" in _figures(_normalize(page.format(own + other)))["table_code"]  # an empty form, filled below
    assert "challenge" not in _figures(_normalize(page.format(changed + other)))["table_code"]
