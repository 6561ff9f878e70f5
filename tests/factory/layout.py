"""A truth laid out as the official form prints it: the plain model that quirks then disturb."""

from decimal import Decimal

from schemas.form import Clause, FormTable, load_forms
from schemas.vocabulary import ValueStatus
from tests.factory.model import Cell, Figure, Key, Report, Role, Table, Text
from tests.factory.truth import Truth

_NOT_APPLICABLE = "/"


def lay_out(truth: Truth) -> Report:
    """Return the report with its narrative and its three tables in the official layout."""
    form = load_forms()[truth.form_code]
    title = f"{truth.agency_name}{truth.year}年政府信息公开工作年度报告"
    blocks: list[Text | Table] = [
        Text(title, 1),
        Text(_preamble(truth)),
        Text("一、总体情况", 2, "overview"),
        *(Text(sentence) for sentence in _overview(truth)),
    ]
    for table in form.tables:
        blocks.append(Text(f"{table.number}、{table.title}", 2, table.code))
        blocks.append(lay_out_table(truth, table))
    blocks += [
        Text("五、存在的主要问题及改进情况", 2, "problems"),
        Text("一是公开内容深度不够，二是解读形式较为单一。下一步将加强培训，丰富解读方式。"),
        Text("六、其他需要报告的事项", 2, "other_matters"),
        Text(f"{truth.year}年本机关依申请公开政府信息未收取信息处理费。"),
    ]
    metadata = {
        "索引号": f"01417{truth.year}-0000{len(truth.agency_name)}",
        "发布机构": truth.agency_name,
        "发布日期": f"{truth.year + 1}-01-2{truth.year % 10}",
        "文号": "",
    }
    return Report(title, truth.agency_name, truth.year, blocks, metadata)


def lay_out_table(truth: Truth, table: FormTable) -> Table:
    """Return one statistic table in the official layout."""
    clauses = [clause for owner, clause in truth.clauses() if owner.code == table.code]
    if table.code == "proactive":
        width = max(len(clause.columns) for clause in clauses)  # beside the column of labels
        return Table([row for clause in clauses for row in _proactive_rows(truth, clause, width)], table.code)
    if table.orientation == "rows_down":
        return Table(_request_rows(truth, clauses[0]), table.code)
    return Table(_challenge_rows(truth, clauses[0]), table.code)


def print_number(value: Decimal) -> str:
    """Return a number as a clerk types it.

    >>> print_number(Decimal("4166.241619")), print_number(Decimal("251000")), print_number(Decimal("-18"))
    ('4166.241619', '251000', '-18')
    """
    return f"{value:f}"


def figure_cell(key: Key, figure: Figure, columns: int = 1) -> Cell:
    """Return the cell that prints `figure` plainly."""
    text = {ValueStatus.BLANK: "", ValueStatus.NOT_APPLICABLE: _NOT_APPLICABLE}.get(figure.status, "")
    if figure.value is not None:
        text = print_number(figure.value)
    return Cell(text, Role.FIGURE, columns=columns, code=key[2], key=key, figure=figure)


def share_columns(count: int, width: int) -> list[int]:
    """Return the colspans of `count` cells over `width` columns, the last taking what is left.

    >>> share_columns(1, 3), share_columns(2, 3), share_columns(3, 3)
    ([3], [1, 2], [1, 1, 1])
    """
    return [1] * (count - 1) + [width - count + 1]


def _proactive_rows(truth: Truth, clause: Clause, width: int) -> list[list[Cell]]:
    spans = share_columns(len(clause.columns), width)
    columns = list(zip(clause.columns, spans, strict=True))
    rows = [
        [Cell(clause.caption or "", Role.CAPTION, columns=width + 1, code=clause.code)],
        [Cell(clause.header_notes[0], Role.NOTE)]
        + [Cell(column.label, Role.COLUMN, columns=span, code=column.code) for column, span in columns],
    ]
    for row in clause.rows:
        keys = [(("proactive", row.code, column.code), span) for column, span in columns]
        rows.append(
            [Cell(row.label, Role.LABEL, code=row.code)]
            + [figure_cell(key, truth.figures[key], span) for key, span in keys]
        )
    return rows


