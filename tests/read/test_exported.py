"""What data frame libraries and published sheets add to a table: it is no part of what the table says."""

import pytest

from pipelines.read import read_document

ROWS = [("规章", "3"), ("规范性文件", ""), ("行政许可", "5"), ("行政处罚", "0")]


def _texts(markup: str) -> list[str]:
    return [cell[4] for cell in read_document("a", markup.encode()).tables[0]]


def _page(rows: list[tuple[str, ...]]) -> str:
    return "<table>" + "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in rows) + "</table>"


@pytest.mark.parametrize(
    ("head", "start", "blank"),
    [
        ([("", "0", "1")], 0, "NaN"),  # a data frame as a page
        ([("", "A", "B")], 1, ""),  # a sheet that is published
        ([], 1, ""),
    ],
)
def test_numbers_of_rows_and_columns_are_left_out(head, start, blank):
    """Labels stood behind the numbers of their rows, and no row was found."""
    numbered = [(str(at), label, figure or blank) for at, (label, figure) in enumerate(ROWS, start)]
    empty = [""] * 3 if head else []
    assert _texts(_page([*head, *numbered])) == empty + [text for row in ROWS for text in ("", *row)]


def test_what_a_converter_names_and_fills_is_left_out():
    lines = ["| 某局2021年年报 | Unnamed: 1 |", "| --- | --- |", *(f"| {a} | {b or 'NaN'} |" for a, b in ROWS)]
    assert _texts("\n".join(lines)) == ["某局2021年年报", "", *(text for row in ROWS for text in row)]


@pytest.mark.parametrize("blank", ["nan", "None", "NULL", r"\N", "<NA>"])
def test_words_for_a_missing_value_are_blanks_where_one_heads_a_column(blank):
    """What pdfplumber, pandas and databases write for a cell that another covers hid each figure beside it."""
    lines = [f"第二十条第（一）项\t{blank}\t{blank}", *(f"{label}\t{figure or blank}\t0" for label, figure in ROWS)]
    lines.append(f"行政强制\t1\t{blank}")
    read = [text for row in ROWS for text in (*row, "0")]
    assert _texts("\n".join(lines)) == ["第二十条第（一）项", "", "", *read, "行政强制", "1", ""]


def test_comma_separated_values_of_a_data_frame():
    rows = [
        ["", "0", "1", "2"],
        ["0", "信息内容", "制发", "废止"],
        ["1", "规章", "3", ""],
        ["2", "规范性文件", "4", "12"],
    ]
    rows += [["3", "行政许可", '="5"', "0"], ["4", "行政处罚", '"=""7"""', "0"], ["5", "行政强制", "1", "0"]]
    texts = _texts("\n".join(",".join(row) for row in rows))
    assert [texts[at : at + 4] for at in range(0, 28, 4)][2:] == [
        ["", "规章", "3", ""],
        ["", "规范性文件", "4", "12"],
        ["", "行政许可", "5", "0"],
        ["", "行政处罚", "7", "0"],
        ["", "行政强制", "1", "0"],
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [("1", "规章"), ("2", "许可"), ("3", "处罚")],  # too few to be sure
        [("1", "规章"), ("2", "许可"), ("2", "处罚"), ("3", "强制")],
        [("1", "3"), ("2", "0"), ("3", "3"), ("4", "7")],
        [("序号", "项目"), ("1", "规章"), ("2", "许可"), ("3", "处罚"), ("4", "强制")],
        [("规章", "NaN"), ("许可", "3")],
    ],
)
def test_other_numbers_and_words_stay(rows):
    assert _texts(_page(rows)) == [text for row in rows for text in row]
