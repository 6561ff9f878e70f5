"""Reading values: exact where it is a number, nothing else where it is not."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.normalize.figures import build_figures
from pipelines.normalize.layouts import read_layouts
from pipelines.normalize.values import is_value_like, read_value
from schemas.table import table
from schemas.vocabulary import ValueStatus
from tests.normalize.tables import cells_frame


@pytest.mark.parametrize(
    ("text", "value", "unit", "note"),
    [
        ("0", 0, None, None),
        (" 12 ", 12, None, None),
        ("１２３", 123, None, None),
        ("1,234,567", 1234567, None, None),
        ("1，234", 1234, None, None),
        ("-18", -18, None, None),
        ("－18", -18, None, None),
        ("+1036", 1036, None, None),
        ("'12", 12, None, None),
        ("’-3", -3, None, None),
        ("减3", -3, None, None),
        ("增5", 5, None, None),
        ("251000元", 251000, "元", None),
        ("75394432.52元", 75394432.52, "元", None),
        ("0.37万元", 0.37, "万元", None),
        ("4166.241619", 4166.241619, None, None),
        ("22（其中修订 16 件）", 22, None, "其中修订16件"),
        ("55(含自然失效 29 件)", 55, None, "含自然失效29件"),
        ("3件", 3, "件", None),
        ("31批次", 31, "批次", None),
        ("12①", 12, None, "①"),
        ("12²", 12, None, "²"),
        ("3*", 3, None, "*"),
        ("十二", 12, None, None),
        ("零", 0, None, None),
        ("十二万零三百", 120_300, None, None),
        ("负3", -3, None, None),
        ("5百万元", 5, "百万元", None),
        ("3例", 3, "例", None),
    ],
)
def test_printed_numbers(text: str, value: float, unit: str | None, note: str | None) -> None:
    read = read_value(text)
    assert (read.status, read.value, read.unit, read.note) == (ValueStatus.REPORTED, value, unit, note)


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\xa0", "\n", "\u200b"])
def test_nothing_is_blank(text: str) -> None:
    assert read_value(text).status is ValueStatus.BLANK


@pytest.mark.parametrize("text", ["/", "-", "—", "——", "－", "无", "／", "\\"])
def test_a_dash_is_not_applicable(text: str) -> None:
    assert read_value(text).status is ValueStatus.NOT_APPLICABLE


@pytest.mark.parametrize(
    "text",
    [
        "O",
        "l2",
        "1e5",
        "二三十",
        "一万二万三",
        "1e999",
        "12.",
        "1,02",
        "1.234.567",
        "3 4",
        "0 0",
        "12\n34",
        "约3",
        "3-4",
        "50%",
        "#REF!",
        "NaN",
        "inf",
        "9" * 40,
        "１２．",
        "2021年",
        "--5",
        "-①",
        "5（",
        "0x10",
        "½",
        "²",
        "①",
        "1②3",
        "十百",
        "一百二",
        "两千五",
        "一万二",
        "一千二百三",
        "12（3）",
        "12(15)",
        "第3",
        "三五",  # a few
        "一百五",  # 150 to who says it
        "○",
    ],
)
def test_what_is_not_wholly_a_number_is_illegible(text: str) -> None:
    read = read_value(text)
    assert read.status is ValueStatus.ILLEGIBLE
    assert read.value is None


@given(st.decimals(min_value=0, max_value=10**12, places=3, allow_nan=False))
def test_every_number_is_read_as_printed(number: Decimal) -> None:
    for text in (f"{number}", f"{number:,}", f"-{number}"):
        read = read_value(text)
        assert read.value is not None
        assert abs(read.value) == float(number)
        assert is_value_like(text)


@given(st.text(max_size=20))
def test_no_text_is_read_as_a_number_it_does_not_print(text: str) -> None:
    read = read_value(text)
    assert (read.value is not None) == (read.status is ValueStatus.REPORTED)
    if read.status is ValueStatus.REPORTED:
        assert any(character.isnumeric() for character in text)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [("100000（元）", 100000, "元"), ("10（单位：万元）", 10, "万元"), ("3（减）", -3, None), ("3(增)", 3, None)],
)
def test_a_unit_or_a_sign_in_brackets_is_no_remark(text: str, value: float, unit: str | None) -> None:
    read = read_value(text)
    assert (read.value, read.unit, read.note) == (value, unit, None)


@pytest.mark.parametrize(("figures", "read"), [(["一", "0", "3"], [None, 0, 3]), (["一", "零", "三"], [1, 0, 3])])
def test_a_stroke_among_digits_may_be_a_dash(figures, read):
    """一 typed for — was read as one."""
    rows = [["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"], ["规章", *figures]]
    cells = cells_frame([rows])
    years = pl.DataFrame({"file_id": [1], "year": [2023]}, schema_overrides={"year": pl.Int32})
    found = build_figures(cells, read_layouts(cells), years, table("blocks").empty_frame())
    assert found["value"].to_list() == read
    assert found["value_status"].to_list()[0] == ("reported" if read[0] else "illegible")
