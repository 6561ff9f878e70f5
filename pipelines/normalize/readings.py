"""What a reading says: cells with their meaning, and notes on what could not be read."""

from dataclasses import dataclass
from typing import NamedTuple

from schemas.vocabulary import MatchMethod


class CellReading(NamedTuple):
    """One statistic cell and what it is; a tuple, because a batch has some ten thousand.

    Attributes:
        form_codes: Editions that the clause fits equally well; the report year decides between several.
        label_place: Table, row and column of the cell that holds the row's label.
        unit: Unit of money that the header states; for an indicator the one printed beside it.
        raw_column: For an indicator the heads over the cell, where no code says them.
        is_doubtful: The cell may print only a part of its figure.
        indicator, parent: Number of the indicator in its document, and of the one of which it is a part.
    """

    table: int
    row: int
    column: int
    table_code: str
    form_codes: tuple[str, ...]
    row_code: str | None
    column_code: str | None
    label_place: tuple[int, int, int] | None
    method: MatchMethod | None
    score: float | None
    unit: str | None
    raw_column: str | None = None
    indicator: int | None = None
    parent: int | None = None
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """Something in a layout that could not be read; it becomes a finding of every table that has the layout."""

    reason_code: str
    table: int
    row: int | None
    column: int | None
    message: str
