"""What an address of the explorer asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlencode

from pipelines.present.choice import Choice
from schemas.measure import measures, rates

DEFAULT_MEASURE = "new_received"
_YEARS = range(2000, 2101)  # what a report year can be; a wider range would be written out year by year


LEVELS = ("province", "prefecture", "county", "direct")
"""The choices of a region, from the greatest; a county of a prefecture and one directly under its province are two."""
_MOST_CHARACTERS = 200


class BadRequestError(Exception):
    """An address asks for something that there cannot be; the message is for its reader."""


@dataclass(frozen=True, slots=True)
class Request:
    """One view, all of which stands in its address: it can be kept and sent on.

    Attributes:
        region: Code of a province, prefecture or county; empty for everywhere.
        words: Part of an agency's name.
        first, last: Report years.
        measure: A measure or rate.
        agency: agency_id of the agency shown; 0 on the first page.
        year: Year whose form and peers are shown; 0 for the latest.
        page: Which page of a long list, from 1.
    """

    lang: str = "zh"
    region: str = ""
    sector: str = ""
    words: str = ""
    first: int = 0
    last: int = 0
    measure: str = DEFAULT_MEASURE
    agency: int = 0
    year: int = 0
    page: int = 1

    @property
    def choice(self) -> Choice:
        """The filters over reports."""
        years = range(self.first or _YEARS[0], (self.last or _YEARS[-1]) + 1) if self.first or self.last else ()
        return Choice(self.region or None, self.words or None, self.sector or None, list(years))

    def address(self, path: str, **changes: object) -> str:
        """Return the address of the same view with something changed; what is at its default is left out."""
        view = replace(self, **changes)  # type: ignore[arg-type]
        default = Request()
        asked = {name: getattr(view, name) for name in self.__slots__ if getattr(view, name) != getattr(default, name)}
        return f"{path}?{urlencode(asked)}" if asked else path


def parse_request(query: Mapping[str, str]) -> Request:
    """Return what the query of an address asks for; names that nobody knows are passed over.

    Raises:
        BadRequestError: A number is none, or a measure or language is not known.

    >>> parse_request({"year": "2021", "lang": "en"}).year
    2021
    """
    numbers = {name: _whole(name, query.get(name) or "0") for name in ("first", "last", "agency", "year")}
    numbers["page"] = max(1, _whole("page", query.get("page") or "1"))
    for name in ("first", "last", "year"):
        if numbers[name] and numbers[name] not in _YEARS:
            raise BadRequestError(f"{name} is no report year")
    texts = {name: query[name][:_MOST_CHARACTERS].strip() for name in ("region", "sector", "words") if query.get(name)}
    if "province" in query:
        texts["region"] = _deepest(*(query.get(level, "") for level in LEVELS))
    request = Request(
        lang=query.get("lang") or "zh",
        measure=query.get("measure") or DEFAULT_MEASURE,
        **numbers,  # type: ignore[arg-type]
        **texts,  # type: ignore[arg-type]
    )
    if request.lang not in ("zh", "en"):
        raise BadRequestError("lang is zh or en")
    if request.measure not in known_measures():
        raise BadRequestError("there is no such measure")
    if 0 < request.last < request.first:
        raise BadRequestError("the last year lies before the first")
    return request


@dataclass(frozen=True, slots=True)
class Known:
    """What is said of a measure or rate."""

    name_zh: str
    zh: str
    en: str
    unit: str
    caveat: str | None


@cache
def known_measures() -> dict[str, Known]:
    """Return every measure and rate by name, in the order of the form."""
    counted = {each.name: Known(each.name_zh, each.zh, each.en, each.unit, each.caveat) for each in measures()}
    return counted | {each.name: Known(each.name_zh, each.zh, each.en, "%", each.caveat) for each in rates()}


def _deepest(province: str, prefecture: str, county: str, direct: str) -> str:
    """Return the smallest region chosen; what lies in another province or prefecture was chosen before these.

    Args:
        province: Code of the province.
        prefecture: Code of a prefecture.
        county: Code of a county of a prefecture; it goes with its prefecture.
        direct: Code of a county directly under a province, which counts only where no prefecture is chosen.

    >>> _deepest("410000", "410400", "410403", ""), _deepest("320000", "410400", "410403", "")
    ('410403', '320000')
    >>> _deepest("", "410400", "", ""), _deepest("310000", "", "", "310101"), _deepest("420000", "420100", "", "429004")
    ('', '310101', '420100')
    """
    if not prefecture and direct[:2] == province[:2]:
        return direct or province
    if prefecture[:2] != province[:2]:
        return province
    return county if county[:4] == prefecture[:4] else prefecture


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise BadRequestError(f"{name} is no number")
    return int(text)
