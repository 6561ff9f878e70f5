"""Rows with the number of their line before their figures, in a column that no label stands right over.

In text, cells that a label covers are left out, so that 行次 stands over another column in each row. A row whose last
figure is blank then looks like one without a number, and would be read one column aside.
"""

from collections.abc import Sequence

from pipelines.normalize.grid import CellKind, GridCell
from pipelines.normalize.header import HeaderColumn
from pipelines.normalize.proof import Values
from pipelines.normalize.rows import DataRow

_LEAST_COUNTED = 8  # rows that are counted one by one, so that it is no chance

Numbered = list[tuple[DataRow, int]]


def find_numbered(rows: Sequence[DataRow], values: Values | None) -> Numbered:
    """Return the rows that may have a number before their figures, each with the place of that number in its cells.

    These are all rows under a header, each longer than it: with `values`, where the first figures count them on.

    Args:
        rows: Rows of a table, before their figures have columns.
        values: Printed numbers by table, row and column; None where they are not known.
    """
    headers: dict[int, list[DataRow]] = {}
    for row in rows:
        if row.columns and row.has_values and not row.is_stream and not row.is_across:
            headers.setdefault(id(row.columns), []).append(row)
    found: Numbered = []
    for alike in headers.values():
        if len(alike) < _LEAST_COUNTED:
            continue
        places = [next(n for n, cell in enumerate(row.values) if cell.kind is not CellKind.BLANK) for row in alike]
        numbered = list(zip(alike, places, strict=True))
        is_longer = all(len(row.values) - place > len(row.columns or ()) for row, place in numbered)
        if is_longer and (values is None or _count_on([row.values[place] for row, place in numbered], values)):
            found += numbered
    return found


def take_numbers(numbered: Numbered) -> list[tuple[DataRow, list[GridCell]]]:
    """Take from each row its number and the blanks before it; return what was taken."""
    taken = [(row, row.values[: place + 1]) for row, place in numbered]
    for row, place in numbered:
        del row.values[: place + 1]
    return taken


def put_back(taken: Sequence[tuple[DataRow, list[GridCell]]]) -> None:
    """Put the numbers back, as figures of a column beside the form's own."""
    for row, cells in taken:
        row.values[:0] = cells
        if row.assigned is not None:
            row.assigned.insert(0, (cells[-1], HeaderColumn(None, None)))


def _count_on(cells: Sequence[GridCell], values: Values) -> bool:
    numbers = [values.get((cell.table, cell.row, cell.column)) for cell in cells]
    first = numbers[0]
    return first is not None and numbers == [first + count for count in range(len(numbers))]
