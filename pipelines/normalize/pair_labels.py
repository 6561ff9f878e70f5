"""Labels that name a row and a column of a table at once, where the form prints these apart: （一）予以公开-自然人."""

from functools import cache, lru_cache

from pipelines.normalize.folding import fold_characters, fold_label
from pipelines.normalize.lexicon import Axis, Entry, load_lexicon
from schemas.form import load_forms

_JOINTS = "-—–－/／、,，:：·|_ "
_BRACKETS = (("(", ")"), ("〔", "〕"), ("[", "]"), ("【", "】"))


@lru_cache(maxsize=4_096)
def split_pair_label(token: str, table_code: str) -> tuple[tuple[str, str], ...]:
    """Return how a label can be parted into a row's label and the code of a column named beside it.

    >>> split_pair_label("(一)予以公开-自然人", "request"), split_pair_label("予以公开(总计)", "request")
    ((('(一)予以公开', 'natural_person'),), (('予以公开', 'total'),))
    """
    found = []
    for name, code in column_names(table_code):
        for opening, closing in (("", ""), *_BRACKETS):
            marked = f"{opening}{name}{closing}"
            rests = []
            if token.endswith(marked):
                rests.append((token[: -len(marked)], token[: -len(marked)].rstrip(_JOINTS)))
            if token.startswith(marked):
                rests.append((token[len(marked) :], token[len(marked) :].lstrip(_JOINTS)))
            # Without a mark between them 其他 is also the end of other words.
            found += [(rest, code) for whole, rest in rests if rest and (opening or rest != whole)]
    return tuple(dict.fromkeys(found))


def pair_entries(token: str) -> tuple[Entry, ...]:
    """Return the rows that labels can name which also name a column, in any table whose rows go down."""
    return tuple(
        entry
        for table_code in _tables_down()
        for row, _ in split_pair_label(token, table_code)
        for entry in load_lexicon().find(fold_label(row))
        if entry.table_code == table_code and entry.axis is Axis.ROW
    )


@cache
def _tables_down() -> tuple[str, ...]:
    """Return the tables whose rows all go down under one header."""
    tables = [table for form in load_forms().values() for table in form.tables]
    return tuple({table.code: None for table in tables if table.orientation == "rows_down" and len(table.clauses) == 1})


@cache
def column_names(table_code: str) -> tuple[tuple[str, str], ...]:
    """Return the names of a table's columns as they are printed, in compatibility form."""
    clauses = [clause for form in load_forms().values() for clause in form.table(table_code).clauses]
    columns = [column for clause in clauses for column in clause.columns]
    return tuple(
        {(fold_characters(spelling), column.code): None for column in columns for spelling in column.spellings}
    )
