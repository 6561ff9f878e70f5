"""Rows that a page draws as cards, and grids whose cells are numbered: 表四 with a row for each way."""

import pytest

from pipelines.read import read_document
from pipelines.read.model import PICTURE

NAMES = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
ROWS = {
    "行政复议": ["1", "", "0", "", "1"],
    "未经复议直接起诉": ["", "2", "", "", "2"],
    "复议后起诉": ["12", "0", "0", "3", "15"],
}


def table_of(markup: str, head: str = "") -> list[list[str]] | None:
    page = f"<html><head>{head}</head><body><h1>某局2022年报告</h1>{markup}</body></html>"
    tables = read_document("x.html", page.encode()).tables
    if not tables:
        return None
    rows = sorted({cell[0] for cell in tables[0]})
    return [[cell[4] for cell in tables[0] if cell[0] == row] for row in rows]


EXPECTED = [["", *NAMES], *([title, *figures] for title, figures in ROWS.items())]


def cards(form: str, title: str = "<div class=card><h4>{}</h4>{}</div>") -> str:
    return "".join(
        title.format(name, "".join(form.format(n=n, v=v) for n, v in zip(NAMES, own, strict=True)))
        for name, own in ROWS.items()
    )


@pytest.mark.parametrize(
    "form",
    [
        "<dl><dt>{n}</dt><dd>{v}</dd></dl>",
        "<p><span>{n}</span><b>{v}</b></p>",
        "<p>{n}：<b>{v}</b></p>",
        "<div><div class=num>{v}</div><div>{n}</div></div>",
    ],
)
def test_cards_are_rows_and_their_blanks_blanks(form: str) -> None:
    """A blank among the figures of a card left the whole table unread."""
    assert table_of(f"<div>{cards(form)}</div>") == EXPECTED


def test_cards_that_hold_a_table_each_are_rows() -> None:
    one = cards("<tr><th>{n}</th><td>{v}</td></tr>", "<div class=card><h4>{}</h4><table>{}</table></div>")
    assert table_of(f"<p>尚未审结的另计</p><div>{one}</div>") == EXPECTED


def test_titles_may_stand_last() -> None:
    """Each card's figures went under the title of the next one."""
    one = cards("<p><span>{n}</span><b>{v}</b></p>", "<div class=card>{1}<h4>{0}</h4></div>")
    assert table_of(f"<div>{one}</div>") == EXPECTED


def test_what_a_sheet_writes_before_the_figures_of_cards_leaves_no_number() -> None:
    head = "<style>b::before{content:'1'}</style>"
    rows = table_of(f"<div>{cards('<p><span>{n}</span><b>{v}</b></p>')}</div>", head) or []
    assert not [text for row in rows for text in row if text.isdigit()]


def test_a_card_that_stands_alone_has_the_names_of_the_others() -> None:
    form = "<p><span>{n}</span><b>{v}</b></p>"
    one = "<div class=card><h4>合计</h4>" + "".join(f"<p><span>{n}</span><b>7</b></p>" for n in NAMES) + "</div>"
    page = f"<section>{cards(form)}</section><section>{one}</section>"
    tables = read_document("x.html", f"<h1>某局</h1>{page}".encode()).tables
    assert [cell[4] for cell in tables[1] if cell[0] == 2] == ["合计", *["7"] * 5]


@pytest.mark.parametrize(
    "markup",
    [
        cards("<p><span>{n}</span><b>{v}</b></p>").replace("<span>结果纠正</span>", "<span>结果维持</span>"),
        cards("<p><span>{n}</span><b>{v}</b></p>").replace("<span>结果纠正</span><b></b>", ""),
        cards("<p><span>{n}</span><b>{v}</b></p>").replace("<b>12</b>", "<b>1<i>2</i></b>"),
        cards("<p><span>{n}</span><b>{v}</b></p>").replace("<h4>复议后起诉", "<h4>行政复议"),
        "<style>.card p{order:2}</style>" + cards("<p><span>{n}</span><b>{v}</b></p>"),
    ],
)
def test_cards_that_differ_are_no_table(markup: str) -> None:
    """Names that stand twice or not at all, figures in two pieces, rows of one title, and another order."""
    assert table_of(f"<div>{markup}</div>") != EXPECTED
    assert table_of(f"<div>{markup}</div>") is None or len(table_of(f"<div>{markup}</div>") or []) < 4


