"""Kinds of documents that carry the form and are no report of one agency and year, loaded from `schemas/kinds.toml`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from schemas.entry import read_data


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
    refuses: bool
    may_be_column: bool
    remarks: re.Pattern[str] | None
    behind: re.Pattern[str] | None
    titles: re.Pattern[str] | None
    unread: re.Pattern[str] | None
    openings: re.Pattern[str] | None


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

    >>> {kind.code: kind.refuses for kind in load_kind_words().kinds}["unfinished"]
    False
    """
    data = read_data("kinds.toml")
    lead = data["remark_lead"]
    kinds = tuple(
        DocumentKind(
            code=code,
            en=entry["en"],
            zh=entry["zh"],
            refuses=entry.get("refuses", True),
            may_be_column=entry.get("may_be_column", False),
            remarks=_any(f"{lead}(?:{pattern})" for pattern in entry.get("remarks", ())),
            behind=_any(entry.get("behind", ())),
            titles=_any(entry.get("titles", ())),
            unread=_any(entry.get("unread", ())),
            openings=_any(entry.get("openings", ())),
        )
        for code, entry in data["kinds"].items()
    )
    rest, placeholder, several_years = (re.compile(data[name]) for name in ("rest", "placeholder", "several_years"))
    return KindWords(kinds, rest, placeholder, several_years)


def _any(patterns: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined) if joined else None
