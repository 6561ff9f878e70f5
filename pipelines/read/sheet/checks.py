"""Columns in which clerks check a table: beside its 总计 and under no label, 0 or √ in every row.

Such a column looks as if the header had lost a label and every figure stood one column aside. Were it the column of
totals itself, all figures would be noughts. It is emptied and keeps its place.
"""

from collections.abc import Sequence

from pipelines.read.model import Cell, Document
from schemas.document import load_document_words

_FEWEST_ROWS = 10  # 表三 has more, and no other table
_MOST_HEADS = 20


def empty_check_columns(document: Document) -> None:
    """Empty the check column of each table that has one."""
    whole = load_document_words().lists.whole
    for number, cells in enumerate(document.tables):
        heads = [cell for cell in cells if "".join(cell[4].split()) == whole]
        if not 0 < len(heads) <= _MOST_HEADS:
            continue
        ends = [*(head[0] for head in heads[1:]), cells[-1][0] + 1]
        checks = {cell[:2] for head, end in zip(heads, ends, strict=True) for cell in _checks(cells, head, end)}
        if checks:
            document.tables[number] = [(*cell[:4], "") if cell[:2] in checks else cell for cell in cells]


def _checks(cells: Sequence[Cell], head: Cell, end: int) -> list[Cell]:
    """Return the cells right of a label of totals, above the row `end`, if they are checks and nothing else."""
    row, column, down, across, _ = head
    passed = load_document_words().figure.checks
    beside = [cell for cell in cells if row <= cell[0] < end and cell[1] >= column + across and cell[4].strip()]
    totals = {cell[0] for cell in cells if row + down <= cell[0] < end and cell[1] == column and cell[4].strip()}
    is_check = all(cell[1:4] == (beside[0][1], 1, 1) and cell[4].strip() in passed for cell in beside)
    return beside if is_check and len(beside) >= _FEWEST_ROWS and totals <= {cell[0] for cell in beside} else []
