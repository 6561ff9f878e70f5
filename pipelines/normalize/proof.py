"""Readings that a table's labels leave open and the form's own arithmetic closes.

A tool that tore labels from figures leaves rows without a label and tables without a header. Where as many rows of
figures stand as the form has rows, all known labels stand at their places, and every identity of the form that can be
computed holds, the form's order is the reading; it is taken and marked `proved`. Anything less is left without a code.
A label that is none of the row's speaks against it: sums hold whatever the results under them are called, and a row
that an office, or the next edition of the form, put in the place of another is not that other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipelines.normalize.editions import ClauseForm, clause_forms
from pipelines.normalize.grid import CellKind, GridCell
from pipelines.normalize.header import HeaderColumn, form_columns
from pipelines.normalize.pair_labels import pair_entries
from pipelines.normalize.rows import DataRow
from pipelines.normalize.similarity import MATCH_LIMITS, is_piece_of, is_slip_of, label_likeness, means_alike
from schemas.form import Clause, Label
from schemas.vocabulary import MatchMethod

Place = tuple[int, int, int]
_Key = tuple[str | None, str | None]
Values = Mapping[Place, float]
_LEAST_ROWS_CLOSED = 0.8  # share of rows whose own sum must be computable, so that a table of blanks proves nothing


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One possible reading: each printed row beside its form row's code, and its figures beside their columns."""

    codes: tuple[str | None, ...]
    assigned: tuple[list[tuple[GridCell, HeaderColumn]], ...]


def prove_rows(rows: Sequence[DataRow], table_code: str, values: Values) -> bool:
    """Give open rows the only reading that the form's identities allow; tell whether one was taken.

    Args:
        rows: Rows of figures in printed order; those whose code is known are not questioned.
        table_code: The statistic table.
        values: Printed numbers by table, row and column of the cell.
    """
    printed = [row for row in rows if row.has_values and not row.is_stream]
    is_open = any(row.assigned is None or (row.code is None and not row.is_across) for row in printed)
    if not printed or not is_open:
        return False
    candidates = [
        candidate
        for item in clause_forms(table_code)
        if (candidate := _read_in_order(printed, item)) is not None and _identities_hold(candidate, item, values)
    ]
    if len({candidate.codes for candidate in candidates}) != 1:
        return False
    _take(printed, candidates[0])
    return True


def breaks_sums(
    rows: Sequence[DataRow], table_code: str, values: Values, forms: Mapping[str | None, tuple[str, ...]]
) -> bool:
    """Tell whether a sum of the form does not hold of what was read, blanks taken for noughts.

    A blank total breaks none where no other total of its kind is printed, but where figures stand beside their labels.

    Args:
        rows: Rows of figures with their codes and columns.
        table_code: The statistic table.
        values: Printed numbers by table, row and column of the cell.
        forms: By clause, the editions that fit it best: another edition's sum may lack a column that this one has.
    """
    figures: dict[_Key, float] = {}
    blank: set[_Key] = set()
    for row in rows:
        for cell, column in row.assigned or ():
            key, value = (column.row_code or row.code, column.code), values.get((cell.table, cell.row, cell.column))
            if value is not None:
                figures[key] = value
            elif cell.kind is CellKind.BLANK:
                blank.add(key)
    for item in clause_forms(table_code):
        if item.form_code not in forms.get(item.clause.code, ()):
            continue
        totals = {row.code for row in item.clause.rows if row.kind == "total"}
        sides = {column.code for column in item.clause.columns if column.is_total}
        printed = {row for row, _ in figures} & totals, {column for _, column in figures} & sides
        left_out = {
            (row, column) for row, column in blank if row in totals - printed[0] or column in sides - printed[1]
        }
        if any(row.stands_aside for row in rows):
            left_out = set()
        filled = figures | dict.fromkeys(blank - left_out, 0.0)
        if any([*_row_sums(item.clause, filled), *_column_sums(item.clause, filled)]):
            return True
    return False


def _read_in_order(rows: Sequence[DataRow], item: ClauseForm) -> _Candidate | None:
    """Return the reading of `rows` in the form's order, or None where a count or a known label speaks against it."""
    columns = form_columns(item.table, item.clause)
    across = item.table.orientation == "rows_across"
    expected: list[Label | None] = [None] if across else [*item.clause.rows]
    if len(rows) != len(expected):
        return None
    assigned = []
    for row, label in zip(rows, expected, strict=True):
        if label is not None and not _may_be(row, label, item.clause):
            return None
        figures = row.assigned if row.assigned is not None else _by_count(row, columns)
        if figures is None:
            return None
        assigned.append(figures)
    return _Candidate(tuple(label.code if label else None for label in expected), tuple(assigned))


def _may_be(row: DataRow, label: Label, clause: Clause) -> bool:
    """Tell whether nothing printed says that a row is not the form's row: its code, or a label that is not known.

    Where a row's own label is torn from it, that of its group may be the next one.
    """
    if row.code is not None:
        return row.code == label.code
    if row.label is None or not row.label.label.text:
        return not _comes_before_its_group(row, label, clause)
    printed = row.label.label
    if pair_entries(row.label.token):  # the figure of one column, which is not all of the row
        return False
    is_alike = label_likeness(printed, label.spellings) >= MATCH_LIMITS.accept
    if is_piece_of(printed, label.spellings) or (is_alike and means_alike(printed, label.spellings)):
        return True
    if is_slip_of(printed, label.spellings):
        return True
    return any(group.code == label.parent and is_piece_of(printed, group.spellings) for group in clause.row_groups)


