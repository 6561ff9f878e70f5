"""What documents print around and within their tables that no form has, from `schemas/documents/words.toml`."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.entry import SchemaDataError, make_entry, read_data


@dataclass(frozen=True, slots=True)
class PageNames:
    """Where pages and what interfaces answer keep title and facts.

    Attributes:
        title_meta: Names of `<meta>` elements, in lower case, that hold the title.
        title_tags: Elements of portals that hold the title.
        metadata_tags: Elements of portals that hold a fact named by the tag.
        answer_titles: Names, in lower case, by which the answers of interfaces call an article's title.
    """

    title_meta: frozenset[str]
    title_tags: frozenset[str]
    metadata_tags: frozenset[str]
    answer_titles: frozenset[str]


@dataclass(frozen=True, slots=True)
class JsonNames:
    """What programs that write tables as JSON call a cell's row and column, how far it reaches, its text, and nodes.

    `heads` and `bodies` are names of the lists of a data frame: what its columns are called, and its rows.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    down: tuple[str, ...]
    across: tuple[str, ...]
    texts: tuple[str, ...]
    heads: tuple[str, ...]
    bodies: tuple[str, ...]
    row_kinds: frozenset[str]
    cell_kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class TextMarks:
    """The marks by which text is told from tables.

    Attributes:
        section_numerals: Numerals that number the sections of a report.
        sentence_marks: Marks that end a sentence; a table's label has none.
        clause_marks: Marks within a sentence.
    """

    section_numerals: str
    sentence_marks: str
    clause_marks: str


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
class TableMarks:
    """Stretches of labels by which a statistic table is known outside a container's own tables; see the data file."""

    grid: tuple[str, ...]
    listed: tuple[str, ...]
    short_list: tuple[str, ...]
    enumerated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListWords:
    """The words of tables that are printed as lists.

    Attributes:
        heads: Heads that name neither rows nor columns.
        narrowing: Words of a line before a list that say of whom or when its figures are.
        whole: Word for a figure that stands before its parts.
    """

    heads: tuple[str, ...]
    narrowing: tuple[str, ...]
    whole: str


@dataclass(frozen=True, slots=True)
class ColumnWords:
    """What stands in front of a row that numbers the columns above it or names their unit."""

    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureWords:
    """What stands in the cells of figures beside digits.

    Attributes:
        none: What stands where there is nothing to tell.
        negative, positive: Signs before a number, or in brackets behind it.
        corrections: Patterns of remarks by which the number before them is not the one that is meant.
        altering: Characters of words that make another number of the one beside them.
        changes: Words of a label over changes, whose sign some print as a colour.
        checks: What stands beside a row that adds up.
    """

    none: frozenset[str]
    negative: frozenset[str]
    positive: frozenset[str]
    corrections: tuple[str, ...]
    altering: str
    changes: tuple[str, ...]
    checks: frozenset[str]


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """The data file, a field a section; of `labels` the folded label to the kind of its value: title, date or text."""

    labels: dict[str, str]
    page: PageNames
    json: JsonNames
    text: TextMarks
    caption: CaptionWords
    marks: TableMarks
    lists: ListWords
    columns: ColumnWords
    figure: FigureWords


_SECTIONS = {
    "page": PageNames, "json": JsonNames, "text": TextMarks, "caption": CaptionWords, "marks": TableMarks,
    "lists": ListWords, "columns": ColumnWords, "figure": FigureWords,
}  # fmt: skip


@cache
def load_document_words() -> DocumentWords:
    """Return the words.

    Raises:
        SchemaDataError: A section lacks a word, has one too many or one of another type, or a label has two kinds.
    """
    data = read_data("documents/words.toml")
    labels: dict[str, str] = {}
    for kind, spellings in data.pop("labels").items():
        for spelling in spellings:
            if spelling in labels:
                raise SchemaDataError(f"words.toml: label {spelling} stands twice")
            labels[spelling] = kind
    sections: dict[str, Any] = {
        name: make_entry(kind, data.pop(name, {}), f"words.toml [{name}]") for name, kind in _SECTIONS.items()
    }
    if data:
        raise SchemaDataError(f"words.toml: {sorted(data)} are none of its sections: labels, {', '.join(_SECTIONS)}")
    return DocumentWords(labels=labels, **sections)
