"""A statistic table drawn as its form prints it, with the breaches and the suspected cells marked in their places."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pipelines.check import Breach, Marks, Suggestion
from pipelines.load.page.markup import both, label, number, say, text
from schemas.form import Clause, FormTable, Label, load_forms
from schemas.vocabulary import ValueStatus

Cell = Mapping[str, Any]
Place = tuple[str, str, str]  # table, row, column

_MOST_OUTSIDE = 10
_MOST_SUGGESTIONS = 3
_MOST_CROSSES = 4
_CELL_CHARACTERS = 40


def draw_tables(cells: Sequence[Cell], marks: Marks, *, pointed: Collection[Place] | None = None) -> Iterator[str]:
    """Yield as HTML every table in which anything is marked, an edition at a time: reports mix them within a table.

    Args:
        cells: Rows of reported_cell of one report, in the order in which they are printed.
        marks: What is to be marked.
        pointed: Cells to point at, by (table_code, row_code, column_code). Where given, tables without marks are drawn
            too.
    """
    marked = {code for code, *_ in (*marks.cells, *marks.lines)} | set(marks.tables)
    if pointed is not None:
        marked = {cell["table_code"] for cell in cells}
    for form in load_forms().values():
        for table in form.tables:
            of_table = [cell for cell in cells if cell["table_code"] == table.code]
            found = [cell for cell in of_table if cell["form_code"] == form.code]
            if table.code in marked and any(cell["row_code"] and cell["column_code"] for cell in found):
                yield draw_table(form.code, table, found, marks, pointed or ())
    yield from _draw_outside([cell for cell in cells if cell["table_code"] in marked and cell["row_code"] is None])


def draw_table(
    form_code: str, table: FormTable, cells: Sequence[Cell], marks: Marks, pointed: Collection[Place] = ()
) -> str:
    """Return one table of one edition: those of its clauses of which anything was found."""
    printed: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        printed.setdefault((cell["row_code"], cell["column_code"]), []).append(cell)
    drawing = _Drawing(table.code, printed, marks, pointed)
    title = say("edition", number=table.number, title=table.title, title_en=table.en, form=form_code)
    draw = drawing.draw_across if table.orientation == "rows_across" else drawing.draw_down
    # 表二 has a header for each clause; a table of its own for each keeps their widths apart.
    parts = [
        f'<table class="form"><caption>{drawing.caption(title, clause)}</caption>{draw(clause)}</table>'
        for clause in table.clauses
        if drawing.has_any(clause)
    ]
    return f'<div class="wide">{"".join(parts)}</div>'


def _draw_outside(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield the rows that no form has, as printed: they may be what makes a sum fail."""
    rows = [
        f"{text(raw_label or '?')}: {' · '.join(text(cell['raw_text'], _CELL_CHARACTERS) or '–' for cell in row)}"
        for raw_label, row in groupby(cells, key=lambda cell: cell["raw_label"])
    ]
    if rows:
        yield f'<p class="soft">{say("outside_form")}{"; ".join(rows[:_MOST_OUTSIDE])}</p>'


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One table of a report, about to be drawn.

    Attributes:
        printed: Its cells by (row_code, column_code): several where the form's place stands twice.
    """

    table_code: str
    printed: Mapping[tuple[str, str], Sequence[Cell]]
    marks: Marks
    pointed: Collection[Place]

    def has_any(self, clause: Clause) -> bool:
        return any((row.code, column.code) in self.printed for row in clause.rows for column in clause.columns)

    def caption(self, title: str, clause: Clause) -> str:
        where = f" · {both(text(clause.caption), text(clause.en or clause.caption))}" if clause.caption else ""
        return f"{title}{where} {self.crosses(self.marks.tables.get(self.table_code, ()))}"

    def draw_down(self, clause: Clause) -> str:
        """Return the clause with a row of the form to a line: labels of up to three levels, then the figures."""
        depth = _label_columns(clause)
        lines = [self._column_heads(clause, depth), "<tbody>"]
        for heads, row in _row_heads(clause, depth):
            own = self.head(row, span=f' colspan="{_own_width(row, clause, depth)}"')
            lines.append(f"<tr>{heads}{own}{''.join(self.cell(row, column) for column in clause.columns)}</tr>")
        return "".join([*lines, "</tbody>"])

    def draw_across(self, clause: Clause) -> str:
        """Return the clause with its rows side by side over one line of figures."""
        width = len(clause.columns)
        groups = {group.code: group for group in clause.row_groups}
        upper, lower = [], []
        for parent, members in groupby(clause.rows, key=lambda row: row.parent):
            rows = list(members)
            if parent is None:
                upper += [self.head(row, span=f' rowspan="2" colspan="{width}"') for row in rows]
            else:
                upper.append(f'<th colspan="{width * len(rows)}">{label(groups[parent])}</th>')
                lower += [self.head(row, span=f' colspan="{width}"') for row in rows]
        results = "".join(self.head(column) for _ in clause.rows for column in clause.columns)
        figures = "".join(self.cell(row, column) for row in clause.rows for column in clause.columns)
        heads = "".join(f"<tr>{''.join(line)}</tr>" for line in (upper, lower, [results]))
        return f"<thead>{heads}</thead><tbody><tr>{figures}</tr></tbody>"

    def head(self, of: Label, span: str = "") -> str:
        """Return the heading of a row or column, with a cross and the rule for each breach."""
        breaches = self.marks.lines.get((self.table_code, of.code), ())
        broken = ' class="broken"' if breaches else ""
        return f"<th{broken}{span}>{label(of)} {self.crosses(breaches)}</th>"

    def crosses(self, breaches: Iterable[Breach]) -> str:
        shown = list(breaches)
        crosses = [f'<span class="cross {each.severity}">✗ {text(each)}</span>' for each in shown[:_MOST_CROSSES]]
        return " ".join([*crosses, *["…"][: len(shown) > _MOST_CROSSES]])

    def cell(self, row: Label, column: Label) -> str:
        """Return a figure as printed, and behind an arrow what would make the identities hold."""
        found = self.printed.get((row.code, column.code), ())
        if not found:
            return '<td class="missing"></td>'
        shown = " | ".join(text(cell["raw_text"], _CELL_CHARACTERS) for cell in found)
        reviewed = [cell["value_reviewed"] for cell in found if cell["value_reviewed"] is not None]
        suggestions = self.marks.cells.get((self.table_code, row.code, column.code), ())
        kind = _kind_of(found[0], suggestions)
        if suggestions:
            values = " / ".join(number(each.value) for each in suggestions[:_MOST_SUGGESTIONS])
            shown = f"{shown} → <b>{values}</b>"
        if reviewed:
            kind, shown = f"{kind} reviewed".strip(), f"{shown} ({number(reviewed[0])})"
        if (self.table_code, row.code, column.code) in self.pointed:
            kind = f"{kind} pointed".strip()
        return f'<td class="{kind}">{shown}</td>' if kind else f"<td>{shown}</td>"

    def _column_heads(self, clause: Clause, depth: int) -> str:
        groups = {group.code: group for group in clause.column_groups}
        if not groups:
            heads = "".join(self.head(column) for column in clause.columns)
            return f'<thead><tr><th colspan="{depth}"></th>{heads}</tr></thead>'
        upper, lower = [], []
        for parent, members in groupby(clause.columns, key=lambda column: column.parent):
            columns = list(members)
            if parent is None:
                upper += [self.head(column, span=' rowspan="2"') for column in columns]
            else:
                upper.append(f'<th colspan="{len(columns)}">{label(groups[parent])}</th>')
                lower += [self.head(column) for column in columns]
        corner = f'<th colspan="{depth}" rowspan="2"></th>'
        return f"<thead><tr>{corner}{''.join(upper)}</tr><tr>{''.join(lower)}</tr></thead>"


def _kind_of(cell: Cell, suggestions: Sequence[Suggestion]) -> str:
    """Return the CSS class of a cell: what is suspected of it before what stands in it."""
    if suggestions and cell["value"] is None and all(each.is_unique for each in suggestions):
        return "filled"
    if suggestions:
        return "unique" if all(each.is_unique for each in suggestions) else "candidate"
    status = ValueStatus(cell["value_status"])
    if status is ValueStatus.ILLEGIBLE:
        return "illegible"
    return "" if status is ValueStatus.REPORTED else "blank"


def _label_columns(clause: Clause) -> int:
    """Return how many columns the labels take: one for a group over all results, one for groups, one for the rows."""
    return 1 + any(row.parent for row in clause.rows) + (_heading_of(clause) is not None)


def _heading_of(clause: Clause) -> Label | None:
    """Return the group that no row names as its parent: it stands over all results (三、本年度办理结果)."""
    parents = {row.parent for row in clause.rows}
    return next((group for group in clause.row_groups if group.code not in parents), None)


def _own_width(row: Label, clause: Clause, depth: int) -> int:
    under_heading = _heading_of(clause) is not None and row.is_outcome
    return depth - under_heading - (row.parent is not None)


def _row_heads(clause: Clause, depth: int) -> Iterator[tuple[str, Label]]:
    """Yield every row with the group labels that begin at it."""
    groups = {group.code: group for group in clause.row_groups}
    heading = _heading_of(clause)
    under_heading = [row for row in clause.rows if row.is_outcome]
    for parent, members in groupby(clause.rows, key=lambda row: row.parent):
        rows = list(members)
        for place, row in enumerate(rows):
            heads = ""
            if heading is not None and depth > 1 and under_heading and row is under_heading[0]:
                heads += f'<th rowspan="{len(under_heading)}">{label(heading)}</th>'
            if parent is not None and place == 0:
                heads += f'<th rowspan="{len(rows)}">{label(groups[parent])}</th>'
            yield heads, row
