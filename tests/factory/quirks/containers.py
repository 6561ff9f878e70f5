"""Quirks decided before figures are drawn (editions, sizes), and those of the container: encodings, pastes, pages."""

from random import Random

from tests.factory.model import Report, Role
from tests.factory.quirks.registry import HTML, Plan, Quirk, add_quirk, plan_quirk, style_quirk
from tests.factory.style import Style

_ENCODED = frozenset({"html", "tabs", "csv", "pipes", "lines", "lines_bar", "spaces"})
_WIDE = frozenset({"html", "tabs", "csv", "pipes"})


@plan_quirk("Forms get mixed: single-row （六）其他处理 of 2019", forms=frozenset({"2021"}))
def request_of_2019(plan: Plan) -> None:
    """Prints 表三 of the 2019 form in a 2021 report."""
    plan.editions["request", "request"] = "2019"


@plan_quirk("Forms get mixed: the 2019 header over 第（一）项", forms=frozenset({"2021"}))
def clause_1_of_2019(plan: Plan) -> None:
    """Prints clause 一 of the 2019 form in a 2021 report."""
    plan.editions["proactive", "clause_1"] = "2019"


@plan_quirk("Forms get mixed (per table)", forms=frozenset({"2019"}))
def request_of_2021(plan: Plan) -> None:
    """Prints 表三 of the 2021 form in a 2019 report."""
    plan.editions["request", "request"] = "2021"


@plan_quirk("Cell values (figures of a large city)")
def city_figures(plan: Plan) -> None:
    """Draws five-digit counts."""
    plan.size = "city"


@plan_quirk("(most agencies)")
def no_requests(plan: Plan) -> None:
    """Draws no request at all: every figure of 表三 and 表四 is 0."""
    plan.size = "none"


def _truncate_clause_1(report: Report, rng: Random) -> None:
    for cell in report.cells("proactive"):
        if cell.role is Role.COLUMN and cell.code in ("made", "newly_disclosed"):
            cell.text = "本年新"


add_quirk(
    Quirk(
        "clause_1_truncated",
        "Forms get mixed: the 2019 header truncated to 本年新|本年新|对外公开总数量",
        "Prints 本年新 over the first two columns of the 2019 clause 一, in either form.",
        "labels",
        on_plan=clause_1_of_2019,
        on_report=_truncate_clause_1,
    )
)


@style_quirk(
    "Structure: a table broken by a blank line", containers=frozenset({"tabs", "pipes", "spaces", "lines_bar"})
)
def blank_lines(style: Style, report: Report) -> None:
    """Leaves an empty line after every seventh line inside tables."""
    style.blank_line_every = 7


@style_quirk("HTML as government portals emit it: Word and WPS paste", containers=HTML)
def word_paste(style: Style, report: Report) -> None:
    """Adds Word's classes, conditional comments and <o:p>."""
    style.word_paste = True


@style_quirk("HTML as government portals emit it: Word and WPS paste", containers=HTML)
def word_paste_heavy(style: Style, report: Report) -> None:
    """Adds Word's full style attributes to every cell and run, as the editors of older portals keep them."""
    style.word_paste = style.heavy_styles = True


@style_quirk("HTML as government portals emit it: site navigation, CMS metadata", containers=HTML)
def portal_page(style: Style, report: Report) -> None:
    """Surrounds the article with navigation, metadata table, side bar, footer and scripts."""
    style.portal = True


@style_quirk("HTML as government portals emit it: layout tables around the page", containers=HTML)
def layout_tables(style: Style, report: Report) -> None:
    """Lays the page out with nested tables."""
    style.layout_tables = True


@style_quirk("UTF-8 and GB18030", containers=_ENCODED)
def gbk_encoded(style: Style, report: Report) -> None:
    """Encodes in GB18030; a page says gb2312."""
    style.encoding, style.charset = "gb18030", "gb2312"


