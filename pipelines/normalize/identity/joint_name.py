"""Several agencies in one name: 某县发展和改革局、粮食和物资储备局, of which the first is taken and the others told."""

import re
from functools import lru_cache

from pipelines.normalize.identity.agency_name import read_name
from schemas.agency import AgencyType

_BETWEEN = re.compile("[、和与及]")
_KNOWN_DOUBT = 1.0  # a unit told by its ending alone is more doubtful
_SHORTEST = 3
_GOVERNMENT = "政府"
_NO_BODIES = frozenset((AgencyType.GOVERNMENT, AgencyType.FUNCTIONAL_AREA))


@lru_cache(maxsize=16_384)
def first_of_several(name: str) -> str:
    """Return the first of the agencies that a name strings together; the name itself where it is one agency's.

    The first must stand as a name of its own with its region, and the others as bodies that the lists know: 和 and 、
    stand within units too (住房和城乡建设局), and between a region and its area (黄埔区、广州开发区某局).

    >>> first_of_several("抚松县发展和改革局、粮食和物资储备局"), first_of_several("抚松县住房和城乡建设局")
    ('抚松县发展和改革局', '抚松县住房和城乡建设局')
    >>> first_of_several("泗阳县财政局、泗阳县国资办")
    '泗阳县财政局'
    """
    for between in _BETWEEN.finditer(name) if not _is_body(name) else ():
        first, rest = name[: between.start()], name[between.end() :]
        if _is_body(first) and _has_region(first) and _are_bodies(rest):
            return first
    return name


def _are_bodies(text: str) -> bool:
    if _is_body(text) or _is_in_full(text):
        return True
    parted = ((text[: between.start()], text[between.end() :]) for between in _BETWEEN.finditer(text))
    return any(_is_body(first) and _are_bodies(rest) for first, rest in parted)


def _is_body(text: str) -> bool:
    """Tell whether a text is the name of a body that the lists know, and not that of a region or an area alone."""
    options = read_name(text) if len(text) >= _SHORTEST else ()
    return bool(options) and all(
        option.unit.doubt < _KNOWN_DOUBT
        and option.unknown_region is None
        and (option.unit.agency_type not in _NO_BODIES or _GOVERNMENT in text)
        for option in options
    )


def _is_in_full(text: str) -> bool:
    """Tell whether a text is a name that its ending tells, behind its region in full (泗阳县国资办)."""
    options = read_name(text) if len(text) >= _SHORTEST else ()
    return bool(options) and all(
        option.places and not option.is_short and option.unit.doubt <= _KNOWN_DOUBT for option in options
    )


def _has_region(text: str) -> bool:
    return all(option.places or option.marker or option.unit.township for option in read_name(text))
