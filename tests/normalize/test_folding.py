"""Folding: what must compare equal does, what must not does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.normalize.folding import fold_characters, fold_label

SAME = [
    ("（三）不予公开", "(三) 不予 公开"),
    ("（三）不予公开", "三、不予公开"),
    ("1.属于国家秘密", "１．属于国家秘密"),
    ("3.危及“三安全一稳定”", '3、危及"三安全一稳定"'),
    ("本年新制作数量", "本年新\n制作数量"),
    ("行政处罚", "⾏政处罚"),
    ("人民政府", "人⺠政府"),
    ("三、本年度办理结果", "三、本年度辦理結果"),
    ("其他主动公开文件", "其他主動公開檔案"),
    ("本年增/减", "本年增／减"),
    ("5.要求行政机关确认或重新出具已获取信息", "5.要求行政机关确认或重\u3000新出具\u200b已获取信息"),
]


@pytest.mark.parametrize(("official", "printed"), SAME)
def test_ways_to_print_one_label_compare_equal(official: str, printed: str) -> None:
    assert fold_label(official).text == fold_label(printed).text


def test_numbers_with_their_level_stay_apart() -> None:
    assert [fold_label(text).ordinal for text in ("三、其他", "（三）其他", "3.其他", "其他", "十二、其他")] == [
        "三",
        "(3)",
        "3",
        "",
        "十二",
    ]


@given(st.text("（(一二三四五六七八九十)）、.:", max_size=6))
def test_numerals_that_are_no_number_are_text(text: str) -> None:
    """七四、 broke off the reading of a whole batch."""
    fold_label(text + "其他")
    assert fold_label("七四、其他").ordinal == ""


def test_a_case_file_is_not_a_document() -> None:
    assert fold_label("7.屬於行政執法案卷").text == "属于行政执法案卷"


def test_clause_captions_differ_by_their_numeral_alone() -> None:
    assert fold_label("第二十条第（一）项").text != fold_label("第二十条第（五）项").text


def test_guidance_in_parentheses_is_left_out_of_the_bare_form() -> None:
    label = fold_label("（二）部分公开（区分处理的，只计这一情形，不计其他情形）")
    assert (label.bare, label.ordinal) == ("部分公开", "(2)")


@given(st.text(max_size=60))
def test_folding_is_idempotent_and_never_fails(text: str) -> None:
    once = fold_characters(text)
    assert fold_characters(once) == once
    assert fold_label(text).text == fold_label(fold_characters(text)).text
