"""Random damage to the structure of a table: cells too many, too few, too wide, too tall, rows lost and repeated.

Unlike a quirk, damage was seen in no report and need not leave a document that can be read: what must hold is that a
figure is never set silently under another label than its own.
"""

from collections.abc import Callable
from random import Random

from tests.factory.document import MadeDocument, write_document
from tests.factory.layout import lay_out
from tests.factory.model import Cell, Role, Table, copy_cell
from tests.factory.truth import make_truth
from tests.factory.writers import CONTAINERS

DAMAGED_CONTAINERS = ("html", "docx", "xlsx", "pipes", "tabs")
_NAMES = frozenset({Role.LABEL, Role.GROUP, Role.COLUMN, Role.COLUMN_GROUP})


def damaged_document(seed: int) -> tuple[MadeDocument, list[str]]:
    """Return a document with one or two damages, and their names; the same seed gives the same bytes."""
    rng = Random(seed)
    form_code, container = rng.choice(["2019", "2021"]), rng.choice(DAMAGED_CONTAINERS)
    truth = make_truth(seed, form_code)
    report = lay_out(truth)
    done = []
    for _ in range(rng.choice([1, 1, 2])):
        table, damage = rng.choice(report.tables()), rng.choice(_DAMAGES)
        damage(table, rng)
        done.append(f"{table.code}: {damage.__name__.removeprefix('_')}")
    return write_document(truth, report, CONTAINERS[container], (), seed=seed), done


def _insert_cell(table: Table, rng: Random) -> None:
    row = rng.choice(table.rows)
    row.insert(rng.randrange(len(row) + 1), Cell(rng.choice(["", str(rng.randrange(99))]), Role.FILLER))


def _drop_name(table: Table, rng: Random) -> None:
    row = rng.choice([row for row in table.rows if any(cell.role in _NAMES for cell in row)])
    row.remove(rng.choice([cell for cell in row if cell.role in _NAMES]))


def _widen_or_narrow(table: Table, rng: Random) -> None:
    cell = rng.choice(rng.choice(table.rows[: table.header_count + 3]))
    cell.columns = max(1, cell.columns + rng.choice([-1, 1]))


def _lengthen_or_shorten(table: Table, rng: Random) -> None:
    cell = rng.choice(rng.choice(table.rows))
    cell.rows = max(1, cell.rows + rng.choice([-1, 1]))


def _repeat_row(table: Table, rng: Random) -> None:
    place = rng.randrange(len(table.rows))
    table.rows.insert(place, [copy_cell(cell) for cell in table.rows[place]])


def _drop_row(table: Table, rng: Random) -> None:
    table.rows.pop(rng.randrange(len(table.rows)))


def _empty_name(table: Table, rng: Random) -> None:
    rng.choice([cell for row in table.rows for cell in row if cell.role in _NAMES]).text = ""


_DAMAGES: tuple[Callable[[Table, Random], None], ...] = (
    _insert_cell,
    _drop_name,
    _widen_or_narrow,
    _lengthen_or_shorten,
    _repeat_row,
    _drop_row,
    _empty_name,
)
