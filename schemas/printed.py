"""What tables print that no form has and that decides what their cells mean, from `schemas/printed.toml`."""

from dataclasses import dataclass
from functools import cache

from schemas.entry import make_sections, read_data


@dataclass(frozen=True, slots=True)
class CaptionWords:
    """The words of lines over and under a table.

    Attributes:
        samples: Words by which a line calls the table a form that nobody has filled in.
        words: Words by which a line says what the table is, and not of whom or when.
        other_times: Patterns of the words that make a table one of another time than the report's.
        time_heads: What such a table is called behind them.
        current_times: Words by which a line speaks of the report's own time.
        dated_otherwise: Patterns of words of lines that name a year and caption no table.
        above: Words of a line that speaks of the table above it.
    """

    samples: tuple[str, ...]
    words: tuple[str, ...]
    other_times: tuple[str, ...]
    time_heads: tuple[str, ...]
    current_times: tuple[str, ...]
    dated_otherwise: tuple[str, ...]
    above: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeadWords:
    """What stands where a label would and names no row or column.

    Attributes:
        lists: Heads of lists of labels and figures.
        columns: What stands in front of a row that numbers the columns above it or names their unit.
    """

    lists: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueWords:
    """What stands in the cells of figures; signs are in `schemas.document`.

    Attributes:
        none: What stands where there is nothing to tell.
        corrections: Patterns of remarks by which the number before them is not the one that is meant.
    """

    none: frozenset[str]
    corrections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrintedWords:
    """The data file, a field a section."""

    caption: CaptionWords
    heads: HeadWords
    value: ValueWords


@cache
def load_printed_words() -> PrintedWords:
    """Return the words.

    Raises:
        SchemaDataError: A section lacks a word, has one too many or one of another type.
    """
    kinds = {"caption": CaptionWords, "heads": HeadWords, "value": ValueWords}
    return PrintedWords(**make_sections(kinds, read_data("printed.toml"), "printed.toml"))
