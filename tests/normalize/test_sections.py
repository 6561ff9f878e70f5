"""The narrative falls into the form's six sections, however its headings are printed."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.normalize.sections import split_sections
from schemas.table import table

OFFICIAL = {
    "一、总体情况": "overview",
    "二、主动公开政府信息情况": "proactive",
    "三、收到和处理政府信息公开申请情况": "request",
    "四、政府信息公开行政复议、行政诉讼情况": "challenge",
    "五、存在的主要问题及改进情况": "problems",
    "六、其他需要报告的事项": "other_matters",
}


def _split(*lines: tuple[str, str]) -> list[tuple[str, str | None, str]]:
    blocks = pl.DataFrame(
        [
            {"file_id": 1, "block_number": n, "kind": kind, "text": text}
            for n, (kind, text) in enumerate(lines, start=1)
        ],
        infer_schema_length=None,
    )
    sections = split_sections(table("blocks").conform(blocks))
    assert sections["section_number"].to_list() == list(range(1, sections.height + 1))
    return list(sections.select("section_code", "heading", "text").iter_rows())


def test_the_official_headings() -> None:
    lines = [piece for heading in OFFICIAL for piece in (("heading", heading), ("paragraph", "有关情况。"))]
    assert _split(*lines) == [(code, heading, "有关情况。") for heading, code in OFFICIAL.items()]


def test_a_heading_printed_at_two_levels_is_one_section() -> None:
    found = _split(("heading", "一、总体情况"), ("heading", "一、总体情况"), ("paragraph", "全年公开3486条。"))
    assert found == [("overview", "一、总体情况", "全年公开3486条。")]


def test_text_before_the_first_heading_is_the_preamble() -> None:
    assert _split(("paragraph", "本报告根据条例编制。"), ("paragraph", "一、总体情况"))[0] == (
        "preamble",
        None,
        "本报告根据条例编制。",
    )


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("三、收到的处理政府信息公开申请情况", "request"),
        ("三、政府信息依申请公开工作情况", "request"),
        ("四、政府信息公开行政法复议、行政诉讼情况", "challenge"),
        ("五、因政府信息公开申请行政复议、提起行政诉讼的情况", "challenge"),
        ("五、存在问题及改进情况", "problems"),
        ("五、政府信息公开工作存在的主要问题及改进情况", "problems"),
        ("六、其它需要说明的事项", "other_matters"),
        ("一、概述", "overview"),
        ("四、政府信息公开的收费及减免情况", "other"),
    ],
)
def test_headings_as_agencies_print_them(heading: str, code: str) -> None:
    assert _split(("paragraph", heading), ("paragraph", "无。")) == [(code, heading, "无。")]


def test_headings_inside_a_line_that_lost_its_breaks() -> None:
    text = "平潭综合实验区2016年度报告 一、概述 总的情况。二、主动公开政府信息情况（一）数量 共3460条。"
    assert [code for code, _, _ in _split(("paragraph", text))] == ["preamble", "overview", "proactive"]


def test_rows_of_a_table_that_lost_its_structure_are_no_headings() -> None:
    lines = [
        "三、收到和处理政府信息公开申请情况",
        "一、本年新收政府信息公开申请数量",
        "三、本年度办理结果",
        "四、结转下年度继续办理",
    ]
    found = _split(*(("paragraph", line) for line in lines))
    assert [code for code, _, _ in found] == ["request"]


@given(st.lists(st.sampled_from([*OFFICIAL, "全年公开3486条。", "（一）主动公开情况。"]), max_size=12))
def test_no_text_is_lost(lines: list[str]) -> None:
    if lines:
        kept = "".join(text for _, _, text in _split(*(("paragraph", line) for line in lines)))
        assert kept.count("3486") == sum("3486" in line for line in lines)
