"""Grids that a page draws without a table: read as tables where the page says where their cells stand."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read import read_document
from pipelines.read.html.css_grids import _spot_of
from pipelines.read.model import PICTURE
from pipelines.settings import ReadLimits
from tests.factory import make_document

HEAD = ["项目", "自然人", "社会公益组织", "总计"]
ROWS = [HEAD, ["重复申请", "1", "2", "3"], ["出版物", "4", "5", "9"], ["其他", "", "7", "7"]]


def tables_of(markup: str) -> list[list[list[str]]]:
    document = read_document("x.html", f"<h1>某局2022年报告</h1><p>全年公开信息120条。</p>{markup}<p>完。</p>".encode())
    return [
        [[text for row, *_, text in cells if row == number] for number in sorted({cell[0] for cell in cells})]
        for cells in document.tables
    ]


def draw(row: str, cell: str, rows: list[list[str]] = ROWS, *, style: str = "") -> str:
    """Return rows drawn with two elements."""
    lines = ("".join(f"<{cell}>{text}</{cell}>" for text in line) for line in rows)
    return f"<div{style}>{''.join(f'<{row}>{line}</{row}>' for line in lines)}</div>"


@pytest.mark.parametrize(("row", "cell"), [("div", "div"), ("ul", "li"), ("div", "span"), ("p", "span"), ("li", "p")])
def test_rows_of_other_elements_are_rows(row: str, cell: str) -> None:
    assert tables_of(draw(row, cell)) == [ROWS]


def test_comments_between_rows_and_cells_are_neither() -> None:
    commented = draw("div", "div").replace("</div>", "</div><!-- 列 -->")
    assert tables_of(commented) == [ROWS]
    cells = "".join(f"<!-- 格 --><p>{text}</p>" for row in ROWS for text in row)
    assert tables_of(f"<div style='display:grid; grid-template-columns: repeat(4, 1fr)'>{cells}</div>") == [ROWS]


@pytest.mark.parametrize("place", ["sheet", "own style"])
def test_a_row_that_sets_its_cells_side_by_side_leaves_their_digits_alone(place: str) -> None:
    """A flex box in a list was taken for something moved within a line, and all its figures for doubtful."""
    style = "display:flex" if place == "own style" else ""
    rows = "".join(f"<ul class=r style='{style}'>{''.join(f'<li>{text}</li>' for text in row)}</ul>" for row in ROWS)
    sheet = "" if style else "<style>.r{display:flex}</style>"
    assert tables_of(f"{sheet}<div>{rows}</div>") == [ROWS]
    part = rows.replace("<li>4</li>", "<li>1<b class=r style='display:flex'>4</b></li>")
    assert PICTURE in tables_of(f"{sheet}<div>{part}</div>")[0][2][1]


@pytest.mark.parametrize("styles", [("table", "table-row", "table-cell"), ("block", "flex", "block")])
def test_rows_of_sections_are_rows(styles: tuple[str, str, str]) -> None:
    """Editors of WeChat articles draw with sections: each figure was taken for one moved within its line."""
    around, row, cell = (f"<section style='display:{style}'>" for style in styles)
    rows = "".join(row + "".join(f"{cell}<p>{text}</p></section>" for text in line) + "</section>" for line in ROWS)
    assert tables_of(f"<div><p>三、办理情况</p>{around}{rows}</section></div>") == [ROWS]


def test_a_grid_goes_no_further_than_its_rows() -> None:
    around = f"<div><p>三、办理情况</p>{draw('div', 'div')[5:-6]}<p>以上均已答复。</p></div>"
    assert tables_of(around) == [ROWS]


def test_words_and_figures_in_spans_of_their_own_are_a_sentence() -> None:
    paragraphs = "".join(
        f"<p><span>收到社会公益组织申请</span><span lang=EN-US>{n}</span><span>件</span></p>" for n in range(9)
    )
    assert tables_of(paragraphs) == []


@pytest.mark.parametrize(
    "style",
    ["flex-direction:row-reverse", "grid-auto-flow:column", "direction:rtl", "grid-template-areas:'a b'", "ORDER : 2"],
)
def test_a_page_that_sets_elements_in_another_order_is_left(style: str) -> None:
    assert tables_of(f"<style>.x{{{style}}}</style>" + draw("div", "div")) == []


def test_a_border_is_no_order() -> None:
    assert tables_of("<style>.x{border:1px}</style>" + draw("div", "div")) == tables_of(draw("div", "div")) != []


def test_places_in_a_css_grid() -> None:
    cells = [
        ("1 / span 1", "1 / span 2", "项目"),
        ("2 / 4", "1", "社会公益组织"),
        ("2", "2", "甲"),
        ("3", "2", "乙"),
        *((f"{column}", f"{row}", str(10 * row + column)) for row in (3, 4, 5) for column in (1, 2, 3)),
    ]
    markup = "".join(f'<div style="grid-column:{column};grid-row:{row}">{text}</div>' for column, row, text in cells)
    page = '<h1>某局2022年报告</h1><div style="display:grid;grid-template-columns:2fr repeat(2,1fr)">{}</div>'
    document = read_document("x.html", page.format(markup).encode())
    assert document.tables[0][:4] == [
        (1, 1, 2, 1, "项目"),
        (1, 2, 1, 2, "社会公益组织"),
        (2, 2, 1, 1, "甲"),
        (2, 3, 1, 1, "乙"),
    ]
    clash = markup.replace('"grid-column:3;grid-row:4"', '"grid-column:3;grid-row:5"')
    lines = read_document("x.html", page.format(clash).encode()).tables  # at most one text a line, as without the grid
    assert {column for cells in lines for _, column, *_ in cells} <= {1}


CSS = "<div style='display:grid; grid-template-columns: repeat(4, 1fr)'>{}</div>"
CELLS = "".join(f"<p>{text}</p>" for row in ROWS for text in row)


def test_what_a_page_does_not_show_takes_no_place_in_a_css_grid() -> None:
    """A script between two cells would move every figure behind it one column to the right."""
    assert tables_of(CSS.format(CELLS.replace("<p>4</p>", "<script>x()</script><p>4</p><style>p{}</style>"))) == [ROWS]


@pytest.mark.parametrize("place", ["grid-row:3", "grid-column:2", "grid-area:3 / 2", "order:2", "grid-column:2 / 9"])
def test_a_cell_that_a_style_sets_elsewhere_leaves_a_css_grid_unread(place: str) -> None:
    assert tables_of(CSS.format(CELLS.replace("<p>4</p>", f"<p style='{place}'>4</p>"))) == []


def test_what_is_hidden_or_in_doubt_is_so_in_a_drawn_grid() -> None:
    rows = [list(row) for row in ROWS]
    rows[1][1] = '<span style="display:none">8</span>1'
    rows[2][1] = '4<span style="color:#fff">8</span>'
    ((_, first, second, _),) = tables_of(draw("div", "div", rows))
    assert first == ROWS[1]
    assert PICTURE in second[1]
    hidden = draw("div", "div").replace("<div><div>出版物", '<div style="display:none"><div>出版物')
    assert tables_of(hidden) == [[ROWS[0], ROWS[1], ROWS[3]]]


@pytest.mark.parametrize("quirk", ["drawn_rows", "drawn_grid", "drawn_rows layout_tables", "drawn_grid layout_tables"])
@pytest.mark.parametrize("seed", range(3))
def test_a_drawn_report_has_the_cells_of_its_tables(quirk: str, seed: int) -> None:
    plain, drawn = (
        [
            {(row, column): text for row, column, _, _, text in cells if text}
            for cells in read_document("x.html", make_document(seed, "2021", "html", quirks).content).tables
        ]
        for quirks in ([], quirk.split())
    )
    assert drawn[-len(plain) :] == plain  # layout tables have their own in front


@pytest.mark.parametrize("display", ["flex", "table", "block"])
def test_a_box_around_a_table_in_a_layout_cell_moves_no_part_of_a_cell(display: str) -> None:
    """All figures were doubtful in a box that a style sets on lines of its own beside other text of a layout cell."""
    rows = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in ROWS)
    box = f'<div style="display:{display}"><table>{rows}</table></div>'
    assert tables_of(f"<table><tr><td>办理情况如下：{box}</td></tr></table>") == [ROWS]


def test_rows_of_blanks_and_of_section_names_are_rows_of_their_grid() -> None:
    """Rows without figures parted a grid where their label is a section's name or more than four follow one another."""
    blanks = [["三、本年度办理结果", "", "", ""], *([name, "", "", ""] for name in "甲乙丙丁戊")]
    rows = [HEAD, *blanks, *ROWS[1:], *blanks, ["总计", "1", "1", "2"], *blanks]
    assert tables_of(draw("div", "div", rows)) == [rows]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_any_nesting_is_survived(seed: int) -> None:
    rng = random.Random(seed)
    pieces = ["<div>", "</div>", "<ul>", "<li>", "</ul>", "<span>", "</span>", "<table><tr><td>", "</table>", "1", "2"]
    pieces += ["尚未审结", '<div style="display:grid;grid-template-columns:repeat(2,1fr)">', "3", "<p>", "</p>", "总计"]
    page = "".join(rng.choices(pieces, k=rng.randrange(5, 120)))
    document = read_document("x.html", f"<p>尚未审结</p>{page}".encode(), ReadLimits(cells=5_000))
    assert all(cell[2] > 0 and cell[3] > 0 for cells in document.tables for cell in cells)


@pytest.mark.parametrize("place", ["1 / 2000000000", "span 2000000000", "² / 3", f"1 / {'9' * 6000}", "1 / 0"])
def test_a_place_that_no_grid_has_draws_no_table(place: str) -> None:
    """Such a place once took all memory, or ended in an error of Python."""
    style = f"grid-row: {place}; grid-column: 1 / 2"
    assert _spot_of(style, 8) is None
    assert _spot_of("grid-row: 1 / 3; grid-column: 1 / 2", 8) is not None
