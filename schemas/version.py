"""What a file's name says about its place among the versions of a report: the markers of `schemas/versions.toml`."""

import re
import tomllib
from functools import cache
from importlib.resources import files

_CHINESE_DIGITS = "零一二三四五六七八九"


def version_rank(path: str) -> int:
    """Return the rank that a file's name states for its version, 0 where it states none; the greatest is the latest.

    Only the last part of the path counts: a folder called 修订 may hold whatever it likes.

    >>> [version_rank(name) for name in ("2021/年报.html", "2021/年报更正.html", "2021/年报_V3.pdf", "2021/第二版.doc")]
    [0, 2, 3, 2]
    """
    name = path.rpartition("/")[2]
    stem = (name.rpartition(".")[0] or name).lower()
    return max((_rank(pattern, rank, stem) for pattern, rank in _markers()), default=0)


def _rank(pattern: re.Pattern[str], rank: int | None, stem: str) -> int:
    match = pattern.search(stem)
    if match is None:
        return 0
    return rank if rank is not None else _number(match.group(1))


def _number(digits: str) -> int:
    return int(digits) if digits.isdecimal() else _CHINESE_DIGITS.index(digits)


@cache
def _markers() -> tuple[tuple[re.Pattern[str], int | None], ...]:
    data = tomllib.loads((files("schemas") / "versions.toml").read_text(encoding="utf-8"))
    return tuple((re.compile(marker["pattern"]), marker.get("rank")) for marker in data["markers"])