def _comes_before_its_group(row: DataRow, label: Label, clause: Clause) -> bool:
    """Tell whether a row stands under a group whose rows come later in the form: 不予公开 in the place of 予以公开."""
    codes = [item.code for item in clause.rows]
    begins = [next((n for n, item in enumerate(clause.rows) if item.parent == group), 0) for group in row.groups]
    return bool(begins) and max(begins) > codes.index(label.code)


def _by_count(row: DataRow, columns: tuple[HeaderColumn, ...]) -> list[tuple[GridCell, HeaderColumn]] | None:
    """Return the row's figures beside the form's columns where it has just as many, padding blanks apart."""
    cells = list(row.values)
    while len(cells) > len(columns) and cells[-1].kind is CellKind.BLANK:
        cells.pop()
    if len(cells) != len(columns) or not _header_agrees(row, columns):
        return None
    pairs = list(zip(cells, columns, strict=True))
    return pairs if _labels_stand_alike(row, pairs) else None


def _labels_stand_alike(row: DataRow, pairs: Sequence[tuple[GridCell, HeaderColumn]]) -> bool:
    """Tell whether the header's labels stand over their own figures, or all as many cells beside them.

    Where one label is lost and another stands in its place, the form's order is not the table's.
    """
    if pairs[0][1].row_code is not None:
        return True
    own = {column.code: place for place, (_, column) in enumerate(pairs)}
    shifts = {
        place - own[code]
        for label, code in row.header_labels
        for place, (cell, _) in enumerate(pairs)
        if code in own and label.overlaps(cell)
    }
    return len(shifts) <= 1


def _header_agrees(row: DataRow, columns: tuple[HeaderColumn, ...]) -> bool:
    """Tell whether what is left of the header names nothing but the form's columns in the form's order.

    The identities hold for any order of the applicants, so a header that says another order, or that no form knows, is
    not overruled. Under rows that stand side by side (表四) a label torn by a page says nothing against its column.
    """
    expected = iter([column.code for column in columns])
    is_across = columns[0].row_code is not None
    codes = [code for _, code in row.header_labels]
    known = (code for code, _ in groupby(codes) if code is not None or not is_across)
    return all(code is not None and code in expected for code in known)


def _identities_hold(candidate: _Candidate, item: ClauseForm, values: Values) -> bool:
    """Tell whether every identity of the clause that can be computed holds, and enough of them can."""
    figures: dict[_Key, float] = {}
    for code, pairs in zip(candidate.codes, candidate.assigned, strict=True):
        for cell, column in pairs:
            row_code = column.row_code or code
            value = values.get((cell.table, cell.row, cell.column))
            if row_code is not None and column.code is not None and value is not None:
                figures[row_code, column.code] = value
    sums = [*_row_sums(item.clause, figures), *_column_sums(item.clause, figures)]
    row_count = len(item.clause.rows)
    computed = sum(difference is not None for difference in sums[:row_count])
    return not any(sums_difference for sums_difference in sums if sums_difference is not None) and (
        computed >= _LEAST_ROWS_CLOSED * row_count
    )


def _row_sums(clause: Clause, figures: Mapping[_Key, float]) -> list[float | None]:
    """Return for every row the sum of its leaves less its total; None where a figure is not printed."""
    totals = [column.code for column in clause.columns if column.is_total]
    leaves = [column.code for column in clause.columns if not column.is_total]
    return [
        _difference(figures, [(row.code, leaf) for leaf in leaves], [(row.code, total) for total in totals])
        for row in clause.rows
    ]


def _column_sums(clause: Clause, figures: Mapping[_Key, float]) -> list[float | None]:
    """Return for every column its results less their total, and what came in less what went out."""
    by_kind = {kind: [row.code for row in clause.rows if row.kind == kind] for kind in ("leaf", "flow", "total")}
    if not by_kind["total"]:
        return []
    *incoming, outgoing = by_kind["flow"]
    differences = []
    for column in clause.columns:
        total = [(code, column.code) for code in by_kind["total"]]
        differences.append(_difference(figures, [(code, column.code) for code in by_kind["leaf"]], total))
        went = [*total, (outgoing, column.code)]
        differences.append(_difference(figures, [(code, column.code) for code in incoming], went))
    return differences


def _difference(
    figures: Mapping[_Key, float], left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]
) -> float | None:
    if not right or any(key not in figures for key in (*left, *right)):
        return None
    return sum(figures[key] for key in left) - sum(figures[key] for key in right)


def _take(rows: Sequence[DataRow], candidate: _Candidate) -> None:
    """Write the reading into the rows, blanks apart: in a torn table a blank may be a figure that stands elsewhere."""
    for row, code, pairs in zip(rows, candidate.codes, candidate.assigned, strict=True):
        if row.assigned is None:
            row.assigned = [(cell, column) for cell, column in pairs if cell.kind is not CellKind.BLANK]
        if row.method is None or row.columns is None:
            row.code, row.method, row.score = code, MatchMethod.PROVED, None
