"""Old names on pages that a site has moved to the agency's successor: 2014年，市卫生局…, 发布机构 卫生健康委员会."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice

from pipelines.normalize.identity.agency_name import read_name
from schemas.agency import load_successions


def find_former_name(subjects: Iterable[str], published_by: Sequence[str]) -> Iterator[str]:
    """Yield the first subject of a text where its unit has become one by which the site says it was published.

    Another than the first may be a body within the one that reports (乡村振兴局 in 农业农村局).

    >>> list(find_former_name(["市卫生局", "市审计局"], ["秦皇岛市卫生健康委员会"]))
    ['市卫生局']
    """
    units = {option.unit.key for name in published_by for option in read_name(name)}
    for name in islice(subjects, 1):
        options = read_name(name)
        if options and all(units & _successors(option.unit.key) for option in options):
            yield name


@cache
def _successors(unit: str) -> frozenset[str]:
    """Return the units that one has become, one reform after the other."""
    found: set[str] = set()
    ahead = [unit]
    while ahead:
        for succession in load_successions().get(ahead.pop(), ()):
            if succession.successor not in found:
                found.add(succession.successor)
                ahead.append(succession.successor)
    return frozenset(found)
