"""What documents print that no form has and by which reading finds titles, facts and tables.

From `schemas/documents/words.toml`; what decides the meaning of a table's cells is in `schemas.printed`.
"""

from dataclasses import dataclass
from functools import cache

from schemas.entry import SchemaDataError, make_sections, read_data


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
        narrowing: Words of a line before a list that say of whom or when its figures are.
        whole: Word for a figure that stands before its parts.
    """

    narrowing: tuple[str, ...]
    whole: str


@dataclass(frozen=True, slots=True)
class FigureWords:
    """What stands in the cells of figures beside digits.

    Attributes:
        negative, positive: Signs before a number, or in brackets behind it.
        altering: Characters of words that make another number of the one beside them.
        changes: Words of a label over changes, whose sign some print as a colour.
        checks: What stands beside a row that adds up.
    """

    negative: frozenset[str]
    positive: frozenset[str]
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
    marks: TableMarks
    lists: ListWords
    figure: FigureWords


_SECTIONS = {
    "page": PageNames, "json": JsonNames, "text": TextMarks, "marks": TableMarks,
    "lists": ListWords, "figure": FigureWords,
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
    return DocumentWords(labels=labels, **make_sections(_SECTIONS, data, "words.toml"))
