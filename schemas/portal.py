"""Portal families: how a kind of site lists its reports, from `schemas/portals/*.toml`. A new family is a new file."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.entry import SchemaDataError, make_entry, read_data
from schemas.vocabulary import PortalReader

_TITLES = "titles.toml"


class PagingKind(StrEnum):
    """How the next page of a list is found.

    `link`: a link says where it is. `numbered`: its address is counted. `records`: the address asks for records by
    number. `parameter`: a number in the address is raised by one until a page brings nothing.
    """

    LINK = "link"
    NUMBERED = "numbered"
    RECORDS = "records"
    PARAMETER = "parameter"


@dataclass(frozen=True, slots=True)
class Paging:
    """One way to the next page; which fields count depends on the kind.

    Attributes:
        texts: link: texts of the link.
        selector: link: CSS selector of the link, whatever its text.
        count: numbered, records: pattern whose group is the number of pages or records.
        first: numbered: number in the address of the second page.
        address: numbered: the address, made of the first page's `stem` and `suffix` and the `number`.
        start: records: parameter of the first record asked for.
        end: records: parameter of the last record asked for.
        size: records: parameter that says how many records a page has.
        default_size: records: how many where the address does not say.
        parameters: parameter: names of the page number; the first that the address has is raised.
    """

    kind: PagingKind
    texts: tuple[str, ...] = ()
    selector: str = ""
    count: str = ""
    first: int = 1
    address: str = ""
    start: str = ""
    end: str = ""
    size: str = ""
    default_size: int = 15
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryRule:
    """Where an entry of a list has its address and title.

    Attributes:
        selector: html, records: CSS selector of the entry's link.
        record: records: pattern whose group is one record's HTML.
        items: json: dotted paths of the array of entries; the first that is one counts, "" is the whole answer.
        address: Attributes (html) or dotted paths (json) of the address, the first that is there.
        title: The same for the title; "" is the text of the link.
    """

    selector: str = ""
    record: str = ""
    items: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    title: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portal:
    """One family; the first paging that finds a next page counts."""

    code: str
    en: str
    zh: str
    reader: PortalReader
    entry: EntryRule = EntryRule()
    paging: tuple[Paging, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkWords:
    """Which entries and links are taken, and which answers mean that a page is gone (`schemas/portals/titles.toml`)."""

    report: str
    annex: re.Pattern[str]
    years: tuple[re.Pattern[str], ...]
    digits: dict[int, str]
    extensions: frozenset[str]
    places: tuple[tuple[str, str], ...]
    parameters: tuple[str, ...]
    gone_titles: re.Pattern[str]
    gone_paths: re.Pattern[str]


@cache
def load_portals() -> dict[str, Portal]:
    """Return every portal family by its code.

    Raises:
        SchemaDataError: A file names a field that does not exist, lacks one, or is not called after its code.
    """
    portals = {}
    for entry in sorted((files("schemas") / "portals").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".toml") and entry.name != _TITLES:
            portal = _portal(entry.name, read_data(f"portals/{entry.name}"))
            portals[portal.code] = portal
    return portals


@cache
def load_link_words() -> LinkWords:
    """Return which entries and links are taken."""
    data = read_data(f"portals/{_TITLES}")
    return LinkWords(
        report=data["report"],
        annex=re.compile(data["annex"]),
        years=tuple(re.compile(pattern) for pattern in data["years"]),
        digits=str.maketrans(data["digits"]),
        extensions=frozenset(data["attachment"]["extensions"]),
        places=tuple((tag, attribute) for tag, attribute in data["attachment"]["places"]),
        parameters=tuple(data["attachment"]["parameters"]),
        gone_titles=_any_of(data["gone"]["titles"]),
        gone_paths=_any_of(data["gone"]["paths"]),
    )


def year_in_title(title: str) -> int | None:
    """Return the report year that a title names, None where it names none.

    >>> [year_in_title(title) for title in ("某县2023年政府信息公开工作年度报告", "二〇二一年年报", "政府信息公开年报")]
    [2023, 2021, None]
    """
    words = load_link_words()
    for pattern in words.years:
        match = pattern.search(title)
        if match:
            return int(match.group(1).translate(words.digits))
    return None


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    """Return one pattern for several; a flag at the beginning of one is its own."""
    return re.compile("|".join(re.sub(r"^\(\?i\)(.*)$", r"(?i:\1)", f"{pattern}") for pattern in patterns))


def _portal(name: str, data: dict[str, Any]) -> Portal:
    where = f"portals/{name}"
    try:
        reader = PortalReader(data["reader"])
        rules = [{**rule, "kind": PagingKind(rule["kind"])} for rule in data.get("paging", [])]
    except (KeyError, ValueError) as error:
        raise SchemaDataError(f"{where}: {error}") from error
    entry = make_entry(EntryRule, data.get("entry", {}), f"{where} [entry]")
    paging = tuple(make_entry(Paging, rule, f"{where} [[paging]]") for rule in rules)
    portal = make_entry(Portal, {**data, "reader": reader, "entry": entry, "paging": paging}, where)
    if name != f"{portal.code}.toml":
        raise SchemaDataError(f"portals/{name}: the file of family {portal.code!r} is called {portal.code}.toml")
    return portal
