"""What documents say about themselves outside their tables, loaded from `schemas/documents/words.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from schemas.entry import SchemaDataError


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
class DocumentWords:
    """The words and marks of a document's surroundings.

    Attributes:
        labels: Folded label of metadata to the kind of its value: title, date or text.
        title_meta: Names of `<meta>` elements, in lower case, that hold the title.
        title_tags: Elements of portals that hold the title.
        metadata_tags: Elements of portals that hold a fact named by the tag.
        json_names: Names by which tables in JSON call their parts.
        title_keys: Names, in lower case, by which the answers of interfaces call an article's title.
        section_numerals: Numerals that number the sections of a report.
        sentence_marks: Marks that end a sentence; a table's label has none.
        clause_marks: Marks within a sentence.
        sample_words: Words by which a line over a table calls it a form that nobody has filled in.
        caption_words: Words by which a line over a table says what it is, and not of whom or when.
        other_times: Patterns of the words by which a caption makes a table one of another time than the report's.
        time_heads: What a caption calls such a table behind them.
        current_times: Words by which a line speaks of the report's own time.
        dated_otherwise: Patterns of words of lines that name a year and caption no table.
        above: Words of a line that speaks of the table above it.
        enumerated_items: Items of which one stands in each line of a form's table that text prints as an enumeration.
        whole: Word for a figure that stands before its parts.
        grid_marks: Stretches of labels that a page has outside its tables where it draws one with other elements.
        list_marks: Stretches of labels that a statistic table has which is printed as a list, and running text has not.
        short_list_marks: Those of a table with fewer figures.
        list_heads: Heads of such a list that name neither rows nor columns.
        list_narrowing: Words of a line before such a list that say of whom or when its figures are.
        column_heads: What stands in front of a row that numbers the columns above it or names their unit.
        column_units: Units that such a row names column by column.
        change_words: Words of a label over changes, whose sign some print as a colour.
        check_marks: What stands beside a row that adds up.
    """

    labels: dict[str, str]
    title_meta: frozenset[str]
    title_tags: frozenset[str]
    metadata_tags: frozenset[str]
    title_keys: frozenset[str]
    json_names: JsonNames
    section_numerals: str
    sentence_marks: str
    clause_marks: str
    sample_words: tuple[str, ...]
    caption_words: tuple[str, ...]
    other_times: tuple[str, ...]
    time_heads: tuple[str, ...]
    current_times: tuple[str, ...]
    dated_otherwise: tuple[str, ...]
    above: tuple[str, ...]
    enumerated_items: tuple[str, ...]
    whole: str
    grid_marks: tuple[str, ...]
    list_marks: tuple[str, ...]
    short_list_marks: tuple[str, ...]
    list_heads: tuple[str, ...]
    list_narrowing: tuple[str, ...]
    column_heads: tuple[str, ...]
    column_units: frozenset[str]
    change_words: tuple[str, ...]
    check_marks: frozenset[str]


@cache
def load_document_words() -> DocumentWords:
    """Return the words.

    Raises:
        SchemaDataError: A label has two kinds.
    """
    data = tomllib.loads((files("schemas") / "documents" / "words.toml").read_text(encoding="utf-8"))
    labels: dict[str, str] = {}
    for kind, spellings in data["labels"].items():
        for spelling in spellings:
            if spelling in labels:
                raise SchemaDataError(f"words.toml: label {spelling} stands twice")
            labels[spelling] = kind
    html = data["html"]
    return DocumentWords(
        labels=labels,
        title_meta=frozenset(name.lower() for name in html["title_meta"]),
        title_tags=frozenset(html["title_tags"]),
        metadata_tags=frozenset(html["metadata_tags"]),
        title_keys=frozenset(name.lower() for name in data["answer"]["title_keys"]),
        json_names=JsonNames(
            rows=tuple(data["json"]["rows"]),
            columns=tuple(data["json"]["columns"]),
            down=tuple(data["json"]["down"]),
            across=tuple(data["json"]["across"]),
            texts=tuple(data["json"]["texts"]),
            heads=tuple(data["json"]["heads"]),
            bodies=tuple(data["json"]["bodies"]),
            row_kinds=frozenset(data["json"]["row_kinds"]),
            cell_kinds=frozenset(data["json"]["cell_kinds"]),
        ),
        enumerated_items=tuple(data["enumeration"]["items"]),
        whole=data["enumeration"]["whole"],
        grid_marks=tuple(data["grid"]["marks"]),
        list_marks=tuple(data["list"]["marks"]),
        short_list_marks=tuple(data["list"]["short_marks"]),
        list_heads=tuple(data["list"]["heads"]),
        list_narrowing=tuple(data["list"]["narrowing"]),
        sample_words=tuple(data["caption"]["samples"]),
        caption_words=tuple(data["caption"]["words"]),
        other_times=tuple(data["time"]["other_times"]),
        time_heads=tuple(data["time"]["time_heads"]),
        current_times=tuple(data["time"]["current_times"]),
        dated_otherwise=tuple(data["time"]["dated_otherwise"]),
        above=tuple(data["time"]["above"]),
        column_heads=tuple(data["columns"]["heads"]),
        column_units=frozenset(data["columns"]["units"]),
        change_words=tuple(data["colour"]["change_words"]),
        check_marks=frozenset(data["check"]["marks"]),
        **data["text"],
    )
