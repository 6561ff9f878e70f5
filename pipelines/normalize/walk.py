"""Walking a table from top to bottom: rows of figures under the header and the clause in force."""

from dataclasses import dataclass, replace

from pipelines.normalize.editions import clauses_named, followers, only_clause
from pipelines.normalize.grid import VALUE_TOKEN, CellKind, GridCell, GridRow
from pipelines.normalize.header import HeaderColumn, HeaderDraft, is_whole_clause, left_columns, resolve_header
from pipelines.normalize.lexicon import Axis, Entry, choose_entry
from pipelines.normalize.parts import RowParts, are_unknown, find_entries, take_apart, words_behind_label
from pipelines.normalize.placing import are_right_under
from pipelines.normalize.rows import DataRow
from pipelines.normalize.values import is_unit
from schemas.vocabulary import MatchMethod

_MOST_PIECES = 4  # lines of a label in a narrow column
_MOST_LABELS = 500  # of one header, each row of which is compared with all of it


def gather_rows(rows: list[GridRow], table_code: str) -> list[DataRow]:
    """Return the rows of figures of one statistic table in printed order.

    A label without figures waits for the next line: where that has figures and no label, they are its own. Under rows
    that stand side by side such a label is no row's: it heads what follows the table. Groups stay in force until the
    next group is named, since text containers print them on the first row alone.
    """
    walk = _Walk(table_code)
    for row in rows:
        walk.take(row)
    walk.take_back_figures()
    return walk.join_cut_labels()


@dataclass(frozen=True, slots=True)
class _ReadHeader:
    """What a header says of every row below it that stands in one clause; see `DataRow`."""

    columns: tuple[HeaderColumn, ...] | None
    left: tuple[HeaderColumn, ...]
    labels: tuple[tuple[GridCell, str | None], ...]
    end: int