def _request_rows(truth: Truth, clause: Clause) -> list[list[Cell]]:
    rows = _request_header(clause)
    groups = {group.code: group for group in clause.row_groups}
    printed: set[str] = set()
    result_rows = [row for row in clause.rows if row.is_outcome]
    for row in clause.rows:
        cells: list[Cell] = []
        if not row.is_outcome:
            cells.append(Cell(row.label, Role.LABEL, columns=3, code=row.code))
        else:
            if "results" not in printed:
                printed.add("results")
                cells.append(Cell(groups["results"].label, Role.GROUP, rows=len(result_rows), code="results"))
            if row.parent is not None and row.parent not in printed:
                printed.add(row.parent)
                depth = sum(other.parent == row.parent for other in clause.rows)
                cells.append(Cell(groups[row.parent].label, Role.GROUP, rows=depth, code=row.parent))
            cells.append(Cell(row.label, Role.LABEL, columns=1 if row.parent else 2, code=row.code))
        keys = [("request", row.code, column.code) for column in clause.columns]
        rows.append(cells + [figure_cell(key, truth.figures[key]) for key in keys])
    return rows


def _request_header(clause: Clause) -> list[list[Cell]]:
    (group,) = clause.column_groups
    members = [column for column in clause.columns if column.parent == group.code]
    second: list[Cell] = []
    for column in clause.columns:
        if column.parent is None:
            second.append(Cell(column.label, Role.COLUMN, rows=2, code=column.code))
        elif column is members[0]:
            second.append(Cell(group.label, Role.COLUMN_GROUP, columns=len(members), code=group.code))
    return [
        [
            Cell(f"（{clause.header_notes[0]}）", Role.NOTE, rows=3, columns=3),
            Cell(clause.header_notes[1], Role.COLUMN_GROUP, columns=len(clause.columns), code="applicants"),
        ],
        second,
        [Cell(column.label, Role.COLUMN, code=column.code) for column in members],
    ]


def _challenge_rows(truth: Truth, clause: Clause) -> list[list[Cell]]:
    width = len(clause.columns)
    groups = {group.code: group for group in clause.row_groups}
    first: list[Cell] = []
    second: list[Cell] = []
    third: list[Cell] = []
    figures: list[Cell] = []
    for row in clause.rows:
        results = [Cell(column.label, Role.COLUMN, code=column.code) for column in clause.columns]
        if row.parent is None:
            first.append(Cell(row.label, Role.COLUMN_GROUP, columns=width, code=row.code))
            for result in results:
                result.rows = 2
            second += results
        else:
            if all(cell.code != row.parent for cell in first):
                members = sum(other.parent == row.parent for other in clause.rows)
                first.append(
                    Cell(groups[row.parent].label, Role.COLUMN_GROUP, columns=width * members, code=row.parent)
                )
            second.append(Cell(row.label, Role.COLUMN_GROUP, columns=width, code=row.code))
            third += results
        keys: list[Key] = [("challenge", row.code, column.code) for column in clause.columns]
        figures += [figure_cell(key, truth.figures[key]) for key in keys]
    return [first, second, third, figures]


def _preamble(truth: Truth) -> str:
    return (
        "根据《中华人民共和国政府信息公开条例》的规定，编制本报告。"
        f"本报告所列数据的统计期限自{truth.year}年1月1日起至{truth.year}年12月31日止。"
    )


def _overview(truth: Truth) -> list[str]:
    new = truth.value("request", "new_received", "total")
    carried = truth.value("request", "carried_in", "total")
    return [
        "（一）主动公开情况。全年通过政府门户网站发布政府信息1286条，其中政务动态信息925条。",
        f"（二）依申请公开情况。{truth.year}年共收到政府信息公开申请{new}件，上年结转{carried}件，均在法定期限内予以答复。",
        "（三）政府信息管理。清理规范性文件，结果集中统一对外公开。",
    ]
