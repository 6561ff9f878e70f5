"""Tables in JSON, as converters, editors and data frames write them."""

import json

import pytest

from pipelines.read import read_document
from pipelines.read.json_tables import compose_tables

GRID = [["信息内容", "制发", "废止"], ["规章", "3", ""], ["文件", "1", "0"], ["其他", "2", "5"]]
PLACED = [(row, column, text) for row, line in enumerate(GRID) for column, text in enumerate(line)]


def read(value: object) -> list[tuple[int, int, int, int, str]]:
    (cells,) = read_document("a.json", json.dumps(value).encode()).tables
    return cells


def pandoc_cell(text: str, columns: int = 1) -> list[object]:
    blocks = [{"t": "Plain", "c": [{"t": "Str", "c": text}]}] if text else []
    return [["", [], []], {"t": "AlignDefault"}, 1, columns, blocks]


def node(text: str, **attributes: int) -> dict[str, object]:
    inner = [{"type": "text", "text": text}] if text else []
    return {"type": "tableCell", "attrs": attributes, "content": [{"type": "paragraph", "content": inner}]}


@pytest.mark.parametrize(
    "value",
    [
        {"title": "年报", "rows": GRID},
        [{"r": row, "c": column, "v": {"v": 9, "m": text}} for row, column, text in PLACED],
        [{"rowIndex": row, "columnIndex": column, "content": text} for row, column, text in PLACED if text],
        {"t": "Table", "c": [[["", [], []], list(map(pandoc_cell, line))] for line in GRID]},
        {"type": "table", "content": [{"type": "tableRow", "content": list(map(node, line))} for line in GRID]},
        {"index": [0, 1, 2], "columns": GRID[0], "data": GRID[1:]},
        [dict(zip(GRID[0], line, strict=True)) for line in GRID[1:]],
    ],
)
def test_one_table_in_the_words_of_each_program(value):
    assert [(row, column, text) for row, column, _, _, text in read(value) if text] == [
        (row + 1, column + 1, text) for row, column, text in PLACED if text
    ]


@pytest.mark.parametrize(
    "wide",
    [
        [
            {"start_row_offset_idx": 0, "start_col_offset_idx": 0, "text": "说明", "row_span": 1, "col_span": 3},
            *({"start_row_offset_idx": r + 1, "start_col_offset_idx": c, "text": text} for r, c, text in PLACED),
        ],
        {"c": [[["", [], []], row] for row in ([pandoc_cell("说明", 3)], *(map(pandoc_cell, line) for line in GRID))]},
    ],
)
def test_cells_that_reach_over_others(wide):
    if isinstance(wide, dict):
        wide = {"c": [[attributes, list(cells)] for attributes, cells in wide["c"]]}
    cells = read(wide)
    assert cells[0] == (1, 1, 1, 3, "说明")
    assert cells[4][:2] == (3, 1)


def test_the_same_cells_as_a_list_and_as_a_grid_are_one_table():
    cells = [[{"row": r, "col": c, "text": text} for c, text in enumerate(line)] for r, line in enumerate(GRID)]
    assert read({"cells": [cell for line in cells for cell in line], "grid": cells})


def test_figures_of_objects_within_objects_are_records():
    rows = {f"{number}.事项": {"自然人": number, "其他": None} for number in range(40)}
    lines = read({"title": "年报", "tables": {"三、本年度办理结果": rows}})
    assert [text for *_, text in lines if text][:2] == ["自然人", "其他"]
    assert lines[-3:] == [(41, 2, 1, 1, "39.事项"), (41, 3, 1, 1, "39"), (41, 4, 1, 1, "")]


@pytest.mark.parametrize(
    "value", [{"a": [1, 2, 3]}, [[1, 2], [3, 4]], {"content": "本机关依法公开政府信息。" * 40}, [{"r": 0}] * 30]
)
def test_other_values_hold_no_table(value):
    assert compose_tables([value]) is None


def test_spans_and_depth_are_bounded():
    bomb = [{"row": row, "col": 0, "text": "数", "rowSpan": 10**9, "colSpan": 10**9} for row in range(0, 40_000, 1_000)]
    assert compose_tables([bomb]) is None or len(compose_tables([bomb]) or "") < 10**6
    deep: object = GRID
    for _ in range(500):
        deep = [deep]
    assert compose_tables([deep]) is None


WIDE = [(0, 0, 1, 1, "项目"), (0, 1, 1, 2, "件数"), (1, 0, 2, 1, "规章"), (1, 1, 1, 1, "3"), (1, 2, 1, 1, "")]
WIDE += [(2, 1, 1, 1, "12"), (2, 2, 1, 1, "5"), *((row, column, 1, 1, "7") for row in (3, 4) for column in range(3))]


@pytest.mark.parametrize(
    "names",
    [
        "start_row_offset_idx start_col_offset_idx row_span col_span text",
        "rowIndex columnIndex rowSpan columnSpan content",
        "row_index column_index row_span column_span text",
        "RowIndex ColumnIndex RowSpan ColumnSpan text",
        "rowIndex colIndex rowSpan colSpan content",
        "row col rowspan colspan value",
        "row column rowspan colspan text",
        "r c rs cs m",
        "r c rs cs v",
    ],
)
def test_cells_stand_where_the_words_of_each_program_say(names):
    """Without the word for a span 12 would stand under 项目, and 5 one column to the left."""
    cells = [dict(zip(names.split(), cell, strict=True)) for cell in WIDE]
    assert read({"cells": cells}) == [(row + 1, column + 1, *rest) for row, column, *rest in WIDE]


@pytest.mark.parametrize(
    ("row_kind", "cell_kind"),
    [
        ("tableRow", "tableCell"),
        ("tableRow", "tableHeader"),
        ("table_row", "table_cell"),
        ("table_row", "table_header"),
        ("table-row", "table-cell"),
        ("table-row", "table-header"),
        ("tr", "td"),
        ("tr", "th"),
        ("row", "cell"),
    ],
)
def test_rows_and_cells_are_what_each_editor_calls_them(row_kind, cell_kind):
    rows = [
        {"type": row_kind, "children": [{"type": cell_kind, "children": [{"text": text}]} for text in line]}
        for line in GRID
    ]
    assert [cell[4] for cell in read({"type": "x", "children": rows})] == [text for line in GRID for text in line]


@pytest.mark.parametrize("key", ["columns", "header", "headers", "fields"])
@pytest.mark.parametrize("body", ["data", "rows", "values", "records"])
def test_heads_and_rows_that_stand_apart(key, body):
    assert [cell[4] for cell in read({key: GRID[0], body: GRID[1:]})] == [text for line in GRID for text in line]


def test_a_column_of_whole_numbers_and_gaps_is_no_column_of_decimals():
    """A data frame writes 3 beside a gap as 3.0, which would be no count."""
    records = [{"项目": "规章", "制发": 3.0, "废止": None}, {"项目": "文件", "制发": 12.0, "废止": 0.0}]
    records += [{"项目": "其他", "制发": None, "废止": 5.0}]
    texts = ["项目", "制发", "废止", "规章", "3", "", "文件", "12", "0", "其他", "", "5"]
    assert [cell[4] for cell in read(records)] == texts
    lines = "\n".join(json.dumps(record) for record in records)
    assert [cell[4] for cell in read_document("a.json", lines.encode()).tables[0]] == texts