class _Walk:
    """The state between two rows: clause, header and groups in force."""

    def __init__(self, table_code: str) -> None:
        self.table_code = table_code
        self.rows: list[DataRow] = []
        self.clause = only_clause(table_code)
        self.groups: frozenset[str] = frozenset()
        self.draft = HeaderDraft()
        self._lent: list[tuple[DataRow, DataRow]] = []  # rows with figures of the line below, and as they were before
        self._read: dict[str | None, _ReadHeader] = {}  # the draft as it is once closed, by clause

    def take(self, row: GridRow) -> None:
        """Take the next row: its clause, header and groups come into force, its figures become a row."""
        row = self._take_words_for_figures(row)
        parts = take_apart(row, self.table_code, self.clause, is_header_open=not self.draft.is_closed)
        if self._is_row_of_blanks(row, parts):
            parts.label, parts.across, parts.is_structural = parts.across[0][0], [], False
            parts.entries = find_entries(parts.label, self.table_code, self.clause)[Axis.ROW]
        self._take_header(row, parts)
        if parts.groups:
            self.groups = frozenset(parts.groups)
        self._take_figures(row, parts)

    def _take_header(self, row: GridRow, parts: RowParts) -> None:
        """Take captions and labels of columns; those behind rows of figures, or that stand again, open a new header.

        Other texts of an open header are kept as well: 备注 may stand two lines above the labels, over nothing, and
        本年 beside 上年 below one of them. A unit below a label parts none.
        """
        if parts.clause is not None:
            self.clause = parts.clause
            self._open_header(row)
        if parts.header or parts.across or (parts.is_structural and self.draft.is_closed):
            is_full = len(self.draft.labels) > _MOST_LABELS
            if self.draft.is_closed or is_full or self.draft.stands_again((*parts.header, *parts.across)):
                self._open_header(row)
            self.draft.labels += parts.header
            self.draft.across += parts.across
            self.draft.end_row(row, [cell for cell, code in (*parts.header, *parts.across) if code is not None])
            self.draft.is_stream |= row.is_stream
        elif not self.draft.is_closed and not row.has_values:
            texts = (cell for cell in row.cells if cell.kind is CellKind.TEXT)
            self.draft.others += [cell for cell in texts if not is_unit(cell.token.strip("()"))]

    def _take_figures(self, row: GridRow, parts: RowParts) -> None:
        """Make a row of figures, or of a label that waits for them; lend figures without a label to the row above."""
        filled = any(cell.kind is not CellKind.BLANK for cell in parts.values)
        if parts.label is None and (not filled or (parts.is_structural and not row.is_stream)):
            if not parts.is_structural and self._is_blank_line_of_figures(parts):
                self._add_row(row, parts)
            return
        has_text = any(cell.kind is CellKind.TEXT for cell in row.cells)
        if filled and not has_text and self.draft.is_closed and self._awaits_figures:  # no header came between
            self._lend_figures(row, parts)
        elif filled or (parts.label is not None and (parts.entries or not self.draft.across)):
            self._add_row(row, parts)

    def _take_words_for_figures(self, row: GridRow) -> GridRow:
        """Return the row with a figure, which nobody can read, for each text that stands in the place of one.

        12a, 约3 or 见附件 under a column, behind the row's known label or in a whole line of figures below it.
        """
        words = words_behind_label(row, self.table_code, self.clause)
        is_line = not words and self._awaits_figures and are_unknown(row, self.table_code, self.clause)
        columns = self._resolve_columns(self.clause) if words or is_line else None
        if columns is None:
            return row
        if is_line:
            line = row.cells[-len(columns) :]
            is_whole = len(columns) > 1 and all(cell.kind is not CellKind.BLANK for cell in line)
            is_alone = all(cell.kind is CellKind.BLANK for cell in row.cells[: -len(columns)])
            words = line if is_whole and is_alone and are_right_under(line, columns) else []
        heads = [column.cell for column in columns if column.cell is not None]
        places = {cell.column for cell in words if any(cell.overlaps(head) for head in heads)}
        cells = [replace(cell, token=VALUE_TOKEN) if cell.column in places else cell for cell in row.cells]
        return replace(row, cells=cells) if places else row

    @property
    def _awaits_figures(self) -> bool:
        """Whether the next line may hold figures without a label: rows stand side by side, or one has blanks so far."""
        if self.draft.is_closed:
            return bool(self.rows) and not self.rows[-1].has_values
        return bool(self.draft.across)

    def _is_blank_line_of_figures(self, parts: RowParts) -> bool:
        """Tell whether blanks stand where the line of figures belongs, under rows that stand side by side."""
        columns = self._resolve_columns(self.clause) if self.draft.across and not self.draft.is_closed else None
        return columns is not None and len(parts.values) == len(columns)

    def _is_row_of_blanks(self, row: GridRow, parts: RowParts) -> bool:
        """Tell whether a label that may stand over columns is a row's own: below the columns, blanks right under each.

        So where a table of 表四 has a line for each way, whatever blanks stand before the columns and behind them.
        """
        if row.is_stream or parts.header or len(parts.across) != 1 or self.draft.across or row.has_values:
            return False
        columns = self._resolve_columns(self.clause)
        first = columns[0].cell if columns else None
        if not columns or first is None:
            return False
        behind = [cell for cell in parts.values if cell.column >= first.column]
        return are_right_under(behind[: len(columns)], columns)

    def _open_header(self, row: GridRow) -> None:
        self.draft = HeaderDraft(is_stream=row.is_stream)
        self._read = {}

    def _add_row(self, row: GridRow, parts: RowParts) -> None:
        entry = choose_entry(parts.entries, self.groups)
        clause = self._clause_of(entry)
        self.draft.is_closed = True
        if clause not in self._read:
            self._read[clause] = self._read_header(clause)
        header = self._read[clause]
        is_apart = _names_its_column(parts, self.table_code)
        self.rows.append(
            DataRow(
                table=row.table,
                number=row.number,
                label=parts.label,
                groups=self.groups,
                own_groups=frozenset(parts.groups),
                values=parts.values,
                clause=clause,
                columns=None if is_apart else header.columns,
                left_columns=() if is_apart else header.left,
                is_stream=row.is_stream,
                header_labels=header.labels,
                header_end=header.end,
                other_heads=self.draft.others,
                has_lost_rows=bool(parts.skipped),
                code=entry.code if entry else None,
                method=MatchMethod.EXACT if entry else None,
                score=1.0 if entry else None,
            )
        )

    def _clause_of(self, entry: Entry | None) -> str | None:
        """Return the clause in force; a row that stands in another clause only says that its caption went elsewhere."""
        if entry is None or self.clause in entry.clauses:
            return self.clause
        return next(iter(entry.clauses)) if len(entry.clauses) == 1 else self.clause

    def _lend_figures(self, row: GridRow, parts: RowParts) -> None:
        """Give the last row the figures of the line below it, in doubt where it prints a blank under each column."""
        last = self.rows[-1]
        if last.values:  # blanks, which may be all that it prints
            self._lent.append((last, replace(last)))
        if not row.is_stream and last.columns and len(last.values) >= len(last.columns):
            last.doubtful = {(cell.table, cell.row, cell.column) for cell in parts.values}
        last.values, last.number = parts.values, row.number

    def take_back_figures(self) -> None:
        """Part figures of the line below from a label again where that line may be another row's, whose label is lost.

        So where rows follow, and none of them, nor any other, is one that comes next in an edition of the form.
        """
        codes = {row.code for row in self.rows}
        for row, blank in reversed(self._lent):
            following = followers(self.table_code, row.code)
            place = next(place for place, own in enumerate(self.rows) if own is row)
            if following and following.isdisjoint(codes) and place + 1 < len(self.rows):
                self.rows[place : place + 1] = [
                    blank,
                    replace(row, label=None, code=None, method=None, score=None, own_groups=frozenset()),
                ]

    def join_cut_labels(self) -> list[DataRow]:
        """Return the rows, those joined over which one label goes on.

        A narrow column, or a page's end, sets a label's second half into a row of its own. It is one label where only
        the whole is a label of the form; its figures stand in one of the rows, and the others are blank.
        """
        joined: list[DataRow] = []
        place = 0
        while place < len(self.rows):
            whole, count = self._whole_row(self.rows[place : place + _MOST_PIECES])
            joined.append(whole)
            place += count
        return joined

    def _whole_row(self, pieces: list[DataRow]) -> tuple[DataRow, int]:
        """Return the first row, or what it makes with those after it, and how many rows that is."""
        first = pieces[0]
        label = first.label
        for count, piece in enumerate(pieces[1:], start=2):
            filled = [row for row in pieces[:count] if row.has_values]
            is_open = first.code is None and piece.code is None and not first.is_stream and not piece.is_stream
            if not is_open or label is None or piece.label is None or len(filled) > 1:
                break
            label = replace(label, token=label.token + piece.label.token)
            entries = find_entries(label, self.table_code, first.clause).get(Axis.ROW, ())
            entry = choose_entry(entries, first.groups)
            if entry is not None:
                bearer = filled[0] if filled else first
                return replace(
                    bearer,
                    label=first.label,
                    groups=first.groups,
                    clause=self._clause_of(entry),
                    code=entry.code,
                    method=MatchMethod.EXACT,
                    score=1.0,
                ), count
        return first, 1

    def _read_header(self, clause: str | None) -> _ReadHeader:
        columns = self._resolve_columns(clause)
        labels = tuple(sorted(self.draft.labels, key=lambda label: label[0].column))
        end = max(self.draft.ends) if len(self.draft.ends) == 1 else 0
        return _ReadHeader(columns, left_columns(self.draft, columns), labels, end)

    def _resolve_columns(self, clause: str | None) -> tuple[HeaderColumn, ...] | None:
        """Return the header's columns by the edition all of whose columns it names, else by the newest that it fits.

        Where a newer edition has a column more, the whole header of an older one is no header that lacks a label.
        """
        if not self.draft.labels:
            return None
        newest = None
        for table, candidate in clauses_named(self.table_code, clause):
            columns = resolve_header(self.draft, table, candidate)
            if columns is not None and is_whole_clause(columns, table, candidate):
                return columns
            newest = newest or columns
        return newest


def _names_its_column(parts: RowParts, table_code: str) -> bool:
    """Tell whether a row's label names a row of the form and a column of it, so that no header above is over it."""
    return parts.label is not None and Axis.CELL in find_entries(parts.label, table_code, None)
