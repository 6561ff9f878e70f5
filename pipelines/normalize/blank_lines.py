"""Tables printed one cell a line in which empty lines are cells: blank ones, and those that a label above covers.

Nothing tells the two apart but their number. So the figures of a row are believed to be the first cells behind its
label only where behind each row just as many empty lines stand as the labels in force cover of the next one: a line
that was lost or added anywhere leaves one too many or too few.
"""

from collections.abc import Sequence

from pipelines.normalize.editions import clause_forms
from pipelines.normalize.grid import CellKind
from pipelines.normalize.rows import DataRow
from schemas.form import Clause

_UNKNOWN = -1


def miscounts_lines(rows: Sequence[DataRow], table_code: str) -> bool:
    """Tell whether a table printed one cell a line has not as many empty lines behind its rows as there must be.

    That is what the labels in force cover of the next row, or the same number behind all of them.
    """
    stream = [row for row in rows if row.is_stream and row.columns]
    extras = [len(row.values) - len(row.columns or ()) for row in stream[:-1]]
    if not any(row.is_assumed for row in stream) and not any(extra > 0 for extra in extras):
        return False
    counted = [[_count_covered(row, item.clause) for row in stream[1:]] for item in clause_forms(table_code)]
    ends_open = stream[-1].is_assumed and stream[-1].values[len(stream[-1].columns or ()) - 1].kind is CellKind.BLANK
    return ends_open or not (extras in counted or len(set(extras)) < 2)


def _count_covered(row: DataRow, clause: Clause) -> int:
    """Return how many labels of groups reach into a row from above, `_UNKNOWN` where the edition has no such row."""
    label = next((label for label in clause.rows if label.code == row.code), None)
    if label is None:
        return _UNKNOWN
    parents = {other.parent for other in clause.rows}
    above = {group.code for group in clause.row_groups if group.code not in parents and label.is_outcome}
    above |= {label.parent} if label.parent in {group.code for group in clause.row_groups} else set()
    return len(above - row.own_groups)
