"""Quirks of structure: where rows, columns, headers and tables stand."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from unicodedata import normalize

from tests.factory.model import (
    LABEL_ROLES,
    Cell,
    Placement,
    Report,
    Role,
    Table,
    Text,
    collect_rows,
    copy_cell,
    place,
    split_table,
    table_width,
)
from tests.factory.quirks.registry import (
    WITH_SPANS,
    report_quirk,
)

NUMERALS = "一二三四五六七八九十"


@report_quirk("Labels vary: the （八） header used for 政府集中采购", forms=frozenset({"2019"}))
def procurement_under_wrong_header(report: Report, rng: Random) -> None:
    """Prints 上一年项目数量 | 本年增/减 over procurement: nobody can say what its figures are, so none is scored."""
    names = {"projects": "上一年项目数量", "amount": "本年增/减"}
    for cell in report.cells("proactive"):
        if cell.role is Role.COLUMN and cell.code in names:
            cell.text = names[cell.code]
        elif cell.key and cell.key[1] == "procurement" and cell.figure:
            cell.figure = replace(cell.figure, is_unclear=True)


@report_quirk("Labels vary: a local extra row (其他主动公开文件)", must_find=("unmapped_row",))
def local_extra_row(report: Report, rng: Random) -> None:
    """Adds a row 其他主动公开文件 with figures under 规范性文件."""
    for table in report.tables("proactive"):
        for number, row in enumerate(table.rows):
            if any(cell.code == "normative_document" for cell in row):
                extra = [Cell("其他主动公开文件", Role.LABEL)]
                extra += [replace(copy_cell(cell), text=str(rng.randrange(90))) for cell in row[1:]]
                table.rows.insert(number + 1, extra)
                return


@report_quirk("Text lost: a row missing", must_find=("missing_row",))
def row_missing(report: Report, rng: Random) -> None:
    """Leaves a row of 表三 out, as a clerk deletes a line of a form."""
    (table,) = report.tables("request")
    plain = [n for n, row in enumerate(table.rows) if row and row[0].role is Role.LABEL and row[0].columns == 1]
    remove_row(table, rng.choice(plain))


def remove_row(table: Table, number: int) -> None:
    """Remove a row that holds no cell spanning into others, and shorten the cells that span it."""
    kept: list[Placement] = []
    for row, column, cell in place(table.rows):
        if row < number < row + cell.rows:
            cell.rows -= 1
        if row != number:
            kept.append((row - (row > number), column, cell))
    table.rows = collect_rows(kept, len(table.rows) - 1)


def insert_row(table: Table, number: int, row: list[Cell]) -> None:
    """Insert a row and lengthen the cells that span its place."""
    for top, _, cell in place(table.rows):
        if top < number < top + cell.rows:
            cell.rows += 1
    table.rows.insert(number, row)


@report_quirk("Structure: headings repeated at two levels (## then ###)")
def headings_twice(report: Report, rng: Random) -> None:
    """Repeats every section heading one level down."""
    for number, block in reversed(list(enumerate(report.blocks))):
        if isinstance(block, Text) and block.level == 2:
            report.blocks.insert(number + 1, replace(block, level=3))


@report_quirk("Structure: headings numbered one off")
def headings_shifted(report: Report, rng: Random) -> None:
    """Numbers the sections from 二 as if a foreword were 一."""
    for block in report.blocks:
        if isinstance(block, Text) and block.level == 2:
            number = NUMERALS.index(normalize("NFKC", block.text[0]))
            block.text = NUMERALS[number + 1] + block.text[1:]


@report_quirk("Structure (headings absent)")
def headings_missing(report: Report, rng: Random) -> None:
    """Prints no heading over the tables."""
    codes = {table.code for table in report.tables()}
    report.blocks = [b for b in report.blocks if not (isinstance(b, Text) and b.section in codes)]


@report_quirk("Structure: 三、本年度办理结果 repeated before （四）")
def results_repeated(report: Report, rng: Random) -> None:
    """Cuts the cell 三、本年度办理结果 in two, the second beginning at （四）."""
    (table,) = report.tables("request")
    at = next(n for n, row in enumerate(table.rows) if any(cell.code == "unavailable" for cell in row))
    for row, _, cell in place(table.rows):
        if cell.code == "results":
            rest = row + cell.rows - at
            cell.rows = at - row
            table.rows[at].insert(0, replace(cell, rows=rest))
            return


def _break_request(report: Report, rng: Random, remainder: str, between: Callable[[Table], list[Text]]) -> list[Table]:
    for number, block in enumerate(report.blocks):
        if isinstance(block, Table) and block.code == "request":
            first = block.header_count
            parts = list(split_table(block, rng.randrange(first + 4, len(block.rows) - 3), remainder=remainder))
            report.blocks[number : number + 1] = [parts[0], *between(block), parts[1]]
            return parts
    raise ValueError("no 表三 to break")


@report_quirk("Structure: a table broken by a page (no header)", containers=WITH_SPANS | {"tabs", "pipes"})
def page_break(report: Report, rng: Random) -> None:
    """Breaks 表三 in two tables with the page number between; spanning labels leave an empty cell below."""
    _break_request(report, rng, "empty", lambda _: [Text("- 5 -")])


@report_quirk("Structure: a table broken by a page (repeated header)", containers=WITH_SPANS | {"tabs", "pipes"})
def page_break_with_header(report: Report, rng: Random) -> None:
    """Breaks 表三 in two tables; the second repeats the header and the spanning labels."""
    upper, lower = _break_request(report, rng, "repeat", lambda _: [Text("- 5 -")])
    lower.rows[:0] = [[replace(cell) for cell in row] for row in upper.rows[: upper.header_count]]


@report_quirk("Structure: a label cut in half at the break", containers=WITH_SPANS)
def page_break_in_label(report: Report, rng: Random) -> None:
    """Breaks 表三 in two tables; the lower half of a spanning label stands below."""
    _break_request(report, rng, "cut", lambda _: [])


@report_quirk("Structure: a caption on one page, its rows on the next", containers=WITH_SPANS | {"tabs", "pipes"})
def page_break_after_caption(report: Report, rng: Random) -> None:
    """Breaks 表二 between the caption and the header of a clause."""
    for number, block in enumerate(report.blocks):
        if isinstance(block, Table) and block.code == "proactive":
            captions = [n for n, row in enumerate(block.rows) if row[0].role is Role.CAPTION]
            report.blocks[number : number + 1] = list(split_table(block, rng.choice(captions[1:]) + 1))
            return


@report_quirk(
    "Structure: 表三 split into a dozen small tables with invented column heads (数据1…数据6)",
    containers=WITH_SPANS | {"pipes"},
)
def small_tables(report: Report, rng: Random) -> None:
    """Splits 表三 into small tables of three rows, each headed 项目 | 数据1 … 数据7, groups and labels in one cell."""
    for number, block in enumerate(report.blocks):
        if isinstance(block, Table) and block.code == "request":
            body = block.rows[block.header_count :]
            pieces: list[Text | Table] = []
            for start in range(0, len(body), 3):
                rows = [[Cell("项目", Role.NOTE)] + [Cell(f"数据{n}", Role.NOTE) for n in range(1, 8)]]
                for row in body[start : start + 3]:
                    label = "".join(cell.text for cell in row if cell.role in LABEL_ROLES and cell.code != "results")
                    rows.append([Cell(label, Role.LABEL), *(c for c in row if c.role is Role.FIGURE)])
                pieces.append(Table(rows, "request"))
            report.blocks[number : number + 1] = pieces
            return


@report_quirk("Structure: sub-tables of 表二 with different colspans", containers=WITH_SPANS | {"pipes", "tabs"})
def shifted_colspans(report: Report, rng: Random) -> None:
    """Lays 表二 on a column more than it has, where header and data of a clause span them differently."""
    for table in report.tables("proactive"):
        width = max(map(len, table.rows))
        for row in table.rows:
            if len(row) == 1:
                row[0].columns = width + 1
                continue
            each, rest = divmod(width, len(row) - 1)
            for cell in row[1:]:
                cell.columns = each
            row[2 if len(row) > 2 and row[1].role is Role.COLUMN else 1].columns += rest


def _empty_under_spans(table: Table, *, headers_only: bool) -> None:
    limit = table.header_count if headers_only else len(table.rows)
    placed: list[Placement] = []
    for row, column, cell in place(table.rows):
        placed.append((row, column, cell))
        if row < limit and cell.rows > 1 and cell.role is not Role.NOTE:
            placed += [
                (row + down, column, Cell("", Role.FILLER, columns=cell.columns)) for down in range(1, cell.rows)
            ]
            cell.rows = 1
    table.rows = collect_rows(placed, len(table.rows))


@report_quirk("Structure: empty <td> where a rowspan should be", containers=WITH_SPANS)
def empty_cells_in_header(report: Report, rng: Random) -> None:
    """Puts empty cells under 自然人 and 总计 in place of rowspans."""
    for table in report.tables():
        _empty_under_spans(table, headers_only=True)


@report_quirk("Structure: empty <td> where a rowspan should be", containers=WITH_SPANS)
def empty_cells_everywhere(report: Report, rng: Random) -> None:
    """Puts empty cells under every label that should span rows."""
    for table in report.tables():
        _empty_under_spans(table, headers_only=False)


@report_quirk("Structure (labels repeated where a span should be)", containers=WITH_SPANS | {"pipes", "tabs"})
def labels_for_spans(report: Report, rng: Random) -> None:
    """Repeats group labels in every row and 总计 in both header rows, as unmerged cells are filled."""
    for table in report.tables():
        placed: list[Placement] = []
        for row, column, cell in place(table.rows):
            placed.append((row, column, replace(cell, rows=1)))
            placed += [(row + down, column, replace(copy_cell(cell), rows=1)) for down in range(1, cell.rows)]
        table.rows = collect_rows(placed, len(table.rows))


@report_quirk("Structure: body text boxed as a table by a PDF tool")
def boxed_text(report: Report, rng: Random) -> None:
    """Prints two paragraphs as tables of one and two cells."""
    for number, block in reversed(list(enumerate(report.blocks))):
        if isinstance(block, Text) and block.level == 0 and "依申请" in block.text:
            halves = [Cell(block.text[:30], Role.FILLER), Cell(block.text[30:], Role.FILLER)]
            report.blocks[number : number + 1] = [
                Table([[Cell(block.text, Role.FILLER)]]),
                Text("其中："),
                Table([[halves[0]], [halves[1]]]),
            ]


@report_quirk("Structure: captions separated from rows (issue 3)")
def captions_outside(report: Report, rng: Random) -> None:
    """Prints the captions of 表二 as paragraphs, each clause a table of its own."""
    for number, block in enumerate(report.blocks):
        if isinstance(block, Table) and block.code == "proactive":
            pieces: list[Text | Table] = []
            for row in block.rows:
                if row[0].role is Role.CAPTION:
                    pieces += [Text(row[0].text), Table([], "proactive")]
                elif isinstance(pieces[-1], Table):
                    pieces[-1].rows.append(row)
            report.blocks[number : number + 1] = pieces
            return


@report_quirk("Columns in another printed order (issue 3)")
def columns_reordered(report: Report, rng: Random) -> None:
    """Prints 总计 first, then the organisations in reverse, then 自然人."""
    for table in report.tables("request"):
        for row in table.rows:
            movable = [cell for cell in row if cell.role in (Role.COLUMN, Role.COLUMN_GROUP, Role.FIGURE)]
            row[:] = [cell for cell in row if cell not in movable] + movable[::-1]


@report_quirk("A page that carries two tables of other reports (issue 3)")
def foreign_tables(report: Report, rng: Random) -> None:
    """Puts the website's annual table before and a table of proposals handled after the report's own."""

    def make(texts: list[list[str]]) -> Table:
        return Table([[Cell(text, Role.FILLER) for text in row] for row in texts])

    website = make(
        [
            ["政府网站工作年度报表", "单位", "数量"],
            ["独立用户访问总量", "个", "158034"],
            ["信息发布总数", "条", "4215"],
            ["规范性文件解读", "条", "12"],
            ["其他", "条", "3"],
            ["总计", "条", "162264"],
        ]
    )
    proposals = make(
        [
            ["建议提案办理情况", "人大建议", "政协提案", "总计"],
            ["本年新收", "50", "85", "135"],
            ["上年结转", "0", "1", "1"],
            ["予以公开", "48", "80", "128"],
            ["结转下年度", "2", "6", "8"],
        ]
    )
    first = next(n for n, block in enumerate(report.blocks) if isinstance(block, Table))
    report.blocks.insert(first - 1, website)
    report.blocks.append(proposals)


@report_quirk("A cut document (corpus w05)")
def cut_short(report: Report, rng: Random) -> None:
    """Ends after the second row of 表三."""
    number = next(n for n, b in enumerate(report.blocks) if isinstance(b, Table) and b.code == "request")
    table = report.tables("request")[0]
    table.rows = table.rows[: table.header_count + 2]
    del report.blocks[number + 1 :]


@report_quirk(
    "Structure: label text and figures of a row in different blocks after PDF conversion",
    containers=frozenset({"pipes"}),
    may_refuse="row_without_label",
)
def labels_torn_off(report: Report, rng: Random) -> None:
    """Prints labels that took two lines as text beside tables that hold the figures alone."""
    for number, block in enumerate(report.blocks):
        if isinstance(block, Table) and block.code == "request":
            pieces: list[Text | Table] = [Table(block.rows[: block.header_count], "request")]
            for row in block.rows[block.header_count :]:
                label = "".join(cell.text for cell in row if cell.role in LABEL_ROLES)
                figures = [cell for cell in row if cell.role is Role.FIGURE]
                if len(label) > 11:
                    pieces += [Text(f"{label[:10]}\n{label[10:]}"), Table([figures], "request")]
                else:
                    pieces.append(Table([[Cell(label, Role.LABEL), *figures]], "request"))
            report.blocks[number : number + 1] = pieces
            return


@report_quirk("Vertical text in PDFs", containers=frozenset({"pdf", "ofd", "html", "docx"}))
def vertical_labels(report: Report, rng: Random) -> None:
    """Prints column heads of 表四 and 三、本年度办理结果 one character a line."""
    for cell in report.cells("challenge"):
        if cell.role is Role.COLUMN:
            cell.text = "\n".join(cell.text)
    for cell in report.cells("request"):
        if cell.code == "results":
            cell.text = "\n".join(cell.text)


def widen(table: Table, column: int, cells: dict[int, Cell]) -> None:
    """Insert a column before grid column `column`; rows without a cell of their own get an empty one."""
    placed: list[Placement] = []
    for row, at, cell in place(table.rows):
        if at < column < at + cell.columns:
            cell.columns += 1
        placed.append((row, at + (at >= column), cell))
    covered = {row + down for row, at, cell in placed for down in range(cell.rows) if at <= column < at + cell.columns}
    bare = [row for row in range(len(table.rows)) if row not in covered]
    placed += [(row, column, cells.get(row, Cell("", Role.FILLER))) for row in bare]
    table.rows = collect_rows(placed, len(table.rows))


def last_column(table: Table) -> int:
    """Return the grid column after the last."""
    return table_width(table.rows)
