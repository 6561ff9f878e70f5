"""A row that holds nothing but words in the places of its figures keeps its cells: no number, and no label either."""

import pytest

from pipelines.normalize.values import read_value
from schemas.vocabulary import ValueStatus
from tests.normalize.tables import Rows, expected_request, read_grid, read_spans, request_rows

_WORDS = ["12a", "约3", "3-4", "Ⅲ", "abc", "见附件"]
_DECISIONS = ("licensing", "decisions")


@pytest.mark.parametrize("word", _WORDS)
def test_a_word_under_the_only_column_is_the_figure_of_its_row(word: str) -> None:
    header = ["信息内容", "本年处理决定数量"]
    rows = [["第二十条第（五）项", ""], header, ["行政许可", word]]
    found, reading = read_grid([*rows, ["第二十条第（六）项", ""], header, ["行政处罚", "1"]])
    assert found == {_DECISIONS: word, ("penalty", "decisions"): "1"}
    assert [cell.label_place for cell in reading.cells] == [(1, 3, 1), (1, 6, 1)]
    assert read_value(word).status is ValueStatus.ILLEGIBLE


def test_a_word_under_a_merged_column_is_its_figure() -> None:
    found, _ = read_spans(
        [
            *([("第二十条第（五）项", 4)], [("信息内容", 1), ("本年处理决定数量", 3)], [("行政许可", 1), ("约3", 3)]),
            *([("第二十条第（六）项", 4)], [("信息内容", 1), ("本年处理决定数量", 3)], [("行政处罚", 1), ("1", 3)]),
        ]
    )
    assert found == {_DECISIONS: "约3", ("penalty", "decisions"): "1"}


@pytest.mark.parametrize("words", [["不详", "不详", "不详"], ["不详", "", ""], ["", "见附件", ""], ["", "", "12a"]])
def test_words_in_some_of_the_columns_leave_the_others_blank(words: list[str]) -> None:
    header = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
    found, _ = read_grid(
        [["第二十条第（一）项", "", "", ""], header, ["规章", *words], ["行政规范性文件", "3", "1", "9"]]
    )
    columns = ("issued", "repealed", "in_force")
    assert {column: found["regulation", column] for column in columns} == dict(zip(columns, words, strict=True))
    assert found["normative_document", "in_force"] == "9"


def test_a_remark_beside_a_row_of_blanks_is_not_its_label() -> None:
    header = ["信息内容", "本年处理决定数量", "备注"]
    rows = [["第二十条第（五）项", "", ""], header, ["行政许可", "", "见附件"]]
    found, _ = read_grid([*rows, ["第二十条第（六）项", "", ""], header, ["行政处罚", "1", ""]])
    assert found[_DECISIONS] == ""


@pytest.mark.parametrize("number", range(3, 10))
def test_seven_times_a_word_in_a_row_of_requests(number: int) -> None:
    rows = request_rows()
    rows[number][2:] = ["见附件"] * 7
    found, _ = read_grid(rows)
    assert sorted(found) == sorted(expected_request())
    assert [text for text in found.values() if text == "见附件"] == ["见附件"] * 7


def test_words_on_the_line_below_their_label() -> None:
    rows: Rows = []
    for number, row in enumerate(request_rows()):
        rows += [row] if number != 4 else [row[:2] + [""] * 7, ["", "", *["见附件"] * 6, "12a"]]
    found, _ = read_grid(rows)
    assert sorted(found) == sorted(expected_request())
    assert list(found.values()).count("见附件") == 6


@pytest.mark.parametrize("places", [range(15), [0], [3], [0, 14]])
def test_words_in_the_line_of_figures_below_rows_side_by_side(places: list[int]) -> None:
    results = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    figures = ["不详" if place in places else str(place) for place in range(15)]
    found, _ = read_spans(
        [
            [("行政复议", 5), ("行政诉讼", 10)],
            [*((result, 1) for result in results), ("未经复议直接起诉", 5), ("复议后起诉", 5)],
            [("", 1)] * 5 + [(result, 1) for result in [*results, *results]],
            [(figure, 1) for figure in figures],
        ]
    )
    assert sorted(found.values()) == sorted(figures)
    assert len({code for code in found if None not in code}) == 15
