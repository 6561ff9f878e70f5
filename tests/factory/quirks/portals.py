"""Layouts of our own: what portals, editors and clerks do that no list has yet, each a trap for some shortcut."""

from dataclasses import replace
from decimal import Decimal
from random import Random

from tests.factory.model import (
    Cell,
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
from tests.factory.quirks.registry import HTML, WITH_MARKUP, WITH_SPANS, report_quirk, style_quirk
from tests.factory.quirks.structure import insert_row, last_column, widen
from tests.factory.style import Style
from tests.factory.writers.html import table_html

_HALF = 0.5  # chance of either of two ways


def _decoy(report: Report, text: str) -> list[Table]:
    # The report's tables with every figure replaced: whoever reads one of them loads a wrong value.
    return [
        Table(
            [
                [replace(copy_cell(c), text=text if c.role is Role.FIGURE else c.text) for c in row]
                for row in table.rows
            ],
            table.code,
        )
        for table in report.tables()
    ]


@style_quirk("own: last year's tables left in an HTML comment", containers=HTML)
def commented_tables(style: Style, report: Report) -> None:
    """Keeps another year's tables in a comment before the article."""
    markup = "".join(table_html(table, Style()) for table in _decoy(report, "888"))
    style.before_body.append(f"<!-- {markup} -->")


@style_quirk("own: template tables inside script, template and textarea", containers=HTML)
def tables_in_scripts(style: Style, report: Report) -> None:
    """Keeps tables of an editor's template in a script and a template element."""
    request = "".join(table_html(table, Style()) for table in _decoy(report, "777") if table.code != "proactive")
    style.before_body.append(f'<script type="text/html" id="tpl">{request}</script><template>{request}</template>')
    style.after_body.append(f"<noscript>请启用脚本</noscript><textarea style='display:none'>{request}</textarea>")


@style_quirk("own: a hidden copy of the article for printing or phones", containers=HTML)
def hidden_copy(style: Style, report: Report) -> None:
    """Repeats the tables, the same figures, inside an element that is not displayed."""
    markup = "".join(table_html(table, Style()) for table in report.tables())
    style.after_body.append(f'<div class="m-show" style="display:none">{markup}</div>')


@style_quirk("own: rows that a spreadsheet hides", containers=HTML)
def hidden_rows(style: Style, report: Report) -> None:
    """Ends each table with Excel's empty sizing row and starts it with a colgroup."""
    style.table_prefix = "<colgroup><col width='72'><col width='200' span='2'></colgroup>"
    style.table_suffix = (
        "<![if supportMisalignedColumns]><tr height='0' style='display:none'>"
        + "<td width='72' style='width:54pt'></td>" * 10
        + "</tr><![endif]>"
    )


@style_quirk("own: struck out text and raised signs by a style of their own", containers=WITH_MARKUP)
def marks_by_style(style: Style, report: Report) -> None:
    """Strikes and raises by a class of the page or a character style of the document."""
    style.marks_by_style = True


@style_quirk("own: the form as it was filled in on line", containers=HTML)
def figures_in_fields(style: Style, report: Report) -> None:
    """Holds every figure as the value of a form field."""
    style.fields = True


@style_quirk("own: end tags left out", containers=HTML)
def unclosed_cells(style: Style, report: Report) -> None:
    """Leaves out </td> and </tr>, which HTML allows."""
    style.unclosed = True


@style_quirk("own: header cells as th", containers=HTML)
def header_cells(style: Style, report: Report) -> None:
    """Writes thead and th."""
    style.header_cells = True


@style_quirk("own: each table inside a scrolling one-cell table", containers=HTML)
def wrapped_tables(style: Style, report: Report) -> None:
    """Wraps each table in another."""
    style.wrap_tables = True


@report_quirk("own: rowspan one too long", containers=HTML)
def rowspan_too_long(report: Report, rng: Random) -> None:
    """Lets 三、本年度办理结果 span one row too many, which pushes the last row one column right."""
    (table,) = report.tables("request")
    for _, _, cell in place(table.rows):
        if cell.code == "results":
            cell.rows += 1


@report_quirk("own: rowspan of the older form kept", containers=HTML, forms=frozenset({"2021"}))
def rowspan_too_short(report: Report, rng: Random) -> None:
    """Keeps rowspan 20 where the 2021 form needs 22, so the last rows of the results stand one column left."""
    (table,) = report.tables("request")
    for _, _, cell in place(table.rows):
        if cell.code == "results":
            cell.rows = 20


@report_quirk("own: a column of serial numbers", containers=WITH_SPANS | {"pipes", "tabs"})
def serial_numbers(report: Report, rng: Random) -> None:
    """Puts 序号 1, 2, 3 … before the labels of 表三: numbers that are no figures."""
    (table,) = report.tables("request")
    heads = table.header_count
    cells = {row: Cell(str(row - heads + 1), Role.FIGURE) for row in range(heads, len(table.rows))}
    cells[0] = Cell("序号", Role.NOTE, rows=heads)
    cells |= {row: Cell("", Role.FILLER) for row in range(1, heads)}
    widen(table, 0, cells)
    del_covered(table, heads)


@report_quirk("own: a column of line numbers between labels and figures", containers=WITH_SPANS | {"pipes", "tabs"})
def line_numbers(report: Report, rng: Random) -> None:
    """Puts 行次 1, 2, 3 … between the labels and the figures of 表三."""
    (table,) = report.tables("request")
    heads = table.header_count
    before = max(at + cell.columns for _, at, cell in place(table.rows) if cell.role is Role.LABEL)
    cells = {row: Cell(str(row - heads + 1), Role.FIGURE) for row in range(heads, len(table.rows))}
    cells[0] = Cell("行次", Role.NOTE, rows=heads)
    cells |= {row: Cell("", Role.FILLER) for row in range(1, heads)}
    widen(table, before, cells)
    for row in range(1, heads):  # where the head reaches down
        table.rows[row] = [cell for cell in table.rows[row] if cell is not cells[row]]


def del_covered(table: Table, heads: int) -> None:
    """Drop the fillers that stand under a spanning first cell."""
    for row in table.rows[1:heads]:
        if row and row[0].role is Role.FILLER and not row[0].text:
            del row[0]


@report_quirk("own: a column of percentages", containers=WITH_SPANS | {"pipes"})
def percentages(report: Report, rng: Random) -> None:
    """Adds 占比 with percentages right of 总计."""
    (table,) = report.tables("request")
    heads = table.header_count
    column = last_column(table)
    cells = {
        row: Cell(f"{rng.randrange(100)}.{rng.randrange(10)}%", Role.FIGURE) for row in range(heads, len(table.rows))
    }
    cells[1] = Cell("占比", Role.COLUMN, code="share")
    widen(table, column, cells)
    first = table.rows[0][-1]
    if first.role is Role.FILLER:
        table.rows[0].pop()
        table.rows[0][-1].columns += 1


@report_quirk("own: last year's totals beside this year's", containers=WITH_SPANS | {"pipes"})
def last_year_column(report: Report, rng: Random) -> None:
    """Adds 上年总计 with figures right of 总计."""
    (table,) = report.tables("request")
    heads = table.header_count
    column = last_column(table)
    cells = {row: Cell(str(rng.randrange(500)), Role.FIGURE) for row in range(heads, len(table.rows))}
    cells[1] = Cell("上年总计", Role.COLUMN, code="last_year")
    widen(table, column, cells)


@report_quirk("own: subtotals of the groups")
def subtotal_rows(report: Report, rng: Random) -> None:
    """Adds 小计 rows under （三）, （四） and （五）: sums that are no outcome and not the total."""
    (table,) = report.tables("request")
    for code in ("denied", "unavailable", "unprocessed"):
        for row, _, cell in place(table.rows):
            if cell.code == code:
                members = table.rows[row : row + cell.rows]
                figures = [[c for c in member if c.role is Role.FIGURE] for member in members]
                sums = [sum(int(number(c)) for c in column) for column in zip(*figures, strict=True)]
                extra = [Cell("小计", Role.LABEL)] + [Cell(str(value), Role.FIGURE) for value in sums]
                insert_row(table, row + cell.rows, extra)
                # The new row stands at the group's foot, which insert_row takes to be outside the group.
                cell.rows += 1
                break


def number(cell: Cell) -> Decimal:
    """Return the number of a figure cell, nothing where it has none."""
    return (cell.figure.value if cell.figure else None) or Decimal(0)


@report_quirk("own: an empty column and row around the form", containers=WITH_SPANS | {"pipes"})
def empty_margins(report: Report, rng: Random) -> None:
    """Copies a spreadsheet's empty first column and an empty row between header and data."""
    for table in report.tables():
        widen(table, 0, {})
    (table,) = report.tables("request")
    insert_row(table, table.header_count, [Cell("", Role.FILLER) for _ in range(last_column(table))])


@report_quirk("own: 表四 printed downwards", containers=WITH_SPANS | {"pipes", "tabs", "pdf"})
def challenge_downwards(report: Report, rng: Random) -> None:
    """Prints 表四 with a row for each channel and a column for each result, as narrow pages need."""
    (table,) = report.tables("challenge")
    at = next(n for n, row in enumerate(table.rows) if any(cell.role is Role.FIGURE for cell in row))
    figures = table.rows[at]
    ways = list(dict.fromkeys(f.key[1] for f in figures if f.key))
    heads = [(column, cell) for _, column, cell in place(table.rows) if cell.role is Role.COLUMN_GROUP]
    channels = sorted((head for head in heads if head[1].code in ways), key=lambda head: ways.index(head[1].code or ""))
    groups = [(column, column + cell.columns, cell) for column, cell in heads if cell.code not in ways]
    results = list(dict.fromkeys(f.code for f in figures))
    names = {c.code: c.text for row in table.rows for c in row if c.role is Role.COLUMN}
    rows = [[Cell("类别", Role.NOTE, columns=2)] + [Cell(names[code], Role.COLUMN, code=code) for code in results]]
    for column, channel in channels:
        own = [f for f in figures if f.key and f.key[1] == channel.code]
        over = [(first, last, group) for first, last, group in groups if first <= column < last]
        label = replace(channel, role=Role.LABEL, columns=1 if over else 2, rows=1)
        group = [
            replace(group, role=Role.GROUP, columns=1, rows=sum(first <= other < last for other, _ in channels))
            for first, last, group in over
            if first == column
        ]
        rows.append([*group, label, *own])
    for cell in (cell for row in table.rows[at + 1 :] for cell in row):
        cell.columns = len(results) + 2
    table.rows = [*rows, *table.rows[at + 1 :]]


@report_quirk("own: 表四 turned, a column for each way", containers=WITH_SPANS | {"pipes", "tabs", "pdf"})
def challenge_turned(report: Report, rng: Random) -> None:
    """Prints 表四 with a row for each result and a column for each channel, under a group of two or under none."""
    challenge_downwards(report, rng)
    (table,) = report.tables("challenge")
    count = 1 + max(at for at, row in enumerate(table.rows) if any(cell.role is Role.FIGURE for cell in row))
    if rng.random() < _HALF:
        table.rows = [[cell for cell in row if cell.role is not Role.GROUP] for row in table.rows]
        for row in table.rows[:count]:
            row[0].columns = 1
    _turn(table, count)


@report_quirk("own: 表四 as a list of fifteen figures", containers=WITH_SPANS | {"pipes", "tabs", "pdf"})
def challenge_listed(report: Report, rng: Random) -> None:
    """Prints each figure of 表四 in a row of its own, behind a label that names its way and its result."""
    challenge_header_flat(report, rng)
    (table,) = report.tables("challenge")
    _turn(table, 2)
    if rng.random() < _HALF:
        table.rows.insert(0, [Cell("项目", Role.NOTE), Cell("数量", Role.NOTE)])


@report_quirk("own: 表三 turned, a row for each applicant", containers=WITH_SPANS | {"pipes", "tabs"})
def request_turned(report: Report, rng: Random) -> None:
    """Prints 表三 with a row for each applicant and a column for each result, as wide sheets have it."""
    (table,) = report.tables("request")
    heads = table.header_count
    leaves = {cell.code: cell for row in table.rows[:heads] for cell in row if cell.role is Role.COLUMN}
    codes = list(dict.fromkeys(cell.code for row in table.rows for cell in row if cell.role is Role.FIGURE))
    labels = [replace(leaves[code], rows=1, columns=1) for code in codes if code in leaves]
    depth = max(at for _, at, cell in place(table.rows) if cell.role is Role.LABEL) + 1
    table.rows = [[Cell("申请人情况", Role.NOTE, columns=depth), *labels], *table.rows[heads:]]
    _turn(table, len(table.rows))


@report_quirk("own: 表三 folded, its lower half on the right", containers=WITH_SPANS | {"pipes"})
def request_folded(report: Report, rng: Random) -> None:
    """Prints the lower rows of 表三 beside the upper ones, under the same header, as a wide page has it."""
    (table,) = report.tables("request")
    upper, lower = split_table(table, rng.randrange(table.header_count + 8, table.header_count + 16))
    lower.rows[:0] = [[copy_cell(cell) for cell in row] for row in upper.rows[: table.header_count]]
    width, height = table_width(upper.rows), max(len(upper.rows), len(lower.rows))
    placed = [*place(upper.rows), *((row, width + column, cell) for row, column, cell in place(lower.rows))]
    for half, start in ((upper, 0), (lower, width)):
        placed += [(row, start, Cell("", Role.FILLER, columns=width)) for row in range(len(half.rows), height)]
    table.rows = collect_rows(placed, height)


@report_quirk("own: 表四 as three tables", containers=WITH_SPANS | {"pipes"})
def challenge_in_three(report: Report, rng: Random) -> None:
    """Prints 表四 as a table of results for each way, the way in a line above it."""
    place, table = next(
        (n, block) for n, block in enumerate(report.blocks) if isinstance(block, Table) and block.code == "challenge"
    )
    figures = [cell for row in table.rows for cell in row if cell.role is Role.FIGURE]
    heads = {cell.code: cell.text for row in table.rows for cell in row if cell.role is Role.COLUMN_GROUP}
    labels = {cell.code: cell for row in table.rows for cell in row if cell.role is Role.COLUMN}
    blocks: list[Text | Table] = []
    for way in dict.fromkeys(cell.key[1] for cell in figures if cell.key):
        own = [cell for cell in figures if cell.key and cell.key[1] == way]
        head = [replace(labels[cell.code], rows=1) for cell in own]
        blocks += [Text(heads[way], 3), Table([head, own], "challenge")]
    report.blocks[place : place + 1] = blocks


def _turn(table: Table, count: int) -> None:
    """Exchange rows and columns of the first `count` rows; what follows them, a footnote, spans the new width."""
    turned = [
        (column, row, replace(cell, rows=cell.columns, columns=cell.rows))
        for row, column, cell in place(table.rows[:count])
    ]
    width = max(row + cell.columns for _, row, cell in turned)
    rest = table.rows[count:]
    for cell in (cell for row in rest for cell in row):
        cell.columns = width
    height = max(column + cell.rows for column, _, cell in turned)
    table.rows = [*collect_rows(turned, height), *rest]


@report_quirk("own: 表四 as two tables", containers=WITH_SPANS | {"pipes", "tabs"})
def challenge_in_two(report: Report, rng: Random) -> None:
    """Prints reconsideration and litigation as tables of their own, side by side on wide pages."""
    number, table = next((n, b) for n, b in enumerate(report.blocks) if isinstance(b, Table) and b.code == "challenge")
    width = table.rows[0][0].columns
    left: list[list[Cell]] = [[] for _ in table.rows]
    right: list[list[Cell]] = [[] for _ in table.rows]
    for row, column, cell in place(table.rows):
        (left if column < width else right)[row].append(cell)
    for cell in left[1]:
        cell.rows = 1
    del left[2]
    report.blocks[number : number + 1] = [
        Table(left, "challenge"),
        Text("其中，行政诉讼情况如下："),
        Table(right, "challenge"),
    ]


@report_quirk("own: 表四 under one line of labels", containers=WITH_SPANS | {"pipes", "tabs"})
def challenge_header_flat(report: Report, rng: Random) -> None:
    """Prints one line of labels over 表四, each naming its result behind the way: 行政复议-结果维持."""
    (table,) = report.tables("challenge")
    *heads, figures = table.rows
    joint, first = rng.choice(["", "-", "—", "：", "/"]), rng.choice([0, 1])
    labels: list[list[str]] = [[] for _ in figures]
    ways = {figure.key[1] for figure in figures if figure.key}
    for _, column, cell in place(heads):
        is_group = cell.role is Role.COLUMN_GROUP and cell.code not in ways
        for own in labels[column : column + cell.columns]:
            if first == 0 or not is_group:
                own.append(cell.text)
    table.rows = [[Cell(joint.join(own), Role.COLUMN) for own in labels], figures]


@report_quirk("own: all three tables in one", containers=WITH_SPANS)
def tables_joined(report: Report, rng: Random) -> None:
    """Pastes the three tables as one, their titles as rows that span it."""
    rows: list[list[Cell]] = []
    blocks: list[Text | Table] = []
    titles = {b.section: b.text for b in report.blocks if isinstance(b, Text) and b.section}
    width = max(last_column(table) for table in report.tables())
    place_at = 0
    codes = {table.code for table in report.tables()}
    for block in report.blocks:
        if isinstance(block, Table) and block.code is not None:
            place_at = place_at or len(blocks)
            rows.append([Cell(titles.get(block.code, ""), Role.CAPTION, columns=width)])
            rows += block.rows
        elif not (isinstance(block, Text) and block.section in codes):
            blocks.append(block)
    blocks.insert(place_at, Table(rows, "joined"))
    report.blocks = blocks


@report_quirk("own: the form's order of rows changed")
def groups_swapped(report: Report, rng: Random) -> None:
    """Prints 四、结转下年度继续办理 right after 二, before the results, as some provinces do."""
    (table,) = report.tables("request")
    last = table.rows.pop()
    at = next(n for n, row in enumerate(table.rows) if any(cell.code == "results" for cell in row))
    table.rows.insert(at, last)


@style_quirk("own: XLSX with figures stored as text and a margin", containers=frozenset({"xlsx"}))
def text_cells(style: Style, report: Report) -> None:
    """Stores figures as text, two rows and columns in."""
    style.number_cells, style.offset = False, 2


@style_quirk("own: XLSX with totals as formulas, a sheet for each table", containers=frozenset({"xlsx"}))
def formulas_and_sheets(style: Style, report: Report) -> None:
    """Stores totals as formulas with their value, each table on its own sheet."""
    style.formula_totals = style.sheet_per_table = True
