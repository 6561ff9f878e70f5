"""What is said of a statistic table, its rows and its columns where something in them is open or was taken on trust."""

from collections.abc import Mapping, Sequence

from pipelines.normalize.editions import clause_forms
from pipelines.normalize.readings import ReadingNote
from pipelines.normalize.rows import DataRow
from pipelines.normalize.segments import Segment
from schemas.vocabulary import MatchMethod

_OF_TABLES = {
    "unproved_reading": "Table {} is printed in another layout than the form's, and its labels or sums do not settle "
    "it: figures may stand aside of their labels, and none is taken.",
    "missing_row": "Table {} has no row whose figures, or blanks, could be set under its columns.",
    "proved_reading": "Labels of table {} are torn from their figures; the form's order was taken as its rows are all "
    "there and every identity that can be computed holds.",
    "lossy_text": "The text of table {} lost lines: labels stand without their figures; none is taken.",
}


def note_table(reason_code: str, segment: Segment) -> ReadingNote:
    """Return the note that says `reason_code` of a whole table."""
    first = segment.rows[0]
    return ReadingNote(reason_code, first.table, first.number, None, _OF_TABLES[reason_code].format(segment.table_code))


def note_rows(
    segment: Segment, rows: Sequence[DataRow], forms: Mapping[str | None, tuple[str, ...]]
) -> list[ReadingNote]:
    """Return the notes on a table's rows and columns, and on those that it lacks.

    Args:
        segment: The table.
        rows: Its rows of figures.
        forms: By clause, the editions that fit it best.
    """
    notes = [note for row in rows for note in _on_row(row, segment.table_code)]
    notes += [*_on_other_columns(rows, segment.table_code), *_on_similar_columns(rows)]
    return notes + _on_lacking_rows(segment, rows, forms)


def _on_row(row: DataRow, table_code: str) -> list[ReadingNote]:
    printed = row.label.token if row.label is not None else None
    column = row.label.column if row.label is not None else None
    notes = []
    if row.code is None and not row.is_across and row.has_values and row.method is not MatchMethod.PROVED:
        if printed is None:
            reason, said = "row_without_label", f"A row of table {table_code} has figures and no label"
        else:
            reason, said = "unmapped_row", f"No row of form table {table_code} is called {printed!r}"
        notes.append(ReadingNote(reason, row.table, row.number, column, f"{said}; it is kept without a code."))
    if row.method is MatchMethod.SIMILAR:
        message = f"Label {printed!r} was read as row {row.code} (likeness {row.score})."
        notes.append(ReadingNote("similar_label", row.table, row.number, column, message))
    if row.assigned is None and row.has_values:
        notes.append(_on_width(row, table_code))
    return notes


def _on_width(row: DataRow, table_code: str) -> ReadingNote:
    if row.columns is None:
        reason = "unmapped_column"
        said = f"The header over this row of table {table_code} could not be read"
    else:
        reason = "row_width_mismatch"
        counts = f"{len(row.values)} cells cannot be set under the {len(row.columns)} columns"
        if len(row.values) == len(row.columns):
            counts = f"{len(row.values)} cells do not stand right under as many labels of columns"
        said = f"The row's {counts} of table {table_code}"
    return ReadingNote(reason, row.table, row.number, None, f"{said}; its figures are kept without a column.")


def _on_other_columns(rows: Sequence[DataRow], table_code: str) -> list[ReadingNote]:
    """Return a note for each column that the table prints beside the form's own."""
    columns = {
        id(column): column
        for row in rows
        for column in (*(row.columns or ()), *(column for _, column in row.assigned or ()))
    }
    return [
        ReadingNote(
            "unmapped_column",
            column.cell.table,
            column.cell.row,
            column.cell.column,
            f"No column of form table {table_code} is called {column.cell.token!r}; it is kept without a code.",
        )
        for column in columns.values()
        if column.code is None and column.cell is not None
    ]


def _on_similar_columns(rows: Sequence[DataRow]) -> list[ReadingNote]:
    """Return a note for each column whose label was read by likeness or as the beginning of the form's."""
    headers = {id(row.columns): row.columns for row in rows if row.columns}.values()
    return [
        ReadingNote(
            "similar_label",
            column.cell.table,
            column.cell.row,
            column.cell.column,
            f"Label {column.cell.token!r} was read as column {column.code}.",
        )
        for header in headers
        for column in header
        if column.is_similar and column.cell is not None
    ]


def _on_lacking_rows(
    segment: Segment, rows: Sequence[DataRow], forms: Mapping[str | None, tuple[str, ...]]
) -> list[ReadingNote]:
    """Return a note on the rows that the best edition prints and the table lacks, and one on those not whole."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for _, column in row.assigned or ():
            code = column.row_code or row.code
            if code is not None and column.code is not None:
                found.setdefault(code, set()).add(column.code)
    likely = _likely_forms(forms)
    printed = [
        {item.clause.code for item in clause_forms(segment.table_code) if item.form_code == code} for code in likely
    ]
    absent, lacking = [], []
    for item in clause_forms(segment.table_code):
        # A clause that is not there is missing only where every edition that the table may be has it.
        own = forms.get(item.clause.code) or (likely if all(item.clause.code in codes for codes in printed) else ())
        if not own or item.form_code != own[-1]:
            continue
        for label in item.clause.rows:
            missing = [
                column.label for column in item.clause.columns if column.code not in found.get(label.code, set())
            ]
            if len(missing) == len(item.clause.columns):
                absent.append(label.label)
            elif missing:
                lacking.append(f"{label.label}: {'、'.join(missing)}")
    table = segment.rows[0].table
    return [
        ReadingNote(reason, table, None, None, f"Table {segment.table_code} {what}: {'; '.join(labels)}.")
        for reason, what, labels in (
            ("missing_row", "has no figures for the rows", absent),
            ("missing_column", "has rows without all their figures", lacking),
        )
        if labels
    ]


def _likely_forms(forms: Mapping[str | None, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the editions that fit most clauses alone; where none does, all that fit as many."""
    codes = [code for fitting in forms.values() if len(fitting) == 1 for code in fitting]
    codes = codes or [code for fitting in forms.values() for code in fitting]
    most = max(map(codes.count, codes), default=0)
    return tuple(sorted({code for code in codes if codes.count(code) == most}))
