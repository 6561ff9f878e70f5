"""Tables in cells, shadow trees and the names of columns in cells: what stands around figures and is none of them."""

import pytest

from pipelines.read import read_document
from pipelines.read.model import PICTURE


def rows_of(markup: str) -> list[list[str]]:
    tables = read_document("x.html", f"<h1>某局2022年报告</h1>{markup}".encode()).tables
    cells = tables[0] if tables else []
    return [[cell[4] for cell in cells if cell[0] == row] for row in sorted({cell[0] for cell in cells})]


HEAD = "<tr><td>事项<td>自然人<td>总计"


def test_a_table_of_one_row_in_a_cell_is_the_cells_of_that_row() -> None:
    """A page set the seven figures of each row into a table of their own, and nothing of it was read."""
    page = f"<table>{HEAD}<tr><td>一<td colspan=2><table><tr><td>3<td></table></table>"
    assert rows_of(page) == [["事项", "自然人", "总计"], ["一", "3", ""]]


@pytest.mark.parametrize("mark", ["\ue0f40\ue0f5", "<td>\ue0f40\ue0f5"])
def test_a_page_that_prints_the_marks_of_such_tables_moves_no_cell(mark: str) -> None:
    """Its own mark stood in the place of the first, and what followed it was lost, or stood in another row."""
    page = f"<table>{HEAD}<tr><td>零{mark}<tr><td>一<td colspan=2><table><tr><td>3<td>4</table></table>"
    rows = rows_of(page)
    assert [row[0] for row in rows][-1] == "一"
    assert not {"3", "4"} & {text for row in rows for text in row}


@pytest.mark.parametrize(
    "inner",
    [
        "<table style='display:none'><tr><td>3<td>4</table>",
        "<table dir=rtl><tr><td>3<td>4</table>",
        "<table><tr><td>3<td>4</table>5",
        "<table><tr><td>3<td>4<td>5</table>",
        "<table><tr><td>3<tr><td>4</table>",
        "<table><tr><td colspan=2>3<td>4</table>",
        "<table><tr><td rowspan=2>3<td>4</table>",
    ],
)
def test_other_tables_in_cells_are_no_figures_of_the_row(inner: str) -> None:
    rows = rows_of(f"<table>{HEAD}<tr><td>一<td colspan=2>{inner}<tr><td>二<td>7<td>8<tr><td>三<td>7<td>8</table>")
    assert ["一", "3", "4"] not in rows


SHADOW = "<x-a>{light}<template shadowrootmode=open>{tree}</template></x-a>"
TABLE = f"<table>{HEAD}<tr><td>一<td>3<td>4</table>"


def test_a_shadow_tree_stands_in_the_place_of_what_its_host_holds() -> None:
    assert rows_of(SHADOW.format(light="<table><tr><td>旧<td>9<td>9</table>", tree=TABLE))[-1] == ["一", "3", "4"]
    assert rows_of(SHADOW.format(light="", tree=f"{TABLE}<slot></slot>")) == []


ROWS = [("规章", "3"), ("规范性文件", ""), ("行政许可", "12"), ("行政处罚", ""), ("行政强制", "0"), ("收费", "7")]


@pytest.mark.parametrize("name", ["sr-only", "tablesaw-cell-label", "mobile-label"])
def test_the_name_of_its_column_in_a_cell_leaves_a_blank_blank(name: str) -> None:
    """Cells for narrow screens say the name of their column: blank ones were read as labels."""
    head = "<thead><tr><th>信息内容<th>数量</thead>"
    body = "".join(f"<tr><td>{label}<td><b class={name}>数量：</b>{figure}" for label, figure in ROWS)
    assert rows_of(f"<table>{head}<tbody>{body}</table>")[1:] == [list(row) for row in ROWS]


def test_a_table_without_such_names_leaves_the_next_one_its_own() -> None:
    """Where the first table of a page had none, those of the second would stay."""
    body = "".join(f"<tr><td>{label}<td><b class=sr-only>数量：</b>{figure}" for label, figure in ROWS)
    named = f"<table><thead><tr><th>信息内容<th>数量</thead><tbody>{body}</table>"
    tables = read_document("x.html", f"<h1>某局2022年报告</h1>{TABLE}{named}".encode()).tables
    assert [cell[4] for cell in tables[1]][3::2] == [figure for _, figure in ROWS]


def test_words_in_a_cell_that_are_no_columns_name_stay() -> None:
    head = "<thead><tr><th>信息内容<th>数量</thead>"
    body = "".join(f"<tr><td>{label}<td><b class=mobile-label>减少</b>{figure}" for label, figure in ROWS)
    assert rows_of(f"<table>{head}<tbody>{body}</table>")[1][1] != "3"


def test_elements_of_a_pages_own_that_wrap_figures_elsewhere_are_blank_where_they_are_empty() -> None:
    rows = "".join(f"<tr><td>{label}<td><ne-text>{figure}</ne-text><td>9" for label, figure in [*ROWS, *ROWS])
    assert [row[1] for row in rows_of(f"<table>{rows}</table>")] == [figure for _, figure in [*ROWS, *ROWS]]
    alone = rows_of("<table><tr><td>规章<td><ne-text></ne-text><td>9</table>")
    assert alone[0][1] == PICTURE


def test_a_minus_on_a_control_is_no_sign_of_the_figure() -> None:
    control = "<span role=button><i class=el-icon-minus></i></span>"
    assert rows_of(f"<table><tr><td>规章<td>{control}<input value=12><td>9</table>")[0][1] == "12"
    assert PICTURE in rows_of("<table><tr><td>规章<td><i class=el-icon-minus></i>12<td>9</table>")[0][1]


def test_a_column_that_is_collapsed_leaves_no_figure() -> None:
    page = "<table><col><col style='visibility:collapse'><col><tr><td>规章<td>3<td></table>"
    assert all(PICTURE in text for text in rows_of(page)[0][1:])
    assert rows_of(page.replace("visibility:collapse", "display:none"))[0] == ["规章", "3", ""]
