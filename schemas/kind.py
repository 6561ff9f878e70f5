"""Kinds of documents that carry the form and are no report of one agency and year, loaded from `schemas/kinds.toml`."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from schemas.entry import make_entry, read_data


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document, and how it calls itself; the patterns are explained in the data file.

    Attributes:
        refuses: Whether a document of this kind is set aside; otherwise it is loaded with a finding.
        may_be_column: Whether a site's columns are called so too.
    """

    code: str
    en: str
    zh: str
    refuses: bool = True
    may_be_column: bool = False
    remarks: re.Pattern[str] | None = None
    behind: re.Pattern[str] | None = None
    titles: re.Pattern[str] | None = None
    unread: re.Pattern[str] | None = None
    openings: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class KindWords:
    """All kinds in the order in which they are tried, and what no agency and no year is called.

    Attributes:
        rest: What may follow the words for a report in its title.
        placeholder: Words in a name's place.
        several_years: Years of a title that are more than one.
    """

    kinds: tuple[DocumentKind, ...]
    rest: re.Pattern[str]
    placeholder: re.Pattern[str]
    several_years: re.Pattern[str]


@cache
def load_kind_words() -> KindWords:
    """Return the kinds of documents.

    Raises:
        SchemaDataError: A word is lacking, one too many or of another type, or a pattern is none.

    >>> {kind.code: kind.refuses for kind in load_kind_words().kinds}["unfinished"]
    False
    """
    data = read_data("kinds.toml")
    lead = data.pop("remark_lead")
    kinds = tuple(_read_kind(code, entry, lead) for code, entry in data["kinds"].items())
    return make_entry(KindWords, {**data, "kinds": kinds}, "kinds.toml")


def _read_kind(code: str, entry: dict[str, Any], lead: str) -> DocumentKind:
    """Return a kind, what its lists hold as one pattern each; before the word of a remark `lead` may stand."""
    patterns = {
        name: "|".join(f"(?:{lead if name == 'remarks' else ''}(?:{pattern}))" for pattern in found)
        for name, found in entry.items()
        if isinstance(found, list)
    }
    return make_entry(DocumentKind, {"code": code, **entry, **patterns}, f"kinds.toml [kinds.{code}]")