@style_quirk("own: UTF-16 without a mark, as old tools save text", containers=_WIDE)
def utf16_encoded(style: Style, report: Report) -> None:
    """Encodes in UTF-16, low byte first, and says so nowhere."""
    style.encoding, style.charset = "utf-16-le", "utf-8"


@style_quirk("DOCX: tracked changes: inserted text counts, deleted does not (issue 3)", containers=frozenset({"docx"}))
def tracked_changes(style: Style, report: Report) -> None:
    """Types every third figure as an insertion beside a deleted number."""
    style.tracked_changes = True


@style_quirk("DOCX: tables in text boxes (issue 3)", containers=frozenset({"docx"}))
def text_boxes(style: Style, report: Report) -> None:
    """Puts tables into text boxes, which Word writes twice (DrawingML and VML)."""
    style.text_boxes = True


@style_quirk("DOCX: nested tables (issue 3)", containers=frozenset({"docx"}))
def nested_tables(style: Style, report: Report) -> None:
    """Puts each table into a one-cell table."""
    style.nested_tables = True


@style_quirk(
    "Pipe tables (corpus w08): no outer pipes, trailing pipes, spans pushed to the end", containers=frozenset({"pipes"})
)
def ragged_pipes(style: Style, report: Report) -> None:
    """Prints cells in order, empty cells at the end of the row, no separator row."""
    style.ragged = True


@style_quirk(
    "Pages as text in crawls: cells and bars up to the table's width, blank cells left out",
    containers=frozenset({"pipes"}),
    may_refuse="row_width_mismatch",
)
def filled_rows(style: Style, report: Report) -> None:
    """Prints a line a row; where a cell is blank, the figures behind it stand in front of their place."""
    style.filled = "rows"


@style_quirk(
    "Pages as text in crawls: a line a cell, bars alone up to the table's width", containers=frozenset({"pipes"})
)
def filled_cells(style: Style, report: Report) -> None:
    """Prints a line a cell, a bar alone for a blank one, and the bars that fill the row up on the next line."""
    style.filled = "cells"


@style_quirk("Markdown without outer pipes and separator rows", containers=frozenset({"pipes"}))
def bare_pipes(style: Style, report: Report) -> None:
    """Prints no outer pipes and no separator row."""
    style.outer_pipes = style.separator_row = False


@style_quirk("Tab-separated (copied from a spreadsheet)", containers=frozenset({"tabs"}))
def grid_tabs(style: Style, report: Report) -> None:
    """Prints one field a grid column in place of the first raw file's layout."""
    style.seed_layout = False


@style_quirk("Space-separated on one line (corpus t14)", containers=frozenset({"spaces"}))
def one_line(style: Style, report: Report) -> None:
    """Prints the whole document on one line."""
    style.one_line = True


@style_quirk("PDF: tables that cross pages", containers=frozenset({"pdf", "ofd"}))
def short_pages(style: Style, report: Report) -> None:
    """Draws on low pages, so that 表二 and 表三 break several times."""
    style.page_height = 420.0


@style_quirk("PDF: tables that cross pages with a repeated header", containers=frozenset({"pdf", "ofd"}))
def headers_on_each_page(style: Style, report: Report) -> None:
    """Draws on low pages and repeats a table's header on each."""
    style.page_height, style.repeat_headers = 480.0, True


@style_quirk(
    "Structure: a table broken by a page (a label cut in half at the break)", containers=frozenset({"pdf", "ofd"})
)
def rows_cut_by_pages(style: Style, report: Report) -> None:
    """Ends a page inside a row: the first lines of its label stand at the foot, the rest overleaf."""
    style.cut_rows, style.page_height = True, 700.0


@style_quirk("own: grids of <div> in place of tables", containers=HTML)
def drawn_rows(style: Style, report: Report) -> None:
    """Draws the tables with a `<div>` for each row and cell, an empty one where a span should be."""
    style.drawn = "rows"


@style_quirk("own: CSS grids in place of tables", containers=HTML)
def drawn_grid(style: Style, report: Report) -> None:
    """Draws each table as one CSS grid whose cells state their places."""
    style.drawn = "grid"
