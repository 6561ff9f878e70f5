"""Units in which reports print counts and money, from `schemas/units.toml`."""

from functools import cache

from schemas.entry import read_data


@cache
def yuan_by_unit() -> dict[str, int]:
    """Return how many yuan each known unit of money stands for.

    >>> yuan_by_unit()["万元"]
    10000
    """
    units: dict[str, int] = read_data("units.toml")["yuan"]
    return units


@cache
def count_units() -> tuple[str, ...]:
    """Return the units of counts, the longest first, so that a pattern of them takes 件次 whole.

    >>> count_units()[:3]
    ('批次', '件次', '人次')
    """
    return tuple(sorted(read_data("units.toml")["count"]["units"], key=len, reverse=True))
