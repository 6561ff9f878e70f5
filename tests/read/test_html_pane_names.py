"""What a tab, a list to choose from or a line says of whom the figures below are, before they are read as totals."""

import pytest

from pipelines.read import read_document
from pipelines.read.model import PICTURE

LABELS = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
WAYS = ["行政复议", "未经复议直接起诉", "复议后起诉"]


def table(*figures: int) -> str:
    rows = zip(LABELS, figures, strict=True)
    return "<table>" + "".join(f"<tr><td>{label}</td><td>{figure}</td></tr>" for label, figure in rows) + "</table>"


def heads_of(markup: str) -> list[list[str]]:
    """Return the first cell and the figures of each table."""
    tables = read_document("x.html", f"<h1>某局2022年报告</h1>{markup}".encode()).tables
    return [[cells[0][4], *(cell[4] for cell in cells if cell[1] == 2)] for cells in tables]


FIGURES = [(1, 0, 0, 0, 1), (0, 2, 0, 0, 2), (0, 0, 3, 0, 3)]
EXPECTED = [[way, *map(str, figures)] for way, figures in zip(WAYS, FIGURES, strict=True)]


@pytest.mark.parametrize("hidden", ["style='display:none'", "hidden", "class=pane"])
def test_tabs_name_the_tables_of_their_panes(hidden: str) -> None:
    """Panes that repeat the labels of the one that is shown went as copies, and its figures were taken for totals."""
    items = "".join(f"<li>{way}</li>" for way in WAYS)
    panes = [f"<div {'' if n == 0 else hidden}>{table(*figures)}</div>" for n, figures in enumerate(FIGURES)]
    assert heads_of(f"<ul>{items}</ul><div>{''.join(panes)}</div>") == EXPECTED


def test_controls_name_panes_by_what_they_open_and_not_by_their_order() -> None:
    controls = "".join(f"<b role=tab aria-controls=p{n}>{WAYS[n]}</b>" for n in (2, 0, 1))
    panes = [f"<div id=p{n}{' hidden' if n else ''}>{table(*figures)}</div>" for n, figures in enumerate(FIGURES)]
    assert heads_of(f"<div>{controls}</div>{''.join(panes)}") == EXPECTED


def test_panes_of_other_names_go_where_they_repeat_what_is_shown() -> None:
    items = "".join(f"<li>{year}年</li>" for year in (2022, 2021, 2020))
    panes = [f"<div{' hidden' if n else ''}>{table(*figures)}</div>" for n, figures in enumerate(FIGURES)]
    document = read_document("x.html", f"<h1>某局</h1><ul>{items}</ul><div>{''.join(panes)}</div>".encode())
    assert [len(cells) for cells in document.tables] == [10]
    assert document.blocks[-2].text == "2022年"


FIRST = f"{chr(0x9000)}的情形"
ROWS = "".join(f"<tr><td>{chr(0x9000 + n)}的情形</td><td>{n}</td></tr>" for n in range(23))


@pytest.mark.parametrize(
    ("above", "head"),
    [
        ("<h4>自然人</h4>", "自然人"),
        ("<p>法人或其他组织</p><p>单位：件</p>", "法人或其他组织"),
        ("<p>自然人</p><p>商业企业</p><p>总计</p>", "商业企业、自然人"),
        ("<select><option>商业企业</option><option selected>自然人</option></select>", "自然人"),
        ("<p>自然人申请3件。</p><p>办理情况</p>", FIRST),
        ("<p>自然人</p><h2>三、收到和处理情况</h2>", FIRST),
        ("<p>办理情况</p>", FIRST),
        ("<p>发布机构：某局</p>", FIRST),
    ],
)
def test_a_list_below_a_line_that_narrows_it_is_headed_by_it(above: str, head: str) -> None:
    """Figures of natural persons alone were loaded as totals."""
    assert heads_of(f"{above}<table>{ROWS}</table>")[0][0] == head


def test_the_year_that_is_chosen_stands_above_its_table() -> None:
    choice = "<select><option>2022年</option><option selected>2021年</option></select>"
    document = read_document("x.html", f"<h1>某局2022年报告</h1>{choice}{table(1, 0, 0, 0, 1)}".encode())
    assert document.blocks[-2].text == "2021年"


def test_tables_from_right_to_left_are_read_where_their_head_runs_with_them() -> None:
    head, row = "<tr><td>事项<td>自然人<td>总计", "<tr><td>一<td>3<td>4"
    both = "<table {}>" + head + row + "</table>"
    for style in ("dir=rtl", "style='direction:rtl'"):
        cells = read_document("x.html", both.format(style).encode()).tables[0]
        assert [cell[4] for cell in cells][-2:] == ["3", "4"]
        alone = read_document("x.html", f"<table>{head}</table><table {style}>{row}</table>".encode()).tables[1]
        assert all(PICTURE in cell[4] for cell in alone if cell[1] > 1)
