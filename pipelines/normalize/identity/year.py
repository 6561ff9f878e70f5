"""The report year: every piece of evidence with its weight, and the year that they add up to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.agency import load_evidence_weights
from schemas.vocabulary import EvidenceSource, EvidenceSubject

_LAST_SEASON_MONTH = 9
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class YearClue:
    """A year that a document, its folder or its date names, and where."""

    source: EvidenceSource
    text: str
    year: int

    @property
    def weight(self) -> int:
        """How much is believed of it."""
        return load_evidence_weights(EvidenceSubject.YEAR)[self.source]


@dataclass(frozen=True, slots=True)
class YearChoice:
    """The report year and all that was said of it.

    Attributes:
        year: None where nothing names one.
        clues: In the order of their weight.
    """

    year: int | None
    clues: tuple[YearClue, ...]

    @property
    def is_disputed(self) -> bool:
        """Whether anything names another year than the one chosen."""
        return any(clue.year != self.year for clue in self.clues)

    @property
    def is_from_context(self) -> bool:
        """Whether only the text's sentences about the year's work name it."""
        named = {clue.source for clue in self.clues} - {EvidenceSource.SIGNED_DATE}
        return named == {EvidenceSource.SUBJECT}

    @property
    def told(self) -> str:
        """All evidence in one line, for a finding."""
        return ", ".join(f"{clue.source} {clue.year}" for clue in self.clues)


def choose_year(clues: Iterable[YearClue]) -> YearChoice:
    """Return the year whose evidence weighs most; of two alike the one with the heaviest single piece.

    >>> title, period, folder, signed = (
    ...     YearClue(EvidenceSource.TITLE, "", 2022),
    ...     YearClue(EvidenceSource.PERIOD, "", 2021),
    ...     YearClue(EvidenceSource.FOLDER, "", 2021),
    ...     YearClue(EvidenceSource.SIGNED_DATE, "", 2021),
    ... )
    >>> choose_year([title, folder]).year, choose_year([title, period, folder]).year, choose_year([signed]).year
    (2022, 2021, None)
    """
    weights = load_evidence_weights(EvidenceSubject.YEAR)
    ordered = tuple(sorted(clues, key=lambda clue: -weights[clue.source]))
    named = dict.fromkeys(clue.year for clue in ordered if clue.source != EvidenceSource.SIGNED_DATE)
    if not named:
        return YearChoice(None, ordered)
    if len(named) == 1:
        return YearChoice(next(iter(named)), ordered)
    # `named` has the year of the heaviest piece first, and max keeps the first of equals.
    return YearChoice(max(named, key=lambda year: _weight_of(ordered, year)), ordered)


def year_of_date(signed: date) -> int | None:
    """Return the report year that a date of signature belongs to; None where it was signed out of season.

    >>> year_of_date(date(2022, 1, 18)), year_of_date(date(2018, 12, 31)), year_of_date(date(2022, 11, 2))
    (2021, 2018, None)
    """
    if signed.month == _DECEMBER:
        return signed.year
    return signed.year - 1 if signed.month <= _LAST_SEASON_MONTH else None


def _weight_of(clues: Sequence[YearClue], year: int) -> int:
    return sum(clue.weight for clue in clues if clue.year == year)