def cell(role: str, column: int, left: int, text: str) -> str:
    return f"<div role={role} aria-colindex={column} style='position:absolute;left:{left}px'><b>{text}</b></div>"


def numbered(order: list[int], lefts: list[int], tops: list[int]) -> str:
    """Return a grid whose labels stand in a box of their own, rows in an order of their own."""
    rows = list(ROWS.items())
    head = "".join(cell("columnheader", n + 2, lefts[n], name) for n, name in enumerate(NAMES))
    labels, figures = "", ""
    for n in order:
        name, own = rows[n]
        row = f"<div role=row aria-rowindex={n + 2} style='transform:translateY({{}}px)'>"
        labels += row.format(28 * n) + cell("rowheader", 1, 0, name) + "</div>"
        inner = "".join(cell("gridcell", c + 2, lefts[c], text) for c, text in enumerate(own))
        figures += row.format(tops[n]) + inner + "</div>"
    first = cell("columnheader", 1, 0, "")
    heads = f"<div><div><div role=row>{first}</div></div><div><div role=row>{head}</div></div></div>"
    return f"<div role=grid>{heads}<div>{labels}</div><div>{figures}</div></div>"


LEFTS, TOPS = [0, 80, 160, 240, 320], [0, 28, 56]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
def test_numbered_cells_stand_where_they_say(order: list[int]) -> None:
    """AG Grid writes pinned columns into a box of their own, and rows in the order in which they came into sight."""
    assert table_of(numbered(order, LEFTS, TOPS)) == EXPECTED


@pytest.mark.parametrize(
    ("lefts", "tops"), [([80, 0, 160, 240, 320], TOPS), (LEFTS, [28, 0, 56]), (LEFTS, [28, 56, 84])]
)
def test_numbers_that_places_gainsay_are_not_believed(lefts: list[int], tops: list[int]) -> None:
    assert table_of(numbered([0, 1, 2], lefts, tops)) != EXPECTED


def test_columns_out_of_sight_leave_no_table() -> None:
    page = numbered([0, 1, 2], LEFTS, TOPS).replace(cell("gridcell", 3, 80, "2"), "")
    assert table_of(page) != EXPECTED


@pytest.mark.parametrize("style", ["display:none", "visibility:hidden", "opacity:0"])
def test_a_row_that_its_own_style_hides_leaves_no_grid(style: str) -> None:
    page = numbered([0, 1, 2], LEFTS, TOPS).replace("transform:translateY(28px)", style)
    assert table_of(page) != EXPECTED


def test_a_column_that_stands_twice_leaves_no_grid() -> None:
    """The second of two figures would stand in the place of the column that has none."""
    page = numbered([0, 1, 2], LEFTS, TOPS).replace("aria-colindex=3", "aria-colindex=2")
    assert table_of(page) != EXPECTED


def test_what_a_cells_style_does_to_its_digits_is_kept_where_its_place_is_left_out() -> None:
    page = numbered([0, 1, 2], LEFTS, TOPS).replace("left:80px'><b>2", "left:80px;color:#fff'><b>2")
    assert PICTURE in str(table_of(page))
    assert PICTURE not in str(table_of(page.replace("color:#fff", "color:#000")))


@pytest.mark.parametrize(
    ("head", "is_read"),
    [
        ("<style>.g{display:grid;grid-template-columns:2fr repeat(5,1fr)}</style>", True),
        ("<style>.g{display:grid;grid-template-columns:2fr repeat(5,1fr)} .c{grid-column:2}</style>", False),
        ("<style>@media print{.g{display:grid;grid-template-columns:2fr repeat(5,1fr)}}</style>", False),
    ],
)
def test_columns_of_a_grid_that_a_sheet_states(head: str, is_read: bool) -> None:
    cells = "".join(f"<div>{text}</div>" for row in EXPECTED for text in row)
    assert (table_of(f"<div class=g>{cells}</div>", head) == EXPECTED) is is_read


def test_terms_and_descriptions_are_rows() -> None:
    rows = "".join(f"<dl><dt>{row[0]}</dt>{''.join(f'<dd>{text}</dd>' for text in row[1:])}</dl>" for row in EXPECTED)
    assert table_of(f"<div>{rows}</div>") == EXPECTED
