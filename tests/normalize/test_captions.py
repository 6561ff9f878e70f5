"""A table under the caption of another time is not the report's, and stands in nobody's way."""

import polars as pl
import pytest

from pipelines.normalize import normalize_batch
from pipelines.read import document_frames, read_document
from schemas.table import table
from schemas.vocabulary import ValueStatus
from tests.factory import make_document

HEADING = "三、收到和处理政府信息公开申请情况"


def _normalize(text: str) -> dict[str, pl.DataFrame]:
    read = document_frames([(1, read_document("2023/a.html", text.encode()))])
    files = table("files").conform(pl.DataFrame({"file_id": [1], "path": ["2023/a.html"], "folder_year": [2023]}))
    return normalize_batch(files, read["documents"], read["blocks"], read["cells"])


def _page(*, size: str = "district", seed: int = 4) -> tuple[str, str]:
    """Return a report on 2023, and its 表三."""
    text = make_document(seed, "2021", "html", size=size, year=2023, agency="烟台市芝罘区审计局").content.decode()
    start = text.index("<table", text.index(HEADING))
    return text, text[start : text.index("</table>", start) + len("</table>")]


def _requests(frames: dict[str, pl.DataFrame]) -> int:
    return frames["figures"].filter(table_code="request", value_status=ValueStatus.REPORTED.value).filter(
        pl.col("row_code").is_not_null()
    ).height  # fmt: skip


@pytest.mark.parametrize(
    "caption", ["2022年", "2022年度情况如下：", "上年同期：", "（去年）", "上半年", "第三季度数据"]
)
def test_a_table_of_another_time_is_in_no_fact(caption):
    """Its figures were loaded as those of the report's year."""
    text, own = _page()
    frames = _normalize(text.replace(own, f"<p>{caption}</p>{own}"))
    assert _requests(frames) == 0
    assert "other_period" in frames["findings"]["reason_code"].to_list()


@pytest.mark.parametrize(("line", "is_read"), [("（以上为2022年数据）", False), ("注：上表为2023年数据", True)])
def test_a_line_below_a_table_may_say_that_it_is_of_another_time(line, is_read):
    """It was taken for the caption of the next table, and this one for the report's."""
    text, own = _page()
    frames = _normalize(text.replace(own, f"{own}<p>{line}</p>"))
    assert bool(_requests(frames)) is is_read
    reported = frames["figures"].filter(value_status=ValueStatus.REPORTED.value).drop_nulls("row_code")
    assert {"proactive", "challenge"} <= set(reported["table_code"])


@pytest.mark.parametrize(
    "caption",
    [
        "2023年",
        "2022年至2023年",
        "2022年12月31日",
        "单位：件",
        "2022年我局办理的申请较多，均已答复。",
        "2022年全区收到申请77777件。",
        "2022年收到申请12件",
        "与2022年对比情况",
        "公开指南（2022年版）",
        "（二）2022年结转申请的办理",
        "本表与2022年政府信息公开工作年度报告格式相同",
    ],
)
def test_other_lines_over_a_table_say_nothing_of_its_time(caption):
    text, own = _page()
    assert _requests(_normalize(text.replace(own, f"<p>{caption}</p>{own}"))) == _requests(_normalize(text)) > 100


@pytest.mark.parametrize("order", [("2022年", "2023年"), ("上年", "本年"), ("2023年", "2022年")])
def test_last_years_table_stands_in_nobodys_way(order):
    """Of two tables only the cells on which both agreed were read."""
    text, own = _page()
    other = _page(seed=5)[1]
    tables = "".join(f"<p>{word}</p>{own if word in ('2023年', '本年') else other}" for word in order)
    whole, alone = _normalize(text.replace(own, tables)), _normalize(text)
    columns = ["table_code", "row_code", "column_code", "value"]
    figures = [
        frames["figures"].drop_nulls(["row_code", "column_code"]).select(columns).sort(columns)
        for frames in (whole, alone)
    ]
    assert figures[0].equals(figures[1])


def test_a_title_row_of_the_table_may_name_the_time():
    text, own = _page()
    row = own.index("<tr")
    titled = f"{own[:row]}<tr><td colspan=10>2022年度</td></tr>{own[row:]}"
    assert _requests(_normalize(text.replace(own, titled))) == 0


def test_the_next_heading_ends_what_a_caption_says():
    text, own = _page()
    frames = _normalize(text.replace(own, f"<p>2022年</p>{own}"))
    assert "challenge" in frames["figures"].drop_nulls("row_code")["table_code"].to_list()
