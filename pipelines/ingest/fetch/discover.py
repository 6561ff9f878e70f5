"""From the address of a list to the reports it names: entries and next pages, as the source's family writes them."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote

import httpx

from pipelines.errors import FetchError
from pipelines.ingest.fetch.client import PoliteClient
from pipelines.ingest.fetch.pages import Link, Page, decode_page, fold, is_address, join_address, strip_tags
from pipelines.ingest.fetch.settings import FetchSettings
from pipelines.ingest.fetch.sources import Source
from schemas.portal import EntryRule, Paging, PagingKind, year_in_title
from schemas.vocabulary import FetchReason, PortalReader


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report that a list names.

    Attributes:
        title: As the list writes it; empty where the address is all that is known.
        year: Report year, None where the title names none.
    """

    address: str
    title: str
    year: int | None


@dataclass(slots=True)
class ListPage:
    """One page of a list: where it stood, and its text."""

    address: str
    text: str
    _html: Page | None = None

    @property
    def html(self) -> Page:
        """The text as HTML, parsed when first asked for: `cached_property` would hold up the other hosts meanwhile."""
        if self._html is None:
            self._html = Page(self.text, self.address)
        return self._html


def discover(client: PoliteClient, source: Source, settings: FetchSettings) -> Iterator[Candidate]:
    """Yield every report that a source's list names, page by page, each address once.

    The list ends where no rule of its family finds a next page, where that page was read before, is not there, or
    brings no entry that is new: so a list without an end does not keep us.

    Raises:
        FetchError: When the list cannot be read, or breaks off; what stood before has been yielded.
    """
    if source.portal.reader is PortalReader.REPORT:
        yield Candidate(source.url, "", source.only_year)
        return
    first: ListPage | None = None
    address: str | None = source.url
    read: set[str] = set()
    seen: set[str] = set()
    has_reports = False
    while address is not None and address not in read:
        if len(read) >= settings.list_pages:
            raise FetchError(
                FetchReason.PAGING_LIMIT, f"{source.url} has more than {settings.list_pages} pages; the rest was left"
            )
        read.add(address)
        page = _read_page(client, address, settings, is_first=first is None)
        if page is None:
            break
        first = first or page
        with _explained(address):
            new = [link for link in _entries(source, page) if link.address not in seen]
        seen.update(link.address for link in new)
        for candidate in _candidates(source, new):
            has_reports = True
            yield candidate
        with _explained(address):
            address = _next_address(source, first, page, len(read)) if new else None
    if not has_reports:
        raise FetchError(
            FetchReason.UNREADABLE_LIST,
            f"{source.url}: {len(seen)} entries on {len(read)} pages, and none whose title or address is a report's; "
            "check family and pattern",
        )


@contextmanager
def _explained(address: str) -> Iterator[None]:
    """Turn what a page says that is no number and no address into the reason why its list breaks off."""
    try:
        yield
    except (ValueError, httpx.InvalidURL) as error:
        raise FetchError(FetchReason.UNREADABLE_LIST, f"{address} cannot be understood ({error})") from error


def _read_page(client: PoliteClient, address: str, settings: FetchSettings, *, is_first: bool) -> ListPage | None:
    """Return a page of the list; None where a counted page is not there, which ends the list."""
    answer = client.get(address, settings.list_bytes)
    if not answer.is_gone:
        return ListPage(answer.url, decode_page(answer.body))
    if is_first:
        raise FetchError(FetchReason.NOT_FOUND, f"the list is not there any more: {address} answers {answer.status}")
    return None


def _candidates(source: Source, links: list[Link]) -> Iterator[Candidate]:
    for link in links:
        if source.pattern.search(link.title) or source.pattern.search(unquote(link.address)):
            yield Candidate(link.address, link.title, year_in_title(link.title))


# -------------------------------------------------------------------------------------------------------------- entries


def _entries(source: Source, page: ListPage) -> list[Link]:
    read = _READERS[source.portal.reader]
    links = [Link(link.address.partition("#")[0], link.title) for link in read(source.portal.entry, page)]
    return list({link.address: link for link in reversed(links)}.values())[::-1]  # the first of an address stays


def _html_entries(rule: EntryRule, page: ListPage) -> Iterator[Link]:
    return page.html.entries(rule)


def _record_entries(rule: EntryRule, page: ListPage) -> Iterator[Link]:
    records = re.findall(rule.record, page.text, re.DOTALL)
    if not records and "<recordset" not in page.text:
        raise FetchError(FetchReason.UNREADABLE_LIST, f"{page.address} holds no records: {fold(page.text)[:80]!r}")
    for record in records:
        yield from Page(record, page.address).entries(rule)


def _json_entries(rule: EntryRule, page: ListPage) -> Iterator[Link]:
    try:
        data = json.loads(page.text)
    except (ValueError, RecursionError) as error:
        raise FetchError(FetchReason.UNREADABLE_LIST, f"{page.address} is no JSON ({error})") from error
    items = next((found for path in rule.items if isinstance(found := _at(data, path), list)), None)
    if items is None:
        raise FetchError(FetchReason.UNREADABLE_LIST, f"{page.address} has no entries under {', '.join(rule.items)}")
    for item in items:
        address = next((value for path in rule.address if isinstance(value := _at(item, path), str)), "")
        title = next((value for path in rule.title if isinstance(value := _at(item, path), str)), "")
        if is_address(address):
            yield Link(join_address(page.address, address), strip_tags(title))


_READERS: dict[PortalReader, Callable[[EntryRule, ListPage], Iterator[Link]]] = {
    PortalReader.HTML: _html_entries,
    PortalReader.RECORDS: _record_entries,
    PortalReader.JSON: _json_entries,
}


def _at(data: object, path: str) -> object:
    """Return what stands at a dotted path, None where nothing does; the empty path is the whole.

    >>> _at({"data": {"list": [1]}}, "data.list")
    [1]
    """
    for name in path.split(".") if path else ():
        if not isinstance(data, dict) or name not in data:
            return None
        data = data[name]
    return data


# ----------------------------------------------------------------------------------------------------------- next pages


def _next_address(source: Source, first: ListPage, page: ListPage, pages_read: int) -> str | None:
    """Return the address of the next page by the first rule of the family that finds one."""
    for rule in source.portal.paging:
        found = _PAGERS[rule.kind](rule, first, page, pages_read)
        if found is not None:
            return found
    return None


def _by_link(rule: Paging, _first: ListPage, page: ListPage, _pages_read: int) -> str | None:
    return page.html.link_with_text(rule.texts, rule.selector)


def _by_number(rule: Paging, first: ListPage, _page: ListPage, pages_read: int) -> str | None:
    count = re.search(rule.count, first.text)
    if count is None or pages_read >= int(count.group(1)):
        return None
    url = httpx.URL(first.address)
    path = url.path if not url.path.endswith("/") else f"{url.path}index.html"
    stem, dot, suffix = path.rpartition(".")
    number = rule.first + pages_read - 1
    return str(url.copy_with(path=rule.address.format(stem=stem, number=number, suffix=dot + suffix), query=None))


def _by_records(rule: Paging, first: ListPage, _page: ListPage, pages_read: int) -> str | None:
    count = re.search(rule.count, first.text)
    url = httpx.URL(first.address)
    stated = url.params.get(rule.size, "")
    size = int(stated) if stated.isdecimal() and int(stated) else rule.default_size
    start = pages_read * size + 1
    if count is None or start > int(count.group(1)):
        return None
    return str(url.copy_merge_params({rule.start: start, rule.end: start + size - 1}))


def _by_parameter(rule: Paging, _first: ListPage, page: ListPage, _pages_read: int) -> str | None:
    url = httpx.URL(page.address)
    name = next((name for name in rule.parameters if url.params.get(name, "").isdecimal()), None)
    return None if name is None else str(url.copy_set_param(name, int(url.params[name]) + 1))


_PAGERS: dict[PagingKind, Callable[[Paging, ListPage, ListPage, int], str | None]] = {
    PagingKind.LINK: _by_link,
    PagingKind.NUMBERED: _by_number,
    PagingKind.RECORDS: _by_records,
    PagingKind.PARAMETER: _by_parameter,
}
